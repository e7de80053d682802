/* policy.c - the steps of loading, in order, and their common helpers. */
#include "load/policy.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strv.h"

int
policy_load(const char *conf_file, struct policy *p)
{
	int r;

	memset(p, 0, sizeof(*p));
	snprintf(p->conf_file, sizeof(p->conf_file), "%s", conf_file);
	if ((r = policy_files(p)) == 0 && (r = policy_people(p)) == 0 &&
	    (r = policy_keys(p)) == 0 &&
	    (r = policy_profiles(p)) == 0 && (r = policy_rules(p)) == 0)
		r = policy_places(p);
	if (r != 0 && r != ERR_FORMAT)
		conf_fail(&p->error, conf_file, 0, "cannot be loaded: %s",
		    err_name(r));
	return r;
}

void
policy_free(struct policy *p)
{
	conf_sekisho_free(&p->conf);
	conf_roles_free(&p->roles);
	conf_approval_free(&p->approval);
	snapshot_wipe(&p->snap);
	strv_free(p->abstract);
	strv_free(p->warnings);
	strv_free(p->hide);
	memset(p, 0, sizeof(*p));
}

int
policy_warn(struct policy *p, const char *file, int line, const char *fmt, ...)
{
	struct conf_error text;
	char sentence[CONF_ERROR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	conf_fail(&text, file, line, "%s", sentence);
	return strv_add(&p->warnings, text.text);
}

void *
policy_grow(void **list, size_t *n, size_t size)
{
	char *more;

	if ((more = realloc(*list, (*n + 1) * size)) == NULL)
		return NULL;
	*list = more;
	memset(more + *n * size, 0, size);
	return more + (*n)++ * size;
}
