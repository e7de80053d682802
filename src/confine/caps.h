/* caps.h - capabilities as masks: bit n is capability n (CAP_KILL is bit 5). */
#ifndef CONFINE_CAPS_H
#define CONFINE_CAPS_H

#include <stdint.h>

#define CAPS_BIT(cap)	(1ULL << (cap))

/* Capabilities this kernel knows. */
uint64_t caps_known(void);
/* Take everything but "keep" out of the bounding set (needs CAP_SETPCAP); read back. */
int caps_bound(uint64_t keep);
/* Permitted and effective become exactly "keep", inheritable "inherit", ambient empty. */
int caps_set(uint64_t keep, uint64_t inherit);
/* The same capabilities also in the ambient set: they survive an exec by a uid that is not 0. */
int caps_ambient(uint64_t caps);
/* What is permitted, effective or inheritable now; ERR_SYS. */
int caps_get(uint64_t *permitted, uint64_t *effective, uint64_t *inheritable);
/* No rights by uid 0, none by set-uid, none kept over setuid, no ambient ones: locked (needs CAP_SETPCAP). */
int caps_lock(void);

#endif
