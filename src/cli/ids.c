/* ids.c - strict parsing of ids. */
#include "cli/ids.h"

#include <stddef.h>
#include <string.h>

#include "base/err.h"

#define DIGITS_MAX	15	/* stays an exact number everywhere, JSON readers too */

/* A number from 1 without leading zeros; returns where it ends, NULL: none. */
static const char *
number(const char *s, int64_t *v)
{
	size_t i;

	*v = 0;
	if (*s == '0')
		return NULL;
	for (i = 0; s[i] >= '0' && s[i] <= '9'; i++) {
		if (i == DIGITS_MAX)
			return NULL;
		*v = *v * 10 + (s[i] - '0');
	}
	return i == 0 ? NULL : s + i;
}

int
id_request(const char *s, struct request_id *id)
{
	struct request_id got = { 0 };

	if (*s != 'R' || (s = number(s + 1, &got.nr)) == NULL)
		return ERR_FORMAT;
	if (*s == '/' && (s = number(s + 1, &got.revision)) == NULL)
		return ERR_FORMAT;
	if (*s == '-' && got.revision != 0) {
		s++;
		if (strspn(s, "abcdefghijklmnopqrstuvwxyz234567") !=
		    CODE_LETTERS || s[CODE_LETTERS] != '\0')
			return ERR_FORMAT;
		memcpy(got.code, s, CODE_LETTERS + 1);
		s += CODE_LETTERS;
	}
	if (*s != '\0')
		return ERR_FORMAT;
	*id = got;
	return 0;
}

static int
letter_and_number(const char *s, char letter, int64_t *nr)
{
	int64_t got;

	if (*s != letter || (s = number(s + 1, &got)) == NULL || *s != '\0')
		return ERR_FORMAT;
	*nr = got;
	return 0;
}

int
id_session(const char *s, int64_t *nr)
{
	return letter_and_number(s, 'S', nr);
}

int
id_job(const char *s, int64_t *nr)
{
	return letter_and_number(s, 'J', nr);
}
