/*
 * accounts.h - throw-away accounts for real PAM: a private mount namespace
 * with an overlay on /etc, gone with the test process.  Needs root; without
 * it the tests are skipped.
 *
 *	alice	password "Old-secret-1"
 *	newbie	the same, to be changed at the first login
 *	locked	the same, locked
 *	gone	the same, account expired in 1970
 *	daemon	has no password (Debian's own)
 */
#ifndef LOGIN_ACCOUNTS_H
#define LOGIN_ACCOUNTS_H

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test.h"

#define OLD	"Old-secret-1"
#define NEW	"Brand:new+pass9"

static char accounts_dir[] = "/tmp/accounts.XXXXXX";

static __attribute__((unused)) int
accounts_sh(const char *script)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-ec", script, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The service "name" of accounts_dir/pam.d. */
static __attribute__((unused)) void
accounts_service(const char *name, const char *lines)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/pam.d/%s", accounts_dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(lines, f);
	fclose(f);
}

static __attribute__((unused)) const char *
accounts_pam_dir(void)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/pam.d", accounts_dir);
	return path;
}

/* Everybody's password and state as at the beginning. */
static __attribute__((unused)) void
accounts_reset(void)
{
	assert_int_equal(accounts_sh(
	    "p=$(openssl passwd -6 " OLD ")\n"
	    "for u in alice newbie locked gone; do\n"
	    "  id $u >/dev/null 2>&1 || useradd -M -N -s /usr/sbin/nologin $u\n"
	    "  usermod -p \"$p\" $u; chage -d 2026-01-01 -E -1 $u; done\n"
	    "chage -d 0 newbie; usermod -L locked; chage -E 1 gone"), 0);
}

static __attribute__((unused)) int
accounts_setup(void **state)
{
	char overlay[256];

	(void)state;
	if (geteuid() != 0) {
		fprintf(stderr, "skipped: needs root\n");
		exit(0);
	}
	assert_non_null(mkdtemp(accounts_dir));
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("accounts", accounts_dir, "tmpfs", 0, NULL), 0);
	assert_int_equal(chdir(accounts_dir), 0);
	assert_int_equal(mkdir("upper", 0755) | mkdir("work", 0755) |
	    mkdir("pam.d", 0755), 0);
	snprintf(overlay, sizeof(overlay),
	    "lowerdir=/etc,upperdir=%s/upper,workdir=%s/work", accounts_dir,
	    accounts_dir);
	assert_int_equal(mount("overlay", "/etc", "overlay", 0, overlay), 0);
	accounts_reset();
	return 0;
}

static __attribute__((unused)) int
accounts_teardown(void **state)
{
	(void)state;
	assert_int_equal(chdir("/"), 0);
	umount2("/etc", MNT_DETACH);
	umount2(accounts_dir, MNT_DETACH);
	rmdir(accounts_dir);
	return 0;
}

#endif
