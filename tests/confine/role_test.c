/*
 * role_test.c - role_enter and the role lists against the real kernel; needs root.
 * links: confine
 */
#include "../unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/confine/lists.h"
#include "base/err.h"
#include "base/log.h"
#include "confine/bpf.h"
#include "confine/caps.h"
#include "confine/landlock.h"
#include "confine/process.h"

/* The kernel lets these two pass every filter; they do nothing outside a probe. */
#define URETPROBE	335
#define UPROBE		336
#define NOBODY	65534
#define ENTERED	0
#define REFUSED	10		/* exit status of a child whose role_enter said no */

static char empty_dir[] = "/tmp/sekisho-role-XXXXXX";

static struct role
plain_role(void)
{
	struct role r = {
		.name = "test", .uid = NOBODY, .gid = NOBODY,
		.chroot_dir = empty_dir, .landlock = 1, .nofile = 64,
		.fsize = UINT64_MAX, .as = UINT64_MAX, .nproc = 0,
		.parent = getppid(),
	};

	return r;
}

/* Complaints of role_enter are what these tests are about. */
static void
forget(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* Run "body" in a child; returns waitpid's status. */
static int
in_child(void (*body)(const void *arg), const void *arg)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	assert_true((pid = fork()) >= 0);
	if (pid == 0) {
		log_set_sink(forget, NULL);
		body(arg);
		syscall(SYS_exit_group, 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
assert_exit(int status, int code)
{
	if (!WIFEXITED(status) || WEXITSTATUS(status) != code)
		fail_msg("status %x, want exit %d", (unsigned int)status,
		    code);
}

static void
assert_killed(int status, const char *name, long nr)
{
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fail_msg("%s: call %ld: status %x, want SIGSYS", name, nr,
		    (unsigned int)status);
}

struct call {
	const struct role_filter *filter;
	long	 nr;
	long	 args[4];
};

/* Loads the list alone and makes one call. */
static void
make_call(const void *arg)
{
	const struct call *c = arg;

	if (process_no_new_privs() != 0 ||
	    bpf_load(c->filter->insns, c->filter->n) != 0)
		_exit(REFUSED);
	(void)syscall(c->nr, c->args[0], c->args[1], c->args[2], c->args[3]);
}

static int
is_listed(const struct list *l, long nr)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->lines[i].nr == nr)
			return 1;
	return 0;
}

static void
every_list_lets_its_calls_pass(void **state)
{
	struct call c;
	size_t i;

	(void)state;
	for (i = 0; i < NLISTS; i++) {
		c = (struct call){ lists[i].filter, SYS_close,
			{ -1, 0, 0, 0 } };
		assert_exit(in_child(make_call, &c), 0);
		if (!is_listed(&lists[i], SYS_mmap))
			continue;
		c = (struct call){ lists[i].filter, SYS_mmap, { 0, 4096,
			PROT_READ | PROT_WRITE, MAP_PRIVATE } };
		assert_exit(in_child(make_call, &c), 0);
	}
}

static void
every_call_outside_a_list_is_killed_by_the_kernel(void **state)
{
	struct call c;
	size_t i;
	long nr;

	(void)state;
	for (i = 0; i < NLISTS; i++)
		for (nr = 0; nr < 452; nr++) {
			if (is_listed(&lists[i], nr) ||
			    nr == UPROBE || nr == URETPROBE)
				continue;
			c = (struct call){ lists[i].filter, nr, { 0 } };
			assert_killed(in_child(make_call, &c),
			    lists[i].filter->name, nr);
		}
}

static void
arguments_outside_a_rule_are_killed_by_the_kernel(void **state)
{
	static const struct {
		const struct role_filter *filter;
		long nr, args[4];
	} bad[] = {
		{ &role_filter_net, SYS_mmap, { 0, 4096, PROT_EXEC, 0 } },
		{ &role_filter_record, SYS_mmap, { 0, 4096, PROT_READ |
		    PROT_WRITE | PROT_EXEC, 0 } },
		{ &role_filter_ledgerd, SYS_mprotect, { 0, 0, PROT_EXEC, 0 } },
		{ &role_filter_net, SYS_mmap, { 0, 4096, 1L << 32, 0 } },
		{ &role_filter_record, SYS_fcntl, { 0, F_SETLK, 0, 0 } },
		{ &role_filter_net, SYS_ioctl, { 0, TIOCSTI, 0, 0 } },
		{ &role_filter_sekishod, SYS_socketpair, { AF_INET, 0, 0, 0 } },
		{ &role_filter_sekishod, SYS_getsockopt, { 0, SOL_SOCKET,
		    SO_PEERSEC, 0 } },
		{ &role_filter_monitor, SYS_socket, { AF_PACKET, SOCK_RAW, 0,
		    0 } },
		{ &role_filter_monitor, SYS_clone, { 0x20000 | SIGCHLD, 0, 0,
		    0 } },		/* CLONE_NEWNS */
		{ &role_filter_load, SYS_socket, { AF_INET, SOCK_STREAM, 0,
		    0 } },
	};
	struct call c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c.filter = bad[i].filter;
		c.nr = bad[i].nr;
		memcpy(c.args, bad[i].args, sizeof(c.args));
		assert_killed(in_child(make_call, &c), c.filter->name, c.nr);
	}
}

static void
enter(const void *arg)
{
	struct role r = *(const struct role *)arg;

	r.parent = getppid();
	_exit(role_enter(&r) == 0 ? ENTERED : REFUSED);
}

/* What is left after a role without a list was entered. */
static void
look_around(const void *arg)
{
	struct role r = *(const struct role *)arg;
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd;

	r.parent = getppid();
	if (role_enter(&r) != 0)
		_exit(REFUSED);
	if (geteuid() != NOBODY || getegid() != NOBODY ||
	    getgroups(0, NULL) != 0)
		_exit(1);
	if (setresuid(0, 0, 0) == 0 || setgroups(0, NULL) == 0)
		_exit(2);
	if (caps_set(CAPS_BIT(CAP_KILL), 0) == 0)
		_exit(3);
	if (open("/", O_RDONLY) >= 0 || open("/etc/passwd", O_RDONLY) >= 0)
		_exit(4);
	if (fork() >= 0)
		_exit(5);		/* nproc 0 */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0 ||
	    errno != EACCES)
		_exit(6);
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 ||
	    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		_exit(7);
	if (prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) != 0)
		_exit(8);
}

static void
a_role_leaves_nothing_to_regain(void **state)
{
	struct role r = plain_role();

	(void)state;
	assert_exit(in_child(look_around, &r), 0);
}

static void
every_filter_of_ours_can_be_entered_with(void **state)
{
	struct role r = plain_role();
	size_t i;

	(void)state;
	for (i = 0; i < NLISTS; i++) {
		r.filter = lists[i].filter;
		assert_exit(in_child(enter, &r), ENTERED);
	}
}

static void
open_paths(const void *arg)
{
	const struct role *r = arg;

	if (role_enter(r) != 0)
		_exit(REFUSED);
	if (open("/usr/bin/env", O_RDONLY) < 0)
		_exit(1);
	if (open("/usr/sekisho-test", O_WRONLY | O_CREAT, 0600) >= 0)
		_exit(2);
	if (open("/etc/passwd", O_RDONLY) >= 0)
		_exit(3);
	if (open("file", O_WRONLY | O_CREAT, 0600) >= 0 ||
	    open("/dev/null", O_RDWR) < 0)
		_exit(4);
}

static void
landlock_opens_the_named_paths_and_no_other(void **state)
{
	struct role_path paths[] = { { "/usr", 0, 0 }, { "/dev/null", 1, 0 } };
	struct role r = { .name = "test", .landlock = 1, .paths = paths,
		.npaths = 2, .nofile = UINT64_MAX, .fsize = UINT64_MAX,
		.as = UINT64_MAX, .nproc = UINT64_MAX };

	(void)state;
	assert_exit(in_child(open_paths, &r), 0);
	paths[1].path = "/nonexistent/sekisho";
	assert_exit(in_child(open_paths, &r), REFUSED);
}

static void
enter_as_nobody(const void *arg)
{
	if (setresuid(NOBODY, NOBODY, NOBODY) != 0)
		_exit(1);
	enter(arg);
}

static void
enter_with_another_parent(const void *arg)
{
	struct role r = *(const struct role *)arg;

	r.parent = 1;
	_exit(role_enter(&r) == 0 ? ENTERED : REFUSED);
}

static void
a_wrong_beginning_is_refused(void **state)
{
	static const struct role_filter none = { "none", "", 0, 0 };
	struct role r = plain_role();

	(void)state;
	assert_exit(in_child(enter_as_nobody, &r), REFUSED);
	assert_exit(in_child(enter_with_another_parent, &r), REFUSED);
	r.chroot_dir = "/nonexistent/sekisho";
	assert_exit(in_child(enter, &r), REFUSED);
	r.chroot_dir = "/tmp";		/* anybody's to write */
	assert_exit(in_child(enter, &r), REFUSED);
	r.chroot_dir = empty_dir;
	r.filter = &none;
	assert_exit(in_child(enter, &r), REFUSED);
}

/* One step of role_enter, made to fail with EPERM, or to lie: 0 without doing it. */
struct step {
	const char	*name;
	long		 nr;
	long		 option;	/* of prctl; -1: any */
	int		 is_seen_when_lying;
};

static const struct step steps[] = {
	{ "landlock rule set", SYS_landlock_create_ruleset, -1, 1 },
	{ "chroot", SYS_chroot, -1, 1 },
	{ "limits", SYS_prlimit64, -1, 1 },
	{ "bounding set", SYS_prctl, PR_CAPBSET_DROP, 1 },
	{ "securebits", SYS_prctl, PR_SET_SECUREBITS, 1 },
	{ "groups", SYS_setgroups, -1, 1 },
	{ "gid", SYS_setresgid, -1, 1 },
	{ "uid", SYS_setresuid, -1, 1 },
	{ "ambient", SYS_prctl, PR_CAP_AMBIENT, 0 },	/* empty anyway */
	{ "capabilities", SYS_capset, -1, 1 },
	{ "parent-death signal", SYS_prctl, PR_SET_PDEATHSIG, 1 },
	{ "dumpable", SYS_prctl, PR_SET_DUMPABLE, 0 },	/* the ids did it already */
	{ "no_new_privs", SYS_prctl, PR_SET_NO_NEW_PRIVS, 1 },
	{ "landlock", SYS_landlock_restrict_self, -1, 1 },
	{ "seccomp", SYS_seccomp, -1, 0 },	/* nobody is left to ask */
};

struct sabotage {
	struct role	 role;
	struct step	 step;
	unsigned int	 error;
};

/* A filter of the test's own makes that step fail; root may load it without no_new_privs. */
static void
enter_sabotaged(const void *arg)
{
	const struct sabotage *s = arg;
	gid_t some = 7;
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    (unsigned int)s->step.nr, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, args)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    (unsigned int)s->step.option, 0,
		    s->step.option == -1 ? 0 : 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | s->error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	/* groups and a dumpable, mortal state that a lie would leave behind */
	if (setgroups(1, &some) != 0 ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 ||
	    bpf_load(f, sizeof(f) / sizeof(f[0])) != 0)
		_exit(1);
	enter(&s->role);
}

static void
every_step_that_fails_ends_it(void **state)
{
	struct sabotage s = { .role = plain_role() };
	size_t i;
	int status;

	(void)state;
	s.role.filter = &role_filter_net;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		s.step = steps[i];
		s.error = EPERM;
		status = in_child(enter_sabotaged, &s);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != REFUSED)
			fail_msg("%s failed, status %x", s.step.name,
			    (unsigned int)status);
	}
}

static void
a_step_that_only_claims_to_work_is_seen(void **state)
{
	struct sabotage s = { .role = plain_role() };
	size_t i;
	int status;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		s.step = steps[i];
		if (!s.step.is_seen_when_lying)
			continue;
		s.error = 0;
		status = in_child(enter_sabotaged, &s);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != REFUSED)
			fail_msg("%s lied, status %x", s.step.name,
			    (unsigned int)status);
	}
}

static void
parent_then_child(const void *arg)
{
	const int *fds = arg;
	struct role r = plain_role();
	char c = 0;

	r.nproc = UINT64_MAX;
	if (fork() == 0) {
		r.parent = getppid();
		if (role_enter(&r) != 0 || write(fds[1], "r", 1) != 1)
			_exit(1);
		pause();
	}
	close(fds[1]);
	(void)!read(fds[0], &c, 1);
	kill(getpid(), SIGKILL);
}

static void
a_process_dies_with_its_parent(void **state)
{
	int fds[2], status;
	char c;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	status = in_child(parent_then_child, fds);
	assert_true(WIFSIGNALED(status));
	close(fds[1]);
	/* end of file: the grandchild, last holder of the pipe, is gone */
	alarm(5);
	assert_int_equal(read(fds[0], &c, 1), 0);
	alarm(0);
	close(fds[0]);
}

static void
features_are_found_by_trying(void **state)
{
	struct landlock_features f;

	(void)state;
	landlock_probe(&f);
	assert_true(f.abi >= 2);
	assert_true((f.fs & LL_FS_REFER) != 0);
	if (f.abi >= 4)
		assert_true((f.net & LL_NET_CONNECT_TCP) != 0);
}

static int
make_empty(void **state)
{
	(void)state;
	if (geteuid() != 0 || mkdtemp(empty_dir) == NULL ||
	    chmod(empty_dir, 0755) != 0)
		return -1;
	return 0;
}

static int
remove_empty(void **state)
{
	(void)state;
	return rmdir(empty_dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_list_lets_its_calls_pass),
		cmocka_unit_test(
		    every_call_outside_a_list_is_killed_by_the_kernel),
		cmocka_unit_test(
		    arguments_outside_a_rule_are_killed_by_the_kernel),
		cmocka_unit_test(a_role_leaves_nothing_to_regain),
		cmocka_unit_test(every_filter_of_ours_can_be_entered_with),
		cmocka_unit_test(landlock_opens_the_named_paths_and_no_other),
		cmocka_unit_test(a_wrong_beginning_is_refused),
		cmocka_unit_test(every_step_that_fails_ends_it),
		cmocka_unit_test(a_step_that_only_claims_to_work_is_seen),
		cmocka_unit_test(a_process_dies_with_its_parent),
		cmocka_unit_test(features_are_found_by_trying),
	};

	return cmocka_run_group_tests(tests, make_empty, remove_empty);
}
