/*
 * policy.h - inside src/load: everything that was read, and what is made of it.
 *
 * One struct from the files to the messages; each step below adds its part
 * and says in "error" what is wrong, as FILE:LINE and one sentence.
 */
#ifndef LOAD_POLICY_H
#define LOAD_POLICY_H

#include <limits.h>

#include "config/error.h"
#include "config/people.h"
#include "config/sekisho.h"
#include "wire/msg.h"
#include "wire/snapshot.h"

struct policy {
	char			 conf_file[PATH_MAX];	/* sekisho.conf */
	char			 dir[PATH_MAX];		/* where it is */
	char			 roles_file[PATH_MAX], approval_file[PATH_MAX];
	char			 profiles_dir[PATH_MAX];
	struct conf_sekisho	 conf;
	struct conf_roles	 roles;
	struct conf_approval	 approval;
	char			**abstract;	/* profiles only to inherit from */
	struct snapshot		 snap;
	struct conf_error	 error;
	char			**warnings;	/* not wrong, but probably not meant */
	uint32_t		 net[2], rec[2], led[2], sh[2], key[2];	/* uid, gid */
	char			 state_dir[PATH_MAX], run_dir[PATH_MAX];
	char			 database[PATH_MAX], recordings[PATH_MAX];
	char			 empty_dir[PATH_MAX];
	char			 keys[PATH_MAX], heads[PATH_MAX];
	char			 door[PATH_MAX];	/* "": none */
	char			**hide;
};

/* All steps.  ERR_FORMAT: p->error says what; anything else was logged.  Free with policy_free() in any case. */
int policy_load(const char *conf_file, struct policy *p);
void policy_free(struct policy *p);

/* The steps, in this order. */
int policy_files(struct policy *p);	/* files.c: sekisho, roles, approval */
int policy_people(struct policy *p);	/* people.c: snap.people */
int policy_keys(struct policy *p);	/* keys.c: snap.keys */
int policy_profiles(struct policy *p);	/* profiles.c: snap.profiles */
int policy_rules(struct policy *p);	/* rules.c: snap.rules, snap.runas */
int policy_places(struct policy *p);	/* places.c: system accounts, paths */

/* Adds to p->warnings, "FILE:LINE: ..." */
int policy_warn(struct policy *p, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Grow an array of "size" elements by one, zeroed; NULL: no memory. */
void *policy_grow(void **list, size_t *n, size_t size);

/* Makes what is missing of state_dir and run_dir. */
int policy_make_places(struct policy *p);

/* slices.c: the body of the slice for a kind, as a message slice_KIND. */
int policy_slice(const struct policy *p, enum role_kind kind, struct buf *body);
/* send.c: SETTINGS, SLICE_FOR of each kind, LOADED with the snapshot, over a channel, which is closed. */
int policy_send(const struct policy *p, int fd);
/* print.c: the policy as JSON for people, to standard output. */
int policy_print(const struct policy *p);
/* list.c: settings, people, accounts and warnings as lines for scripts. */
int policy_list(const struct policy *p);

#endif
