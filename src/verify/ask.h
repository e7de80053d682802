/* ask.h - one question to a gate that runs and its answer. */
#ifndef VERIFY_ASK_H
#define VERIFY_ASK_H

#include <stdint.h>

#include "json/json.h"

struct chan;

struct ask {
	struct chan	*chan;
	uint32_t	*calls;		/* made so far on this channel */
};

struct answer {
	json_t	*v;			/* an object */
	int	 fd;			/* -1: none came */
	int	 more;
};

/*
 * Takes "body" over (NULL: ERR_NOMEM).  0: the caller frees with
 * answer_free().  ERR_DENIED: the gate said no (logged); ERR_CLOSED,
 * ERR_TIMEOUT, ERR_FORMAT: logged.
 */
int ask(const struct ask *a, const char *verb, json_t *body,
    struct answer *out);
void answer_free(struct answer *a);

#endif
