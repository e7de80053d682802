/* sgr.c - which graphic renditions may pass. */
#include "term/sgr.h"

#include <stdint.h>
#include <stdio.h>

#define NUMBERS_MAX	16

/* The numbers between ESC [ and m.  0: not a plain list of numbers. */
static size_t
numbers(unsigned int v[NUMBERS_MAX], const uint8_t *p, size_t n)
{
	size_t i, count = 1;

	v[0] = 0;
	for (i = 2; i + 1 < n; i++) {
		if (p[i] == ';') {
			if (count == NUMBERS_MAX)
				return 0;
			v[count++] = 0;
		} else if (p[i] >= '0' && p[i] <= '9') {
			v[count - 1] = v[count - 1] * 10 + (p[i] - '0');
			if (v[count - 1] > 255)
				return 0;
		} else
			return 0;
	}
	return count;
}

static int
is_harmless(unsigned int v)
{
	return v <= 4 || v == 7 || v == 9 || (v >= 21 && v <= 29) ||
	    (v >= 30 && v <= 37) || v == 39 || (v >= 40 && v <= 47) ||
	    v == 49 || (v >= 90 && v <= 97) || (v >= 100 && v <= 107);
}

/* How many numbers 38 or 48 takes with it; 0: it is not complete. */
static size_t
extended(const unsigned int *v, size_t left)
{
	if (left >= 3 && v[1] == 5)
		return 3;
	if (left >= 5 && v[1] == 2)
		return 5;
	return 0;
}

size_t
sgr_rebuild(char out[SGR_TEXT], const void *seq, size_t n)
{
	const uint8_t *p = seq;
	unsigned int v[NUMBERS_MAX];
	size_t count, i, j, take, used = 2;

	if (n < 3 || p[n - 1] != 'm' || (count = numbers(v, p, n)) == 0)
		return 0;
	out[0] = '\033';
	out[1] = '[';
	for (i = 0; i < count; i += take) {
		take = 1;
		if (v[i] == 38 || v[i] == 48) {
			if ((take = extended(v + i, count - i)) == 0)
				break;
		} else if (!is_harmless(v[i]))
			continue;
		for (j = i; j < i + take; j++)
			used += (size_t)snprintf(out + used, SGR_TEXT - used,
			    used > 2 ? ";%u" : "%u", v[j]);
	}
	if (used == 2)
		return 0;
	out[used++] = 'm';
	return used;
}
