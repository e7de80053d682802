/*
 * role.h - from root to the rights of one role: the same checklist in every process.
 *
 * role_enter() does, in this order, and stops at the first step that fails:
 * paths opened for Landlock; chroot (root-owned, nobody else's to write);
 * rlimits; bounding set; securebits locked; groups, gid, uid; capabilities;
 * PDEATHSIG with getppid compared, DUMPABLE; no_new_privs; Landlock; try to
 * get rights back (the filter would kill the attempt); seccomp.
 * Descriptors are not its business: the starter gave only those of the map in
 * bastion/README.md.
 */
#ifndef CONFINE_ROLE_H
#define CONFINE_ROLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What may be done beneath a path (Landlock); no path: nothing at all. */
struct role_path {
	const char	*path;		/* missing paths are an error */
	int		 write;		/* 0: read files and directories; 1: also create, write, remove, rename */
	int		 execute;	/* 1: run files */
};

struct landlock_features;

struct role {
	const char	*name;		/* "sekisho-net": for logs */
	uint32_t	 uid, gid;	/* 0, 0: stays root */
	const char	*chroot_dir;	/* NULL: none */
	uint64_t	 caps;		/* bit n: capability n stays permitted and effective; everything else leaves the bounding set too */
	int		 landlock;	/* 1: restrict the file system to "paths" */
	const struct role_path *paths;
	size_t		 npaths;
	const struct landlock_features *known;	/* what the kernel has; NULL: found out by trying */
	int		 may_bind_tcp, may_connect_tcp;	/* when landlock and the kernel knows it (ABI 4) */
	uint64_t	 nofile, fsize, as, nproc;	/* rlimits; UINT64_MAX: leave alone; nofile: at most what is allowed now.  core is always 0 */
	pid_t		 parent;	/* expected getppid(); 0: not compared, no PDEATHSIG (sekishod) */
	const struct role_filter *filter;	/* NULL only where TRUST.md says why */
};

struct role_filter {
	const char	*name;
	const void	*insns;		/* struct sock_filter[] */
	size_t		 n;
	unsigned int	 calls;		/* lines of the .def, checked against its ceiling */
};

/* 0, or an error after logging which step failed: the caller must exit. */
int role_enter(const struct role *r);
/*
 * The same in two halves, for who can do the first while it waits: paths,
 * chroot, rlimits, bounding set, securebits; then the rest.  *ruleset is the
 * first's word to the second, which closes it; -1 after a failure.
 */
int role_begin_entry(const struct role *r, int *ruleset);
int role_end_entry(const struct role *r, int ruleset);

/* Filters compiled from policy/role/NAME.def. */
extern const struct role_filter role_filter_sekishod, role_filter_load,
    role_filter_monitor, role_filter_net, role_filter_record,
    role_filter_exec, role_filter_init, role_filter_ledgerd,
    role_filter_sekisho, role_filter_keyd, role_filter_recover,
    role_filter_verify;

/*
 * The uniform beginning of a child's main: argv checked (--version, --help;
 * refuses to run by hand without a channel on 3), signals reset, log named,
 * umask 077.
 */
void role_begin(const char *name, int argc, char **argv);
/*
 * The memory of argv and environ is where ps reads the title: both are copied
 * away.  role_begin() does it; only a program without it calls this, first.
 */
void role_title_claim(int argc, char **argv);
/* Title in ps: "sekisho-monitor: alice [priv]".  role_begin() must have run.  Text is escaped. */
void role_title(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
