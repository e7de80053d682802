/* start_test.c - no confinement, no work; nothing but the slice comes first. */
#include "rig.h"

static void
line_of(pid_t pid, const char *file, const char *key, char *out, size_t size)
{
	char path[64], line[256];
	FILE *f;

	out[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0)
			snprintf(out, size, "%s", line + strlen(key));
	fclose(f);
}

static void
a_recorder_that_is_ready_has_no_rights(void **state)
{
	struct rig g;
	char s[256];

	(void)state;
	rig_start(&g);
	line_of(g.pid, "status", "Uid:", s, sizeof(s));
	assert_string_equal(s, "\t65534\t65534\t65534\t65534\n");
	line_of(g.pid, "status", "Groups:", s, sizeof(s));
	assert_string_equal(s, "\t \n");
	line_of(g.pid, "status", "CapPrm:", s, sizeof(s));
	assert_string_equal(s, "\t0000000000000000\n");
	line_of(g.pid, "status", "CapBnd:", s, sizeof(s));
	assert_string_equal(s, "\t0000000000000000\n");
	line_of(g.pid, "status", "NoNewPrivs:", s, sizeof(s));
	assert_string_equal(s, "\t1\n");
	line_of(g.pid, "status", "Seccomp:", s, sizeof(s));
	assert_string_equal(s, "\t2\n");
	rig_hang_up(&g);		/* before any file: it just goes */
	assert_int_equal(rig_wait(&g), 0);
	rig_stop(&g);
}

static void
a_root_directory_that_others_can_write_to_stops_the_start(void **state)
{
	struct rig g;
	struct msg m;

	(void)state;
	rig_spawn(&g);
	assert_int_equal(chmod(g.root, 0777), 0);
	rig_slice(&g);
	assert_true(chan_wait(g.monitor, &m, RIG_WAIT_MS) < 0);
	assert_int_equal(rig_wait(&g), 71);
	rig_stop(&g);
}

static void
anything_but_the_slice_stops_the_start(void **state)
{
	struct rig g;
	struct msg m;

	(void)state;
	rig_spawn(&g);
	assert_int_equal(chan_put_ping(g.monitor, 1, NULL, NULL, 0), 0);
	assert_true(chan_wait(g.monitor, &m, RIG_WAIT_MS) < 0);
	assert_int_equal(rig_wait(&g), 71);
	rig_stop(&g);
}

static void
a_slice_of_another_role_stops_the_start(void **state)
{
	struct rig g;
	struct msg_slice slice = { .body = { (uint8_t *)(uintptr_t)"abc", 3 } };
	struct msg m;

	(void)state;
	rig_spawn(&g);
	assert_int_equal(chan_put_slice(g.monitor, 0, &slice, NULL, 0), 0);
	assert_true(chan_wait(g.monitor, &m, RIG_WAIT_MS) < 0);
	assert_int_equal(rig_wait(&g), 71);
	rig_stop(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorder_that_is_ready_has_no_rights),
		cmocka_unit_test(a_root_directory_that_others_can_write_to_stops_the_start),
		cmocka_unit_test(anything_but_the_slice_stops_the_start),
		cmocka_unit_test(a_slice_of_another_role_stops_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
