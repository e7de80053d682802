/* request.c - memory, names and views of a request. */
#include "request/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

static const char *const states[REQ_STATES] = {
	"submitted", "question", "approved", "rejected", "withdrawn",
	"revoked", "expired", "closed"
};

static const char *const views[REQ_VIEWS] = {
	"waiting", "scheduled", "open", "used up", "over", "rejected",
	"withdrawn", "expired", "revoked"
};

struct request *
req_new(void)
{
	struct request *r = calloc(1, sizeof(*r));

	if (r != NULL)
		r->from = r->until = r->start_at = r->end_at = REQ_NONE;
	return r;
}

void
req_free(struct request *r)
{
	size_t i;

	if (r == NULL)
		return;
	str_wipe(r->requester);
	strv_free(r->operators);
	str_wipe(r->target);
	str_wipe(r->run_as);
	str_wipe(r->profile);
	for (i = 0; i < r->nsteps; i++) {
		strv_free(r->steps[i].argv);
		str_wipe(r->steps[i].exe);
		mem_wipe(r->steps[i].script, r->steps[i].script_len);
	}
	free(r->steps);
	str_wipe(r->input);
	str_wipe(r->on_disconnect);
	str_wipe(r->reason);
	str_wipe(r->ticket);
	str_wipe(r->label);
	strv_free(r->warnings);
	for (i = 0; i < r->ndecisions; i++) {
		str_wipe(r->decisions[i].who);
		str_wipe(r->decisions[i].what);
		str_wipe(r->decisions[i].message);
	}
	free(r->decisions);
	free(r->sessions);
	free(r);
}

struct req_decision *
req_add_decision(struct request *r)
{
	struct req_decision *more;

	if (r->ndecisions >= REQ_DECISIONS_MAX)
		return NULL;
	more = reallocarray(r->decisions, r->ndecisions + 1, sizeof(*more));
	if (more == NULL)
		return NULL;
	r->decisions = more;
	memset(&more[r->ndecisions], 0, sizeof(*more));
	return &more[r->ndecisions++];
}

const char *
req_state_name(enum req_state s)
{
	return s < REQ_STATES ? states[s] : "?";
}

int
req_state_parse(const char *name, enum req_state *s)
{
	unsigned int i;

	for (i = 0; i < REQ_STATES; i++) {
		if (strcmp(states[i], name) == 0) {
			*s = (enum req_state)i;
			return 0;
		}
	}
	return ERR_FORMAT;
}

const char *
req_view_name(enum req_view v)
{
	return v < REQ_VIEWS ? views[v] : "?";
}

void
req_window(const struct request *r, int64_t now, int64_t *start, int64_t *end)
{
	int64_t filed = r->from == REQ_NONE ? now : r->from;

	*start = filed < now ? now : filed;	/* a late approval starts nothing earlier */
	*end = r->until == REQ_NONE ? filed + r->span : r->until;
}

enum req_view
req_view(const struct request *r, int64_t now)
{
	switch (r->state) {
	case REQ_SUBMITTED:
	case REQ_QUESTION:
		return now >= r->pending_until ? VIEW_EXPIRED : VIEW_WAITING;
	case REQ_REJECTED:
		return VIEW_REJECTED;
	case REQ_WITHDRAWN:
		return VIEW_WITHDRAWN;
	case REQ_REVOKED:
		return VIEW_REVOKED;
	case REQ_EXPIRED:
		return VIEW_EXPIRED;
	case REQ_APPROVED:
		if (r->used >= r->uses)
			return VIEW_USED_UP;
		if (now < r->start_at)
			return VIEW_SCHEDULED;
		return now < r->end_at ? VIEW_OPEN : VIEW_OVER;
	case REQ_CLOSED:
	case REQ_STATES:
	default:
		return VIEW_OVER;
	}
}

int
req_refuse(struct req_refusal *why, enum sekisho_code code, const char *next,
    const char *fmt, ...)
{
	va_list ap;

	why->code = code;
	why->near = 0;
	va_start(ap, fmt);
	(void)vsnprintf(why->reason, sizeof(why->reason), fmt, ap);
	va_end(ap);
	(void)snprintf(why->next, sizeof(why->next), "%s", next);
	return ERR_DENIED;
}
