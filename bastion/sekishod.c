/* sekishod.c - the gate's first process: arguments, the starter, then src/listen. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "confine/delegate.h"
#include "confine/process.h"
#include "confine/role.h"
#include "listen/gate.h"
#include "listen/starter.h"
#include "sekisho/version.h"

#define DEFAULT_CONF	"/etc/sekisho/sekisho.conf"

enum { EX_USE = 64, EX_OS = 71, EX_CANTCREATE = 73, EX_PERM = 77, EX_CONF = 78 };

static void
usage(FILE *to)
{
	fprintf(to, "usage: sekishod [-f] [-c CONF] [-p PIDFILE]\n"
	    "       sekishod -h | --help | --version\n"
	    "  -c CONF     configuration (" DEFAULT_CONF ")\n"
	    "  -f          stay in the foreground (always the case)\n"
	    "  -p PIDFILE  written when connections are taken, removed at the end\n"
	    "See sekishod(8).\n");
}

struct options {
	const char	*conf, *pid_file;
};

static void
options_parse(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	o->conf = DEFAULT_CONF;
	while ((c = getopt_long(argc, argv, "c:fhp:", names, NULL)) != -1)
		switch (c) {
		case 'c':
			o->conf = optarg;
			break;
		case 'f':
			break;
		case 'p':
			o->pid_file = optarg;
			break;
		case 'V':
			printf("sekishod %s\n", SEKISHO_VERSION);
			exit(0);
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(EX_USE);
		}
	if (optind != argc) {
		usage(stderr);
		exit(EX_USE);
	}
}

/* 0 and 1 lead nowhere, 2 is the log. */
static void
stdio_close(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0)
		fatal(EX_OS, "no /dev/null");
	close(fd);
}

/* 0, 1 and 2 are never somebody else's descriptor, and nothing else is inherited. */
static void
stdio_open(void)
{
	int fd;

	fd_close_from(3);
	do
		if ((fd = open("/dev/null", O_RDWR)) < 0)
			exit(EX_OS);
	while (fd < 2);
	if (fd > 2)
		close(fd);
	else
		fprintf(stderr, "sekishod: no log on descriptor 2\n");
}

int
main(int argc, char **argv)
{
	struct options o = { NULL, NULL };
	struct starter_args starter = { .conf = NULL };
	struct gate_args gate = { -1, -1 };
	char conf[PATH_MAX];
	pid_t pid;

	stdio_open();
	role_title_claim(argc, argv);
	options_parse(&o, argc, argv);
	log_init("sekishod", LOG_INFO);
	process_reset_signals();
	umask(077);
	if (geteuid() != 0)
		fatal(EX_PERM, "sekishod must be started by root");
	if (realpath(o.conf, conf) == NULL) {
		log_errno("no configuration path=%s", o.conf);
		return EX_CONF;
	}
	if (o.pid_file != NULL && (gate.pid_file_fd =
	    starter_pid_file(&starter, o.pid_file)) < 0)
		return EX_CANTCREATE;
	stdio_close();
	starter.conf = conf;
	(void)delegate_move();	/* told in the log; jobs then have fewer limits */
	if (starter_fork(&starter, &pid, &gate.starter_fd) != 0)
		return EX_OS;
	role_title("sekishod: %s", conf);
	if (chdir("/") < 0)
		return EX_OS;
	return gate_run(&gate);
}
