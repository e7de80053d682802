/* list_test.c - the policy as lines for scripts. */
#include "tests/unit/test.h"

#include <sys/mman.h>

#include "load/policy.h"
#include "tests/unit/load/bed.h"

/* What policy_list() prints. */
static char *
listed(void)
{
	int fd = memfd_create("out", MFD_CLOEXEC), keep = dup(1);
	static char text[65536];
	static struct policy p;
	ssize_t n;

	assert_true(fd >= 0 && keep >= 0);
	assert_int_equal(policy_load(BED_CONF, &p), 0);
	assert_int_equal(fflush(stdout), 0);
	assert_int_equal(dup2(fd, 1), 1);
	assert_int_equal(policy_list(&p), 0);
	assert_int_equal(dup2(keep, 1), 1);
	close(keep);
	n = pread(fd, text, sizeof(text) - 1, 0);
	assert_true(n > 0);
	text[n] = '\0';
	close(fd);
	policy_free(&p);
	return text;
}

static void
assert_line(const char *text, const char *line)
{
	char want[512];

	snprintf(want, sizeof(want), "\n%s\n", line);
	if (strstr(text, want) == NULL)
		fail_msg("no line \"%s\" in:%s", line, text);
}

static void
settings_people_rules_and_warnings_are_a_line_each(void **state)
{
	const char *text, *p;
	size_t settings = 0;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(bed_write("/etc/sekisho/roles.conf",
	    "operators = [ \"alice\" ];\napprovers = [ \"bob\", \"locked\" ];\n"
	    "auditors = [ \"bob\" ];\n"), 0);
	text = listed();
	assert_int_equal(strncmp(text, "setting\tlisten\t0.0.0.0:2222\n", 28), 0);
	assert_line(text, "setting\tstate_dir\t/var/lib/sekisho");
	assert_line(text, "setting\tdisk.refuse\t52428800");
	assert_line(text, "setting\tpam_dir\t");
	assert_line(text, "setting\tcommand_dirs\t/usr/bin");
	assert_line(text, "person\talice\t1001\toperator\tactive\t");
	assert_line(text, "person\tbob\t1002\tapprover,auditor\tactive\t");
	assert_line(text, "person\tlocked\t1004\tapprover\tinactive\t"
	    "the account is locked");
	assert_line(text, "rule\tinspect\t1");
	assert_line(text, "run_as\troot\t0");
	assert_line(text, "warning\t/etc/sekisho/roles.conf:2: approvers: "
	    "\"locked\" can do nothing: the account is locked");
	for (p = text; (p = strstr(p, "setting\t")) != NULL; p++)
		settings++;
	assert_true(settings >= conf_sekisho_nkeys - 2);	/* lists may be empty */
	assert_int_equal(bed_policy(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_people_rules_and_warnings_are_a_line_each),
	};

	return cmocka_run_group_tests(tests, bed_enter, NULL);
}
