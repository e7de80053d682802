/* session_test.c - sessions and the ledger read: by whom, and written down before. */
#include "tests/unit/ledgerd/gate.h"

static char *const SED[] = { CONST("sed"), NULL };

struct scene {
	struct gate	 g;
	struct chan	*alice, *bob, *carol, *dave, *a, *b, *c, *d;
	struct msg_order o;
};

/* alice has run one command; its recording is there. */
static void
scene_new(struct scene *s)
{
	char code[CODE_MAX + 1], path[160];
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no;

	memset(s, 0, sizeof(*s));
	gate_new(&s->g);
	s->alice = logged_in(&s->g, "alice");
	s->bob = logged_in(&s->g, "bob");
	s->carol = logged_in(&s->g, "carol");
	s->dave = logged_in(&s->g, "dave");
	s->a = person(&s->g, s->alice, "alice");
	s->b = person(&s->g, s->bob, "bob");
	s->c = person(&s->g, s->carol, "carol");
	s->d = person(&s->g, s->dave, "dave");
	json_decref(call_ok(&s->g, s->a, "request-new",
	    "{\"argv\":[\"sed\"]}"));
	approve(&s->g, s->b, 1);
	assert_int_equal(look_up(&s->g, s->alice, "alice", SED, 0, &s->o,
	    digest, &no), MSG_ORDER);
	assert_int_equal(consume(&s->g, s->alice, &s->o, digest, code),
	    MSG_CONSUMED);
	job_ended(&s->g, s->alice, 1, JOB_RAN);
	(void)snprintf(path, sizeof(path), "%s/2026", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09/21", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	gate_file(path, "S1.skr", "recorded", 0440);
}

static void
scene_end(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->b);
	chan_free(s->c);
	chan_free(s->d);
	chan_free(s->alice);
	chan_free(s->bob);
	chan_free(s->carol);
	chan_free(s->dave);
	msg_order_free(&s->o);
	gate_end(&s->g);
}

static void
an_auditor_reads_a_recording_and_the_ledger_knows_first(void **state)
{
	char code[CODE_MAX + 1], text[16] = "";
	struct scene s;
	json_t *v;
	int fd = -1;

	(void)state;
	scene_new(&s);
	v = call_fd(&s.g, s.c, "session-open", "{\"id\":1}", code, &fd);
	assert_string_equal(code, "OK");
	assert_string_equal(text_of(v, "recording"), "2026/09/21/S1.skr");
	json_decref(v);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	assert_string_equal(text, "recorded");
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
	assert_int_equal(entries(&s.g, "replay"), 1);
	scene_end(&s);
}

static void
others_read_no_recording(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	call_no(&s.g, s.a, "session-open", "{\"id\":1}", "NOT-ALLOWED");
	call_no(&s.g, s.b, "session-open", "{\"id\":1}", "NOT-FOUND");
	call_no(&s.g, s.d, "session-open", "{\"id\":1}", "NOT-FOUND");
	call_no(&s.g, s.c, "session-open", "{\"id\":2}", "NOT-FOUND");
	call_no(&s.g, s.c, "session-open", "{\"id\":1,\"how\":\"rm\"}",
	    "DATA");
	assert_int_equal(entries(&s.g, "replay"), 0);
	scene_end(&s);
}

static void
a_link_in_place_of_a_recording_is_not_followed(void **state)
{
	char path[160];
	struct scene s;

	(void)state;
	scene_new(&s);
	(void)snprintf(path, sizeof(path), "%s/2026/09/21/S1.skr", s.g.rec);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	call_no(&s.g, s.c, "session-open", "{\"id\":1}", "NOT-FOUND");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	call_no(&s.g, s.c, "session-open", "{\"id\":1}", "NOT-FOUND");
	scene_end(&s);
}

static size_t
listed(struct scene *s, struct chan *c, const char *body)
{
	json_t *v = call_ok(&s->g, c, "session-list", body);
	size_t n = json_array_size(json_object_get(v, "sessions"));

	json_decref(v);
	return n;
}

static void
sessions_are_listed_for_their_operator_and_auditors(void **state)
{
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s);
	assert_int_equal(listed(&s, s.a, "{}"), 1);
	assert_int_equal(listed(&s, s.c, "{}"), 1);
	assert_int_equal(listed(&s, s.b, "{}"), 0);
	assert_int_equal(listed(&s, s.c, "{\"user\":\"alice\"}"), 1);
	assert_int_equal(listed(&s, s.c, "{\"user\":\"dave\"}"), 0);
	assert_int_equal(listed(&s, s.c, "{\"request\":1}"), 1);
	assert_int_equal(listed(&s, s.c, "{\"request\":2}"), 0);
	v = call_ok(&s.g, s.a, "session-show", "{\"id\":1}");
	assert_string_equal(text_of(v, "id"), "S1");
	assert_string_equal(text_of(v, "request"), "R1");
	assert_string_equal(text_of(v, "state"), "ended");
	assert_string_equal(text_of(v, "source"), "192.0.2.7:4711");
	assert_int_equal(json_array_size(json_object_get(v, "argv")), 1);
	json_decref(v);
	v = call_ok(&s.g, s.a, "request-show", "{\"id\":1}");
	assert_string_equal(json_string_value(json_array_get(
	    json_object_get(v, "sessions"), 0)), "S1");
	json_decref(v);
	call_no(&s.g, s.d, "session-show", "{\"id\":1}", "NOT-FOUND");
	scene_end(&s);
}

static void
the_ledger_is_read_in_pages_by_auditors_only(void **state)
{
	struct scene s;
	json_t *v, *list;
	size_t seen = 0, n;
	char body[64] = "{}";
	int64_t next = 0, at;

	(void)state;
	scene_new(&s);
	call_no(&s.g, s.a, "audit-log", "{}", "NOT-ALLOWED");
	do {
		(void)snprintf(body, sizeof(body),
		    "{\"after\":%lld,\"limit\":3}", (long long)next);
		v = call_ok(&s.g, s.c, "audit-log", body);
		list = json_object_get(v, "entries");
		n = json_array_size(list);
		if (n > 0) {
			at = json_integer_value(json_object_get(
			    json_array_get(list, 0), "index"));
			assert_int_equal(at, (int64_t)seen);
		}
		seen += n;
		next = json_integer_value(json_object_get(v, "next"));
		json_decref(v);
	} while (n == 3);
	assert_int_equal(next, (int64_t)seen);
	assert_true(seen > 10);
	scene_end(&s);
}

/* Backwards from the end: each entry once, the newest page first, none above the end. */
static void
the_ledger_is_read_from_its_end_too(void **state)
{
	struct scene s;
	json_t *v, *list;
	char body[64];
	uint64_t size, first;
	int64_t before = INT64_MAX;
	size_t n;
	int more;

	(void)state;
	scene_new(&s);
	assert_int_equal(book_size(&s.g.ld, &size), 0);
	first = size;
	do {
		(void)snprintf(body, sizeof(body),
		    "{\"before\":%lld,\"limit\":3}", (long long)before);
		v = call_ok(&s.g, s.c, "audit-log", body);
		list = json_object_get(v, "entries");
		n = json_array_size(list);
		assert_true(n > 0 && n <= 3);
		assert_int_equal(json_integer_value(json_object_get(
		    json_array_get(list, n - 1), "index")), first - 1);
		first -= n;
		assert_int_equal(json_integer_value(json_object_get(
		    json_array_get(list, 0), "index")), first);
		before = json_integer_value(json_object_get(v, "next"));
		assert_int_equal(before, first);
		more = json_is_true(json_object_get(v, "more"));
		assert_int_equal(more, first > 0);
		json_decref(v);
	} while (more);
	v = call_ok(&s.g, s.c, "audit-log", "{\"before\":0}");
	assert_int_equal(json_array_size(json_object_get(v, "entries")), 0);
	json_decref(v);
	call_no(&s.g, s.c, "audit-log", "{\"before\":-1}", "DATA");
	call_no(&s.g, s.c, "audit-log", "{\"before\":9,\"after\":1}", "DATA");
	call_no(&s.g, s.a, "audit-log", "{\"before\":9}", "NOT-ALLOWED");
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_auditor_reads_a_recording_and_the_ledger_knows_first),
		cmocka_unit_test(others_read_no_recording),
		cmocka_unit_test(a_link_in_place_of_a_recording_is_not_followed),
		cmocka_unit_test(sessions_are_listed_for_their_operator_and_auditors),
		cmocka_unit_test(the_ledger_is_read_in_pages_by_auditors_only),
		cmocka_unit_test(the_ledger_is_read_from_its_end_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
