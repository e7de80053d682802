/* piece.c - compresses events, or decides that it is not worth it. */
#include "record/piece.h"

#include <stdlib.h>

#include <zstd.h>

#include "base/err.h"
#include "base/log.h"
#include "record/event.h"
#include "record/skr.h"

/*
 * Level 1 means large inputs.  In a window of 16 KiB a full table, and a
 * search that goes in larger steps where it found nothing, make the same size
 * in a sixth less time.
 */
#define HASH_LOG	14		/* 64 KiB */
#define CHAIN_LOG	12
#define MIN_MATCH	6
#define STEP		2		/* ZSTD_c_targetLength of the strategy "fast" */
#define HASTY_STEP	16		/* half the time for two and a half times the size */
#define PACK_LITERALS	1		/* of ZSTD_c_literalCompressionMode */
#define LEAVE_LITERALS	2
#define TINY_BYTES	16		/* a key, its echo: larger when compressed, and somebody waits */
#define TRY_BYTES	8192		/* smaller pieces are always compressed */
#define STORED_RUN_MAX	63		/* stored pieces between two tries */
#define OUT_BYTES	(ZSTD_COMPRESSBOUND(SKR_EVENT_MAX + EVENT_HEAD_MAX) + 1024)

struct piece {
	ZSTD_CCtx	*ctx;
	uint8_t		*out;
	unsigned int	 run;		/* length of the present run of stored pieces */
	unsigned int	 left;		/* of which still to come */
	int		 stores_all;
	int		 is_hasty;
};

static int
failed(size_t code)
{
	log_error("zstd failed: %s", ZSTD_getErrorName(code));
	return ERR_INTERNAL;
}

/*
 * With such steps zstd would leave literals as they are, a third larger:
 * right in haste only.  The name of that parameter is not of its stable
 * interface, its number is; where it is not known the steps stay small.
 */
static int
set_step(struct piece *z)
{
	size_t code = ZSTD_CCtx_setParameter(z->ctx,
	    ZSTD_c_experimentalParam5,
	    z->is_hasty ? LEAVE_LITERALS : PACK_LITERALS);

	if (ZSTD_isError(code))
		return 0;
	code = ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_targetLength,
	    z->is_hasty ? HASTY_STEP : STEP);
	return ZSTD_isError(code) ? failed(code) : 0;
}

/* Level 1 with tables that a window of 16 KiB does not outgrow. */
static int
wake(struct piece *z)
{
	if (z->ctx != NULL && z->out != NULL)
		return 0;
	piece_rest(z);
	z->ctx = ZSTD_createCCtx();
	z->out = malloc(OUT_BYTES);
	if (z->ctx == NULL || z->out == NULL ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->ctx,
	    ZSTD_c_compressionLevel, SKR_LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_windowLog,
	    SKR_WINDOW_LOG)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_hashLog,
	    HASH_LOG)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_chainLog,
	    CHAIN_LOG)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->ctx, ZSTD_c_minMatch,
	    MIN_MATCH))) {
		piece_rest(z);
		return ERR_NOMEM;
	}
	return set_step(z);
}

struct piece *
piece_new(void)
{
	struct piece *z;

	if ((z = calloc(1, sizeof(*z))) == NULL)
		return NULL;
	if (wake(z) != 0) {
		free(z);
		return NULL;
	}
	return z;
}

void
piece_rest(struct piece *z)
{
	ZSTD_freeCCtx(z->ctx);
	free(z->out);
	z->ctx = NULL;
	z->out = NULL;
}

void
piece_free(struct piece *z)
{
	if (z == NULL)
		return;
	piece_rest(z);
	free(z);
}

int
piece_reset(struct piece *z, int is_hasty)
{
	int was_hasty = z->is_hasty;
	size_t code;

	z->is_hasty = is_hasty;
	if (z->ctx == NULL)
		return wake(z);
	code = ZSTD_CCtx_reset(z->ctx, ZSTD_reset_session_only);
	if (ZSTD_isError(code))
		return failed(code);
	return is_hasty == was_hasty ? 0 : set_step(z);
}

void
piece_store_all(struct piece *z)
{
	z->stores_all = 1;
}

/* Feed "v" and, with ZSTD_e_flush, get everything out. */
static int
feed(struct piece *z, const struct iovec *v, ZSTD_outBuffer *out,
    ZSTD_EndDirective mode)
{
	ZSTD_inBuffer in = { v->iov_base, v->iov_len, 0 };
	size_t code, before;

	do {
		before = out->pos + in.pos;
		code = ZSTD_compressStream2(z->ctx, out, &in, mode);
		if (ZSTD_isError(code))
			return failed(code);
		if (out->pos == out->size && before == out->pos + in.pos) {
			log_error("zstd made more than its bound");
			return ERR_INTERNAL;
		}
	} while (in.pos < in.size || (mode == ZSTD_e_flush && code != 0));
	return 0;
}

/* After a try with "in" bytes that became "out": how many to store now. */
static void
judge(struct piece *z, size_t in, size_t out)
{
	if (out < in - in / 16)
		z->run = 0;
	else if (z->run < STORED_RUN_MAX)
		z->run = 2 * z->run + 1;
	z->left = z->run;
}

int
piece_make(struct piece *z, const struct iovec event[2], struct iovec out[2],
    size_t *n, int *is_stored)
{
	ZSTD_outBuffer made = { z->out, OUT_BYTES, 0 };
	int is_large = event[1].iov_len >= TRY_BYTES, r;

	*is_stored = z->stores_all || event[1].iov_len <= TINY_BYTES ||
	    (is_large && z->left > 0);
	if (*is_stored) {
		if (is_large && z->left > 0)
			z->left--;
		out[0] = event[0];
		out[1] = event[1];
		*n = 2;
		return 0;
	}
	if ((r = feed(z, &event[0], &made, ZSTD_e_continue)) != 0 ||
	    (r = feed(z, &event[1], &made, ZSTD_e_flush)) != 0)
		return r;
	if (event[1].iov_len >= TRY_BYTES)
		judge(z, event[1].iov_len, made.pos);
	out[0].iov_base = z->out;
	out[0].iov_len = made.pos;
	*n = 1;
	return 0;
}
