/* alias.c - reads mountinfo and finds other names of a hidden path: bind mounts, second mounts, layers of overlays. */
#include "launch/alias.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/fd.h"
#include "base/strv.h"
#include "launch/overlay.h"

#define MOUNTINFO_MAX	(8U << 20)
#define LAYERS_DEEP	4	/* overlays upon overlays */

struct mount {
	const char	*device;	/* major:minor */
	const char	*root;		/* which folder of the file system */
	const char	*point;		/* where it is seen */
	const char	*type;		/* "ext4", "" when the line does not say */
	const char	*layers;	/* options of an overlay, else NULL */
};
struct aliases {
	char		*text;		/* the mounts point into it */
	struct mount	*mounts;
	size_t		 n;
};

/* "\040" and the like back to bytes, in place. */
static void
unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++)
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    s[2] >= '0' && s[2] <= '7' && s[3] >= '0' &&
		    s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 |
			    (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else
			*to++ = *s;
	*to = '\0';
}

/* "36 35 98:0 /root /point options tags - type source options" */
static int
parse_line(char *line, struct mount *m)
{
	char *words[5], *save = NULL, *w, *end = strstr(line, " - ");
	size_t n = 0;

	if (end != NULL) {
		*end = '\0';
		end += 3;
	}
	for (w = strtok_r(line, " ", &save); w != NULL && n < 5;
	    w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	if (n < 5)
		return ERR_FORMAT;
	unescape(words[3]);
	unescape(words[4]);
	*m = (struct mount){ words[2], words[3], words[4], "", NULL };
	if (end == NULL || (m->type = strtok_r(end, " ", &save)) == NULL) {
		m->type = "";
		return 0;
	}
	if (strcmp(m->type, "overlay") == 0 &&
	    strtok_r(NULL, " ", &save) != NULL && save != NULL) {
		unescape(save);
		m->layers = save;
	}
	return 0;
}

/* What is left of "path" behind "dir", "" or "/...", or NULL when it is not beneath. */
static const char *
rest_of(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1 && *dir == '/')
		return path[1] == '\0' ? "" : path;
	if (strncmp(path, dir, n) != 0 ||
	    (path[n] != '\0' && path[n] != '/'))
		return NULL;
	return path + n;
}

static int
add_joined(char ***list, const char *dir, const char *rest)
{
	char path[2 * PATH_MAX_LEN];

	if (dir[0] == '/' && dir[1] == '\0')
		dir = "";
	if (snprintf(path, sizeof(path), "%s%s", dir, rest) >=
	    (int)sizeof(path))
		return ERR_LIMIT;
	if (path[0] == '\0' || strv_has(*list, path))
		return 0;
	return strv_add(list, path);
}

/* Another mount of the same file system: does it show "inside", or a part of it? */
static int
compare(const struct mount *m, const char *inside, char ***list)
{
	const char *rest;

	if ((rest = rest_of(inside, m->root)) != NULL)
		return add_joined(list, m->point, rest);
	if (rest_of(m->root, inside) != NULL)
		return add_joined(list, m->point, "");
	return 0;
}

/* The mount that "path" is on: the longest point above it, the last of equals. */
static const struct mount *
home_of(const struct aliases *t, const char *path)
{
	const struct mount *best = NULL;
	size_t i;

	for (i = 0; i < t->n; i++)
		if (rest_of(path, t->mounts[i].point) != NULL &&
		    (best == NULL || strlen(t->mounts[i].point) >=
		    strlen(best->point)))
			best = &t->mounts[i];
	return best;
}

static int find_all(const struct aliases *t, const char *path, int deep,
    char ***list);

/* "inside" an overlay: the same path in each of its layers. */
static int
find_below(const struct aliases *t, const struct mount *own, const char *inside,
    int deep, char ***list)
{
	char **layers = NULL, **l, path[3 * PATH_MAX_LEN];
	int r = overlay_layers(own->layers, &layers);

	for (l = layers; r == 0 && l != NULL && *l != NULL; l++) {
		/* a layer may be "/" itself, where the root is an overlay */
		snprintf(path, sizeof(path), "%s%s", strcmp(*l, "/") == 0 ?
		    "" : *l, strcmp(inside, "/") == 0 ? "" : inside);
		if (path[0] != '\0' && !strv_has(*list, path))
			r = find_all(t, path, deep + 1, list);
	}
	strv_free(layers);
	return r;
}

/* An overlay that has "path" in one of its layers. */
static int
find_above(const struct mount *m, const char *path, char ***list)
{
	char **layers = NULL, **l;
	const char *rest;
	int r = overlay_layers(m->layers, &layers);

	for (l = layers; r == 0 && l != NULL && *l != NULL; l++)
		if ((rest = rest_of(path, *l)) != NULL)
			r = compare(m, *rest != '\0' ? rest : "/", list);
		else if (rest_of(*l, path) != NULL)
			r = add_joined(list, m->point, "");
	strv_free(layers);
	return r;
}

static int
find_all(const struct aliases *t, const char *path, int deep, char ***list)
{
	char inside[2 * PATH_MAX_LEN];
	const struct mount *own = home_of(t, path), *m;
	int r;

	if (own == NULL)
		return ERR_NOTFOUND;
	if ((r = add_joined(list, path, "")) != 0)
		return r;
	if (snprintf(inside, sizeof(inside), "%s%s",
	    strcmp(own->root, "/") == 0 ? "" : own->root,
	    rest_of(path, own->point)) >= (int)sizeof(inside))
		return ERR_LIMIT;
	if (inside[0] == '\0')
		snprintf(inside, sizeof(inside), "/");
	for (m = t->mounts; r == 0 && m < t->mounts + t->n; m++) {
		if (strcmp(m->device, own->device) == 0)
			r = compare(m, inside, list);
		if (r == 0 && m->layers != NULL)
			r = find_above(m, path, list);
	}
	if (r == 0 && own->layers != NULL && deep < LAYERS_DEEP)
		r = find_below(t, own, inside, deep, list);
	return r;
}

static int
read_table(struct aliases *t)
{
	struct mount *more;
	char *line, *save = NULL;
	size_t room = 0;
	int r;

	for (line = strtok_r(t->text, "\n", &save); line != NULL;
	    line = strtok_r(NULL, "\n", &save)) {
		if (t->n == room) {
			room = room == 0 ? 64 : 2 * room;
			more = reallocarray(t->mounts, room,
			    sizeof(*t->mounts));
			if (more == NULL)
				return ERR_NOMEM;
			t->mounts = more;
		}
		if ((r = parse_line(line, &t->mounts[t->n])) != 0)
			return r;
		t->n++;
	}
	return 0;
}

void
alias_close(struct aliases *a)
{
	if (a == NULL)
		return;
	free(a->mounts);
	free(a->text);
	free(a);
}

int
alias_parse(char *mountinfo, struct aliases **out)
{
	struct aliases *a;
	int r;

	if ((a = calloc(1, sizeof(*a))) == NULL) {
		free(mountinfo);
		return ERR_NOMEM;
	}
	a->text = mountinfo;
	if ((r = read_table(a)) == 0)
		*out = a;
	else
		alias_close(a);
	return r;
}

int
alias_open(struct aliases **out, int *fd)
{
	uint8_t *text = NULL;
	size_t n = 0;
	int r;

	if ((*fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)) < 0) {
		log_errno("mountinfo not opened");
		return ERR_SYS;
	}
	if ((r = fd_read_all(*fd, MOUNTINFO_MAX, &text, &n)) == 0)
		r = alias_parse((char *)text, out);
	if (r != 0)
		fd_close(fd);
	return r;
}

int
alias_add(const struct aliases *a, const char *path, char ***list)
{
	return find_all(a, path, 0, list);
}

int
alias_kernel_mounts(const struct aliases *a, const char *dir, char ***list)
{
	static const char *const kernels[] = { "proc", "sysfs", "cgroup",
		"cgroup2", "debugfs", "tracefs", "securityfs", "configfs",
		"devtmpfs", "efivarfs", "pstore", "bpf", "fusectl",
		"binfmt_misc", "mqueue", "selinuxfs", "smackfs", "nfsd",
		"rpc_pipefs", "devpts", "resctrl", "xenfs" };
	size_t i, k;
	int r = 0;

	for (i = 0; r == 0 && i < a->n; i++) {
		if (rest_of(a->mounts[i].point, dir) == NULL ||
		    rest_of(a->mounts[i].point, "/dev") != NULL)
			continue;	/* the job has a /dev of its own */
		for (k = 0; k < sizeof(kernels) / sizeof(*kernels); k++)
			if (strcmp(a->mounts[i].type, kernels[k]) == 0)
				break;
		if (k < sizeof(kernels) / sizeof(*kernels))
			r = add_joined(list, a->mounts[i].point, "");
	}
	return r;
}
