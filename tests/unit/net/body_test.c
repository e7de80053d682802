/* body_test.c - net starts only when its keys, its account and its confinement are right. */
/* no-asan: enters its role for real, and the sanitizer makes calls that the list kills */
#include "../test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "net/net.h"

static char dir[] = "/tmp/sekisho-body-XXXXXX";
static char key[64], empty[64], version[] = "v", banner[] = "";

static int
make_dir(void **state)
{
	char s[256];
	pid_t pid;
	int status = -1;

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(key, sizeof(key), "%s/key", dir);
	snprintf(empty, sizeof(empty), "%s/empty", dir);
	if (mkdir(empty, 0755) < 0)
		return -1;
	snprintf(s, sizeof(s), "ssh-keygen -q -t ed25519 -N '' -f %s", key);
	if ((pid = fork()) == 0) {
		(void)execl("/bin/sh", "sh", "-c", s, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	return status;
}

static int
remove_dir(void **state)
{
	char path[80];

	(void)state;
	snprintf(path, sizeof(path), "%s.pub", key);
	(void)unlink(path);
	(void)unlink(key);
	(void)rmdir(empty);
	return rmdir(dir);
}

static pid_t
start(int fd)
{
	static char name[64] = "sekisho-net";
	char *argv[] = { name, NULL };
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
	(void)dup2(fd, 3);
	fd_close_from(4);
	_exit(net_main(1, argv));
}

/* Starts net with this slice; returns its status after the channel closed. */
static int
status_with(const struct msg_slice_net *s, int *was_ready)
{
	struct buf *b = buf_new(PLAN_MAX);
	struct msg_slice m;
	struct chan *d;
	struct msg answer;
	int pair[2], status = -1;
	pid_t pid;

	assert_int_equal(msg_slice_net_put(b, s), 0);
	m.body.p = (uint8_t *)(uintptr_t)buf_data(b);
	m.body.n = buf_len(b);
	assert_int_equal(chan_pair(pair), 0);
	pid = start(pair[1]);
	close(pair[1]);
	d = chan_new(pair[0], PEER_D, PEER_N);
	assert_int_equal(chan_put_slice(d, 0, &m, NULL, 0), 0);
	buf_free(b);
	*was_ready = chan_wait(d, &answer, 20000) == 0;
	if (*was_ready) {
		assert_int_equal(answer.type, MSG_READY);
		msg_done(&answer);
	}
	chan_free(d);
	(void)waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static struct msg_slice_net
good(char **keys)
{
	struct msg_slice_net s = { .host_keys = keys, .version = version,
		.banner = banner, .uid = 64999, .gid = 64999,
		.empty_dir = empty, .max_channels = 4, .max_key_offers = 4 };

	return s;
}

static void
with_everything_right_it_is_ready_and_ends_with_its_channel(void **state)
{
	char *keys[] = { key, NULL };
	struct msg_slice_net s = good(keys);
	int ready;

	(void)state;
	assert_int_equal(status_with(&s, &ready), 0);
	assert_int_equal(ready, 1);
}

static void
without_a_readable_key_it_does_not_start(void **state)
{
	char gone[] = "/nonexistent/key";
	char *keys[] = { gone, NULL }, *none[] = { NULL };
	char *not_one[] = { empty, NULL };
	struct msg_slice_net s = good(keys);
	int ready;

	(void)state;
	assert_int_equal(status_with(&s, &ready), 1);
	assert_int_equal(ready, 0);
	s.host_keys = none;
	assert_int_equal(status_with(&s, &ready), 1);
	s.host_keys = not_one;
	assert_int_equal(status_with(&s, &ready), 1);
	assert_int_equal(ready, 0);
}

static void
with_the_rights_of_root_it_does_not_start(void **state)
{
	char *keys[] = { key, NULL };
	struct msg_slice_net s = good(keys);
	int ready;

	(void)state;
	s.uid = 0;
	assert_int_equal(status_with(&s, &ready), 1);
	s.uid = 64999;
	s.gid = 0;
	assert_int_equal(status_with(&s, &ready), 1);
	assert_int_equal(ready, 0);
}

static void
in_a_root_directory_of_others_it_does_not_start(void **state)
{
	char *keys[] = { key, NULL };
	struct msg_slice_net s = good(keys);
	int ready;

	(void)state;
	assert_int_equal(chmod(empty, 0777), 0);
	assert_int_equal(status_with(&s, &ready), 1);
	assert_int_equal(ready, 0);
	assert_int_equal(chmod(empty, 0755), 0);
}

static void
what_is_no_slice_ends_it(void **state)
{
	struct chan *m;
	int pair[2], status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(chan_pair(pair), 0);
	pid = start(pair[1]);
	close(pair[1]);
	m = chan_new(pair[0], PEER_M, PEER_N);
	assert_int_equal(chan_put_ping(m, 0, NULL, NULL, 0), 0);
	(void)waitpid(pid, &status, 0);
	chan_free(m);
	assert_int_equal(WEXITSTATUS(status), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    with_everything_right_it_is_ready_and_ends_with_its_channel),
		cmocka_unit_test(without_a_readable_key_it_does_not_start),
		cmocka_unit_test(with_the_rights_of_root_it_does_not_start),
		cmocka_unit_test(
		    in_a_root_directory_of_others_it_does_not_start),
		cmocka_unit_test(what_is_no_slice_ends_it),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
