/*
 * standin.h - the other programs, as far as sekishod sees them: they take their slice and do what a test says.
 *
 * The test program is copied beside itself under their names.  What a stand-in
 * does is told by files beside it and by the first byte of the client.
 */
#ifndef UNIT_LISTEN_STANDIN_H
#define UNIT_LISTEN_STANDIN_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "confine/process.h"
#include "confine/role.h"
#include "wire/chan.h"

/* Where the copies are: taken from /proc/self/exe, ends with '/'. */
static inline void
standin_path(char *out, size_t size, const char *name)
{
	char self[4096] = "";
	char *slash;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 ||
	    (slash = strrchr(self, '/')) == NULL)
		_exit(99);
	slash[1] = '\0';
	snprintf(out, size, "%.3000s%.100s", self, name);
}

/* Is there a file of this name beside us? */
static inline int
standin_told(const char *name)
{
	char path[4096];

	standin_path(path, sizeof(path), name);
	return access(path, F_OK) == 0;
}

static inline void
standin_slice(struct chan *c)
{
	struct msg m;

	if (chan_wait(c, &m, 5000) != 0 || m.type != MSG_SLICE)
		_exit(98);
	msg_done(&m);
}

/* A file beside us, for the test to find. */
static inline void
standin_tell(const char *name)
{
	char path[4096];
	int fd;

	standin_path(path, sizeof(path), name);
	if ((fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) >= 0)
		close(fd);
}

/* "guessed-PID", when the launcher hears what the monitor asked for. */
static inline void
standin_guessed(struct msg *m)
{
	struct msg_guess g;
	char name[64];

	if (msg_guess_get(m->body, &g) != 0 || g.body.n != 5 ||
	    memcmp(g.body.p, "guess", 5) != 0)
		_exit(88);
	msg_guess_free(&g);
	snprintf(name, sizeof(name), "guessed-%d", (int)getpid());
	standin_tell(name);
}

/* Until the channel ends or DRAIN comes. */
static inline int
standin_wait(struct chan *c)
{
	struct msg m;
	int drain = 0;

	while (!drain && chan_wait(c, &m, -1) == 0) {
		drain = m.type == MSG_DRAIN;
		if (m.type == MSG_GUESS)
			standin_guessed(&m);
		msg_done(&m);
	}
	return 0;
}

static inline int
standin_load(int port)
{
	struct chan *c = chan_new(3, PEER_L, PEER_D);
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	struct sockaddr_storage at;
	uint8_t digest[DIGEST_LEN] = { (uint8_t)standin_told("other-digest") };
	struct msg_settings s = { .login_grace_s = 1, .max_unauth = 20,
		.max_unauth_per_source = 5, .max_connections = 30,
		.stop_grace_s = 1, .seal_grace_s = 5, .log_level = LOG_INFO,
		.warm_pairs = standin_told("warm") ? 2 : 0,
		.warm_kits = standin_told("guesses") ? 2 :
		    standin_told("warm") ? 1 : 0,
		.penalty_auth_failed_s = 5, .penalty_no_auth_s = 1,
		.penalty_grace_over_s = 20, .penalty_crash_s = 90,
		.penalty_min_s = 15,
		.penalty_max_s = standin_told("penalties") ? 100 : 0,
		.digest = { digest, sizeof(digest) } };
	char net[] = "127.0.0.0/8", *exempt[] = { net, NULL };
	char door[4096], none[] = "";
	uint8_t one = 'x';
	struct msg_slice_for slice = { .body = { &one, 1 } };
	int k, fd;

	if (standin_told("load-fails"))
		return 78;
	standin_path(door, sizeof(door), "door");
	s.door = standin_told("with-door") ? door : none;
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memset(&at, 0, sizeof(at));
	memcpy(&at, &in, sizeof(in));
	s.penalty_exempt = standin_told("exempt") ? exempt : NULL;
	s.listen.p = (uint8_t *)&at;
	s.listen.n = sizeof(at);
	chan_put_settings(c, 0, &s, NULL, 0);
	for (k = ROLE_MONITOR; k < ROLE_KINDS; k++) {
		if (k == ROLE_NET && standin_told("load-incomplete"))
			continue;
		slice.kind = (uint8_t)k;
		chan_put_slice_for(c, 0, &slice, NULL, 0);
	}
	fd = fd_sealed("snapshot", "x", 1, 0);
	chan_put_loaded(c, 0, NULL, &fd, 1);
	return 0;
}

/* keyd is there: a word to it, and what the test wants looked after. */
static inline void
standin_bound(struct chan *c, int keys)
{
	uint8_t uuid[UUID_LEN] = { 1 };
	char path[] = "2026/11/24/S1.skr";
	struct msg_recover r = { .uuid = { uuid, UUID_LEN }, .path = path };

	if (write(keys, "hello", 5) != 5)
		_exit(92);
	for (r.session = 1; standin_told("recover") && r.session <= 6;
	    r.session++)
		chan_put_recover(c, 100 + (uint32_t)r.session, &r, NULL, 0);
}

static inline void
standin_caller(struct msg *m)
{
	struct msg_bind_local who = { 0 };
	char said[32];
	int n;

	if (msg_bind_local_get(m->body, &who) != 0)
		_exit(91);
	n = snprintf(said, sizeof(said), "uid %u", who.uid);
	if (write(m->fds[0], said, (size_t)n) != n)
		return;			/* it did not wait */
}

static inline void
standin_recovered(struct msg *m)
{
	struct msg_recovered said = { 0 };
	char name[64];

	if (msg_recovered_get(m->body, &said) != 0 ||
	    m->id != 100 + said.session)
		_exit(90);
	snprintf(name, sizeof(name), "recovered-%u-%u",
	    (unsigned int)said.session, said.result);
	standin_tell(name);
	msg_recovered_free(&said);
}

/* "state-CONNECTIONS-PENALISED-DRAINING", for the test to find. */
static inline void
standin_state(struct msg *m)
{
	struct msg_gate_state s;
	char name[64];

	if (msg_gate_state_get(m->body, &s) != 0)
		_exit(89);
	snprintf(name, sizeof(name), "state-%u-%u-%u", s.connections,
	    s.penalised, s.is_draining);
	standin_tell(name);
}

static inline int
standin_ledgerd(void)
{
	struct chan *c = chan_new(3, PEER_G, PEER_D);
	struct msg m;
	int drain = 0;

	standin_slice(c);
	if (standin_told("ledger-fails"))
		return 69;
	chan_put_ready(c, 0, NULL, NULL, 0);
	for (; !drain && chan_wait(c, &m, -1) == 0; msg_done(&m)) {
		drain = m.type == MSG_DRAIN;
		if (m.type == MSG_BIND_KEYS)
			standin_bound(c, m.fds[0]);
		else if (m.type == MSG_BIND_LOCAL)
			standin_caller(&m);
		else if (m.type == MSG_RECOVERED)
			standin_recovered(&m);
		else if (m.type == MSG_GATE_STATE)
			standin_state(&m);
	}
	return 0;
}

/* Says that the ledger's end of a BIND_KEYS works, and how many seal channels it holds. */
static inline int
standin_keyd(void)
{
	struct chan *c = chan_new(3, PEER_K, PEER_D);
	char said[16];
	struct msg m;
	int fd;

	standin_slice(c);
	if (standin_told("keyd-fails"))
		return 69;
	if (standin_told("keyd-tidies-up")) {	/* its channel goes before it does */
		chan_free(c);
		usleep(200000);
		return 74;
	}
	if (standin_told("keyd-mute"))
		return standin_wait(c);
	chan_put_ready(c, 0, NULL, NULL, 0);
	while (chan_wait(c, &m, -1) == 0) {
		fd = msg_take_fd(&m, 0);
		(void)fd_set_nonblock(fd, 0);
		if (m.type == MSG_BIND_KEYS && read(fd, said, 5) == 5)
			standin_tell("bound");
		msg_done(&m);
	}
	return 0;
}

/* A recoverer: needs its seal channel; ends without a word when told so. */
static inline int
standin_recover(void)
{
	struct chan *c = chan_new(3, PEER_R, PEER_D);
	struct msg_recover what = { 0 };
	struct msg_recovered said = { .result = RECOVERY_TORN };
	struct msg m;

	standin_slice(c);
	if (chan_wait(c, &m, 5000) != 0 || m.type != MSG_RECOVER ||
	    m.nfds != 1 || msg_recover_get(m.body, &what) != 0)
		return 93;
	while (standin_told("recover-hangs"))
		usleep(5000);
	said.session = what.session;
	if (standin_told("recover-other"))
		said.session++;
	if (standin_told("recover-silent"))
		return 0;
	chan_put_recovered(c, m.id, &said, NULL, 0);
	return standin_wait(c);
}

/* What the client's first byte makes the monitor do. */
static inline void
standin_obey(struct chan *c, int client)
{
	static const char *const text = "guess";
	const struct msg_need_kit need = { .guess = {
		(uint8_t *)(uintptr_t)text, 5 } };
	char byte = 0;
	uint32_t i;
	int n;

	(void)fd_set_nonblock(client, 0);
	if (read(client, &byte, 1) != 1)
		return;
	switch (byte) {
	case 'a':			/* log in, one kit, one word */
		chan_put_authed(c, 0, NULL, NULL, 0);
		chan_put_need_kit(c, 7, &need, NULL, 0);
		chan_put_need_word(c, 8, NULL, NULL, 0);
		break;
	case 'm':			/* more than may be */
		chan_put_authed(c, 0, NULL, NULL, 0);
		for (i = 0; i < 100; i++)
			chan_put_need_word(c, i, NULL, NULL, 0);
		break;
	case 'f':			/* without end, and never listens */
		chan_put_authed(c, 0, NULL, NULL, 0);
		for (i = 0; chan_put_kill_kit(c, i, NULL, NULL, 0) == 0; i++)
			(void)chan_drain(c, -1);
		break;
	case 'n':			/* the same with kits, all of one number */
		chan_put_authed(c, 0, NULL, NULL, 0);
		while (chan_put_need_kit(c, 7, &need, NULL, 0) == 0)
			(void)chan_drain(c, -1);
		break;
	case 'e':			/* a kit before the login */
		chan_put_need_kit(c, 7, &need, NULL, 0);
		break;
	case 'p':
		if ((n = dprintf(client, "pid %d ", (int)getpid())) < 0)
			exit(1);
		break;
	case 'w':			/* three wrong passwords */
		for (i = 0; i < 3; i++)
			chan_put_auth_failed(c, 0, NULL, NULL, 0);
		(void)chan_drain(c, -1);
		exit(0);
	case 'x':			/* three right ones, and a fault of ours */
		for (i = 0; i < 3; i++)
			chan_put_auth_excused(c, 0, NULL, NULL, 0);
		(void)chan_drain(c, -1);
		exit(0);
	case 's':
		abort();
	case 'q':
		exit(0);
	default:
		break;
	}
}

/* Never closed; returns how many there are. */
static inline size_t
keep(struct msg *m)
{
	size_t i;

	for (i = 0; i < m->nfds; i++)
		(void)msg_take_fd(m, i);
	return m->nfds;
}

/* One that does not obey says what it heard. */
static inline void
standin_drain(struct msg *m)
{
	struct msg_drain drain;

	if (msg_drain_get(m->body, &drain) != 0)
		_exit(88);
	standin_tell(drain.is_patient ? "drain-patient" : "drain-now");
}

static inline int
standin_monitor(void)
{
	struct chan *c = chan_new(3, PEER_M, PEER_D);
	char said[64];
	struct msg m;
	int client = -1, n;

	process_ignore_signal(SIGPIPE);
	standin_slice(c);
	if (standin_told("monitor-fails"))
		return 78;
	chan_put_ready(c, 0, NULL, NULL, 0);
	while (chan_wait(c, &m, -1) == 0) {
		if (m.type == MSG_CONN) {
			client = msg_take_fd(&m, 0);
			standin_obey(c, client);
		} else {
			/* what the kit lives by is kept till the end */
			m.nfds = m.type == MSG_KIT || m.type == MSG_WORD_KIT ?
			    keep(&m) : m.nfds;
			n = snprintf(said, sizeof(said), "%s/%zu ",
			    msg_name(m.type), m.nfds);
			if (client >= 0 && write(client, said, (size_t)n) < 0)
				return 1;
			if (m.type == MSG_KIT && standin_told("kill-kit"))
				chan_put_kill_kit(c, m.id, NULL, NULL, 0);
			if (m.type == MSG_DRAIN && !standin_told("no-drain"))
				return 0;
			if (m.type == MSG_DRAIN)
				standin_drain(&m);
		}
		msg_done(&m);
	}
	return 0;
}

/* What this program is when it is called NAME; -1: none of the stand-ins. */
static inline int
standin_run(const char *name, int port, int argc, char **argv)
{
	static const struct {
		const char	*name;
		enum peer	 self;
	} simple[] = {
		{ "sekisho-net", PEER_N }, { "sekisho-record", PEER_R },
		{ "sekisho-exec", PEER_X }, { "sekisho", PEER_W },
	};
	struct chan *c;
	size_t i;

	if (strncmp(name, "sekisho", 7) != 0)
		return -1;
	role_begin("standin", argc, argv);
	if (strcmp(name, "sekisho-load") == 0)
		return standin_load(port);
	if (strcmp(name, "sekisho-ledgerd") == 0)
		return standin_ledgerd();
	if (strcmp(name, "sekisho-keyd") == 0)
		return standin_keyd();
	if (strcmp(name, "sekisho-record") == 0 && argc > 1)
		return standin_recover();
	if (strcmp(name, "sekisho-monitor") == 0)
		return standin_monitor();
	for (i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
		if (strcmp(name, simple[i].name) == 0) {
			c = chan_new(3, simple[i].self, PEER_D);
			standin_slice(c);
			if (standin_told("guesses") &&
			    simple[i].self != PEER_N)
				chan_put_ready(c, 0, NULL, NULL, 0);
			return standin_wait(c);
		}
	return 97;
}

#endif
