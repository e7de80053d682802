/* tool.h - inside src/cli: words of the host's root that are programs of their own beside this one. */
#ifndef CLI_TOOL_H
#define CLI_TOOL_H

/* Is it "setup" or "check"? */
int tool_known(const char *word);

/*
 * Becomes sekisho-WORD in the directory of this program: argv is the word and
 * what stands behind it, of the caller's environment only TERM is left.
 * Returns only when that failed, with the exit status; the reason stands on
 * standard error.
 */
int tool_run(char **argv);

/* The directory that this program was started from, into dir[size].  ERR_SYS: unknown. */
int tool_dir(char *dir, unsigned long size);

#endif
