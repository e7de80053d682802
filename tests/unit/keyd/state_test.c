/* state_test.c - blocks that are whole, but not the ones of this gate or not where they belong. */
#include "rig.h"

#define BODY_AT		16
#define FILE_LEN	(BLOCKS * DISK_BLOCK)

static void
snap(const struct rig *g, uint8_t file[FILE_LEN])
{
	int fd = open(g->file, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, file, FILE_LEN), FILE_LEN);
	close(fd);
}

/* A gate's whole file. */
static void
made(struct rig *g, uint8_t file[FILE_LEN])
{
	rig_new(g);
	rig_close(g);
	snap(g, file);
}

static void
put(const struct rig *g, const uint8_t file[FILE_LEN])
{
	int fd = open(g->file, O_WRONLY);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, file, FILE_LEN), FILE_LEN);
	close(fd);
}

static void
copy_block(uint8_t to[FILE_LEN], int to_block, const uint8_t from[FILE_LEN],
    int from_block)
{
	memcpy(to + (size_t)to_block * DISK_BLOCK,
	    from + (size_t)from_block * DISK_BLOCK, DISK_BLOCK);
}

/* The digest and the number made right for what stands in the block now. */
static void
reseal(uint8_t file[FILE_LEN], int block)
{
	uint8_t *b = file + (size_t)block * DISK_BLOCK;

	b[12] = (uint8_t)block;
	assert_int_equal(sha256_mem(b, DISK_BLOCK - SHA256_LEN,
	    b + DISK_BLOCK - SHA256_LEN), 0);
}

static void
is_refused(struct rig *g, const uint8_t file[FILE_LEN])
{
	uint8_t after[FILE_LEN];

	put(g, file);
	assert_int_equal(rig_open(g, "gate1"), KEYD_CONFIG);
	snap(g, after);
	assert_memory_equal(after, file, FILE_LEN);
}

static void
blocks_of_another_gate_are_refused(void **state)
{
	uint8_t mine[FILE_LEN], its[FILE_LEN], mixed[FILE_LEN];
	struct rig g, other;

	(void)state;
	made(&g, mine);
	made(&other, its);
	memcpy(mixed, mine, FILE_LEN);
	copy_block(mixed, BLOCK_LOG, its, BLOCK_LOG);
	is_refused(&g, mixed);
	memcpy(mixed, mine, FILE_LEN);
	copy_block(mixed, BLOCK_EPOCH_A, its, BLOCK_EPOCH_A);
	is_refused(&g, mixed);
	memcpy(mixed, mine, FILE_LEN);
	copy_block(mixed, BLOCK_LAST_A, its, BLOCK_LAST_A);
	is_refused(&g, mixed);
	memcpy(mixed, mine, FILE_LEN);
	copy_block(mixed, BLOCK_LAST_B, its, BLOCK_LAST_B);
	is_refused(&g, mixed);
	put(&g, mine);
	assert_int_equal(rig_open(&g, "gate1"), 0);
	rig_end(&g);
	rig_end(&other);
}

static void
a_block_in_the_place_of_another_is_refused(void **state)
{
	uint8_t mine[FILE_LEN], mixed[FILE_LEN];
	struct rig g;
	int a, b;

	(void)state;
	made(&g, mine);
	for (a = 0; a < BLOCKS; a++)
		for (b = 0; b < BLOCKS; b++) {
			memcpy(mixed, mine, FILE_LEN);
			copy_block(mixed, a, mine, b);
			/* one of two copies, and a free slot, may be spoilt */
			if (a == b || a >= BLOCK_LAST_A || a == BLOCK_EPOCH_B)
				continue;
			is_refused(&g, mixed);
		}
	/* the key in force in the other slot: not where it was written */
	memcpy(mixed, mine, FILE_LEN);
	copy_block(mixed, BLOCK_EPOCH_B, mine, BLOCK_EPOCH_A);
	copy_block(mixed, BLOCK_EPOCH_A, mine, BLOCK_EPOCH_B);
	is_refused(&g, mixed);
	rig_end(&g);
}

static void
whole_slots_that_are_not_one_rotation_are_refused(void **state)
{
	uint8_t one[FILE_LEN], four[FILE_LEN], mixed[FILE_LEN];
	unsigned int nr;
	struct rig g;

	(void)state;
	made(&g, one);
	assert_int_equal(rig_open(&g, "gate1"), 0);
	for (nr = 2; nr <= 4; nr++) {
		g.k.is_acked = 1;
		clock_set_test(NOW + (int64_t)nr * EPOCH_S);
		assert_int_equal(epoch_turn(&g.k), 0);
	}
	rig_close(&g);
	snap(&g, four);
	/* epoch 4 is in B, and 1 is put back into A */
	memcpy(mixed, four, FILE_LEN);
	copy_block(mixed, BLOCK_EPOCH_A, one, BLOCK_EPOCH_A);
	is_refused(&g, mixed);
	/* the same key twice */
	memcpy(mixed, four, FILE_LEN);
	copy_block(mixed, BLOCK_EPOCH_A, four, BLOCK_EPOCH_B);
	reseal(mixed, BLOCK_EPOCH_A);
	is_refused(&g, mixed);
	rig_end(&g);
}

static void
a_record_that_contradicts_itself_is_refused(void **state)
{
	static const struct { int block, at; } spoilt[] = {
		{ BLOCK_LOG, BODY_AT },			/* its seed */
		{ BLOCK_LOG, BODY_AT + 32 },		/* its public key */
		{ BLOCK_LOG, BODY_AT + 64 + 5 },	/* the origin: another epoch's signature */
		{ BLOCK_EPOCH_A, BODY_AT },		/* seed */
		{ BLOCK_EPOCH_A, BODY_AT + 32 },	/* public key */
		{ BLOCK_EPOCH_A, BODY_AT + 64 },	/* signer */
		{ BLOCK_EPOCH_A, BODY_AT + 96 },	/* signature */
		{ BLOCK_EPOCH_A, BODY_AT + 160 },	/* start */
		{ BLOCK_EPOCH_A, BODY_AT + 168 },	/* number */
	};
	uint8_t mine[FILE_LEN], bad[FILE_LEN];
	struct rig g;
	size_t i;

	(void)state;
	made(&g, mine);
	for (i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		memcpy(bad, mine, FILE_LEN);
		bad[spoilt[i].block * DISK_BLOCK + spoilt[i].at] ^= 1;
		reseal(bad, spoilt[i].block);
		is_refused(&g, bad);
	}
	/* another version, and an origin without an end */
	memcpy(bad, mine, FILE_LEN);
	bad[8] = 2;
	reseal(bad, BLOCK_LOG);
	is_refused(&g, bad);
	memcpy(bad, mine, FILE_LEN);
	memset(bad + BODY_AT + 64, 'a', ORIGIN_MAX + 1);
	reseal(bad, BLOCK_LOG);
	is_refused(&g, bad);
	rig_end(&g);
}

/* A crash between the two copies of what was signed: the later one counts, wherever it stands. */
static void
of_two_copies_the_later_counts(void **state)
{
	uint8_t mine[FILE_LEN], mixed[FILE_LEN];
	struct rig g;
	int later, other;

	(void)state;
	made(&g, mine);
	for (later = BLOCK_LAST_A; later <= BLOCK_LAST_B; later++) {
		other = BLOCK_LAST_A + BLOCK_LAST_B - later;
		memcpy(mixed, mine, FILE_LEN);
		mixed[later * DISK_BLOCK + BODY_AT + 32] = 9;	/* writes */
		mixed[later * DISK_BLOCK + BODY_AT + 40] = 77;	/* size */
		reseal(mixed, later);
		put(&g, mixed);
		assert_int_equal(rig_open(&g, "gate1"), 0);
		assert_int_equal(g.k.last.head.size, 77);
		assert_int_equal(g.k.last.writes, 10);
		rig_close(&g);
		/* and both have it now */
		assert_int_equal(rig_open(&g, "gate1"), 0);
		assert_int_equal(g.k.last.writes, 10);
		assert_int_equal(disk_erase(&g.k.disk,
		    (enum disk_block)other), 0);
		rig_close(&g);
		assert_int_equal(rig_open(&g, "gate1"), 0);
		assert_int_equal(g.k.last.head.size, 77);
		rig_close(&g);
	}
	rig_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_another_gate_are_refused),
		cmocka_unit_test(a_block_in_the_place_of_another_is_refused),
		cmocka_unit_test(
		    whole_slots_that_are_not_one_rotation_are_refused),
		cmocka_unit_test(a_record_that_contradicts_itself_is_refused),
		cmocka_unit_test(of_two_copies_the_later_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
