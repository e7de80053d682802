/* random.h - random bytes from the kernel, ids made from them. */
#ifndef CRYPT_RANDOM_H
#define CRYPT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* "n" bytes by getrandom(2).  ERR_SYS: logged, nothing may be done with "p". */
int random_bytes(void *p, size_t n);
/* UUIDv7 (RFC 9562): 48 bits of unix milliseconds, the rest random. */
int random_uuid7(uint8_t out[16], int64_t unix_ns);
#define UUID_TEXT	37
/* 0192f0c4-... ; returns out. */
char *uuid_text(char out[UUID_TEXT], const uint8_t uuid[16]);

#endif
