/* header.h - the header of a recording between structs and bytes. */
#ifndef RECORD_HEADER_H
#define RECORD_HEADER_H

#include <stddef.h>
#include <stdint.h>

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

struct header {
	uint8_t		 uuid[SKR_UUID];
	uint16_t	 flags;
	const uint8_t	*meta;		/* after parsing: inside the bytes parsed */
	size_t		 meta_len;
	struct header_clock clock;
};

/* All bytes of an unsigned header; the caller frees *out with free().  ERR_LIMIT: META too long. */
int header_make(const struct header *h, uint8_t **out, size_t *n);

/* Length of the whole header from its first SKR_HEADER_FIXED bytes.  ERR_FORMAT, ERR_DENIED (version, encrypted): logged. */
int header_length(const uint8_t *p, size_t n, size_t *len);
/* The whole header.  ERR_FORMAT: logged. */
int header_parse(const uint8_t *p, size_t n, struct header *h);

#endif
