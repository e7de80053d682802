/* sample.h - the files under policy/ and the man pages beside them, as the tests read them (from the top of the tree). */
#ifndef UNIT_CONFIG_SAMPLE_H
#define UNIT_CONFIG_SAMPLE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/table.h"
#include "config/value.h"

/* libconfig 1.5 forgets the last string before some syntax errors (seen under ASan); sekisho-load runs once and exits. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

/* NUL-terminated text of a file; NULL: it cannot be read. */
static inline char *
sample_read(const char *path, size_t *n)
{
	char *text = calloc(1, 65536);
	FILE *f = fopen(path, "re");

	if (f == NULL || text == NULL) {
		free(text);
		return NULL;
	}
	*n = fread(text, 1, 65535, f);
	fclose(f);
	return text;
}

/* Do two structs hold the same under every key?  The first that differs, or NULL. */
static inline const char *
sample_differs(const struct conf_key *keys, size_t n, const void *a,
    const void *b)
{
	const char *x = a, *y = b;
	size_t i, j;

	for (i = 0; i < n; i++) {
		const void *p = x + keys[i].at, *q = y + keys[i].at;

		if (value_is_list(keys[i].type)) {
			char **v = *(char **const *)p, **w = *(char **const *)q;

			for (j = 0; v != NULL && v[j] != NULL; j++)
				if (w == NULL || w[j] == NULL ||
				    strcmp(v[j], w[j]) != 0)
					return keys[i].name;
			if (w != NULL && w[j] != NULL)
				return keys[i].name;
		} else if (keys[i].type <= CONF_PATH) {
			if (strcmp(*(char *const *)p, *(char *const *)q) != 0)
				return keys[i].name;
		} else if (*(const int64_t *)p != *(const int64_t *)q)
			return keys[i].name;
	}
	return NULL;
}

/* The first key whose last word has no ".It Cm" or ".Ic" of its own in the man page, or NULL. */
static inline const char *
sample_untold(const char *man, const struct conf_key *keys, size_t n)
{
	char item[128];
	const char *word;
	size_t i;

	for (i = 0; i < n; i++) {
		word = strrchr(keys[i].name, '.');
		word = word == NULL ? keys[i].name : word + 1;
		snprintf(item, sizeof(item), ".It Ic %s", word);
		if (strstr(man, item) == NULL)
			return keys[i].name;
	}
	return NULL;
}

#endif
