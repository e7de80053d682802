/* begin.c - the uniform beginning of a process, and its title in ps. */
#include "confine/role.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/log.h"
#include "confine/process.h"
#include "sekisho/version.h"

#define TITLE_MAX	256

/* Where the kernel reads the command line: argv and, behind it, the environment. */
static struct {
	char	*at;
	size_t	 room;
} title;

void
role_title_claim(int argc, char **argv)
{
	extern char **environ;
	char *end;
	size_t n;
	int i;

	if (argc < 1)
		exit(64);
	title.at = argv[0];
	end = argv[0] + strlen(argv[0]) + 1;
	for (i = 1; i < argc && argv[i] == end; i++)
		end += strlen(argv[i]) + 1;
	for (n = 0; environ != NULL && environ[n] != NULL; n++)
		if (environ[n] == end)
			end += strlen(environ[n]) + 1;
	for (n = 0; environ != NULL && environ[n] != NULL; n++)
		if ((environ[n] = strdup(environ[n])) == NULL)
			fatal(71, "no memory");
	for (i = 0; i < argc; i++)
		if ((argv[i] = strdup(argv[i])) == NULL)
			fatal(71, "no memory");
	title.room = (size_t)(end - title.at);
}

/* Is there a channel on 3?  Otherwise somebody started this by hand. */
static int
has_channel(void)
{
	struct stat st;
	int type = 0;
	socklen_t len = sizeof(type);

	return fstat(3, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    getsockopt(3, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	    type == SOCK_SEQPACKET;
}

void
role_begin(const char *name, int argc, char **argv)
{
	role_title_claim(argc, argv);
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("%s %s\n", name, SEKISHO_VERSION);
		exit(0);
	}
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)) {
		printf("%s is a part of Sekisho; sekishod(8) starts it.\n"
		    "See %s(8).\n", name, name);
		exit(0);
	}
	log_init(name, LOG_INFO);
	process_reset_signals();
	umask(077);
	if (!has_channel()) {
		fprintf(stderr, "%s: started by sekishod(8) only\n", name);
		exit(64);
	}
}

void
role_title(const char *fmt, ...)
{
	char text[TITLE_MAX], safe[TITLE_MAX];
	size_t n;
	va_list ap;

	if (title.room < 2)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	escape_to(safe, sizeof(safe), text, strlen(text));
	n = strlen(safe);
	if (n > title.room - 1)
		n = title.room - 1;
	memset(title.at, 0, title.room);
	memcpy(title.at, safe, n);
}
