/* fields.c - one line a kind of entry: name:type, "?" before what may be missing. */
#include "verify/fields.h"

#include <stdio.h>
#include <string.h>

#include "base/escape.h"
#include "base/num.h"
#include "crypt/sha256.h"
#include "verify/model.h"

/*
 * Types: s text, i number from 0 on, h digest, H digest or "", u uuid,
 * k 64 bytes in hex, o object, a list, R S J an id, T an id of S or "".
 */
static const struct {
	const char	*what, *fields;
} kinds[] = {
	{ "gate-start", "gate:s next_session:i" },
	{ "gate-stop", "ordered:i next_session:i" },
	{ "numbers", "next_session:i" },
	{ "epoch", "epoch:i head_root:h head_size:i log_key:h origin:s public_key:h signature:k start_ns:i" },
	{ "snapshot", "serial:i digest:h" },
	{ "login", "who:s ?method:s ?key:s" },
	{ "logout", "who:s" },
	{ "login-refused", "?minute:i ?unknown_users:a" },
	{ "request", "who:s request:R revision:i digest:h canon:o reason:s "
	    "ticket:s label:s uses:i warnings:a filed_at:i pending_until:i "
	    "script_digest:H" },
	{ "decision", "who:s decision:s request:R revision:i digest:h state:s "
	    "message:s decided_at:i ?start_at:i ?end_at:i" },
	{ "use", "who:s source:s request:R revision:i step:i use:i uses:i "
	    "session:S uuid:u digest:h order:h exe:h header:h features:s "
	    "snapshot:i job:J started_at:i" },
	{ "start", "session:S" },
	{ "end", "session:S state:s how:s status:i signal:s reason:s in:i "
	    "out:i err:i refusals:i duration_ms:i ended_at:i ?chain:h "
	    "?request:R ?revision:i ?step:i ?uuid:u ?operator:s ?recorded:i" },
	{ "recovered", "session:S result:s good:i found:i sealed:i ?chain:h" },
	{ "refusal", "code:s asked:s reason:s ?request:R" },
	{ "word-refused", "code:s asked:s reason:s ?request:R" },
	{ "replay", "session:S how:s operator:s" },
	{ "seen", "who:s job:J session:T percent:i" },
	{ "verdict", "who:s job:J verdict:s message:s decided_at:i seen:o" },
	{ "disk", "level:s free:i" },
	{ "verify", "what_of:s" },
};

static int
is_id(const char *s, char letter)
{
	int64_t nr;

	return s[0] == letter && s[1] >= '1' && s[1] <= '9' &&
	    num_parse(s + 1, 1, INT64_MAX, &nr) == 0;
}

static int
is_hex(const char *s, size_t digits)
{
	return strlen(s) == digits &&
	    strspn(s, "0123456789abcdef") == digits;
}

static int
is_of_type(const json_t *v, char type)
{
	const char *s = json_string_value(v);
	uint8_t uuid[16];

	switch (type) {
	case 'i':
		return json_is_integer(v) && json_integer_value(v) >= 0;
	case 'o':
		return json_is_object(v);
	case 'a':
		return json_is_array(v);
	default:
		break;
	}
	if (s == NULL)
		return 0;
	switch (type) {
	case 'h':
		return is_hex(s, 64);
	case 'H':
		return *s == '\0' || is_hex(s, 64);
	case 'k':
		return is_hex(s, 128);
	case 'u':
		return uuid_parse(s, uuid) == 0;
	case 'T':
		return *s == '\0' || is_id(s, 'S');
	case 's':
		return 1;
	default:
		return is_id(s, type);
	}
}

/* All of a line: "name:type ?name:type". */
static int
check(const json_t *e, const char *line, char why[FIELDS_WHY])
{
	char name[32];
	const json_t *v;
	const char *colon;
	int may_lack;

	while ((colon = strchr(line, ':')) != NULL) {
		may_lack = *line == '?';
		line += may_lack;
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(colon - line), line);
		v = json_object_get(e, name);
		if (v == NULL && !may_lack) {
			(void)snprintf(why, FIELDS_WHY, "%s is missing", name);
			return 0;
		}
		if (v != NULL && !is_of_type(v, colon[1])) {
			(void)snprintf(why, FIELDS_WHY,
			    "%s is not of its kind", name);
			return 0;
		}
		line = colon + 2;
		line += *line == ' ';
	}
	return 1;
}

int
fields_are_good(const json_t *e, char why[FIELDS_WHY])
{
	const char *what = json_string_value(json_object_get(e, "what"));
	char safe[40];
	size_t i;

	if (!json_is_object(e)) {
		(void)snprintf(why, FIELDS_WHY, "it is no object");
		return 0;
	}
	if (!check(e, "at:s at_ns:i what:s ?who:s ?source:s", why))
		return 0;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(what, kinds[i].what) == 0)
			return check(e, kinds[i].fields, why);
	(void)snprintf(why, FIELDS_WHY, "there is no kind \"%s\"",
	    escape_to(safe, sizeof(safe), what, strlen(what)));
	return 0;
}
