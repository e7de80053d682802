/* start.c - slice, locked memory, confinement, the keys, READY. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "confine/process.h"
#include "confine/role.h"
#include "crypt/secret.h"
#include "crypt/sha256.h"
#include "keyd/inside.h"
#include "keyd/keyd.h"

#define SLICE_WAIT_MS	30000
#define SECRETS		16384		/* bytes: a few keys of 32, and what signing needs */
#define DESCRIPTORS	(SEALS_MAX + 64)
#define ADDRESSES	(UINT64_C(2) << 30)	/* bytes: a channel reserves 192 KiB and touches few */

static int
get_slice(struct chan *d, struct msg_slice_keyd *out)
{
	struct buf *b = NULL;
	int r;

	if ((r = chan_slice(d, SLICE_WAIT_MS, &b)) == 0)
		r = msg_slice_keyd_get(b, out);
	buf_free(b);
	return r;
}

/* OpenSSL loads what it needs at the first use, with calls that are not on our list. */
static int
warm_up(void)
{
	static const uint8_t seed[ED25519_LEN];
	uint8_t digest[SHA256_LEN], public[ED25519_LEN];
	uint8_t signature[ED25519_SIGNATURE];
	struct ed25519 *k = NULL;
	struct sha256 *s = NULL;
	int r;

	if ((r = ed25519_new(seed, &k)) == 0 &&
	    (r = ed25519_public(k, public)) == 0 &&
	    (r = ed25519_sign(k, "", 0, signature)) == 0 &&
	    (r = ed25519_verify(public, "", 0, signature)) == 0 &&
	    (r = sha256_mem("", 0, digest)) == 0) {
		r = (s = sha256_new()) == NULL ? ERR_NOMEM :
		    sha256_peek(s, digest);
		sha256_free(s);
	}
	ed25519_free(k);
	return r;
}

/*
 * Private keys never reach the swap.  Where root may lock as much as it wants,
 * neither does anything else of this process (pages are locked as they are
 * touched); in a container that forbids it, the keys' own heap must do.
 */
static int
lock_memory(void)
{
	struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &none) < 0 ||
	    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0)
		log_info("only the keys are in locked memory, not the whole process");
	return secret_start(SECRETS);
}

/* load makes it; here only for a gate whose keys were taken away altogether. */
static int
make_dir(const struct msg_slice_keyd *s)
{
	struct stat st;

	if (mkdir(s->dir, 0700) == 0 && chown(s->dir, s->uid, s->gid) < 0) {
		log_errno("directory of the keys cannot be made path=%s",
		    s->dir);
		return ERR_SYS;
	}
	if (lstat(s->dir, &st) < 0) {
		log_errno("no directory of the keys path=%s", s->dir);
		return ERR_SYS;
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != s->uid ||
	    (st.st_mode & 077) != 0) {
		log_error("directory of the keys must be the account's alone (mode 0700) path=%s",
		    s->dir);
		return ERR_DENIED;
	}
	return 0;
}

static int
confine(const struct msg_slice_keyd *s, pid_t parent)
{
	struct role_path path = { .path = s->dir, .write = 1 };
	struct role role = { .name = "sekisho-keyd", .uid = s->uid,
		.gid = s->gid, .landlock = 1, .paths = &path, .npaths = 1,
		.nofile = DESCRIPTORS, .fsize = UINT64_MAX,
		.as = ADDRESSES, .nproc = 0, .parent = parent,
		.filter = &role_filter_keyd };

	return role_enter(&role);
}

static int
set_up(struct keyd *k, const struct msg_slice_keyd *s, pid_t parent)
{
	if (make_dir(s) != 0 || lock_memory() != 0 || warm_up() != 0 ||
	    confine(s, parent) != 0)
		return KEYD_CONFIG;
	return keyd_open(k, s->dir, s->gate, s->epoch_s);
}

int
keyd_main(void)
{
	struct keyd k = { .disk = { -1, -1 } };
	struct msg_slice_keyd slice = { 0 };
	pid_t parent = getppid();
	int status;

	process_ignore_signal(SIGPIPE);
	log_keep_pid();			/* getpid is not on our list */
	if ((k.d = chan_new(3, PEER_K, PEER_D)) == NULL)
		return KEYD_IOERR;
	if (get_slice(k.d, &slice) != 0) {
		log_error("no slice from sekishod");
		keyd_close(&k);
		return KEYD_CONFIG;
	}
	status = set_up(&k, &slice, parent);
	msg_slice_keyd_free(&slice);
	if (status == 0) {
		role_title("sekisho-keyd");
		status = chan_put_ready(k.d, 0, NULL, NULL, 0) != 0 ?
		    KEYD_IOERR : keyd_loop(&k);
	}
	keyd_close(&k);
	return status;
}
