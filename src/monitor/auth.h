/* auth.h - how a login is refused (auth_fail.c), for auth.c and keys.c (inside src/monitor only). */
#ifndef MONITOR_AUTH_H
#define MONITOR_AUTH_H

#include "monitor/mon.h"

void auth_send_result(struct mon *m, enum auth_result result);
/*
 * The one answer of all failures: counted and noted, then FAIL at the fixed
 * instant, later only by what the ledger says about this name.
 */
void auth_fail(struct mon *m, const char *user, enum login_failure why);
/* Too much was tried: noted, and the end of the connection. */
void auth_cut(struct mon *m, const char *user);
/* The client is gone before its login; what it tried is noted. */
void auth_on_gone(struct mon *m);

#endif
