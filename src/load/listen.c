/* listen.c - numeric addresses with a port. */
#include "load/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/err.h"
#include "base/num.h"

int
listen_parse(const char *text, struct sockaddr_storage *ss)
{
	char host[INET6_ADDRSTRLEN];
	const char *colon = strrchr(text, ':');
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	int bracket = text[0] == '[';
	int64_t port;
	size_t n;

	if (colon == NULL || num_parse(colon + 1, 1, 65535, &port) != 0)
		return ERR_FORMAT;
	n = (size_t)(colon - text);
	if (bracket) {
		if (n < 3 || text[n - 1] != ']')
			return ERR_FORMAT;
		text++;
		n -= 2;
	}
	if (n >= sizeof(host))
		return ERR_FORMAT;
	memcpy(host, text, n);
	host[n] = '\0';
	if (bracket) {
		if (inet_pton(AF_INET6, host, &in6.sin6_addr) != 1)
			return ERR_FORMAT;
		in6.sin6_port = htons((uint16_t)port);
		memset(ss, 0, sizeof(*ss));
		memcpy(ss, &in6, sizeof(in6));
		return 0;
	}
	if (inet_pton(AF_INET, host, &in.sin_addr) != 1)
		return ERR_FORMAT;
	in.sin_port = htons((uint16_t)port);
	memset(ss, 0, sizeof(*ss));
	memcpy(ss, &in, sizeof(in));
	return 0;
}
