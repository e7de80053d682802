/* records.h - one recording read from front to back, with every seal checked. */
#ifndef VERIFY_RECORDS_H
#define VERIFY_RECORDS_H

#include "record/reader.h"
#include "verify/verify.h"

struct record {
	struct verify		*v;
	struct reader		*reader;
	const struct reader_head *head;
	struct reader_result	 result;
	int			 is_head_sealed;	/* by an epoch of this ledger */
	int			 has_late;	/* seals by the epoch after the last one */
	char			 why[160];	/* the seal that is not good; "" */
};

/*
 * Read "fd" to its end.  0: see "result"; ERR_FORMAT: not even its header can
 * be read.  The caller calls record_end() whatever comes back.
 */
int record_read(struct record *x, struct verify *v, int fd);
void record_end(struct record *x);
/* Nothing in it says that a command ran; input may be there, which is hashed before the use is taken. */
int record_is_silent(const struct reader_result *r);
/* Does META name this session?  uuid: 16 bytes. */
int record_is_of(const struct record *x, int64_t nr, const uint8_t *uuid);

#endif
