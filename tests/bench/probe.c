/*
 * probe.c - the SSH client of the bench: the same steps against every server, one JSON object a line.
 * links: ssh
 *
 *	probe [-w] -p PORT -u USER -c CIPHER MODE ...		password in $BENCH_PW
 *	login N			connect, log in, leave
 *	exec N COMMAND		... with one command
 *	mux N COMMAND		one login, N commands one after the other
 *	echo N COMMAND		a terminal, N single bytes there and back
 *	rate SECONDS CLIENTS	CLIENTS log in as often as they can
 *	hold N COMMAND		N logins with a terminal each, until standard input ends
 *	crowd N COMMAND FILE	N logins; COMMAND says "ready"; all start at once and must send FILE; -t: half of them on terminals
 *
 * Times are microseconds.  -w: method "password".  Every loop is bounded by a
 * count or by time.
 */
#include "tests/bench/client.h"
#include "tests/bench/crowd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/num.h"

#define FAILS_MAX	3	/* then a mode gives up */
#define TYPE_GAP_US	3000	/* between two keystrokes */
#define LINE_LETTERS	64	/* then a line ends: cooked lines have a limit */

static void
print_login(const struct login_times *t)
{
	printf("\"tcp\": %.1f, \"kex\": %.1f, \"auth\": %.1f, \"login\": %.1f",
	    t->tcp, t->kex, t->auth, t->tcp + t->kex + t->auth);
}

static void
print_run(const struct run_times *t)
{
	printf("\"open\": %.1f, \"first\": %.1f, \"eof\": %.1f, "
	    "\"done\": %.1f, \"status\": %d, \"bytes\": %zu", t->open,
	    t->first, t->eof, t->done, t->status, t->bytes);
}

static int
mode_login(const struct client *c, int n, const char *command)
{
	struct login_times t;
	struct run_times run;
	ssh_session s;
	int i, fails = 0;

	for (i = 0; i < n && fails < FAILS_MAX; i++) {
		if ((s = client_login(c, &t)) == NULL) {
			fails++;
			continue;
		}
		if (command == NULL || client_run(s, command, &run) == 0) {
			printf("{");
			print_login(&t);
			if (command != NULL) {
				printf(", ");
				print_run(&run);
			}
			printf("}\n");
		} else
			fails++;
		client_end(s);
	}
	return fails;
}

static int
mode_mux(const struct client *c, int n, const char *command)
{
	struct run_times run;
	ssh_session s;
	int i, fails = 0;

	if ((s = client_login(c, NULL)) == NULL)
		return 1;
	for (i = 0; i < n && fails < FAILS_MAX; i++) {
		if (client_run(s, command, &run) != 0) {
			fails++;
			continue;
		}
		printf("{");
		print_run(&run);
		printf("}\n");
	}
	client_end(s);
	return fails;
}

static void
swallow(ssh_channel ch)
{
	char buf[4096];

	while (ssh_channel_read_nonblocking(ch, buf, sizeof(buf), 0) > 0)
		continue;
}

/* What is typed comes back from the terminal's line; "command" (cat) only holds it open. */
static int
mode_echo(const struct client *c, int n, const char *command)
{
	char buf[4096], key;
	ssh_channel ch = NULL;
	ssh_session s;
	double begun;
	int i, got, fails = 0;

	if ((s = client_login(c, NULL)) == NULL)
		return 1;
	if ((ch = client_exec(s, command, true)) == NULL) {
		client_end(s);
		return 1;
	}
	usleep(400000);		/* the command is there and reads */
	swallow(ch);
	for (i = 0; i < n && fails < FAILS_MAX; i++) {
		key = (char)('a' + i % 26);
		begun = now_us();
		ssh_channel_write(ch, &key, 1);
		got = ssh_channel_read_timeout(ch, buf, sizeof(buf), 0, 5000);
		if (got != 1 || buf[0] != key) {
			say_fail("echo", "another byte, or none, came back");
			fails++;
			swallow(ch);
			continue;
		}
		printf("{\"echo\": %.1f}\n", now_us() - begun);
		if (i % LINE_LETTERS == LINE_LETTERS - 1) {
			key = '\n';
			ssh_channel_write(ch, &key, 1);
			usleep(20000);
			swallow(ch);
		}
		usleep(TYPE_GAP_US);
	}
	ssh_channel_send_eof(ch);
	ssh_channel_close(ch);
	ssh_channel_free(ch);
	client_end(s);
	return fails;
}

/* One of the clients of mode_rate: counts to *pipe. */
static void
rate_client(const struct client *c, double until, int to)
{
	int count[2] = { 0, 0 };
	ssh_session s;

	while (now_us() < until && count[1] < FAILS_MAX) {
		if ((s = client_login(c, NULL)) != NULL) {
			count[0]++;
			client_end(s);
		} else
			count[1]++;
	}
	if (write(to, count, sizeof(count)) != (ssize_t)sizeof(count))
		_exit(1);
	_exit(0);
}

static int
mode_rate(const struct client *c, int seconds, int clients)
{
	int i, pipes[2], count[2], logins = 0, fails = 0;
	double begun, took;

	if (pipe(pipes) != 0)
		return 1;
	fflush(stdout);
	begun = now_us();
	for (i = 0; i < clients; i++)
		if (fork() == 0)
			rate_client(c, begun + seconds * 1e6, pipes[1]);
	close(pipes[1]);
	while (read(pipes[0], count, sizeof(count)) == (ssize_t)sizeof(count)) {
		logins += count[0];
		fails += count[1];
	}
	took = (now_us() - begun) / 1e6;
	while (wait(NULL) > 0)
		continue;
	close(pipes[0]);
	printf("{\"logins\": %d, \"seconds\": %.3f, \"per_s\": %.2f, "
	    "\"fails\": %d}\n", logins, took, logins / took, fails);
	return fails;
}

static int
usage(void)
{
	fprintf(stderr, "usage: probe [-tw] -p port -u user -c cipher "
	    "login|exec|mux|echo|rate|hold|crowd count ...\n");
	return 64;
}

static int
run_mode(const struct client *c, bool has_ptys, int argc, char **argv)
{
	const char *mode = argv[0], *command = argc > 2 ? argv[2] : NULL;
	int64_t n, clients;

	if (num_parse(argv[1], 1, 100000, &n) != 0)
		return usage();
	if (strcmp(mode, "login") == 0 && argc == 2)
		return mode_login(c, (int)n, NULL);
	if (command == NULL)
		return usage();
	if (strcmp(mode, "exec") == 0)
		return mode_login(c, (int)n, command);
	if (strcmp(mode, "mux") == 0)
		return mode_mux(c, (int)n, command);
	if (strcmp(mode, "echo") == 0)
		return mode_echo(c, (int)n, command);
	if (strcmp(mode, "rate") == 0 &&
	    num_parse(command, 1, 64, &clients) == 0)
		return mode_rate(c, (int)n, (int)clients);
	if (strcmp(mode, "hold") == 0)
		return crowd_hold(c, (int)n, command);
	if (strcmp(mode, "crowd") == 0 && argc == 4)
		return crowd_run(c, (int)n, command, argv[3], has_ptys);
	return usage();
}

int
main(int argc, char **argv)
{
	struct client c = { .user = "alice", .cipher = "aes256-gcm@openssh.com" };
	bool has_ptys = false;
	int64_t port = 0;
	int o, fails;

	while ((o = getopt(argc, argv, "+twp:u:c:")) != -1)
		switch (o) {
		case 't': has_ptys = true; break;
		case 'w': c.by_password = true; break;
		case 'u': c.user = optarg; break;
		case 'c': c.cipher = optarg; break;
		case 'p':
			if (num_parse(optarg, 1, 65535, &port) == 0)
				break;
			/* FALLTHROUGH */
		default: return usage();
		}
	if (argc - optind < 2 || port == 0)
		return usage();
	c.port = (int)port;
	if ((c.password = getenv("BENCH_PW")) == NULL)
		c.password = "";
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN },
	    NULL);
	setvbuf(stdout, NULL, _IOLBF, 0);
	ssh_init();
	fails = run_mode(&c, has_ptys, argc - optind, argv + optind);
	ssh_finalize();
	if (fails == 64)
		return 64;
	return fails == 0 ? 0 : 1;
}
