/* opts.c - options from a table. */
#include "cli/opts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/strv.h"

static int
wrong(char why[OPTS_WHY], const char *name, const char *what)
{
	char safe[80];

	snprintf(why, OPTS_WHY, "%s %s",
	    escape_to(safe, sizeof(safe), name, strlen(name)), what);
	return ERR_FORMAT;
}

static const struct opt *
find(const struct opt *table, const char *word)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, word) == 0)
			return table;
	return NULL;
}

static int
is_option(const char *word)
{
	return word[0] == '-' && word[1] == '-';
}

static int
set_one(const struct opt *o, const char *word, char why[OPTS_WHY])
{
	char **dest = o->dest;

	if (word == NULL || is_option(word))
		return wrong(why, o->name, "needs a value");
	if (o->kind == OPT_MANY)
		return strv_add(o->dest, word);
	if (*dest != NULL)
		return wrong(why, o->name, "is given twice");
	return (*dest = strdup(word)) == NULL ? ERR_NOMEM : 0;
}

/* Joins words up to the next option; *n says how many it took. */
static int
set_text(const struct opt *o, char *const *words, size_t *n,
    char why[OPTS_WHY])
{
	struct buf *b = NULL;
	char **dest = o->dest;
	int r = 0;

	*n = 0;
	if (*dest != NULL)
		return wrong(why, o->name, "is given twice");
	if ((b = buf_new(ARGV_BYTES_MAX)) == NULL)
		return ERR_NOMEM;
	for (; r == 0 && words[*n] != NULL && !is_option(words[*n]); (*n)++) {
		if (*n > 0)
			r = buf_put(b, " ", 1);
		if (r == 0)
			r = buf_put(b, words[*n], strlen(words[*n]));
	}
	if (r == 0 && *n == 0)
		r = wrong(why, o->name, "needs words behind it");
	else if (r == 0 && (*dest = strndup((const char *)buf_data(b),
	    buf_len(b))) == NULL)
		r = ERR_NOMEM;
	buf_free(b);
	return r;
}

int
opts_parse(char *const *argv, const struct opt *table, struct args *args,
    char why[OPTS_WHY])
{
	const struct opt *o;
	size_t i, n;
	int r = 0;

	memset(args, 0, sizeof(*args));
	for (i = 0; argv[i] != NULL && r == 0; i++) {
		if (strcmp(argv[i], "--") == 0) {
			args->rest = strv_dup(argv + i + 1);
			return args->rest == NULL ? ERR_NOMEM : 0;
		}
		o = find(table, argv[i]);
		if (o == NULL && argv[i][0] == '-' && argv[i][1] != '\0')
			r = wrong(why, argv[i], "is not an option of this word");
		else if (o == NULL)
			r = strv_add(&args->words, argv[i]);
		else if (o->kind == OPT_FLAG)
			*(int *)o->dest = 1;
		else if (o->kind == OPT_TEXT) {
			r = set_text(o, argv + i + 1, &n, why);
			i += n;
		} else if ((r = set_one(o, argv[i + 1], why)) == 0)
			i++;
	}
	return r;
}

void
args_free(struct args *args)
{
	strv_free(args->words);
	strv_free(args->rest);
	memset(args, 0, sizeof(*args));
}
