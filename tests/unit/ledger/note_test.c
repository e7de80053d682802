/* note_test.c - heads and keys as text: one form each, anything else refused. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/test.h"

#include "base/err.h"
#include "crypt/ed25519.h"
#include "ledger/note.h"

static uint8_t keys[2][NOTE_KEY];
static struct ed25519 *privates[2];
static struct note made;
static char text[NOTE_MAX];
static size_t len;

static int
setup(void **state)
{
	uint8_t seed[ED25519_LEN];
	char signed_text[NOTE_TEXT_MAX];
	size_t n;
	int i;

	(void)state;
	made = (struct note){ .origin = "gate1.example/sekisho", .size = 1003,
	    .time_ns = 1790000000123456789LL, .epoch = 42 };
	memset(made.root, 0xa5, sizeof(made.root));
	n = note_text(signed_text, &made);
	for (i = 0; i < 2; i++) {
		memset(seed, i + 1, sizeof(seed));
		ed25519_free(privates[i]);
		assert_int_equal(ed25519_new(seed, &privates[i]), 0);
		assert_int_equal(ed25519_public(privates[i], keys[i]), 0);
	}
	assert_int_equal(ed25519_sign(privates[0], signed_text, n,
	    made.log_signature), 0);
	assert_int_equal(ed25519_sign(privates[1], signed_text, n,
	    made.epoch_signature), 0);
	assert_int_equal(note_make(text, &len, &made, keys[0], keys[1]), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	ed25519_free(privates[0]);
	ed25519_free(privates[1]);
	privates[0] = privates[1] = NULL;
	return 0;
}

static void
a_note_is_the_text_an_empty_line_and_two_signatures(void **state)
{
	static const char start[] = "gate1.example/sekisho\n1003\n"
	    "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=\n"
	    "time 1790000000123456789\n"
	    "\n\xe2\x80\x94 gate1.example/sekisho ";

	(void)state;
	assert_memory_equal(text, start, strlen(start));
	assert_non_null(strstr(text,
	    "\n\xe2\x80\x94 gate1.example/sekisho/e42 "));
	assert_int_equal(text[len - 1], '\n');
}

static void
what_was_made_is_read_back(void **state)
{
	struct note n;

	(void)state;
	memset(&n, 0xff, sizeof(n));
	assert_int_equal(note_parse(text, len, &n, keys[0], keys[1]), 0);
	assert_string_equal(n.origin, made.origin);
	assert_int_equal(n.size, 1003);
	assert_int_equal(n.time_ns, made.time_ns);
	assert_int_equal(n.epoch, 42);
	assert_memory_equal(n.root, made.root, 32);
	assert_memory_equal(n.log_signature, made.log_signature, 64);
	assert_memory_equal(n.epoch_signature, made.epoch_signature, 64);
	assert_int_equal(note_check(&n, keys[0], keys[1]), 0);
	assert_int_equal(note_check(&n, keys[1], keys[1]), ERR_DENIED);
	assert_int_equal(note_check(&n, keys[0], keys[0]), ERR_DENIED);
	assert_int_equal(note_parse(text, len, &n, NULL, NULL), 0);
	assert_int_equal(note_parse(text, len, &n, keys[1], keys[1]),
	    ERR_FORMAT);
	assert_int_equal(note_parse(text, len, &n, keys[0], keys[0]),
	    ERR_FORMAT);
}

/* Any other byte, anywhere: it is no note, or not one of these keys. */
static void
every_flipped_byte_is_refused(void **state)
{
	char bad[NOTE_MAX];
	struct note n;
	size_t i;
	int v, r;

	(void)state;
	for (i = 0; i < len; i++)
		for (v = 0; v < 256; v++) {
			if (v == (uint8_t)text[i])
				continue;
			memcpy(bad, text, len);
			bad[i] = (char)v;
			r = note_parse(bad, len, &n, keys[0], keys[1]);
			if (r == 0)
				r = note_check(&n, keys[0], keys[1]);
			assert_true(r == ERR_FORMAT || r == ERR_DENIED);
		}
}

static void
every_cut_and_every_addition_is_refused(void **state)
{
	char bad[NOTE_MAX + 1];
	struct note n;
	size_t i;

	(void)state;
	for (i = 0; i < len; i++) {
		assert_int_equal(note_parse(text, i, &n, NULL, NULL),
		    ERR_FORMAT);
		memcpy(bad, text, i);
		memcpy(bad + i, text + i + 1, len - i - 1);
		assert_true(note_parse(bad, len - 1, &n, keys[0],
		    keys[1]) != 0 || note_check(&n, keys[0], keys[1]) != 0);
	}
	memcpy(bad, text, len);
	bad[len] = '\n';
	assert_int_equal(note_parse(bad, len + 1, &n, NULL, NULL), ERR_FORMAT);
	bad[len] = '\0';
	assert_int_equal(note_parse(bad, len + 1, &n, NULL, NULL), ERR_FORMAT);
	memset(bad, 'a', sizeof(bad));
	assert_int_equal(note_parse(bad, sizeof(bad), &n, NULL, NULL),
	    ERR_FORMAT);
}

/* Texts that say the same in another way. */
static void
only_one_form_is_taken(void **state)
{
	static const struct {
		const char	*from, *to;
	} rows[] = {
		{ "\n1003\n", "\n01003\n" },
		{ "\n1003\n", "\n+1003\n" },
		{ "\n1003\n", "\n-1003\n" },
		{ "\n1003\n", "\n9223372036854775808\n" },
		{ "time 1", "time 01" },
		{ "time 1", "time  1" },
		{ "time 1790000000123456789", "time -1" },
		{ "paU=\n", "paV=\n" },
		{ "paU=\n", "paU\n" },
		{ "/e42 ", "/e042 " },
		{ "/e42 ", "/e0 " },
		{ "/e42 ", "/e4294967296 " },
		{ "/e42 ", " " },
		{ "/e42 ", "/x42 " },
		{ "\n\n", "\n" },
		{ "\n\n", "\n\n\n" },
		{ "\n\n", "\nmore\n\n" },
		{ "gate1.example/sekisho\n", "gate2.example/sekisho\n" },
		{ "gate1.example/sekisho\n", "gate1.example/sekishi\n" },
		{ "\xe2\x80\x94 gate1", "-- gate1" },
		{ "sekisho/e42 ", "sekisho/e42  " },
	};
	char bad[NOTE_MAX];
	struct note n;
	const char *at;
	size_t i, before;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_non_null(at = strstr(text, rows[i].from));
		before = (size_t)(at - text);
		(void)snprintf(bad, sizeof(bad), "%.*s%s%s", (int)before, text,
		    rows[i].to, at + strlen(rows[i].from));
		assert_int_equal(note_parse(bad, strlen(bad), &n, NULL, NULL),
		    ERR_FORMAT);
	}
}

static void
signatures_stand_in_one_order(void **state)
{
	char bad[NOTE_MAX], *first, *second;
	struct note n;

	(void)state;
	first = strstr(text, "\n\n") + 2;
	second = strchr(first, '\n') + 1;
	(void)snprintf(bad, sizeof(bad), "%.*s%s%.*s", (int)(first - text),
	    text, second, (int)(second - first), first);
	assert_int_equal(strlen(bad), len);
	assert_int_equal(note_parse(bad, len, &n, NULL, NULL), ERR_FORMAT);
	(void)snprintf(bad, sizeof(bad), "%s%s", text, second);
	assert_int_equal(note_parse(bad, strlen(bad), &n, NULL, NULL),
	    ERR_FORMAT);
}

static void
an_origin_is_a_plain_name_and_sekisho(void **state)
{
	char longest[ORIGIN_MAX + 2];

	(void)state;
	assert_true(note_origin_is_good("gate1/sekisho"));
	assert_false(note_origin_is_good(""));
	assert_false(note_origin_is_good("/sekisho"));
	assert_false(note_origin_is_good("gate1"));
	assert_false(note_origin_is_good("ga te1/sekisho"));
	assert_false(note_origin_is_good("ga+te1/sekisho"));
	assert_false(note_origin_is_good("ga\xc3\xa4te1/sekisho"));
	assert_false(note_origin_is_good("gate1\n/sekisho"));
	assert_false(note_origin_is_good("gate1/sekisho/e1"));
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + ORIGIN_MAX - 8, "/sekisho", 9);
	assert_true(note_origin_is_good(longest));
	memset(longest, 'a', sizeof(longest));
	memcpy(longest + ORIGIN_MAX - 7, "/sekisho", 9);
	assert_false(note_origin_is_good(longest));
}

static void
what_cannot_be_read_back_is_not_made(void **state)
{
	struct note n = made;
	char out[NOTE_MAX];
	size_t m;

	(void)state;
	n.epoch = 0;
	assert_int_equal(note_make(out, &m, &n, keys[0], keys[1]), ERR_FORMAT);
	n = made;
	n.time_ns = -1;
	assert_int_equal(note_make(out, &m, &n, keys[0], keys[1]), ERR_FORMAT);
	n = made;
	n.size = UINT64_MAX;
	assert_int_equal(note_make(out, &m, &n, keys[0], keys[1]), ERR_FORMAT);
	n = made;
	strcpy(n.origin, "gate1");
	assert_int_equal(note_make(out, &m, &n, keys[0], keys[1]), ERR_FORMAT);
	/* the longest one has room */
	n = made;
	memset(n.origin, 'a', ORIGIN_MAX);
	strcpy(n.origin + ORIGIN_MAX - 8, "/sekisho");
	n.size = INT64_MAX;
	n.time_ns = INT64_MAX;
	n.epoch = UINT32_MAX;
	assert_int_equal(note_make(out, &m, &n, keys[0], keys[1]), 0);
	assert_int_equal(note_parse(out, m, &n, keys[0], keys[1]), 0);
}

static void
a_vkey_is_read_back_and_nothing_else_is_one(void **state)
{
	char vkey[VKEY_MAX], bad[VKEY_MAX], origin[ORIGIN_MAX + 1];
	uint8_t key[NOTE_KEY];
	uint32_t epoch, e;
	size_t i;

	(void)state;
	for (e = 0; e < 3; e++) {
		assert_int_equal(vkey_make(vkey, made.origin, e, keys[0]), 0);
		assert_int_equal(vkey_parse(vkey, origin, &epoch, key), 0);
		assert_string_equal(origin, made.origin);
		assert_int_equal(epoch, e);
		assert_memory_equal(key, keys[0], NOTE_KEY);
		for (i = 0; i <= strlen(vkey); i++) {
			strcpy(bad, vkey);
			bad[i] = bad[i] == 'x' ? 'y' : 'x';
			bad[sizeof(bad) - 1] = '\0';
			if (i == strlen(vkey))
				bad[i + 1] = '\0';
			assert_int_equal(vkey_parse(bad, origin, &epoch, key),
			    ERR_FORMAT);
			strcpy(bad, vkey);
			bad[i] = '\0';
			assert_true(i == strlen(vkey) ||
			    vkey_parse(bad, origin, &epoch, key) ==
			    ERR_FORMAT);
		}
	}
	assert_int_equal(vkey_make(vkey, "gate1", 0, keys[0]), ERR_FORMAT);
}

static void
a_vkey_of_another_program_is_understood(void **state)
{
	/* made with coreutils and openssl from the seed of 32 times 01 */
	static const char want[] = "gate1.example/sekisho+bdc4c70f+"
	    "AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c";
	char vkey[VKEY_MAX];

	(void)state;
	assert_int_equal(vkey_make(vkey, made.origin, 0, keys[0]), 0);
	assert_string_equal(vkey, want);
}

static void
an_epochs_text_is_the_one_of_the_format(void **state)
{
	struct epoch_said said = { .nr = 0x01020304,
		.start_ns = 0x1122334455667788LL, .key = keys[0],
		.head_size = 0x0102030405060708ULL, .head_root = keys[1] };
	static const uint8_t none[40];
	uint8_t out[EPOCH_TEXT_MAX];
	size_t n;

	(void)state;
	n = epoch_text(out, &said, keys[1], "gate1/sekisho");
	assert_int_equal(n, 11 + 4 + 8 + 32 + 32 + 8 + 32 + 13);
	assert_memory_equal(out, "skr1-epoch\0\4\3\2\1"
	    "\x88\x77\x66\x55\x44\x33\x22\x11", 23);
	assert_memory_equal(out + 23, keys[0], 32);
	assert_memory_equal(out + 55, keys[1], 32);
	assert_memory_equal(out + 87, "\10\7\6\5\4\3\2\1", 8);
	assert_memory_equal(out + 95, keys[1], 32);
	assert_memory_equal(out + 127, "gate1/sekisho", 13);
	said.head_size = 0;
	n = epoch_text(out, &said, keys[1], "gate1/sekisho");
	assert_memory_equal(out + 87, none, 40);
	assert_int_equal(n, 140);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_is_the_text_an_empty_line_and_two_signatures),
		cmocka_unit_test(what_was_made_is_read_back),
		cmocka_unit_test(every_flipped_byte_is_refused),
		cmocka_unit_test(every_cut_and_every_addition_is_refused),
		cmocka_unit_test(only_one_form_is_taken),
		cmocka_unit_test(signatures_stand_in_one_order),
		cmocka_unit_test(an_origin_is_a_plain_name_and_sekisho),
		cmocka_unit_test(what_cannot_be_read_back_is_not_made),
		cmocka_unit_test(a_vkey_is_read_back_and_nothing_else_is_one),
		cmocka_unit_test(a_vkey_of_another_program_is_understood),
		cmocka_unit_test(an_epochs_text_is_the_one_of_the_format),
	};

	return cmocka_run_group_tests_name("ledger/note", tests, setup,
	    teardown);
}
