/* header.c - makes and parses the header: fixed part, TLVs, seal. */
#include "record/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "crypt/sha256.h"
#include "record/le.h"

static uint8_t *
put_tlv(uint8_t *at, enum skr_tlv type, size_t len)
{
	le_put16(at, (uint16_t)type);
	le_put16(at + 2, 0);
	le_put32(at + 4, (uint32_t)len);
	return at + SKR_TLV_HEAD;
}

static void
put_clock(uint8_t *at, const struct header_clock *c, size_t source)
{
	le_put64(at, (uint64_t)c->unix_ns);
	le_put64(at + 8, c->boot_ns);
	memcpy(at + 16, c->boot_id, sizeof(c->boot_id));
	at[32] = c->is_synced;
	le_put32(at + 36, c->error_us);
	memcpy(at + SKR_CLOCK_FIXED, c->source, source);
}

static void
put_epoch(uint8_t *at, const struct header_epoch *e)
{
	le_put32(at, e->nr);
	le_put64(at + 8, (uint64_t)e->start_ns);
	memcpy(at + 16, e->key, sizeof(e->key));
}

int
header_make(const struct header *h, uint8_t **out, size_t *n)
{
	size_t source = strlen(h->clock.source), len;
	uint8_t *p, *at;
	int r;

	len = SKR_HEADER_FIXED + 3 * SKR_TLV_HEAD + SKR_CLOCK_FIXED + source +
	    SKR_EPOCH_LEN + SEAL_LEN;
	if (h->meta_len > SKR_HEADER_MAX - len)
		return ERR_LIMIT;
	len += h->meta_len;
	if ((p = calloc(1, len)) == NULL)
		return ERR_NOMEM;
	memcpy(p, SKR_MAGIC, SKR_MAGIC_LEN);
	le_put16(p + 8, SKR_VERSION);
	le_put32(p + 12, (uint32_t)len);
	memcpy(p + 16, h->uuid, SKR_UUID);
	if ((r = sha256_mem(h->epoch.key, sizeof(h->epoch.key),
	    p + 32)) != 0) {
		free(p);
		return r;
	}
	at = put_tlv(p + SKR_HEADER_FIXED, SKR_META, h->meta_len);
	if (h->meta_len > 0)
		memcpy(at, h->meta, h->meta_len);
	at = put_tlv(at + h->meta_len, SKR_CLOCK, SKR_CLOCK_FIXED + source);
	put_clock(at, &h->clock, source);
	at = put_tlv(at + SKR_CLOCK_FIXED + source, SKR_EPOCH, SKR_EPOCH_LEN);
	put_epoch(at, &h->epoch);
	*out = p;
	*n = len;
	return 0;
}

int
header_digest(const uint8_t *p, size_t n, uint8_t digest[SKR_DIGEST])
{
	return sha256_mem(p, n - SEAL_LEN, digest);
}

void
header_seal(uint8_t *p, size_t n, const struct seal *s)
{
	seal_put(p + n - SEAL_LEN, s);
}

int
header_seal_fits(const struct header_epoch *e, const struct seal *s)
{
	return s->epoch != 0 && s->epoch == e->nr &&
	    s->time_ns >= e->start_ns ? 0 : ERR_FORMAT;
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
	if (le_get16(p + 10) != 0) {
		log_error("recording with flags this reader does not know: %x",
		    le_get16(p + 10));
		return ERR_DENIED;
	}
	*len = le_get32(p + 12);
	if (*len < SKR_HEADER_MIN || *len > SKR_HEADER_MAX) {
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

static int
parse_epoch(const uint8_t *v, size_t n, struct header_epoch *e)
{
	if (n != SKR_EPOCH_LEN)
		return damaged("length of EPOCH");
	e->nr = le_get32(v);
	e->start_ns = (int64_t)le_get64(v + 8);
	memcpy(e->key, v + 16, sizeof(e->key));
	return 0;
}

/* One TLV; "has" counts those that must be there once. */
static int
parse_tlv(const uint8_t *at, size_t len, struct header *h,
    unsigned int has[SKR_KEYS + 1])
{
	uint16_t type = le_get16(at);
	const uint8_t *v = at + SKR_TLV_HEAD;

	if (type > SKR_KEYS)
		return 0;
	if (has[type]++ != 0 && type != SKR_KEYS)
		return damaged("a TLV is there twice");
	if (type == SKR_CLOCK)
		return parse_clock(v, len, &h->clock);
	if (type == SKR_EPOCH)
		return parse_epoch(v, len, &h->epoch);
	if (type == SKR_META) {
		h->meta = v;
		h->meta_len = len;
	}
	return 0;
}

/* The seal and what it says of the epoch; its signature is for others to check. */
static int
parse_seal(const uint8_t *p, size_t n, struct header *h)
{
	uint8_t id[SKR_DIGEST];
	int r;

	if (seal_get(p + n - SEAL_LEN, &h->seal) != 0 ||
	    header_seal_fits(&h->epoch, &h->seal) != 0)
		return damaged("its seal is not one of its epoch");
	if ((r = sha256_mem(h->epoch.key, sizeof(h->epoch.key), id)) != 0 ||
	    (r = header_digest(p, n, h->sealed_digest)) != 0)
		return r;
	if (!sha256_equal(id, p + 32))
		return damaged("the epoch's key is another one");
	return 0;
}

int
header_parse(const uint8_t *p, size_t n, struct header *h)
{
	unsigned int has[SKR_KEYS + 1] = { 0 };
	size_t at = SKR_HEADER_FIXED, end, len;
	int r;

	memset(h, 0, sizeof(*h));
	if (n < SKR_HEADER_MIN || n < SKR_HEADER_FIXED + SEAL_LEN)
		return damaged("short");
	end = n - SEAL_LEN;
	memcpy(h->uuid, p + 16, SKR_UUID);
	while (at < end) {
		if (end - at < SKR_TLV_HEAD)
			return damaged("a TLV is cut");
		len = le_get32(p + at + 4);
		if (len > end - at - SKR_TLV_HEAD)
			return damaged("a TLV is longer than the header");
		if ((r = parse_tlv(p + at, len, h, has)) != 0)
			return r;
		at += SKR_TLV_HEAD + len;
	}
	if (has[SKR_META] == 0 || has[SKR_CLOCK] == 0 || has[SKR_EPOCH] == 0)
		return damaged("META, CLOCK or EPOCH is missing");
	if (memchr(h->meta, 0, h->meta_len) != NULL)
		return damaged("META holds a NUL");
	return parse_seal(p, n, h);
}
