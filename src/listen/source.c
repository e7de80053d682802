/* source.c - socket addresses, and what is counted of them. */
#include "listen/source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The IPv4 address inside, 1 when there is one. */
static int
mapped_v4(const struct sockaddr_storage *from, struct in_addr *v4)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (from->ss_family == AF_INET) {
		memcpy(&in, from, sizeof(in));
		*v4 = in.sin_addr;
		return 1;
	}
	memcpy(&in6, from, sizeof(in6));
	if (from->ss_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr))
		return 0;
	memcpy(v4, &in6.sin6_addr.s6_addr[12], sizeof(*v4));
	return 1;
}

static unsigned int
port_of(const struct sockaddr_storage *from)
{
	struct sockaddr_in in;		/* the port is at the same place */

	memcpy(&in, from, sizeof(in));
	return ntohs(in.sin_port);
}

void
source_key(struct source *s, const struct sockaddr_storage *from)
{
	struct sockaddr_in6 in6;
	struct in_addr v4;

	memset(s, 0, sizeof(*s));
	if (mapped_v4(from, &v4)) {
		s->family = 4;
		memcpy(s->bytes, &v4, sizeof(v4));
	} else if (from->ss_family == AF_INET6) {
		memcpy(&in6, from, sizeof(in6));
		s->family = 6;
		memcpy(s->bytes, in6.sin6_addr.s6_addr, sizeof(s->bytes));
	}
}

int
source_equal(const struct source *a, const struct source *b)
{
	return a->family == b->family &&
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

char *
source_text(char *out, const struct sockaddr_storage *from)
{
	char text[INET6_ADDRSTRLEN] = "?";
	struct sockaddr_in6 in6;
	struct in_addr v4;

	if (mapped_v4(from, &v4)) {
		(void)inet_ntop(AF_INET, &v4, text, sizeof(text));
		snprintf(out, SOURCE_MAX, "%s:%u", text, port_of(from));
	} else if (from->ss_family == AF_INET6) {
		memcpy(&in6, from, sizeof(in6));
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, text, sizeof(text));
		snprintf(out, SOURCE_MAX, "[%s]:%u", text, port_of(from));
	} else
		snprintf(out, SOURCE_MAX, "?");
	return out;
}

char *
source_key_text(char *out, const struct source *s)
{
	char text[INET6_ADDRSTRLEN] = "?";
	struct in6_addr v6;

	if (s->family == 4)
		(void)inet_ntop(AF_INET, s->bytes, text, sizeof(text));
	else if (s->family == 6) {
		memset(&v6, 0, sizeof(v6));
		memcpy(&v6, s->bytes, sizeof(s->bytes));
		(void)inet_ntop(AF_INET6, &v6, text, sizeof(text));
	}
	snprintf(out, SOURCE_MAX, "%s%s", text, s->family == 6 ? "/64" : "");
	return out;
}
