/* tree.c - libconfig's tree, walked with a table of keys. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <libconfig.h>

#include "base/err.h"
#include "base/limits.h"
#include "config/table.h"
#include "config/text.h"
#include "config/value.h"

#define KEY_MAX		160	/* "group.group.key" */

struct conf_tree {
	config_t	 config;
	const char	*file;
};

/* What a walk carries along. */
struct walk {
	const struct conf_tree	*tree;
	const struct conf_key	*keys;
	size_t			 nkeys;
	void			*into;
	int			*lines;
	struct conf_error	*e;
};

int
conf_parse(const char *file, const char *text, size_t n,
    struct conf_tree **out, struct conf_error *e)
{
	struct conf_tree *t;
	int r;

	if ((r = conf_text_check(file, text, n, e)) != 0)
		return r;
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ERR_NOMEM;
	config_init(&t->config);
	t->file = file;
	if (config_read_string(&t->config, text) != CONFIG_TRUE) {
		r = conf_fail(e, file, config_error_line(&t->config),
		    "expected settings, found a %s",
		    config_error_text(&t->config));
		conf_tree_free(t);
		return r;
	}
	*out = t;
	return 0;
}

void
conf_tree_free(struct conf_tree *t)
{
	if (t == NULL)
		return;
	config_destroy(&t->config);
	free(t);
}

/* How a setting looks, for "found ...". */
static const char *
found(const config_setting_t *s, char *out, size_t size)
{
	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
		snprintf(out, size, "the number %d", config_setting_get_int(s));
		break;
	case CONFIG_TYPE_STRING:
		snprintf(out, size, "\"%.100s\"", config_setting_get_string(s));
		break;
	case CONFIG_TYPE_BOOL:
		snprintf(out, size, "%s",
		    config_setting_get_bool(s) ? "true" : "false");
		break;
	case CONFIG_TYPE_GROUP:
		snprintf(out, size, "a group { }");
		break;
	case CONFIG_TYPE_ARRAY:
		snprintf(out, size, "an array [ ]");
		break;
	case CONFIG_TYPE_LIST:
		snprintf(out, size, "a list ( )");
		break;
	default:
		snprintf(out, size, "a number of another kind");
		break;
	}
	return out;
}

static int
line_of(const config_setting_t *s)
{
	return (int)config_setting_source_line(s);
}

/* One line: what key "k" wanted and what setting "s" is. */
static int
fail_value(const struct walk *w, const config_setting_t *s,
    const struct conf_key *k, int why)
{
	char want[EXPECTED_MAX], got[EXPECTED_MAX];

	if (why == ERR_NOMEM)
		return why;
	return conf_fail(w->e, w->tree->file, line_of(s),
	    "%s: expected %s, found %s%s", k->name, value_expected(k, want),
	    found(s, got, sizeof(got)),
	    why == ERR_CONFLICT ? " twice" :
	    why == ERR_LIMIT && value_is_list(k->type) ? " as one too many" :
	    "");
}

/* Text of a scalar in the form value_set() reads; NULL: not the type that "type" is written in. */
static const char *
scalar_text(const config_setting_t *s, enum conf_type type, char *out,
    size_t size)
{
	int have = config_setting_type(s);

	if (type == CONF_INT || type == CONF_PORTS) {
		if (type == CONF_PORTS && have == CONFIG_TYPE_STRING)
			return config_setting_get_string(s);
		if (have != CONFIG_TYPE_INT)
			return NULL;
		snprintf(out, size, "%d", config_setting_get_int(s));
		return out;
	}
	if (type == CONF_BOOL) {
		if (have != CONFIG_TYPE_BOOL)
			return NULL;
		return config_setting_get_bool(s) ? "true" : "false";
	}
	return have == CONFIG_TYPE_STRING ? config_setting_get_string(s) : NULL;
}

static int
read_map(const struct walk *w, config_setting_t *s, const struct conf_key *k)
{
	char item[PATH_MAX_LEN];
	config_setting_t *elem;
	int i, r;

	for (i = 0; i < config_setting_length(s); i++) {
		elem = config_setting_get_elem(s, (unsigned int)i);
		if (config_setting_type(elem) != CONFIG_TYPE_STRING ||
		    snprintf(item, sizeof(item), "%s=%s",
		    config_setting_name(elem),
		    config_setting_get_string(elem)) >= (int)sizeof(item))
			return fail_value(w, elem, k, ERR_FORMAT);
		if ((r = value_add(k, w->into, item)) != 0)
			return fail_value(w, elem, k, r);
	}
	return 0;
}

static int
read_list(const struct walk *w, config_setting_t *s, const struct conf_key *k,
    int append)
{
	config_setting_t *elem;
	const char *text;
	char room[32];
	int i, r;

	if (k->type == CONF_MAP && config_setting_type(s) == CONFIG_TYPE_GROUP)
		return read_map(w, s, k);
	if (k->type == CONF_PORTS &&
	    config_setting_type(s) == CONFIG_TYPE_STRING)
		return strcmp(config_setting_get_string(s), "any") == 0 ?
		    value_add(k, w->into, "any") :
		    fail_value(w, s, k, ERR_FORMAT);
	if (k->type == CONF_MAP || config_setting_type(s) != CONFIG_TYPE_ARRAY)
		return fail_value(w, s, k, ERR_FORMAT);
	for (i = 0; i < config_setting_length(s); i++) {
		elem = config_setting_get_elem(s, (unsigned int)i);
		text = scalar_text(elem, k->type, room, sizeof(room));
		r = text == NULL ? ERR_FORMAT : value_add(k, w->into, text);
		if (r == ERR_CONFLICT && append)
			r = 0;		/* inherited already */
		if (r != 0)
			return fail_value(w, elem, k, r);
	}
	if (value_count(k, w->into) < (size_t)k->min)
		return fail_value(w, s, k, ERR_FORMAT);
	return 0;
}

static int
read_value(const struct walk *w, config_setting_t *s, size_t i)
{
	const struct conf_key *k = &w->keys[i];
	const char *text;
	char room[32];
	int r;

	if (value_is_list(k->type)) {
		if (w->lines[i] == 0)
			value_free(k, w->into);
		r = read_list(w, s, k, w->lines[i] != 0);
	} else {
		text = scalar_text(s, k->type, room, sizeof(room));
		r = text == NULL ? ERR_FORMAT : value_set(k, w->into, text);
		if (r != 0)
			r = fail_value(w, s, k, r);
	}
	w->lines[i] = line_of(s);
	return r;
}

/* Is some key below "name."? */
static int
is_group(const struct walk *w, const char *name)
{
	size_t n = strlen(name), i;

	for (i = 0; i < w->nkeys; i++)
		if (strncmp(w->keys[i].name, name, n) == 0 &&
		    w->keys[i].name[n] == '.')
			return 1;
	return 0;
}

/* Every setting of group "s", whose own name is "prefix" ("" or "login."). */
static int
read_group(const struct walk *w, config_setting_t *s, const char *prefix)
{
	char name[KEY_MAX], more[KEY_MAX + 1], got[EXPECTED_MAX];
	config_setting_t *elem;
	int i, r;
	size_t k;

	for (i = 0; i < config_setting_length(s); i++) {
		elem = config_setting_get_elem(s, (unsigned int)i);
		snprintf(name, sizeof(name), "%s%.64s", prefix,
		    config_setting_name(elem));
		for (k = 0; k < w->nkeys; k++)
			if (strcmp(w->keys[k].name, name) == 0)
				break;
		if (k < w->nkeys) {
			if ((r = read_value(w, elem, k)) != 0)
				return r;
			continue;
		}
		if (!is_group(w, name))
			return conf_fail(w->e, w->tree->file, line_of(elem),
			    "expected a known key, found \"%s\"", name);
		if (config_setting_type(elem) != CONFIG_TYPE_GROUP)
			return conf_fail(w->e, w->tree->file, line_of(elem),
			    "%s: expected a group { }, found %s", name,
			    found(elem, got, sizeof(got)));
		snprintf(more, sizeof(more), "%s.", name);
		if ((r = read_group(w, elem, more)) != 0)
			return r;
	}
	return 0;
}

int
conf_read(const struct conf_tree *t, const struct conf_key *keys,
    size_t nkeys, void *into, int *lines, struct conf_error *e)
{
	struct walk w = { t, keys, nkeys, into, lines, e };

	return read_group(&w, config_root_setting(&t->config), "");
}

int
conf_groups(const struct conf_tree *t, const char *name, int max,
    struct conf_error *e)
{
	config_setting_t *root = config_root_setting(&t->config), *s, *elem;
	char got[EXPECTED_MAX];
	int i;

	for (i = 0; i < config_setting_length(root); i++) {
		s = config_setting_get_elem(root, (unsigned int)i);
		if (strcmp(config_setting_name(s), name) != 0) {
			conf_fail(e, t->file, line_of(s), "expected \"%s\", "
			    "found \"%s\"", name, config_setting_name(s));
			return -1;
		}
		if (config_setting_type(s) != CONFIG_TYPE_LIST ||
		    config_setting_length(s) > max) {
			conf_fail(e, t->file, line_of(s), "%s: expected a list "
			    "( ) of at most %d groups, found %s", name, max,
			    found(s, got, sizeof(got)));
			return -1;
		}
	}
	if ((s = config_setting_get_elem(root, 0)) == NULL) {
		conf_fail(e, t->file, 1, "expected \"%s\", found nothing", name);
		return -1;
	}
	for (i = 0; i < config_setting_length(s); i++) {
		elem = config_setting_get_elem(s, (unsigned int)i);
		if (config_setting_type(elem) != CONFIG_TYPE_GROUP) {
			conf_fail(e, t->file, line_of(elem), "%s: expected a "
			    "group { }, found %s", name,
			    found(elem, got, sizeof(got)));
			return -1;
		}
	}
	return config_setting_length(s);
}

int
conf_read_group(const struct conf_tree *t, int i, const struct conf_key *keys,
    size_t nkeys, void *into, int *lines, int *line, struct conf_error *e)
{
	struct walk w = { t, keys, nkeys, into, lines, e };
	config_setting_t *s;

	s = config_setting_get_elem(config_root_setting(&t->config), 0);
	s = config_setting_get_elem(s, (unsigned int)i);
	*line = line_of(s);
	return read_group(&w, s, "");
}

int
conf_defaults(const char *file, int line, const struct conf_key *keys,
    size_t nkeys, void *into, const int *lines, struct conf_error *e)
{
	size_t i;

	for (i = 0; i < nkeys; i++) {
		if (lines[i] != 0)
			continue;
		if (keys[i].def == NULL)
			return conf_fail(e, file, line,
			    "expected the key \"%s\", found none",
			    keys[i].name);
		if (value_set(&keys[i], into, keys[i].def) != 0)
			return conf_fail(e, file, line, "default of \"%s\" is "
			    "not valid", keys[i].name);
	}
	return 0;
}

void
conf_wipe(const struct conf_key *keys, size_t nkeys, void *into)
{
	size_t i;

	for (i = 0; i < nkeys; i++)
		value_free(&keys[i], into);
}
