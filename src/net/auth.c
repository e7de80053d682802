/* auth.c - the login's conversation: the client's answers to the monitor, the monitor's prompts to the client. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strv.h"
#include "confine/role.h"
#include "crypt/sshkey.h"
#include "net/net.h"

/* A second line behind the monitor's own counts; a key is shown twice, offered and signed. */
#define SHOWN_FACTOR	2
#define NONES_MAX	10
#define OTHERS_MAX	10
#define DIALOGUES_MAX	20
/*
 * What the library drops it never answers: the client waits, and so would we
 * until login.grace.  IGNORE looks the same, but a client has more to say
 * behind it, within a few round trips.
 */
#define UNHEARD_MS	2000
#define UNHEARD_TEXT	"sekisho: a signature that is wrong, or made with " \
			"SHA-1, is no answer here"

/*
 * Names longer than any account's become one that no account can have; the
 * dialogue and its failure look the same.
 */
static char *
user_name(const char *user)
{
	if (strlen(user) > USER_MAX)
		return (char *)(uintptr_t)"/too/long";
	return (char *)(uintptr_t)user;
}

/* Wait for the monitor, or for the client to go: then there is nobody to ask for. */
static int
next_message(struct net *n, struct msg *m)
{
	struct pollfd p[2] = {
		{ .fd = chan_fd(n->mon) },
		{ .fd = client_fd(n->client), .events = POLLRDHUP }
	};
	int r;

	for (;;) {
		if ((r = chan_flush(n->mon)) != 0 || (r = chan_recv(n->mon,
		    m)) != 1)
			return r;
		p[0].events = chan_events(n->mon);
		if (poll(p, 2, -1) < 0 && errno != EINTR) {
			log_errno("poll failed");
			return ERR_SYS;
		}
		if ((p[1].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
			return ERR_CLOSED;
	}
}

static enum client_verdict
on_prompt(struct net *n, struct msg *m)
{
	struct msg_auth_prompt p;
	enum client_verdict v = CLIENT_END;
	size_t count;

	if (msg_auth_prompt_get(m->body, &p) != 0)
		return CLIENT_END;
	count = strv_len(p.prompts);
	if (count <= PROMPTS_MAX && p.echo.n == count &&
	    client_ask(n->client, p.name, p.instruction, count, p.prompts,
	    p.echo.p) == 0) {
		n->auth.is_open = 1;
		n->auth.prompts = count;
		v = CLIENT_ASKED;
	}
	msg_auth_prompt_free(&p);
	return v;
}

static enum client_verdict
on_result(struct net *n, struct msg *m)
{
	struct msg_auth_result res;

	if (msg_auth_result_get(m->body, &res) != 0)
		return CLIENT_END;
	switch (res.result) {
	case AUTH_OK:
		if (n->auth.is_key_asked)
			return CLIENT_END;	/* a key is never a login */
		n->state = NET_OPEN;
		role_title("sekisho-net: %s [net]", n->auth.user);
		return CLIENT_OK;
	case AUTH_FAIL:
		return CLIENT_FAIL;
	default:
		return CLIENT_END;
	}
}

static enum client_verdict
on_key_result(struct net *n, struct msg *m)
{
	struct msg_auth_key_result res;

	if (!n->auth.is_key_asked ||
	    msg_auth_key_result_get(m->body, &res) != 0)
		return CLIENT_END;
	if (res.is_factor)
		return CLIENT_PARTIAL;
	return res.is_listed ? CLIENT_LISTED : CLIENT_FAIL;
}

/* The monitor's word after START, ANSWERS, ABORT or KEY. */
static enum client_verdict
monitor_says(struct net *n)
{
	enum client_verdict v = CLIENT_END;
	struct msg m;
	int r;

	for (;;) {
		if (next_message(n, &m) != 0)
			break;
		if (m.type == MSG_PING && buf_len(m.body) == 0) {
			r = chan_put_pong(n->mon, m.id, NULL, NULL, 0);
			msg_done(&m);
			if (r != 0)
				break;
			continue;
		}
		if (m.type == MSG_AUTH_PROMPT)
			v = on_prompt(n, &m);
		else if (m.type == MSG_AUTH_RESULT)
			v = on_result(n, &m);
		else if (m.type == MSG_AUTH_KEY_RESULT)
			v = on_key_result(n, &m);
		else
			log_error("message not allowed now msg=%s",
			    msg_name((unsigned int)m.type));
		msg_done(&m);
		break;
	}
	if (v == CLIENT_END)
		n->is_over = 1;
	return v;
}

/* The open dialogue will get no answers.  FAIL: another may begin. */
static enum client_verdict
give_up(struct net *n)
{
	enum client_verdict v;

	n->auth.is_open = 0;
	if (chan_put_auth_abort(n->mon, 0, NULL, NULL, 0) != 0)
		return CLIENT_END;
	v = monitor_says(n);
	return v == CLIENT_FAIL ? CLIENT_FAIL : CLIENT_END;
}

/* Refuse to go on with this client. */
static enum client_verdict
hang_up(struct net *n, const char *why)
{
	log_warn("login ended why=%s", why);
	if (n->auth.is_open)
		(void)chan_put_auth_abort(n->mon, 0, NULL, NULL, 0);
	n->auth.is_open = 0;
	n->is_over = 1;
	return CLIENT_END;
}

/* From the first factor or dialogue on it is the same person. */
static int
is_other_user(const struct net *n, const char *user)
{
	return n->auth.user != NULL && strcmp(n->auth.user, user) != 0;
}

static int
fix_user(struct net *n, const char *user)
{
	if (n->auth.user == NULL)
		n->auth.user = strdup(user);
	return n->auth.user == NULL ? ERR_NOMEM : 0;
}

static enum client_verdict
begin(struct net *n, const char *user)
{
	struct msg_auth_start m = { .user = user_name(user) };

	if (is_other_user(n, user))
		return hang_up(n, "the user name changed");
	if (++n->auth.dialogues > DIALOGUES_MAX)
		return hang_up(n, "too many dialogues");
	if (n->auth.is_open && give_up(n) != CLIENT_FAIL)
		return CLIENT_END;
	if (fix_user(n, user) != 0)
		return CLIENT_END;
	if (chan_put_auth_start(n->mon, 0, &m, NULL, 0) != 0)
		return CLIENT_END;
	return monitor_says(n);
}

enum client_verdict
auth_on_dialogue(void *ctx, const char *user, char **answers, size_t nanswers)
{
	struct net *n = ctx;
	char *words[PROMPTS_MAX + 1] = { NULL };
	struct msg_auth_answers m = { .answers = words };
	size_t i;

	if (n->state != NET_LOGIN || n->is_over)
		return CLIENT_END;
	if (user != NULL)
		return begin(n, user);
	if (!n->auth.is_open)
		return hang_up(n, "answers nobody asked for");
	if (nanswers != n->auth.prompts)
		return hang_up(n, "wrong number of answers");
	for (i = 0; i < nanswers; i++) {
		if (strlen(answers[i]) > ANSWER_MAX)
			return give_up(n);
		words[i] = answers[i];
	}
	n->auth.is_open = 0;
	if (chan_put_auth_answers(n->mon, 0, &m, NULL, 0) != 0)
		return CLIENT_END;
	return monitor_says(n);
}

/* Every method but the dialogue: counted, never granted. */
enum client_verdict
auth_on_attempt(void *ctx, enum client_method method, const char *user)
{
	static const enum auth_kind kinds[] = {
		[CLIENT_NONE] = AUTH_NONE, [CLIENT_KEY] = AUTH_KEY,
		[CLIENT_PASSWORD] = AUTH_PASSWORD,
		[CLIENT_GSSAPI] = AUTH_GSSAPI, [CLIENT_OTHER] = AUTH_UNKNOWN
	};
	struct net *n = ctx;
	struct msg_auth_other m = { .kind = (uint8_t)kinds[method],
		.user = user_name(user) };

	if (n->state != NET_LOGIN || n->is_over)
		return CLIENT_END;
	if (n->auth.is_open && give_up(n) != CLIENT_FAIL)
		return CLIENT_END;
	if (chan_put_auth_other(n->mon, 0, &m, NULL, 0) != 0)
		return CLIENT_END;
	if (method == CLIENT_NONE && ++n->auth.nones > NONES_MAX)
		return hang_up(n, "too many requests without a method");
	if (method == CLIENT_KEY && ++n->auth.keys > n->slice.max_key_offers)
		return hang_up(n, "too many keys offered");
	if (method != CLIENT_NONE && method != CLIENT_KEY &&
	    ++n->auth.others > OTHERS_MAX)
		return hang_up(n, "too many methods that are not offered");
	return CLIENT_FAIL;
}

/*
 * An offer or a signed key: the monitor says what it is worth; neither is ever
 * a login.  The monitor does not read keys: what is none stays here.
 */
enum client_verdict
auth_on_key(void *ctx, const char *user, const char *algorithm,
    const uint8_t *blob, size_t nblob, int is_proven)
{
	struct net *n = ctx;
	struct msg_auth_key m = { .user = user_name(user),
		.is_proven = (uint8_t)is_proven };
	enum client_verdict v;

	if (sshkey_check(algorithm, blob, nblob, NULL) != 0)
		return auth_on_attempt(ctx, CLIENT_KEY, user);
	m.blob.p = (uint8_t *)(uintptr_t)blob;
	m.blob.n = nblob;
	if (n->state != NET_LOGIN || n->is_over)
		return CLIENT_END;
	if (is_other_user(n, user))
		return hang_up(n, "the user name changed");
	if (++n->auth.shown > SHOWN_FACTOR * n->slice.max_key_offers)
		return hang_up(n, "too many keys offered");
	if (n->auth.is_open && give_up(n) != CLIENT_FAIL)
		return CLIENT_END;
	if (chan_put_auth_key(n->mon, 0, &m, NULL, 0) != 0)
		return CLIENT_END;
	n->auth.is_key_asked = 1;
	v = monitor_says(n);
	n->auth.is_key_asked = 0;
	if (v == CLIENT_PARTIAL && (!is_proven || fix_user(n, user) != 0)) {
		n->is_over = 1;
		return CLIENT_END;
	}
	return v;
}

/* The client waits for us, not we for the client: then silence tells nothing. */
static int
is_unheard(const struct net *n)
{
	return n->state == NET_LOGIN && !n->is_over && !n->auth.is_open &&
	    client_is_unheard(n->client);
}

int
auth_wait_ms(const struct net *n)
{
	int64_t left;

	if (n->auth.unheard_ms == 0)
		return -1;
	left = n->auth.unheard_ms - clock_mono_ms();
	return left < 0 ? 0 : (int)left;
}

void
auth_turn(struct net *n)
{
	struct msg_auth_other m = { .kind = AUTH_KEY, .user = NULL };
	uint64_t received;
	char nobody[] = "";

	if (!is_unheard(n)) {
		n->auth.unheard_ms = 0;
		return;
	}
	received = client_received(n->client);
	if (n->auth.unheard_ms == 0 || received != n->auth.unheard) {
		n->auth.unheard = received;
		n->auth.unheard_ms = clock_mono_ms() + UNHEARD_MS;
		return;
	}
	if (auth_wait_ms(n) != 0)
		return;
	/* whose keys were shown the monitor knows, if any were; its end counts as their failure */
	m.user = nobody;
	if (n->auth.shown == 0)
		(void)chan_put_auth_other(n->mon, 0, &m, NULL, 0);
	client_set_goodbye(n->client, UNHEARD_TEXT);
	(void)hang_up(n, "a request that the library dropped");
}
