/* caps_test.c - names of capabilities are the kernel's, and those that undo the sandbox are none. */
#include "tests/unit/test.h"

#include <linux/capability.h>
#include <stdio.h>

#include "load/plan.h"

static void
names_have_the_kernels_numbers(void **state)
{
	static const struct {
		const char	*name;
		int		 nr;
	} rows[] = {
		{ "chown", CAP_CHOWN }, { "dac_override", CAP_DAC_OVERRIDE },
		{ "dac_read_search", CAP_DAC_READ_SEARCH },
		{ "fowner", CAP_FOWNER }, { "fsetid", CAP_FSETID },
		{ "kill", CAP_KILL }, { "setgid", CAP_SETGID },
		{ "setuid", CAP_SETUID }, { "setpcap", CAP_SETPCAP },
		{ "linux_immutable", CAP_LINUX_IMMUTABLE },
		{ "net_bind_service", CAP_NET_BIND_SERVICE },
		{ "net_broadcast", CAP_NET_BROADCAST },
		{ "net_admin", CAP_NET_ADMIN }, { "net_raw", CAP_NET_RAW },
		{ "ipc_lock", CAP_IPC_LOCK }, { "ipc_owner", CAP_IPC_OWNER },
		{ "sys_chroot", CAP_SYS_CHROOT }, { "sys_pacct", CAP_SYS_PACCT },
		{ "sys_nice", CAP_SYS_NICE },
		{ "sys_resource", CAP_SYS_RESOURCE },
		{ "sys_time", CAP_SYS_TIME },
		{ "sys_tty_config", CAP_SYS_TTY_CONFIG },
		{ "mknod", CAP_MKNOD }, { "lease", CAP_LEASE },
		{ "audit_write", CAP_AUDIT_WRITE },
		{ "audit_control", CAP_AUDIT_CONTROL },
		{ "setfcap", CAP_SETFCAP }, { "syslog", CAP_SYSLOG },
		{ "wake_alarm", CAP_WAKE_ALARM },
		{ "block_suspend", CAP_BLOCK_SUSPEND },
		{ "audit_read", CAP_AUDIT_READ },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(plan_capability(rows[i].name), rows[i].nr);
	/* With the ten below these are all there are. */
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), CAP_LAST_CAP + 1 - 10);
}

static void
what_undoes_the_sandbox_and_what_is_no_name_is_refused(void **state)
{
	static const char *const never[] = { "sys_module", "sys_rawio",
		"sys_ptrace", "sys_admin", "sys_boot", "mac_override",
		"mac_admin", "perfmon", "bpf", "checkpoint_restore" };
	static const char *const wrong[] = { "", "CHOWN", "cap_chown", "all",
		"chown ", "chow" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		assert_int_equal(plan_capability(never[i]), -2);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(plan_capability(wrong[i]), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_the_kernels_numbers),
		cmocka_unit_test(
		    what_undoes_the_sandbox_and_what_is_no_name_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
