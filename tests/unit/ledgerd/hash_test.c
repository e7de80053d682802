/* hash_test.c - a large executable is hashed while others are served. */
#include "gate.h"

#include <poll.h>

#define LARGE	(11 << 20)	/* three slices */
#define FILING	"{\"argv\":[\"large\",\"x\"]}"

struct scene {
	struct gate	 g;
	struct chan	*alice, *a;
	char		 path[128];
};

static void
scene_new(struct scene *s)
{
	gate_new(&s->g);
	s->g.ld.people_ms = 1;
	gate_file(s->g.bin, "large", "#", 0755);
	(void)snprintf(s->path, sizeof(s->path), "%s/large", s->g.bin);
	assert_int_equal(truncate(s->path, LARGE), 0);
	s->alice = logged_in(&s->g, "alice");
	s->a = person(&s->g, s->alice, "alice");
}

static void
scene_end(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->alice);
	gate_end(&s->g);
}

static void
file_it(struct scene *s)
{
	struct msg_call q = { .verb = CONST("request-new"), .body = {
	    (uint8_t *)CONST(FILING), sizeof(FILING) - 1 } };

	assert_int_equal(chan_put_call(s->a, 9, &q, NULL, 0), 0);
	gate_step(&s->g);
}

/* The answer's code after "steps" rounds at most; its body. */
static json_t *
outcome(struct scene *s, int steps, char code[CODE_MAX + 1])
{
	struct msg_reply r;
	json_t *v = NULL;
	struct msg m;
	int i;

	for (i = 0; i < steps && chan_recv(s->a, &m) == 1; i++)
		gate_step(&s->g);
	assert_true(i < steps);
	assert_int_equal(m.id, 9);
	assert_int_equal(msg_reply_get(m.body, &r), 0);
	(void)snprintf(code, CODE_MAX + 1, "%s", r.code);
	assert_int_equal(json_read(r.body.p, r.body.n, &v), 0);
	msg_reply_free(&r);
	msg_done(&m);
	return v;
}

static void
others_are_served_meanwhile_and_the_digest_is_right(void **state)
{
	struct msg_refusal q = { .source = CONST("192.0.2.7:4711"),
		.user = CONST("alice"), .code = CONST("SYNTAX"),
		.what = CONST("x"), .reason = CONST("no") };
	char code[CODE_MAX + 1], hex[SHA256_HEX];
	uint8_t digest[DIGEST_LEN];
	struct scene s;
	struct msg m;
	json_t *v;
	int fd;

	(void)state;
	scene_new(&s);
	file_it(&s);
	assert_int_equal(chan_recv(s.a, &m), 1);
	assert_int_equal(chan_put_refusal(s.alice, 7, &q, NULL, 0), 0);
	gate_step(&s.g);
	assert_int_equal(chan_recv(s.alice, &m), 0);
	assert_int_equal(m.type, MSG_ACK);
	msg_done(&m);
	assert_int_equal(chan_recv(s.a, &m), 1);	/* still at it */
	v = outcome(&s, 20, code);
	assert_string_equal(code, "OK");
	fd = open(s.path, O_RDONLY);
	assert_int_equal(sha256_fd(fd, LARGE, digest), 0);
	close(fd);
	assert_string_equal(text_of(json_array_get(json_object_get(v, "steps"),
	    0), "exe_digest"), sha256_hex(hex, digest));
	json_decref(v);
	assert_int_equal(entries(&s.g, "request"), 1);
	scene_end(&s);
}

static void
a_file_that_is_changed_meanwhile_is_refused(void **state)
{
	char code[CODE_MAX + 1];
	struct scene s;
	int fd;

	(void)state;
	scene_new(&s);
	file_it(&s);
	fd = open(s.path, O_WRONLY);
	assert_int_equal(pwrite(fd, "!", 1, LARGE - 1), 1);
	close(fd);
	json_decref(outcome(&s, 20, code));
	assert_string_equal(code, "CHANGED");
	assert_int_equal(entries(&s.g, "request"), 0);
	/* and then anew */
	file_it(&s);
	json_decref(outcome(&s, 20, code));
	assert_string_equal(code, "OK");
	scene_end(&s);
}

static void
who_may_no_longer_file_is_told_so_and_nothing_is_left(void **state)
{
	struct policy p = { .need = 1, .alice_inactive = 1 };
	char code[CODE_MAX + 1];
	struct scene s;

	(void)state;
	scene_new(&s);
	file_it(&s);
	gate_policy(&s.g, &p);
	json_decref(outcome(&s, 20, code));
	assert_string_equal(code, "REVOKED");
	assert_null(s.g.ld.clients->hash);
	assert_null(s.g.ld.clients->next->hash);
	scene_end(&s);
}

static void
who_goes_away_is_not_waited_for(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	file_it(&s);
	chan_free(s.a);
	gate_step(&s.g);
	assert_int_equal(s.g.ld.npersons, 0);
	assert_int_equal(entries(&s.g, "request"), 0);
	s.a = NULL;
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_served_meanwhile_and_the_digest_is_right),
		cmocka_unit_test(a_file_that_is_changed_meanwhile_is_refused),
		cmocka_unit_test(who_may_no_longer_file_is_told_so_and_nothing_is_left),
		cmocka_unit_test(who_goes_away_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("ledgerd/hash", tests, NULL, NULL);
}
