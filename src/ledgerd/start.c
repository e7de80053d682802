/* start.c - sekisho-ledgerd from its slice to its loop, and to a clean end. */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "confine/process.h"
#include "confine/role.h"
#include "crypt/selftest.h"
#include "ledgerd/backoff.h"
#include "ledgerd/disk.h"
#include "ledgerd/inside.h"
#include "ledgerd/job.h"
#include "ledgerd/ledgerd.h"
#include "ledgerd/live.h"
#include "ledgerd/recover.h"

#define SLICE_WAIT_MS	30000
#define PEOPLE_MS	100	/* uses and ends of sessions wait no longer for them */
#define PATHS_MAX	64
/* one channel for each monitor and each gateway word, and a few files */
#define DESCRIPTORS	8192

#define EX_IOERR	74
#define EX_CONFIG	78

static int
get_slice(struct chan *d, struct msg_slice_ledgerd *out)
{
	struct buf *b = NULL;
	int r;

	if ((r = chan_slice(d, SLICE_WAIT_MS, &b)) == 0)
		r = msg_slice_ledgerd_get(b, out);
	buf_free(b);
	return r;
}

/* What the libraries load at their first use is loaded before the doors close. */
static int
warm_up(const char *zone)
{
	if (zone[0] != '\0' && setenv("TZ", zone, 1) != 0)
		return ERR_NOMEM;
	tzset();
	return crypt_self_test();
}

/* Missing directories are made; load has usually done so. */
static int
make_dir(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	if (mkdir(path, mode) < 0)
		return access(path, F_OK) == 0 ? 0 : ERR_SYS;
	if (chown(path, uid, gid) < 0 || chmod(path, mode) < 0)
		return ERR_SYS;
	return 0;
}

static int
open_recordings(const struct msg_slice_ledgerd *s, int *fd)
{
	*fd = open(s->recordings, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (*fd >= 0)
		return 0;
	log_errno("recordings cannot be opened path=%s", s->recordings);
	return ERR_SYS;
}

/* From here on: this account, these places, these calls. */
static int
confine(const struct msg_slice_ledgerd *s, const char *dir, pid_t parent)
{
	static char real[PATHS_MAX][PATH_MAX];
	struct role_path paths[PATHS_MAX] = {
		{ .path = dir, .write = 1 },
		{ .path = s->heads, .write = 1 },
		{ .path = s->recordings },
		{ .path = "/usr" },
	};
	struct role role = { .name = "sekisho-ledgerd", .uid = s->uid,
		.gid = s->gid, .landlock = 1, .paths = paths,
		.npaths = 4, .nofile = DESCRIPTORS, .fsize = UINT64_MAX,
		.as = UINT64_MAX, .nproc = 0, .parent = parent,
		.filter = &role_filter_ledgerd };
	size_t i;

	for (i = 0; s->command_dirs != NULL && s->command_dirs[i] != NULL &&
	    role.npaths < PATHS_MAX; i++)
		if (realpath(s->command_dirs[i], real[role.npaths]) != NULL) {
			paths[role.npaths].path = real[role.npaths];
			role.npaths++;
		}
	return role_enter(&role);
}

/* All of it is read, unless this life of the gate has done so already. */
static int
open_store(struct ledgerd *ld, const char *path)
{
	int is_whole = whole_take(&ld->whole, path);
	int r = is_whole ? store_open_again(path, &ld->store) :
	    store_open(path, &ld->store);

	if (r == 0 && is_whole)
		log_info("database not read again: this gate's life found "
		    "it whole");
	if (r == 0)
		whole_found(&ld->whole, !is_whole);
	return r;
}

static int
set_up(struct ledgerd *ld, struct msg_slice_ledgerd *s, pid_t parent)
{
	char dir[PATH_MAX];
	int r, syslog;

	if (snprintf(dir, sizeof(dir), "%s", s->database) >= PATH_MAX)
		return EX_CONFIG;
	(void)dirname(dir);
	if (make_dir(dir, s->uid, s->gid, 0700) != 0 ||
	    make_dir(s->heads, s->uid, s->gid, 0755) != 0 ||
	    make_dir(s->recordings, 0, s->gid, 0750) != 0) {
		log_errno("directory cannot be made path=%s", dir);
		return EX_IOERR;
	}
	if (warm_up(s->zone) != 0 || open_recordings(s, &ld->recordings) != 0)
		return EX_IOERR;
	syslog = s->syslog != 0 ? keys_syslog() : -1;
	whole_begin(&ld->whole, parent);
	if (confine(s, dir, parent) != 0)
		return EX_CONFIG;
	/* opened with the rights of the account, so that it owns what is made */
	if (disk_open(dir, ld->recordings, &(struct disk_limits){
	    .warn = s->disk_warn, .refuse = s->disk_refuse,
	    .end = s->disk_end, .reserve = s->disk_reserve },
	    &ld->disk) != 0)
		return EX_IOERR;
	if ((r = open_store(ld, s->database)) != 0)
		return r == ERR_FORMAT ? EX_CONFIG : EX_IOERR;
	ld->seal_grace_s = s->seal_grace_s;
	ld->people_ms = PEOPLE_MS;
	ld->epoch_s = s->epoch_s;
	ld->command_dirs = s->command_dirs;
	s->command_dirs = NULL;
	ld->refused = refused_new(s->refused_entries_per_day);
	ld->backoff = backoff_new(s->fail_delay_ms, s->backoff_max_ms);
	if ((r = book_check(ld)) != 0 ||
	    (r = keys_new(ld, s->heads, syslog)) != 0)
		return r == ERR_FORMAT ? EX_CONFIG : EX_IOERR;
	if (ld->refused == NULL || ld->backoff == NULL || recover_new(ld) != 0 ||
	    unjudged_load(ld) != 0 || tally_load(ld) != 0 ||
	    live_load(ld, clock_unix()) != 0 ||
	    book_start(ld, s->gate) != 0)
		return EX_IOERR;
	ld->orphans_at_ms = clock_mono_ms() + 1000LL * ld->seal_grace_s;
	return 0;
}

/* Everything into the one file. */
static int
finish(struct ledgerd *ld)
{
	int r;

	if ((r = book_stop(ld)) != 0 || (r = keys_finish(ld)) != 0)
		return r;
	r = store_shut(ld->store);
	ld->store = NULL;
	return r;
}

int
ledgerd_main(void)
{
	struct ledgerd ld = { .recordings = -1 };
	struct msg_slice_ledgerd slice = { 0 };
	pid_t parent = getppid();
	int status = 0;

	process_ignore_signal(SIGPIPE);
	if ((ld.d = chan_new(3, PEER_G, PEER_D)) == NULL)
		return EX_IOERR;
	if (get_slice(ld.d, &slice) != 0) {
		log_error("no slice from sekishod");
		return EX_CONFIG;
	}
	status = set_up(&ld, &slice, parent);
	msg_slice_ledgerd_free(&slice);
	if (status == 0) {
		role_title("sekisho-ledgerd");
		if (chan_put_ready(ld.d, 0, NULL, NULL, 0) != 0 ||
		    ledgerd_loop(&ld) != 0 || finish(&ld) != 0)
			status = EX_IOERR;
	}
	/* an end like this may come from the database, and one in order lets others write to it */
	whole_end(&ld.whole);
	/* what is left goes with the process; a broken store must not be touched again */
	return status;
}
