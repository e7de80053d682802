/* listen.h - inside src/load: "ADDR:PORT" texts to socket addresses. */
#ifndef LOAD_LISTEN_H
#define LOAD_LISTEN_H

#include <sys/socket.h>

/* Numeric only: "0.0.0.0:2222", "[::]:2222".  ERR_FORMAT leaves *ss alone. */
int listen_parse(const char *text, struct sockaddr_storage *ss);

#endif
