/* copy.c - memfds: made, filled from a file, sealed. */
#include "launch/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

/* Of newer headers than Debian 12's. */
enum { MEMFD_NOEXEC_SEAL = 0x08, MEMFD_EXEC = 0x10, SEAL_EXEC = 0x20 };

int
copy_new(const char *name, int executable)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd;

	fd = memfd_create(name, flags | (unsigned int)(executable ?
	    MEMFD_EXEC : MEMFD_NOEXEC_SEAL));
	if (fd < 0 && errno == EINVAL)		/* before Linux 6.3 */
		fd = memfd_create(name, flags);
	if (fd < 0)
		log_errno("memfd_create failed");
	return fd;
}

int
copy_seal(int fd)
{
	int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

	/* SEAL_EXEC came with Linux 6.3 and may be there already. */
	(void)fcntl(fd, F_ADD_SEALS, SEAL_EXEC);
	if (fcntl(fd, F_ADD_SEALS, seals | F_SEAL_SEAL) < 0 ||
	    (fcntl(fd, F_GET_SEALS) & seals) != seals) {
		log_errno("memfd not sealed");
		return ERR_SYS;
	}
	return 0;
}

int
copy_sealed(int fd, const char *name, uint64_t max)
{
	uint8_t piece[65536];
	uint64_t total = 0;
	ssize_t n;
	int copy = copy_new(name, 1);

	if (copy < 0)
		return -1;
	while ((n = pread(fd, piece, sizeof(piece), (off_t)total)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (uint64_t)n > max - total ||
		    fd_write_full(copy, piece, (size_t)n) != 0) {
			log_errno("copy failed bytes=%llu",
			    (unsigned long long)total);
			fd_close(&copy);
			return -1;
		}
		total += (uint64_t)n;
	}
	if (copy_seal(copy) != 0 || lseek(copy, 0, SEEK_SET) != 0)
		fd_close(&copy);
	return copy;
}
