/* cgroup_test.c - the leaf of a job, in a folder that looks like a delegated one. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launch/cgroup.h"

static char folder[] = "/tmp/sekisho-cgroup-XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int
base(void)
{
	return open(folder, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
}

static void
without_delegation_there_is_none(void **state)
{
	struct cgroup c;

	(void)state;
	cgroup_make(&c, -1, 10, 10);
	assert_int_equal(c.fd, -1);
	cgroup_close(&c);
	cgroup_close(&c);
}

static void
a_leaf_without_controllers_is_taken_away_again(void **state)
{
	char path[128];
	struct cgroup c;

	(void)state;
	cgroup_make(&c, base(), 10, 0);
	assert_int_equal(c.fd, -1);
	assert_int_equal(c.base, -1);
	snprintf(path, sizeof(path), "%s/job-%d", folder, (int)getpid());
	assert_int_equal(access(path, F_OK), -1);
}

static void
leaves_of_dead_launchers_are_swept_and_others_stay(void **state)
{
	char dead[128], alive[128], other[128];
	struct cgroup c;

	(void)state;
	snprintf(dead, sizeof(dead), "%s/job-%d", folder, 0x7ffffff0);
	snprintf(alive, sizeof(alive), "%s/job-%d", folder, (int)getppid());
	snprintf(other, sizeof(other), "%s/gate", folder);
	mkdir(dead, 0755);
	mkdir(alive, 0755);
	mkdir(other, 0755);
	cgroup_make(&c, base(), 0, 0);
	assert_int_equal(access(dead, F_OK), -1);
	assert_int_equal(access(alive, F_OK), 0);
	assert_int_equal(access(other, F_OK), 0);
	rmdir(alive);
	rmdir(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_delegation_there_is_none),
		cmocka_unit_test(a_leaf_without_controllers_is_taken_away_again),
		cmocka_unit_test(leaves_of_dead_launchers_are_swept_and_others_stay),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
