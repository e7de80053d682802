/* disk.c - the state file: blocks with a digest, written in place and synced one by one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/sha256.h"
#include "keyd/state.h"
#include "record/le.h"

#define STATE		"state"
#define STATE_NEW	"state.new"	/* left by a first start that was cut off: nobody saw its keys */
#define VERSION		1
#define MAGIC_LEN	8
#define HEAD_LEN	16
#define DIGEST_AT	(DISK_BLOCK - SHA256_LEN)

static const uint8_t magic[MAGIC_LEN] = { 'S', 'K', 'K', 'E', 'Y', 'S', 0x0a,
	0x1a };

/* Nothing but the two names may be there. */
static int
look_around(const char *path)
{
	struct dirent *e;
	int r = 0;
	DIR *dir;

	if ((dir = opendir(path)) == NULL) {
		log_errno("directory of the keys cannot be read path=%s",
		    path);
		return ERR_SYS;
	}
	while (r == 0 && (errno = 0, e = readdir(dir)) != NULL)
		if (strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strcmp(e->d_name, STATE) != 0 &&
		    strcmp(e->d_name, STATE_NEW) != 0) {
			log_error("a foreign file is among the keys path=%s name=%s",
			    path, e->d_name);
			r = ERR_FORMAT;
		}
	if (r == 0 && errno != 0) {
		log_errno("directory of the keys cannot be read path=%s",
		    path);
		r = ERR_SYS;
	}
	(void)closedir(dir);
	return r;
}

static int
lock(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK) {
		log_error("another sekisho-keyd has the keys");
		return ERR_STATE;
	}
	log_errno("keys cannot be locked");
	return ERR_SYS;
}

static int
open_state(struct disk *d, const char *path)
{
	struct stat st;
	int is_link;

	d->file = openat(d->dir, STATE, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (d->file < 0 && errno == ENOENT)
		return ERR_NOTFOUND;
	if (d->file < 0 || fstat(d->file, &st) < 0) {
		is_link = errno == ELOOP;
		log_errno("keys cannot be opened path=%s/%s", path, STATE);
		return is_link ? ERR_FORMAT : ERR_SYS;
	}
	if (!S_ISREG(st.st_mode) || st.st_size != BLOCKS * DISK_BLOCK) {
		log_error("keys are damaged: not a file of %d bytes path=%s/%s",
		    BLOCKS * DISK_BLOCK, path, STATE);
		return ERR_FORMAT;
	}
	return 0;
}

int
disk_open(struct disk *d, const char *path)
{
	int r;

	d->dir = d->file = -1;
	if ((r = look_around(path)) != 0)
		return r;
	d->dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (d->dir < 0) {
		log_errno("directory of the keys cannot be opened path=%s",
		    path);
		return ERR_SYS;
	}
	if ((r = lock(d->dir)) != 0)
		return r;
	return open_state(d, path);
}

void
disk_close(struct disk *d)
{
	fd_close(&d->file);
	fd_close(&d->dir);
}

static int
sync_file(int fd)
{
	if (fdatasync(fd) == 0)
		return 0;
	log_errno("keys cannot be synced");
	return ERR_SYS;
}

static int
write_block(const struct disk *d, enum disk_block at,
    const uint8_t block[DISK_BLOCK])
{
	size_t done = 0;
	ssize_t n;

	while (done < DISK_BLOCK) {
		n = pwrite(d->file, block + done, DISK_BLOCK - done,
		    (off_t)at * DISK_BLOCK + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_errno("keys cannot be written block=%d", (int)at);
			return ERR_SYS;
		}
		done += (size_t)n;
	}
	return sync_file(d->file);
}

int
disk_erase(const struct disk *d, enum disk_block at)
{
	static const uint8_t zero[DISK_BLOCK];

	return write_block(d, at, zero);
}

int
disk_create(struct disk *d)
{
	int i, r = 0;

	d->file = openat(d->dir, STATE_NEW, O_RDWR | O_CREAT | O_TRUNC |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (d->file < 0) {
		log_errno("keys cannot be made");
		return ERR_SYS;
	}
	for (i = 0; i < BLOCKS && r == 0; i++)
		r = disk_erase(d, (enum disk_block)i);
	return r;
}

int
disk_finish(struct disk *d)
{
	if (renameat(d->dir, STATE_NEW, d->dir, STATE) < 0) {
		log_errno("keys cannot be given their name");
		return ERR_SYS;
	}
	return sync_file(d->dir);
}

int
disk_put(const struct disk *d, enum disk_block at,
    const uint8_t body[DISK_BODY])
{
	uint8_t block[DISK_BLOCK];
	int r;

	memcpy(block, magic, MAGIC_LEN);
	le_put32(block + MAGIC_LEN, VERSION);

	le_put32(block + MAGIC_LEN + 4, (uint32_t)at);
	memcpy(block + HEAD_LEN, body, DISK_BODY);
	if ((r = sha256_mem(block, DIGEST_AT, block + DIGEST_AT)) == 0)
		r = write_block(d, at, block);
	explicit_bzero(block, sizeof(block));
	return r;
}

static int
read_block(const struct disk *d, enum disk_block at, uint8_t block[DISK_BLOCK])
{
	size_t done = 0;
	ssize_t n;

	while (done < DISK_BLOCK) {
		n = pread(d->file, block + done, DISK_BLOCK - done,
		    (off_t)at * DISK_BLOCK + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			log_errno("keys cannot be read block=%d", (int)at);
			return ERR_SYS;
		}
		done += (size_t)n;
	}
	return 0;
}

int
disk_get(const struct disk *d, enum disk_block at, uint8_t body[DISK_BODY],
    enum disk_found *found)
{
	static const uint8_t zero[DISK_BLOCK];
	uint8_t block[DISK_BLOCK], digest[SHA256_LEN];
	int r;

	if ((r = read_block(d, at, block)) == 0 &&
	    (r = sha256_mem(block, DIGEST_AT, digest)) == 0) {
		if (memcmp(block, zero, DISK_BLOCK) == 0)
			*found = FOUND_ZERO;
		else if (memcmp(block, magic, MAGIC_LEN) == 0 &&
		    le_get32(block + MAGIC_LEN) == VERSION &&
		    le_get32(block + MAGIC_LEN + 4) == (uint32_t)at &&
		    sha256_equal(digest, block + DIGEST_AT))
			*found = FOUND_GOOD;
		else
			*found = FOUND_BAD;
		if (*found == FOUND_GOOD)
			memcpy(body, block + HEAD_LEN, DISK_BODY);
	}
	explicit_bzero(block, sizeof(block));
	return r;
}
