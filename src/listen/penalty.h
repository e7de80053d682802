/*
 * penalty.h - sources that did harm are not served for a while (as OpenSSH's
 * PerSourcePenalties).
 *
 * What a connection did adds time to its source's penalty.  From "min" on the
 * source is refused until that time is over; no penalty is longer than "max".
 * A good login takes nothing away: one account behind an address would else
 * wash off what the guesses at all others cost.
 *
 * No clock inside: times are passed in, in milliseconds that only go forward.
 */
#ifndef LISTEN_PENALTY_H
#define LISTEN_PENALTY_H

#include <stddef.h>
#include <stdint.h>

#include "listen/source.h"

/*
 * Sources remembered: 65,536 of IPv4 and as many of IPv6, whichever of them
 * come, 24 bytes each and only once used.  They lie in rows of PENALTY_WAYS;
 * which row is a secret, so nobody can choose whom he meets there.  Of one too
 * many in a row the penalty that ends first is forgotten, the new one too:
 * somebody who harms from very many addresses may go free for it, but nobody is
 * refused because of others, and cheap deeds push no hard penalty out.
 */
#define PENALTY_ROWS	8192
#define PENALTY_WAYS	8

enum penalty_event { PENALTY_AUTH_FAILED, PENALTY_NO_AUTH, PENALTY_GRACE_OVER, PENALTY_CRASH, PENALTY_EVENTS };

struct penalty_rules {
	int64_t	add_ms[PENALTY_EVENTS];
	int64_t	min_ms, max_ms;		/* max 0: no penalties at all */
};

struct penalties;

/* "secret": 16 random bytes.  NULL: no memory. */
struct penalties *penalties_new(const uint8_t secret[16]);
void penalties_free(struct penalties *p);
/* "s" did this at "now". */
void penalties_add(struct penalties *p, const struct penalty_rules *rules,
    const struct source *s, enum penalty_event e, int64_t now);
/* Is it refused at "now"? */
int penalties_refuse(const struct penalties *p, const struct source *s,
    int64_t now);
/* How many sources are refused at "now". */
size_t penalties_in_force(const struct penalties *p, int64_t now);

#endif
