/* accept.h - the listening sockets. */
#ifndef LISTEN_ACCEPT_H
#define LISTEN_ACCEPT_H

#include "listen/gate.h"

/* Bind and listen on every address of the settings.  An error is logged: one line. */
int accept_open(struct gate *g);
/* One line an address: connections are taken there. */
void accept_log(const struct gate *g);
/* Take what waits on one of them, a few at a time. */
void accept_serve(struct gate *g, int listener);
void accept_close(struct gate *g);

#endif
