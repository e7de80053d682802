/* writer_test.c - segments, checkpoints and syncs come when the format says so. */
#include "made.h"

#include <stdio.h>

#include "base/err.h"
#include "record/frame.h"
#include "record/le.h"
#include "record/writer_state.h"

/* Letters of all frames: S D C E, L for SEAL. */
static void
frames_of(int fd, char *out, size_t size)
{
	static const char letters[] = "?SDCER?L";
	size_t n, at, i = 0;
	uint8_t *p = made_bytes(fd, &n);
	struct frame f;

	at = le_get32(p + 12);
	while (at + SKR_HEAD <= n && i + 1 < size) {
		frame_get(p + at, &f);
		out[i++] = letters[f.type];
		at += SKR_HEAD + f.len;
	}
	out[i] = '\0';
	assert_int_equal(at, n);
	free(p);
}

static void
the_header_and_the_first_segment_stand_before_anything_else(void **state)
{
	struct writer *w;
	struct writer_total t;
	char s[16];
	int fd = made_open(&w);
	uint8_t digest[SKR_DIGEST], *p;
	size_t n;

	(void)state;
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "S");
	writer_total(w, &t);
	p = made_bytes(fd, &n);
	assert_int_equal(t.file_bytes, n);
	assert_int_equal(sha256_mem(p, le_get32(p + 12), digest), 0);
	assert_memory_equal(t.header_digest, digest, SKR_DIGEST);
	free(p);
	writer_free(w);
	close(fd);
}

static void
a_checkpoint_comes_soon_after_the_first_byte_it_covers(void **state)
{
	struct writer *w;
	char s[32];
	int fd = made_open(&w);

	(void)state;
	assert_int_equal(writer_due_ms(w, T0), 10001);	/* then it rests */
	assert_int_equal(writer_tick(w, T0 + 10 * SECOND + 1), 0);
	assert_int_equal(writer_due_ms(w, T0 + 10 * SECOND + 1), 50000);
	writer_free(w);
	close(fd);
	fd = made_open(&w);
	assert_int_equal(writer_event(w, T0 + SECOND, '1', "a", 1), 0);
	assert_int_equal(writer_due_ms(w, T0 + SECOND), 800);
	assert_int_equal(writer_event(w, T0 + SECOND * 3 / 2, '1', "b", 1), 0);
	assert_int_equal(writer_tick(w, T0 + SECOND * 9 / 5 - 1), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDD");
	assert_int_equal(writer_due_ms(w, T0 + SECOND * 9 / 5), 0);
	assert_int_equal(writer_tick(w, T0 + SECOND * 9 / 5), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDDC");
	assert_true(writer_due_ms(w, T0 + SECOND * 9 / 5) > 0);
	writer_free(w);
	close(fd);
}

static void
an_idle_recording_gets_a_sealed_checkpoint_each_minute(void **state)
{
	struct writer *w;
	char s[32];
	int fd = made_open(&w), i;

	(void)state;
	for (i = 1; i <= 200; i++) {
		assert_int_equal(writer_tick(w, T0 + i * SECOND), 0);
		(void)made_answer(w, T0 + i * SECOND);
	}
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SCLCLCL");
	writer_free(w);
	close(fd);
}

static void
while_a_seal_is_late_bytes_go_on_and_no_checkpoint_follows(void **state)
{
	struct writer *w;
	char s[32];
	int fd = made_open(&w), i;
	int64_t now = T0;

	(void)state;
	for (i = 0; i < 5; i++) {
		now += 2 * SECOND;
		assert_int_equal(writer_event(w, now, '1', "a", 1), 0);
		assert_int_equal(writer_tick(w, now + SECOND), 0);
	}
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDCDDDD");
	assert_int_equal(made_answer(w, now + SECOND), SKR_SEAL_CKPT);
	assert_int_equal(made_answer(w, now + SECOND), 0);
	assert_int_equal(writer_due_ms(w, now + SECOND), 0);
	assert_int_equal(writer_tick(w, now + SECOND), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDCDDDDLC");
	writer_free(w);
	close(fd);
}

static void
nothing_is_written_before_the_header_is_sealed(void **state)
{
	struct header h = made_header();
	struct writer *w;
	struct seal s = { .epoch = 0 };
	uint8_t first[SKR_DIGEST], again[SKR_DIGEST];
	unsigned int kind;
	int fd = memfd_create("made", MFD_CLOEXEC);

	(void)state;
	w = writer_new(fd, 1000);
	assert_non_null(w);
	assert_int_equal(writer_wants_seal(w, &kind, first), 0);
	assert_int_equal(writer_sealed(w, T0, &s), ERR_STATE);
	assert_int_equal(writer_header(w, &h), 0);
	assert_int_equal(writer_wants_seal(w, &kind, first), 1);
	assert_int_equal(kind, SKR_SEAL_HEAD);
	assert_int_equal(writer_event(w, T0, '1', "a", 1), ERR_STATE);
	assert_int_equal(writer_end(w, T0, &made_end), ERR_STATE);
	s = seals_make(kind, h.uuid, first, 0);
	s.epoch++;			/* it has turned meanwhile */
	assert_int_equal(writer_sealed(w, T0, &s), ERR_DENIED);
	s.epoch--;
	s.time_ns = SEALS_START - 1;
	assert_int_equal(writer_sealed(w, T0, &s), ERR_DENIED);
	assert_int_equal(made_size(fd), 0);
	h.epoch.nr++;			/* made anew for the next one */
	assert_int_equal(writer_header(w, &h), 0);
	assert_int_equal(writer_wants_seal(w, &kind, again), 1);
	assert_memory_not_equal(first, again, SKR_DIGEST);
	s = seals_make(kind, h.uuid, again, 0);
	s.epoch++;
	assert_int_equal(writer_sealed(w, T0, &s), 0);
	assert_true(writer_is_open(w));
	assert_int_equal(writer_header(w, &h), ERR_STATE);
	assert_int_equal(writer_sealed(w, T0, &s), ERR_STATE);	/* twice */
	writer_free(w);
	close(fd);
}

static void
a_seal_whose_time_or_epoch_goes_back_is_not_written(void **state)
{
	struct header h = made_header();
	struct writer *w;
	struct seal s;
	uint8_t digest[SKR_DIGEST];
	unsigned int kind;
	char frames[16];
	int fd = made_open(&w);		/* sealed at T0 of the keys' clock */

	(void)state;
	assert_int_equal(writer_event(w, T0, '1', "a", 1), 0);
	assert_int_equal(writer_tick(w, T0 + SECOND), 0);
	assert_int_equal(writer_wants_seal(w, &kind, digest), 1);
	s = seals_make(kind, h.uuid, digest, T0 - 1);
	assert_int_equal(writer_sealed(w, T0 + SECOND, &s), ERR_DENIED);
	s.time_ns += 1;
	s.epoch = SEALS_EPOCH - 1;
	assert_int_equal(writer_sealed(w, T0 + SECOND, &s), ERR_DENIED);
	s.epoch = 0;
	assert_int_equal(writer_sealed(w, T0 + SECOND, &s), ERR_DENIED);
	assert_int_equal(made_answer(w, T0), SKR_SEAL_CKPT);	/* the same time is no step back */
	frames_of(fd, frames, sizeof(frames));
	assert_string_equal(frames, "SDCL");
	writer_free(w);
	close(fd);
}

static void
the_end_waits_for_its_seal_or_goes_without(void **state)
{
	struct writer *w;
	struct writer_total t;
	char s[16];
	int fd = made_open(&w);
	uint8_t digest[SKR_DIGEST];
	unsigned int kind;

	(void)state;
	assert_int_equal(writer_event(w, T0, '1', "a", 1), 0);
	assert_int_equal(writer_tick(w, T0 + SECOND), 0);
	assert_int_equal(writer_end_unsealed(w, T0), ERR_STATE);
	assert_int_equal(writer_end(w, T0 + SECOND, &made_end), 0);
	assert_int_equal(writer_wants_seal(w, &kind, digest), 1);
	assert_int_equal(kind, SKR_SEAL_END);	/* the checkpoint's is not wanted any more */
	assert_int_equal(writer_event(w, T0 + SECOND, '1', "b", 1), ERR_STATE);
	assert_int_equal(writer_last_note(w, T0 + SECOND, "b"), ERR_STATE);
	assert_int_equal(writer_end(w, T0 + SECOND, &made_end), ERR_STATE);
	assert_int_equal(writer_tick(w, T0 + 100 * SECOND), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDCD");
	assert_int_equal(writer_end_unsealed(w, T0 + 2 * SECOND), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDCDE");
	writer_total(w, &t);
	assert_int_equal(t.is_sealed, 0);
	assert_true(writer_is_ended(w));
	assert_int_equal(writer_wants_seal(w, &kind, digest), 0);
	assert_int_equal(writer_end_unsealed(w, T0), ERR_STATE);
	writer_free(w);
	close(fd);
}

static void
a_segment_ends_at_activity_after_a_pause_or_when_full(void **state)
{
	struct writer *w;
	static uint8_t big[65536];
	char s[32];
	int fd = made_open(&w), i;

	(void)state;
	assert_int_equal(writer_event(w, T0 + SECOND, '1', "a", 1), 0);
	assert_int_equal(writer_event(w, T0 + 11 * SECOND, '1', "b", 1), 0);
	assert_int_equal(writer_event(w, T0 + 21 * SECOND + 1, '1', "c", 1), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDDSD");
	for (i = 0; i < 5; i++)
		assert_int_equal(writer_event(w, T0 + 21 * SECOND + 2, '1',
		    big, sizeof(big)), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDDSDDDDDSD");
	writer_free(w);
	close(fd);
}

/* Haste asked for in the middle of a segment waits for the next one. */
static void
haste_begins_and_ends_with_a_segment(void **state)
{
	struct writer *w;
	static char text[65536];
	size_t at[4], n = 0;
	int fd = made_open(&w), i, k;

	(void)state;
	for (i = 0; n + 64 < sizeof(text); i++)
		n += (size_t)snprintf(text + n, 64, "line %d of a log: %x\n",
		    i, (unsigned int)i * 2654435761U);
	for (k = 0; k < 4; k++) {	/* four events and a bit fill a segment */
		writer_hasten(w, k == 1 || k == 2);
		at[k] = made_size(fd);
		for (i = 0; i < 5; i++)
			assert_int_equal(writer_event(w, T0 + 1, '1', text,
			    sizeof(text)), 0);
		at[k] = made_size(fd) - at[k];
	}
	assert_true(at[2] > at[0] + at[0] / 4);
	assert_true(at[3] < at[2]);
	writer_free(w);
	close(fd);
}

static void
a_writer_that_rested_goes_on_in_a_new_segment(void **state)
{
	struct writer *w;
	char s[32];
	int fd = made_open(&w);

	(void)state;
	assert_int_equal(writer_event(w, T0 + SECOND, '1', "a", 1), 0);
	assert_int_equal(writer_tick(w, T0 + 2 * SECOND), 0);
	assert_int_equal(writer_due_ms(w, T0 + 11 * SECOND), 1);
	assert_int_equal(writer_tick(w, T0 + 11 * SECOND + 1), 0);
	assert_true(w->is_resting);
	assert_int_equal(writer_event(w, T0 + 11 * SECOND + 1, '1', "b", 1), 0);
	assert_false(w->is_resting);
	assert_int_equal(writer_event(w, T0 + 11 * SECOND + 1, '1', "c", 1), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDCSDD");
	writer_free(w);
	close(fd);
}

static void
the_end_ends_it(void **state)
{
	struct writer *w;
	struct writer_total t;
	char s[32];
	int fd = made_open(&w);

	(void)state;
	assert_int_equal(writer_event(w, T0 + 1, '0', "in", 2), 0);
	assert_int_equal(writer_event(w, T0 + 1, '1', "out", 3), 0);
	assert_int_equal(writer_event(w, T0 + 1, '2', "erro", 4), 0);
	assert_int_equal(writer_event(w, T0 + 1, 'n', "note", 4), 0);
	made_close(w, T0 + 5 * SECOND, &made_end);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDDDDDE");
	writer_total(w, &t);
	assert_int_equal(t.is_sealed, 1);
	assert_int_equal(t.in_bytes, 2);
	assert_int_equal(t.out_bytes, 3);
	assert_int_equal(t.err_bytes, 4);
	assert_true(t.duration_ns == 5 * SECOND);
	assert_int_equal(t.file_bytes, made_size(fd));
	assert_int_equal(writer_event(w, T0 + 6 * SECOND, '1', "x", 1),
	    ERR_STATE);
	assert_int_equal(writer_tick(w, T0 + 600 * SECOND), 0);
	frames_of(fd, s, sizeof(s));
	assert_string_equal(s, "SDDDDDE");
	writer_free(w);
	close(fd);
}

static void
an_event_longer_than_its_limit_is_refused(void **state)
{
	struct writer *w;
	uint8_t *big = calloc(1, SKR_EVENT_MAX + 1);
	int fd = made_open(&w);

	(void)state;
	assert_int_equal(writer_event(w, T0, '1', big, SKR_EVENT_MAX), 0);
	assert_int_equal(writer_event(w, T0, '1', big, SKR_EVENT_MAX + 1),
	    ERR_LIMIT);
	assert_int_equal(writer_event(w, T0, '1', big, 1), 0);
	assert_string_equal(writer_why(w), "");
	free(big);
	writer_free(w);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_and_the_first_segment_stand_before_anything_else),
		cmocka_unit_test(a_checkpoint_comes_soon_after_the_first_byte_it_covers),
		cmocka_unit_test(an_idle_recording_gets_a_sealed_checkpoint_each_minute),
		cmocka_unit_test(while_a_seal_is_late_bytes_go_on_and_no_checkpoint_follows),
		cmocka_unit_test(nothing_is_written_before_the_header_is_sealed),
		cmocka_unit_test(a_seal_whose_time_or_epoch_goes_back_is_not_written),
		cmocka_unit_test(the_end_waits_for_its_seal_or_goes_without),
		cmocka_unit_test(a_segment_ends_at_activity_after_a_pause_or_when_full),
		cmocka_unit_test(haste_begins_and_ends_with_a_segment),
		cmocka_unit_test(a_writer_that_rested_goes_on_in_a_new_segment),
		cmocka_unit_test(the_end_ends_it),
		cmocka_unit_test(an_event_longer_than_its_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
