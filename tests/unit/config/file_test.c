/* file_test.c - who may have written a configuration file, on real files. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/file.h"

static char dir[] = "/tmp/sekisho-conf-XXXXXX";
static char file[sizeof(dir) + 16], other[sizeof(dir) + 16];

static int
make_dir(void **state)
{
	FILE *f;

	(void)state;
	if (geteuid() != 0)
		return 0;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/a.conf", dir);
	snprintf(other, sizeof(other), "%s/link", dir);
	if ((f = fopen(file, "we")) == NULL)
		return -1;
	fputs("x = 1;", f);
	return fclose(f);
}

static int
remove_dir(void **state)
{
	(void)state;
	unlink(file);
	unlink(other);
	rmdir(dir);
	return 0;
}

/* What conf_file_read() says with these owners and modes; "%s" of "want" is the path. */
static void
expect(mode_t dir_mode, uid_t dir_uid, mode_t mode, uid_t uid,
    const char *path, const char *want)
{
	struct conf_error e = { "" };
	char *text = NULL, full[CONF_ERROR_MAX];
	size_t n;
	int r;

	assert_int_equal(chown(dir, dir_uid, 0), 0);
	assert_int_equal(chmod(dir, dir_mode), 0);
	assert_int_equal(chown(file, uid, 0), 0);
	assert_int_equal(chmod(file, mode), 0);
	r = conf_file_read(file, &text, &n, &e);
	if (want == NULL) {
		assert_string_equal(e.text, "");
		assert_int_equal(r, 0);
		assert_string_equal(text, "x = 1;");
	} else {
		snprintf(full, sizeof(full), "%s: %s", path, want);
		assert_string_equal(e.text, full);
		assert_int_equal(r, ERR_FORMAT);
		assert_null(text);
	}
	str_wipe(text);
}

#define ROOT_ONLY	"expected to be writable by root only, found mode "

static void
only_what_root_alone_can_write_is_read(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	expect(0755, 0, 0644, 0, "", NULL);
	expect(0700, 0, 0600, 0, "", NULL);
	expect(0755, 0, 0664, 0, file, ROOT_ONLY "0664");
	expect(0755, 0, 0646, 0, file, ROOT_ONLY "0646");
	expect(0755, 0, 0644, 1, file, "expected root as owner, found uid 1");
	expect(0775, 0, 0644, 0, dir, ROOT_ONLY "0775");
	expect(0757, 0, 0644, 0, dir, ROOT_ONLY "0757");
	/* Whoever may add files beside it may add profiles: no sticky bit helps. */
	expect(01777, 0, 0644, 0, dir, ROOT_ONLY "1777");
	expect(0755, 1, 0644, 0, dir, "expected root as owner, found uid 1");
	expect(0755, 0, 0644, 0, "", NULL);
}

static void
a_link_is_followed_and_what_it_names_is_judged(void **state)
{
	struct conf_error e = { "" };
	char *text = NULL, want[CONF_ERROR_MAX];
	size_t n;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(symlink(file, other), 0);
	assert_int_equal(conf_file_read(other, &text, &n, &e), 0);
	str_wipe(text);
	text = NULL;
	assert_int_equal(chmod(file, 0666), 0);
	assert_int_equal(conf_file_read(other, &text, &n, &e), ERR_FORMAT);
	snprintf(want, sizeof(want), "%s: " ROOT_ONLY "0666", file);
	assert_string_equal(e.text, want);
	assert_int_equal(chmod(file, 0644), 0);
}

static void
what_is_no_file_or_too_long_is_refused(void **state)
{
	struct conf_error e = { "" };
	char *text = NULL, want[CONF_ERROR_MAX];
	size_t n;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(conf_file_read("/nonexistent/x", &text, &n, &e),
	    ERR_FORMAT);
	assert_string_equal(e.text, "/nonexistent/x: expected a file that can "
	    "be read, found: No such file or directory");
	assert_int_equal(conf_file_read("/etc", &text, &n, &e), ERR_FORMAT);
	assert_string_equal(e.text, "/etc: expected a regular file");
	assert_int_equal(truncate(file, CONF_FILE_MAX + 1), 0);
	assert_int_equal(conf_file_read(file, &text, &n, &e), ERR_FORMAT);
	snprintf(want, sizeof(want), "%s: expected at most 262144 bytes", file);
	assert_string_equal(e.text, want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_root_alone_can_write_is_read),
		cmocka_unit_test(
		    a_link_is_followed_and_what_it_names_is_judged),
		cmocka_unit_test(what_is_no_file_or_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
