/* reader_test.c - what was written is read; every cut and every flipped bit is found. */
#include "made.h"

#include "base/err.h"
#include "base/log.h"
#include "record/frame.h"
#include "record/le.h"

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* One of each, with every byte value and NULs in the middle. */
static const struct {
	uint8_t		 type;
	int64_t		 at_ns;
	const char	*p;
	size_t		 n;
} script[] = {
	{ 'r', 1000, "80x24", 5 },
	{ 'n', 2000, "sekisho: R12\r\n", 14 },
	{ 'o', 5 * SECOND, "\x1b[31mred\0\xff\xfe", 11 },
	{ 'i', 6 * SECOND, "ls\r", 3 },
	{ '0', 17 * SECOND, "\0\0\0", 3 },
	{ '1', 17 * SECOND, "out\n", 4 },
	{ '2', 17 * SECOND, "err\n", 4 },
	{ 's', 18 * SECOND, "INT", 3 },
	{ 'D', 19 * SECOND, "{\"call\":\"mount\"}", 16 },
	{ 'o', 19 * SECOND, "", 0 },
};
#define SCRIPT	(sizeof(script) / sizeof(script[0]))

static int
play(struct writer **w)
{
	int fd = made_open(w);
	size_t i;

	for (i = 0; i < SCRIPT; i++)
		assert_int_equal(writer_event(*w, T0 + script[i].at_ns,
		    script[i].type, script[i].p, script[i].n), 0);
	return fd;
}

static uint8_t *
whole(size_t *n)
{
	static const struct writer_end e = { .how = 3, .status = 0,
		.signal = "KILL", .reason = "the line was lost" };
	struct writer *w;
	uint8_t *p;
	int fd = play(&w);

	assert_int_equal(writer_tick(w, T0 + 20 * SECOND), 0);
	assert_int_equal(made_answer(w, T0 + 20 * SECOND), SKR_SEAL_CKPT);
	assert_int_equal(writer_event(w, T0 + 20 * SECOND, 'n', "last", 4), 0);
	made_close(w, T0 + 21 * SECOND, &e);
	p = made_bytes(fd, n);
	writer_free(w);
	close(fd);
	return p;
}

static void
every_event_comes_back_with_its_time(void **state)
{
	size_t n, i;
	uint8_t *p = whole(&n);
	const struct reader_result *x;
	struct reader_event e;
	struct reader *r;

	(void)state;
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_string_equal(reader_head(r)->meta, META);
	assert_true(reader_head(r)->start_unix_ns == 1800000000 * SECOND);
	for (i = 0; i < SCRIPT; i++) {
		assert_int_equal(reader_next(r, &e), 0);
		assert_int_equal(e.type, script[i].type);
		assert_true(e.time_ns == (uint64_t)script[i].at_ns);
		assert_int_equal(e.n, script[i].n);
		if (e.n > 0)
			assert_memory_equal(e.p, script[i].p, e.n);
	}
	assert_int_equal(reader_next(r, &e), 0);
	assert_int_equal(e.type, 'n');
	assert_int_equal(reader_next(r, &e), 0);
	assert_int_equal(e.type, 'x');
	assert_int_equal(e.n, 7);
	assert_memory_equal(e.p, "SIGKILL", 7);
	assert_int_equal(reader_next(r, &e), 1);
	x = reader_result(r);
	assert_int_equal(x->state, READER_COMPLETE);
	assert_int_equal(x->good_bytes, n);
	assert_int_equal(x->checked_bytes, n);
	assert_int_equal(x->end.how, 3);
	assert_string_equal(x->end.signal, "KILL");
	assert_string_equal(x->end.reason, "the line was lost");
	assert_int_equal(x->in_bytes, 6);
	assert_int_equal(x->out_bytes, 15);
	assert_int_equal(x->err_bytes, 4);
	reader_free(r);
	free(p);
}

static void
binary_data_of_any_size_comes_back_through_a_file(void **state)
{
	static const size_t sizes[] = { 1, 19, 4096, 8191, 8192, 65536, 65536,
		65536, 65536, 65536, 131072, 3, 65536, 100 };
	struct writer *w;
	struct reader *r;
	struct reader_event e;
	uint8_t *p = malloc(131072);
	size_t i;
	int fd = made_open(&w);

	(void)state;
	for (i = 0; i < 14; i++) {
		made_noise(p, sizes[i], (uint32_t)i);
		assert_int_equal(writer_event(w, T0 + (int64_t)i, '1', p,
		    sizes[i]), 0);
	}
	made_close(w, T0 + SECOND, &made_end);
	assert_int_equal(reader_open(fd, &r), 0);
	for (i = 0; i < 14; i++) {
		made_noise(p, sizes[i], (uint32_t)i);
		assert_int_equal(reader_next(r, &e), 0);
		assert_int_equal(e.n, sizes[i]);
		assert_memory_equal(e.p, p, e.n);
	}
	assert_int_equal(made_read(r)->state, READER_COMPLETE);
	reader_free(r);
	writer_free(w);
	close(fd);
	free(p);
}

static void
a_running_recording_is_unfinished_and_readable(void **state)
{
	struct writer *w;
	struct reader *r;
	int fd = play(&w);

	(void)state;
	assert_int_equal(reader_open(fd, &r), 0);
	assert_int_equal(made_read(r)->state, READER_UNFINISHED);
	assert_int_equal(reader_result(r)->events, SCRIPT);
	assert_int_equal(reader_result(r)->has_end, 0);
	reader_free(r);
	writer_free(w);
	close(fd);
}

/* Where each frame ends, and how many events are complete there. */
struct border {
	size_t	 at;
	size_t	 events;
};

static size_t
borders(const uint8_t *p, size_t n, struct border *b)
{
	size_t at = le_get32(p + 12), i = 0, events = 0;
	struct frame f;

	b[i++] = (struct border){ at, 0 };
	while (at < n) {
		frame_get(p + at, &f);
		at += SKR_HEAD + f.len;
		if (f.type == SKR_DATA)
			events++;	/* the writer makes one event a frame */
		b[i++] = (struct border){ at, events };
	}
	return i;
}

static void
a_cut_at_any_byte_keeps_everything_before_it_and_says_torn(void **state)
{
	struct border b[64];
	const struct reader_result *x;
	struct reader *r;
	size_t n, cut, nb, i = 0;
	uint8_t *p = whole(&n);

	(void)state;
	nb = borders(p, n, b);
	for (cut = 0; cut < b[0].at; cut++)
		assert_int_equal(reader_open_mem(p, cut, &r), ERR_FORMAT);
	for (; cut < n; cut++) {
		while (i + 1 < nb && b[i + 1].at <= cut)
			i++;
		assert_int_equal(reader_open_mem(p, cut, &r), 0);
		x = made_read(r);
		assert_int_equal(x->events, b[i].events);
		assert_int_equal(x->good_bytes, b[i].at);
		assert_int_equal(x->state, cut == b[i].at ?
		    READER_UNFINISHED : READER_TORN);
		if (x->state == READER_TORN)
			assert_non_null(strstr(x->text, "torn at offset "));
		reader_free(r);
	}
	free(p);
}

static void
any_flipped_bit_is_found(void **state)
{
	struct reader *r;
	size_t n, i;
	uint8_t *p = whole(&n);
	int bit, e;

	(void)state;
	for (i = 0; i < n; i++)
		for (bit = 0; bit < 8; bit++) {
			p[i] ^= (uint8_t)(1 << bit);
			e = reader_open_mem(p, n, &r);
			if (e == 0) {
				assert_int_not_equal(made_read(r)->state,
				    READER_COMPLETE);
				reader_free(r);
			}
			p[i] ^= (uint8_t)(1 << bit);
		}
	free(p);
}

/* A frame with correct numbers at the end of "p". */
static size_t
forge(uint8_t *p, size_t n, uint8_t type, uint32_t seq, uint16_t segment,
    const uint8_t *payload, size_t len)
{
	static struct crc32c c;
	struct frame f = { (uint32_t)len, type, 0, segment, seq, 0 };
	struct iovec v;

	crc32c_init(&c);
	memcpy(p + n + SKR_HEAD, payload, len);
	v.iov_base = p + n + SKR_HEAD;
	v.iov_len = len;
	frame_put(p + n, &f);
	f.crc = frame_crc(&c, p + n, &v, 1);
	frame_put(p + n, &f);
	return n + SKR_HEAD + len;
}

static void
unknown_frames_are_skipped_and_wrong_ones_stop_the_reading(void **state)
{
	uint8_t payload[SKR_CKPT_LEN] = { 0 }, *p;
	const struct reader_result *x;
	struct reader *r;
	struct writer *w;
	size_t n, first;
	int fd = made_open(&w);

	(void)state;
	p = made_bytes(fd, &first);
	p = realloc(p, 4096);
	assert_non_null(p);
	writer_free(w);
	close(fd);
	n = forge(p, first, 0x77, 1, 0, payload, 10);
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	x = made_read(r);
	assert_int_equal(x->state, READER_UNFINISHED);
	assert_int_equal(x->skipped, 1);
	assert_int_equal(x->good_bytes, n);
	reader_free(r);

	n = forge(p, first, 0x77, 2, 0, payload, 10);	/* a frame is missing */
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_int_equal(made_read(r)->state, READER_DAMAGED);
	reader_free(r);

	n = forge(p, first, SKR_CKPT, 1, 0, payload, SKR_CKPT_LEN);
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_int_equal(made_read(r)->state, READER_DAMAGED);
	assert_int_equal(reader_result(r)->good_bytes, first);
	reader_free(r);

	n = forge(p, first, SKR_DATA, 1, 1, payload, 3);	/* another segment */
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_int_equal(made_read(r)->state, READER_DAMAGED);
	reader_free(r);
	free(p);
}

static void
bytes_after_the_end_are_damage(void **state)
{
	struct reader *r;
	size_t n;
	uint8_t *p = whole(&n);

	(void)state;
	p = realloc(p, n + 1);
	assert_non_null(p);
	p[n] = 0;
	assert_int_equal(reader_open_mem(p, n + 1, &r), 0);
	assert_int_equal(made_read(r)->state, READER_DAMAGED);
	assert_int_equal(reader_result(r)->has_end, 1);
	assert_int_equal(reader_result(r)->good_bytes, n);
	reader_free(r);
	free(p);
}

static int
stop_at_third(void *arg, const struct reader_event *e)
{
	int *left = arg;

	(void)e;
	return --*left == 0 ? 42 : 0;
}

static void
a_callback_may_stop_the_reading(void **state)
{
	struct reader *r;
	size_t n;
	uint8_t *p = whole(&n);
	int left = 3;

	(void)state;
	assert_int_equal(reader_open_mem(p, n, &r), 0);
	assert_int_equal(reader_each(r, stop_at_third, &left), 42);
	left = 0;
	assert_int_equal(reader_each(r, stop_at_third, &left), 0);
	assert_int_equal(reader_result(r)->state, READER_COMPLETE);
	reader_free(r);
	free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_event_comes_back_with_its_time),
		cmocka_unit_test(binary_data_of_any_size_comes_back_through_a_file),
		cmocka_unit_test(a_running_recording_is_unfinished_and_readable),
		cmocka_unit_test(a_cut_at_any_byte_keeps_everything_before_it_and_says_torn),
		cmocka_unit_test(any_flipped_bit_is_found),
		cmocka_unit_test(unknown_frames_are_skipped_and_wrong_ones_stop_the_reading),
		cmocka_unit_test(bytes_after_the_end_are_damage),
		cmocka_unit_test(a_callback_may_stop_the_reading),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
