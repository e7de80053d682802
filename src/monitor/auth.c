/*
 * auth.c - keyboard-interactive: PAM on this side, the client behind net on
 * the other.  Whoever passes is let in at once; how the others are answered is
 * in auth_fail.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strv.h"
#include "confine/role.h"
#include "monitor/auth.h"
#include "monitor/keys.h"
#include "monitor/trace.h"

#define LEDGER_WAIT_MS	10000	/* for the entry of a login; database waits end before */
#define NOBODY		"no-such-user" /* shown to PAM for names it should not see */

int
auth_name_is_plain(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@\\-$+";

	return name[0] != '\0' && strlen(name) <= USER_MAX &&
	    strchr("-+.@", name[0]) == NULL &&
	    name[strspn(name, plain)] == '\0';
}

/* The next message of net that is part of a dialogue; others that may come meanwhile are done here. */
static int
next_word(struct mon *m, struct msg *msg)
{
	int r;

	for (;;) {
		if ((r = chan_wait(m->net, msg, -1)) != 0)
			return r;
		if (msg->type != MSG_LOG)
			return 0;
		r = mon_net_line(m, msg);
		msg_done(msg);
		if (r != 0)
			return r;
	}
}

/* As many answers as questions, none longer than PAM takes; then they are PAM's. */
static int
take_answers(struct msg *msg, size_t n, char **answers)
{
	struct msg_auth_answers got;
	size_t i;
	int r;

	if ((r = msg_auth_answers_get(msg->body, &got)) != 0)
		return r;
	if (strv_len(got.answers) != n)
		r = ERR_FORMAT;
	for (i = 0; r == 0 && i < n; i++)
		if (strlen(got.answers[i]) >= ANSWER_MAX)
			r = ERR_LIMIT;
	for (i = 0; r == 0 && i < n; i++) {
		answers[i] = got.answers[i];
		got.answers[i] = NULL;
	}
	msg_auth_answers_free(&got);
	return r;
}

static int
send_prompts(struct mon *m, const char *instruction,
    const struct login_prompt *prompts, size_t n)
{
	struct msg_auth_prompt p = { 0 };
	uint8_t echo[PROMPTS_MAX] = { 0 };
	size_t i;
	int r = 0;

	if (n > PROMPTS_MAX)
		return ERR_LIMIT;
	for (i = 0; i < n && r == 0; i++) {
		echo[i] = prompts[i].echo != 0;
		r = strv_add(&p.prompts, prompts[i].text);
	}
	if (r == 0) {
		p.instruction = (char *)(uintptr_t)instruction;
		p.echo.p = echo;
		p.echo.n = n;
		r = chan_put_auth_prompt(m->net, 0, &p, NULL, 0);
	}
	strv_free(p.prompts);
	return r;
}

/* One round with the person; called by PAM through src/login. */
static int
ask(void *arg, const char *instruction, const struct login_prompt *prompts,
    size_t n, char **answers)
{
	struct mon *m = arg;
	struct msg msg;
	int r;

	if ((r = send_prompts(m, instruction, prompts, n)) == 0) {
		trace_mark(m, TRACE_PROMPT);
		r = next_word(m, &msg);
	}
	if (r != 0) {
		m->is_over = 1;		/* net or its client is gone */
		return r;
	}
	m->answered_ms = clock_mono_ms();
	trace_mark(m, TRACE_ANSWER);
	if (msg.type == MSG_AUTH_ANSWERS) {
		r = take_answers(&msg, n, answers);
		if (r == ERR_FORMAT) {
			log_error("net answered what was not asked");
			mon_die(m);
		}
	} else if (msg.type == MSG_AUTH_ABORT)
		r = ERR_CLOSED;
	else {
		log_error("message not allowed in a dialogue msg=%s",
		    msg_name((unsigned int)msg.type));
		mon_die(m);
		r = ERR_DENIED;
	}
	msg_done(&msg);
	return r;
}

/* What the ledger is told about an attempt that did not pass. */
static enum login_failure
why_failed(const struct mon *m, const char *user, enum login_verdict v)
{
	const struct msg_snap_person *p = NULL;

	if (!keys_hold(m, user))
		return LOGIN_NO_KEY;	/* it was taken away meanwhile */
	if (v == LOGIN_LEFT)
		return LOGIN_ABORTED;
	if (v == LOGIN_BROKEN)
		return LOGIN_PAM;
	if (m->snap != NULL)
		p = snapshot_person(m->snap, user);
	if (p == NULL)
		return auth_name_is_plain(user) && login_user_exists(user) ?
		    LOGIN_NO_ROLE : LOGIN_UNKNOWN;
	if (!p->active || v == LOGIN_NO_ACCOUNT)
		return LOGIN_LOCKED;
	if (p->roles == 0 || p->uid == 0 || strcmp(user, "root") == 0)
		return LOGIN_NO_ROLE;
	return LOGIN_BAD;
}

/* The first message that is an answer; before it may come how full the disk is, and a late word about a failure. */
static int
answer_of_login(struct mon *m, struct msg *msg)
{
	int r;

	while ((r = chan_wait(m->ledger, msg, LEDGER_WAIT_MS)) == 0 &&
	    (msg->type == MSG_DISK || msg->type == MSG_BACKOFF)) {
		if (msg->type == MSG_DISK)
			r = ledger_on_disk(m, msg);
		msg_done(msg);
		if (r != 0)
			return r;
	}
	return r;
}

/* The entry of the login must be on disk before anybody is in. */
static int
write_login(struct mon *m, const char *user)
{
	struct msg_login in = { .source = m->source, .key = m->key.print };
	uint32_t call = mon_call(m);
	struct msg msg;
	struct msg_ack ack;
	int r;

	in.user = (char *)(uintptr_t)user;
	in.method = (char *)(uintptr_t)(in.key[0] == '\0' ?
	    "keyboard-interactive" : "publickey,keyboard-interactive");
	if (m->ledger == NULL)
		return ERR_CLOSED;
	if ((r = chan_put_login(m->ledger, call, &in, NULL, 0)) != 0 ||
	    (r = answer_of_login(m, &msg)) != 0) {
		log_error("login has no entry, refused error=%s", err_name(r));
		ledger_lost(m);
		return r;
	}
	if (msg.id != call || msg.type != MSG_ACK ||
	    msg_ack_get(msg.body, &ack) != 0) {
		log_error("ledger refused a login");
		r = ERR_DENIED;
	}
	msg_done(&msg);
	return r;
}

/* PAM is satisfied: session, entry, then sekishod stops its timer. */
static int
open_up(struct mon *m, const char *user)
{
	int r;

	/* a role, a key or an account can have gone while PAM was asking */
	policy_catch_up(m);
	if (m->is_over || m->is_draining || !keys_hold(m, user) ||
	    !policy_may_log_in(m->snap, user))
		return ERR_DENIED;
	if ((r = login_session_open(m->login)) != 0)
		return r;
	trace_mark(m, TRACE_SESSION);
	if ((r = write_login(m, user)) != 0)
		return r;
	trace_mark(m, TRACE_ENTRY);
	if ((m->user = strdup(user)) == NULL)
		return ERR_NOMEM;
	m->roles = snapshot_person(m->snap, user)->roles;
	mon_sent(m, chan_put_authed(m->d, 0, NULL, NULL, 0));
	m->state = MON_OPEN;
	m->net_seen_ms = clock_mono_ms();
	role_title("sekisho-monitor: %s [priv]", m->user);
	log_info("login user=%s source=%s", m->user, m->source);
	auth_send_result(m, AUTH_OK);
	trace_mark(m, TRACE_RESULT);
	trace_login(m);
	return 0;
}

/* PAM_RHOST is the address alone: "192.0.2.1:50022", "[2001:db8::1]:50022". */
static char *
address_of(const char *source)
{
	const char *end = strrchr(source, ':');
	char *s = strdup(source);

	if (s == NULL || end == NULL)
		return s;
	s[end - source] = '\0';
	if (s[0] == '[' && s[strlen(s) - 1] == ']') {
		s[strlen(s) - 1] = '\0';
		memmove(s, s + 1, strlen(s));
	}
	return s;
}

static void
dialogue(struct mon *m, const char *user)
{
	struct login_conf conf = { .service = m->slice.pam_service,
		.dir = m->slice.pam_dir, .ask = ask, .arg = m };
	int is_entitled = auth_name_is_plain(user) &&
	    policy_may_log_in(m->snap, user);
	enum login_verdict v = LOGIN_BROKEN;
	char *rhost;

	if ((rhost = address_of(m->source)) == NULL) {
		mon_die(m);
		return;
	}
	conf.rhost = rhost;
	conf.user = auth_name_is_plain(user) ? user : NOBODY;
	if ((m->login = login_new(&conf)) != NULL)
		v = login_check(m->login, is_entitled);
	trace_mark(m, TRACE_CHECKED);
	str_wipe(rhost);
	if (m->is_over)
		return;
	if (v == LOGIN_PASSED && is_entitled) {
		if (open_up(m, user) == 0)
			return;
		v = policy_may_log_in(m->snap, user) ? LOGIN_BROKEN :
		    LOGIN_WRONG;
	}
	login_free(m->login);
	m->login = NULL;
	if (!m->is_over)
		auth_fail(m, user, why_failed(m, user, v));
}

int
auth_on_start(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_auth_start start;
	int r;

	if ((r = msg_auth_start_get(msg->body, &start)) != 0)
		return r;
	m->answered_ms = clock_mono_ms();
	trace_mark(m, TRACE_START);
	policy_catch_up(m);		/* roles and keys as they are now */
	if (m->tries >= m->slice.max_tries)
		auth_cut(m, start.user);
	else if (!m->is_over && !keys_hold(m, start.user))
		auth_fail(m, start.user, LOGIN_NO_KEY);
	else if (!m->is_over)
		dialogue(m, start.user);
	msg_auth_start_free(&start);
	return 0;
}

/* The first "none" asks what there is; key offers and the rest have a count of their own. */
int
auth_on_other(void *ctx, struct msg *msg)
{
	struct mon *m = ctx;
	struct msg_auth_other other;
	int r;

	if ((r = msg_auth_other_get(msg->body, &other)) != 0)
		return r;
	if (other.kind == AUTH_KEY)
		keys_saw(m, other.user);
	if (other.kind == AUTH_NONE && !m->is_none_used)
		m->is_none_used = 1;
	else if (++m->others > m->slice.max_key_offers)
		auth_cut(m, other.user);
	msg_auth_other_free(&other);
	return 0;
}

/* An abort that crossed the end of its dialogue. */
int
auth_on_late_abort(void *ctx, struct msg *msg)
{
	struct msg_auth_abort none;

	(void)ctx;
	return msg_auth_abort_get(msg->body, &none);
}
