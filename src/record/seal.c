/* seal.c - seals between struct and bytes. */
#include "record/seal.h"

#include <string.h>

#include "base/err.h"
#include "record/le.h"

void
seal_put(uint8_t out[SEAL_LEN], const struct seal *s)
{
	memset(out, 0, SEAL_LEN);
	if (s->epoch == 0)
		return;
	le_put32(out, s->epoch);
	le_put64(out + 8, (uint64_t)s->time_ns);
	memcpy(out + 16, s->signature, sizeof(s->signature));
}

int
seal_get(const uint8_t in[SEAL_LEN], struct seal *s)
{
	static const uint8_t zero[SEAL_LEN];

	s->epoch = le_get32(in);
	s->time_ns = (int64_t)le_get64(in + 8);
	memcpy(s->signature, in + 16, sizeof(s->signature));
	if (s->epoch == 0)
		return memcmp(in, zero, SEAL_LEN) == 0 ? 0 : ERR_FORMAT;
	return memcmp(in + 4, zero, 4) == 0 ? 0 : ERR_FORMAT;
}

size_t
seal_text(uint8_t out[SEAL_TEXT_MAX], unsigned int kind,
    const uint8_t uuid[16], uint32_t epoch, int64_t time_ns,
    const uint8_t digest[32])
{
	static const char *const tags[] = {
		NULL, "skr1-head", "skr1-ckpt", "skr1-end", "skr1-reco"
	};
	size_t n;

	if (kind == 0 || kind >= sizeof(tags) / sizeof(tags[0]))
		return 0;
	n = strlen(tags[kind]) + 1;
	memcpy(out, tags[kind], n);
	memcpy(out + n, uuid, 16);
	le_put32(out + n + 16, epoch);
	le_put64(out + n + 20, (uint64_t)time_ns);
	memcpy(out + n + 28, digest, 32);
	return n + 60;
}
