/* drain.c - asks the gate to take nothing new, and waits until what runs is over. */
#include "cli/drain.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/num.h"
#include "cli/drain_gate.h"
#include "cli/tool.h"

#define PID_FILE	"/run/sekisho/sekishod.pid"
#define EXIT_USAGE	64
#define EXIT_STILL	75	/* EX_TEMPFAIL: the time is over, it goes on draining */
#define EXIT_NEEDS_ROOT	77
#define LOOK_MS		1000	/* between two looks at what is left */
#define LAST_MS		10000	/* the starter ends when the gate has; then another gate may start */
#define TIMEOUT_MAX	(30 * 86400)

struct drain_args {
	const char	*pid_file;
	int64_t		 timeout_s;	/* 0: until it is over */
};

static int
usage(FILE *to)
{
	fprintf(to, "usage: sekisho drain [--timeout SPAN] [--pid-file FILE]\n"
	    "Asks the gate to take no new session, waits until those that run "
	    "are over and it has stopped.\n"
	    "  --timeout SPAN   30s, 5m, 8h: then give up waiting (status 75), "
	    "the gate goes on draining\n"
	    "  --pid-file FILE  of the gate (" PID_FILE ")\n");
	return to == stdout ? 0 : EXIT_USAGE;
}

/* -1: go on; else the exit status. */
static int
arguments(struct drain_args *a, char *const *argv)
{
	*a = (struct drain_args){ .pid_file = PID_FILE };
	for (; argv[0] != NULL; argv += 2) {
		if (strcmp(argv[0], "--help") == 0 ||
		    strcmp(argv[0], "-h") == 0)
			return usage(stdout);
		if (argv[1] == NULL)
			return usage(stderr);
		if (strcmp(argv[0], "--pid-file") == 0)
			a->pid_file = argv[1];
		else if (strcmp(argv[0], "--timeout") != 0 ||
		    num_parse_span(argv[1], 1, TIMEOUT_MAX,
		    &a->timeout_s) != 0)
			return usage(stderr);
	}
	return -1;
}

static void
print_left(FILE *to, const struct drain_left *left)
{
	fprintf(to, "draining: %u command%s run%s%s%s, %u connection%s\n",
	    left->commands, left->commands == 1 ? "" : "s",
	    left->commands == 1 ? "s" : "",
	    left->commands == 0 ? "" : ": ", left->sessions,
	    left->connections, left->connections == 1 ? "" : "s");
}

static void
tell(const struct drain_left *left)
{
	if (left->commands == 0 && left->connections == 0)
		printf("draining: nothing runs any more\n");
	else
		print_left(stdout, left);
	(void)fflush(stdout);
}

/* Until the gate has ended; a line whenever something changed. */
static int
wait_for_end(const struct drain_gate *g, int64_t timeout_s)
{
	struct drain_left left = { 0 }, before = { 0 };
	int64_t end_ms = clock_mono_ms() + timeout_s * 1000;
	struct pollfd p = { .fd = g->pidfd, .events = POLLIN };
	int is_first = 1;

	for (;;) {
		drain_gate_left(g, &left);
		if (is_first || memcmp(&left, &before, sizeof(left)) != 0)
			tell(&left);
		is_first = 0;
		before = left;
		if (poll(&p, 1, LOOK_MS) > 0) {
			if (g->starter >= 0) {
				p.fd = g->starter;
				(void)poll(&p, 1, LAST_MS);
			}
			printf("the gate has stopped\n");
			return fflush(stdout) == 0 ? 0 : 74;
		}
		if (timeout_s > 0 && clock_mono_ms() >= end_ms)
			break;
	}
	fprintf(stderr, "sekisho drain: the time is over, the gate goes on ");
	print_left(stderr, &left);
	fprintf(stderr, "next: sekisho drain, or systemctl stop sekisho, which "
	    "ends what runs\n");
	return EXIT_STILL;
}

int
drain_main(char *const *argv)
{
	struct drain_args a;
	struct drain_gate g;
	int status;

	if ((status = arguments(&a, argv)) >= 0)
		return status;
	if (geteuid() != 0) {
		fprintf(stderr, "sekisho drain: only root may do this\n"
		    "next: sudo sekisho drain\n");
		return EXIT_NEEDS_ROOT;
	}
	fd_close_from(3);
	if ((status = drain_gate_open(&g, a.pid_file)) != 0)
		return status;
	if (syscall(SYS_pidfd_send_signal, g.pidfd, SIGUSR1, NULL, 0) < 0) {
		fprintf(stderr, "sekisho drain: the gate (pid %d) cannot be "
		    "asked: %s\n", (int)g.pid, strerrordesc_np(errno));
		status = 71;
	} else {
		printf("the gate (pid %d) takes nothing new and stops when "
		    "what runs is over\n", (int)g.pid);
		status = wait_for_end(&g, a.timeout_s);
	}
	fd_close(&g.pidfd);
	fd_close(&g.starter);
	return status;
}
