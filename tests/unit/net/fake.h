/*
 * fake.h - plays sekishod and the monitor for a real sekisho-net, so that the
 * real ssh(1) can be driven against it: accounts, jobs and answers are invented
 * here, everything else is what ships.
 *
 * Every event goes as a line into $DIR/events, where tests look for it.
 */
#ifndef UNIT_NET_FAKE_H
#define UNIT_NET_FAKE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "net/net.h"

#define FAKE_JOBS	128

struct fake_job {
	uint32_t	 id;
	int		 is_used, has_pty;
	uint32_t	 cols, rows;
	pid_t		 pid, relay;
	int		 master;
};

struct fake {
	struct chan	*net;
	pid_t		 pid;			/* sekisho-net's */
	char		 user[64];
	int		 round, fails;
	char		 first[600];
	struct fake_job	 jobs[FAKE_JOBS];
};

static char fake_dir[64] = "/tmp/sekisho-net-XXXXXX";
static int fake_port;
static int fake_events = -1;
static int fake_sigchld[2] = { -1, -1 };

static void __attribute__((format(printf, 1, 2)))
fake_say(const char *fmt, ...)
{
	char line[1500];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n < 0 || n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n] = '\n';
	(void)!write(fake_events, line, (size_t)n + 1);
}

#include "fake_login.h"

static struct fake_job *
fake_job_of(struct fake *f, uint32_t id)
{
	size_t i;

	for (i = 0; i < FAKE_JOBS; i++)
		if (f->jobs[i].is_used && f->jobs[i].id == id)
			return &f->jobs[i];
	return NULL;
}

static void
fake_kill(struct fake_job *j)
{
	if (j->pid > 0)
		(void)kill(-j->pid, SIGKILL);
	if (j->relay > 0)
		(void)kill(j->relay, SIGKILL);
}

#include "fake_run.h"

/* 0: go on. */
static int
fake_message(struct fake *f, struct msg *m)
{
	struct fake_job *j = fake_job_of(f, m->id);
	struct msg_log l;
	struct msg_chan_refused r;

	switch (m->type) {
	case MSG_AUTH_START:
		fake_start(f, m);
		return 0;
	case MSG_AUTH_ANSWERS:
		fake_answers(f, m);
		return 0;
	case MSG_AUTH_ABORT:
		fake_say("abort");
		fake_result(f, AUTH_FAIL);
		return 0;
	case MSG_AUTH_OTHER:
		fake_other(m);
		return 0;
	case MSG_LOG:
		if (msg_log_get(m->body, &l) == 0)
			fake_say("log %s", l.line);
		msg_log_free(&l);
		return 0;
	case MSG_PONG:
		fake_say("pong");
		return 0;
	case MSG_CHAN_REFUSED:
		if (msg_chan_refused_get(m->body, &r) == 0)
			fake_say("refused id=%u what=%s detail=%s", m->id,
			    r.what, r.detail);
		msg_chan_refused_free(&r);
		return 0;
	case MSG_CHAN_OPEN:
		return fake_open(f, m->id);
	default:
		if (j == NULL) {
			fake_say("nothing with id=%u msg=%s", m->id,
			    msg_name((unsigned int)m->type));
			return -1;
		}
		return fake_channel(f, j, m);
	}
}

static void
fake_loop(struct fake *f)
{
	struct pollfd p[2] = { { .fd = chan_fd(f->net) },
		{ .fd = fake_sigchld[0], .events = POLLIN } };
	struct msg m;
	char c;
	int r;

	(void)chan_put_ping(f->net, 7, NULL, NULL, 0);
	for (;;) {
		if (chan_flush(f->net) != 0)
			return;
		p[0].events = chan_events(f->net);
		(void)poll(p, 2, -1);
		while (read(fake_sigchld[0], &c, 1) == 1)
			;
		fake_reap(f);
		while ((r = chan_recv(f->net, &m)) == 0) {
			r = fake_message(f, &m);
			msg_done(&m);
			if (r != 0)
				return;
		}
		if (r != 1)
			return;
	}
}

static void
fake_on_sigchld(int sig)
{
	int saved = errno;

	(void)sig;
	(void)!write(fake_sigchld[1], "c", 1);
	errno = saved;
}

/* The slice as sekishod would send it. */
static void
fake_slice(struct fake *f)
{
	char ed[128], ec[128], empty[128];
	char version[] = "OpenSSH_compatible_Sekisho";
	char banner[] = "Authorised use only.\n";
	char *keys[] = { ed, ec, NULL };
	struct msg_slice_net s = { .host_keys = keys, .version = version,
		.banner = banner, .uid = 64999, .gid = 64999,
		.empty_dir = empty, .max_channels = 64, .max_key_offers = 20,
		.rekey_bytes = 4 << 20 };	/* ours, too, in every test */
	struct msg_slice m;
	struct buf *b = buf_new(PLAN_MAX);

	snprintf(ed, sizeof(ed), "%s/ed25519", fake_dir);
	snprintf(ec, sizeof(ec), "%s/ecdsa", fake_dir);
	snprintf(empty, sizeof(empty), "%s/empty", fake_dir);
	if (b == NULL || msg_slice_net_put(b, &s) != 0)
		exit(9);
	m.body.p = (uint8_t *)(uintptr_t)buf_data(b);
	m.body.n = buf_len(b);
	if (chan_put_slice(f->net, 0, &m, NULL, 0) != 0)
		exit(9);
	buf_free(b);
}

/*
 * Under ASan: the search for leaks at exit needs calls that net's list kills,
 * and freed memory kept aside would count as growth.
 */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0:quarantine_size_mb=1";
}

/* The shipped program when it is built beside this test, else the same code in a fork. */
static void
fake_exec_net(int fd)
{
	static char name[] = "sekisho-net";
	char *argv[] = { name, NULL };
	char path[256];
	char *slash;
	ssize_t n;
	int i;

	n = readlink("/proc/self/exe", path, sizeof(path) - 40);
	path[n < 0 ? 0 : n] = '\0';
	for (i = 0; i < 3; i++)		/* B/unit/net/x_test */
		if ((slash = strrchr(path, '/')) != NULL)
			*slash = '\0';
	strncat(path, "/bin/sekisho-net", 30);
	if (dup2(fd, 3) < 0)
		_exit(9);
	fd_close_from(4);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)setenv("ASAN_OPTIONS", __asan_default_options(), 1);
	(void)execv(path, argv);
	_exit(net_main(1, argv));
}

static void
fake_connection(int client)
{
	static struct fake f;
	char source[] = "127.0.0.1:1";
	struct msg_conn c = { .source = source };
	struct msg m;
	pid_t net;
	int pair[2], status = 0;

	if (chan_pair(pair) != 0 || pipe2(fake_sigchld,
	    O_CLOEXEC | O_NONBLOCK) < 0)
		exit(9);
	(void)signal(SIGCHLD, fake_on_sigchld);
	if ((net = fork()) == 0)
		fake_exec_net(pair[1]);
	close(pair[1]);
	f.net = chan_new(pair[0], PEER_M, PEER_N);
	/* the slice is D's to send */
	{
		struct fake d = { .net = chan_new(dup(pair[0]), PEER_D,
		    PEER_N) };

		fake_slice(&d);
		chan_free(d.net);
	}
	if (chan_wait(f.net, &m, 10000) != 0 || m.type != MSG_READY)
		exit(9);
	msg_done(&m);
	if (chan_put_conn(f.net, 0, &c, &client, 1) != 0)
		exit(9);
	close(client);
	f.pid = net;
	fake_say("net pid=%d", (int)net);
	fake_loop(&f);
	for (size_t i = 0; i < FAKE_JOBS; i++)
		if (f.jobs[i].is_used)
			fake_kill(&f.jobs[i]);
	chan_free(f.net);
	(void)waitpid(net, &status, 0);
	fake_say("net gone status=%x", (unsigned int)status);
	_exit(0);
}

static void
fake_accept_loop(int listener)
{
	int fd;

	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		if ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
			continue;
		if (fork() == 0) {
			close(listener);
			fake_connection(fd);
		}
		close(fd);
	}
}

#endif
