/* honest_test.c - stores of gates that did nothing wrong raise no alarm, whatever happened to them. */
#include "built.h"

static void
all_that_happens_in_an_honest_gate_is_no_fault(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);

	built_check(&b, &c);

	has_no_fault(&c);
	assert_int_equal(c.status, STATUS_NO_HEAD);
	assert_int_equal(c.v.edge.size, b.size);
	assert_int_equal(c.v.recordings, 5);
	assert_int_equal(report_told(c.report, TOLD_RECOVERED), 1);
	assert_int_equal(report_told(c.report, TOLD_PREPARED), 1);
	assert_int_equal(report_told(c.report, TOLD_OWN_KEY), 1);
	assert_int_equal(report_told(c.report, TOLD_BEHIND), 0);
	checked_free(&c);
	built_free(&b);
}

static void
a_head_from_outside_that_fits_makes_it_good(void **state)
{
	struct verify_args a = { .head = NULL };
	struct checked c;
	struct built b;
	char early[NOTE_MAX + 1];
	size_t n;

	(void)state;
	built_begin(&b);
	memcpy(early, b.note, sizeof(early));
	n = b.note_len;
	whole_session(&b, 1);
	built_end(&b);
	a.head = early;
	a.head_len = n;

	built_check_with(&b, &a, &c);

	has_no_fault(&c);
	assert_int_equal(c.status, STATUS_GOOD);
	checked_free(&c);
	built_free(&b);
}

static void
sessions_that_run_or_broke_off_are_told_and_no_fault(void **state)
{
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	killed_session(&b, 1, 0);
	not_run_session(&b, 2, 0);
	record_begin(&b, &x, 3);
	put_use(&b, &x);
	record_output(&b, &x, "still running");

	built_check(&b, &c);

	has_no_fault(&c);
	assert_int_equal(report_told(c.report, TOLD_UNRECOVERED), 1);
	assert_int_equal(report_told(c.report, TOLD_RUNNING), 1);
	assert_int_equal(report_told(c.report, TOLD_PREPARED), 1);
	assert_int_equal(report_told(c.report, TOLD_BEHIND), 1);
	checked_free(&c);
	record_end_with(&b, &x, 0);
	built_free(&b);
}

/* No process that is killed leaves that: whoever reads the report should know. */
static void
a_record_that_was_damaged_before_its_recovery_is_told_so(void **state)
{
	const struct finding *x;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	killed_session(&b, 1, 2);
	built_end(&b);

	built_check(&b, &c);

	has_no_fault(&c);
	assert_int_equal(report_told(c.report, TOLD_RECOVERED), 1);
	assert_non_null(x = report_told_at(c.report, 1));
	assert_non_null(strstr(x->text, "what follows was damaged"));
	checked_free(&c);
	built_free(&b);
}

static void
an_end_that_the_recovery_found_is_whole(void **state)
{
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	record_begin(&b, &x, 1);
	put_use(&b, &x);
	record_output(&b, &x, "done");
	record_end_with(&b, &x, 1);
	put_end(&b, &x, "interrupted", "lost", 0);
	sql(&b, "UPDATE session SET recovered = 'end', chain = x'%s'",
	    hex(x.total.chain));
	put(&b, "recovered", NULL, json_pack("{s:s, s:s, s:I, s:I, s:I, s:s}",
	    "session", "S1", "result", "end", "good",
	    (json_int_t)x.total.file_bytes, "found",
	    (json_int_t)x.total.file_bytes, "sealed",
	    (json_int_t)x.total.file_bytes, "chain", hex(x.total.chain)));
	built_end(&b);

	built_check(&b, &c);

	has_no_fault(&c);
	checked_free(&c);
	built_free(&b);
}

static void
a_gate_that_never_wrote_anything_is_consistent(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_new(&b);

	built_check(&b, &c);

	has_no_fault(&c);
	assert_int_equal(c.status, STATUS_NO_HEAD);
	checked_free(&c);
	built_free(&b);
}

static void
a_head_cut_off_by_a_sudden_end_is_told(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	append(path_of(&b, "heads/" DAY_HEADS), b.note, 100);

	built_check(&b, &c);

	has_no_fault(&c);
	assert_int_equal(report_told(c.report, TOLD_TORN_HEAD), 1);
	checked_free(&c);
	built_free(&b);
}

static void
an_end_without_a_seal_counts_when_the_ledger_has_its_chain(void **state)
{
	struct writer_end e = { .how = 1, .signal = "", .reason = "" };
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	record_begin(&b, &x, 1);
	put_use(&b, &x);
	record_output(&b, &x, "done");
	x.boot_ns += NS;
	assert_int_equal(writer_end(x.w, x.boot_ns, &e), 0);
	assert_int_equal(writer_end_unsealed(x.w, x.boot_ns), 0);
	record_end_with(&b, &x, 0);
	put_end(&b, &x, "ended", "ran", 1);
	built_end(&b);

	built_check(&b, &c);

	has_no_fault(&c);
	assert_int_equal(report_told(c.report, TOLD_UNSEALED), 1);
	checked_free(&c);
	built_free(&b);
}

/* Killed between the making of the file and its first byte, or in the midst of the header. */
static void
files_that_never_got_a_header_are_told(void **state)
{
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	append(path_of(&b, "recordings/" DAY "/S11.skr"), "", 0);
	record_begin(&b, &x, 12);
	record_end_with(&b, &x, 0);
	assert_int_equal(truncate(x.path, 100), 0);

	built_check(&b, &c);

	has_no_fault(&c);
	assert_int_equal(report_told(c.report, TOLD_PREPARED), 3);
	checked_free(&c);
	built_free(&b);
}

static void
names_may_be_erased(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	sql(&b, "DELETE FROM unknown_name");

	built_check(&b, &c);

	has_no_fault(&c);
	checked_free(&c);
	built_free(&b);
}

static void
entries_in_the_wal_count_and_nothing_is_written(void **state)
{
	struct stat before, after;
	struct verify_args a = { .only = 0 };
	struct report *report = report_new();
	struct subject *s;
	struct verify v;
	struct built b;
	uint64_t size;

	(void)state;
	built_honest(&b);
	sql(&b, "PRAGMA journal_mode = WAL");
	put(&b, "disk", NULL, json_pack("{s:s, s:i}", "level", "warn", "free",
	    1));
	assert_int_equal(stat(path_of(&b, "ledger/ledger.db-wal"), &before), 0);
	assert_true(before.st_size > 0);
	/* another handle's shared memory is no business of a reader's */
	assert_int_equal(copy_open(b.dir, report, &s), 0);
	assert_int_equal(s->ops->size(s, &size), 0);
	assert_int_equal(size, b.size);
	a.subject = s;
	assert_int_equal(verify_run(&v, &a, report), 0);
	assert_int_equal(report_faults(report), 0);
	verify_free(&v);
	s->ops->free(s);
	assert_int_equal(stat(path_of(&b, "ledger/ledger.db-wal"), &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	report_free(report);
	built_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_happens_in_an_honest_gate_is_no_fault),
		cmocka_unit_test(a_head_from_outside_that_fits_makes_it_good),
		cmocka_unit_test(sessions_that_run_or_broke_off_are_told_and_no_fault),
		cmocka_unit_test(
		    a_record_that_was_damaged_before_its_recovery_is_told_so),
		cmocka_unit_test(an_end_that_the_recovery_found_is_whole),
		cmocka_unit_test(a_gate_that_never_wrote_anything_is_consistent),
		cmocka_unit_test(a_head_cut_off_by_a_sudden_end_is_told),
		cmocka_unit_test(an_end_without_a_seal_counts_when_the_ledger_has_its_chain),
		cmocka_unit_test(files_that_never_got_a_header_are_told),
		cmocka_unit_test(names_may_be_erased),
		cmocka_unit_test(entries_in_the_wal_count_and_nothing_is_written),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
