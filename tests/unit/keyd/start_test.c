/* start_test.c - the real process: confined, its keys made and found again, bad directories refused. */
/* no-asan: enters its role for real, and the sanitizer makes calls that the list kills */
#include "rig.h"

#include "confine/role.h"
#include "keyd/keyd.h"

#define KEYD_UID	64322
#define WAIT_MS		20000
#define TEXT_MAX	4096

struct child {
	struct chan	*d;
	pid_t		 pid;
	int		 log;		/* what it writes to descriptor 2 */
	char		 text[TEXT_MAX];
};

static void
run_child(int channel, int log)
{
	char name[] = "sekisho-keyd", *argv[] = { name, NULL };

	dup2(open("/dev/null", O_RDWR), 0);
	dup2(0, 1);
	dup2(log, 2);
	if (channel != 3)
		dup2(channel, 3);
	fd_close_from(4);
	clock_set_test(0);
	role_begin("sekisho-keyd", 1, argv);
	_exit(keyd_main());
}

static void
spawn(struct child *c)
{
	int fds[2], log[2];

	memset(c, 0, sizeof(*c));
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	assert_true((c->pid = fork()) >= 0);
	if (c->pid == 0)
		run_child(fds[1], log[1]);
	close(fds[1]);
	close(log[1]);
	c->log = log[0];
	c->d = chan_new(fds[0], PEER_D, PEER_K);
}

/* Forks it and gives it its slice. */
static void
start(struct child *c, const char *dir, const char *gate)
{
	struct msg_slice_keyd k = { .uid = KEYD_UID, .gid = KEYD_UID,
		.dir = CONST(dir), .gate = CONST(gate), .epoch_s = EPOCH_S };
	struct buf *b = buf_new(PLAN_MAX);
	struct msg_slice s = { 0 };

	spawn(c);
	assert_int_equal(msg_slice_keyd_put(b, &k), 0);
	s.body = (struct blob){ (uint8_t *)(uintptr_t)buf_data(b),
	    buf_len(b) };
	assert_int_equal(chan_put_slice(c->d, 0, &s, NULL, 0), 0);
	buf_free(b);
}

/* Exit status (negative: a signal); its log in "text". */
static int
finish(struct child *c)
{
	size_t at = 0;
	ssize_t n;
	int status;

	chan_free(c->d);
	while (at + 1 < TEXT_MAX && (n = read(c->log, c->text + at,
	    TEXT_MAX - 1 - at)) > 0)
		at += (size_t)n;
	close(c->log);
	assert_int_equal(waitpid(c->pid, &status, 0), c->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
ready(struct child *c)
{
	struct msg m;

	if (chan_wait(c->d, &m, WAIT_MS) != 0 || m.type != MSG_READY) {
		(void)finish(c);
		fail_msg("not ready: %s", c->text);
	}
	msg_done(&m);
}

static int
errors(const char *s)
{
	int n = 0;

	for (; (s = strstr(s, " error: ")) != NULL; s++)
		n++;
	return n;
}

/* It must refuse with that status and one error that says why. */
static void
refused(struct rig *g, const char *gate, int status, const char *why)
{
	struct child c;
	struct msg m;
	int r;

	start(&c, g->dir, gate);
	assert_true(chan_wait(c.d, &m, WAIT_MS) < 0);
	r = finish(&c);
	if (r != status || strstr(c.text, why) == NULL || errors(c.text) != 1)
		fail_msg("status %d, said: %s", r, c.text);
}

/* A directory as load makes it. */
static void
place(struct rig *g)
{
	rig_dir(g);
	clock_set_test(0);
	assert_int_equal(chown(g->dir, KEYD_UID, KEYD_UID), 0);
}

static void
made(struct rig *g)
{
	struct child c;

	place(g);
	start(&c, g->dir, "gate1");
	ready(&c);
	assert_int_equal(finish(&c), 0);
}

static void
bind_keys(struct child *c, struct chan **g)
{
	int fds[2];

	assert_int_equal(chan_pair(fds), 0);
	*g = chan_new(fds[1], PEER_G, PEER_K);
	assert_int_equal(chan_put_bind_keys(c->d, 0, NULL, &fds[0], 1), 0);
	close(fds[0]);
}

static void
wait_for(struct chan *c, enum msg_type type, struct msg *m)
{
	assert_int_equal(chan_wait(c, m, WAIT_MS), 0);
	assert_int_equal(m->type, type);
}

static void
a_first_start_makes_keys_and_all_is_signed_under_the_list(void **state)
{
	uint8_t root[DIGEST_LEN] = { 7 }, uuid[UUID_LEN] = { 9 };
	struct msg_head_sign h = { .size = 3, .root = { root, DIGEST_LEN } };
	struct msg_seal_channel sc = { 0 };
	struct msg_head_signed hs;
	struct chan *ledger, *s;
	struct msg_keys keys;
	struct child c;
	struct rig g;
	struct msg m;
	struct note n;
	int fds[2];

	(void)state;
	place(&g);
	start(&c, g.dir, "gate1");
	ready(&c);
	bind_keys(&c, &ledger);
	wait_for(ledger, MSG_KEYS, &m);
	assert_int_equal(msg_keys_get(m.body, &keys), 0);
	msg_done(&m);
	assert_string_equal(keys.origin, "gate1/sekisho");
	assert_int_equal(keys.size, 0);
	assert_int_equal(keys.epoch, 1);
	wait_for(ledger, MSG_EPOCH, &m);
	msg_done(&m);
	assert_int_equal(chan_put_ack(ledger, 1, NULL, NULL, 0), 0);
	assert_int_equal(chan_put_head_sign(ledger, 2, &h, NULL, 0), 0);
	wait_for(ledger, MSG_HEAD_SIGNED, &m);
	assert_int_equal(msg_head_signed_get(m.body, &hs), 0);
	msg_done(&m);
	assert_int_equal(note_parse((char *)hs.note.p, hs.note.n, &n,
	    keys.log_key.p, NULL), 0);
	assert_int_equal(n.size, 3);
	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(chan_put_seal_channel(c.d, 0, &sc, &fds[0], 1), 0);
	close(fds[0]);
	s = chan_new(fds[1], (enum peer)(PEER_M | PEER_R), PEER_K);
	say_bind(s, 1, uuid);
	wait_for(s, MSG_SEAL_BOUND, &m);
	msg_done(&m);
	say_sign(s, 2, SEAL_HEAD, 1, root);
	wait_for(s, MSG_SEALED, &m);
	msg_done(&m);
	msg_keys_free(&keys);
	msg_head_signed_free(&hs);
	chan_free(ledger);
	chan_free(s);
	if (finish(&c) != 0)
		fail_msg("%s", c.text);
	rig_end(&g);
}

static void
status_line(pid_t pid, const char *key, char *out, size_t size)
{
	char path[64], line[256];
	FILE *f;

	out[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	assert_non_null(f = fopen(path, "r"));
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			(void)snprintf(out, size, "%s", line + strlen(key));
	(void)fclose(f);
}

static void
a_keyd_that_is_ready_has_no_rights_and_locked_memory(void **state)
{
	struct child c;
	struct rig g;
	char s[256];

	(void)state;
	place(&g);
	start(&c, g.dir, "gate1");
	ready(&c);
	status_line(c.pid, "Uid:", s, sizeof(s));
	assert_string_equal(s, "\t64322\t64322\t64322\t64322\n");
	status_line(c.pid, "CapPrm:", s, sizeof(s));
	assert_string_equal(s, "\t0000000000000000\n");
	status_line(c.pid, "CapBnd:", s, sizeof(s));
	assert_string_equal(s, "\t0000000000000000\n");
	status_line(c.pid, "NoNewPrivs:", s, sizeof(s));
	assert_string_equal(s, "\t1\n");
	status_line(c.pid, "Seccomp:", s, sizeof(s));
	assert_string_equal(s, "\t2\n");
	status_line(c.pid, "VmLck:", s, sizeof(s));
	assert_true(strtol(s, NULL, 10) > 0);
	assert_int_equal(finish(&c), 0);
	rig_end(&g);
}

static void
the_keys_are_the_same_at_a_later_start_and_so_is_the_origin(void **state)
{
	struct msg_keys one, two;
	struct chan *ledger;
	struct child c;
	struct rig g;
	struct msg m;

	(void)state;
	place(&g);
	start(&c, g.dir, "gate1");
	ready(&c);
	bind_keys(&c, &ledger);
	wait_for(ledger, MSG_KEYS, &m);
	assert_int_equal(msg_keys_get(m.body, &one), 0);
	msg_done(&m);
	chan_free(ledger);
	assert_int_equal(finish(&c), 0);
	start(&c, g.dir, "other");
	ready(&c);
	bind_keys(&c, &ledger);
	wait_for(ledger, MSG_KEYS, &m);
	assert_int_equal(msg_keys_get(m.body, &two), 0);
	msg_done(&m);
	chan_free(ledger);
	assert_int_equal(finish(&c), 0);
	assert_string_equal(two.origin, "gate1/sekisho");
	assert_memory_equal(one.log_key.p, two.log_key.p, ED25519_LEN);
	assert_non_null(strstr(c.text, "another name"));
	msg_keys_free(&one);
	msg_keys_free(&two);
	rig_end(&g);
}

static void
a_name_that_no_origin_may_have_is_refused(void **state)
{
	struct rig g;

	(void)state;
	place(&g);
	refused(&g, "a+b", 78, "the gate's name cannot stand in signed heads");
	refused(&g, "a b", 78, "the gate's name cannot stand in signed heads");
	refused(&g, "", 78, "the gate's name cannot stand in signed heads");
	assert_int_equal(access(g.file, F_OK), -1);
	rig_end(&g);
}

static void
a_foreign_file_is_refused(void **state)
{
	char path[128];
	struct rig g;
	int fd;

	(void)state;
	place(&g);
	(void)snprintf(path, sizeof(path), "%s/id_ed25519", g.dir);
	assert_true((fd = open(path, O_WRONLY | O_CREAT, 0600)) >= 0);
	close(fd);
	refused(&g, "gate1", 78, "foreign file");
	assert_int_equal(access(g.file, F_OK), -1);
	(void)unlink(path);
	rig_end(&g);
}

/* Every block spoilt or gone, and the file cut, long or somebody else's link. */
static void
damaged_keys_are_refused_and_never_made_anew(void **state)
{
	static const uint8_t zero[DISK_BLOCK];
	uint8_t was[BLOCKS * DISK_BLOCK], now[sizeof(was)], other;
	struct rig g;
	int fd;

	(void)state;
	made(&g);
	assert_true((fd = open(g.file, O_RDWR)) >= 0);
	assert_int_equal(pread(fd, was, sizeof(was), 0), sizeof(was));
	/* the log key */
	other = was[100] ^ 1;
	assert_int_equal(pwrite(fd, &other, 1, 100), 1);
	refused(&g, "gate1", 78, "the log key");
	assert_int_equal(pwrite(fd, zero, DISK_BLOCK, 0), DISK_BLOCK);
	refused(&g, "gate1", 78, "the log key");
	assert_int_equal(pwrite(fd, was, sizeof(was), 0), sizeof(was));
	/* the epoch key */
	other = was[DISK_BLOCK + 100] ^ 1;
	assert_int_equal(pwrite(fd, &other, 1, DISK_BLOCK + 100), 1);
	refused(&g, "gate1", 78, "no epoch key");
	assert_int_equal(pwrite(fd, zero, DISK_BLOCK, DISK_BLOCK),
	    DISK_BLOCK);
	refused(&g, "gate1", 78, "no epoch key");
	assert_int_equal(pwrite(fd, was, sizeof(was), 0), sizeof(was));
	/* what was signed last */
	assert_int_equal(pwrite(fd, zero, DISK_BLOCK, 3 * DISK_BLOCK),
	    DISK_BLOCK);
	assert_int_equal(pwrite(fd, zero, DISK_BLOCK, 4 * DISK_BLOCK),
	    DISK_BLOCK);
	refused(&g, "gate1", 78, "a shorter ledger could be signed");
	assert_int_equal(pwrite(fd, was, sizeof(was), 0), sizeof(was));
	/* the file */
	assert_int_equal(ftruncate(fd, 2 * DISK_BLOCK), 0);
	refused(&g, "gate1", 78, "not a file of");
	assert_int_equal(ftruncate(fd, 0), 0);
	refused(&g, "gate1", 78, "not a file of");
	assert_int_equal(pwrite(fd, was, sizeof(was), 0), sizeof(was));
	assert_int_equal(pwrite(fd, "x", 1, sizeof(was)), 1);
	refused(&g, "gate1", 78, "not a file of");
	assert_int_equal(ftruncate(fd, sizeof(was)), 0);
	assert_int_equal(pread(fd, now, sizeof(now), 0), sizeof(now));
	assert_memory_equal(was, now, sizeof(was));
	close(fd);
	rig_end(&g);
}

/* Whole, but signed by nobody: OpenSSL's first error happens behind the list. */
static void
an_epoch_that_nobody_vouches_for_is_refused(void **state)
{
	uint8_t block[DISK_BLOCK];
	struct rig g;
	int fd;

	(void)state;
	made(&g);
	assert_true((fd = open(g.file, O_RDWR)) >= 0);
	assert_int_equal(pread(fd, block, DISK_BLOCK, DISK_BLOCK), DISK_BLOCK);
	block[16 + 96 + 40] ^= 1;
	assert_int_equal(sha256_mem(block, DISK_BLOCK - SHA256_LEN,
	    block + DISK_BLOCK - SHA256_LEN), 0);
	assert_int_equal(pwrite(fd, block, DISK_BLOCK, DISK_BLOCK),
	    DISK_BLOCK);
	refused(&g, "gate1", 78, "no epoch key that belongs to this log");
	close(fd);
	rig_end(&g);
}

static void
a_link_instead_of_the_keys_is_refused(void **state)
{
	struct rig g;

	(void)state;
	place(&g);
	assert_int_equal(symlink("/etc/passwd", g.file), 0);
	refused(&g, "gate1", 78, "cannot be opened");
	rig_end(&g);
}

static void
a_directory_that_others_can_enter_is_refused(void **state)
{
	struct rig g;

	(void)state;
	place(&g);
	assert_int_equal(chmod(g.dir, 0750), 0);
	refused(&g, "gate1", 78, "must be the account's alone");
	assert_int_equal(chmod(g.dir, 0700), 0);
	assert_int_equal(chown(g.dir, 0, 0), 0);
	refused(&g, "gate1", 78, "must be the account's alone");
	rig_end(&g);
}

static void
a_second_keyd_over_the_same_keys_is_refused(void **state)
{
	struct child c;
	struct rig g;

	(void)state;
	place(&g);
	start(&c, g.dir, "gate1");
	ready(&c);
	refused(&g, "gate1", 78, "another sekisho-keyd");
	assert_int_equal(finish(&c), 0);
	rig_end(&g);
}

static void
anything_but_its_slice_stops_the_start(void **state)
{
	struct msg_slice slice = { .body = { (uint8_t *)(uintptr_t)"abc", 3 } };
	struct child c;
	struct msg m;

	(void)state;
	spawn(&c);
	assert_int_equal(chan_put_slice(c.d, 0, &slice, NULL, 0), 0);
	assert_true(chan_wait(c.d, &m, WAIT_MS) < 0);
	assert_int_equal(finish(&c), 78);
	assert_non_null(strstr(c.text, "no slice"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_first_start_makes_keys_and_all_is_signed_under_the_list),
		cmocka_unit_test(
		    a_keyd_that_is_ready_has_no_rights_and_locked_memory),
		cmocka_unit_test(
		    the_keys_are_the_same_at_a_later_start_and_so_is_the_origin),
		cmocka_unit_test(a_name_that_no_origin_may_have_is_refused),
		cmocka_unit_test(a_foreign_file_is_refused),
		cmocka_unit_test(damaged_keys_are_refused_and_never_made_anew),
		cmocka_unit_test(an_epoch_that_nobody_vouches_for_is_refused),
		cmocka_unit_test(a_link_instead_of_the_keys_is_refused),
		cmocka_unit_test(a_directory_that_others_can_enter_is_refused),
		cmocka_unit_test(a_second_keyd_over_the_same_keys_is_refused),
		cmocka_unit_test(anything_but_its_slice_stops_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
