/* parts_test.c - the small things that a check is made of. */
#include "built.h"

#include <sys/mman.h>

#include "verify/fields.h"
#include "verify/trail.h"

static struct row *
row_of(int64_t a, const char *b)
{
	struct row *r = row_new(2);

	row_int(r, 0, a);
	assert_int_equal(row_text(r, 1, b), 0);
	return r;
}

static void
a_map_is_in_the_order_of_its_keys(void **state)
{
	struct map *m = map_new(2);
	struct cell key[] = { cell_nr(5), cell_bytes(CELL_TEXT, "b", 1) };
	struct item *i;
	int64_t last = INT64_MIN;
	int k, n = 0;

	(void)state;
	for (k = 0; k < 1000; k++)
		assert_int_equal(map_add(m, row_of(k * 7919 % 1000 - 500, "b"),
		    NULL), 0);
	assert_int_equal(map_add(m, row_of(5, "b"), NULL), ERR_CONFLICT);
	assert_int_equal(map_add(m, row_of(5, "a"), NULL), 0);
	assert_int_equal(map_add(m, row_of(5, "bb"), NULL), 0);
	for (i = map_first(m); i != NULL; i = map_next(i), n++) {
		assert_true(i->row->c[0].i >= last);
		last = i->row->c[0].i;
	}
	assert_int_equal(n, 1002);
	assert_int_equal(map_count(m), 1002);
	assert_non_null(i = map_find(m, key));
	assert_string_equal(map_above(m, key)->row->c[1].p, "bb");
	assert_int_equal(map_compare(m, i, key), 0);
	key[1] = cell_bytes(CELL_TEXT, "", 0);
	assert_null(map_find(m, key));
	assert_string_equal(map_above(m, key)->row->c[1].p, "a");
	key[0] = cell_nr(INT64_MAX);
	assert_null(map_above(m, key));
	map_free(m);
}

static void
cells_are_equal_when_kind_and_value_are(void **state)
{
	uint8_t digest[32];
	struct row *r = row_new(6);

	(void)state;
	assert_int_equal(sha256_mem("abc", 3, digest), 0);
	row_int(r, 0, 1);
	assert_int_equal(row_text(r, 1, "1"), 0);
	assert_int_equal(row_bytes(r, 2, CELL_BLOB, "abc", 3), 0);
	assert_int_equal(row_bytes(r, 3, CELL_SHA, digest, 32), 0);
	assert_int_equal(row_bytes(r, 4, CELL_TEXT, "a\0b", 3), 0);
	assert_false(cell_equal(&r->c[0], &r->c[1]));
	assert_true(cell_equal(&r->c[2], &r->c[3]));
	assert_true(cell_equal(&r->c[3], &r->c[2]));
	assert_false(cell_equal(&r->c[3], &r->c[1]));
	/* text with a NUL inside equals nothing, not even itself */
	assert_false(cell_equal(&r->c[4], &r->c[4]));
	assert_true(cell_equal(&r->c[5], &r->c[5]));
	assert_false(cell_equal(&r->c[5], &r->c[0]));
	row_free(r);
}

static void
a_trail_knows_every_root_that_was(void **state)
{
	static uint8_t roots[10001][32];
	struct edge e = { .size = 0 };
	struct trail t = { .size = 0 };
	uint8_t leaf[32] = { 0 }, root[32];
	uint64_t i;

	(void)state;
	assert_int_equal(edge_root(&e, roots[0]), 0);
	for (i = 0; i < 10000; i++) {
		memcpy(leaf, &i, sizeof(i));
		assert_int_equal(edge_add(&e, leaf), 0);
		assert_int_equal(trail_add(&t, &e, leaf), 0);
		assert_int_equal(edge_root(&e, roots[i + 1]), 0);
	}
	for (i = 0; i <= 10000; i += i > 4090 && i < 4100 ? 1 : 117) {
		assert_int_equal(trail_root(&t, i, root), 0);
		assert_memory_equal(root, roots[i], 32);
	}
	assert_int_equal(trail_root(&t, 10001, root), ERR_LIMIT);
	trail_free(&t);
}

static void
a_report_keeps_its_order_and_its_bounds(void **state)
{
	struct report *r = report_new();
	const struct finding *f;
	size_t i, n = 0;

	(void)state;
	report_fault(r, FAULT_STRANGER, "late", "last");
	for (i = 0; i < 3 * REPORT_EACH; i++)
		report_fault(r, FAULT_ROW, "row", "number %zu", i);
	report_fault(r, FAULT_ENTRY, "first\033[31m", "of all\n");
	assert_int_equal(report_faults(r), 3 * REPORT_EACH + 2);
	assert_int_equal(report_count(r, FAULT_ROW), 3 * REPORT_EACH);
	assert_non_null(f = report_fault_at(r, 0));
	assert_int_equal(f->code, FAULT_ENTRY);
	assert_null(strchr(f->place, '\033'));
	assert_null(strchr(f->text, '\n'));
	while (report_fault_at(r, n) != NULL)
		n++;
	assert_int_equal(n, REPORT_EACH + 2);
	assert_string_equal(report_fault_at(r, n - 1)->text, "last");
	for (i = 0; i < FAULT_CODES; i++) {
		assert_non_null(fault_word((int)i));
		assert_non_null(fault_meaning((int)i));
	}
	for (i = 0; i < TOLD_CODES; i++)
		assert_non_null(told_word((int)i));
	report_free(r);
}

static void
each_kind_of_entry_must_say_what_it_is_to_say(void **state)
{
	static const struct {
		const char *text;
		int is_good;
	} cases[] = {
		{ "{\"at\":\"x\",\"at_ns\":1,\"what\":\"logout\",\"who\":\"a\"}", 1 },
		{ "{\"at\":\"x\",\"at_ns\":1,\"what\":\"logout\"}", 0 },
		{ "{\"at\":\"x\",\"at_ns\":\"1\",\"what\":\"logout\",\"who\":\"a\"}", 0 },
		{ "{\"at\":\"x\",\"at_ns\":-1,\"what\":\"logout\",\"who\":\"a\"}", 0 },
		{ "{\"at_ns\":1,\"what\":\"logout\",\"who\":\"a\"}", 0 },
		{ "{\"at\":\"x\",\"at_ns\":1,\"what\":\"start\",\"session\":\"S01\"}", 0 },
		{ "{\"at\":\"x\",\"at_ns\":1,\"what\":\"start\",\"session\":\"R1\"}", 0 },
		{ "{\"at\":\"x\",\"at_ns\":1,\"what\":\"start\",\"session\":\"S1\"}", 1 },
		{ "{\"at\":\"x\",\"at_ns\":1,\"what\":7}", 0 },
		{ "{\"at\":\"x\",\"at_ns\":1,\"what\":\"else\"}", 0 },
		{ "[]", 0 }, { "7", 0 },
	};
	char why[FIELDS_WHY];
	json_t *v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(json_read(cases[i].text,
		    strlen(cases[i].text), &v), 0);
		assert_int_equal(fields_are_good(v, why), cases[i].is_good);
		json_decref(v);
	}
}

static void
a_state_file_is_read_as_it_was_written(void **state)
{
	static const char *const bad[] = { "", "sekisho-verify 2\n",
		"sekisho-verify 1\norigin x\n", "sekisho-verify 1\norigin "
		"gate/sekisho\nlog_key 00\ntree 1 00\n" };
	struct state *s = state_new(), *again = state_new();
	uint8_t chain[32] = { 1, 2, 3 }, other[32] = { 4 };
	int fd = memfd_create("state", 0);
	size_t i;

	(void)state;
	memcpy(s->origin, ORIGIN, sizeof(ORIGIN));
	s->log_key[0] = 9;
	s->size = 77;
	s->root[3] = 8;
	assert_int_equal(state_add(s, 12, chain, 345), 0);
	assert_int_equal(state_add(s, 3, other, 1), 0);
	assert_int_equal(state_add(s, 3, chain, 2), 0);
	assert_int_equal(state_write(s, fd), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(state_read(again, fd), 0);
	assert_string_equal(again->origin, ORIGIN);
	assert_int_equal(again->size, 77);
	assert_memory_equal(again->log_key, s->log_key, 32);
	assert_memory_equal(again->root, s->root, 32);
	assert_true(state_knows(again, 12, chain, 345));
	assert_true(state_knows(again, 3, chain, 2));
	assert_false(state_knows(again, 3, other, 1));
	assert_false(state_knows(again, 12, chain, 346));
	assert_false(state_knows(again, 4, chain, 2));
	close(fd);
	state_free(again);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		again = state_new();
		fd = memfd_create("state", 0);
		assert_int_equal(fd_write_full(fd, bad[i], strlen(bad[i])), 0);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		assert_int_equal(state_read(again, fd), ERR_FORMAT);
		close(fd);
		state_free(again);
	}
	state_free(s);
}

/* What was whole at the last check is not read again; what changed its length is. */
static void
a_second_check_reads_what_is_new(void **state)
{
	struct verify_args a = { .only = 0 };
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	assert_non_null(a.state = state_new());
	built_check_with(&b, &a, &c);
	has_no_fault(&c);
	memcpy(a.state->origin, ORIGIN, sizeof(ORIGIN));
	memcpy(a.state->log_key, b.log_pub, 32);
	a.state->size = c.v.edge.size;
	assert_int_equal(edge_root(&c.v.edge, a.state->root), 0);
	checked_free(&c);

	whole_session(&b, 5);
	built_check_with(&b, &a, &c);
	has_no_fault(&c);
	assert_int_equal(c.status, STATUS_GOOD);
	assert_int_equal(c.v.recordings, 2);	/* S5, and the stranger S9 */
	assert_int_equal(c.v.skipped, 4);
	checked_free(&c);

	append(path_of(&b, "recordings/" DAY "/S1.skr"), "x", 1);
	built_check_with(&b, &a, &c);
	has_fault(&c, FAULT_RECORDING, "S1");
	checked_free(&c);

	a.state->root[0] ^= 1;
	built_check_with(&b, &a, &c);
	has_fault(&c, FAULT_REWRITTEN, "the state file");
	checked_free(&c);
	a.state->size += 100;
	built_check_with(&b, &a, &c);
	has_fault(&c, FAULT_ROLLED_BACK, "the state file");
	checked_free(&c);
	state_free(a.state);
	built_free(&b);
}

/* The verdict as people and as programs read it. */
static void
what_is_printed_says_the_verdict(void **state)
{
	struct print p = { .name = "sekisho-verify", .head = "--head FILE" };
	struct checked c;
	struct built b;
	char *text = NULL;
	json_t *v;
	size_t n;

	(void)state;
	built_honest(&b);
	built_check(&b, &c);
	assert_non_null(p.out = open_memstream(&text, &n));
	print_report(&c.v, &p);
	fclose(p.out);
	assert_non_null(strstr(text, "\nsekisho-verify: consistent, but "
	    "cannot exclude roll-back: no head from outside was given "
	    "(--head FILE)\n"));
	free(text);
	p.is_json = 1;
	assert_non_null(p.out = open_memstream(&text, &n));
	print_report(&c.v, &p);
	fclose(p.out);
	assert_int_equal(json_read(text, n, &v), 0);
	assert_string_equal(json_string_value(json_object_get(v, "verdict")),
	    "no-head");
	json_decref(v);
	free(text);
	checked_free(&c);

	sql(&b, "DELETE FROM verdict");
	built_check(&b, &c);
	p.is_json = 0;
	p.is_quiet = 1;
	assert_non_null(p.out = open_memstream(&text, &n));
	print_report(&c.v, &p);
	fclose(p.out);
	assert_non_null(strstr(text, "FAULT [row] "));
	assert_null(strstr(text, "note ["));
	assert_non_null(strstr(text, "\nsekisho-verify: FAULT: verdict J1: "
	    "the row that the entries give is missing\n"));
	free(text);
	checked_free(&c);
	built_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_in_the_order_of_its_keys),
		cmocka_unit_test(cells_are_equal_when_kind_and_value_are),
		cmocka_unit_test(a_trail_knows_every_root_that_was),
		cmocka_unit_test(a_report_keeps_its_order_and_its_bounds),
		cmocka_unit_test(each_kind_of_entry_must_say_what_it_is_to_say),
		cmocka_unit_test(a_state_file_is_read_as_it_was_written),
		cmocka_unit_test(a_second_check_reads_what_is_new),
		cmocka_unit_test(what_is_printed_says_the_verdict),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
