/* err.c - names of the error numbers. */
#include "base/err.h"

const char *
err_name(int err)
{
	static const char *const names[] = { "OK", "NOMEM", "SYS", "FORMAT",
		"LIMIT", "DENIED", "NOTFOUND", "CONFLICT", "STATE", "CLOSED",
		"TIMEOUT", "CRYPTO", "INTERNAL", "FULL" };

	if (err > 0 || err < ERR_FULL)
		return "UNKNOWN";
	return names[-err];
}
