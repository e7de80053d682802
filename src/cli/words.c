/* words.c - the table of gateway words and the way from a line to its function. */
#include "cli/words.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "cli/out.h"

#define LATER(name, sub)	{ name, sub, NULL, "", NULL, NULL }

static const char help_new[] =
"  -- ARGV...            the command, each word as the program will get it\n"
"  --target T            where it runs (default: local)\n"
"  --as USER             the account it runs as (default: root, or the only one)\n"
"  --profile P           the sandbox profile (default: inspect, or the only one)\n"
"  --input I             none | tty | pipe | any | sha256:HEX (default: none)\n"
"  --from TIME           start of the window (default: the approval)\n"
"  --until TIME|+2h      end of the window, or how long it is\n"
"  --uses N              how often it may run (default: 1)\n"
"  --operator USER       who may run it, may come again (default: you)\n"
"  --label L  --ticket REF\n"
"  --reason WORDS        up to the next word that begins with --; - reads stdin\n"
"  --script -            a script from stdin, approved byte for byte\n"
"  --max-run SPAN        longest run: 30s, 5m, 8h\n"
"  --on-disconnect kill|continue   when the line is lost (default: kill)\n"
"  TIME is 2026-11-24T01:00, 01:00 (next), +2h (from now), in the gate's zone.\n"
"  Local quotes are lost on the way: read the echo, each word has its bracket.\n"
"  Example: request new --as root --reason disk is full -- ls -l /var/log\n";

static const char help_run[] =
"  Runs an approved request without typing its command: run R12, and for a\n"
"  request of several steps run R12.2. Typing the approved command itself\n"
"  finds its request too: ssh GATE systemctl restart nginx\n"
"  Refused: [NOT-APPROVED] [OUTSIDE-WINDOW] [USED-UP] [DIFFERS] [AMBIGUOUS].\n";

static const char help_decide[] =
"  ID is what `request show` prints: request, revision and code, as in\n"
"  R12/1-k7qd. Any change of the request makes another code.\n";

static const char help_head[] =
"  A head is a signed note (C2SP): size and root of the ledger's tree, and when.\n"
"  Who keeps one outside the gate can prove later that nothing before it was\n"
"  changed or taken away: ssh GATE audit head > monday.head, and then\n"
"  ssh GATE verify --head - < monday.head, or sekisho-verify --head monday.head.\n";

static const char help_proof[] =
"  Prints a C2SP tlog-proof: hashes from the entry to the root, and the head.\n"
"  --old SIZE: hashes that show that this ledger continues the one of that size.\n"
"  Entry N itself: audit log --after N --json.\n";

static const char help_export[] =
"  asciicast v3 on standard output, as players read it: ssh GATE session export\n"
"  S345 > s345.cast. What the operator was shown; notices, refusals are markers.\n"
"  --input adds what was typed or sent: passwords too, that no echo showed; the\n"
"  entry of the ledger tells. --format text: as session text, without input.\n"
"  An export proves nothing (verify S345 does) and is no look for a review.\n";

static const char help_review[] =
"  A job is what one operator did with one request. It waits in the queue until\n"
"  an auditor who had no part in it gives a verdict.  --open: jobs that are not\n"
"  over.  --judged: those that have one.  --after N: the page above number N.\n"
"  SESSIONS \"3, 1 !\": three ran, and one of them deserves attention.\n";

static const char help_sheet[] =
"  First what deserves attention, each line with ! before it: another command,\n"
"  account or file than planned, a status that is not 0, refusals by the sandbox,\n"
"  near misses, input nobody should give, whatever was broken off. Then plan and\n"
"  sessions in full. Reading it is an entry of the ledger.\n";

static const char help_verdict[] =
"  The sheet must have been read since the job was over; what else was looked at\n"
"  (session replay, session text) is kept with the verdict. All but adequate need\n"
"  words: -m, up to the next word that begins with --. Refused: [OWN-REQUEST] to\n"
"  requester, operators and whoever decided; [STATE] while the job is open.\n";

static const char help_verify[] =
"  Reads the whole ledger and every recording (S345: only that one) and compares\n"
"  them with the gate's signed heads. Only a head that was kept elsewhere shows a\n"
"  ledger that was put back: ssh GATE verify --head - < monday.head. Status: 0\n"
"  all is well and the head fits, 1 a fault, 3 consistent, but no head was given.\n"
"  Who does not trust the gate runs sekisho-verify(1) on a copy of the store.\n";

static const char help_status[] =
"  Lines that begin with ! need attention, and say what to do. Names nobody and\n"
"  no request. --json: stable names. --prometheus: metrics, for a file of a node\n"
"  exporter, by root on the host, whom this word answers too. Status: 0 all is\n"
"  well, 1 something needs attention (with --prometheus always 0).\n";

const struct word words[] = {
	{ "help", NULL, word_help, "[WORD...]", "this list, or more about one word", NULL },
	{ "whoami", NULL, word_whoami, "[--json]", "who you are here and what you may ask for", NULL },
	{ "shell", NULL, word_shell, "", NULL, NULL },
	{ "request", "new", word_request_new,
	    "[--target T] [--as USER] [--profile P] [--input I] [--from TIME] [--until TIME|+2h] [--uses N] [--operator USER]... [--label L] [--ticket REF] [--reason WORDS] [--script -] [--max-run SPAN] [--on-disconnect kill|continue] [--json] -- ARGV...",
	    "ask for a command to be approved", help_new },
	{ "request", "list", word_request_list,
	    "[--mine|--waiting|--all] [--state STATE] [--after N] [--json]",
	    "requests, newest first",
	    "  --mine: yours, if nothing is said.  --waiting: those you may decide.\n"
	    "  --after N: the page below number N.\n" },
	{ "request", "show", word_request_show, "R12 [--json]",
	    "exactly what will run, and the code to approve it",
	    "  Nothing is cut. The code belongs to exactly this: approve takes no other.\n" },
	{ "request", "approve", word_request_approve, "R12/1-k7qd [-m WORDS] [--json]",
	    "approve what `request show` printed", help_decide },
	{ "request", "reject", word_request_reject, "R12[/1] [-m WORDS] [--json]",
	    "say no; -m tells why",
	    "  R12/1: only if it still is revision 1.  -m: up to the next word that begins\n"
	    "  with --. Whoever still wants it files it anew.\n" },
	{ "request", "withdraw", word_request_withdraw, "R12 [-m WORDS] [--json]",
	    "take back your own request", NULL },
	{ "run", NULL, NULL, "R12[.STEP]", "run an approved request", help_run },
	{ "session", "list", word_session_list, "[--user USER] [--request R12] [--after N] [--json]",
	    "what ran, newest first",
	    "  --after N: the page below number N. A gap in the numbers is no missing\n"
	    "  recording; what is missing says verify.\n" },
	{ "session", "show", word_session_show, "S345 [--json]", "one session's facts", NULL },
	{ "session", "replay", word_session_replay, "S345 [--speed N]",
	    "watch a recording; q or ^C ends it",
	    "  Timing is kept on a terminal (pauses cut to 2 s); on pipes all comes at once.\n"
	    "  Only text, line editing and colours reach your terminal, on pipes only text.\n" },
	{ "session", "text", word_session_text, "S345 [--stream out|err|in]",
	    "a recording as plain text",
	    "  Before each line: two blanks for output, 2 for standard error, < for input,\n"
	    "  -- for what the gate says.  --stream: one of them alone, without that.\n" },
	{ "session", "export", word_session_export,
	    "S345 [--format asciicast|text] [--input]",
	    "a recording as a file for players", help_export },
	{ "review", "list", word_review_list, "[--open|--judged|--all] [--after N] [--json]",
	    "jobs that wait for a verdict, oldest first", help_review },
	{ "review", "next", word_review_next, "[--json]",
	    "the sheet of the oldest job you may judge", NULL },
	{ "review", "show", word_review_show, "J7 [--json]",
	    "a job's sheet: the plan beside what ran", help_sheet },
	{ "review", "verdict", word_review_verdict,
	    "J7 adequate|remarks|inadequate|cannot-judge [-m WORDS] [--json]",
	    "judge a job, once and for good", help_verdict },
	{ "audit", "log", word_audit_log, "[--after N] [--before N] [--last N] [--json]", "entries of the ledger, oldest first",
	    "  --after N: from number N on, 50 at a time.  --last N: the newest, at most 50.\n"
	    "  --before N: those that end below number N. Every act is one: logins, requests,\n"
	    "  decisions, uses, ends, refusals, who read a recording, verdicts.\n" },
	{ "audit", "head", word_audit_head, "[--json]", "the newest signed head: keep it elsewhere", help_head },
	{ "audit", "key", word_audit_key, "[--json]", "the public keys that heads and records are checked with", NULL },
	{ "audit", "proof", word_audit_proof, "N | --old SIZE [--json]", "that entry N is in the ledger of the newest head", help_proof },
	{ "status", NULL, word_status, "[--json|--prometheus]", "how the gate is, what needs attention first", help_status },
	{ "verify", NULL, word_verify, "[S345] [--json] [--head -]",
	    "check that ledger and records are untouched", help_verify },
	{ "profile", "list", word_profile_list, "[--json]", "the sandbox profiles", NULL },
	{ "profile", "show", word_profile_show, "NAME [--json]", "what one profile allows", NULL },
	{ "profile", "check", word_profile_check, "[NAME] [--json]", "what in a profile deserves a second look",
	    "  Without a name: all of them. What it prints need not be wrong.\n" },
	LATER("request", "next"), LATER("request", "edit"),
	LATER("request", "again"), LATER("request", "ask"),
	LATER("request", "answer"), LATER("request", "revoke"),
	LATER("session", "search"), LATER("session", "watch"),
	LATER("session", "kill"), LATER("session", "attach"),
	LATER("profile", "test"), LATER("profile", "learn"),
	LATER("job", NULL), LATER("report", NULL),
	LATER("policy", NULL), LATER("target", NULL),
	LATER("person", NULL),
	LATER("emergency", NULL), LATER("look", NULL), LATER("ticket", NULL),
	LATER("label", NULL), LATER("sweep", NULL), LATER("hold", NULL),
	LATER("incident", NULL), LATER("witness", NULL),
	LATER("client-config", NULL),
	{ NULL, NULL, NULL, NULL, NULL, NULL }
};

/* The row of "name sub"; a row without sub fits whatever follows. */
static const struct word *
find(const char *name, const char *sub)
{
	const struct word *w;

	for (w = words; w->name != NULL; w++)
		if (strcmp(w->name, name) == 0 && (w->sub == NULL ||
		    (sub != NULL && strcmp(w->sub, sub) == 0)))
			return w;
	return NULL;
}

int
words_usage(struct cli *c, const char *name, const char *sub,
    const char *why)
{
	const struct word *w = find(name, sub);
	char next[80];
	int status;

	snprintf(next, sizeof(next), "help %s", name);
	status = cli_refuse(c, SEKISHO_CODE_USAGE, next, "%s", why);
	if (w != NULL)
		words_put_line(c->err, "usage: ", w);
	return status;
}

/* A word that exists, with a second word that does not. */
static int
no_such_sub(struct cli *c, const char *name, const char *sub)
{
	const struct word *w;
	char safe[80];
	int status;

	if (sub == NULL)
		status = cli_refuse(c, SEKISHO_CODE_USAGE, "help",
		    "%s needs a second word", name);
	else
		status = cli_refuse(c, SEKISHO_CODE_USAGE, "help",
		    "%s has no word %s", name,
		    escape_to(safe, sizeof(safe), sub, strlen(sub)));
	for (w = words; w->name != NULL; w++)
		if (strcmp(w->name, name) == 0 && w->summary != NULL)
			words_put_line(c->err, "usage: ", w);
	return status;
}

/* As each word's own options would be read: nothing takes a word with two dashes as its value. */
int
words_has_json(char *const *argv)
{
	for (; argv != NULL && *argv != NULL && strcmp(*argv, "--") != 0; argv++)
		if (strcmp(*argv, "--json") == 0)
			return 1;
	return 0;
}

int
words_run(struct cli *c, char *const *argv)
{
	const struct word *w, *any;
	char safe[80];

	c->argv = argv;
	c->wants_json = words_has_json(argv);
	if (argv == NULL || argv[0] == NULL)
		return word_shell(c, argv);
	if ((w = find(argv[0], argv[1])) == NULL) {
		for (any = words; any->name != NULL; any++)
			if (strcmp(any->name, argv[0]) == 0)
				return no_such_sub(c, any->name, argv[1]);
		return cli_refuse(c, SEKISHO_CODE_USAGE, "help",
		    "%s is no gateway word",
		    escape_to(safe, sizeof(safe), argv[0], strlen(argv[0])));
	}
	if (w->run == NULL && strcmp(w->name, "run") == 0)
		return words_usage(c, "run", NULL, "run takes one request");
	if (w->run == NULL)
		return cli_refuse(c, SEKISHO_CODE_NOT_OFFERED, "help",
		    "%s%s%s is not offered by this gate yet", w->name,
		    w->sub == NULL ? "" : " ", w->sub == NULL ? "" : w->sub);
	return w->run(c, argv + (w->sub == NULL ? 1 : 2));
}
