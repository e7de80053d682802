/* accounts_test.c - locks, expiry, members of groups. */
#include "tests/unit/test.h"

#include <shadow.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strv.h"
#include "load/accounts.h"
#include "tests/unit/load/bed.h"

#define DAYS(n)	((int64_t)(n) * 86400)

static void
an_account_is_locked_by_its_shadow_line_only(void **state)
{
	static const struct {
		const char	*hash;
		long		 lstchg, max, inact, expire;
		int64_t		 now;
		const char	*why;
	} rows[] = {
		{ "$6$x", 20000, 99999, -1, -1, DAYS(20500), NULL },
		{ "!$6$x", 20000, 99999, -1, -1, DAYS(20500),
		    "the account is locked" },
		{ "!", 20000, 99999, -1, -1, DAYS(20500),
		    "the account is locked" },
		{ "*", 20000, 99999, -1, -1, DAYS(20500),
		    "the account is locked" },
		{ "$6$x", 20000, 99999, -1, 20500, DAYS(20499), NULL },
		{ "$6$x", 20000, 99999, -1, 20500, DAYS(20500) - 1, NULL },
		{ "$6$x", 20000, 99999, -1, 20500, DAYS(20500),
		    "the account has expired" },
		{ "$6$x", 20000, 99999, -1, 0, DAYS(20500),
		    "the account has expired" },
		/* must be changed at the next login: that is no lock */
		{ "$6$x", 0, 99999, 5, -1, DAYS(20500), NULL },
		{ "$6$x", 20000, 90, -1, -1, DAYS(20500), NULL },
		{ "$6$x", 20000, 90, 5, -1, DAYS(20095), NULL },
		{ "$6$x", 20000, 90, 5, -1, DAYS(20096),
		    "the password expired too long ago" },
	};
	struct spwd s;
	const char *why;
	char hash[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&s, 0, sizeof(s));
		snprintf(hash, sizeof(hash), "%s", rows[i].hash);
		s.sp_pwdp = hash;
		s.sp_lstchg = rows[i].lstchg;
		s.sp_max = rows[i].max;
		s.sp_inact = rows[i].inact;
		s.sp_expire = rows[i].expire;
		why = account_locked(&s, rows[i].now);
		if (rows[i].why == NULL)
			assert_null(why);
		else
			assert_string_equal(why, rows[i].why);
	}
}

static void
an_account_is_found_with_its_state(void **state)
{
	struct account a;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(account_find("carol", DAYS(20500), &a), 0);
	assert_int_equal(a.uid, 1003);
	assert_int_equal(a.gid, 1100);
	assert_int_equal(a.active, 1);		/* nologin is no lock */
	account_free(&a);
	assert_int_equal(account_find("locked", DAYS(20500), &a), 0);
	assert_int_equal(a.active, 0);
	account_free(&a);
	assert_int_equal(account_find("twin", DAYS(20500), &a), 0);
	assert_int_equal(a.active, 1);		/* no shadow line at all */
	account_free(&a);
	assert_int_equal(account_find("nosuch", 0, &a), ERR_NOTFOUND);
	assert_int_equal(account_find(
	    "a-name-that-is-longer-than-any-account-can-be", 0, &a),
	    ERR_NOTFOUND);
}

static void
members_are_those_listed_and_those_by_primary_group(void **state)
{
	char **m = NULL;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(account_members("ops", &m), 0);
	assert_int_equal(strv_len(m), 3);
	assert_true(strv_has(m, "alice") && strv_has(m, "bob") &&
	    strv_has(m, "carol"));
	strv_free(m);
	m = NULL;
	assert_int_equal(account_members("nobody", &m), 0);
	assert_int_equal(strv_len(m), 0);
	assert_int_equal(account_members("nosuch", &m), ERR_NOTFOUND);
}

static void
supplementary_groups_are_numbers_big_endian(void **state)
{
	struct account a;
	struct blob g = { NULL, 0 };

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(account_find("svc", 0, &a), 0);
	assert_int_equal(account_groups(&a, &g), 0);
	assert_int_equal(g.n, 8);
	assert_int_equal(g.p[2] << 8 | g.p[3], 500);
	assert_int_equal(g.p[6] << 8 | g.p[7], 501);
	mem_wipe(g.p, g.n);
	account_free(&a);
}

/* As where /etc/shadow has mode 0000: this program has no right to read all files. */
static void
a_lock_that_cannot_be_seen_is_an_error(void **state)
{
	struct account a;
	int status = 0;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	if ((pid = fork()) == 0) {
		log_init("test", LOG_ERROR);
		if (setresuid(65534, 65534, 65534) < 0)
			_exit(2);
		_exit(account_find("alice", DAYS(20500), &a) == ERR_SYS ?
		    0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_is_locked_by_its_shadow_line_only),
		cmocka_unit_test(an_account_is_found_with_its_state),
		cmocka_unit_test(
		    members_are_those_listed_and_those_by_primary_group),
		cmocka_unit_test(supplementary_groups_are_numbers_big_endian),
		cmocka_unit_test(a_lock_that_cannot_be_seen_is_an_error),
	};

	return cmocka_run_group_tests(tests, bed_enter, NULL);
}
