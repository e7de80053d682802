/* profiles.c - every profile of profiles.d, expanded and compiled. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/strv.h"
#include "config/file.h"
#include "crypt/sha256.h"
#include "load/people.h"
#include "load/plan.h"
#include "load/policy.h"

#define SUFFIX		".conf"
#define PROFILES_MAX	64
/* A snapshot record holds one profile and must fit into one message. */
#define RECORD_MAX	(MESSAGE_MAX - 1024)

/* Names of *.conf in profiles.d, sorted; other files are not ours. */
static int
list_names(struct policy *p, char ***names)
{
	struct dirent *d;
	char *name;
	size_t n, cut = strlen(SUFFIX);
	DIR *dir;
	int r = 0;

	if ((dir = opendir(p->profiles_dir)) == NULL)
		return conf_fail(&p->error, p->profiles_dir, 0, "expected a "
		    "directory of profiles, found: %s", strerrordesc_np(errno));
	/* cppcheck-suppress readdirCalled ; one thread */
	while (r == 0 && (d = readdir(dir)) != NULL) {
		n = strlen(d->d_name);
		if (d->d_name[0] == '.' || n <= cut ||
		    strcmp(d->d_name + n - cut, SUFFIX) != 0)
			continue;
		if (strv_len(*names) >= PROFILES_MAX) {
			r = conf_fail(&p->error, p->profiles_dir, 0,
			    "expected at most %d profiles", PROFILES_MAX);
			break;
		}
		if ((name = strndup(d->d_name, n - cut)) == NULL)
			r = ERR_NOMEM;
		else
			r = strv_add(names, name);
		free(name);
	}
	closedir(dir);
	people_sort(*names);
	return r;
}

static int
read_text(void *arg, const char *name, char **text, size_t *n,
    struct conf_error *e)
{
	const struct policy *p = arg;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.3900s/%.64s%s", p->profiles_dir, name,
	    SUFFIX);
	if (access(path, F_OK) < 0 && errno == ENOENT) {
		(void)conf_fail(e, path, 0, "there is no such file");
		return ERR_NOTFOUND;
	}
	return conf_file_read(path, text, n, e);
}

static int
copy_blob(struct blob *to, const void *p, size_t n)
{
	if ((to->p = malloc(n + 1)) == NULL)
		return ERR_NOMEM;
	memcpy(to->p, p, n);
	to->n = n;
	return 0;
}

/* The encoded plan of a profile. */
static int
encode_plan(struct policy *p, const char *file, const struct conf_profile *c,
    const struct filter_set *set, struct blob *out)
{
	struct msg_plan plan = { 0 };
	struct buf *b = buf_new(PLAN_MAX);
	int r;

	if (b == NULL)
		return ERR_NOMEM;
	if ((r = plan_make(file, c, set, &plan, &p->error)) == 0) {
		r = msg_plan_put(b, &plan);
		if (r == ERR_LIMIT)
			r = conf_fail(&p->error, file, 0,
			    "expected shorter lists");
	}
	if (r == 0)
		r = copy_blob(out, buf_data(b), buf_len(b));
	msg_plan_free(&plan);
	buf_free(b);
	return r;
}

/* JSON, digest, plan and program of an expanded profile. */
static int
fill_profile(struct policy *p, const char *file, const struct conf_profile *c,
    struct msg_snap_profile *out)
{
	const struct filter_rules rules = { c->allow, c->deny, c->quiet,
		c->kill, c->families, c->protocols };
	struct filter_problem bad = { NULL, NULL, NULL };
	struct filter_set set;
	struct buf *bpf = buf_new(BPF_MAX);
	uint8_t digest[SHA256_LEN];
	char *json = NULL;
	size_t n = 0;
	int r;

	if (bpf == NULL)
		return ERR_NOMEM;
	if (filter_expand(&rules, &set, &bad) != 0) {
		r = conf_fail(&p->error, file, conf_profile_line(c, bad.key),
		    "%s: expected %s, found \"%s\"", bad.key, bad.why,
		    bad.word);
		goto out;
	}
	if ((r = filter_compile(&rules, &set, bpf)) != 0 ||
	    (r = plan_json(c, &set, &json, &n)) != 0 ||
	    (r = sha256_mem(json, n, digest)) != 0 ||
	    (r = encode_plan(p, file, c, &set, &out->plan)) != 0 ||
	    (r = copy_blob(&out->json, json, n)) != 0 ||
	    (r = copy_blob(&out->digest, digest, sizeof(digest))) != 0 ||
	    (r = copy_blob(&out->bpf, buf_data(bpf), buf_len(bpf))) != 0)
		goto out;
	if ((out->name = strdup(c->name)) == NULL ||
	    (out->summary = strdup(c->summary)) == NULL)
		r = ERR_NOMEM;
	else if (n > DATA_MAX || n + out->plan.n + out->bpf.n > RECORD_MAX)
		r = conf_fail(&p->error, file, 0, "expected a smaller profile");
out:
	str_wipe(json);
	buf_free(bpf);
	return r;
}

static int
add_profile(struct policy *p, const char *name)
{
	struct conf_profile c;
	struct msg_snap_profile *out;
	char file[PATH_MAX];
	void *list = p->snap.profiles;
	int r;

	memset(&c, 0, sizeof(c));
	snprintf(file, sizeof(file), "%.3900s/%.64s%s", p->profiles_dir, name,
	    SUFFIX);
	if (strlen(name) > NAME_MAX_LEN)
		return conf_fail(&p->error, p->profiles_dir, 0, "expected "
		    "names of at most %d letters, found \"%s\"", NAME_MAX_LEN,
		    name);
	r = conf_profile_read(p->profiles_dir, name, read_text, p, &c,
	    &p->error);
	if (r == 0 && c.abstract)
		r = strv_add(&p->abstract, name);
	else if (r == 0) {
		out = policy_grow(&list, &p->snap.nprofiles, sizeof(*out));
		if (out == NULL)
			r = ERR_NOMEM;
		else {
			p->snap.profiles = list;
			r = fill_profile(p, file, &c, out);
		}
	}
	conf_profile_free(&c);
	return r;
}

int
policy_profiles(struct policy *p)
{
	char **names = NULL;
	size_t i;
	int r;

	if ((r = conf_path_trusted(p->profiles_dir, &p->error)) == 0)
		r = list_names(p, &names);
	for (i = 0; r == 0 && names != NULL && names[i] != NULL; i++)
		r = add_profile(p, names[i]);
	strv_free(names);
	return r;
}
