/* file_test.c - requests filed, shown, decided: by whom, and by whom not. */
#include "tests/unit/ledgerd/gate.h"
#include "tests/unit/hostile.h"

#define SED	"{\"argv\":[\"sed\",\"-n\",\"p\"]}"

struct people {
	struct gate	 g;
	struct chan	*monitor[6], *c[6];
};

enum who { A_LICE, B_OB, C_AROL, D_AVE, E_VE, F_RANK };

static const char *const names[6] = {
	"alice", "bob", "carol", "dave", "eve", "frank"
};

static void
people_new(struct people *p)
{
	size_t i;

	gate_new(&p->g);
	for (i = 0; i < 6; i++) {
		p->monitor[i] = logged_in(&p->g, names[i]);
		p->c[i] = person(&p->g, p->monitor[i], names[i]);
	}
}

static void
people_end(struct people *p)
{
	size_t i;

	for (i = 0; i < 6; i++) {
		chan_free(p->c[i]);
		chan_free(p->monitor[i]);
	}
	gate_end(&p->g);
}

/* request-approve with the code as it is. */
static void
approval(struct people *p, enum who who, int nr, const char *code,
    const char *want)
{
	char body[160], now[8];
	json_t *v;

	(void)snprintf(body, sizeof(body), "{\"id\":%d}", nr);
	v = call_ok(&p->g, p->c[C_AROL], "request-show", body);
	(void)snprintf(now, sizeof(now), "%s", text_of(v, "code"));
	json_decref(v);
	(void)snprintf(body, sizeof(body), "{\"id\":%d,\"revision\":1,"
	    "\"code\":\"%s\"}", nr, code == NULL ? now : code);
	if (strcmp(want, "OK") == 0)
		json_decref(call_ok(&p->g, p->c[who], "request-approve",
		    body));
	else
		call_no(&p->g, p->c[who], "request-approve", body, want);
}

static const struct refused {
	const char	*body, *code;
} filings[] = {
	{ "{}", "USAGE" },
	{ "[]", "DATA" },
	{ "not json", "DATA" },
	{ "{\"argv\":[]}", "USAGE" },
	{ "{\"argv\":[\"\"]}", "USAGE" },
	{ "{\"argv\":\"sed\"}", "DATA" },
	{ "{\"argv\":[1]}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"color\":1}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"argv\":[\"sed\"]}", "DATA" },
	{ "{\"argv\":[\"sed\",\"a\\u0000b\"]}", "DATA" },
	{ "{\"argv\":[\"sed\",\"a\\nb\"]}", "SYNTAX" },
	{ "{\"argv\":[\"sed\",\"a\\u202eb\"]}", "SYNTAX" },
	{ "{\"argv\":[\"sed\",\"\xff\"]}", "DATA" },
	{ "{\"argv\":[\"request\",\"new\"]}", "SYNTAX" },
	{ "{\"argv\":[\"missing\"]}", "NOT-FOUND" },
	{ "{\"argv\":[\"/usr/bin/no such program\"]}", "NOT-FOUND" },
	{ "{\"argv\":[\"/etc/passwd\"]}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"/etc/nothing of that name\"]}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"/usr/../etc/nothing of that name\"]}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"./sed\"]}", "NOT-FOUND" },
	{ "{\"argv\":[\"/etc/passwd\"]}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"/usr\"]}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"sed\"],\"target\":\"mars\"}", "NOT-FOUND" },
	{ "{\"argv\":[\"sed\"],\"target\":\"a b\"}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"run_as\":\"_sekisho-led\"}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"sed\"],\"run_as\":\"alice\"}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"sed\"],\"run_as\":\"nobody\"}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"sed\"],\"profile\":\"missing\"}", "NOT-FOUND" },
	{ "{\"argv\":[\"sed\"],\"uses\":0}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"uses\":-1}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"uses\":1.5}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"uses\":101}", "LIMIT" },
	{ "{\"argv\":[\"sed\"],\"uses\":99999999999}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"operators\":[\"nobody\"]}", "NOT-FOUND" },
	{ "{\"argv\":[\"sed\"],\"operators\":[\"bob\"]}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"sed\"],\"operators\":[\"frank\"]}", "NOT-ALLOWED" },
	{ "{\"argv\":[\"sed\"],\"operators\":[\"dave\",\"dave\"]}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"from\":1789999000}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"until\":1789999999}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"from\":1790000900,\"until\":1790000800}",
	  "DATA" },
	{ "{\"argv\":[\"sed\"],\"until\":1799999999}", "LIMIT" },
	{ "{\"argv\":[\"sed\"],\"from\":1999999999}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"until_span\":99999999}", "LIMIT" },
	{ "{\"argv\":[\"sed\"],\"until\":1790000800,\"until_span\":5}",
	  "DATA" },
	{ "{\"argv\":[\"sed\"],\"max_run\":999999}", "LIMIT" },
	{ "{\"argv\":[\"sed\"],\"input\":\"yes\"}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"input\":\"sha256:12\"}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"on_disconnect\":\"maybe\"}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"script\":\"!!\"}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"script\":\"\"}", "DATA" },
	{ "{\"argv\":[\"sed\"],\"reason\":\"a\\u001b[2Jb\"}", "SYNTAX" },
};

static void
what_cannot_be_right_is_refused_at_filing(void **state)
{
	struct people p;
	size_t i, n = sizeof(filings) / sizeof(filings[0]);

	(void)state;
	people_new(&p);
	for (i = 0; i < n; i++)
		call_no(&p.g, p.c[A_LICE], "request-new", filings[i].body,
		    filings[i].code);
	call_no(&p.g, p.c[B_OB], "request-new", SED, "NOT-ALLOWED");
	call_no(&p.g, p.c[C_AROL], "request-new", SED, "NOT-ALLOWED");
	call_no(&p.g, p.c[F_RANK], "request-new", SED, "NOT-ALLOWED");
	assert_int_equal(entries(&p.g, "word-refused"), n + 3);
	assert_int_equal(entries(&p.g, "request"), 0);
	people_end(&p);
}

static void
hostile_text_is_never_stored(void **state)
{
	static const char *const fields[] = { "argv", "reason", "ticket",
	    "label", "operators", "profile", "target", "run_as", "input" };
	char code[CODE_MAX + 1], *text;
	struct people p;
	json_t *body, *v;
	size_t i, j;

	(void)state;
	people_new(&p);
	for (i = 0; i < HOSTILE_COUNT; i++)
		for (j = 0; j < 9; j++) {
			body = json_pack("{s:[s]}", "argv", "sed");
			v = json_string(hostile[i].bytes);
			if (v != NULL && j == 0)
				json_array_append_new(json_object_get(body,
				    "argv"), v);
			else if (v != NULL && j == 4)
				json_object_set_new(body, fields[j],
				    json_pack("[o]", v));
			else if (v != NULL)
				json_object_set_new(body, fields[j], v);
			text = json_dumps(body, JSON_COMPACT);
			json_decref(body);
			body = call_fd(&p.g, p.c[A_LICE], "request-new", text,
			    code, NULL);
			free(text);
			text = json_dumps(body, JSON_COMPACT);
			json_decref(body);
			for (size_t k = 0; text[k] != '\0'; k++)
				assert_true((unsigned char)text[k] >= 0x20 &&
				    text[k] != 0x7f);
			assert_null(strstr(text, "\xc2\x9b"));
			assert_null(strstr(text, "\xe2\x80\xae"));
			assert_null(strstr(text, "\\u001b"));
			free(text);
		}
	people_end(&p);
}

static void
an_executable_that_others_can_change_is_refused(void **state)
{
	char body[256];
	struct people p;

	(void)state;
	people_new(&p);
	gate_file(p.g.bin, "open", "x", 0777);
	gate_file(p.g.bin, "group", "x", 0775);
	gate_file(p.g.bin, "owned", "x", 0755);
	gate_file(p.g.bin, "data", "x", 0644);
	(void)snprintf(body, sizeof(body), "%s/owned", p.g.bin);
	assert_int_equal(chown(body, 1000, 0), 0);
	(void)snprintf(body, sizeof(body), "%s/link", p.g.bin);
	assert_int_equal(symlink("/etc/passwd", body), 0);
	call_no(&p.g, p.c[A_LICE], "request-new", "{\"argv\":[\"open\"]}",
	    "NOT-ALLOWED");
	call_no(&p.g, p.c[A_LICE], "request-new", "{\"argv\":[\"group\"]}",
	    "NOT-ALLOWED");
	call_no(&p.g, p.c[A_LICE], "request-new", "{\"argv\":[\"owned\"]}",
	    "NOT-ALLOWED");
	call_no(&p.g, p.c[A_LICE], "request-new", "{\"argv\":[\"data\"]}",
	    "NOT-FOUND");
	(void)snprintf(body, sizeof(body), "{\"argv\":[\"%s/link\"]}",
	    p.g.bin);
	call_no(&p.g, p.c[A_LICE], "request-new", body, "NOT-ALLOWED");
	assert_int_equal(chmod(p.g.bin, 0777), 0);
	call_no(&p.g, p.c[A_LICE], "request-new", SED, "NOT-ALLOWED");
	people_end(&p);
}

static void
a_filing_echoes_what_was_understood_with_defaults(void **state)
{
	struct people p;
	json_t *v;

	(void)state;
	people_new(&p);
	v = call_ok(&p.g, p.c[A_LICE], "request-new", SED);
	assert_int_equal(json_integer_value(json_object_get(v, "nr")), 1);
	assert_string_equal(text_of(v, "requester"), "alice");
	assert_string_equal(text_of(v, "profile"), "files");
	assert_string_equal(text_of(v, "target"), "local");
	assert_string_equal(text_of(v, "input"), "none");
	assert_string_equal(text_of(v, "on_disconnect"), "kill");
	assert_true(json_is_null(json_object_get(v, "from")));
	assert_int_equal(json_integer_value(json_object_get(v, "bound_span")),
	    28800);
	assert_int_equal(json_integer_value(json_object_get(v, "max_run")),
	    14400);
	assert_int_equal(strlen(text_of(v, "code")), 4);
	json_decref(v);
	assert_int_equal(entries(&p.g, "request"), 1);
	people_end(&p);
}

static void
nobody_approves_their_own_by_any_door(void **state)
{
	struct people p;

	(void)state;
	people_new(&p);
	/* alice holds the approver's role too: requester, then operator */
	json_decref(call_ok(&p.g, p.c[A_LICE], "request-new", SED));
	approval(&p, A_LICE, 1, NULL, "OWN-REQUEST");
	json_decref(call_ok(&p.g, p.c[D_AVE], "request-new",
	    "{\"argv\":[\"sed\"],\"operators\":[\"alice\"]}"));
	approval(&p, A_LICE, 2, NULL, "OWN-REQUEST");
	call_no(&p.g, p.c[A_LICE], "request-reject", "{\"id\":2}",
	    "OWN-REQUEST");
	approval(&p, D_AVE, 2, NULL, "OWN-REQUEST");
	approval(&p, C_AROL, 2, NULL, "NOT-ALLOWED");
	approval(&p, F_RANK, 2, NULL, "NOT-FOUND");
	approval(&p, B_OB, 2, "aaaa", "CHANGED");
	call_no(&p.g, p.c[B_OB], "request-approve",
	    "{\"id\":2,\"revision\":1}", "CHANGED");
	approval(&p, B_OB, 2, NULL, "OK");
	approval(&p, B_OB, 2, NULL, "STATE");
	assert_int_equal(entries(&p.g, "decision"), 1);
	people_end(&p);
}

static void
two_approvals_come_from_two_people(void **state)
{
	static const struct policy two = { .need = 2 };
	struct people p;
	json_t *v;

	(void)state;
	people_new(&p);
	gate_policy(&p.g, &two);
	json_decref(call_ok(&p.g, p.c[D_AVE], "request-new", SED));
	approval(&p, B_OB, 1, NULL, "OK");
	approval(&p, B_OB, 1, NULL, "STATE");
	v = call_ok(&p.g, p.c[D_AVE], "request-show", "{\"id\":1}");
	assert_string_equal(text_of(v, "state"), "submitted");
	json_decref(v);
	approval(&p, E_VE, 1, NULL, "OK");
	v = call_ok(&p.g, p.c[D_AVE], "request-show", "{\"id\":1}");
	assert_string_equal(text_of(v, "state"), "approved");
	assert_string_equal(text_of(v, "view"), "open");
	assert_string_equal(text_of(v, "from"), "2026-09-21T14:13:20+00:00");
	json_decref(v);
	people_end(&p);
}

static void
a_request_ends_by_rejection_withdrawal_or_time(void **state)
{
	struct people p;
	json_t *v;
	int i;

	(void)state;
	people_new(&p);
	for (i = 0; i < 3; i++)
		json_decref(call_ok(&p.g, p.c[D_AVE], "request-new", SED));
	json_decref(call_ok(&p.g, p.c[B_OB], "request-reject",
	    "{\"id\":1,\"message\":\"not today\"}"));
	approval(&p, E_VE, 1, NULL, "STATE");
	call_no(&p.g, p.c[A_LICE], "request-withdraw", "{\"id\":2}",
	    "NOT-ALLOWED");
	json_decref(call_ok(&p.g, p.c[D_AVE], "request-withdraw",
	    "{\"id\":2}"));
	call_no(&p.g, p.c[D_AVE], "request-withdraw", "{\"id\":2}", "STATE");
	clock_set_test(NOW + 7 * 86400);
	v = call_ok(&p.g, p.c[D_AVE], "request-show", "{\"id\":3}");
	assert_string_equal(text_of(v, "state"), "expired");
	json_decref(v);
	approval(&p, B_OB, 3, NULL, "STATE");
	people_end(&p);
}

static size_t
listed(struct people *p, enum who who, const char *body)
{
	json_t *v = call_ok(&p->g, p->c[who], "request-list", body);
	size_t n = json_array_size(json_object_get(v, "requests"));

	json_decref(v);
	return n;
}

static void
each_sees_what_concerns_them_and_no_more(void **state)
{
	struct people p;
	json_t *v;

	(void)state;
	people_new(&p);
	json_decref(call_ok(&p.g, p.c[D_AVE], "request-new", SED));
	json_decref(call_ok(&p.g, p.c[A_LICE], "request-new", SED));
	assert_int_equal(listed(&p, D_AVE, "{}"), 1);
	assert_int_equal(listed(&p, D_AVE, "{\"which\":\"all\"}"), 1);
	assert_int_equal(listed(&p, B_OB, "{\"which\":\"all\"}"), 2);
	assert_int_equal(listed(&p, B_OB, "{}"), 0);
	assert_int_equal(listed(&p, B_OB, "{\"which\":\"waiting\"}"), 2);
	assert_int_equal(listed(&p, A_LICE, "{\"which\":\"waiting\"}"), 1);
	assert_int_equal(listed(&p, C_AROL, "{\"which\":\"all\"}"), 2);
	assert_int_equal(listed(&p, C_AROL, "{\"which\":\"waiting\"}"), 0);
	assert_int_equal(listed(&p, F_RANK, "{\"which\":\"all\"}"), 0);
	assert_int_equal(listed(&p, C_AROL,
	    "{\"which\":\"all\",\"state\":\"approved\"}"), 0);
	assert_int_equal(listed(&p, C_AROL,
	    "{\"which\":\"all\",\"state\":\"used up\"}"), 0);
	/* an empty list would be a wrong answer */
	call_no(&p.g, p.c[C_AROL], "request-list",
	    "{\"which\":\"all\",\"state\":\"aproved\"}", "DATA");
	call_no(&p.g, p.c[F_RANK], "request-show", "{\"id\":1}", "NOT-FOUND");
	call_no(&p.g, p.c[D_AVE], "request-show", "{\"id\":2}", "NOT-FOUND");
	call_no(&p.g, p.c[D_AVE], "request-show", "{\"id\":9}", "NOT-FOUND");
	call_no(&p.g, p.c[D_AVE], "request-show", "{}", "DATA");
	v = call_ok(&p.g, p.c[B_OB], "waiting", "{}");
	assert_int_equal(json_array_size(json_object_get(v, "approve")), 2);
	json_decref(v);
	people_end(&p);
}

static void
long_lists_come_in_pages(void **state)
{
	struct people p;
	json_t *v;
	char body[64];
	int i;

	(void)state;
	people_new(&p);
	for (i = 0; i < 53; i++)
		json_decref(call_ok(&p.g, p.c[D_AVE], "request-new", SED));
	v = call_ok(&p.g, p.c[D_AVE], "request-list", "{}");
	assert_int_equal(json_array_size(json_object_get(v, "requests")), 50);
	(void)snprintf(body, sizeof(body), "{\"after\":%lld}",
	    json_integer_value(json_object_get(v, "next")));
	json_decref(v);
	assert_int_equal(listed(&p, D_AVE, body), 3);
	people_end(&p);
}

static void
one_person_does_not_fill_the_queue(void **state)
{
	struct people p;
	int i;

	(void)state;
	people_new(&p);
	for (i = 0; i < 200; i++)
		json_decref(call_ok(&p.g, p.c[D_AVE], "request-new", SED));
	call_no(&p.g, p.c[D_AVE], "request-new", SED, "LIMIT");
	json_decref(call_ok(&p.g, p.c[A_LICE], "request-new", SED));
	people_end(&p);
}

static void
whoami_and_profiles_tell_what_the_policy_gives(void **state)
{
	struct people p;
	json_t *v;

	(void)state;
	people_new(&p);
	v = call_ok(&p.g, p.c[A_LICE], "whoami", "{}");
	assert_string_equal(text_of(v, "name"), "alice");
	assert_int_equal(json_array_size(json_object_get(v, "roles")), 2);
	assert_int_equal(json_array_size(json_object_get(v, "may_run")), 1);
	assert_int_equal(json_array_size(json_object_get(v, "may_approve")),
	    1);
	json_decref(v);
	v = call_ok(&p.g, p.c[F_RANK], "whoami", "{}");
	assert_int_equal(json_array_size(json_object_get(v, "may_run")), 0);
	json_decref(v);
	v = call_ok(&p.g, p.c[F_RANK], "profile-list", "{}");
	assert_int_equal(json_array_size(json_object_get(v, "profiles")), 1);
	json_decref(v);
	v = call_ok(&p.g, p.c[F_RANK], "profile-show",
	    "{\"name\":\"files\"}");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(v,
	    "profile"), "x")), 1);
	json_decref(v);
	call_no(&p.g, p.c[F_RANK], "profile-show", "{\"name\":\"x\"}",
	    "NOT-FOUND");
	call_no(&p.g, p.c[F_RANK], "no-such-verb", "{}", "USAGE");
	people_end(&p);
}

static void
what_the_program_refused_itself_is_an_entry(void **state)
{
	struct people p;

	(void)state;
	people_new(&p);
	json_decref(call_ok(&p.g, p.c[A_LICE], "refused",
	    "{\"code\":\"USAGE\",\"asked\":\"[whoami] [-x]\","
	    "\"reason\":\"-x is not an option of this word\"}"));
	assert_int_equal(entries(&p.g, "word-refused"), 1);
	call_no(&p.g, p.c[A_LICE], "refused", "{\"code\":\"OK\"}", "DATA");
	call_no(&p.g, p.c[A_LICE], "refused", "{\"who\":\"bob\"}", "DATA");
	people_end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_right_is_refused_at_filing),
		cmocka_unit_test(hostile_text_is_never_stored),
		cmocka_unit_test(an_executable_that_others_can_change_is_refused),
		cmocka_unit_test(a_filing_echoes_what_was_understood_with_defaults),
		cmocka_unit_test(nobody_approves_their_own_by_any_door),
		cmocka_unit_test(two_approvals_come_from_two_people),
		cmocka_unit_test(a_request_ends_by_rejection_withdrawal_or_time),
		cmocka_unit_test(each_sees_what_concerns_them_and_no_more),
		cmocka_unit_test(long_lists_come_in_pages),
		cmocka_unit_test(one_person_does_not_fill_the_queue),
		cmocka_unit_test(whoami_and_profiles_tell_what_the_policy_gives),
		cmocka_unit_test(what_the_program_refused_itself_is_an_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
