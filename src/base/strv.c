/* strv.c - NULL-terminated vectors of strings. */
#include "base/strv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

size_t
strv_len(char *const *v)
{
	size_t n = 0;

	while (v != NULL && v[n] != NULL)
		n++;
	return n;
}

int
strv_equal(char *const *a, char *const *b)
{
	size_t n = strv_len(a), i;

	if (n != strv_len(b))
		return 0;
	for (i = 0; i < n; i++)
		if (strcmp(a[i], b[i]) != 0)
			return 0;
	return 1;
}

int
strv_has(char *const *v, const char *s)
{
	size_t i;

	for (i = 0; v != NULL && v[i] != NULL; i++)
		if (strcmp(v[i], s) == 0)
			return 1;
	return 0;
}

int
strv_add(char ***v, const char *s)
{
	size_t n = strv_len(*v);
	char **grown, *copy;

	if ((copy = strdup(s)) == NULL)
		return ERR_NOMEM;
	if ((grown = realloc(*v, (n + 2) * sizeof(*grown))) == NULL) {
		str_wipe(copy);
		return ERR_NOMEM;
	}
	grown[n] = copy;
	grown[n + 1] = NULL;
	*v = grown;
	return 0;
}

char **
strv_dup(char *const *v)
{
	size_t n = strv_len(v), i;
	char **copy;

	if ((copy = calloc(n + 1, sizeof(*copy))) == NULL)
		return NULL;
	for (i = 0; i < n; i++) {
		if ((copy[i] = strdup(v[i])) == NULL) {
			strv_free(copy);
			return NULL;
		}
	}
	return copy;
}

void
strv_free(char **v)
{
	size_t i;

	for (i = 0; v != NULL && v[i] != NULL; i++)
		str_wipe(v[i]);
	free(v);
}
