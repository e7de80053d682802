/* The program by hand, on the gate's own machine. */
#include "tests/unit/cli/fake.h"

/* Status of the program with these arguments; its texts into *out and *err. */
static int
run(const char *a, const char *b, char **out, char **err)
{
	int fds[2] = { memfd_create("out", MFD_CLOEXEC),
		memfd_create("err", MFD_CLOEXEC) };
	int status, n = 1 + (a != NULL) + (b != NULL);
	char *argv[4] = { strdup("sekisho"), a == NULL ? NULL : strdup(a),
		b == NULL ? NULL : strdup(b), NULL };
	pid_t pid = fork();
	size_t i;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (dup2(fds[0], 1) < 0 || dup2(fds[1], 2) < 0)
			_exit(99);
		_exit(cli_main(n, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	*out = fake_read(fds[0]);
	*err = fake_read(fds[1]);
	for (i = 0; i < 3; i++)
		free(argv[i]);
	close(fds[0]);
	close(fds[1]);
	return WEXITSTATUS(status);
}

static void
help_and_version_need_no_gate(void **state)
{
	char *out, *err;

	(void)state;
	assert_int_equal(run("--version", NULL, &out, &err), 0);
	assert_memory_equal(out, "sekisho ", 8);
	assert_string_equal(err, "");
	free(out);
	free(err);
	assert_int_equal(run("--help", NULL, &out, &err), 0);
	assert_memory_equal(out, "usage: ssh GATE WORD...\n", 24);
	assert_non_null(strstr(out, "request approve"));
	assert_string_equal(err, "");
	free(out);
	free(err);
}

static void
the_local_door_is_not_open(void **state)
{
	char *out, *err;

	(void)state;
	assert_int_equal(run("whoami", NULL, &out, &err), 69);
	assert_string_equal(out, "");
	assert_string_equal(err, "sekisho: refused [UNAVAILABLE] the local door "
	    "of this gate is not open\nnext: ssh GATE with the same words\n");
	free(out);
	free(err);
	assert_int_equal(run(NULL, NULL, &out, &err), 69);
	free(out);
	free(err);
	assert_int_equal(run("--help", "x", &out, &err), 69);
	free(out);
	free(err);
}

static void
the_gateway_side_is_not_for_hands(void **state)
{
	char *out, *err;

	(void)state;
	assert_int_equal(run("--gateway", NULL, &out, &err), 64);
	assert_string_equal(out, "");
	free(out);
	free(err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_and_version_need_no_gate),
		cmocka_unit_test(the_local_door_is_not_open),
		cmocka_unit_test(the_gateway_side_is_not_for_hands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
