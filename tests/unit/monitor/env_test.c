/* env_test.c - the job's environment: what is in it, and that nothing else is. */
#include "monitor/env.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/strv.h"
#include "tests/unit/test.h"

#define W(s)	((char *)(uintptr_t)(s))

static char *dirs[] = { W("/usr/bin"), W("/bin"), NULL };
static struct env_facts facts = { .command_dirs = dirs, .lang = "C.UTF-8",
	.zone = "Asia/Tokyo", .term = "xterm", .user = "web",
	.home = "/var/www", .shell = "/bin/sh", .session = 345 };

static void
without_a_keep_list_only_the_account_is_in_it(void **state)
{
	char *want[] = { W("PATH=/usr/bin:/bin"), W("HOME=/var/www"),
		W("USER=web"), W("LOGNAME=web"), W("SHELL=/bin/sh"),
		W("SEKISHO_SESSION=S345"), NULL };
	struct msg_plan plan = { 0 };
	char **env = NULL;

	(void)state;
	assert_int_equal(setenv("LD_PRELOAD", "/tmp/x.so", 1), 0);
	assert_int_equal(env_make(&facts, &plan, &env), 0);
	assert_true(strv_equal(env, want));
	strv_free(env);
}

static void
the_keep_list_lets_the_gates_own_values_in(void **state)
{
	char *keep[] = { W("LA*"), W("TERM"), W("TZ"), W("HOSTNAME"), NULL };
	struct msg_plan plan = { .env_keep = keep };
	struct env_facts f = facts;
	char **env = NULL;

	(void)state;
	assert_int_equal(env_make(&f, &plan, &env), 0);
	assert_true(strv_has(env, "LANG=C.UTF-8"));
	assert_true(strv_has(env, "TERM=xterm"));
	assert_true(strv_has(env, "TZ=Asia/Tokyo"));
	assert_int_equal(strv_len(env), 9);
	strv_free(env);
	env = NULL;
	f.term = NULL;			/* no terminal */
	assert_int_equal(env_make(&f, &plan, &env), 0);
	assert_int_equal(strv_len(env), 8);
	strv_free(env);
}

static void
the_profile_may_set_but_not_the_session(void **state)
{
	char *lines[] = { W("PAGER=less"), W("HOME=/srv"), W("EMPTY="),
		W("SEKISHO_SESSION=S1"), NULL };
	struct msg_plan plan = { .env_set = lines };
	char **env = NULL;

	(void)state;
	assert_int_equal(env_make(&facts, &plan, &env), 0);
	assert_true(strv_has(env, "PAGER=less"));
	assert_true(strv_has(env, "HOME=/srv"));
	assert_false(strv_has(env, "HOME=/var/www"));
	assert_true(strv_has(env, "EMPTY="));
	assert_true(strv_has(env, "SEKISHO_SESSION=S345"));
	assert_false(strv_has(env, "SEKISHO_SESSION=S1"));
	strv_free(env);
}

static void
a_line_without_a_name_is_an_error(void **state)
{
	char *none[] = { W("PAGER"), NULL }, *empty[] = { W("=x"), NULL };
	struct msg_plan plan = { .env_set = none };
	char **env = NULL;

	(void)state;
	assert_int_equal(env_make(&facts, &plan, &env), ERR_FORMAT);
	plan.env_set = empty;
	assert_int_equal(env_make(&facts, &plan, &env), ERR_FORMAT);
	assert_null(env);
}

static void
without_directories_the_path_is_debians(void **state)
{
	struct env_facts f = facts;
	struct msg_plan plan = { 0 };
	char **env = NULL;

	(void)state;
	f.command_dirs = NULL;
	assert_int_equal(env_make(&f, &plan, &env), 0);
	assert_true(strv_has(env, "PATH=/usr/local/sbin:/usr/local/bin:"
	    "/usr/sbin:/usr/bin:/sbin:/bin"));
	strv_free(env);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_keep_list_only_the_account_is_in_it),
		cmocka_unit_test(the_keep_list_lets_the_gates_own_values_in),
		cmocka_unit_test(the_profile_may_set_but_not_the_session),
		cmocka_unit_test(a_line_without_a_name_is_an_error),
		cmocka_unit_test(without_directories_the_path_is_debians),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
