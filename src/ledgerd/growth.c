/*
 * growth.c - how fast the disk fills, as far as the ledger knows.
 *
 * The newest sessions that took a use, of at most a week: what their
 * recordings take on the disk, and as much of the database as the entries made
 * since then are of all entries; divided by the time since the oldest of them.
 */
#include "ledgerd/growth.h"

#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "ledgerd/db.h"
#include "ledgerd/inside.h"

#define DAY		86400
#define SPAN		(7 * DAY)
#define SESSIONS	500	/* looked at: two milliseconds */
#define LEAST		600	/* seconds: of less nothing follows */
#define KEEP_MS		60000	/* the answer is kept for so long */

struct sum {
	struct ledgerd	*ld;
	int64_t		 since, oldest;
	uint64_t	 bytes;
	unsigned int	 looked;
};

static int
on_session(void *arg, const struct store_row *row)
{
	struct sum *s = arg;
	const uint8_t *uuid;
	struct stat st;
	size_t n;
	int fd;

	if (store_int(row, 2) < s->since || s->looked++ >= SESSIONS)
		return 1;
	uuid = store_blob(row, 1, &n);
	if (n != UUID_LEN)
		return ERR_FORMAT;
	s->oldest = store_int(row, 2);
	fd = recording_open(s->ld, uuid, (uint64_t)store_int(row, 0));
	if (fd >= 0 && fstat(fd, &st) == 0)
		s->bytes += (uint64_t)st.st_blocks * 512;
	fd_close(&fd);
	return 0;
}

/* The bytes that the entries since "since" may take. */
static int
ledger_part(struct ledgerd *ld, int64_t since, uint64_t bytes, uint64_t *part)
{
	uint64_t low = 0, size, high, mid;
	int64_t at;
	int r;

	if ((r = book_size(ld, &size)) != 0)
		return r;
	/* times of entries go forward, but for a clock that was set */
	for (high = size; low < high;) {
		mid = low + (high - low) / 2;
		if ((r = book_time(ld, mid, &at)) != 0)
			return r;
		if (at >= since)
			high = mid;
		else
			low = mid + 1;
	}
	*part = size == 0 ? 0 : (uint64_t)((double)bytes *
	    ((double)(size - low) / (double)size));
	return 0;
}

int
growth_per_day(struct ledgerd *ld, uint64_t ledger_bytes, int64_t *bytes)
{
	int64_t now = clock_unix(), mono = clock_mono_ms();
	struct sum s = { .ld = ld, .since = now - SPAN };
	uint64_t part;
	int r;

	*bytes = ld->growth;
	if (ld->growth_ms != 0 && mono < ld->growth_ms)
		return 0;
	if ((r = store_query(ld->store, STORE_SESSION_NEWEST, NULL, 0,
	    on_session, &s)) != 0)
		return r;
	ld->growth_ms = mono + KEEP_MS;
	ld->growth = -1;
	if (s.oldest != 0 && now - s.oldest >= LEAST) {
		if ((r = ledger_part(ld, s.oldest, ledger_bytes, &part)) != 0)
			return r;
		ld->growth = (int64_t)((double)(s.bytes + part) *
		    ((double)DAY / (double)(now - s.oldest)));
	}
	*bytes = ld->growth;
	return 0;
}
