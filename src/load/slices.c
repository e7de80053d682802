/* slices.c - each process's part of the configuration, and nothing more. */
#include <stdint.h>

#include "base/err.h"
#include "load/policy.h"

#define VERSION_TEXT	"OpenSSH_compatible_Sekisho"	/* after SSH-2.0- */
#define JOB_LANG	"C.UTF-8"
#define REFUSALS_SHOWN	20	/* texts about refused calls on the operator's screen, one job */

static uint32_t
u32(int64_t v)
{
	return (uint32_t)v;		/* bounded by conf_sekisho_keys */
}

/* The messages only borrow: what a message struct wants to own stays the policy's. */
static char *
borrow(const char *s)
{
	return (char *)(uintptr_t)s;
}

static int
monitor_slice(const struct policy *p, struct buf *b)
{
	const struct conf_sekisho *c = &p->conf;
	const struct msg_slice_monitor m = {
		.pam_service = c->pam_service, .pam_dir = c->pam_dir,
		.fail_delay_ms = u32(c->fail_delay_s * 1000),
		.max_tries = u32(c->tries),
		.max_key_offers = u32(c->key_offers),
		.max_channels = u32(c->channels),
		.seal_grace_s = u32(c->seal_grace_s),
		.stall_s = u32(c->stall_s),
		.kill_grace_s = u32(c->kill_grace_s),
		.recordings = borrow(p->recordings), .record_gid = p->led[1],
		.hide = p->hide, .zone = c->zone, .lang = borrow(JOB_LANG),
		.gate = c->gate, .stop_grace_s = u32(c->stop_grace_s),
		.public_key = (uint8_t)c->public_key,
		.backoff_max_ms = u32(c->backoff_s * 1000),
		.idle_connection_s = u32(c->idle_connection_s),
		.idle_terminal_s = u32(c->idle_terminal_s),
		.trace_time = (uint8_t)c->trace_time,
		.login_grace_s = u32(c->grace_s),
	};

	return msg_slice_monitor_put(b, &m);
}

static int
net_slice(const struct policy *p, struct buf *b)
{
	const struct conf_sekisho *c = &p->conf;
	const struct msg_slice_net m = {
		.host_keys = c->host_keys, .version = borrow(VERSION_TEXT),
		.banner = c->banner, .uid = p->net[0], .gid = p->net[1],
		.empty_dir = borrow(p->empty_dir),
		.max_channels = u32(c->channels),
		.max_key_offers = u32(c->key_offers),
		.rekey_bytes = (uint64_t)c->rekey,
		.public_key = (uint8_t)c->public_key,
		.keepalive_s = u32(c->keepalive_s),
		.keepalive_count = u32(c->keepalive_count),
	};

	return msg_slice_net_put(b, &m);
}

static int
record_slice(const struct policy *p, struct buf *b)
{
	const struct msg_slice_record m = {
		.uid = p->rec[0], .gid = p->rec[1],
		.empty_dir = borrow(p->empty_dir),
		.sync_ms = u32(p->conf.sync_s * 1000),
		.seal_grace_s = u32(p->conf.seal_grace_s),
	};

	return msg_slice_record_put(b, &m);
}

static int
exec_slice(const struct policy *p, struct buf *b)
{
	const struct msg_slice_exec m = {
		.input_max = (uint64_t)p->conf.input_max,
		.max_refusals_shown = REFUSALS_SHOWN,
	};

	return msg_slice_exec_put(b, &m);
}

static int
ledgerd_slice(const struct policy *p, struct buf *b)
{
	const struct conf_sekisho *c = &p->conf;
	const struct msg_slice_ledgerd m = {
		.database = borrow(p->database),
		.recordings = borrow(p->recordings),
		.uid = p->led[0], .gid = p->led[1],
		.command_dirs = c->command_dirs,
		.seal_grace_s = u32(c->seal_grace_s),
		.refused_entries_per_day = u32(c->refused_entries_per_day),
		.zone = c->zone, .gate = c->gate,
		.heads = borrow(p->heads), .syslog = (uint8_t)c->syslog,
		.disk_warn = (uint64_t)c->disk_warn,
		.disk_refuse = (uint64_t)c->disk_refuse,
		.disk_end = (uint64_t)c->disk_end,
		.disk_reserve = (uint64_t)c->disk_reserve,
		.backoff_max_ms = u32(c->backoff_s * 1000),
		.epoch_s = u32(c->epoch_s),
		.fail_delay_ms = u32(c->fail_delay_s * 1000),
	};

	return msg_slice_ledgerd_put(b, &m);
}

static int
word_slice(const struct policy *p, struct buf *b)
{
	const struct msg_slice_word m = {
		.uid = p->sh[0], .gid = p->sh[1],
		.empty_dir = borrow(p->empty_dir), .zone = p->conf.zone,
	};

	return msg_slice_word_put(b, &m);
}

static int
keyd_slice(const struct policy *p, struct buf *b)
{
	const struct msg_slice_keyd m = {
		.uid = p->key[0], .gid = p->key[1], .dir = borrow(p->keys),
		.gate = p->conf.gate, .epoch_s = u32(p->conf.epoch_s),
	};

	return msg_slice_keyd_put(b, &m);
}

static int
recover_slice(const struct policy *p, struct buf *b)
{
	const struct msg_slice_recover m = {
		.uid = p->rec[0], .gid = p->rec[1],
		.recordings = borrow(p->recordings),
		.empty_dir = borrow(p->empty_dir),
	};

	return msg_slice_recover_put(b, &m);
}

int
policy_slice(const struct policy *p, enum role_kind kind, struct buf *body)
{
	switch (kind) {
	case ROLE_MONITOR:
		return monitor_slice(p, body);
	case ROLE_NET:
		return net_slice(p, body);
	case ROLE_RECORD:
		return record_slice(p, body);
	case ROLE_EXEC:
		return exec_slice(p, body);
	case ROLE_LEDGERD:
		return ledgerd_slice(p, body);
	case ROLE_WORD:
		return word_slice(p, body);
	case ROLE_KEYD:
		return keyd_slice(p, body);
	case ROLE_RECOVER:
		return recover_slice(p, body);
	case ROLE_LOAD:
	case ROLE_KINDS:
		break;
	}
	return ERR_INTERNAL;
}
