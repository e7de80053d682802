/* expand.c - names of system calls and groups to numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "base/err.h"
#include "base/num.h"
#include "base/strv.h"
#include "filter/filter.h"
#include "filter/groups.h"

int
filter_number(const char *name, uint32_t *nr)
{
	int64_t v;
	int n;

	if (*name == '#') {
		if (num_parse(name + 1, 0, FILTER_NR_MAX - 1, &v) != 0)
			return ERR_NOTFOUND;
		*nr = (uint32_t)v;
		return 0;
	}
	/* Negative: unknown, or a call of other architectures only. */
	n = seccomp_syscall_resolve_name(name);
	if (n < 0 || n >= FILTER_NR_MAX)
		return ERR_NOTFOUND;
	*nr = (uint32_t)n;
	return 0;
}

const char *
filter_name(uint32_t nr, char *out)
{
	char *name;

	name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)nr);
	if (name != NULL)
		snprintf(out, FILTER_NAME, "%s", name);
	else
		snprintf(out, FILTER_NAME, "#%u", nr);
	free(name);
	return out;
}

static const struct filter_group *
find_group(const char *name)
{
	size_t i;

	for (i = 0; i < filter_ngroups; i++)
		if (strcmp(filter_groups[i].name, name) == 0)
			return &filter_groups[i];
	return NULL;
}

static int
fail(struct filter_problem *p, const char *key, const char *word,
    const char *why, int r)
{
	p->key = key;
	p->word = word;
	p->why = why;
	return r;
}

/* Sets (or clears) the numbers of all words. */
static int
apply(const char *key, char *const *words, int lenient, uint8_t value,
    uint8_t *set, struct filter_problem *p)
{
	const struct filter_group *g;
	size_t i, j;
	uint32_t nr;

	for (i = 0; words != NULL && words[i] != NULL; i++) {
		if (words[i][0] != '@') {
			if (filter_number(words[i], &nr) == 0)
				set[nr] = value;
			else if (!lenient || words[i][0] == '#')
				return fail(p, key, words[i], "a system call "
				    "of this version", ERR_NOTFOUND);
			continue;
		}
		if ((g = find_group(words[i])) == NULL)
			return fail(p, key, words[i], "a group of system "
			    "calls", ERR_NOTFOUND);
		for (j = 0; g->calls[j] != NULL; j++)
			if (filter_number(g->calls[j], &nr) == 0)
				set[nr] = value;
	}
	return 0;
}

static int
check_words(const char *key, char *const *words, const char *const *known,
    const char *why, struct filter_problem *p)
{
	size_t i, j;

	for (i = 0; words != NULL && words[i] != NULL; i++) {
		for (j = 0; known[j] != NULL; j++)
			if (strcmp(words[i], known[j]) == 0)
				break;
		if (known[j] == NULL)
			return fail(p, key, words[i], why, ERR_NOTFOUND);
	}
	return 0;
}

/* No call of filter_never, by name or by number. */
static int
check_never(char *const *allow, struct filter_problem *p)
{
	uint32_t nr, never;
	size_t i, j;

	for (i = 0; allow != NULL && allow[i] != NULL; i++) {
		if (allow[i][0] == '@' || filter_number(allow[i], &nr) != 0)
			continue;
		for (j = 0; filter_never[j] != NULL; j++)
			if (filter_number(filter_never[j], &never) == 0 &&
			    never == nr)
				return fail(p, "syscalls.allow", allow[i],
				    "a call that a profile may allow",
				    ERR_DENIED);
	}
	return 0;
}

int
filter_expand(const struct filter_rules *r, struct filter_set *out,
    struct filter_problem *p)
{
	static const char *const families[] = { "unix", "inet", "inet6",
		"netlink", NULL };
	static const char *const protocols[] = { "tcp", "udp", "raw", NULL };
	size_t i;
	int e;

	memset(out, 0, sizeof(*out));
	if ((e = check_words("network.families", r->families, families,
	    "unix, inet, inet6 or netlink", p)) != 0 ||
	    (e = check_words("network.protocols", r->protocols, protocols,
	    "tcp, udp or raw", p)) != 0 ||
	    (e = check_never(r->allow, p)) != 0 ||
	    (e = apply("syscalls.allow", r->allow, 1, 1, out->allow, p)) != 0 ||
	    (e = apply("syscalls.deny", r->deny, 0, 0, out->allow, p)) != 0 ||
	    (e = apply("syscalls.quiet", r->quiet, 0, 1, out->quiet, p)) != 0 ||
	    (e = apply("syscalls.kill", r->kill, 0, 1, out->kill, p)) != 0)
		return e;
	for (i = 0; i < FILTER_NR_MAX; i++)
		if (out->quiet[i] || out->kill[i])
			out->allow[i] = 0;
	return 0;
}

int
filter_has_arguments(uint32_t nr)
{
	static const char *const by_family[] = { "socket", "socketpair" };
	uint32_t other;
	size_t i;

	for (i = 0; i < filter_nargs; i++)
		if (filter_number(filter_args[i].call, &other) == 0 &&
		    other == nr)
			return 1;
	for (i = 0; i < sizeof(by_family) / sizeof(by_family[0]); i++)
		if (filter_number(by_family[i], &other) == 0 && other == nr)
			return 1;
	return 0;
}
