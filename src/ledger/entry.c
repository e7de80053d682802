/* entry.c - makes ledger entries. */
#include "ledger/entry.h"

#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/sha256.h"

#define NS	1000000000LL

json_t *
entry_new(int64_t at_ns, const char *what, const char *who)
{
	time_t t = (time_t)(at_ns / NS);
	char at[40] = "";
	struct tm tm;
	json_t *e;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return NULL;
	e = json_pack("{s:s, s:I, s:s}", "at", at, "at_ns",
	    (json_int_t)at_ns, "what", what);
	if (e != NULL && who != NULL && entry_text(e, "who", who) != 0) {
		json_decref(e);
		return NULL;
	}
	return e;
}

int
entry_json(json_t *e, const char *key, json_t *v)
{
	if (e == NULL) {
		json_decref(v);
		return ERR_NOMEM;
	}
	return json_object_set_new(e, key, v) == 0 ? 0 : ERR_NOMEM;
}

int
entry_text(json_t *e, const char *key, const char *s)
{
	return entry_json(e, key, json_text(s));
}

int
entry_int(json_t *e, const char *key, int64_t v)
{
	return entry_json(e, key, json_integer(v));
}

int
entry_digest(json_t *e, const char *key, const uint8_t *digest)
{
	char hex[SHA256_HEX];

	return entry_json(e, key, json_string(sha256_hex(hex, digest)));
}

int
entry_id(json_t *e, const char *key, char letter, uint64_t nr)
{
	char id[32];

	(void)snprintf(id, sizeof(id), "%c%llu", letter,
	    (unsigned long long)nr);
	return entry_json(e, key, json_string(id));
}

int
entry_bytes(const json_t *e, char **out, size_t *n)
{
	int r;

	if ((r = json_canonical(e, out, n)) != 0)
		return r;
	if (*n <= ENTRY_MAX)
		return 0;
	str_wipe(*out);
	*out = NULL;
	return ERR_LIMIT;
}
