/*
 * bed.h - a monitor after login with all its peers in the test's hands: the
 * test speaks as sekishod, net, ledgerd, record, exec and word over the real
 * channels and lets the monitor take turns.
 */
#ifndef MONITOR_BED_H
#define MONITOR_BED_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "monitor/task.h"
#include "tests/unit/test.h"

#define BED	static __attribute__((unused))
#define W(s)	((char *)(uintptr_t)(s))
#define SESSION	345

struct bed {
	struct mon	*m;
	struct chan	*d, *net, *ledger;	/* our ends */
	struct chan	*record, *exec, *word;
	struct chan	*keyd;			/* keyd's end of the seal channel */
	int		 is_unsealed;		/* REC_ENDED says so */
	int		 io, err;		/* record's ends of the streams */
	uint32_t	 kit;			/* id of NEED_KIT or NEED_WORD */
	uint32_t	 call;			/* id of the ledger's last question */
	char		 dir[40];		/* recordings */
	uint64_t	 serial;

	/* what the policy and the next order say */
	uint32_t	 roles;
	uint8_t		 active;
	uint32_t	 max_run_s;
	const char	*input, *on_disconnect, *operator, *target;
	uint64_t	 request;
	uint8_t		 sent_order[DIGEST_LEN];
};

static uint8_t bed_digest[DIGEST_LEN] = { 1, 2, 3 };
static uint8_t bed_header[DIGEST_LEN] = { 4, 5, 6 };	/* digest of a header */
/* a UUIDv7 of the last half second of a day that is long over */
#define BED_AT	1770163199LL
#define BED_DAY	"2026/02/03"
static uint8_t bed_uuid[UUID_LEN] = { 0x01, 0x9c, 0x25, 0xf2, 0xde, 0x0c, 0x70, 9, 0x80 };

BED char *
bed_dup(const char *s)
{
	char *d = strdup(s);

	assert_non_null(d);
	return d;
}

/* Let the monitor do all that can be done now. */
BED void
bed_turn(struct bed *b)
{
	int i;

	for (i = 0; i < 4 && !b->m->is_over; i++)
		loop_turn(b->m, 0);
}

/* The next message on "c", which must be of this type; the caller calls msg_done(). */
BED void
bed_expect(struct bed *b, struct chan *c, enum msg_type type, struct msg *msg)
{
	int r;

	do {
		bed_turn(b);
		r = chan_recv(c, msg);
		if (r == 0 && msg->type == MSG_PING && type != MSG_PING) {
			msg_done(msg);
			continue;
		}
		break;
	} while (1);
	if (r != 0)
		fail_msg("no %s: %s", msg_name((unsigned int)type),
		    r == 1 ? "nothing" : err_name(r));
	if (msg->type != type)
		fail_msg("%s instead of %s", msg_name((unsigned int)msg->type),
		    msg_name((unsigned int)type));
}

/* The same when what is in it does not matter; returns its id. */
BED uint32_t
bed_take(struct bed *b, struct chan *c, enum msg_type type)
{
	struct msg msg;
	uint32_t id;

	bed_expect(b, c, type, &msg);
	id = msg.id;
	msg_done(&msg);
	return id;
}

/* Nothing but PING waits on "c". */
BED void
bed_silent(struct bed *b, struct chan *c)
{
	struct msg msg;
	int r;

	bed_turn(b);
	while ((r = chan_recv(c, &msg)) == 0) {
		if (msg.type != MSG_PING)
			fail_msg("unexpected %s",
			    msg_name((unsigned int)msg.type));
		msg_done(&msg);
	}
	assert_int_equal(r, 1);
}

/* Its other end is closed; what was said before does not matter. */
BED void
bed_ended(struct bed *b, struct chan *c)
{
	struct msg msg;
	int r;

	bed_turn(b);
	while ((r = chan_recv(c, &msg)) == 0)
		msg_done(&msg);
	assert_int_equal(r, ERR_CLOSED);
}

/* A snapshot with alice, the profile "files", the account "web". */
BED void
bed_snapshot_send(struct bed *b)
{
	char *ops[] = { W("alice"), NULL }, *as[] = { W("web"), NULL };
	char *targets[] = { W("local"), NULL };
	struct msg_snap_person person = { .name = W("alice"), .uid = 1000,
		.roles = b->roles, .active = b->active, .why = W("") };
	struct msg_snap_runas web = { .name = W("web"), .uid = 33, .gid = 33,
		.home = W("/var/www"), .shell = W("/bin/sh") };
	struct msg_snap_rule rule = { .profile = W("files"),
		.operators = ops, .run_as = as, .targets = targets, .need = 1 };
	struct msg_snap_profile profile = { .name = W("files"),
		.digest = { bed_digest, DIGEST_LEN } };
	struct snapshot s = { .people = &person, .npeople = 1, .runas = &web,
		.nrunas = 1, .rules = &rule, .nrules = 1,
		.profiles = &profile, .nprofiles = 1 };
	struct msg_snapshot head = { .serial = ++b->serial };
	struct msg_plan plan = { .name = W("files") };
	struct buf *file = buf_new(SNAPSHOT_MAX), *p = buf_new(PLAN_MAX);
	int fd;

	assert_int_equal(msg_plan_put(p, &plan), 0);
	profile.plan.p = (uint8_t *)(uintptr_t)buf_data(p);
	profile.plan.n = buf_len(p);
	assert_int_equal(snapshot_put(file, &s), 0);
	fd = fd_sealed("snapshot", buf_data(file), buf_len(file), 0);
	assert_true(fd >= 0);
	assert_int_equal(chan_put_snapshot(b->d, 0, &head, &fd, 1), 0);
	close(fd);
	buf_free(p);
	buf_free(file);
}

BED void
bed_snapshot(struct bed *b)
{
	bed_snapshot_send(b);
	bed_turn(b);
}

BED void
bed_slice(struct bed *b)
{
	struct msg_slice_monitor *s = &b->m->slice;

	s->pam_service = bed_dup("sekisho");
	s->pam_dir = bed_dup("");
	s->zone = bed_dup("UTC");
	s->lang = bed_dup("C.UTF-8");
	s->gate = bed_dup("gate");
	s->recordings = bed_dup(b->dir);
	assert_int_equal(strv_add(&s->hide, "/var/lib/sekisho"), 0);
	s->fail_delay_ms = 50;
	s->max_tries = 3;
	s->max_key_offers = 20;
	s->max_channels = 4;
	s->seal_grace_s = 30;
	s->stall_s = 30;
	s->kill_grace_s = 10;
}

BED int
bed_setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));
	int d[2], n[2], g[2];

	log_init("test", LOG_ERROR);
	assert_non_null(b);
	assert_int_equal(chan_pair(d) | chan_pair(n) | chan_pair(g), 0);
	b->m = mon_new(d[0], n[0], g[0]);
	assert_non_null(b->m);
	b->d = chan_new(d[1], PEER_D, PEER_M);
	b->net = chan_new(n[1], PEER_N, PEER_M);
	b->ledger = chan_new(g[1], PEER_G, PEER_M);
	b->io = b->err = -1;
	b->roles = PERSON_OPERATOR;
	b->active = 1;
	b->input = "none";
	b->on_disconnect = "kill";
	b->operator = "alice";
	b->target = "local";
	b->request = 12;
	b->max_run_s = 3600;
	snprintf(b->dir, sizeof(b->dir), "/tmp/monitor-test.XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	bed_slice(b);
	b->m->recordings = open(b->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(b->m->recordings >= 0);
	b->m->user = bed_dup("alice");
	b->m->source = bed_dup("192.0.2.7:50022");
	b->m->state = MON_OPEN;
	b->m->is_net_ready = 1;
	*state = b;
	bed_snapshot(b);
	assert_non_null(b->m->snap);
	return 0;
}

BED int
bed_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

BED void
bed_drop_kit(struct bed *b)
{
	chan_free(b->record);
	chan_free(b->exec);
	chan_free(b->word);
	b->record = b->exec = b->word = NULL;
	chan_free(b->keyd);
	b->keyd = NULL;
	fd_close(&b->io);
	fd_close(&b->err);
}

BED int
bed_teardown(void **state)
{
	struct bed *b = *state;

	bed_drop_kit(b);
	mon_free(b->m);
	chan_free(b->d);
	chan_free(b->net);
	chan_free(b->ledger);
	nftw(b->dir, bed_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(b);
	return 0;
}

/* --- net ----------------------------------------------------------------- */

BED void
bed_open(struct bed *b, uint32_t id, int has_pty)
{
	struct msg_chan_pty pty = { .term = W("xterm"), .cols = 80, .rows = 24 };

	assert_int_equal(chan_put_chan_open(b->net, id, NULL, NULL, 0), 0);
	if (has_pty)
		assert_int_equal(chan_put_chan_pty(b->net, id, &pty, NULL, 0), 0);
}

BED void
bed_exec(struct bed *b, uint32_t id, const char *command)
{
	struct msg_chan_exec e = { .command = { (uint8_t *)W(command),
		strlen(command) }, .total = (uint32_t)strlen(command) };

	assert_int_equal(chan_put_chan_exec(b->net, id, &e, NULL, 0), 0);
}

/* Net gets this text and this status, in this order, and nothing else. */
BED void
bed_told(struct bed *b, uint32_t id, const char *text, uint32_t status)
{
	struct msg_chan_text t;
	struct msg_chan_exit e;
	struct msg msg;

	if (text != NULL) {
		bed_expect(b, b->net, MSG_CHAN_TEXT, &msg);
		assert_int_equal(msg.id, id);
		assert_int_equal(msg_chan_text_get(msg.body, &t), 0);
		assert_int_equal(t.text.n, strlen(text));
		assert_memory_equal(t.text.p, text, t.text.n);
		msg_chan_text_free(&t);
		msg_done(&msg);
	}
	bed_expect(b, b->net, MSG_CHAN_EXIT, &msg);
	assert_int_equal(msg.id, id);
	assert_int_equal(msg_chan_exit_get(msg.body, &e), 0);
	assert_int_equal(e.status, status);
	msg_chan_exit_free(&e);
	msg_done(&msg);
	bed_silent(b, b->net);
}

/* --- ledger ---------------------------------------------------------------- */

BED void
bed_ack(struct bed *b, uint32_t id)
{
	assert_int_equal(chan_put_ack(b->ledger, id, NULL, NULL, 0), 0);
}

BED void
bed_refuse(struct bed *b, struct chan *c, uint32_t id)
{
	struct msg_refused no = { .code = W("USED-UP"),
		.reason = W("every approved use has been made"),
		.next = W("request again R12") };

	assert_int_equal(chan_put_refused(c, id, &no, NULL, 0), 0);
	bed_turn(b);
}

/* REFUSAL with this code comes and is acknowledged. */
BED void
bed_refusal(struct bed *b, const char *code)
{
	struct msg_refusal no;
	struct msg msg;

	bed_expect(b, b->ledger, MSG_REFUSAL, &msg);
	assert_int_equal(msg_refusal_get(msg.body, &no), 0);
	assert_string_equal(no.code, code);
	assert_string_equal(no.user, "alice");
	bed_ack(b, msg.id);
	msg_refusal_free(&no);
	msg_done(&msg);
}

/* JOB_ENDED with this "how" comes; acknowledged when "ack". */
BED void
bed_job_ended(struct bed *b, enum job_end how, int ack)
{
	struct msg_job_ended e;
	struct msg msg;

	bed_expect(b, b->ledger, MSG_JOB_ENDED, &msg);
	assert_int_equal(msg_job_ended_get(msg.body, &e), 0);
	assert_int_equal(e.session, SESSION);
	assert_int_equal(e.how, how);
	b->call = msg.id;
	msg_job_ended_free(&e);
	msg_done(&msg);
	bed_silent(b, b->net);		/* no status before it is acknowledged */
	if (ack)
		bed_ack(b, b->call);
}

/* Answer the LOOKUP of "argv" with an order for it. */
BED void
bed_order(struct bed *b, char **argv)
{
	struct msg_order o = { .session = SESSION,
		.uuid = { bed_uuid, UUID_LEN }, .request = b->request,
		.revision = 1, .use = 1, .uses = 1, .operator = W(b->operator),
		.argv = argv, .exe = W("/usr/bin/sed"),
		.exe_digest = { bed_digest, DIGEST_LEN },
		.input = W(b->input), .run_as = W("web"), .cwd = W("/"),
		.profile = W("files"),
		.profile_digest = { bed_digest, DIGEST_LEN },
		.target = W(b->target), .max_run_s = b->max_run_s,
		.on_disconnect = W(b->on_disconnect),
		.window_end = clock_unix() + 3600, .snapshot = b->serial,
		.request_digest = { bed_digest, DIGEST_LEN } };
	struct buf *body = buf_new(MESSAGE_MAX);

	assert_int_equal(msg_order_put(body, &o), 0);
	assert_int_equal(sha256_mem(buf_data(body), buf_len(body),
	    b->sent_order), 0);
	assert_int_equal(chan_send(b->ledger, MSG_ORDER, b->call, body, NULL,
	    0), 0);
	buf_free(body);
}

/* --- record and exec -------------------------------------------------------- */

/* KIT (or WORD_KIT) number "id". */
BED void
bed_processes(struct bed *b, uint32_t id, int is_word)
{
	int first[2], second[2], io[2], err[2], seals[2], fds[5];

	b->kit = id;
	assert_int_equal(chan_pair(first) | chan_pair(second), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, io), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, err), 0);
	b->io = io[0];
	b->err = err[0];
	if (is_word) {
		fds[0] = first[1], fds[1] = io[1], fds[2] = err[1];
		b->word = chan_new(first[0], PEER_W, PEER_M);
		close(second[0]);
		assert_int_equal(chan_put_word_kit(b->d, b->kit, NULL, fds,
		    3), 0);
	} else {
		fds[0] = first[1], fds[1] = second[1];
		fds[2] = io[1], fds[3] = err[1];
		assert_int_equal(chan_pair(seals), 0);
		fds[4] = seals[1];
		b->record = chan_new(first[0], PEER_R, PEER_M);
		b->exec = chan_new(second[0], PEER_X, PEER_M);
		b->keyd = chan_new(seals[0], PEER_K, PEER_M);
		assert_int_equal(chan_put_kit(b->d, b->kit, NULL, fds, 5), 0);
		close(seals[1]);
	}
	close(first[1]);
	close(second[1]);
	close(io[1]);
	close(err[1]);
}

/* The seal channel at "c" was bound to the session of the order. */
BED void
bed_seal_bind(struct bed *b, struct chan *c)
{
	struct msg_seal_bind bind;
	struct msg msg;

	bed_expect(b, c, MSG_SEAL_BIND, &msg);
	assert_int_equal(msg_seal_bind_get(msg.body, &bind), 0);
	assert_int_equal(bind.session, SESSION);
	assert_int_equal(bind.uuid.n, UUID_LEN);
	assert_memory_equal(bind.uuid.p, bed_uuid, UUID_LEN);
	msg_seal_bind_free(&bind);
	msg_done(&msg);
}

/* Answer NEED_KIT (or NEED_WORD). */
BED void
bed_kit(struct bed *b, int is_word)
{
	bed_processes(b, bed_take(b, b->d, is_word ? MSG_NEED_WORD :
	    MSG_NEED_KIT), is_word);
}

BED void
bed_rec_opened(struct bed *b)
{
	struct msg_rec_opened o = { .header_digest = { bed_header, DIGEST_LEN } };

	assert_int_equal(chan_put_rec_opened(b->record, 0, &o, NULL, 0), 0);
}

BED void
bed_prepared(struct bed *b, uint8_t *digest)
{
	struct msg_prepared p = { .exe_digest = { digest, DIGEST_LEN },
		.features = W("landlock=2") };

	assert_int_equal(chan_put_prepared(b->exec, 0, &p, NULL, 0), 0);
}

BED void
bed_job_exit(struct bed *b, uint32_t status, const char *signal)
{
	struct msg_job_exit e = { .status = status, .signal = W(signal) };

	assert_int_equal(chan_put_job_exit(b->exec, 0, &e, NULL, 0), 0);
}

/* REC_END with this "how" comes and is answered. */
BED void
bed_rec_end(struct bed *b, enum job_end how)
{
	struct msg_rec_ended done = { .out_bytes = 4,
		.chain = { bed_digest, DIGEST_LEN },
		.is_sealed = !b->is_unsealed };
	struct msg_rec_end e;
	struct msg msg;

	bed_expect(b, b->record, MSG_REC_END, &msg);
	assert_int_equal(msg_rec_end_get(msg.body, &e), 0);
	assert_int_equal(e.how, how);
	msg_rec_end_free(&e);
	msg_done(&msg);
	bed_silent(b, b->ledger);	/* nothing is sealed before END */
	assert_int_equal(chan_put_rec_ended(b->record, 0, &done, NULL, 0), 0);
}

static char *bed_sed[] = { W("sed"), W("s/a b/c d/"), NULL };

/* Channel 0 up to the stage named: everything before it has happened. */
enum bed_stage { BED_LOOKUP, BED_ORDER, BED_PREPARE, BED_READY, BED_GO, BED_RUN };

BED void
bed_to(struct bed *b, enum bed_stage stage, int has_pty)
{
	struct msg_consumed c = { .use = 1, .uses = 1, .at = 1 };

	bed_open(b, 0, has_pty);
	bed_exec(b, 0, "sed 's/a b/c d/'");
	b->call = bed_take(b, b->ledger, MSG_LOOKUP);
	if (stage == BED_LOOKUP)
		return;
	bed_order(b, bed_sed);
	bed_turn(b);
	if (stage == BED_ORDER)
		return;
	bed_kit(b, 0);
	(void)bed_take(b, b->exec, MSG_PREPARE);
	bed_seal_bind(b, b->keyd);
	(void)bed_take(b, b->record, MSG_REC_OPEN);
	if (stage == BED_PREPARE)
		return;
	bed_rec_opened(b);
	bed_prepared(b, bed_digest);
	b->call = bed_take(b, b->ledger, MSG_CONSUME);
	if (strcmp(b->input, "none") == 0)
		(void)bed_take(b, b->net, MSG_CHAN_NO_INPUT);
	if (stage == BED_READY)
		return;
	assert_int_equal(chan_put_consumed(b->ledger, b->call, &c, NULL, 0), 0);
	if (has_pty)
		(void)bed_take(b, b->record, MSG_REC_NOTICE);
	(void)bed_take(b, b->exec, MSG_GO);
	(void)bed_take(b, b->net, MSG_CHAN_STREAMS);
	if (stage == BED_GO)
		return;
	assert_int_equal(chan_put_gone(b->exec, 0, NULL, NULL, 0), 0);
	(void)bed_take(b, b->ledger, MSG_JOB_STARTED);
}

#endif
