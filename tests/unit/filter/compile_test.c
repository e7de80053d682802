/* compile_test.c - compiled programs answer every number and every interesting argument as the rules say. */
#include "tests/unit/test.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "tests/unit/filter/run.h"

#define HIGH	0xdeadbeef00000000ULL	/* what a 32-bit argument may have above it */

#define NO_UNIX	(SECCOMP_RET_ERRNO | 1U)	/* EPERM without a word */

static struct program all, small;

static char *const every[] = { (char[]){ "@base" }, (char[]){ "@file-read" },
	(char[]){ "@file-write" }, (char[]){ "@process" },
	(char[]){ "@socket" }, (char[]){ "@setid" }, (char[]){ "@ipc" },
	(char[]){ "@aio" }, NULL };
static char *const families[] = { (char[]){ "unix" }, (char[]){ "inet" },
	(char[]){ "netlink" }, NULL };
static char *const tcp[] = { (char[]){ "tcp" }, NULL };
static char *const little[] = { (char[]){ "read" }, (char[]){ "@socket" },
	NULL };

static int
make_programs(void **state)
{
	const struct filter_rules big = { .allow = every,
		.families = families, .protocols = tcp };
	const struct filter_rules few = { .allow = little };
	struct filter_problem bad;

	(void)state;
	return program_make(&all, &big, &bad) != 0 ||
	    program_make(&small, &few, &bad) != 0;
}

static void
what_is_allowed_as_a_whole_is_allowed_with_any_argument(void **state)
{
	uint64_t odd[] = { 0, 1, 0x7fffffff, 0xffffffff, HIGH, ~0ULL };
	uint32_t nr;
	size_t i, n = 0;

	(void)state;
	for (nr = 0; nr < FILTER_NR_MAX; nr++) {
		if (!all.set.allow[nr] || filter_has_arguments(nr))
			continue;
		n++;
		for (i = 0; i < 6; i++)
			assert_int_equal(ask(&all, nr, odd[i], odd[5 - i],
			    odd[i]), ALLOWED);
	}
	assert_true(n > 200);
}

static void
what_is_not_allowed_is_notified_with_any_argument(void **state)
{
	uint32_t nr, answer;
	size_t i, n = 0;

	(void)state;
	for (nr = 0; nr <= 334; nr++) {
		if (small.set.allow[nr])
			continue;
		n++;
		for (i = 0; i < 20; i++) {
			answer = ask(&small, nr, (uint64_t)random() << i,
			    (uint64_t)random() << 33, (uint64_t)random());
			assert_int_equal(answer, NOTIF);
		}
	}
	assert_true(n > 300);
}

static void
numbers_nobody_knows_are_enosys(void **state)
{
	uint32_t nr;

	(void)state;
	for (nr = 335; nr <= 423; nr++)
		assert_int_equal(ask(&all, nr, 0, 0, 0), NOSYS);
	for (nr = 451; nr < 3000; nr++)
		assert_int_equal(ask(&all, nr, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&all, 0x3fffffff, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&all, 0xffffffff, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&all, 435, 0, 0, 0), NOSYS);	/* clone3 */
	assert_int_equal(ask(&all, 425, 0, 0, 0), NOSYS);	/* io_uring */
	assert_int_equal(ask(&all, 426, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&all, 427, 0, 0, 0), NOSYS);
}

static void
every_answer_is_one_of_five(void **state)
{
	uint32_t nr, answer;

	(void)state;
	for (nr = 0; nr < 70000; nr++) {
		answer = ask(&all, nr, nr, nr, nr);
		assert_true(answer == ALLOWED || answer == NOTIF ||
		    answer == NOSYS || answer == KILLED ||
		    answer == NO_UNIX);
	}
}

static void
another_architecture_is_killed(void **state)
{
	const uint32_t archs[] = { AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0,
		0xffffffff };
	uint32_t nr;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		for (nr = 0; nr < FILTER_NR_MAX; nr++)
			assert_int_equal(ask_arch(&all, nr, archs[i]), KILLED);
}

static void
the_x32_bit_is_killed(void **state)
{
	uint32_t nr;

	(void)state;
	for (nr = 0x40000000; nr < 0x40000400; nr++)
		assert_int_equal(ask(&all, nr, 0, 0, 0), KILLED);
	assert_int_equal(ask(&all, 0xfffffffe, 0, 0, 0), KILLED);
}

static void
typing_into_a_terminal_is_refused_whatever_is_in_the_high_half(void **state)
{
	static const uint32_t bad[] = { TIOCSTI, TIOCLINUX, TIOCCONS,
		TIOCSETD };
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		assert_int_equal(ask(&all, SYS_ioctl, 0, bad[i], 0), NOTIF);
		assert_int_equal(ask(&all, SYS_ioctl, 0, HIGH | bad[i], 0),
		    NOTIF);
	}
	assert_int_equal(ask(&all, SYS_ioctl, 0, TCGETS, 0), ALLOWED);
	assert_int_equal(ask(&all, SYS_ioctl, 0, HIGH | TIOCGWINSZ, 0),
	    ALLOWED);
}

static void
clone_makes_threads_and_children_but_no_namespaces(void **state)
{
	static const uint64_t bad[] = { CLONE_NEWNS, CLONE_NEWCGROUP,
		CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID,
		CLONE_NEWNET, 0x80 };
	size_t i;

	(void)state;
	assert_int_equal(ask(&all, SYS_clone, 17, 0, 0), ALLOWED);
	assert_int_equal(ask(&all, SYS_clone, CLONE_VM | CLONE_FS |
	    CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, 0), ALLOWED);
	for (i = 0; i < 8; i++) {
		assert_int_equal(ask(&all, SYS_clone, 17 | bad[i], 0, 0),
		    NOTIF);
		assert_int_equal(ask(&all, SYS_clone, HIGH | bad[i], 0, 0),
		    NOTIF);
	}
}

static void
memory_files_must_not_be_executable(void **state)
{
	static const struct {
		uint64_t	flags;
		uint32_t	answer;
	} rows[] = {
		{ 0x8, ALLOWED }, { 0x8 | 0x1, ALLOWED },
		{ 0x8 | 0x2, ALLOWED }, { 0, NOTIF }, { 0x1, NOTIF },
		{ 0x10, NOTIF }, { 0x18, NOTIF }, { 0x11, NOTIF },
		{ HIGH, NOTIF }, { HIGH | 0x8, ALLOWED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(ask(&all, SYS_memfd_create, 0, rows[i].flags,
		    0), rows[i].answer);
}

static void
sockets_are_of_the_listed_families_types_and_protocols(void **state)
{
	static const struct {
		uint64_t	family, type, protocol;
		uint32_t	answer;
	} rows[] = {
		{ AF_UNIX, SOCK_STREAM, 0, ALLOWED },
		{ AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ALLOWED },
		{ AF_INET, SOCK_STREAM, 0, ALLOWED },
		{ AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    IPPROTO_TCP, ALLOWED },
		{ AF_INET, SOCK_STREAM, IPPROTO_SCTP, NOTIF },
		{ AF_INET, SOCK_STREAM, 262, NOTIF },		/* MPTCP */
		{ AF_INET, SOCK_DGRAM, 0, NOTIF },
		{ AF_INET, SOCK_RAW, IPPROTO_ICMP, NOTIF },
		{ AF_INET, SOCK_SEQPACKET, 0, NOTIF },
		{ AF_INET6, SOCK_STREAM, 0, NOTIF },
		{ AF_NETLINK, SOCK_RAW, NETLINK_ROUTE, ALLOWED },
		{ AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG, ALLOWED },
		{ AF_NETLINK, SOCK_RAW, NETLINK_AUDIT, NOTIF },
		{ AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER, NOTIF },
		{ AF_PACKET, SOCK_RAW, 0, NOTIF },
		{ AF_VSOCK, SOCK_STREAM, 0, NOTIF },
		{ AF_ALG, SOCK_SEQPACKET, 0, NOTIF },
		{ AF_XDP, SOCK_RAW, 0, NOTIF },
		{ AF_BLUETOOTH, SOCK_RAW, 0, NOTIF },
		{ 0, SOCK_STREAM, 0, NOTIF },
	};
	size_t i;
	int family;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ask(&all, SYS_socket,
		    rows[i].family, rows[i].type,
		    rows[i].protocol), rows[i].answer);
		assert_int_equal(ask(&all, SYS_socket,
		    HIGH | rows[i].family,
		    HIGH | rows[i].type,
		    HIGH | rows[i].protocol), rows[i].answer);
	}
	for (family = 0; family < 64; family++) {
		assert_int_equal(ask(&all, SYS_socketpair, (uint64_t)family, 1,
		    0), family == AF_UNIX ? ALLOWED : NOTIF);
		assert_int_equal(ask(&small, SYS_socket, (uint64_t)family, 1,
		    0), family == AF_UNIX ? NO_UNIX : NOTIF);
	}
}

static void
without_the_family_unix_there_are_connected_pairs_only(void **state)
{
	uint64_t type;

	(void)state;
	for (type = 0; type < 16; type++) {
		assert_int_equal(ask(&small, SYS_socket, HIGH | AF_UNIX, type,
		    0), NO_UNIX);
		assert_int_equal(ask(&small, SYS_socketpair, HIGH | AF_UNIX,
		    HIGH | SOCK_CLOEXEC | type, 0), type == SOCK_STREAM ||
		    type == SOCK_SEQPACKET ? ALLOWED : NOTIF);
	}
}

static void
no_file_gets_setuid_or_setgid(void **state)
{
	static const struct {
		uint32_t	nr;
		unsigned int	mode, flags;	/* which arguments; 9: none */
	} calls[] = {
		{ SYS_chmod, 1, 9 }, { SYS_fchmod, 1, 9 },
		{ SYS_fchmodat, 2, 9 }, { SYS_creat, 1, 9 },
		{ SYS_mknod, 1, 9 }, { SYS_mknodat, 2, 9 },
		{ SYS_open, 2, 1 }, { SYS_openat, 3, 2 },
	};
	static const uint64_t bad[] = { 04755, 02755, 06000, HIGH | 04000,
		0x10000 | 02000 };
	static const uint64_t makes[] = { O_CREAT | O_WRONLY, O_TMPFILE |
		O_RDWR, HIGH | O_CREAT, O_CREAT | O_TMPFILE };
	uint64_t a[6];
	size_t i, j, k;

	(void)state;
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (j = 0; j < 5; j++) {
			memset(a, 0, sizeof(a));
			for (k = 0; k < 4; k++) {
				if (calls[i].flags != 9)
					a[calls[i].flags] = makes[k];
				a[calls[i].mode] = bad[j];
				assert_int_equal(ask_all(&all, calls[i].nr, a),
				    NOTIF);
				a[calls[i].mode] = HIGH | 01777;
				assert_int_equal(ask_all(&all, calls[i].nr, a),
				    ALLOWED);
			}
			if (calls[i].flags == 9)
				continue;
			/* Without O_CREAT the mode is whatever was there. */
			a[calls[i].mode] = bad[j];
			a[calls[i].flags] = O_RDWR | O_DIRECTORY | O_TRUNC;
			assert_int_equal(ask_all(&all, calls[i].nr, a),
			    ALLOWED);
		}
	assert_int_equal(ask(&all, SYS_openat2, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&all, 452, 0, 0, 04755), NOSYS);
}

static void
fcntl_does_not_hold_up_the_hosts_files(void **state)
{
	(void)state;
	assert_int_equal(ask(&all, SYS_fcntl, 0, F_SETLEASE, 0), NOTIF);
	assert_int_equal(ask(&all, SYS_fcntl, 0, HIGH | F_SETLEASE, 0), NOTIF);
	assert_int_equal(ask(&all, SYS_fcntl, 0, F_NOTIFY, 0), NOTIF);
	assert_int_equal(ask(&all, SYS_fcntl, 0, F_SETLK, 0), ALLOWED);
	assert_int_equal(ask(&all, SYS_fcntl, 0, HIGH | F_DUPFD_CLOEXEC, 0),
	    ALLOWED);
}

static void
prctl_and_personality_do_what_is_listed_only(void **state)
{
	(void)state;
	assert_int_equal(ask(&all, SYS_prctl, PR_SET_NAME, 0, 0), ALLOWED);
	assert_int_equal(ask(&all, SYS_prctl, HIGH | PR_SET_PDEATHSIG, 0, 0),
	    ALLOWED);
	assert_int_equal(ask(&all, SYS_prctl, PR_SET_SECCOMP, 2, 0), NOTIF);
	assert_int_equal(ask(&all, SYS_prctl, PR_SET_MM, 0, 0), NOTIF);
	assert_int_equal(ask(&all, SYS_prctl, PR_SET_PTRACER, 0, 0), NOTIF);
	assert_int_equal(ask(&all, SYS_prctl, PR_CAPBSET_DROP, 0, 0), NOTIF);
	assert_int_equal(ask(&all, SYS_personality, 0, 0, 0), ALLOWED);
	assert_int_equal(ask(&all, SYS_personality, 0xffffffff, 0, 0),
	    ALLOWED);
	assert_int_equal(ask(&all, SYS_personality, 0x0400000, 0, 0), NOTIF);
}

static void
deny_quiet_and_kill_take_out_of_allow(void **state)
{
	char *const deny[] = { (char[]){ "@file-read" }, NULL };
	char *const quiet[] = { (char[]){ "mkdir" }, NULL };
	char *const kill[] = { (char[]){ "#165" }, (char[]){ "chown" }, NULL };
	const struct filter_rules rules = { .allow = every, .deny = deny,
		.quiet = quiet, .kill = kill };
	struct filter_problem bad;
	static struct program p;

	(void)state;
	assert_int_equal(program_make(&p, &rules, &bad), 0);
	assert_int_equal(ask(&p, SYS_openat, 0, 0, 0), NOTIF);
	assert_int_equal(ask(&p, SYS_mkdir, 0, 0, 0), NOTIF);
	assert_int_equal(ask(&p, SYS_chown, 0, 0, 0), NOTIF);
	assert_int_equal(ask(&p, SYS_fchown, 0, 0, 0), ALLOWED);
	assert_int_equal(p.set.quiet[SYS_mkdir], 1);
	assert_int_equal(p.set.kill[165], 1);
}

static void
a_number_this_version_cannot_name_can_be_allowed(void **state)
{
	char *const allow[] = { (char[]){ "#462" }, (char[]){ "#400" }, NULL };
	const struct filter_rules rules = { .allow = allow };
	struct filter_problem bad;
	static struct program p;

	(void)state;
	assert_int_equal(program_make(&p, &rules, &bad), 0);
	assert_int_equal(ask(&p, 462, 0, 0, 0), ALLOWED);
	assert_int_equal(ask(&p, 400, 0, 0, 0), ALLOWED);
	assert_int_equal(ask(&p, 461, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&p, 463, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&p, SYS_read, 0, 0, 0), NOTIF);
}

static void
an_empty_profile_allows_nothing(void **state)
{
	const struct filter_rules rules = { .allow = NULL };
	struct filter_problem bad;
	static struct program p;
	uint32_t nr, answer;

	(void)state;
	assert_int_equal(program_make(&p, &rules, &bad), 0);
	for (nr = 0; nr < 5000; nr++) {
		answer = ask(&p, nr, 0, 0, 0);
		assert_true(answer == NOTIF || answer == NOSYS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_allowed_as_a_whole_is_allowed_with_any_argument),
		cmocka_unit_test(
		    what_is_not_allowed_is_notified_with_any_argument),
		cmocka_unit_test(numbers_nobody_knows_are_enosys),
		cmocka_unit_test(every_answer_is_one_of_five),
		cmocka_unit_test(another_architecture_is_killed),
		cmocka_unit_test(the_x32_bit_is_killed),
		cmocka_unit_test(
		    typing_into_a_terminal_is_refused_whatever_is_in_the_high_half),
		cmocka_unit_test(
		    clone_makes_threads_and_children_but_no_namespaces),
		cmocka_unit_test(memory_files_must_not_be_executable),
		cmocka_unit_test(
		    sockets_are_of_the_listed_families_types_and_protocols),
		cmocka_unit_test(
		    without_the_family_unix_there_are_connected_pairs_only),
		cmocka_unit_test(no_file_gets_setuid_or_setgid),
		cmocka_unit_test(fcntl_does_not_hold_up_the_hosts_files),
		cmocka_unit_test(
		    prctl_and_personality_do_what_is_listed_only),
		cmocka_unit_test(deny_quiet_and_kill_take_out_of_allow),
		cmocka_unit_test(
		    a_number_this_version_cannot_name_can_be_allowed),
		cmocka_unit_test(an_empty_profile_allows_nothing),
	};

	return cmocka_run_group_tests(tests, make_programs, NULL);
}
