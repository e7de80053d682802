/* main.c - one run of sekisho-load: confined first, then the files, then one answer. */
#include "load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/capability.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/role.h"
#include "load/policy.h"
#include "sekisho/version.h"

#define NAME		"sekisho-load"
#define DEFAULT_CONF	"/etc/sekisho/sekisho.conf"
#define CHANNEL_FD	3
#define EXIT_USAGE	64
#define EXIT_SYSTEM	71
#define EXIT_CONFIG	78
#define FILE_LIMIT	(64ULL << 20)	/* bytes of the memfds */

enum mode { SEND, CHECK, PRINT, LIST };

static int
usage(FILE *to)
{
	fprintf(to, "usage: " NAME " [-c FILE] [--check | --print | --list]\n"
	    "       " NAME " -h | --help | --version\n"
	    "Reads the configuration of Sekisho; see " NAME "(8).\n");
	return EXIT_USAGE;
}

/* -1: go on; else the status to exit with. */
static int
arguments(int argc, char **argv, const char **conf, enum mode *mode)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
			*conf = argv[++i];
		else if (strcmp(argv[i], "--check") == 0)
			*mode = CHECK;
		else if (strcmp(argv[i], "--print") == 0)
			*mode = PRINT;
		else if (strcmp(argv[i], "--list") == 0)
			*mode = LIST;
		else if (strcmp(argv[i], "--version") == 0) {
			printf(NAME " %s\n", SEKISHO_VERSION);
			return 0;
		} else if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return 0;
		} else
			return usage(stderr);
	}
	return -1;
}

/*
 * Root without capabilities but the one that gives our directories their
 * owners; opens nothing for writing (policy/role/load.def).  Landlock would
 * have to know those directories before the file that names them is read.
 */
static int
confine(void)
{
	const struct role role = {
		.name = NAME,
		.caps = (uint64_t)1 << CAP_CHOWN,
		.nofile = IN_FLIGHT_MAX, .fsize = FILE_LIMIT,
		.as = UINT64_MAX, .nproc = 0,
		.parent = getppid(),
		.filter = &role_filter_load,
	};

	return role_enter(&role);
}

static int
finish(struct policy *p, enum mode mode)
{
	size_t i;

	if (mode == SEND) {
		if (policy_make_places(p) != 0) {
			fprintf(stderr, "%s\n", p->error.text);
			return EXIT_CONFIG;
		}
		return policy_send(p, CHANNEL_FD) == 0 ? 0 : EXIT_SYSTEM;
	}
	if (mode == PRINT)
		return policy_print(p) == 0 ? 0 : EXIT_SYSTEM;
	if (mode == LIST)
		return policy_list(p) == 0 ? 0 : EXIT_SYSTEM;
	for (i = 0; p->warnings != NULL && p->warnings[i] != NULL; i++)
		fprintf(stderr, "warning: %s\n", p->warnings[i]);
	return puts("ok") < 0 || fflush(stdout) != 0 ? EXIT_SYSTEM : 0;
}

int
load_main(int argc, char **argv)
{
	const char *conf = DEFAULT_CONF;
	enum mode mode = SEND;
	struct policy *p;
	int status;

	log_init(NAME, LOG_INFO);
	if ((status = arguments(argc, argv, &conf, &mode)) >= 0)
		return status;
	if (mode == SEND)
		role_begin(NAME, argc, argv);
	umask(077);
	if (confine() != 0)
		return EXIT_SYSTEM;
	if ((p = malloc(sizeof(*p))) == NULL)
		return EXIT_SYSTEM;
	if (policy_load(conf, p) == 0)
		status = finish(p, mode);
	else {
		fprintf(stderr, "%s\n", p->error.text);
		status = EXIT_CONFIG;
	}
	policy_free(p);
	free(p);
	return status;
}
