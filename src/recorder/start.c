/* start.c - slice, clock state, confinement, READY. */
#include "recorder/start.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/role.h"
#include "crypt/sha256.h"

#define BOOT_ID		"/proc/sys/kernel/random/boot_id"
#define BOOT_ID_TEXT	36
#define SLICE_WAIT_MS	30000
#define DESCRIPTORS	32	/* 3..6, the file, six of relays, some in flight */
#define BUFFERS		(64 << 10)	/* bytes: what is larger goes back to the system when freed */
#define ADDRESSES	(UINT64_C(256) << 20)	/* bytes; some 12 MiB are used */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "0bd7b2a1-..." to 16 bytes; all zero when it cannot be read. */
void
start_boot_id(uint8_t out[16])
{
	char text[BOOT_ID_TEXT];
	int fd, hi, lo;
	size_t i, n = 0;

	memset(out, 0, 16);
	if ((fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	if (fd_read_full(fd, text, sizeof(text)) == 0)
		for (i = 0; i + 1 < sizeof(text) && n < 16; i += 2) {
			if (text[i] == '-')
				i++;
			hi = hex_digit(text[i]);
			lo = hex_digit(text[i + 1]);
			if (hi < 0 || lo < 0)
				break;
			out[n++] = (uint8_t)(hi << 4 | lo);
		}
	fd_close(&fd);
}

void
start_read_clock(struct header_clock *c)
{
	struct timex t = { .modes = 0 };

	c->source = "adjtimex";
	if (adjtimex(&t) < 0) {
		log_errno("state of the clock unknown");
		c->error_us = UINT32_MAX;
		return;
	}
	c->is_synced = (t.status & STA_UNSYNC) == 0;
	c->error_us = t.esterror < 0 || t.esterror > UINT32_MAX ?
	    UINT32_MAX : (uint32_t)t.esterror;
}

/* OpenSSL loads its digests at the first use, with calls that are not on our list. */
int
start_warm_up(void)
{
	struct sha256 *s = sha256_new();
	uint8_t d[SHA256_LEN];
	int r;

	if (s == NULL)
		return ERR_NOMEM;
	if ((r = sha256_add(s, "", 0)) == 0 &&
	    (r = sha256_peek(s, d)) == 0 &&
	    (r = sha256_mem("", 0, d)) == 0)
		r = sha256_reset(s);
	sha256_free(s);
	return r;
}

/* A reader that went away is an error of write(2), not our death. */
static int
ignore_sigpipe(void)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	if (sigaction(SIGPIPE, &sa, NULL) == 0)
		return 0;
	log_errno("sigaction failed");
	return ERR_SYS;
}

static int
confine(const struct msg_slice_record *slice, pid_t parent)
{
	struct role role = { .name = "sekisho-record", .uid = slice->uid,
		.gid = slice->gid, .chroot_dir = slice->empty_dir,
		.landlock = 1, .nofile = DESCRIPTORS, .fsize = UINT64_MAX,
		.as = ADDRESSES, .nproc = 0, .parent = parent,
		.filter = &role_filter_record };

	return role_enter(&role);
}

int
start_confined(struct session *s)
{
	struct msg_slice_record mine;
	struct buf *b = NULL;
	pid_t parent = getppid();
	int r;

	if ((r = chan_slice(s->monitor, SLICE_WAIT_MS, &b)) == 0)
		r = msg_slice_record_get(b, &mine);
	buf_free(b);
	if (r != 0)
		return r;
	/* buffers of a direction and of the compressor come and go as a whole */
	(void)mallopt(M_MMAP_THRESHOLD, BUFFERS);
	s->sync_ms = mine.sync_ms;
	s->grace_ns = (int64_t)mine.seal_grace_s * 1000000000;
	start_boot_id(s->clock.boot_id);
	log_keep_pid();			/* getpid is not on our list */
	if ((r = start_warm_up()) == 0 && (r = ignore_sigpipe()) == 0 &&
	    (r = confine(&mine, parent)) == 0)
		r = chan_put_ready(s->monitor, 0, NULL, NULL, 0);
	msg_slice_record_free(&mine);
	return r;
}
