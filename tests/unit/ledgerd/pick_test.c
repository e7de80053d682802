/* pick_test.c - several commands at once that several requests cover: each gets one of its own. */
#include "tests/unit/ledgerd/gate.h"

static char *const SED[] = { CONST("sed"), CONST("-i"), CONST("s/a b/c d/"),
	CONST("/etc/x"), NULL };
#define FILE_SED "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"]}"
#define FILE_USES(n) "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\"," \
	"\"/etc/x\"],\"uses\":" n "}"

/* A command under way: its order and the digest of it. */
struct run {
	struct msg_order o;
	uint8_t		 digest[DIGEST_LEN];
};

struct scene {
	struct gate	 g;
	struct chan	*alice, *other, *bob, *a, *b;
	struct run	 run[4];
	int		 filed;
};

static void
scene_new(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	gate_new(&s->g);
	s->alice = logged_in(&s->g, "alice");
	s->other = logged_in(&s->g, "alice");	/* another connection */
	s->bob = logged_in(&s->g, "bob");
	s->a = person(&s->g, s->alice, "alice");
	s->b = person(&s->g, s->bob, "bob");
}

static void
scene_end(struct scene *s)
{
	size_t i;

	for (i = 0; i < 4; i++)
		msg_order_free(&s->run[i].o);
	chan_free(s->a);
	chan_free(s->b);
	chan_free(s->alice);
	chan_free(s->other);
	chan_free(s->bob);
	gate_end(&s->g);
}

static void
file(struct scene *s, const char *filing)
{
	json_decref(call_ok(&s->g, s->a, "request-new", filing));
	approve(&s->g, s->b, ++s->filed);
}

/* LOOKUP of run "i" over "c": the request it got. */
static uint64_t
look(struct scene *s, int i, struct chan *c, uint64_t request)
{
	struct msg_refused no = { 0 };
	struct run *r = &s->run[i];

	msg_order_free(&r->o);
	memset(r, 0, sizeof(*r));
	assert_int_equal(look_up(&s->g, c, "alice", request == 0 ? SED : NULL,
	    request, &r->o, r->digest, &no), MSG_ORDER);
	return r->o.request;
}

static enum msg_type
take(struct scene *s, int i, struct chan *c)
{
	char code[CODE_MAX + 1];

	return consume(&s->g, c, &s->run[i].o, s->run[i].digest, code);
}

static void
each_of_two_at_once_gets_a_request_of_its_own(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, FILE_SED);
	file(&s, FILE_SED);
	assert_int_equal(look(&s, 0, s.alice, 0), 1);
	assert_int_equal(look(&s, 1, s.other, 0), 2);
	assert_int_equal(take(&s, 1, s.other), MSG_CONSUMED);
	assert_int_equal(take(&s, 0, s.alice), MSG_CONSUMED);
	assert_int_equal(entries(&s.g, "use"), 2);
	scene_end(&s);
}

static void
uses_are_counted_not_requests(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, FILE_USES("2"));
	file(&s, FILE_USES("5"));
	assert_int_equal(look(&s, 0, s.alice, 0), 1);
	assert_int_equal(look(&s, 1, s.alice, 0), 1);
	assert_int_equal(look(&s, 2, s.alice, 0), 2);
	/* what is taken does not count twice */
	assert_int_equal(take(&s, 0, s.alice), MSG_CONSUMED);
	job_ended(&s.g, s.alice, s.run[1].o.session, JOB_NOT_RUN);
	assert_int_equal(look(&s, 1, s.alice, 0), 1);
	scene_end(&s);
}

/* What is kept in mind for somebody is never a reason to refuse. */
static void
the_third_of_two_uses_may_hope_and_hears_no_at_the_end(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, FILE_SED);
	file(&s, FILE_SED);
	assert_int_equal(look(&s, 0, s.alice, 0), 1);
	assert_int_equal(look(&s, 1, s.alice, 0), 2);
	assert_int_equal(look(&s, 2, s.other, 0), 1);
	assert_int_equal(take(&s, 2, s.other), MSG_CONSUMED);
	/* the first one comes too late for R1, and is not told to try R2 by name */
	assert_int_equal(take(&s, 0, s.alice), MSG_LOOK_AGAIN);
	assert_int_equal(entries(&s.g, "refusal"), 0);
	job_ended(&s.g, s.alice, s.run[0].o.session, JOB_NOT_RUN);
	assert_int_equal(look(&s, 0, s.alice, 0), 2);
	assert_int_equal(take(&s, 1, s.alice), MSG_CONSUMED);
	assert_int_equal(take(&s, 0, s.alice), MSG_REFUSED);
	assert_int_equal(entries(&s.g, "refusal"), 1);
	assert_int_equal(entries(&s.g, "use"), 2);
	scene_end(&s);
}

static void
a_named_one_gets_its_own_and_a_bare_one_gives_way(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, FILE_SED);
	file(&s, FILE_SED);
	assert_int_equal(look(&s, 0, s.alice, 0), 1);
	assert_int_equal(look(&s, 1, s.other, 1), 1);
	assert_int_equal(take(&s, 1, s.other), MSG_CONSUMED);
	assert_int_equal(take(&s, 0, s.alice), MSG_LOOK_AGAIN);
	/* that order is dead */
	assert_int_equal(take(&s, 0, s.alice), MSG_REFUSED);
	assert_int_equal(look(&s, 2, s.alice, 0), 2);
	assert_int_equal(take(&s, 2, s.alice), MSG_CONSUMED);
	scene_end(&s);
}

static void
who_named_his_request_is_not_sent_to_another(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, FILE_SED);
	file(&s, FILE_SED);
	assert_int_equal(look(&s, 0, s.alice, 1), 1);
	assert_int_equal(look(&s, 1, s.other, 1), 1);
	assert_int_equal(take(&s, 1, s.other), MSG_CONSUMED);
	assert_int_equal(take(&s, 0, s.alice), MSG_REFUSED);
	scene_end(&s);
}

/* An order that does not agree with itself is an attack: its refusal is an entry. */
static void
a_false_order_is_refused_whatever_else_fits(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, FILE_SED);
	file(&s, FILE_SED);
	(void)look(&s, 0, s.alice, 0);
	s.run[0].digest[0] ^= 1;
	assert_int_equal(take(&s, 0, s.alice), MSG_REFUSED);
	assert_int_equal(entries(&s.g, "refusal"), 1);
	scene_end(&s);
}

/* Another account is another matter, however much the first one is wanted. */
static void
nobody_gets_a_request_that_differs_in_its_account(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, FILE_SED);
	(void)look(&s, 0, s.alice, 0);
	file(&s, "{\"argv\":[\"sed\",\"-i\",\"s/a b/c d/\",\"/etc/x\"],"
	    "\"run_as\":\"www\"}");
	assert_refused(&s.g, s.other, "alice", SED, 0, "AMBIGUOUS", "R1");
	scene_end(&s);
}

static void
an_input_that_was_read_cannot_be_read_again(void **state)
{
	static const char filing[] = "{\"argv\":[\"sed\",\"-i\","
	    "\"s/a b/c d/\",\"/etc/x\"],\"input\":\"sha256:"
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}";
	struct scene s;

	(void)state;
	scene_new(&s);
	file(&s, filing);
	file(&s, filing);
	(void)look(&s, 0, s.alice, 0);
	(void)look(&s, 1, s.other, 1);
	assert_int_equal(take(&s, 1, s.other), MSG_CONSUMED);
	assert_int_equal(take(&s, 0, s.alice), MSG_REFUSED);
	scene_end(&s);
}

/* A monitor that is gone or asks for nothing any more keeps nothing. */
static void
what_is_kept_in_mind_has_an_end(void **state)
{
	struct scene s;
	struct client *c;

	(void)state;
	scene_new(&s);
	file(&s, FILE_SED);
	file(&s, FILE_SED);
	assert_int_equal(look(&s, 0, s.other, 0), 1);
	chan_free(s.other);
	s.other = NULL;
	gate_step(&s.g);
	assert_int_equal(look(&s, 0, s.alice, 0), 1);
	assert_int_equal(look(&s, 1, s.alice, 0), 2);
	for (c = s.g.ld.clients; c != NULL; c = c->next)
		if (c->pending != NULL)
			c->pending->next->until_ms = 1;
	assert_int_equal(look(&s, 2, s.alice, 0), 1);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_two_at_once_gets_a_request_of_its_own),
		cmocka_unit_test(uses_are_counted_not_requests),
		cmocka_unit_test(the_third_of_two_uses_may_hope_and_hears_no_at_the_end),
		cmocka_unit_test(a_named_one_gets_its_own_and_a_bare_one_gives_way),
		cmocka_unit_test(who_named_his_request_is_not_sent_to_another),
		cmocka_unit_test(a_false_order_is_refused_whatever_else_fits),
		cmocka_unit_test(nobody_gets_a_request_that_differs_in_its_account),
		cmocka_unit_test(an_input_that_was_read_cannot_be_read_again),
		cmocka_unit_test(what_is_kept_in_mind_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
