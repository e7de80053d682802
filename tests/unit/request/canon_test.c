/* canon_test.c - the bytes an approval binds to: fixed, complete, and nothing else. */
#include "tests/unit/request/policy.h"

#include "crypt/sha256.h"

#define EMPTY	"0000000000000000000000000000000000000000000000000000000000000000"
#define PROFILE	"0102030000000000000000000000000000000000000000000000000000000000"

static void
the_bytes_are_those_of_the_readme(void **state)
{
	struct request *r = request_new(1);
	char *text, code[REQ_CODE], again[REQ_CODE];
	uint8_t digest[DIGEST_LEN];
	size_t n;

	(void)state;
	assert_int_equal(canon_make(r, &text, &n), 0);
	assert_string_equal(text, "{\"cwd\":\"/\",\"form\":1,\"from\":null,"
	    "\"input\":\"none\",\"max_run\":14400,\"on_disconnect\":\"kill\","
	    "\"operators\":[\"alice\"],\"profile\":\"files\","
	    "\"profile_digest\":\"" PROFILE "\",\"requester\":\"alice\","
	    "\"run_as\":\"root\",\"span\":28800,\"steps\":[{\"argv\":[\"sed\","
	    "\"-i\",\"s/a b/c d/\",\"/etc/x\"],\"exe\":\"/usr/bin/sed\","
	    "\"exe_digest\":\"" EMPTY "\",\"script_digest\":null}],"
	    "\"target\":\"local\",\"until\":null,\"uses\":1}");
	assert_int_equal(sha256_mem(text, n, digest), 0);
	assert_memory_equal(digest, r->digest, DIGEST_LEN);
	canon_code(code, r);
	r->nr = 99;				/* not bound */
	r->used = 1;
	assert_string_equal(canon_code(again, r), code);
	assert_int_equal(strlen(code), 4);
	str_wipe(text);
	req_free(r);
}

static void
set_str(char **where, const char *s)
{
	str_wipe(*where);
	*where = strdup(s);
}

/* One bound field after the other. */
static void
edit(struct request *r, int which)
{
	switch (which) {
	case 0:
		set_str(&r->requester, "dave");
		break;
	case 1:
		assert_int_equal(strv_add(&r->operators, "dave"), 0);
		break;
	case 2:
		set_str(&r->target, "web1");
		break;
	case 3:
		set_str(&r->run_as, "www");
		break;
	case 4:
		set_str(&r->profile, "shell");
		break;
	case 5:
		r->profile_digest[31] ^= 1;
		break;
	case 6:
		set_str(&r->steps[0].argv[2], "s/a b/c  d/");
		break;
	case 7:
		assert_int_equal(strv_add(&r->steps[0].argv, ""), 0);
		break;
	case 8:
		set_str(&r->steps[0].exe, "/bin/sed");
		break;
	case 9:
		r->steps[0].exe_digest[0] ^= 1;
		break;
	case 10:
		r->steps[0].script = (uint8_t *)strdup("id");
		r->steps[0].script_len = 2;
		break;
	case 11:
		set_str(&r->input, "any");
		break;
	case 12:
		set_str(&r->on_disconnect, "continue");
		break;
	case 13:
		r->from = NOW;
		break;
	case 14:
		r->until = NOW;
		break;
	case 15:
		r->span++;
		break;
	case 16:
		r->max_run++;
		break;
	case 17:
		r->uses++;
		break;
	default:
		fail();
	}
}

static void
any_edit_of_what_is_bound_changes_the_digest(void **state)
{
	uint8_t before[DIGEST_LEN];
	struct request *r;
	char *text;
	size_t n;
	int i;

	(void)state;
	for (i = 0; i < 18; i++) {
		r = request_new(1);
		memcpy(before, r->digest, DIGEST_LEN);
		edit(r, i);
		assert_int_equal(canon_make(r, &text, &n), 0);
		assert_memory_not_equal(before, r->digest, DIGEST_LEN);
		str_wipe(text);
		req_free(r);
	}
}

static void
a_request_is_read_back_from_its_bytes(void **state)
{
	struct request *r = request_new(1), *back = req_new();
	char *text, *again;
	size_t n, m;

	(void)state;
	r->from = NOW + 5;
	assert_int_equal(canon_make(r, &text, &n), 0);
	assert_int_equal(canon_read(text, n, r->digest, back), 0);
	assert_true(strv_equal(back->steps[0].argv, r->steps[0].argv));
	assert_int_equal(back->from, NOW + 5);
	assert_int_equal(back->until, REQ_NONE);
	assert_int_equal(back->uses, 1);
	assert_int_equal(canon_make(back, &again, &m), 0);
	assert_string_equal(text, again);
	str_wipe(text);
	str_wipe(again);
	req_free(r);
	req_free(back);
}

static void
changed_or_incomplete_bytes_are_refused(void **state)
{
	static const char *const bad[] = { "{}", "[]", "1", "{\"form\":1}" };
	struct request *r = request_new(1), *back = req_new();
	uint8_t digest[DIGEST_LEN];
	char *text;
	size_t n, i;

	(void)state;
	assert_int_equal(canon_make(r, &text, &n), 0);
	text[n / 2] ^= 1;
	assert_int_equal(canon_read(text, n, r->digest, back), ERR_CRYPTO);
	req_free(back);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		back = req_new();
		assert_int_equal(sha256_mem(bad[i], strlen(bad[i]), digest),
		    0);
		assert_int_equal(canon_read(bad[i], strlen(bad[i]), digest,
		    back), ERR_FORMAT);
		req_free(back);
	}
	str_wipe(text);
	req_free(r);
}

static void
a_form_longer_than_its_limit_is_refused(void **state)
{
	struct request *r = request_new(1);
	char *big = malloc(REQ_CANON_MAX + 1), *text = NULL;
	size_t n;

	(void)state;
	memset(big, 'a', REQ_CANON_MAX);
	big[REQ_CANON_MAX] = '\0';
	assert_int_equal(strv_add(&r->steps[0].argv, big), 0);
	assert_int_equal(canon_make(r, &text, &n), ERR_LIMIT);
	assert_null(text);
	free(big);
	req_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_are_those_of_the_readme),
		cmocka_unit_test(any_edit_of_what_is_bound_changes_the_digest),
		cmocka_unit_test(a_request_is_read_back_from_its_bytes),
		cmocka_unit_test(changed_or_incomplete_bytes_are_refused),
		cmocka_unit_test(a_form_longer_than_its_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
