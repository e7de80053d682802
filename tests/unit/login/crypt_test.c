/* crypt_test.c - a password is hashed once, by us and by pam_unix; libcrypt's own function is counted here. */
#include "tests/unit/login/accounts.h"

#include <crypt.h>
#include <dlfcn.h>

#include "login/crypt_once.h"
#include "login/login.h"

#define SETTING	"$5$saltsalt$"	/* quick */

static int calls;

/* Between src/login and libcrypt. */
char *
crypt_rn(const char *phrase, const char *setting, void *data, int size)
{
	static void *lib;
	union {
		void	*p;
		char	*(*f)(const char *, const char *, void *, int);
	} real;

	if (lib == NULL && (lib = dlopen("libcrypt.so.1", RTLD_NOW)) == NULL)
		abort();
	real.p = dlsym(lib, "crypt_rn");
	calls++;
	return real.f(phrase, setting, data, size);
}

static int
set_up(void **state)
{
	(void)state;
	crypt_once_forget();
	calls = 0;
	return 0;
}

static const char *
hash(const char *phrase, const char *setting, struct crypt_data *d)
{
	memset(d, 0, sizeof(*d));
	return crypt_r(phrase, setting, d);
}

static void
the_second_of_two_equal_calls_costs_nothing(void **state)
{
	struct crypt_data a, b;

	(void)state;
	assert_string_equal(hash("x", SETTING, &a), hash("x", SETTING, &b));
	assert_int_equal(calls, 1);
	assert_ptr_not_equal(hash("x", SETTING, &a), NULL);
	assert_int_equal(calls, 2);	/* and is forgotten with it */
}

static void
another_phrase_or_setting_is_another_call(void **state)
{
	struct crypt_data a, b;

	(void)state;
	assert_string_not_equal(hash("x", SETTING, &a),
	    hash("y", SETTING, &b));
	assert_string_not_equal(hash("y", "$5$othersalt$", &a),
	    hash("y", SETTING, &b));
	assert_int_equal(calls, 4);
}

static void
what_was_forgotten_is_hashed_again(void **state)
{
	struct crypt_data a, b;

	(void)state;
	(void)hash("x", SETTING, &a);
	crypt_once_forget();
	(void)hash("x", SETTING, &b);
	assert_int_equal(calls, 2);
}

static void
what_cannot_be_hashed_is_no_hash_and_not_kept(void **state)
{
	struct crypt_data a;

	(void)state;
	assert_int_equal(hash("x", "!", &a)[0], '*');
	assert_int_equal(hash("x", "!", &a)[0], '*');
	assert_int_equal(hash("x", "*0", &a)[0], '*');
	assert_int_equal(calls, 3);
}

static const char *typed;

static int
ask(void *arg, const char *instruction, const struct login_prompt *prompts,
    size_t n, char **answers)
{
	(void)arg;
	(void)instruction;
	(void)prompts;
	if (n == 1)
		answers[0] = strdup(typed);
	return 0;
}

static enum login_verdict
log_in(const char *password)
{
	const struct login_conf conf = { .service = "sekisho",
		.dir = accounts_pam_dir(), .user = "alice",
		.rhost = "192.0.2.1", .ask = ask };
	struct login *l = login_new(&conf);
	enum login_verdict v;

	typed = password;
	v = login_check(l, 1);
	login_free(l);
	return v;
}

static void
pam_unix_comes_here_and_hashes_once(void **state)
{
	struct login *warm;

	(void)state;
	if (geteuid() != 0)
		skip();
	accounts_service("sekisho", "auth required pam_unix.so\n"
	    "account required pam_unix.so\nsession required pam_unix.so\n");
	assert_int_equal(log_in(OLD), LOGIN_PASSED);
	assert_int_equal(calls, 1);
	assert_int_equal(log_in("wrong"), LOGIN_WRONG);
	assert_int_equal(calls, 2);
	assert_int_equal(log_in(OLD), LOGIN_PASSED);
	assert_int_equal(calls, 3);
	/* the same with everything loaded before */
	assert_non_null(warm = login_warm("sekisho", accounts_pam_dir()));
	assert_int_equal(log_in(OLD), LOGIN_PASSED);
	assert_int_equal(calls, 4);
	login_free(warm);
}

/* Every answer of a forced change. */
static int
ask_change(void *arg, const char *instruction,
    const struct login_prompt *prompts, size_t n, char **answers)
{
	(void)arg;
	(void)instruction;
	if (n == 1)
		answers[0] = strdup(strstr(prompts[0].text, "ew password") !=
		    NULL ? NEW : OLD);
	return 0;
}

static void
a_changed_password_is_not_kept(void **state)
{
	const struct login_conf conf = { .service = "sekisho",
		.dir = accounts_pam_dir(), .user = "newbie",
		.rhost = "192.0.2.1", .ask = ask_change };
	struct crypt_data d;
	char line[512] = "";
	struct login *l;
	FILE *f;

	(void)state;
	if (geteuid() != 0)
		skip();
	accounts_service("sekisho", "auth required pam_unix.so\n"
	    "account required pam_unix.so\nsession required pam_unix.so\n"
	    "password required pam_unix.so sha512 rounds=1000\n");
	l = login_new(&conf);
	assert_int_equal(login_check(l, 1), LOGIN_PASSED);
	f = fopen("/etc/shadow", "re");
	while (fgets(line, sizeof(line), f) != NULL &&
	    strncmp(line, "newbie:", 7) != 0)
		;
	fclose(f);
	calls = 0;
	/* the salt alone is what it was made with, not what is left of that */
	line[7 + strcspn(line + 7, ":")] = '\0';
	*strrchr(line, '$') = '\0';
	assert_memory_equal(hash(NEW, line + 7, &d), line + 7,
	    strlen(line + 7));
	assert_int_equal(calls, 1);
	login_free(l);
}

#define T(name)	cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_second_of_two_equal_calls_costs_nothing),
		T(another_phrase_or_setting_is_another_call),
		T(what_was_forgotten_is_hashed_again),
		T(what_cannot_be_hashed_is_no_hash_and_not_kept),
		T(pam_unix_comes_here_and_hashes_once),
		T(a_changed_password_is_not_kept),
	};

	return cmocka_run_group_tests(tests, accounts_setup,
	    accounts_teardown);
}
