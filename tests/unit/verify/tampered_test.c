/* tampered_test.c - every kind of tampering is named: one store after the other, each changed at one place. */
#include "built.h"

/* One byte of a file turned over; at < 0: from the end. */
static void
flip(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	uint8_t byte;

	assert_true(fd >= 0);
	if (at < 0)
		at += lseek(fd, 0, SEEK_END);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static const struct sql_case {
	const char	*sql;
	enum fault_code	 code;
	const char	*place;
} sql_cases[] = {
	/* entries and tree */
	{ "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'pam', "
	    "'pim') AS BLOB) WHERE ix = 3", FAULT_TREE, "entry 3" },
	{ "UPDATE entry SET body = CAST('{ }' AS BLOB) WHERE ix = 3",
	    FAULT_ENTRY, "entry 3" },
	{ "UPDATE entry SET body = x'7b00' WHERE ix = 3", FAULT_ENTRY,
	    "entry 3" },
	{ "UPDATE entry SET body = CAST('{\"what\":\"unheard\"}' AS BLOB) "
	    "WHERE ix = 3", FAULT_ENTRY, "entry 3" },
	{ "DELETE FROM entry WHERE ix = 3", FAULT_ENTRY, "entry 3" },
	{ "DELETE FROM entry WHERE ix = (SELECT max(ix) FROM entry)",
	    FAULT_HEAD, "heads/" DAY_HEADS " head 3" },
	{ "PRAGMA ignore_check_constraints = ON; INSERT INTO entry VALUES "
	    "(-1, CAST('{}' AS BLOB))", FAULT_ENTRY, "entry -1" },
	{ "INSERT INTO entry VALUES (4000000000000000000, "
	    "CAST('{}' AS BLOB))", FAULT_ENTRY, "the ledger" },
	{ "UPDATE node SET hash = zeroblob(32) WHERE level = 0 AND ix = 2",
	    FAULT_TREE, "entry 2" },
	{ "UPDATE node SET hash = zeroblob(32) WHERE level = 2 AND ix = 0",
	    FAULT_TREE, "node 2 0" },
	{ "DELETE FROM node WHERE level = 1 AND ix = 1", FAULT_TREE,
	    "node 1 1" },
	{ "INSERT INTO node VALUES (5, 7, zeroblob(32))", FAULT_TREE,
	    "node 5 7" },
	/* tables */
	{ "UPDATE request SET reason = 'other'", FAULT_ROW, "request R1" },
	{ "UPDATE request SET uses = 10", FAULT_ROW, "request R1" },
	{ "UPDATE request SET script = x'00'", FAULT_ROW, "request R1" },
	{ "UPDATE request SET canon = CAST(canon || ' ' AS BLOB)", FAULT_ROW,
	    "request R1" },
	{ "INSERT INTO operator VALUES (1, 'mallory')", FAULT_ROW,
	    "operator 1 \"mallory\"" },
	{ "DELETE FROM operator", FAULT_ROW, "operator 1 \"alice\"" },
	{ "UPDATE decision SET who = 'mallory'", FAULT_ROW,
	    "decision 1 1 \"bob\"" },
	{ "UPDATE decision SET message = 'no'", FAULT_ROW,
	    "decision 1 1 \"bob\"" },
	{ "UPDATE session SET status = 1 WHERE nr = 1", FAULT_ROW,
	    "session S1" },
	{ "UPDATE session SET operator = 'bob' WHERE nr = 4", FAULT_ROW,
	    "session S4" },
	{ "UPDATE session SET recovered = '' WHERE nr = 3", FAULT_ROW,
	    "session S3" },
	{ "UPDATE session SET started_at = started_at + 0.5 WHERE nr = 1",
	    FAULT_ROW, "session S1" },
	{ "DELETE FROM session WHERE nr = 2", FAULT_ROW, "session S2" },
	{ "INSERT INTO session (nr, uuid, request, revision, step, operator,"
	    " source, argv, run_as, target, profile, state, recording) SELECT "
	    "77, zeroblob(16), 1, 1, 1, operator, source, argv, run_as, "
	    "target, profile, state, recording FROM session WHERE nr = 1",
	    FAULT_ROW, "session S77" },
	{ "UPDATE job SET operator = 'bob'", FAULT_ROW, "job J1" },
	{ "UPDATE verdict SET verdict = 'inadequate'", FAULT_ROW,
	    "verdict J1" },
	{ "DELETE FROM verdict", FAULT_ROW, "verdict J1" },
	{ "UPDATE seen SET percent = 99 WHERE session = 1", FAULT_ROW,
	    "seen 1 1 \"carol\"" },
	{ "DELETE FROM near_miss", FAULT_ROW, "near_miss 8" },
	{ "UPDATE unknown_name SET name = 'malory'", FAULT_ROW, NULL },
	{ "UPDATE number SET value = 5", FAULT_ROW,
	    "number \"next_session\"" },
	{ "INSERT INTO number VALUES ('x', 1)", FAULT_ROW, "number \"x\"" },
	{ "UPDATE unknown_name SET name = CAST(name AS TEXT)", FAULT_ROW,
	    NULL },
	/* what the database is made of */
	{ "ALTER TABLE job ADD COLUMN more", FAULT_DATABASE, "job" },
	{ "CREATE TABLE mine (a)", FAULT_DATABASE, "mine" },
	{ "CREATE VIEW mine AS SELECT 1", FAULT_DATABASE, "mine" },
	{ "CREATE TRIGGER mine AFTER INSERT ON job BEGIN SELECT 1; END",
	    FAULT_DATABASE, "mine" },
	{ "DROP INDEX session_lost", FAULT_DATABASE, "session_lost" },
	{ "DROP TABLE seen", FAULT_DATABASE, "seen" },
};

static void
every_changed_row_is_named(void **state)
{
	const struct sql_case *x;
	struct checked c;
	struct built b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sql_cases) / sizeof(sql_cases[0]); i++) {
		x = &sql_cases[i];
		built_honest(&b);
		sql(&b, "PRAGMA foreign_keys = OFF");
		sql(&b, "%s", x->sql);
		built_check(&b, &c);
		if (report_count(c.report, x->code) == 0)
			print_message("case: %s\n", x->sql);
		if (x->place != NULL)
			has_fault(&c, x->code, x->place);
		assert_true(report_count(c.report, x->code) > 0);
		assert_int_equal(c.status, STATUS_FAULT);
		checked_free(&c);
		built_free(&b);
	}
}

/* A changed entry is told once, and not once more for each head behind it. */
static void
one_changed_entry_is_one_fault_of_the_tree(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	sql(&b, "%s", sql_cases[0].sql);

	built_check(&b, &c);

	show(&c);
	assert_int_equal(report_faults(c.report), 1);
	checked_free(&c);
	built_free(&b);
}

/* All of it rewritten, hashes too: only the heads know. */
static void
a_tree_that_was_computed_anew_does_not_fit_the_heads(void **state)
{
	struct checked c;
	struct built b, other;

	(void)state;
	built_honest(&b);
	built_begin(&other);
	whole_session(&other, 1);
	sql(&b, "ATTACH %Q AS other", other.db_path);
	sql(&b, "DELETE FROM node");
	sql(&b, "DELETE FROM entry WHERE ix >= 7");
	sql(&b, "INSERT INTO entry SELECT * FROM other.entry WHERE ix >= 7");
	sql(&b, "INSERT INTO node SELECT * FROM other.node");
	sql(&b, "DETACH other");

	built_check(&b, &c);

	has_fault(&c, FAULT_HEAD, "heads/" DAY_HEADS " head 2");
	checked_free(&c);
	built_free(&b);
	built_free(&other);
}

static void
heads_are_checked(void **state)
{
	static const off_t places[] = { 2, 20, 60, 120, 250 };
	struct checked c;
	struct built b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		built_honest(&b);
		flip(path_of(&b, "heads/" DAY_HEADS), places[i]);
		built_check(&b, &c);
		has_fault(&c, FAULT_HEAD, "heads/" DAY_HEADS " head 1");
		checked_free(&c);
		built_free(&b);
	}
	built_honest(&b);
	assert_int_equal(unlink(path_of(&b, "heads/" DAY_HEADS)), 0);
	built_check(&b, &c);
	has_fault(&c, FAULT_NO_HEAD, "heads");
	checked_free(&c);
	built_free(&b);
}

static void
heads_that_go_back_are_a_fault(void **state)
{
	char old[NOTE_MAX + 1];
	struct checked c;
	struct built b;
	size_t n;

	(void)state;
	built_begin(&b);
	memcpy(old, b.note, sizeof(old));
	n = b.note_len;
	whole_session(&b, 1);
	built_end(&b);
	append(path_of(&b, "heads/" DAY_HEADS), old, n);
	append(path_of(&b, "heads/" DAY_HEADS), "\n", 1);

	built_check(&b, &c);

	has_fault(&c, FAULT_HEAD, "heads/" DAY_HEADS " head 3");
	checked_free(&c);
	built_free(&b);
}

static void
epochs_are_a_chain(void **state)
{
	uint8_t wrong[32];
	struct checked c;
	struct built b;

	(void)state;
	/* the second epoch signed by a stranger: what is sealed by it counts no more */
	built_begin(&b);
	ed25519_free(b.key[0]);
	memset(wrong, 77, sizeof(wrong));
	assert_int_equal(ed25519_new(wrong, &b.key[0]), 0);
	put_epoch(&b);
	whole_session(&b, 1);
	put_head(&b);
	built_check(&b, &c);
	has_fault(&c, FAULT_EPOCH, "entry 6");
	has_fault(&c, FAULT_HEAD, "heads/" DAY_HEADS " head 2");
	has_fault(&c, FAULT_SEAL, "S1");
	checked_free(&c);
	built_free(&b);

	/* one left out */
	built_begin(&b);
	b.epoch++;
	put_epoch(&b);
	built_check(&b, &c);
	has_fault(&c, FAULT_EPOCH, "entry 6");
	checked_free(&c);
	built_free(&b);
}

static void
keys_of_another_gate_are_told(void **state)
{
	struct verify_args a = { .head = NULL };
	char log[VKEY_MAX], first[VKEY_MAX], text[2 * VKEY_MAX + 2];
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	assert_int_equal(vkey_make(log, ORIGIN, 0, b.pub[2]), 0);
	assert_int_equal(vkey_make(first, ORIGIN, 1, b.pub[3]), 0);
	(void)snprintf(text, sizeof(text), "%s\n%s\n", log, first);
	a.vkeys = text;
	built_check_with(&b, &a, &c);
	has_fault(&c, FAULT_KEY, "entry 1");
	assert_int_equal(report_told(c.report, TOLD_OWN_KEY), 0);
	checked_free(&c);

	assert_int_equal(unlink(path_of(&b, "heads/gate.vkeys")), 0);
	built_check(&b, &c);
	has_fault(&c, FAULT_KEY, "heads/gate.vkeys");
	checked_free(&c);
	append(path_of(&b, "heads/gate.vkeys"), "rubbish\n", 8);
	built_check(&b, &c);
	has_fault(&c, FAULT_KEY, "heads/gate.vkeys");
	checked_free(&c);
	built_free(&b);
}

/* --- the head from outside --- */
static void
a_ledger_that_was_put_back_is_told(void **state)
{
	struct verify_args a = { .head = NULL };
	struct checked c;
	struct built old, b;

	(void)state;
	/* the same gate, a while later; its head is kept outside */
	built_begin(&old);
	built_begin(&b);
	put_epoch(&b);
	whole_session(&b, 1);
	built_end(&b);
	a.head = b.note;
	a.head_len = b.note_len;

	built_check_with(&old, &a, &c);

	has_fault(&c, FAULT_ROLLED_BACK, "--head");
	assert_int_equal(report_faults(c.report), 1);
	checked_free(&c);
	built_free(&old);
	built_free(&b);
}

static void
a_ledger_that_took_another_way_is_told(void **state)
{
	struct verify_args a = { .head = NULL };
	struct checked c;
	struct built other, b;

	(void)state;
	built_begin(&other);
	put(&other, "disk", NULL, json_pack("{s:s, s:i}", "level", "warn",
	    "free", 1));
	put_head(&other);
	built_honest(&b);
	a.head = other.note;
	a.head_len = other.note_len;

	built_check_with(&b, &a, &c);

	has_fault(&c, FAULT_REWRITTEN, "--head");
	checked_free(&c);
	built_free(&other);
	built_free(&b);
}

static void
a_head_that_this_gate_never_signed_is_told(void **state)
{
	struct verify_args a = { .head = NULL };
	struct ed25519 *own;
	struct checked c;
	struct built b;
	uint8_t root[32];

	(void)state;
	built_honest(&b);
	own = b.log_key;
	b.log_key = b.key[3];
	mth(&b, 0, b.size, root);
	make_head(&b, b.size, root, b.note, &b.note_len);
	b.log_key = own;
	a.head = b.note;
	a.head_len = b.note_len;

	built_check_with(&b, &a, &c);

	has_fault(&c, FAULT_OUTSIDE, "--head");
	checked_free(&c);
	built_free(&b);
}

/* --- recordings --- */
static void
every_flipped_byte_of_a_recording_is_named(void **state)
{
	static const off_t places[] = { 20, 70, 200, 400, 600, -3, -90 };
	const struct finding *f;
	struct checked c;
	struct built b;
	size_t i, k;

	(void)state;
	built_honest(&b);
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		flip(path_of(&b, "recordings/" DAY "/S4.skr"), places[i]);
		built_check(&b, &c);
		assert_true(report_faults(c.report) > 0);
		for (k = 0; (f = report_fault_at(c.report, k)) != NULL; k++)
			assert_string_equal(f->place, "S4");
		checked_free(&c);
		flip(path_of(&b, "recordings/" DAY "/S4.skr"), places[i]);
	}
	built_free(&b);
}

static void
recordings_cut_removed_or_exchanged_are_named(void **state)
{
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	assert_int_equal(truncate(path_of(&b, "recordings/" DAY "/S4.skr"),
	    700), 0);
	assert_int_equal(truncate(path_of(&b, "recordings/" DAY "/S3.skr"),
	    900), 0);
	assert_int_equal(unlink(path_of(&b, "recordings/" DAY "/S1.skr")), 0);
	built_check(&b, &c);
	has_fault(&c, FAULT_MISSING, "S1");
	has_fault(&c, FAULT_RECORDING, "S3");
	has_fault(&c, FAULT_RECORDING, "S4");
	assert_int_equal(report_faults(c.report), 3);
	checked_free(&c);
	built_free(&b);

	built_honest(&b);
	assert_int_equal(rename(path_of(&b, "recordings/" DAY "/S4.skr"),
	    path_of(&b, "recordings/" DAY "/S1.skr")), 0);
	built_check(&b, &c);
	has_fault(&c, FAULT_RECORDING, "S1");
	has_fault(&c, FAULT_MISSING, "S4");
	checked_free(&c);
	built_free(&b);

	built_honest(&b);
	assert_int_equal(unlink(path_of(&b, "recordings/" DAY "/S1.skr")), 0);
	assert_int_equal(symlink("S4.skr",
	    path_of(&b, "recordings/" DAY "/S1.skr")), 0);
	built_check(&b, &c);
	has_fault(&c, FAULT_MISSING, "S1");
	checked_free(&c);
	built_free(&b);
}

/* The gate is killed, a record taken away or beheaded, the gate started again: its ledger tells of it, and lets nobody off. */
static void
a_record_that_was_lost_behind_a_crash_is_a_fault(void **state)
{
	static const char *const results[] = { "missing", "damaged" };
	struct checked c;
	struct built b;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		built_begin(&b);
		killed_session(&b, 1, 0);
		if (i == 0)
			assert_int_equal(unlink(path_of(&b, "recordings/" DAY
			    "/S1.skr")), 0);
		else
			assert_int_equal(truncate(path_of(&b, "recordings/"
			    DAY "/S1.skr"), 70), 0);
		sql(&b, "UPDATE session SET recovered = %Q", results[i]);
		put(&b, "recovered", NULL, json_pack("{s:s, s:s, s:i, s:i, "
		    "s:i}", "session", "S1", "result", results[i], "good", 0,
		    "found", i == 0 ? 0 : 70, "sealed", 0));
		built_end(&b);

		built_check(&b, &c);

		has_fault(&c, i == 0 ? FAULT_MISSING : FAULT_RECORDING, "S1");
		assert_int_equal(report_faults(c.report), 1);
		checked_free(&c);
		built_free(&b);
	}
}

static void
other_numbers_in_the_ledger_than_in_the_record_are_told(void **state)
{
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	record_begin(&b, &x, 1);
	put_use(&b, &x);
	record_output(&b, &x, "total 0\n");
	record_end_with(&b, &x, 1);
	x.total.out_bytes++;
	put_end(&b, &x, "ended", "ran", 1);
	built_check(&b, &c);
	has_fault(&c, FAULT_RECORDING, "S1");
	checked_free(&c);
	built_free(&b);
}

static void
a_record_sealed_by_other_keys_is_told(void **state)
{
	struct ed25519 *own;
	struct checked c;
	struct built b;

	(void)state;
	built_begin(&b);
	own = b.key[0];
	b.key[0] = b.key[3];
	whole_session(&b, 1);
	b.key[0] = own;
	built_end(&b);
	built_check(&b, &c);
	has_fault(&c, FAULT_SEAL, "S1");
	assert_int_equal(report_faults(c.report), 1);
	checked_free(&c);
	built_free(&b);
}

static void
strangers_among_the_recordings_are_named(void **state)
{
	struct made_session x;
	struct checked c;
	struct built b;

	(void)state;
	built_honest(&b);
	append(path_of(&b, "recordings/README"), "x", 1);
	append(path_of(&b, "recordings/" DAY "/S12.skr"), "x", 1);
	record_begin(&b, &x, 13);
	record_output(&b, &x, "this was never allowed");
	record_end_with(&b, &x, 1);
	record_begin(&b, &x, 14);
	record_end_with(&b, &x, 8);
	assert_int_equal(rename(path_of(&b, "recordings/" DAY "/S14.skr"),
	    path_of(&b, "recordings/" DAY "/S15.skr")), 0);
	assert_int_equal(mkfifo(path_of(&b, "recordings/fifo"), 0600), 0);

	built_check(&b, &c);

	has_fault(&c, FAULT_STRANGER, "README");
	has_fault(&c, FAULT_STRANGER, DAY "/S12.skr");
	has_fault(&c, FAULT_STRANGER, DAY "/S13.skr");
	has_fault(&c, FAULT_STRANGER, DAY "/S15.skr");
	has_fault(&c, FAULT_STRANGER, "fifo");
	assert_int_equal(report_faults(c.report), 5);
	checked_free(&c);
	built_free(&b);
}

/* --- the database itself --- */
static void
what_is_no_database_of_ours_is_told(void **state)
{
	struct checked c;
	struct built b;
	int fd;

	(void)state;
	built_honest(&b);
	sql(&b, "PRAGMA user_version = 9");
	built_check(&b, &c);
	has_fault(&c, FAULT_DATABASE, "ledger/ledger.db");
	assert_int_equal(c.status, STATUS_FAULT);
	checked_free(&c);
	sql(&b, "PRAGMA user_version = 3");
	fd = open(b.db_path, O_WRONLY | O_TRUNC);
	assert_int_equal(fd_write_full(fd, "no database at all", 18), 0);
	close(fd);
	built_check(&b, &c);
	has_fault(&c, FAULT_DATABASE, "ledger/ledger.db");
	checked_free(&c);
	assert_int_equal(truncate(b.db_path, 0), 0);
	built_check(&b, &c);
	has_fault(&c, FAULT_DATABASE, "ledger/ledger.db");
	checked_free(&c);
	built_free(&b);
}

/* Any page of the file turned into rubbish: a fault, never a crash or a yes. */
static void
a_damaged_page_is_a_fault(void **state)
{
	struct checked c;
	struct built b;
	struct stat st;
	uint8_t junk[4096], page[4096];
	off_t at;
	int fd;

	(void)state;
	memset(junk, 0xa5, sizeof(junk));
	built_honest(&b);
	assert_int_equal(stat(b.db_path, &st), 0);
	for (at = 4096; at < st.st_size; at += 4096) {
		fd = open(b.db_path, O_RDWR);
		assert_int_equal(pread(fd, page, 4096, at), 4096);
		assert_int_equal(pwrite(fd, junk, 4096, at), 4096);
		built_check(&b, &c);
		assert_true(report_faults(c.report) > 0);
		checked_free(&c);
		assert_int_equal(pwrite(fd, page, 4096, at), 4096);
		close(fd);
	}
	built_check(&b, &c);
	has_no_fault(&c);
	checked_free(&c);
	built_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_changed_row_is_named),
		cmocka_unit_test(one_changed_entry_is_one_fault_of_the_tree),
		cmocka_unit_test(a_tree_that_was_computed_anew_does_not_fit_the_heads),
		cmocka_unit_test(heads_are_checked),
		cmocka_unit_test(heads_that_go_back_are_a_fault),
		cmocka_unit_test(epochs_are_a_chain),
		cmocka_unit_test(keys_of_another_gate_are_told),
		cmocka_unit_test(a_ledger_that_was_put_back_is_told),
		cmocka_unit_test(a_ledger_that_took_another_way_is_told),
		cmocka_unit_test(a_head_that_this_gate_never_signed_is_told),
		cmocka_unit_test(every_flipped_byte_of_a_recording_is_named),
		cmocka_unit_test(recordings_cut_removed_or_exchanged_are_named),
		cmocka_unit_test(a_record_that_was_lost_behind_a_crash_is_a_fault),
		cmocka_unit_test(other_numbers_in_the_ledger_than_in_the_record_are_told),
		cmocka_unit_test(a_record_sealed_by_other_keys_is_told),
		cmocka_unit_test(strangers_among_the_recordings_are_named),
		cmocka_unit_test(what_is_no_database_of_ours_is_told),
		cmocka_unit_test(a_damaged_page_is_a_fault),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
