/* delegate_test.c - which cgroup a line of /proc/PID/cgroup names.  The real thing: tests/package/unit. */
#include "../test.h"

#include <string.h>

#include "base/err.h"
#include "confine/delegate.h"

static void
the_line_of_version_2_names_the_path(void **state)
{
	static const struct {
		const char *text, *path;
	} rows[] = {
		{ "0::/system.slice/sekisho.service\n", "/system.slice/sekisho.service" },
		{ "9:name=systemd:/\n4:memory:/a\n0::/b/c\n", "/b/c" },
		{ "0::/b", "/b" },
		{ "0::/\n", "" },
		{ "1:cpu:/0::/x\n0::/y\n", "/y" },
	};
	char path[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(delegate_path(rows[i].text, path,
		    sizeof(path)), 0);
		assert_string_equal(path, rows[i].path);
	}
}

static void
without_that_line_there_is_none(void **state)
{
	char path[64];

	(void)state;
	assert_int_equal(delegate_path("", path, sizeof(path)), ERR_NOTFOUND);
	assert_int_equal(delegate_path("4:memory:/a\n", path, sizeof(path)),
	    ERR_NOTFOUND);
	assert_int_equal(delegate_path("10::/a\n", path, sizeof(path)),
	    ERR_NOTFOUND);
}

static void
a_path_that_has_no_room_is_refused(void **state)
{
	char path[5];

	(void)state;
	assert_int_equal(delegate_path("0::/abc\n", path, sizeof(path)), 0);
	assert_int_equal(delegate_path("0::/abcd\n", path, sizeof(path)),
	    ERR_LIMIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_of_version_2_names_the_path),
		cmocka_unit_test(without_that_line_there_is_none),
		cmocka_unit_test(a_path_that_has_no_room_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
