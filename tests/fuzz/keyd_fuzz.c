/*
 * keyd_fuzz.c - sekishod, monitors, recorders and ledgerd say anything in any
 * order, keyd is restarted, the clock jumps: the model beside it knows what may
 * be signed, and whatever is signed beyond it, or not signed although it may
 * be, aborts.
 * links: wire crypt confine json ledger record keyd
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "keyd/inside.h"
#include "ledger/note.h"
#include "record/seal.h"
#include "tests/unit/keyd/grown.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

#define SLOTS		5		/* seal channels at one time */
#define UUIDS		3
#define TREES		3		/* the second and third leave the first at a leaf */
#define NOW		1790000000	/* unix seconds */
#define EPOCH_S		3600
#define STEPS_MAX	120

/* What the model thinks of a channel. */
enum state { NONE, NEW, FRESH, OPEN, RECOVERY, OVER };

struct slot {
	struct chan	*c;
	enum state	 state;
	unsigned int	 uuid, nbounds;
};

struct fuzz {
	struct keyd	 k;
	struct chan	*d, *ledger;
	struct slot	 slots[SLOTS];
	struct grown	 trees[TREES];
	uint64_t	 size;		/* of the last head that came out */
	unsigned int	 tree;		/* and whose it was */
	int64_t		 time_ns;	/* the last one that came out */
	int64_t		 now;		/* the gate's clock, seconds */
	uint32_t	 epoch;		/* the last EPOCH that was told */
	int64_t		 start_ns;
	uint8_t		 key[ED25519_LEN], log_key[ED25519_LEN];
	int		 is_asked, is_acked;
	char		 dir[64];
	const uint8_t	*p;
	size_t		 n;
};

static uint8_t
byte(struct fuzz *f)
{
	if (f->n == 0)
		return 0;
	f->n--;
	return *f->p++;
}

static void
must(int ok)
{
	if (!ok)
		abort();
}

static const uint8_t *
uuid_of(unsigned int i)
{
	static const uint8_t u[UUIDS][UUID_LEN] = { { 1 }, { 2 }, { 3 } };

	return u[i];
}

static int
ready(const struct fuzz *f)
{
	struct pollfd p[2 + SLOTS + 8];
	const struct seals *s;
	nfds_t n = 0;

	p[n++] = (struct pollfd){ chan_fd(f->k.d), POLLIN, 0 };
	if (f->k.ledger != NULL)
		p[n++] = (struct pollfd){ chan_fd(f->k.ledger), POLLIN, 0 };
	for (s = f->k.seals; s != NULL && n < 2 + SLOTS + 8; s = s->next)
		p[n++] = (struct pollfd){ chan_fd(s->chan), POLLIN, 0 };
	return poll(p, n, 0) > 0 || epoch_wait_ms(&f->k) == 0;
}

/* Until it would wait.  It never stops by itself: nothing here is sekishod's fault. */
static void
settle(struct fuzz *f)
{
	int i;

	for (i = 0; i < 64 && ready(f); i++)
		must(keyd_step(&f->k) == 0);
	must(i < 64);
}

/* A message that must be there, of that type. */
static void
answer(struct chan *c, enum msg_type type, struct msg *m)
{
	must(chan_recv(c, m) == 0);
	must(m->type == type);
}

static void
closed(struct slot *s)
{
	struct msg m;

	must(chan_recv(s->c, &m) == ERR_CLOSED);
	chan_free(s->c);
	memset(s, 0, sizeof(*s));
}

/* EPOCH: the next one or the same again, vouched for by the one before. */
static void
take_epoch(struct fuzz *f, struct msg *m)
{
	uint8_t text[EPOCH_TEXT_MAX];
	struct epoch_said said;
	struct msg_epoch e;
	const uint8_t *by;
	size_t n;

	must(msg_epoch_get(m->body, &e) == 0);
	must(m->id == e.epoch && e.public_key.n == ED25519_LEN);
	by = f->epoch == 0 ? e.public_key.p : f->key;
	if (e.epoch == f->epoch)
		must(e.start == f->start_ns &&
		    memcmp(f->key, e.public_key.p, ED25519_LEN) == 0);
	else {
		must(e.epoch == f->epoch + 1);
		must(f->epoch == 0 || (f->is_acked && e.start > f->time_ns));
		said = (struct epoch_said){ .nr = e.epoch,
			.start_ns = e.start, .key = e.public_key.p,
			.head_size = e.head_size,
			.head_root = e.head_root.p };
		n = epoch_text(text, &said, f->log_key, "gate/sekisho");
		must(ed25519_verify(by, text, n, e.signature.p) == 0);
		f->is_acked = 0;
		f->time_ns = e.start;
	}
	f->epoch = e.epoch;
	f->start_ns = e.start;
	memcpy(f->key, e.public_key.p, ED25519_LEN);
	f->is_asked = 1;
	msg_epoch_free(&e);
}

/* What ledgerd was told without a question: epochs. */
static void
listen_to_epochs(struct fuzz *f)
{
	struct msg m;

	while (f->ledger != NULL && chan_recv(f->ledger, &m) == 0) {
		must(m.type == MSG_EPOCH);
		take_epoch(f, &m);
		msg_done(&m);
	}
	/* while ledgerd is away one key may come that only the next KEYS tells of */
	if (f->ledger == NULL && f->k.now.nr != f->epoch) {
		must(f->epoch == 0 || (f->is_acked &&
		    f->k.now.nr == f->epoch + 1));
		must(f->k.now.start_ns > f->time_ns);
		f->time_ns = f->k.now.start_ns;
		f->start_ns = f->k.now.start_ns;
		f->epoch = f->k.now.nr;
		memcpy(f->key, f->k.now.public, ED25519_LEN);
		f->is_acked = 0;
	}
}

static void
take_time(struct fuzz *f, int64_t at)
{
	must(at > f->time_ns && at >= f->start_ns);
	must(at <= f->time_ns + 2 * TIME_STEP_NS ||
	    at <= f->now * 1000000000 + 2 * TIME_STEP_NS);
	f->time_ns = at;
}

static void
take_seal(struct fuzz *f, struct slot *s, unsigned int kind,
    const uint8_t *digest)
{
	uint8_t text[SEAL_TEXT_MAX];
	struct msg_sealed m;
	struct msg got;
	size_t n;

	answer(s->c, MSG_SEALED, &got);
	must(msg_sealed_get(got.body, &m) == 0);
	msg_done(&got);
	must(m.epoch == f->epoch);
	take_time(f, m.at);
	n = seal_text(text, kind, uuid_of(s->uuid), m.epoch, m.at, digest);
	must(ed25519_verify(f->key, text, n, m.signature.p) == 0);
	msg_sealed_free(&m);
}

static void
take_bound(struct fuzz *f, struct slot *s)
{
	struct msg_seal_bound b;
	struct msg m;

	answer(s->c, MSG_SEAL_BOUND, &m);
	must(msg_seal_bound_get(m.body, &b) == 0);
	msg_done(&m);
	must(b.epoch == f->epoch && b.start == f->start_ns &&
	    memcmp(b.public_key.p, f->key, ED25519_LEN) == 0);
	msg_seal_bound_free(&b);
}

static int
is_taken(const struct fuzz *f, const struct slot *me, unsigned int uuid)
{
	const struct slot *s;

	for (s = f->slots; s < f->slots + SLOTS; s++)
		if (s != me && s->state > NEW && s->uuid == uuid)
			return 1;
	return 0;
}

static void
open_slot(struct fuzz *f, struct slot *s, int is_recovery, unsigned int uuid)
{
	struct msg_seal_channel m = { .session = is_recovery ? uuid + 1 : 0 };
	int fds[2];

	if (s->state != NONE)
		return;
	if (is_recovery)
		m.uuid = (struct blob){ (uint8_t *)(uintptr_t)uuid_of(uuid),
			UUID_LEN };
	must(chan_pair(fds) == 0);
	must(chan_put_seal_channel(f->d, 0, &m, fds, 1) == 0);
	close(fds[0]);
	s->c = chan_new(fds[1], (enum peer)(PEER_M | PEER_R), PEER_K);
	s->state = is_recovery ? RECOVERY : NEW;
	s->uuid = uuid;
	settle(f);
	if (is_recovery && is_taken(f, s, uuid))
		closed(s);
}

static void
bind_slot(struct fuzz *f, struct slot *s, unsigned int uuid)
{
	struct msg_seal_bind m = { .session = uuid + 1,
		.uuid = { (uint8_t *)(uintptr_t)uuid_of(uuid), UUID_LEN } };

	if (s->state == NONE)
		return;
	must(chan_put_seal_bind(s->c, 3, &m, NULL, 0) == 0);
	settle(f);
	if (s->state != NEW || is_taken(f, s, uuid)) {
		closed(s);
		return;
	}
	s->state = FRESH;
	s->uuid = uuid;
	take_bound(f, s);
}

/* What comes after a seal of that kind; NONE: there is no such seal now. */
static enum state
after(enum state now, unsigned int kind)
{
	if (now == RECOVERY)
		return kind == SEAL_RECOVERED ? OVER : NONE;
	if (now == FRESH && kind == SEAL_HEAD)
		return OPEN;
	if ((now == FRESH || now == OPEN) && kind == SEAL_CKPT)
		return OPEN;
	return (now == FRESH || now == OPEN) && kind == SEAL_END ? OVER : NONE;
}

static void
sign_slot(struct fuzz *f, struct slot *s, unsigned int kind, uint32_t epoch)
{
	uint8_t digest[DIGEST_LEN] = { 0 };
	struct msg_seal_sign m = { .kind = (uint8_t)kind, .epoch = epoch,
		.digest = { digest, DIGEST_LEN } };
	enum state next;

	if (s->state == NONE)
		return;
	digest[0] = byte(f);
	next = after(s->state, kind);
	must(chan_put_seal_sign(s->c, 7, &m, NULL, 0) == 0);
	settle(f);
	if (next != NONE && kind == SEAL_HEAD && epoch != f->epoch &&
	    ++s->nbounds <= BOUNDS_MAX) {
		take_bound(f, s);
		return;
	}
	if (next == NONE || (kind != SEAL_HEAD && epoch != 0) ||
	    (kind == SEAL_HEAD && epoch != f->epoch)) {
		closed(s);
		return;
	}
	take_seal(f, s, kind, digest);
	s->state = next;
}

/* Bytes that may be anything: only the channel may be lost, nothing may be signed by chance. */
static void
garbage(struct fuzz *f, struct chan *c)
{
	uint8_t raw[128];
	struct buf *b = buf_new(1024);
	size_t n = byte(f) % sizeof(raw), i;
	unsigned int type = byte(f);

	for (i = 0; i < n; i++)
		raw[i] = byte(f);
	must(msg_frame_put(b, (enum msg_type)type, 1, 0, raw, n) == 0);
	n = buf_len(b);
	if (byte(f) == 1 && n > 0)
		n--;
	if (write(chan_fd(c), buf_data(b), n) < 0)
		abort();
	buf_free(b);
	settle(f);
}

/* Whole messages are said by the others: here SEAL_SIGN and SEAL_BIND come out whole only by luck, and end it. */
static void
garbage_slot(struct fuzz *f, struct slot *s)
{
	struct msg m;

	if (s->state == NONE)
		return;
	garbage(f, s->c);
	while (chan_recv(s->c, &m) == 0) {
		must(m.type == MSG_SEAL_BOUND || s->state > NEW);
		msg_done(&m);
	}
	chan_free(s->c);
	memset(s, 0, sizeof(*s));
	settle(f);
	f->time_ns = f->k.time_ns;
}

static void
close_slot(struct slot *s)
{
	chan_free(s->c);
	memset(s, 0, sizeof(*s));
}

static void
bind_ledger(struct fuzz *f)
{
	struct msg_keys keys;
	struct msg m;
	int fds[2];

	must(chan_pair(fds) == 0);
	chan_free(f->ledger);
	f->ledger = chan_new(fds[1], PEER_G, PEER_K);
	f->is_asked = 0;
	must(chan_put_bind_keys(f->d, 0, NULL, fds, 1) == 0);
	close(fds[0]);
	settle(f);
	answer(f->ledger, MSG_KEYS, &m);
	must(msg_keys_get(m.body, &keys) == 0);
	msg_done(&m);
	must(strcmp(keys.origin, "gate/sekisho") == 0);
	must(memcmp(keys.log_key.p, f->log_key, ED25519_LEN) == 0);
	must(keys.size == f->size);
	msg_keys_free(&keys);
	answer(f->ledger, MSG_EPOCH, &m);
	take_epoch(f, &m);
	msg_done(&m);
	listen_to_epochs(f);
}

static void
lose_ledger(struct fuzz *f)
{
	chan_free(f->ledger);
	f->ledger = NULL;
	f->is_asked = 0;
	settle(f);
	listen_to_epochs(f);
}

static void
ack(struct fuzz *f, uint32_t id)
{
	struct msg m;

	if (f->ledger == NULL)
		return;
	must(chan_put_ack(f->ledger, id, NULL, NULL, 0) == 0);
	if (!f->is_asked || id != f->epoch) {
		settle(f);
		must(chan_recv(f->ledger, &m) == ERR_CLOSED);
		lose_ledger(f);
		return;
	}
	f->is_asked = 0;
	f->is_acked = 1;
	settle(f);
	listen_to_epochs(f);
}

/* Does tree "a" have the same first "size" leaves as "b"?  From the leaves' own roots, without a proof. */
static int
same(struct fuzz *f, unsigned int a, unsigned int b, uint64_t size)
{
	uint8_t x[TREE_HASH], y[TREE_HASH];

	grown_root(&f->trees[a], size, x);
	grown_root(&f->trees[b], size, y);
	return memcmp(x, y, TREE_HASH) == 0;
}

static void
take_head(struct fuzz *f, const struct msg *m, uint64_t size,
    unsigned int tree)
{
	struct msg_head_signed s;
	uint8_t root[TREE_HASH];
	struct note n;

	must(msg_head_signed_get(m->body, &s) == 0);
	must(note_parse((const char *)s.note.p, s.note.n, &n, f->log_key,
	    f->key) == 0);
	must(note_check(&n, f->log_key, f->key) == 0);
	grown_root(&f->trees[tree], size, root);
	must(n.size == size && n.epoch == f->epoch &&
	    memcmp(n.root, root, TREE_HASH) == 0);
	must(size >= f->size && size > 0);
	must(f->size == 0 || same(f, tree, f->tree, f->size));
	take_time(f, n.time_ns);
	f->size = size;
	f->tree = tree;
	msg_head_signed_free(&s);
}

static void
head(struct fuzz *f, uint64_t size, unsigned int tree, unsigned int how)
{
	struct tree_proof p = { .n = 0 };
	uint8_t root[TREE_HASH];
	struct msg_head_sign h = { .size = size, .old = f->size,
		.root = { root, TREE_HASH } };
	int is_right = how < 200;
	struct msg m;

	if (f->ledger == NULL)
		return;
	grown_root(&f->trees[tree], size, root);
	if (f->size > 0 && f->size <= size)
		grown_proof(&f->trees[tree], f->size, size, &p);
	if (!is_right && how % 4 == 0)
		h.old = byte(f);
	else if (!is_right && how % 4 == 1 && p.n > 0)
		p.hash[how % p.n][how % TREE_HASH] ^= (uint8_t)(1 + how % 7);
	else if (!is_right && how % 4 == 2)
		p.n = how % TREE_PROOF_MAX;
	h.proof = (struct blob){ (uint8_t *)p.hash, p.n * TREE_HASH };
	must(chan_put_head_sign(f->ledger, 4, &h, NULL, 0) == 0);
	settle(f);
	must(chan_recv(f->ledger, &m) == 0);
	must(m.type == MSG_HEAD_SIGNED || m.type == MSG_REFUSED);
	if (m.type == MSG_HEAD_SIGNED)
		take_head(f, &m, size, tree);
	else	/* what is right in every way is not refused */
		must(!is_right || size == 0 || size < f->size ||
		    (f->size > 0 && !same(f, tree, f->tree, f->size)));
	msg_done(&m);
}

static void
start(struct fuzz *f)
{
	int fds[2];

	memset(&f->k, 0, sizeof(f->k));
	f->k.disk = (struct disk){ -1, -1 };
	must(keyd_open(&f->k, f->dir, "gate", EPOCH_S) == 0);
	must(chan_pair(fds) == 0);
	f->k.d = chan_new(fds[0], PEER_K, PEER_D);
	f->d = chan_new(fds[1], PEER_D, PEER_K);
}

static void
stop(struct fuzz *f)
{
	size_t i;

	for (i = 0; i < SLOTS; i++)
		close_slot(&f->slots[i]);
	chan_free(f->ledger);
	chan_free(f->d);
	f->ledger = f->d = NULL;
	f->is_asked = 0;
	keyd_close(&f->k);
}

/* Killed and started: the files are all that is left. */
static void
restart(struct fuzz *f)
{
	stop(f);
	start(f);
	f->is_acked = 0;
	must(f->k.now.nr == f->epoch);
	listen_to_epochs(f);
}

static void
set_clock(struct fuzz *f, uint8_t minutes)
{
	f->now += (int64_t)(minutes - 100) * 60;
	if (f->now < 1)
		f->now = 1;
	clock_set_test(f->now);
	settle(f);
	listen_to_epochs(f);
}

static void
one_step(struct fuzz *f)
{
	struct slot *s;
	uint8_t what = byte(f), more = byte(f);
	uint32_t epoch;

	s = &f->slots[(what >> 4) % SLOTS];
	switch (what & 15) {
	case 0: case 1:
		open_slot(f, s, 0, 0);
		break;
	case 2:
		open_slot(f, s, 1, more % UUIDS);
		break;
	case 3: case 4:
		bind_slot(f, s, more % UUIDS);
		break;
	case 5: case 6: case 7:
		epoch = more % 6 == SEAL_HEAD || more > 250 ? f->epoch : 0;
		if (more > 200)
			epoch += more % 3;
		sign_slot(f, s, more % 6, epoch);
		break;
	case 8:
		garbage_slot(f, s);
		break;
	case 9:
		close_slot(s);
		break;
	case 10:
		bind_ledger(f);
		break;
	case 11: case 12:
		head(f, more % (GROWN_MAX + 1), (what >> 4) % TREES, byte(f));
		break;
	case 13:
		ack(f, f->epoch + (more > 240));
		break;
	case 14:
		set_clock(f, more);
		break;
	case 15:
		if (more > 128)
			restart(f);
		else
			lose_ledger(f);
		break;
	}
}

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

static void
begin(struct fuzz *f)
{
	static const uint64_t forks[TREES] = { GROWN_MAX, 5, 30 };
	size_t i;

	log_set_sink(quiet, NULL);
	memset(f, 0, sizeof(*f));
	for (i = 0; i < TREES; i++)
		grown_fill(&f->trees[i], forks[i]);
	(void)snprintf(f->dir, sizeof(f->dir), "/dev/shm/keyd-fuzz-XXXXXX");
	must(mkdtemp(f->dir) != NULL);
	f->now = NOW;
	clock_set_test(f->now);
	start(f);
	memcpy(f->log_key, f->k.log.public, ED25519_LEN);
	listen_to_epochs(f);
	bind_ledger(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct fuzz f;
	char path[128];
	int i;

	begin(&f);
	f.p = p;
	f.n = n;
	for (i = 0; i < STEPS_MAX && f.n > 0; i++)
		one_step(&f);
	stop(&f);
	(void)snprintf(path, sizeof(path), "%s/state", f.dir);
	(void)unlink(path);
	(void)rmdir(f.dir);
	clock_set_test(0);
	return 0;
}
