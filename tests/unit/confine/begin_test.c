/* begin_test.c - titles in ps, and starting a part of the gate by hand. */
/* no-asan: enters its role for real, and the sanitizer makes calls that the list kills */
#include "../test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/role.h"

/* What ps would show of this process. */
static char *
shown(char *out, size_t size)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, out, size - 1);
	close(fd);
	assert_true(n >= 0);
	out[n] = '\0';
	return out;
}

static void
the_title_replaces_the_command_line(void **state)
{
	char out[1000];

	(void)state;
	role_title("sekisho-monitor: %s [priv]", "alice");
	assert_string_equal(shown(out, sizeof(out)),
	    "sekisho-monitor: alice [priv]");
	role_title("short");
	assert_string_equal(shown(out, sizeof(out)), "short");
}

static void
hostile_text_in_a_title_is_escaped(void **state)
{
	char out[1000];
	const char *p;

	(void)state;
	role_title("sekisho-net: %s", "a\033[2J\n\x9b");
	for (p = shown(out, sizeof(out)); *p != '\0'; p++)
		assert_true(*p >= 0x20 && *p < 0x7f);
}

static void
a_title_longer_than_its_room_is_cut(void **state)
{
	char out[4096], name[300];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	role_title("%s", name);
	assert_true(strlen(shown(out, sizeof(out))) < 260);
	assert_non_null(getenv("PATH"));	/* moved away, not lost */
}

/* Exit status of role_begin in a child, with or without a first argument. */
static int
begin(const char *arg, int close_it)
{
	char name[] = "sekisho-net", first[32];
	char *argv[] = { name, NULL, NULL };
	int status, argc = 1;

	fflush(NULL);
	if (fork() == 0) {
		if (arg != NULL) {
			snprintf(first, sizeof(first), "%s", arg);
			argv[1] = first;
			argc = 2;
		}
		if (close_it)
			close(3);
		if (freopen("/dev/null", "w", stdout) == NULL ||
		    freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		role_begin("sekisho-net", argc, argv);
		_exit(99);
	}
	assert_true(wait(&status) > 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
by_hand_it_says_so_and_exits_with_64(void **state)
{
	(void)state;
	assert_int_equal(begin(NULL, 1), 64);
	assert_int_equal(begin("--version", 1), 0);
	assert_int_equal(begin("--help", 1), 0);
	assert_int_equal(begin("-h", 1), 0);
}

#ifdef __SANITIZE_ADDRESS__	/* a second role_begin in one process forgets the first copies */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_title_replaces_the_command_line),
		cmocka_unit_test(hostile_text_in_a_title_is_escaped),
		cmocka_unit_test(a_title_longer_than_its_room_is_cut),
		cmocka_unit_test(by_hand_it_says_so_and_exits_with_64),
	};

	if (getenv("SEKISHO_TITLE") == NULL) {	/* room, as the starter gives it */
		setenv("SEKISHO_TITLE", "                                        "
		    "                                        ", 1);
		execv("/proc/self/exe", argv);
	}
	role_title_claim(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
