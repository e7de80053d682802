/* landlock.c - Landlock by its three system calls. */
#include "confine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

#define FS_ABI1		(LL_FS_REFER - 1)

static int
create(uint64_t fs, uint64_t net, uint64_t scope)
{
	struct ll_ruleset_attr attr = { fs, net, scope };
	size_t size = scope != 0 ? sizeof(attr) : net != 0 ?
	    offsetof(struct ll_ruleset_attr, scoped) :
	    offsetof(struct ll_ruleset_attr, handled_net);

	return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

/* Does the kernel take a rule set with these? */
static int
takes(uint64_t fs, uint64_t net, uint64_t scope)
{
	int fd = create(fs, net, scope);

	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

void
landlock_probe(struct landlock_features *f)
{
	static const struct step {
		unsigned int	 abi;
		uint64_t	 fs, net, scope;
	} steps[] = {
		{ 1, FS_ABI1, 0, 0 },
		{ 2, LL_FS_REFER, 0, 0 },
		{ 3, LL_FS_TRUNCATE, 0, 0 },
		{ 4, 0, LL_NET_BIND_TCP | LL_NET_CONNECT_TCP, 0 },
		{ 5, LL_FS_IOCTL_DEV, 0, 0 },
		{ 6, 0, 0, LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL },
	};
	const struct step *s;
	long version;
	int whole = 1;

	*f = (struct landlock_features){ 0 };
	for (s = steps; s < steps + sizeof(steps) / sizeof(*steps); s++) {
		if (!takes(s->fs, s->net, s->scope)) {
			whole = 0;
			continue;
		}
		f->fs |= s->fs;
		f->net |= s->net;
		f->scope |= s->scope;
		if (whole)
			f->abi = s->abi;
	}
	version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LL_CREATE_VERSION);
	if (f->abi == 6 && version >= 7)
		f->abi = 7;		/* log flags only: nothing to try */
}

int
landlock_new(uint64_t fs, uint64_t net, uint64_t scope)
{
	struct landlock_features f;

	landlock_probe(&f);
	return landlock_new_known(fs, net, scope, &f);
}

int
landlock_new_known(uint64_t fs, uint64_t net, uint64_t scope,
    const struct landlock_features *f)
{
	int fd;

	fd = create(fs & f->fs, net & f->net, scope & f->scope);
	if (fd < 0)
		log_errno("landlock rule set not created");
	else
		(void)fd_set_cloexec(fd, 1);
	return fd;
}

int
landlock_allow_known(int ruleset, int fd, uint32_t mode, uint64_t access,
    const struct landlock_features *f)
{
	struct ll_path_attr attr;

	if (!S_ISDIR(mode))
		access &= LL_FS_OF_FILE;
	attr.access = access & f->fs;
	attr.parent_fd = fd;
	if (attr.access == 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, LL_RULE_PATH, &attr,
	    0) == 0)
		return 0;
	if (errno == EINVAL)
		return ERR_FORMAT;
	log_errno("landlock path rule refused");
	return ERR_SYS;
}

int
landlock_allow_fd(int ruleset, int fd, uint64_t access)
{
	struct landlock_features f;
	struct stat st;

	if (fstat(fd, &st) < 0) {
		log_errno("fstat failed fd=%d", fd);
		return ERR_SYS;
	}
	landlock_probe(&f);
	return landlock_allow_known(ruleset, fd, st.st_mode, access, &f);
}

int
landlock_allow_path(int ruleset, const char *path, uint64_t access)
{
	int fd, r;

	if ((fd = open(path, O_PATH | O_CLOEXEC)) < 0) {
		log_errno("landlock path cannot be opened path=%s", path);
		return ERR_SYS;
	}
	r = landlock_allow_fd(ruleset, fd, access);
	close(fd);
	return r;
}

int
landlock_allow_port(int ruleset, uint16_t port, uint64_t access)
{
	struct ll_port_attr attr = { access, port };

	if (syscall(SYS_landlock_add_rule, ruleset, LL_RULE_PORT, &attr,
	    0) < 0) {
		log_errno("landlock port rule refused port=%u",
		    (unsigned int)port);
		return ERR_SYS;
	}
	return 0;
}

int
landlock_enforce(int ruleset)
{
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0) {
		log_errno("landlock not enforced");
		return ERR_SYS;
	}
	return 0;
}
