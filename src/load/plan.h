/* plan.h - inside src/load: a profile as written, made into what launcher, approver and kernel need. */
#ifndef LOAD_PLAN_H
#define LOAD_PLAN_H

#include "config/profile.h"
#include "filter/filter.h"
#include "wire/msg.h"

/* "file": of the profile, for errors. */
int plan_make(const char *file, const struct conf_profile *c,
    const struct filter_set *set, struct msg_plan *plan,
    struct conf_error *e);

/* Canonical JSON of the expanded profile: what an approver reads and a request pins.  The caller frees with str_wipe(). */
int plan_json(const struct conf_profile *c, const struct filter_set *set,
    char **json, size_t *n);

/* Number of a capability without "cap_"; -1: unknown; -2: one that would undo the sandbox. */
int plan_capability(const char *name);

#endif
