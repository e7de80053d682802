/* error.c - the one line about a faulty configuration file. */
#include "config/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"

int
conf_fail(struct conf_error *e, const char *file, int line, const char *fmt,
    ...)
{
	char text[CONF_ERROR_MAX];
	size_t used;
	va_list ap;

	if (line > 0)
		snprintf(text, sizeof(text), "%s:%d: ", file, line);
	else
		snprintf(text, sizeof(text), "%s: ", file);
	used = strlen(text);
	va_start(ap, fmt);
	vsnprintf(text + used, sizeof(text) - used, fmt, ap);
	va_end(ap);
	escape_to(e->text, sizeof(e->text), text, strlen(text));
	return ERR_FORMAT;
}
