/* job.h - one approved command: what was ordered, what was opened for it, the processes that run it. */
#ifndef LAUNCH_JOB_H
#define LAUNCH_JOB_H

#include <sys/stat.h>
#include <sys/types.h>

#include "confine/landlock.h"
#include "launch/cage.h"
#include "launch/cgroup.h"
#include "launch/exe.h"
#include "launch/refusal.h"
#include "launch/report.h"
#include "launch/stdio.h"
#include "wire/msg.h"

struct job {
	struct landlock_features kernel;	/* probed before the order */
	struct msg_prepare	 order;
	struct msg_plan		 plan;
	struct exe		 exe;
	struct stdio		 io;
	struct cage		 cage;
	struct slate		*slate;		/* order.h */
	int			 host_proc;	/* the host's /proc, for what may be written there; -1 */
	char			*cwd;		/* of the order, without symbolic links */
	struct stat		 cwd_stat;	/* which directory that was */
	struct cgroup		 cgroup;	/* where one was delegated */
	char			 features[512];	/* what the sandbox stands on */
	unsigned int		 did;		/* REPORT_DID_x of the init */
	pid_t			 init_pid;	/* 0: none (any more) */
	int			 init_pidfd, init_sock;
	pid_t			 pid;		/* of the command itself */
	int			 pidfd;
	int			 view;		/* its mount namespace is kept until a moment after its end; -1 */
	int			 sock;		/* end of file = executed */
	int			 listener;	/* refused calls arrive here */
	int			 master;	/* of the terminal, -1: none */
	int			 peeks;		/* questions of peek.h so far */
	int			 has_status, status;	/* of the command, as wait(2) gives it */
};

/* The launcher's own, once.  ERR_SYS: logged. */
int job_init(struct job *j);
/* Closes everything of the order and the cage; kills nothing. */
void job_free(struct job *j);
/* May the plan run on this kernel?  Begins the line of features. */
int job_check_kernel(struct job *j, struct refusal *why);
/* Decode and check the order; open executable and script; choose the input. */
int job_open(struct job *j, struct buf *body, uint64_t input_max,
    struct refusal *why);
/* Into the cage with it. */
int job_order(struct job *j, struct refusal *why);
/* Wait until only the exec itself is left. */
int job_gather(struct job *j, struct refusal *why);
/* The init has given up its rights; behind job_gather(). */
int job_settle(struct job *j, struct refusal *why);
/* The init gets to know whose job this is. */
void job_name(struct job *j);
/*
 * Take the next report of the init.  0: *r is something the caller asked
 * for; 1: nothing there within the time, or it was dealt with here; other:
 * init_sock is closed.
 */
int job_hear_init(struct job *j, struct report *r, int timeout_ms);
/* Kill init, and with it the whole namespace, and wait until it is empty. */
void job_destroy(struct job *j);

/* Bodies of the two children; they do not return. */
void init_main(struct job *j, int sock, int job_sock)
    __attribute__((noreturn));
void child_main(struct job *j, int sock)
    __attribute__((noreturn));

#endif
