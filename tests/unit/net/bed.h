/* bed.h - starts the fake gate for a test program and runs shell scripts against it. */
#ifndef UNIT_NET_BED_H
#define UNIT_NET_BED_H

#include "../test.h"
#include "fake.h"

static pid_t bed_gate;

/* What every script begins with; scripts run under "set -eu". */
static const char bed_prelude[] =
    "set -eu; cd $DIR; export SSH_ASKPASS=$DIR/askpass"
    " SSH_ASKPASS_REQUIRE=force DROPBEAR_PASSWORD=right HOME=$DIR\n"
    "T='timeout -k 1'\n"
    "OPT=\"-F none -p $PORT -o StrictHostKeyChecking=no"
    " -o UserKnownHostsFile=$DIR/known -o GlobalKnownHostsFile=none"
    " -o PubkeyAuthentication=no -o LogLevel=ERROR"
    " -o NumberOfPasswordPrompts=1\"\n"
    "G=127.0.0.1\n"
    "gate() { $T 30 ssh $OPT alice@$G \"$@\"; }\n"
    "is() { [ \"$1\" = \"$2\" ] || { echo \"want [$1] got [$2]\" >&2;"
    " exit 1; }; }\n"
    "status() { local s=0; \"$@\" || s=$?; echo $s; }\n"
    "seen() { local i; for i in $(seq 200); do"
    " grep -q -e \"$1\" events && return 0; sleep 0.1; done;"
    " echo \"no [$1] in:\" >&2; tail -20 events >&2; exit 1; }\n"
    "holds() { local i; for i in $(seq 200); do"
    " grep -q -e \"$2\" $1 2>/dev/null && return 0; sleep 0.1; done;"
    " echo \"no [$2] in $1\" >&2; exit 1; }\n"
    "forget() { : >events; }\n"
    "netpid() { sed -n 's/^net pid=//p' events | tail -1; }\n"
    "echo right >answer\n";

static void
bed_passes(const char *script)
{
	char port[16];
	pid_t pid;
	int status = -1;

	snprintf(port, sizeof(port), "%d", fake_port);
	if ((pid = fork()) == 0) {
		char *all = malloc(strlen(script) + sizeof(bed_prelude));

		(void)setenv("PORT", port, 1);
		(void)setenv("DIR", fake_dir, 1);
		(void)unsetenv("DISPLAY");
		memcpy(all, bed_prelude, sizeof(bed_prelude) - 1);
		memcpy(all + sizeof(bed_prelude) - 1, script,
		    strlen(script) + 1);
		(void)setsid();
		(void)execl("/bin/bash", "bash", "-c", all, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static int
bed_start(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	char path[128];
	int fd;

	(void)state;
	if (geteuid() != 0 || mkdtemp(fake_dir) == NULL ||
	    chmod(fake_dir, 0755) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/events", fake_dir);
	fake_events = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	    0600);
	if ((fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, 128) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return -1;
	fake_port = ntohs(a.sin_port);
	bed_passes("mkdir -m 755 empty\n"
	    "ssh-keygen -q -t ed25519 -N '' -f ed25519 -C x\n"
	    "ssh-keygen -q -t ecdsa -N '' -f ecdsa -C x\n"
	    "printf '%s\\n' '#!/bin/sh' 'case \"$1\" in *New*|*Retype*)"
	    " echo brandnew;; *) cat \"$DIR/answer\";; esac' >askpass\n"
	    "chmod 755 askpass\n");
	if ((bed_gate = fork()) == 0)
		fake_accept_loop(fd);
	close(fd);
	return 0;
}

static int
bed_stop(void **state)
{
	char script[128];

	(void)state;
	if (bed_gate > 0) {
		(void)kill(bed_gate, SIGKILL);
		(void)waitpid(bed_gate, NULL, 0);
	}
	snprintf(script, sizeof(script), "cd /; rm -rf %s", fake_dir);
	bed_passes(script);
	return 0;
}

#endif
