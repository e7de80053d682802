/* heads_file.c - where heads go: a file a day, the log, the system's log; and gate.vkeys. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "ledgerd/keys_inside.h"

#define NS		1000000000LL
#define SIGNATURE_START	"\xe2\x80\x94 "
#define LOG_SOCKET	"/dev/log"
#define PRIORITY	(10 << 3 | 6)	/* authpriv, info */
#define LINE_ROOM	(NOTE_MAX + 256)

int
keys_syslog(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);

	if (fd < 0)
		log_errno("no socket for the system's log");
	return fd;
}

/* A sync that failed is never tried a second time: the ledger stops. */
static int
sync_failed(struct keys *k, const char *what)
{
	log_errno("not on the disk: %s", what);
	k->is_fatal = 1;
	return ERR_SYS;
}

/* How much of "p" is whole heads: up to the last empty line behind a signature. */
static size_t
whole(const char *p, size_t n)
{
	const char *line;
	size_t end;

	for (end = n; end >= 2; end--) {
		if (p[end - 1] != '\n' || p[end - 2] != '\n')
			continue;
		for (line = p + end - 2; line > p && line[-1] != '\n'; line--)
			continue;
		if (strncmp(line, SIGNATURE_START, strlen(SIGNATURE_START)) ==
		    0)
			return end;
	}
	return 0;
}

/* A death in the midst of a write leaves a piece of a head behind: nothing that anybody was told. */
static int
cut_torn(int fd)
{
	char tail[2 * NOTE_MAX + 1];
	struct stat st;
	off_t from;
	ssize_t n;
	size_t good;

	if (fstat(fd, &st) < 0)
		return ERR_SYS;
	from = st.st_size > (off_t)sizeof(tail) - 1 ?
	    st.st_size - ((off_t)sizeof(tail) - 1) : 0;
	n = pread(fd, tail, sizeof(tail) - 1, from);
	if (n < 0)
		return ERR_SYS;
	tail[n] = '\0';
	good = whole(tail, (size_t)n);
	if (good == (size_t)n)
		return 0;
	if (good == 0 && from > 0)
		return ERR_FORMAT;	/* not what we write: left alone */
	log_warn("a head was cut off by a sudden end bytes=%zu",
	    (size_t)n - good);
	return ftruncate(fd, from + (off_t)good) < 0 ? ERR_SYS : 0;
}

static int
open_day(struct keys *k, const char *day)
{
	char name[64];

	fd_close(&k->file);
	(void)snprintf(name, sizeof(name), "%s.heads", day);
	k->file = openat(k->dir, name, O_RDWR | O_APPEND | O_CREAT |
	    O_NOFOLLOW | O_CLOEXEC, 0644);
	if (k->file < 0) {
		log_errno("heads cannot be kept name=%s", name);
		return ERR_FULL;
	}
	/* whatever the umask is: heads are no secret */
	if (fchmod(k->file, 0644) < 0 || cut_torn(k->file) != 0) {
		log_errno("heads cannot be kept name=%s", name);
		fd_close(&k->file);
		return ERR_FULL;
	}
	if (fsync(k->dir) < 0)
		return sync_failed(k, "a new file of heads");
	memcpy(k->day, day, sizeof(k->day));
	return 0;
}

int
heads_keep(struct keys *k, const struct note *n, const char *text, size_t len)
{
	time_t t = (time_t)(n->time_ns / NS);
	char room[NOTE_MAX + 1], day[sizeof(k->day)] = "";
	struct stat st;
	struct tm tm;
	int r;

	if (len > NOTE_MAX || gmtime_r(&t, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%d", &tm) == 0)
		return ERR_LIMIT;
	if ((k->file < 0 || strcmp(day, k->day) != 0) &&
	    (r = open_day(k, day)) != 0)
		return r;
	memcpy(room, text, len);
	room[len] = '\n';
	if (fstat(k->file, &st) < 0)
		return ERR_SYS;
	if (fd_write_full(k->file, room, len + 1) != 0) {
		if (ftruncate(k->file, st.st_size) < 0)
			log_errno("a piece of a head is left day=%s", day);
		fd_close(&k->file);
		return ERR_FULL;
	}
	return fdatasync(k->file) == 0 ? 0 : sync_failed(k, "a head");
}

/* As syslog(3) would: it must open and connect, which is over by now. */
static void
send_line(const struct keys *k, const char *line)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = LOG_SOCKET };
	char text[LINE_ROOM], when[32] = "";
	struct iovec iov = { .iov_base = text };
	struct msghdr m = { .msg_name = &to, .msg_namelen = sizeof(to),
		.msg_iov = &iov, .msg_iovlen = 1 };
	time_t now = (time_t)clock_unix();
	struct tm tm;
	int n;

	if (localtime_r(&now, &tm) == NULL ||
	    strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm) == 0)
		return;
	n = snprintf(text, sizeof(text), "<%d>%s sekisho-ledgerd[%d]: %s",
	    PRIORITY, when, (int)getpid(), line);
	if (n <= 0 || (size_t)n >= sizeof(text))
		return;
	iov.iov_len = (size_t)n;
	/* nobody listening, or too busy: the file has it */
	(void)sendmsg(k->syslog, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
heads_tell(const struct keys *k, const struct note *n, const char *text)
{
	char line[LINE_ROOM];
	size_t i, at;

	log_info("head size=%llu note=%s", (unsigned long long)n->size, text);
	if (k->syslog < 0)
		return;
	at = (size_t)snprintf(line, sizeof(line), "head size=%llu note=",
	    (unsigned long long)n->size);
	/* printf %b makes the note of it again */
	for (i = 0; text[i] != '\0' && at + 3 < sizeof(line); i++) {
		if (text[i] == '\n') {
			line[at++] = '\\';
			line[at++] = 'n';
		} else
			line[at++] = text[i];
	}
	line[at] = '\0';
	send_line(k, line);
}

static int
write_new(struct keys *k, const char *path, const char *text)
{
	int fd, r;

	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
	    0644);
	if (fd < 0)
		return ERR_FULL;
	r = fd_write_full(fd, text, strlen(text)) != 0 ||
	    fchmod(fd, 0644) < 0 ? ERR_FULL : 0;
	if (r == 0 && fsync(fd) < 0)
		r = sync_failed(k, "the public keys");
	fd_close(&fd);
	return r;
}

int
heads_vkeys(struct keys *k, const char *text)
{
	char path[PATH_MAX + 32], fresh[PATH_MAX + 32];
	int r;

	if (k->has_vkeys || faccessat(k->dir, "gate.vkeys", F_OK, 0) == 0) {
		k->has_vkeys = 1;
		return 0;
	}
	(void)snprintf(path, sizeof(path), "%s/gate.vkeys", k->path);
	(void)snprintf(fresh, sizeof(fresh), "%s/gate.vkeys.new", k->path);
	if ((r = write_new(k, fresh, text)) == 0 && rename(fresh, path) < 0)
		r = ERR_FULL;
	if (r == ERR_FULL)
		log_errno("the gate's public keys are not written path=%s",
		    path);
	if (r == 0 && fsync(k->dir) < 0)
		r = sync_failed(k, "the name of the public keys");
	k->has_vkeys = r == 0;
	return r;
}
