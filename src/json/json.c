/* json.c - canonical JSON and typed reading on top of jansson. */
#include "json/json.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/strv.h"

#define DEPTH_MAX	32	/* our documents need 6; recursion stays bounded */

/*
 * jansson 2.14 does not look at every allocation: without memory its reader
 * runs past the end of a text, and its writer leaves out the key of a member,
 * which then stands in the ledger for ever.  So a process that has no memory
 * for it ends; whoever started it starts another one.
 */
static void *
must_allocate(size_t n)
{
	void *p = malloc(n);

	if (p == NULL) {
		log_error("no memory for a document: the process ends");
		_exit(EX_OSERR);
	}
	return p;
}

__attribute__((constructor)) static void
set_allocator(void)
{
	json_set_alloc_funcs(must_allocate, free);
}

/* No reals, no NUL in strings, not too deep. */
static int
acceptable(const json_t *v, int depth)
{
	const char *key;
	json_t *item;
	size_t i;

	if (depth > DEPTH_MAX || json_is_real(v))
		return 0;
	if (json_is_string(v))
		return strlen(json_string_value(v)) == json_string_length(v);
	if (json_is_array(v)) {
		json_array_foreach(v, i, item)
			if (!acceptable(item, depth + 1))
				return 0;
	} else if (json_is_object(v)) {
		/* jansson's macro wants a pointer it could change */
		json_t *o = json_incref((json_t *)(uintptr_t)v);
		int ok = 1;

		json_object_foreach(o, key, item)
			if (!acceptable(item, depth + 1)) {
				ok = 0;
				break;
			}
		json_decref(o);
		return ok;
	}
	return 1;
}

/*
 * Text that grows.  jansson goes on when a piece cannot be added (it looks
 * away at the keys of objects), so a failure stays a failure to the end.
 */
struct text {
	char	*p;
	size_t	 n, room;
	int	 failed;
};

static int
add(const char *p, size_t n, void *arg)
{
	struct text *t = arg;
	size_t room = t->room == 0 ? 256 : t->room;
	char *grown = t->p;

	while (room <= t->n + n)
		room *= 2;
	if (!t->failed && room != t->room)
		grown = realloc(t->p, room);
	if (t->failed || grown == NULL) {
		t->failed = 1;
		return -1;
	}
	t->p = grown;
	t->room = room;
	memcpy(t->p + t->n, p, n);
	t->n += n;
	t->p[t->n] = '\0';
	return 0;
}

int
json_canonical(const json_t *v, char **out, size_t *n)
{
	struct text t = { NULL, 0, 0, 0 };

	if (v == NULL)
		return ERR_NOMEM;
	if (!acceptable(v, 0))
		return ERR_FORMAT;
	if (json_dump_callback(v, add, &t, JSON_COMPACT | JSON_SORT_KEYS |
	    JSON_ENCODE_ANY) != 0 || t.failed || t.p == NULL) {
		mem_wipe(t.p, t.n);
		return ERR_NOMEM;
	}
	*out = t.p;
	if (n != NULL)
		*n = t.n;
	return 0;
}

int
json_read(const void *p, size_t n, json_t **out)
{
	json_error_t error;
	json_t *v;

	v = json_loadb(p, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (v == NULL)
		return json_error_code(&error) == json_error_out_of_memory ?
		    ERR_NOMEM : ERR_FORMAT;
	if (!acceptable(v, 0)) {
		json_decref(v);
		return ERR_FORMAT;
	}
	*out = v;
	return 0;
}

int
json_want_str(const json_t *o, const char *key, const char *def,
    const char **s)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL) {
		*s = def;
		return 0;
	}
	if (!json_is_string(v))
		return ERR_FORMAT;
	*s = json_string_value(v);
	return 0;
}

int
json_want_int(const json_t *o, const char *key, int64_t def, int64_t min,
    int64_t max, int64_t *out)
{
	const json_t *v = json_object_get(o, key);

	if (v == NULL) {
		*out = def;
		return 0;
	}
	if (!json_is_integer(v))
		return ERR_FORMAT;
	if (json_integer_value(v) < min || json_integer_value(v) > max)
		return ERR_LIMIT;
	*out = json_integer_value(v);
	return 0;
}

int
json_want_bool(const json_t *o, const char *key, int def, int *out)
{
	const json_t *v = json_object_get(o, key);

	if (v != NULL && !json_is_boolean(v))
		return ERR_FORMAT;
	*out = v == NULL ? def : json_is_true(v);
	return 0;
}

int
json_want_strv(const json_t *o, const char *key, char ***out)
{
	const json_t *v = json_object_get(o, key), *item;
	char **words = NULL;
	size_t i;

	if (v != NULL && !json_is_array(v))
		return ERR_FORMAT;
	for (i = 0; i < json_array_size(v); i++) {
		item = json_array_get(v, i);
		if (!json_is_string(item)) {
			strv_free(words);
			return ERR_FORMAT;
		}
		if (strv_add(&words, json_string_value(item)) != 0) {
			strv_free(words);
			return ERR_NOMEM;
		}
	}
	*out = words;
	return 0;
}

int
json_only_keys(const json_t *o, const char *const *keys,
    const char **unknown)
{
	json_t *own = json_incref((json_t *)(uintptr_t)o), *item;
	const char *key;
	size_t i;
	int r = 0;

	json_object_foreach(own, key, item) {
		for (i = 0; keys[i] != NULL && strcmp(keys[i], key) != 0; i++)
			continue;
		if (keys[i] == NULL) {
			*unknown = key;
			r = ERR_FORMAT;
			break;
		}
	}
	json_decref(own);
	return r;
}

json_t *
json_from_strv(char *const *v)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; a != NULL && v != NULL && v[i] != NULL; i++) {
		if (json_array_append_new(a, json_string(v[i])) != 0) {
			json_decref(a);
			return NULL;
		}
	}
	return a;
}

json_t *
json_text(const char *s)
{
	json_t *v = json_string(s);
	char *safe;

	if (v != NULL)
		return v;
	if ((safe = escape_dup(s, strlen(s), 4 * strlen(s) + 4)) == NULL)
		return NULL;
	v = json_string(safe);
	str_wipe(safe);
	return v;
}
