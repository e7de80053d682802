/* gate.c - sekishod's part: services started, bound, replaced; the end in order. */
#include "tests/fault/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"

int
gate_wrong(struct gate *g, const char *fmt, ...)
{
	va_list ap;

	if (g->why[0] != '\0')
		return -1;
	va_start(ap, fmt);
	(void)vsnprintf(g->why, sizeof(g->why), fmt, ap);
	va_end(ap);
	return -1;
}

struct known_session *
gate_session(struct gate *g, uint64_t nr)
{
	size_t i;

	for (i = 0; i < g->nsessions; i++)
		if (g->sessions[i].nr == nr)
			return &g->sessions[i];
	if (g->nsessions == SESSIONS_MAX)
		abort();
	g->sessions[g->nsessions].nr = nr;
	return &g->sessions[g->nsessions++];
}

/* One of our own below "dir" ("" : itself). */
static void
make_dir(const struct gate *g, const char *name, uid_t uid, gid_t gid,
    mode_t mode)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", g->dir, name);
	if ((mkdir(path, mode) < 0 && errno != EEXIST) ||
	    chmod(path, mode) < 0 || chown(path, uid, gid) < 0) {
		perror(path);
		exit(71);
	}
}

void
gate_init(struct gate *g, const char *dir)
{
	static const char program[] = "not really sed";
	char path[PATH_MAX + 16];
	int fd;

	snprintf(g->dir, sizeof(g->dir), "%s", dir);
	snprintf(g->bin, sizeof(g->bin), "%s.bin", dir);
	snprintf(g->log, sizeof(g->log), "%s.log", dir);
	snprintf(g->report, sizeof(g->report), "%s.report", dir);
	g->keyd.program = KEYD;
	g->ledgerd.program = LEDGERD;
	g->alice.name = "alice";
	g->bob.name = "bob";
	g->carol.name = "carol";
	make_dir(g, "", 0, 0, 0755);
	make_dir(g, ".bin", 0, 0, 0755);
	make_dir(g, ".empty", 0, 0, 0755);
	make_dir(g, "/ledger", LED_ID, LED_ID, 0700);
	make_dir(g, "/recordings", 0, LED_ID, 0750);
	make_dir(g, "/heads", LED_ID, LED_ID, 0755);
	make_dir(g, "/keys", KEY_ID, KEY_ID, 0700);
	snprintf(path, sizeof(path), "%s/sed", g->bin);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	if (fd < 0 || fd_write_full(fd, program, sizeof(program) - 1) != 0 ||
	    fchmod(fd, 0755) < 0) {
		perror(path);
		exit(71);
	}
	close(fd);
}


void
gate_service_dead(struct gate *g, struct service *s)
{
	chan_free(s->chan);
	s->chan = NULL;
	s->is_ready = 0;
	g->is_bound = 0;
	(void)spawn_reap(g, s->program, &s->pid);
	check_keep_head(g, "crash");
}

static enum peer
peer_of(enum program p)
{
	return p == KEYD ? PEER_K : p == LEDGERD ? PEER_G : PEER_R;
}

int
gate_start(struct gate *g, enum program p, pid_t *pid, struct chan **c)
{
	int w[2];

	if (chan_pair(w) != 0)
		return gate_wrong(g, "no channel");
	*pid = spawn(g, p, &w[1], 1);
	close(w[1]);
	*c = chan_new(w[0], PEER_D, peer_of(p));
	if (*pid == 0 || *c == NULL)
		return gate_wrong(g, "cannot start");
	return spawn_slice(g, p, *c) == 0 ? 0 : 1;
}

/* 0: it is READY; 1: it died first; -1: wrong. */
static int
service_start(struct gate *g, struct service *s)
{
	struct msg m;
	int r;

	if (++s->generation > 1 && ++g->restarts > RESTARTS_MAX)
		return gate_wrong(g, "%s does not stay up",
		    s->program == KEYD ? "keyd" : "ledgerd");
	if ((r = gate_start(g, s->program, &s->pid, &s->chan)) < 0)
		return r;
	if (r == 0 && (r = chan_wait(s->chan, &m, WAIT_MS)) == 0) {
		r = m.type == MSG_READY ? 0 : 1;
		msg_done(&m);
	}
	if (r == ERR_TIMEOUT)
		return gate_wrong(g, "%s does not get ready",
		    s->program == KEYD ? "keyd" : "ledgerd");
	if (r != 0) {
		gate_service_dead(g, s);
		return 1;
	}
	s->is_ready = 1;
	fault_note_ready(g, s->program);
	return 0;
}

/* 0, or 1: it is gone, and starts anew in the next round. */
static int
send_policy(struct gate *g)
{
	struct msg_snapshot m = { .serial = ++g->serial };
	int fd = spawn_policy(g), r;

	if (fd < 0)
		return gate_wrong(g, "no policy");
	r = chan_put_snapshot(g->ledgerd.chan, 0, &m, &fd, 1);
	close(fd);
	if (r != 0)
		gate_service_dead(g, &g->ledgerd);
	return r != 0;
}

static int
bind_keys(struct gate *g)
{
	int w[2];

	if (chan_pair(w) != 0)
		return gate_wrong(g, "no channel");
	g->is_bound = 1;
	if (chan_put_bind_keys(g->keyd.chan, 0, NULL, &w[0], 1) != 0)
		gate_service_dead(g, &g->keyd);
	else if (chan_put_bind_keys(g->ledgerd.chan, 0, NULL, &w[1], 1) != 0)
		gate_service_dead(g, &g->ledgerd);
	close(w[0]);
	close(w[1]);
	return 0;
}

int
gate_up(struct gate *g)
{
	int r = 0;

	while (r >= 0 && (!g->keyd.is_ready || !g->ledgerd.is_ready ||
	    !g->is_bound)) {
		if (!g->keyd.is_ready) {
			if ((r = service_start(g, &g->keyd)) == 0)
				kit_seals(g);
		} else if (!g->ledgerd.is_ready) {
			if ((r = service_start(g, &g->ledgerd)) == 0)
				r = send_policy(g);
		} else
			r = bind_keys(g);
	}
	return r < 0 ? -1 : 0;
}

int
gate_seal_channel(struct gate *g, uint64_t session, const struct blob *uuid,
    int *fd)
{
	struct msg_seal_channel m = { .session = session };
	int w[2], r;

	if (!g->keyd.is_ready)
		return ERR_CLOSED;
	if (chan_pair(w) != 0)
		return gate_wrong(g, "no channel");
	if (uuid != NULL)
		m.uuid = *uuid;
	r = chan_put_seal_channel(g->keyd.chan, 0, &m, &w[0], 1);
	close(w[0]);
	*fd = w[1];
	if (r == 0)
		return 0;
	fd_close(fd);
	gate_service_dead(g, &g->keyd);
	return ERR_CLOSED;
}

/* --- the loop ---------------------------------------------------------------------- */
static int
serve_ledgerd(struct gate *g)
{
	struct msg m;
	int r;

	if (g->ledgerd.chan == NULL)
		return 0;
	while ((r = chan_recv(g->ledgerd.chan, &m)) == 0) {
		if (m.type == MSG_RECOVER)
			r = rescue_ask(g, &m);
		else
			r = gate_wrong(g, "ledgerd said %s", msg_name(m.type));
		msg_done(&m);
		if (r != 0)
			return -1;
	}
	if (r != 1)
		gate_service_dead(g, &g->ledgerd);
	return 0;
}

static int
serve_keyd(struct gate *g)
{
	struct msg m;
	int r;

	if (g->keyd.chan == NULL)
		return 0;
	if ((r = chan_recv(g->keyd.chan, &m)) == 0) {
		msg_done(&m);
		return gate_wrong(g, "keyd said %s", msg_name(m.type));
	}
	if (r != 1)
		gate_service_dead(g, &g->keyd);
	return 0;
}

/* One turn of everything that is sekishod's. */
static int
serve(struct gate *g)
{
	size_t i;

	fault_spread(g);
	if (serve_ledgerd(g) != 0 || serve_keyd(g) != 0)
		return -1;
	if (!g->is_stopping && gate_up(g) != 0)
		return -1;
	for (i = 0; i < RECOVERIES; i++)
		if (rescue_serve(g, &g->recoveries[i]) != 0)
			return -1;
	return 0;
}

/* Until somebody has something to say; "c" may be NULL. */
static void
doze(struct gate *g, struct chan *c, int ms)
{
	struct pollfd p[RECOVERIES + 3];
	nfds_t n = 0;
	size_t i;

	if (c != NULL)
		p[n++].fd = chan_fd(c);
	if (g->ledgerd.chan != NULL)
		p[n++].fd = chan_fd(g->ledgerd.chan);
	if (g->keyd.chan != NULL)
		p[n++].fd = chan_fd(g->keyd.chan);
	for (i = 0; i < RECOVERIES; i++)
		if (g->recoveries[i].chan != NULL)
			p[n++].fd = chan_fd(g->recoveries[i].chan);
	for (i = 0; i < n; i++)
		p[i].events = POLLIN;
	(void)poll(p, n, ms);
}

int
gate_turn(struct gate *g, int ms)
{
	if (serve(g) != 0)
		return -1;
	doze(g, NULL, ms);
	return 0;
}

int
gate_wait(struct gate *g, struct chan *c, struct msg *m)
{
	int64_t until = clock_mono_ms() + WAIT_MS;
	int r;

	while (clock_mono_ms() < until) {
		if (serve(g) != 0)
			return ERR_INTERNAL;
		if ((r = chan_recv(c, m)) != 1)
			return r == 0 ? 0 : ERR_CLOSED;
		doze(g, c, 1000);
	}
	(void)gate_wrong(g, "no answer in %d s", WAIT_MS / 1000);
	return ERR_TIMEOUT;
}

int
gate_expect(struct gate *g, struct chan *c, enum msg_type type, uint32_t id,
    struct msg *m)
{
	int r;

	if ((r = gate_wait(g, c, m)) != 0)
		return r;
	if (m->type == type && m->id == id)
		return 0;
	(void)gate_wrong(g, "%s %u came instead of %s %u", msg_name(m->type),
	    m->id, msg_name(type), id);
	msg_done(m);
	return ERR_INTERNAL;
}

/* Is every session that is over without a whole record looked after? */
static int
is_settled(const struct gate *g)
{
	size_t i;

	for (i = 0; i < RECOVERIES; i++)
		if (g->recoveries[i].what.session != 0)
			return 0;
	for (i = 0; i < g->nsessions; i++)
		if (((g->sessions[i].use != 0 && !g->sessions[i].is_whole) ||
		    g->sessions[i].is_disowned) &&
		    !g->sessions[i].is_recovered)
			return 0;
	return 1;
}

int
gate_settle(struct gate *g)
{
	int64_t until = clock_mono_ms() + WAIT_MS;
	unsigned int told = 0;

	while (!is_settled(g)) {
		if (clock_mono_ms() > until)
			return gate_wrong(g, "a recording is not looked after");
		if (serve(g) != 0)
			return -1;
		if (told != g->failed_recoveries) {
			/* asked again at the next start, as its page says */
			told = g->failed_recoveries;
			chan_free(g->ledgerd.chan);
			g->ledgerd.chan = NULL;
			gate_service_dead(g, &g->ledgerd);
		}
		doze(g, NULL, 50);
	}
	return 0;
}

/* --- the end --------------------------------------------------------------------------- */
/* 0: it ended well; 1: it must be started again to do so. */
static int
stop_service(struct gate *g, struct service *s)
{
	int64_t until = clock_mono_ms() + WAIT_MS;
	struct msg m;
	int r = 0, status;

	if (s->program == LEDGERD)
		r = chan_put_drain(s->chan, 0, NULL, NULL, 0);
	else {
		chan_free(s->chan);
		s->chan = NULL;
	}
	while (r == 0 && s->chan != NULL && clock_mono_ms() < until) {
		if ((r = chan_wait(s->chan, &m, WAIT_MS)) == 0)
			msg_done(&m);
	}
	if (r == ERR_TIMEOUT)
		return gate_wrong(g, "does not stop");
	chan_free(s->chan);
	s->chan = NULL;
	s->is_ready = 0;
	g->is_bound = 0;
	status = spawn_reap(g, s->program, &s->pid);
	if (status != 0 && g->starts[s->program] != g->fault.start)
		return gate_wrong(g, "program %d ended with %d", s->program,
		    status);
	return status != 0;
}

/* One that is killed while it stops must stop well when it was started again. */
int
gate_stop(struct gate *g)
{
	int i, r = 1;

	for (i = 0; i < 3 && r > 0; i++) {
		g->is_stopping = 0;
		if (gate_up(g) != 0)
			return -1;
		g->is_stopping = 1;
		person_down(&g->alice);
		person_down(&g->bob);
		person_down(&g->carol);
		if ((r = stop_service(g, &g->ledgerd)) == 0)
			r = stop_service(g, &g->keyd);
	}
	return r > 0 ? gate_wrong(g, "does not stop well") : r;
}
