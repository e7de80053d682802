/* find.c - finds the request for a bare command, or the nearest miss. */
#include "request/find.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/strv.h"
#include "request/decide.h"
#include "request/split.h"

#define WORD_SHOWN	200	/* bytes of one word in a sentence */
#define LISTED		10	/* requests named in an AMBIGUOUS refusal */

size_t
find_difference(char *const *a, char *const *b)
{
	size_t i;

	for (i = 0; a[i] != NULL && b[i] != NULL; i++)
		if (strcmp(a[i], b[i]) != 0)
			return i + 1;
	return a[i] == NULL && b[i] == NULL ? 0 : i + 1;
}

static int
same_place(const struct request *a, const struct request *b)
{
	return strcmp(a->target, b->target) == 0 &&
	    strcmp(a->run_as, b->run_as) == 0 &&
	    strcmp(a->profile, b->profile) == 0;
}

/* Of two that fit: is "a" to be used up first? */
static int
goes_first(const struct request *a, const struct request *b)
{
	if ((a->uses == 1) != (b->uses == 1))
		return a->uses == 1;
	if (a->end_at != b->end_at)
		return a->end_at < b->end_at;
	return a->nr < b->nr;
}

static int
ambiguous(struct request *const *list, const size_t *fit, size_t nfit,
    struct req_refusal *why)
{
	char text[LISTED * (USER_MAX + 2 * NAME_MAX_LEN + 64)];
	char next[64];
	size_t i, at = 0;
	int n;

	text[0] = '\0';
	for (i = 0; i < nfit && i < LISTED; i++) {
		n = snprintf(text + at, sizeof(text) - at,
		    "%sR%llu (%s on %s, profile %s)", i == 0 ? "" : ", ",
		    (unsigned long long)list[fit[i]]->nr,
		    list[fit[i]]->run_as, list[fit[i]]->target,
		    list[fit[i]]->profile);
		if (n < 0 || (size_t)n >= sizeof(text) - at)
			break;
		at += (size_t)n;
	}
	(void)snprintf(next, sizeof(next), "run R%llu",
	    (unsigned long long)list[fit[0]]->nr);
	(void)req_refuse(why, SEKISHO_CODE_AMBIGUOUS, next,
	    "%zu approved requests fit and differ in account, target or "
	    "profile: %s", nfit, text);
	why->near = list[fit[0]]->nr;
	return ERR_DENIED;
}

/* "[word]" safe to show, or "nothing more". */
static void
show_word(char out[WORD_SHOWN + 3], const char *word)
{
	char inner[WORD_SHOWN];

	if (word == NULL)
		(void)snprintf(out, WORD_SHOWN + 3, "nothing more");
	else
		(void)snprintf(out, WORD_SHOWN + 3, "[%s]",
		    escape_to(inner, sizeof(inner), word, strlen(word)));
}

static int
differs(const struct request *r, char *const *argv, size_t at, int64_t now,
    struct req_refusal *why)
{
	char *const *own = r->steps[0].argv;
	char have[WORD_SHOWN + 3], sent[WORD_SHOWN + 3], next[64];

	show_word(have, own[at - 1]);
	show_word(sent, argv[at - 1]);
	(void)snprintf(next, sizeof(next), "request show R%llu",
	    (unsigned long long)r->nr);
	(void)req_refuse(why, SEKISHO_CODE_DIFFERS, next,
	    "differs at word %zu: %s %s, sent %s (R%llu)", at,
	    req_view(r, now) == VIEW_WAITING ? "requested" : "approved",
	    have, sent, (unsigned long long)r->nr);
	why->near = r->nr;
	return ERR_DENIED;
}

/* How alike two commands are; 0: not even the same program. */
static size_t
likeness(char *const *a, char *const *b)
{
	size_t i, same = 0;

	if (strcmp(a[0], b[0]) != 0)
		return 0;
	for (i = 0; a[i] != NULL && b[i] != NULL; i++)
		same += strcmp(a[i], b[i]) == 0;
	return same * 2 + (a[i] == NULL && b[i] == NULL);
}

/* For the same command in a state that cannot run: the most useful one to tell about. */
static int
usefulness(enum req_view v)
{
	switch (v) {
	case VIEW_OPEN:			/* and yet not allowed: policy */
		return 6;
	case VIEW_WAITING:
		return 5;
	case VIEW_SCHEDULED:
		return 4;
	case VIEW_USED_UP:
		return 3;
	case VIEW_OVER:
		return 2;
	case VIEW_REJECTED:
	case VIEW_WITHDRAWN:
	case VIEW_EXPIRED:
	case VIEW_REVOKED:
	case REQ_VIEWS:
	default:
		return 1;
	}
}

static int
is_plain(const char *s)
{
	size_t n = strlen(s), at, len;
	unsigned int cp;

	for (at = 0; at < n; at += len) {
		len = escape_utf8(s + at, n - at, &cp);
		if (len == 0 || !escape_is_plain(cp))
			return 0;
	}
	return 1;
}

static int
nothing_like_it(char *const *argv, struct req_refusal *why)
{
	static const char word[] = "request new -- ";
	char next[NEXT_MAX + 1] = "request new -- COMMAND";
	char *line = split_quote(argv);

	/* a command to type: whole, and nothing in it that cannot be seen */
	if (line != NULL && strlen(line) + sizeof(word) <= sizeof(next) &&
	    is_plain(line))
		(void)snprintf(next, sizeof(next), "%s%s", word, line);
	str_wipe(line);
	return req_refuse(why, SEKISHO_CODE_NOT_APPROVED, next,
	    "no approved request covers this command");
}

static int
nearest(struct request *const *list, size_t n, const struct snapshot *s,
    const char *who, char *const *argv, int64_t now, struct req_refusal *why)
{
	const struct request *same = NULL, *near = NULL;
	size_t i, like, best = 0, at;
	enum req_view v;

	for (i = 0; i < n; i++) {
		v = req_view(list[i], now);
		at = find_difference(list[i]->steps[0].argv, argv);
		if (at == 0 && (same == NULL ||
		    usefulness(v) > usefulness(req_view(same, now))))
			same = list[i];
		if (at == 0 || (v != VIEW_OPEN && v != VIEW_SCHEDULED &&
		    v != VIEW_WAITING))
			continue;
		like = likeness(list[i]->steps[0].argv, argv);
		if (like > best) {
			best = like;
			near = list[i];
		}
	}
	if (same != NULL) {
		if (decide_run(same, s, who, now, why) == 0)
			return ERR_INTERNAL;
		why->near = same->nr;
		return ERR_DENIED;
	}
	if (near != NULL)
		return differs(near, argv, find_difference(
		    near->steps[0].argv, argv), now, why);
	return nothing_like_it(argv, why);
}

int
find_request(struct request *const *list, size_t n, const struct snapshot *s,
    const char *who, char *const *argv, int64_t now, size_t *which,
    struct req_refusal *why)
{
	size_t *fit, nfit = 0, i, first = 0;
	int r = 0;

	if (argv == NULL || argv[0] == NULL)
		return nothing_like_it((char *[]){ NULL }, why);
	if ((fit = calloc(n + 1, sizeof(*fit))) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n; i++)
		if (strv_equal(list[i]->steps[0].argv, argv) &&
		    decide_run(list[i], s, who, now, why) == 0)
			fit[nfit++] = i;
	if (nfit == 0)
		r = nearest(list, n, s, who, argv, now, why);
	for (i = 1; i < nfit && r == 0; i++) {
		if (!same_place(list[fit[0]], list[fit[i]]))
			r = ambiguous(list, fit, nfit, why);
		else if (goes_first(list[fit[i]], list[fit[first]]))
			first = i;
	}
	if (r == 0)
		*which = fit[first];
	free(fit);
	return r;
}
