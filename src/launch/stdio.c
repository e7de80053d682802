/* stdio.c - the job's three descriptors, and input that was approved by its digest. */
#include "launch/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "launch/copy.h"

#define PIPE_SIZE	(256 * 1024)	/* what each direction may hold */

void
stdio_init(struct stdio *s)
{
	memset(s, 0, sizeof(*s));
	s->job[0] = s->job[1] = s->job[2] = -1;
	s->rec[0] = s->rec[1] = s->rec[2] = -1;
	s->collect = s->copy = -1;
}

void
stdio_close_job(struct stdio *s)
{
	size_t i;

	for (i = 0; i < 3; i++)
		fd_close(&s->job[i]);
}

void
stdio_free(struct stdio *s)
{
	size_t i;

	stdio_close_job(s);
	for (i = 0; i < 3; i++)
		fd_close(&s->rec[i]);
	fd_close(&s->collect);
	fd_close(&s->copy);
	sha256_free(s->run);
	stdio_init(s);
}

static int
choose(struct stdio *s, const struct msg_prepare *order, struct refusal *why)
{
	const char *input = order->input;

	if (strcmp(input, "none") == 0)
		s->kind = INPUT_NONE;
	else if (strcmp(input, "any") == 0)
		s->kind = s->pty ? INPUT_TTY : INPUT_PIPE;
	else if (strcmp(input, "tty") == 0)
		s->kind = INPUT_TTY;
	else if (strcmp(input, "pipe") == 0)
		s->kind = INPUT_PIPE;
	else if (strncmp(input, "sha256:", 7) == 0 &&
	    sha256_parse(input + 7, s->want) == 0)
		s->kind = INPUT_DIGEST;
	else
		return refuse(why, SEKISHO_CODE_INPUT,
		    "input %s is not known", input);
	if (s->kind == INPUT_TTY && !s->pty)
		return refuse(why, SEKISHO_CODE_INPUT, "the approved input is "
		    "a terminal and this session has none (ssh -t)");
	if (s->kind == INPUT_PIPE && s->pty)
		return refuse(why, SEKISHO_CODE_INPUT, "the approved input is "
		    "a pipe and this session has a terminal (ssh -T)");
	if (s->kind == INPUT_DIGEST && s->pty)
		return refuse(why, SEKISHO_CODE_INPUT, "input approved by its "
		    "digest needs a session without a terminal (ssh -T)");
	return 0;
}

/* A pipe that belongs to the run-as account, so that /dev/stdout can be opened. */
static int
make_pipe(int *read_end, int *write_end, const struct msg_prepare *order)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0) {
		log_errno("pipe failed");
		return ERR_SYS;
	}
	*read_end = fds[0];
	*write_end = fds[1];
	(void)fcntl(fds[0], F_SETPIPE_SZ, PIPE_SIZE);	/* speed only */
	if (fchown(fds[0], order->uid, order->gid) < 0) {
		log_errno("pipe not given away");
		return ERR_SYS;
	}
	return 0;
}

int
stdio_open(struct stdio *s, const struct msg_prepare *order,
    uint64_t input_max, struct refusal *why)
{
	int *in, r;

	s->pty = order->pty != 0;
	s->max = input_max;
	if ((r = choose(s, order, why)) != 0)
		return r;
	if (s->pty)
		return 0;
	in = s->kind == INPUT_DIGEST ? &s->collect : &s->job[0];
	if ((s->kind != INPUT_NONE &&
	    (r = make_pipe(in, &s->rec[0], order)) != 0) ||
	    (r = make_pipe(&s->rec[1], &s->job[1], order)) != 0 ||
	    (r = make_pipe(&s->rec[2], &s->job[2], order)) != 0)
		return r;
	if (s->kind != INPUT_DIGEST)
		return 0;
	if ((s->copy = copy_new("sekisho-input", 0)) < 0 ||
	    (s->run = sha256_new()) == NULL)
		return ERR_NOMEM;
	return fd_set_nonblock(s->collect, 1);
}

int
stdio_send(struct stdio *s, struct chan *link)
{
	struct msg_pipes m = { .pty = 0 };
	const int *first = s->rec[0] >= 0 ? &s->rec[0] : &s->rec[1];
	size_t n = s->rec[0] >= 0 ? 3 : 2, i;
	int r;

	if (s->pty)
		return 0;
	r = chan_put_pipes(link, 0, &m, first, n);
	for (i = 0; i < 3; i++)
		fd_close(&s->rec[i]);
	return r;
}

/* The approved bytes, read-only, from the start. */
static int
seal_input(struct stdio *s)
{
	char path[64];

	if (copy_seal(s->copy) != 0)
		return ERR_SYS;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->copy);
	if ((s->job[0] = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		log_errno("sealed input not opened");
		return ERR_SYS;
	}
	fd_close(&s->copy);
	fd_close(&s->collect);
	return 0;
}

int
stdio_collect(struct stdio *s, struct refusal *why)
{
	uint8_t piece[65536], digest[SHA256_LEN];
	ssize_t n;
	int r;

	while ((n = read(s->collect, piece, sizeof(piece))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 1;
		if (n < 0) {
			log_errno("input not read");
			return ERR_SYS;
		}
		if ((uint64_t)n > s->max - s->bytes)
			return refuse(why, SEKISHO_CODE_INPUT, "the input is "
			    "longer than %llu bytes",
			    (unsigned long long)s->max);
		s->bytes += (uint64_t)n;
		if ((r = fd_write_full(s->copy, piece, (size_t)n)) != 0 ||
		    (r = sha256_add(s->run, piece, (size_t)n)) != 0)
			return r;
	}
	if ((r = sha256_peek(s->run, digest)) != 0)
		return r;
	if (!sha256_equal(digest, s->want))
		return refuse(why, SEKISHO_CODE_INPUT, "the input (%llu bytes) "
		    "is not the approved one", (unsigned long long)s->bytes);
	return seal_input(s);
}
