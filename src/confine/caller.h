/*
 * caller.h - a program that people start themselves gives up what it does not need.
 *
 * It has no rights of ours, and its ids stay the caller's: what goes is the
 * rest of what the caller may do, before foreign bytes are read.
 */
#ifndef CONFINE_CALLER_H
#define CONFINE_CALLER_H

#include <stdint.h>

#include "confine/role.h"

/*
 * In this order: no core, at most "as" bytes of memory, no new process, no
 * capability, undumpable, no_new_privs, no path and no TCP (Landlock), the
 * filter.  0, or an error after logging which step failed: the caller must
 * exit.
 */
int caller_confine(const char *name, uint64_t as,
    const struct role_filter *filter);

#endif
