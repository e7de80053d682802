/* farewell.c - fixed bytes to a client that is not served, and the few sockets on which they are still on their way. */
#include "listen/farewell.h"

#include <string.h>
#include <unistd.h>

#define VERSION		"SSH-2.0-Sekisho\r\n"
/* RFC 4253 6 and 11.1: before a key exchange there is neither encryption nor a MAC. */
#define MSG_DISCONNECT	1
#define BLOCK		8
#define PADDING_MIN	4

/* The reason's number is for programs, the text is what people see. */
static const struct {
	uint8_t		 reason;
	const char	*text;
} farewells[FAREWELL_KINDS] = {
	[FAREWELL_PENALTY] = { 1, "sekisho: too many failed logins from your "
	    "address, try again in some minutes" },
	[FAREWELL_SOURCE_FULL] = { 12, "sekisho: too many logins under way "
	    "from your address, try again in a moment" },
	[FAREWELL_BUSY] = { 12, "sekisho: the gate is busy, try again in a "
	    "moment" },
	[FAREWELL_STOPPING] = { 7, "sekisho: the gate is going down, try "
	    "again later" },
};

/* None of these numbers has more than one byte. */
static uint8_t *
put_u32(uint8_t *p, size_t value)
{
	memset(p, 0, 3);
	p[3] = (uint8_t)value;
	return p + 4;
}

/* Without its NUL. */
static uint8_t *
put_text(uint8_t *p, const char *text)
{
	while (*text != '\0')
		*p++ = (uint8_t)*text++;
	return p;
}

size_t
farewell_bytes(enum farewell why, uint8_t *out)
{
	const char *text = farewells[why].text;
	size_t n = strlen(text), payload = 1 + 4 + 4 + n + 4, padding;
	uint8_t *p = out;

	padding = BLOCK - (4 + 1 + payload) % BLOCK;
	if (padding < PADDING_MIN)
		padding += BLOCK;
	p = put_text(p, VERSION);
	p = put_u32(p, 1 + payload + padding);
	*p++ = (uint8_t)padding;
	*p++ = MSG_DISCONNECT;
	p = put_u32(p, farewells[why].reason);
	p = put_u32(p, n);
	p = put_text(p, text);
	p = put_u32(p, 0);			/* its language */
	memset(p, 0, padding);
	return (size_t)(p + padding - out);
}

/* Close the "i"th; the order of the others stays. */
static void
leave(struct farewells *f, size_t i)
{
	close(f->at[i].fd);
	f->n--;
	memmove(&f->at[i], &f->at[i + 1], (f->n - i) * sizeof(f->at[0]));
}

void
farewell_say(struct farewells *f, int fd, enum farewell why, int64_t now)
{
	uint8_t bytes[FAREWELL_BYTES];
	size_t n = farewell_bytes(why, bytes);

	if (write(fd, bytes, n) != (ssize_t)n) {
		close(fd);		/* it has gone already */
		return;
	}
	if (f->n == FAREWELLS_MAX)
		leave(f, 0);
	f->at[f->n].fd = fd;
	f->at[f->n].until = now + FAREWELL_MS;
	f->n++;
}

void
farewell_watch(const struct farewells *f, struct pollfd *set)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		set[i] = (struct pollfd){ .fd = f->at[i].fd,
			.events = POLLRDHUP };
}

void
farewell_serve(struct farewells *f, const struct pollfd *set, size_t n)
{
	size_t i;

	for (i = n; i-- > 0;)		/* from behind: what is in front keeps its place */
		if (set[i].revents != 0)
			leave(f, i);
}

int64_t
farewell_timer(struct farewells *f, int64_t now)
{
	while (f->n > 0 && f->at[0].until <= now)
		leave(f, 0);
	return f->n > 0 ? f->at[0].until : INT64_MAX;
}

void
farewell_close_all(struct farewells *f)
{
	while (f->n > 0)
		leave(f, f->n - 1);
}
