/*
 * text.h - what libconfig would accept without a word and we do not.
 *
 * libconfig cuts 5000000000 to 705032704, reads 0755 as 755, joins "a" "b",
 * ends a string at \x00 and obeys @include.  The text is looked at before
 * libconfig sees it.
 */
#ifndef CONFIG_TEXT_H
#define CONFIG_TEXT_H

#include <stddef.h>

#include "config/error.h"

#define CONF_DEPTH_MAX	8	/* brackets within brackets */

/* 0, or ERR_FORMAT with the line in *e.  "text" may hold any bytes. */
int conf_text_check(const char *file, const char *text, size_t n,
    struct conf_error *e);

#endif
