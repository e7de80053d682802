/* reserve_test.c - room for the end is there before it is needed, costs little, and lasts. */
#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#include "base/err.h"
#include "base/log.h"
#include "record/append.h"
#include "record/le.h"
#include "record/reserve.h"

#define SMALL	(64U << 10)	/* bytes of the small file system */

static int warnings;

static void
count(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)line;
	if (level == LOG_WARN)
		warnings++;
}

static uint64_t
held(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

static void
a_small_file_wastes_little_and_a_large_one_in_proportion(void **state)
{
	struct reserve r;
	uint64_t end, last = 0;
	int fd = memfd_create("reserve", MFD_CLOEXEC), calls = 0;

	(void)state;
	assert_true(fd >= 0);
	reserve_init(&r, fd);
	for (end = 1; end < (64U << 20); end += 1 + end / 50) {
		assert_int_equal(reserve_grow(&r, end), 0);
		assert_true(held(fd) >= end);
		assert_true(held(fd) <= end + end / 16 + 4096);
		calls += r.end != last;
		last = r.end;
	}
	assert_int_equal(made_size(fd), 0);	/* the file has not grown */
	assert_true(calls < 400);
	close(fd);
}

static void
a_file_system_that_cannot_is_told_once_and_written_to(void **state)
{
	struct reserve r;
	int pipes[2], fd = open("/proc/self/comm", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	warnings = 0;
	reserve_init(&r, fd);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 1) == 0 ||
	    errno != EOPNOTSUPP)
		skip();
	assert_int_equal(reserve_grow(&r, 4096), 0);
	assert_int_equal(reserve_grow(&r, 8192), 0);
	assert_int_equal(warnings, 1);
	close(fd);
	assert_int_equal(pipe(pipes), 0);	/* ESPIPE is no such answer */
	reserve_init(&r, pipes[1]);
	assert_int_equal(reserve_grow(&r, 4096), ERR_SYS);
	close(pipes[0]);
	close(pipes[1]);
}

/* In a mount namespace of this process; the caller unmounts. */
static void
mount_small(char dir[32])
{
	char size[32];

	if (geteuid() != 0)
		skip();
	snprintf(dir, 32, "/tmp/reserve.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	snprintf(size, sizeof(size), "size=%u", SMALL);
	assert_int_equal(mount("tmpfs", dir, "tmpfs", 0, size), 0);
}

static void
unmount_small(const char *dir)
{
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
	assert_int_equal(rmdir(dir), 0);
}

static struct writer *
open_small(const char *dir, int *fd)
{
	struct header h = made_header();
	struct writer *w;
	char path[64];

	snprintf(path, sizeof(path), "%s/S1.skr", dir);
	*fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600);
	assert_true(*fd >= 0);
	w = writer_new(*fd, 1000);
	assert_non_null(w);
	assert_int_equal(writer_header(w, &h), 0);
	assert_int_equal(made_answer(w, T0), SKR_SEAL_HEAD);
	return w;
}

/* The rest of the file system is somebody else's. */
static void
fill_up(const char *dir)
{
	static uint8_t zero[4096];
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/other", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	while (write(fd, zero, sizeof(zero)) > 0)
		;
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

/* Noise until there is no room; how much of it was taken. */
static size_t
write_until_full(struct writer *w, size_t piece, int64_t *now)
{
	uint8_t *p = malloc(piece);
	size_t taken = 0;
	uint32_t i = 0;
	int r;

	assert_non_null(p);
	do {
		made_noise(p, piece, ++i);
		*now += SECOND / 100;
		if ((r = writer_event(w, *now, '1', p, piece)) == 0)
			taken += piece;
		if (r == 0 && (r = writer_tick(w, *now)) == 0)
			(void)made_answer(w, *now);
	} while (r == 0 && !writer_is_full(w));
	assert_true(r == 0 || r == ERR_LIMIT);
	assert_true(writer_is_full(w));
	free(p);
	return taken;
}

static const struct writer_end longest = { .how = 6,
	.signal = "ABCDEFGHIJKLMNOP", .reason =
	"................................................................"
	"................................................................"
	"................................................................"
	"................................................................" };

/* Whatever the sizes of events were when it became full: the longest end fits. */
static void
the_longest_end_fits_whenever_it_is_full(void **state)
{
	static const size_t pieces[] = { 1, 17, 100, 1000, 1900, 2048, 4000,
		8192, 30000 };
	struct writer_total t;
	struct reader *r;
	struct writer *w;
	char dir[32];
	size_t i, taken;
	int64_t now;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		mount_small(dir);
		w = open_small(dir, &fd);
		if (i % 2 == 0)
			fill_up(dir);
		now = T0;
		taken = write_until_full(w, pieces[i], &now);
		assert_int_equal(writer_event(w, now, '1', "x", 1), ERR_LIMIT);
		assert_int_equal(writer_tick(w, now + 100 * SECOND), 0);
		now += 11 * SECOND;	/* a new segment has to fit too */
		assert_int_equal(writer_last_note(w, now, longest.reason), 0);
		now += 11 * SECOND;
		assert_int_equal(writer_end(w, now, &longest), 0);
		assert_int_equal(made_answer(w, now), SKR_SEAL_END);
		writer_total(w, &t);
		assert_int_equal(t.out_bytes, taken);
		writer_free(w);
		assert_int_equal(reader_open(fd, &r), 0);
		reader_on_seal(r, seals_check, NULL);
		assert_int_equal(made_read(r)->state, READER_COMPLETE);
		assert_int_equal(reader_result(r)->end.how, 6);
		assert_int_equal(reader_result(r)->out_bytes, taken);
		reader_free(r);
		close(fd);
		unmount_small(dir);
	}
}

static void
a_disk_that_is_full_at_once_takes_no_header(void **state)
{
	struct header h = made_header();
	uint8_t digest[SKR_DIGEST];
	struct writer *w;
	unsigned int kind;
	struct seal s;
	char dir[32], path[64];
	int fd;

	(void)state;
	mount_small(dir);
	fill_up(dir);
	snprintf(path, sizeof(path), "%s/S1.skr", dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	w = writer_new(fd, 1000);
	assert_non_null(w);
	assert_int_equal(writer_header(w, &h), 0);
	assert_int_equal(writer_wants_seal(w, &kind, digest), 1);
	s = seals_make(kind, h.uuid, digest, T0);
	assert_true(writer_sealed(w, T0, &s) < 0);
	assert_false(writer_is_open(w));
	assert_string_equal(writer_why(w),
	    "room for more: No space left on device");
	assert_true(writer_event(w, T0, '1', "x", 1) < 0);
	writer_free(w);
	close(fd);
	unmount_small(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_file_wastes_little_and_a_large_one_in_proportion),
		cmocka_unit_test(a_file_system_that_cannot_is_told_once_and_written_to),
		cmocka_unit_test(the_longest_end_fits_whenever_it_is_full),
		cmocka_unit_test(a_disk_that_is_full_at_once_takes_no_header),
	};

	log_set_sink(count, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
