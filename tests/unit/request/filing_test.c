/* filing_test.c - a new request: defaults, limits at their edge, executables, warnings, its JSON. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/request/policy.h"

#include "base/clock.h"
#include "crypt/sha256.h"
#include "request/exe.h"
#include "request/filing.h"
#include "request/form.h"

static int
file(const char *body, const struct policy *p, struct request **out,
    struct req_refusal *why)
{
	json_t *v = NULL;
	int r;

	*out = NULL;
	assert_int_equal(json_read(body, strlen(body), &v), 0);
	if ((r = filing_read(v, out, why)) == 0)
		r = filing_check(*out, &p->s, "alice", NOW, why);
	json_decref(v);
	return r;
}

static void
accept(const char *body, const struct policy *p)
{
	struct request *r;
	struct req_refusal why;

	if (file(body, p, &r, &why) != 0)
		fail_msg("%s: %s", body, why.reason);
	req_free(r);
}

static void
refuse(const char *body, const struct policy *p, enum sekisho_code code)
{
	struct request *r;
	struct req_refusal why;

	if (file(body, p, &r, &why) != ERR_DENIED || why.code != code)
		fail_msg("%s", body);
	req_free(r);
}

static void
limits_hold_at_their_edge(void **state)
{
	struct policy p;

	(void)state;
	policy_new(&p);
	accept("{\"argv\":[\"a\"],\"uses\":100}", &p);
	refuse("{\"argv\":[\"a\"],\"uses\":101}", &p, SEKISHO_CODE_LIMIT);
	accept("{\"argv\":[\"a\"],\"until_span\":604800}", &p);
	refuse("{\"argv\":[\"a\"],\"until_span\":604801}", &p,
	    SEKISHO_CODE_LIMIT);
	accept("{\"argv\":[\"a\"],\"until\":1790604800}", &p);
	refuse("{\"argv\":[\"a\"],\"until\":1790604801}", &p,
	    SEKISHO_CODE_LIMIT);
	refuse("{\"argv\":[\"a\"],\"until\":1790000000}", &p,
	    SEKISHO_CODE_DATA);
	accept("{\"argv\":[\"a\"],\"until\":1790000001}", &p);
	accept("{\"argv\":[\"a\"],\"from\":1789999940}", &p);
	refuse("{\"argv\":[\"a\"],\"from\":1789999939}", &p,
	    SEKISHO_CODE_DATA);
	accept("{\"argv\":[\"a\"],\"max_run\":14400}", &p);
	refuse("{\"argv\":[\"a\"],\"max_run\":14401}", &p,
	    SEKISHO_CODE_LIMIT);
	refuse("{\"argv\":[\"a\"],\"max_run\":0}", &p, SEKISHO_CODE_DATA);
}

static void
the_profile_and_account_are_guessed_only_when_clear(void **state)
{
	static char *www[] = { CONST("www"), NULL };
	struct msg_snap_rule two[2];
	struct msg_snap_profile profiles[2];
	struct req_refusal why;
	struct request *r;
	struct policy p;

	(void)state;
	policy_new(&p);
	p.rules[0].run_as = www;
	assert_int_equal(file("{\"argv\":[\"a\"]}", &p, &r, &why), 0);
	assert_string_equal(r->profile, "files");
	assert_string_equal(r->run_as, "www");
	req_free(r);

	two[0] = two[1] = p.rules[0];
	profiles[0] = profiles[1] = p.profiles[0];
	two[1].profile = profiles[1].name = CONST("shell");
	p.s.rules = two;
	p.s.profiles = profiles;
	p.s.nrules = p.s.nprofiles = 2;
	refuse("{\"argv\":[\"a\"]}", &p, SEKISHO_CODE_USAGE);
	two[1].profile = profiles[1].name = CONST("inspect");
	assert_int_equal(file("{\"argv\":[\"a\"]}", &p, &r, &why), 0);
	assert_string_equal(r->profile, "inspect");
	req_free(r);
	two[0].operators = two[1].operators = www;
	refuse("{\"argv\":[\"a\"]}", &p, SEKISHO_CODE_NOT_ALLOWED);
}

static void
operators_are_sorted_so_that_their_order_binds_nothing(void **state)
{
	struct req_refusal why;
	struct request *a, *b;
	struct policy p;
	char *text;
	size_t n;

	(void)state;
	policy_new(&p);
	assert_int_equal(file("{\"argv\":[\"a\"],\"operators\":[\"dave\","
	    "\"alice\"]}", &p, &a, &why), 0);
	assert_int_equal(file("{\"argv\":[\"a\"],\"operators\":[\"alice\","
	    "\"dave\"]}", &p, &b, &why), 0);
	a->steps[0].exe = strdup("/usr/bin/a");
	b->steps[0].exe = strdup("/usr/bin/a");
	assert_int_equal(canon_make(a, &text, &n), 0);
	str_wipe(text);
	assert_int_equal(canon_make(b, &text, &n), 0);
	str_wipe(text);
	assert_memory_equal(a->digest, b->digest, DIGEST_LEN);
	req_free(a);
	req_free(b);
}

static void
pending_ends_with_the_window(void **state)
{
	struct req_refusal why;
	struct request *r;
	struct policy p;

	(void)state;
	policy_new(&p);
	assert_int_equal(file("{\"argv\":[\"a\"],\"until\":1790000500}", &p,
	    &r, &why), 0);
	assert_int_equal(r->pending_until, NOW + 500);
	assert_int_equal(r->span, 0);
	req_free(r);
}

static int
warns(const char *body, const char *exe, const char *part)
{
	struct req_refusal why;
	struct request *r;
	struct policy p;
	size_t i;
	int found = 0;

	policy_new(&p);
	assert_int_equal(file(body, &p, &r, &why), 0);
	r->steps[0].exe = strdup(exe);
	assert_int_equal(filing_warn(r), 0);
	for (i = 0; r->warnings != NULL && r->warnings[i] != NULL; i++)
		found |= strstr(r->warnings[i], part) != NULL;
	req_free(r);
	return found;
}

static void
approvers_are_warned(void **state)
{
	(void)state;
	assert_true(warns("{\"argv\":[\"psql\"],\"input\":\"any\"}",
	    "/usr/bin/psql", "obeys its input"));
	assert_true(warns("{\"argv\":[\"x\"],\"input\":\"tty\"}",
	    "/usr/bin/python3.11", "obeys its input"));
	assert_true(warns("{\"argv\":[\"sh\",\"-c\",\"id\"]}",
	    "/usr/bin/dash", "read every word"));
	assert_false(warns("{\"argv\":[\"shred\"],\"input\":\"any\"}",
	    "/usr/bin/shred", "obeys"));
	assert_true(warns("{\"argv\":[\"rm\",\"/tmp/\\u0430\"]}",
	    "/usr/bin/rm", "word 2 holds U+0430, which looks like 'a'"));
	assert_false(warns("{\"argv\":[\"rm\",\"/tmp/\\u8a2d\"]}",
	    "/usr/bin/rm", "looks like"));
	assert_true(warns("{\"argv\":[\"id\"],\"uses\":3}", "/usr/bin/id",
	    "3 times"));
	assert_true(warns("{\"argv\":[\"id\"],\"on_disconnect\":\"continue\"}",
	    "/usr/bin/id", "runs on"));
	assert_false(warns("{\"argv\":[\"id\"]}", "/usr/bin/id", ""));
}

static void
an_executable_is_resolved_and_hashed(void **state)
{
	char *dirs[] = { CONST("/nonexistent"), CONST("/usr/bin"), NULL };
	uint8_t digest[DIGEST_LEN], want[DIGEST_LEN];
	struct req_refusal why;
	char *path = NULL;
	int fd;

	(void)state;
	assert_int_equal(exe_find("env", dirs, &path, digest, &why), 0);
	assert_string_equal(path, "/usr/bin/env");
	assert_true((fd = open(path, O_RDONLY)) >= 0);
	assert_int_equal(sha256_fd(fd, EXE_MAX, want), 0);
	close(fd);
	assert_memory_equal(digest, want, DIGEST_LEN);
	str_wipe(path);
	path = NULL;
	assert_int_equal(exe_find("/usr/../usr/bin/env", dirs, &path, digest,
	    &why), 0);
	assert_string_equal(path, "/usr/bin/env");
	str_wipe(path);
}

static void
what_is_no_sound_executable_is_refused(void **state)
{
	static const struct {
		const char		*word;
		enum sekisho_code	 code;
	} rows[] = {
		{ "no-such-program", SEKISHO_CODE_NOT_FOUND },
		{ "/usr/no/such/program", SEKISHO_CODE_NOT_FOUND },
		{ "/no/such/program", SEKISHO_CODE_NOT_ALLOWED },
		{ "/usr/../no/such/program", SEKISHO_CODE_NOT_ALLOWED },
		{ "bin/env", SEKISHO_CODE_NOT_FOUND },
		{ "..", SEKISHO_CODE_NOT_FOUND },
		{ "/etc/passwd", SEKISHO_CODE_NOT_ALLOWED },
		{ "/usr/share", SEKISHO_CODE_NOT_ALLOWED },
		{ "/dev/zero", SEKISHO_CODE_NOT_ALLOWED },
		{ "/proc/self/exe", SEKISHO_CODE_NOT_ALLOWED },
	};
	char *dirs[] = { CONST("/usr/bin"), NULL }, *path = NULL;
	uint8_t digest[DIGEST_LEN];
	struct req_refusal why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(exe_find(rows[i].word, dirs, &path, digest,
		    &why), ERR_DENIED);
		if (why.code != rows[i].code)
			print_error("%s: %s\n", rows[i].word, why.reason);
		assert_int_equal(why.code, rows[i].code);
		assert_null(path);
	}
}

static void
a_request_tells_all_that_its_digest_covers(void **state)
{
	static const char *const bound[] = { "requester", "operators",
	    "target", "run_as", "profile", "profile_digest", "steps", "input",
	    "on_disconnect", "max_run", "uses", "cwd", "bound_from",
	    "bound_until", "bound_span", "digest", "code", "id" };
	struct request *r = request_approved(7);
	json_t *v;
	size_t i;

	(void)state;
	setenv("TZ", "UTC", 1);
	v = form_request(r, NOW);
	assert_non_null(v);
	for (i = 0; i < sizeof(bound) / sizeof(bound[0]); i++)
		assert_non_null(json_object_get(v, bound[i]));
	assert_string_equal(json_string_value(json_object_get(v, "view")),
	    "open");
	json_decref(v);
	v = form_request(r, NOW + 28800);
	assert_string_equal(json_string_value(json_object_get(v, "view")),
	    "over");
	assert_string_equal(json_string_value(json_object_get(v, "state")),
	    "approved");
	json_decref(v);
	req_free(r);
}

/* What src/request/README.md tells an outsider to do. */
static void
an_outsider_makes_the_digest_again_from_the_json(void **state)
{
	static const char *const same[] = { "requester", "operators",
	    "target", "run_as", "profile", "profile_digest", "input",
	    "on_disconnect", "max_run", "uses", "cwd" };
	struct request *r = request_new(7);
	json_t *v, *o = json_object(), *step;
	char *text, hex[SHA256_HEX];
	uint8_t digest[DIGEST_LEN];
	size_t i, n;

	(void)state;
	r->steps[0].script = (uint8_t *)strdup("id");
	r->steps[0].script_len = 2;
	r->from = NOW;
	assert_int_equal(canon_make(r, &text, &n), 0);
	str_wipe(text);
	v = form_request(r, NOW);
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		json_object_set(o, same[i], json_object_get(v, same[i]));
	json_object_set_new(o, "form", json_integer(1));
	json_object_set(o, "from", json_object_get(v, "bound_from"));
	json_object_set(o, "until", json_object_get(v, "bound_until"));
	json_object_set(o, "span", json_object_get(v, "bound_span"));
	step = json_deep_copy(json_array_get(json_object_get(v, "steps"), 0));
	json_object_del(step, "script");
	json_object_set_new(o, "steps", json_pack("[o]", step));
	assert_int_equal(json_canonical(o, &text, &n), 0);
	assert_int_equal(sha256_mem(text, n, digest), 0);
	assert_string_equal(sha256_hex(hex, digest),
	    json_string_value(json_object_get(v, "digest")));
	str_wipe(text);
	json_decref(o);
	json_decref(v);
	req_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_hold_at_their_edge),
		cmocka_unit_test(the_profile_and_account_are_guessed_only_when_clear),
		cmocka_unit_test(operators_are_sorted_so_that_their_order_binds_nothing),
		cmocka_unit_test(pending_ends_with_the_window),
		cmocka_unit_test(approvers_are_warned),
		cmocka_unit_test(an_executable_is_resolved_and_hashed),
		cmocka_unit_test(what_is_no_sound_executable_is_refused),
		cmocka_unit_test(an_outsider_makes_the_digest_again_from_the_json),
		cmocka_unit_test(a_request_tells_all_that_its_digest_covers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
