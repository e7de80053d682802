/* num.c - bounded numbers from text. */
#include "base/num.h"

#include <string.h>

#include "base/err.h"

/* Digits from "s" up to the first other byte, which *end then points at. */
static int
digits(const char *s, const char **end, int64_t *v)
{
	int64_t x = 0;

	if (*s < '0' || *s > '9')
		return ERR_FORMAT;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(x, 10, &x) ||
		    __builtin_add_overflow(x, *s - '0', &x))
			return ERR_LIMIT;
	*end = s;
	*v = x;
	return 0;
}

static int
in_bounds(int64_t x, int64_t min, int64_t max, int64_t *v)
{
	if (x < min || x > max)
		return ERR_LIMIT;
	*v = x;
	return 0;
}

int
num_parse(const char *s, int64_t min, int64_t max, int64_t *v)
{
	const char *end;
	int minus = *s == '-';
	int64_t x;
	int r;

	if ((r = digits(s + minus, &end, &x)) != 0)
		return r;
	if (*end != '\0')
		return ERR_FORMAT;
	return in_bounds(minus ? -x : x, min, max, v);
}

/* Number and one unit letter of "units", whose factors stand in "factors". */
static int
with_unit(const char *s, const char *units, const int64_t *factors, int64_t *v)
{
	const char *end, *u;
	int64_t x;
	int r;

	if ((r = digits(s, &end, &x)) != 0)
		return r;
	if (*end == '\0' || end[1] != '\0' || (u = strchr(units, *end)) == NULL)
		return ERR_FORMAT;
	if (__builtin_mul_overflow(x, factors[u - units], v))
		return ERR_LIMIT;
	return 0;
}

int
num_parse_size(const char *s, int64_t min, int64_t max, int64_t *bytes)
{
	static const int64_t factors[] = { 1 << 10, 1 << 20, 1 << 30 };
	int64_t x;
	int r;

	if ((r = with_unit(s, "KMG", factors, &x)) == ERR_FORMAT)
		return num_parse(s, min, max, bytes);
	return r != 0 ? r : in_bounds(x, min, max, bytes);
}

int
num_parse_span(const char *s, int64_t min, int64_t max, int64_t *seconds)
{
	static const int64_t factors[] = { 1, 60, 3600, 86400 };
	int64_t x;
	int r;

	if ((r = with_unit(s, "smhd", factors, &x)) != 0)
		return r;
	return in_bounds(x, min, max, seconds);
}
