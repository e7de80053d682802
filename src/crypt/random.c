/* random.c - random bytes and UUIDs. */
#include "crypt/random.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/log.h"

int
random_bytes(void *p, size_t n)
{
	uint8_t *at = p;
	ssize_t r;

	while (n > 0) {
		r = getrandom(at, n, 0);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			log_errno("getrandom failed");
			return ERR_SYS;
		}
		at += r;
		n -= (size_t)r;
	}
	return 0;
}

int
random_uuid7(uint8_t out[16], int64_t unix_ns)
{
	uint64_t ms = (uint64_t)(unix_ns / 1000000);
	int i, r;

	if ((r = random_bytes(out, 16)) != 0)
		return r;
	for (i = 0; i < 6; i++)
		out[i] = (uint8_t)(ms >> (40 - 8 * i));
	out[6] = (uint8_t)((out[6] & 0x0f) | 0x70);	/* version 7 */
	out[8] = (uint8_t)((out[8] & 0x3f) | 0x80);	/* RFC variant */
	return 0;
}

char *
uuid_text(char out[UUID_TEXT], const uint8_t u[16])
{
	snprintf(out, UUID_TEXT, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x", u[0], u[1], u[2], u[3], u[4], u[5],
	    u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
	return out;
}
