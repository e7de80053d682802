/* tally.c - refusals by code and hour, steps of the clock. */
#include "ledgerd/tally.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "ledgerd/inside.h"
#include "ledgerd/live.h"

#define HOUR		3600
#define NS		1000000000LL
#define LOOK_BACK	50000	/* entries: a tenth of a second at the start */
#define STEP_NS		(2 * NS)	/* less is a clock that is being set right */

static int
code_of(const char *word)
{
	unsigned int i;

	for (i = 0; i < SEKISHO_CODES; i++)
		if (strcmp(sekisho_code_word((enum sekisho_code)i), word) == 0)
			return (int)i;
	return -1;
}

/* What is older than a day is forgotten. */
static void
turn(struct tally *t, int64_t hour)
{
	if (hour <= t->hour)
		return;
	if (hour - t->hour >= TALLY_HOURS)
		memset(t->hours, 0, sizeof(t->hours));
	else
		while (t->hour < hour) {
			t->hour++;
			memset(t->hours[t->hour % TALLY_HOURS], 0,
			    sizeof(t->hours[0]));
		}
	t->hour = hour;
}

static void
count(struct tally *t, const char *word, int64_t hour)
{
	int code = code_of(word);

	if (code >= 0 && hour <= t->hour && hour > t->hour - TALLY_HOURS)
		t->hours[hour % TALLY_HOURS][code]++;
}

void
tally_refusal(struct ledgerd *ld, const char *word)
{
	struct tally *t = &ld->tally;
	int code = code_of(word);

	turn(t, clock_unix() / HOUR);
	count(t, word, t->hour);
	if (code >= 0)
		t->codes[code]++;
}

uint64_t
tally_day(struct ledgerd *ld, unsigned int code)
{
	uint64_t n = 0;
	int i;

	turn(&ld->tally, clock_unix() / HOUR);
	for (i = 0; i < TALLY_HOURS; i++)
		n += ld->tally.hours[i][code];
	return n;
}

/* An entry that has a code; newest first. */
static int
on_entry(void *arg, const struct store_row *row)
{
	struct tally *t = arg;
	const char *what, *code;
	json_t *e = NULL;
	const uint8_t *p;
	int64_t hour;
	size_t n;
	int r;

	p = store_blob(row, 1, &n);
	if ((r = json_read(p, n, &e)) != 0)
		return r;
	hour = json_integer_value(json_object_get(e, "at_ns")) / NS / HOUR;
	if (json_want_str(e, "what", "", &what) == 0 &&
	    json_want_str(e, "code", "", &code) == 0 &&
	    (strcmp(what, "refusal") == 0 || strcmp(what,
	    "word-refused") == 0))
		count(t, code, hour);
	json_decref(e);
	return hour <= t->hour - TALLY_HOURS;
}

int
tally_load(struct ledgerd *ld)
{
	static const char key[] = "\"code\":\"";
	struct tally *t = &ld->tally;
	uint64_t size;
	int r;

	memset(t, 0, sizeof(*t));
	t->start_ms = clock_mono_ms();
	t->hour = clock_unix() / HOUR;
	tally_clock(ld);
	if ((r = book_size(ld, &size)) != 0)
		return r;
	return store_query(ld->store, STORE_ENTRY_SINCE, STORE_ARGS(
	    store_i(size > LOOK_BACK ? (int64_t)(size - LOOK_BACK) : 0),
	    store_b(key, sizeof(key) - 1)), on_entry, t);
}

void
tally_clock(struct ledgerd *ld)
{
	struct tally *t = &ld->tally;
	int64_t ahead = clock_unix_ns() - clock_mono_ns();
	int64_t step = ahead - t->ahead_ns;

	if (t->ahead_ns == 0 || (step < STEP_NS && step > -STEP_NS)) {
		t->ahead_ns = ahead;
		return;
	}
	t->ahead_ns = ahead;
	t->step_ms = step / 1000000;
	t->step_at = clock_unix();
	t->steps++;
	live_free(ld);		/* what was over may not be, and is looked for anew */
	log_warn("the clock was set ms=%lld", (long long)t->step_ms);
}
