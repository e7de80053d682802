/* keys_test.c - which key counts as the factor before PAM, in which order, and for whom. */
#include "tests/unit/monitor/bed.h"

#include "crypt/base64.h"
#include "monitor/keys.h"

/* Any 32 bytes look like a key of Ed25519. */
#define KEY_LEN	51

static void
make_key(uint8_t key[KEY_LEN], uint8_t which)
{
	memset(key, which, KEY_LEN);
	memcpy(key, "\0\0\0\x0bssh-ed25519\0\0\0\x20", 19);
}

static uint8_t alices[KEY_LEN], bobs[KEY_LEN], nobodys[KEY_LEN];
static uint8_t public_key;	/* in the head of the policy */

/* People with these keys: alice and the inactive bob have one, carol has none. */
static void
policy(struct bed *b, int has_alices)
{
	struct msg_snap_person people[] = {
		{ .name = W("alice"), .uid = 1000, .active = 1,
		    .roles = PERSON_OPERATOR },
		{ .name = W("bob"), .uid = 1001, .roles = PERSON_OPERATOR },
		{ .name = W("carol"), .uid = 1002, .active = 1,
		    .roles = PERSON_AUDITOR },
	};
	struct msg_snap_key keys[] = {
		{ .person = W("bob"), .algorithm = W("ssh-ed25519"),
		    .blob = { bobs, KEY_LEN } },
		{ .person = W("alice"), .algorithm = W("ssh-ed25519"),
		    .blob = { alices, KEY_LEN } },
	};
	struct snapshot s = { .people = people, .npeople = 3, .keys = keys,
		.head = { .public_key = public_key },
		.nkeys = has_alices ? 2 : 1 };
	struct msg_snapshot head = { .serial = ++b->serial };
	struct buf *file = buf_new(SNAPSHOT_MAX);
	int fd;

	assert_int_equal(snapshot_put(file, &s), 0);
	fd = fd_sealed("snapshot", buf_data(file), buf_len(file), 0);
	assert_int_equal(chan_put_snapshot(b->d, 0, &head, &fd, 1), 0);
	close(fd);
	buf_free(file);
}

static int
set_up(void **state)
{
	struct bed *b;
	int r;

	make_key(alices, 1);
	make_key(bobs, 2);
	make_key(nobodys, 3);
	if ((r = bed_setup(state)) != 0)
		return r;
	b = *state;
	str_wipe(b->m->user);
	b->m->user = NULL;
	b->m->state = MON_AUTH;
	b->m->slice.public_key = public_key = KEY_FACTOR_REQUIRED;
	b->m->slice.fail_delay_ms = 0;
	b->m->slice.max_key_offers = 3;
	policy(b, 1);
	return 0;
}

static void
send_key(struct bed *b, const char *user, const uint8_t *key, int is_proven)
{
	struct msg_auth_key k = { .user = W(user),
		.blob = { (uint8_t *)W(key), KEY_LEN },
		.is_proven = (uint8_t)is_proven };

	assert_int_equal(chan_put_auth_key(b->net, 0, &k, NULL, 0), 0);
}

/* 0: no; 1: may be signed; 2: is the factor. */
static int
show(struct bed *b, const char *user, const uint8_t *key, int is_proven)
{
	struct msg_auth_key_result res;
	struct msg msg;

	send_key(b, user, key, is_proven);
	bed_expect(b, b->net, MSG_AUTH_KEY_RESULT, &msg);
	assert_int_equal(msg_auth_key_result_get(msg.body, &res), 0);
	msg_done(&msg);
	assert_true(res.is_listed || !res.is_factor);
	return res.is_factor ? 2 : res.is_listed;
}

static void
failed(struct bed *b, const char *user, enum login_failure why)
{
	struct msg_login_failed no;
	struct msg msg;

	bed_expect(b, b->ledger, MSG_LOGIN_FAILED, &msg);
	assert_int_equal(msg_login_failed_get(msg.body, &no), 0);
	assert_string_equal(no.user, user);
	assert_int_equal(no.why, why);
	msg_login_failed_free(&no);
	msg_done(&msg);
	(void)bed_take(b, b->d, MSG_AUTH_FAILED);
}

/* A dialogue that is refused before PAM is asked anything. */
static void
no_dialogue(struct bed *b, const char *user)
{
	struct msg_auth_start s = { .user = W(user) };
	struct msg_auth_result res;
	struct msg msg;

	assert_int_equal(chan_put_auth_start(b->net, 0, &s, NULL, 0), 0);
	bed_expect(b, b->net, MSG_AUTH_RESULT, &msg);
	assert_int_equal(msg_auth_result_get(msg.body, &res), 0);
	assert_int_equal(res.result, AUTH_FAIL);
	msg_done(&msg);
	failed(b, user, LOGIN_NO_KEY);
}

/* Every order of up to three steps; only a signature by her key, and nothing of another name behind it, opens PAM. */
static void
only_a_signature_by_a_key_of_the_policy_opens_the_dialogue(void **state)
{
	enum { NONE, OFFER, PROVEN, OTHER, OF_BOB, STEPS };
	struct bed *b;
	int i, k, n, step, factor;

	(void)bed_teardown(state);
	for (i = 0; i < STEPS * STEPS * STEPS; i++) {
		assert_int_equal(set_up(state), 0);
		b = *state;
		b->m->slice.max_key_offers = 20;
		factor = 0;
		for (n = i, k = 0; k < 3; k++, n /= STEPS) {
			step = n % STEPS;
			if (step == OFFER)
				assert_int_equal(show(b, "alice", alices, 0),
				    1);
			else if (step == PROVEN)
				assert_int_equal(show(b, "alice", alices, 1),
				    2);
			else if (step == OTHER)
				assert_int_equal(show(b, "alice", nobodys, 1),
				    0);
			else if (step == OF_BOB)
				assert_int_equal(show(b, "bob", alices, 1),
				    0);
			factor = step == PROVEN || (factor && step != OF_BOB);
		}
		assert_int_equal(keys_hold(b->m, "alice"), factor);
		assert_int_equal(keys_hold(b->m, "bob"), 0);
		if (!factor)
			no_dialogue(b, "alice");
		no_dialogue(b, "bob");
		assert_int_equal(bed_teardown(state), 0);
	}
	assert_int_equal(set_up(state), 0);
}

static void
offers_are_answered_alike_for_everybody(void **state)
{
	static const char *const names[] = { "alice", "bob", "carol",
		"nobody-here", "root", "", "al\x1b[2Jice" };
	struct bed *b = *state;
	size_t i;

	b->m->slice.max_key_offers = 20;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(show(b, names[i], alices, 0), 1);
		assert_int_equal(show(b, names[i], nobodys, 1), 0);
	}
}

static void
the_fingerprint_is_the_one_that_people_know(void **state)
{
	/* ssh-keygen -lf of the key of 32 bytes 01 */
	struct bed *b = *state;
	char print[SSHKEY_PRINT];

	assert_int_equal(show(b, "alice", alices, 1), 2);
	assert_int_equal(sshkey_print(print, alices, KEY_LEN), 0);
	assert_string_equal(b->m->key.print, print);
	assert_int_equal(strlen(print), 50);
	assert_memory_equal(print, "SHA256:", 7);
}

/* The form is net's to look at: what comes is compared, as long as it is, and with nothing of anybody else. */
static void
only_the_very_bytes_of_the_policy_count(void **state)
{
	uint8_t near[KEY_BLOB_MAX];
	struct bed *b = *state;
	struct msg_auth_key k = { .user = W("alice"), .is_proven = 1 };
	struct msg_auth_key_result res;
	struct msg msg;
	size_t n;

	b->m->slice.max_key_offers = 3 * KEY_LEN;
	for (n = 0; n <= KEY_LEN + 1; n++) {
		/* cut, whole, with a byte behind it, as long as may be */
		memset(near, 1, sizeof(near));
		memcpy(near, alices, KEY_LEN);
		k.blob.p = near;
		k.blob.n = n <= KEY_LEN ? n : sizeof(near);
		assert_int_equal(chan_put_auth_key(b->net, 0, &k, NULL, 0), 0);
		bed_expect(b, b->net, MSG_AUTH_KEY_RESULT, &msg);
		assert_int_equal(msg_auth_key_result_get(msg.body, &res), 0);
		assert_int_equal(res.is_factor, n == KEY_LEN);
		msg_done(&msg);
		keys_forget(&b->m->key);
	}
	for (n = 0; n < KEY_LEN; n++) {
		memcpy(near, alices, KEY_LEN);
		near[n] ^= 1;
		assert_int_equal(show(b, "alice", near, 1), 0);
	}
	assert_int_equal(keys_hold(b->m, "alice"), 0);
	assert_int_equal(show(b, "alice", bobs, 1), 0);
	assert_int_equal(show(b, "alice", alices, 1), 2);
}

static void
a_key_without_a_byte_is_nobodys(void **state)
{
	struct msg_auth_key k = { .user = W("alice") };
	struct msg_auth_key_result res;
	struct bed *b = *state;
	struct msg msg;
	uint8_t i;

	for (i = 0; i < 2; i++) {
		k.is_proven = i;
		assert_int_equal(chan_put_auth_key(b->net, 0, &k, NULL, 0), 0);
		bed_expect(b, b->net, MSG_AUTH_KEY_RESULT, &msg);
		assert_int_equal(msg_auth_key_result_get(msg.body, &res), 0);
		assert_int_equal(res.is_listed + res.is_factor, 0);
		msg_done(&msg);
	}
}

static void
a_key_taken_out_of_the_policy_counts_no_more(void **state)
{
	struct bed *b = *state;

	assert_int_equal(show(b, "alice", alices, 1), 2);
	policy(b, 0);
	no_dialogue(b, "alice");
	policy(b, 1);
	assert_int_equal(show(b, "alice", alices, 1), 2);
}

/* The stricter of what was when the connection came, and of what is. */
static void
a_key_is_asked_for_when_either_policy_does(void **state)
{
	struct bed *b = *state;
	uint8_t then, now;

	for (then = 0; then < 2; then++)
		for (now = 0; now < 2; now++) {
			b->m->slice.public_key = then;
			public_key = now;
			policy(b, 1);
			bed_turn(b);
			assert_int_equal(keys_hold(b->m, "alice"),
			    then == KEY_FACTOR_OFF && now == KEY_FACTOR_OFF);
			if (then == KEY_FACTOR_OFF && now != then)
				no_dialogue(b, "alice");
		}
}

static void
the_signature_of_an_offer_is_not_counted_again(void **state)
{
	struct bed *b = *state;
	int i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(show(b, "alice", nobodys, 0), 1);
		assert_int_equal(show(b, "alice", nobodys, 1), 0);
	}
	send_key(b, "alice", nobodys, 1);
	(void)bed_take(b, b->net, MSG_AUTH_RESULT);
	failed(b, "alice", LOGIN_TRIES);
	assert_true(b->m->is_over);
}

static void
keys_alone_are_a_failed_login_when_the_client_goes(void **state)
{
	struct bed *b = *state;

	assert_int_equal(show(b, "alice", nobodys, 0), 1);
	chan_free(b->net);
	b->net = NULL;
	failed(b, "alice", LOGIN_NO_KEY);
	assert_true(b->m->is_over);
}

static void
where_no_key_is_asked_for_none_may_be_told(void **state)
{
	struct bed *b = *state;

	b->m->slice.public_key = public_key = KEY_FACTOR_OFF;
	policy(b, 1);
	bed_turn(b);
	assert_int_equal(keys_hold(b->m, "alice"), 1);
	send_key(b, "alice", alices, 1);
	bed_turn(b);
	assert_true(b->m->is_over);
	assert_int_equal(b->m->status, 1);
}

static void
after_the_login_a_key_is_out_of_place(void **state)
{
	struct bed *b = *state;

	b->m->state = MON_OPEN;
	b->m->user = bed_dup("alice");
	send_key(b, "alice", alices, 1);
	bed_turn(b);
	assert_true(b->m->is_over);
	assert_int_equal(b->m->status, 1);
}

#define T(name)	cmocka_unit_test_setup_teardown(name, set_up, bed_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_a_signature_by_a_key_of_the_policy_opens_the_dialogue),
		T(offers_are_answered_alike_for_everybody),
		T(the_fingerprint_is_the_one_that_people_know),
		T(only_the_very_bytes_of_the_policy_count),
		T(a_key_without_a_byte_is_nobodys),
		T(a_key_taken_out_of_the_policy_counts_no_more),
		T(a_key_is_asked_for_when_either_policy_does),
		T(the_signature_of_an_offer_is_not_counted_again),
		T(keys_alone_are_a_failed_login_when_the_client_goes),
		T(where_no_key_is_asked_for_none_may_be_told),
		T(after_the_login_a_key_is_out_of_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
