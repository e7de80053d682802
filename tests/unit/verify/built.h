/*
 * built.h - a small honest store, made step by step with keys of its own: what a test then breaks.
 *
 * Rows are written with SQL of their own, not by what is tested; the tree is
 * computed in the simplest way there is.
 */
#ifndef TESTS_VERIFY_BUILT_H
#define TESTS_VERIFY_BUILT_H

#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/base64.h"
#include "crypt/ed25519.h"
#include "crypt/random.h"
#include "crypt/sha256.h"
#include "json/json.h"
#include "ledger/note.h"
#include "ledger/tree.h"
#include "record/mark.h"
#include "record/writer.h"
#include "store/store.h"
#include "verify/copy.h"
#include "verify/print.h"
#include "verify/verify.h"

#define NS		INT64_C(1000000000)
#define START		INT64_C(1795500000)	/* 2026-11-24T06:00:00Z */
#define DAY		"2026/11/24"
#define DAY_HEADS	"2026-11-24.heads"
#define ORIGIN		"gate/sekisho"
#define EPOCHS		4
#define SOURCE		"192.0.2.7:4711"

struct made_session {
	int64_t	 nr;
	uint8_t	 uuid[16];
	char	 path[160];
	int	 fd;
	struct writer *w;
	int64_t	 boot_ns;
	struct writer_total total;
};

struct built {
	char		 dir[64], db_path[128];
	sqlite3		*db;
	struct ed25519	*log_key, *key[EPOCHS];	/* key[0] is epoch 1 */
	uint8_t		 log_pub[32], pub[EPOCHS][32];
	int64_t		 start_ns[EPOCHS];
	uint32_t	 epoch;			/* in force */
	int64_t		 now_ns;
	uint64_t	 size;
	uint8_t		 leaf[512][32];
	char		 note[NOTE_MAX + 1];	/* the newest head */
	size_t		 note_len;
	uint64_t	 head_size;		/* its size and root */
	uint8_t		 head_root[32];
	uint8_t		 digest[32];		/* of R1 */
	int64_t		 used, next_job;
};

/* --- small things ------------------------------------------------------------------ */
static inline void
sql(struct built *b, const char *fmt, ...)
{
	char *text, *error = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	if (sqlite3_exec(b->db, text, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", text, error);
	sqlite3_free(text);
}

static inline const char *
hex(const uint8_t digest[32])
{
	static char text[8][SHA256_HEX];
	static unsigned int turn;

	return sha256_hex(text[turn++ % 8], digest);
}

static inline const char *
hex16(const uint8_t uuid[16])
{
	uint8_t wide[32] = { 0 };
	static char text[33];

	memcpy(wide, uuid, 16);
	memcpy(text, hex(wide), 32);
	return text;
}

static inline void
append(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, p, n), 0);
	close(fd);
}

static inline char *
path_of(const struct built *b, const char *name)
{
	static char text[4][256];
	static unsigned int turn;
	char *out = text[turn++ % 4];

	(void)snprintf(out, 256, "%s/%s", b->dir, name);
	return out;
}

/* --- entries ---------------------------------------------------------------------- */
/* The hash over leaves [from, from + n): RFC 6962, word for word. */
static inline void
mth(const struct built *b, uint64_t from, uint64_t n, uint8_t out[32])
{
	uint8_t left[32], right[32];
	uint64_t k = 1;

	if (n == 1) {
		memcpy(out, b->leaf[from], 32);
		return;
	}
	while (2 * k < n)
		k *= 2;
	mth(b, from, k, left);
	mth(b, from + k, n - k, right);
	assert_int_equal(tree_node(left, right, out), 0);
}

static inline void
put_node(struct built *b, unsigned int level, uint64_t ix)
{
	uint8_t hash[32];

	mth(b, ix << level, UINT64_C(1) << level, hash);
	sql(b, "INSERT INTO node VALUES (%u, %llu, x'%s')", level, ix,
	    hex(hash));
}

/* "text": the bytes, whatever they are. */
static inline void
put_bytes(struct built *b, const char *text)
{
	unsigned int level;

	assert_true(b->size < 512);
	sql(b, "INSERT INTO entry VALUES (%llu, CAST(%Q AS BLOB))", b->size,
	    text);
	assert_int_equal(tree_leaf(text, strlen(text), b->leaf[b->size]), 0);
	for (level = 0; ((b->size + 1) >> level << level) == b->size + 1;
	    level++)
		put_node(b, level, b->size >> level);
	b->size++;
}

/* Takes "e" over; time and kind are added. */
static inline void
put(struct built *b, const char *what, const char *who, json_t *e)
{
	char *text = NULL;

	assert_non_null(e);
	b->now_ns += NS / 100;
	json_object_set_new(e, "at", json_string("2026-11-24T06:00:00Z"));
	json_object_set_new(e, "at_ns", json_integer(b->now_ns));
	json_object_set_new(e, "what", json_string(what));
	if (who != NULL) {
		json_object_set_new(e, "who", json_string(who));
		json_object_set_new(e, "source", json_string(SOURCE));
	}
	assert_int_equal(json_canonical(e, &text, NULL), 0);
	put_bytes(b, text);
	free(text);
	json_decref(e);
}

/* --- keys and heads ----------------------------------------------------------------- */
static inline void
put_epoch(struct built *b)
{
	uint8_t text[EPOCH_TEXT_MAX], signature[64];
	char whole[129], half[SHA256_HEX];
	struct epoch_said said;
	uint32_t nr = b->epoch + 1;
	size_t n;

	b->start_ns[nr - 1] = b->now_ns;
	said = (struct epoch_said){ .nr = nr, .start_ns = b->now_ns,
		.key = b->pub[nr - 1], .head_size = b->head_size,
		.head_root = b->head_root };
	n = epoch_text(text, &said, b->log_pub, ORIGIN);
	assert_int_equal(ed25519_sign(b->key[nr == 1 ? 0 : nr - 2], text, n,
	    signature), 0);
	(void)snprintf(whole, sizeof(whole), "%s%s",
	    hex(signature), sha256_hex(half, signature + 32));
	b->epoch = nr;
	put(b, "epoch", NULL, json_pack(
	    "{s:i, s:s, s:I, s:s, s:s, s:s, s:s, s:I}", "epoch", (int)nr,
	    "head_root", hex(b->head_root), "head_size",
	    (json_int_t)b->head_size, "log_key", hex(b->log_pub), "origin", ORIGIN,
	    "public_key", hex(b->pub[nr - 1]), "signature", whole,
	    "start_ns", (json_int_t)b->start_ns[nr - 1]));
}

static inline void
make_head(struct built *b, uint64_t size, const uint8_t root[32],
    char out[NOTE_MAX + 1], size_t *len)
{
	struct note n = { .origin = ORIGIN, .size = size,
		.time_ns = b->now_ns, .epoch = b->epoch };
	char text[NOTE_TEXT_MAX];
	size_t text_len;

	memcpy(n.root, root, 32);
	text_len = note_text(text, &n);
	assert_int_equal(ed25519_sign(b->log_key, text, text_len,
	    n.log_signature), 0);
	assert_int_equal(ed25519_sign(b->key[b->epoch - 1], text, text_len,
	    n.epoch_signature), 0);
	assert_int_equal(note_make(out, len, &n, b->log_pub,
	    b->pub[b->epoch - 1]), 0);
	out[*len] = '\0';
}

static inline void
put_head(struct built *b)
{
	uint8_t root[32];

	mth(b, 0, b->size, root);
	make_head(b, b->size, root, b->note, &b->note_len);
	b->head_size = b->size;
	memcpy(b->head_root, root, 32);
	append(path_of(b, "heads/" DAY_HEADS), b->note, b->note_len);
	append(path_of(b, "heads/" DAY_HEADS), "\n", 1);
}

static inline void
put_vkeys(struct built *b)
{
	char line[2][VKEY_MAX], text[2 * VKEY_MAX + 2];

	assert_int_equal(vkey_make(line[0], ORIGIN, 0, b->log_pub), 0);
	assert_int_equal(vkey_make(line[1], ORIGIN, 1, b->pub[0]), 0);
	(void)snprintf(text, sizeof(text), "%s\n%s\n", line[0], line[1]);
	append(path_of(b, "heads/gate.vkeys"), text, strlen(text));
}

/* --- requests ---------------------------------------------------------------------- */
static inline json_t *
canon(struct built *b)
{
	json_t *c;
	char *text;
	size_t n;

	c = json_pack("{s:i, s:s, s:[s], s:s, s:s, s:s, s:s, s:[{s:[s,s], s:s,"
	    " s:s, s:n}], s:s, s:s, s:n, s:n, s:i, s:i, s:i, s:s}", "form", 1,
	    "requester", "alice", "operators", "alice", "target", "local",
	    "run_as", "root", "profile", "files", "profile_digest",
	    hex(b->pub[0]), "steps", "argv", "ls", "-l", "exe", "/bin/ls",
	    "exe_digest", hex(b->pub[1]), "script_digest", "input", "none",
	    "on_disconnect", "kill", "from", "until", "span", 28800,
	    "max_run", 3600, "uses", 9, "cwd", "/");
	assert_int_equal(json_canonical(c, &text, &n), 0);
	assert_int_equal(sha256_mem(text, n, b->digest), 0);
	sql(b, "INSERT INTO request VALUES (1, 1, 'submitted', 'alice', "
	    "'files', CAST(%Q AS BLOB), x'%s', NULL, 9, 0, 'because', '', '',"
	    " '[\"look\"]', %lld, %lld, NULL, NULL)", text, hex(b->digest),
	    START, START + 604800);
	free(text);
	return c;
}

static inline void
put_request(struct built *b)
{
	json_t *c = canon(b);

	sql(b, "INSERT INTO operator VALUES (1, 'alice')");
	put(b, "request", "alice", json_pack("{s:s, s:i, s:s, s:o, s:s, s:s,"
	    " s:s, s:i, s:[s], s:I, s:I, s:s}", "request", "R1", "revision", 1,
	    "digest", hex(b->digest), "canon", c, "reason", "because",
	    "ticket", "", "label", "", "uses", 9, "warnings", "look",
	    "filed_at", (json_int_t)START, "pending_until",
	    (json_int_t)(START + 604800), "script_digest", ""));
}

static inline void
put_approval(struct built *b, const char *who)
{
	sql(b, "INSERT INTO decision VALUES (1, 1, %Q, 'approve', %lld, "
	    "'fine', x'%s')", who, START, hex(b->digest));
	sql(b, "UPDATE request SET state = 'approved', start_at = %lld, "
	    "end_at = %lld", START, START + 28800);
	put(b, "decision", who, json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:I,"
	    " s:I, s:I}", "decision", "approve", "request", "R1", "revision",
	    1, "digest", hex(b->digest), "state", "approved", "message",
	    "fine", "decided_at", (json_int_t)START, "start_at",
	    (json_int_t)START, "end_at", (json_int_t)(START + 28800)));
}

/* --- recordings --------------------------------------------------------------------- */
static inline void
seal_it(struct built *b, const uint8_t uuid[16], unsigned int kind,
    const uint8_t digest[32], struct seal *s)
{
	uint8_t text[SEAL_TEXT_MAX];
	size_t n;

	b->now_ns += NS / 1000;
	s->epoch = b->epoch;
	s->time_ns = b->now_ns;
	n = seal_text(text, kind, uuid, s->epoch, s->time_ns, digest);
	assert_int_equal(ed25519_sign(b->key[b->epoch - 1], text, n,
	    s->signature), 0);
}

/* Brings the seal that is wanted. */
static inline void
seal_wanted(struct built *b, struct made_session *x)
{
	uint8_t digest[32];
	unsigned int kind;
	struct seal s;

	if (!writer_wants_seal(x->w, &kind, digest))
		return;
	seal_it(b, x->uuid, kind, digest, &s);
	assert_int_equal(writer_sealed(x->w, x->boot_ns, &s), 0);
}

static inline void
record_begin(struct built *b, struct made_session *x, int64_t nr)
{
	struct header h = { .clock = { .unix_ns = b->now_ns, .boot_ns = NS,
		.is_synced = 1, .source = "test" } };
	char meta[256], uuid[UUID_TEXT];

	memset(x, 0, sizeof(*x));
	x->nr = nr;
	x->boot_ns = NS;
	assert_int_equal(random_uuid7(x->uuid, b->now_ns), 0);
	(void)snprintf(meta, sizeof(meta), "{\"session\":\"S%" PRId64
	    "\",\"uuid\":\"%s\"}", nr, uuid_text(uuid, x->uuid));
	(void)snprintf(x->path, sizeof(x->path), "%s/recordings/" DAY "/S%"
	    PRId64 ".skr", b->dir, nr);
	x->fd = open(x->path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600);
	assert_true(x->fd >= 0);
	memcpy(h.uuid, x->uuid, 16);
	h.meta = (const uint8_t *)meta;
	h.meta_len = strlen(meta);
	h.epoch.nr = b->epoch;
	h.epoch.start_ns = b->start_ns[b->epoch - 1];
	memcpy(h.epoch.key, b->pub[b->epoch - 1], 32);
	assert_non_null(x->w = writer_new(x->fd, 1000));
	assert_int_equal(writer_header(x->w, &h), 0);
	seal_wanted(b, x);
	writer_total(x->w, &x->total);
}

static inline void
record_output(struct built *b, struct made_session *x, const char *text)
{
	x->boot_ns += NS;
	assert_int_equal(writer_event(x->w, x->boot_ns, '1', text,
	    strlen(text)), 0);
	x->boot_ns += NS;
	assert_int_equal(writer_tick(x->w, x->boot_ns), 0);
	seal_wanted(b, x);
}

/* The end as far as the recorder knows it; how 0: it was killed. */
static inline void
record_end_with(struct built *b, struct made_session *x, int how)
{
	struct writer_end e = { .how = (uint8_t)how, .signal = "",
		.reason = "", .is_unknown = how == 8 };

	if (how != 0) {
		x->boot_ns += NS;
		assert_int_equal(writer_end(x->w, x->boot_ns, &e), 0);
		seal_wanted(b, x);
		assert_true(writer_is_ended(x->w));
	}
	writer_total(x->w, &x->total);
	writer_free(x->w);
	close(x->fd);
}

/* --- sessions ---------------------------------------------------------------------- */
static inline void
put_use(struct built *b, const struct made_session *x)
{
	char uuid[UUID_TEXT];
	int64_t use = ++b->used;

	if (b->next_job == 0) {
		b->next_job = 1;
		sql(b, "INSERT INTO job VALUES (1, 1, 1, 'alice', %lld)",
		    START);
	}
	sql(b, "UPDATE request SET used = %lld", use);
	sql(b, "INSERT INTO session (nr, uuid, request, revision, step, use, "
	    "operator, source, argv, run_as, target, profile, state, "
	    "started_at, recording) VALUES (%lld, x'%s', 1, 1, 1, %lld, "
	    "'alice', %Q, '[\"ls\",\"-l\"]', 'root', 'local', 'files', "
	    "'running', %lld, '" DAY "/S%lld.skr')", x->nr, hex16(x->uuid), use,
	    SOURCE, START, x->nr);
	put(b, "use", "alice", json_pack("{s:s, s:i, s:i, s:I, s:i, s:o, s:s,"
	    " s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:I}", "request", "R1",
	    "revision", 1, "step", 1, "use", (json_int_t)use, "uses", 9,
	    "session", json_sprintf("S%" PRId64, x->nr), "uuid",
	    uuid_text(uuid, x->uuid), "digest", hex(b->digest), "order",
	    hex(b->digest), "exe", hex(b->pub[1]), "header",
	    hex(x->total.header_digest), "features", "", "snapshot", 1, "job",
	    "J1", "started_at", (json_int_t)START));
}

static inline void
put_end(struct built *b, const struct made_session *x, const char *state,
    const char *how, int has_chain)
{
	static const uint8_t zero[32];
	int runs = strcmp(state, "ended") == 0;

	sql(b, "UPDATE session SET state = %Q, how = %Q, status = %s, "
	    "ended_at = %lld, out_bytes = 0, err_bytes = 0, chain = %s "
	    "WHERE nr = %lld", state, how, runs ? "0" : "NULL", START + 9,
	    "NULL", x->nr);
	if (has_chain)
		sql(b, "UPDATE session SET chain = x'%s', out_bytes = %lld "
		    "WHERE nr = %lld", hex(x->total.chain),
		    x->total.out_bytes, x->nr);
	put(b, "end", "alice", json_pack("{s:o, s:s, s:s, s:i, s:s, s:s, s:i,"
	    " s:I, s:i, s:i, s:i, s:I, s:s}", "session", json_sprintf("S%"
	    PRId64, x->nr), "state", state, "how", how, "status", 0, "signal",
	    "", "reason", "", "in", 0, "out", (json_int_t)(has_chain ?
	    x->total.out_bytes : 0), "err", 0, "refusals", 0, "duration_ms",
	    0, "ended_at", (json_int_t)(START + 9), "chain",
	    hex(has_chain ? x->total.chain : zero)));
}

/* From the first byte to the last, all well. */
static inline void
whole_session(struct built *b, int64_t nr)
{
	struct made_session x;

	record_begin(b, &x, nr);
	put_use(b, &x);
	record_output(b, &x, "total 0\n");
	record_end_with(b, &x, 1);
	put_end(b, &x, "ended", "ran", 1);
}

/* Prepared, refused at the last moment, recorded; its end enters the row.  how, text: what its record says of it. */
static inline void
not_run_but(struct built *b, int64_t nr, int is_recorded, int how,
    const char *text)
{
	struct made_session x;
	char uuid[UUID_TEXT];

	record_begin(b, &x, nr);
	if (text != NULL)
		record_output(b, &x, text);
	record_end_with(b, &x, how);
	sql(b, "INSERT INTO session (nr, uuid, request, revision, step, "
	    "operator, source, argv, run_as, target, profile, state, how, "
	    "ended_at, recording, chain) VALUES (%lld, x'%s', 1, 1, 1, "
	    "'alice', %Q, '[\"ls\",\"-l\"]', 'root', 'local', 'files', "
	    "'not run', 'not run', %lld, '" DAY "/S%lld.skr', %s%s%s)", nr,
	    hex16(x.uuid), SOURCE, START + 9, nr, is_recorded ? "x'" : "NULL",
	    is_recorded ? hex(x.total.chain) : "", is_recorded ? "'" : "");
	put(b, "end", "alice", json_pack("{s:o, s:s, s:s, s:i, s:s, s:s, s:i,"
	    " s:i, s:i, s:i, s:i, s:I, s:s, s:s, s:i, s:i, s:s, s:s, s:i}",
	    "session", json_sprintf("S%" PRId64, nr), "state", "not run",
	    "how", "not run", "status", 0, "signal", "", "reason", "", "in", 0,
	    "out", 0, "err", 0, "refusals", 0, "duration_ms", 0, "ended_at",
	    (json_int_t)(START + 9), "chain", is_recorded ?
	    hex(x.total.chain) : "0000000000000000000000000000000000000000"
	    "000000000000000000000000", "request", "R1", "revision", 1,
	    "step", 1, "uuid", uuid_text(uuid, x.uuid), "operator", "alice",
	    "recorded", is_recorded));
}

static inline void
not_run_session(struct built *b, int64_t nr, int is_recorded)
{
	not_run_but(b, nr, is_recorded, 2, NULL);
}

/* The recorder was killed; what is left of its record is marked and told of, or not yet; 2: it was damaged, too. */
static inline void
killed_session(struct built *b, int64_t nr, int is_recovered)
{
	static const uint8_t zero[32];
	size_t tail = is_recovered == 2 ? sizeof(zero) : 4;
	const char *result = is_recovered == 2 ? "damaged" : "torn";
	uint8_t mark[MARK_LEN], digest[32], chain[32];
	struct reader *r = NULL;
	struct reader_event e;
	struct made_session x;
	struct seal s;
	int fd;

	record_begin(b, &x, nr);
	put_use(b, &x);
	record_output(b, &x, "tot");
	record_end_with(b, &x, 0);
	put_end(b, &x, "interrupted", "lost", 0);
	if (!is_recovered)
		return;
	append(x.path, zero, tail);
	fd = open(x.path, O_RDONLY);
	assert_int_equal(reader_open(fd, &r), 0);
	while (reader_next(r, &e) == 0)
		;
	assert_int_equal(mark_make(r, x.uuid, b->now_ns, mark, digest), 0);
	seal_it(b, x.uuid, 4, digest, &s);
	assert_int_equal(mark_seal(r, mark, &s, chain), 0);
	append(x.path, mark, sizeof(mark));
	sql(b, "UPDATE session SET recovered = %Q, chain = x'%s' WHERE "
	    "nr = %lld", result, hex(chain), nr);
	put(b, "recovered", NULL, json_pack("{s:o, s:s, s:I, s:I, s:I, s:s}",
	    "session", json_sprintf("S%" PRId64, nr), "result", result,
	    "good", (json_int_t)reader_result(r)->good_bytes, "found",
	    (json_int_t)(reader_result(r)->good_bytes + tail), "sealed",
	    (json_int_t)reader_result(r)->sealed_bytes, "chain", hex(chain)));
	reader_free(r);
	close(fd);
}

static inline void
put_number(struct built *b, const char *what, json_t *e, int64_t next)
{
	sql(b, "INSERT OR REPLACE INTO number VALUES ('next_session', %lld)",
	    next);
	json_object_set_new(e, "next_session", json_integer(next));
	put(b, what, NULL, e);
}

static inline void
put_review(struct built *b)
{
	sql(b, "INSERT INTO seen VALUES (1, 0, 'carol', 100), "
	    "(1, 1, 'carol', 40)");
	put(b, "seen", "carol", json_pack("{s:s, s:s, s:i}", "job", "J1",
	    "session", "", "percent", 100));
	put(b, "seen", "carol", json_pack("{s:s, s:s, s:i}", "job", "J1",
	    "session", "S1", "percent", 40));
	put(b, "seen", "carol", json_pack("{s:s, s:s, s:i}", "job", "J1",
	    "session", "S1", "percent", 10));
	sql(b, "INSERT INTO verdict VALUES (1, 'carol', 'adequate', '', %lld,"
	    " '{\"sheet\":true}')", START + 99);
	put(b, "verdict", "carol", json_pack("{s:s, s:s, s:s, s:I, s:{s:b}}",
	    "job", "J1", "verdict", "adequate", "message", "", "decided_at",
	    (json_int_t)(START + 99), "seen", "sheet", 1));
}

static inline void
put_strange_login(struct built *b)
{
	uint8_t digest[32];

	assert_int_equal(sha256_mem("0123456789abcdefmallory", 23, digest), 0);
	sql(b, "INSERT INTO unknown_name VALUES (x'%s', "
	    "CAST('0123456789abcdef' AS BLOB), CAST('mallory' AS BLOB), "
	    "%lld)", hex(digest), START - START % 60);
	put(b, "login-refused", NULL, json_pack("{s:I, s:s, s:[{s:s}]}",
	    "minute", (json_int_t)(START - START % 60), "source", SOURCE,
	    "unknown_users", "sha256", hex(digest)));
}

static inline void
put_near_miss(struct built *b)
{
	sql(b, "INSERT INTO near_miss VALUES (%llu, 1, 'alice', %lld)",
	    b->size, (b->now_ns + NS / 100) / NS);
	put(b, "refusal", "alice", json_pack("{s:s, s:s, s:s, s:s}", "code",
	    "DIFFERS", "asked", "[ls]", "reason", "another command",
	    "request", "R1"));
}

/* --- the whole -------------------------------------------------------------------- */
static inline void
built_new(struct built *b)
{
	static const char *const dirs[] = { "ledger", "heads", "recordings",
		"recordings/2026", "recordings/2026/11", "recordings/" DAY };
	uint8_t seed[32];
	struct store *s;
	size_t i;

	memset(b, 0, sizeof(*b));
	(void)snprintf(b->dir, sizeof(b->dir), "/tmp/verify-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	for (i = 0; i < 6; i++)
		assert_int_equal(mkdir(path_of(b, dirs[i]), 0700), 0);
	(void)snprintf(b->db_path, sizeof(b->db_path), "%s/ledger/ledger.db",
	    b->dir);
	assert_int_equal(store_open(b->db_path, &s), 0);
	assert_int_equal(store_shut(s), 0);
	assert_int_equal(sqlite3_open(b->db_path, &b->db), SQLITE_OK);
	sql(b, "PRAGMA synchronous = OFF");
	for (i = 0; i <= EPOCHS; i++) {
		memset(seed, (int)i + 1, sizeof(seed));
		assert_int_equal(ed25519_new(seed, i == EPOCHS ? &b->log_key :
		    &b->key[i]), 0);
		assert_int_equal(ed25519_public(i == EPOCHS ? b->log_key :
		    b->key[i], i == EPOCHS ? b->log_pub : b->pub[i]), 0);
	}
	b->now_ns = START * NS;
	put_vkeys(b);
}

/* Up to the moment when R1 may be run. */
static inline void
built_begin(struct built *b)
{
	built_new(b);
	put_number(b, "gate-start", json_pack("{s:s}", "gate", "gate"), 65);
	put_epoch(b);
	put(b, "snapshot", NULL, json_pack("{s:i, s:s}", "serial", 1,
	    "digest", hex(b->log_pub)));
	put(b, "login", "alice", json_pack("{s:s}", "method", "pam"));
	put_request(b);
	put_approval(b, "bob");
	put_head(b);
}

static inline void
built_end(struct built *b)
{
	put_number(b, "gate-stop", json_pack("{s:i}", "ordered", 1), 10);
	put_head(b);
}

/* Of everything that happens in an honest gate something. */
static inline void
built_honest(struct built *b)
{
	struct made_session x;

	built_begin(b);
	whole_session(b, 1);
	put_near_miss(b);
	put_strange_login(b);
	put_epoch(b);
	put_head(b);
	not_run_session(b, 2, 1);
	killed_session(b, 3, 1);
	put_review(b);
	whole_session(b, 4);
	record_begin(b, &x, 9);		/* prepared, never started */
	record_end_with(b, &x, 8);
	put(b, "disk", NULL, json_pack("{s:s, s:i}", "level", "fine", "free",
	    100));
	put(b, "verify", "carol", json_pack("{s:s}", "what_of", "all"));
	built_end(b);
}

static inline void
built_free(struct built *b)
{
	char *const argv[] = { (char *)(uintptr_t)"rm",
		(char *)(uintptr_t)"-rf", b->dir, NULL };
	size_t i;
	pid_t pid;

	sqlite3_close(b->db);
	for (i = 0; i < EPOCHS; i++)
		ed25519_free(b->key[i]);
	ed25519_free(b->log_key);
	if ((pid = fork()) == 0) {
		execv("/bin/rm", argv);
		_exit(127);
	}
}

/* --- the check -------------------------------------------------------------------- */
struct checked {
	struct report	*report;
	struct verify	 v;
	int		 error, status;
};

static inline void
built_check_with(struct built *b, const struct verify_args *how,
    struct checked *c)
{
	struct print p = { .out = NULL, .name = "test" };
	struct verify_args a = *how;
	struct subject *s = NULL;

	memset(c, 0, sizeof(*c));
	c->v.heads.walk.fd = -1;
	assert_int_equal(sqlite3_wal_checkpoint_v2(b->db, NULL,
	    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL), SQLITE_OK);
	assert_non_null(c->report = report_new());
	c->v.report = c->report;
	c->error = copy_open(b->dir, c->report, &s);
	if (c->error == 0) {
		a.subject = s;
		c->error = verify_run(&c->v, &a, c->report);
		s->ops->free(s);
	}
	c->v.subject = NULL;
	p.error = c->error;
	c->status = print_status(&c->v, &p);
}

static inline void
built_check(struct built *b, struct checked *c)
{
	static const struct verify_args plain;

	built_check_with(b, &plain, c);
}

static inline void
checked_free(struct checked *c)
{
	verify_free(&c->v);
	report_free(c->report);
}

static inline void
show(const struct checked *c)
{
	const struct finding *f;
	size_t i;

	for (i = 0; (f = report_fault_at(c->report, i)) != NULL; i++)
		print_message("  fault [%s] %s: %s\n", fault_word(f->code),
		    f->place, f->text);
}

/* Is there a fault of this code at this place? */
static inline void
has_fault(const struct checked *c, enum fault_code code, const char *place)
{
	const struct finding *f;
	size_t i;

	for (i = 0; (f = report_fault_at(c->report, i)) != NULL; i++)
		if (f->code == (int)code && strcmp(f->place, place) == 0)
			return;
	show(c);
	fail_msg("no fault [%s] at %s", fault_word((int)code), place);
}

static inline void
has_no_fault(const struct checked *c)
{
	show(c);
	assert_int_equal(c->error, 0);
	assert_int_equal(report_faults(c->report), 0);
}

#endif
