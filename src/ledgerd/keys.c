/* keys.c - the channel to keyd: who it is, when it is away, what must stop then. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypt/sha256.h"
#include "ledgerd/keys_inside.h"
#include "ledgerd/verify.h"

#define TURN	16	/* messages before others have theirs */

enum { BEFORE_KEYS = 1, AFTER_KEYS = 2 };

static void
lost(struct keys *k)
{
	chan_free(k->chan);
	k->chan = NULL;
	k->is_known = k->is_deaf = k->is_asked = 0;
	k->is_due = 1;
	k->waiting.nr = 0;	/* told again on the next channel */
	if (k->unsigned_ms == 0)
		k->unsigned_ms = clock_mono_ms();
}

int
keys_new(struct ledgerd *ld, const char *dir, int syslog)
{
	struct keys *k;

	if ((k = calloc(1, sizeof(*k))) == NULL) {
		fd_close(&syslog);
		return ERR_NOMEM;
	}
	ld->keys = k;
	k->syslog = syslog;
	k->file = k->dir = -1;
	k->is_due = 1;
	k->unsigned_ms = clock_mono_ms();
	if (strlen(dir) >= sizeof(k->path) - NAME_MAX_LEN)
		return ERR_LIMIT;
	memcpy(k->path, dir, strlen(dir) + 1);
	k->dir = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (k->dir < 0) {
		log_errno("heads cannot be kept path=%s", dir);
		return ERR_SYS;
	}
	return epochs_load(ld);
}

void
keys_free(struct keys *k)
{
	if (k == NULL)
		return;
	chan_free(k->chan);
	fd_close(&k->file);
	fd_close(&k->dir);
	fd_close(&k->syslog);
	free(k);
}

int
on_bind_keys(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct msg_bind_keys b;
	int fd, r;

	if ((r = msg_bind_keys_get(m->body, &b)) != 0)
		return r;
	if ((fd = msg_take_fd(m, 0)) < 0)
		return ERR_FORMAT;
	if (ld->keys == NULL) {
		fd_close(&fd);
		return 0;
	}
	lost(ld->keys);
	ld->keys->chan = chan_new(fd, PEER_G, PEER_K);
	return ld->keys->chan == NULL ? ERR_NOMEM : 0;
}

static int
set_wrong(struct keys *k, const char *why)
{
	log_error("the keys and the ledger do not belong together reason=%s",
	    why);
	(void)snprintf(k->wrong, sizeof(k->wrong), "%s", why);
	k->is_deaf = 1;
	return 0;
}

/* The first message: are these the keys of this ledger, and is it the ledger they signed last? */
static int
on_keys(void *ctx, struct msg *m)
{
	struct ledgerd *ld = ctx;
	struct keys *k = ld->keys;
	struct msg_keys b = { 0 };
	int r;

	if ((r = msg_keys_get(m->body, &b)) != 0)
		return r;
	if (!note_origin_is_good(b.origin) || b.log_key.n != NOTE_KEY ||
	    (b.size != 0 && b.root.n != TREE_HASH) || b.size > INT64_MAX) {
		r = ERR_FORMAT;
		goto out;
	}
	k->wrong[0] = '\0';
	if (k->last.nr != 0 && (strcmp(b.origin, k->origin) != 0 ||
	    !sha256_equal(b.log_key.p, k->log_key))) {
		r = set_wrong(k, "the gate's keys are not those of its ledger");
		goto out;
	}
	/* one more may be still to come, or its ACK was lost */
	if (b.epoch < k->last.nr || b.epoch > k->last.nr + 1) {
		r = set_wrong(k, "the keys' epoch does not follow the "
		    "ledger's last one");
		goto out;
	}
	memcpy(k->origin, b.origin, strlen(b.origin) + 1);
	memcpy(k->log_key, b.log_key.p, NOTE_KEY);
	k->size = b.size;
	if (b.size != 0)
		memcpy(k->root, b.root.p, TREE_HASH);
	if ((r = heads_compare(ld)) != 0)
		r = r == ERR_DENIED ? set_wrong(k, "the ledger is not the one "
		    "whose head was signed last") : r;
	else
		k->is_known = 1;
	log_info("keys are there origin=%s epoch=%u signed=%llu", b.origin,
	    b.epoch, (unsigned long long)b.size);
out:
	msg_keys_free(&b);
	return r;
}

static int
dispatch(struct ledgerd *ld, struct msg *m)
{
	static const struct msg_rule rules[] = {
		{ BEFORE_KEYS,	MSG_KEYS,		on_keys },
		{ AFTER_KEYS,	MSG_EPOCH,		on_epoch },
		{ AFTER_KEYS,	MSG_HEAD_SIGNED,	on_head_signed },
		{ AFTER_KEYS,	MSG_REFUSED,		on_head_refused },
	};

	/* what keys say that do not fit is not listened to */
	if (ld->keys->is_deaf)
		return 0;
	return msg_dispatch(rules, sizeof(rules) / sizeof(rules[0]),
	    ld->keys->is_known ? AFTER_KEYS : BEFORE_KEYS, ld, m);
}

int
keys_dir(const struct ledgerd *ld)
{
	return ld->keys == NULL ? -1 : ld->keys->dir;
}

int
keys_fd(const struct ledgerd *ld)
{
	return ld->keys == NULL || ld->keys->chan == NULL ? -1 :
	    chan_fd(ld->keys->chan);
}

short
keys_events(const struct ledgerd *ld)
{
	return keys_fd(ld) < 0 ? 0 : chan_events(ld->keys->chan);
}

/*
 * Nobody binds a channel anew that was given up for want of memory: this
 * process ends and is started again, and its keys with it.
 */
static int
is_passing(int r)
{
	if (r != ERR_NOMEM && r != ERR_CRYPTO)
		return 0;
	log_error("what the keys say cannot be worked on error=%s",
	    err_name(r));
	return 1;
}

int
keys_serve(struct ledgerd *ld, short revents)
{
	struct keys *k = ld->keys;
	struct msg m;
	int i, r = 0;

	if (keys_fd(ld) < 0 || revents == 0)
		return 0;
	if ((revents & POLLOUT) != 0)
		r = chan_flush(k->chan);
	for (i = 0; i < TURN && r == 0; i++) {
		if ((r = chan_recv(k->chan, &m)) != 0)
			break;
		r = dispatch(ld, &m);
		msg_done(&m);
	}
	if (k->is_fatal || store_is_broken(ld->store))
		return ERR_SYS;
	if (is_passing(r))
		return r;
	if (r != 0 && r != 1) {
		log_warn("keys are away error=%s", err_name(r));
		lost(k);
	}
	return 0;
}

void
keys_grew(struct ledgerd *ld)
{
	if (ld->keys != NULL)
		ld->keys->is_due = 1;
}

static int
later(int64_t at)
{
	int64_t left = at - clock_mono_ms();

	return left < 0 ? 0 : (int)left;
}

int
keys_wait_ms(const struct ledgerd *ld)
{
	const struct keys *k = ld->keys;
	int head = -1, epoch = -1;

	if (keys_fd(ld) < 0 || !k->is_known)
		return -1;
	if (k->is_due && !k->is_asked)
		head = later(k->next_ms);
	if (k->waiting.nr != 0)
		epoch = later(k->epoch_try_ms);
	return epoch < 0 || (head >= 0 && head < epoch) ? head : epoch;
}

int
keys_due(struct ledgerd *ld)
{
	struct keys *k = ld->keys;
	int r = 0;

	if (keys_fd(ld) < 0 || !k->is_known)
		return 0;
	if (k->waiting.nr != 0 && later(k->epoch_try_ms) == 0)
		r = epochs_write(ld);
	if (r == 0 && k->is_due && !k->is_asked && later(k->next_ms) == 0)
		r = heads_ask(ld);
	if (k->is_fatal || store_is_broken(ld->store))
		return ERR_SYS;
	if (is_passing(r))
		return r;
	if (r != 0) {
		log_warn("keys are away error=%s", err_name(r));
		lost(k);
	}
	return 0;
}

int
keys_finish(struct ledgerd *ld)
{
	struct keys *k = ld->keys;
	int64_t end = clock_mono_ms() + LAST_HEAD_MS, left;
	struct pollfd fd;
	int r = 0, wait;

	while (r == 0 && keys_fd(ld) >= 0 && k->is_known &&
	    (k->is_due || k->is_asked) &&
	    (left = end - clock_mono_ms()) > 0) {
		wait = keys_wait_ms(ld);
		if (wait < 0 || wait > left)
			wait = (int)left;
		fd = (struct pollfd){ keys_fd(ld), keys_events(ld), 0 };
		if (poll(&fd, 1, wait) < 0 && errno != EINTR) {
			log_errno("poll failed");
			return ERR_SYS;
		}
		if ((r = keys_serve(ld, fd.revents)) == 0)
			r = keys_due(ld);
	}
	if (r == 0 && k != NULL && (k->is_due || k->is_asked))
		log_warn("the last entries are covered by no head signed=%llu",
		    (unsigned long long)k->size);
	return r;
}

int
keys_may_file(const struct ledgerd *ld, struct req_refusal *why)
{
	if (ld->keys == NULL || ld->keys->wrong[0] == '\0')
		return 0;
	return req_refuse(why, SEKISHO_CODE_UNAVAILABLE, "",
	    "%s, nothing new starts: tell an administrator", ld->keys->wrong);
}

int
keys_may_start(const struct ledgerd *ld, struct req_refusal *why)
{
	int r;

	if ((r = keys_may_file(ld, why)) != 0 || ld->keys == NULL)
		return r;
	if (ld->keys->unsigned_ms == 0 || clock_mono_ms() -
	    ld->keys->unsigned_ms <= 1000LL * ld->seal_grace_s)
		return 0;
	return req_refuse(why, SEKISHO_CODE_UNAVAILABLE, "",
	    "the gate's keys cannot be reached, nothing new starts");
}

void
keys_tell(const struct ledgerd *ld, struct keys_facts *out)
{
	const struct keys *k = ld->keys;

	memset(out, 0, sizeof(*out));
	out->wrong = "";
	if (k == NULL)
		return;
	out->wrong = k->wrong;
	out->unsigned_ms = k->unsigned_ms == 0 ? 0 :
	    clock_mono_ms() - k->unsigned_ms;
	out->size = k->size;
	out->head_at = k->head_at;
	out->ahead_ns = k->ahead_ns;
	out->epoch = k->last.nr;
	out->epoch_start = k->last.start;
}
