/* hash.c - hashes an executable between the turns of the loop. */
#include "ledgerd/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/sha256.h"
#include "ledgerd/inside.h"
#include "request/exe.h"

#define SLICE	(4U << 20)	/* two milliseconds, when it is in memory */
#define PIECE	(256U << 10)

struct hashing {
	int		 fd;
	struct stat	 st;		/* of the file when it was opened */
	struct sha256	*sha;
	uint64_t	 at;
	int		 failed;
	uint8_t		 digest[DIGEST_LEN];
};

void
hash_free(struct client *p)
{
	if (p->hash == NULL)
		return;
	fd_close(&p->hash->fd);
	sha256_free(p->hash->sha);
	free(p->hash);
	p->hash = NULL;
}

static int
begin(struct client *p, int fd, const struct stat *st)
{
	struct hashing *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return ERR_NOMEM;
	p->hash = h;
	h->st = *st;
	h->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	h->sha = sha256_new();
	if (h->fd >= 0 && h->sha != NULL)
		return 1;
	hash_free(p);
	return ERR_NOMEM;
}

/* The file of the first time was read; the one that is there now must be the same, unchanged. */
static int
finish(struct client *p, const struct stat *st, uint8_t digest[DIGEST_LEN])
{
	struct hashing *h = p->hash;
	int r = h->failed ? ERR_SYS : exe_is_same(&h->st, st) ? 0 :
	    ERR_CONFLICT;

	if (r == 0)
		memcpy(digest, h->digest, DIGEST_LEN);
	hash_free(p);
	return r;
}

int
hash_exe(void *client, int fd, const struct stat *st,
    uint8_t digest[DIGEST_LEN])
{
	struct client *p = client;

	if (p->hash != NULL)
		return finish(p, st, digest);
	if (st->st_size <= (off_t)SLICE)
		return exe_hash(NULL, fd, st, digest);
	return begin(p, fd, st);
}

static int
over(struct hashing *h, int failed)
{
	h->failed = failed || sha256_peek(h->sha, h->digest) != 0;
	return 1;
}

int
hash_step(struct client *p)
{
	struct hashing *h = p->hash;
	static uint8_t piece[PIECE];
	uint64_t end = h->at + SLICE;
	ssize_t n;

	while (h->at < end) {
		n = pread(h->fd, piece, sizeof(piece), (off_t)h->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			log_errno("an executable cannot be read");
		if (n <= 0)
			return over(h, n < 0);
		h->at += (uint64_t)n;
		if (h->at > EXE_MAX || sha256_add(h->sha, piece,
		    (size_t)n) != 0)
			return over(h, 1);
	}
	return 0;
}
