/* job.c - an order is decoded, checked and opened. */
#include "launch/job.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "launch/order.h"

/* Accounts of the gate itself: a job under one of them could read what belongs to it. */
#define OWN_ACCOUNTS	"_sekisho-"

/* All-zero and descriptors -1. */
static void
clear(struct job *j)
{
	memset(j, 0, sizeof(*j));
	exe_init(&j->exe);
	stdio_init(&j->io);
	cage_init(&j->cage);
	j->cgroup.fd = j->cgroup.base = -1;
	j->init_pidfd = j->init_sock = j->pidfd = j->view = j->sock = -1;
	j->listener = j->master = j->host_proc = -1;
}

int
job_init(struct job *j)
{
	clear(j);
	landlock_probe(&j->kernel);
	if ((j->slate = order_slate()) == NULL)
		return ERR_SYS;
	if ((j->host_proc = open("/proc", O_PATH | O_DIRECTORY |
	    O_CLOEXEC)) < 0) {
		log_errno("/proc not opened");
		return ERR_SYS;
	}
	return 0;
}

void
job_free(struct job *j)
{
	struct job own = { .kernel = j->kernel, .slate = j->slate,
		.host_proc = j->host_proc };

	fd_close(&j->init_pidfd);
	fd_close(&j->init_sock);
	fd_close(&j->pidfd);
	fd_close(&j->view);
	fd_close(&j->sock);
	fd_close(&j->listener);
	fd_close(&j->master);
	cgroup_close(&j->cgroup);
	exe_free(&j->exe);
	stdio_free(&j->io);
	cage_reap(&j->cage);
	cage_free(&j->cage);
	free(j->cwd);
	msg_plan_free(&j->plan);
	msg_prepare_free(&j->order);
	clear(j);
	j->kernel = own.kernel;
	j->slate = own.slate;
	j->host_proc = own.host_proc;
}

/* The plan is decoded already where a cage waits for just this order. */
static int
decode_plan(struct job *j)
{
	struct buf *b;
	int r;

	if (cage_is_for(j, &j->order))
		return 0;
	cage_drop(j);
	msg_plan_free(&j->plan);
	memset(&j->plan, 0, sizeof(j->plan));
	if ((b = buf_new(PLAN_MAX)) == NULL)
		return ERR_NOMEM;
	if ((r = buf_put(b, j->order.plan.p, j->order.plan.n)) == 0)
		r = msg_plan_get(b, &j->plan);
	buf_free(b);
	return r;
}

static int
decode(struct job *j, struct buf *body, struct refusal *why)
{
	int r;

	if ((r = order_keep(j->slate, body)) == 0 &&
	    (r = msg_prepare_get(body, &j->order)) == 0)
		r = decode_plan(j);
	if (r != 0)
		(void)refuse(why, SEKISHO_CODE_SANDBOX,
		    "the order cannot be read (%s)", err_name(r));
	return r;
}

/* What must hold for every order, whoever sent it. */
static int
check(struct job *j, struct refusal *why)
{
	const struct msg_prepare *o = &j->order;

	if (strncmp(o->run_as, OWN_ACCOUNTS, strlen(OWN_ACCOUNTS)) == 0)
		return refuse(why, SEKISHO_CODE_NOT_ALLOWED,
		    "%s is an account of the gate itself", o->run_as);
	if (strv_len(o->argv) == 0 || strv_len(o->argv) > ARGV_WORDS_MAX)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "the order has no usable command");
	if (o->exe_digest.n != DIGEST_LEN || o->groups.n % 4 != 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "the order is not complete");
	if (o->bpf.n == 0 || o->bpf.n % 8 != 0)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "the profile %s has no filter", o->profile);
	if (o->hide == NULL || o->hide[0] == NULL)
		return refuse(why, SEKISHO_CODE_SANDBOX,
		    "the order does not name the gate's own paths");
	if (o->cwd[0] != '/' || (j->cwd = realpath(o->cwd, NULL)) == NULL ||
	    stat(j->cwd, &j->cwd_stat) < 0 || !S_ISDIR(j->cwd_stat.st_mode))
		return refuse(why, SEKISHO_CODE_NOT_FOUND,
		    "working directory %s does not exist", o->cwd);
	return 0;
}

/* Found by trying, not by version numbers. */
int
job_check_kernel(struct job *j, struct refusal *why)
{
	unsigned int abi = j->kernel.abi;
	int enough;

	enough = abi > 0 && abi >= j->plan.landlock_abi;
	snprintf(j->features, sizeof(j->features), "landlock=%u%s", abi,
	    enough ? "" : " degraded");
	if (enough)
		return 0;
	if (j->plan.degraded) {
		/* Without Landlock the host's /proc would show its memory. */
		if (abi == 0)
			j->plan.proc_private = 1;
		return 0;
	}
	return refuse(why, SEKISHO_CODE_SANDBOX, "sandbox unavailable: profile "
	    "%s needs Landlock %u, this kernel has %u", j->plan.name,
	    j->plan.landlock_abi, abi);
}

int
job_open(struct job *j, struct buf *body, uint64_t input_max,
    struct refusal *why)
{
	const struct msg_prepare *o = &j->order;
	int r;

	if ((r = decode(j, body, why)) != 0 ||
	    (r = check(j, why)) != 0 ||
	    (r = job_check_kernel(j, why)) != 0 ||
	    (r = exe_open(&j->exe, o->exe, o->exe_digest.p, why)) != 0 ||
	    (o->script.n > 0 && (r = exe_script(&j->exe, o->script.p,
	    o->script.n, why)) != 0))
		return r;
	return stdio_open(&j->io, o, input_max, why);
}
