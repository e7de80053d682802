/* Hostile strings through every outlet: tables, sheets, JSON, refusals, usage, echoes. */
#include "tests/unit/cli/fake.h"

#include "base/escape.h"
#include "base/strv.h"
#include "cli/table.h"
#include "tests/unit/hostile.h"

/* Printable characters, and newline where lines are ours; CR only before newline on a pty. */
static void
assert_plain(const char *s, int pty)
{
	unsigned int cp;
	size_t n;

	for (; *s != '\0'; s += n) {
		n = escape_utf8(s, strlen(s), &cp);
		assert_true(n > 0);
		if (cp == '\r')
			assert_true(pty && s[1] == '\n');
		else
			assert_true(escape_is_plain(cp) || cp == '\n' ||
			    (cp == '\t' && !pty));
	}
}

/* A JSON string: hostile text as a ledger would send it (escaped first when it is not UTF-8). */
static json_t *
text(const char *s)
{
	json_t *v = json_text(s);

	assert_non_null(v);
	return v;
}

/* A request with the hostile text in every place. */
static json_t *
request(const char *s)
{
	json_t *step = json_pack("{s:[o,o], s:o, s:o, s:s, s:o}", "argv",
	    text(s), text("x"), "exe", text(s), "exe_digest", text(s),
	    "script", "G1sySgo=", "script_digest", text(s));
	json_t *decision = json_pack("{s:o, s:o, s:o, s:o, s:i}", "by",
	    text(s), "what", text(s), "at", text(s), "message", text(s),
	    "revision", 1);
	json_t *q = json_pack("{s:[o], s:[o], s:[o], s:[o], s:i, s:i}",
	    "steps", step, "decisions", decision, "warnings", text(s),
	    "operators", text(s), "revision", 1, "uses", 1);
	static const char *const keys[] = { "id", "code", "state", "view",
		"requester", "target", "run_as", "profile", "profile_digest",
		"input", "from", "until", "reason", "ticket", "label",
		"on_disconnect", "filed", "pending_until", "digest", "operator",
		"request", "started", "ended", "how", "signal", "source",
		"recording", "uuid", "name", "gate", "summary", "what", "who",
		"at", NULL };
	size_t i;

	assert_non_null(q);
	for (i = 0; keys[i] != NULL; i++)
		assert_int_equal(json_object_set_new(q, keys[i], text(s)), 0);
	return q;
}

/* Canonical text; the caller frees. */
static char *
dump(json_t *v)
{
	char *out = NULL;

	assert_non_null(v);
	assert_int_equal(json_canonical(v, &out, NULL), 0);
	json_decref(v);
	return out;
}

static const char *const verbs[] = { "whoami", "waiting", "request-new",
	"request-show", "request-list", "request-approve", "session-list",
	"session-show", "audit-log", "profile-list", "profile-show",
	"review-list", "review-next", "review-show", "review-verdict",
	"session-open" };
#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

/* One object that answers every verb. */
static char *
body_with(const char *s)
{
	json_t *q = request(s), *list = json_pack("[o]", request(s));
	static const char *const lists[] = { "requests", "approve", "mine",
		"runnable", "sessions", "profiles", "may_run", "jobs",
		"near_misses", "seen", NULL };
	size_t i;

	for (i = 0; lists[i] != NULL; i++)
		json_object_set(q, lists[i], list);
	json_object_set_new(q, "roles", json_pack("[o]", text(s)));
	json_object_set_new(q, "argv", json_pack("[o]", text(s)));
	json_object_set_new(q, "plan", request(s));
	json_object_set_new(q, "verdict", request(s));
	json_object_set_new(q, "near_total", json_integer(1));
	json_object_set_new(q, "rule", json_pack("{s:o}", "a", text(s)));
	json_object_set_new(q, "profile", json_pack("{s:{s:[o], s:o}, s:o}",
	    "files", "write", text(s), "tmp", text(s), "k", text(s)));
	json_object_set_new(q, "entries", json_pack("[{s:i, s:o}]", "index",
	    1, "entry", request(s)));
	json_decref(list);
	return dump(q);
}

static void
run_lines(const struct answer *answers, const char *const *lines, int pty)
{
	struct fake f;
	char *out, *err;
	size_t i;

	for (i = 0; lines[i] != NULL; i++) {
		fake_start(&f, answers, pty);
		(void)fake_run(&f, lines[i]);
		out = fake_read(f.out_fd);
		err = fake_read(f.err_fd);
		assert_plain(out, pty);
		assert_plain(err, pty);
		free(out);
		free(err);
		fake_end(&f);
	}
}

static void
no_answer_of_the_ledger_acts_in_any_table_sheet_or_json(void **state)
{
	static const char *const lines[] = { "whoami", "whoami --json", "shell",
		"request new -- ls", "request show R1", "request show R1 --json",
		"request list", "request approve R1/1-aaaa", "session list",
		"session show S1", "session show S1 --json", "audit log",
		"audit log --json", "profile list", "profile show x",
		"profile check", "review list", "review next",
		"review show J1", "review show J1 --json",
		"review verdict J1 adequate", NULL };
	struct answer answers[VERBS + 1] = { { NULL, NULL, NULL, 0, 0 } };
	char *body;
	size_t i, k;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		body = body_with(hostile[i].bytes);
		for (k = 0; k < VERBS; k++)
			answers[k] = (struct answer){ verbs[k], "OK", body, 0,
				0 };
		run_lines(answers, lines, (int)i & 1);
		free(body);
	}
}

static void
no_refusal_of_the_ledger_acts(void **state)
{
	static const char *const lines[] = { "whoami", NULL };
	struct answer answers[2] = { { NULL, NULL, NULL, 0, 0 } };
	char *body;
	size_t i;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		body = dump(json_pack("{s:o, s:o, s:o}", "code",
		    text(hostile[i].bytes), "reason", text(hostile[i].bytes),
		    "next", text(hostile[i].bytes)));
		answers[0] = (struct answer){ "whoami", "NOT-ALLOWED", body, 0,
			0 };
		run_lines(answers, lines, 0);
		run_lines(answers, lines, 1);
		free(body);
	}
}

static void
no_word_that_is_typed_acts_when_it_comes_back(void **state)
{
	static const char *const before[] = { "", "help ", "request ",
		"request show ", "request new --from ", "request new --x",
		"session list --user ", "profile show ", NULL };
	static const struct answer none[] = {
		{ "session-list", "OK", "{}", 0, 0 },
		{ "profile-show", "OK", "{}", 0, 0 },
		{ NULL, NULL, NULL, 0, 0 }
	};
	const char *lines[2] = { NULL, NULL };
	char line[300];
	size_t i, k;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++)
		for (k = 0; before[k] != NULL; k++) {
			snprintf(line, sizeof(line), "%s%s%s", before[k],
			    hostile[i].bytes, k == 4 ? " -- ls" : "");
			lines[0] = line;
			run_lines(none, lines, 0);
		}
}

static void
json_stays_the_same_document(void **state)
{
	struct out *o;
	json_t *v, *back = NULL;
	char *body, *got;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		v = json_pack("{s:o}", "k", text(hostile[i].bytes));
		body = dump(json_incref(v));
		fd = memfd_create("json", MFD_CLOEXEC);
		o = out_new(fd, 0);
		out_json(o, body, strlen(body));
		assert_int_equal(out_flush(o), 0);
		got = fake_read(fd);
		assert_plain(got, 0);
		assert_ptr_equal(strchr(got, '\n'), got + strlen(got) - 1);
		assert_int_equal(json_read(got, strlen(got), &back), 0);
		assert_true(json_equal(v, back));
		json_decref(back);
		json_decref(v);
		free(got);
		free(body);
		out_free(o);
		close(fd);
	}
}

static void
a_newline_in_a_cell_makes_no_line(void **state)
{
	static const char *const heads[] = { "A", "B", NULL };
	struct table *t = table_new(heads);
	struct fake f;
	char *out;

	(void)state;
	fake_start(&f, NULL, 0);
	table_cell(t, "one\nR13");
	table_cell(t, "a\tb");
	assert_int_equal(table_print(t, &f.c), 0);
	assert_int_equal(out_flush(f.c.out), 0);
	out = fake_read(f.out_fd);
	assert_string_equal(out, "A         \tB\none\\x0aR13\ta\\x09b\n");
	free(out);
	table_free(t);
	fake_end(&f);
}

static void
what_is_forgotten_to_be_escaped_is_caught_at_the_door(void **state)
{
	struct out *o;
	char *out;
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < HOSTILE_COUNT; i++) {
		fd = memfd_create("door", MFD_CLOEXEC);
		o = out_new(fd, 0);
		out_text(o, hostile[i].bytes);
		out_printf(o, "%s", hostile[i].bytes);
		assert_int_equal(out_flush(o), 0);
		out = fake_read(fd);
		assert_plain(out, 0);
		free(out);
		out_free(o);
		close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_answer_of_the_ledger_acts_in_any_table_sheet_or_json),
		cmocka_unit_test(no_refusal_of_the_ledger_acts),
		cmocka_unit_test(no_word_that_is_typed_acts_when_it_comes_back),
		cmocka_unit_test(json_stays_the_same_document),
		cmocka_unit_test(a_newline_in_a_cell_makes_no_line),
		cmocka_unit_test(what_is_forgotten_to_be_escaped_is_caught_at_the_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
