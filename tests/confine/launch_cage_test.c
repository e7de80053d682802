/*
 * launch_cage_test.c - what a job cannot do: each attack is made for real, as root unless said otherwise.
 * links: wire crypt filter
 */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "launch_drive.h"
#include "launch_helper.h"

static void
a_refused_call_is_named_and_counted(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("mount -t tmpfs x /mnt; mount -t tmpfs x /mnt; "
	    "exit 5"));
	drive_must_run(&d);
	assert_int_equal(d.status, 5);
	assert_int_equal(d.refusals, 2);
	assert_non_null(strstr(d.events, "sekisho: 'mount' (pid "));
	assert_non_null(strstr(d.events, "was refused mount(\"x\", "
	    "\"/mnt\", \"tmpfs\")"));
	assert_non_null(strstr(d.events, "\"args\":[\"x\",\"/mnt\","
	    "\"tmpfs\",\"0x0\""));
	assert_non_null(strstr(d.events, "not in profile \"test\""));
	assert_non_null(strstr(d.events, "To ask for more: request new"));
	assert_non_null(strstr(d.events, "\"call\":\"mount\""));
	assert_non_null(strstr(d.events, "2 calls refused (mount x2)"));
	drive_end(&d);
}

static void
what_the_launcher_itself_needs_is_not_refused_to_it(void **state)
{
	static const int refused[] = { SYS_execveat, SYS_close_range };
	struct drive d;

	(void)state;
	drive_start(&d, WORDS("/usr/bin/id", "-u"));
	drive_filter(&d, refused, 2);
	drive_must_run(&d);
	assert_string_equal(d.output, "0\n");
	assert_int_equal(d.refusals, 0);
	drive_end(&d);

	/* The program that runs then has it refused like anybody. */
	drive_start(&d, helper_argv("call", "322", NULL));
	drive_filter(&d, refused, 2);
	drive_must_run(&d);
	assert_string_equal(d.output, "call: EPERM\n");
	assert_int_equal(d.refusals, 1);
	drive_end(&d);
}

static void
hostile_names_are_escaped_in_refusals(void **state)
{
	struct drive d;
	const char *p;

	(void)state;
	drive_start(&d, SH("printf '\\033]0;\"x\\n' >/proc/self/comm; "
	    "cp /usr/bin/mount \"/srv/$(printf '\\033[2J\"')\" 2>/dev/null; "
	    "\"/srv/$(printf '\\033[2J\"')\" -t tmpfs x /mnt"));
	drive_set(&d.plan.write_exec, WORDS("/srv"));
	drive_must_run(&d);
	assert_non_null(d.events);
	for (p = d.events; *p != '\0'; p++)
		assert_true(*p == '\n' || (unsigned char)*p >= 0x20);
	assert_non_null(strstr(d.events, "\\x1b[2J"));
	assert_non_null(strstr(d.events, "\"comm\":\"\\\\x1b[2J\\\"\""));
	drive_end(&d);
}

static void
a_quiet_call_is_counted_but_not_told(void **state)
{
	static const uint8_t mount_nr[4] = { 0, 0, 0, SYS_mount };
	struct drive d;

	(void)state;
	drive_start(&d, SH("mount -t tmpfs x /mnt"));
	d.plan.quiet.p = malloc(4);
	memcpy(d.plan.quiet.p, mount_nr, 4);
	d.plan.quiet.n = 4;
	drive_must_run(&d);
	assert_int_equal(d.refusals, 1);
	assert_null(strstr(d.events, "was refused mount"));
	drive_end(&d);
}

static void
a_call_on_the_kill_list_ends_the_job(void **state)
{
	static const uint8_t mount_nr[4] = { 0, 0, 0, SYS_mount };
	struct drive d;

	(void)state;
	drive_start(&d, SH("mount -t tmpfs x /mnt; echo went on; sleep 5"));
	d.plan.kill.p = malloc(4);
	memcpy(d.plan.kill.p, mount_nr, 4);
	d.plan.kill.n = 4;
	drive_must_run(&d);
	assert_string_equal(d.signal, "KILL");
	assert_true(d.output == NULL || strstr(d.output, "went on") == NULL);
	assert_non_null(strstr(d.events, "was refused mount("));
	assert_non_null(strstr(d.events, "ends the job"));
	drive_end(&d);
}

static void
the_gates_own_files_cannot_be_read(void **state)
{
	static const char *const files[] = { "/srv/gate/state/ledger.db",
	    "/srv/gate/state/recordings/2026/11/24/S1.skr",
	    "/srv/gate/etc/sekisho.conf", "/srv/gate/etc/keys/host_ed25519",
	    "/srv/gate/run/ledger.sock.file", "/srv/gate/one.key",
	    "/srv/alias/ledger.db" };
	struct drive d;
	size_t i;
	char text[200];

	(void)state;
	assert_int_equal(system("mkdir -p /srv/gate/state/recordings/2026/11/24"
	    " /srv/gate/etc/keys /srv/gate/run; "
	    "ln -sfn /srv/gate/state /srv/alias"), 0);
	for (i = 0; i < sizeof(files) / sizeof(*files); i++)
		helper_write(files[i], "secret", 0644);
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		drive_start(&d, helper_argv("open", files[i], NULL));
		drive_set(&d.order.hide, WORDS("/srv/alias", "/srv/gate/etc",
		    "/srv/gate/run", "/srv/gate/one.key",
		    "/srv/gate/not-there"));
		drive_set(&d.plan.write, WORDS("/srv"));
		d.plan.caps = PROFILE_CAPS;
		drive_must_run(&d);
		snprintf(text, sizeof(text), "%s: read", files[i]);
		assert_null(strstr(d.output, text));
		drive_end(&d);
	}
	/* Nor after moving what is above, writing through the cover, or unmounting it. */
	drive_start(&d, SH("mv /srv/gate /srv/moved; find /srv -type f "
	    "-size +0; echo x >/srv/moved/one.key; umount /srv/moved/state; "
	    "ls -A /srv/moved/state /srv/moved/etc; chmod 777 "
	    "/srv/moved/one.key; cat /srv/moved/one.key; exit 0"));
	drive_set(&d.order.hide, WORDS("/srv/gate/state", "/srv/gate/etc",
	    "/srv/gate/run", "/srv/gate/one.key"));
	drive_set(&d.plan.write, WORDS("/srv"));
	d.plan.caps = PROFILE_CAPS;
	drive_must_run(&d);
	assert_null(strstr(d.output, "secret"));
	assert_null(strstr(d.output, "ledger.db"));
	assert_null(strstr(d.output, "sekisho.conf"));
	drive_end(&d);
	assert_int_equal(system("grep -q secret /srv/*/one.key"), 0);
	assert_int_equal(system("rm -rf /srv/gate /srv/moved /srv/alias"), 0);
}

static void
bind_mounts_do_not_show_what_is_hidden(void **state)
{
	struct drive d;

	(void)state;
	assert_int_equal(system("mkdir -p /srv/a/gate/keys /srv/b /srv/c; "
	    "echo secret >/srv/a/gate/keys/k; mount --bind /srv/a /srv/b; "
	    "mount --bind /srv/a/gate/keys /srv/c"), 0);
	drive_start(&d, SH("ls -R /srv; cat /srv/?/k /srv/?/gate/keys/k "
	    "/srv/?/keys/k; exit 0"));
	drive_set(&d.order.hide, WORDS("/srv/a/gate"));
	d.plan.caps = PROFILE_CAPS;
	drive_must_run(&d);
	assert_null(strstr(d.output, "secret"));
	assert_null(strstr(d.output, "keys:"));
	drive_end(&d);
	assert_int_equal(system("umount /srv/b /srv/c; rm -rf /srv/a /srv/b "
	    "/srv/c"), 0);
}

/* The host renames over what is hidden and so takes the covers away, while the job runs. */
static void
what_is_hidden_stays_unreadable_when_its_cover_falls(void **state)
{
	struct drive d;

	(void)state;
	assert_int_equal(system("mkdir -p /srv/d/dir /srv/d/other; cd /srv/d; "
	    "echo plain >plain; echo plain >other/file; echo old >one; "
	    "echo old >dir/k; ln -s one link"), 0);
	drive_start(&d, SH("cat /srv/d/one /srv/d/dir/k /srv/d/plain "
	    "/srv/d/other/file 2>&1; echo ready; "
	    "until [ -e /srv/d/go ]; do sleep 0.02; done; "
	    "grep -c /srv/d/ /proc/self/mountinfo; "
	    "cat /srv/d/one /srv/d/dir/k /srv/d/link /srv/d/plain "
	    "/srv/d/other/file /srv/d/other/new; ls /srv/d"));
	drive_set(&d.plan.hide, WORDS("/srv/d/one"));
	drive_set(&d.order.hide, WORDS("/srv/d/dir"));
	d.plan.caps = 1ULL << 2;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_until(&d, "ready\n"));
	assert_null(strstr(d.output, "old"));
	assert_non_null(strstr(d.output, "plain\nplain\nready\n"));
	assert_int_equal(system("cd /srv/d; echo secret >new; mv -f new one; "
	    "rm -r dir; mkdir dir; echo secret >dir/k; echo plain >other/new; "
	    "touch go"), 0);
	assert_true(drive_wait(&d, 20000));
	assert_non_null(strstr(d.output, "0\n"));	/* no cover is left */
	assert_null(strstr(d.output, "secret"));
	assert_non_null(strstr(d.output, "Permission denied"));
	assert_non_null(strstr(d.output, "plain\nplain\nplain\n"));
	drive_end(&d);
	assert_int_equal(system("rm -rf /srv/d"), 0);
}

static void
an_order_without_the_gates_paths_is_refused(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("true"));
	drive_set(&d.order.hide, (const char *const[]){ NULL });
	assert_int_equal(drive_prepare(&d), 0);
	assert_string_equal(d.code, "SANDBOX");
	drive_end(&d);
}

static void
no_descriptor_is_inherited_not_even_the_listener(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, helper_argv("fds", NULL, NULL));
	drive_must_run(&d);
	assert_string_equal(d.output, "open=0\n");
	drive_end(&d);
}

static void
everything_but_the_named_paths_is_read_only(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("for f in /etc/x /usr/x /var/x /x /sys/kernel/x "
	    "/proc/sys/kernel/hostname /run/x /dev/x; do (echo 1 >$f) "
	    "2>/dev/null && echo \"wrote $f\"; done; "
	    "echo 1 >/srv/ok && cat /srv/ok; echo 1 >/tmp/ok; mknod /tmp/n "
	    "c 1 3; cat /tmp/n; exit 0"));
	drive_set(&d.plan.write, WORDS("/srv"));
	d.plan.caps = PROFILE_CAPS | 1ULL << 27;
	drive_must_run(&d);
	assert_null(strstr(d.output, "wrote"));
	assert_non_null(strstr(d.output, "1\n"));
	assert_int_equal(access("/srv/ok", F_OK), 0);
	assert_int_equal(access("/tmp/ok", F_OK), -1);
	drive_end(&d);
}

static void
the_kernel_cannot_be_written_through_a_writable_directory(void **state)
{
	struct drive d;

	(void)state;
	assert_int_equal(system("mkdir -p /srv/c/proc /srv/c/dev; "
	    "mount -t proc proc /srv/c/proc; "
	    "mount -t devtmpfs dev /srv/c/dev"), 0);
	drive_start(&d, SH("for f in /srv/c/proc/sys/kernel/hostname "
	    "/srv/c/proc/sysrq-trigger /srv/c/dev/null /srv/c/dev/new "
	    "/srv/c/file; do (: >>$f) 2>/dev/null && echo \"opened $f\"; "
	    "done; for f in kmsg keys kcore kpagecount; do "
	    "head -c 1 /proc/$f 2>/dev/null; done; exit 0"));
	drive_set(&d.plan.write, WORDS("/srv"));
	d.plan.caps = PROFILE_CAPS;
	drive_must_run(&d);
	assert_string_equal(d.output, "opened /srv/c/file\n");
	drive_end(&d);
	assert_int_equal(system("umount /srv/c/proc /srv/c/dev; "
	    "rm -rf /srv/c"), 0);
}

static void
the_working_directory_is_on_the_read_only_mount(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("echo 1 >relative && echo wrote; "
	    "echo 1 >/proc/self/cwd/other && echo wrote"));
	drive_set_str(&d.order.cwd, "/srv");
	d.plan.caps = PROFILE_CAPS;
	drive_must_run(&d);
	assert_null(strstr(d.output, "wrote"));
	assert_int_equal(access("/srv/relative", F_OK), -1);
	drive_end(&d);
}

static void
run_is_hidden_and_only_listed_sockets_are_there(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct drive d;

	(void)state;
	snprintf(a.sun_path, sizeof(a.sun_path), "/run/test/listed.sock");
	mkdir("/run/test", 0755);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 5), 0);

	drive_start(&d, helper_argv("connect", "/run/test/listed.sock", NULL));
	drive_must_run(&d);
	assert_string_equal(d.output, "connect: ENOENT\n");
	drive_end(&d);

	drive_start(&d, helper_argv("connect", "/run/test/listed.sock", NULL));
	drive_set(&d.plan.sockets, WORDS("/run/test/listed.sock"));
	drive_set(&d.plan.hide, WORDS("/run"));
	drive_must_run(&d);
	assert_string_equal(d.output, "connect: yes\n");
	drive_end(&d);
	close(fd);

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	memcpy(a.sun_path, "\0sekisho-test", 13);
	assert_int_equal(bind(fd, (struct sockaddr *)&a,
	    sizeof(sa_family_t) + 13), 0);
	assert_int_equal(listen(fd, 5), 0);
	drive_start(&d, helper_argv("connect", "@sekisho-test", NULL));
	drive_must_run(&d);
	assert_string_equal(d.output, "connect: EPERM\n");
	drive_end(&d);
	close(fd);
}

/* They are made anew inside, so the rules for the host's tree say nothing about them. */
static void
a_private_directory_may_be_read_where_the_profile_reads_and_only_there(
    void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("ls / /run /dev /tmp /proc >/dev/null && "
	    "cat /proc/self/comm"));
	drive_must_run(&d);
	assert_int_equal(d.status, 0);
	drive_end(&d);
	drive_start(&d, SH("cat /proc/self/comm >/dev/null && "
	    "! ls /run 2>/dev/null && ! ls / 2>/dev/null"));
	drive_set(&d.plan.read, WORDS("/usr", "/proc"));
	drive_must_run(&d);
	assert_int_equal(d.status, 0);
	drive_end(&d);
}

static void
dev_holds_only_harmless_nodes(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("ls -A /dev | tr '\\n' ' '; head -c 4 /dev/zero "
	    "| wc -c; ls -A /dev/shm /dev/pts"));
	drive_must_run(&d);
	assert_non_null(strstr(d.output, "fd full null ptmx pts random shm "
	    "stderr stdin stdout tty urandom zero 4\n"));
	drive_end(&d);
}

static void
as_user(struct drive *d)
{
	drive_set_str(&d->order.run_as, "nobody");
	drive_set_str(&d->order.home, "/nonexistent");
	d->order.uid = d->order.gid = 65534;
}

static void
setuid_programs_are_powerless(void **state)
{
	struct drive d;

	(void)state;
	assert_int_equal(system("cp /proc/$PPID/exe /srv/suid; "
	    "chmod 4755 /srv/suid"), 0);
	drive_start(&d, SH("/srv/suid helper:euid; id -u; grep CapEff "
	    "/proc/self/status"));
	drive_set(&d.plan.execute, WORDS("/usr/bin", "/usr/lib",
	    "/srv/suid"));
	as_user(&d);
	drive_must_run(&d);
	assert_non_null(strstr(d.output, "euid=65534\n65534\n"));
	assert_non_null(strstr(d.output, "CapEff:\t0000000000000000"));
	drive_end(&d);
}

static void
capabilities_are_exactly_the_plans(void **state)
{
	struct drive d;
	int as_root;

	(void)state;
	for (as_root = 0; as_root < 2; as_root++) {
		drive_start(&d, SH("grep -E 'Cap(Prm|Eff|Bnd)|NoNew|Seccomp:' "
		    "/proc/self/status"));
		d.plan.caps = 1ULL << 2 | 1ULL << 34;
		if (!as_root)
			as_user(&d);
		drive_must_run(&d);
		assert_non_null(strstr(d.output,
		    "CapPrm:\t0000000400000004\nCapEff:\t0000000400000004\n"
		    "CapBnd:\t0000000400000004\nNoNewPrivs:\t1\n"
		    "Seccomp:\t2\n"));
		drive_end(&d);
	}
}

static void
the_hosts_name_stays(void **state)
{
	char before[65], after[65];
	struct drive d;

	(void)state;
	gethostname(before, sizeof(before));
	drive_start(&d, helper_argv("hostname", NULL, NULL));
	d.plan.caps = 1ULL << 21;
	drive_must_run(&d);
	gethostname(after, sizeof(after));
	assert_string_equal(before, after);
	drive_end(&d);
}

static void
the_gates_accounts_are_no_run_as(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("true"));
	drive_set_str(&d.order.run_as, "_sekisho-led");
	assert_int_equal(drive_prepare(&d), 0);
	assert_string_equal(d.code, "NOT-ALLOWED");
	drive_end(&d);
}

static void
no_descriptor_leads_to_a_file_of_the_host(void **state)
{
	struct drive d;
	struct stat st;

	(void)state;
	drive_start(&d, SH("chmod 600 /proc/self/fd/0 2>/dev/null; "
	    "stat -L -c %d /proc/self/fd/0 /dev/null | uniq | wc -l; "
	    "stat -L -c %F /proc/self/fd/0 /proc/self/fd/1"));
	d.plan.caps = PROFILE_CAPS;
	drive_must_run(&d);
	assert_string_equal(d.output, "1\ncharacter special file\nfifo\n");
	assert_int_equal(stat("/dev/null", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	drive_end(&d);
}

static void
the_hosts_audit_knows_the_operator(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("cat /proc/self/loginuid; echo; "
	    "(echo 0 >/proc/self/loginuid) 2>/dev/null && echo changed"));
	d.order.login_uid = 47110;
	drive_must_run(&d);
	if (strstr(d.features, "loginuid=1") != NULL)
		assert_string_equal(d.output, "47110\n");
	else
		print_message("no audit here: %s\n", d.features);
	drive_end(&d);
}

static void
a_working_directory_behind_a_link_is_the_one_that_was_checked(void **state)
{
	struct drive d;

	(void)state;
	assert_int_equal(system("mkdir -p /srv/real/in; "
	    "ln -sfn real /srv/link"), 0);
	drive_start(&d, SH("pwd -P"));
	drive_set_str(&d.order.cwd, "/srv/link/in");
	drive_must_run(&d);
	assert_string_equal(d.output, "/srv/real/in\n");
	drive_end(&d);
	assert_int_equal(system("rm -r /srv/real /srv/link"), 0);
}

static void
processes_are_bounded_for_root_too(void **state)
{
	struct drive d;
	int forks = 0;

	(void)state;
	drive_start(&d, helper_argv("forks", NULL, NULL));
	d.plan.nproc = 50;
	assert_true(drive_prepare(&d) && drive_go(&d));
	assert_true(drive_wait(&d, 20000));
	if (strstr(d.features, "pid_max=1") != NULL) {
		assert_int_equal(sscanf(d.output, "forks=%d", &forks), 1);
		assert_in_range(forks, 40, 360);
	}
	drive_end(&d);
}

static void
the_network_is_empty_when_the_profile_grants_none(void **state)
{
	struct drive d;

	(void)state;
	drive_start(&d, SH("tail -n +3 /proc/net/dev | cut -d: -f1"));
	d.plan.net_private = 1;
	drive_must_run(&d);
	assert_non_null(strstr(d.output, "lo\n"));
	assert_null(strstr(d.output, "eth"));
	drive_end(&d);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_call_is_named_and_counted),
		cmocka_unit_test(what_the_launcher_itself_needs_is_not_refused_to_it),
		cmocka_unit_test(hostile_names_are_escaped_in_refusals),
		cmocka_unit_test(a_quiet_call_is_counted_but_not_told),
		cmocka_unit_test(a_call_on_the_kill_list_ends_the_job),
		cmocka_unit_test(the_gates_own_files_cannot_be_read),
		cmocka_unit_test(bind_mounts_do_not_show_what_is_hidden),
		cmocka_unit_test(what_is_hidden_stays_unreadable_when_its_cover_falls),
		cmocka_unit_test(an_order_without_the_gates_paths_is_refused),
		cmocka_unit_test(no_descriptor_is_inherited_not_even_the_listener),
		cmocka_unit_test(everything_but_the_named_paths_is_read_only),
		cmocka_unit_test(the_kernel_cannot_be_written_through_a_writable_directory),
		cmocka_unit_test(the_working_directory_is_on_the_read_only_mount),
		cmocka_unit_test(run_is_hidden_and_only_listed_sockets_are_there),
		cmocka_unit_test(
		    a_private_directory_may_be_read_where_the_profile_reads_and_only_there),
		cmocka_unit_test(dev_holds_only_harmless_nodes),
		cmocka_unit_test(setuid_programs_are_powerless),
		cmocka_unit_test(capabilities_are_exactly_the_plans),
		cmocka_unit_test(the_hosts_name_stays),
		cmocka_unit_test(the_gates_accounts_are_no_run_as),
		cmocka_unit_test(no_descriptor_leads_to_a_file_of_the_host),
		cmocka_unit_test(the_hosts_audit_knows_the_operator),
		cmocka_unit_test(a_working_directory_behind_a_link_is_the_one_that_was_checked),
		cmocka_unit_test(processes_are_bounded_for_root_too),
		cmocka_unit_test(the_network_is_empty_when_the_profile_grants_none),
	};

	helper_main(argc, argv);
	helper_private();
	drive_find_program();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
