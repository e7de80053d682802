/* profile.c - the keys of a profile and its line of inheritance. */
#include "config/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#define AT(member)	offsetof(struct conf_profile, member)
#define LIST_MAX	400	/* items: more than there are system calls */
#define PATHS_MAX	64
#define SIZE_LIMIT	(1LL << 50)

const struct conf_key conf_profile_keys[] = {
	{ "profile.name", CONF_NAME, AT(name), NULL, 1, NAME_MAX_LEN, NULL },
	{ "profile.summary", CONF_TEXT, AT(summary), "", 0, 256, NULL },
	{ "profile.version", CONF_INT, AT(version), "1", 1, 1000000, NULL },
	{ "profile.inherit", CONF_NAME, AT(inherit), "", 0, NAME_MAX_LEN,
	    NULL },
	{ "profile.abstract", CONF_BOOL, AT(abstract), "false", 0, 1, NULL },
	{ "profile.require.landlock", CONF_INT, AT(landlock), "2", 1, 7, NULL },
	{ "profile.degraded", CONF_WORD, AT(degraded), "refuse", 0, 1,
	    "refuse allow" },
	{ "syscalls.allow", CONF_NAMES, AT(allow), "", 0, LIST_MAX, NULL },
	{ "syscalls.deny", CONF_NAMES, AT(deny), "", 0, LIST_MAX, NULL },
	{ "syscalls.quiet", CONF_NAMES, AT(quiet), "", 0, LIST_MAX, NULL },
	{ "syscalls.kill", CONF_NAMES, AT(kill), "", 0, LIST_MAX, NULL },
	{ "syscalls.on_refuse", CONF_WORD, AT(on_refuse), "eperm", 0, 1,
	    "eperm kill" },
	{ "files.read", CONF_PATHS, AT(read),
	    "?/usr ?/bin ?/sbin ?/lib ?/lib32 ?/lib64 ?/libx32 ?/etc ?/proc",
	    0, PATHS_MAX, NULL },
	{ "files.write", CONF_PATHS, AT(write), "", 0, PATHS_MAX, NULL },
	{ "files.write_exec", CONF_PATHS, AT(write_exec), "", 0, PATHS_MAX,
	    NULL },
	{ "files.execute", CONF_PATHS, AT(execute), "", 0, PATHS_MAX, NULL },
	{ "files.hide", CONF_PATHS, AT(hide), "", 0, PATHS_MAX, NULL },
	{ "files.sockets", CONF_PATHS, AT(sockets), "", 0, PATHS_MAX, NULL },
	{ "files.tmp", CONF_WORD, AT(tmp), "private", 0, 1, "private host" },
	{ "files.home", CONF_WORD, AT(home), "private", 0, 1, "private host" },
	{ "network.families", CONF_NAMES, AT(families), "", 0, 8, NULL },
	{ "network.protocols", CONF_NAMES, AT(protocols), "", 0, 8, NULL },
	{ "network.connect", CONF_PORTS, AT(connect), "", 0, 200, NULL },
	{ "network.bind", CONF_PORTS, AT(bind), "", 0, 200, NULL },
	{ "network.namespace", CONF_WORD, AT(namespace), "none", 0, 1,
	    "none host" },
	{ "process.proc", CONF_WORD, AT(proc), "private", 0, 1,
	    "private host" },
	{ "process.capabilities", CONF_NAMES, AT(capabilities), "", 0, 41,
	    NULL },
	{ "process.limits.nproc", CONF_INT, AT(nproc), "0", 0, 100000, NULL },
	{ "process.limits.fsize", CONF_SIZE, AT(fsize), "0", 0, SIZE_LIMIT,
	    NULL },
	{ "process.limits.nofile", CONF_INT, AT(nofile), "0", 0, 1048576,
	    NULL },
	{ "process.limits.cpu", CONF_INT, AT(cpu_s), "0", 0, 31536000, NULL },
	{ "process.limits.memory", CONF_SIZE, AT(memory), "0", 0, SIZE_LIMIT,
	    NULL },
	{ "process.timeout", CONF_SPAN, AT(timeout_s), "0s", 0, 2592000, NULL },
	{ "exec.log", CONF_BOOL, AT(exec_log), "false", 0, 1, NULL },
	{ "exec.policy", CONF_WORD, AT(exec_policy), "list", 0, 0, "list" },
	{ "environment.keep", CONF_NAMES, AT(env_keep), "", 0, 64, NULL },
	{ "environment.set", CONF_MAP, AT(env_set), "", 0, 64, NULL },
};
const size_t conf_profile_nkeys =
    sizeof(conf_profile_keys) / sizeof(conf_profile_keys[0]);

_Static_assert(sizeof(conf_profile_keys) / sizeof(conf_profile_keys[0]) <=
    CONF_PROFILE_KEYS, "conf_profile.lines is too short");

/* One file of the line, nearest first. */
struct link {
	char			 file[PATH_MAX_LEN];
	char			*name;
	char			*text;
	struct conf_tree	*tree;
	struct conf_profile	 own;
};

static void
link_free(struct link *l)
{
	if (l == NULL)
		return;
	str_wipe(l->name);
	str_wipe(l->text);
	conf_tree_free(l->tree);
	conf_wipe(conf_profile_keys, conf_profile_nkeys, &l->own);
	free(l);
}

/* Reads one file alone: syntax, keys, types, its name. */
static int
read_link(const char *dir, const char *name, conf_profile_source *source,
    void *arg, struct link **out, struct conf_error *e)
{
	struct link *l;
	size_t n = 0;
	int r;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return ERR_NOMEM;
	*out = l;
	snprintf(l->file, sizeof(l->file), "%s/%s.conf", dir, name);
	if ((l->name = strdup(name)) == NULL)
		return ERR_NOMEM;
	if ((r = source(arg, name, &l->text, &n, e)) != 0 ||
	    (r = conf_parse(l->file, l->text, n, &l->tree, e)) != 0 ||
	    (r = conf_read(l->tree, conf_profile_keys, conf_profile_nkeys,
	    &l->own, l->own.lines, e)) != 0 ||
	    (r = conf_defaults(l->file, 0, conf_profile_keys, 1, &l->own,
	    l->own.lines, e)) != 0)
		return r;
	if (strcmp(l->own.name, name) != 0)
		return conf_fail(e, l->file, l->own.lines[0], "profile.name: "
		    "expected \"%s\" as the file is called, found \"%s\"",
		    name, l->own.name);
	return 0;
}

/* Reads the whole line into links[]; *n counts what must be freed. */
static int
read_line(const char *dir, const char *name, conf_profile_source *source,
    void *arg, struct link **links, size_t *n, struct conf_error *e)
{
	const struct link *last = NULL;
	size_t i;
	int r;

	for (;;) {
		r = read_link(dir, name, source, arg, &links[*n], e);
		if (r == ERR_NOTFOUND && last != NULL)
			r = conf_fail(e, last->file,
			    conf_profile_line(&last->own, "profile.inherit"),
			    "profile.inherit: expected a profile beside this "
			    "one, found \"%s\"", name);
		if (links[*n] != NULL)
			(*n)++;
		if (r != 0)
			return r;
		last = links[*n - 1];
		if ((name = last->own.inherit) == NULL || *name == '\0')
			return 0;
		for (i = 0; i < *n; i++)
			if (strcmp(links[i]->name, name) == 0)
				return conf_fail(e, last->file,
				    conf_profile_line(&last->own,
				    "profile.inherit"), "profile.inherit: "
				    "expected no circle, found \"%s\" again",
				    name);
		if (*n > CONF_INHERIT_MAX)
			return conf_fail(e, last->file,
			    conf_profile_line(&last->own, "profile.inherit"),
			    "profile.inherit: expected at most %d levels",
			    CONF_INHERIT_MAX);
	}
}

/*
 * What a file does not pass on: its name, summary, version, whether it is
 * abstract.  They are the first keys of the table, "inherit" with them.
 */
#define OWN_KEYS	5

static int
merge(struct link **links, size_t n, struct conf_profile *p,
    struct conf_error *e)
{
	size_t i = n, k;
	int r;

	while (i-- > 0) {
		for (k = 0; k < OWN_KEYS; k++)
			p->lines[k] = 0;
		if ((r = conf_read(links[i]->tree, conf_profile_keys,
		    conf_profile_nkeys, p, p->lines, e)) != 0)
			return r;
	}
	if ((r = conf_defaults(links[0]->file, 0, conf_profile_keys,
	    conf_profile_nkeys, p, p->lines, e)) != 0)
		return r;
	/* Only lines of the own file mean something to the reader. */
	memcpy(p->lines, links[0]->own.lines, sizeof(p->lines));
	return 0;
}

int
conf_profile_read(const char *dir, const char *name,
    conf_profile_source *source, void *arg, struct conf_profile *p,
    struct conf_error *e)
{
	struct link *links[CONF_INHERIT_MAX + 2] = { NULL };
	size_t n = 0;
	int r;

	if ((r = read_line(dir, name, source, arg, links, &n, e)) == 0)
		r = merge(links, n, p, e);
	while (n > 0)
		link_free(links[--n]);
	return r;
}

void
conf_profile_free(struct conf_profile *p)
{
	conf_wipe(conf_profile_keys, conf_profile_nkeys, p);
}

int
conf_profile_line(const struct conf_profile *p, const char *key)
{
	size_t i;

	for (i = 0; i < conf_profile_nkeys; i++)
		if (strcmp(conf_profile_keys[i].name, key) == 0)
			return p->lines[i];
	return 0;
}
