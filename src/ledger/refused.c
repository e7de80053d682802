/* refused.c - adds failed logins up per source and minute. */
#include "ledger/refused.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/entry.h"

#define NS	1000000000LL
#define DAY_S	86400

struct refused {
	struct refused_sum	*sums;
	size_t			 n;
	uint32_t		 per_day, written;
	int64_t			 day;		/* number of the UTC day */
	uint64_t		 unwritten;	/* refusals after the cap */
};

/* Index: enum login_failure of wire/msg.h. */
static const char *const reasons[REFUSED_REASONS] = {
	"other", "unknown", "bad", "locked", "no-role", "tries", "aborted",
	"pam", "protocol", "no-key"
};

struct refused *
refused_new(uint32_t per_day)
{
	struct refused *r = calloc(1, sizeof(*r));

	if (r == NULL || (r->sums = calloc(REFUSED_SOURCES + 1,
	    sizeof(*r->sums))) == NULL) {
		free(r);
		return NULL;
	}
	r->per_day = per_day;
	return r;
}

void
refused_free(struct refused *r)
{
	if (r == NULL)
		return;
	free(r->sums);
	free(r);
}

int
refused_add(struct refused *r, const char *source, unsigned int why,
    int64_t now, struct refused_sum **out)
{
	int64_t minute = now - now % 60;
	struct refused_sum *s;
	size_t i;

	if (r->n >= REFUSED_SOURCES)
		source = "others";
	for (i = 0; i < r->n; i++)
		if (r->sums[i].minute == minute &&
		    strcmp(r->sums[i].source, source) == 0)
			break;
	/* every place taken: one of them is "others", of another minute */
	if (i > REFUSED_SOURCES)
		for (i = 0; i < REFUSED_SOURCES; i++)
			if (strcmp(r->sums[i].source, source) == 0)
				break;
	s = &r->sums[i];
	if (i == r->n) {
		memset(s, 0, sizeof(*s));
		(void)snprintf(s->source, sizeof(s->source), "%s", source);
		s->minute = minute;
		r->n++;
	}
	s->count++;
	s->reasons[why < REFUSED_REASONS ? why : 0]++;
	*out = s;
	return 0;
}

int
refused_has_room(const struct refused_sum *s)
{
	return s->nnames < REFUSED_NAMES;
}

void
refused_known(struct refused_sum *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->nnames; i++)
		if (strcmp(s->names[i].text, name) == 0)
			break;
	if (i == REFUSED_NAMES)
		return;
	if (i == s->nnames) {
		(void)snprintf(s->names[i].text, sizeof(s->names[i].text),
		    "%s", name);
		s->nnames++;
	}
	s->names[i].count++;
}

void
refused_unknown(struct refused_sum *s, const uint8_t commitment[32])
{
	struct refused_name *n;

	if (!refused_has_room(s))
		return;
	n = &s->names[s->nnames++];
	memcpy(n->commitment, commitment, sizeof(n->commitment));
	n->count = 1;
}

static json_t *
reasons_json(const struct refused_sum *s)
{
	json_t *o = json_object();
	unsigned int i;

	for (i = 0; i < REFUSED_REASONS; i++)
		if (s->reasons[i] > 0)
			json_object_set_new(o, reasons[i],
			    json_integer(s->reasons[i]));
	return o;
}

static int
add_names(json_t *e, const struct refused_sum *s)
{
	json_t *known = json_object(), *unknown = json_array(), *one;
	unsigned int i;
	int r;

	for (i = 0; i < s->nnames; i++) {
		if (s->names[i].text[0] != '\0') {
			json_object_set_new(known, s->names[i].text,
			    json_integer(s->names[i].count));
			continue;
		}
		one = json_object();
		(void)entry_digest(one, "sha256", s->names[i].commitment);
		json_array_append_new(unknown, one);
	}
	if ((r = entry_json(e, "users", known)) != 0) {
		json_decref(unknown);
		return r;
	}
	return entry_json(e, "unknown_users", unknown);
}

/* The entry for one sum; takes its place in the day's allowance. */
static int
make_entry(struct refused *r, const struct refused_sum *s, int64_t now,
    json_t **out)
{
	json_t *e = entry_new(now * NS, "login-refused", NULL);
	int err;

	if ((err = entry_text(e, "source", s->source)) != 0 ||
	    (err = entry_int(e, "minute", s->minute)) != 0 ||
	    (err = entry_int(e, "count", s->count)) != 0 ||
	    (err = entry_json(e, "reasons", reasons_json(s))) != 0 ||
	    (err = add_names(e, s)) != 0 ||
	    (r->unwritten > 0 && (err = entry_int(e, "not_written",
	    (int64_t)r->unwritten)) != 0)) {
		json_decref(e);
		return err;
	}
	r->unwritten = 0;
	*out = e;
	return 0;
}

/* The last entry of the day: from now on only numbers. */
static int
make_cap(struct refused *r, const struct refused_sum *s, int64_t now,
    json_t **out)
{
	json_t *e = entry_new(now * NS, "login-refused", NULL);
	int err;

	if ((err = entry_int(e, "daily_cap", r->per_day)) != 0 ||
	    (err = entry_text(e, "note", "no more entries about refused "
	    "logins are written today")) != 0) {
		json_decref(e);
		return err;
	}
	r->unwritten += s->count;
	*out = e;
	return 0;
}

/* A minute of the future means that the clock was set back. */
static int
is_due(const struct refused_sum *s, int64_t now)
{
	return now < s->minute || now >= s->minute + 60;
}

unsigned int
refused_due(const struct refused *r, int64_t now, int all)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < r->n; i++)
		n += all || is_due(&r->sums[i], now);
	return n;
}

int
refused_next(struct refused *r, int64_t now, int all, json_t **out)
{
	int64_t day = now / DAY_S;
	struct refused_sum s;
	size_t i = 0;
	int err;

	if (day != r->day) {
		r->day = day;
		r->written = 0;
	}
	while (i < r->n) {
		if (!all && !is_due(&r->sums[i], now)) {
			i++;
			continue;
		}
		s = r->sums[i];
		r->sums[i] = r->sums[--r->n];
		if (r->written > r->per_day) {
			r->unwritten += s.count;
			continue;
		}
		err = r->written == r->per_day ?
		    make_cap(r, &s, now, out) : make_entry(r, &s, now, out);
		r->written++;
		return err == 0 ? 1 : err;
	}
	return 0;
}

int
refused_wait_ms(const struct refused *r, int64_t now)
{
	int64_t left, least = -1;
	size_t i;

	for (i = 0; i < r->n; i++) {
		left = r->sums[i].minute + 60 - now;
		if (left < 0 || left > 60)
			left = 0;
		if (least < 0 || left < least)
			least = left;
	}
	return least < 0 ? -1 : (int)least * 1000;
}
