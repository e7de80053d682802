/* auth_test.c - the login with real PAM: the monitor in a process of its own, the test as net, sekishod and ledger. */
#include "tests/unit/monitor/dialogue.h"

#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/login/accounts.h"

#define DELAY_MS	300

static pid_t child;

static struct msg_snap_person person(const char *name, uint32_t roles,
    uint8_t active)
{
	struct msg_snap_person p = { .name = W(name), .uid = 1000,
		.roles = roles, .active = active, .why = W("") };

	return p;
}

static uint8_t public_key;	/* of the policy that send_people() makes */

static void
send_people(uint32_t alice_roles)
{
	struct msg_snap_person people[] = {
		person("alice", alice_roles, 1),
		person("gone", PERSON_OPERATOR, 1),
		person("inactive", PERSON_OPERATOR, 0),
		person("locked", PERSON_OPERATOR, 1),
		person("newbie", PERSON_OPERATOR, 1),
		person("root", PERSON_OPERATOR, 1),
	};
	struct snapshot s = { .people = people, .npeople = 6,
		.head = { .public_key = public_key } };
	struct msg_snapshot head = { .serial = ++b->serial };
	struct buf *file = buf_new(SNAPSHOT_MAX);
	int fd;

	people[5].uid = 0;
	assert_int_equal(snapshot_put(file, &s), 0);
	fd = fd_sealed("snapshot", buf_data(file), buf_len(file), 0);
	assert_int_equal(chan_put_snapshot(b->d, 0, &head, &fd, 1), 0);
	close(fd);
	buf_free(file);
}

static void
monitor_process(int d, int n, int g)
{
	struct mon *m;

	chan_free(b->d);
	chan_free(b->net);
	chan_free(b->ledger);
	m = mon_new(d, n, g);
	if (m == NULL)
		_exit(99);
	b->m = m;
	bed_slice(b);
	m->slice.fail_delay_ms = DELAY_MS;
	m->slice.backoff_max_ms = 1000;
	m->slice.max_key_offers = 2;
	str_wipe(m->slice.pam_dir);
	m->slice.pam_dir = bed_dup(accounts_pam_dir());
	m->source = bed_dup("192.0.2.7:50022");
	m->state = MON_AUTH;
	m->is_net_ready = 1;
	while (!m->is_over)
		loop_turn(m, -1);
	_exit(m->status);
}

static int
setup(void **state)
{
	int d[2], n[2], g[2];

	(void)state;
	b = calloc(1, sizeof(*b));
	assert_int_equal(chan_pair(d) | chan_pair(n) | chan_pair(g), 0);
	b->d = chan_new(d[1], PEER_D, PEER_M);
	b->net = chan_new(n[1], PEER_N, PEER_M);
	b->ledger = chan_new(g[1], PEER_G, PEER_M);
	send_people(PERSON_OPERATOR);
	if ((child = fork()) == 0)
		monitor_process(d[0], n[0], g[0]);
	close(d[0]);
	close(n[0]);
	close(g[0]);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	chan_free(b->net);
	chan_free(b->ledger);
	chan_free(b->d);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	free(b);
	public_key = KEY_FACTOR_OFF;
	accounts_reset();
	return 0;
}

static int
status_of_child(void)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
ledger_answers_login(int yes)
{
	struct msg_login in;
	struct msg msg;

	get(b->ledger, MSG_LOGIN, &msg);
	assert_int_equal(msg_login_get(msg.body, &in), 0);
	assert_string_equal(in.user, "alice");
	assert_string_equal(in.method, "keyboard-interactive");
	assert_int_equal(chan_recv(b->d, &(struct msg){ 0 }), 1);
	assert_int_equal(chan_recv(b->net, &(struct msg){ 0 }), 1);
	if (yes)
		bed_ack(b, msg.id);
	else
		assert_int_equal(chan_put_refused(b->ledger, msg.id,
		    &(struct msg_refused){ .code = W("NOT-ALLOWED") }, NULL,
		    0), 0);
	msg_login_free(&in);
	msg_done(&msg);
}

static void
a_login_counts_when_the_ledger_has_it(void **state)
{
	struct msg msg;

	(void)state;
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	ledger_answers_login(1);
	get(b->d, MSG_AUTHED, &msg);
	msg_done(&msg);
	assert_int_equal(result(), AUTH_OK);
	/* and from now on channels are taken */
	bed_open(b, 0, 0);
	bed_exec(b, 0, "id");
	get(b->ledger, MSG_LOOKUP, &msg);
	msg_done(&msg);
}

static void
a_login_the_ledger_does_not_take_fails_like_any_other(void **state)
{
	(void)state;
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	ledger_answers_login(0);
	entry("alice", LOGIN_PAM);
	assert_int_equal(result(), AUTH_FAIL);
}

/* What PAM says is no login when a key is asked for by now; neither is the next try, nor anything before another policy. */
static void
a_key_asked_for_meanwhile_is_missing_at_the_end(void **state)
{
	(void)state;
	start("alice");
	prompted("Password: ", 1);
	public_key = KEY_FACTOR_REQUIRED;
	send_people(PERSON_OPERATOR);
	answer(OLD);
	entry("alice", LOGIN_NO_KEY);
	assert_int_equal(result(), AUTH_FAIL);
	start("alice");
	entry("alice", LOGIN_NO_KEY);
	assert_int_equal(result(), AUTH_FAIL);
	assert_int_equal(chan_recv(b->d, &(struct msg){ 0 }), 1);
	public_key = KEY_FACTOR_OFF;
	send_people(PERSON_OPERATOR);
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	ledger_answers_login(1);
}

static void
without_a_ledger_nobody_comes_in(void **state)
{
	struct msg msg;

	(void)state;
	chan_free(b->ledger);
	b->ledger = NULL;
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	assert_int_equal(result(), AUTH_FAIL);
	get(b->d, MSG_AUTH_EXCUSED, &msg);
	msg_done(&msg);
}

static void
backoff(uint32_t id, uint32_t extra_ms)
{
	struct msg_backoff out = { .extra_ms = extra_ms };

	assert_int_equal(chan_put_backoff(b->ledger, id, &out, NULL, 0), 0);
}

/* A wrong password whose answer the ledger wants later by "extra_ms"; how long it took. */
static int64_t
refused_later(uint32_t extra_ms)
{
	struct msg msg;
	int64_t at;

	start("alice");
	prompted("Password: ", 1);
	at = clock_mono_ms();
	answer("wrong");
	get(b->ledger, MSG_LOGIN_FAILED, &msg);
	backoff(msg.id + 1, 60000);	/* of another question */
	backoff(msg.id, extra_ms);
	msg_done(&msg);
	assert_int_equal(result(), AUTH_FAIL);
	at = clock_mono_ms() - at;
	get(b->d, MSG_AUTH_FAILED, &msg);
	msg_done(&msg);
	return at;
}

static void
what_the_ledger_adds_is_added_to_failures_alone(void **state)
{
	struct msg msg;

	(void)state;
	assert_true(refused_later(250) >= DELAY_MS + 250 - 5);
	/* more than the setting is cut to it, and the grace time is kept */
	assert_true(refused_later(60000) < 3000);
	/* a right answer waits for nothing; a late word is passed over */
	backoff(77, 60000);
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	ledger_answers_login(1);
	get(b->d, MSG_AUTHED, &msg);
	msg_done(&msg);
	assert_int_equal(result(), AUTH_OK);
}

static void
a_ledger_that_goes_leaves_the_fixed_instant(void **state)
{
	struct msg msg;
	int64_t at;

	(void)state;
	start("alice");
	prompted("Password: ", 1);
	at = clock_mono_ms();
	answer("wrong");
	get(b->ledger, MSG_LOGIN_FAILED, &msg);
	msg_done(&msg);
	chan_free(b->ledger);
	b->ledger = NULL;
	assert_int_equal(result(), AUTH_FAIL);
	assert_true(clock_mono_ms() - at >= DELAY_MS - 5);
}

/* One refused dialogue; returns the time from the answer to the result. */
static int64_t
refused(const char *user, const char *password, enum login_failure why)
{
	int64_t at;

	start(user);
	prompted("Password: ", 1);
	at = clock_mono_ms();
	answer(password);
	assert_int_equal(result(), AUTH_FAIL);
	at = clock_mono_ms() - at;
	entry(user, why);
	return at;
}

static void
same_instant(int64_t ms)
{
	if (ms < DELAY_MS - 5 || ms > DELAY_MS + 80)
		fail_msg("answered after %lld ms", (long long)ms);
}

static void
failures_of_known_people_are_answered_at_one_instant(void **state)
{
	(void)state;
	same_instant(refused("alice", "wrong", LOGIN_BAD));
	same_instant(refused("locked", OLD, LOGIN_BAD));
	same_instant(refused("gone", OLD, LOGIN_LOCKED));
}

static void
failures_of_others_look_the_same(void **state)
{
	(void)state;
	same_instant(refused("nobody-here", OLD, LOGIN_UNKNOWN));
	same_instant(refused("inactive", OLD, LOGIN_LOCKED));
	same_instant(refused("root", OLD, LOGIN_NO_ROLE));
}

static void
names_that_are_no_names_look_the_same(void **state)
{
	(void)state;
	same_instant(refused("al\x1b[2Jice", OLD, LOGIN_UNKNOWN));
	same_instant(refused("", OLD, LOGIN_UNKNOWN));
	same_instant(refused("../alice", OLD, LOGIN_UNKNOWN));
}

static void
a_right_password_without_a_role_is_a_wrong_one(void **state)
{
	(void)state;
	send_people(0);
	same_instant(refused("alice", OLD, LOGIN_NO_ROLE));
	same_instant(refused("daemon", "x", LOGIN_NO_ROLE));
}

static void
a_role_lost_during_the_dialogue_counts(void **state)
{
	(void)state;
	start("alice");
	prompted("Password: ", 1);
	send_people(0);
	answer(OLD);
	assert_int_equal(result(), AUTH_FAIL);
	entry("alice", LOGIN_NO_ROLE);
}

static void
the_dialogue_after_the_last_try_is_cut(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		(void)refused("alice", "wrong", LOGIN_BAD);
	start("alice");
	assert_int_equal(result(), AUTH_END);
	entry("alice", LOGIN_TRIES);
	assert_int_equal(status_of_child(), 0);
}

static void
other(enum auth_kind kind)
{
	struct msg_auth_other o = { .kind = (uint8_t)kind, .user = W("alice") };

	assert_int_equal(chan_put_auth_other(b->net, 0, &o, NULL, 0), 0);
}

static void
none_is_free_and_key_offers_are_counted_apart(void **state)
{
	(void)state;
	other(AUTH_NONE);
	other(AUTH_KEY);
	other(AUTH_KEY);
	start("alice");			/* still possible */
	prompted("Password: ", 1);
	answer("wrong");
	assert_int_equal(result(), AUTH_FAIL);
	entry("alice", LOGIN_BAD);
	other(AUTH_KEY);
	assert_int_equal(result(), AUTH_END);
	entry("alice", LOGIN_TRIES);
	assert_int_equal(status_of_child(), 0);
}

static void
a_dialogue_broken_off_is_a_try_and_another_may_begin(void **state)
{
	struct msg msg;

	(void)state;
	start("alice");
	prompted("Password: ", 1);
	assert_int_equal(chan_put_auth_abort(b->net, 0, NULL, NULL, 0), 0);
	assert_int_equal(result(), AUTH_FAIL);
	entry("alice", LOGIN_ABORTED);
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	ledger_answers_login(1);
	get(b->d, MSG_AUTHED, &msg);
	msg_done(&msg);
	assert_int_equal(result(), AUTH_OK);
}

static void
a_temporary_password_is_changed_in_the_same_dialogue(void **state)
{
	struct msg msg;

	(void)state;
	start("newbie");
	prompted("Password: ", 1);
	answer(OLD);
	prompted("Current password: ", 1);
	answer(OLD);
	prompted("New password: ", 1);
	answer(NEW);
	prompted("Retype new password: ", 1);
	answer(NEW);
	get(b->ledger, MSG_LOGIN, &msg);
	bed_ack(b, msg.id);
	msg_done(&msg);
	assert_int_equal(result(), AUTH_OK);
}

static void
what_pam_says_last_is_shown_in_a_round_without_questions(void **state)
{
	struct msg_auth_answers none = { .answers = NULL };
	struct msg_auth_prompt p;
	char lines[512];
	struct msg msg;

	(void)state;
	assert_int_equal(accounts_sh("echo 'expires in 3 days' >after"), 0);
	snprintf(lines, sizeof(lines), "auth required pam_unix.so\n"
	    "account optional pam_echo.so file=%s/after\n"
	    "account required pam_unix.so\nsession required pam_unix.so\n",
	    accounts_dir);
	accounts_service("sekisho", lines);
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	get(b->net, MSG_AUTH_PROMPT, &msg);
	assert_int_equal(msg_auth_prompt_get(msg.body, &p), 0);
	assert_string_equal(p.instruction, "expires in 3 days\n");
	assert_int_equal(strv_len(p.prompts), 0);
	msg_auth_prompt_free(&p);
	msg_done(&msg);
	assert_int_equal(chan_put_auth_answers(b->net, 0, &none, NULL, 0), 0);
	ledger_answers_login(1);
	assert_int_equal(result(), AUTH_OK);
}

static void
more_answers_than_questions_end_everything(void **state)
{
	char *words[] = { W("a"), W("b"), NULL };
	struct msg_auth_answers a = { .answers = words };

	(void)state;
	start("alice");
	prompted("Password: ", 1);
	assert_int_equal(chan_put_auth_answers(b->net, 0, &a, NULL, 0), 0);
	assert_int_equal(status_of_child(), 1);
}

static void
answers_nobody_asked_for_end_everything(void **state)
{
	(void)state;
	answer(OLD);
	assert_int_equal(status_of_child(), 1);
}

static void
channels_before_the_login_end_everything(void **state)
{
	(void)state;
	bed_open(b, 0, 0);
	assert_int_equal(status_of_child(), 1);
}

static void
a_client_that_leaves_at_the_prompt_ends_the_monitor(void **state)
{
	(void)state;
	start("alice");
	prompted("Password: ", 1);
	chan_free(b->net);
	b->net = NULL;
	assert_int_equal(status_of_child(), 0);
}

static void
a_client_that_leaves_during_the_delay_ends_it_too(void **state)
{
	(void)state;
	start("alice");
	prompted("Password: ", 1);
	answer("wrong");
	entry("alice", LOGIN_BAD);
	chan_free(b->net);
	b->net = NULL;
	assert_int_equal(status_of_child(), 0);
}

static int
group_setup(void **state)
{
	log_init("test", LOG_ERROR);
	if (accounts_setup(state) != 0)
		return 1;
	accounts_service("sekisho", "auth required pam_unix.so\n"
	    "account required pam_unix.so\n"
	    "password required pam_unix.so obscure minlen=8 sha512\n"
	    "session required pam_unix.so\n");
	return 0;
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_login_counts_when_the_ledger_has_it),
		T(a_login_the_ledger_does_not_take_fails_like_any_other),
		T(a_key_asked_for_meanwhile_is_missing_at_the_end),
		T(without_a_ledger_nobody_comes_in),
		T(what_the_ledger_adds_is_added_to_failures_alone),
		T(a_ledger_that_goes_leaves_the_fixed_instant),
		T(failures_of_known_people_are_answered_at_one_instant),
		T(failures_of_others_look_the_same),
		T(names_that_are_no_names_look_the_same),
		T(a_right_password_without_a_role_is_a_wrong_one),
		T(a_role_lost_during_the_dialogue_counts),
		T(the_dialogue_after_the_last_try_is_cut),
		T(none_is_free_and_key_offers_are_counted_apart),
		T(a_dialogue_broken_off_is_a_try_and_another_may_begin),
		T(a_temporary_password_is_changed_in_the_same_dialogue),
		T(more_answers_than_questions_end_everything),
		T(answers_nobody_asked_for_end_everything),
		T(channels_before_the_login_end_everything),
		T(a_client_that_leaves_at_the_prompt_ends_the_monitor),
		T(a_client_that_leaves_during_the_delay_ends_it_too),
		T(what_pam_says_last_is_shown_in_a_round_without_questions),
	};

	return cmocka_run_group_tests(tests, group_setup, accounts_teardown);
}
