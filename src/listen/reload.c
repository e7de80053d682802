/* reload.c - one run of sekisho-load at a time; a run that fails changes nothing. */
#include "listen/reload.h"

#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "listen/accept.h"
#include "listen/child.h"
#include "listen/ledger.h"
#include "listen/loop.h"
#include "listen/pair.h"
#include "listen/warm.h"

#define EX_CONFIG	78

void
reload_free(struct loaded *l)
{
	size_t i;

	msg_settings_free(&l->settings);
	for (i = 0; i < ROLE_KINDS; i++)
		mem_wipe(l->slices[i].p, l->slices[i].n);
	fd_close(&l->snapshot_fd);
	memset(l, 0, sizeof(*l));
	l->snapshot_fd = -1;
}

static int
on_settings(void *ctx, struct msg *m)
{
	struct gate *g = ctx;
	int r;

	if (g->next.has_settings)
		return ERR_STATE;
	if ((r = msg_settings_get(m->body, &g->next.settings)) == 0)
		g->next.has_settings = 1;
	return r;
}

static int
on_slice_for(void *ctx, struct msg *m)
{
	struct gate *g = ctx;
	struct msg_slice_for s = { 0 };
	int r;

	if ((r = msg_slice_for_get(m->body, &s)) != 0)
		return r;
	if (s.kind < ROLE_MONITOR || s.kind >= ROLE_KINDS ||
	    g->next.slices[s.kind].p != NULL) {
		msg_slice_for_free(&s);
		return ERR_FORMAT;
	}
	g->next.slices[s.kind] = s.body;
	return 0;
}

/* Is everything there, and within what this process can work with? */
static int
check_whole(const struct loaded *l)
{
	size_t i;

	if (!l->has_settings || l->snapshot_fd < 0 ||
	    l->settings.listen.n == 0 ||
	    l->settings.listen.n % sizeof(struct sockaddr_storage) != 0 ||
	    l->settings.listen.n / sizeof(struct sockaddr_storage) >
	    LISTEN_MAX || l->settings.digest.n != DIGEST_LEN ||
	    l->settings.log_level > LOG_DEBUG || l->settings.door == NULL)
		return ERR_FORMAT;
	for (i = ROLE_MONITOR; i < ROLE_KINDS; i++)
		if (l->slices[i].p == NULL)
			return ERR_FORMAT;
	return 0;
}

/* Networks without penalties; sekisho-load has looked at them before. */
static int
read_exempt(struct loaded *l)
{
	char **net = l->settings.penalty_exempt;
	int r;

	for (; net != NULL && *net != NULL; net++) {
		if (l->nexempt == EXEMPT_MAX)
			return ERR_LIMIT;
		if ((r = cidr_parse(*net, &l->exempt[l->nexempt])) != 0)
			return r;
		l->nexempt++;
	}
	return 0;
}

static int
same_bytes(const struct blob *a, const struct blob *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

/* What was read once and is not read again.  The old values stay in force, whatever the new ones say. */
static void
warn_restart(const struct gate *g)
{
	static const struct {
		enum role_kind	 kind;
		const char	*name;
	} services[] = {
		{ ROLE_LEDGERD, "sekisho-ledgerd" }, { ROLE_KEYD, "sekisho-keyd" },
	};
	size_t i;

	if (!same_bytes(&g->now.settings.listen, &g->next.settings.listen))
		log_warn("the addresses to listen on changed: "
		    "they count after a restart");
	if (strcmp(g->now.settings.door, g->next.settings.door) != 0)
		log_warn("local_door or run_dir changed: "
		    "it counts after a restart");
	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (!same_bytes(&g->now.slices[services[i].kind],
		    &g->next.slices[services[i].kind]))
			log_warn("settings of %s changed: they count after "
			    "a restart", services[i].name);
}

/* A later run: settings and slices count from the next connection on, people and rules at once. */
static void
replace(struct gate *g)
{
	int is_new = !same_bytes(&g->now.settings.digest,
	    &g->next.settings.digest);

	warn_restart(g);
	reload_free(&g->now);
	g->now = g->next;
	memset(&g->next, 0, sizeof(g->next));
	g->next.snapshot_fd = -1;
	if (!is_new)
		return;
	g->serial++;
	log_info("snapshot taken serial=%llu", (unsigned long long)g->serial);
	/* what waits has the old slices */
	warm_drop_all(g);
	ledger_snapshot(g);
	pair_snapshot_all(g);
}

static int
on_loaded(void *ctx, struct msg *m)
{
	struct gate *g = ctx;
	int r;

	g->next.snapshot_fd = msg_take_fd(m, 0);
	if ((r = check_whole(&g->next)) != 0 ||
	    (r = read_exempt(&g->next)) != 0)
		return r;
	log_init("sekishod", (enum log_level)g->next.settings.log_level);
	if (g->serial != 0) {
		replace(g);
		return 0;
	}
	g->now = g->next;
	memset(&g->next, 0, sizeof(g->next));
	g->next.snapshot_fd = -1;
	g->serial = 1;
	loop_loaded(g);
	return 0;
}

/* The channel is done with, whatever came of it. */
static void
close_channel(struct gate *g)
{
	chan_free(g->load_chan);
	g->load_chan = NULL;
	reload_free(&g->next);
}

void
reload_serve(struct gate *g)
{
	static const struct msg_rule rules[] = {
		{ 1, MSG_SETTINGS,	on_settings },
		{ 1, MSG_SLICE_FOR,	on_slice_for },
		{ 1, MSG_LOADED,	on_loaded },
	};
	struct msg m;
	int r = 0, is_done = 0;

	if (g->load_chan == NULL)
		return;
	while (!is_done && (r = chan_recv(g->load_chan, &m)) == 0) {
		r = msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]), 1,
		    g, &m);
		is_done = m.type == MSG_LOADED || r != 0;
		msg_done(&m);
	}
	if (r == 1)
		return;
	if (r != 0 && r != ERR_CLOSED) {
		log_error("result of sekisho-load not taken error=%s",
		    err_name(r));
		child_kill(g->load);
	}
	close_channel(g);
}

static void
load_gone(struct gate *g, struct child *c, int status)
{
	(void)c;
	reload_serve(g);		/* what it said before it ended */
	if (g->load_chan != NULL)
		close_channel(g);
	g->load = NULL;
	g->load_end = NEVER;
	g->reload_at = g->now.settings.reload_s == 0 ? NEVER :
	    clock_mono_ms() + 1000 * (int64_t)g->now.settings.reload_s;
	if (g->serial == 0)		/* it has said why */
		loop_over(g, WIFEXITED(status) && WEXITSTATUS(status) != 0 ?
		    WEXITSTATUS(status) : EX_CONFIG);
	else if (status != 0)
		log_error("configuration not loaded: the old one stays");
}

void
reload_start(struct gate *g)
{
	int w[2] = { -1, -1 };

	if (g->load != NULL) {
		g->is_reload_wanted = 1;
		return;
	}
	g->is_reload_wanted = 0;
	g->reload_at = NEVER;
	if (chan_pair(w) != 0)
		goto out;
	g->load_chan = chan_new(w[1], PEER_D, PEER_L);
	w[1] = -1;
	if (g->load_chan == NULL)
		goto out;
	if ((g->load = child_start(g, ROLE_LOAD, &w[0], 1,
	    load_gone)) != NULL)
		g->load_end = clock_mono_ms() + LOAD_TIMEOUT_MS;
	else
		close_channel(g);
out:
	fd_close(&w[0]);
	fd_close(&w[1]);
	if (g->load == NULL && g->serial == 0)
		loop_over(g, EX_CONFIG);
	else if (g->load == NULL)
		g->reload_at = clock_mono_ms() +
		    1000 * (int64_t)g->now.settings.reload_s;
}

int64_t
reload_timer(struct gate *g, int64_t now)
{
	/* while it drains, a right can still be withdrawn */
	int is_up = g->state == GATE_OPEN || g->state == GATE_PATIENT;

	if (g->load_end <= now) {
		log_error("sekisho-load takes too long: killed");
		child_kill(g->load);
		g->load_end = NEVER;
	}
	if (g->load == NULL && is_up && (g->is_reload_wanted ||
	    g->reload_at <= now))
		reload_start(g);
	if (g->load != NULL)
		return g->load_end;
	return is_up ? g->reload_at : NEVER;
}
