/* meta.c - what the monitor writes into a recording's header, from the order. */
#include "tests/fault/gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypt/sha256.h"

static json_t *
hex(const struct blob *b)
{
	char text[SHA256_HEX];

	if (b->n != SHA256_LEN)
		abort();
	return json_string(sha256_hex(text, b->p));
}

static json_t *
id(char letter, uint64_t nr)
{
	char text[32];

	snprintf(text, sizeof(text), "%c%" PRIu64, letter, nr);
	return json_string(text);
}

static json_t *
uuid(const struct blob *b)
{
	char text[40];
	size_t i, n = 0;

	for (i = 0; i < b->n && i < UUID_LEN; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		snprintf(text + n, 3, "%02x", b->p[i]);
		n += 2;
	}
	return json_string(text);
}

char *
meta_of(const struct msg_order *o, size_t *n)
{
	json_t *v = json_pack("{s:o, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s,"
	    " s:o, s:o, s:o, s:I, s:s, s:o, s:s, s:I, s:s, s:s, s:o}",
	    "argv", json_from_strv(o->argv), "exe", o->exe,
	    "exe_digest", hex(&o->exe_digest), "gate", "gate",
	    "input", o->input, "label", o->label,
	    "login", "keyboard-interactive", "operator", o->operator,
	    "profile", o->profile, "profile_digest", hex(&o->profile_digest),
	    "request", id('R', o->request),
	    "request_digest", hex(&o->request_digest),
	    "revision", (json_int_t)o->revision, "run_as", o->run_as,
	    "session", id('S', o->session), "source", "192.0.2.7:4711",
	    "step", (json_int_t)o->step, "target", o->target,
	    "ticket", o->ticket, "uuid", uuid(&o->uuid));
	char *text;

	if (v == NULL || json_canonical(v, &text, n) != 0)
		abort();
	json_decref(v);
	return text;
}
