/* sekisho.c - the keys of sekisho.conf. */
#include "config/sekisho.h"

#include <string.h>

#include "base/cidr.h"
#include "base/err.h"
#include "base/limits.h"

#define AT(member)	offsetof(struct conf_sekisho, member)
#define DAY		86400
#define KIB		1024LL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)

const struct conf_key conf_sekisho_keys[] = {
	{ "listen", CONF_TEXTS, AT(listen), "0.0.0.0:2222", 1, 8, NULL },
	{ "gate", CONF_NAME, AT(gate), "gate", 1, NAME_MAX_LEN, NULL },
	{ "zone", CONF_TEXT, AT(zone), "UTC", 1, NAME_MAX_LEN, NULL },
	{ "state_dir", CONF_PATH, AT(state_dir), "/var/lib/sekisho", 2, 1024,
	    NULL },
	{ "run_dir", CONF_PATH, AT(run_dir), "/run/sekisho", 2, 1024, NULL },
	{ "etc_dir", CONF_PATH, AT(etc_dir), "", 0, 1024, NULL },
	{ "host_keys", CONF_PATHS, AT(host_keys),
	    "/etc/sekisho/ssh_host_ed25519_key", 1, 4, NULL },
	{ "pam_service", CONF_NAME, AT(pam_service), "sekisho", 1,
	    NAME_MAX_LEN, NULL },
	{ "pam_dir", CONF_PATH, AT(pam_dir), "", 0, 1024, NULL },
	{ "login.grace", CONF_SPAN, AT(grace_s), "60s", 1, 600, NULL },
	{ "login.tries", CONF_INT, AT(tries), "3", 1, 10, NULL },
	{ "login.key_offers", CONF_INT, AT(key_offers), "20", 0, 100, NULL },
	{ "login.fail_delay", CONF_SPAN, AT(fail_delay_s), "2s", 0, 30, NULL },
	{ "login.banner", CONF_TEXT, AT(banner), "", 0, 8000, NULL },
	{ "limits.channels", CONF_INT, AT(channels), "64", 1, CHANNELS_MAX,
	    NULL },
	{ "limits.unauthenticated", CONF_INT, AT(unauthenticated), "500", 1,
	    10000, NULL },
	{ "limits.per_source", CONF_INT, AT(per_source), "20", 1, 10000, NULL },
	/* sekisho-ledgerd takes 2048 monitors, those that are ending too */
	{ "limits.connections", CONF_INT, AT(connections), "1000", 1, 2000,
	    NULL },
	{ "request.pending", CONF_SPAN, AT(pending_s), "7d", 1, 365 * DAY,
	    NULL },
	{ "request.window", CONF_SPAN, AT(window_s), "8h", 1, 365 * DAY, NULL },
	{ "request.window_max", CONF_SPAN, AT(window_max_s), "7d", 1,
	    365 * DAY, NULL },
	{ "request.uses_max", CONF_INT, AT(uses_max), "100", 1, 10000, NULL },
	{ "request.max_run", CONF_SPAN, AT(max_run_s), "4h", 1, 30 * DAY,
	    NULL },
	{ "seal_grace", CONF_SPAN, AT(seal_grace_s), "30s", 1, 600, NULL },
	/* a question every 3 s */
	{ "stall", CONF_SPAN, AT(stall_s), "30s", 5, 600, NULL },
	{ "kill_grace", CONF_SPAN, AT(kill_grace_s), "10s", 0, 600, NULL },
	{ "reload", CONF_SPAN, AT(reload_s), "30s", 1, DAY, NULL },
	{ "stop_grace", CONF_SPAN, AT(stop_grace_s), "15s", 0, 3600, NULL },
	{ "sync", CONF_SPAN, AT(sync_s), "1s", 1, 60, NULL },
	{ "command_dirs", CONF_PATHS, AT(command_dirs),
	    "/usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin", 1,
	    32, NULL },
	{ "refused_entries_per_day", CONF_INT, AT(refused_entries_per_day),
	    "10000", 1, 1000000, NULL },
	{ "input_max", CONF_SIZE, AT(input_max), "16M", 1, GIB, NULL },
	{ "rekey", CONF_SIZE, AT(rekey), "1G", MIB, 64 * GIB, NULL },
	{ "local_decisions", CONF_BOOL, AT(local_decisions), "false", 0, 1,
	    NULL },
	{ "local_door", CONF_BOOL, AT(local_door), "true", 0, 1, NULL },
	{ "syslog", CONF_BOOL, AT(syslog), "true", 0, 1, NULL },
	/* a checkpoint comes every second; a thief of the key of now can seal back to its start */
	{ "epoch", CONF_SPAN, AT(epoch_s), "1h", 1, DAY, NULL },
	{ "disk.warn", CONF_SIZE, AT(disk_warn), "75M", MIB, 1024 * GIB, NULL },
	{ "disk.refuse", CONF_SIZE, AT(disk_refuse), "50M", MIB, 1024 * GIB,
	    NULL },
	{ "disk.end", CONF_SIZE, AT(disk_end), "25M", MIB, 1024 * GIB, NULL },
	/* below a mebibyte the last entries of some hundred sessions do not fit */
	{ "disk.reserve", CONF_SIZE, AT(disk_reserve), "4M", MIB, GIB, NULL },
	{ "login.public_key", CONF_WORD, AT(public_key), "off", 0, 1,
	    "off required" },
	{ "login.backoff", CONF_SPAN, AT(backoff_s), "30s", 0, 300, NULL },
	{ "idle.connection", CONF_SPAN, AT(idle_connection_s), "1h", 0,
	    30 * DAY, NULL },
	{ "idle.terminal", CONF_SPAN, AT(idle_terminal_s), "0s", 0, 30 * DAY,
	    NULL },
	{ "keepalive.interval", CONF_SPAN, AT(keepalive_s), "60s", 0, DAY,
	    NULL },
	{ "keepalive.count", CONF_INT, AT(keepalive_count), "3", 1, 100,
	    NULL },
	/* two processes each; more than a burst of logins on two cores only costs memory */
	{ "warm.pairs", CONF_INT, AT(warm_pairs), "4", 0, 64, NULL },
	{ "warm.kits", CONF_INT, AT(warm_kits), "4", 0, 64, NULL },
	{ "penalties.auth_failed", CONF_SPAN, AT(penalty_auth_failed_s), "5s",
	    0, DAY, NULL },
	{ "penalties.no_auth", CONF_SPAN, AT(penalty_no_auth_s), "1s", 0, DAY,
	    NULL },
	{ "penalties.grace_over", CONF_SPAN, AT(penalty_grace_over_s), "20s",
	    0, DAY, NULL },
	{ "penalties.crash", CONF_SPAN, AT(penalty_crash_s), "90s", 0, DAY,
	    NULL },
	{ "penalties.min", CONF_SPAN, AT(penalty_min_s), "15s", 0, DAY, NULL },
	{ "penalties.max", CONF_SPAN, AT(penalty_max_s), "10m", 0, DAY, NULL },
	{ "penalties.exempt", CONF_TEXTS, AT(penalty_exempt), "", 0, 64,
	    NULL },
	{ "trace_time", CONF_BOOL, AT(trace_time), "false", 0, 1, NULL },
	{ "log", CONF_WORD, AT(log), "info", 0, 3, "error warn info debug" },
};
const size_t conf_sekisho_nkeys =
    sizeof(conf_sekisho_keys) / sizeof(conf_sekisho_keys[0]);

_Static_assert(sizeof(conf_sekisho_keys) / sizeof(conf_sekisho_keys[0]) <=
    CONF_SEKISHO_KEYS, "conf_sekisho.lines is too short");

int
conf_sekisho_line(const struct conf_sekisho *c, const char *name)
{
	size_t i;

	for (i = 0; i < conf_sekisho_nkeys; i++)
		if (strcmp(conf_sekisho_keys[i].name, name) == 0)
			return c->lines[i];
	return 0;
}

/* Each step of the ladder stands below the one before it, and the reserve fits below the last. */
static int
check_disk(const char *file, const struct conf_sekisho *c, struct conf_error *e)
{
	const struct {
		const char	*name, *above;
		int64_t		 value, most;
	} steps[] = {
		{ "disk.refuse", "disk.warn", c->disk_refuse, c->disk_warn },
		{ "disk.end", "disk.refuse", c->disk_end, c->disk_refuse },
		{ "disk.reserve", "disk.end", c->disk_reserve, c->disk_end },
	};
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].value > steps[i].most)
			return conf_fail(e, file,
			    conf_sekisho_line(c, steps[i].name), "%s: expected "
			    "at most %s (%lld bytes), found %lld",
			    steps[i].name, steps[i].above,
			    (long long)steps[i].most,
			    (long long)steps[i].value);
	return 0;
}

/* A network that is none would be nobody's exemption; a floor above the ceiling would switch all of it off unseen. */
static int
check_penalties(const char *file, const struct conf_sekisho *c,
    struct conf_error *e)
{
	struct cidr net;
	size_t i;

	for (i = 0; c->penalty_exempt != NULL && c->penalty_exempt[i] != NULL;
	    i++)
		if (cidr_parse(c->penalty_exempt[i], &net) != 0)
			return conf_fail(e, file,
			    conf_sekisho_line(c, "penalties.exempt"),
			    "penalties.exempt: expected an address or a "
			    "network such as 192.0.2.0/24, found \"%s\"",
			    c->penalty_exempt[i]);
	if (c->penalty_max_s != 0 && c->penalty_min_s > c->penalty_max_s)
		return conf_fail(e, file,
		    conf_sekisho_line(c, "penalties.min"), "penalties.min: "
		    "expected at most penalties.max (%llds), found %llds",
		    (long long)c->penalty_max_s, (long long)c->penalty_min_s);
	return 0;
}

static int
check(const char *file, const struct conf_sekisho *c, struct conf_error *e)
{
	int line, r;

	if ((r = check_penalties(file, c, e)) != 0)
		return r;
	if (c->window_s > c->window_max_s) {
		line = conf_sekisho_line(c, "request.window");
		return conf_fail(e, file, line, "request.window: expected at "
		    "most request.window_max (%llds), found %llds",
		    (long long)c->window_max_s, (long long)c->window_s);
	}
	if (c->per_source > c->unauthenticated) {
		line = conf_sekisho_line(c, "limits.per_source");
		return conf_fail(e, file, line, "limits.per_source: expected "
		    "at most limits.unauthenticated (%lld), found %lld",
		    (long long)c->unauthenticated, (long long)c->per_source);
	}
	return check_disk(file, c, e);
}

int
conf_sekisho_read(const char *file, const char *text, size_t n,
    struct conf_sekisho *c, struct conf_error *e)
{
	struct conf_tree *t = NULL;
	int r;

	if ((r = conf_parse(file, text, n, &t, e)) == 0 &&
	    (r = conf_read(t, conf_sekisho_keys, conf_sekisho_nkeys, c,
	    c->lines, e)) == 0 &&
	    (r = conf_defaults(file, 0, conf_sekisho_keys, conf_sekisho_nkeys,
	    c, c->lines, e)) == 0)
		r = check(file, c, e);
	conf_tree_free(t);
	return r;
}

void
conf_sekisho_free(struct conf_sekisho *c)
{
	conf_wipe(conf_sekisho_keys, conf_sekisho_nkeys, c);
}
