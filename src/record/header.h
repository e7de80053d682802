/* header.h - the header of a recording between structs and bytes. */
#ifndef RECORD_HEADER_H
#define RECORD_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include "record/seal.h"
#include "record/skr.h"

/* What the clocks said when the header was written. */
struct header_clock {
	int64_t		 unix_ns;
	uint64_t	 boot_ns;	/* CLOCK_BOOTTIME */
	uint8_t		 boot_id[16];
	uint8_t		 is_synced;	/* adjtimex(2) without STA_UNSYNC */
	uint32_t	 error_us;	/* its estimated error */
	const char	*source;	/* "adjtimex"; after parsing: NULL */
};

/* The epoch that seals the header, as keyd said it. */
struct header_epoch {
	uint32_t	 nr;		/* from 1 */
	int64_t		 start_ns;	/* since 1970 */
	uint8_t		 key[SKR_DIGEST];	/* Ed25519, public */
};

struct header {
	uint8_t		 uuid[SKR_UUID];
	const uint8_t	*meta;		/* after parsing: inside the bytes parsed */
	size_t		 meta_len;
	struct header_clock clock;
	struct header_epoch epoch;
	struct seal	 seal;		/* only after parsing */
	uint8_t		 sealed_digest[SKR_DIGEST];	/* the same: what it is about */
};

/* All bytes of a header whose seal is still zero; the caller frees *out with free().  ERR_LIMIT: META too long. */
int header_make(const struct header *h, uint8_t **out, size_t *n);
/* What is to be sealed: SHA-256 of everything before the seal. */
int header_digest(const uint8_t *p, size_t n, uint8_t digest[SKR_DIGEST]);
/* Put the seal in its place. */
void header_seal(uint8_t *p, size_t n, const struct seal *s);
/* May this seal stand in a header of that epoch?  ERR_FORMAT: another epoch, or before its start. */
int header_seal_fits(const struct header_epoch *e, const struct seal *s);

/* Length of the whole header from its first SKR_HEADER_FIXED bytes.  ERR_FORMAT, ERR_DENIED (version, encrypted): logged. */
int header_length(const uint8_t *p, size_t n, size_t *len);
/* The whole header; not its signature.  ERR_FORMAT: logged; ERR_CRYPTO. */
int header_parse(const uint8_t *p, size_t n, struct header *h);

#endif
