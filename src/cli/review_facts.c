/* review_facts.c - what a recording says itself about its session, for the sheet of its job. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "cli/review.h"
#include "record/reader.h"

/* Keys of META (src/monitor/meta.h) that the plan has too. */
static const char *const keys[] = { "argv", "exe", "exe_digest", "input",
	"operator", "profile", "profile_digest", "request", "revision",
	"run_as", "session", "target", NULL };

static json_t *
problem(const char *text)
{
	return json_pack("{s:s}", "problem", text);
}

/* The file's own id, as META and the ledger write it. */
static json_t *
uuid(const uint8_t id[SKR_UUID])
{
	char text[2 * SKR_UUID + 5];
	size_t i, n = 0;

	for (i = 0; i < SKR_UUID; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		n += (size_t)snprintf(text + n, 3, "%02x", id[i]);
	}
	return json_string(text);
}

/* An array of texts? */
static int
is_texts(const json_t *v)
{
	size_t i;

	for (i = 0; i < json_array_size(v); i++)
		if (!json_is_string(json_array_get(v, i)))
			return 0;
	return json_is_array(v);
}

/* A value of the kind that our own recorder writes there; NULL: it is none, or of another kind. */
static json_t *
value_of(const json_t *meta, const char *key)
{
	json_t *v = json_object_get(meta, key);

	if (strcmp(key, "argv") == 0)
		return is_texts(v) ? v : NULL;
	if (strcmp(key, "revision") == 0)
		return json_is_integer(v) ? v : NULL;
	return json_is_string(v) ? v : NULL;
}

/* The head; NULL: META is no JSON object. */
static json_t *
head(const struct reader_head *h)
{
	json_t *meta = NULL, *o = NULL;
	size_t i;

	if (json_read(h->meta, h->meta_len, &meta) == 0 &&
	    json_is_object(meta) && (o = json_object()) != NULL) {
		for (i = 0; keys[i] != NULL; i++)
			(void)json_object_set(o, keys[i],
			    value_of(meta, keys[i]));
		(void)json_object_set_new(o, "uuid", uuid(h->uuid));
	}
	json_decref(meta);
	return o;
}

struct look {
	json_t	*list;
	int64_t	 total;		/* of single refusals */
	int64_t	 told;		/* what a summary says */
};

/* A D event: one refused call, or how many there were of each. */
static int
on_refusal(struct look *l, const struct reader_event *e)
{
	json_t *v = NULL, *o = NULL, *args, *comm;
	int64_t told;
	int r = 0;

	if (json_read(e->p, e->n, &v) != 0 || !json_is_object(v)) {
		json_decref(v);
		return 0;		/* hostile or newer: its text is in the recording */
	}
	if (json_is_string(json_object_get(v, "call"))) {
		l->total++;
		if (json_array_size(l->list) < FACTS_REFUSED) {
			args = json_object_get(v, "args");
			comm = json_object_get(v, "comm");
			o = json_pack("{s:I, s:O, s:O*, s:O*}", "at_ms",
			    (json_int_t)(e->time_ns / 1000000), "call",
			    json_object_get(v, "call"), "args",
			    is_texts(args) ? args : NULL, "comm",
			    json_is_string(comm) ? comm : NULL);
			r = json_array_append_new(l->list, o) == 0 ? 0 :
			    ERR_NOMEM;
		}
	} else if ((told = field_int(v, "refused")) > l->told)
		l->told = told;
	json_decref(v);
	return r;
}

/* 0: to the end; 1: as far as the bound. */
static int
look_through(struct reader *reader, struct look *l)
{
	struct reader_event e;
	int r;

	while ((r = reader_next(reader, &e)) == 0) {
		if (e.type == 'D' && (r = on_refusal(l, &e)) != 0)
			return r;
		if (reader_result(reader)->good_bytes > FACTS_BYTES)
			return 1;
	}
	return r == 1 ? 0 : r;
}

static int
add_refused(json_t *o, struct reader *reader, int look)
{
	struct look l = { .list = json_array() };
	int r = 0;

	if (l.list == NULL || json_object_set_new(o, "refused", l.list) != 0)
		return ERR_NOMEM;
	if (look && (r = look_through(reader, &l)) < 0)
		return r;
	(void)json_object_set_new(o, "refused_total",
	    json_integer(l.total > l.told ? l.total : l.told));
	return json_object_set_new(o, "looked", json_string(!look ? "head" :
	    r == 0 ? "all" : "part")) == 0 ? 0 : ERR_NOMEM;
}

json_t *
facts_of(int fd, int look)
{
	struct reader *reader = NULL;
	json_t *o;

	if (reader_open(fd, &reader) != 0)
		return problem("it cannot be read");
	if ((o = head(reader_head(reader))) == NULL)
		o = problem("its head does not say what ran");
	else if (add_refused(o, reader, look) != 0) {
		json_decref(o);
		o = problem("its events cannot be read");
	}
	reader_free(reader);
	return o;
}
