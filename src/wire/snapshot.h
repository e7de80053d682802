/*
 * snapshot.h - the sealed result of sekisho-load: people, accounts, rules, profiles, keys.
 *
 * File: frames of msg.h in this order: SNAP_HEAD, then SNAP_PERSON,
 * SNAP_RUNAS, SNAP_RULE, SNAP_PROFILE, SNAP_KEY in any number (each kind
 * sorted by name, so that equal policy gives equal bytes; keys of one person
 * as in the file), SNAP_END.  The digest of a
 * snapshot is SHA-256 over the whole file.
 */
#ifndef WIRE_SNAPSHOT_H
#define WIRE_SNAPSHOT_H

#include "wire/msg.h"

#define SNAPSHOT_MAX	(16U << 20)	/* bytes of the file */

struct snapshot {
	struct msg_snap_head	 head;
	struct msg_snap_person	*people;
	struct msg_snap_runas	*runas;
	struct msg_snap_rule	*rules;
	struct msg_snap_profile	*profiles;
	struct msg_snap_key	*keys;
	size_t			 npeople, nrunas, nrules, nprofiles, nkeys;
	uint64_t		 serial;	/* given by sekishod */
};

/*
 * Read from a memfd that must be sealed (ERR_DENIED when it is not): the
 * offset of "fd" is not used.  The caller frees with snapshot_free() and
 * keeps "fd".
 */
int snapshot_read(int fd, uint64_t serial, struct snapshot **out);
/* The same from memory. */
int snapshot_parse(const uint8_t *p, size_t n, uint64_t serial,
    struct snapshot **out);
/* Append the whole file's bytes to "b" (sekisho-load; lists already sorted). */
int snapshot_put(struct buf *b, const struct snapshot *s);
void snapshot_free(struct snapshot *s);
/* What is in it, for one that is part of another struct. */
void snapshot_wipe(struct snapshot *s);

/* The roles by the names people read; ends with bit 0. */
struct role_name {
	uint32_t	 bit;	/* enum person_role */
	const char	*name;
};
extern const struct role_name snapshot_roles[];

/* NULL: there is none. */
const struct msg_snap_person *snapshot_person(const struct snapshot *s, const char *name);
const struct msg_snap_runas *snapshot_runas(const struct snapshot *s, const char *name);
const struct msg_snap_rule *snapshot_rule(const struct snapshot *s, const char *profile);
const struct msg_snap_profile *snapshot_profile(const struct snapshot *s, const char *name);
/* Is this key (its whole bytes) one of the person's? */
int snapshot_has_key(const struct snapshot *s, const char *person, const struct blob *key);

#endif
