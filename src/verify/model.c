/* model.c - the tables' shape, and entries handed to whoever plays their kind. */
#include "verify/model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/num.h"
#include "crypt/sha256.h"

static const char *const request[] = { "nr", "revision", "state", "requester",
	"profile", "canon", "digest", "script", "uses", "used", "reason",
	"ticket", "label", "warnings", "filed_at", "pending_until",
	"start_at", "end_at" };
static const char *const operator[] = { "request", "name" };
static const char *const decision[] = { "request", "revision", "who", "what",
	"at", "message", "digest" };
static const char *const session[] = { "nr", "uuid", "request", "revision",
	"step", "use", "operator", "source", "argv", "run_as", "target",
	"profile", "state", "how", "status", "signal", "started_at",
	"ended_at", "in_bytes", "out_bytes", "err_bytes", "refusals",
	"duration_ms", "recording", "reason", "chain", "recovered" };
static const char *const job[] = { "nr", "request", "revision", "operator",
	"opened" };
static const char *const verdict[] = { "job", "who", "verdict", "message",
	"at", "seen" };
static const char *const seen[] = { "job", "session", "who", "percent" };
static const char *const near_miss[] = { "ix", "request", "operator", "at" };
static const char *const unknown_name[] = { "commitment", "salt", "name",
	"at" };
static const char *const number[] = { "name", "value" };

#define TABLE(name, nkey)	\
	{ #name, name, sizeof(name) / sizeof(name[0]), nkey }
const struct table tables[TABLES] = {
	[TABLE_REQUEST] = TABLE(request, 1),
	[TABLE_OPERATOR] = TABLE(operator, 2),
	[TABLE_DECISION] = TABLE(decision, 3),
	[TABLE_SESSION] = TABLE(session, 1),
	[TABLE_JOB] = TABLE(job, 1),
	[TABLE_VERDICT] = TABLE(verdict, 1),
	[TABLE_SEEN] = TABLE(seen, 3),
	[TABLE_NEAR_MISS] = TABLE(near_miss, 1),
	[TABLE_UNKNOWN_NAME] = TABLE(unknown_name, 1),
	[TABLE_NUMBER] = TABLE(number, 1),
};

static const struct {
	const char	*what;
	apply_fn		*fn;
} kinds[] = {
	{ "gate-start",		apply_number },
	{ "gate-stop",		apply_number },
	{ "numbers",		apply_number },
	{ "login-refused",	apply_login_refused },
	{ "request",		apply_request },
	{ "decision",		apply_decision },
	{ "use",		apply_use },
	{ "end",		apply_end },
	{ "recovered",		apply_recovered },
	{ "refusal",		apply_near_miss },
	{ "word-refused",	apply_near_miss },
	{ "seen",		apply_seen },
	{ "verdict",		apply_verdict },
};

int
model_init(struct model *m, struct report *report)
{
	size_t i;

	memset(m, 0, sizeof(*m));
	m->report = report;
	for (i = 0; i < TABLES; i++)
		if ((m->map[i] = map_new(tables[i].nkey)) == NULL)
			return ERR_NOMEM;
	return 0;
}

void
model_free(struct model *m)
{
	size_t i;

	for (i = 0; i < TABLES; i++)
		map_free(m->map[i]);
	memset(m, 0, sizeof(*m));
}

int
model_play(struct model *m, uint64_t ix, const json_t *e)
{
	struct play p = { .m = m, .ix = ix, .e = e };
	size_t i;
	int r = 0;

	p.what = apply_str(&p, "what");
	p.who = apply_str(&p, "who");
	(void)snprintf(p.place, sizeof(p.place), "entry %" PRIu64, ix);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && r == 0; i++)
		if (strcmp(p.what, kinds[i].what) == 0)
			r = kinds[i].fn(&p);
	return r;
}

const char *
apply_str(const struct play *p, const char *key)
{
	const char *s = json_string_value(json_object_get(p->e, key));

	return s == NULL ? "" : s;
}

int64_t
apply_int(const struct play *p, const char *key)
{
	return json_integer_value(json_object_get(p->e, key));
}

int64_t
apply_nr(const struct play *p, const char *key)
{
	const char *s = apply_str(p, key);
	int64_t nr = 0;

	if (*s == '\0' || num_parse(s + 1, 1, INT64_MAX, &nr) != 0)
		return 0;
	return nr;
}

int
apply_digest(const struct play *p, const char *key, uint8_t out[32])
{
	memset(out, 0, SHA256_LEN);
	return sha256_parse(apply_str(p, key), out) == 0;
}

int
apply_has(const struct play *p, const char *key)
{
	return json_object_get(p->e, key) != NULL;
}

void
apply_illegal(const struct play *p, const char *fmt, ...)
{
	char text[REPORT_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_fault(p->m->report, FAULT_TRANSITION, p->place, "%s", text);
}

void
apply_wrong(const struct play *p, const char *fmt, ...)
{
	char text[REPORT_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_fault(p->m->report, FAULT_ENTRY, p->place, "%s", text);
}

int
uuid_parse(const char *s, uint8_t out[16])
{
	static const char digits[] = "0123456789abcdef";
	const char *high, *low;
	size_t i;

	if (strlen(s) != 36)
		return ERR_FORMAT;
	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			if (*s++ != '-')
				return ERR_FORMAT;
		high = strchr(digits, s[0]);
		low = strchr(digits, s[1]);
		if (high == NULL || low == NULL || s[0] == '\0' ||
		    s[1] == '\0')
			return ERR_FORMAT;
		out[i] = (uint8_t)((high - digits) << 4 | (low - digits));
		s += 2;
	}
	return 0;
}

char *
recording_name(char out[RECORDING_NAME], const uint8_t uuid[16], int64_t nr)
{
	uint64_t ms = 0;
	struct tm tm;
	time_t t;
	size_t i;

	for (i = 0; i < 6; i++)
		ms = ms << 8 | uuid[i];
	t = (time_t)(ms / 1000);
	if (gmtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	(void)snprintf(out, RECORDING_NAME, "%04d/%02d/%02d/S%" PRId64 ".skr",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, nr);
	return out;
}
