/* cidr.h - networks as people write them: "192.0.2.0/24", "2001:db8::/32", "192.0.2.1". */
#ifndef BASE_CIDR_H
#define BASE_CIDR_H

#include <stdint.h>
#include <sys/socket.h>

struct cidr {
	uint8_t	family;		/* 4 or 6 */
	uint8_t	bits;		/* how many of the bytes' first bits count */
	uint8_t	bytes[16];
};

/*
 * Without "/n" it is one address.  Bits behind the prefix must be 0, so that
 * a slip of the pen is seen.  ERR_FORMAT leaves *c alone.
 */
int cidr_parse(const char *text, struct cidr *c);
/* Is it an address of that network?  ::ffff:192.0.2.1 is IPv4. */
int cidr_has(const struct cidr *c, const struct sockaddr_storage *from);

#endif
