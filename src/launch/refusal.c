/* refusal.c - the one place where a refusal gets its words. */
#include "launch/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/log.h"

int
refuse(struct refusal *why, enum sekisho_code code, const char *fmt, ...)
{
	char text[sizeof(why->reason)];
	va_list ap;

	if (why->reason[0] != '\0')
		return ERR_DENIED;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	why->code = code;
	escape_to(why->reason, sizeof(why->reason), text, strlen(text));
	log_warn("job refused code=%s reason=%s", sekisho_code_word(code),
	    text);
	return ERR_DENIED;
}
