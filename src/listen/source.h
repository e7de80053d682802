/* source.h - where a connection comes from: as text, and as the key it is counted under. */
#ifndef LISTEN_SOURCE_H
#define LISTEN_SOURCE_H

#include <stdint.h>
#include <sys/socket.h>

#include "base/limits.h"

/* IPv4: the address; IPv6: its first 64 bits, what one site can choose from freely.  Compared byte by byte. */
struct source {
	uint8_t	family;		/* 4 or 6; 0: something else, all in one */
	uint8_t	bytes[8];
};

/* An IPv4 address in an IPv6 socket (::ffff:192.0.2.1) is IPv4. */
void source_key(struct source *s, const struct sockaddr_storage *from);
int source_equal(const struct source *a, const struct source *b);
/* "192.0.2.1:4711", "[2001:db8::1]:4711".  Returns out (SOURCE_MAX bytes). */
char *source_text(char *out, const struct sockaddr_storage *from);
/* "192.0.2.1", "2001:db8:0:0::/64".  Returns out (SOURCE_MAX bytes). */
char *source_key_text(char *out, const struct source *s);

#endif
