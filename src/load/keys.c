/*
 * keys.c - the directory keys.d beside sekisho.conf: whose key counts as a
 * factor.  Read only where login.public_key asks for it.
 */
#include "load/keys.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/file.h"
#include "load/policy.h"

#define DIR_NAME	"keys.d"

/* Every person is an account's name, but here it becomes a path. */
static int
is_file_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL;
}

static int
read_person(struct policy *p, const char *dir, const char *name)
{
	char file[PATH_MAX], *text = NULL;
	struct stat st;
	size_t n = 0;
	int r;

	if (!is_file_name(name))
		return 0;
	snprintf(file, sizeof(file), "%.4000s/%.64s", dir, name);
	if (lstat(file, &st) < 0 && errno == ENOENT)
		return 0;
	if ((r = conf_file_read(file, &text, &n, &p->error)) == 0)
		r = keys_parse(&p->snap, name, file, text, n, &p->error);
	str_wipe(text);
	return r;
}

static int
has_key(const struct snapshot *s, const char *person)
{
	size_t i;

	for (i = 0; i < s->nkeys; i++)
		if (strcmp(s->keys[i].person, person) == 0)
			return 1;
	return 0;
}

/* Two people behind one key would be told apart by their passwords alone. */
static int
warn_shared(struct policy *p, const char *dir)
{
	const struct msg_snap_key *a, *b;
	size_t i, k;
	int r;

	for (i = 1; i < p->snap.nkeys; i++)
		for (k = 0; k < i; k++) {
			a = &p->snap.keys[k];
			b = &p->snap.keys[i];
			if (strcmp(a->person, b->person) != 0 &&
			    a->blob.n == b->blob.n && memcmp(a->blob.p,
			    b->blob.p, a->blob.n) == 0 &&
			    (r = policy_warn(p, dir, 0, "\"%s\" and \"%s\" "
			    "have a key in common", a->person,
			    b->person)) != 0)
				return r;
		}
	return 0;
}

/* Files that nobody's login will ever look at. */
static int
warn_strangers(struct policy *p, const char *dir)
{
	struct dirent *f;
	int r = 0;
	DIR *d;

	if ((d = opendir(dir)) == NULL)
		return 0;
	while (r == 0 && (f = readdir(d)) != NULL)
		if (f->d_name[0] != '.' &&
		    snapshot_person(&p->snap, f->d_name) == NULL)
			r = policy_warn(p, dir, 0, "\"%s\" is not read: "
			    "nobody of that name holds a role", f->d_name);
	closedir(d);
	return r;
}

int
policy_keys(struct policy *p)
{
	const struct msg_snap_person *who;
	char dir[PATH_MAX];
	size_t i;
	int r;

	if (p->conf.public_key != KEY_FACTOR_REQUIRED)
		return 0;
	snprintf(dir, sizeof(dir), "%.4000s/" DIR_NAME, p->dir);
	/* people are sorted, so the keys are */
	for (i = 0; i < p->snap.npeople; i++) {
		who = &p->snap.people[i];
		if ((r = read_person(p, dir, who->name)) != 0)
			return r;
		if (who->active && !has_key(&p->snap, who->name) &&
		    (r = policy_warn(p, dir, 0, "\"%s\" cannot log in: there "
		    "is no key of that name", who->name)) != 0)
			return r;
	}
	if ((r = warn_shared(p, dir)) != 0)
		return r;
	return warn_strangers(p, dir);
}
