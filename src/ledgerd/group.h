/*
 * group.h - group commit.
 *
 * Who asks alone is served as ever.  When poll() finds several, each of their
 * transactions is a part of one: what is refused or fails leaves nothing and
 * takes nobody with it, each sees what those before it did, and all answers
 * wait in their channels for the one synced commit.  Nobody waits for others
 * to come.  If that commit fails nobody is answered and the process stops.
 */
#ifndef LEDGERD_GROUP_H
#define LEDGERD_GROUP_H

struct client;
struct ledgerd;

/* "askers": how many are ready now. */
void group_begin(struct ledgerd *ld, unsigned int askers);
/* Before a peer is served: its answers wait. */
void group_join(struct client *p);
/* Behind it: a group that is full is ended and another begun. */
int group_turn(struct ledgerd *ld);
/* 0: all is on the disk, and said.  ERR_SYS: nothing of it is. */
int group_end(struct ledgerd *ld);

#endif
