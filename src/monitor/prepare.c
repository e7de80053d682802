/* prepare.c - REC_OPEN with a new file, PREPARE with plan, filter and numbers of our own snapshot. */
#include "monitor/prepare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "monitor/env.h"
#include "monitor/meta.h"
#include "monitor/recording.h"
#include "monitor/seals.h"
#include "sekisho/code.h"

#define WORD(code)	sekisho_code_word(SEKISHO_CODE_##code)

static int
open_record(struct task *t)
{
	struct mon *m = t->mon;
	struct msg_rec_open open = { .session = t->order.session,
		.uuid = t->order.uuid, .pty = t->has_pty != 0 };
	struct buf *meta;
	int64_t at;
	int fds[2] = { -1, t->seals }, day = -1, r;

	if ((r = recording_day(&t->order.uuid, &at)) != 0 ||
	    (r = seals_bind(t, t->seals)) != 0)
		return r;
	if ((meta = buf_new(DATA_MAX)) == NULL)
		return ERR_NOMEM;
	if ((r = meta_put(meta, t)) != 0) {
		log_error("meta of a recording too long error=%s",
		    err_name(r));
		goto out;
	}
	if ((r = recording_create(m->recordings, t->order.session, at,
	    m->slice.record_gid, &fds[0], &day)) != 0)
		goto out;
	open.meta.p = (uint8_t *)(uintptr_t)buf_data(meta);
	open.meta.n = buf_len(meta);
	mon_sent(m, chan_put_rec_open(t->record, 0, &open, fds, 2));
	fd_close(&t->seals);		/* the recorder's alone from here on */
	t->is_rec_asked = 1;
	/* it makes its header meanwhile, the launcher the sandbox */
	r = recording_settle(fds[0], day);
out:
	fd_close(&fds[0]);
	fd_close(&day);
	buf_free(meta);
	return r;
}

static int
make_env(const struct task *t, const struct msg_snap_runas *as,
    const struct msg_plan *plan, char ***env)
{
	struct env_facts f = { .command_dirs = t->mon->snap->head.command_dirs,
		.lang = t->mon->slice.lang, .zone = t->mon->slice.zone,
		.term = t->has_pty ? t->term : NULL, .user = as->name,
		.home = as->home, .shell = as->shell,
		.session = t->order.session };

	return env_make(&f, plan, env);
}

static int
send_prepare(struct task *t, const struct msg_snap_runas *as,
    const struct msg_snap_profile *profile, char **env)
{
	const struct msg_order *o = &t->order;
	const struct msg_snap_person *who = snapshot_person(t->mon->snap,
	    o->operator);
	char request[24];
	struct msg_prepare p = { .session = o->session, .argv = o->argv,
		.env = env, .exe = o->exe, .exe_digest = o->exe_digest,
		.script = o->script, .input = o->input, .cwd = o->cwd,
		.run_as = o->run_as, .uid = as->uid, .gid = as->gid,
		.groups = as->groups, .home = as->home,
		.profile = o->profile, .plan = profile->plan,
		.bpf = profile->bpf, .hide = t->mon->slice.hide,
		.more = request, .pty = t->has_pty != 0, .cols = t->cols,
		.rows = t->rows, .login_uid = who != NULL ? who->uid : 0 };

	t->told_cols = t->cols;
	t->told_rows = t->rows;
	/* shown with a refusal: "request edit R12 --profile NAME" */
	snprintf(request, sizeof(request), "R%" PRIu64, o->request);
	return chan_put_prepare(t->exec, 0, &p, NULL, 0);
}

/* The shorter of what was approved and what the profile allows. */
static uint32_t
longest(uint32_t order_s, uint32_t profile_s)
{
	if (order_s == 0 || (profile_s != 0 && profile_s < order_s))
		return profile_s;
	return order_s;
}

static int
start_exec(struct task *t)
{
	const struct snapshot *snap = t->mon->snap;
	const struct msg_snap_profile *profile =
	    snapshot_profile(snap, t->order.profile);
	const struct msg_snap_runas *as = snapshot_runas(snap,
	    t->order.run_as);
	struct msg_plan plan = { 0 };
	struct buf *b = NULL;
	char **env = NULL;
	int r;

	if (profile == NULL || as == NULL)
		return ERR_NOTFOUND;
	if ((b = buf_new(PLAN_MAX)) == NULL)
		return ERR_NOMEM;
	if ((r = buf_put(b, profile->plan.p, profile->plan.n)) != 0 ||
	    (r = msg_plan_get(b, &plan)) != 0) {
		log_error("plan of a profile is damaged profile=%s",
		    profile->name);
		goto out;
	}
	t->longest_s = longest(t->order.max_run_s, plan.timeout_s);
	if ((r = make_env(t, as, &plan, &env)) == 0)
		r = send_prepare(t, as, profile, env);
out:
	msg_plan_free(&plan);
	strv_free(env);
	buf_free(b);
	return r == ERR_CLOSED ? 0 : r;	/* its end of file says the same */
}

void
prepare_start(struct task *t)
{
	int r;

	/* a policy that came between order and kit: its profile may be another */
	if (t->mon->snap->serial != t->order.snapshot) {
		finish_not_run(t, WORD(UNAVAILABLE),
		    "the policy is just being replaced, try again", NULL);
		return;
	}
	if ((r = start_exec(t)) != 0) {
		log_error("cannot prepare session=S%" PRIu64 " error=%s",
		    t->order.session, err_name(r));
		finish_not_run(t, WORD(SANDBOX),
		    "the launch could not be prepared", NULL);
		return;
	}
	if ((r = open_record(t)) == ERR_CLOSED)
		finish_not_run(t, WORD(UNAVAILABLE),
		    "the keys cannot be reached, nothing new starts", NULL);
	else if (r != 0)
		finish_not_run(t, WORD(RECORD),
		    "the recording could not be created", NULL);
}

/* What PREPARE will say of these; sekishod only compares and passes it on. */
static int
put_guess(const struct task *t, struct buf *b)
{
	const struct snapshot *snap = t->mon->snap;
	const struct msg_snap_profile *profile =
	    snapshot_profile(snap, t->order.profile);
	const struct msg_snap_runas *as = snapshot_runas(snap,
	    t->order.run_as);
	struct msg_cage c = { 0 };

	if (profile == NULL || as == NULL)
		return ERR_NOTFOUND;
	c.plan = profile->plan;
	c.home = as->home;
	c.hide = t->mon->slice.hide;
	return msg_cage_put(b, &c);
}

void
prepare_need_kit(struct task *t)
{
	struct buf *b = buf_new(GUESS_MAX);
	struct msg_need_kit need = { 0 };

	if (b != NULL && put_guess(t, b) == 0) {
		need.guess.p = (uint8_t *)(uintptr_t)buf_data(b);
		need.guess.n = buf_len(b);
	}
	mon_sent(t->mon, chan_put_need_kit(t->mon->d, t->kit, &need, NULL,
	    0));
	buf_free(b);
}
