/* unpack.c - decompresses pieces; zstd meets hostile bytes here. */
#include "record/unpack.h"

#include <stdlib.h>

#include <zstd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "record/skr.h"

struct unpack {
	ZSTD_DCtx	*ctx;
	uint8_t		*plain;
};

struct unpack *
unpack_new(void)
{
	struct unpack *u;

	if ((u = calloc(1, sizeof(*u))) == NULL)
		return NULL;
	u->ctx = ZSTD_createDCtx();
	u->plain = malloc(SKR_PIECE_MAX + 1);
	if (u->ctx == NULL || u->plain == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(u->ctx, ZSTD_d_windowLogMax,
	    SKR_WINDOW_LOG))) {
		unpack_free(u);
		return NULL;
	}
	return u;
}

void
unpack_free(struct unpack *u)
{
	if (u == NULL)
		return;
	ZSTD_freeDCtx(u->ctx);
	mem_wipe(u->plain, SKR_PIECE_MAX + 1);
	free(u);
}

int
unpack_reset(struct unpack *u)
{
	return ZSTD_isError(ZSTD_DCtx_reset(u->ctx,
	    ZSTD_reset_session_only)) ? ERR_INTERNAL : 0;
}

int
unpack_piece(struct unpack *u, int is_stored, const uint8_t *p, size_t n,
    const uint8_t **plain, size_t *nplain)
{
	ZSTD_outBuffer out = { u->plain, SKR_PIECE_MAX + 1, 0 };
	ZSTD_inBuffer in = { p, n, 0 };
	size_t code, before;

	if (is_stored) {
		*plain = p;
		*nplain = n;
		return n > SKR_PIECE_MAX ? ERR_FORMAT : 0;
	}
	do {
		before = in.pos + out.pos;
		code = ZSTD_decompressStream(u->ctx, &out, &in);
		/* 0: the zstd frame is over, which no writer of ours says */
		if (ZSTD_isError(code) || code == 0 ||
		    out.pos > SKR_PIECE_MAX)
			return ERR_FORMAT;
	} while (before != in.pos + out.pos);
	if (in.pos != n)
		return ERR_FORMAT;
	*plain = u->plain;
	*nplain = out.pos;
	return 0;
}
