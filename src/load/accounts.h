/* accounts.h - inside src/load: what the name service says about accounts and groups. */
#ifndef LOAD_ACCOUNTS_H
#define LOAD_ACCOUNTS_H

#include <stdint.h>

#include "base/limits.h"
#include "wire/msg.h"

#define ACCOUNT_WHY	128

struct account {
	char		 name[USER_MAX + 1];
	uint32_t	 uid, gid;
	char		*home, *shell;
	int		 active;		/* 0: locked or expired */
	char		 why[ACCOUNT_WHY];	/* why not active */
};

/* ERR_NOTFOUND: no such account.  "now": unix seconds.  The caller frees with account_free(). */
int account_find(const char *name, int64_t now, struct account *a);
void account_free(struct account *a);

/*
 * Is the account locked or expired, going by the fields of its shadow line?
 * A shell that lets nobody in is no lock.  NULL: it may be used.
 */
struct spwd;
const char *account_locked(const struct spwd *s, int64_t now);

/* Members of a group, those with it as primary group too.  ERR_NOTFOUND: no such group. */
int account_members(const char *group, char ***members);
/* Supplementary groups as u32 big-endian each, at most GROUPS_MAX (ERR_LIMIT). */
int account_groups(const struct account *a, struct blob *groups);

#endif
