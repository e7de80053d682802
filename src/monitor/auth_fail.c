/*
 * auth_fail.c - the answer to whoever does not get in.  Its instant is counted
 * from the client's last answer and is the same whatever PAM took for it; what
 * comes on top after many failures of one name is the same whether there is
 * such a person, and never comes before a right answer.
 */
#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "monitor/auth.h"

/* So long before sekishod's timer ends the connection the refusal is said. */
#define GRACE_SLACK_MS	1000

/* What the ledger said meanwhile; *extra is set by the answer to "call". */
static int
ledger_says(struct mon *m, uint32_t call, int64_t *extra)
{
	struct msg_backoff more;
	struct msg msg;
	int r;

	while ((r = chan_recv(m->ledger, &msg)) == 0) {
		if (msg.type == MSG_DISK)
			r = ledger_on_disk(m, &msg);
		else if (msg.type != MSG_BACKOFF)
			r = ERR_STATE;
		else if ((r = msg_backoff_get(msg.body, &more)) == 0 &&
		    msg.id == call)
			*extra = more.extra_ms;
		msg_done(&msg);
		if (r != 0)
			break;
	}
	return r == 1 ? 0 : r;
}

/* Wait for "end_ms", the ledger, or the end of net or sekishod, which ends this process too. */
static void
wait_for(struct mon *m, int64_t end_ms, uint32_t call, int64_t *extra)
{
	struct pollfd p[3] = { { .fd = chan_fd(m->net) },
		{ .fd = chan_fd(m->d) }, { .fd = -1 } };
	int64_t left;
	int n;

	if (m->ledger != NULL && call != 0) {
		p[2].fd = chan_fd(m->ledger);
		p[2].events = POLLIN;
	}
	while ((left = end_ms - clock_mono_ms()) > 0) {
		n = poll(p, 3, (int)left);
		if (n < 0 && errno != EINTR) {
			log_errno("poll failed");
			mon_die(m);
			return;
		}
		if (n > 0 && (p[0].revents != 0 || p[1].revents != 0)) {
			m->is_over = 1;		/* only ends are reported */
			return;
		}
		if (n > 0 && p[2].revents != 0 &&
		    ledger_says(m, call, extra) != 0) {
			ledger_lost(m);
			p[2].fd = -1;
		}
	}
}

/* The moment after which sekishod would not let us say it any more. */
static int64_t
cut_ms(const struct mon *m)
{
	return m->slice.login_grace_s == 0 ? INT64_MAX : m->conn_ms +
	    m->slice.login_grace_s * 1000LL - GRACE_SLACK_MS;
}

static void
answer_late(struct mon *m, uint32_t call)
{
	int64_t base = m->answered_ms + m->slice.fail_delay_ms, extra = 0;
	int64_t late;

	wait_for(m, base, call, &extra);
	if (extra > m->slice.backoff_max_ms)
		extra = m->slice.backoff_max_ms;
	late = base + extra < cut_ms(m) ? base + extra : cut_ms(m);
	if (!m->is_over && late > base)
		wait_for(m, late, 0, NULL);
}

void
auth_send_result(struct mon *m, enum auth_result result)
{
	struct msg_auth_result res = { .result = (uint8_t)result };

	if (!m->is_over)
		mon_sent(m, chan_put_auth_result(m->net, 0, &res, NULL, 0));
}

/* The number of the question that the ledger answers with BACKOFF; 0: nobody was asked. */
static uint32_t
note(struct mon *m, const char *user, enum login_failure why)
{
	struct msg_login_failed no = { .source = m->source,
		.why = (uint8_t)why };
	uint32_t call = 0;

	no.user = (char *)(uintptr_t)user;
	if (m->ledger != NULL) {
		call = mon_call(m);
		mon_sent(m, chan_put_login_failed(m->ledger, call, &no, NULL,
		    0));
	}
	/* PAM broken, the ledger away or its disk full: not the client's doing */
	mon_sent(m, why == LOGIN_PAM ?
	    chan_put_auth_excused(m->d, 0, NULL, NULL, 0) :
	    chan_put_auth_failed(m->d, 0, NULL, NULL, 0));
	log_debug("login refused source=%s why=%d", m->source, (int)why);
	return call;
}

void
auth_fail(struct mon *m, const char *user, enum login_failure why)
{
	m->tries++;
	answer_late(m, note(m, user, why));
	auth_send_result(m, AUTH_FAIL);
}

void
auth_cut(struct mon *m, const char *user)
{
	(void)note(m, user, LOGIN_TRIES);
	auth_send_result(m, AUTH_END);
	m->is_over = 1;
}

void
auth_on_gone(struct mon *m)
{
	const char *user;

	if (m->state == MON_AUTH && keys_were_all(m, &user))
		(void)note(m, user, LOGIN_NO_KEY);
}
