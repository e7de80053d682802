/* head.h - inside src/filter: the instructions before libseccomp's own. */
#ifndef FILTER_HEAD_H
#define FILTER_HEAD_H

#include "filter/filter.h"

/* Newest call libseccomp 2.5.4 can name (set_mempolicy_home_node, Linux 5.17), and the hole in x86-64's numbers. */
#define NR_NEWEST	450
#define NR_HOLE_FIRST	335
#define NR_HOLE_LAST	423

/* Is there no such call, as far as this version knows? */
int head_unknown(uint32_t nr);
/* Appends the head: foreign architectures and x32 killed, unknown numbers ENOSYS but those that the set allows. */
int head_put(const struct filter_set *s, struct buf *bpf);

#endif
