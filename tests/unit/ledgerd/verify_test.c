/* verify_test.c - the ledger in pages: for whom, how much at once, and what is not told. */
#include "tests/unit/ledgerd/gate.h"

#include <inttypes.h>

#include "crypt/base64.h"
#include "ledger/tree.h"

struct scene {
	struct gate	 g;
	struct chan	*monitor, *carol_monitor, *a, *c;
};

static void
scene_new(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	gate_new(&s->g);
	s->monitor = logged_in(&s->g, "alice");
	s->carol_monitor = logged_in(&s->g, "carol");
	s->a = person(&s->g, s->monitor, "alice");
	s->c = person(&s->g, s->carol_monitor, "carol");
}

static void
scene_end(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->c);
	chan_free(s->monitor);
	chan_free(s->carol_monitor);
	gate_end(&s->g);
}

static void
begin(struct scene *s)
{
	json_decref(call_ok(&s->g, s->c, "verify-begin",
	    "{\"what\":\"all\"}"));
}

static void
only_auditors_check_and_only_after_it_was_written_down(void **state)
{
	static const char *const pages[] = { "verify-entries", "verify-rows",
		"verify-heads", "verify-open", "verify-files" };
	struct scene s;
	json_t *v;
	size_t i;

	(void)state;
	scene_new(&s);
	call_no(&s.g, s.a, "verify-begin", "{\"what\":\"all\"}",
	    "NOT-ALLOWED");
	for (i = 0; i < 5; i++)
		call_no(&s.g, s.c, pages[i], "{}", "STATE");
	call_no(&s.g, s.c, "verify-begin", "{\"what\":\"S1; DROP\"}", "DATA");
	v = call_ok(&s.g, s.c, "verify-begin", "{\"what\":\"S12\"}");
	assert_true(json_integer_value(json_object_get(v, "size")) > 0);
	json_decref(v);
	json_decref(call_ok(&s.g, s.c, "verify-entries", "{}"));
	scene_end(&s);
}

static void
bytes_and_hashes_are_those_that_are_stored(void **state)
{
	uint8_t leaf[TREE_HASH], *stored;
	const json_t *list, *e;
	const char *body;
	struct scene s;
	json_t *v;
	size_t i, n;

	(void)state;
	scene_new(&s);
	begin(&s);
	v = call_ok(&s.g, s.c, "verify-entries", "{\"after\":1}");
	list = json_object_get(v, "entries");
	assert_int_equal(json_array_size(list) + 1,
	    json_integer_value(json_object_get(v, "size")));
	for (i = 0; i < json_array_size(list); i++) {
		e = json_array_get(list, i);
		assert_int_equal(json_integer_value(json_array_get(e, 0)),
		    i + 1);
		assert_non_null(body = json_string_value(
		    json_array_get(e, 1)));
		assert_int_equal(tree_leaf(body, strlen(body), leaf), 0);
		assert_int_equal(base64_decode(json_string_value(
		    json_array_get(json_array_get(e, 2), 0)), 64, &stored,
		    &n), 0);
		assert_memory_equal(stored, leaf, TREE_HASH);
		free(stored);
		/* entry 1 ends a pair, entry 3 a pair of pairs */
		assert_int_equal(json_array_size(json_array_get(e, 2)),
		    i == 0 ? 2 : i == 2 ? 3 : (i + 2) % 2 == 0 ? 2 : 1);
		if (i == 2)
			break;
	}
	json_decref(v);
	scene_end(&s);
}

/* Filed until there is more than one page. */
static void
pages_follow_each_other_and_end(void **state)
{
	char body[64];
	int64_t last = 0, nr;
	const json_t *list;
	struct scene s;
	json_t *v;
	size_t i, n = 0;

	(void)state;
	scene_new(&s);
	for (i = 0; i < 150; i++)
		json_decref(call_ok(&s.g, s.a, "request-new",
		    "{\"argv\":[\"sed\"]}"));
	begin(&s);
	do {
		(void)snprintf(body, sizeof(body), last == 0 ?
		    "{\"table\":\"request\"}" :
		    "{\"table\":\"request\",\"after\":[%" PRId64 "]}", last);
		v = call_ok(&s.g, s.c, "verify-rows", body);
		list = json_object_get(v, "rows");
		for (i = 0; i < json_array_size(list); i++) {
			nr = json_integer_value(json_array_get(
			    json_array_get(list, i), 0));
			assert_int_equal(nr, last + 1);
			last = nr;
			n++;
		}
		i = json_array_size(list);
		json_decref(v);
	} while (i > 0);
	assert_int_equal(n, 150);
	scene_end(&s);
}

static void
what_is_no_table_key_or_path_is_refused(void **state)
{
	static const char *const bad[][2] = {
		{ "verify-rows", "{\"table\":\"sqlite_schema\"}" },
		{ "verify-rows", "{\"table\":\"request\",\"after\":[]}" },
		{ "verify-rows", "{\"table\":\"request\",\"after\":[{}]}" },
		{ "verify-rows", "{\"table\":\"operator\",\"after\":[1]}" },
		{ "verify-heads", "{\"name\":\"../keys/state\"}" },
		{ "verify-heads", "{\"name\":\"a/b\"}" },
		{ "verify-open", "{\"path\":\"/etc/passwd\"}" },
		{ "verify-open", "{\"path\":\"2026/../../ledger.db\"}" },
		{ "verify-open", "{\"path\":\"\"}" },
		{ "verify-open", "{\"path\":\"2026//S1.skr\"}" },
		{ "verify-files", "{\"dir\":\"..\"}" },
		{ "verify-files", "{\"dir\":\"a/b/c/d/e/f/g/h/i\"}" },
		{ "verify-files", "{\"dir\":\"0123456789012345678901234567890"
		    "12345678901234567890123456789012345678901234567\"}" },
		{ "verify-entries", "{\"after\":-1}" },
		{ "verify-entries", "{\"limit\":100000}" },
	};
	struct scene s;
	size_t i;

	(void)state;
	scene_new(&s);
	begin(&s);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		call_no(&s.g, s.c, bad[i][0], bad[i][1], "DATA");
	scene_end(&s);
}

static void
recordings_are_opened_for_reading_and_links_are_not_followed(void **state)
{
	char code[CODE_MAX + 1], path[160], text[16] = "";
	struct scene s;
	json_t *v;
	int fd = -1;

	(void)state;
	scene_new(&s);
	gate_file(s.g.rec, "S1.skr", "recorded", 0440);
	(void)snprintf(path, sizeof(path), "%s/link", s.g.rec);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	begin(&s);
	v = call_fd(&s.g, s.c, "verify-open", "{\"path\":\"S1.skr\"}", code,
	    &fd);
	json_decref(v);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
	v = call_fd(&s.g, s.c, "verify-open", "{\"path\":\"link\"}", code,
	    &fd);
	assert_int_equal(fd, -1);
	assert_true(json_is_true(json_object_get(v, "missing")));
	json_decref(v);
	v = call_ok(&s.g, s.c, "verify-files", "{}");
	assert_int_equal(json_array_size(json_object_get(v, "names")), 2);
	json_decref(v);
	call_no(&s.g, s.c, "verify-files", "{\"dir\":\"S1.skr\"}",
	    "NOT-FOUND");
	scene_end(&s);
}

/* It may be a password. */
static void
what_a_stranger_typed_stays_here(void **state)
{
	static const char typed[] = "0123456789abcdefhunter2";
	uint8_t digest[SHA256_LEN];
	char hex[SHA256_HEX], *text;
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s);
	assert_int_equal(sha256_mem(typed, strlen(typed), digest), 0);
	assert_int_equal(store_begin(s.g.ld.store), 0);
	assert_int_equal(store_end(s.g.ld.store, store_run(s.g.ld.store,
	    STORE_UNKNOWN_ADD, STORE_ARGS(store_b(digest, sizeof(digest)),
	    store_b(typed, 16), store_b(typed + 16, 7), store_i(NOW)))), 0);
	begin(&s);
	v = call_ok(&s.g, s.c, "verify-rows", "{\"table\":\"unknown_name\"}");
	assert_non_null(text = json_dumps(v, JSON_COMPACT));
	assert_null(strstr(text, "hunter2"));
	assert_null(strstr(text, "0123456789abcdef"));
	assert_null(strstr(text, "aHVudGVyMg"));
	assert_non_null(strstr(text, sha256_hex(hex, digest)));
	free(text);
	json_decref(v);
	scene_end(&s);
}

/* More pages than any word may ask questions. */
static void
pages_are_not_counted_as_questions(void **state)
{
	struct scene s;
	json_t *v;
	int i;

	(void)state;
	scene_new(&s);
	begin(&s);
	for (i = 0; i < CALLS_MAX + 100; i++) {
		v = call_ok(&s.g, s.c, "verify-entries", "{\"limit\":0}");
		assert_int_equal(json_array_size(json_object_get(v,
		    "entries")), 0);
		json_decref(v);
	}
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_auditors_check_and_only_after_it_was_written_down),
		cmocka_unit_test(bytes_and_hashes_are_those_that_are_stored),
		cmocka_unit_test(pages_follow_each_other_and_end),
		cmocka_unit_test(what_is_no_table_key_or_path_is_refused),
		cmocka_unit_test(recordings_are_opened_for_reading_and_links_are_not_followed),
		cmocka_unit_test(what_a_stranger_typed_stays_here),
		cmocka_unit_test(pages_are_not_counted_as_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
