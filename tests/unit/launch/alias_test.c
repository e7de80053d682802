/* alias_test.c - other names of a hidden path, from the text of mountinfo. */
#include "tests/unit/test.h"

#include <string.h>

#include "base/err.h"
#include "base/strv.h"
#include "launch/alias.h"

static const char mounts[] =
    "20 1 254:0 / / rw - ext4 /dev/vda rw\n"
    "21 20 0:5 / /proc rw - proc proc rw\n"
    "22 20 254:0 /var/lib /mnt/lib rw - ext4 /dev/vda rw\n"
    "23 20 254:0 /var/lib/sekisho/keys /mnt/some\\040keys rw - ext4 /dev/vda rw\n"
    "24 20 254:1 / /data rw - ext4 /dev/vdb rw\n"
    "25 20 254:1 /gate /srv/gate rw - ext4 /dev/vdb rw\n"
    "26 20 254:0 /var/library /mnt/other rw - ext4 /dev/vda rw\n";

/* The names of "path", or the kernel's file systems beneath it, under this mountinfo. */
static int
ask(const char *mountinfo, int kernel, const char *path, char ***list)
{
	struct aliases *a = NULL;
	char *text = strdup(mountinfo);
	int r;

	assert_non_null(text);
	if ((r = alias_parse(text, &a)) == 0)
		r = kernel ? alias_kernel_mounts(a, path, list) :
		    alias_add(a, path, list);
	alias_close(a);
	return r;
}

static char **
find(const char *path)
{
	char **list = NULL;

	assert_int_equal(ask(mounts, 0, path, &list), 0);
	return list;
}

static void
a_path_on_the_root_is_found_in_every_bind_mount(void **state)
{
	char **list = find("/var/lib/sekisho");

	(void)state;
	assert_int_equal(strv_len(list), 3);
	assert_true(strv_has(list, "/var/lib/sekisho"));
	assert_true(strv_has(list, "/mnt/lib/sekisho"));
	assert_true(strv_has(list, "/mnt/some keys"));
	strv_free(list);
}

static void
a_path_on_a_bind_mount_is_found_at_its_origin(void **state)
{
	char **list = find("/srv/gate/etc");

	(void)state;
	assert_int_equal(strv_len(list), 2);
	assert_true(strv_has(list, "/data/gate/etc"));
	strv_free(list);
	list = find("/srv/gate");
	assert_true(strv_has(list, "/data/gate"));
	strv_free(list);
}

static void
names_that_only_begin_alike_are_others(void **state)
{
	char **list = find("/var/lib/sekisho-other");

	(void)state;
	assert_int_equal(strv_len(list), 2);
	assert_false(strv_has(list, "/mnt/some keys"));
	strv_free(list);
}

static const char overlays[] =
    "20 1 254:0 / / rw - ext4 /dev/vda rw\n"
    "21 20 0:40 / /mnt rw - tmpfs bed rw\n"
    "22 20 0:41 / /etc ro,relatime shared:3 - overlay overlay "
    "rw,lowerdir=/etc,upperdir=/mnt/up,workdir=/mnt/work\n"
    "23 20 0:42 / /srv/c rw - overlay o rw,lowerdir=rel:/opt/a\\134:b:/var,"
    "upperdir=/opt/with\\040blank\n"
    "24 20 0:42 /lib /srv/part rw - overlay o rw,lowerdir=rel:/var\n";

static char **
find_layers(const char *path)
{
	char **list = NULL;

	assert_int_equal(ask(overlays, 0, path, &list), 0);
	return list;
}

static void
the_layers_of_an_overlay_are_other_names(void **state)
{
	char **list = find_layers("/etc/sekisho");

	(void)state;
	assert_int_equal(strv_len(list), 2);
	assert_true(strv_has(list, "/mnt/up/sekisho"));
	strv_free(list);
	list = find_layers("/srv/c/x");
	assert_true(strv_has(list, "/opt/a:b/x"));
	assert_true(strv_has(list, "/var/x"));
	assert_true(strv_has(list, "/opt/with blank/x"));
	strv_free(list);
}

static void
an_overlay_shows_what_lies_in_its_layers(void **state)
{
	char **list = find_layers("/var/lib/sekisho");

	(void)state;
	assert_int_equal(strv_len(list), 3);
	assert_true(strv_has(list, "/srv/c/lib/sekisho"));
	assert_true(strv_has(list, "/srv/part/sekisho"));
	strv_free(list);
	list = find_layers("/mnt");		/* all of a layer, and more */
	assert_true(strv_has(list, "/etc"));
	strv_free(list);
}

static void
kernel_file_systems_beneath_a_directory_are_found(void **state)
{
	static const char text[] = "20 1 254:0 / / rw - ext4 /dev/vda rw\n"
	    "21 20 0:5 / /srv/c/proc rw shared:1 - proc proc rw\n"
	    "22 20 0:6 / /srv/c/sys rw - sysfs sysfs rw\n"
	    "23 20 0:7 / /srv/c/tmp rw - tmpfs proc rw\n"
	    "24 20 0:5 / /srv/cc/proc rw - proc proc rw\n";
	char **list = NULL;

	(void)state;
	assert_int_equal(ask(text, 1, "/srv/c", &list), 0);
	assert_int_equal(strv_len(list), 2);
	assert_true(strv_has(list, "/srv/c/proc"));
	assert_true(strv_has(list, "/srv/c/sys"));
	strv_free(list);
}

static void
a_root_that_is_an_overlay_names_no_path_twice(void **state)
{
	static const char text[] = "20 1 0:40 / / rw - overlay o "
	    "rw,lowerdir=/,upperdir=/up,workdir=/work\n";
	char **list = NULL;
	size_t i;

	(void)state;
	assert_int_equal(ask(text, 0, "/etc/shadow", &list), 0);
	assert_true(strv_has(list, "/etc/shadow"));
	assert_true(strv_has(list, "/up/etc/shadow"));
	for (i = 0; list[i] != NULL; i++)
		assert_null(strstr(list[i], "//"));
	strv_free(list);
}

static void
a_damaged_table_is_an_error(void **state)
{
	char **list = NULL;

	(void)state;
	assert_int_equal(ask("20 1 254:0 /\n", 0, "/x", &list), ERR_FORMAT);
	strv_free(list);
	list = NULL;
	assert_int_equal(ask("", 0, "/x", &list), ERR_NOTFOUND);
	strv_free(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_on_the_root_is_found_in_every_bind_mount),
		cmocka_unit_test(a_path_on_a_bind_mount_is_found_at_its_origin),
		cmocka_unit_test(names_that_only_begin_alike_are_others),
		cmocka_unit_test(the_layers_of_an_overlay_are_other_names),
		cmocka_unit_test(an_overlay_shows_what_lies_in_its_layers),
		cmocka_unit_test(kernel_file_systems_beneath_a_directory_are_found),
		cmocka_unit_test(a_root_that_is_an_overlay_names_no_path_twice),
		cmocka_unit_test(a_damaged_table_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
