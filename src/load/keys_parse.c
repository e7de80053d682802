/* keys_parse.c - a file of keys.d: one plain public key a line, nothing else. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crypt/base64.h"
#include "crypt/sshkey.h"
#include "load/keys.h"
#include "load/policy.h"

#define BLANKS	" \t"

/* Where a fault is. */
struct place {
	const char		*file;
	int			 line;
	struct conf_error	*e;
};

/* The next word of the line at *at, cut off in place; NULL: there is none. */
static char *
next_word(char **at)
{
	char *word = *at + strspn(*at, BLANKS), *end;

	if (*word == '\0')
		return NULL;
	end = word + strcspn(word, BLANKS);
	*at = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

/* The types that people might expect to work get a word of their own. */
static int
check_type(const struct place *w, const char *type)
{
	if (strstr(type, "-cert-v01@") != NULL)
		return conf_fail(w->e, w->file, w->line, "expected a plain "
		    "key, found the certificate type \"%s\"", type);
	if (strncmp(type, "sk-", 3) == 0)
		return conf_fail(w->e, w->file, w->line, "expected a plain "
		    "key, found \"%s\": the SSH library does not say whether "
		    "a security key was touched", type);
	if (sshkey_is_type(type))
		return 0;
	return conf_fail(w->e, w->file, w->line, "expected TYPE KEY [COMMENT] "
	    "without options, TYPE being ssh-ed25519, ecdsa-sha2-nistp256, "
	    "-nistp384, -nistp521 or ssh-rsa, found \"%s\"", type);
}

static int
add_key(struct snapshot *s, const char *person, const struct place *w,
    const char *type, const struct blob *key)
{
	struct msg_snap_key *k;
	void *list = s->keys;
	const char *why;

	if (sshkey_check(type, key->p, key->n, &why) != 0)
		return conf_fail(w->e, w->file, w->line, "%s, found \"%s\"",
		    why, type);
	if ((k = policy_grow(&list, &s->nkeys, sizeof(*k))) == NULL)
		return ERR_NOMEM;
	s->keys = list;
	k->person = strdup(person);
	k->algorithm = strdup(type);
	if (k->person == NULL || k->algorithm == NULL ||
	    (k->blob.p = malloc(key->n)) == NULL)
		return ERR_NOMEM;
	memcpy(k->blob.p, key->p, key->n);
	k->blob.n = key->n;
	return 0;
}

static int
parse_line(struct snapshot *s, const char *person, const struct place *w,
    char *line)
{
	struct blob key = { NULL, 0 };
	char *at = line, *type, *text;
	int r;

	if ((type = next_word(&at)) == NULL || type[0] == '#')
		return 0;
	if ((r = check_type(w, type)) != 0)
		return r;
	if ((text = next_word(&at)) == NULL)
		return conf_fail(w->e, w->file, w->line, "expected TYPE KEY "
		    "[COMMENT], found one word");
	r = base64_decode(text, KEY_BLOB_MAX, &key.p, &key.n);
	if (r == ERR_FORMAT || r == ERR_LIMIT)
		return conf_fail(w->e, w->file, w->line, "expected a key in "
		    "base64 of at most %d bytes behind \"%s\"", KEY_BLOB_MAX,
		    type);
	if (r == 0)
		r = add_key(s, person, w, type, &key);
	mem_wipe(key.p, key.n);
	return r;
}

/* Anything but text would be shown by no editor as what it is. */
static int
is_plain(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (((unsigned char)p[i] < ' ' && p[i] != '\t') ||
		    p[i] == 0x7f)
			return 0;
	return 1;
}

int
keys_parse(struct snapshot *s, const char *person, const char *file,
    const char *text, size_t n, struct conf_error *e)
{
	struct place w = { .file = file, .line = 0, .e = e };
	const char *end = text + n, *next, *stop;
	char line[KEY_LINE_MAX + 1];
	size_t before = s->nkeys;
	int r;

	for (; text < end; text = next) {
		w.line++;
		if ((stop = memchr(text, '\n', (size_t)(end - text))) == NULL)
			stop = end;
		next = stop == end ? end : stop + 1;
		if ((size_t)(stop - text) > KEY_LINE_MAX)
			return conf_fail(e, file, w.line, "expected a line of "
			    "at most %d bytes", KEY_LINE_MAX);
		if (!is_plain(text, (size_t)(stop - text)))
			return conf_fail(e, file, w.line, "expected text, "
			    "found a control character");
		memcpy(line, text, (size_t)(stop - text));
		line[stop - text] = '\0';
		if ((r = parse_line(s, person, &w, line)) != 0)
			return r;
		if (s->nkeys - before > KEYS_MAX)
			return conf_fail(e, file, w.line, "expected at most %d "
			    "keys of one person", KEYS_MAX);
	}
	return 0;
}
