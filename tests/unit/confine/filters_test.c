/* filters_test.c - every role list over every system call number, and every argument rule both ways. */
#include "../test.h"

#include <linux/audit.h>
#include <stdio.h>

#include "bpf.h"
#include "lists.h"

#define NUMBERS		600
#define X32_BIT		0x40000000U
#define GARBAGE		0x5a5a5a5a00000000ULL

static uint32_t
answer(const struct list *l, uint32_t arch, long nr, unsigned int arg,
    uint64_t value)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = arch };
	unsigned int i;

	for (i = 0; i < 6; i++)
		d.args[i] = GARBAGE | i;
	if (arg < 6)
		d.args[arg] = value;
	return bpf_run(l->filter->insns, l->filter->n, &d);
}

static uint32_t
native(const struct list *l, long nr, unsigned int arg, uint64_t value)
{
	return answer(l, AUDIT_ARCH_X86_64, nr, arg, value);
}

static void
expect(const struct list *l, long nr, uint32_t got, uint32_t want)
{
	if (got != want)
		fail_msg("%s: call %ld: got %x, want %x", l->filter->name, nr,
		    got, want);
}

/* First line about a number; NULL: none. */
static const struct line *
find(const struct list *l, long nr)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->lines[i].nr == nr)
			return &l->lines[i];
	return NULL;
}

static void
every_number_gets_what_its_line_says_and_the_rest_is_killed(void **state)
{
	const struct line *line;
	size_t i;
	long nr;

	(void)state;
	for (i = 0; i < NLISTS; i++)
		for (nr = 0; nr <= NUMBERS; nr++) {
			line = find(&lists[i], nr);
			if (line == NULL)
				expect(&lists[i], nr, native(&lists[i], nr, 6,
				    0), SECCOMP_RET_KILL_PROCESS);
			else if (line->kind == LINE_ALLOW)
				expect(&lists[i], nr, native(&lists[i], nr, 6,
				    0), SECCOMP_RET_ALLOW);
			else if (line->kind == LINE_REFUSE)
				expect(&lists[i], nr, native(&lists[i], nr, 6,
				    0), SECCOMP_RET_ERRNO |
				    (uint32_t)line->value);
		}
}

static void
a_mask_passes_its_bits_and_no_other_in_either_half(void **state)
{
	const struct line *line;
	const struct list *l;
	uint64_t bit;
	size_t i;

	(void)state;
	for (l = lists; l < lists + NLISTS; l++)
		for (i = 0; i < l->n; i++) {
			line = &l->lines[i];
			if (line->kind != LINE_BITS)
				continue;
			expect(l, line->nr, native(l, line->nr, line->arg, 0),
			    SECCOMP_RET_ALLOW);
			expect(l, line->nr, native(l, line->nr, line->arg,
			    line->value), SECCOMP_RET_ALLOW);
			for (bit = 1; bit != 0; bit <<= 1)
				expect(l, line->nr, native(l, line->nr,
				    line->arg, bit), (line->value & bit) != 0 ?
				    SECCOMP_RET_ALLOW :
				    SECCOMP_RET_KILL_PROCESS);
		}
}

/* Is (nr, arg, value) allowed by some line? */
static int
has_value(const struct list *l, const struct line *like, uint32_t value)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->lines[i].kind == LINE_ARG && l->lines[i].nr ==
		    like->nr && l->lines[i].arg == like->arg &&
		    l->lines[i].value == value)
			return 1;
	return 0;
}

static void
a_value_passes_and_every_neighbour_by_one_bit_is_killed(void **state)
{
	const struct line *line;
	const struct list *l;
	uint32_t bit, other;
	size_t i;

	(void)state;
	for (l = lists; l < lists + NLISTS; l++)
		for (i = 0; i < l->n; i++) {
			line = &l->lines[i];
			if (line->kind != LINE_ARG)
				continue;
			expect(l, line->nr, native(l, line->nr, line->arg,
			    line->value), SECCOMP_RET_ALLOW);
			/* the kernel does not look at the upper half either */
			expect(l, line->nr, native(l, line->nr, line->arg,
			    GARBAGE | line->value), SECCOMP_RET_ALLOW);
			for (bit = 1; bit != 0; bit <<= 1) {
				other = (uint32_t)line->value ^ bit;
				expect(l, line->nr, native(l, line->nr,
				    line->arg, other),
				    has_value(l, line, other) ?
				    SECCOMP_RET_ALLOW :
				    SECCOMP_RET_KILL_PROCESS);
			}
		}
}

static void
another_architecture_and_x32_are_killed_whatever_the_number(void **state)
{
	static const uint32_t foreign[] = { AUDIT_ARCH_I386,
		AUDIT_ARCH_AARCH64, AUDIT_ARCH_X86_64 & ~__AUDIT_ARCH_64BIT, 0 };
	const struct list *l;
	size_t i;
	long nr;

	(void)state;
	for (l = lists; l < lists + NLISTS; l++) {
		for (nr = 0; nr <= NUMBERS; nr++) {
			for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]);
			    i++)
				expect(l, nr, answer(l, foreign[i], nr, 6, 0),
				    SECCOMP_RET_KILL_PROCESS);
			expect(l, nr, native(l, (long)(X32_BIT | nr), 6, 0),
			    SECCOMP_RET_KILL_PROCESS);
		}
		expect(l, -1, native(l, -1, 6, 0), SECCOMP_RET_KILL_PROCESS);
	}
}

static void
no_list_passes_its_ceiling(void **state)
{
	const struct list *l;
	size_t n;

	(void)state;
	for (l = lists; l < lists + NLISTS; l++) {
		n = list_calls(l);
		assert_int_equal(l->filter->calls, l->n);
		print_message("%s: %zu calls\n", l->filter->name, n);
		if (l->ceiling != 0 && n > l->ceiling)
			fail_msg("%s: %zu calls, ceiling %zu", l->filter->name,
			    n, l->ceiling);
		assert_true(l->filter->n < BPF_MAXINSNS);
	}
}

/* What none of our processes ever needs once it is confined. */
static const long never[] = {
	SYS_ptrace, SYS_bpf, SYS_kexec_load, SYS_kexec_file_load,
	SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_setns,
	SYS_unshare, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot,
	SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_mount_setattr,
	SYS_keyctl, SYS_add_key, SYS_request_key, SYS_io_uring_setup,
	SYS_io_uring_enter, SYS_io_uring_register, SYS_userfaultfd,
	SYS_perf_event_open, SYS_open_by_handle_at, SYS_process_vm_writev,
	SYS_iopl, SYS_ioperm, SYS_swapon, SYS_swapoff, SYS_reboot, SYS_acct,
	SYS_quotactl, SYS_clock_settime, SYS_settimeofday, SYS_adjtimex,
	SYS_clock_adjtime, SYS_sethostname, SYS_syslog, SYS_fanotify_init,
	SYS_modify_ldt, SYS_personality, SYS_mknod, SYS_mknodat, SYS_vhangup,
	SYS_execveat, SYS_clone3, SYS_kcmp, SYS_pidfd_getfd,
};

static void
what_nobody_needs_is_allowed_to_nobody(void **state)
{
	const struct list *l;
	size_t i;

	(void)state;
	for (l = lists; l < lists + NLISTS; l++)
		for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
			/* the recorder may ask whether the clock is right; to set it takes a capability */
			if (native(l, never[i], 6, 0) == SECCOMP_RET_ALLOW &&
			    (never[i] != SYS_clock_adjtime ||
			    l->filter != &role_filter_record))
				fail_msg("%s may call %ld", l->filter->name,
				    never[i]);
}

static void
only_load_and_monitor_may_execute_memory_and_only_the_monitor_a_file(
    void **state)
{
	const struct list *l;
	int is_wide;

	(void)state;
	for (l = lists; l < lists + NLISTS; l++) {
		is_wide = l->filter == &role_filter_load ||
		    l->filter == &role_filter_monitor;
		if (!is_wide && (native(l, SYS_mmap, 2, PROT_READ |
		    PROT_EXEC) == SECCOMP_RET_ALLOW || native(l, SYS_mprotect,
		    2, PROT_EXEC) == SECCOMP_RET_ALLOW))
			fail_msg("%s may execute memory", l->filter->name);
		if (l->filter != &role_filter_monitor &&
		    native(l, SYS_execve, 6, 0) == SECCOMP_RET_ALLOW)
			fail_msg("%s may execute files", l->filter->name);
	}
}

static void
net_record_and_sekishod_open_nothing(void **state)
{
	static const long opening[] = { SYS_open, SYS_openat, SYS_openat2,
		SYS_creat, SYS_socket, SYS_connect, SYS_bind, SYS_clone,
		SYS_fork, SYS_vfork, SYS_execve, SYS_kill, SYS_setresuid,
		SYS_capset, SYS_prctl, SYS_unlink, SYS_rename };
	static const struct role_filter *const closed[] = {
		&role_filter_net, &role_filter_record, &role_filter_sekishod,
		&role_filter_recover,
	};
	size_t i, j, k;

	(void)state;
	for (i = 0; i < NLISTS; i++)
		for (j = 0; j < sizeof(closed) / sizeof(closed[0]); j++)
			for (k = 0; lists[i].filter == closed[j] &&
			    k < sizeof(opening) / sizeof(opening[0]); k++)
				expect(&lists[i], opening[k],
				    native(&lists[i], opening[k], 6, 0),
				    SECCOMP_RET_KILL_PROCESS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_number_gets_what_its_line_says_and_the_rest_is_killed),
		cmocka_unit_test(
		    a_mask_passes_its_bits_and_no_other_in_either_half),
		cmocka_unit_test(
		    a_value_passes_and_every_neighbour_by_one_bit_is_killed),
		cmocka_unit_test(
		    another_architecture_and_x32_are_killed_whatever_the_number),
		cmocka_unit_test(no_list_passes_its_ceiling),
		cmocka_unit_test(what_nobody_needs_is_allowed_to_nobody),
		cmocka_unit_test(
		    only_load_and_monitor_may_execute_memory_and_only_the_monitor_a_file),
		cmocka_unit_test(net_record_and_sekishod_open_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
