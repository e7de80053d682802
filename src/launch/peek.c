/* peek.c - strings of a refused call, asked for by the launcher and read by the init. */
#include "launch/peek.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/num.h"

/* A job whose memory comes from a slow disk must not hold up the supervision. */
#define WAIT_MS		100
#define PAGE		4096U

/* Up to a page's end and then beyond, so that a short string before a hole is read too. */
static void
read_string(pid_t pid, uint64_t at, char *out, size_t size)
{
	size_t first = PAGE - (size_t)(at % PAGE);
	struct iovec local, remote[2];
	ssize_t n;

	if (first > size - 1)
		first = size - 1;
	local.iov_base = out;
	local.iov_len = size - 1;
	remote[0].iov_base = (void *)(uintptr_t)at;
	remote[0].iov_len = first;
	remote[1].iov_base = (void *)(uintptr_t)(at + first);
	remote[1].iov_len = size - 1 - first;
	n = process_vm_readv(pid, &local, 1, remote,
	    remote[1].iov_len > 0 ? 2 : 1, 0);
	out[n > 0 ? n : 0] = '\0';
}

void
peek_answer(int sock, const struct report *question)
{
	struct report r = { .kind = REPORT_PEEKED,
		.value = question->value };
	struct peek_question q;
	uint32_t i;

	memcpy(&q, question->text, sizeof(q));
	for (i = 0; i < q.n && i < PEEK_MAX; i++)
		if (q.at[i] != 0)
			read_string(q.pid, q.at[i], r.text + i * PEEK_LEN,
			    PEEK_LEN);
	(void)report_send_whole(sock, &r, NULL, 0);
}

/* The last number of the line "NSpid:" in /proc/PID/status; -1: gone. */
static pid_t
inner_pid(pid_t pid)
{
	char path[64], text[4096], *line, *end;
	int64_t v = -1;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	if ((line = strstr(text, "\nNSpid:")) == NULL)
		return -1;
	line++;
	if ((end = strchr(line, '\n')) != NULL)
		*end = '\0';
	if ((line = strrchr(line, '\t')) == NULL ||
	    num_parse(line + 1, 1, INT32_MAX, &v) != 0)
		return -1;
	return (pid_t)v;
}

int
peek_ask(struct job *j, pid_t pid, const uint64_t *at, unsigned int n,
    char out[PEEK_MAX][PEEK_LEN])
{
	struct peek_question q = { .pid = inner_pid(pid), .n = n };
	struct report r = { .kind = REPORT_PEEK, .value = ++j->peeks };
	int e, asked = r.value;
	unsigned int i;

	memset(out, 0, PEEK_MAX * PEEK_LEN);
	if (q.pid < 0 || n > PEEK_MAX || j->init_sock < 0)
		return ERR_CLOSED;
	memcpy(q.at, at, n * sizeof(*at));
	memcpy(r.text, &q, sizeof(q));
	if (report_send_whole(j->init_sock, &r, NULL, 0) != 0)
		return ERR_CLOSED;
	do {				/* past answers that came too late */
		if ((e = job_hear_init(j, &r, WAIT_MS)) != 0)
			return e == 1 ? ERR_TIMEOUT : ERR_CLOSED;
	} while (r.kind != REPORT_PEEKED || r.value != asked);
	for (i = 0; i < n; i++) {
		memcpy(out[i], r.text + i * PEEK_LEN, PEEK_LEN);
		out[i][PEEK_LEN - 1] = '\0';
	}
	return 0;
}
