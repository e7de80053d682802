/* clock.h - the time of day and the time that only goes forward; ISO 8601 text. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

int64_t clock_unix(void);		/* seconds since 1970, UTC */
int64_t clock_unix_ns(void);		/* nanoseconds since 1970, UTC */
int64_t clock_mono_ms(void);		/* milliseconds since boot, sleep counted */
int64_t clock_mono_ns(void);
/* Tests only: clock_unix() and clock_unix_ns() say this many seconds; 0 ends it. */
void clock_set_test(int64_t unix_seconds);

#define CLOCK_TEXT	40
/* "2026-11-24T01:00:00+09:00" in the zone of TZ.  Returns out (CLOCK_TEXT bytes). */
char *clock_iso(char *out, int64_t unix_seconds);
/* "Tue 2026-11-24 01:00 JST" for people. */
char *clock_human(char *out, int64_t unix_seconds);
/*
 * "2026-11-24T01:00[:00][Z|+09:00]", "2026-11-24 01:00", "01:00" (today, or
 * tomorrow when past), "+2h" (from now).  ERR_FORMAT leaves *t alone.
 */
int clock_parse(const char *s, int64_t now, int64_t *t);

#endif
