/* review_test.c - every use belongs to a job, and a job is judged once, by somebody who had no part in it. */
#include "tests/unit/ledgerd/gate.h"

#include "ledgerd/job.h"

static char *const SED[] = { CONST("sed"), CONST("-n"), NULL };
static char *const SED_OTHER[] = { CONST("sed"), CONST("-i"), NULL };
#define ONCE	"{\"argv\":[\"sed\",\"-n\"]}"
#define TWICE	"{\"argv\":[\"sed\",\"-n\"],\"uses\":2}"
#define J1	"{\"id\":1}"
#define ADEQUATE "{\"id\":1,\"verdict\":\"adequate\"}"

enum who { ALICE_, BOB_, CAROL_, DAVE_, EVE_, PEOPLE };
static const char *const names[PEOPLE] = {
	"alice", "bob", "carol", "dave", "eve"
};

/* Everybody is logged in and has a channel. */
struct scene {
	struct gate	 g;
	struct chan	*mon[PEOPLE], *p[PEOPLE];
};

static void
scene_new(struct scene *s, const char *filing)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	gate_new(&s->g);
	for (i = 0; i < PEOPLE; i++) {
		s->mon[i] = logged_in(&s->g, names[i]);
		s->p[i] = person(&s->g, s->mon[i], names[i]);
	}
	json_decref(call_ok(&s->g, s->p[ALICE_], "request-new", filing));
	approve(&s->g, s->p[BOB_], 1);
}

static void
scene_end(struct scene *s)
{
	size_t i;

	for (i = 0; i < PEOPLE; i++) {
		chan_free(s->p[i]);
		chan_free(s->mon[i]);
	}
	gate_end(&s->g);
}

/* alice starts the command; the session's number. */
static uint64_t
start(struct scene *s)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	uint64_t nr;

	assert_int_equal(look_up(&s->g, s->mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	assert_int_equal(consume(&s->g, s->mon[ALICE_], &o, digest, code),
	    MSG_CONSUMED);
	nr = o.session;
	msg_order_free(&o);
	return nr;
}

static void
run_once(struct scene *s)
{
	job_ended(&s->g, s->mon[ALICE_], start(s), JOB_RAN);
}

static json_t *
ask(struct scene *s, enum who who, const char *verb, const char *body)
{
	return call_ok(&s->g, s->p[who], verb, body);
}

static void
deny(struct scene *s, enum who who, const char *verb, const char *body,
    const char *code, const char *part)
{
	char got[CODE_MAX + 1];
	json_t *v = call_fd(&s->g, s->p[who], verb, body, got, NULL);

	if (strcmp(got, code) != 0 ||
	    strstr(text_of(v, "reason"), part) == NULL)
		print_error("%s %s: %s: %s\n", names[who], body, got,
		    text_of(v, "reason"));
	assert_string_equal(got, code);
	assert_non_null(strstr(text_of(v, "reason"), part));
	json_decref(v);
}

static void
read_sheet(struct scene *s, enum who who)
{
	json_decref(ask(s, who, "review-show", J1));
}

static int64_t
int_of(const json_t *v, const char *key)
{
	return json_integer_value(json_object_get(v, key));
}

/* The last entry that says "what"; the caller frees. */
struct last {
	const char	*what;
	json_t		*v;
};

static int
last_row(void *arg, const struct store_row *row)
{
	struct last *l = arg;
	json_t *v = NULL;
	const uint8_t *p;
	size_t n;

	p = store_blob(row, 1, &n);
	assert_int_equal(json_read(p, n, &v), 0);
	if (strcmp(text_of(v, "what"), l->what) == 0) {
		json_decref(l->v);
		l->v = json_incref(v);
	}
	json_decref(v);
	return 0;
}

static json_t *
last_entry(struct scene *s, const char *what)
{
	struct last l = { what, NULL };

	assert_int_equal(store_query(s->g.ld.store, STORE_ENTRY_LIST,
	    STORE_ARGS(store_i(0), store_i(100000)), last_row, &l), 0);
	assert_non_null(l.v);
	return l.v;
}

static void
uses_of_one_request_by_one_operator_are_one_job(void **state)
{
	struct scene s;
	json_t *v, *job;

	(void)state;
	scene_new(&s, TWICE);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"all\"}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 0);
	json_decref(v);
	run_once(&s);
	v = last_entry(&s, "use");
	assert_string_equal(text_of(v, "job"), "J1");
	json_decref(v);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"open\"}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 1);
	job = json_array_get(json_object_get(v, "jobs"), 0);
	assert_string_equal(text_of(job, "view"), "open");
	assert_non_null(text_of(job, "open_until"));
	json_decref(v);
	v = ask(&s, CAROL_, "review-list", "{}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 0);
	json_decref(v);
	run_once(&s);
	v = last_entry(&s, "use");
	assert_string_equal(text_of(v, "job"), "J1");
	json_decref(v);
	v = ask(&s, CAROL_, "review-list", "{}");
	job = json_array_get(json_object_get(v, "jobs"), 0);
	assert_string_equal(text_of(job, "id"), "J1");
	assert_string_equal(text_of(job, "view"), "queued");
	assert_string_equal(text_of(job, "request"), "R1");
	assert_string_equal(text_of(job, "operator"), "alice");
	assert_int_equal(int_of(job, "ran"), 2);
	assert_int_equal(int_of(job, "notable"), 2);	/* status 3 */
	assert_true(json_is_true(json_object_get(job, "may_judge")));
	assert_true(json_is_null(json_object_get(job, "verdict")));
	json_decref(v);
	/* another request is another job */
	json_decref(ask(&s, ALICE_, "request-new", ONCE));
	approve(&s.g, s.p[BOB_], 2);
	run_once(&s);
	v = last_entry(&s, "use");
	assert_string_equal(text_of(v, "job"), "J2");
	json_decref(v);
	scene_end(&s);
}

static void
what_is_looked_up_and_never_used_makes_no_job(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o;
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, ONCE);
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	job_ended(&s.g, s.mon[ALICE_], o.session, JOB_NOT_RUN);
	msg_order_free(&o);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"all\"}");
	assert_int_equal(json_array_size(json_object_get(v, "jobs")), 0);
	json_decref(v);
	scene_end(&s);
}

static void
a_verdict_is_given_once_and_is_an_entry(void **state)
{
	struct scene s;
	json_t *v;
	char *text;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	v = ask(&s, CAROL_, "review-next", "{}");
	assert_string_equal(text_of(json_object_get(v, "job"), "id"), "J1");
	json_decref(v);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "has not read the sheet");
	read_sheet(&s, CAROL_);
	deny(&s, CAROL_, "review-verdict",
	    "{\"id\":1,\"verdict\":\"inadequate\"}", "USAGE", "needs words");
	v = ask(&s, CAROL_, "review-verdict",
	    "{\"id\":1,\"verdict\":\"remarks\",\"message\":\"status \xe4\xb8\x89\"}");
	assert_string_equal(text_of(v, "view"), "judged");
	assert_false(json_is_true(json_object_get(v, "may_judge")));
	v = (json_decref(v), last_entry(&s, "verdict"));
	assert_string_equal(text_of(v, "job"), "J1");
	assert_string_equal(text_of(v, "who"), "carol");
	assert_string_equal(text_of(v, "verdict"), "remarks");
	assert_string_equal(text_of(v, "message"), "status \xe4\xb8\x89");
	assert_int_equal(int_of(v, "decided_at"), NOW);
	text = json_dumps(json_object_get(v, "seen"),
	    JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text,
	    "{\"sessions\":[],\"sheet\":true,\"summary\":\"sheet\"}");
	free(text);
	json_decref(v);
	v = ask(&s, CAROL_, "review-next", "{}");
	assert_true(json_is_null(json_object_get(v, "job")));
	json_decref(v);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "judged by carol: remarks");
	assert_int_equal(entries(&s.g, "verdict"), 1);
	v = ask(&s, CAROL_, "review-list", "{\"state\":\"judged\"}");
	assert_string_equal(text_of(json_object_get(json_array_get(
	    json_object_get(v, "jobs"), 0), "verdict"), "by"), "carol");
	json_decref(v);
	scene_end(&s);
}

static void
of_two_auditors_one_wins_and_the_other_reads_who(void **state)
{
	static const struct policy both = { .need = 1, .all_audit = 1 };
	struct scene s;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	gate_policy(&s.g, &both);
	read_sheet(&s, CAROL_);
	read_sheet(&s, EVE_);
	json_decref(ask(&s, EVE_, "review-verdict", ADEQUATE));
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "J1 was judged by eve: adequate");
	assert_int_equal(entries(&s.g, "verdict"), 1);
	scene_end(&s);
}

static void
nobody_with_a_part_in_it_judges_also_as_an_auditor(void **state)
{
	static const struct policy all = { .need = 1, .all_audit = 1 };
	struct scene s;
	json_t *v;

	(void)state;
	/* dave files for alice, bob approves */
	scene_new(&s, ONCE);
	json_decref(ask(&s, DAVE_, "request-new",
	    "{\"argv\":[\"sed\",\"-n\"],\"operators\":[\"alice\"]}"));
	approve(&s.g, s.p[BOB_], 2);
	run_once(&s);
	run_once(&s);
	gate_policy(&s.g, &all);
	json_decref(ask(&s, DAVE_, "review-show", "{\"id\":2}"));
	deny(&s, DAVE_, "review-verdict",
	    "{\"id\":2,\"verdict\":\"adequate\"}", "OWN-REQUEST",
	    "dave is the requester of R2");
	read_sheet(&s, ALICE_);
	deny(&s, ALICE_, "review-verdict", ADEQUATE, "OWN-REQUEST",
	    "alice is the operator of R1");
	read_sheet(&s, BOB_);
	deny(&s, BOB_, "review-verdict", ADEQUATE, "OWN-REQUEST",
	    "bob is one who decided of R1");
	v = ask(&s, DAVE_, "review-next", "{}");
	assert_string_equal(text_of(json_object_get(v, "job"), "id"), "J1");
	json_decref(v);
	v = ask(&s, BOB_, "review-next", "{}");
	assert_true(json_is_null(json_object_get(v, "job")));
	json_decref(v);
	assert_int_equal(entries(&s.g, "verdict"), 0);
	scene_end(&s);
}

static void
others_see_neither_queue_nor_sheet(void **state)
{
	static const struct {
		const char	*verb, *body;
	} calls[] = {
		{ "review-list", "{}" }, { "review-next", "{}" },
		{ "review-show", J1 }, { "review-verdict", ADEQUATE },
		{ "review-seen", "{\"session\":1,\"percent\":100}" },
		{ "review-show", "{\"id\":99}" },
	};
	struct scene s;
	size_t i;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		deny(&s, ALICE_, calls[i].verb, calls[i].body, "NOT-ALLOWED",
		    "auditors");
		deny(&s, BOB_, calls[i].verb, calls[i].body, "NOT-ALLOWED",
		    "auditors");
	}
	assert_int_equal(entries(&s.g, "seen"), 0);
	scene_end(&s);
}

static void
questions_that_are_wrong_are_refused(void **state)
{
	static const struct {
		const char	*verb, *body, *code;
	} calls[] = {
		{ "review-list", "{\"state\":\"x\"}", "DATA" },
		{ "review-list", "{\"state\":1}", "DATA" },
		{ "review-list", "{\"after\":-1}", "DATA" },
		{ "review-list", "{\"x\":1}", "DATA" },
		{ "review-next", "{\"x\":1}", "DATA" },
		{ "review-show", "{}", "DATA" },
		{ "review-show", "{\"id\":2}", "NOT-FOUND" },
		{ "review-show", "{\"id\":9223372036854775807}", "NOT-FOUND" },
		{ "review-show", "{\"id\":1,\"after\":1}", "STATE" },
		{ "review-verdict", "{\"id\":2,\"verdict\":\"adequate\"}",
		  "NOT-FOUND" },
		{ "review-verdict", "{\"id\":1,\"verdict\":7}", "DATA" },
		{ "review-verdict", "{\"id\":1,\"message\":7}", "DATA" },
		{ "review-seen", "{}", "DATA" },
		{ "review-seen", "{\"session\":1}", "DATA" },
		{ "review-seen", "{\"session\":1,\"percent\":101}", "DATA" },
		{ "review-seen", "{\"session\":1,\"percent\":50}", "STATE" },
		{ "review-seen", "{\"session\":77,\"percent\":50}", "STATE" },
	};
	struct scene s;
	size_t i;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		call_no(&s.g, s.p[CAROL_], calls[i].verb, calls[i].body,
		    calls[i].code);
	assert_int_equal(entries(&s.g, "seen"), 0);
	scene_end(&s);
}

static void
an_open_job_can_be_read_but_that_does_not_count(void **state)
{
	struct scene s;
	uint64_t nr;
	json_t *v;

	(void)state;
	scene_new(&s, TWICE);
	run_once(&s);
	read_sheet(&s, CAROL_);
	v = last_entry(&s, "seen");
	assert_string_equal(text_of(v, "job"), "J1");
	assert_string_equal(text_of(v, "session"), "");
	assert_int_equal(int_of(v, "percent"), 0);
	json_decref(v);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "has 1 use left until 2026-");
	nr = start(&s);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "1 session still runs");
	job_ended(&s.g, s.mon[ALICE_], nr, JOB_RAN);
	deny(&s, CAROL_, "review-verdict", ADEQUATE, "STATE",
	    "has not read the sheet of J1 as it is now");
	read_sheet(&s, CAROL_);
	assert_int_equal(entries(&s.g, "seen"), 2);
	read_sheet(&s, CAROL_);
	assert_int_equal(entries(&s.g, "seen"), 2);	/* nothing new */
	json_decref(ask(&s, CAROL_, "review-verdict", ADEQUATE));
	scene_end(&s);
}

static void
a_window_that_is_over_queues_what_is_left(void **state)
{
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, TWICE);
	run_once(&s);
	clock_set_test(NOW + 28800);
	v = ask(&s, CAROL_, "review-next", "{}");
	assert_string_equal(text_of(json_object_get(v, "job"), "id"), "J1");
	json_decref(v);
	scene_end(&s);
}

static void
an_interrupted_session_is_queued_too(void **state)
{
	struct scene s;
	json_t *v, *x;

	(void)state;
	scene_new(&s, ONCE);
	(void)start(&s);
	chan_free(s.p[ALICE_]);
	chan_free(s.mon[ALICE_]);
	s.p[ALICE_] = s.mon[ALICE_] = NULL;
	gate_step(&s.g);
	v = ask(&s, CAROL_, "review-show", J1);
	assert_string_equal(text_of(v, "view"), "queued");
	assert_int_equal(int_of(v, "notable"), 1);
	x = json_array_get(json_object_get(v, "sessions"), 0);
	assert_string_equal(text_of(x, "state"), "interrupted");
	assert_string_equal(text_of(x, "record"), "not recovered yet");
	json_decref(v);
	scene_end(&s);
}

static void
the_sheet_has_plan_sessions_near_misses_and_readers(void **state)
{
	struct scene s;
	json_t *v, *plan, *x, *near;

	(void)state;
	scene_new(&s, ONCE);
	assert_refused(&s.g, s.mon[ALICE_], "alice", SED_OTHER, 0, "DIFFERS",
	    "word 2");
	run_once(&s);
	assert_refused(&s.g, s.mon[ALICE_], "alice", SED, 0, "USED-UP", "R1");
	read_sheet(&s, CAROL_);
	v = ask(&s, CAROL_, "review-show", J1);
	assert_string_equal(text_of(v, "id"), "J1");
	assert_null(json_object_get(v, "argv"));
	plan = json_object_get(v, "plan");
	assert_string_equal(text_of(plan, "id"), "R1");
	assert_string_equal(text_of(plan, "input"), "none");
	assert_int_equal(json_array_size(json_object_get(plan, "decisions")),
	    1);
	x = json_array_get(json_object_get(v, "sessions"), 0);
	assert_string_equal(text_of(x, "id"), "S1");
	assert_int_equal(int_of(x, "status"), 3);
	assert_string_equal(text_of(x, "record"), "complete");
	near = json_object_get(v, "near_misses");
	assert_int_equal(json_array_size(near), 2);
	assert_int_equal(int_of(v, "near_total"), 2);
	assert_string_equal(text_of(json_array_get(near, 0), "code"),
	    "DIFFERS");
	assert_string_equal(text_of(json_array_get(near, 0), "asked"),
	    "[sed] [-i]");
	assert_string_equal(text_of(json_array_get(near, 1), "code"),
	    "USED-UP");
	x = json_array_get(json_object_get(v, "seen"), 0);
	assert_string_equal(text_of(x, "by"), "carol");
	assert_int_equal(int_of(x, "percent"), 100);
	json_decref(v);
	scene_end(&s);
}

/* Long fields and many sessions: page by page, in order, and read only with the last. */
static void
a_long_sheet_comes_in_pages_that_cannot_be_skipped(void **state)
{
	enum { MANY = 80 };
	char body[64];
	struct scene s;
	size_t n = 0;
	int64_t next = 0;
	int pages = 0, i;
	json_t *v;

	(void)state;
	scene_new(&s, "{\"argv\":[\"sed\",\"-n\"],\"uses\":80}");
	for (i = 0; i < MANY; i++)
		run_once(&s);
	deny(&s, CAROL_, "review-show", "{\"id\":1,\"after\":79}", "STATE",
	    "not the page");
	do {
		(void)snprintf(body, sizeof(body),
		    "{\"id\":1,\"after\":%lld}", (long long)next);
		assert_int_equal(entries(&s.g, "seen"), 0);
		v = ask(&s, CAROL_, "review-show", body);
		n += json_array_size(json_object_get(v, "sessions"));
		assert_true(int_of(v, "next") > next);
		next = int_of(v, "next");
		json_decref(v);
		pages++;
	} while (n < MANY);
	assert_int_equal(n, MANY);
	assert_true(pages > 1);
	assert_int_equal(entries(&s.g, "seen"), 1);
	deny(&s, CAROL_, "review-show", "{\"id\":1,\"after\":50}", "STATE",
	    "not the page");
	scene_end(&s);
}

/* Nobody may file what can never be judged, because its sheet is too long for a message. */
static void
the_longest_command_still_has_a_sheet(void **state)
{
	enum { LONG = 59000 };
	char *word = malloc(LONG + 1), *body = malloc(LONG + 200);
	char *argv[] = { CONST("sed"), word, NULL };
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct scene s;
	json_t *v;
	int i;

	(void)state;
	scene_new(&s, ONCE);
	memset(word, '\\', LONG / 2);
	word[LONG / 2] = '\0';
	(void)snprintf(body, LONG + 200, "{\"argv\":[\"sed\",\"");
	for (i = 0; i < LONG / 2; i++)
		memcpy(body + 16 + 2 * i, "\\\\", 2);
	(void)snprintf(body + 16 + LONG, 100, "\"]}");
	json_decref(ask(&s, ALICE_, "request-new", body));
	approve(&s.g, s.p[BOB_], 2);
	word[LONG / 2 - 1] = 'x';
	for (i = 0; i < 25; i++) {
		assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", argv, 0,
		    &o, digest, &no), MSG_REFUSED);
		msg_refused_free(&no);
	}
	word[LONG / 2 - 1] = '\\';
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", argv, 0, &o,
	    digest, &no), MSG_ORDER);
	assert_int_equal(consume(&s.g, s.mon[ALICE_], &o, digest, code),
	    MSG_CONSUMED);
	job_ended(&s.g, s.mon[ALICE_], o.session, JOB_RAN);
	msg_order_free(&o);
	v = ask(&s, CAROL_, "review-show", J1);
	assert_int_equal(int_of(v, "near_total"), 25);
	assert_int_equal(json_array_size(json_object_get(v, "near_misses")),
	    20);
	assert_int_equal(json_array_size(json_object_get(v, "sessions")), 1);
	json_decref(v);
	json_decref(ask(&s, CAROL_, "review-verdict", ADEQUATE));
	json_decref(ask(&s, CAROL_, "review-show", J1));
	free(word);
	free(body);
	scene_end(&s);
}

/* The recording of S1, as far as the ledger cares. */
static void
put_recording(struct scene *s)
{
	char path[160];

	(void)snprintf(path, sizeof(path), "%s/2026", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s/2026/09/21", s->g.rec);
	assert_int_equal(mkdir(path, 0755), 0);
	gate_file(path, "S1.skr", "recorded", 0440);
}

static void
open_recording(struct scene *s, const char *how)
{
	char body[64], code[CODE_MAX + 1];
	int fd = -1;

	(void)snprintf(body, sizeof(body), "{\"id\":1,\"how\":\"%s\"}", how);
	json_decref(call_fd(&s->g, s->p[CAROL_], "session-open", body, code,
	    &fd));
	assert_string_equal(code, "OK");
	assert_true(fd >= 0);
	close(fd);
}

static void
seen(struct scene *s, int percent, int becomes)
{
	char body[64];
	json_t *v;

	(void)snprintf(body, sizeof(body), "{\"session\":1,\"percent\":%d}",
	    percent);
	v = ask(s, CAROL_, "review-seen", body);
	assert_int_equal(int_of(v, "percent"), becomes);
	json_decref(v);
}

static void
what_was_played_is_kept_grows_only_and_stands_in_the_verdict(void **state)
{
	struct scene s;
	uint64_t nr;
	json_t *v, *x;
	char *text;

	(void)state;
	scene_new(&s, ONCE);
	put_recording(&s);
	nr = start(&s);
	/* a sheet takes facts out of a recording: nobody has looked at it */
	open_recording(&s, "sheet");
	v = last_entry(&s, "replay");
	assert_string_equal(text_of(v, "how"), "sheet");
	json_decref(v);
	deny(&s, CAROL_, "review-seen", "{\"session\":1,\"percent\":9}",
	    "STATE", "not opened");
	open_recording(&s, "replay");
	seen(&s, 100, 99);		/* it still runs */
	job_ended(&s.g, s.mon[ALICE_], nr, JOB_RAN);
	seen(&s, 40, 99);
	assert_int_equal(entries(&s.g, "seen"), 1);
	v = last_entry(&s, "seen");
	assert_string_equal(text_of(v, "session"), "S1");
	assert_string_equal(text_of(v, "who"), "carol");
	assert_int_equal(int_of(v, "percent"), 99);
	json_decref(v);
	open_recording(&s, "text");
	seen(&s, 100, 100);
	v = ask(&s, CAROL_, "review-show", J1);
	x = json_array_get(json_object_get(v, "sessions"), 0);
	x = json_array_get(json_object_get(x, "seen"), 0);
	assert_string_equal(text_of(x, "by"), "carol");
	assert_int_equal(int_of(x, "percent"), 100);
	json_decref(v);
	v = ask(&s, CAROL_, "review-verdict", ADEQUATE);
	text = json_dumps(json_object_get(json_object_get(v, "verdict"),
	    "seen"), JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"sessions\":[{\"percent\":100,"
	    "\"session\":\"S1\"}],\"sheet\":true,\"summary\":\"all\"}");
	free(text);
	json_decref(v);
	scene_end(&s);
}

static void
half_of_what_ran_is_told_in_percent(void **state)
{
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, TWICE);
	put_recording(&s);
	run_once(&s);
	run_once(&s);
	open_recording(&s, "text");
	seen(&s, 71, 71);
	read_sheet(&s, CAROL_);
	v = ask(&s, CAROL_, "review-verdict", ADEQUATE);
	assert_string_equal(text_of(json_object_get(json_object_get(v,
	    "verdict"), "seen"), "summary"), "35 percent");
	json_decref(v);
	scene_end(&s);
}

static int64_t
near_rows(struct scene *s, int64_t request, const char *who)
{
	int64_t n = -1;

	assert_int_equal(store_number(s->g.ld.store, STORE_NEAR_COUNT,
	    STORE_ARGS(store_i(request), store_s(who)), -1, &n), 0);
	return n;
}

static void
a_refusal_that_was_nearly_a_use_names_its_request(void **state)
{
	static char *const ls[] = { CONST("ls"), NULL };
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o;
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, ONCE);
	/* nothing like it; not his own: no near miss */
	assert_refused(&s.g, s.mon[ALICE_], "alice", ls, 0, "NOT-APPROVED",
	    "no approved");
	v = last_entry(&s, "refusal");
	assert_null(json_object_get(v, "request"));
	json_decref(v);
	assert_refused(&s.g, s.mon[DAVE_], "dave", SED, 1, "NOT-FOUND", "R1");
	assert_int_equal(near_rows(&s, 1, "dave"), 0);
	/* at the look-up */
	assert_refused(&s.g, s.mon[ALICE_], "alice", SED_OTHER, 0, "DIFFERS",
	    "word 2");
	v = last_entry(&s, "refusal");
	assert_string_equal(text_of(v, "request"), "R1");
	json_decref(v);
	assert_int_equal(near_rows(&s, 1, "alice"), 1);
	/* at the use: the window closed between */
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	clock_set_test(NOW + 28800);
	assert_int_equal(consume(&s.g, s.mon[ALICE_], &o, digest, code),
	    MSG_REFUSED);
	assert_string_equal(code, "OUTSIDE-WINDOW");
	assert_int_equal(near_rows(&s, 1, "alice"), 2);
	msg_order_free(&o);
	/* by its number */
	assert_refused(&s.g, s.mon[ALICE_], "alice", NULL, 1,
	    "OUTSIDE-WINDOW", "R1");
	assert_int_equal(near_rows(&s, 1, "alice"), 3);
	scene_end(&s);
}

static void
what_a_monitor_refuses_of_a_prepared_session_is_a_near_miss_too(void **state)
{
	struct msg_refusal b = { .user = CONST("alice"), .code = CONST("INPUT"),
		.what = CONST("sed -n"), .reason = CONST("other input") };
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o;
	struct scene s;
	struct msg m;

	(void)state;
	scene_new(&s, ONCE);
	assert_int_equal(look_up(&s.g, s.mon[ALICE_], "alice", SED, 0, &o,
	    digest, &no), MSG_ORDER);
	b.session = o.session;
	msg_order_free(&o);
	assert_int_equal(chan_put_refusal(s.mon[ALICE_], 8, &b, NULL, 0), 0);
	assert_int_equal(answer(&s.g, s.mon[ALICE_], &m), MSG_ACK);
	msg_done(&m);
	assert_int_equal(near_rows(&s, 1, "alice"), 1);
	b.session = 4711;
	assert_int_equal(chan_put_refusal(s.mon[ALICE_], 9, &b, NULL, 0), 0);
	assert_int_equal(answer(&s.g, s.mon[ALICE_], &m), MSG_ACK);
	msg_done(&m);
	assert_int_equal(near_rows(&s, 1, "alice"), 1);
	scene_end(&s);
}

static void
the_greeting_tells_auditors_how_many_jobs_wait(void **state)
{
	struct scene s;
	json_t *v;

	(void)state;
	scene_new(&s, ONCE);
	run_once(&s);
	v = ask(&s, CAROL_, "waiting", "{}");
	assert_int_equal(int_of(v, "judge"), 1);
	json_decref(v);
	v = ask(&s, BOB_, "waiting", "{}");
	assert_int_equal(int_of(v, "judge"), 0);
	json_decref(v);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_of_one_request_by_one_operator_are_one_job),
		cmocka_unit_test(what_is_looked_up_and_never_used_makes_no_job),
		cmocka_unit_test(a_verdict_is_given_once_and_is_an_entry),
		cmocka_unit_test(of_two_auditors_one_wins_and_the_other_reads_who),
		cmocka_unit_test(nobody_with_a_part_in_it_judges_also_as_an_auditor),
		cmocka_unit_test(others_see_neither_queue_nor_sheet),
		cmocka_unit_test(questions_that_are_wrong_are_refused),
		cmocka_unit_test(an_open_job_can_be_read_but_that_does_not_count),
		cmocka_unit_test(a_window_that_is_over_queues_what_is_left),
		cmocka_unit_test(an_interrupted_session_is_queued_too),
		cmocka_unit_test(the_sheet_has_plan_sessions_near_misses_and_readers),
		cmocka_unit_test(a_long_sheet_comes_in_pages_that_cannot_be_skipped),
		cmocka_unit_test(the_longest_command_still_has_a_sheet),
		cmocka_unit_test(what_was_played_is_kept_grows_only_and_stands_in_the_verdict),
		cmocka_unit_test(half_of_what_ran_is_told_in_percent),
		cmocka_unit_test(a_refusal_that_was_nearly_a_use_names_its_request),
		cmocka_unit_test(what_a_monitor_refuses_of_a_prepared_session_is_a_near_miss_too),
		cmocka_unit_test(the_greeting_tells_auditors_how_many_jobs_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
