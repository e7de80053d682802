/* reserve.c - grows in steps: a block for small files, a sixteenth for large ones. */
#include "record/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "base/err.h"
#include "base/log.h"

#define BLOCK		4096U
#define STEP_SHIFT	4		/* a sixteenth of the file ... */
#define STEP_MAX	(1U << 20)	/* ... but no more than this, in bytes */

void
reserve_init(struct reserve *r, int fd)
{
	r->fd = fd;
	r->is_off = 0;
	r->end = 0;
}

static int
take(struct reserve *r, uint64_t end)
{
	int n;

	do
		n = fallocate(r->fd, FALLOC_FL_KEEP_SIZE, (off_t)r->end,
		    (off_t)(end - r->end));
	while (n != 0 && errno == EINTR);
	if (n == 0)
		r->end = end;
	return n;
}

int
reserve_grow(struct reserve *r, uint64_t end)
{
	uint64_t step = end >> STEP_SHIFT, more;

	if (r->is_off || end <= r->end)
		return 0;
	if (step > STEP_MAX)
		step = STEP_MAX;
	more = (end + step + BLOCK - 1) / BLOCK * BLOCK;
	if (take(r, more) == 0)
		return 0;
	if ((errno == ENOSPC || errno == EDQUOT || errno == EFBIG) &&
	    take(r, end) == 0)
		return 0;
	if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		return ERR_LIMIT;
	if (errno == EOPNOTSUPP || errno == ENOSYS) {
		log_warn("recording without a reserve: the file system "
		    "knows no fallocate");
		r->is_off = 1;
		return 0;
	}
	log_errno("fallocate failed");
	return ERR_SYS;
}
