/* role.c - role_enter: the checklist from root to the rights of one role. */
#include "confine/role.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/bpf.h"
#include "confine/caps.h"
#include "confine/landlock.h"
#include "confine/process.h"

/* As landlock_allow_path(), without finding out again what the kernel has. */
static int
allow_path(int ruleset, const char *path, uint64_t access,
    const struct landlock_features *f)
{
	struct stat st;
	int fd, r;

	if ((fd = open(path, O_PATH | O_CLOEXEC)) < 0 || fstat(fd, &st) < 0) {
		log_errno("landlock path cannot be opened path=%s", path);
		fd_close(&fd);
		return ERR_SYS;
	}
	r = landlock_allow_known(ruleset, fd, st.st_mode, access, f);
	close(fd);
	return r;
}

/* The rule set is made while paths can still be opened.  *ruleset stays -1 when the role wants none. */
static int
make_ruleset(const struct role *r, int *ruleset)
{
	uint64_t net = LL_NET_BIND_TCP | LL_NET_CONNECT_TCP;
	uint64_t scope = LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL;
	struct landlock_features f;
	uint64_t access;
	size_t i;

	if (!r->landlock)
		return 0;
	if (r->known != NULL)
		f = *r->known;
	else
		landlock_probe(&f);
	if (r->may_bind_tcp)
		net &= ~LL_NET_BIND_TCP;
	if (r->may_connect_tcp)
		net &= ~LL_NET_CONNECT_TCP;
	if ((r->caps & CAPS_BIT(CAP_KILL)) != 0)
		scope &= ~LL_SCOPE_SIGNAL;	/* it is there to kill others */
	if ((*ruleset = landlock_new_known(LL_FS_ALL, net, scope,
	    &f)) < 0)
		return ERR_SYS;
	for (i = 0; i < r->npaths; i++) {
		access = LL_FS_READ;
		if (r->paths[i].write)
			access |= LL_FS_WRITE | LL_FS_IOCTL_DEV;
		if (r->paths[i].execute)
			access |= LL_FS_EXECUTE;
		if (allow_path(*ruleset, r->paths[i].path, access, &f) != 0)
			return ERR_SYS;
	}
	return 0;
}

/* The new root must be one that only root can put something into. */
static int
enter_chroot(const char *dir)
{
	struct stat st, root;

	if (dir == NULL)
		return 0;
	if (chdir(dir) < 0 || stat(".", &st) < 0) {
		log_errno("chroot directory not usable path=%s", dir);
		return ERR_SYS;
	}
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		log_error("chroot directory is writable by others path=%s",
		    dir);
		return ERR_DENIED;
	}
	if (chroot(".") < 0 || chdir("/") < 0 || stat("/", &root) < 0) {
		log_errno("chroot failed path=%s", dir);
		return ERR_SYS;
	}
	if (root.st_dev != st.st_dev || root.st_ino != st.st_ino) {
		log_error("root is not what it should be path=%s", dir);
		return ERR_DENIED;
	}
	return 0;
}

/* A site may allow us fewer descriptors than we want. */
static int
limit_files(uint64_t want)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0) {
		log_errno("limit of descriptors unknown");
		return ERR_SYS;
	}
	if (want != UINT64_MAX && want > now.rlim_max)
		want = now.rlim_max;
	return process_limit(RLIMIT_NOFILE, want);
}

static int
set_limits(const struct role *r)
{
	int e;

	if ((e = process_limit(RLIMIT_CORE, 0)) != 0 ||
	    (e = limit_files(r->nofile)) != 0 ||
	    (e = process_limit(RLIMIT_FSIZE, r->fsize)) != 0 ||
	    (e = process_limit(RLIMIT_NPROC, r->nproc)) != 0)
		return e;
#ifndef __SANITIZE_ADDRESS__		/* ASan maps terabytes */
	if ((e = process_limit(RLIMIT_AS, r->as)) != 0)
		return e;
#endif
	return 0;
}

static int
set_ids(const struct role *r)
{
	uid_t u[3];
	gid_t g[3];

	if (setgroups(0, NULL) < 0 ||
	    setresgid(r->gid, r->gid, r->gid) < 0 ||
	    setresuid(r->uid, r->uid, r->uid) < 0) {
		log_errno("ids not changed uid=%u gid=%u", r->uid, r->gid);
		return ERR_SYS;
	}
	if (getresuid(&u[0], &u[1], &u[2]) < 0 ||
	    getresgid(&g[0], &g[1], &g[2]) < 0 || getgroups(0, NULL) != 0 ||
	    u[0] != r->uid || u[1] != r->uid || u[2] != r->uid ||
	    g[0] != r->gid || g[1] != r->gid || g[2] != r->gid) {
		log_error("ids are not what they should be uid=%u gid=%u",
		    r->uid, r->gid);
		return ERR_DENIED;
	}
	return 0;
}

/* Nothing given up may come back: success here is a failure. */
static int
try_to_regain(const struct role *r)
{
	uint64_t permitted, effective, inheritable;
	int fd;

	if (caps_get(&permitted, &effective, &inheritable) != 0)
		return ERR_SYS;
	if (permitted != r->caps || effective != r->caps || inheritable != 0) {
		log_error("capabilities are not what they should be");
		return ERR_DENIED;
	}
	if (r->uid != 0 && (r->caps & CAPS_BIT(CAP_SETUID)) == 0 &&
	    (setresuid(0, 0, 0) == 0 || setuid(0) == 0)) {
		log_error("uid 0 can be had again");
		return ERR_DENIED;
	}
	if (r->gid != 0 && (r->caps & CAPS_BIT(CAP_SETGID)) == 0 &&
	    (setresgid(0, 0, 0) == 0 || setgroups(0, NULL) == 0)) {
		log_error("gid 0 can be had again");
		return ERR_DENIED;
	}
	if (r->landlock && r->npaths == 0 &&
	    (fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0) {
		close(fd);
		log_error("files can be opened in spite of landlock");
		return ERR_DENIED;
	}
	return 0;
}

static int
failed(const struct role *r, int e)
{
	log_error("cannot confine role=%s error=%s", r->name, err_name(e));
	return e;
}

int
role_begin_entry(const struct role *r, int *ruleset)
{
	int e;

	*ruleset = -1;
	if ((e = make_ruleset(r, ruleset)) == 0 &&
	    (e = enter_chroot(r->chroot_dir)) == 0 &&
	    (e = set_limits(r)) == 0 && (e = caps_bound(r->caps)) == 0 &&
	    (e = caps_lock()) == 0)
		return 0;
	fd_close(ruleset);
	return failed(r, e);
}

int
role_end_entry(const struct role *r, int ruleset)
{
	int e;

	if ((e = set_ids(r)) != 0 || (e = caps_set(r->caps, 0)) != 0 ||
	    (r->parent != 0 && (e = process_die_with(r->parent)) != 0) ||
	    (e = process_undumpable()) != 0 ||
	    (e = process_no_new_privs()) != 0 ||
	    (ruleset >= 0 && (e = landlock_enforce(ruleset)) != 0))
		goto out;
	fd_close(&ruleset);
	if ((e = try_to_regain(r)) != 0)
		goto out;
	if (r->filter != NULL)
		e = bpf_load(r->filter->insns, r->filter->n);
out:
	fd_close(&ruleset);
	return e == 0 ? 0 : failed(r, e);
}

int
role_enter(const struct role *r)
{
	int ruleset, e;

	if ((e = role_begin_entry(r, &ruleset)) != 0)
		return e;
	return role_end_entry(r, ruleset);
}
