/* prefix_test.c - whatever anybody saw is in the record: stopped, killed, disk full, slow client. */
#include "rig.h"

#include <sched.h>
#include <sys/mount.h>

#define PIECE	4096
#define STOPS	20
#define KILLS	10
#define ROOM		(4U << 20)	/* more than any flow here shows */
#define SLOW	(48U << 20)		/* bytes past a client that reads slowly */
#define GROWTH_KB	(16 * 1024)

/* One direction: noise goes in at one end, what comes out at the other is kept. */
struct flow {
	const char	*type;		/* its events */
	int		 from, to;
	uint64_t	 seed;
	uint8_t		 piece[PIECE];
	size_t		 left;		/* of "piece", not yet written */
	uint8_t		*seen;
	size_t		 n;
};

static void
flow_start(struct flow *f, const char *type, int from, int to)
{
	memset(f, 0, sizeof(*f));
	f->type = type;
	f->from = from;
	f->to = to;
	f->seed = 88172645463325252U + (uint8_t)type[0];
	f->seen = malloc(ROOM);
	assert_non_null(f->seen);
	assert_int_equal(fd_set_nonblock(from, 1), 0);
	assert_int_equal(fd_set_nonblock(to, 1), 0);
}

static void
flow_write(struct flow *f)
{
	ssize_t n;

	if (f->left == 0) {
		rig_noise(f->piece, PIECE, &f->seed);
		f->left = PIECE;
	}
	n = write(f->from, f->piece + (PIECE - f->left), f->left);
	if (n > 0)
		f->left -= (size_t)n;
}

static void
flow_read(struct flow *f)
{
	ssize_t n;

	assert_true(ROOM - f->n >= PIECE);
	n = read(f->to, f->seen + f->n, PIECE);
	if (n > 0)
		f->n += (size_t)n;
}

/* Both directions until each has shown so many bytes more. */
static void
flow_both(struct flow f[2], size_t more)
{
	size_t until[2] = { f[0].n + more, f[1].n + more };
	int64_t end = clock_mono_ms() + RIG_WAIT_MS;
	int i;

	while (f[0].n < until[0] || f[1].n < until[1]) {
		assert_true(clock_mono_ms() < end);
		for (i = 0; i < 2; i++) {
			flow_write(&f[i]);
			if (f[i].n < until[i])
				flow_read(&f[i]);
		}
	}
}

/* All that has left the recorder so far. */
static void
flow_read_all(struct flow *f)
{
	size_t before;

	do {
		before = f->n;
		flow_read(f);
	} while (f->n > before);
}

static void
seen_is_a_prefix_of_the_record(struct flow *f, struct rig *g)
{
	struct taken t;

	rig_take(g, f->type, &t);
	assert_true(t.result.state == READER_UNFINISHED ||
	    t.result.state == READER_TORN ||
	    t.result.state == READER_COMPLETE);
	assert_true(t.n >= f->n);
	if (f->n > 0)
		assert_int_equal(memcmp(t.p, f->seen, f->n), 0);
	free(t.p);
}

/* What client and command can still get out of their descriptors stands in the record. */
static void
check_both(struct flow f[2], struct rig *g)
{
	int i;

	for (i = 0; i < 2; i++) {
		flow_read_all(&f[i]);
		assert_true(f[i].n > 0);
		seen_is_a_prefix_of_the_record(&f[i], g);
	}
}

static void
start_both(struct rig *g, struct flow f[2])
{
	rig_pipes(g, 1);
	flow_start(&f[0], "1", g->job_out, g->io);
	flow_start(&f[1], "0", g->io, g->job_in);
}

static void
free_both(struct flow f[2])
{
	free(f[0].seen);
	free(f[1].seen);
}

static void
a_stopped_recorder_has_shown_only_what_is_in_the_record(void **state)
{
	struct rig g;
	struct flow f[2];
	size_t i;
	int status;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	start_both(&g, f);
	for (i = 0; i < STOPS; i++) {
		flow_both(f, 1 + i * 7919 % (8 * PIECE));
		assert_int_equal(kill(g.pid, SIGSTOP), 0);
		assert_int_equal(waitpid(g.pid, &status, WUNTRACED), g.pid);
		assert_true(WIFSTOPPED(status));
		check_both(f, &g);
		assert_int_equal(kill(g.pid, SIGCONT), 0);
	}
	free_both(f);
	rig_stop(&g);
}

static void
a_killed_recorder_leaves_all_that_anybody_saw(void **state)
{
	struct rig g;
	struct flow f[2];
	size_t i;

	(void)state;
	for (i = 0; i < KILLS; i++) {
		rig_start(&g);
		rig_open(&g, 0);
		start_both(&g, f);
		flow_both(f, 1 + i * 15731 % (32 * PIECE));
		assert_int_equal(kill(g.pid, SIGKILL), 0);
		assert_int_equal(rig_wait(&g), 1000 + SIGKILL);
		check_both(f, &g);
		free_both(f);
		rig_stop(&g);
	}
}

/* A file system of its own for the recording, in this process's mount namespace only. */
static void
mount_small(struct rig *g)
{
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	snprintf(g->path, sizeof(g->path), "%s/small", g->dir);
	assert_int_equal(mkdir(g->path, 0755), 0);
	assert_int_equal(mount("tmpfs", g->path, "tmpfs", 0, "size=128k"), 0);
	snprintf(g->path, sizeof(g->path), "%s/small/S7.skr", g->dir);
}

static void
unmount_small(struct rig *g)
{
	char path[64];

	unlink(g->path);
	snprintf(path, sizeof(path), "%s/small", g->dir);
	assert_int_equal(umount(path), 0);
	rmdir(path);
}

/* Output until there is no more room; REC_FAILED has been heard. */
static void
fill(struct rig *g, struct flow *f)
{
	int64_t end = clock_mono_ms() + RIG_WAIT_MS;
	struct msg_rec_failed why;
	struct msg m;
	int r = 1;

	rig_start(g);
	mount_small(g);
	rig_open(g, 0);
	rig_pipes(g, 1);
	flow_start(f, "1", g->job_out, g->io);
	while (r == 1 && clock_mono_ms() < end) {
		flow_write(f);
		flow_read(f);
		r = chan_recv(g->monitor, &m);
	}
	assert_int_equal(r, 0);
	assert_int_equal(m.type, MSG_REC_FAILED);
	assert_int_equal(msg_rec_failed_get(m.body, &why), 0);
	assert_string_equal(why.why,
	    "room for more: No space left on device");
	assert_int_equal(why.is_keys, 0);
	msg_rec_failed_free(&why);
	msg_done(&m);
}

/* What was shown is there, and a sealed end behind it, in the file's last bytes of room. */
static void
full_and_whole(struct rig *g, struct flow *f, const char *exit)
{
	static const char why[] = "the recording failed: "
	    "room for more: No space left on device";
	struct taken t;

	flow_read_all(f);
	assert_true(f->n > 0);
	seen_is_a_prefix_of_the_record(f, g);
	rig_take(g, "n", &t);
	assert_int_equal(t.result.state, READER_COMPLETE);
	assert_int_equal(t.result.end.how, JOB_RECORD);
	assert_int_equal(t.result.end.is_sealed, 1);
	assert_string_equal(t.result.end.reason, why);
	assert_true(t.n >= sizeof(why) - 1);
	assert_memory_equal(t.p + t.n - (sizeof(why) - 1), why,
	    sizeof(why) - 1);
	free(t.p);
	rig_recorded(g, "x", exit, READER_COMPLETE);
	free(f->seen);
	unmount_small(g);
	rig_stop(g);
}

static void
a_full_disk_stops_everything_but_the_end_still_fits(void **state)
{
	struct rig g;
	struct flow f;
	struct msg m;
	struct msg_rec_end e = { .how = JOB_RECORD, .signal =
		(char *)(uintptr_t)"KILL" };

	(void)state;
	fill(&g, &f);
	assert_int_equal(chan_put_rec_end(g.monitor, 9, &e, NULL, 0), 0);
	rig_expect(&g, MSG_REC_ENDED, &m);
	assert_int_equal(m.id, 9);
	msg_done(&m);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 74);
	full_and_whole(&g, &f, "SIGKILL");
}

static void
a_full_disk_and_a_monitor_that_goes_leave_an_end_too(void **state)
{
	struct rig g;
	struct flow f;

	(void)state;
	fill(&g, &f);
	rig_hang_up(&g);
	assert_int_equal(rig_wait(&g), 74);
	full_and_whole(&g, &f, "");
}

static long
rss_kb(pid_t pid)
{
	char path[64], line[128];
	FILE *f;
	long kb = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kb = strtol(line + 6, NULL, 10);
	fclose(f);
	assert_true(kb > 0);
	return kb;
}

static void
noise_past_a_slow_client_does_not_make_it_grow(void **state)
{
	struct rig g;
	struct msg_rec_ended e;
	static uint8_t piece[65536], back[65536];
	uint64_t seed = 1;
	size_t total = 0;
	long before;
	pid_t job;
	int i;

	(void)state;
	rig_start(&g);
	rig_open(&g, 0);
	before = rss_kb(g.pid);
	rig_pipes(&g, 0);
	if ((job = fork()) == 0) {
		for (i = 0; i < (int)(SLOW / sizeof(piece)); i++) {
			rig_noise(piece, sizeof(piece), &seed);
			if (fd_write_full(g.job_out, piece, sizeof(piece)) != 0)
				_exit(1);
		}
		_exit(0);
	}
	fd_close(&g.job_out);
	fd_close(&g.job_err);
	while (total < SLOW) {
		if (total % (1U << 20) == 0)
			usleep(1000);
		rig_read(g.io, back, sizeof(back));
		total += sizeof(back);
	}
	assert_true(rss_kb(g.pid) - before <= GROWTH_KB);
	assert_int_equal(waitpid(job, NULL, 0), job);
	rig_send_end(&g, JOB_RAN, 1000);
	rig_ended(&g, &e);
	assert_int_equal(e.out_bytes, SLOW);
	msg_rec_ended_free(&e);
	rig_stop(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stopped_recorder_has_shown_only_what_is_in_the_record),
		cmocka_unit_test(a_killed_recorder_leaves_all_that_anybody_saw),
		cmocka_unit_test(a_full_disk_stops_everything_but_the_end_still_fits),
		cmocka_unit_test(a_full_disk_and_a_monitor_that_goes_leave_an_end_too),
		cmocka_unit_test(noise_past_a_slow_client_does_not_make_it_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
