/*
 * launch.c - what the sandbox costs: launches of one program, plain, by sekisho-exec, by bubblewrap, in turns.
 *
 * links: wire crypt
 *
 *	launch CONF PROFILE ROUNDS PROGRAM [ARGUMENT...]
 *
 * Plays sekishod, monitor and recorder for real launchers: each is started
 * and READY before the clock starts, as a warm kit is, and has guessed what
 * will be ordered; "anew" is one that has not.  The order is the monitor's,
 * with plan and filter of the profile as sekisho-load makes them.
 * Prints one JSON object a measurement, {"row": ..., "who": ..., "value":
 * microseconds}; rows:
 *
 *	launch	fork	fork, exec, exit, wait
 *		ours	PREPARE to JOB_EXIT
 *		anew	the same, where nothing was built ahead
 *		bwrap	fork, exec of bwrap --unshare-all, exit, wait; when it is installed
 *	launch_prepare	ours, anew	PREPARE to PREPARED
 *	launch_go	ours, anew	GO to JOB_EXIT
 *
 * Programs are looked for in SEKISHO_BIN.  Needs root.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "wire/chan.h"
#include "wire/snapshot.h"

#define STEP_MS		20000
#define QUIET_S		3	/* the launcher builds nothing ahead on directories that changed just now (launch/seen.h) */
#define ROUNDS_MAX	100000
#define BWRAP		"/usr/bin/bwrap"

struct launcher {
	pid_t		 pid;
	struct chan	*monitor, *link;	/* our ends */
};

static char **argv_of_job;
static char program_path[PATH_MAX_LEN];

static void
die(const char *what)
{
	fprintf(stderr, "launch: %s (errno %d)\n", what, errno);
	exit(1);
}

static const char *
program(const char *name)
{
	const char *dir = getenv("SEKISHO_BIN");

	snprintf(program_path, sizeof(program_path), "%s/%s",
	    dir != NULL ? dir : "build/bin", name);
	return program_path;
}

/* A child with these descriptors at 3, 4 and nothing else but 2. */
static pid_t
start(const char *path, char *const argv[], const int *fds, size_t n)
{
	int high[4], null;
	pid_t pid = fork();
	size_t i;

	if (pid != 0)
		return pid;
	null = open("/dev/null", O_RDWR);
	for (i = 0; i < n; i++)
		high[i] = fcntl(fds[i], F_DUPFD, 20);
	dup2(null, 0);
	dup2(null, 1);
	for (i = 0; i < n; i++)
		dup2(high[i], 3 + (int)i);
	fd_close_from(3 + (int)n);
	execv(path, argv);
	_exit(127);
}

/* The policy as a gate would have it. */
static struct snapshot *
load(char *conf)
{
	char *argv[] = { (char *)(uintptr_t)"sekisho-load",
		(char *)(uintptr_t)"-c", conf, NULL };
	struct snapshot *s = NULL;
	struct chan *c;
	struct msg m;
	int fds[2];
	pid_t pid;

	if (chan_pair(fds) != 0 ||
	    (pid = start(program("sekisho-load"), argv, &fds[1], 1)) < 0)
		die("sekisho-load");
	close(fds[1]);
	if ((c = chan_new(fds[0], PEER_D, PEER_L)) == NULL)
		die("no memory");
	while (chan_wait(c, &m, STEP_MS) == 0) {
		if (m.type == MSG_LOADED && snapshot_read(m.fds[0], 1, &s) != 0)
			die("snapshot");
		msg_done(&m);
	}
	chan_free(c);
	(void)waitpid(pid, NULL, 0);
	if (s == NULL)
		die("the configuration cannot be loaded");
	return s;
}

static void
send_slice(int fd)
{
	struct msg_slice_exec x = { .input_max = 1 << 20,
		.max_refusals_shown = 20 };
	struct msg_slice outer = { 0 };
	struct buf *b = buf_new(PLAN_MAX);
	struct chan *gate = chan_new(fcntl(fd, F_DUPFD_CLOEXEC, 3), PEER_D,
	    PEER_X);

	if (b == NULL || gate == NULL || msg_slice_exec_put(b, &x) != 0)
		die("slice");
	outer.body.p = (uint8_t *)(uintptr_t)buf_data(b);
	outer.body.n = buf_len(b);
	if (chan_put_slice(gate, 0, &outer, NULL, 0) != 0)
		die("slice not sent");
	buf_free(b);
	chan_free(gate);
}

/* The next message that is not the recorder's; its type must be "type". */
static void
expect(struct launcher *l, enum msg_type type)
{
	struct msg_refused no;
	struct msg m;

	if (chan_wait(l->monitor, &m, STEP_MS) != 0)
		die("launcher does not answer");
	if (m.type == MSG_REFUSED && msg_refused_get(m.body, &no) == 0) {
		fprintf(stderr, "launch: %s %s\n", no.code, no.reason);
		exit(1);
	}
	if (m.type != type)
		die("unexpected message");
	msg_done(&m);
}

/* As sekishod does with what a monitor asked for last; PONG: it is built. */
static void
send_guess(struct launcher *l, const struct msg_prepare *order)
{
	const struct msg_cage c = { .plan = order->plan,
		.home = order->home, .hide = order->hide };
	struct chan *gate = chan_new(fcntl(chan_fd(l->monitor),
	    F_DUPFD_CLOEXEC, 3), PEER_D, PEER_X);
	struct buf *b = buf_new(GUESS_MAX);
	struct msg_guess g = { 0 };

	if (b == NULL || gate == NULL || msg_cage_put(b, &c) != 0)
		die("guess");
	g.body.p = (uint8_t *)(uintptr_t)buf_data(b);
	g.body.n = buf_len(b);
	if (chan_put_guess(gate, 0, &g, NULL, 0) != 0 ||
	    chan_put_ping(l->monitor, 0, NULL, NULL, 0) != 0)
		die("guess not sent");
	expect(l, MSG_PONG);
	buf_free(b);
	chan_free(gate);
}

static void
launcher_start(struct launcher *l)
{
	char *argv[] = { (char *)(uintptr_t)"sekisho-exec", NULL };
	int monitor[2], link[2];

	if (chan_pair(monitor) != 0 || chan_pair(link) != 0)
		die("socketpair");
	send_slice(monitor[0]);
	l->pid = start(program("sekisho-exec"), argv,
	    (int[]){ monitor[1], link[1] }, 2);
	close(monitor[1]);
	close(link[1]);
	l->monitor = chan_new(monitor[0], PEER_M, PEER_X);
	l->link = chan_new(link[0], PEER_R, PEER_X);
	if (l->pid < 0 || l->monitor == NULL || l->link == NULL)
		die("sekisho-exec");
	expect(l, MSG_READY);
}

static void
launcher_end(struct launcher *l)
{
	chan_free(l->monitor);
	chan_free(l->link);
	(void)waitpid(l->pid, NULL, 0);
}

static void
put_order(struct msg_prepare *p, const struct msg_snap_profile *profile,
    uint8_t digest[DIGEST_LEN])
{
	static char *env[] = { (char *)(uintptr_t)"PATH=/usr/bin:/bin", NULL };
	static char *hide[] = { (char *)(uintptr_t)"/var/lib/sekisho",
		(char *)(uintptr_t)"/etc/sekisho",
		(char *)(uintptr_t)"/run/sekisho", NULL };
	int fd = open(argv_of_job[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || sha256_fd(fd, UINT64_MAX, digest) != 0)
		die("program cannot be read");
	close(fd);
	*p = (struct msg_prepare){ .session = 1, .argv = argv_of_job,
		.env = env, .exe = argv_of_job[0],
		.exe_digest = { digest, DIGEST_LEN },
		.input = (char *)(uintptr_t)"none",
		.cwd = (char *)(uintptr_t)"/",
		.run_as = (char *)(uintptr_t)"root",
		.home = (char *)(uintptr_t)"/root",
		.profile = profile->name, .plan = profile->plan,
		.bpf = profile->bpf, .hide = hide,
		.more = (char *)(uintptr_t)"R1" };
}

static void
tell(const char *row, const char *who, int64_t from, int64_t to)
{
	printf("{\"row\": \"%s\", \"who\": \"%s\", \"value\": %.1f}\n", row,
	    who, (double)(to - from) / 1000);
}

static void
sandboxed(const char *who, const struct msg_prepare *order, int is_guessed)
{
	int64_t begin, prepared, end;
	struct launcher l;

	launcher_start(&l);
	if (is_guessed)
		send_guess(&l, order);
	begin = clock_mono_ns();
	if (chan_put_prepare(l.monitor, 1, order, NULL, 0) != 0)
		die("PREPARE");
	expect(&l, MSG_PREPARED);
	prepared = clock_mono_ns();
	if (chan_put_go(l.monitor, 2, NULL, NULL, 0) != 0)
		die("GO");
	expect(&l, MSG_GONE);
	expect(&l, MSG_JOB_EXIT);
	end = clock_mono_ns();
	tell("launch", who, begin, end);
	tell("launch_prepare", who, begin, prepared);
	tell("launch_go", who, prepared, end);
	launcher_end(&l);
}

static void
plain(const char *who, char *const argv[])
{
	int64_t begin = clock_mono_ns();
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status == 127 << 8)
		die(argv[0]);
	tell("launch", who, begin, clock_mono_ns());
}

static char **
bwrap_argv(void)
{
	static const char *const words[] = { BWRAP, "--unshare-all",
		"--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
		"--tmpfs", "/tmp", "--die-with-parent", NULL };
	char **argv = NULL;
	size_t i;

	for (i = 0; words[i] != NULL; i++)
		if (strv_add(&argv, words[i]) != 0)
			die("no memory");
	for (i = 0; argv_of_job[i] != NULL; i++)
		if (strv_add(&argv, argv_of_job[i]) != 0)
			die("no memory");
	return argv;
}

int
main(int argc, char **argv)
{
	const struct msg_snap_profile *profile;
	struct msg_prepare order;
	uint8_t digest[DIGEST_LEN];
	struct snapshot *s;
	char **bwrap;
	int64_t rounds, i;

	log_init("launch", LOG_WARN);
	if (argc < 5 || num_parse(argv[3], 1, ROUNDS_MAX, &rounds) != 0) {
		fprintf(stderr,
		    "usage: launch CONF PROFILE ROUNDS PROGRAM [ARG...]\n");
		return 64;
	}
	argv_of_job = argv + 4;
	signal(SIGPIPE, SIG_IGN);
	s = load(argv[1]);
	if ((profile = snapshot_profile(s, argv[2])) == NULL)
		die("no such profile");
	put_order(&order, profile, digest);
	bwrap = bwrap_argv();
	sleep(QUIET_S);
	for (i = 0; i < rounds; i++) {
		plain("fork", argv_of_job);
		sandboxed("ours", &order, 1);
		sandboxed("anew", &order, 0);
		if (access(BWRAP, X_OK) == 0)
			plain("bwrap", bwrap);
	}
	strv_free(bwrap);
	snapshot_free(s);
	return 0;
}
