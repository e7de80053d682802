/* clock.c - clocks and their text. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/num.h"

#define YEAR_SPAN	(366LL * 86400)	/* "+span" reaches at most a year ahead */

static int64_t test_clock;

static int64_t
read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int64_t
clock_unix_ns(void)
{
	return test_clock != 0 ? test_clock * 1000000000 :
	    read_ns(CLOCK_REALTIME);
}

int64_t
clock_unix(void)
{
	return clock_unix_ns() / 1000000000;
}

int64_t
clock_mono_ns(void)
{
	return read_ns(CLOCK_BOOTTIME);
}

int64_t
clock_mono_ms(void)
{
	return clock_mono_ns() / 1000000;
}

void
clock_set_test(int64_t unix_seconds)
{
	test_clock = unix_seconds;
}

char *
clock_iso(char *out, int64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;
	size_t n;

	if (localtime_r(&t, &tm) == NULL ||
	    (n = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S%z", &tm)) < 5) {
		snprintf(out, CLOCK_TEXT, "(no time)");
		return out;
	}
	/* +0900 -> +09:00 */
	memmove(out + n - 1, out + n - 2, 3);
	out[n - 2] = ':';
	return out;
}

char *
clock_human(char *out, int64_t unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(out, CLOCK_TEXT, "%a %Y-%m-%d %H:%M %Z", &tm) == 0)
		snprintf(out, CLOCK_TEXT, "(no time)");
	return out;
}

/* "+09:00", "-0500", "Z" at s: seconds east of UTC.  "" means local time (*local = 1). */
static int
parse_zone(const char *s, int *local, long *east)
{
	int h, m, n = 0;

	*local = *s == '\0';
	*east = 0;
	if (*local || strcmp(s, "Z") == 0)
		return 0;
	if ((*s != '+' && *s != '-') ||
	    (sscanf(s + 1, "%2d:%2d%n", &h, &m, &n) != 2 &&
	    sscanf(s + 1, "%2d%2d%n", &h, &m, &n) != 2) ||
	    s[1 + n] != '\0' || h > 14 || m > 59)
		return ERR_FORMAT;
	*east = (*s == '-' ? -1L : 1L) * (h * 3600L + m * 60L);
	return 0;
}

/* A broken-down time that must come back unchanged (no 31 February, no 25:00). */
static int
from_tm(struct tm *tm, int local, long east, int64_t *t)
{
	struct tm want = *tm;
	time_t x;

	tm->tm_isdst = -1;
	x = local ? mktime(tm) : timegm(tm);
	if (x == (time_t)-1 || tm->tm_mday != want.tm_mday ||
	    tm->tm_mon != want.tm_mon || tm->tm_min != want.tm_min ||
	    tm->tm_hour != want.tm_hour)
		return ERR_FORMAT;
	*t = (int64_t)x - east;
	return 0;
}

int
clock_parse(const char *s, int64_t now, int64_t *t)
{
	struct tm tm = { 0 };
	time_t base = (time_t)now;
	int n = 0, m = 0, local, r;
	int64_t span, x;
	long east;
	char sep;

	if (*s == '+') {
		if (num_parse_span(s + 1, 0, YEAR_SPAN, &span) != 0)
			return ERR_FORMAT;
		*t = now + span;
		return 0;
	}
	if (sscanf(s, "%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &n) == 2 &&
	    s[n] == '\0') {
		struct tm today;

		localtime_r(&base, &today);
		today.tm_hour = tm.tm_hour;
		today.tm_min = tm.tm_min;
		today.tm_sec = 0;
		if (tm.tm_hour > 23 || tm.tm_min > 59 ||
		    from_tm(&today, 1, 0, &x) != 0)
			return ERR_FORMAT;
		if (x < now) {
			today.tm_mday++;
			today.tm_isdst = -1;
			x = (int64_t)mktime(&today);
		}
		*t = x;
		return 0;
	}
	if (sscanf(s, "%4d-%2d-%2d%c%2d:%2d%n", &tm.tm_year, &tm.tm_mon,
	    &tm.tm_mday, &sep, &tm.tm_hour, &tm.tm_min, &n) != 6 ||
	    (sep != 'T' && sep != ' '))
		return ERR_FORMAT;
	s += n;
	if (*s == ':') {
		if (sscanf(s, ":%2d%n", &tm.tm_sec, &m) != 1 || tm.tm_sec > 59)
			return ERR_FORMAT;
		s += m;
	}
	tm.tm_year -= 1900;
	tm.tm_mon--;
	if ((r = parse_zone(s, &local, &east)) != 0)
		return r;
	return from_tm(&tm, local, east, t);
}
