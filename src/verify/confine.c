/* confine.c - privileges given up before hostile bytes are read; anybody may run this program, not only root. */
#include "verify/confine.h"

#include <linux/capability.h>
#include <stddef.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/bpf.h"
#include "confine/caps.h"
#include "confine/landlock.h"
#include "confine/process.h"
#include "confine/role.h"

static int
make_ruleset(const char *store, const char *state_dir, int *ruleset)
{
	*ruleset = landlock_new(LL_FS_ALL, LL_NET_BIND_TCP |
	    LL_NET_CONNECT_TCP, LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL);
	if (*ruleset < 0)
		return ERR_SYS;
	if (store != NULL &&
	    landlock_allow_path(*ruleset, store, LL_FS_READ) != 0)
		return ERR_SYS;
	if (state_dir != NULL && landlock_allow_path(*ruleset, state_dir,
	    LL_FS_READ_FILE | LL_FS_WRITE_FILE | LL_FS_MAKE_REG |
	    LL_FS_REMOVE_FILE | LL_FS_TRUNCATE) != 0)
		return ERR_SYS;
	return 0;
}

/* The account stays: it is the one that may read the store. */
static int
drop_rights(void)
{
	uint64_t permitted, effective, inheritable, keep = 0;
	int r;

	if ((r = caps_get(&permitted, &effective, &inheritable)) != 0)
		return r;
	keep = permitted & CAPS_BIT(CAP_DAC_READ_SEARCH);
	if ((permitted & CAPS_BIT(CAP_SETPCAP)) != 0 &&
	    ((r = caps_bound(keep)) != 0 || (r = caps_lock()) != 0))
		return r;
	return caps_set(keep, 0);
}

int
confine_verify(const char *store, const char *state_dir)
{
	int ruleset = -1, r;

	if ((r = make_ruleset(store, state_dir, &ruleset)) == 0 &&
	    (r = process_limit(RLIMIT_CORE, 0)) == 0 &&
	    (r = drop_rights()) == 0 &&
	    (r = process_undumpable()) == 0 &&
	    (r = process_no_new_privs()) == 0 &&
	    (r = landlock_enforce(ruleset)) == 0)
		r = bpf_load(role_filter_verify.insns, role_filter_verify.n);
	fd_close(&ruleset);
	if (r != 0)
		log_error("cannot confine error=%s", err_name(r));
	return r;
}
