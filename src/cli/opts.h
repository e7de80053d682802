/*
 * opts.h - the options of a gateway word, from one table.
 *
 * ssh has dropped the local quotes, so a text option takes all words up to
 * the next one that begins with "--".
 */
#ifndef CLI_OPTS_H
#define CLI_OPTS_H

#include <stddef.h>

enum opt_kind {
	OPT_FLAG,	/* int * */
	OPT_ONE,	/* char **: the next word */
	OPT_MANY,	/* char ***: the next word, may come again */
	OPT_TEXT	/* char **: words joined by one blank */
};

struct opt {
	const char	*name;		/* "--until", "-m"; NULL ends the table */
	enum opt_kind	 kind;
	void		*dest;		/* NULL or 0 before; the caller frees */
};

struct args {
	char	**words;		/* neither options nor behind "--" */
	char	**rest;			/* behind "--"; NULL when there is none */
};

#define OPTS_WHY	200

/*
 * Reads "argv".  ERR_FORMAT: "why" says in one sentence what is wrong,
 * escaped.  The caller frees with args_free() whatever is returned.
 */
int opts_parse(char *const *argv, const struct opt *table, struct args *args,
    char why[OPTS_WHY]);
void args_free(struct args *args);

#endif
