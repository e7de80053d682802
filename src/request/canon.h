/*
 * canon.h - the canonical form of a request and its digest: what an approval binds to.
 *
 * The bytes are described in src/request/README.md, so that anybody can make
 * them again.  A stored request is read back from these bytes, never from
 * copies beside them.
 */
#ifndef REQUEST_CANON_H
#define REQUEST_CANON_H

#include "json/json.h"
#include "request/request.h"

#define REQ_CODE	5		/* "k7qd" with its NUL */

/* Canonical bytes of the bound fields (caller: str_wipe) and their SHA-256 into r->digest.  ERR_LIMIT: longer than REQ_CANON_MAX. */
int canon_make(struct request *r, char **out, size_t *n);
/*
 * The other way: fills the bound fields of an empty request.  ERR_CRYPTO: the
 * bytes do not have this digest; ERR_FORMAT: not a canonical form.
 */
int canon_read(const void *p, size_t n, const uint8_t digest[DIGEST_LEN],
    struct request *r);
/* As the canonical form has them: hex digits; a number of seconds, or null for REQ_NONE.  NULL: no memory. */
json_t *canon_hex(const uint8_t digest[DIGEST_LEN]);
json_t *canon_moment(int64_t t);
/* The code people type: base32 of the digest's first 20 bits. */
char *canon_code(char out[REQ_CODE], const struct request *r);

#endif
