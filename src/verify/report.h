/*
 * report.h - what a check of a store has found: faults, and what is told although it is none.
 *
 * Every fault has a code (a word that scripts may know), a place and a
 * sentence.  They are kept in the order of FORMAT.md, section 7; the first one
 * is the verdict's reason.
 */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include <stddef.h>
#include <stdint.h>

/* In the order of the checks: the first fault of the lowest code is the verdict. */
enum fault_code {
	FAULT_DATABASE, FAULT_ENTRY, FAULT_TREE, FAULT_EPOCH, FAULT_KEY,
	FAULT_HEAD, FAULT_NO_HEAD, FAULT_OUTSIDE, FAULT_ROLLED_BACK,
	FAULT_REWRITTEN, FAULT_ROW, FAULT_TRANSITION, FAULT_MISSING,
	FAULT_RECORDING, FAULT_SEAL, FAULT_STRANGER,
	FAULT_CODES
};

/* Told, no fault. */
enum told_code {
	TOLD_OWN_KEY, TOLD_BEHIND, TOLD_TORN_HEAD, TOLD_RUNNING,
	TOLD_UNRECOVERED, TOLD_RECOVERED, TOLD_LOST, TOLD_UNSEALED,
	TOLD_LATE_EPOCH, TOLD_EPOCH_HEAD, TOLD_PREPARED,
	TOLD_CODES
};

/* Of one code this many are kept with their sentences; the rest is counted. */
#define REPORT_EACH	100
#define REPORT_PLACE	80
#define REPORT_TEXT	400

struct finding {
	int	 code;			/* enum fault_code or told_code */
	char	 place[REPORT_PLACE];	/* "entry 12", "request R3 column state" */
	char	 text[REPORT_TEXT];	/* a sentence without its full stop; escaped */
};

struct report;

struct report *report_new(void);
/* NULL is allowed. */
void report_free(struct report *r);

/* Foreign text among the arguments is escaped here, with the rest of the sentence. */
void report_fault(struct report *r, enum fault_code code, const char *place,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void report_tell(struct report *r, enum told_code code, const char *place,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

uint64_t report_faults(const struct report *r);
/* All of one code, those that are not kept too. */
uint64_t report_count(const struct report *r, enum fault_code code);
uint64_t report_told(const struct report *r, enum told_code code);
/* Number "i" of those kept, in the order of the checks; NULL: there are no more. */
const struct finding *report_fault_at(const struct report *r, size_t i);
const struct finding *report_told_at(const struct report *r, size_t i);

/* "tree", "rolled-back" */
const char *fault_word(int code);
/* One sentence: what a fault of this kind means. */
const char *fault_meaning(int code);
const char *told_word(int code);

#endif
