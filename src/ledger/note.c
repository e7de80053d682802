/* note.c - heads as signed notes, and their keys as one line each: one way to write, one to read. */
#include "ledger/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "crypt/base64.h"
#include "crypt/ed25519.h"
#include "crypt/sha256.h"

#define ID_LEN		4
#define NAME_ROOM	(ORIGIN_MAX + 16)	/* ORIGIN "/e" u32 */
#define TYPE_ED25519	1
#define DASH		"\xe2\x80\x94"		/* U+2014 */
#define TAIL		"/sekisho"

int
note_origin_is_good(const char *origin)
{
	size_t n = strnlen(origin, ORIGIN_MAX + 1), i;

	if (n > ORIGIN_MAX || n <= strlen(TAIL) ||
	    strcmp(origin + n - strlen(TAIL), TAIL) != 0)
		return 0;
	for (i = 0; i < n; i++)
		if (origin[i] <= ' ' || origin[i] > '~' || origin[i] == '+')
			return 0;
	return 1;
}

/* Epoch 0: the log key. */
static void
key_name(char out[NAME_ROOM], const char *origin, uint32_t epoch)
{
	if (epoch == 0)
		(void)snprintf(out, NAME_ROOM, "%.*s", ORIGIN_MAX, origin);
	else
		(void)snprintf(out, NAME_ROOM, "%.*s/e%u", ORIGIN_MAX, origin,
		    epoch);
}

static int
key_id(uint8_t id[ID_LEN], const char *name, const uint8_t key[NOTE_KEY])
{
	uint8_t in[NAME_ROOM + 2 + NOTE_KEY], digest[SHA256_LEN];
	size_t n = strlen(name);
	int r;

	memcpy(in, name, n);
	in[n++] = '\n';
	in[n++] = TYPE_ED25519;
	memcpy(in + n, key, NOTE_KEY);
	if ((r = sha256_mem(in, n + NOTE_KEY, digest)) != 0)
		return r;
	memcpy(id, digest, ID_LEN);
	return 0;
}

size_t
note_text(char out[NOTE_TEXT_MAX], const struct note *n)
{
	char *root = base64_encode(n->root, sizeof(n->root));
	int len;

	len = snprintf(out, NOTE_TEXT_MAX, "%.*s\n%llu\n%s\ntime %lld\n",
	    ORIGIN_MAX, n->origin, (unsigned long long)n->size,
	    root == NULL ? "" : root, (long long)n->time_ns);
	if (root == NULL || len < 0 || len >= NOTE_TEXT_MAX) {
		out[0] = '\0';
		len = 0;
	}
	str_wipe(root);
	return (size_t)len;
}

/* Append one signature line. */
static int
put_signature(char out[NOTE_MAX], size_t *len, const char *name,
    const uint8_t id[ID_LEN], const uint8_t signature[NOTE_SIGNATURE])
{
	uint8_t in[ID_LEN + NOTE_SIGNATURE];
	size_t room = NOTE_MAX - *len;
	char *text;
	int n;

	memcpy(in, id, ID_LEN);
	memcpy(in + ID_LEN, signature, NOTE_SIGNATURE);
	if ((text = base64_encode(in, sizeof(in))) == NULL)
		return ERR_NOMEM;
	n = snprintf(out + *len, room, DASH " %s %s\n", name, text);
	str_wipe(text);
	if (n < 0 || (size_t)n >= room)
		return ERR_LIMIT;
	*len += (size_t)n;
	return 0;
}

/* The whole note with these ids: the one form there is. */
static int
emit(char out[NOTE_MAX], size_t *len, const struct note *n,
    uint8_t ids[2][ID_LEN])
{
	char text[NOTE_TEXT_MAX], name[NAME_ROOM];
	int r;

	if (!note_origin_is_good(n->origin) || n->time_ns < 0 ||
	    n->size > INT64_MAX || n->epoch == 0)
		return ERR_FORMAT;
	if ((*len = note_text(text, n)) == 0)
		return ERR_NOMEM;
	memcpy(out, text, *len);
	out[(*len)++] = '\n';
	key_name(name, n->origin, 0);
	if ((r = put_signature(out, len, name, ids[0],
	    n->log_signature)) != 0)
		return r;
	key_name(name, n->origin, n->epoch);
	return put_signature(out, len, name, ids[1], n->epoch_signature);
}

/* The ids of both keys; NULL leaves one as it is. */
static int
ids_of(const struct note *n, const uint8_t *log_key, const uint8_t *epoch_key,
    uint8_t ids[2][ID_LEN])
{
	char name[NAME_ROOM];
	int r = 0;

	key_name(name, n->origin, 0);
	if (log_key != NULL)
		r = key_id(ids[0], name, log_key);
	key_name(name, n->origin, n->epoch);
	if (r == 0 && epoch_key != NULL)
		r = key_id(ids[1], name, epoch_key);
	return r;
}

int
note_make(char out[NOTE_MAX], size_t *len, const struct note *n,
    const uint8_t log_key[NOTE_KEY], const uint8_t epoch_key[NOTE_KEY])
{
	uint8_t ids[2][ID_LEN];
	int r;

	if ((r = ids_of(n, log_key, epoch_key, ids)) != 0)
		return r;
	return emit(out, len, n, ids);
}

/* The next line of "*at" without its end, terminated; NULL: there is none. */
static char *
line(char **at)
{
	char *s = *at, *end;

	if (s == NULL || (end = strchr(s, '\n')) == NULL)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return s;
}

static int
bytes(const char *text, size_t want, uint8_t *out)
{
	uint8_t *p = NULL;
	size_t n = 0;
	int r;

	if (text == NULL)
		return ERR_FORMAT;
	if ((r = base64_decode(text, want, &p, &n)) != 0)
		return r == ERR_NOMEM ? r : ERR_FORMAT;
	if (n == want)
		memcpy(out, p, n);
	mem_wipe(p, n);
	return n == want ? 0 : ERR_FORMAT;
}

static int
number(const char *s, const char *before, int64_t *v)
{
	if (s == NULL || strncmp(s, before, strlen(before)) != 0)
		return ERR_FORMAT;
	return num_parse(s + strlen(before), 0, INT64_MAX, v) == 0 ? 0 :
	    ERR_FORMAT;
}

/* "ORIGIN" is epoch 0, "ORIGIN/e5" epoch 5.  What is not exactly so is found by who writes it again. */
static int
name_parse(const char *name, char origin[ORIGIN_MAX + 1], uint32_t *epoch)
{
	const char *e;
	size_t n = strlen(name);
	int64_t v = 0;

	if (!note_origin_is_good(name)) {
		if ((e = strrchr(name, '/')) == NULL ||
		    number(e, "/e", &v) != 0 || v == 0 || v > UINT32_MAX)
			return ERR_FORMAT;
		n = (size_t)(e - name);
	}
	if (n > ORIGIN_MAX)
		return ERR_FORMAT;
	memcpy(origin, name, n);
	origin[n] = '\0';
	*epoch = (uint32_t)v;
	return note_origin_is_good(origin) ? 0 : ERR_FORMAT;
}

/* A signature line: its epoch, id and signature. */
static int
get_signature(const char *s, uint32_t *epoch, uint8_t id[ID_LEN],
    uint8_t signature[NOTE_SIGNATURE])
{
	static const char before[] = DASH " ";
	char origin[ORIGIN_MAX + 1], name[NAME_ROOM];
	uint8_t both[ID_LEN + NOTE_SIGNATURE];
	const char *blank;
	size_t n;
	int r;

	if (s == NULL || strncmp(s, before, strlen(before)) != 0)
		return ERR_FORMAT;
	s += strlen(before);
	if ((blank = strchr(s, ' ')) == NULL ||
	    (n = (size_t)(blank - s)) >= sizeof(name))
		return ERR_FORMAT;
	memcpy(name, s, n);
	name[n] = '\0';
	if (name_parse(name, origin, epoch) != 0)
		return ERR_FORMAT;
	if ((r = bytes(blank + 1, sizeof(both), both)) != 0)
		return r;
	memcpy(id, both, ID_LEN);
	memcpy(signature, both + ID_LEN, NOTE_SIGNATURE);
	return 0;
}

/* What the lines say; that they are exactly what is written for it is checked after. */
static int
read_lines(char *at, struct note *n, uint8_t ids[2][ID_LEN])
{
	const char *s, *empty;
	uint32_t log_epoch = 0;
	int64_t size = 0;
	int r;

	if ((s = line(&at)) == NULL || !note_origin_is_good(s))
		return ERR_FORMAT;
	memcpy(n->origin, s, strlen(s) + 1);
	if ((r = number(line(&at), "", &size)) != 0 ||
	    (r = bytes(line(&at), sizeof(n->root), n->root)) != 0 ||
	    (r = number(line(&at), "time ", &n->time_ns)) != 0)
		return r;
	n->size = (uint64_t)size;
	if ((empty = line(&at)) == NULL || empty[0] != '\0')
		return ERR_FORMAT;
	if ((r = get_signature(line(&at), &log_epoch, ids[0],
	    n->log_signature)) != 0)
		return r;
	return get_signature(line(&at), &n->epoch, ids[1],
	    n->epoch_signature);
}

int
note_parse(const char *p, size_t len, struct note *out,
    const uint8_t *log_key, const uint8_t *epoch_key)
{
	char copy[NOTE_MAX + 1], again[NOTE_MAX];
	uint8_t ids[2][ID_LEN] = { { 0 } };
	struct note n = { .size = 0 };
	size_t again_len = 0;
	int r;

	if (len > NOTE_MAX || memchr(p, '\0', len) != NULL)
		return ERR_FORMAT;
	memcpy(copy, p, len);
	copy[len] = '\0';
	if ((r = read_lines(copy, &n, ids)) != 0 ||
	    (r = ids_of(&n, log_key, epoch_key, ids)) != 0 ||
	    (r = emit(again, &again_len, &n, ids)) != 0)
		return r;
	if (again_len != len || memcmp(again, p, len) != 0)
		return ERR_FORMAT;
	*out = n;
	return 0;
}

int
note_check(const struct note *n, const uint8_t log_key[NOTE_KEY],
    const uint8_t epoch_key[NOTE_KEY])
{
	char text[NOTE_TEXT_MAX];
	size_t len;
	int r;

	if ((len = note_text(text, n)) == 0)
		return ERR_CRYPTO;
	if ((r = ed25519_verify(log_key, text, len, n->log_signature)) != 0)
		return r;
	return ed25519_verify(epoch_key, text, len, n->epoch_signature);
}

int
vkey_make(char out[VKEY_MAX], const char *origin, uint32_t epoch,
    const uint8_t key[NOTE_KEY])
{
	char name[NAME_ROOM], *text;
	uint8_t typed[1 + NOTE_KEY] = { TYPE_ED25519 }, id[ID_LEN];
	int n, r;

	if (!note_origin_is_good(origin))
		return ERR_FORMAT;
	key_name(name, origin, epoch);
	if ((r = key_id(id, name, key)) != 0)
		return r;
	memcpy(typed + 1, key, NOTE_KEY);
	if ((text = base64_encode(typed, sizeof(typed))) == NULL)
		return ERR_NOMEM;
	n = snprintf(out, VKEY_MAX, "%s+%02x%02x%02x%02x+%s", name, id[0],
	    id[1], id[2], id[3], text);
	str_wipe(text);
	return n > 0 && n < VKEY_MAX ? 0 : ERR_LIMIT;
}

int
vkey_parse(const char *s, char origin[ORIGIN_MAX + 1], uint32_t *epoch,
    uint8_t key[NOTE_KEY])
{
	char name[NAME_ROOM], again[VKEY_MAX], who[ORIGIN_MAX + 1];
	const char *plus = strchr(s, '+');
	uint8_t typed[1 + NOTE_KEY];
	uint32_t nr = 0;
	int r;

	if (plus == NULL || (size_t)(plus - s) >= sizeof(name) ||
	    strnlen(plus, 11) < 11)
		return ERR_FORMAT;
	memcpy(name, s, (size_t)(plus - s));
	name[plus - s] = '\0';
	if ((r = name_parse(name, who, &nr)) != 0 ||
	    (r = bytes(plus + 10, sizeof(typed), typed)) != 0 ||
	    (r = vkey_make(again, who, nr, typed + 1)) != 0)
		return r;
	if (strcmp(again, s) != 0)
		return ERR_FORMAT;
	memcpy(origin, who, sizeof(who));
	memcpy(key, typed + 1, NOTE_KEY);
	*epoch = nr;
	return 0;
}

static size_t
put_le(uint8_t *out, uint64_t v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(v >> 8 * i);
	return n;
}

size_t
epoch_text(uint8_t out[EPOCH_TEXT_MAX], const struct epoch_said *e,
    const uint8_t log_key[NOTE_KEY], const char *origin)
{
	static const char tag[] = "skr1-epoch";	/* its NUL is part of it */
	size_t n = sizeof(tag), len = strnlen(origin, ORIGIN_MAX);

	memcpy(out, tag, n);
	n += put_le(out + n, e->nr, 4);
	n += put_le(out + n, (uint64_t)e->start_ns, 8);
	memcpy(out + n, e->key, NOTE_KEY);
	n += NOTE_KEY;
	memcpy(out + n, log_key, NOTE_KEY);
	n += NOTE_KEY;
	n += put_le(out + n, e->head_size, 8);
	memset(out + n, 0, 32);
	if (e->head_size != 0)
		memcpy(out + n, e->head_root, 32);
	n += 32;
	memcpy(out + n, origin, len);
	return n + len;
}
