/* meta_test.c - the JSON in the head of a recording, byte for byte. */
#include "monitor/meta.h"

#include <stdio.h>
#include <string.h>

#include "base/strv.h"
#include "tests/unit/hostile.h"
#include "tests/unit/test.h"

#define W(s)	((char *)(uintptr_t)(s))

static void
check(struct buf *b, const char *want)
{
	assert_int_equal(buf_len(b), strlen(want));
	assert_memory_equal(buf_data(b), want, buf_len(b));
	buf_free(b);
}

static void
keys_are_sorted_and_all_there(void **state)
{
	uint8_t digest[DIGEST_LEN], uuid[UUID_LEN];
	char *argv[] = { W("sed"), W("s/a b/\"c\"/"), NULL };
	struct mon m = { .slice = { .gate = W("gate") },
		.source = W("192.0.2.7:50022") };
	struct task t = { .mon = &m, .order = { .session = 345,
		.uuid = { uuid, UUID_LEN }, .request = 12, .revision = 2,
		.step = 1, .operator = W("alice"), .argv = argv,
		.exe = W("/usr/bin/sed"),
		.exe_digest = { digest, DIGEST_LEN }, .input = W("none"),
		.run_as = W("web"), .profile = W("files"),
		.profile_digest = { digest, DIGEST_LEN }, .target = W("local"),
		.request_digest = { digest, DIGEST_LEN }, .label = W(""),
		.ticket = W("CHG-7") } };
	struct buf *b = buf_new(DATA_MAX);
	static const char zeros[] = "0000000000000000000000000000000000000000"
	    "000000000000000000000000";
	char want[2048];

	(void)state;
	memset(digest, 0, sizeof(digest));
	memset(uuid, 0x1f, sizeof(uuid));
	snprintf(want, sizeof(want),
	    "{\"argv\":[\"sed\",\"s/a b/\\\"c\\\"/\"],"
	    "\"exe\":\"/usr/bin/sed\",\"exe_digest\":\"%s\","
	    "\"gate\":\"gate\",\"input\":\"none\",\"label\":\"\","
	    "\"login\":\"keyboard-interactive\",\"operator\":\"alice\","
	    "\"profile\":\"files\",\"profile_digest\":\"%s\","
	    "\"request\":\"R12\",\"request_digest\":\"%s\",\"revision\":2,"
	    "\"run_as\":\"web\",\"session\":\"S345\","
	    "\"source\":\"192.0.2.7:50022\",\"step\":1,"
	    "\"target\":\"local\",\"ticket\":\"CHG-7\","
	    "\"uuid\":\"1f1f1f1f-1f1f-1f1f-1f1f-1f1f1f1f1f1f\"}",
	    zeros, zeros, zeros);
	assert_int_equal(meta_put(b, &t), 0);
	check(b, want);

	b = buf_new(DATA_MAX);
	t.has_pty = 1;
	t.cols = 80;
	t.rows = 24;
	t.term = W("xterm");
	assert_int_equal(meta_put(b, &t), 0);
	assert_non_null(memmem(buf_data(b), buf_len(b), "],\"cols\":80,", 12));
	assert_non_null(memmem(buf_data(b), buf_len(b), ",\"rows\":24,\"run_as\"",
	    19));
	assert_non_null(memmem(buf_data(b), buf_len(b),
	    ",\"term\":\"xterm\",\"ticket\"", 24));
	buf_free(b);
}

static void
strings_are_written_as_canonical_json_has_them(void **state)
{
	struct buf *b = buf_new(1024);

	(void)state;
	assert_int_equal(meta_put_string(b,
	    "a\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\xff"), 0);
	check(b, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\xc3\xa9"
	    "\xef\xbf\xbd\"");
}

static void
no_hostile_string_leaves_its_string(void **state)
{
	struct buf *b;
	size_t i, k, quotes;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		b = buf_new(4096);
		quotes = 0;
		assert_int_equal(meta_put_string(b, hostile[i].bytes), 0);
		for (k = 0; k < buf_len(b); k++) {
			assert_true(buf_data(b)[k] >= 0x20);
			if (buf_data(b)[k] == '\\')
				k++;
			else
				quotes += buf_data(b)[k] == '"';
		}
		assert_int_equal(quotes, 2);
		buf_free(b);
	}
}

static void
what_does_not_fit_is_an_error(void **state)
{
	struct buf *b = buf_new(8);

	(void)state;
	assert_int_not_equal(meta_put_string(b, "0123456789"), 0);
	buf_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_sorted_and_all_there),
		cmocka_unit_test(strings_are_written_as_canonical_json_has_them),
		cmocka_unit_test(no_hostile_string_leaves_its_string),
		cmocka_unit_test(what_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
