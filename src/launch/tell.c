/* tell.c - words and JSON for what the sandbox refused. */
#include "launch/tell.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/log.h"
#include "launch/names.h"

#define SUMMARY_MAX	40960	/* every call there is, with its count: nothing hides behind others */

/* A JSON string's inside: escaped for people first, then its quotes and backslashes for JSON. */
static void
json_text(char *out, size_t size, const char *s)
{
	char safe[512];
	size_t n = 0;
	const char *p;

	escape_to(safe, sizeof(safe), s, strlen(s));
	for (p = safe; *p != '\0' && n + 3 < size; p++) {
		if (*p == '"' || *p == '\\')
			out[n++] = '\\';
		out[n++] = *p;
	}
	out[n] = '\0';
}

void
tell_body(char *out, size_t size, const struct refused_call *c)
{
	char inside[256], room[32], args[1024] = "";
	size_t used = 0, i;

	for (i = 0; i < 6; i++) {
		if (c->text[i][0] != '\0')
			json_text(inside, sizeof(inside), c->text[i]);
		else
			snprintf(inside, sizeof(inside), "0x%llx",
			    (unsigned long long)c->args[i]);
		if (used + strlen(inside) + 4 < sizeof(args))
			used += (size_t)snprintf(args + used,
			    sizeof(args) - used, "%s\"%s\"",
			    i > 0 ? "," : "", inside);
	}
	json_text(inside, sizeof(inside), c->comm);
	snprintf(out, size, "{\"args\":[%s],\"call\":\"%s\",\"comm\":\"%s\","
	    "\"nr\":%u,\"pid\":%d}", args,
	    call_name(c->nr, room, sizeof(room)), inside, c->nr, (int)c->pid);
}

/* "x", "/mnt", 0x8000: each string escaped and in quotes. */
static void
show_args(char *out, size_t size, const struct refused_call *c)
{
	unsigned int strings, n = call_args(c->nr, &strings), i;
	char safe[120];
	size_t used = 0;

	out[0] = '\0';
	for (i = 0; i < n && used + sizeof(safe) + 8 < size; i++) {
		escape_to(safe, sizeof(safe), c->text[i],
		    strlen(c->text[i]));
		if (safe[0] != '\0')
			used += (size_t)snprintf(out + used, size - used,
			    "%s\"%s\"", i > 0 ? ", " : "", safe);
		else
			used += (size_t)snprintf(out + used, size - used,
			    "%s%s%llx", i > 0 ? ", " : "",
			    c->args[i] > 9 ? "0x" : "",
			    (unsigned long long)c->args[i]);
	}
}

void
tell_text(char *out, size_t size, const struct refused_call *c,
    const char *profile, const char *eol)
{
	char comm[160], name[160], room[32], args[512];

	escape_to(comm, sizeof(comm), c->comm, strlen(c->comm));
	escape_to(name, sizeof(name), profile, strlen(profile));
	show_args(args, sizeof(args), c);
	snprintf(out, size, "sekisho: '%s' (pid %d) was refused %s(%s): not in "
	    "profile \"%s\".%s"
	    "         To ask for more: request new --profile NAME ...%s",
	    comm, (int)c->pid, call_name(c->nr, room, sizeof(room)), args,
	    name, eol, eol);
}

static const char *
eol_of(const struct job *j)
{
	return j->order.pty ? "\r\n" : "\n";
}

static void
send_event(struct chan *link, char *body, char *text)
{
	struct msg_event m = { .type = EVENT_REFUSED,
		.body = { (uint8_t *)body, strlen(body) },
		.text = { (uint8_t *)text, strlen(text) } };
	int r;

	if (link != NULL && (r = chan_put_event(link, 0, &m, NULL, 0)) != 0)
		log_error("event not sent error=%s", err_name(r));
}

void
tell_refused(const struct refused_call *c, const struct job *j,
    struct chan *link)
{
	char body[2048], text[1536];

	tell_body(body, sizeof(body), c);
	tell_text(text, sizeof(text), c, j->order.profile, eol_of(j));
	send_event(link, body, text);
}

void
tell_summary(const uint32_t *count, size_t n, uint32_t total,
    const struct job *j, struct chan *link)
{
	char body[SUMMARY_MAX], list[512] = "", text[1024], room[32];
	const char *name;
	size_t used, shown = 0, i;
	int full = 0;

	used = (size_t)snprintf(body, sizeof(body), "{\"calls\":[");
	for (i = 0; i < n; i++) {
		if (count[i] == 0)
			continue;
		name = call_name((unsigned int)i, room, sizeof(room));
		if (used + 96 < sizeof(body))
			used += (size_t)snprintf(body + used,
			    sizeof(body) - used,
			    "%s{\"call\":\"%s\",\"count\":%u}",
			    used > 10 ? "," : "", name, count[i]);
		if (shown + 48 < sizeof(list))
			shown += (size_t)snprintf(list + shown,
			    sizeof(list) - shown, "%s%s x%u",
			    shown > 0 ? ", " : "", name, count[i]);
		else
			full = 1;
	}
	snprintf(body + used, sizeof(body) - used, "],\"refused\":%u}", total);
	snprintf(text, sizeof(text), "sekisho: %u call%s refused (%s%s)%s",
	    total, total == 1 ? "" : "s", list, full ? ", ..." : "",
	    eol_of(j));
	send_event(link, body, text);
}

void
tell_remark(const char *what, const char *remark, const struct job *j,
    struct chan *link)
{
	char body[1024], text[600], inside[512];

	json_text(inside, sizeof(inside), remark);
	snprintf(body, sizeof(body), "{\"remark\":\"%s\",\"text\":\"%s\"}",
	    what, inside);
	snprintf(text, sizeof(text), "sekisho: %.500s%s", remark, eol_of(j));
	send_event(link, body, text);
}
