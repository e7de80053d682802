/* files.c - reads sekisho.conf and its neighbours, and the head of the snapshot from them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "config/file.h"
#include "load/policy.h"

/* The four paths beside conf_file. */
static int
find_files(struct policy *p)
{
	char real[PATH_MAX], *slash;

	if (realpath(p->conf_file, real) == NULL)
		return conf_fail(&p->error, p->conf_file, 0, "expected the "
		    "configuration (-c FILE), found no such file");
	slash = strrchr(real, '/');
	*(slash == real ? slash + 1 : slash) = '\0';
	if (strlen(real) > sizeof(p->dir) - 64)
		return conf_fail(&p->error, p->conf_file, 0, "expected a "
		    "shorter path");
	snprintf(p->dir, sizeof(p->dir), "%s", real);
	snprintf(p->roles_file, sizeof(p->roles_file), "%.4000s/roles.conf",
	    real);
	snprintf(p->approval_file, sizeof(p->approval_file),
	    "%.4000s/approval.conf", real);
	snprintf(p->profiles_dir, sizeof(p->profiles_dir),
	    "%.4000s/profiles.d", real);
	return 0;
}

static int
copy_text(char **to, const char *from)
{
	return (*to = strdup(from)) == NULL ? ERR_NOMEM : 0;
}

static int
make_head(struct policy *p)
{
	struct msg_snap_head *h = &p->snap.head;
	const struct conf_sekisho *c = &p->conf;
	int r;

	h->pending_s = (uint32_t)c->pending_s;
	h->window_s = (uint32_t)c->window_s;
	h->window_max_s = (uint32_t)c->window_max_s;
	h->uses_max = (uint32_t)c->uses_max;
	h->max_run_s = (uint32_t)c->max_run_s;
	h->local_decisions = (uint8_t)c->local_decisions;
	h->public_key = (uint8_t)c->public_key;
	if ((r = copy_text(&h->gate, c->gate)) != 0 ||
	    (r = copy_text(&h->zone, c->zone)) != 0)
		return r;
	if ((h->command_dirs = strv_dup(c->command_dirs)) == NULL)
		return ERR_NOMEM;
	return strv_add(&h->targets, "local");
}

int
policy_files(struct policy *p)
{
	char *text = NULL;
	size_t n;
	int r;

	if ((r = find_files(p)) != 0 ||
	    (r = conf_file_read(p->conf_file, &text, &n, &p->error)) != 0 ||
	    (r = conf_sekisho_read(p->conf_file, text, n, &p->conf,
	    &p->error)) != 0)
		goto out;
	str_wipe(text);
	text = NULL;
	if ((r = conf_file_read(p->roles_file, &text, &n, &p->error)) != 0 ||
	    (r = conf_roles_read(p->roles_file, text, n, &p->roles,
	    &p->error)) != 0)
		goto out;
	str_wipe(text);
	text = NULL;
	if ((r = conf_file_read(p->approval_file, &text, &n, &p->error)) != 0 ||
	    (r = conf_approval_read(p->approval_file, text, n, &p->approval,
	    &p->error)) != 0)
		goto out;
	r = make_head(p);
out:
	str_wipe(text);
	return r;
}
