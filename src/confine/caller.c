/* caller.c - the steps of role.c that need no privilege. */
#include "confine/caller.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/bpf.h"
#include "confine/caps.h"
#include "confine/landlock.h"
#include "confine/process.h"

static int
limit(uint64_t as)
{
	int e;

	if ((e = process_limit(RLIMIT_CORE, 0)) != 0 ||
	    (e = process_limit(RLIMIT_NPROC, 0)) != 0)
		return e;
#ifdef __SANITIZE_ADDRESS__		/* ASan maps terabytes */
	as = UINT64_MAX;
#endif
	return process_limit(RLIMIT_AS, as);
}

/* What has just been given up must not be there. */
static int
try_to_regain(void)
{
	int fd;

	if ((fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return 0;
	close(fd);
	log_error("files can be opened in spite of landlock");
	return ERR_DENIED;
}

int
caller_confine(const char *name, uint64_t as, const struct role_filter *filter)
{
	int e, ruleset;

	ruleset = landlock_new(LL_FS_ALL, LL_NET_BIND_TCP | LL_NET_CONNECT_TCP,
	    LL_SCOPE_ABSTRACT_UNIX | LL_SCOPE_SIGNAL);
	if (ruleset < 0)
		e = ERR_SYS;
	else if ((e = limit(as)) == 0 && (e = caps_set(0, 0)) == 0 &&
	    (e = process_undumpable()) == 0 &&
	    (e = process_no_new_privs()) == 0 &&
	    (e = landlock_enforce(ruleset)) == 0 &&
	    (e = try_to_regain()) == 0)
		e = bpf_load(filter->insns, filter->n);
	fd_close(&ruleset);
	if (e != 0)
		log_error("cannot confine program=%s error=%s", name,
		    err_name(e));
	return e;
}
