/* value.c - text to values with the bounds of their key. */
#include "config/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/strv.h"

#define ITEM_MAX	1024	/* one item of a list that is no path */

static void *
member(const struct conf_key *k, void *into)
{
	return (char *)into + k->at;
}

int
value_is_list(enum conf_type type)
{
	return type == CONF_TEXTS || type == CONF_NAMES ||
	    type == CONF_PATHS || type == CONF_PORTS || type == CONF_MAP;
}

int
conf_path_ok(const char *path)
{
	const char *p = path, *end;
	size_t n;

	if (*p != '/' || strlen(path) >= PATH_MAX_LEN)
		return 0;
	if (p[1] == '\0')
		return 1;
	while (*p == '/') {
		p++;
		end = strchrnul(p, '/');
		n = (size_t)(end - p);
		if (n == 0 || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return 0;
		p = end;
	}
	return 1;
}

static int
is_name(const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n;

	if (*s == '#') {		/* a system call by its number */
		n = strspn(s + 1, "0123456789");
		return n > 0 && n <= 5 && s[1 + n] == '\0';
	}
	if (*s == '@')
		s++;
	n = strspn(s, plain);
	if (s[n] == '*' && n > 0)	/* LC_* */
		n++;
	return n > 0 && n <= NAME_MAX_LEN && s[n] == '\0' && *s != '-';
}

static int
is_visible(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 0;
	return 1;
}

/* Index of "s" in the blank-separated words, -1: not there. */
static int
word_index(const char *words, const char *s)
{
	size_t n = strlen(s), len;
	int i;

	for (i = 0; *words != '\0'; i++) {
		len = strcspn(words, " ");
		if (len == n && memcmp(words, s, n) == 0)
			return i;
		words += len + (words[len] == ' ');
	}
	return -1;
}

static int
text_ok(const struct conf_key *k, const char *s)
{
	size_t n = strlen(s);

	if (n < (size_t)k->min || n > (size_t)k->max)
		return 0;
	if (n == 0 || k->type == CONF_TEXT)
		return 1;
	return k->type == CONF_PATH ? conf_path_ok(s) :
	    is_name(s) && *s != '@' && *s != '#';
}

static int
number(const struct conf_key *k, const char *s, int64_t *v)
{
	switch (k->type) {
	case CONF_SPAN:
		return num_parse_span(s, k->min, k->max, v);
	case CONF_SIZE:
		return num_parse_size(s, k->min, k->max, v);
	case CONF_WORD:
		*v = word_index(k->words, s);
		return *v < 0 ? ERR_FORMAT : 0;
	case CONF_BOOL:
		*v = strcmp(s, "true") == 0;
		return 0;
	default:
		return num_parse(s, k->min, k->max, v);
	}
}

void
value_set_int(const struct conf_key *k, void *into, int64_t v)
{
	memcpy(member(k, into), &v, sizeof(v));
}

void
value_free(const struct conf_key *k, void *into)
{
	void *at = member(k, into);

	if (value_is_list(k->type)) {
		strv_free(*(char ***)at);
		*(char ***)at = NULL;
	} else if (k->type <= CONF_PATH) {
		str_wipe(*(char **)at);
		*(char **)at = NULL;
	}
}

size_t
value_count(const struct conf_key *k, const void *into)
{
	return strv_len(*(char **const *)(const void *)
	    ((const char *)into + k->at));
}

/* A list from the text of a default. */
static int
set_list(const struct conf_key *k, void *into, const char *s)
{
	char item[ITEM_MAX];
	size_t n;
	int r;

	value_free(k, into);
	while (*s != '\0') {
		n = strcspn(s, " ");
		snprintf(item, sizeof(item), "%.*s", (int)n, s);
		if ((r = value_add(k, into, item)) != 0)
			return r;
		s += n + (s[n] == ' ');
	}
	return 0;
}

int
value_set(const struct conf_key *k, void *into, const char *s)
{
	char *copy;
	int64_t v;
	int r;

	if (value_is_list(k->type))
		return set_list(k, into, s);
	if (k->type <= CONF_PATH) {
		if (!text_ok(k, s))
			return ERR_FORMAT;
		if ((copy = strdup(s)) == NULL)
			return ERR_NOMEM;
		value_free(k, into);
		*(char **)member(k, into) = copy;
		return 0;
	}
	if ((r = number(k, s, &v)) == 0)
		value_set_int(k, into, v);
	return r;
}

static int
item_ok(const struct conf_key *k, const char *s)
{
	int64_t port;

	switch (k->type) {
	case CONF_PATHS:
		return conf_path_ok(s + (*s == '?'));
	case CONF_NAMES:
		return is_name(s);
	case CONF_PORTS:
		return strcmp(s, "any") == 0 ||
		    num_parse(s, 1, 65535, &port) == 0;
	default:
		return *s != '\0' && strlen(s) < ITEM_MAX && is_visible(s);
	}
}

int
value_add(const struct conf_key *k, void *into, const char *s)
{
	char ***list = member(k, into);

	if (!item_ok(k, s))
		return ERR_FORMAT;
	if (strv_has(*list, s))
		return ERR_CONFLICT;
	if (strv_len(*list) >= (size_t)k->max)
		return ERR_LIMIT;
	return strv_add(list, s);
}

const char *
value_expected(const struct conf_key *k, char *out)
{
	static const struct {
		const char	*what;
		const char	*unit;	/* NULL: bounds are not told */
	} kinds[] = {
		[CONF_TEXT] = { "text", " bytes" },
		[CONF_NAME] = { "a name", " letters" },
		[CONF_PATH] = { "an absolute path without \"..\"", NULL },
		[CONF_WORD] = { "one of", NULL },
		[CONF_INT] = { "a number", "" },
		[CONF_SPAN] = { "a time such as \"30s\"", "s" },
		[CONF_SIZE] = { "a size such as \"16M\"", " bytes" },
		[CONF_BOOL] = { "true or false", NULL },
		[CONF_TEXTS] = { "an array of texts", " items" },
		[CONF_NAMES] = { "an array of names", " items" },
		[CONF_PATHS] = { "an array of absolute paths without \"..\"",
		    " items" },
		[CONF_PORTS] = { "an array of ports (1 to 65535) or \"any\"",
		    " items" },
		[CONF_MAP] = { "a group of NAME = \"text\"", " items" },
	};
	const char *unit = kinds[k->type].unit;

	if (k->type == CONF_WORD)
		snprintf(out, EXPECTED_MAX, "one of \"%s\"", k->words);
	else if (unit == NULL)
		snprintf(out, EXPECTED_MAX, "%s", kinds[k->type].what);
	else
		snprintf(out, EXPECTED_MAX, "%s, %lld%s to %lld%s",
		    kinds[k->type].what, (long long)k->min, unit,
		    (long long)k->max, unit);
	return out;
}
