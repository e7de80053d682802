/* supervise.c - the running job: refusals, signals, its end. */
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "launch/pty.h"
#include "launch/report.h"
#include "launch/state.h"
#include "launch/tell.h"

/* From TERM to KILL when the profile's own time is over. */
#define GRACE_MS	10000
/* After the end was told: others need the processors for it just now. */
#define VIEW_MS	50
/* Reports an ended init can have left behind. */
#define LAST_WORDS	8

int
on_ping(void *ctx, struct msg *m)
{
	struct launch *l = ctx;

	return chan_put_pong(l->monitor, m->id, NULL, NULL, 0);
}

int
on_resize(void *ctx, struct msg *m)
{
	struct launch *l = ctx;
	struct msg_job_resize size;
	int r;

	if ((r = msg_job_resize_get(m->body, &size)) == 0 &&
	    l->job.master >= 0)
		(void)pty_resize(l->job.master, size.cols, size.rows);
	return r;
}

int
on_signal(void *ctx, struct msg *m)
{
	struct launch *l = ctx;
	struct msg_job_signal s;
	int r, number;

	if ((r = msg_job_signal_get(m->body, &s)) != 0)
		return r;
	if ((number = pty_signal_number(s.name)) < 0)
		log_info("signal not offered name=%s", s.name);
	else if ((l->state & X_LIVE) != 0 && l->job.init_sock >= 0)
		/* By the init: its numbers of groups are the job's own and can never be the host's. */
		(void)report_send(l->job.init_sock, REPORT_SIGNAL, number,
		    NULL, -1);
	msg_job_signal_free(&s);
	return 0;
}

static void
kill_tree(struct launch *l)
{
	if (l->job.init_pid > 0)
		(void)pidfd_send_signal(l->job.init_pidfd, SIGKILL, NULL, 0);
	l->kill_at_ms = 0;
	l->is_killed = 1;
}

/* TERM to all, KILL later. */
static void
end_tree(struct launch *l, uint32_t grace_ms)
{
	if (grace_ms == 0 || l->job.init_sock < 0 ||
	    report_send(l->job.init_sock, REPORT_TERM, 0, NULL, -1) != 0)
		kill_tree(l);
	else
		l->kill_at_ms = clock_mono_ms() + grace_ms;
}

static int
tell_exit(struct launch *l, uint64_t cpu_us)
{
	struct msg_job_exit m = { .refusals = l->notify.total,
		.cpu_us = cpu_us };
	const char *name = "";

	if (!l->job.has_status)
		name = "KILL";		/* the tree was killed before its end */
	else if (WIFSIGNALED(l->job.status))
		name = pty_signal_name(WTERMSIG(l->job.status));
	else
		m.status = (uint32_t)WEXITSTATUS(l->job.status);
	m.signal = (char *)(uintptr_t)name;
	if (l->link != NULL)
		notify_summary(&l->notify, &l->job, l->link);
	l->state = X_DONE;
	l->drop_view_at_ms = clock_mono_ms() + VIEW_MS;
	return chan_put_job_exit(l->monitor, l->go_id, &m, NULL, 0);
}

int
on_kill(void *ctx, struct msg *m)
{
	struct launch *l = ctx;
	struct msg_job_kill k;
	int r;

	if ((r = msg_job_kill_get(m->body, &k)) != 0)
		return r;
	if ((l->state & (X_IDLE | X_COLLECT)) != 0) {
		job_destroy(&l->job);	/* nothing was started but the cage */
		job_free(&l->job);
		return tell_exit(l, 0);
	}
	if (l->state != X_DONE)
		end_tree(l, l->state == X_PREPARED ? 0 : k.grace_ms);
	return 0;
}

void
state_recorder_gone(struct launch *l)
{
	if (l->state == X_DONE)
		return;
	log_warn("recorder gone");
	if ((l->state & (X_IDLE | X_COLLECT)) != 0) {
		job_destroy(&l->job);
		job_free(&l->job);
		if (l->state == X_COLLECT)
			(void)tell_exit(l, 0);
		return;
	}
	kill_tree(l);
}

void
state_refusals(struct launch *l)
{
	if (notify_serve(&l->notify, &l->job, l->link) == NOTIFY_GO_ON)
		return;
	tell_remark("killed", "the profile ends the job at this call", &l->job,
	    l->link);
	if (l->link != NULL)
		(void)chan_flush(l->link);
	kill_tree(l);
}

void
state_from_init(struct launch *l)
{
	struct report r;

	(void)job_hear_init(&l->job, &r, 0);	/* a late answer is dropped */
}

/* The init is reaped: by then the kernel has ended everything in its namespace. */
void
state_reap(struct launch *l)
{
	struct rusage use;
	struct report r;
	pid_t pid;
	int status, i;

	memset(&use, 0, sizeof(use));
	pid = wait4(l->job.init_pid, &status, WNOHANG, &use);
	if (pid == 0)
		return;
	l->job.init_pid = 0;
	cgroup_close(&l->job.cgroup);
	for (i = 0; i < LAST_WORDS && l->job.init_sock >= 0 &&
	    !l->job.has_status; i++)
		(void)job_hear_init(&l->job, &r, 0);
	if (l->job.sock >= 0)
		state_from_job(l);	/* executed and ended at once */
	fd_close(&l->job.listener);
	fd_close(&l->job.init_sock);
	l->kill_at_ms = l->end_at_ms = 0;
	if (l->state != X_DONE)
		(void)tell_exit(l, (uint64_t)(use.ru_utime.tv_sec +
		    use.ru_stime.tv_sec) * 1000000 +
		    (uint64_t)(use.ru_utime.tv_usec + use.ru_stime.tv_usec));
	fd_close(&l->job.master);
}

void
state_timers(struct launch *l)
{
	int64_t now = clock_mono_ms();

	if (l->kill_at_ms != 0 && now >= l->kill_at_ms)
		kill_tree(l);
	if (l->drop_view_at_ms != 0 && now >= l->drop_view_at_ms) {
		l->drop_view_at_ms = 0;
		fd_close(&l->job.view);
	}
	if (l->end_at_ms != 0 && now >= l->end_at_ms) {
		l->end_at_ms = 0;
		tell_remark("timeout", "the profile's longest run time is "
		    "over, the job is ended", &l->job, l->link);
		end_tree(l, GRACE_MS);
	}
}

int
state_timeout_ms(const struct launch *l)
{
	int64_t next = 0, left;

	if (l->kill_at_ms != 0)
		next = l->kill_at_ms;
	if (l->end_at_ms != 0 && (next == 0 || l->end_at_ms < next))
		next = l->end_at_ms;
	if (l->drop_view_at_ms != 0 && (next == 0 ||
	    l->drop_view_at_ms < next))
		next = l->drop_view_at_ms;
	if (l->state == X_IDLE && l->build_at_ms != 0)
		next = l->build_at_ms;
	if (next == 0)
		return -1;
	left = next - clock_mono_ms();
	return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}
