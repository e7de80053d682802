/* words.h - the gateway words this program offers: one table for help, usage and dispatch. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "cli/cli.h"

struct word {
	const char	*name;
	const char	*sub;		/* NULL: the word has none */
	/* argv: what stands behind the names; NULL: reserved, not offered yet */
	int		(*run)(struct cli *c, char *const *argv);
	const char	*usage;		/* behind the names; "" for none */
	const char	*summary;	/* one line of `help`; NULL: not listed */
	const char	*help;		/* the rest of `help WORD` */
};

/* Ends with a row whose name is NULL. */
extern const struct word words[];

/* Finds and runs the word of a whole line; the exit status. */
int words_run(struct cli *c, char *const *argv);

/* Does the line ask for JSON, so that a refusal is to be JSON, too? */
int words_has_json(char *const *argv);

/* USAGE: "why", then the usage line of a word ("request", "new"). */
int words_usage(struct cli *c, const char *name, const char *sub,
    const char *why);

struct out;
/* "before", the names of a row and its usage, in lines of a terminal, and a line end. */
void words_put_line(struct out *o, const char *before, const struct word *w);

/* The words themselves, a file each by subject. */
int word_help(struct cli *c, char *const *argv);
int word_shell(struct cli *c, char *const *argv);
int word_whoami(struct cli *c, char *const *argv);
int word_request_new(struct cli *c, char *const *argv);
int word_request_list(struct cli *c, char *const *argv);
int word_request_show(struct cli *c, char *const *argv);
int word_request_approve(struct cli *c, char *const *argv);
int word_request_reject(struct cli *c, char *const *argv);
int word_request_withdraw(struct cli *c, char *const *argv);
int word_session_list(struct cli *c, char *const *argv);
int word_session_show(struct cli *c, char *const *argv);
int word_session_replay(struct cli *c, char *const *argv);
int word_session_text(struct cli *c, char *const *argv);
int word_session_export(struct cli *c, char *const *argv);
int word_audit_log(struct cli *c, char *const *argv);
int word_audit_head(struct cli *c, char *const *argv);
int word_audit_key(struct cli *c, char *const *argv);
int word_audit_proof(struct cli *c, char *const *argv);
int word_review_list(struct cli *c, char *const *argv);
int word_review_next(struct cli *c, char *const *argv);
int word_review_show(struct cli *c, char *const *argv);
int word_review_verdict(struct cli *c, char *const *argv);
int word_status(struct cli *c, char *const *argv);
int word_verify(struct cli *c, char *const *argv);
int word_profile_list(struct cli *c, char *const *argv);
int word_profile_show(struct cli *c, char *const *argv);
int word_profile_check(struct cli *c, char *const *argv);

#endif
