/* cage.c - a cage is started, settled, compared with an order, dropped. */
#include "launch/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/num.h"
#include "base/strv.h"
#include "launch/job.h"
#include "launch/rules.h"
#include "launch/spawn.h"
#include "launch/sys.h"

void
cage_init(struct cage *c)
{
	memset(c, 0, sizeof(*c));
	mounts_init(&c->mounts);
	c->own_events = c->old = -1;
}

void
cage_free(struct cage *c)
{
	msg_cage_free(&c->made_for);
	mounts_free(&c->mounts);
	seen_free(&c->seen);
	fd_close(&c->own_events);
	fd_close(&c->old);
	cage_init(c);
}

static int
pairs(int init_pair[2], int job_pair[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
	    init_pair) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET |
	    SOCK_CLOEXEC, 0, job_pair) < 0) {
		log_errno("socketpair failed");
		return ERR_SYS;
	}
	return 0;
}

static uint64_t
namespaces(const struct job *j)
{
	return CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID |
	    (j->plan.net_private ? CLONE_NEWNET : 0);
}

/* Before any of it is used: what changes in between is then seen as changed. */
static int
look_around(struct job *j, const char *home, char *const *hide)
{
	struct cage *c = &j->cage;
	const struct msg_plan *p = &j->plan;
	int r;

	if (uname(&c->host) < 0)
		return ERR_SYS;
	if ((r = seen_list(&c->seen, hide)) != 0 ||
	    (r = seen_list(&c->seen, p->hide)) != 0 ||
	    (r = seen_list(&c->seen, p->read)) != 0 ||
	    (r = seen_list(&c->seen, p->execute)) != 0 ||
	    (r = seen_list(&c->seen, p->write)) != 0 ||
	    (r = seen_list(&c->seen, p->write_exec)) != 0 ||
	    (r = seen_list(&c->seen, p->sockets)) != 0 ||
	    (r = seen_path(&c->seen, home)) != 0)
		return r;
	return mounts_seen(&c->seen);
}

/*
 * Taking a mount namespace apart makes the last process that leaves it wait,
 * some milliseconds with every processor busy; nobody is to wait for that
 * before the end is told.  Without it (an error) it only takes longer.
 */
static void
keep_view(struct job *j)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)j->init_pid);
	j->view = open(path, O_RDONLY | O_CLOEXEC);
}

/* While the init builds the view: what needs the host's tree only. */
static int
meanwhile(struct job *j, struct refusal *why)
{
	int ruleset = -1, r;

	if ((r = rules_new(j, &ruleset)) == 0) {
		/* a child that is gone is told of by whoever hears it next */
		(void)report_send(j->sock, REPORT_RULES, 0, NULL, ruleset);
		if ((r = rules_host(j, ruleset, j->cage.is_ahead ?
		    &j->cage.seen : NULL)) == 0)
			(void)report_send(j->sock, REPORT_HOST, 0, NULL, -1);
	}
	fd_close(&ruleset);
	if (r != 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: no Landlock rules");
	return 0;
}

static int
clone_init(struct job *j, int init_sock[2], int job_sock[2],
    struct refusal *why)
{
	cgroup_open(&j->cgroup, j->plan.nproc, j->plan.memory);
	j->init_pid = sys_clone(namespaces(j), j->cgroup.fd, &j->init_pidfd);
	if (j->init_pid < 0 && j->cgroup.fd >= 0) {
		log_errno("the delegated cgroup cannot be used");
		cgroup_close(&j->cgroup);
		j->init_pid = sys_clone(namespaces(j), -1, &j->init_pidfd);
	}
	if (j->init_pid == 0) {
		fd_close(&init_sock[0]);
		fd_close(&job_sock[0]);
		init_main(j, init_sock[1], job_sock[1]);
	}
	if (j->init_pid > 0)
		return 0;
	log_errno("clone3 failed");
	j->init_pid = 0;
	return refuse(why, SEKISHO_CODE_SANDBOX,
	    "sandbox unavailable: no namespaces");
}

int
cage_start(struct job *j, const char *home, char *const *hide,
    struct refusal *why)
{
	int init_pair[2] = { -1, -1 }, job_pair[2] = { -1, -1 }, r;

	if ((j->cage.is_ahead && (r = look_around(j, home, hide)) != 0) ||
	    (r = mounts_open(&j->cage.mounts, home, hide, &j->plan,
	    why)) != 0 || (r = pairs(init_pair, job_pair)) != 0 ||
	    (r = clone_init(j, init_pair, job_pair, why)) != 0)
		goto out;
	j->init_sock = init_pair[0];
	j->sock = job_pair[0];
	init_pair[0] = job_pair[0] = -1;
	fd_close(&init_pair[1]);
	fd_close(&job_pair[1]);
	keep_view(j);
	r = meanwhile(j, why);
out:
	fd_close(&init_pair[0]);
	fd_close(&init_pair[1]);
	fd_close(&job_pair[0]);
	fd_close(&job_pair[1]);
	if (r != 0)
		cage_drop(j);
	return r;
}

/* The pid behind a pidfd as this process counts; -1: gone. */
static pid_t
pid_of(int pidfd)
{
	char path[64], line[128];
	int64_t pid = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "Pid:\t", 5) == 0)
			(void)num_parse(line + 5, 1, INT32_MAX, &pid);
	}
	fclose(f);
	return (pid_t)pid;
}

static int
hear(struct job *j, struct refusal *why)
{
	struct report r;
	int fd, e;

	if (j->cage.is_ahead && (e = spawn_expect(j->init_sock, REPORT_VIEW,
	    &r, &j->cage.own_events, why)) != 0)
		return e;
	if ((e = spawn_expect(j->init_sock, REPORT_JOB, &r, &j->pidfd,
	    why)) != 0)
		return e;
	j->did = r.did;
	if (j->pidfd < 0 || (j->pid = pid_of(j->pidfd)) <= 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "sandbox unavailable: the command ended too early");
	if (!j->cage.is_ahead)
		return 0;
	(void)report_send(j->init_sock, REPORT_CONFINE, 0, NULL, -1);
	if ((e = spawn_expect(j->init_sock, REPORT_CONFINED, &r, &fd,
	    why)) != 0)
		return e;
	return spawn_expect(j->sock, REPORT_WAITING, &r, &fd, why);
}

int
cage_settle(struct job *j, struct refusal *why)
{
	int r = hear(j, why);

	if (r != 0)
		cage_drop(j);
	j->cage.is_settled = r == 0;
	return r;
}

static int
read_guess(const struct blob *guess, struct msg_cage *g, struct msg_plan *plan)
{
	struct buf *b = buf_new(GUESS_MAX);
	int r;

	if (b == NULL)
		return ERR_NOMEM;
	if ((r = buf_put(b, guess->p, guess->n)) == 0 &&
	    (r = msg_cage_get(b, g)) == 0) {
		buf_reset(b);
		if ((r = buf_put(b, g->plan.p, g->plan.n)) == 0)
			r = msg_plan_get(b, plan);
	}
	buf_free(b);
	return r;
}

void
cage_guess(struct job *j, const struct blob *guess)
{
	struct cage *c = &j->cage;
	struct refusal why = { 0 };
	int r;

	cage_drop(j);
	msg_plan_free(&j->plan);
	memset(&j->plan, 0, sizeof(j->plan));
	if ((r = read_guess(guess, &c->made_for, &j->plan)) != 0) {
		cage_drop(j);
		log_warn("guess cannot be read error=%s", err_name(r));
		return;
	}
	c->is_ahead = 1;
	if ((r = job_check_kernel(j, &why)) == 0 &&
	    (r = cage_start(j, c->made_for.home, c->made_for.hide,
	    &why)) == 0)
		r = cage_settle(j, &why);
	if (r == 0)
		return;
	cage_drop(j);
	log_info("nothing prepared ahead reason=%s", why.reason);
}

void
cage_taken(struct cage *c)
{
	fd_close(&c->own_events);
}

int
cage_is_for(const struct job *j, const struct msg_prepare *order)
{
	const struct msg_cage *g = &j->cage.made_for;

	return j->cage.is_ahead && j->cage.is_settled &&
	    g->plan.n == order->plan.n && g->plan.n > 0 &&
	    memcmp(g->plan.p, order->plan.p, g->plan.n) == 0 &&
	    strcmp(g->home, order->home) == 0 &&
	    strv_equal(g->hide, order->hide);
}

/* Something changed since the descriptor was opened, or cannot be known. */
static int
has_event(int mountinfo)
{
	struct pollfd p = { .fd = mountinfo, .events = POLLPRI };

	return mountinfo < 0 || poll(&p, 1, 0) != 0;
}

int
cage_is_fresh(const struct job *j)
{
	const struct cage *c = &j->cage;
	struct utsname now;

	if (!c->is_ahead)
		return 1;		/* just built */
	return !has_event(c->mounts.events) && !has_event(c->own_events) &&
	    uname(&now) == 0 && memcmp(&now, &c->host, sizeof(now)) == 0 &&
	    seen_same(&c->seen);
}

void
cage_reap(struct cage *c)
{
	siginfo_t si;

	if (c->old < 0)
		return;
	while (waitid(P_PIDFD, (id_t)c->old, &si, WEXITED) < 0 &&
	    errno == EINTR)
		continue;
	fd_close(&c->old);
}

void
cage_drop(struct job *j)
{
	int old = -1;

	if (j->init_pid > 0) {
		(void)pidfd_send_signal(j->init_pidfd, SIGKILL, NULL, 0);
		old = j->init_pidfd;
		j->init_pidfd = -1;
		j->init_pid = 0;
	}
	fd_close(&j->init_sock);
	fd_close(&j->sock);
	fd_close(&j->pidfd);
	fd_close(&j->view);
	cage_reap(&j->cage);
	cage_free(&j->cage);
	j->cage.old = old;
	if (j->cgroup.fd >= 0) {	/* its leaf has one name, and it must be empty to go */
		cage_reap(&j->cage);
		cgroup_close(&j->cgroup);
	}
}
