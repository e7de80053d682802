/* review.h - a gate with five people in it and one request of alice, approved by bob, for the tests of the review. */
#ifndef TESTS_LEDGERD_REVIEW_H
#define TESTS_LEDGERD_REVIEW_H

#include "tests/unit/ledgerd/gate.h"

#include "ledgerd/job.h"

static char *const SED[] = { CONST("sed"), CONST("-n"), NULL };
static char *const SED_OTHER[] = { CONST("sed"), CONST("-i"), NULL };
#define ONCE	"{\"argv\":[\"sed\",\"-n\"]}"
#define TWICE	"{\"argv\":[\"sed\",\"-n\"],\"uses\":2}"
#define J1	"{\"id\":1}"
#define S1_FILE	"{\"path\":\"2026/09/21/S1.skr\"}"
#define ADEQUATE "{\"id\":1,\"verdict\":\"adequate\"}"

enum who { ALICE_, BOB_, CAROL_, DAVE_, EVE_, PEOPLE };
static const char *const names[PEOPLE] = {
	"alice", "bob", "carol", "dave", "eve"
};

/* Everybody is logged in and has a channel. */
struct scene {
	struct gate	 g;
	struct chan	*mon[PEOPLE], *p[PEOPLE];
};

static inline void
scene_new(struct scene *s, const char *filing)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	gate_new(&s->g);
	for (i = 0; i < PEOPLE; i++) {
		s->mon[i] = logged_in(&s->g, names[i]);
		s->p[i] = person(&s->g, s->mon[i], names[i]);
	}
	json_decref(call_ok(&s->g, s->p[ALICE_], "request-new", filing));
	approve(&s->g, s->p[BOB_], 1);
}

static inline void
scene_end(struct scene *s)
{
	size_t i;

	for (i = 0; i < PEOPLE; i++) {
		chan_free(s->p[i]);
		chan_free(s->mon[i]);
	}
	gate_end(&s->g);
}

/* alice starts the command; the session's number. */
static inline uint64_t
start(struct scene *s)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	uint64_t nr;

	assert_int_equal(look_up(&s->g, s->mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	assert_int_equal(consume(&s->g, s->mon[ALICE_], &o, digest, code),
	    MSG_CONSUMED);
	nr = o.session;
	msg_order_free(&o);
	return nr;
}

static inline void
run_once(struct scene *s)
{
	job_ended(&s->g, s->mon[ALICE_], start(s), JOB_RAN);
}

static inline json_t *
ask(struct scene *s, enum who who, const char *verb, const char *body)
{
	return call_ok(&s->g, s->p[who], verb, body);
}

static inline void
deny(struct scene *s, enum who who, const char *verb, const char *body,
    const char *code, const char *part)
{
	char got[CODE_MAX + 1];
	json_t *v = call_fd(&s->g, s->p[who], verb, body, got, NULL);

	if (strcmp(got, code) != 0 ||
	    strstr(text_of(v, "reason"), part) == NULL)
		print_error("%s %s: %s: %s\n", names[who], body, got,
		    text_of(v, "reason"));
	assert_string_equal(got, code);
	assert_non_null(strstr(text_of(v, "reason"), part));
	json_decref(v);
}

static inline void
read_sheet(struct scene *s, enum who who)
{
	json_decref(ask(s, who, "review-show", J1));
}

static inline int64_t
int_of(const json_t *v, const char *key)
{
	return json_integer_value(json_object_get(v, key));
}

/* The last entry that says "what"; the caller frees. */
struct last {
	const char	*what;
	json_t		*v;
};

static inline int
last_row(void *arg, const struct store_row *row)
{
	struct last *l = arg;
	json_t *v = NULL;
	const uint8_t *p;
	size_t n;

	p = store_blob(row, 1, &n);
	assert_int_equal(json_read(p, n, &v), 0);
	if (strcmp(text_of(v, "what"), l->what) == 0) {
		json_decref(l->v);
		l->v = json_incref(v);
	}
	json_decref(v);
	return 0;
}

static inline json_t *
last_entry(struct scene *s, const char *what)
{
	struct last l = { what, NULL };

	assert_int_equal(store_query(s->g.ld.store, STORE_ENTRY_LIST,
	    STORE_ARGS(store_i(0), store_i(100000)), last_row, &l), 0);
	assert_non_null(l.v);
	return l.v;
}

/* The next word of this person. */
static inline void
next_word(struct scene *s, enum who who)
{
	chan_free(s->p[who]);
	s->p[who] = person(&s->g, s->mon[who], names[who]);
}

#endif
