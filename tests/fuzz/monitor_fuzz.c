/*
 * monitor_fuzz.c - valid messages of all peers in any order: the monitor may
 * end, but never crashes, and never says GO without CONSUMED.
 * links: wire crypt confine login request json monitor
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "monitor/task.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define W(s)	((char *)(uintptr_t)(s))
#define KITS	6

struct kit {
	struct chan	*record, *exec, *word;
	int		 io, err, keyd;	/* keyd: its end of the seal channel */
};

struct fuzz {
	struct mon	*m;
	struct chan	*d, *net, *ledger;
	struct kit	 kits[KITS];
	size_t		 nkits;
	uint32_t	 asked[8];	/* ids of open questions, newest first */
	uint32_t	 wanted;	/* id of NEED_KIT or NEED_WORD */
	uint32_t	 roles;
	uint64_t	 serial, session;
	const char	*input;
	int		 opened, consumed, gone;	/* how many of each */
};

static uint8_t digest[DIGEST_LEN] = { 1 }, header[DIGEST_LEN] = { 3 };
static uint8_t uuid[UUID_LEN] = { 1, 0x9b, 0, 0, 0, 0, 0x70, 2, 0x80 };
static char *sed[] = { W("sed"), W("x"), NULL };

static char *
copy(const char *s)
{
	char *d = strdup(s);

	if (d == NULL)
		abort();
	return d;
}

static void
snapshot(struct fuzz *f)
{
	char *ops[] = { W("alice"), NULL }, *as[] = { W("web"), NULL };
	char *targets[] = { W("local"), NULL };
	struct msg_snap_person person = { .name = W("alice"), .uid = 1000,
		.roles = f->roles, .active = 1 };
	struct msg_snap_runas web = { .name = W("web"), .uid = 33,
		.home = W("/"), .shell = W("/bin/sh") };
	struct msg_snap_rule rule = { .profile = W("files"),
		.operators = ops, .run_as = as, .targets = targets };
	struct msg_snap_profile profile = { .name = W("files"),
		.digest = { digest, DIGEST_LEN } };
	struct snapshot s = { .people = &person, .npeople = 1, .runas = &web,
		.nrunas = 1, .rules = &rule, .nrules = 1,
		.profiles = &profile, .nprofiles = 1 };
	struct msg_snapshot head = { .serial = ++f->serial };
	struct msg_plan plan = { .name = W("files") };
	struct buf *file = buf_new(SNAPSHOT_MAX), *b = buf_new(PLAN_MAX);
	int fd;

	(void)msg_plan_put(b, &plan);
	profile.plan.p = (uint8_t *)(uintptr_t)buf_data(b);
	profile.plan.n = buf_len(b);
	if (snapshot_put(file, &s) != 0)
		abort();
	fd = fd_sealed("snapshot", buf_data(file), buf_len(file), 0);
	(void)chan_put_snapshot(f->d, 0, &head, &fd, 1);
	close(fd);
	buf_free(b);
	buf_free(file);
}

static void
ledger(struct fuzz *f, int fds[2])
{
	if (chan_pair(fds) != 0)
		abort();
	chan_free(f->ledger);
	f->ledger = chan_new(fds[1], PEER_G, PEER_M);
}

static void
begin(struct fuzz *f, int recordings)
{
	struct msg_slice_monitor *s;
	int d[2], n[2], g[2];

	memset(f, 0, sizeof(*f));
	if (chan_pair(d) != 0 || chan_pair(n) != 0)
		abort();
	ledger(f, g);
	f->d = chan_new(d[1], PEER_D, PEER_M);
	f->net = chan_new(n[1], PEER_N, PEER_M);
	if ((f->m = mon_new(d[0], n[0], g[0])) == NULL)
		abort();
	s = &f->m->slice;
	s->pam_service = copy("sekisho");
	s->pam_dir = copy("");
	s->zone = copy("UTC");
	s->lang = copy("C.UTF-8");
	s->gate = copy("gate");
	s->recordings = copy("/");
	s->max_channels = 8;
	s->seal_grace_s = s->stall_s = 3600;
	s->kill_grace_s = 10;
	s->idle_connection_s = s->idle_terminal_s = 3600;
	f->m->recordings = recordings;
	f->m->user = copy("alice");
	f->m->source = copy("192.0.2.7:50022");
	f->m->state = MON_OPEN;
	f->roles = PERSON_OPERATOR;
	f->input = "none";
	snapshot(f);
	loop_turn(f->m, 0);
}

static void
end(struct fuzz *f)
{
	size_t i;

	f->m->recordings = -1;		/* kept for the next input */
	mon_free(f->m);
	chan_free(f->d);
	chan_free(f->net);
	chan_free(f->ledger);
	for (i = 0; i < f->nkits; i++) {
		chan_free(f->kits[i].record);
		chan_free(f->kits[i].exec);
		chan_free(f->kits[i].word);
		fd_close(&f->kits[i].io);
		fd_close(&f->kits[i].err);
		fd_close(&f->kits[i].keyd);
	}
}

/* A use is taken for a recording that is there, and named by it. */
static void
consume(struct fuzz *f, const struct msg *msg)
{
	struct msg_consume c;

	if (f->opened-- == 0 || msg_consume_get(msg->body, &c) != 0 ||
	    c.header_digest.n != DIGEST_LEN ||
	    memcmp(c.header_digest.p, header, DIGEST_LEN) != 0)
		abort();
	msg_consume_free(&c);
}

static void
note(struct fuzz *f, const struct msg *msg)
{
	switch (msg->type) {
	case MSG_NEED_KIT:
	case MSG_NEED_WORD:
		f->wanted = msg->id;
		break;
	case MSG_CONSUME:
		consume(f, msg);
		/* fallthrough */
	case MSG_LOOKUP:
	case MSG_BIND:
	case MSG_REFUSAL:
	case MSG_JOB_ENDED:
	case MSG_RESUME:
		memmove(f->asked + 1, f->asked, sizeof(f->asked) -
		    sizeof(f->asked[0]));
		f->asked[0] = msg->id;
		break;
	case MSG_GO:
		if (++f->gone > f->consumed)
			abort();	/* the one thing that must never be */
		break;
	default:
		break;
	}
}

static void
listen_to(struct fuzz *f, struct chan *c)
{
	struct msg msg;

	while (c != NULL && chan_recv(c, &msg) == 0) {
		note(f, &msg);
		msg_done(&msg);
	}
}

static void
turn(struct fuzz *f)
{
	size_t i;

	if (!f->m->is_over)
		loop_turn(f->m, 0);
	listen_to(f, f->d);
	listen_to(f, f->net);
	listen_to(f, f->ledger);
	for (i = 0; i < f->nkits; i++) {
		listen_to(f, f->kits[i].record);
		listen_to(f, f->kits[i].exec);
		listen_to(f, f->kits[i].word);
	}
}

static void
from_net(struct fuzz *f, unsigned int op, uint32_t id)
{
	static const char *const commands[] = { "sed x", "help", "run R1",
		"ls *", "request new -- id" };
	struct msg_chan_pty pty = { .term = W("xterm"), .cols = 80 };
	struct msg_chan_exec exec;
	struct msg_chan_subsystem sub = { .name = W("sftp") };
	struct msg_chan_resize size = { .cols = 9, .rows = 9 };
	struct msg_chan_signal sig = { .name = W("INT") };
	struct msg_chan_refused no = { .what = W("tun"), .detail = W("") };
	struct msg_log line = { .level = 1, .line = W("x") };
	struct msg_auth_key key = { .user = W("alice"), .is_proven = op & 1 };
	struct msg_chan_active moved = { .ago_ms = op * id };

	switch (op % 16) {
	case 0: case 1: case 2:
		(void)chan_put_chan_open(f->net, id, NULL, NULL, 0);
		break;
	case 3:
		(void)chan_put_chan_pty(f->net, id, &pty, NULL, 0);
		break;
	case 4:
		(void)chan_put_chan_shell(f->net, id, NULL, NULL, 0);
		break;
	case 5:
		(void)chan_put_chan_subsystem(f->net, id, &sub, NULL, 0);
		break;
	case 6:
		(void)chan_put_chan_resize(f->net, id, &size, NULL, 0);
		break;
	case 7:
		(void)chan_put_chan_signal(f->net, id, &sig, NULL, 0);
		break;
	case 8:
		(void)chan_put_chan_unread(f->net, id, NULL, NULL, 0);
		break;
	case 9:
		(void)chan_put_chan_closed(f->net, id, NULL, NULL, 0);
		break;
	case 10:
		if (op >= 192)
			(void)chan_put_log(f->net, id, &line, NULL, 0);
		else if (op >= 128)
			(void)chan_put_chan_active(f->net, id, &moved, NULL, 0);
		else if (op >= 112)	/* out of place: the end */
			(void)chan_put_auth_key(f->net, id, &key, NULL, 0);
		else
			(void)chan_put_chan_refused(f->net, id, &no, NULL, 0);
		break;
	default:
		exec.command.p = (uint8_t *)W(commands[op % 5]);
		exec.command.n = strlen(commands[op % 5]);
		exec.total = (uint32_t)exec.command.n;
		(void)chan_put_chan_exec(f->net, id, &exec, NULL, 0);
	}
}

static void
order(struct fuzz *f, uint32_t id)
{
	struct msg_order o = { .session = ++f->session,
		.uuid = { uuid, UUID_LEN }, .request = 1, .revision = 1,
		.operator = W("alice"), .argv = sed, .exe = W("/bin/sed"),
		.exe_digest = { digest, DIGEST_LEN }, .input = W(f->input),
		.run_as = W("web"), .cwd = W("/"), .profile = W("files"),
		.profile_digest = { digest, DIGEST_LEN },
		.target = W("local"), .max_run_s = 60,
		.on_disconnect = W((id & 1) != 0 ? "kill" : "continue"),
		.window_end = INT64_MAX, .snapshot = f->serial,
		.request_digest = { digest, DIGEST_LEN } };

	(void)chan_put_order(f->ledger, id, &o, NULL, 0);
}

static void
from_ledger(struct fuzz *f, unsigned int op, uint32_t which)
{
	struct msg_refused no = { .code = W("USED-UP"), .reason = W("r") };
	struct msg_consumed used = { .use = 1, .uses = 1 };
	struct msg_disk disk = { .level = (uint8_t)(DISK_FINE + op / 64) };
	struct msg_backoff late = { .extra_ms = UINT32_MAX };
	uint32_t id = f->asked[which % 8];
	int fds[2];

	if (f->ledger == NULL)
		return;
	switch (op % 8) {
	case 0: case 1:
		order(f, id);
		break;
	case 2: case 3:
		if (chan_put_consumed(f->ledger, id, &used, NULL, 0) == 0)
			f->consumed++;
		break;
	case 4:
		(void)chan_put_refused(f->ledger, id, &no, NULL, 0);
		break;
	case 5:
		if (chan_pair(fds) == 0) {
			(void)chan_put_bound(f->ledger, id, NULL, fds, 1);
			close(fds[0]);
			close(fds[1]);
		}
		break;
	case 6:
		(void)chan_put_pong(f->ledger, 0, NULL, NULL, 0);
		f->m->ping_ms = 0;	/* the next turn asks everybody */
		(void)chan_put_disk(f->ledger, 0, &disk, NULL, 0);
		(void)chan_put_backoff(f->ledger, id, &late, NULL, 0);
		break;
	default:
		(void)chan_put_ack(f->ledger, id, NULL, NULL, 0);
	}
}

static void
kit(struct fuzz *f, unsigned int op, int is_word)
{
	struct kit *k = &f->kits[f->nkits];
	int a[2], b[2], io[2], err[2], seals[2];

	if (f->nkits == KITS)
		return;
	f->nkits++;
	if (chan_pair(a) != 0 || chan_pair(b) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, io) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, err) != 0)
		abort();
	k->io = io[0];
	k->err = err[0];
	k->keyd = -1;
	if (is_word) {
		k->word = chan_new(a[0], PEER_W, PEER_M);
		close(b[0]);
		(void)chan_put_word_kit(f->d, f->wanted, NULL,
		    (int[]){ a[1], io[1], err[1] }, 3);
	} else {
		k->record = chan_new(a[0], PEER_R, PEER_M);
		k->exec = chan_new(b[0], PEER_X, PEER_M);
		if (chan_pair(seals) != 0)
			abort();
		k->keyd = seals[0];
		if (op >= 200)
			fd_close(&k->keyd);	/* it died meanwhile */
		(void)chan_put_kit(f->d, f->wanted, NULL,
		    (int[]){ a[1], b[1], io[1], err[1], seals[1] }, 5);
		close(seals[1]);
	}
	close(a[1]);
	close(b[1]);
	close(io[1]);
	close(err[1]);
}

static void
from_sekishod(struct fuzz *f, unsigned int op)
{
	struct msg_kit_failed no = { .why = op >= 128 ? KIT_NO_KEYS :
		KIT_NO_PROCESS };
	int fds[2];

	switch (op % 8) {
	case 0: case 1: case 2:
		kit(f, op, 0);
		break;
	case 3:
		kit(f, op, 1);
		break;
	case 4:
		(void)chan_put_kit_failed(f->d, f->wanted, &no, NULL, 0);
		break;
	case 5:
		f->roles = op >= 128 ? PERSON_OPERATOR : 0;
		snapshot(f);
		break;
	case 6:
		ledger(f, fds);
		(void)chan_put_ledger(f->d, 0, NULL, fds, 1);
		close(fds[0]);
		break;
	default:
		if (op >= 200)
			(void)chan_put_drain(f->d, 0, NULL, NULL, 0);
		else if (chan_pair(fds) == 0) {
			(void)chan_put_seals(f->d, f->wanted, NULL, fds, 1);
			close(fds[0]);
			close(fds[1]);
		}
	}
}

static void
from_kit(struct fuzz *f, unsigned int op, unsigned int which)
{
	struct msg_refused no = { .code = W("SANDBOX"), .reason = W("r") };
	struct msg_rec_ended ended = { .chain = { digest, DIGEST_LEN },
		.is_sealed = op < 128 };
	struct msg_rec_failed failed = { .why = W("full"),
		.is_keys = op >= 128 };
	struct msg_rec_opened opened = { .header_digest = { header,
		op < 128 ? DIGEST_LEN : 7 } };
	struct msg_prepared ready = { .exe_digest = { digest, DIGEST_LEN } };
	struct msg_job_exit over = { .status = 1 };
	struct msg_word_exit done = { .status = 1 };
	struct kit *k = &f->kits[which % KITS];

	if (which % KITS >= f->nkits)
		return;
	if (k->word != NULL && op % 4 == 0)
		(void)chan_put_word_exit(k->word, 0, &done, NULL, 0);
	if (k->record != NULL && op % 16 == 0 &&
	    chan_put_rec_opened(k->record, 0, &opened, NULL, 0) == 0)
		f->opened += op < 128;
	if (k->record != NULL && op % 16 == 1)
		(void)chan_put_rec_ended(k->record, 0, &ended, NULL, 0);
	if (k->record != NULL && op % 16 == 2)
		(void)chan_put_rec_failed(k->record, 0, &failed, NULL, 0);
	if (k->exec != NULL && op % 16 == 3)
		(void)chan_put_prepared(k->exec, 0, &ready, NULL, 0);
	if (k->exec != NULL && op % 16 == 4)
		(void)chan_put_gone(k->exec, 0, NULL, NULL, 0);
	if (k->exec != NULL && op % 16 == 5)
		(void)chan_put_job_exit(k->exec, 0, &over, NULL, 0);
	if (k->exec != NULL && op % 16 == 6)
		(void)chan_put_refused(k->exec, 0, &no, NULL, 0);
	if (k->record != NULL && op % 16 == 10)
		(void)chan_put_rec_unsealed(k->record, 0, NULL, NULL, 0);
	if (op % 16 == 7) {
		chan_free(k->record);
		k->record = NULL;
	}
	if (op % 16 == 8) {
		chan_free(k->exec);
		k->exec = NULL;
	}
	if (op % 16 == 9) {
		chan_free(k->word);
		k->word = NULL;
	}
}

/* Time passes for what is awaited, and peers go. */
static void
happens(struct fuzz *f, unsigned int op)
{
	struct task *t;

	switch (op % 8) {
	case 0:
		for (t = f->m->tasks; t != NULL; t = t->next)
			if (t->due_ms != 0)
				t->due_ms = 1;
		break;
	case 1:
		for (t = f->m->tasks; t != NULL; t = t->next)
			if (t->run_until_ms != 0)
				t->run_until_ms = 1;
		break;
	case 2:
		if (f->m->ledger_gone_ms != 0)
			f->m->ledger_gone_ms = 1;
		break;
	case 3:
		if (f->m->drain_ms != 0)
			f->m->drain_ms = 1;
		break;
	case 4:
		f->input = op >= 128 ? "none" : "any";
		f->m->idle.moved_ms = op % 3 == 0 ? 1 : f->m->idle.moved_ms;
		for (t = f->m->tasks; t != NULL && op % 5 == 0; t = t->next)
			t->moved_ms = 1;
		break;
	case 5:
		for (t = f->m->tasks; t != NULL; t = t->next)
			t->record_seen_ms = t->exec_seen_ms = 1;
		break;
	case 6:
		chan_free(f->ledger);
		f->ledger = NULL;
		break;
	default:
		if (op >= 240) {
			chan_free(f->net);
			f->net = NULL;
		}
	}
}

/* A running word. */
static void
word(struct fuzz *f)
{
	from_net(f, 0, 0);
	from_net(f, 11, 0);
	turn(f);
	from_ledger(f, 5, 0);
	turn(f);
	from_sekishod(f, 3);
	turn(f);
}

/* A happy path up to where the input takes over, so that deep states are met often. */
static void
shortcut(struct fuzz *f, unsigned int steps)
{
	size_t i;
	static const uint8_t path[] = { 0, 11 + 4, 0, 0, 0, 3, 2, 4 };

	for (i = 0; i < steps % (sizeof(path) + 1); i++) {
		switch (i) {
		case 0: case 1:
			from_net(f, path[i], 0);
			if (i == 0 && steps >= 96)
				from_net(f, 3, 0);	/* a terminal */
			break;
		case 2:
			from_ledger(f, 0, 0);
			break;
		case 3:
			from_sekishod(f, 0);
			break;
		case 4: case 5:
			from_kit(f, path[i], 0);
			break;
		case 6:
			from_ledger(f, 2, 0);
			break;
		default:
			from_kit(f, 4, 0);
		}
		turn(f);
	}
}

static char dir[] = "/dev/shm/monitor-fuzz.XXXXXX";

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void
remove_all(void)
{
	(void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
no_log(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

static int
recordings_dir(void)
{
	static int fd = -1;

	if (fd == -1) {
		log_set_sink(no_log, NULL);
		if (mkdtemp(dir) == NULL || atexit(remove_all) != 0 ||
		    (fd = open(dir, O_RDONLY | O_DIRECTORY)) < 0)
			abort();
	}
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static uint64_t sessions;
	struct fuzz f;
	size_t i;

	if (n < 1 || n > 512)
		return 0;
	begin(&f, recordings_dir());
	f.session = sessions;
	if (p[0] >= 192)
		word(&f);
	else
		shortcut(&f, p[0]);
	for (i = 1; i + 2 < n && !f.m->is_over; i += 3) {
		switch (p[i] % 6) {
		case 0:
			if (f.net != NULL)
				from_net(&f, p[i + 1], p[i + 2] % 4);
			break;
		case 1:
			from_ledger(&f, p[i + 1], p[i + 2]);
			break;
		case 2:
			from_sekishod(&f, p[i + 1]);
			break;
		case 3: case 4:
			from_kit(&f, p[i + 1], p[i + 2]);
			break;
		default:
			happens(&f, p[i + 1]);
		}
		turn(&f);
	}
	sessions = f.session;
	end(&f);
	return 0;
}
