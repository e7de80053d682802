/* mark_test.c - RECOVERED: what a recovery says of a cut recording, who believes it, and when nobody does. */
#include "made.h"

#include "base/err.h"
#include "base/log.h"
#include "record/frame.h"
#include "record/le.h"
#include "record/mark.h"

#define ROOM	4096		/* behind a recording, for marks and garbage */

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* A recording without END that has all kinds of frames; room behind it. */
static uint8_t *
running(size_t *n)
{
	struct writer *w;
	uint8_t *p;
	int fd = made_open(&w);

	assert_int_equal(writer_event(w, T0 + 1000, 'o', "one", 3), 0);
	assert_int_equal(writer_tick(w, T0 + SECOND), 0);
	assert_int_equal(made_answer(w, T0 + SECOND), SKR_SEAL_CKPT);
	assert_int_equal(writer_event(w, T0 + 20 * SECOND, 'i', "two", 3), 0);
	assert_int_equal(writer_tick(w, T0 + 21 * SECOND), 0);
	assert_int_equal(writer_event(w, T0 + 22 * SECOND, 'o', "3", 1), 0);
	p = made_bytes(fd, n);
	p = realloc(p, *n + ROOM);
	assert_non_null(p);
	writer_free(w);
	close(fd);
	return p;
}

/* Recovery of the first "n" bytes: the mark is put behind them.  What the reader found before it. */
static struct reader_result
recover(uint8_t *p, size_t *n, uint8_t chain[SKR_DIGEST])
{
	static const uint8_t boot_id[16] = { 0xb0 };
	struct header h = made_header();
	uint8_t mark[MARK_LEN], digest[SKR_DIGEST];
	struct reader_result found;
	struct reader *r;
	struct seal s;

	assert_int_equal(reader_open_mem(p, *n, &r), 0);
	found = *made_read(r);
	assert_int_equal(mark_make(r, boot_id, 77, mark, digest), 0);
	s = seals_make(SKR_SEAL_MARK, h.uuid, digest, T0 + 100 * SECOND);
	assert_int_equal(mark_seal(r, mark, &s, chain), 0);
	reader_free(r);
	memcpy(p + *n, mark, MARK_LEN);
	*n += MARK_LEN;
	return found;
}

/* A reader with the key; all seals are good. */
static struct reader_result
read_back(const uint8_t *p, size_t n)
{
	struct reader_result x;
	struct reader *r;
	int good = 0;

	assert_int_equal(reader_open_mem(p, n, &r), 0);
	reader_on_seal(r, seals_check, &good);
	x = *made_read(r);
	assert_int_equal(x.seals, good);
	reader_free(r);
	return x;
}

static void
every_cut_is_recovered_to_its_last_whole_frame(void **state)
{
	uint8_t chain[SKR_DIGEST], *p, *q;
	struct reader_result found, x;
	size_t n, cut, m;

	(void)state;
	p = running(&n);
	q = malloc(n + ROOM);
	assert_non_null(q);
	for (cut = le_get32(p + 12); cut <= n; cut++) {
		memcpy(q, p, cut);
		m = cut;
		found = recover(q, &m, chain);
		x = read_back(q, m);
		assert_int_equal(x.state, READER_RECOVERED);
		assert_int_equal(x.good_bytes, found.good_bytes);
		assert_true(x.good_bytes <= cut);
		assert_int_equal(x.frames, found.frames);
		assert_int_equal(x.events, found.events);
		assert_memory_equal(x.chain, found.chain, SKR_DIGEST);
		assert_int_equal(x.mark.found, cut);
		assert_int_equal(x.mark.why, cut == x.good_bytes ?
		    SKR_WHY_UNFINISHED : SKR_WHY_TORN);
		assert_int_equal(x.mark.sealed, found.sealed_bytes);
		assert_int_equal(x.mark.boot_id[0], 0xb0);
		assert_true(x.mark.unix_ns == 77);
		assert_memory_equal(x.mark.chain, chain, SKR_DIGEST);
		assert_int_equal(x.size_bytes, m);
	}
	free(q);
	free(p);
}

static void
a_recovery_behind_one_that_was_cut_off_counts_instead(void **state)
{
	uint8_t chain[SKR_DIGEST], *p;
	struct reader_result x;
	size_t n, whole, cut, m;

	(void)state;
	p = running(&whole);
	for (cut = 1; cut < MARK_LEN; cut++) {
		m = whole;
		(void)recover(p, &m, chain);
		n = whole + cut;	/* the first mark, torn */
		m = n;
		(void)recover(p, &m, chain);
		x = read_back(p, m);
		assert_int_equal(x.state, READER_RECOVERED);
		assert_int_equal(x.good_bytes, whole);
		assert_int_equal(x.mark.found, n);
		assert_int_equal(x.mark.why, SKR_WHY_TORN);
		/* and a third behind both */
		n = m - 5;
		m = n;
		(void)recover(p, &m, chain);
		x = read_back(p, m);
		assert_int_equal(x.state, READER_RECOVERED);
		assert_int_equal(x.good_bytes, whole);
		assert_int_equal(x.mark.found, n);
	}
	free(p);
}

static void
damage_is_recovered_too_and_bytes_behind_a_mark_unmake_it(void **state)
{
	uint8_t chain[SKR_DIGEST], *p;
	struct reader_result x;
	size_t n, m;

	(void)state;
	p = running(&n);
	p[n - 1] ^= 1;			/* the last frame's crc is wrong now */
	m = n;
	(void)recover(p, &m, chain);
	x = read_back(p, m);
	assert_int_equal(x.state, READER_RECOVERED);
	assert_int_equal(x.mark.why, SKR_WHY_DAMAGED);
	assert_true(x.good_bytes < n);

	p[m] = 0;
	x = read_back(p, m + 1);
	assert_int_equal(x.state, READER_DAMAGED);
	m++;				/* and that again is something to recover from */
	(void)recover(p, &m, chain);
	x = read_back(p, m);
	assert_int_equal(x.state, READER_RECOVERED);
	free(p);
}

static void
bytes_behind_a_mark_of_a_whole_file_are_damage(void **state)
{
	uint8_t chain[SKR_DIGEST], *p;
	struct reader_result x;
	size_t n, m;

	(void)state;
	p = running(&n);
	m = n;
	(void)recover(p, &m, chain);
	p[m] = 0;
	x = read_back(p, m + 1);
	assert_int_equal(x.state, READER_DAMAGED);
	assert_int_equal(x.good_bytes, n);
	m++;
	(void)recover(p, &m, chain);
	x = read_back(p, m);
	assert_int_equal(x.state, READER_RECOVERED);
	assert_int_equal(x.good_bytes, n);
	assert_int_equal(x.mark.why, SKR_WHY_DAMAGED);
	free(p);
}

static void
every_flipped_bit_of_the_good_part_or_the_mark_is_noticed(void **state)
{
	uint8_t chain[SKR_DIGEST], *p;
	size_t n, m, i, good;
	struct reader *r;
	int bit, ok;

	(void)state;
	p = running(&n);
	m = n - 3;			/* torn: what is left of the frame belongs to nothing */
	good = (size_t)recover(p, &m, chain).good_bytes;
	for (i = 0; i < m; i++) {
		if (i == good)
			i = m - MARK_LEN;
		for (bit = 0; bit < 8; bit++) {
			p[i] ^= (uint8_t)(1 << bit);
			ok = reader_open_mem(p, m, &r) == 0;
			if (ok) {
				reader_on_seal(r, seals_check, NULL);
				ok = made_read(r)->state == READER_RECOVERED;
				reader_free(r);
			}
			assert_false(ok);
			p[i] ^= (uint8_t)(1 << bit);
		}
	}
	free(p);
}

/* Puts number "v" of "size" bytes into the mark's payload and makes its crc right. */
static void
lie(uint8_t *mark, size_t at, uint64_t v, size_t size)
{
	struct iovec payload = { mark + SKR_HEAD, SKR_MARK_LEN };
	struct crc32c c;
	struct frame f;

	crc32c_init(&c);
	if (size == 1)
		mark[SKR_HEAD + at] = (uint8_t)v;
	else if (size == 4)
		le_put32(mark + SKR_HEAD + at, (uint32_t)v);
	else
		le_put64(mark + SKR_HEAD + at, v);
	frame_get(mark, &f);
	f.crc = frame_crc(&c, mark, &payload, 1);
	frame_put(mark, &f);
}

static void
a_mark_that_lies_does_not_count(void **state)
{
	static const struct {
		size_t	 at;
		uint64_t v;
		size_t	 size;
	} lies[] = {
		{ 0, 0, 1 }, { 0, 1, 1 }, { 0, 4, 1 },	/* why */
		{ 8, 0, 8 }, { 8, UINT64_MAX, 8 }, { 8, 128, 8 },	/* good */
		{ 16, 0, 8 }, { 16, UINT64_MAX - 191, 8 },	/* found */
		{ 24, 0, 8 },				/* chain */
		{ 80, 0, 8 }, { 80, UINT64_MAX, 8 },	/* sealed */
		{ 88, 0, 4 }, { 88, UINT32_MAX, 4 },	/* frames */
		{ 96, 0, 4 }, { 96, SEALS_EPOCH - 1, 4 },	/* epoch */
		{ 100, 1, 4 },				/* zero */
		{ 104, SEALS_START, 8 },		/* before the others */
	};
	uint8_t chain[SKR_DIGEST], *p, *q;
	struct reader *r;
	size_t n, m, i;

	(void)state;
	p = running(&n);
	m = n - 1;
	(void)recover(p, &m, chain);
	q = malloc(m);
	assert_non_null(q);
	for (i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		memcpy(q, p, m);
		lie(q + m - MARK_LEN, lies[i].at, lies[i].v, lies[i].size);
		assert_int_equal(reader_open_mem(q, m, &r), 0);
		assert_int_not_equal(made_read(r)->state, READER_RECOVERED);
		assert_true(reader_result(r)->good_bytes < n);
		reader_free(r);
	}
	/* the same with nothing changed: it is the lies that do it */
	memcpy(q, p, m);
	lie(q + m - MARK_LEN, 0, SKR_WHY_TORN, 1);
	assert_int_equal(read_back(q, m).state, READER_RECOVERED);
	free(q);
	free(p);
}

static void
a_mark_signed_by_another_is_damage_for_who_has_the_key(void **state)
{
	uint8_t chain[SKR_DIGEST], *p;
	struct reader *r;
	size_t n, m, good;

	(void)state;
	p = running(&n);
	m = n - 1;
	good = (size_t)recover(p, &m, chain).good_bytes;
	lie(p + m - MARK_LEN, 96 + 16, 1, 8);	/* the signature */
	assert_int_equal(reader_open_mem(p, m, &r), 0);
	assert_int_equal(made_read(r)->state, READER_RECOVERED);
	reader_free(r);
	assert_int_equal(reader_open_mem(p, m, &r), 0);
	reader_on_seal(r, seals_check, NULL);
	assert_int_equal(made_read(r)->state, READER_DAMAGED);
	assert_int_equal(reader_result(r)->good_bytes, good);
	reader_free(r);
	free(p);
}

static void
there_is_nothing_to_mark_where_an_end_is(void **state)
{
	uint8_t mark[MARK_LEN], digest[SKR_DIGEST], chain[SKR_DIGEST], *p;
	struct reader *r;
	struct writer *w;
	size_t n;
	int fd = made_open(&w);

	(void)state;
	made_close(w, T0 + SECOND, &made_end);
	p = made_bytes(fd, &n);
	p = realloc(p, n + ROOM);
	assert_non_null(p);
	writer_free(w);
	close(fd);
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_int_equal(mark_make(r, chain, 0, mark, digest), ERR_STATE);
	(void)made_read(r);
	assert_int_equal(mark_make(r, chain, 0, mark, digest), ERR_STATE);
	reader_free(r);
	p[n] = 0;			/* and not behind it either */
	assert_int_equal(reader_open_mem(p, n + 1, &r), 0);
	assert_int_equal(made_read(r)->state, READER_DAMAGED);
	assert_int_equal(mark_make(r, chain, 0, mark, digest), ERR_STATE);
	reader_free(r);
	free(p);
}

static void
many_marks_in_a_huge_file_cost_one_look(void **state)
{
	uint8_t chain[SKR_DIGEST], *p;
	struct reader_result x;
	struct reader *r;
	size_t n, m, i;
	int fd = memfd_create("huge", MFD_CLOEXEC);

	(void)state;
	p = running(&n);
	m = n;
	(void)recover(p, &m, chain);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, m, 0), (ssize_t)m);
	for (i = 1; i <= 1000; i++)	/* all alike, none where it says */
		assert_int_equal(pwrite(fd, p + n, MARK_LEN,
		    (off_t)(m + i * MARK_LEN)), MARK_LEN);
	assert_int_equal(ftruncate(fd, 1 << 30), 0);
	assert_int_equal(pwrite(fd, p + n, MARK_LEN, (1 << 30) - MARK_LEN),
	    MARK_LEN);
	assert_int_equal(reader_open(fd, &r), 0);
	x = *made_read(r);
	assert_int_equal(x.state, READER_DAMAGED);
	assert_int_equal(x.good_bytes, n);
	assert_int_equal(x.size_bytes, 1 << 30);
	reader_free(r);
	close(fd);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_is_recovered_to_its_last_whole_frame),
		cmocka_unit_test(a_recovery_behind_one_that_was_cut_off_counts_instead),
		cmocka_unit_test(damage_is_recovered_too_and_bytes_behind_a_mark_unmake_it),
		cmocka_unit_test(bytes_behind_a_mark_of_a_whole_file_are_damage),
		cmocka_unit_test(every_flipped_bit_of_the_good_part_or_the_mark_is_noticed),
		cmocka_unit_test(a_mark_that_lies_does_not_count),
		cmocka_unit_test(a_mark_signed_by_another_is_damage_for_who_has_the_key),
		cmocka_unit_test(there_is_nothing_to_mark_where_an_end_is),
		cmocka_unit_test(many_marks_in_a_huge_file_cost_one_look),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
