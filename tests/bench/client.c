/* client.c - the login and the command of the probe: libssh, TCP_NODELAY, curve25519, ed25519 host keys. */
#include "tests/bench/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_S		20	/* no step of the probe takes longer */
#define ROUNDS_MAX	8	/* of keyboard-interactive */

double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

void
say_fail(const char *what, const char *why)
{
	printf("{\"fail\": \"%s: ", what);
	for (; *why != '\0'; why++)
		if (*why >= ' ' && *why < 127 && *why != '"' && *why != '\\')
			putchar(*why);
	printf("\"}\n");
	fflush(stdout);
}

static int
dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd, one = 1;

	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int
set_options(ssh_session s, const struct client *c, int fd)
{
	int no = 0, one = 1;
	long limit = LIMIT_S;

	if (ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no) != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_HOST, "127.0.0.1") != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_USER, c->user) != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_FD, &fd) != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_TIMEOUT, &limit) != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_NODELAY, &one) != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_KEY_EXCHANGE,
	    "curve25519-sha256") != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_HOSTKEYS, "ssh-ed25519") != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_CIPHERS_C_S, c->cipher) != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_CIPHERS_S_C, c->cipher) != 0)
		return -1;
	return 0;
}

/* Every prompt of every round gets the password. */
static int
answer(ssh_session s, const char *password)
{
	int i, n, r, round;

	r = ssh_userauth_kbdint(s, NULL, NULL);
	for (round = 0; r == SSH_AUTH_INFO && round < ROUNDS_MAX; round++) {
		n = ssh_userauth_kbdint_getnprompts(s);
		for (i = 0; i < n; i++)
			if (ssh_userauth_kbdint_setanswer(s, (unsigned int)i,
			    password) < 0)
				return SSH_AUTH_ERROR;
		r = ssh_userauth_kbdint(s, NULL, NULL);
	}
	return r;
}

ssh_session
client_login(const struct client *c, struct login_times *t)
{
	double begun, connected, exchanged;
	ssh_session s;
	int fd, r;

	begun = now_us();
	if ((fd = dial(c->port)) < 0) {
		say_fail("connect", "nobody answers");
		return NULL;
	}
	connected = now_us();
	if ((s = ssh_new()) == NULL || set_options(s, c, fd) != 0) {
		say_fail("options", s != NULL ? ssh_get_error(s) : "no memory");
		if (s != NULL)
			ssh_free(s);
		close(fd);
		return NULL;
	}
	if (ssh_connect(s) != SSH_OK) {
		say_fail("key exchange", ssh_get_error(s));
		ssh_free(s);
		return NULL;
	}
	exchanged = now_us();
	r = c->by_password ? ssh_userauth_password(s, NULL, c->password) :
	    answer(s, c->password);
	if (r != SSH_AUTH_SUCCESS) {
		say_fail("login", ssh_get_error(s));
		client_end(s);
		return NULL;
	}
	if (t != NULL) {
		t->auth = now_us() - exchanged;
		t->kex = exchanged - connected;
		t->tcp = connected - begun;
	}
	return s;
}

void
client_end(ssh_session s)
{
	if (s == NULL)
		return;
	ssh_disconnect(s);
	ssh_free(s);
}

ssh_channel
client_exec(ssh_session s, const char *command, bool has_pty)
{
	ssh_channel ch;

	if ((ch = ssh_channel_new(s)) == NULL ||
	    ssh_channel_open_session(ch) != SSH_OK ||
	    (has_pty && ssh_channel_request_pty_size(ch, "xterm", 80, 24) !=
	    SSH_OK) || ssh_channel_request_exec(ch, command) != SSH_OK) {
		say_fail("exec", ssh_get_error(s));
		if (ch != NULL)
			ssh_channel_free(ch);
		return NULL;
	}
	return ch;
}

int
client_run(ssh_session s, const char *command, struct run_times *t)
{
	static char buf[65536];
	double begun;
	ssh_channel ch;
	int n;

	begun = now_us();
	*t = (struct run_times){ .first = -1, .status = -1 };
	if ((ch = client_exec(s, command, false)) == NULL)
		return -1;
	t->open = now_us() - begun;
	while ((n = ssh_channel_read_timeout(ch, buf, sizeof(buf), 0,
	    LIMIT_S * 1000)) > 0) {
		if (t->bytes == 0)
			t->first = now_us() - begun;
		t->bytes += (size_t)n;
	}
	t->eof = now_us() - begun;
	if (t->bytes == 0)
		t->first = t->eof;
	if (!ssh_channel_is_eof(ch) && !ssh_channel_is_closed(ch)) {
		say_fail("output", "it did not end in time");
		ssh_channel_free(ch);
		return -1;
	}
	t->status = ssh_channel_get_exit_status(ch);	/* waits for it */
	t->done = now_us() - begun;
	ssh_channel_close(ch);
	ssh_channel_free(ch);
	return 0;
}
