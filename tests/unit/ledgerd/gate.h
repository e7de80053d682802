/* gate.h - a ledger in this process, with a policy, for the tests of src/ledgerd. */
#ifndef TESTS_LEDGERD_GATE_H
#define TESTS_LEDGERD_GATE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "json/json.h"
#include "ledgerd/db.h"
#include "ledgerd/inside.h"
#include "ledgerd/job.h"
#include "ledgerd/live.h"
#include "ledgerd/recover.h"
#include "ledgerd/unknown.h"

#define NOW	1790000000

struct gate {
	struct ledgerd	 ld;
	struct chan	*d;		/* sekishod's end */
	char		 dir[64], db[80], bin[80], rec[80], heads[80];
	char		**dirs;
	uint64_t	 serial;
};

static char *const ALICE[] = { (char *)(uintptr_t)"alice",
	(char *)(uintptr_t)"dave", NULL };
static char *const BOB[] = { (char *)(uintptr_t)"bob",
	(char *)(uintptr_t)"alice", (char *)(uintptr_t)"eve", NULL };
static char *const ROOT[] = { (char *)(uintptr_t)"root",
	(char *)(uintptr_t)"www", NULL };
static char *const LOCAL[] = { (char *)(uintptr_t)"local", NULL };
#define CONST(s)	((char *)(uintptr_t)(s))

/* What a test may change before gate_policy(). */
struct policy {
	int	 bob_inactive, bob_no_role, alice_inactive;
	int	 all_audit;	/* everybody is an auditor too */
	uint32_t need;
	uint8_t	 profile_byte;
	uint32_t root_gid;
	uint8_t	 local_decisions;
	uint8_t	 public_key;
	int	 www_audits;	/* an account that jobs run as is somebody too */
};

static inline int
gate_sealed_policy(const struct policy *p)
{
	struct msg_snap_person people[] = {
		{ .name = CONST("alice"), .uid = 1001, .active = 1,
		  .roles = PERSON_OPERATOR | PERSON_APPROVER },
		{ .name = CONST("bob"), .uid = 1002, .active = 1,
		  .roles = PERSON_APPROVER },
		{ .name = CONST("carol"), .uid = 1003, .active = 1,
		  .roles = PERSON_AUDITOR },
		{ .name = CONST("dave"), .uid = 1004, .active = 1,
		  .roles = PERSON_OPERATOR },
		{ .name = CONST("eve"), .uid = 1005, .active = 1,
		  .roles = PERSON_APPROVER },
		{ .name = CONST("frank"), .uid = 1006, .active = 1,
		  .roles = PERSON_OPERATOR },
		{ .name = CONST("locked"), .uid = 1007, .active = 0,
		  .roles = PERSON_OPERATOR, .why = CONST("locked") },
		{ .name = CONST("toor"), .uid = 0, .active = 1,
		  .roles = PERSON_OPERATOR },
		{ .name = CONST("www"), .uid = 33, .active = 1, .roles = 0 },
	};
	struct msg_snap_runas runas[] = {
		{ .name = CONST("root"), .home = CONST("/root"),
		  .shell = CONST("/bin/sh") },
		{ .name = CONST("www"), .uid = 33, .gid = 33,
		  .home = CONST("/"), .shell = CONST("/bin/sh") },
	};
	uint8_t digest[DIGEST_LEN] = { p->profile_byte, 2, 3 };
	struct msg_snap_rule rules[] = {
		{ .profile = CONST("files"), .operators = (char **)
		  (uintptr_t)ALICE, .approvers = (char **)(uintptr_t)BOB,
		  .run_as = (char **)(uintptr_t)ROOT, .targets = (char **)
		  (uintptr_t)LOCAL, .need = p->need },
	};
	struct msg_snap_profile profiles[] = {
		{ .name = CONST("files"), .summary = CONST("edits files"),
		  .digest = { digest, DIGEST_LEN },
		  .json = { (uint8_t *)CONST("{\"x\":1}"), 7 } },
	};
	struct snapshot s = {
		.head = { .gate = CONST("gate"), .zone = CONST("UTC"),
		    .pending_s = 7 * 86400, .window_s = 28800,
		    .window_max_s = 7 * 86400, .uses_max = 100,
		    .max_run_s = 14400, .targets = (char **)(uintptr_t)LOCAL },
		.people = people, .npeople = 9, .runas = runas, .nrunas = 2,
		.rules = rules, .nrules = 1, .profiles = profiles,
		.nprofiles = 1,
	};
	struct buf *b = buf_new(SNAPSHOT_MAX);
	size_t i;
	int fd;

	s.head.local_decisions = p->local_decisions;
	s.head.public_key = p->public_key;
	if (p->www_audits)
		people[8].roles = PERSON_AUDITOR;
	runas[0].gid = p->root_gid;
	if (p->bob_inactive)
		people[1].active = 0;
	if (p->bob_no_role)
		people[1].roles = PERSON_AUDITOR;
	if (p->alice_inactive)
		people[0].active = 0;
	for (i = 0; p->all_audit && i < 6; i++)
		people[i].roles |= PERSON_AUDITOR;
	assert_int_equal(snapshot_put(b, &s), 0);
	fd = fd_sealed("snapshot", buf_data(b), buf_len(b), 0);
	assert_true(fd >= 0);
	buf_free(b);
	return fd;
}

static inline void
gate_step(struct gate *g)
{
	assert_int_equal(ledgerd_step(&g->ld), 0);
}

static inline void
gate_policy(struct gate *g, const struct policy *p)
{
	static const struct policy plain = { .need = 1 };
	struct msg_snapshot m = { .serial = ++g->serial };
	int fd = gate_sealed_policy(p == NULL ? &plain : p);

	assert_int_equal(chan_put_snapshot(g->d, 0, &m, &fd, 1), 0);
	close(fd);
	gate_step(g);
	assert_non_null(g->ld.snap);
	assert_int_equal(g->ld.snap->serial, g->serial);
}

static inline void
gate_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* Starts (again) over the database that is there. */
static inline void
gate_open(struct gate *g)
{
	int fds[2];

	memset(&g->ld, 0, sizeof(g->ld));
	g->serial = 0;
	assert_int_equal(chan_pair(fds), 0);
	g->d = chan_new(fds[0], PEER_D, PEER_G);
	g->ld.d = chan_new(fds[1], PEER_G, PEER_D);
	g->ld.recordings = open(g->rec, O_RDONLY | O_DIRECTORY);
	g->ld.command_dirs = g->dirs;
	g->ld.seal_grace_s = 30;
	assert_non_null(g->ld.refused = refused_new(1000));
	assert_int_equal(store_open(g->db, &g->ld.store), 0);
	assert_int_equal(book_check(&g->ld), 0);
	assert_int_equal(keys_new(&g->ld, g->heads, -1), 0);
	assert_int_equal(recover_new(&g->ld), 0);
	assert_int_equal(book_start(&g->ld, "gate"), 0);
	gate_policy(g, NULL);
}

static inline void
gate_new(struct gate *g)
{
	memset(g, 0, sizeof(*g));
	log_init("test", LOG_ERROR);
	clock_set_test(NOW);
	setenv("TZ", "UTC", 1);
	(void)snprintf(g->dir, sizeof(g->dir), "/run/sekisho-test-XXXXXX");
	assert_non_null(mkdtemp(g->dir));
	(void)snprintf(g->db, sizeof(g->db), "%s/ledger.db", g->dir);
	(void)snprintf(g->bin, sizeof(g->bin), "%s/bin", g->dir);
	(void)snprintf(g->rec, sizeof(g->rec), "%s/rec", g->dir);
	assert_int_equal(chmod(g->dir, 0755), 0);
	assert_int_equal(mkdir(g->bin, 0755), 0);
	assert_int_equal(mkdir(g->rec, 0755), 0);
	(void)snprintf(g->heads, sizeof(g->heads), "%s/heads", g->dir);
	assert_int_equal(mkdir(g->heads, 0755), 0);
	assert_int_equal(chmod(g->bin, 0755), 0);
	gate_file(g->bin, "sed", "not really sed", 0755);
	gate_file(g->bin, "other", "another program", 0755);
	assert_int_equal(strv_add(&g->dirs, g->bin), 0);
	gate_open(g);
}

/* As if the process had died: nothing is finished. */
static inline void
gate_crash(struct gate *g)
{
	struct client *p;

	while ((p = g->ld.clients) != NULL) {
		if (p->monitor != NULL || p->npersons == 0) {
			g->ld.clients = p->next;
			client_free(p);
			continue;
		}
		/* people go first: turn the list */
		g->ld.clients = p->next;
		p->next = NULL;
		struct client **end = &g->ld.clients;
		while (*end != NULL)
			end = &(*end)->next;
		*end = p;
	}
	unknown_forget(&g->ld, 0, 1);
	keys_free(g->ld.keys);
	recover_free(g->ld.recover);
	unjudged_free(&g->ld);
	live_free(&g->ld);
	store_free(g->ld.store);
	snapshot_free(g->ld.snap);
	refused_free(g->ld.refused);
	chan_free(g->ld.d);
	chan_free(g->d);
	free(g->ld.fds);
	fd_close(&g->ld.recordings);
}

static inline void
gate_end(struct gate *g)
{
	pid_t pid;

	gate_crash(g);
	strv_free(g->dirs);
	clock_set_test(0);
	if ((pid = fork()) == 0) {
		execl("/bin/rm", "rm", "-rf", g->dir, (char *)NULL);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* --- a monitor's side -------------------------------------------------------- */
static inline struct chan *
monitor_new(struct gate *g)
{
	struct msg_bind_monitor m = { .conn = 1,
		.source = CONST("192.0.2.7:4711") };
	int fds[2];

	assert_int_equal(chan_pair(fds), 0);
	assert_int_equal(chan_put_bind_monitor(g->d, 0, &m, &fds[1], 1), 0);
	close(fds[1]);
	gate_step(g);
	return chan_new(fds[0], PEER_M, PEER_G);
}

/* The answer to what was just sent; its type, *m to be freed by msg_done(). */
static inline enum msg_type
answer(struct gate *g, struct chan *c, struct msg *m)
{
	gate_step(g);
	assert_int_equal(chan_recv(c, m), 0);
	return m->type;
}

static inline enum msg_type
log_in(struct gate *g, struct chan *c, const char *user)
{
	struct msg_login l = { .user = CONST(user),
		.source = CONST("192.0.2.7:4711"), .method = CONST("pam") };
	enum msg_type t;
	struct msg m;

	assert_int_equal(chan_put_login(c, 1, &l, NULL, 0), 0);
	t = answer(g, c, &m);
	msg_done(&m);
	return t;
}

static inline struct chan *
logged_in(struct gate *g, const char *user)
{
	struct chan *c = monitor_new(g);

	assert_int_equal(log_in(g, c, user), MSG_ACK);
	return c;
}

static inline struct chan *
person(struct gate *g, struct chan *monitor, const char *user)
{
	struct msg_bind b = { .user = CONST(user),
		.source = CONST("192.0.2.7:4711") };
	struct msg m;
	int fd;

	assert_int_equal(chan_put_bind(monitor, 2, &b, NULL, 0), 0);
	assert_int_equal(answer(g, monitor, &m), MSG_BOUND);
	fd = msg_take_fd(&m, 0);
	msg_done(&m);
	assert_true(fd >= 0);
	return chan_new(fd, PEER_W, PEER_G);
}

/* Reply code into "code", body returned (json_decref). */
static inline json_t *
call_fd(struct gate *g, struct chan *c, const char *verb, const char *body,
    char code[CODE_MAX + 1], int *fd)
{
	struct msg_call q = { .verb = CONST(verb), .body = {
	    (uint8_t *)(uintptr_t)body, strlen(body) } };
	struct msg_reply a;
	json_t *v = NULL;
	struct msg m;

	assert_int_equal(chan_put_call(c, 3, &q, NULL, 0), 0);
	assert_int_equal(answer(g, c, &m), MSG_REPLY);
	assert_int_equal(m.id, 3);
	assert_int_equal(msg_reply_get(m.body, &a), 0);
	assert_int_equal(json_read(a.body.p, a.body.n, &v), 0);
	(void)snprintf(code, CODE_MAX + 1, "%s", a.code);
	if (fd != NULL)
		*fd = msg_take_fd(&m, 0);
	msg_reply_free(&a);
	msg_done(&m);
	return v;
}

static inline json_t *
call_ok(struct gate *g, struct chan *c, const char *verb, const char *body)
{
	char code[CODE_MAX + 1];
	json_t *v = call_fd(g, c, verb, body, code, NULL);
	char *text;

	if (strcmp(code, "OK") != 0) {
		text = json_dumps(v, JSON_COMPACT);
		print_error("%s %s -> %s\n", verb, body, text);
		free(text);
	}
	assert_string_equal(code, "OK");
	return v;
}

static inline void
call_no(struct gate *g, struct chan *c, const char *verb, const char *body,
    const char *want)
{
	char code[CODE_MAX + 1];
	json_t *v = call_fd(g, c, verb, body, code, NULL);

	if (strcmp(code, want) != 0)
		print_error("%s %s -> %s\n", verb, body,
		    json_string_value(json_object_get(v, "reason")));
	assert_string_equal(code, want);
	assert_string_equal(json_string_value(json_object_get(v, "code")),
	    want);
	json_decref(v);
}

static inline const char *
text_of(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

/* bob approves number "nr" as it is now, over his own channel. */
static inline void
approve(struct gate *g, struct chan *bob, int nr)
{
	char body[128];
	json_t *v;

	(void)snprintf(body, sizeof(body), "{\"id\":%d}", nr);
	v = call_ok(g, bob, "request-show", body);
	(void)snprintf(body, sizeof(body),
	    "{\"id\":%d,\"revision\":1,\"code\":\"%s\",\"message\":\"ok\"}",
	    nr, text_of(v, "code"));
	json_decref(v);
	json_decref(call_ok(g, bob, "request-approve", body));
}

/* --- running ---------------------------------------------------------------- */
/* LOOKUP: ORDER (then *o and its digest are filled) or REFUSED (then *no). */
static inline enum msg_type
look_up(struct gate *g, struct chan *c, const char *user, char *const *argv,
    uint64_t request, struct msg_order *o, uint8_t digest[DIGEST_LEN],
    struct msg_refused *no)
{
	struct msg_lookup l = { .user = CONST(user),
		.source = CONST("192.0.2.7:4711"),
		.argv = (char **)(uintptr_t)argv, .request = request };
	enum msg_type t;
	struct msg m;

	assert_int_equal(chan_put_lookup(c, 4, &l, NULL, 0), 0);
	t = answer(g, c, &m);
	if (t == MSG_ORDER) {
		assert_int_equal(sha256_mem(buf_data(m.body), buf_len(m.body),
		    digest), 0);
		assert_int_equal(msg_order_get(m.body, o), 0);
	} else
		assert_int_equal(msg_refused_get(m.body, no), 0);
	msg_done(&m);
	return t;
}

static inline void
assert_refused(struct gate *g, struct chan *c, const char *user,
    char *const *argv, uint64_t request, const char *code, const char *part)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o = { 0 };

	assert_int_equal(look_up(g, c, user, argv, request, &o, digest, &no),
	    MSG_REFUSED);
	if (strcmp(no.code, code) != 0 || strstr(no.reason, part) == NULL)
		print_error("%s: %s\n", no.code, no.reason);
	assert_string_equal(no.code, code);
	assert_non_null(strstr(no.reason, part));
	msg_refused_free(&no);
}

static inline enum msg_type
consume(struct gate *g, struct chan *c, const struct msg_order *o,
    const uint8_t digest[DIGEST_LEN], char code[CODE_MAX + 1])
{
	uint8_t header[DIGEST_LEN] = { 8 };
	struct msg_consume q = { .session = o->session,
		.header_digest = { header, DIGEST_LEN },
		.order_digest = { (uint8_t *)(uintptr_t)digest, DIGEST_LEN },
		.exe_digest = o->exe_digest, .features = CONST("landlock=5") };
	struct msg_refused no;
	enum msg_type t;
	struct msg m;

	assert_int_equal(chan_put_consume(c, 5, &q, NULL, 0), 0);
	t = answer(g, c, &m);
	if (t == MSG_REFUSED) {
		assert_int_equal(msg_refused_get(m.body, &no), 0);
		(void)snprintf(code, CODE_MAX + 1, "%s", no.code);
		msg_refused_free(&no);
	}
	msg_done(&m);
	return t;
}

static inline void
job_ended(struct gate *g, struct chan *c, uint64_t session, uint8_t how)
{
	uint8_t chain[DIGEST_LEN] = { 9 };
	struct msg_job_ended e = { .session = session, .how = how,
		.status = 3, .signal = CONST(""), .reason = CONST(""),
		.out_bytes = 17, .duration_ms = 250,
		.chain = { chain, DIGEST_LEN } };
	struct msg m;

	assert_int_equal(chan_put_job_ended(c, 6, &e, NULL, 0), 0);
	assert_int_equal(answer(g, c, &m), MSG_ACK);
	msg_done(&m);
}

/* How many ledger entries say "what". */
struct counted {
	const char	*what;
	int		 n;
};

static inline int
count_row(void *arg, const struct store_row *row)
{
	struct counted *c = arg;
	json_t *v = NULL;
	const uint8_t *p;
	size_t n;

	p = store_blob(row, 1, &n);
	assert_int_equal(json_read(p, n, &v), 0);
	c->n += strcmp(text_of(v, "what"), c->what) == 0;
	json_decref(v);
	return 0;
}

static inline int
entries(struct gate *g, const char *what)
{
	struct counted c = { what, 0 };

	assert_int_equal(store_query(g->ld.store, STORE_ENTRY_LIST,
	    STORE_ARGS(store_i(0), store_i(100000)), count_row, &c), 0);
	return c.n;
}

#endif
