/* canon.c - the canonical form of a request: bytes, digest, code. */
#include "request/canon.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "crypt/base64.h"
#include "crypt/sha256.h"
#include "json/json.h"

#define FORM	1			/* version of the canonical form */

json_t *
canon_hex(const uint8_t digest[DIGEST_LEN])
{
	char text[SHA256_HEX];

	return json_string(sha256_hex(text, digest));
}

json_t *
canon_moment(int64_t t)
{
	return t == REQ_NONE ? json_null() : json_integer(t);
}

static json_t *
steps_json(const struct request *r)
{
	json_t *list = json_array();
	const struct req_step *s;
	size_t i;

	for (i = 0; list != NULL && i < r->nsteps; i++) {
		s = &r->steps[i];
		if (json_array_append_new(list, json_pack(
		    "{s:o, s:s, s:o, s:o}",
		    "argv", json_from_strv(s->argv), "exe", s->exe,
		    "exe_digest", canon_hex(s->exe_digest), "script_digest",
		    s->script == NULL ? json_null() :
		    canon_hex(s->script_digest))) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

int
canon_make(struct request *r, char **out, size_t *n)
{
	char *text = NULL;
	size_t len = 0;
	json_t *v;
	int err;

	v = json_pack("{s:i, s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:s, s:s,"
	    " s:o, s:o, s:I, s:I, s:I, s:s}",
	    "form", FORM, "requester", r->requester,
	    "operators", json_from_strv(r->operators),
	    "target", r->target, "run_as", r->run_as, "profile", r->profile,
	    "profile_digest", canon_hex(r->profile_digest),
	    "steps", steps_json(r),
	    "input", r->input, "on_disconnect", r->on_disconnect,
	    "from", canon_moment(r->from), "until", canon_moment(r->until),
	    "span", (json_int_t)r->span, "max_run", (json_int_t)r->max_run,
	    "uses", (json_int_t)r->uses, "cwd", "/");
	if (v == NULL)
		return ERR_FORMAT;
	err = json_canonical(v, &text, &len);
	json_decref(v);
	if (err == 0 && len > REQ_CANON_MAX)
		err = ERR_LIMIT;
	if (err == 0)
		err = sha256_mem(text, len, r->digest);
	if (err != 0) {
		str_wipe(text);
		return err;
	}
	*out = text;
	*n = len;
	return 0;
}

static int
take_str(const json_t *o, const char *key, char **out)
{
	const char *s;

	if (json_want_str(o, key, NULL, &s) != 0 || s == NULL)
		return ERR_FORMAT;
	return (*out = strdup(s)) == NULL ? ERR_NOMEM : 0;
}

static int
take_digest(const json_t *o, const char *key, uint8_t out[DIGEST_LEN])
{
	const char *s;

	if (json_want_str(o, key, NULL, &s) != 0 || s == NULL)
		return ERR_FORMAT;
	return sha256_parse(s, out);
}

static int
take_moment(const json_t *o, const char *key, int64_t *t)
{
	if (json_is_null(json_object_get(o, key))) {
		*t = REQ_NONE;
		return 0;
	}
	return json_object_get(o, key) == NULL ? ERR_FORMAT :
	    json_want_int(o, key, 0, 0, INT64_MAX, t);
}

static int
take_number(const json_t *o, const char *key, int64_t max, int64_t *v)
{
	return json_object_get(o, key) == NULL ? ERR_FORMAT :
	    json_want_int(o, key, 0, 0, max, v);
}

static int
take_steps(const json_t *o, struct request *r)
{
	const json_t *list = json_object_get(o, "steps"), *v;
	struct req_step *s;
	size_t n = json_array_size(list), i;
	int err;

	if (n < 1 || n > REQ_STEPS_MAX)
		return ERR_FORMAT;
	if ((r->steps = calloc(n, sizeof(*r->steps))) == NULL)
		return ERR_NOMEM;
	r->nsteps = n;
	for (i = 0; i < n; i++) {
		v = json_array_get(list, i);
		s = &r->steps[i];
		if ((err = json_want_strv(v, "argv", &s->argv)) != 0 ||
		    (err = take_str(v, "exe", &s->exe)) != 0 ||
		    (err = take_digest(v, "exe_digest",
		    s->exe_digest)) != 0)
			return err;
		if (s->argv == NULL)
			return ERR_FORMAT;
		if (!json_is_null(json_object_get(v, "script_digest")) &&
		    (err = take_digest(v, "script_digest",
		    s->script_digest)) != 0)
			return err;
	}
	return 0;
}

int
canon_read(const void *p, size_t n, const uint8_t digest[DIGEST_LEN],
    struct request *r)
{
	uint8_t got[DIGEST_LEN];
	int64_t uses = 0;
	json_t *o = NULL;
	int err;

	if ((err = sha256_mem(p, n, got)) != 0)
		return err;
	if (!sha256_equal(got, digest))
		return ERR_CRYPTO;
	if ((err = json_read(p, n, &o)) != 0)
		return err;
	memcpy(r->digest, digest, DIGEST_LEN);
	if ((err = take_str(o, "requester", &r->requester)) == 0 &&
	    (err = json_want_strv(o, "operators", &r->operators)) == 0 &&
	    (err = take_str(o, "target", &r->target)) == 0 &&
	    (err = take_str(o, "run_as", &r->run_as)) == 0 &&
	    (err = take_str(o, "profile", &r->profile)) == 0 &&
	    (err = take_digest(o, "profile_digest",
	    r->profile_digest)) == 0 &&
	    (err = take_steps(o, r)) == 0 &&
	    (err = take_str(o, "input", &r->input)) == 0 &&
	    (err = take_str(o, "on_disconnect", &r->on_disconnect)) == 0 &&
	    (err = take_moment(o, "from", &r->from)) == 0 &&
	    (err = take_moment(o, "until", &r->until)) == 0 &&
	    (err = take_number(o, "span", INT32_MAX, &r->span)) == 0 &&
	    (err = take_number(o, "max_run", INT32_MAX, &r->max_run)) == 0)
		err = take_number(o, "uses", UINT32_MAX, &uses);
	r->uses = (uint32_t)uses;
	if (err == 0 && (r->operators == NULL || r->uses == 0))
		err = ERR_FORMAT;
	json_decref(o);
	return err;
}

char *
canon_code(char out[REQ_CODE], const struct request *r)
{
	return base32_code(out, r->digest);
}
