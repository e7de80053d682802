/*
 * table.h - keys of a configuration file as a const table: the only way values come in.
 *
 * A key is a dotted path ("login.grace").  A setting that is not in the table
 * is an error, and so is a wrong type, a value out of bounds or a broken
 * list.  The same table gives the defaults, the man pages are checked against
 * it, and the sample files must equal it.
 */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "config/error.h"

enum conf_type {
	CONF_TEXT,	/* char *: any text of min..max bytes */
	CONF_NAME,	/* char *: letters, digits and ._@- */
	CONF_PATH,	/* char *: absolute, no ".." ; "" when min is 0 */
	CONF_WORD,	/* int64_t: index into "words" ("eperm kill") */
	CONF_INT,	/* int64_t: number */
	CONF_SPAN,	/* int64_t: seconds, written "30s" "5m" "8h" "7d" */
	CONF_SIZE,	/* int64_t: bytes, written "64K" "16M" "1G" */
	CONF_BOOL,	/* int64_t: 0 or 1 */
	CONF_TEXTS,	/* char **: array of texts without control characters */
	CONF_NAMES,	/* char **: array of names, each once; "@" begins a group */
	CONF_PATHS,	/* char **: array of paths as CONF_PATH; "?" before one: need not exist */
	CONF_PORTS,	/* char **: array of 1..65535, or "any" */
	CONF_MAP	/* char **: group of NAME = "value" as "NAME=value" */
};

struct conf_key {
	const char	*name;
	enum conf_type	 type;
	size_t		 at;	/* offsetof the member */
	const char	*def;	/* as text; items separated by a blank; NULL: must be given */
	int64_t		 min, max;	/* bounds of the value, of the text's length or of the count */
	const char	*words;
};

struct conf_tree;

/* Checks (text.h) and parses.  The caller frees with conf_tree_free().  "file" must stay. */
int conf_parse(const char *file, const char *text, size_t n,
    struct conf_tree **out, struct conf_error *e);
void conf_tree_free(struct conf_tree *t);	/* NULL is allowed */

/*
 * Reads every setting into the struct at "into".  lines[i] becomes the line
 * of key i, and stays for keys the file does not set.  A list whose line was
 * already set is appended to, everything else is replaced.
 */
int conf_read(const struct conf_tree *t, const struct conf_key *keys,
    size_t nkeys, void *into, int *lines, struct conf_error *e);

/* How many groups the list "name" has; it must be the only setting.  -1: wrong, see *e. */
int conf_groups(const struct conf_tree *t, const char *name, int max,
    struct conf_error *e);
/* As conf_read(), from group "i" of it.  *line: where the group begins. */
int conf_read_group(const struct conf_tree *t, int i,
    const struct conf_key *keys, size_t nkeys, void *into, int *lines,
    int *line, struct conf_error *e);

/* Gives every key without a line its default.  ERR_FORMAT: a key that must be given is missing; "line" is told. */
int conf_defaults(const char *file, int line, const struct conf_key *keys,
    size_t nkeys, void *into, const int *lines, struct conf_error *e);
/* Frees what the members own.  The struct may be all zero. */
void conf_wipe(const struct conf_key *keys, size_t nkeys, void *into);

/* Absolute, no empty, "." or ".." part, no "/" at the end but in "/" itself. */
int conf_path_ok(const char *path);

#endif
