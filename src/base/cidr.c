/* cidr.c - networks from text, and whether an address is in one. */
#include "base/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

/* Bit "i" of an address, counted from its front. */
static int
bit(const uint8_t *bytes, unsigned int i)
{
	return bytes[i / 8] >> (7 - i % 8) & 1;
}

int
cidr_parse(const char *text, struct cidr *c)
{
	const char *slash = strchr(text, '/');
	size_t n = slash == NULL ? strlen(text) : (size_t)(slash - text);
	struct cidr out = { .family = 4 };
	char address[INET6_ADDRSTRLEN];
	unsigned int all = 32, i;
	int64_t bits;

	if (n >= sizeof(address))
		return ERR_FORMAT;
	memcpy(address, text, n);
	address[n] = '\0';
	if (inet_pton(AF_INET, address, out.bytes) != 1) {
		out.family = 6;
		all = 128;
		if (inet_pton(AF_INET6, address, out.bytes) != 1)
			return ERR_FORMAT;
	}
	bits = all;
	if (slash != NULL && num_parse(slash + 1, 0, all, &bits) != 0)
		return ERR_FORMAT;
	for (i = (unsigned int)bits; i < all; i++)
		if (bit(out.bytes, i))
			return ERR_FORMAT;
	out.bits = (uint8_t)bits;
	*c = out;
	return 0;
}

int
cidr_has(const struct cidr *c, const struct sockaddr_storage *from)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;
	uint8_t bytes[16] = { 0 }, family = 6;
	unsigned int i;

	if (from->ss_family == AF_INET) {
		memcpy(&in, from, sizeof(in));
		memcpy(bytes, &in.sin_addr, sizeof(in.sin_addr));
		family = 4;
	} else if (from->ss_family == AF_INET6) {
		memcpy(&in6, from, sizeof(in6));
		memcpy(bytes, &in6.sin6_addr, sizeof(bytes));
		if (IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) {
			memmove(bytes, bytes + 12, 4);
			family = 4;
		}
	} else
		return 0;
	if (family != c->family)
		return 0;
	for (i = 0; i < c->bits; i++)
		if (bit(bytes, i) != bit(c->bytes, i))
			return 0;
	return 1;
}
