/* send.c - the result, to sekishod: settings, slices, the sealed snapshot. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "load/listen.h"
#include "load/policy.h"
#include "wire/chan.h"

#define SEND_MS		10000	/* sekishod takes at once; longer is a fault */

#define ADDRESS_BYTES	128	/* of one address in SETTINGS */

_Static_assert(sizeof(struct sockaddr_storage) == ADDRESS_BYTES,
    "see fields.h");

/* What is sent, before it is: the digest covers all of it. */
struct result {
	struct msg_settings	 settings;
	struct buf		*slices[ROLE_KINDS];
	struct buf		*snapshot;
};

static void
result_free(struct result *res)
{
	size_t i;

	for (i = 0; i < ROLE_KINDS; i++)
		buf_free(res->slices[i]);
	buf_free(res->snapshot);
	msg_settings_free(&res->settings);
}

static int
make_settings(const struct policy *p, struct msg_settings *s)
{
	const struct conf_sekisho *c = &p->conf;
	size_t n = strv_len(c->listen), i;
	struct sockaddr_storage ss;
	int r;

	if ((s->listen.p = malloc(n * ADDRESS_BYTES)) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		if ((r = listen_parse(c->listen[i], &ss)) != 0)
			return r;
		memcpy(s->listen.p + i * ADDRESS_BYTES, &ss, sizeof(ss));
	}
	s->listen.n = n * ADDRESS_BYTES;
	s->login_grace_s = (uint32_t)c->grace_s;
	s->max_unauth = (uint32_t)c->unauthenticated;
	s->max_unauth_per_source = (uint32_t)c->per_source;
	s->max_connections = (uint32_t)c->connections;
	s->reload_s = (uint32_t)c->reload_s;
	s->seal_grace_s = (uint32_t)c->seal_grace_s;
	s->stop_grace_s = (uint32_t)c->stop_grace_s;
	s->log_level = (uint8_t)c->log;
	s->warm_pairs = (uint32_t)c->warm_pairs;
	s->warm_kits = (uint32_t)c->warm_kits;
	s->penalty_auth_failed_s = (uint32_t)c->penalty_auth_failed_s;
	s->penalty_no_auth_s = (uint32_t)c->penalty_no_auth_s;
	s->penalty_grace_over_s = (uint32_t)c->penalty_grace_over_s;
	s->penalty_crash_s = (uint32_t)c->penalty_crash_s;
	s->penalty_min_s = (uint32_t)c->penalty_min_s;
	s->penalty_max_s = (uint32_t)c->penalty_max_s;
	for (i = 0; i < strv_len(c->penalty_exempt); i++)
		if ((r = strv_add(&s->penalty_exempt,
		    c->penalty_exempt[i])) != 0)
			return r;
	return (s->door = strdup(p->door)) == NULL ? ERR_NOMEM : 0;
}

static int
add_digest(struct sha256 *sum, struct buf *b)
{
	uint32_t n = (uint32_t)buf_len(b);
	int r;

	if ((r = sha256_add(sum, &n, sizeof(n))) != 0)
		return r;
	return sha256_add(sum, buf_data(b), buf_len(b));
}

/* SHA-256 over the settings without it, the slices and the snapshot, each behind its length. */
static int
make_digest(struct result *res)
{
	struct sha256 *sum = sha256_new();
	struct buf *b = buf_new(MESSAGE_MAX);
	uint8_t *digest = malloc(SHA256_LEN);
	size_t i;
	int r = ERR_NOMEM;

	if (sum == NULL || b == NULL || digest == NULL ||
	    (r = msg_settings_put(b, &res->settings)) != 0 ||
	    (r = add_digest(sum, b)) != 0)
		goto out;
	for (i = 0; i < ROLE_KINDS; i++)
		if (res->slices[i] != NULL &&
		    (r = add_digest(sum, res->slices[i])) != 0)
			goto out;
	if ((r = add_digest(sum, res->snapshot)) != 0 ||
	    (r = sha256_peek(sum, digest)) != 0)
		goto out;
	res->settings.digest.p = digest;
	res->settings.digest.n = SHA256_LEN;
	digest = NULL;			/* now owned by the settings */
out:
	free(digest);
	buf_free(b);
	sha256_free(sum);
	return r;
}

static int
make_result(const struct policy *p, struct result *res)
{
	unsigned int kind;
	int r;

	if ((r = make_settings(p, &res->settings)) != 0)
		return r;
	for (kind = ROLE_MONITOR; kind < ROLE_KINDS; kind++) {
		if ((res->slices[kind] = buf_new(PLAN_MAX)) == NULL)
			return ERR_NOMEM;
		if ((r = policy_slice(p, (enum role_kind)kind,
		    res->slices[kind])) != 0)
			return r;
	}
	if ((res->snapshot = buf_new(SNAPSHOT_MAX)) == NULL)
		return ERR_NOMEM;
	if ((r = snapshot_put(res->snapshot, &p->snap)) != 0)
		return r;
	return make_digest(res);
}

static int
send_slices(struct chan *c, const struct result *res)
{
	struct msg_slice_for m;
	unsigned int kind;
	int r;

	for (kind = ROLE_MONITOR; kind < ROLE_KINDS; kind++) {
		m = (struct msg_slice_for){ .kind = (uint8_t)kind };
		m.body.p = (uint8_t *)(uintptr_t)buf_data(res->slices[kind]);
		m.body.n = buf_len(res->slices[kind]);
		if ((r = chan_put_slice_for(c, 0, &m, NULL, 0)) != 0)
			return r;
	}
	return 0;
}

int
policy_send(const struct policy *p, int channel)
{
	struct result res;
	struct chan *c;
	int fd = -1, r;

	memset(&res, 0, sizeof(res));
	if ((c = chan_new(channel, PEER_L, PEER_D)) == NULL)
		return ERR_NOMEM;
	if ((r = make_result(p, &res)) != 0) {
		log_error("policy cannot be encoded error=%s", err_name(r));
		goto out;
	}
	fd = fd_sealed("sekisho-snapshot", buf_data(res.snapshot),
	    buf_len(res.snapshot), 0);
	if (fd < 0)
		r = ERR_SYS;
	else if ((r = chan_put_settings(c, 0, &res.settings, NULL, 0)) == 0 &&
	    (r = send_slices(c, &res)) == 0 &&
	    (r = chan_put_loaded(c, 0, NULL, &fd, 1)) == 0)
		r = chan_drain(c, SEND_MS);
	if (r != 0)
		log_error("policy not sent error=%s", err_name(r));
out:
	fd_close(&fd);
	result_free(&res);
	chan_free(c);
	return r;
}
