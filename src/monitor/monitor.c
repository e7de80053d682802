/* monitor.c - the life of a monitor: slice, what must be open, confinement, READY, loop, end. */
#include "monitor/monitor.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "confine/role.h"
#include "crypt/sha256.h"
#include "monitor/mon.h"

#define SLICE_WAIT_MS	30000
#define END_WAIT_MS	500	/* for the last messages of a process that ends */
#define CAP(n)		(UINT64_C(1) << (n))
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/*
 * What PAM needs, and the recordings:
 *	CHOWN		a new /etc/shadow belongs to group shadow, a recording
 *			to the ledger's group
 *	DAC_OVERRIDE	/etc/shadow has mode 0000 on some systems
 *	FOWNER		modes of files that modules own through their users
 *	AUDIT_WRITE	libpam takes a login for failed when it may not audit
 * No SETUID, SETGID, SYS_ADMIN, KILL, SYS_PTRACE, NET_*: nobody is become here.
 */
#define CAPS	(CAP(CAP_CHOWN) | CAP(CAP_DAC_OVERRIDE) | CAP(CAP_FOWNER) | \
	CAP(CAP_AUDIT_WRITE))

static int
read_slice(struct mon *m)
{
	struct buf *b = NULL;
	int r;

	if ((r = chan_slice(m->d, SLICE_WAIT_MS, &b)) == 0)
		r = msg_slice_monitor_get(b, &m->slice);
	buf_free(b);
	if (r != 0)
		log_error("slice not understood error=%s", err_name(r));
	return r;
}

static int
open_recordings(struct mon *m)
{
	m->recordings = open(m->slice.recordings, O_RDONLY | O_DIRECTORY |
	    O_NOFOLLOW | O_CLOEXEC);
	if (m->recordings >= 0)
		return 0;
	log_errno("recordings not opened path=%s", m->slice.recordings);
	return ERR_SYS;
}

/*
 * Modules read what they like, run nothing, and write account files (password
 * change, their locks) and faillock's counters; we write recordings.
 */
static int
confine(const struct mon *m, pid_t parent)
{
	static const char faillock[] = "/run/faillock";
	struct role_path paths[] = {
		{ .path = "/" },
		{ .path = "/etc", .write = 1 },
		{ .path = m->slice.recordings, .write = 1 },
		{ .path = faillock, .write = 1 },
	};
	struct role role = { .name = "sekisho-monitor", .caps = CAPS,
		.landlock = 1, .paths = paths, .npaths = COUNT(paths),
		.may_connect_tcp = 1,	/* directory servers */
		.nofile = IN_FLIGHT_MAX, .fsize = UINT64_MAX, .as = UINT64_MAX,
		.nproc = UINT64_MAX, .parent = parent,
		.filter = &role_filter_monitor };

	if (access(faillock, F_OK) != 0)
		role.npaths--;
	return role_enter(&role);
}

static int
start(struct mon *m, pid_t parent)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	uint8_t warm[SHA256_LEN];
	int r;

	if ((r = read_slice(m)) != 0 || (r = open_recordings(m)) != 0)
		return r;
	/* OpenSSL opens its configuration at the first use, modules their sockets */
	if ((r = sha256_mem("", 0, warm)) != 0)
		return r;
	if (setenv("TZ", m->slice.zone, 1) != 0 ||
	    sigaction(SIGPIPE, &ignore, NULL) < 0) {
		log_errno("start failed");
		return ERR_SYS;
	}
	/* without it a login only takes longer, or says itself what is wrong */
	m->warm = login_warm(m->slice.pam_service, m->slice.pam_dir);
	if ((r = confine(m, parent)) != 0)
		return r;
	return chan_put_ready(m->d, 0, NULL, NULL, 0);
}

/* The last words; whoever does not take them in time has lost them. */
static void
say_goodbye(struct mon *m)
{
	static char idle[] = "idle";
	struct msg_logout out = { .user = m->user };

	if (m->idle.is_told)
		out.reason = idle;
	if (m->user != NULL && m->ledger != NULL)
		(void)chan_put_logout(m->ledger, 0, &out, NULL, 0);
	if (m->ledger != NULL)
		(void)chan_drain(m->ledger, END_WAIT_MS);
	if (m->net != NULL)
		(void)chan_drain(m->net, END_WAIT_MS);
	(void)chan_drain(m->d, END_WAIT_MS);
}

int
monitor_main(void)
{
	pid_t parent = getppid();
	struct mon *m;
	int status;

	if ((m = mon_new(3, 4, 5)) == NULL)
		return 71;
	if (start(m, parent) != 0) {
		mon_free(m);
		return 78;
	}
	while (!m->is_over)
		loop_turn(m, -1);
	say_goodbye(m);
	status = m->status;
	mon_free(m);			/* closes the PAM session */
	return status;
}
