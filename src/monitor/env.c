/* env.c - the job's environment, made from nothing. */
#include "monitor/env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/strv.h"

#define PATH_DEFAULT	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Does "NAME" fit one of the patterns: itself, or a beginning with '*' behind it? */
static int
is_kept(char *const *keep, const char *name)
{
	size_t i, n;

	for (i = 0; keep != NULL && keep[i] != NULL; i++) {
		n = strlen(keep[i]);
		if (strcmp(keep[i], name) == 0 || (n > 0 &&
		    keep[i][n - 1] == '*' &&
		    strncmp(keep[i], name, n - 1) == 0))
			return 1;
	}
	return 0;
}

/* Set NAME=value, in place of an earlier one. */
static int
set(char ***env, const char *name, const char *value)
{
	size_t n = strlen(name), i;
	char *line;
	int r;

	if (asprintf(&line, "%s=%s", name, value) < 0)
		return ERR_NOMEM;
	for (i = 0; *env != NULL && (*env)[i] != NULL; i++)
		if (strncmp((*env)[i], line, n + 1) == 0) {
			free((*env)[i]);
			(*env)[i] = line;
			return 0;
		}
	r = strv_add(env, line);
	free(line);
	return r;
}

static int
set_kept(char ***env, char *const *keep, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0' || !is_kept(keep, name))
		return 0;
	return set(env, name, value);
}

/* The profile's "NAME=value" lines.  The session's number is not theirs to say. */
static int
set_profile(char ***env, char *const *lines)
{
	char name[256];
	const char *eq;
	size_t i, n;
	int r;

	for (i = 0; lines != NULL && lines[i] != NULL; i++) {
		if ((eq = strchr(lines[i], '=')) == NULL || eq == lines[i])
			return ERR_FORMAT;
		n = (size_t)(eq - lines[i]);
		if (n >= sizeof(name))
			return ERR_LIMIT;
		memcpy(name, lines[i], n);
		name[n] = '\0';
		if ((r = set(env, name, eq + 1)) != 0)
			return r;
	}
	return 0;
}

static char *
make_path(char *const *dirs)
{
	size_t n = 1, i;
	char *path, *p;

	if (strv_len(dirs) == 0)
		return strdup(PATH_DEFAULT);
	for (i = 0; dirs[i] != NULL; i++)
		n += strlen(dirs[i]) + 1;
	if ((path = p = calloc(1, n)) == NULL)
		return NULL;
	for (i = 0; dirs[i] != NULL; i++) {
		if (i > 0)
			*p++ = ':';
		p = stpcpy(p, dirs[i]);
	}
	return path;
}

int
env_make(const struct env_facts *f, const struct msg_plan *plan, char ***env)
{
	char session[24], *path;
	char **e = NULL;
	int r = ERR_NOMEM;

	snprintf(session, sizeof(session), "S%" PRIu64, f->session);
	if ((path = make_path(f->command_dirs)) == NULL)
		goto out;
	if ((r = set(&e, "PATH", path)) != 0 ||
	    (r = set(&e, "HOME", f->home)) != 0 ||
	    (r = set(&e, "USER", f->user)) != 0 ||
	    (r = set(&e, "LOGNAME", f->user)) != 0 ||
	    (r = set(&e, "SHELL", f->shell)) != 0 ||
	    (r = set_kept(&e, plan->env_keep, "LANG", f->lang)) != 0 ||
	    (r = set_kept(&e, plan->env_keep, "TZ", f->zone)) != 0 ||
	    (r = set_kept(&e, plan->env_keep, "TERM", f->term)) != 0 ||
	    (r = set_profile(&e, plan->env_set)) != 0 ||
	    (r = set(&e, "SEKISHO_SESSION", session)) != 0)
		goto out;
	*env = e;
	e = NULL;
out:
	free(path);
	strv_free(e);
	return r;
}
