/* on_daemon.c - what sekishod says: a new policy, a new monitor, the end. */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/sha256.h"
#include "ledger/entry.h"
#include "ledgerd/inside.h"
#include "ledgerd/local.h"
#include "ledgerd/recover.h"

/* The new snapshot is written down, then it counts. */
static int
on_snapshot(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct msg_snapshot body = { 0 };
	struct snapshot *s = NULL;
	uint8_t digest[SHA256_LEN];
	json_t *e;
	int fd = -1, r;

	if ((r = msg_snapshot_get(m->body, &body)) != 0)
		return r;
	if ((fd = msg_take_fd(m, 0)) < 0) {
		r = ERR_FORMAT;
		goto out;
	}
	if ((r = snapshot_read(fd, body.serial, &s)) != 0 ||
	    (r = sha256_fd(fd, SNAPSHOT_MAX, digest)) != 0)
		goto out;
	e = book_entry("snapshot", NULL);
	if ((r = entry_int(e, "serial", (int64_t)body.serial)) != 0 ||
	    (r = entry_digest(e, "digest", digest)) != 0) {
		json_decref(e);
		goto out;
	}
	if ((r = book_alone(ld, e)) != 0)
		goto out;
	snapshot_free(ld->snap);
	ld->snap = s;
	s = NULL;
	log_info("snapshot serial=%llu people=%zu rules=%zu profiles=%zu",
	    (unsigned long long)body.serial, ld->snap->npeople,
	    ld->snap->nrules, ld->snap->nprofiles);
out:
	snapshot_free(s);
	fd_close(&fd);
	msg_snapshot_free(&body);
	return r;
}

static int
on_bind_monitor(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct msg_bind_monitor body = { 0 };
	struct client *p;
	int fd, r;

	if ((r = msg_bind_monitor_get(m->body, &body)) != 0)
		return r;
	if ((fd = msg_take_fd(m, 0)) < 0)
		r = ERR_FORMAT;
	else if (ld->nmonitors >= MONITORS_MAX) {
		/* its monitor sees EOF and gives up; the others go on */
		log_warn("too many monitors max=%d", MONITORS_MAX);
		fd_close(&fd);
	} else if ((p = client_new(ld, fd, NULL)) == NULL)
		r = ERR_NOMEM;
	else
		memcpy(p->source, body.source, strlen(body.source) + 1);
	msg_bind_monitor_free(&body);
	return r;
}

/* Nothing new from here on; done when the last monitor is gone. */
static int
on_drain(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct msg_drain body;
	int r;

	if ((r = msg_drain_get(m->body, &body)) == 0)
		ld->is_draining = 1;
	return r;
}

/* For the word status; nothing is decided by it. */
static int
on_gate_state(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	int r;

	if ((r = msg_gate_state_get(m->body, &ld->gate)) == 0)
		ld->gate_at_ms = clock_mono_ms();
	return r;
}

int
on_daemon(struct ledgerd *ld, struct msg *m)
{
	static const struct msg_rule rules[] = {
		{ 1, MSG_SNAPSHOT,	on_snapshot },
		{ 1, MSG_BIND_MONITOR,	on_bind_monitor },
		{ 1, MSG_BIND_LOCAL,	on_bind_local },
		{ 1, MSG_BIND_KEYS,	on_bind_keys },
		{ 1, MSG_RECOVERED,	on_recovered },
		{ 1, MSG_DRAIN,		on_drain },
		{ 1, MSG_GATE_STATE,	on_gate_state },
	};

	return msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1, ld, m);
}

/* A monitor with a running session asks whether we still move. */
static int
on_ping(void *ctx, struct msg *m)
{
	struct client *p = ctx;
	struct msg_ping ping;
	int r;

	if ((r = msg_ping_get(m->body, &ping)) != 0)
		return r;
	return chan_put_pong(p->chan, m->id, NULL, NULL, 0);
}

int
on_monitor(struct client *p, struct msg *m)
{
	static const struct msg_rule rules[] = {
		{ PS_NEW,	MSG_LOGIN,		on_login },
		{ PS_NEW,	MSG_LOGIN_FAILED,	on_login_failed },
		{ PS_NEW,	MSG_RESUME,		on_resume },
		{ PS_NEW | PS_IN, MSG_PING,		on_ping },
		{ PS_IN,	MSG_LOGOUT,		on_logout },
		{ PS_IN,	MSG_BIND,		on_bind },
		{ PS_IN,	MSG_LOOKUP,		on_lookup },
		{ PS_IN,	MSG_CONSUME,		on_consume },
		{ PS_IN,	MSG_JOB_STARTED,	on_job_started },
		{ PS_IN,	MSG_JOB_ENDED,		on_job_ended },
		{ PS_IN,	MSG_REFUSAL,		on_refusal },
	};

	return msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), p->state,
	    p, m);
}
