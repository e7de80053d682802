/* report.c - faults and what else is told, kept by code. */
#include "verify/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

static const struct {
	const char	*word, *meaning;
} faults[FAULT_CODES] = {
	[FAULT_DATABASE] = { "database",
	    "the database cannot be read, or is not one of this program's" },
	[FAULT_ENTRY] = { "entry",
	    "an entry of the ledger is missing, damaged or lacks what it must say" },
	[FAULT_TREE] = { "tree",
	    "an entry was changed, or the hashes beside it were" },
	[FAULT_EPOCH] = { "epoch",
	    "the succession of the gate's keys is broken" },
	[FAULT_KEY] = { "key",
	    "the keys are not those that this store should be checked with" },
	[FAULT_HEAD] = { "head",
	    "a signed head is damaged, or is not one of this ledger" },
	[FAULT_NO_HEAD] = { "no-head",
	    "the signed heads of this ledger were taken away" },
	[FAULT_OUTSIDE] = { "outside",
	    "the head from outside was not signed by this gate" },
	[FAULT_ROLLED_BACK] = { "rolled-back",
	    "the ledger is an older one than the head from outside has seen" },
	[FAULT_REWRITTEN] = { "rewritten",
	    "the ledger is another one than the head from outside has seen" },
	[FAULT_ROW] = { "row",
	    "a table says something else than the ledger" },
	[FAULT_TRANSITION] = { "transition",
	    "the ledger tells of something that was not allowed then" },
	[FAULT_MISSING] = { "missing",
	    "the record of a session was taken away" },
	[FAULT_RECORDING] = { "recording",
	    "the record of a session was changed, cut or exchanged" },
	[FAULT_SEAL] = { "seal",
	    "a record was not sealed by this gate's keys" },
	[FAULT_STRANGER] = { "stranger",
	    "a file among the records belongs to no session" },
};

static const char *const told_words[TOLD_CODES] = {
	[TOLD_OWN_KEY] = "own-key", [TOLD_BEHIND] = "behind",
	[TOLD_TORN_HEAD] = "torn-head", [TOLD_RUNNING] = "running",
	[TOLD_UNRECOVERED] = "not-recovered", [TOLD_RECOVERED] = "recovered",
	[TOLD_LOST] = "lost", [TOLD_UNSEALED] = "unsealed",
	[TOLD_LATE_EPOCH] = "late-epoch", [TOLD_EPOCH_HEAD] = "epoch-head",
	[TOLD_PREPARED] = "prepared",
};

#define CODES	((int)FAULT_CODES > (int)TOLD_CODES ? FAULT_CODES : TOLD_CODES)

/* Findings of all codes, each code with its own room. */
struct pile {
	uint64_t	 count[CODES];
	size_t		 nkept[CODES];
	struct finding	*kept[CODES];
};

struct report {
	struct pile	 faults, told;
	uint64_t	 nfaults;
};

struct report *
report_new(void)
{
	return calloc(1, sizeof(struct report));
}

void
report_free(struct report *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < FAULT_CODES; i++)
		free(r->faults.kept[i]);
	for (i = 0; i < TOLD_CODES; i++)
		free(r->told.kept[i]);
	free(r);
}

/* What is not kept, for want of memory too, is counted all the same. */
static void
add(struct pile *p, int code, const char *place, const char *fmt, va_list ap)
{
	size_t n = p->nkept[code];
	char text[REPORT_TEXT];
	struct finding *f;

	p->count[code]++;
	if (n >= REPORT_EACH ||
	    (f = reallocarray(p->kept[code], n + 1, sizeof(*f))) == NULL)
		return;
	p->kept[code] = f;
	p->nkept[code]++;
	f += n;
	f->code = code;
	(void)escape_to(f->place, sizeof(f->place), place, strlen(place));
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	(void)escape_to(f->text, sizeof(f->text), text, strlen(text));
}

void
report_fault(struct report *r, enum fault_code code, const char *place,
    const char *fmt, ...)
{
	va_list ap;

	r->nfaults++;
	va_start(ap, fmt);
	add(&r->faults, (int)code, place, fmt, ap);
	va_end(ap);
}

void
report_tell(struct report *r, enum told_code code, const char *place,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(&r->told, (int)code, place, fmt, ap);
	va_end(ap);
}

uint64_t
report_faults(const struct report *r)
{
	return r->nfaults;
}

uint64_t
report_count(const struct report *r, enum fault_code code)
{
	return r->faults.count[code];
}

uint64_t
report_told(const struct report *r, enum told_code code)
{
	return r->told.count[code];
}

static const struct finding *
at(const struct pile *p, size_t codes, size_t i)
{
	size_t code;

	for (code = 0; code < codes; code++) {
		if (i < p->nkept[code])
			return &p->kept[code][i];
		i -= p->nkept[code];
	}
	return NULL;
}

const struct finding *
report_fault_at(const struct report *r, size_t i)
{
	return at(&r->faults, FAULT_CODES, i);
}

const struct finding *
report_told_at(const struct report *r, size_t i)
{
	return at(&r->told, TOLD_CODES, i);
}

const char *
fault_word(int code)
{
	return faults[code].word;
}

const char *
fault_meaning(int code)
{
	return faults[code].meaning;
}

const char *
told_word(int code)
{
	return told_words[code];
}
