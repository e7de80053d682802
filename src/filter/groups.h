/*
 * groups.h - names for sets of system calls, and what some calls may be asked with.
 *
 * The tables are what an approver's "@file-read" means; a change here changes
 * the digest of every profile that uses it.
 */
#ifndef FILTER_GROUPS_H
#define FILTER_GROUPS_H

#include <stddef.h>
#include <stdint.h>

struct filter_group {
	const char		*name;		/* "@base" */
	const char *const	*calls;		/* NULL at the end */
};
extern const struct filter_group filter_groups[];
extern const size_t filter_ngroups;

/* Calls that are allowed only when an argument fits: (argument & mask) == value. */
struct filter_arg {
	const char	*call;
	unsigned int	 arg;
	uint32_t	 mask;
	uint32_t	 value;
	const char	*with;		/* NULL: always; else only when this call is allowed too */
};
extern const struct filter_arg filter_args[];
extern const size_t filter_nargs;

/* Calls no profile can allow, whatever it says. */
extern const char *const filter_never[];
/* Calls that are answered ENOSYS, so that libraries take their older way. */
extern const char *const filter_enosys[];

#endif
