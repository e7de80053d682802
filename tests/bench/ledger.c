/*
 * ledger.c - how fast the real sekisho-ledgerd answers: ledger [-n NUMBER] PROGRAMS DIR
 *
 * links: wire crypt json
 *
 * Plays sekishod and the monitors around sekisho-ledgerd and sekisho-keyd as
 * they are, confined, over DIR/ledger/ledger.db, which ledger_fill has made.
 * Prints one JSON object; times are microseconds.  -n 0: starts and stops.
 *	one	one caller, one thing at a time
 *	many	32 callers, each waits for its answer
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "crypt/sha256.h"
#include "json/json.h"
#include "wire/chan.h"
#include "wire/snapshot.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define SOURCE		CONST("192.0.2.7:4711")
#define LED_ID		62001
#define KEY_ID		62002
#define OPERATORS	100	/* of ledger_fill */
#define USABLE_EACH	500	/* requests R1, R501, ... */
#define USES		100
#define CALLERS		32
#define WAIT_MS		600000	/* a start reads the whole database */

struct program {
	pid_t		 pid;
	struct chan	*chan;
};

/* One monitor, and where it is in LOOKUP, CONSUME, JOB_ENDED. */
struct caller {
	struct chan	*chan;
	char		 user[16];
	int		 nr;
	enum msg_type	 step;		/* what was asked last */
	int64_t		 asked_ns;
	uint64_t	 request, session;
	uint8_t		 order[DIGEST_LEN], exe[DIGEST_LEN];
};

struct times {
	int64_t		*v;
	size_t		 n, room;
};

static struct times look_ups, uses, ends;
static uint64_t total;		/* requests in the ledger */
static int log_fd;		/* of the programs: DIR/log */

static void
die(const char *what)
{
	fprintf(stderr, "ledger: %s\n", what);
	exit(70);
}

static void
note(struct times *t, int64_t ns)
{
	if (t->n == t->room) {
		t->room = t->room * 2 + 1024;
		if ((t->v = realloc(t->v, t->room * sizeof(*t->v))) == NULL)
			die("no memory");
	}
	t->v[t->n++] = ns;
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static json_t *
figures(struct times *t)
{
	static const struct { const char *name; unsigned int of; } q[] = {
		{ "p50", 500 }, { "p90", 900 }, { "p99", 990 }, { "p999", 999 },
	};
	json_t *o = json_object();
	size_t i;

	qsort(t->v, t->n, sizeof(*t->v), compare);
	json_object_set_new(o, "n", json_integer((json_int_t)t->n));
	for (i = 0; t->n > 0 && i < 4; i++)
		json_object_set_new(o, q[i].name, json_integer(
		    t->v[(t->n - 1) * q[i].of / 1000] / 1000));
	if (t->n > 0)
		json_object_set_new(o, "max",
		    json_integer(t->v[t->n - 1] / 1000));
	t->n = 0;
	return o;
}

/* --- processes ----------------------------------------------------------------- */
static void
start(struct program *p, const char *programs, const char *name,
    enum peer peer, int (*put)(struct buf *, const void *), const void *slice)
{
	static char path_env[] = "PATH=/usr/bin:/bin";
	char *env[] = { path_env, NULL }, program[4096];
	char *argv[] = { program, NULL };
	struct buf *b = buf_new(65536);
	struct msg_slice m = { 0 };
	struct msg ready;
	int w[2];

	(void)snprintf(program, sizeof(program), "%s/%s", programs, name);
	if (chan_pair(w) != 0)
		die("no channel");
	if ((p->pid = fork()) == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup2(log_fd, 2) < 0 || dup2(w[1], 3) < 0)
			_exit(71);
		fd_close_from(4);
		execve(program, argv, env);
		_exit(71);
	}
	close(w[1]);
	p->chan = chan_new(w[0], PEER_D, peer);
	if (put(b, slice) != 0)
		die("no slice");
	m.body.p = (uint8_t *)(uintptr_t)buf_data(b);
	m.body.n = buf_len(b);
	if (chan_put_slice(p->chan, 0, &m, NULL, 0) != 0 ||
	    chan_wait(p->chan, &ready, WAIT_MS) != 0 ||
	    ready.type != MSG_READY)
		die("a program does not start");
	msg_done(&ready);
	buf_free(b);
}

static void
make_dir(char *out, size_t size, const char *dir, const char *name, uid_t uid)
{
	(void)snprintf(out, size, "%s/%s", dir, name);
	(void)mkdir(out, 0750);
	if (chown(out, uid, uid) < 0)
		die("no directory");
}

static void
start_ledgerd(struct program *ledgerd, struct program *keyd,
    const char *programs, const struct msg_slice_ledgerd *l)
{
	int w[2];

	start(ledgerd, programs, "sekisho-ledgerd", PEER_G,
	    (int (*)(struct buf *, const void *))(uintptr_t)
	    msg_slice_ledgerd_put, l);
	if (chan_pair(w) != 0 ||
	    chan_put_bind_keys(keyd->chan, 0, NULL, &w[0], 1) != 0 ||
	    chan_put_bind_keys(ledgerd->chan, 0, NULL, &w[1], 1) != 0)
		die("keys are not bound");
	close(w[0]);
	close(w[1]);
}

/* Both; "out" becomes what ledgerd is started with. */
static void
start_both(struct program *keyd, struct program *ledgerd, const char *programs,
    const char *dir, struct msg_slice_ledgerd *out)
{
	static char ledger[512], db[600], keys[512], heads[512], recordings[512];
	static char *dirs[] = { CONST("/usr/bin"), NULL };
	struct msg_slice_ledgerd l = { .database = db, .recordings = recordings,
		.uid = LED_ID, .gid = LED_ID, .command_dirs = dirs,
		.seal_grace_s = 30, .refused_entries_per_day = 1000,
		.zone = CONST("UTC"), .gate = CONST("gate"), .heads = heads,
		.disk_warn = 3 << 20, .disk_refuse = 2 << 20,
		.disk_end = 1 << 20, .disk_reserve = 1 << 16 };
	struct msg_slice_keyd k = { .uid = KEY_ID, .gid = KEY_ID, .dir = keys,
		.gate = CONST("gate"), .epoch_s = 3600 };

	(void)snprintf(db, sizeof(db), "%s/log", dir);
	log_fd = open(db, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (log_fd < 0)
		die("no log");
	make_dir(keys, sizeof(keys), dir, "keys", KEY_ID);
	make_dir(ledger, sizeof(ledger), dir, "ledger", LED_ID);
	make_dir(heads, sizeof(heads), dir, "heads", LED_ID);
	make_dir(recordings, sizeof(recordings), dir, "recordings", LED_ID);
	(void)chmod(keys, 0700);
	(void)chmod(heads, 0755);
	(void)snprintf(db, sizeof(db), "%s/ledger.db", ledger);
	if (chown(db, LED_ID, LED_ID) < 0)
		die("there is no ledger: make one with ledger_fill");
	start(keyd, programs, "sekisho-keyd", PEER_K,
	    (int (*)(struct buf *, const void *))(uintptr_t)msg_slice_keyd_put,
	    &k);
	start_ledgerd(ledgerd, keyd, programs, &l);
	*out = l;
}

/* Killed and started by the same parent, as sekishod does; milliseconds. */
static int64_t
crash(struct program *ledgerd, struct program *keyd, const char *programs,
    const struct msg_slice_ledgerd *l)
{
	int64_t at;

	if (kill(ledgerd->pid, SIGKILL) < 0 ||
	    waitpid(ledgerd->pid, NULL, 0) != ledgerd->pid)
		die("it cannot be killed");
	chan_free(ledgerd->chan);
	at = clock_mono_ms();
	start_ledgerd(ledgerd, keyd, programs, l);
	return clock_mono_ms() - at;
}

static void
send_policy(struct program *ledgerd)
{
	static char names[OPERATORS][8], *operators[OPERATORS + 1];
	static char *approvers[] = { CONST("ann"), NULL };
	static char *root[] = { CONST("root"), NULL };
	static char *local[] = { CONST("local"), NULL };
	static uint8_t digest[DIGEST_LEN] = { 1 };
	static struct msg_snap_person people[OPERATORS + 2];
	struct msg_snap_runas runas[] = { { .name = CONST("root"),
		.home = CONST("/root"), .shell = CONST("/bin/sh") } };
	struct msg_snap_rule rules[] = { { .profile = CONST("files"),
		.operators = operators, .approvers = approvers, .run_as = root,
		.targets = local, .need = 1 } };
	struct msg_snap_profile profiles[] = { { .name = CONST("files"),
		.summary = CONST("edits files"),
		.digest = { digest, DIGEST_LEN },
		.json = { (uint8_t *)CONST("{\"x\":1}"), 7 } } };
	struct snapshot s = { .head = { .gate = CONST("gate"),
		.zone = CONST("UTC"), .pending_s = 7 * 86400,
		.window_s = 28800, .window_max_s = 7 * 86400, .uses_max = 100,
		.max_run_s = 14400, .targets = local },
		.people = people, .npeople = OPERATORS + 2, .runas = runas,
		.nrunas = 1, .rules = rules, .nrules = 1, .profiles = profiles,
		.nprofiles = 1 };
	struct msg_snapshot m = { .serial = 1 };
	struct buf *b = buf_new(SNAPSHOT_MAX);
	unsigned int i;
	int fd;

	for (i = 0; i < OPERATORS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "op%u", i);
		operators[i] = names[i];
		people[i] = (struct msg_snap_person){ .name = names[i],
			.uid = 2000 + i, .active = 1, .roles = PERSON_OPERATOR };
	}
	people[i] = (struct msg_snap_person){ .name = CONST("ann"),
		.uid = 3000, .active = 1, .roles = PERSON_APPROVER };
	people[i + 1] = (struct msg_snap_person){ .name = CONST("carol"),
		.uid = 3001, .active = 1, .roles = PERSON_AUDITOR };
	if (snapshot_put(b, &s) != 0 || (fd = fd_sealed("snapshot",
	    buf_data(b), buf_len(b), 0)) < 0 ||
	    chan_put_snapshot(ledgerd->chan, 0, &m, &fd, 1) != 0)
		die("no policy");
	close(fd);
	buf_free(b);
}

/* --- callers ---------------------------------------------------------------------- */
static void
expect(struct chan *c, enum msg_type type, struct msg *m)
{
	struct msg_refused no;

	if (chan_wait(c, m, WAIT_MS) != 0)
		die("no answer");
	if (m->type == type)
		return;
	if (m->type == MSG_REFUSED && msg_refused_get(m->body, &no) == 0)
		fprintf(stderr, "ledger: [%s] %s\n", no.code, no.reason);
	die(msg_name(m->type));
}

static void
log_in(struct program *ledgerd, struct caller *x, int nr, const char *user)
{
	struct msg_bind_monitor bind = { .conn = 1, .source = SOURCE };
	struct msg_login l = { .source = SOURCE, .method = CONST("pam"),
		.key = CONST("") };
	struct msg m;
	int w[2];

	x->nr = nr;
	(void)snprintf(x->user, sizeof(x->user), "%s", user);
	l.user = x->user;
	if (chan_pair(w) != 0 || chan_put_bind_monitor(ledgerd->chan, 0, &bind,
	    &w[1], 1) != 0)
		die("no monitor");
	close(w[1]);
	x->chan = chan_new(w[0], PEER_M, PEER_G);
	if (chan_put_login(x->chan, 1, &l, NULL, 0) != 0)
		die("no login");
	expect(x->chan, MSG_ACK, &m);
	msg_done(&m);
}

/* The next one that this caller may use, all over the ledger. */
static void
choose(struct caller *x, unsigned long round)
{
	uint64_t of_one = total / USABLE_EACH / OPERATORS;

	if (of_one == 0)
		die("too few requests: ledger_fill 50000 at least");
	if (round / of_one >= USES)
		die("too many rounds: no uses are left");
	x->request = ((uint64_t)x->nr + round % of_one * OPERATORS) *
	    USABLE_EACH + 1;
}

static void
ask(struct caller *x, enum msg_type step)
{
	static uint8_t header[DIGEST_LEN] = { 8 }, chain[DIGEST_LEN] = { 9 };
	struct msg_lookup l = { .user = x->user, .source = SOURCE,
		.request = x->request };
	struct msg_consume c = { .session = x->session,
		.order_digest = { x->order, DIGEST_LEN },
		.exe_digest = { x->exe, DIGEST_LEN },
		.features = CONST("landlock=5"),
		.header_digest = { header, DIGEST_LEN } };
	struct msg_job_ended e = { .session = x->session, .how = JOB_RAN,
		.signal = CONST(""), .reason = CONST(""), .out_bytes = 17,
		.duration_ms = 250, .chain = { chain, DIGEST_LEN } };
	int r;

	x->step = step;
	x->asked_ns = clock_mono_ns();
	if (step == MSG_LOOKUP)
		r = chan_put_lookup(x->chan, 4, &l, NULL, 0);
	else if (step == MSG_CONSUME)
		r = chan_put_consume(x->chan, 5, &c, NULL, 0);
	else
		r = chan_put_job_ended(x->chan, 6, &e, NULL, 0);
	if (r != 0)
		die("cannot ask");
}

/* 1: its round is over. */
static int
take(struct caller *x)
{
	static const enum msg_type answers[] = { MSG_ORDER, MSG_CONSUMED,
		MSG_ACK };
	int i = x->step == MSG_LOOKUP ? 0 : x->step == MSG_CONSUME ? 1 : 2;
	struct msg_order o = { 0 };
	struct msg m;

	expect(x->chan, answers[i], &m);
	note(i == 0 ? &look_ups : i == 1 ? &uses : &ends,
	    clock_mono_ns() - x->asked_ns);
	if (i == 0) {
		if (sha256_mem(buf_data(m.body), buf_len(m.body),
		    x->order) != 0 || msg_order_get(m.body, &o) != 0 ||
		    o.exe_digest.n != DIGEST_LEN)
			die("ORDER cannot be read");
		x->session = o.session;
		memcpy(x->exe, o.exe_digest.p, DIGEST_LEN);
		msg_order_free(&o);
	}
	msg_done(&m);
	if (i < 2)
		ask(x, i == 0 ? MSG_CONSUME : MSG_JOB_ENDED);
	return i == 2;
}

/* "n" rounds by "callers" at once; seconds that it took. */
static double
rounds(struct caller *x, unsigned int callers, unsigned long from,
    unsigned long n)
{
	struct pollfd fds[CALLERS];
	unsigned long begun[CALLERS], done = 0;
	int64_t start_ns = clock_mono_ns();
	unsigned int i;

	for (i = 0; i < callers; i++) {
		begun[i] = from;
		choose(&x[i], begun[i]++);
		ask(&x[i], MSG_LOOKUP);
	}
	while (done < n * callers) {
		for (i = 0; i < callers; i++)
			fds[i] = (struct pollfd){ chan_fd(x[i].chan), POLLIN,
			    0 };
		if (poll(fds, callers, WAIT_MS) <= 0)
			die("it hangs");
		for (i = 0; i < callers; i++) {
			if (fds[i].revents == 0 || !take(&x[i]))
				continue;
			done++;
			if (begun[i] >= from + n)
				continue;
			choose(&x[i], begun[i]++);
			ask(&x[i], MSG_LOOKUP);
		}
	}
	return (double)(clock_mono_ns() - start_ns) / 1e9;
}

static json_t *
uses_by(struct caller *x, unsigned int callers, unsigned long from,
    unsigned long n)
{
	double s = rounds(x, callers, from, n);
	json_t *o = json_object();

	json_object_set_new(o, "rounds_per_s", json_real((double)(n *
	    callers) / s));
	json_object_set_new(o, "lookup", figures(&look_ups));
	json_object_set_new(o, "consume", figures(&uses));
	json_object_set_new(o, "job_ended", figures(&ends));
	return o;
}

/* --- words ------------------------------------------------------------------------- */
static json_t *
words(struct caller *x, const char *verb, const char *question, int n)
{
	struct msg_bind b = { .user = x->user, .source = SOURCE };
	struct msg_call q = { .verb = CONST(verb), .body = {
	    (uint8_t *)(uintptr_t)question, strlen(question) } };
	struct times t = { 0 };
	struct msg_reply a;
	struct chan *c;
	int64_t at;
	struct msg m;
	json_t *o;
	int i;

	if (chan_put_bind(x->chan, 2, &b, NULL, 0) != 0)
		die("no word");
	expect(x->chan, MSG_BOUND, &m);
	c = chan_new(msg_take_fd(&m, 0), PEER_W, PEER_G);
	msg_done(&m);
	for (i = 0; i < n; i++) {
		at = clock_mono_ns();
		if (chan_put_call(c, 3, &q, NULL, 0) != 0)
			die("cannot call");
		expect(c, MSG_REPLY, &m);
		note(&t, clock_mono_ns() - at);
		if (msg_reply_get(m.body, &a) != 0 || strcmp(a.code, "OK") != 0)
			die("a word is refused");
		msg_reply_free(&a);
		msg_done(&m);
	}
	chan_free(c);
	o = figures(&t);
	free(t.v);
	return o;
}

/* By its words, not by its number; nothing is run. */
static json_t *
by_command(struct caller *x, int n)
{
	char word[40];
	char *argv[] = { CONST("sed"), CONST("-i"), word,
		CONST("/etc/some/file.conf"), NULL };
	struct msg_lookup l = { .user = x->user, .source = SOURCE,
		.argv = argv };
	struct times t = { 0 };
	int64_t at;
	struct msg m;
	json_t *o;
	int i;

	choose(x, 0);
	(void)snprintf(word, sizeof(word), "s/a%llu/b/",
	    (unsigned long long)x->request - 1);
	for (i = 0; i < n; i++) {
		at = clock_mono_ns();
		if (chan_put_lookup(x->chan, 4, &l, NULL, 0) != 0)
			die("cannot look up");
		expect(x->chan, MSG_ORDER, &m);
		note(&t, clock_mono_ns() - at);
		msg_done(&m);
	}
	o = figures(&t);
	free(t.v);
	return o;
}

static json_t *
memory_kib(pid_t pid)
{
	char path[64], line[256];
	long long pss = -1;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	if ((f = fopen(path, "r")) != NULL) {
		while (fgets(line, sizeof(line), f) != NULL)
			(void)sscanf(line, "Pss: %lld", &pss);
		fclose(f);
	}
	return json_integer(pss);
}

static void
measure(struct program *ledgerd, json_t *out, unsigned long n)
{
	static struct caller x[CALLERS];
	unsigned int i;
	char user[16];

	for (i = 0; i < CALLERS; i++) {
		(void)snprintf(user, sizeof(user), "op%u", i);
		log_in(ledgerd, &x[i], (int)i, user);
	}
	json_object_set_new(out, "one", uses_by(x, 1, 0, n));
	json_object_set_new(out, "many", uses_by(x, CALLERS, n, n));
	json_object_set_new(out, "lookup_by_command", by_command(&x[40 %
	    CALLERS], 100));
	json_object_set_new(out, "request_list", words(&x[1], "request-list",
	    "{}", 200));
	json_object_set_new(out, "waiting", words(&x[1], "waiting", "{}", 200));
	json_object_set_new(out, "memory_kib", memory_kib(ledgerd->pid));
	for (i = 0; i < CALLERS; i++)
		chan_free(x[i].chan);
}

int
main(int argc, char **argv)
{
	struct program keyd, ledgerd;
	json_t *out = json_object();
	int64_t n = 400, requests = 0, at;
	struct msg_slice_ledgerd slice;
	struct msg m;
	int c, status;

	log_init("ledger", LOG_ERROR);
	while ((c = getopt(argc, argv, "n:r:")) != -1)
		if (num_parse(optarg, 0, 100000000, c == 'n' ? &n :
		    &requests) != 0)
			die("usage: ledger -r REQUESTS [-n NUMBER] PROGRAMS DIR");
	if (argc - optind != 2)
		die("usage: ledger -r REQUESTS [-n NUMBER] PROGRAMS DIR");
	total = (uint64_t)requests;
	at = clock_mono_ms();
	start_both(&keyd, &ledgerd, argv[optind], argv[optind + 1], &slice);
	json_object_set_new(out, "start_ms",
	    json_integer(clock_mono_ms() - at));
	json_object_set_new(out, "memory_at_start_kib",
	    memory_kib(ledgerd.pid));
	send_policy(&ledgerd);
	if (n > 0)
		measure(&ledgerd, out, (unsigned long)n);
	json_object_set_new(out, "start_after_crash_ms", json_integer(crash(
	    &ledgerd, &keyd, argv[optind], &slice)));
	at = clock_mono_ms();
	if (chan_put_drain(ledgerd.chan, 0, &(struct msg_drain){ 0 }, NULL,
	    0) != 0)
		die("cannot stop it");
	while (chan_wait(ledgerd.chan, &m, WAIT_MS) == 0)
		msg_done(&m);
	if (waitpid(ledgerd.pid, &status, 0) < 0 || status != 0)
		die("it did not stop well");
	json_object_set_new(out, "stop_ms", json_integer(clock_mono_ms() - at));
	chan_free(keyd.chan);
	(void)waitpid(keyd.pid, NULL, 0);
	(void)json_dumpf(out, stdout, JSON_INDENT(1));
	printf("\n");
	json_decref(out);
	return 0;
}
