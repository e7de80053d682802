/* start_test.c - the real process: confined, started over good and bad databases, stopped. */
/* no-asan: enters its role for real, and the sanitizer makes calls that the list kills */
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tests/unit/ledgerd/keyd.h"

#include "base/log.h"
#include "confine/role.h"
#include "ledgerd/ledgerd.h"

#define LEDGER_UID	64321
#define WAIT_MS		20000

struct child {
	struct gate	*g;
	struct chan	*d;
	pid_t		 pid;
	int		 log;		/* what it writes to descriptor 2 */
	int		 syslog;
};

static void
run_child(int channel, int log)
{
	char name[] = "sekisho-ledgerd", *argv[] = { name, NULL };

	dup2(open("/dev/null", O_RDWR), 0);
	dup2(0, 1);
	dup2(log, 2);
	if (channel != 3)
		dup2(channel, 3);
	fd_close_from(4);
	role_begin("sekisho-ledgerd", 1, argv);
	_exit(ledgerd_main());
}

/* Forks it and gives it its slice. */
static void
start(struct child *c, struct gate *g)
{
	struct msg_slice_ledgerd l = { .database = g->db,
		.recordings = g->rec, .heads = g->heads, .uid = LEDGER_UID, .gid = LEDGER_UID,
		.command_dirs = g->dirs, .seal_grace_s = 1,
		.refused_entries_per_day = 10, .zone = CONST("UTC"),
		.gate = CONST("gate"), .syslog = (uint8_t)c->syslog };
	struct buf *b = buf_new(PLAN_MAX);
	struct msg_slice s;
	int fds[2], log[2];

	c->g = g;
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	assert_true((c->pid = fork()) >= 0);
	if (c->pid == 0)
		run_child(fds[1], log[1]);
	close(fds[1]);
	close(log[1]);
	c->log = log[0];
	c->d = chan_new(fds[0], PEER_D, PEER_G);
	assert_int_equal(msg_slice_ledgerd_put(b, &l), 0);
	s.body = (struct blob){ (uint8_t *)(uintptr_t)buf_data(b),
	    buf_len(b) };
	assert_int_equal(chan_put_slice(c->d, 0, &s, NULL, 0), 0);
	buf_free(b);
}

static int
is_ready(struct child *c)
{
	struct msg m;
	int r = chan_wait(c->d, &m, WAIT_MS);

	if (r == 0) {
		r = m.type == MSG_READY ? 0 : ERR_STATE;
		msg_done(&m);
	}
	return r == 0;
}

/* Exit status (negative: a signal); its log into "text". */
static int
finish(struct child *c, char *text, size_t size)
{
	size_t at = 0;
	ssize_t n;
	int status;

	chan_free(c->d);
	while (at + 1 < size && (n = read(c->log, text + at,
	    size - 1 - at)) > 0)
		at += (size_t)n;
	text[at] = '\0';
	close(c->log);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A place with its own directory for the database, as load makes it. */
static void
place(struct gate *g)
{
	gate_new(g);
	gate_crash(g);
	assert_int_equal(unlink(g->db), 0);
	assert_int_equal(chown(g->heads, LEDGER_UID, LEDGER_UID), 0);
	(void)snprintf(g->db, sizeof(g->db), "%s/led/ledger.db", g->dir);
}

static void
unplace(struct gate *g)
{
	memset(&g->ld, 0, sizeof(g->ld));
	g->d = NULL;
	gate_open(g);
	gate_end(g);
}

static void
chown_all(struct gate *g)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/led", g->dir);
	assert_int_equal(chown(path, 0, 0), 0);
	assert_int_equal(chown(g->db, 0, 0), 0);
}

static void
chown_back(struct gate *g)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/led", g->dir);
	assert_int_equal(chown(path, LEDGER_UID, LEDGER_UID), 0);
	assert_int_equal(chown(g->db, LEDGER_UID, LEDGER_UID), 0);
}

static void
it_starts_confined_takes_a_policy_and_ends_clean(void **state)
{
	char text[4096], wal[128];
	struct policy plain = { .need = 1 };
	struct msg_snapshot m = { .serial = 1 };
	struct child c = { 0 };
	struct gate g;
	struct stat st;
	int fd;

	(void)state;
	place(&g);
	start(&c, &g);
	if (!is_ready(&c)) {
		(void)finish(&c, text, sizeof(text));
		fail_msg("%s", text);
	}
	fd = gate_sealed_policy(&plain);
	assert_int_equal(chan_put_snapshot(c.d, 0, &m, &fd, 1), 0);
	close(fd);
	assert_int_equal(chan_put_drain(c.d, 0, NULL, NULL, 0), 0);
	assert_int_equal(finish(&c, text, sizeof(text)), 0);

	assert_int_equal(stat(g.db, &st), 0);
	assert_int_equal(st.st_uid, LEDGER_UID);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)snprintf(wal, sizeof(wal), "%s-wal", g.db);
	assert_int_equal(access(wal, F_OK), -1);
	chown_all(&g);
	gate_open(&g);
	assert_int_equal(entries(&g, "gate-start"), 2);
	assert_int_equal(entries(&g, "gate-stop"), 1);
	assert_int_equal(entries(&g, "snapshot"), 2);
	assert_int_equal(g.ld.next_session, 1);	/* nothing was used up */
	gate_end(&g);
}

/* Sends and waits for the answer of the real process. */
static void
ask(struct chan *c, struct msg *m)
{
	assert_int_equal(chan_wait(c, m, WAIT_MS), 0);
}

static json_t *
ask_call(struct chan *c, const char *verb, const char *body)
{
	struct msg_call q = { .verb = CONST(verb), .body = {
	    (uint8_t *)(uintptr_t)body, strlen(body) } };
	struct msg_reply a;
	json_t *v = NULL;
	struct msg m;

	assert_int_equal(chan_put_call(c, 3, &q, NULL, 0), 0);
	ask(c, &m);
	assert_int_equal(m.type, MSG_REPLY);
	assert_int_equal(msg_reply_get(m.body, &a), 0);
	assert_int_equal(json_read(a.body.p, a.body.n, &v), 0);
	if (strcmp(a.code, "OK") != 0)
		print_error("%s\n", (char *)a.body.p);
	assert_string_equal(a.code, "OK");
	msg_reply_free(&a);
	msg_done(&m);
	return v;
}

static void
it_hashes_executables_under_its_confinement(void **state)
{
	struct msg_bind_monitor bm = { .conn = 1, .source = CONST("x:1") };
	struct msg_login in = { .user = CONST("alice"), .source = CONST("x:1"),
	    .method = CONST("pam") };
	struct msg_bind b = { .user = CONST("alice"), .source = CONST("x:1") };
	struct policy plain = { .need = 1 };
	struct msg_snapshot sn = { .serial = 1 };
	struct chan *mon, *alice;
	char text[4096];
	int fd, fds[2];
	struct child c = { 0 };
	struct gate g;
	struct msg m;
	json_t *v;

	(void)state;
	place(&g);
	start(&c, &g);
	assert_true(is_ready(&c));
	fd = gate_sealed_policy(&plain);
	assert_int_equal(chan_put_snapshot(c.d, 0, &sn, &fd, 1), 0);
	close(fd);
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(chan_put_bind_monitor(c.d, 0, &bm, &fds[1], 1), 0);
	close(fds[1]);
	mon = chan_new(fds[0], PEER_M, PEER_G);
	assert_int_equal(chan_put_login(mon, 1, &in, NULL, 0), 0);
	ask(mon, &m);
	assert_int_equal(m.type, MSG_ACK);
	msg_done(&m);
	assert_int_equal(chan_put_bind(mon, 2, &b, NULL, 0), 0);
	ask(mon, &m);
	assert_int_equal(m.type, MSG_BOUND);
	alice = chan_new(msg_take_fd(&m, 0), PEER_W, PEER_G);
	msg_done(&m);

	v = ask_call(alice, "request-new", "{\"argv\":[\"sed\"]}");
	json_decref(v);
	v = ask_call(alice, "request-new",
	    "{\"argv\":[\"/bin/ls\"],\"until_span\":3600}");
	assert_string_equal(json_string_value(json_object_get(json_array_get(
	    json_object_get(v, "steps"), 0), "exe")), "/usr/bin/ls");
	json_decref(v);
	json_decref(ask_call(alice, "waiting", "{}"));
	json_decref(ask_call(alice, "session-list", "{}"));
	chan_free(alice);
	chan_free(mon);
	assert_int_equal(finish(&c, text, sizeof(text)), 0);
	chown_all(&g);
	gate_open(&g);
	assert_int_equal(entries(&g, "request"), 2);
	gate_end(&g);
}

static void
it_ends_when_sekishod_is_gone(void **state)
{
	char text[4096];
	struct child c = { 0 };
	struct gate g;

	(void)state;
	place(&g);
	start(&c, &g);
	assert_true(is_ready(&c));
	assert_int_equal(finish(&c, text, sizeof(text)), 0);
	chown_all(&g);
	unplace(&g);
}

/* One line, the status, no start. */
static void
expect_no_start(struct gate *g, int status, const char *part)
{
	char text[4096], *end;
	struct child c = { 0 };

	start(&c, g);
	assert_false(is_ready(&c));
	assert_int_equal(finish(&c, text, sizeof(text)), status);
	if (strstr(text, part) == NULL)
		print_error("%s", text);
	assert_non_null(strstr(text, part));
	assert_non_null(end = strchr(text, '\n'));
	assert_int_equal(end[1], '\0');
}

/* A database made by a first life, then spoiled. */
static void
first_life(struct gate *g)
{
	char text[4096];
	struct child c = { 0 };

	place(g);
	start(&c, g);
	assert_true(is_ready(&c));
	assert_int_equal(chan_put_drain(c.d, 0, NULL, NULL, 0), 0);
	assert_int_equal(finish(&c, text, sizeof(text)), 0);
}

static void
overwrite(const char *path, off_t at, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, at), n);
	close(fd);
}

static void
give_up(struct gate *g)
{
	(void)unlink(g->db);
	(void)snprintf(g->db, sizeof(g->db), "%s/ledger.db", g->dir);
	unplace(g);
}

static void
another_schema_version_is_no_start(void **state)
{
	static const uint8_t version[4] = { 0, 0, 0, 9 };
	struct gate g;

	(void)state;
	first_life(&g);
	overwrite(g.db, 60, version, sizeof(version));
	expect_no_start(&g, 78, "found=9 expected=3");
	give_up(&g);
}

static void
a_damaged_database_is_no_start(void **state)
{
	uint8_t junk[4096];
	struct gate g;

	(void)state;
	memset(junk, 0x5a, sizeof(junk));
	first_life(&g);
	overwrite(g.db, 4096, junk, sizeof(junk));
	expect_no_start(&g, 78, "damaged");
	overwrite(g.db, 0, junk, 100);
	expect_no_start(&g, 78, "damaged or not a database");
	give_up(&g);
}

/* A life that is killed; its log says whether the database was read. */
static int
killed_life_trusted(struct gate *g)
{
	char text[4096];
	struct child c = { 0 };

	start(&c, g);
	assert_true(is_ready(&c));
	assert_int_equal(kill(c.pid, SIGKILL), 0);
	assert_int_equal(finish(&c, text, sizeof(text)), -SIGKILL);
	return strstr(text, "not read again") != NULL;
}

static int
has_mark(const struct gate *g)
{
	char path[sizeof(g->db) + 8];

	(void)snprintf(path, sizeof(path), "%s-whole", g->db);
	return access(path, F_OK) == 0;
}

static void
after_a_crash_the_database_is_not_read_again(void **state)
{
	char text[4096];
	struct child c = { 0 };
	struct gate g;

	(void)state;
	place(&g);
	assert_false(killed_life_trusted(&g));
	assert_true(has_mark(&g));
	assert_true(killed_life_trusted(&g));
	/* whatever made it crash twice: now it is read */
	assert_false(has_mark(&g));
	assert_false(killed_life_trusted(&g));
	assert_true(has_mark(&g));
	/* an end in order: others may write to it */
	start(&c, &g);
	assert_true(is_ready(&c));
	assert_int_equal(chan_put_drain(c.d, 0, NULL, NULL, 0), 0);
	assert_int_equal(finish(&c, text, sizeof(text)), 0);
	assert_false(has_mark(&g));
	give_up(&g);
}

/* The mark is of one file and of one life of sekishod. */
static void
a_mark_of_another_life_is_no_reason_not_to_read(void **state)
{
	uint8_t junk[4096];
	char other[160], text[256];
	int fd, status;
	struct gate g;
	pid_t pid;

	(void)state;
	memset(junk, 0x5a, sizeof(junk));
	place(&g);
	assert_false(killed_life_trusted(&g));
	assert_true((pid = fork()) >= 0);
	if (pid == 0)			/* another sekishod */
		_exit(killed_life_trusted(&g));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);

	/* another file under its name */
	(void)snprintf(text, sizeof(text), "%s-wal", g.db);
	assert_int_equal(unlink(text), 0);
	(void)snprintf(other, sizeof(other), "%s-other", g.db);
	assert_int_equal(link(g.db, other), 0);
	assert_int_equal(unlink(g.db), 0);
	assert_true((fd = open(g.db, O_WRONLY | O_CREAT | O_EXCL, 0600)) >= 0);
	assert_int_equal(fd_write_full(fd, junk, sizeof(junk)), 0);
	assert_int_equal(fchown(fd, LEDGER_UID, LEDGER_UID), 0);
	close(fd);
	expect_no_start(&g, 78, "not a database");
	assert_false(has_mark(&g));
	assert_int_equal(unlink(other), 0);
	give_up(&g);
}

static void
a_database_of_something_else_is_no_start(void **state)
{
	static const uint8_t app[4] = { 1, 2, 3, 4 };
	struct gate g;

	(void)state;
	first_life(&g);
	overwrite(g.db, 68, app, sizeof(app));
	expect_no_start(&g, 78, "not one of Sekisho");
	give_up(&g);
}

static void
a_database_that_cannot_be_written_is_no_start(void **state)
{
	struct gate g;

	(void)state;
	first_life(&g);
	assert_int_equal(chown(g.db, 0, 0), 0);
	expect_no_start(&g, 74, "cannot be opened for writing");
	give_up(&g);
}

/* A small file system of its own for the database; only this process and its children see it. */
static void
small_disk(struct gate *g, const char *options)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/led", g->dir);
	if (access(path, F_OK) != 0)
		assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
	    0);
	assert_int_equal(mount("small", path, "tmpfs", 0, options), 0);
	assert_int_equal(chown(path, LEDGER_UID, LEDGER_UID), 0);
}

static void
disk_gone(struct gate *g)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/led", g->dir);
	assert_int_equal(umount2(path, MNT_DETACH), 0);
	give_up(g);
}

static void
a_full_disk_is_no_start(void **state)
{
	struct gate g;

	(void)state;
	place(&g);
	small_disk(&g, "size=64k,mode=700");
	expect_no_start(&g, 74, "disk is full");
	disk_gone(&g);
}

static void
a_read_only_disk_is_no_start(void **state)
{
	char path[200], text[4096];
	struct child c = { 0 };
	struct gate g;

	(void)state;
	place(&g);
	small_disk(&g, "size=4m,mode=700");
	start(&c, &g);
	assert_true(is_ready(&c));
	assert_int_equal(finish(&c, text, sizeof(text)), 0);
	(void)snprintf(path, sizeof(path), "%s/led", g.dir);
	assert_int_equal(mount("small", path, NULL, MS_REMOUNT | MS_RDONLY,
	    NULL), 0);
	expect_no_start(&g, 74, "cannot be opened for writing");
	disk_gone(&g);
}

/* KEYS, EPOCH, and a signature for all that is asked, until the ledger hangs up; drains it after the first ACK. */
static void
play_keyd(struct keyd *k, struct child *c)
{
	struct msg_keys keys = { .origin = CONST(ORIGIN), .epoch = 1,
		.log_key = { k->log_public, NOTE_KEY } };
	const struct epoch_said said = { .nr = 1, .start_ns = 1000,
		.key = k->public[1] };
	uint8_t text[EPOCH_TEXT_MAX], signature[NOTE_SIGNATURE];
	uint8_t none[TREE_HASH] = { 0 };
	struct msg_epoch e = { .epoch = 1, .start = 1000,
		.public_key = { k->public[1], NOTE_KEY },
		.signature = { signature, NOTE_SIGNATURE },
		.head_root = { none, TREE_HASH } };
	struct msg_head_sign h;
	struct msg m;
	size_t n;

	n = epoch_text(text, &said, k->log_public, ORIGIN);
	assert_int_equal(ed25519_sign(k->key[1], text, n, signature), 0);
	assert_int_equal(chan_put_keys(k->c, 0, &keys, NULL, 0), 0);
	assert_int_equal(chan_put_epoch(k->c, 1, &e, NULL, 0), 0);
	while (chan_wait(k->c, &m, WAIT_MS) == 0) {
		if (m.type == MSG_ACK)
			assert_int_equal(chan_put_drain(c->d, 0, NULL, NULL,
			    0), 0);
		else {
			assert_int_equal(m.type, MSG_HEAD_SIGN);
			assert_int_equal(msg_head_sign_get(m.body, &h), 0);
			keyd_believe(k, &h);
			keyd_sign(k, m.id, &h);
			msg_head_sign_free(&h);
		}
		msg_done(&m);
	}
}

/* A /dev of its own, with a log that listens. */
static int
own_dev(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX,
		.sun_path = "/dev/log" };
	int fd;

	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL),
	    0);
	assert_int_equal(mount("dev", "/dev", "tmpfs", 0, "size=64k"), 0);
	assert_int_equal(mknod("/dev/null", S_IFCHR | 0666, makedev(1, 3)),
	    0);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(chmod("/dev/log", 0666), 0);
	return fd;
}

static void
its_heads_are_signed_to_the_last_entry(void **state)
{
	char text[8192], path[160], line[4096], *note;
	struct child c = { .syslog = 1 };
	struct gate g;
	struct keyd k;
	struct stat st;
	uint64_t size;
	int fds[2], log;
	ssize_t n;

	(void)state;
	place(&g);
	keyd_new(&k, 1);
	log = own_dev();
	start(&c, &g);
	assert_true(is_ready(&c));
	assert_int_equal(chan_pair(fds), 0);
	k.c = chan_new(fds[0], PEER_K, PEER_G);
	assert_int_equal(chan_put_bind_keys(c.d, 0, NULL, &fds[1], 1), 0);
	close(fds[1]);
	play_keyd(&k, &c);
	assert_int_equal(finish(&c, text, sizeof(text)), 0);
	assert_non_null(strstr(text, "head size="));
	assert_null(strstr(text, "error"));

	n = recv(log, line, sizeof(line) - 1, 0);
	assert_true(n > 0);
	line[n] = '\0';
	assert_memory_equal(line, "<86>", 4);
	assert_non_null(strstr(line, " sekisho-ledgerd["));
	assert_non_null(note = strstr(line, "]: head size="));
	assert_non_null(strstr(note, " note=gate/sekisho\\n"));
	assert_non_null(strstr(note, "\\n\\n\xe2\x80\x94 gate/sekisho "));
	assert_null(strchr(line, '\n'));
	close(log);
	assert_int_equal(umount2("/dev", MNT_DETACH), 0);

	(void)snprintf(path, sizeof(path), "%s/2026-09-21.heads", g.heads);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(st.st_uid, LEDGER_UID);
	(void)snprintf(path, sizeof(path), "%s/gate.vkeys", g.heads);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	chown_all(&g);
	gate_open(&g);
	assert_int_equal(entries(&g, "gate-stop"), 1);
	assert_int_equal(entries(&g, "epoch"), 1);
	assert_int_equal(book_size(&g.ld, &size), 0);
	/* gate-start and snapshot came since */
	assert_int_equal(k.size, size - 2);
	keyd_free(&k);
	gate_end(&g);
}

static void
a_tree_that_does_not_fit_is_no_start(void **state)
{
	struct gate g;

	(void)state;
	first_life(&g);
	chown_all(&g);
	assert_int_equal(store_open(g.db, &g.ld.store), 0);
	assert_int_equal(store_run(g.ld.store, STORE_NODE_ADD, STORE_ARGS(
	    store_i(20), store_i(0), store_b(g.db, 32))), 0);
	assert_int_equal(store_shut(g.ld.store), 0);
	chown_back(&g);
	expect_no_start(&g, 78, "the tree does not fit the entries");
	give_up(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_confined_takes_a_policy_and_ends_clean),
		cmocka_unit_test(it_hashes_executables_under_its_confinement),
		cmocka_unit_test(it_ends_when_sekishod_is_gone),
		cmocka_unit_test(another_schema_version_is_no_start),
		cmocka_unit_test(a_damaged_database_is_no_start),
		cmocka_unit_test(after_a_crash_the_database_is_not_read_again),
		cmocka_unit_test(a_mark_of_another_life_is_no_reason_not_to_read),
		cmocka_unit_test(a_database_of_something_else_is_no_start),
		cmocka_unit_test(a_database_that_cannot_be_written_is_no_start),
		cmocka_unit_test(a_full_disk_is_no_start),
		cmocka_unit_test(a_read_only_disk_is_no_start),
		cmocka_unit_test(a_tree_that_does_not_fit_is_no_start),
		cmocka_unit_test(its_heads_are_signed_to_the_last_entry),
	};

#ifdef __SANITIZE_ADDRESS__	/* it makes calls that the list refuses */
	(void)tests;
	return 0;
#else
	return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
