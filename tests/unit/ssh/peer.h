/* peer.h - a server of our own around src/ssh, and the real ssh(1) as its client. */
#ifndef UNIT_SSH_PEER_H
#define UNIT_SSH_PEER_H

#include "../test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "ssh/client.h"
#include "ssh/lane.h"

/* What the client did, for the tests to look at. */
static struct {
	int		 attempts[8];
	char		 user[64], answer[64];
	struct lane	*lane;
	enum lane_start	 kind;
	char		 command[256];
	int		 starts, envs, eofs, closes, resizes, ends;
	char		 term[64], signal[32];
	size_t		 take;		/* of each data call */
	char		 data[4096];
	size_t		 ndata;
	char		 refused[64], detail[128];
	/* what to do when a command starts */
	void		(*on_start)(void);
} saw;

static struct client *server;
static char dir[] = "/tmp/sekisho-ssh-XXXXXX";

static enum client_verdict
see_attempt(void *ctx, enum client_method m, const char *user)
{
	(void)ctx;
	(void)user;
	saw.attempts[m]++;
	return CLIENT_FAIL;
}

static enum client_verdict
see_dialogue(void *ctx, const char *user, char **answers, size_t n)
{
	static char prompt[] = "Password: ";
	char *prompts[] = { prompt };
	uint8_t echo[] = { 0 };

	(void)ctx;
	if (user != NULL) {
		snprintf(saw.user, sizeof(saw.user), "%s", user);
		return client_ask(server, "", "", 1, prompts, echo) == 0 ?
		    CLIENT_ASKED : CLIENT_END;
	}
	if (n != 1)
		return CLIENT_END;
	snprintf(saw.answer, sizeof(saw.answer), "%s", answers[0]);
	if (strcmp(answers[0], "end") == 0)
		return CLIENT_END;
	return strcmp(answers[0], "right") == 0 ? CLIENT_OK : CLIENT_FAIL;
}

static void *
see_open(void *ctx, struct lane *l)
{
	(void)ctx;
	if (saw.lane != NULL)
		return NULL;
	saw.lane = l;
	return &saw;
}

static int
see_pty(void *arg, const char *term, int cols, int rows)
{
	(void)arg;
	(void)cols;
	(void)rows;
	snprintf(saw.term, sizeof(saw.term), "%s", term);
	return 0;
}

static int
see_start(void *arg, enum lane_start kind, const char *text)
{
	(void)arg;
	saw.kind = kind;
	saw.starts++;
	snprintf(saw.command, sizeof(saw.command), "%s", text);
	return 0;
}

static void
see_env(void *arg)
{
	(void)arg;
	saw.envs++;
}

static void
see_resize(void *arg, int cols, int rows)
{
	(void)arg;
	(void)cols;
	(void)rows;
	saw.resizes++;
}

static void
see_signal(void *arg, const char *name)
{
	(void)arg;
	snprintf(saw.signal, sizeof(saw.signal), "%s", name);
}

static size_t
see_data(void *arg, const uint8_t *p, size_t n)
{
	(void)arg;
	if (n > saw.take)
		n = saw.take;
	if (n > sizeof(saw.data) - saw.ndata)
		n = sizeof(saw.data) - saw.ndata;
	memcpy(saw.data + saw.ndata, p, n);
	saw.ndata += n;
	return n;
}

static void
see_eof(void *arg)
{
	(void)arg;
	saw.eofs++;
}

static void
see_end_of_output(void *arg)
{
	(void)arg;
	saw.ends++;
}

static void
see_closed(void *arg)
{
	(void)arg;
	saw.closes++;
}

static void
see_refused(void *ctx, void *arg, const char *what, const char *detail)
{
	(void)ctx;
	(void)arg;
	snprintf(saw.refused, sizeof(saw.refused), "%s", what);
	snprintf(saw.detail, sizeof(saw.detail), "%s", detail);
}

static const struct client_events events = {
	.attempt = see_attempt, .dialogue = see_dialogue, .open = see_open,
	.pty = see_pty, .start = see_start, .env = see_env,
	.resize = see_resize, .got_signal = see_signal, .data = see_data,
	.eof = see_eof, .end_of_output = see_end_of_output,
	.closed = see_closed, .refused = see_refused
};

static char *__attribute__((unused))
slurp(const char *name)
{
	char path[128];
	uint8_t *p = NULL;
	size_t n = 0;
	char *text;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0 ||
	    fd_read_all(fd, 65536, &p, &n) != 0)
		return NULL;
	close(fd);
	text = calloc(1, n + 1);
	if (n > 0)
		memcpy(text, p, n);
	mem_wipe(p, n);
	return text;
}

static int
shell(const char *script)
{
	pid_t pid;
	int status = -1;

	if ((pid = fork()) == 0) {
		(void)execl("/bin/sh", "sh", "-ec", script, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	return status;
}

static int
peer_begin(void **state)
{
	char s[512];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(s, sizeof(s), "cd %s; ssh-keygen -q -t ed25519 -N '' -f key;"
	    "ssh-keygen -q -t dsa -N '' -f dsa || true;"
	    "printf '#!/bin/sh\\ncat %s/answer\\n' >ask; chmod 755 ask", dir,
	    dir);
	return shell(s);
}

static int
peer_end(void **state)
{
	char s[128];

	(void)state;
	snprintf(s, sizeof(s), "rm -rf %s", dir);
	return shell(s);
}

static int
peer_set_up(void **state)
{
	static const struct client_options o = { .version = "OpenSSH_test",
		.banner = "" };
	char *key;
	int r;

	(void)state;
	memset(&saw, 0, sizeof(saw));
	saw.take = SIZE_MAX;
	if ((server = client_new(&o, &events, NULL)) == NULL ||
	    (key = slurp("key")) == NULL)
		return -1;
	r = client_add_key(server, "key", key);
	free(key);
	return r;
}

static int
peer_tear_down(void **state)
{
	(void)state;
	client_free(server);
	server = NULL;
	return 0;
}

/* One turn; ERR_CLOSED when the client is gone. */
static int
turn(void)
{
	struct pollfd p = { .fd = client_fd(server),
		.events = client_poll_events(server) };

	if (poll(&p, 1, 10000) != 1)
		return ERR_TIMEOUT;
	return client_turn(server);
}

/* Runs ssh(1) against us; returns its status.  "result" gets what it printed. */
static int __attribute__((unused))
with_ssh(const char *answer, const char *arguments, char *result, size_t size)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	char s[1024];
	int fd, one, out[2], status = -1, r, started = 0;
	ssize_t n;
	pid_t pid;

	assert_true((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	snprintf(s, sizeof(s), "cd %s; echo '%s' >answer; SSH_ASKPASS=%s/ask"
	    " SSH_ASKPASS_REQUIRE=force; export SSH_ASKPASS"
	    " SSH_ASKPASS_REQUIRE; o='-F none -o StrictHostKeyChecking=no"
	    " -o UserKnownHostsFile=%s/known.$$ -o LogLevel=ERROR -p %d"
	    " -o NumberOfPasswordPrompts=1'; u=bob@127.0.0.1;"
	    " timeout 20 ssh $o %s", dir, answer, dir, dir,
	    ntohs(a.sin_port), arguments);
	if ((pid = fork()) == 0) {
		(void)dup2(out[1], 1);
		fd_close_from(3);
		(void)execl("/bin/bash", "bash", "-c", s, (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	one = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	close(fd);
	assert_int_equal(client_accept(server, one), 0);
	r = client_turn(server);
	while (r == 0) {
		r = turn();
		if (r == 0 && saw.starts > started) {
			started = saw.starts;
			if (saw.on_start != NULL)
				saw.on_start();
		}
	}
	assert_int_equal(r, ERR_CLOSED);
	client_end(server);
	n = read(out[0], result, size - 1);
	result[n < 0 ? 0 : n] = '\0';
	close(out[0]);
	(void)waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, peer_set_up, peer_tear_down)

#endif
