/* local.c - finds the door, gives up what the caller may do besides, then runs one word as over ssh. */
#include "cli/local.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/out.h"
#include "cli/terminal.h"
#include "cli/words.h"
#include "confine/caller.h"
#include "wire/chan.h"

#define EXIT_INTERNAL	70
#define EXIT_CANTWRITE	74
#define MEMORY_MAX	(256ULL << 20)	/* as a word at the gate */

/* The same for a program, on standard output: words_run() has the rule. */
static void
refuse_json(const char *code, const char *next, const char *reason)
{
	json_t *o = json_pack("{s:s, s:s, s:o}", "code", code, "next", next,
	    "reason", json_text(reason));
	char *text = NULL;

	if (json_canonical(o, &text, NULL) == 0)
		(void)dprintf(1, "%s\n", text);
	str_wipe(text);
	json_decref(o);
}

/* A text of our own, before anything is open; the status of its code. */
static int
refuse(char *const *argv, enum sekisho_code code, const char *next,
    const char *reason)
{
	const char *word = sekisho_code_word(code);

	if (words_has_json(argv))
		refuse_json(word, next, reason);
	fprintf(stderr, "sekisho: refused [%s] %s\nnext: %s\n", word, reason,
	    next);
	return sekisho_code_status(word);
}

static int
no_door(char *const *argv, const char *path, int error)
{
	char reason[4096 + 200];

	snprintf(reason, sizeof(reason), "there is no local door at %.4000s: "
	    "%s", path, error == ENOENT ? "the gate has not made one" :
	    error == ECONNREFUSED ? "the gate is not running" :
	    strerrordesc_np(error));
	return refuse(argv, SEKISHO_CODE_UNAVAILABLE,
	    error == ENOENT || error == ECONNREFUSED ? "sudo sekisho check" :
	    "ssh GATE with the same words", reason);
}

/* The channel; -1 and errno: none. */
static int
dial(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd, saved;

	if (strlen(path) >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    fd_set_nonblock(fd, 1) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
is_word(const char *name)
{
	const struct word *w;

	for (w = words; w->name != NULL; w++)
		if (strcmp(w->name, name) == 0 && strcmp(name, "run") != 0)
			return 1;
	return 0;
}

static void
no_log(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* Everything that would open a file later happens now; the log's lines are for a gate's administrator. */
static void
load_early(void)
{
	char text[CLOCK_TEXT];

	tzset();
	(void)clock_human(text, clock_unix());
	json_object_seed(0);
	log_set_sink(no_log, NULL);
}

/* The caller's name, as far as it is known: only hints depend on it. */
static const char *
caller(void)
{
	/* cppcheck-suppress getpwuidCalled ; one thread */
	const struct passwd *pw = getpwuid(geteuid());

	return pw == NULL ? "" : pw->pw_name;
}

static int
run_word(struct cli *c, char *const *argv, int fd)
{
	int status = EXIT_INTERNAL;

	c->out = out_new(c->out_fd, 0);
	c->err = out_new(2, 0);
	c->ledger = fd < 0 ? NULL : chan_new(fd, PEER_W, PEER_G);
	if (c->out != NULL && c->err != NULL && (fd < 0 ||
	    c->ledger != NULL)) {
		status = words_run(c, argv);
		if (out_flush(c->out) != 0 && status == 0)
			status = EXIT_CANTWRITE;
		(void)out_flush(c->err);
	}
	chan_free(c->ledger);
	out_free(c->out);
	out_free(c->err);
	return status;
}

/* Confined, whatever the answer brings. */
static int
answer(struct cli *c, char *const *argv, int fd)
{
	if (caller_confine("sekisho", MEMORY_MAX, &role_filter_sekisho) != 0)
		return refuse(argv, SEKISHO_CODE_SANDBOX,
		    "ssh GATE with the same words",
		    "this program cannot confine itself on this system");
	return run_word(c, argv, fd);
}

static int
talk(char *const *argv, int fd)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct cli c = { .in_fd = 0, .out_fd = 1, .control_fd = -1,
		.user = caller(), .pty = isatty(0) && isatty(1),
		.cols = 80, .rows = 24 };
	struct winsize size;
	int status;

	if (c.pty && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
		c.cols = size.ws_col;
		c.rows = size.ws_row;
	}
	load_early();
	(void)sigaction(SIGPIPE, &ignore, NULL);
	/* a replay is steered by keys: another process minds the terminal meanwhile */
	if (c.pty && argv[0] != NULL && argv[1] != NULL &&
	    strcmp(argv[1], "replay") == 0 && terminal_split(&status) != 0)
		return status;		/* of the one who played */
	return answer(&c, argv, fd);
}

int
local_main(char *const *argv)
{
	const char *path = LOCAL_DOOR;
	int fd = -1;

	fd_close_from(3);
	while (*argv != NULL && (*argv)[0] == '-') {
		if (strcmp(argv[0], "--door") != 0 || argv[1] == NULL)
			return refuse(argv, SEKISHO_CODE_USAGE, "sekisho --help",
			    "only --door PATH may stand before the words");
		path = argv[1];
		argv += 2;
	}
	if (*argv != NULL && !is_word(*argv))
		return refuse(argv, SEKISHO_CODE_NOT_OFFERED,
		    "ssh GATE with the same words",
		    "on the host itself words are answered, commands run over "
		    "ssh only");
	/* help needs no gate */
	if ((*argv == NULL || strcmp(*argv, "help") != 0) &&
	    (fd = dial(path)) < 0)
		return no_door(argv, path, errno);
	return talk(argv, fd);
}
