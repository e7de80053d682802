/* mon.c - makes and ends the state of a monitor. */
#include "monitor/mon.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "monitor/task.h"

#define NET_LINES_MAX	200	/* of one connection */

struct mon *
mon_new(int d, int net, int ledger)
{
	struct mon *m;

	if ((m = calloc(1, sizeof(*m))) == NULL) {
		fd_close(&d);
		fd_close(&net);
		fd_close(&ledger);
		return NULL;
	}
	m->state = MON_START;
	m->recordings = -1;
	m->client = -1;
	m->net_seen_ms = clock_mono_ms();
	m->d = chan_new(d, PEER_M, PEER_D);
	m->net = chan_new(net, PEER_M, PEER_N);
	m->ledger = chan_new(ledger, PEER_M, PEER_G);
	if (m->d == NULL || m->net == NULL || m->ledger == NULL) {
		mon_free(m);
		return NULL;
	}
	return m;
}

void
mon_free(struct mon *m)
{
	struct task *t;

	if (m == NULL)
		return;
	while ((t = m->tasks) != NULL) {
		m->tasks = t->next;
		task_free(t);
	}
	login_free(m->login);
	login_free(m->warm);
	keys_forget(&m->key);
	chan_free(m->net);
	chan_free(m->ledger);
	chan_free(m->d);
	snapshot_free(m->snap);
	msg_slice_monitor_free(&m->slice);
	str_wipe(m->user);
	str_wipe(m->source);
	fd_close(&m->recordings);
	fd_close(&m->client);
	free(m);
}

void
mon_die(struct mon *m)
{
	m->is_over = 1;
	m->status = 1;
}

void
mon_sent(struct mon *m, int r)
{
	if (r != 0 && r != ERR_CLOSED) {
		log_error("cannot send, connection is ended error=%s",
		    err_name(r));
		mon_die(m);
	}
}

int
mon_net_line(struct mon *m, struct msg *msg)
{
	enum log_level level = LOG_ERROR;
	struct msg_log line;
	int r;

	if ((r = msg_log_get(msg->body, &line)) != 0)
		return r;
	if (line.level <= LOG_DEBUG)
		level = (enum log_level)line.level;
	/* strangers do not fill the log: sekishod counts them per source */
	if (m->user == NULL && level != LOG_ERROR)
		level = LOG_DEBUG;
	if (m->net_lines < NET_LINES_MAX)
		log_write(level, "net: %s", line.line);
	else if (m->net_lines == NET_LINES_MAX)
		log_warn("net says too much, the rest is dropped");
	if (m->net_lines <= NET_LINES_MAX)
		m->net_lines++;
	msg_log_free(&line);
	return 0;
}

uint32_t
mon_call(struct mon *m)
{
	/* the high bit is for entries without a task (ledger.c); 0 is "none" */
	m->last_call = (m->last_call + 1) & 0x7fffffffU;
	if (m->last_call == 0)
		m->last_call = 1;
	return m->last_call;
}
