/* snapshot_fuzz.c - the snapshot reader on any bytes; what it takes it writes back unchanged.  links: wire */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct snapshot *s;
	struct buf *b;

	if (snapshot_parse(p, n, 1, &s) != 0)
		return 0;
	(void)snapshot_person(s, "alice");
	if (s->nkeys > 0 && !snapshot_has_key(s, s->keys[0].person,
	    &s->keys[0].blob) && s->keys[0].blob.n > 0)
		abort();
	if ((b = buf_new(SNAPSHOT_MAX)) == NULL || snapshot_put(b, s) != 0)
		abort();
	buf_free(b);
	snapshot_free(s);
	return 0;
}
