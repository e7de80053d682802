/* state.c - the state file between checks. */
#include "verify/state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/num.h"
#include "crypt/sha256.h"
#include "ledger/note.h"
#include "verify/row.h"

#define FIRST_LINE	"sekisho-verify 1"
#define LINE_ROOM	256

enum { ST_NR, ST_CHAIN, ST_BYTES, ST_COLUMNS };

struct state *
state_new(void)
{
	struct state *s = calloc(1, sizeof(*s));

	if (s != NULL && (s->sessions = map_new(1)) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
state_free(struct state *s)
{
	if (s == NULL)
		return;
	map_free(s->sessions);
	free(s);
}

int
state_knows(const struct state *s, int64_t nr, const uint8_t chain[32],
    uint64_t bytes)
{
	const struct item *i = map_find_nr(s->sessions, nr);

	return i != NULL && memcmp(i->row->c[ST_CHAIN].p, chain,
	    SHA256_LEN) == 0 &&
	    i->row->c[ST_BYTES].i == (int64_t)bytes;
}

int
state_add(struct state *s, int64_t nr, const uint8_t chain[32],
    uint64_t bytes)
{
	struct item *i = map_find_nr(s->sessions, nr);
	struct row *row;
	int r;

	if (i != NULL) {
		row_int(i->row, ST_BYTES, (int64_t)bytes);
		return row_bytes(i->row, ST_CHAIN, CELL_BLOB, chain,
		    SHA256_LEN);
	}
	if ((row = row_new(ST_COLUMNS)) == NULL)
		return ERR_NOMEM;
	row_int(row, ST_NR, nr);
	row_int(row, ST_BYTES, (int64_t)bytes);
	if ((r = row_bytes(row, ST_CHAIN, CELL_BLOB, chain,
	    SHA256_LEN)) != 0) {
		row_free(row);
		return r;
	}
	return map_add(s->sessions, row, NULL);
}

/* "WORD VALUE": the value, or NULL. */
static char *
value(char *line, const char *word)
{
	size_t n = strlen(word);

	return strncmp(line, word, n) == 0 && line[n] == ' ' ?
	    line + n + 1 : NULL;
}

/* "NUMBER HEX" */
static int
number_and_hex(char *text, int64_t *nr, uint8_t digest[32])
{
	char *blank = strchr(text, ' ');

	if (blank == NULL)
		return ERR_FORMAT;
	*blank = '\0';
	if (num_parse(text, 0, INT64_MAX, nr) != 0)
		return ERR_FORMAT;
	return sha256_parse(blank + 1, digest);
}

/* "345 CHAIN BYTES" */
static int
session_line(struct state *s, char *text)
{
	char *blank = strrchr(text, ' ');
	uint8_t chain[SHA256_LEN];
	int64_t nr, bytes;

	if (blank == NULL)
		return ERR_FORMAT;
	*blank = '\0';
	if (num_parse(blank + 1, 0, INT64_MAX, &bytes) != 0 ||
	    number_and_hex(text, &nr, chain) != 0)
		return ERR_FORMAT;
	return state_add(s, nr, chain, (uint64_t)bytes);
}

static int
take_line(struct state *s, unsigned int nr, char *line)
{
	int64_t size;
	char *text;

	switch (nr) {
	case 0:
		return strcmp(line, FIRST_LINE) == 0 ? 0 : ERR_FORMAT;
	case 1:
		if ((text = value(line, "origin")) == NULL ||
		    !note_origin_is_good(text))
			return ERR_FORMAT;
		memcpy(s->origin, text, strlen(text) + 1);
		return 0;
	case 2:
		text = value(line, "log_key");
		return text == NULL ? ERR_FORMAT :
		    sha256_parse(text, s->log_key);
	case 3:
		if ((text = value(line, "tree")) == NULL ||
		    number_and_hex(text, &size, s->root) != 0)
			return ERR_FORMAT;
		s->size = (uint64_t)size;
		return 0;
	default:
		return line[0] != 'S' ? ERR_FORMAT :
		    session_line(s, line + 1);
	}
}

int
state_read(struct state *s, int fd)
{
	char line[LINE_ROOM], *end;
	unsigned int nr = 0;
	int copy, r = 0;
	FILE *f;

	if ((copy = dup(fd)) < 0 || (f = fdopen(copy, "r")) == NULL) {
		log_errno("state file cannot be read");
		return ERR_SYS;
	}
	while (r == 0 && fgets(line, sizeof(line), f) != NULL) {
		if ((end = strchr(line, '\n')) == NULL) {
			r = ERR_FORMAT;
			break;
		}
		*end = '\0';
		r = take_line(s, nr++, line);
	}
	if (r == 0 && (ferror(f) || nr < 4))
		r = ERR_FORMAT;
	(void)fclose(f);
	if (r == ERR_FORMAT || r == ERR_LIMIT)
		log_error("not a state file of this program line=%u", nr);
	return r;
}

int
state_write(const struct state *s, int fd)
{
	char hex[SHA256_HEX];
	const struct item *i;
	int copy, bad;
	FILE *f;

	if ((copy = dup(fd)) < 0 || (f = fdopen(copy, "w")) == NULL) {
		log_errno("state file cannot be written");
		return ERR_SYS;
	}
	fprintf(f, "%s\norigin %s\n", FIRST_LINE, s->origin);
	fprintf(f, "log_key %s\n", sha256_hex(hex, s->log_key));
	fprintf(f, "tree %" PRIu64 " %s\n", s->size, sha256_hex(hex, s->root));
	for (i = map_first(s->sessions); i != NULL; i = map_next(i))
		fprintf(f, "S%" PRId64 " %s %" PRId64 "\n",
		    i->row->c[ST_NR].i, sha256_hex(hex,
		    (const uint8_t *)i->row->c[ST_CHAIN].p),
		    i->row->c[ST_BYTES].i);
	bad = fflush(f) != 0 || ferror(f) || fsync(fd) != 0;
	if (bad)
		log_errno("state file cannot be written");
	if (fclose(f) != 0 && !bad)
		bad = 1;
	return bad ? ERR_SYS : 0;
}
