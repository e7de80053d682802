/* find_test.c - which request covers a command, and what the operator reads when none does. */
#include "tests/unit/request/policy.h"

#include "request/find.h"

#define WORDS	8

static const struct difference {
	const char	*a[WORDS], *b[WORDS];
	size_t		 at;
} differences[] = {
	{ { "sed" }, { "sed" }, 0 },
	{ { "sed", "a" }, { "sed", "b" }, 2 },
	{ { "sed", "a" }, { "sed" }, 2 },
	{ { "sed" }, { "sed", "a" }, 2 },
	{ { "sed", "a", "b" }, { "sed", "a b" }, 2 },
	{ { "sed", "" }, { "sed" }, 2 },
	{ { "sed" }, { "Sed" }, 1 },
};

static void
the_first_word_that_differs_is_found(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(differences) / sizeof(differences[0]); i++)
		assert_int_equal(find_difference(
		    (char *const *)(uintptr_t)differences[i].a,
		    (char *const *)(uintptr_t)differences[i].b),
		    differences[i].at);
}

static char *const exact[] = { CONST("sed"), CONST("-i"),
	CONST("s/a b/c d/"), CONST("/etc/x"), NULL };

struct list {
	struct policy	 p;
	struct request	*v[4];
	size_t		 n, which;
	struct req_refusal why;
};

static void
list_new(struct list *l)
{
	memset(l, 0, sizeof(*l));
	policy_new(&l->p);
}

static struct request *
put(struct list *l, struct request *r)
{
	l->v[l->n++] = r;
	return r;
}

static int
ask(struct list *l, char *const *argv)
{
	return find_request(l->v, l->n, &l->p.s, "alice", argv, NOW,
	    &l->which, &l->why);
}

static void
list_end(struct list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		req_free(l->v[i]);
}

static void
the_one_use_request_goes_first_then_the_one_that_ends_first(void **state)
{
	struct list l;

	(void)state;
	list_new(&l);
	put(&l, request_approved(1))->uses = 5;
	put(&l, request_approved(2));
	put(&l, request_approved(3))->end_at = NOW + 60;
	assert_int_equal(ask(&l, exact), 0);
	assert_int_equal(l.v[l.which]->nr, 3);
	l.v[2]->used = 1;
	assert_int_equal(ask(&l, exact), 0);
	assert_int_equal(l.v[l.which]->nr, 2);
	l.v[1]->used = 1;
	assert_int_equal(ask(&l, exact), 0);
	assert_int_equal(l.v[l.which]->nr, 1);
	list_end(&l);
}

static void
what_differs_in_account_must_be_named(void **state)
{
	struct request *r;
	struct list l;

	(void)state;
	list_new(&l);
	put(&l, request_approved(1));
	r = put(&l, request_approved(2));
	free(r->run_as);
	r->run_as = strdup("www");
	assert_int_equal(ask(&l, exact), ERR_DENIED);
	assert_int_equal(l.why.code, SEKISHO_CODE_AMBIGUOUS);
	assert_non_null(strstr(l.why.reason, "R1 (root on local, profile "
	    "files), R2 (www on local, profile files)"));
	assert_string_equal(l.why.next, "run R1");
	assert_int_equal(l.why.near, 1);
	/* one of them cannot be run: then it is clear */
	r->used = 1;
	assert_int_equal(ask(&l, exact), 0);
	assert_int_equal(l.which, 0);
	list_end(&l);
}

static const struct miss {
	const char		*argv[WORDS];
	enum req_state		 state;
	enum sekisho_code	 code;
	const char		*reason, *next;
} misses[] = {
	{ { "sed", "-i", "s/a", "/etc/x" }, REQ_APPROVED,
	  SEKISHO_CODE_DIFFERS,
	  "differs at word 3: approved [s/a b/c d/], sent [s/a] (R1)",
	  "request show R1" },
	{ { "sed", "-i", "s/a b/c d/" }, REQ_APPROVED, SEKISHO_CODE_DIFFERS,
	  "differs at word 4: approved [/etc/x], sent nothing more (R1)",
	  "request show R1" },
	{ { "sed", "-i", "s/a b/c d/", "/etc/x", "/etc/y" }, REQ_APPROVED,
	  SEKISHO_CODE_DIFFERS,
	  "differs at word 5: approved nothing more, sent [/etc/y] (R1)",
	  "request show R1" },
	{ { "sed", "-n" }, REQ_SUBMITTED, SEKISHO_CODE_DIFFERS,
	  "differs at word 2: requested [-i], sent [-n] (R1)",
	  "request show R1" },
	{ { "sed", "-i", "s/a b/c d/", "/etc/x" }, REQ_SUBMITTED,
	  SEKISHO_CODE_NOT_APPROVED, "R1 waits for approval",
	  "request show R1" },
	{ { "sed", "-n" }, REQ_REJECTED, SEKISHO_CODE_NOT_APPROVED,
	  "no approved request covers this command",
	  "request new -- sed -n" },
	{ { "/usr/bin/sed", "-i" }, REQ_APPROVED, SEKISHO_CODE_NOT_APPROVED,
	  "no approved request covers this command",
	  "request new -- /usr/bin/sed -i" },
	{ { "id", "a b" }, REQ_APPROVED, SEKISHO_CODE_NOT_APPROVED,
	  "no approved request covers this command",
	  "request new -- id 'a b'" },
};

static void
a_miss_says_what_why_and_what_next(void **state)
{
	struct list l;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(misses) / sizeof(misses[0]); i++) {
		list_new(&l);
		put(&l, request_approved(1))->state = misses[i].state;
		assert_int_equal(ask(&l, (char *const *)(uintptr_t)
		    misses[i].argv), ERR_DENIED);
		assert_int_equal(l.why.code, misses[i].code);
		assert_string_equal(l.why.reason, misses[i].reason);
		assert_string_equal(l.why.next, misses[i].next);
		/* what names the request is almost a use of it */
		assert_int_equal(l.why.near, strstr(misses[i].next,
		    "R1") != NULL);
		list_end(&l);
	}
}

static void
the_most_useful_of_several_states_is_told(void **state)
{
	struct list l;

	(void)state;
	list_new(&l);
	put(&l, request_approved(1))->used = 1;
	put(&l, request_new(2));
	put(&l, request_approved(3))->state = REQ_REJECTED;
	assert_int_equal(ask(&l, exact), ERR_DENIED);
	assert_string_equal(l.why.reason, "R2 waits for approval");
	assert_int_equal(l.why.near, 2);
	list_end(&l);
}

static void
nothing_at_all_and_no_command_are_refused(void **state)
{
	char *none[] = { NULL };
	struct list l;

	(void)state;
	list_new(&l);
	assert_int_equal(ask(&l, exact), ERR_DENIED);
	assert_int_equal(l.why.code, SEKISHO_CODE_NOT_APPROVED);
	assert_int_equal(ask(&l, none), ERR_DENIED);
	assert_int_equal(ask(&l, NULL), ERR_DENIED);
	list_end(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_word_that_differs_is_found),
		cmocka_unit_test(the_one_use_request_goes_first_then_the_one_that_ends_first),
		cmocka_unit_test(what_differs_in_account_must_be_named),
		cmocka_unit_test(a_miss_says_what_why_and_what_next),
		cmocka_unit_test(the_most_useful_of_several_states_is_told),
		cmocka_unit_test(nothing_at_all_and_no_command_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
