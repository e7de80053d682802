/* status_metrics.c - the status for Prometheus: one table of metrics, no label that names a person. */
#include "cli/status.h"

#include <inttypes.h>
#include <string.h>

#include "cli/out.h"

static const struct metric {
	const char	*name, *type, *help;
	const char	*part, *key;	/* part "": the document itself */
	int		 is_ms;		/* given in seconds */
} metrics[] = {
	{ "uptime_seconds", "gauge", "Since the gate opened.", "", "uptime_s", 0 },
	{ "ledger_uptime_seconds", "gauge", "Since sekisho-ledgerd started.", "", "ledger_uptime_s", 0 },
	{ "connections", "gauge", "Connections now.", "connections", "open", 0 },
	{ "connections_unauthenticated", "gauge", "Those before their login.", "connections", "unauthenticated", 0 },
	{ "connections_taken_total", "counter", "Connections taken since the gate opened.", "connections", "taken", 0 },
	{ "connections_refused_total", "counter", "Connections refused for want of room.", "connections", "refused", 0 },
	{ "penalised_sources", "gauge", "Sources that are kept out now.", "connections", "penalised_sources", 0 },
	{ "penalty_refused_total", "counter", "Connections of penalised sources turned away.", "connections", "penalty_refused", 0 },
	{ "logins_failed_total", "counter", "Logins that failed.", "connections", "login_failed", 0 },
	{ "login_grace_over_total", "counter", "Connections cut because no login came.", "connections", "grace_over", 0 },
	{ "kits", "gauge", "Recorders and launchers at work.", "connections", "kits", 0 },
	{ "warm_pairs", "gauge", "Processes that wait for a connection.", "connections", "warm_pairs", 0 },
	{ "warm_kits", "gauge", "Processes that wait for a command.", "connections", "warm_kits", 0 },
	{ "sessions_running", "gauge", "Sessions that run.", "sessions", "running", 0 },
	{ "session_oldest_seconds", "gauge", "For how long the oldest of them has run.", "sessions", "oldest_s", 0 },
	{ "requests_waiting", "gauge", "Requests that wait for a decision.", "requests", "waiting", 0 },
	{ "jobs_unjudged", "gauge", "Jobs without a verdict.", "reviews", "unjudged", 0 },
	{ "jobs_queued", "gauge", "Jobs that are over and wait for their verdict (of the oldest 500).", "reviews", "queued", 0 },
	{ "job_oldest_seconds", "gauge", "Since the oldest queued job was opened.", "reviews", "oldest_s", 0 },
	{ "disk_free_bytes", "gauge", "Room on the disk of ledger and recordings.", "disk", "free", 0 },
	{ "disk_growth_bytes_per_day", "gauge", "How much ledger and recordings grow.", "disk", "growth_per_day", 0 },
	{ "disk_days_left", "gauge", "Until nothing new starts, at that growth.", "disk", "days_left", 0 },
	{ "ledger_entries", "gauge", "Entries of the ledger.", "ledger", "entries", 0 },
	{ "ledger_bytes", "gauge", "Bytes of the ledger's database.", "ledger", "bytes", 0 },
	{ "head_entries", "gauge", "Entries that the newest signed head covers.", "head", "size", 0 },
	{ "head_age_seconds", "gauge", "Since the newest head was signed.", "head", "age_s", 0 },
	{ "head_uncovered_entries", "gauge", "Entries that no head covers yet.", "head", "uncovered", 0 },
	{ "epoch", "gauge", "Number of the keys' epoch.", "epoch", "nr", 0 },
	{ "epoch_age_seconds", "gauge", "Since it began.", "epoch", "age_s", 0 },
	{ "epoch_life_seconds", "gauge", "How old an epoch gets.", "epoch", "life_s", 0 },
	{ "clock_keyd_ahead_seconds", "gauge", "The keys' clock before the ledger's.", "clock", "keyd_ahead_ms", 1 },
	{ "clock_steps_total", "counter", "How often the clock was set by two seconds or more.", "clock", "steps", 0 },
};

static void
head(struct cli *c, const char *name, const char *type, const char *help)
{
	out_printf(c->out, "# HELP sekisho_%s %s\n# TYPE sekisho_%s %s\n", name,
	    help, name, type);
}

static void
number(struct cli *c, const struct metric *m, const json_t *v)
{
	const json_t *o = m->part[0] == '\0' ? v : json_object_get(v, m->part);
	const json_t *x = json_object_get(o, m->key);
	int64_t n = (int64_t)json_integer_value(x);

	if (!json_is_integer(x))
		return;
	head(c, m->name, m->type, m->help);
	if (!m->is_ms)
		out_printf(c->out, "sekisho_%s %" PRId64 "\n", m->name, n);
	else
		out_printf(c->out, "sekisho_%s %s%" PRId64 ".%03" PRId64 "\n",
		    m->name, n < 0 ? "-" : "", (n < 0 ? -n : n) / 1000,
		    (n < 0 ? -n : n) % 1000);
}

/* One of a fixed set is 1. */
static void
choice(struct cli *c, const char *name, const char *label,
    const char *const *set, const char *is)
{
	for (; *set != NULL; set++)
		out_printf(c->out, "sekisho_%s{%s=\"%s\"} %d\n", name, label,
		    *set, strcmp(*set, is) == 0);
}

static int
has(const json_t *list, const char *what)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (strcmp(field_str(json_array_get(list, i), "what"),
		    what) == 0)
			return 1;
	return 0;
}

static void
codes(struct cli *c, const json_t *counts, const char *name)
{
	unsigned int i;

	for (i = 0; i < SEKISHO_CODES; i++) {
		const char *word = sekisho_code_word((enum sekisho_code)i);

		out_printf(c->out, "sekisho_%s{code=\"%s\"} %" PRId64 "\n",
		    name, word, field_int(counts, word));
	}
}

void
status_prometheus(struct cli *c, const json_t *v)
{
	static const char *const levels[] = { "fine", "warn", "refuse", "end",
		NULL };
	static const char *const whats[] = { "clock", "disk", "drain", "keys",
		"reviews", NULL };
	const json_t *refusals = json_object_get(v, "refusals");
	size_t i;

	head(c, "attention", "gauge", "1: something needs attention.");
	for (i = 0; whats[i] != NULL; i++)
		out_printf(c->out, "sekisho_attention{what=\"%s\"} %d\n",
		    whats[i], has(field_array(v, "attention"), whats[i]));
	head(c, "draining", "gauge", "1: the gate lets nobody in any more.");
	out_printf(c->out, "sekisho_draining %d\n",
	    json_is_true(json_object_get(v, "draining")));
	for (i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
		number(c, &metrics[i], v);
	head(c, "disk_level", "gauge", "1: the rung of the ladder of a disk "
	    "that fills up.");
	choice(c, "disk_level", "level", levels, field_str(json_object_get(v,
	    "disk"), "level"));
	head(c, "refusals_total", "counter", "Refusals by their code, since "
	    "sekisho-ledgerd started.");
	codes(c, json_object_get(refusals, "since_start"), "refusals_total");
	head(c, "refusals_last_day", "gauge", "Refusals of the last 24 hours.");
	codes(c, json_object_get(refusals, "last_day"), "refusals_last_day");
}
