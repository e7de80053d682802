/*
 * bed.h - a private /etc, /run and /var/lib for tests of src/load: own accounts, own policy.
 *
 * The test program leaves its mount namespace once; everything is gone with
 * it.  Without root the tests are skipped.
 */
#ifndef UNIT_LOAD_BED_H
#define UNIT_LOAD_BED_H

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/config/sample.h"

#define BED_CONF	"/etc/sekisho/sekisho.conf"

static const char bed_passwd[] =
    "root:x:0:0:root:/root:/bin/bash\n"
    "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n"
    "_sekisho-net:x:900:900::/nonexistent:/usr/sbin/nologin\n"
    "_sekisho-rec:x:901:901::/nonexistent:/usr/sbin/nologin\n"
    "_sekisho-led:x:902:902::/nonexistent:/usr/sbin/nologin\n"
    "_sekisho-sh:x:903:903::/nonexistent:/usr/sbin/nologin\n"
    "_sekisho-key:x:904:904::/nonexistent:/usr/sbin/nologin\n"
    "svc:x:500:500::/srv:/usr/sbin/nologin\n"
    "alice:x:1001:1001::/home/alice:/bin/bash\n"
    "bob:x:1002:1002::/home/bob:/bin/bash\n"
    "carol:x:1003:1100::/home/carol:/usr/sbin/nologin\n"
    "locked:x:1004:1004::/home/locked:/bin/bash\n"
    "expired:x:1005:1005::/home/expired:/bin/bash\n"
    "twin:x:1001:1001::/home/twin:/bin/bash\n"
    "toor:x:0:0::/root:/bin/bash\n";
static const char bed_group[] =
    "root:x:0:\ndaemon:x:1:\nsvc:x:500:\nwww:x:501:svc\n"
    "_sekisho-net:x:900:\n_sekisho-rec:x:901:\n_sekisho-led:x:902:\n"
    "_sekisho-sh:x:903:\n_sekisho-key:x:904:\nalice:x:1001:\nbob:x:1002:\n"
    "ops:x:1100:alice,bob\nnobody:x:1101:\n";
static const char bed_shadow[] =
    "root:$6$x:20000:0:99999:7:::\nsvc:!:20000:0:99999:7:::\n"
    "alice:$6$x:20000:0:99999:7:::\nbob:$6$x:0:0:99999:7:::\n"
    "carol:$6$x:20000:0:99999:7:::\nlocked:!$6$x:20000:0:99999:7:::\n"
    "expired:$6$x:20000:0:99999:7::100:\n";

static inline int
bed_write(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f == NULL)
		return -1;
	fputs(text, f);
	return fclose(f);
}

/* A file of the tree (relative to its top) to a place of the bed. */
static inline int
bed_copy(const char *from, const char *to)
{
	size_t n = 0;
	char *text = sample_read(from, &n);
	int r = text == NULL ? -1 : bed_write(to, text);

	free(text);
	return r;
}

/* The stock policy with one operator and one approver. */
static inline int
bed_policy(void)
{
	umask(022);
	if ((mkdir("/etc/sekisho", 0755) < 0 && errno != EEXIST) ||
	    (mkdir("/etc/sekisho/profiles.d", 0755) < 0 && errno != EEXIST))
		return -1;
	unlink("/etc/sekisho/profiles.d/site.conf");
	return bed_copy("policy/sekisho.conf", BED_CONF) != 0 ||
	    bed_write("/etc/sekisho/roles.conf", "operators = [ \"alice\" ];\n"
	    "approvers = [ \"bob\" ];\nauditors = [ \"carol\" ];\n") != 0 ||
	    bed_copy("policy/approval.conf", "/etc/sekisho/approval.conf") ||
	    bed_copy("policy/profiles.d/base.conf",
	    "/etc/sekisho/profiles.d/base.conf") != 0 ||
	    bed_copy("policy/profiles.d/inspect.conf",
	    "/etc/sekisho/profiles.d/inspect.conf") != 0 ||
	    bed_copy("policy/profiles.d/files.conf",
	    "/etc/sekisho/profiles.d/files.conf") != 0 ||
	    bed_write("/etc/sekisho/ssh_host_ed25519_key", "key") != 0 ||
	    chmod("/etc/sekisho/ssh_host_ed25519_key", 0600) != 0 ? -1 : 0;
}

static inline int
bed_enter(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("bed", "/etc", "tmpfs", 0, "mode=755") < 0 ||
	    mount("bed", "/run", "tmpfs", 0, "mode=755") < 0 ||
	    mount("bed", "/var/lib", "tmpfs", 0, "mode=755") < 0)
		return -1;
	return bed_write("/etc/passwd", bed_passwd) != 0 ||
	    bed_write("/etc/group", bed_group) != 0 ||
	    bed_write("/etc/shadow", bed_shadow) != 0 ||
	    chmod("/etc/shadow", 0600) != 0 ||
	    bed_write("/etc/nsswitch.conf", "passwd: files\ngroup: files\n"
	    "shadow: files\n") != 0 || bed_policy() != 0 ? -1 : 0;
}

#endif
