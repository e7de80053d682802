/* append_test.c - a failed append stays failed; nothing more is written. */
#include "made.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/err.h"
#include "base/log.h"
#include "record/append.h"

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

static void
a_full_disk_is_an_error_and_is_not_tried_again(void **state)
{
	struct append a;
	struct iovec v = { (char[]){ "x" }, 1 };
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(append_init(&a, fd), 0);
	a.reserve.is_off = 1;		/* a device has no blocks to keep */
	assert_int_equal(append_header(&a, "h", 1), ERR_SYS);
	assert_string_equal(a.why, "write: No space left on device");
	a.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_int_equal(append_frame(&a, SKR_DATA, 0, 0, &v, 1), ERR_SYS);
	assert_int_equal(append_sync(&a), ERR_SYS);
	assert_int_equal(a.offset, 0);
	close(a.fd);
	close(fd);
	append_close(&a);
}

static void
a_short_write_that_cannot_be_completed_is_an_error(void **state)
{
	struct rlimit old, limit;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct append a;
	uint8_t big[4096] = { 1 };
	struct iovec v = { big, sizeof(big) };
	char name[] = "/tmp/append_test.XXXXXX";
	int fd = mkstemp(name);

	(void)state;
	assert_true(fd >= 0);
	unlink(name);
	sigaction(SIGXFSZ, &ignore, NULL);
	getrlimit(RLIMIT_FSIZE, &old);
	limit = old;
	limit.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(append_init(&a, fd), 0);
	a.reserve.is_off = 1;
	assert_int_equal(append_header(&a, "h", 1), 0);
	assert_int_equal(append_frame(&a, SKR_DATA, 0, 0, &v, 1), ERR_SYS);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(append_frame(&a, SKR_DATA, 0, 0, &v, 1), ERR_SYS);
	assert_int_equal(made_size(fd), 1000);
	close(fd);
	append_close(&a);
}

static void
a_failed_sync_is_never_tried_again(void **state)
{
	struct append a;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(append_init(&a, pipes[1]), 0);
	a.reserve.is_off = 1;
	assert_int_equal(append_header(&a, "h", 1), 0);
	assert_int_equal(append_sync(&a), ERR_SYS);	/* EINVAL on a pipe */
	a.is_dirty = 0;
	assert_int_equal(append_sync(&a), ERR_SYS);
	append_close(&a);
	close(pipes[0]);
	close(pipes[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_is_an_error_and_is_not_tried_again),
		cmocka_unit_test(a_short_write_that_cannot_be_completed_is_an_error),
		cmocka_unit_test(a_failed_sync_is_never_tried_again),
	};

	log_set_sink(quiet, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
