/* login_test.c - real pam_unix, real accounts, in a private copy of /etc. */
#include "login/login.h"

#include <time.h>

#include "base/err.h"
#include "base/log.h"
#include "tests/unit/login/accounts.h"

#define STACK_PASSWORD	"password required pam_unix.so obscure minlen=8 sha512\n"
#define STACK	"auth required pam_unix.so\naccount required pam_unix.so\n" \
	STACK_PASSWORD "session required pam_unix.so\n"

/* What the person does: answers in order; NULL breaks off. */
struct person {
	const char	*answers[16];
	size_t		 next;
	size_t		 rounds, empty_rounds;
	char		 seen[4096];	/* instructions and prompts */
};

static int
ask(void *arg, const char *instruction, const struct login_prompt *prompts,
    size_t n, char **answers)
{
	struct person *p = arg;
	size_t i;

	p->rounds++;
	p->empty_rounds += n == 0;
	strncat(p->seen, instruction, sizeof(p->seen) - strlen(p->seen) - 1);
	for (i = 0; i < n; i++) {
		strncat(p->seen, prompts[i].text,
		    sizeof(p->seen) - strlen(p->seen) - 1);
		strncat(p->seen, "|", 2);
		if (p->answers[p->next] == NULL) {
			while (i > 0)
				free(answers[--i]);
			return ERR_CLOSED;
		}
		assert_false(prompts[i].echo);
		answers[i] = strdup(p->answers[p->next++]);
	}
	return 0;
}

static enum login_verdict
try(const char *service, const char *user, struct person *p, int is_entitled)
{
	struct login_conf conf = { .service = service,
		.dir = accounts_pam_dir(), .user = user, .rhost = "192.0.2.7",
		.ask = ask, .arg = p };
	struct login *l = login_new(&conf);
	enum login_verdict v;

	if (l == NULL)
		return LOGIN_BROKEN;
	v = login_check(l, is_entitled);
	if (v == LOGIN_PASSED && is_entitled)
		assert_int_equal(login_session_open(l), 0);
	login_free(l);
	return v;
}

/* The same in a process of its own: what these modules leak is not ours. */
static enum login_verdict
try_apart(const char *service, const char *user, struct person *p)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit((int)try(service, user, p, 1));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum login_verdict)WEXITSTATUS(status);
}

static void
the_right_password_passes_and_opens_a_session(void **state)
{
	struct person p = { .answers = { OLD } };

	(void)state;
	assert_int_equal(try("unix", "alice", &p, 1), LOGIN_PASSED);
	assert_string_equal(p.seen, "Password: |");
	assert_int_equal(p.rounds, 1);
}

static void
a_wrong_password_does_not_and_does_not_sleep(void **state)
{
	struct person p = { .answers = { "wrong" } };
	struct timespec a, b;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(try("unix", "alice", &p, 1), LOGIN_WRONG);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_string_equal(p.seen, "Password: |");
	assert_true(b.tv_sec - a.tv_sec < 2);
}

static void
unknown_and_locked_are_asked_the_same(void **state)
{
	struct person p = { .answers = { OLD } }, q = { .answers = { OLD } };

	(void)state;
	assert_int_equal(try("unix", "nobody-here", &p, 0), LOGIN_NO_USER);
	assert_string_equal(p.seen, "Password: |");
	assert_int_equal(try("unix", "locked", &q, 0), LOGIN_WRONG);
	assert_string_equal(q.seen, "Password: |");
}

static void
an_expired_account_is_told_nothing(void **state)
{
	struct person p = { .answers = { OLD } };

	(void)state;
	assert_int_equal(try("unix", "gone", &p, 1), LOGIN_NO_ACCOUNT);
	assert_string_equal(p.seen, "Password: |");
	assert_int_equal(p.rounds, 1);
}

static void
a_temporary_password_is_changed_within_the_login(void **state)
{
	struct person p = { .answers = { OLD, OLD, NEW, NEW } };
	struct person old = { .answers = { OLD } }, new = { .answers = { NEW } };

	(void)state;
	assert_int_equal(try("unix", "newbie", &p, 1), LOGIN_PASSED);
	assert_int_equal(p.rounds - p.empty_rounds, 4);
	assert_int_equal(try("unix", "newbie", &old, 1), LOGIN_WRONG);
	assert_int_equal(try("unix", "newbie", &new, 1), LOGIN_PASSED);
	accounts_reset();
}

static void
a_wrong_retype_may_be_tried_again(void **state)
{
	struct person p = { .answers = { OLD, OLD, NEW, "Other9+words", OLD,
	    NEW, NEW } };
	struct person new = { .answers = { NEW } };

	(void)state;
	assert_int_equal(try("unix", "newbie", &p, 1), LOGIN_PASSED);
	assert_non_null(strstr(p.seen, "do not match"));
	assert_int_equal(try("unix", "newbie", &new, 1), LOGIN_PASSED);
	accounts_reset();
}

static void
a_weak_password_is_refused_with_its_reason(void **state)
{
	struct person p = { .answers = { OLD, OLD, "abc", "abc", NEW, NEW } };

	(void)state;
	assert_int_equal(try("unix", "newbie", &p, 1), LOGIN_PASSED);
	assert_non_null(strstr(p.seen, "must choose a longer password"));
	accounts_reset();
}

static void
who_never_finds_a_good_password_is_refused_in_the_end(void **state)
{
	struct person p = { .answers = { OLD, OLD, "a", "a", "b", "b", "c",
	    "c", OLD, "d", "d", "e", "e" } };
	struct person old = { .answers = { OLD, NULL } };

	(void)state;
	assert_int_not_equal(try("unix", "newbie", &p, 1), LOGIN_PASSED);
	assert_int_equal(try("unix", "newbie", &old, 1), LOGIN_LEFT);
	accounts_reset();
}

static void
breaking_off_at_any_question_is_no_login(void **state)
{
	const char *all[] = { OLD, OLD, NEW, NEW };
	struct person still = { .answers = { OLD, OLD, NEW, NEW } };
	size_t i, k;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct person p = { .next = 0 };

		for (k = 0; k < i; k++)
			p.answers[k] = all[k];
		assert_int_equal(try_apart("unix", "newbie", &p), LOGIN_LEFT);
	}
	/* nothing was changed by the halves */
	assert_int_equal(try("unix", "newbie", &still, 1), LOGIN_PASSED);
	accounts_reset();
}

static void
who_may_not_enter_is_not_asked_to_change(void **state)
{
	struct person p = { .answers = { OLD, OLD, NEW, NEW } };

	(void)state;
	assert_int_equal(try("unix", "newbie", &p, 0), LOGIN_NO_ACCOUNT);
	assert_string_equal(p.seen, "Password: |");
	assert_int_equal(p.rounds, 1);
}

static void
texts_come_with_the_next_question_or_at_the_end(void **state)
{
	struct person p = { .answers = { OLD } }, no = { .answers = { "x" } };
	char lines[512];

	(void)state;
	assert_int_equal(accounts_sh("printf 'before\\033[2J\\n' >before;"
	    "printf 'one\\ntwo\\n' >after"), 0);
	snprintf(lines, sizeof(lines),
	    "auth optional pam_echo.so file=%s/before\n"
	    "auth required pam_unix.so\naccount required pam_unix.so\n"
	    "account optional pam_echo.so file=%s/after\n"
	    "session required pam_unix.so\n", accounts_dir, accounts_dir);
	accounts_service("texts", lines);
	assert_int_equal(try("texts", "alice", &p, 1), LOGIN_PASSED);
	assert_string_equal(p.seen, "before\\x1b[2J\nPassword: |one\ntwo\n");
	assert_int_equal(p.empty_rounds, 1);
	assert_int_equal(try("texts", "alice", &no, 1), LOGIN_WRONG);
	assert_string_equal(no.seen, "before\\x1b[2J\nPassword: |");
}

static void
a_name_changed_by_pam_is_refused(void **state)
{
	struct person p = { .answers = { "me@example.org" } };

	(void)state;
	accounts_service("mapped", "auth required pam_ftp.so\n"
	    "account required pam_permit.so\n");
	assert_int_equal(try_apart("mapped", "anonymous", &p), LOGIN_NO_ACCOUNT);
}

static void
a_stack_that_is_broken_is_not_a_yes(void **state)
{
	struct person p = { .answers = { OLD } };

	(void)state;
	accounts_service("broken", "auth required pam_no_such_module.so\n");
	assert_int_equal(try("broken", "alice", &p, 1), LOGIN_BROKEN);
	accounts_service("half", "auth required pam_unix.so\n"
	    "account required pam_no_such_module.so\n");
	p.next = 0;
	assert_int_equal(try("half", "alice", &p, 1), LOGIN_BROKEN);
	p.next = 0;
	assert_int_equal(try_apart("no-such-service", "alice", &p),
	    LOGIN_BROKEN);
}

static void
the_shipped_stack_works(void **state)
{
	struct person p = { .answers = { OLD } };
	struct person n = { .answers = { OLD, OLD, "abc", "abc", NEW, NEW } };
	struct person no = { .answers = { "x" } };

	(void)state;
	assert_int_equal(try("sekisho", "alice", &p, 1), LOGIN_PASSED);
	assert_int_equal(try("sekisho", "newbie", &n, 1), LOGIN_PASSED);
	assert_int_equal(try("sekisho", "alice", &no, 1), LOGIN_WRONG);
	accounts_reset();
}

static int
setup(void **state)
{
	char here[1024], path[1200], script[1400];

	log_init("test", LOG_ERROR);
	assert_non_null(getcwd(here, sizeof(here)));
	if (accounts_setup(state) != 0)
		return 1;
	snprintf(path, sizeof(path), "%s/policy/pam.d/sekisho", here);
	snprintf(script, sizeof(script), "cp '%s' pam.d/sekisho", path);
	assert_int_equal(accounts_sh(script), 0);
	accounts_service("unix", STACK);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_password_passes_and_opens_a_session),
		cmocka_unit_test(a_wrong_password_does_not_and_does_not_sleep),
		cmocka_unit_test(unknown_and_locked_are_asked_the_same),
		cmocka_unit_test(an_expired_account_is_told_nothing),
		cmocka_unit_test(a_temporary_password_is_changed_within_the_login),
		cmocka_unit_test(a_wrong_retype_may_be_tried_again),
		cmocka_unit_test(a_weak_password_is_refused_with_its_reason),
		cmocka_unit_test(who_never_finds_a_good_password_is_refused_in_the_end),
		cmocka_unit_test(breaking_off_at_any_question_is_no_login),
		cmocka_unit_test(who_may_not_enter_is_not_asked_to_change),
		cmocka_unit_test(texts_come_with_the_next_question_or_at_the_end),
		cmocka_unit_test(a_name_changed_by_pam_is_refused),
		cmocka_unit_test(a_stack_that_is_broken_is_not_a_yes),
		cmocka_unit_test(the_shipped_stack_works),
	};

	return cmocka_run_group_tests(tests, setup, accounts_teardown);
}
