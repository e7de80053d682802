/* db_session.c - sessions between the database, memory and JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/random.h"
#include "ledgerd/db.h"
#include "request/form.h"

void
session_free(struct session *x)
{
	if (x == NULL)
		return;
	str_wipe(x->operator);
	str_wipe(x->source);
	str_wipe(x->argv);
	str_wipe(x->run_as);
	str_wipe(x->target);
	str_wipe(x->profile);
	str_wipe(x->state);
	str_wipe(x->how);
	str_wipe(x->signal);
	str_wipe(x->recording);
	str_wipe(x->reason);
	free(x);
}

static int
take(char **out, const struct store_row *row, int column)
{
	return (*out = strdup(store_text(row, column))) == NULL ?
	    ERR_NOMEM : 0;
}

static int64_t
moment(const struct store_row *row, int column)
{
	return store_is_null(row, column) ? REQ_NONE : store_int(row, column);
}

/* Columns as in SESSION_COLUMNS of sql.def. */
static int
take_row(struct session *x, const struct store_row *row)
{
	const uint8_t *uuid;
	size_t n;

	x->nr = (uint64_t)store_int(row, 0);
	uuid = store_blob(row, 1, &n);
	if (n != UUID_LEN)
		return ERR_FORMAT;
	memcpy(x->uuid, uuid, UUID_LEN);
	x->request = (uint64_t)store_int(row, 2);
	x->revision = (uint32_t)store_int(row, 3);
	x->step = (uint32_t)store_int(row, 4);
	x->use = (uint32_t)store_int(row, 5);
	x->status = store_is_null(row, 14) ? -1 : store_int(row, 14);
	x->started = moment(row, 16);
	x->ended = moment(row, 17);
	x->in_bytes = (uint64_t)store_int(row, 18);
	x->out_bytes = (uint64_t)store_int(row, 19);
	x->err_bytes = (uint64_t)store_int(row, 20);
	x->refusals = (uint64_t)store_int(row, 21);
	x->duration_ms = (uint64_t)store_int(row, 22);
	if (take(&x->operator, row, 6) != 0 || take(&x->source, row, 7) != 0 ||
	    take(&x->argv, row, 8) != 0 || take(&x->run_as, row, 9) != 0 ||
	    take(&x->target, row, 10) != 0 || take(&x->profile, row, 11) != 0 ||
	    take(&x->state, row, 12) != 0 || take(&x->how, row, 13) != 0 ||
	    take(&x->signal, row, 15) != 0 ||
	    take(&x->recording, row, 23) != 0 || take(&x->reason, row, 24) != 0)
		return ERR_NOMEM;
	return 0;
}

struct each {
	db_session_fn	*fn;
	void		*arg;
};

static int
on_session(void *arg, const struct store_row *row)
{
	struct each *e = arg;
	struct session *x = calloc(1, sizeof(*x));
	int r;

	if (x == NULL)
		return ERR_NOMEM;
	if ((r = take_row(x, row)) != 0) {
		session_free(x);
		return r;
	}
	return e->fn(e->arg, x);
}

int
db_sessions(struct store *s, enum store_sql sql, const struct store_arg *args,
    size_t n, db_session_fn *fn, void *arg)
{
	struct each e = { fn, arg };

	return store_query(s, sql, args, n, on_session, &e);
}

static int
keep_one(void *arg, struct session *x)
{
	*(struct session **)arg = x;
	return 1;
}

int
db_session(struct store *s, uint64_t nr, struct session **out)
{
	int r;

	*out = NULL;
	if (nr == 0 || nr > INT64_MAX)
		return ERR_NOTFOUND;
	r = db_sessions(s, STORE_SESSION_GET,
	    STORE_ARGS(store_i((int64_t)nr)), keep_one, out);
	return r != 0 ? r : *out == NULL ? ERR_NOTFOUND : 0;
}

int
db_session_add(struct store *s, const struct session *x)
{
	return store_run(s, STORE_SESSION_ADD, STORE_ARGS(
	    store_i((int64_t)x->nr), store_b(x->uuid, UUID_LEN),
	    store_i((int64_t)x->request), store_i(x->revision),
	    store_i(x->step), x->use == 0 ? store_null() : store_i(x->use),
	    store_s(x->operator), store_s(x->source), store_s(x->argv),
	    store_s(x->run_as), store_s(x->target), store_s(x->profile),
	    store_s(x->state), x->started == REQ_NONE ? store_null() :
	    store_i(x->started), store_s(x->recording)));
}

char *
session_path(char out[RECORDING_PATH], const uint8_t uuid[UUID_LEN],
    uint64_t nr)
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
	(void)snprintf(out, RECORDING_PATH, "%04d/%02d/%02d/S%llu.skr",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	    (unsigned long long)nr);
	return out;
}

static json_t *
id(char letter, uint64_t nr)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%c%llu", letter,
	    (unsigned long long)nr);
	return json_string(text);
}

static json_t *
words(const char *argv)
{
	json_t *v = NULL;

	return json_read(argv, strlen(argv), &v) == 0 ? v : json_array();
}

json_t *
session_json(const struct session *x)
{
	char uuid[UUID_TEXT];

	return json_pack("{s:o, s:I, s:s, s:o, s:I, s:I, s:s, s:o, s:s, s:s,"
	    " s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I,"
	    " s:s, s:s, s:o}",
	    "id", id('S', x->nr), "nr", (json_int_t)x->nr,
	    "uuid", uuid_text(uuid, x->uuid), "request", id('R', x->request),
	    "revision", (json_int_t)x->revision, "use", (json_int_t)x->use,
	    "operator", x->operator, "argv", words(x->argv),
	    "run_as", x->run_as, "target", x->target, "profile", x->profile,
	    "state", x->state, "how", x->how,
	    "status", x->status < 0 ? json_null() : json_integer(x->status),
	    "signal", x->signal, "started", form_time(x->started),
	    "ended", form_time(x->ended), "in", (json_int_t)x->in_bytes,
	    "out", (json_int_t)x->out_bytes, "err", (json_int_t)x->err_bytes,
	    "refusals", (json_int_t)x->refusals,
	    "duration_ms", (json_int_t)x->duration_ms,
	    "recording", x->recording, "source", x->source,
	    "reason", json_text(x->reason));
}
