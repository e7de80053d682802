/*
 * drive.c - the story of tests/fault once, with one fault in it, and the invariants behind it.
 *
 *	drive [-p PROGRAM] [-s START] [-k KIND] [-w CALLS] [-n N[+]]
 *	      [-x PROGRAM] [-t PAUSE_MS] [-e EPOCH_S] [-g GRACE_S] PROGRAMS DIR
 *
 * PROGRAMS: directory of the real ones; DIR: a new gate's state, emptied
 * first.  -p, -s: which start of which program is under the fault -k -w -n
 * (those of inject, or "nomem"); -x: that program is killed behind the first
 * use taken; -c: others ask in the moment of a use and of an end; -a: when the one under the fault dies, all do; -W: after the story each gateway word is run with every W-th
 * allocation failing, from number F on,
 * or only the I-th word.  One line on standard output: what the fault's program counted;
 * status 0: all is well; 1: it says what is wrong.
 */
#include "tests/fault/gate.h"

#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "tests/fault/nomem.h"

#define LIMIT_S		120	/* of the whole: something hangs */
#define WORDS_LIMIT_S	3600	/* with thousands of words in it */

static const char *const programs[PROGRAMS] = { "keyd", "ledgerd", "record",
	"recover", "word" };

static int
program_of(const char *name)
{
	int i;

	for (i = 0; i < PROGRAMS; i++)
		if (strcmp(programs[i], name) == 0)
			return i;
	fprintf(stderr, "drive: no program %s\n", name);
	exit(64);
}

static int
options(struct gate *g, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "acp:s:k:w:n:x:t:e:g:u:W:F:I:")) != -1) {
		switch (c) {
		case 'p': g->fault.program = (enum program)program_of(optarg);
			break;
		case 'a': g->all_die = 1; break;
		case 'c': g->has_crowd = 1; break;
		case 's': g->fault.start = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 'k': g->fault.kind = optarg; break;
		case 'w': g->fault.which = optarg; break;
		case 'n': g->fault.n = optarg; break;
		case 'x': g->kill_after_use = program_of(optarg) + 1; break;
		case 't': g->pause_ms = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'e': g->epoch_s = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'g': g->seal_grace_s = (uint32_t)strtoul(optarg, NULL, 10);
			break;
		case 'u': g->uses = (uint32_t)strtoul(optarg, NULL, 10); break;
		case 'W': g->words_stride = strtol(optarg, NULL, 10); break;
		case 'F': g->words_from = strtol(optarg, NULL, 10); break;
		case 'I': g->words_only = strtol(optarg, NULL, 10); break;
		default: return -1;
		}
	}
	return argc - optind == 2 ? 0 : -1;
}

/* An empty place: state, and the files beside it. */
static void
empty(const char *dir)
{
	char command[512];
	pid_t pid;

	snprintf(command, sizeof(command), "rm -rf '%s' '%s'.*", dir, dir);
	if ((pid = fork()) == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
}

static void
make_report(const struct gate *g)
{
	static const struct nomem_report none;
	int fd = open(g->report, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || fd_write_full(fd, &none, sizeof(none)) != 0) {
		perror(g->report);
		exit(71);
	}
	close(fd);
}

static void
print_report(const struct gate *g)
{
	struct nomem_report nomem = { 0, 0 };
	char line[256] = "";
	int fd;
	ssize_t n;

	if (g->fault.start == 0)
		return;
	if ((fd = open(g->report, O_RDONLY)) < 0)
		return;
	if (strcmp(g->fault.kind, "nomem") == 0) {
		if (read(fd, &nomem, sizeof(nomem)) == (ssize_t)sizeof(nomem))
			printf("points=%ld hits=%ld ready=%ld\n",
			    nomem.count, nomem.failed, g->ready_count);
	} else if ((n = read(fd, line, sizeof(line) - 1)) > 0)
		printf("%s", line);
	close(fd);
}

int
main(int argc, char **argv)
{
	static struct gate g = { .uses = 2, .epoch_s = 3600,
		.seal_grace_s = 5, .fault = { .kind = "kill", .which = "all",
		.n = "0" } };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	static char tools[PATH_MAX], word[] = "drive";

	if (options(&g, argc, argv) != 0) {
		fprintf(stderr, "usage: drive [options] PROGRAMS DIR\n");
		return 64;
	}
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)alarm(g.words_stride > 0 ? WORDS_LIMIT_S : LIMIT_S);
	log_init(word, LOG_ERROR);
	if (readlink("/proc/self/exe", tools, sizeof(tools) - 1) <= 0)
		return 71;
	g.tools = dirname(tools);
	g.programs = argv[optind];
	empty(argv[optind + 1]);
	gate_init(&g, argv[optind + 1]);
	make_report(&g);
	if (story(&g) == 0 && check_facts(&g) == 0 &&
	    (g.words_stride == 0 || words_sweep(&g) == 0) &&
	    gate_stop(&g) == 0)
		(void)check_store(&g);
	print_report(&g);
	if (g.why[0] == '\0')
		return 0;
	printf("WRONG %s\n", g.why);
	return 1;
}
