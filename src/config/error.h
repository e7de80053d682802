/* error.h - what is wrong with a configuration file, as one line for the person who wrote it. */
#ifndef CONFIG_ERROR_H
#define CONFIG_ERROR_H

#define CONF_ERROR_MAX	512

/* "FILE:LINE: expected ..., found ..."; empty while nothing is wrong. */
struct conf_error {
	char	text[CONF_ERROR_MAX];
};

/*
 * Sets the text (escaped as a whole, one line) and returns ERR_FORMAT.
 * "line" 0 leaves the number out: the file as a whole is meant.
 */
int conf_fail(struct conf_error *e, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif
