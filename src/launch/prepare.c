/* prepare.c - PREPARE and GO: from the order to the running command. */
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/role.h"
#include "launch/report.h"
#include "launch/state.h"

/* linux/seccomp.h of Linux 6.6: wake the other side on this CPU, 2 us instead of 20. */
#define NOTIF_SET_FLAGS		SECCOMP_IOW(4, __u64)
#define NOTIF_SYNC_WAKE_UP	1UL

static int
send_refused(struct launch *l, uint32_t id, const struct refusal *why, int r)
{
	struct refusal own = { .code = SEKISHO_CODE_SANDBOX };
	struct msg_refused m = { 0 };

	if (why->reason[0] == '\0') {
		(void)refuse(&own, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: internal error (%s)", err_name(r));
		why = &own;
	}
	m.code = (char *)(uintptr_t)sekisho_code_word(why->code);
	m.reason = (char *)(uintptr_t)why->reason;
	job_destroy(&l->job);
	job_free(&l->job);
	l->state = X_DONE;
	return chan_put_refused(l->monitor, id, &m, NULL, 0);
}

static int
tell_prepared(struct launch *l)
{
	struct msg_prepared m = { .exe_digest = { l->job.exe.digest,
		DIGEST_LEN }, .features = l->job.features };

	l->state = X_PREPARED;
	return chan_put_prepared(l->monitor, l->prepare_id, &m, NULL, 0);
}

/* A terminal exists only now; without one the recorder has its pipes already. */
static int
send_master(struct launch *l)
{
	struct msg_pipes m = { .pty = 1 };

	if (l->job.master < 0)
		return 0;
	return chan_put_pipes(l->link, 0, &m, &l->job.master, 1);
}

static int
not_confined(struct launch *l, int r)
{
	struct refusal why = { 0 };

	(void)refuse(&why, SEKISHO_CODE_SANDBOX,
	    "sandbox unavailable: the launcher cannot confine itself");
	return send_refused(l, l->prepare_id, &why, r);
}

/*
 * The cage that was built ahead, if it is still what a new one would be; else
 * a new one.  The command gets on with the order while that is looked at: it
 * cannot execute anything before GO, and dies with a cage that is dropped.
 */
static int
into_cage(struct job *j, struct refusal *why)
{
	int r;

	if (cage_is_for(j, &j->order)) {
		if ((r = job_order(j, why)) != 0)
			return r;
		if (cage_is_fresh(j)) {
			cage_taken(&j->cage);
			return 0;
		}
	}
	cage_drop(j);
	if ((r = cage_start(j, j->order.home, j->order.hide, why)) != 0)
		return r;
	return job_order(j, why);
}

/* Input is known: start everything but the command itself. */
static int
finish(struct launch *l)
{
	struct refusal why = { 0 };
	unsigned long flags = NOTIF_SYNC_WAKE_UP;
	int r;

	if ((r = into_cage(&l->job, &why)) != 0)
		return send_refused(l, l->prepare_id, &why, r);
	stdio_close_job(&l->job.io);
	if ((r = exe_hash(&l->job.exe, l->job.order.exe_digest.p,
	    &why)) != 0)
		return send_refused(l, l->prepare_id, &why, r);
	if ((r = launch_confine_begin(l)) != 0)
		return not_confined(l, r);
	if ((r = job_gather(&l->job, &why)) != 0 || (r = send_master(l)) != 0)
		return send_refused(l, l->prepare_id, &why, r);
	(void)ioctl(l->job.listener, NOTIF_SET_FLAGS, flags);
	if ((r = launch_confine_end(l)) != 0)
		return not_confined(l, r);
	if ((r = job_settle(&l->job, &why)) != 0)
		return send_refused(l, l->prepare_id, &why, r);
	r = tell_prepared(l);
	job_name(&l->job);
	return r;
}

int
on_prepare(void *ctx, struct msg *m)
{
	struct launch *l = ctx;
	struct refusal why = { 0 };
	int r;

	l->prepare_id = m->id;
	if (l->link == NULL)
		r = refuse(&why, SEKISHO_CODE_RECORD,
		    "the recorder is gone");
	else if ((r = job_open(&l->job, m->body, l->input_max, &why)) == 0)
		r = stdio_send(&l->job.io, l->link);
	if (r != 0)
		return send_refused(l, m->id, &why, r);
	role_title("sekisho-exec: S%llu [supervisor]",
	    (unsigned long long)l->job.order.session);
	if (l->job.io.kind != INPUT_DIGEST)
		return finish(l);
	l->state = X_COLLECT;
	return 0;
}

int
state_input(struct launch *l)
{
	struct refusal why = { 0 };
	int r = stdio_collect(&l->job.io, &why);

	if (r == 1)
		return 0;
	if (r != 0)
		return send_refused(l, l->prepare_id, &why, r);
	return finish(l);
}

int
on_go(void *ctx, struct msg *m)
{
	struct launch *l = ctx;

	l->go_id = m->id;
	l->state = X_GOING;
	if (l->job.plan.timeout_s > 0)
		l->end_at_ms = clock_mono_ms() +
		    (int64_t)l->job.plan.timeout_s * 1000;
	/* A command that died meanwhile shows as the end of its socket. */
	(void)report_send(l->job.sock, REPORT_GO, 0, NULL, -1);
	return 0;
}

/* Its own words, or the end of file that only an exec (or a kill) makes. */
void
state_from_job(struct launch *l)
{
	struct refusal why = { 0 };
	struct report r;
	int fd, e;

	e = report_recv(l->job.sock, &r, &fd, 0);
	fd_close(&fd);
	if (e == ERR_TIMEOUT)
		return;
	if (e == 0 && r.kind == REPORT_FAILED) {
		(void)refuse(&why, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: %s", r.text);
		(void)send_refused(l, l->state == X_GOING ? l->go_id :
		    l->prepare_id, &why, ERR_SYS);
		return;
	}
	fd_close(&l->job.sock);
	if (l->state != X_GOING)
		return;			/* killed before GO: the init tells */
	l->state = X_RUNNING;
	(void)chan_put_gone(l->monitor, l->go_id, NULL, NULL, 0);
}
