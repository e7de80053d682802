/*
 * recover_test.c - sekisho-record --recover for real, between a test that plays sekishod and keyd.
 * no-asan: a confined process; the sanitizers' own calls are not on its list.
 */
#include "tests/unit/recorder/rig.h"

#include <linux/audit.h>
#include <sys/file.h>

#include "base/err.h"
#include "confine/role.h"
#include "crypt/ed25519.h"
#include "record/mark.h"
#include "record/writer.h"
#include "recorder/recover.h"
#include "tests/unit/confine/bpf.h"

#define WHERE		"2026/11/24/S7.skr"
#define EPOCH		3
#define EPOCH_START	INT64_C(1700000000000000000)

static const uint8_t uuid[16] = { 1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10 };
static const uint8_t seed[ED25519_LEN] = { 9, 9, 9 };
static struct ed25519 *key;
static uint8_t key_public[ED25519_LEN];

struct bed {
	char		 dir[32], root[48], recordings[64], path[128];
	struct chan	*d, *keys;
	pid_t		 pid;
};

static void
make_seal(unsigned int kind, const uint8_t digest[32], struct seal *s)
{
	uint8_t text[SEAL_TEXT_MAX];
	size_t n;

	s->epoch = EPOCH;
	s->time_ns = EPOCH_START + 1000000000;
	n = seal_text(text, kind, uuid, s->epoch, s->time_ns, digest);
	assert_true(n > 0);
	assert_int_equal(ed25519_sign(key, text, n, s->signature), 0);
}

static void
seal_what_is_wanted(struct writer *w, int64_t now)
{
	uint8_t digest[SKR_DIGEST];
	unsigned int kind;
	struct seal s;

	assert_int_equal(writer_wants_seal(w, &kind, digest), 1);
	make_seal(kind, digest, &s);
	assert_int_equal(writer_sealed(w, now, &s), 0);
}

/* A few events, one sealed checkpoint, one event behind it; END when asked for. */
static void
make_recording(const char *path, int with_end)
{
	struct header h = { .meta = (const uint8_t *)"{}", .meta_len = 2,
		.clock = { .unix_ns = EPOCH_START, .boot_ns = 1000,
		.source = "test" }, .epoch = { EPOCH, EPOCH_START, { 0 } } };
	struct writer_end e = { .how = JOB_RAN, .signal = "", .reason = "" };
	int64_t now = 2000;
	struct writer *w;
	int fd;

	memcpy(h.uuid, uuid, sizeof(uuid));
	memcpy(h.epoch.key, key_public, ED25519_LEN);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL, 0440);
	assert_true(fd >= 0);
	assert_non_null(w = writer_new(fd, 1000));
	assert_int_equal(writer_header(w, &h), 0);
	seal_what_is_wanted(w, now);
	assert_int_equal(writer_event(w, now, '1', "one\n", 4), 0);
	now += INT64_C(2000000000);
	assert_int_equal(writer_tick(w, now), 0);
	seal_what_is_wanted(w, now);
	assert_int_equal(writer_event(w, now, '1', "two\n", 4), 0);
	if (with_end) {
		assert_int_equal(writer_end(w, now, &e), 0);
		seal_what_is_wanted(w, now);
	}
	writer_free(w);
	close(fd);
}

static int
setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));
	char dir[160];

	*state = b;
	if (geteuid() != 0)
		return 0;
	assert_int_equal(ed25519_new(seed, &key), 0);
	assert_int_equal(ed25519_public(key, key_public), 0);
	snprintf(b->dir, sizeof(b->dir), "/tmp/recover.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->root, sizeof(b->root), "%s/empty", b->dir);
	snprintf(b->recordings, sizeof(b->recordings), "%s/recordings",
	    b->dir);
	snprintf(b->path, sizeof(b->path), "%s/%s", b->recordings, WHERE);
	assert_int_equal(mkdir(b->root, 0755), 0);
	snprintf(dir, sizeof(dir), "mkdir -p '%s/2026/11/24'", b->recordings);
	assert_int_equal(system(dir), 0);
	return 0;
}

static int
teardown(void **state)
{
	struct bed *b = *state;
	char cmd[64];

	if (b->dir[0] != '\0') {
		snprintf(cmd, sizeof(cmd), "rm -rf '%s'", b->dir);
		assert_int_equal(system(cmd), 0);
	}
	ed25519_free(key);
	key = NULL;
	free(b);
	return 0;
}

static void
start(struct bed *b, const char *path)
{
	struct msg_slice_recover mine = { .uid = RIG_UID, .gid = RIG_UID,
		.recordings = b->recordings, .empty_dir = b->root };
	struct msg_recover what = { .session = 7, .uuid = {
		(uint8_t *)(uintptr_t)uuid, 16 }, .path = (char *)(uintptr_t)
		path };
	struct msg_slice slice = { 0 };
	struct buf *body = buf_new(16384);
	int d[2], k[2];

	assert_int_equal(chan_pair(d), 0);
	assert_int_equal(chan_pair(k), 0);
	b->pid = fork();
	assert_true(b->pid >= 0);
	if (b->pid == 0) {
		dup2(d[1], 3);
		fd_close_from(4);
		syscall(SYS_exit_group, recover_main());
	}
	close(d[1]);
	b->d = chan_new(d[0], PEER_D, PEER_R);
	b->keys = chan_new(k[0], PEER_K, PEER_R);
	assert_int_equal(msg_slice_recover_put(body, &mine), 0);
	slice.body.p = (uint8_t *)(uintptr_t)buf_data(body);
	slice.body.n = buf_len(body);
	assert_int_equal(chan_put_slice(b->d, 0, &slice, NULL, 0), 0);
	assert_int_equal(chan_put_recover(b->d, 5, &what, &k[1], 1), 0);
	close(k[1]);
	buf_free(body);
}

/* What keyd says to it: one seal. */
static void
serve_seal(struct bed *b)
{
	struct msg_seal_sign ask = { 0 };
	struct msg_sealed said = { 0 };
	struct seal s;
	struct msg m;

	assert_int_equal(chan_wait(b->keys, &m, RIG_WAIT_MS), 0);
	assert_int_equal(m.type, MSG_SEAL_SIGN);
	assert_int_equal(msg_seal_sign_get(m.body, &ask), 0);
	assert_int_equal(ask.kind, SEAL_RECOVERED);
	make_seal(ask.kind, ask.digest.p, &s);
	said.epoch = s.epoch;
	said.at = s.time_ns;
	said.signature.p = s.signature;
	said.signature.n = sizeof(s.signature);
	assert_int_equal(chan_put_sealed(b->keys, m.id, &said, NULL, 0), 0);
	msg_seal_sign_free(&ask);
	msg_done(&m);
}

static void
finish(struct bed *b, struct msg_recovered *a)
{
	struct msg m;
	int status;

	assert_int_equal(chan_wait(b->d, &m, RIG_WAIT_MS), 0);
	assert_int_equal(m.type, MSG_RECOVERED);
	assert_int_equal(m.id, 5);
	assert_int_equal(msg_recovered_get(m.body, a), 0);
	assert_int_equal(a->session, 7);
	msg_done(&m);
	assert_int_equal(waitpid(b->pid, &status, 0), b->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	chan_free(b->d);
	chan_free(b->keys);
}

static int
check_seal(void *arg, const struct reader_seal *s)
{
	uint8_t text[SEAL_TEXT_MAX];
	size_t n = seal_text(text, s->kind, s->uuid, s->seal.epoch,
	    s->seal.time_ns, s->digest);

	*(int *)arg |= 1 << s->kind;
	return ed25519_verify(key_public, text, n, s->seal.signature);
}

static int
ignore(void *arg, const struct reader_event *e)
{
	(void)arg;
	(void)e;
	return 0;
}

/* What a reader says of the file now; every signature must be good. */
static void
read_back(const char *path, struct reader_result *x, int *kinds)
{
	struct reader *r;
	int fd = open(path, O_RDONLY);

	*kinds = 0;
	assert_true(fd >= 0);
	assert_int_equal(reader_open(fd, &r), 0);
	reader_on_seal(r, check_seal, kinds);
	assert_int_equal(reader_each(r, ignore, NULL), 0);
	*x = *reader_result(r);
	reader_free(r);
	close(fd);
}

static off_t
size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

static void
an_end_that_is_there_is_told_and_nothing_is_written(void **state)
{
	struct msg_recovered a = { 0 };
	struct reader_result x;
	struct bed *b = *state;
	off_t before;
	int kinds;

	if (geteuid() != 0)
		skip();
	make_recording(b->path, 1);
	before = size_of(b->path);
	start(b, WHERE);
	finish(b, &a);
	assert_int_equal(a.result, RECOVERY_END);
	assert_int_equal(a.end_how, JOB_RAN);
	assert_int_equal(size_of(b->path), before);
	read_back(b->path, &x, &kinds);
	assert_int_equal(x.state, READER_COMPLETE);
	assert_memory_equal(a.chain.p, x.chain, SKR_DIGEST);
	assert_int_equal(a.good, before);
	msg_recovered_free(&a);
}

/* Cut behind the header at every offset: marked, and good up to the last whole frame. */
static void
every_cut_is_marked(void **state)
{
	struct msg_recovered a = { 0 };
	struct reader_result x;
	struct bed *b = *state;
	struct stat st;
	off_t whole, cut;
	uint64_t header;
	struct reader *r;
	int fd, kinds, step;

	if (geteuid() != 0)
		skip();
	make_recording(b->path, 0);
	whole = size_of(b->path);
	fd = open(b->path, O_RDONLY);
	assert_int_equal(reader_open(fd, &r), 0);
	header = reader_head(r)->header_bytes;
	reader_free(r);
	close(fd);
	/* all cuts in one run take long under load: every fifth, and the last ones */
	for (cut = (off_t)header; cut <= whole; cut += step) {
		step = whole - cut < 20 ? 1 : 5;
		assert_int_equal(unlink(b->path), 0);
		make_recording(b->path, 0);
		assert_int_equal(truncate(b->path, cut), 0);
		start(b, WHERE);
		serve_seal(b);
		finish(b, &a);
		assert_int_equal(size_of(b->path), cut + MARK_LEN);
		read_back(b->path, &x, &kinds);
		assert_int_equal(x.state, READER_RECOVERED);
		assert_true((kinds & 1 << SEAL_RECOVERED) != 0);
		assert_int_equal(a.good, x.good_bytes);
		assert_int_equal(a.found, cut);
		assert_int_equal(a.result, a.good == a.found ?
		    RECOVERY_UNFINISHED : RECOVERY_TORN);
		assert_memory_equal(a.chain.p, x.mark.chain, SKR_DIGEST);
		msg_recovered_free(&a);
	}
	/* its answer was lost: the second one tells the same and writes nothing */
	start(b, WHERE);
	finish(b, &a);
	assert_int_equal(stat(b->path, &st), 0);
	assert_int_equal(st.st_size, whole + MARK_LEN);
	assert_int_equal(a.result, RECOVERY_UNFINISHED);
	assert_memory_equal(a.chain.p, x.mark.chain, SKR_DIGEST);
	msg_recovered_free(&a);
	/* a mark that was cut off itself is one more torn tail */
	assert_int_equal(truncate(b->path, whole + MARK_LEN / 2), 0);
	start(b, WHERE);
	serve_seal(b);
	finish(b, &a);
	assert_int_equal(a.result, RECOVERY_TORN);
	assert_int_equal(a.good, whole);
	read_back(b->path, &x, &kinds);
	assert_int_equal(x.state, READER_RECOVERED);
	msg_recovered_free(&a);
}

static void
a_missing_file_and_one_without_header_are_told(void **state)
{
	struct msg_recovered a = { 0 };
	struct bed *b = *state;

	if (geteuid() != 0)
		skip();
	start(b, WHERE);
	finish(b, &a);
	assert_int_equal(a.result, RECOVERY_MISSING);
	msg_recovered_free(&a);
	make_recording(b->path, 0);
	assert_int_equal(truncate(b->path, 100), 0);
	start(b, WHERE);
	finish(b, &a);
	assert_int_equal(a.result, RECOVERY_DAMAGED);
	assert_int_equal(a.good, 0);
	assert_int_equal(a.found, 100);
	assert_int_equal(size_of(b->path), 100);
	msg_recovered_free(&a);
}

static void
without_a_seal_nothing_is_written(void **state)
{
	struct msg_recovered a = { 0 };
	struct bed *b = *state;
	off_t before;

	if (geteuid() != 0)
		skip();
	make_recording(b->path, 0);
	before = size_of(b->path);
	start(b, WHERE);
	chan_free(b->keys);
	b->keys = NULL;
	finish(b, &a);
	assert_int_equal(a.result, RECOVERY_FAILED);
	assert_int_equal(size_of(b->path), before);
	msg_recovered_free(&a);
}

/* A link, a way out of the directory, what is no file: no recording of ours. */
static void
it_does_not_leave_the_directory(void **state)
{
	static const char *const paths[] = {
		"../recordings/2026/11/24/S7.skr", "2026/11/24/link.skr",
		"/etc/passwd", "2026/11/24", "2026/11/24/pipe.skr"
	};
	struct msg_recovered a = { 0 };
	struct bed *b = *state;
	char link[160];
	size_t i;

	if (geteuid() != 0)
		skip();
	make_recording(b->path, 0);
	snprintf(link, sizeof(link), "%s/2026/11/24/link.skr", b->recordings);
	assert_int_equal(symlink(b->path, link), 0);
	snprintf(link, sizeof(link), "%s/2026/11/24/pipe.skr", b->recordings);
	assert_int_equal(mkfifo(link, 0440), 0);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		start(b, paths[i]);
		finish(b, &a);
		assert_int_equal(a.result, RECOVERY_FAILED);
		msg_recovered_free(&a);
	}
}

/* How the process has "path" open: one bit for each access mode, 8 for one that need not append. */
static int
modes_of(pid_t pid, const char *path)
{
	char name[64], to[160], line[64];
	int fd, modes = 0;
	unsigned int flags;
	ssize_t n;
	FILE *f;

	for (fd = 0; fd < 32; fd++) {
		snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)pid, fd);
		if ((n = readlink(name, to, sizeof(to) - 1)) < 0)
			continue;
		to[n] = '\0';
		if (strcmp(to, path) != 0)
			continue;
		snprintf(name, sizeof(name), "/proc/%d/fdinfo/%d", (int)pid,
		    fd);
		assert_non_null(f = fopen(name, "r"));
		while (fgets(line, sizeof(line), f) != NULL)
			if (sscanf(line, "flags: %o", &flags) == 1) {
				modes |= 1 << (flags & O_ACCMODE);
				if ((flags & O_ACCMODE) != O_RDONLY &&
				    (flags & O_APPEND) == 0)
					modes |= 8;
			}
		fclose(f);
	}
	return modes;
}

/* Whoever takes it over while it reads: no mapping writes what is not open for both, and O_APPEND cannot be dropped. */
static void
what_is_there_could_not_be_written_over(void **state)
{
	struct msg_recovered a = { 0 };
	struct bed *b = *state;

	if (geteuid() != 0)
		skip();
	make_recording(b->path, 0);
	start(b, WHERE);
	/* its question waits: it is confined and has read the file */
	assert_int_equal(poll(&(struct pollfd){ chan_fd(b->keys), POLLIN, 0 },
	    1, RIG_WAIT_MS), 1);
	assert_int_equal(modes_of(b->pid, b->path), 1 << O_RDONLY |
	    1 << O_WRONLY);
	assert_int_equal(bpf_run(role_filter_recover.insns,
	    role_filter_recover.n, &(struct seccomp_data){ .nr = SYS_fcntl,
	    .arch = AUDIT_ARCH_X86_64, .args = { 3, F_SETFL } }),
	    SECCOMP_RET_KILL_PROCESS);
	serve_seal(b);
	finish(b, &a);
	msg_recovered_free(&a);
}

/* The recorder still holds the file: it waits, and goes on when that lets go.  A reader with locks of its own is nobody's hindrance. */
static void
it_waits_for_the_recorder_and_for_no_reader(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct flock shared = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct msg_recovered a = { 0 };
	struct bed *b = *state;
	int fd, reader;

	if (geteuid() != 0)
		skip();
	make_recording(b->path, 0);
	fd = open(b->path, O_WRONLY | O_APPEND);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	reader = open(b->path, O_RDONLY);
	assert_int_equal(flock(reader, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(fcntl(reader, F_OFD_SETLK, &lock), -1);
	start(b, WHERE);
	assert_int_equal(chan_wait(b->keys, &(struct msg){ 0 }, 300),
	    ERR_TIMEOUT);
	close(fd);
	assert_int_equal(fcntl(reader, F_OFD_SETLK, &shared), 0);
	serve_seal(b);
	finish(b, &a);
	assert_int_equal(a.result, RECOVERY_UNFINISHED);
	msg_recovered_free(&a);
	close(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_end_that_is_there_is_told_and_nothing_is_written,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(every_cut_is_marked, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_missing_file_and_one_without_header_are_told, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    without_a_seal_nothing_is_written, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    it_does_not_leave_the_directory, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_there_could_not_be_written_over, setup, teardown),
		cmocka_unit_test_setup_teardown(it_waits_for_the_recorder_and_for_no_reader,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
