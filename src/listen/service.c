/* service.c - the processes that live as long as the gate: one way to start, watch and replace them. */
#include "listen/service.h"

#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/child.h"
#include "listen/loop.h"

#define FIRST_PAUSE_MS	100
#define EX_UNAVAILABLE	69
#define HANG_MIN_S	10	/* a slow disk is no reason to kill it */
#define LINGER_MS	2000	/* between the end of its channel and its own */
#define WAITING_MAX	16384	/* bytes for one that does not read: some 150 monitors */

int64_t
service_backoff(int64_t *times, size_t *n, int64_t now)
{
	size_t i, kept = 0;

	for (i = 0; i < *n; i++)
		if (now - times[i] < FAILURES_MS)
			times[kept++] = times[i];
	if (kept < FAILURES_MAX)
		times[kept++] = now;
	*n = kept;
	return kept >= FAILURES_MAX ? -1 :
	    (int64_t)FIRST_PAUSE_MS << (kept - 1);
}

void
service_init(struct service *s, enum role_kind kind, enum peer peer,
    const char *name)
{
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->peer = peer;
	s->name = name;
	s->start_at = s->stuck_at = NEVER;
}

int
service_start(struct gate *g, struct service *s,
    void (*gone)(struct gate *, struct child *, int status))
{
	int w[2] = { -1, -1 }, r;

	s->start_at = s->stuck_at = NEVER;
	if ((r = chan_pair(w)) != 0 ||
	    (r = child_slice(g, s->kind, w[1])) != 0)
		goto out;
	s->chan = chan_new(w[1], PEER_D, s->peer);
	w[1] = -1;
	if (s->chan == NULL) {
		r = ERR_NOMEM;
		goto out;
	}
	if ((s->child = child_start(g, s->kind, &w[0], 1, gone)) == NULL) {
		chan_free(s->chan);
		s->chan = NULL;
		r = ERR_SYS;
	}
out:
	fd_close(&w[0]);
	fd_close(&w[1]);
	return r;
}

void
service_gone(struct gate *g, struct service *s, int status, int is_first)
{
	int64_t now = clock_mono_ms(), pause;

	s->child = NULL;
	s->is_ready = 0;
	chan_free(s->chan);
	s->chan = NULL;
	if (is_first && s->nfailures == 0 && WIFEXITED(status) &&
	    WEXITSTATUS(status) != 0) {
		loop_over(g, WEXITSTATUS(status));	/* it has said why */
		return;
	}
	if ((pause = service_backoff(s->failures, &s->nfailures, now)) < 0) {
		log_error("%s does not stay up failures=%d: the gate stops",
		    s->name, FAILURES_MAX);
		loop_stop(g, EX_UNAVAILABLE);
		return;
	}
	log_error("%s ended restart_ms=%lld", s->name, (long long)pause);
	s->start_at = now + pause;
}

int
service_serve(struct gate *g, struct service *s, const struct msg_rule *rules,
    size_t n, int is_end_awaited)
{
	struct msg m;
	int r;

	if (s->chan == NULL)
		return 0;
	r = chan_flush(s->chan);
	while (r == 0 && (r = chan_recv(s->chan, &m)) == 0) {
		r = msg_dispatch(rules, n, s->is_ready ? 2 : 1, g, &m);
		msg_done(&m);
	}
	if (r == 0 || r == 1)
		return 0;
	chan_free(s->chan);		/* the rest follows when it is reaped */
	s->chan = NULL;
	s->is_ready = 0;
	if (r != ERR_CLOSED)
		child_kill(s->child);
	else if (!is_end_awaited)	/* its status says why it ends */
		s->stuck_at = clock_mono_ms() + LINGER_MS;
	return 1;
}

int
service_is_stuck(const struct service *s)
{
	return s->chan != NULL && chan_waiting(s->chan) > WAITING_MAX;
}

/*
 * One that hangs takes nothing any more: after seal_grace it is killed, and
 * so started again.  One that has closed its channel is given a moment.
 */
static int64_t
stuck_timer(struct gate *g, struct service *s, int64_t now)
{
	int64_t grace_s = g->now.settings.seal_grace_s;

	if (grace_s < HANG_MIN_S)
		grace_s = HANG_MIN_S;
	if (s->chan == NULL && s->stuck_at <= now) {
		child_kill(s->child);
		s->stuck_at = NEVER;
	} else if (s->chan == NULL)
		return s->stuck_at;
	else if (chan_waiting(s->chan) == 0)
		s->stuck_at = NEVER;
	else if (s->stuck_at == NEVER || s->stuck_at <= now) {
		if (s->stuck_at != NEVER) {
			log_error("%s does not answer: killed", s->name);
			child_kill(s->child);
		}
		s->stuck_at = now + 1000 * grace_s;
	}
	return s->stuck_at;
}

int64_t
service_timer(struct gate *g, struct service *s, int64_t now,
    int (*start)(struct gate *))
{
	int r;

	if (s->child != NULL)
		return stuck_timer(g, s, now);
	if (s->start_at > now)
		return s->start_at;
	if ((r = start(g)) != 0) {
		log_error("%s not started error=%s", s->name, err_name(r));
		loop_stop(g, EX_UNAVAILABLE);
	}
	return NEVER;
}
