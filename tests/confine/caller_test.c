/*
 * caller_test.c - what a program that people start gives up, by an account without any right; needs root to become it.
 * links: confine
 */
#include "../unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "confine/caller.h"

#define NOBODY	65534
#define MEMORY	(64ULL << 20)

/* A list that lets everything through, to see what the other steps do. */
static const struct {
	uint16_t code;
	uint8_t  jt, jf;
	uint32_t k;
} all[] = { { 0x06, 0, 0, 0x7fff0000 } };	/* RET ALLOW */
static const struct role_filter free_list = { "free", all, 1, 0 };

/* The status of "f" in a child that is nobody. */
static int
as_nobody(void (*f)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
			_exit(98);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
confine(const struct role_filter *list)
{
	if (caller_confine("test", MEMORY, list) != 0)
		_exit(97);
}

#define NEED(what)	do { if (!(what)) _exit(__LINE__ % 90 + 1); } while (0)

static void
look_around(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(9) };
	struct rlimit l;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	confine(&free_list);
	NEED(write(fd, "x", 1) == 1);		/* what is open stays open */
	NEED(open("/dev/null", O_RDONLY) < 0 && errno == EACCES);
	NEED(open("/tmp", O_RDONLY) < 0 && errno == EACCES);
	NEED(fork() < 0 && errno == EAGAIN);
	NEED(getrlimit(RLIMIT_AS, &l) == 0 && l.rlim_max == MEMORY);
	NEED(getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	NEED(connect(fd, (struct sockaddr *)&in, sizeof(in)) < 0);
	NEED(errno == EACCES || errno == ECONNREFUSED);	/* the second: an old Landlock */
	NEED(kill(getppid(), 0) < 0 && errno == EPERM);
}

static void
make_a_socket(void)
{
	confine(&role_filter_sekisho);
	(void)socket(AF_INET, SOCK_STREAM, 0);
}

static void
execute(void)
{
	confine(&role_filter_sekisho);
	execl("/bin/true", "true", (char *)NULL);
}

static void
write_and_end(void)
{
	static char text[] = "";

	confine(&role_filter_sekisho);
	NEED(write(1, text, 0) == 0);
}

static void
an_account_without_rights_can_give_up_the_rest(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(as_nobody(look_around), 0);
	assert_int_equal(as_nobody(write_and_end), 0);
}

static void
what_is_not_on_the_list_is_the_end(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(as_nobody(make_a_socket), SIGSYS);
	assert_int_equal(as_nobody(execute), SIGSYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_without_rights_can_give_up_the_rest),
		cmocka_unit_test(what_is_not_on_the_list_is_the_end),
	};

	log_init("test", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
