/* stock_test.c - the stock profiles as compiled: every number, every interesting argument, plan and JSON. */
#include "tests/unit/test.h"

#include <asm/ioctls.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "base/strv.h"
#include "load/policy.h"
#include "tests/unit/filter/run.h"
#include "tests/unit/load/bed.h"

#define INSPECT_CALLS	197	/* of 373 that x86-64 has */
#define FILES_CALLS	236
#define NO_UNIX	(SECCOMP_RET_ERRNO | 1U)	/* EPERM without a word */
#define CAP(n)	((uint64_t)1 << (n))

static struct policy p;
static struct program inspect, files;

static int
take_program(const char *name, struct program *out)
{
	const struct msg_snap_profile *f = snapshot_profile(&p.snap, name);

	if (f == NULL || f->bpf.n > sizeof(out->f))
		return -1;
	out->n = f->bpf.n / sizeof(out->f[0]);
	memcpy(out->f, f->bpf.p, f->bpf.n);
	return 0;
}

static int
load(void **state)
{
	if (geteuid() != 0)
		return 0;
	return bed_enter(state) != 0 || policy_load(BED_CONF, &p) != 0 ||
	    take_program("inspect", &inspect) != 0 ||
	    take_program("files", &files) != 0 ? -1 : 0;
}

static int
unload(void **state)
{
	(void)state;
	policy_free(&p);
	return 0;
}

static struct msg_plan
plan_of(const char *name)
{
	const struct msg_snap_profile *f = snapshot_profile(&p.snap, name);
	struct buf *b = buf_new(PLAN_MAX);
	struct msg_plan plan = { 0 };

	assert_int_equal(buf_put(b, f->plan.p, f->plan.n), 0);
	assert_int_equal(msg_plan_get(b, &plan), 0);
	buf_free(b);
	return plan;
}

/* Nothing of this is in any stock profile. */
static const int never[] = { SYS_ptrace, SYS_process_vm_readv,
	SYS_process_vm_writev, SYS_bpf, SYS_kexec_load, SYS_kexec_file_load,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_add_key,
	SYS_request_key, SYS_keyctl, SYS_userfaultfd, SYS_perf_event_open,
	SYS_open_by_handle_at, SYS_setns, SYS_unshare, SYS_iopl, SYS_ioperm,
	SYS_swapon, SYS_swapoff, SYS_reboot, SYS_acct, SYS_quotactl,
	SYS_fanotify_init, SYS_syslog, SYS_pidfd_getfd, SYS_modify_ldt,
	SYS_kcmp, SYS_seccomp, 444, 445, 446 /* landlock */, SYS_mount,
	SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree, SYS_move_mount,
	SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, 442,
	SYS_clock_settime, SYS_settimeofday, SYS_adjtimex, SYS_clock_adjtime,
	SYS_setuid, SYS_setgid, SYS_setresuid, SYS_setgroups, SYS_capset,
	SYS_sethostname, SYS_setdomainname, SYS_vhangup, SYS_io_setup,
	SYS_shmget, SYS_mq_open, SYS_msgget, SYS_semget, SYS_ustat,
	SYS_uselib, SYS_migrate_pages, SYS_move_pages, SYS_vmsplice };

static void
what_is_never_granted_is_notified_in_both(void **state)
{
	size_t i, j;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		for (j = 0; j < 4; j++) {
			uint64_t a = j == 3 ? ~0ULL : j;

			assert_int_equal(ask(&inspect, (uint32_t)never[i], a,
			    a, a), NOTIF);
			assert_int_equal(ask(&files, (uint32_t)never[i], a, a,
			    a), NOTIF);
		}
}

/* Numbers allowed with the arguments that suit a program best. */
static size_t
count_allowed(const struct program *f)
{
	size_t n = 0;
	uint32_t nr;

	for (nr = 0; nr < 70000; nr++)
		if (ask(f, nr, AF_UNIX, TCGETS, 0) == ALLOWED ||
		    ask(f, nr, 0, 0x8, 0) == ALLOWED ||
		    ask(f, nr, 15, 0, 0) == ALLOWED)
			n++;
	return n;
}

static void
the_number_of_allowed_calls_is_known(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	/* A change here is a change of what every approver agreed to. */
	assert_int_equal(count_allowed(&inspect), INSPECT_CALLS);
	assert_int_equal(count_allowed(&files), FILES_CALLS);
}

static void
only_files_may_change_files(void **state)
{
	static const int writes[] = { SYS_creat, SYS_mkdir, SYS_mkdirat,
		SYS_rmdir, SYS_rename, SYS_renameat, SYS_renameat2, SYS_link,
		SYS_linkat, SYS_symlink, SYS_symlinkat, SYS_unlink,
		SYS_unlinkat, SYS_chmod, SYS_fchmod, SYS_fchmodat, SYS_chown,
		SYS_lchown, SYS_fchown, SYS_fchownat, SYS_truncate,
		SYS_ftruncate, SYS_fallocate, SYS_sync, SYS_syncfs, SYS_utime,
		SYS_utimes, SYS_utimensat, SYS_futimesat, SYS_setxattr,
		SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr, SYS_mknod,
		SYS_mknodat };
	size_t i;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		assert_int_equal(ask(&inspect, (uint32_t)writes[i], 0, 0, 0),
		    NOTIF);
		assert_int_equal(ask(&files, (uint32_t)writes[i], 0, 0, 0),
		    ALLOWED);
	}
	assert_int_equal(ask(&inspect, SYS_memfd_create, 0, 8, 0), NOTIF);
	assert_int_equal(ask(&files, SYS_memfd_create, 0, 8, 0), ALLOWED);
	assert_int_equal(ask(&files, SYS_memfd_create, 0, 0, 0), NOTIF);
}

static void
what_a_program_needs_to_begin_is_allowed(void **state)
{
	static const int begin[] = { SYS_execveat, SYS_execve, SYS_brk,
		SYS_mmap, SYS_munmap, SYS_mprotect, SYS_openat, SYS_close,
		SYS_access, SYS_newfstatat, SYS_pread64, SYS_read, SYS_write,
		SYS_arch_prctl, SYS_set_tid_address, SYS_set_robust_list,
		SYS_rseq, SYS_prlimit64, SYS_getrandom, SYS_exit_group,
		SYS_exit, SYS_futex, SYS_wait4, SYS_rt_sigreturn };
	size_t i;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (i = 0; i < sizeof(begin) / sizeof(begin[0]); i++) {
		assert_int_equal(ask(&inspect, (uint32_t)begin[i], 0, 0, 0),
		    ALLOWED);
		assert_int_equal(ask(&files, (uint32_t)begin[i], 0, 0, 0),
		    ALLOWED);
	}
	assert_int_equal(ask(&inspect, SYS_clone, 17, 0, 0), ALLOWED);
	assert_int_equal(ask(&inspect, SYS_clone, CLONE_NEWUSER | 17, 0, 0),
	    NOTIF);
	assert_int_equal(ask(&inspect, 435, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&inspect, 425, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&inspect, 452, 0, 0, 0), NOSYS);
	assert_int_equal(ask(&inspect, SYS_ioctl, 0, TIOCSTI, 0), NOTIF);
	assert_int_equal(ask(&inspect, SYS_ioctl, 0,
	    0xffffffff00000000ULL | TIOCSTI, 0), NOTIF);
	assert_int_equal(ask_arch(&inspect, 1, AUDIT_ARCH_I386), KILLED);
}

static void
sockets_are_none_but_netlink_for_inspect(void **state)
{
	int family;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (family = 0; family < 64; family++) {
		assert_int_equal(ask(&files, SYS_socket, (uint64_t)family,
		    SOCK_STREAM, 0), family == AF_UNIX ? NO_UNIX : NOTIF);
		assert_int_equal(ask(&inspect, SYS_socket, (uint64_t)family,
		    SOCK_RAW, NETLINK_ROUTE), family == AF_UNIX ? NO_UNIX :
		    family == AF_NETLINK ? ALLOWED : NOTIF);
	}
	assert_int_equal(ask(&inspect, SYS_socketpair, AF_UNIX, SOCK_STREAM,
	    0), ALLOWED);
	assert_int_equal(ask(&inspect, SYS_socketpair, AF_UNIX, SOCK_DGRAM,
	    0), NOTIF);
}

static void
plans_hold_what_the_profiles_say(void **state)
{
	struct msg_plan a, b;

	(void)state;
	if (geteuid() != 0)
		skip();
	a = plan_of("inspect");
	b = plan_of("files");
	assert_string_equal(a.name, "inspect");
	assert_int_equal(a.landlock_abi, 2);
	assert_int_equal(a.caps, CAP(2));
	assert_int_equal(a.proc_private, 0);
	assert_int_equal(a.net_private, 0);
	assert_int_equal(strv_len(a.write), 0);
	assert_true(strv_has(a.read, "/"));
	assert_true(strv_has(a.hide, "/etc/shadow"));
	assert_false(strv_has(a.hide, "?/etc/gshadow"));
	assert_int_equal(b.caps, CAP(0) | CAP(1) | CAP(2) | CAP(3));
	assert_int_equal(b.proc_private, 1);
	assert_int_equal(b.net_private, 1);
	assert_int_equal(b.tmp_private, 1);
	assert_int_equal(b.home_private, 1);
	assert_int_equal(b.port_rules, 0);
	assert_int_equal(b.nproc, 200);
	assert_int_equal(b.fsize, 2ULL << 30);
	assert_int_equal(b.kill.n, 5 * 4);
	assert_int_equal(b.kill.p[3] | b.kill.p[2] << 8, SYS_init_module);
	assert_true(strv_has(b.env_keep, "LC_*"));
	assert_true(strv_has(b.env_set, "PAGER=less"));
	msg_plan_free(&a);
	msg_plan_free(&b);
}

static void
equal_files_give_equal_bytes_and_a_comment_changes_nothing(void **state)
{
	struct policy again;
	struct buf *x = buf_new(SNAPSHOT_MAX), *y = buf_new(SNAPSHOT_MAX);
	FILE *f;

	(void)state;
	if (geteuid() != 0)
		skip();
	f = fopen("/etc/sekisho/profiles.d/files.conf", "ae");
	assert_non_null(f);
	fputs("# a comment\n", f);
	fclose(f);
	assert_int_equal(policy_load(BED_CONF, &again), 0);
	assert_int_equal(snapshot_put(x, &p.snap), 0);
	assert_int_equal(snapshot_put(y, &again.snap), 0);
	assert_int_equal(buf_len(x), buf_len(y));
	assert_memory_equal(buf_data(x), buf_data(y), buf_len(x));
	policy_free(&again);
	buf_free(x);
	buf_free(y);
}

static void
any_change_of_a_profile_changes_its_digest_alone(void **state)
{
	static const char *const changes[] = {
		"process = { limits = { nofile = 1; }; };",
		"syscalls = { deny = [ \"mkdir\" ]; };",
		"syscalls = { quiet = [ \"mkdir\" ]; };",
		"syscalls = { kill = [ \"mkdir\" ]; };",
		"syscalls = { on_refuse = \"kill\"; };",
		"files = { hide = [ \"/usr/share\" ]; };",
		"files = { write = [ \"?/nowhere\" ]; };",
		"files = { tmp = \"host\"; };",
		"network = { namespace = \"host\"; };",
		"process = { timeout = \"5m\"; };",
		"environment = { set = { A = \"b\"; }; };",
	};
	struct policy q;
	uint8_t digest[sizeof(changes) / sizeof(changes[0]) + 1][DIGEST_LEN];
	char text[256];
	size_t i, j, n = sizeof(changes) / sizeof(changes[0]);

	(void)state;
	if (geteuid() != 0)
		skip();
	for (i = 0; i <= n; i++) {
		snprintf(text, sizeof(text), "profile = { name = \"site\"; "
		    "inherit = \"files\"; };\n%s", i < n ? changes[i] : "");
		assert_int_equal(bed_write(
		    "/etc/sekisho/profiles.d/site.conf", text), 0);
		assert_int_equal(policy_load(BED_CONF, &q), 0);
		memcpy(digest[i], snapshot_profile(&q.snap, "site")->digest.p,
		    DIGEST_LEN);
		assert_memory_equal(snapshot_profile(&q.snap,
		    "inspect")->digest.p, snapshot_profile(&p.snap,
		    "inspect")->digest.p, DIGEST_LEN);
		policy_free(&q);
		for (j = 0; j < i; j++)
			assert_memory_not_equal(digest[i], digest[j],
			    DIGEST_LEN);
	}
	unlink("/etc/sekisho/profiles.d/site.conf");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_never_granted_is_notified_in_both),
		cmocka_unit_test(the_number_of_allowed_calls_is_known),
		cmocka_unit_test(only_files_may_change_files),
		cmocka_unit_test(what_a_program_needs_to_begin_is_allowed),
		cmocka_unit_test(
		    sockets_are_none_but_netlink_for_inspect),
		cmocka_unit_test(plans_hold_what_the_profiles_say),
		cmocka_unit_test(
		    equal_files_give_equal_bytes_and_a_comment_changes_nothing),
		cmocka_unit_test(
		    any_change_of_a_profile_changes_its_digest_alone),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
