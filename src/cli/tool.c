/* tool.c - sekisho setup and sekisho check: other programs, for the host's administrator, never for the gate. */
#include "cli/tool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

#define EXIT_UNAVAILABLE	69
#define EXIT_NEEDS_ROOT		77
#define TERM_LONGEST		64

struct tool {
	const char	*word;
	int		 needs_root;
};

static const struct tool tools[] = {
	{ "setup", 1 },
	{ "check", 0 },		/* says what it could not look at */
};

static const struct tool *
find(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(tools) / sizeof(tools[0]); i++)
		if (strcmp(tools[i].word, word) == 0)
			return &tools[i];
	return NULL;
}

int
tool_known(const char *word)
{
	return find(word) != NULL;
}

int
tool_dir(char *dir, unsigned long size)
{
	ssize_t n = readlink("/proc/self/exe", dir, size - 1);
	char *slash;

	if (n <= 0 || (unsigned long)n >= size - 1)
		return ERR_SYS;
	dir[n] = '\0';
	if ((slash = strrchr(dir, '/')) == NULL)
		return ERR_SYS;
	*slash = '\0';
	return 0;
}

/* "--help" is for everybody. */
static int
only_help(char *const *argv)
{
	return argv[0] != NULL && (strcmp(argv[0], "--help") == 0 ||
	    strcmp(argv[0], "-h") == 0);
}

static void
become(char *path, char **argv)
{
	static char path_env[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char lang_env[] = "LANG=C.UTF-8";
	char term_env[sizeof("TERM=") + TERM_LONGEST] = "TERM=dumb";
	char *env[] = { path_env, lang_env, term_env, NULL };
	const char *term = getenv("TERM");

	if (term != NULL && strlen(term) <= TERM_LONGEST)
		snprintf(term_env, sizeof(term_env), "TERM=%.*s", TERM_LONGEST,
		    term);
	argv[0] = path;
	execve(path, argv, env);
}

int
tool_run(char **argv)
{
	const char *word = argv[0];
	const struct tool *t = find(word);
	char dir[PATH_MAX], path[PATH_MAX + 64];

	if (t == NULL || tool_dir(dir, sizeof(dir)) != 0) {
		fprintf(stderr, "sekisho %s: own directory unknown\n", word);
		return EXIT_UNAVAILABLE;
	}
	if (t->needs_root && geteuid() != 0 && !only_help(argv + 1)) {
		fprintf(stderr, "sekisho %s: only root may do this\n"
		    "next: sudo sekisho %s\n", word, word);
		return EXIT_NEEDS_ROOT;
	}
	fd_close_from(3);
	snprintf(path, sizeof(path), "%s/sekisho-%s", dir, word);
	become(path, argv);
	fprintf(stderr, "sekisho %s: %s cannot be started: %s\n%s", word, path,
	    strerrordesc_np(errno), errno == ENOENT ?
	    "next: make install (a build folder has no such words)\n" : "");
	return EXIT_UNAVAILABLE;
}
