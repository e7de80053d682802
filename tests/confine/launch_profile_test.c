/*
 * launch_profile_test.c - real commands under the stock profiles, as sekisho-load compiles them.
 * links: load wire crypt confine json config filter
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch_drive.h"
#include "launch_helper.h"
#include "load/policy.h"

static struct policy policy;

/* Plan and filter of a stock profile take the place of the driver's own. */
static void
use_profile(struct drive *d, const char *name)
{
	const struct msg_snap_profile *p = NULL;
	struct buf *b = buf_new(PLAN_MAX);
	size_t i;

	for (i = 0; i < policy.snap.nprofiles; i++)
		if (strcmp(policy.snap.profiles[i].name, name) == 0)
			p = &policy.snap.profiles[i];
	assert_non_null(p);
	msg_plan_free(&d->plan);
	assert_int_equal(buf_put(b, p->plan.p, p->plan.n), 0);
	assert_int_equal(msg_plan_get(b, &d->plan), 0);
	buf_free(b);
	free(d->order.bpf.p);
	d->order.bpf.p = malloc(p->bpf.n);
	memcpy(d->order.bpf.p, p->bpf.p, p->bpf.n);
	d->order.bpf.n = p->bpf.n;
	drive_set_str(&d->order.profile, name);
}

static int
load(void **state)
{
	(void)state;
	/* A folder that surely belongs to root alone. */
	if (system("mkdir -m 755 /srv/profiles.d && install -m 644 "
	    "policy/profiles.d/*.conf /srv/profiles.d/") != 0)
		return -1;
	snprintf(policy.profiles_dir, sizeof(policy.profiles_dir),
	    "/srv/profiles.d");
	if (policy_profiles(&policy) != 0) {
		printf("profiles: %s\n", policy.error.text);
		return -1;
	}
	return 0;
}

static void
run_under(struct drive *d, const char *profile, const char *const argv[])
{
	drive_start(d, argv);
	use_profile(d, profile);
	if (drive_run(d) < 0)
		fail_msg("%s under %s refused: %s %s", argv[0], profile,
		    d->code, d->reason);
}

static void
everyday_commands_work_and_none_is_refused(void **state)
{
	static const char *const commands[] = {
		"/usr/bin/id", "/usr/bin/ls -l /etc", "/usr/bin/df -h /",
		"/usr/bin/find /etc/default", "/usr/bin/cat /etc/hostname",
		"/usr/bin/ps aux", "/usr/bin/uname -a", "/usr/bin/date",
		"/usr/bin/du -s /etc/default", "/usr/bin/head -1 /etc/fstab",
		"/usr/bin/grep -c root /etc/passwd", "/usr/bin/sort /etc/shells",
		"/usr/bin/tail -1 /etc/passwd", "/usr/bin/stat /",
		"/usr/bin/env", "/usr/bin/sed -n 1p /etc/passwd",
		"/usr/bin/awk 1 /etc/shells", "/usr/bin/perl -e print(1)",
		"/bin/bash -c true", "/usr/bin/sleep 0.01" };
	static const char *const profiles[] = { "inspect", "files" };
	char line[256], *argv[16], *save = NULL, *word;
	struct drive d;
	size_t i, p, n;

	(void)state;
	for (p = 0; p < 2; p++)
		for (i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
			snprintf(line, sizeof(line), "%s", commands[i]);
			n = 0;
			for (word = strtok_r(line, " ", &save); word != NULL;
			    word = strtok_r(NULL, " ", &save))
				argv[n++] = word;
			argv[n] = NULL;
			if (access(argv[0], X_OK) < 0)
				continue;
			/* ps looks for its own number in the host's /proc:
			 * only a whole machine has processes that low */
			if (strstr(argv[0], "/ps") != NULL &&
			    access("/proc/3", F_OK) < 0)
				continue;
			run_under(&d, profiles[p],
			    (const char *const *)argv);
			if (d.status != 0 || d.refusals != 0)
				fail_msg("%s under %s: status %u signal %s "
				    "refusals %u\n%s\n%s", commands[i],
				    profiles[p], d.status, d.signal,
				    d.refusals, d.output, d.events);
			drive_end(&d);
		}
}

static void
a_forbidden_call_is_named_under_each_profile(void **state)
{
	static const char *const profiles[] = { "inspect", "files" };
	struct drive d;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		run_under(&d, profiles[i], WORDS("/usr/bin/mount", "-t",
		    "tmpfs", "x", "/mnt"));
		assert_int_not_equal(d.status, 0);
		assert_true(d.refusals > 0);
		assert_non_null(strstr(d.events, "was refused mount("));
		assert_non_null(strstr(d.events, profiles[i]));
		drive_end(&d);
	}
}

static void
gate_files_stay_unread_under_each_profile(void **state)
{
	static const char *const profiles[] = { "inspect", "files" };
	static const char *const files[] = { "/srv/gate/ledger.db",
	    "/srv/gate/keys/k", "/srv/gate/etc/sekisho.conf" };
	struct drive d;
	size_t i, f;

	(void)state;
	assert_int_equal(system("mkdir -p /srv/gate/keys /srv/gate/etc"), 0);
	for (f = 0; f < 3; f++)
		helper_write(files[f], "secret", 0644);
	for (i = 0; i < 2; i++)
		for (f = 0; f < 3; f++) {
			drive_start(&d, helper_argv("open", files[f], NULL));
			use_profile(&d, profiles[i]);
			drive_set(&d.order.hide, WORDS("/srv/gate"));
			assert_int_equal(drive_run(&d), 0);
			assert_null(strstr(d.output, ": read"));
			drive_end(&d);
		}
	for (i = 0; i < 2; i++) {
		drive_start(&d, SH("find / -xdev -name ledger.db; grep -rs "
		    "secret /srv /proc/[0-9]*/root/srv/gate; "
		    "cat /proc/[0-9]*/root/srv/gate/ledger.db"));
		use_profile(&d, profiles[i]);
		drive_set(&d.order.hide, WORDS("/srv/gate"));
		assert_true(drive_prepare(&d) && drive_go(&d));
		assert_true(drive_wait(&d, 60000));
		assert_null(strstr(d.output, "secret"));
		assert_null(strstr(d.output, "/srv/gate/ledger.db\n"));
		drive_end(&d);
	}
	assert_int_equal(system("rm -rf /srv/gate"), 0);
}

static void
files_writes_where_it_may_and_nowhere_else(void **state)
{
	struct drive d;

	(void)state;
	run_under(&d, "files", SH("echo x >/srv/new && chown 1:1 /srv/new && "
	    "mv /srv/new /srv/renamed && cp /usr/bin/true /srv/true; "
	    "/srv/true && echo ran; for f in /etc/x /usr/x /var/lib/x; do "
	    "(echo >$f) 2>/dev/null && echo wrote $f; done; exit 0"));
	assert_int_equal(access("/srv/renamed", F_OK), 0);
	assert_null(strstr(d.output, "ran"));
	assert_null(strstr(d.output, "wrote"));
	drive_end(&d);
	run_under(&d, "inspect", SH("echo x >/srv/new; rm -f /srv/renamed; "
	    "kill -9 1; exit 0"));
	assert_int_equal(access("/srv/new", F_OK), -1);
	assert_int_equal(access("/srv/renamed", F_OK), 0);
	drive_end(&d);
}

static void
inspect_sees_the_hosts_processes_but_not_their_memory(void **state)
{
	struct drive d;
	char text[300];

	(void)state;
	snprintf(text, sizeof(text), "cat /proc/%d/stat | cut -d' ' -f1; "
	    "cat /proc/%d/environ /proc/%d/maps; ls /proc/%d/fd /proc/%d/root; "
	    "readlink /proc/%d/exe; exit 0", getpid(), getpid(), getpid(),
	    getpid(), getpid(), getpid());
	run_under(&d, "inspect", SH(text));
	snprintf(text, sizeof(text), "%d\n", getpid());
	assert_non_null(strstr(d.output, text));
	assert_null(strstr(d.output, "PATH="));
	assert_null(strstr(d.output, "launch_profile_test"));
	assert_null(strstr(d.output, "r-xp"));
	drive_end(&d);
}

static void
other_doors_to_the_kernel_are_shut(void **state)
{
	static const struct {
		const char	*helper, *arg, *output, *signal;
	} doors[] = {
		{ "int80", NULL, NULL, "SYS" },
		{ "call", "425", "ENOSYS", "" },	/* io_uring_setup */
		{ "call", "999", "ENOSYS", "" },
		{ "call", "435", "ENOSYS", "" },	/* clone3 */
		{ "call", "101", "EPERM", "" },		/* ptrace */
		{ "call", "272", "EPERM", "" },		/* unshare */
		{ "call", "304", "EPERM", "" },		/* open_by_handle_at */
		{ "call", "321", NULL, "KILL" },	/* bpf: on the kill list */
		{ "memfd", NULL, "E", "" },
		{ "thread", NULL, "thread=1", "" },
	};
	struct drive d;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(doors) / sizeof(*doors); i++) {
		run_under(&d, "files", helper_argv(doors[i].helper,
		    doors[i].arg, NULL));
		if (strcmp(d.signal, doors[i].signal) != 0 ||
		    (doors[i].output != NULL && (d.output == NULL ||
		    strstr(d.output, doors[i].output) == NULL)))
			fail_msg("%s %s: signal %s output %s", doors[i].helper,
			    doors[i].arg, d.signal, d.output);
		drive_end(&d);
	}
}

static void
a_shell_on_a_terminal_has_job_control(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, WORDS("/bin/bash", "--norc", "-i"));
	use_profile(&d, "files");
	drive_set_str(&d.order.input, "tty");
	d.order.pty = 1;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(write(d.out, "sleep 50 & jobs; kill %1; wait; echo o''k\n",
	    43) > 0);
	assert_true(drive_until(&d, "Running"));
	assert_true(drive_until(&d, "ok\r\n"));
	assert_true(write(d.out, "exit 11\n", 8) == 8);
	assert_true(drive_wait(&d, 5000));
	assert_int_equal(d.status, 11);
	drive_end(&d);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everyday_commands_work_and_none_is_refused),
		cmocka_unit_test(a_forbidden_call_is_named_under_each_profile),
		cmocka_unit_test(gate_files_stay_unread_under_each_profile),
		cmocka_unit_test(files_writes_where_it_may_and_nowhere_else),
		cmocka_unit_test(inspect_sees_the_hosts_processes_but_not_their_memory),
		cmocka_unit_test(other_doors_to_the_kernel_are_shut),
		cmocka_unit_test(a_shell_on_a_terminal_has_job_control),
	};

	helper_main(argc, argv);
	helper_private();
	drive_find_program();
	return cmocka_run_group_tests(tests, load, NULL);
}
