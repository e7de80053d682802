/* fd.c - small helpers around descriptors. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U		/* Linux 6.3, linux/memfd.h */
#define MFD_EXEC	0x0010U
#endif

int
fd_read_full(int fd, void *p, size_t n)
{
	uint8_t *at = p;
	ssize_t r;

	while (n > 0) {
		r = read(fd, at, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0) {
			log_errno("read failed fd=%d", fd);
			return ERR_SYS;
		}
		if (r == 0)
			return ERR_CLOSED;
		at += r;
		n -= (size_t)r;
	}
	return 0;
}

int
fd_write_full(int fd, const void *p, size_t n)
{
	const uint8_t *at = p;
	ssize_t r;

	while (n > 0) {
		r = write(fd, at, n);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EPIPE)
			return ERR_CLOSED;
		if (r < 0) {
			log_errno("write failed fd=%d", fd);
			return ERR_SYS;
		}
		at += r;
		n -= (size_t)r;
	}
	return 0;
}

int
fd_set_nonblock(int fd, int on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL,
	    on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK) < 0) {
		log_errno("fcntl failed fd=%d", fd);
		return ERR_SYS;
	}
	return 0;
}

int
fd_set_cloexec(int fd, int on)
{
	if (fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0) < 0) {
		log_errno("fcntl failed fd=%d", fd);
		return ERR_SYS;
	}
	return 0;
}

void
fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int
fd_read_all(int fd, size_t max, uint8_t **out, size_t *n)
{
	struct buf *b = buf_new(max + 1);
	uint8_t piece[16384];
	ssize_t got;
	int r = 0;

	if (b == NULL)
		return ERR_NOMEM;
	for (;;) {
		got = read(fd, piece, sizeof(piece));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			log_errno("read failed fd=%d", fd);
			r = ERR_SYS;
			goto out;
		}
		if (got == 0)
			break;
		if ((r = buf_put(b, piece, (size_t)got)) != 0)
			goto out;
		if (buf_len(b) > max) {
			r = ERR_LIMIT;
			goto out;
		}
	}
	*n = buf_len(b);
	if ((*out = malloc(*n + 1)) == NULL) {
		r = ERR_NOMEM;
		goto out;
	}
	if ((r = buf_get(b, *out, *n)) == 0)
		(*out)[*n] = 0;
out:
	buf_free(b);
	return r;
}

int
fd_sealed(const char *name, const void *p, size_t n, int executable)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd;

	fd = memfd_create(name, flags | (executable ? MFD_EXEC :
	    MFD_NOEXEC_SEAL));
	if (fd < 0 && errno == EINVAL)		/* before Linux 6.3 */
		fd = memfd_create(name, flags);
	if (fd < 0) {
		log_errno("memfd_create failed");
		return -1;
	}
	if (fd_write_full(fd, p, n) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW |
	    F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
		log_errno("memfd not sealed");
		fd_close(&fd);
	}
	return fd;
}

void
fd_close_from(int lowest)
{
	if (close_range((unsigned int)lowest, ~0U, 0) < 0)
		log_errno("close_range failed");
}
