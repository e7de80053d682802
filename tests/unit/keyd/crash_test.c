/*
 * crash_test.c - the process dies before, in the middle of and after every
 * write, sync and rename, or is told that they failed: what is on the disk is
 * always one whole state, and nothing signed is forgotten.
 */
#include "die.h"
#include "grown.h"

#define FINISHED	3		/* exit status: there was no step of that number */
#define FIRST_CALLS	20		/* nine blocks written and synced, the name, the directory */
#define STOPPED		4		/* keyd stopped by itself */

/* What a child does; status as for exit(). */
typedef int deed(struct rig *g);

static int
first_start(struct rig *g)
{
	return rig_open(g, "gate1") == 0 ? FINISHED : STOPPED;
}

static int
rotation(struct rig *g)
{
	enum fault f = plan.fault;

	plan.fault = FAULT_NONE;
	assert_int_equal(rig_open(g, "gate1"), 0);
	plan.fault = f;
	plan.calls = 0;
	g->k.is_acked = 1;
	clock_set_test(NOW + EPOCH_S);
	if (epoch_turn(&g->k) != 0)
		return g->k.status == KEYD_IOERR ? STOPPED : 1;
	return FINISHED;
}

/* The start that finds what a rotation left. */
static int
second_start(struct rig *g)
{
	return first_start(g);
}

#define HEAD_OLD	20
#define HEAD_NEW	33

static void
ask_head(struct rig *g, uint64_t size, uint64_t fork)
{
	static struct grown t;
	struct tree_proof p;
	uint8_t root[TREE_HASH];
	struct msg_head_sign h = { .size = size, .old = g->k.last.head.size,
		.root = { root, TREE_HASH } };

	memset(&t, 0, sizeof(t));
	grown_fill(&t, fork);
	grown_root(&t, size, root);
	p.n = 0;
	if (h.old <= size)
		grown_proof(&t, h.old, size, &p);
	h.proof = (struct blob){ (uint8_t *)p.hash, p.n * TREE_HASH };
	assert_int_equal(chan_put_head_sign(g->g, 5, &h, NULL, 0), 0);
}

/* ledgerd's end is the parent's: what was signed came out there. */
static int head_fd = -1;

static int
head(struct rig *g)
{
	enum fault f = plan.fault;

	plan.fault = FAULT_NONE;
	assert_int_equal(rig_open(g, "gate1"), 0);
	assert_int_equal(ledger_bind(&g->k, dup(head_fd)), 0);
	plan.fault = f;
	plan.calls = 0;
	if (keyd_step(&g->k) != 0)
		return g->k.status == KEYD_IOERR ? STOPPED : 1;
	return FINISHED;
}

/* Runs it in a child with that fault.  FINISHED, STOPPED, or 0 when it was killed. */
static int
run(struct rig *g, deed *what, enum fault fault, int at, size_t cut)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		log_init("keyd", LOG_ERROR - 1);
		plan.fault = fault;
		plan.at = at;
		plan.cut = cut;
		plan.calls = 0;
		_exit(what(g));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(WTERMSIG(status), SIGKILL);
		return 0;
	}
	status = WEXITSTATUS(status);
	if (status != FINISHED && status != STOPPED)
		fail_msg("status %d at call %d, cut %zu", status, at, cut);
	return status;
}

/* The whole directory's content, to begin from it again and again. */
static void
snap(const struct rig *g, uint8_t was[BLOCKS * DISK_BLOCK])
{
	int fd = open(g->file, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, was, BLOCKS * DISK_BLOCK, 0),
	    BLOCKS * DISK_BLOCK);
	close(fd);
}

static void
put_back(const struct rig *g, const uint8_t was[BLOCKS * DISK_BLOCK])
{
	int fd = open(g->file, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, was, BLOCKS * DISK_BLOCK),
	    BLOCKS * DISK_BLOCK);
	close(fd);
}

static int
holds(const uint8_t file[BLOCKS * DISK_BLOCK], const uint8_t *seed)
{
	return memmem(file, BLOCKS * DISK_BLOCK, seed, ED25519_LEN) != NULL;
}

/* A place whose file is whole, and closed. */
static void
made(struct rig *g)
{
	rig_new(g);
	rig_close(g);
}

static void
a_first_start_that_is_cut_off_begins_anew(void **state)
{
	char path[128];
	struct rig g;
	int at, done = 0, i, deaths = 0;

	(void)state;
	for (at = 0; !done; at++)
		for (i = 0; i < (int)NCUTS && !done; i++) {
			rig_dir(&g);
			done = run(&g, first_start, FAULT_DIE, at,
			    cuts[i]) == FINISHED;
			deaths += !done;
			assert_int_equal(rig_open(&g, "gate1"), 0);
			assert_int_equal(g.k.now.nr, 1);
			(void)snprintf(path, sizeof(path), "%s/state.new",
			    g.dir);
			assert_int_equal(access(path, F_OK), -1);
			rig_end(&g);
		}
	print_message("%d calls, %d deaths\n", at - 1, deaths);
	assert_int_equal(at - 1, FIRST_CALLS);
}

/* After any death in a rotation: one key, old or new, no trace of the other. */
static void
one_whole_key(struct rig *g, const struct epoch_key *old,
    const uint8_t *old_seed)
{
	uint8_t file[BLOCKS * DISK_BLOCK];
	static const uint8_t zero[DISK_BLOCK];
	enum disk_block free_slot;

	assert_int_equal(rig_open(g, "gate1"), 0);
	snap(g, file);
	if (g->k.now.nr == old->nr) {
		assert_memory_equal(g->k.now.public, old->public,
		    ED25519_LEN);
		assert_true(holds(file, old_seed));
	} else {
		assert_int_equal(g->k.now.nr, old->nr + 1);
		assert_memory_equal(g->k.now.signer, old->public,
		    ED25519_LEN);
		assert_false(holds(file, old_seed));
	}
	free_slot = g->k.now.at == BLOCK_EPOCH_A ? BLOCK_EPOCH_B :
	    BLOCK_EPOCH_A;
	assert_memory_equal(file + (size_t)free_slot * DISK_BLOCK, zero,
	    DISK_BLOCK);
	/* and it goes on from there */
	g->k.is_acked = 1;
	clock_set_test(NOW + 2 * EPOCH_S);
	assert_int_equal(epoch_turn(&g->k), 0);
	assert_true(g->k.now.nr > old->nr);
	rig_close(g);
	clock_set_test(NOW);
}

static void
a_rotation_that_is_cut_off_leaves_one_whole_key(void **state)
{
	uint8_t was[BLOCKS * DISK_BLOCK], half[BLOCKS * DISK_BLOCK];
	struct epoch_key old;
	struct rig g;
	const uint8_t *seed;
	int at, next, done = 0, again;
	int deaths = 0;
	size_t i, k;

	(void)state;
	made(&g);
	assert_int_equal(rig_open(&g, "gate1"), 0);
	old = g.k.now;
	old.key = NULL;
	rig_close(&g);
	snap(&g, was);
	seed = was + (size_t)old.at * DISK_BLOCK + 16;
	for (at = 0; !done; at++)
		for (i = 0; i < NCUTS && !done; i++) {
			put_back(&g, was);
			done = run(&g, rotation, FAULT_DIE, at,
			    cuts[i]) == FINISHED;
			deaths += !done;
			snap(&g, half);
			one_whole_key(&g, &old, seed);
			/* the start that mends it is cut off, too */
			for (next = 0, again = 1; again; next++)
				for (k = 0; k < NCUTS && again; k += 3) {
					put_back(&g, half);
					again = run(&g, second_start,
					    FAULT_DIE, next, cuts[k]) !=
					    FINISHED;
					deaths += again;
					one_whole_key(&g, &old, seed);
				}
		}
	print_message("%d calls, %d deaths\n", at - 1, deaths);
	assert_int_equal(at - 1, 4);	/* two writes, two syncs */
	rig_end(&g);
}

/* The state after HEAD_SIGN died: what came out is remembered, what did not may be asked again. */
static void
nothing_is_forgotten(struct rig *g, struct chan *ledger)
{
	int is_out = 0, is_new;
	struct msg m;

	while (chan_recv(ledger, &m) == 0) {
		is_out += m.type == MSG_HEAD_SIGNED;
		msg_done(&m);
	}
	assert_int_equal(rig_open(g, "gate1"), 0);
	assert_true(g->k.last.head.size == HEAD_OLD ||
	    g->k.last.head.size == HEAD_NEW);
	if (is_out)
		assert_int_equal(g->k.last.head.size, HEAD_NEW);
	rig_ledger_acked(g);
	/* another tree of the new size, which continues that of the old one */
	ask_head(g, HEAD_NEW, HEAD_OLD + 1);
	is_new = g->k.last.head.size == HEAD_NEW;
	rig_step(g);
	expect(g->g, is_new ? MSG_REFUSED : MSG_HEAD_SIGNED, &m);
	msg_done(&m);
	/* and a shorter one */
	ask_head(g, HEAD_OLD - 1, GROWN_MAX);
	rig_step(g);
	expect(g->g, MSG_REFUSED, &m);
	msg_done(&m);
	rig_close(g);
}

static void
with_one_head(struct rig *g)
{
	struct msg m;

	rig_new(g);
	rig_ledger_acked(g);
	ask_head(g, HEAD_OLD, GROWN_MAX);
	rig_step(g);
	expect(g->g, MSG_HEAD_SIGNED, &m);
	msg_done(&m);
	rig_close(g);
}

/* One question for a head with that fault, and what must hold after it. */
static int
one_head(struct rig *g, enum fault fault, int at, size_t cut)
{
	struct chan *ledger;
	int fds[2], r;

	assert_int_equal(chan_pair(fds), 0);
	head_fd = fds[0];
	g->g = chan_new(fds[1], PEER_G, PEER_K);
	g->k.last.head.size = HEAD_OLD;
	ask_head(g, HEAD_NEW, GROWN_MAX);
	r = run(g, head, fault, at, cut);
	fd_close(&head_fd);
	ledger = g->g;
	g->g = NULL;
	nothing_is_forgotten(g, ledger);
	chan_free(ledger);
	return r;
}

static void
a_head_that_came_out_is_remembered(void **state)
{
	uint8_t was[BLOCKS * DISK_BLOCK];
	int at, done = 0, deaths = 0;
	struct rig g;
	size_t i;

	(void)state;
	with_one_head(&g);
	snap(&g, was);
	for (at = 0; !done; at++)
		for (i = 0; i < NCUTS && !done; i++) {
			put_back(&g, was);
			done = one_head(&g, FAULT_DIE, at, cuts[i]) ==
			    FINISHED;
			deaths += !done;
		}
	print_message("%d calls, %d deaths\n", at - 1, deaths);
	assert_int_equal(at - 1, 4);	/* two copies, two syncs */
	rig_end(&g);
}

/* A write or sync that fails is not tried again: the process stops. */
static void
what_fails_stops_the_process_and_nothing_is_lost(void **state)
{
	static const enum fault faults[] = { FAULT_EIO, FAULT_SHORT };
	uint8_t was[BLOCKS * DISK_BLOCK];
	struct epoch_key old;
	struct rig g;
	size_t i, f;
	int at, r;

	(void)state;
	made(&g);
	assert_int_equal(rig_open(&g, "gate1"), 0);
	old = g.k.now;
	old.key = NULL;
	rig_close(&g);
	snap(&g, was);
	for (f = 0; f < 2; f++)
		for (at = 0; at < 4; at++)
			for (i = 0; i < NCUTS; i++) {
				put_back(&g, was);
				r = run(&g, rotation, faults[f], at, cuts[i]);
				/* a short write goes on where it was cut */
				assert_int_equal(r, faults[f] == FAULT_EIO ||
				    (at % 2 == 0 && cuts[i] == 0) ? STOPPED :
				    FINISHED);
				one_whole_key(&g, &old,
				    was + (size_t)old.at * DISK_BLOCK + 16);
			}
	rig_end(&g);
	with_one_head(&g);
	snap(&g, was);
	for (at = 0; at < 4; at++)
		for (i = 0; i < NCUTS; i++) {
			put_back(&g, was);
			assert_int_equal(one_head(&g, FAULT_EIO, at, cuts[i]),
			    STOPPED);
		}
	rig_end(&g);
	for (r = STOPPED, at = 0; r == STOPPED; at++) {
		rig_dir(&g);
		r = run(&g, first_start, FAULT_EIO, at, 7);
		assert_int_equal(rig_open(&g, "gate1"), 0);
		rig_end(&g);
	}
	assert_int_equal(at - 1, FIRST_CALLS);
}

static void
an_interrupted_write_goes_on(void **state)
{
	struct rig g;
	int at;

	(void)state;
	for (at = 0; at < 4; at += 2) {
		made(&g);
		assert_int_equal(run(&g, rotation, FAULT_EINTR, at, 0),
		    FINISHED);
		assert_int_equal(rig_open(&g, "gate1"), 0);
		assert_int_equal(g.k.now.nr, 2);
		rig_end(&g);
	}
}

/* One copy of "last" rots: the other is enough, and is copied at once. */
static void
one_spoilt_copy_of_what_was_signed_is_mended(void **state)
{
	uint8_t was[BLOCKS * DISK_BLOCK], now[BLOCKS * DISK_BLOCK];
	struct rig g;
	int copy, fd;

	(void)state;
	with_one_head(&g);
	snap(&g, was);
	for (copy = BLOCK_LAST_A; copy <= BLOCK_LAST_B; copy++) {
		put_back(&g, was);
		assert_true((fd = open(g.file, O_WRONLY)) >= 0);
		assert_int_equal(syscall(SYS_pwrite64, fd, "rot", 3,
		    copy * DISK_BLOCK + 77), 3);
		close(fd);
		assert_int_equal(rig_open(&g, "gate1"), 0);
		assert_int_equal(g.k.last.head.size, HEAD_OLD);
		rig_close(&g);
		snap(&g, now);
		assert_memory_equal(now + BLOCK_LAST_A * DISK_BLOCK + 16,
		    now + BLOCK_LAST_B * DISK_BLOCK + 16, DISK_BODY);
	}
	rig_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_start_that_is_cut_off_begins_anew),
		cmocka_unit_test(
		    a_rotation_that_is_cut_off_leaves_one_whole_key),
		cmocka_unit_test(a_head_that_came_out_is_remembered),
		cmocka_unit_test(
		    what_fails_stops_the_process_and_nothing_is_lost),
		cmocka_unit_test(an_interrupted_write_goes_on),
		cmocka_unit_test(one_spoilt_copy_of_what_was_signed_is_mended),
	};

	log_init("keyd", LOG_ERROR);
	plan.at = -1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
