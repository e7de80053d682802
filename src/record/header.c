/* header.c - makes and parses the header: fixed part, TLVs, signature field. */
#include "record/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "record/le.h"

static uint8_t *
put_tlv(uint8_t *at, enum skr_tlv type, size_t len)
{
	le_put16(at, (uint16_t)type);
	le_put16(at + 2, 0);
	le_put32(at + 4, (uint32_t)len);
	return at + SKR_TLV_HEAD;
}

int
header_make(const struct header *h, uint8_t **out, size_t *n)
{
	const struct header_clock *c = &h->clock;
	size_t source = strlen(c->source), len;
	uint8_t *p, *at;

	len = SKR_HEADER_FIXED + 2 * SKR_TLV_HEAD + SKR_CLOCK_FIXED + source +
	    SKR_SIGNATURE;
	if (h->meta_len > SKR_HEADER_MAX - len)
		return ERR_LIMIT;
	len += h->meta_len;
	if ((p = calloc(1, len)) == NULL)
		return ERR_NOMEM;
	memcpy(p, SKR_MAGIC, SKR_MAGIC_LEN);
	le_put16(p + 8, SKR_VERSION);
	le_put16(p + 10, SKR_UNSIGNED);
	le_put32(p + 12, (uint32_t)len);
	memcpy(p + 16, h->uuid, SKR_UUID);
	at = put_tlv(p + SKR_HEADER_FIXED, SKR_META, h->meta_len);
	if (h->meta_len > 0)
		memcpy(at, h->meta, h->meta_len);
	at = put_tlv(at + h->meta_len, SKR_CLOCK, SKR_CLOCK_FIXED + source);
	le_put64(at, (uint64_t)c->unix_ns);
	le_put64(at + 8, c->boot_ns);
	memcpy(at + 16, c->boot_id, sizeof(c->boot_id));
	at[32] = c->is_synced;
	le_put32(at + 36, c->error_us);
	memcpy(at + SKR_CLOCK_FIXED, c->source, source);
	*out = p;
	*n = len;
	return 0;
}

int
header_length(const uint8_t *p, size_t n, size_t *len)
{
	if (n < SKR_HEADER_FIXED || memcmp(p, SKR_MAGIC, SKR_MAGIC_LEN) != 0) {
		log_error("not a recording");
		return ERR_FORMAT;
	}
	if (le_get16(p + 8) != SKR_VERSION) {
		log_error("recording of an unknown version %u",
		    le_get16(p + 8));
		return ERR_DENIED;
	}
	if ((le_get16(p + 10) & ~SKR_UNSIGNED) != 0) {
		log_error("recording with flags this reader does not know: %x",
		    le_get16(p + 10));
		return ERR_DENIED;
	}
	*len = le_get32(p + 12);
	if (*len < SKR_HEADER_FIXED + SKR_SIGNATURE || *len > SKR_HEADER_MAX) {
		log_error("recording with a damaged header: length %zu", *len);
		return ERR_FORMAT;
	}
	return 0;
}

static int
damaged(const char *what)
{
	log_error("recording with a damaged header: %s", what);
	return ERR_FORMAT;
}

static int
parse_clock(const uint8_t *v, size_t n, struct header_clock *c)
{
	if (n < SKR_CLOCK_FIXED)
		return damaged("CLOCK is short");
	c->unix_ns = (int64_t)le_get64(v);
	c->boot_ns = le_get64(v + 8);
	memcpy(c->boot_id, v + 16, sizeof(c->boot_id));
	c->is_synced = v[32];
	c->error_us = le_get32(v + 36);
	return 0;
}

int
header_parse(const uint8_t *p, size_t n, struct header *h)
{
	size_t at = SKR_HEADER_FIXED, end, len;
	int has_clock = 0, r;
	uint16_t type;

	memset(h, 0, sizeof(*h));
	if (n < SKR_HEADER_FIXED + SKR_SIGNATURE)
		return damaged("short");
	end = n - SKR_SIGNATURE;
	h->flags = le_get16(p + 10);
	memcpy(h->uuid, p + 16, SKR_UUID);
	while (at < end) {
		if (end - at < SKR_TLV_HEAD)
			return damaged("a TLV is cut");
		type = le_get16(p + at);
		len = le_get32(p + at + 4);
		at += SKR_TLV_HEAD;
		if (len > end - at)
			return damaged("a TLV is longer than the header");
		if (type == SKR_META && h->meta != NULL)
			return damaged("two META");
		if (type == SKR_META) {
			h->meta = p + at;
			h->meta_len = len;
		}
		if (type == SKR_CLOCK) {
			if ((r = parse_clock(p + at, len, &h->clock)) != 0)
				return r;
			has_clock++;
		}
		at += len;
	}
	if (h->meta == NULL || has_clock != 1)
		return damaged("META or CLOCK is missing or doubled");
	if (memchr(h->meta, 0, h->meta_len) != NULL)
		return damaged("META holds a NUL");
	return 0;
}
