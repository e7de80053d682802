/*
 * recover.c - one recording from front to back, and a mark behind what is good.
 *
 * Nothing in the file is rewritten or cut off, and nothing could be by whoever
 * took this process over while it reads: what is read cannot be written to,
 * what is written to can only be appended to, and both stay so (recover.def).
 * Without a seal nothing is written: the ledger asks again later.
 */
#include "recorder/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/role.h"
#include "record/mark.h"
#include "recorder/start.h"
#include "wire/chan.h"

#define FD_DAEMON	3
#define STATUS_START	71
#define WAIT_MS		30000		/* for slice and order */
#define LOCK_TRIES	90		/* seconds for the recorder to let go */
#define SEAL_WAIT_MS	30000
#define ANSWER_WAIT_MS	5000
#define DESCRIPTORS	16
#define ADDRESSES	(256ULL << 20)

struct recover {
	struct chan		*d, *keys;
	struct msg_slice_recover slice;
	struct msg_recover	 what;
	uint32_t		 id;
	int			 file;		/* to read; -1: there is none */
	int			 end;		/* the same, to append to */
	uint8_t			 boot_id[16];
	struct msg_recovered	 answer;
	uint8_t			 chain[SKR_DIGEST];
};

static int
get_order(struct recover *x)
{
	struct buf *b = NULL;
	struct msg m;
	int r, fd;

	if ((r = chan_slice(x->d, WAIT_MS, &b)) == 0)
		r = msg_slice_recover_get(b, &x->slice);
	buf_free(b);
	if (r != 0 || (r = chan_wait(x->d, &m, WAIT_MS)) != 0)
		return r;
	if (m.type != MSG_RECOVER || (fd = msg_take_fd(&m, 0)) < 0)
		r = ERR_FORMAT;
	else if ((x->keys = chan_new(fd, PEER_R, PEER_K)) == NULL)
		r = ERR_NOMEM;
	else if ((r = msg_recover_get(m.body, &x->what)) == 0)
		x->id = m.id;
	msg_done(&m);
	return r;
}

/* Beneath the directory of recordings, through no link. */
static int
open_beneath(const struct recover *x, int dir, uint64_t flags, int *fd,
    struct stat *st)
{
	struct open_how how = { .flags = flags | O_CLOEXEC | O_NONBLOCK |
		O_NOCTTY, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		RESOLVE_NO_MAGICLINKS };

	*fd = (int)syscall(SYS_openat2, dir, x->what.path, &how, sizeof(how));
	if (*fd < 0 && errno == ENOENT)
		return ERR_NOTFOUND;
	if (*fd < 0 || fstat(*fd, st) < 0) {
		log_errno("recording not opened path=%s", x->what.path);
		return ERR_SYS;
	}
	return S_ISREG(st->st_mode) ? 0 : ERR_FORMAT;
}

/*
 * Twice: written through a mapping can only be what is open for both, and a
 * first write lands at the front only of what need not be appended to.
 */
static int
open_file(struct recover *x)
{
	struct stat st, end;
	int dir, r;

	dir = open(x->slice.recordings, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		log_errno("recordings not opened path=%s",
		    x->slice.recordings);
		return ERR_SYS;
	}
	if ((r = open_beneath(x, dir, O_RDONLY, &x->file, &st)) == 0 &&
	    (r = open_beneath(x, dir, O_WRONLY | O_APPEND, &x->end,
	    &end)) == 0 && (st.st_dev != end.st_dev ||
	    st.st_ino != end.st_ino))
		r = ERR_CONFLICT;
	close(dir);
	return r;
}

/*
 * Its recorder holds a write lock for as long as it may still write.  A read
 * lock is all that is asked for here: who may only read the recording can
 * hold no write lock, and so keeps nobody from this.
 */
static int
wait_for_lock(struct recover *x)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct msg m;
	int i, r;

	for (i = 0; i < LOCK_TRIES; i++) {
		if (fcntl(x->file, F_OFD_SETLK, &lock) == 0)
			return 0;
		if (errno != EAGAIN && errno != EACCES) {
			log_errno("recording not locked path=%s",
			    x->what.path);
			return ERR_SYS;
		}
		/* sekishod says nothing more: this waits, and ends with it */
		r = chan_wait(x->d, &m, 1000);
		if (r != ERR_TIMEOUT) {
			if (r == 0)
				msg_done(&m);
			return r == 0 ? ERR_FORMAT : r;
		}
	}
	log_warn("recording is still in use path=%s", x->what.path);
	return ERR_TIMEOUT;
}

static int
confine(const struct recover *x, pid_t parent)
{
	struct role role = { .name = "sekisho-record", .uid = x->slice.uid,
		.gid = x->slice.gid, .chroot_dir = x->slice.empty_dir,
		.landlock = 1, .nofile = DESCRIPTORS, .fsize = UINT64_MAX,
		.as = ADDRESSES, .nproc = 0, .parent = parent,
		.filter = &role_filter_recover };

	return role_enter(&role);
}

static int
on_event(void *arg, const struct reader_event *e)
{
	(void)arg;
	(void)e;
	return 0;
}

/* Write all of it at once; the disk has it when this returns 0. */
static int
append(const struct recover *x, const uint8_t *mark)
{
	ssize_t got = write(x->end, mark, MARK_LEN);

	if (got != MARK_LEN || fdatasync(x->end) < 0) {
		log_errno("mark not written path=%s", x->what.path);
		return ERR_SYS;
	}
	return 0;
}

/* The channel is bound to this session already: one question, one answer. */
static int
get_seal(struct recover *x, const uint8_t digest[SKR_DIGEST], struct seal *s)
{
	struct msg_seal_sign ask = { .kind = SEAL_RECOVERED, .digest = {
		(uint8_t *)(uintptr_t)digest, SKR_DIGEST } };
	struct msg_sealed sealed = { 0 };
	struct msg m;
	int r;

	if ((r = chan_put_seal_sign(x->keys, 1, &ask, NULL, 0)) != 0 ||
	    (r = chan_drain(x->keys, SEAL_WAIT_MS)) != 0 ||
	    (r = chan_wait(x->keys, &m, SEAL_WAIT_MS)) != 0)
		return r;
	r = m.type == MSG_SEALED && m.id == 1 ?
	    msg_sealed_get(m.body, &sealed) : ERR_DENIED;
	if (r == 0 && sealed.signature.n == sizeof(s->signature)) {
		s->epoch = sealed.epoch;
		s->time_ns = sealed.at;
		memcpy(s->signature, sealed.signature.p,
		    sizeof(s->signature));
	} else if (r == 0)
		r = ERR_FORMAT;
	msg_sealed_free(&sealed);
	msg_done(&m);
	return r;
}

static int
put_mark(struct recover *x, struct reader *r)
{
	uint8_t mark[MARK_LEN], digest[SKR_DIGEST];
	struct seal s = { 0 };
	int e;

	if ((e = mark_make(r, x->boot_id, clock_unix_ns(), mark,
	    digest)) != 0 ||
	    (e = get_seal(x, digest, &s)) != 0 ||
	    (e = mark_seal(r, mark, &s, x->chain)) != 0)
		return e;
	return append(x, mark);
}

static enum recovery
from_why(unsigned int why)
{
	switch (why) {
	case SKR_WHY_UNFINISHED:
		return RECOVERY_UNFINISHED;
	case SKR_WHY_TORN:
		return RECOVERY_TORN;
	default:
		return RECOVERY_DAMAGED;
	}
}

/* What is in the file, and a mark unless its end is known. */
static int
judge(struct recover *x, struct reader *r)
{
	const struct reader_result *found = reader_result(r);
	struct msg_recovered *a = &x->answer;
	int e;

	a->good = found->good_bytes;
	a->found = found->size_bytes;
	a->sealed = found->sealed_bytes;
	memcpy(x->chain, found->chain, SKR_DIGEST);
	if (found->has_end) {	/* bytes behind it, if any, are a verifier's to find */
		a->result = RECOVERY_END;
		a->end_how = (uint8_t)found->end.how;
		return 0;
	}
	switch (found->state) {
	case READER_RECOVERED:	/* by one whose answer was lost */
		a->result = (uint8_t)from_why(found->mark.why);
		a->found = found->mark.found;
		memcpy(x->chain, found->mark.chain, SKR_DIGEST);
		return 0;
	case READER_UNFINISHED:
		a->result = RECOVERY_UNFINISHED;
		break;
	case READER_TORN:
		a->result = RECOVERY_TORN;
		break;
	case READER_DAMAGED:
	case READER_COMPLETE:
	case READER_READING:
	default:
		a->result = RECOVERY_DAMAGED;
		break;
	}
	if ((e = put_mark(x, r)) != 0)
		return e;
	log_info("recording recovered session=S%llu good=%llu found=%llu",
	    (unsigned long long)x->what.session, (unsigned long long)a->good,
	    (unsigned long long)a->found);
	return 0;
}

/* A file whose header is not whole never belonged to a command that ran. */
static int
no_header(struct recover *x)
{
	struct stat st;

	if (fstat(x->file, &st) < 0) {
		log_errno("recording not looked at path=%s", x->what.path);
		return ERR_SYS;
	}
	x->answer.result = RECOVERY_DAMAGED;
	x->answer.found = (uint64_t)st.st_size;
	return 0;
}

static int
look(struct recover *x)
{
	struct reader *r = NULL;
	int e;

	if ((e = reader_open(x->file, &r)) == ERR_FORMAT || e == ERR_DENIED)
		return no_header(x);
	if (e == 0 && (x->what.uuid.n != SKR_UUID || memcmp(
	    reader_head(r)->uuid, x->what.uuid.p, SKR_UUID) != 0)) {
		log_error("recording of another session path=%s",
		    x->what.path);
		e = no_header(x);
	} else if (e == 0 && (e = reader_each(r, on_event, NULL)) == 0)
		e = judge(x, r);
	reader_free(r);
	return e;
}

static void
answer(struct recover *x)
{
	x->answer.session = x->what.session;
	x->answer.chain.p = x->chain;
	x->answer.chain.n = SKR_DIGEST;
	if (chan_put_recovered(x->d, x->id, &x->answer, NULL, 0) == 0)
		(void)chan_drain(x->d, ANSWER_WAIT_MS);
}

static int
prepare(struct recover *x)
{
	int r;

	if ((r = get_order(x)) != 0)
		return r;
	role_title("sekisho-record: S%llu [recover]",
	    (unsigned long long)x->what.session);
	start_boot_id(x->boot_id);
	if ((r = start_warm_up()) != 0)
		return r;
	if ((r = open_file(x)) == ERR_NOTFOUND) {
		x->answer.result = RECOVERY_MISSING;
		return 0;
	}
	return r != 0 ? r : wait_for_lock(x);
}

int
recover_main(void)
{
	struct recover x = { .file = -1, .end = -1 };
	pid_t parent = getppid();
	int r, status = 0;

	x.answer.result = RECOVERY_FAILED;
	if ((x.d = chan_new(FD_DAEMON, PEER_R, PEER_D)) == NULL)
		return STATUS_START;
	r = prepare(&x);
	/* without the order there is nothing to answer to: our end says it */
	if (x.keys == NULL || x.what.path == NULL ||
	    (r == 0 && confine(&x, parent) != 0)) {
		log_error("cannot start error=%s", err_name(r));
		status = STATUS_START;
		goto out;
	}
	if (r == 0 && x.answer.result != RECOVERY_MISSING &&
	    (r = look(&x)) != 0)
		x.answer.result = RECOVERY_FAILED;
	if (r != 0)
		log_warn("recording not recovered path=%s error=%s",
		    x.what.path, err_name(r));
	answer(&x);
out:
	fd_close(&x.file);
	fd_close(&x.end);
	chan_free(x.keys);
	chan_free(x.d);
	msg_recover_free(&x.what);
	msg_slice_recover_free(&x.slice);
	return status;
}
