/* local_test.c - the program by hand, on the gate's own machine. */
/* no-asan: the program confines itself, and the sanitizer makes calls that its list kills */
#include "tests/unit/cli/fake.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>

#define W(s)	((char *)(uintptr_t)(s))

/* Status of the program with these arguments; its texts into *out and *err. */
static int
run(const char *const *words_, uid_t uid, char **out, char **err)
{
	int fds[2] = { memfd_create("out", MFD_CLOEXEC),
		memfd_create("err", MFD_CLOEXEC) };
	char *argv[12] = { W("sekisho") };
	int status, n = 1;
	pid_t pid;

	for (; words_[n - 1] != NULL; n++)
		argv[n] = W(words_[n - 1]);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		if (dup2(fds[0], 1) < 0 || dup2(fds[1], 2) < 0 ||
		    (uid != 0 && setuid(uid) < 0))
			_exit(99);
		_exit(cli_main(n, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*out = fake_read(fds[0]);
	*err = fake_read(fds[1]);
	close(fds[0]);
	close(fds[1]);
	return WEXITSTATUS(status);
}

static void
help_and_version_need_no_gate(void **state)
{
	char *out, *err;

	(void)state;
	assert_int_equal(run((const char *[]){ "--version", NULL }, 0, &out, &err), 0);
	assert_memory_equal(out, "sekisho ", 8);
	assert_string_equal(err, "");
	free(out);
	free(err);
	assert_int_equal(run((const char *[]){ "--help", NULL }, 0, &out, &err), 0);
	assert_memory_equal(out, "usage: ssh GATE WORD...\n", 24);
	assert_non_null(strstr(out, "request approve"));
	assert_string_equal(err, "");
	free(out);
	free(err);
}

/* Somebody behind a door at "path" who answers from the table; killed by stop(). */
static pid_t
serve(const char *path, const struct answer *answers)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), one, log;
	struct chan *ch;
	struct msg m;
	pid_t pid;

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		log = open("/dev/null", O_WRONLY);
		while ((one = accept(fd, NULL, NULL)) >= 0) {
			ch = chan_new(one, PEER_G, PEER_W);
			while (answers != NULL && chan_wait(ch, &m, 5000) == 0) {
				fake_answer(ch, &m, answers, log);
				msg_done(&m);
			}
			chan_free(ch);
		}
		_exit(0);
	}
	close(fd);
	return pid;
}

static void
stop(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static char dir[] = "/tmp/sekisho-door-XXXXXX", door[64];

static int
make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL || chmod(dir, 0711) < 0)
		return -1;
	snprintf(door, sizeof(door), "%s/door", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	(void)unlink(door);
	return rmdir(dir);
}

static void
a_word_is_answered_through_the_door(void **state)
{
	static const struct answer answers[] = {
		{ "whoami", "OK", "{\"name\":\"carol\",\"uid\":1003,\"roles\":"
		  "[\"auditor\"],\"source\":\"local\",\"gate\":\"g\","
		  "\"may_run\":[],\"may_approve\":[]}", -1, 0 },
		{ "session-show", "NOT-FOUND", "{\"code\":\"NOT-FOUND\","
		  "\"next\":\"session list\",\"reason\":\"there is no session "
		  "S7\"}", -1, 0 },
		{ NULL, NULL, NULL, -1, 0 },
	};
	pid_t pid = serve(door, answers);
	char *out, *err;

	(void)state;
	assert_int_equal(run((const char *[]){ "--door", door, "whoami",
	    "--json", NULL }, 65534, &out, &err), 0);	/* no privilege is needed */
	assert_non_null(strstr(out, "\"source\":\"local\""));
	assert_string_equal(err, "");
	free(out);
	free(err);
	assert_int_equal(run((const char *[]){ "--door", door, "session",
	    "show", "S7", NULL }, 0, &out, &err), 77);
	assert_string_equal(out, "");
	assert_string_equal(err, "sekisho: refused [NOT-FOUND] there is no "
	    "session S7\nnext: session list\n");
	free(out);
	free(err);
	stop(pid);
	unlink(door);
}

/* What a file behind it would show: nothing can be opened any more. */
static void
the_rights_of_the_caller_are_given_up_before_the_answer(void **state)
{
	static const char confined[] = "Seccomp:\t2";
	char line[4096], path[64];
	char *argv[] = { W("sekisho"), W("--door"), door, W("whoami"), NULL };
	int fd, n, i, found = 0;
	pid_t pid, gate;

	(void)state;
	gate = serve(door, NULL);
	kill(gate, SIGSTOP);		/* it takes who comes and never answers */
	assert_true((pid = fork()) >= 0);
	if (pid == 0)
		_exit(cli_main(4, argv));
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	for (i = 0; i < 500 && !found; i++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = (int)read(fd, line, sizeof(line) - 1);
		line[n < 0 ? 0 : n] = '\0';
		close(fd);
		found = strstr(line, confined) != NULL &&
		    strstr(line, "NoNewPrivs:\t1") != NULL;
		usleep(10000);
	}
	assert_true(found);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	stop(gate);
	unlink(door);
}

static void
without_a_door_it_says_so_and_where(void **state)
{
	char want[300];
	char *out, *err;
	pid_t pid;

	(void)state;
	assert_int_equal(run((const char *[]){ "--door", door, "whoami", NULL },
	    0, &out, &err), 69);
	assert_string_equal(out, "");
	snprintf(want, sizeof(want), "sekisho: refused [UNAVAILABLE] there is "
	    "no local door at %s: the gate has not made one\n"
	    "next: sudo sekisho check\n", door);
	assert_string_equal(err, want);
	free(out);
	free(err);
	stop(serve(door, NULL));	/* the name stays, nobody is behind it */
	assert_int_equal(run((const char *[]){ "--door", door, "whoami", NULL },
	    0, &out, &err), 69);
	assert_non_null(strstr(err, ": the gate is not running\n"));
	free(out);
	free(err);
	unlink(door);
	pid = serve(door, NULL);	/* lets in and lets go at once */
	assert_int_equal(run((const char *[]){ "--door", door, "whoami", NULL },
	    0, &out, &err), 69);
	assert_memory_equal(err, "sekisho: refused [UNAVAILABLE] ", 31);
	free(out);
	free(err);
	stop(pid);
	unlink(door);
}

static void
only_words_are_answered_here(void **state)
{
	char *out, *err;

	(void)state;
	assert_int_equal(run((const char *[]){ "id", NULL }, 0, &out, &err),
	    77);
	assert_string_equal(err, "sekisho: refused [NOT-OFFERED] on the host "
	    "itself words are answered, commands run over ssh only\n"
	    "next: ssh GATE with the same words\n");
	free(out);
	free(err);
	assert_int_equal(run((const char *[]){ "run", "R1", NULL }, 0, &out,
	    &err), 77);
	free(out);
	free(err);
	assert_int_equal(run((const char *[]){ "--help", "x", NULL }, 0, &out,
	    &err), 64);
	assert_memory_equal(err, "sekisho: refused [USAGE] ", 25);
	free(out);
	free(err);
	assert_int_equal(run((const char *[]){ "--door", NULL }, 0, &out,
	    &err), 64);
	free(out);
	free(err);
	/* a program reads the same */
	assert_int_equal(run((const char *[]){ "--door", "/none", "whoami",
	    "--json", NULL }, 0, &out, &err), 69);
	assert_string_equal(out, "{\"code\":\"UNAVAILABLE\",\"next\":\"sudo "
	    "sekisho check\",\"reason\":\"there is no local door at "
	    "/none: the gate has not made one\"}\n");
	assert_memory_equal(err, "sekisho: refused [UNAVAILABLE] ", 31);
	free(out);
	free(err);
	/* and that needs no gate */
	assert_int_equal(run((const char *[]){ "--door", "/none", "help",
	    "request", NULL }, 0, &out, &err), 0);
	assert_non_null(strstr(out, "request approve"));
	free(out);
	free(err);
}

/* A terminal that was changed for the keys of a replay is as before. */
static void
a_replay_gives_the_terminal_back(void **state)
{
	char *argv[] = { W("sekisho"), W("--door"), door, W("session"),
		W("replay"), W("S1"), NULL };
	struct termios before, after;
	int a, b, status;
	pid_t pid, gate = serve(door, NULL);

	(void)state;
	assert_int_equal(openpty(&a, &b, NULL, NULL, NULL), 0);
	assert_int_equal(tcgetattr(b, &before), 0);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		dup2(b, 0);
		dup2(b, 1);
		_exit(cli_main(6, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 69);
	assert_int_equal(tcgetattr(b, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	close(a);
	close(b);
	stop(gate);
	unlink(door);
}

static void
the_gateway_side_is_not_for_hands(void **state)
{
	char *out, *err;

	(void)state;
	assert_int_equal(run((const char *[]){ "--gateway", NULL }, 0, &out, &err), 64);
	assert_string_equal(out, "");
	free(out);
	free(err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_and_version_need_no_gate),
		cmocka_unit_test(a_word_is_answered_through_the_door),
		cmocka_unit_test(
		    the_rights_of_the_caller_are_given_up_before_the_answer),
		cmocka_unit_test(without_a_door_it_says_so_and_where),
		cmocka_unit_test(only_words_are_answered_here),
		cmocka_unit_test(a_replay_gives_the_terminal_back),
		cmocka_unit_test(the_gateway_side_is_not_for_hands),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
