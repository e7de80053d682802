/* log.c - one line per event, to descriptor 2 or to the sink. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"

#define LINE_MAX_LEN	1000

static struct {
	const char	*name;
	enum log_level	 level;
	log_sink	*sink;
	void		*arg;
	int		 pid;		/* 0: ask each time */
} out = { "sekisho", LOG_INFO, NULL, NULL, 0 };

void
log_init(const char *name, enum log_level level)
{
	out.name = name;
	out.level = level;
}

void
log_set_sink(log_sink *sink, void *arg)
{
	out.sink = sink;
	out.arg = arg;
}

void
log_keep_pid(void)
{
	out.pid = (int)getpid();
}

static void
emit(enum log_level level, const char *fmt, va_list ap, int error)
{
	static const char *const words[] = { "error", "warn", "info", "debug" };
	char text[LINE_MAX_LEN], safe[LINE_MAX_LEN], line[LINE_MAX_LEN + 100];
	size_t used;
	int n;

	if (level > out.level)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	used = strlen(text);
	if (error != 0 && used < sizeof(text))
		snprintf(text + used, sizeof(text) - used, ": %s",
		    strerrordesc_np(error) != NULL ? strerrordesc_np(error) :
		    "unknown error");
	escape_to(safe, sizeof(safe), text, strlen(text));
	if (out.sink != NULL) {
		out.sink(out.arg, level, safe);
		return;
	}
	n = snprintf(line, sizeof(line), "%s[%d]: %s: %s\n", out.name,
	    out.pid != 0 ? out.pid : (int)getpid(), words[level], safe);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		return;			/* nowhere left to say it */
}

void
log_write(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(level, fmt, ap, 0);
	va_end(ap);
}

void
log_errno(const char *fmt, ...)
{
	int error = errno;
	va_list ap;

	va_start(ap, fmt);
	emit(LOG_ERROR, fmt, ap, error);
	va_end(ap);
	errno = error;
}

void
fatal(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(LOG_ERROR, fmt, ap, 0);
	va_end(ap);
	exit(status);
}
