/* plan.c - the launcher's plan from a profile, with every path and name looked at. */
#include "load/plan.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/num.h"
#include "base/strv.h"

struct making {
	const char			*file;
	const struct conf_profile	*c;
	struct conf_error		*e;
};

static int
fail(const struct making *m, const char *key, const char *expected,
    const char *found)
{
	int line = conf_profile_line(m->c, key);

	if (line == 0)			/* inherited, or should be there */
		line = conf_profile_line(m->c, "profile.name");
	return conf_fail(m->e, m->file, line, "%s: expected %s, found \"%s\"",
	    key, expected, found);
}

/* Kernel's own trees are never writable, and never all of "/". */
static int
check_writable(const struct making *m, const char *key, const char *path)
{
	static const char *const never[] = { "/proc", "/sys", "/dev" };
	char real[PATH_MAX];
	size_t i, n;

	if (realpath(path, real) == NULL || strcmp(real, path) != 0)
		return fail(m, key, "paths without symbolic links", path);
	if (strcmp(path, "/") == 0)
		return fail(m, key, "directories below /", path);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		n = strlen(never[i]);
		if (strncmp(path, never[i], n) == 0 &&
		    (path[n] == '/' || path[n] == '\0'))
			return fail(m, key, "no path of the kernel", path);
	}
	return 0;
}

/* Existing paths of a list; "?" before one: it may be missing. */
static int
add_paths(const struct making *m, const char *key, char *const *list,
    int writable, char ***out)
{
	const char *path;
	struct stat st;
	size_t i;
	int r;

	for (i = 0; list != NULL && list[i] != NULL; i++) {
		path = list[i] + (list[i][0] == '?');
		if (lstat(path, &st) < 0) {
			if (path != list[i] &&
			    (errno == ENOENT || errno == ENOTDIR))
				continue;
			return fail(m, key, "paths that exist (or \"?\" before "
			    "one that need not)", path);
		}
		if (writable && (r = check_writable(m, key, path)) != 0)
			return r;
		if (!strv_has(*out, path) && (r = strv_add(out, path)) != 0)
			return r;
	}
	return 0;
}

static int
put_u32(struct blob *b, uint32_t v)
{
	uint8_t *more;

	if ((more = realloc(b->p, b->n + 4)) == NULL)
		return ERR_NOMEM;
	b->p = more;
	b->p[b->n++] = (uint8_t)(v >> 24);
	b->p[b->n++] = (uint8_t)(v >> 16);
	b->p[b->n++] = (uint8_t)(v >> 8);
	b->p[b->n++] = (uint8_t)v;
	return 0;
}

static int
add_ports(char *const *list, struct blob *out)
{
	size_t i;
	int64_t port;
	int r;

	if (strv_has(list, "any"))
		return put_u32(out, 0);
	for (i = 0; list != NULL && list[i] != NULL; i++)
		if ((r = num_parse(list[i], 1, 65535, &port)) != 0 ||
		    (r = put_u32(out, (uint32_t)port)) != 0)
			return r;
	return 0;
}

static int
add_numbers(const uint8_t *set, struct blob *out)
{
	uint32_t nr;
	int r;

	for (nr = 0; nr < FILTER_NR_MAX; nr++)
		if (set[nr] && (r = put_u32(out, nr)) != 0)
			return r;
	return 0;
}

static int
add_capabilities(const struct making *m, uint64_t *caps)
{
	char *const *list = m->c->capabilities;
	size_t i;
	int nr;

	for (i = 0; list != NULL && list[i] != NULL; i++) {
		nr = plan_capability(list[i]);
		if (nr == -2)
			return fail(m, "process.capabilities", "none that "
			    "undoes the sandbox", list[i]);
		if (nr < 0)
			return fail(m, "process.capabilities", "capabilities "
			    "without \"cap_\"", list[i]);
		*caps |= (uint64_t)1 << nr;
	}
	return 0;
}

/* Names that make a program load or run something else. */
static int
check_environment(const struct making *m, const char *key, char *const *list)
{
	static const char *const never[] = { "LD_*", "GCONV_PATH", "BASH_ENV",
		"ENV", "IFS", "PYTHON*", "PERL5*", "NODE_OPTIONS", "GLIBC_*",
		"BASH_FUNC_*", "PATH", "HOME", "USER", "LOGNAME", "SHELL" };
	char name[128];
	size_t i, j, n;

	for (i = 0; list != NULL && list[i] != NULL; i++) {
		n = strcspn(list[i], "=");
		if (n >= sizeof(name))
			return fail(m, key, "shorter names", list[i]);
		memcpy(name, list[i], n);
		name[n] = '\0';
		for (j = 0; j < sizeof(never) / sizeof(never[0]); j++)
			if (fnmatch(never[j], name, 0) == 0 ||
			    fnmatch(name, never[j], 0) == 0)
				return fail(m, key, "no variable that the "
				    "gate sets or refuses", name);
	}
	return 0;
}

static int
make_network(const struct making *m, struct msg_plan *plan)
{
	const struct conf_profile *c = m->c;
	int inet = strv_has(c->families, "inet") ||
	    strv_has(c->families, "inet6");
	int r;

	plan->net_private = c->namespace == 0;
	plan->port_rules = (uint8_t)(inet && !(strv_has(c->connect, "any") &&
	    strv_has(c->bind, "any")));
	if (!inet && strv_len(c->connect) + strv_len(c->bind) > 0)
		return fail(m, "network.families", "inet or inet6 for ports to "
		    "mean something", "neither");
	if (plan->port_rules && c->landlock < 4)
		return fail(m, "profile.require.landlock", "4 or more for port "
		    "rules", "less");
	if ((r = add_ports(c->connect, &plan->connect)) != 0)
		return r;
	return add_ports(c->bind, &plan->bind);
}

static int
make_files(const struct making *m, struct msg_plan *plan)
{
	const struct conf_profile *c = m->c;
	int r;

	if ((r = add_paths(m, "files.read", c->read, 0, &plan->read)) != 0 ||
	    (r = add_paths(m, "files.write", c->write, 1, &plan->write)) != 0 ||
	    (r = add_paths(m, "files.write_exec", c->write_exec, 1,
	    &plan->write_exec)) != 0 ||
	    (r = add_paths(m, "files.execute", c->execute, 0,
	    &plan->execute)) != 0 ||
	    (r = add_paths(m, "files.hide", c->hide, 0, &plan->hide)) != 0 ||
	    (r = add_paths(m, "files.sockets", c->sockets, 0,
	    &plan->sockets)) != 0)
		return r;
	plan->tmp_private = c->tmp == 0;
	plan->home_private = c->home == 0;
	plan->proc_private = c->proc == 0;
	return 0;
}

static int
make_rest(const struct making *m, struct msg_plan *plan)
{
	const struct conf_profile *c = m->c;

	plan->landlock_abi = (uint32_t)c->landlock;
	plan->degraded = (uint8_t)c->degraded;
	plan->kill_on_refuse = (uint8_t)c->on_refuse;
	plan->nproc = (uint64_t)c->nproc;
	plan->fsize = (uint64_t)c->fsize;
	plan->nofile = (uint64_t)c->nofile;
	plan->cpu_s = (uint64_t)c->cpu_s;
	plan->memory = (uint64_t)c->memory;
	plan->timeout_s = (uint32_t)c->timeout_s;
	plan->name = strdup(c->name);
	plan->env_keep = strv_dup(c->env_keep);
	plan->env_set = strv_dup(c->env_set);
	return plan->name == NULL || plan->env_keep == NULL ||
	    plan->env_set == NULL ? ERR_NOMEM : 0;
}

int
plan_make(const char *file, const struct conf_profile *c,
    const struct filter_set *set, struct msg_plan *plan, struct conf_error *e)
{
	const struct making m = { file, c, e };
	int r;

	if (c->exec_log)
		return fail(&m, "exec.log", "false (a tracer is not part of "
		    "this version)", "true");
	if ((r = check_environment(&m, "environment.keep", c->env_keep)) != 0 ||
	    (r = check_environment(&m, "environment.set", c->env_set)) != 0 ||
	    (r = make_files(&m, plan)) != 0 ||
	    (r = make_network(&m, plan)) != 0 ||
	    (r = add_capabilities(&m, &plan->caps)) != 0 ||
	    (r = add_numbers(set->quiet, &plan->quiet)) != 0 ||
	    (r = add_numbers(set->kill, &plan->kill)) != 0)
		return r;
	return make_rest(&m, plan);
}
