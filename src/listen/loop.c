/* loop.c - the one poll loop of sekishod, its states from start to stop, and its confinement. */
#include "listen/loop.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/process.h"
#include "confine/role.h"
#include "listen/accept.h"
#include "listen/child.h"
#include "listen/door.h"
#include "listen/keyd.h"
#include "listen/kit.h"
#include "listen/ledger.h"
#include "listen/pair.h"
#include "listen/recover.h"
#include "listen/reload.h"
#include "listen/service.h"
#include "listen/state.h"
#include "listen/stop.h"
#include "listen/warm.h"

#define EX_UNAVAILABLE	69
#define EX_OSERR	71
/*
 * Three descriptors a connection (2000), two a kit (4096), at most six of each
 * of 192 spare ones, clients that were told why not, and what is on its way: as
 * many as the system gives, up to this.
 */
#define NOFILE		65536

/* Fixed places of the poll set; listeners and monitors follow. */
enum slot { SLOT_SIGNALS, SLOT_STARTER, SLOT_LOAD, SLOT_LEDGER, SLOT_KEYD, SLOT_DOOR, SLOT_RECOVER, SLOTS = SLOT_RECOVER + RECOVER_RUNNING };

void
loop_over(struct gate *g, int status)
{
	g->state = GATE_OVER;
	g->status = status;
}

/* From here on: no files, no new sockets, one capability, 20-odd system calls. */
static int
confine(void)
{
	struct role r = {
		.name = "sekishod",
		.caps = 1ULL << CAP_KILL,	/* net, record, ledgerd have other uids */
		.landlock = 1,			/* no path at all */
		.nofile = UINT64_MAX,		/* raised before */
		.fsize = UINT64_MAX,
		.as = UINT64_MAX,
		.nproc = UINT64_MAX,
		.filter = &role_filter_sekishod,
	};

	return role_enter(&r);
}

void
loop_loaded(struct gate *g)
{
	if (accept_open(g) != 0 || door_open(g) != 0) {
		loop_over(g, EX_UNAVAILABLE);
		return;
	}
	if (confine() != 0) {
		loop_over(g, EX_OSERR);
		return;
	}
	g->state = GATE_KEYS;
	if (keyd_start(g) != 0)
		loop_over(g, EX_UNAVAILABLE);
}

void
loop_keys_ready(struct gate *g)
{
	g->state = GATE_LEDGER;
	if (ledger_start(g) != 0)
		loop_over(g, EX_UNAVAILABLE);
}

void
loop_open(struct gate *g)
{
	char line[32];
	int n;

	g->state = GATE_OPEN;
	g->was_open = 1;
	g->opened = clock_unix();
	accept_log(g);
	if (g->pid_file_fd < 0)
		return;
	n = snprintf(line, sizeof(line), "%d\n", (int)getpid());
	if (write(g->pid_file_fd, line, (size_t)n) != n)
		log_errno("pid file not written");
	fd_close(&g->pid_file_fd);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Do all that is due; returns the milliseconds to sleep, -1 for ever. */
static int
timers(struct gate *g)
{
	int64_t now = clock_mono_ms(), next;

	next = pair_timers(g, now);
	next = earlier(next, kit_timers(g, now));
	next = earlier(next, keyd_timer(g, now));
	next = earlier(next, ledger_timer(g, now));
	next = earlier(next, recover_timer(g, now));
	next = earlier(next, reload_timer(g, now));
	next = earlier(next, warm_timer(g, now));
	next = earlier(next, stop_timer(g, now));
	next = earlier(next, state_timer(g, now));
	next = earlier(next, farewell_timer(&g->farewells, now));
	if (g->accept_after > now)
		next = earlier(next, g->accept_after);
	now = clock_mono_ms();
	return next <= now ? 0 : (int)earlier(next - now, REPORT_MS);
}

static void
on_signals(struct gate *g)
{
	struct signalfd_siginfo si;

	while (read(g->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		log_info("signal name=SIG%s",
		    sigabbrev_np((int)si.ssi_signo));
		if (si.ssi_signo == SIGUSR1)
			stop_drain(g);
		else if (si.ssi_signo != SIGHUP)
			loop_stop(g, 0);
		else if (g->state == GATE_OPEN || g->state == GATE_PATIENT) {
			/* what has no place in the configuration counts too: a new host key under an old name */
			warm_drop_all(g);
			reload_start(g);
		}
	}
}

static void
watch(struct pollfd *p, const struct chan *c)
{
	p->fd = c == NULL ? -1 : chan_fd(c);
	p->events = c == NULL ? 0 : chan_events(c);
	p->revents = 0;
}

/*
 * Everything that can wake us: *n entries; listeners, clients that were told
 * why not, and monitors last, in the order of the list.
 */
static struct pollfd *
make_set(struct gate *g, size_t *n)
{
	struct pollfd *set;
	struct pair *p;
	size_t at = SLOTS, i;
	/* the door stays open to the last: status, and what runs, can be looked at */
	int may_accept = (g->state == GATE_OPEN || g->state == GATE_PATIENT) &&
	    g->ledger.is_ready && g->accept_after <= clock_mono_ms();

	*n = SLOTS + g->nlisteners + g->farewells.n + g->npairs;
	if ((set = calloc(*n, sizeof(*set))) == NULL)
		return NULL;
	set[SLOT_SIGNALS].fd = g->signals;
	set[SLOT_SIGNALS].events = POLLIN;
	watch(&set[SLOT_STARTER], g->starter);
	watch(&set[SLOT_LOAD], g->load_chan);
	watch(&set[SLOT_LEDGER], g->ledger.chan);
	watch(&set[SLOT_KEYD], g->keyd.chan);
	set[SLOT_DOOR].fd = may_accept ? g->door : -1;
	set[SLOT_DOOR].events = POLLIN;
	recover_watch(g, &set[SLOT_RECOVER]);
	for (i = 0; i < g->nlisteners; i++, at++) {
		set[at].fd = may_accept ? g->listeners[i] : -1;
		set[at].events = POLLIN;
	}
	farewell_watch(&g->farewells, &set[at]);
	at += g->farewells.n;
	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry))
		if (at < *n)
			watch(&set[at++], p->chan);
	*n = at;
	return set;
}

/* Serve what poll() found.  An error: the starter is gone. */
static int
serve(struct gate *g, const struct pollfd *set, size_t n)
{
	size_t listeners = g->nlisteners, told = g->farewells.n;
	size_t at = SLOTS + listeners + told, i;
	struct pair *p;
	int r = 0;

	for (p = TAILQ_FIRST(&g->pairs); p != NULL; p = TAILQ_NEXT(p, entry)) {
		if (at == n)
			break;
		if (set[at++].revents != 0)
			pair_serve(p);
	}
	if (set[SLOT_KEYD].revents != 0)
		keyd_serve(g);
	if (set[SLOT_LEDGER].revents != 0)
		ledger_serve(g);
	for (i = 0; i < RECOVER_RUNNING; i++)
		if (set[SLOT_RECOVER + i].revents != 0)
			recover_serve(g, i);
	if (set[SLOT_LOAD].revents != 0)
		reload_serve(g);
	if (set[SLOT_STARTER].revents != 0)
		r = child_serve(g);
	if (set[SLOT_SIGNALS].revents != 0)
		on_signals(g);
	farewell_serve(&g->farewells, &set[SLOTS + listeners], told);
	for (i = 0; i < listeners && i < g->nlisteners; i++)
		if (set[SLOTS + i].revents != 0)
			accept_serve(g, g->listeners[i]);
	if (set[SLOT_DOOR].revents != 0 && g->door >= 0)
		door_serve(g);
	pair_sweep(g);
	return r;
}

static int
loop(struct gate *g)
{
	struct pollfd *set;
	size_t n;
	int r, sleep_ms;

	while (g->state != GATE_OVER) {
		sleep_ms = timers(g);
		if (g->state == GATE_OVER)
			break;
		if ((set = make_set(g, &n)) == NULL)
			return ERR_NOMEM;
		if (poll(set, n, sleep_ms) < 0 && errno != EINTR) {
			log_errno("poll failed");
			free(set);
			return ERR_SYS;
		}
		r = serve(g, set, n);
		free(set);
		if (r != 0) {
			log_error("the starter is gone error=%s", err_name(r));
			return r;
		}
	}
	return 0;
}

static int
raise_nofile(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0) {
		log_errno("limit of descriptors unknown");
		return ERR_SYS;
	}
	return process_limit(RLIMIT_NOFILE, l.rlim_max < NOFILE ?
	    l.rlim_max : NOFILE);
}

static int
prepare(struct gate *g, const struct gate_args *a)
{
	uint8_t secret[16];
	sigset_t set;

	memset(g, 0, sizeof(*g));
	TAILQ_INIT(&g->children);
	TAILQ_INIT(&g->pairs);
	TAILQ_INIT(&g->kits);
	TAILQ_INIT(&g->recoveries);
	service_init(&g->ledger, ROLE_LEDGERD, PEER_G, "sekisho-ledgerd");
	service_init(&g->keyd, ROLE_KEYD, PEER_K, "sekisho-keyd");
	warm_init(g);
	g->door = -1;
	g->pid_file_fd = a->pid_file_fd;
	g->now.snapshot_fd = g->next.snapshot_fd = -1;
	g->reload_at = g->load_end = NEVER;
	g->report_at = clock_mono_ms() + REPORT_MS;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	process_ignore_signal(SIGPIPE);
	if ((g->starter = chan_new(a->starter_fd, PEER_D, PEER_S)) == NULL ||
	    (g->counts = counts_new()) == NULL)
		return ERR_NOMEM;
	if (getrandom(secret, sizeof(secret), 0) != sizeof(secret)) {
		log_errno("getrandom failed");
		return ERR_SYS;
	}
	if ((g->penalties = penalties_new(secret)) == NULL)
		return ERR_NOMEM;
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    (g->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0) {
		log_errno("signals not set up");
		return ERR_SYS;
	}
	return raise_nofile();
}

int
gate_run(const struct gate_args *a)
{
	static struct gate g;	/* large; one a process */
	int r;

	if ((r = prepare(&g, a)) == 0) {
		reload_start(&g);
		r = loop(&g);
	}
	if (r != 0)
		g.status = EX_OSERR;
	if (g.was_open)
		log_info("gate closed status=%d", g.status);
	recover_free_all(&g);
	kit_free_all(&g);
	pair_free_all(&g);
	child_free_all(&g);
	reload_free(&g.now);
	reload_free(&g.next);
	farewell_close_all(&g.farewells);
	counts_free(g.counts);
	penalties_free(g.penalties);
	chan_free(g.load_chan);
	chan_free(g.ledger.chan);
	chan_free(g.keyd.chan);
	chan_free(g.starter);
	fd_close(&g.pid_file_fd);
	return g.status;
}
