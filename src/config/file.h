/* file.h - configuration files that only root can have written. */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stddef.h>

#include "config/error.h"

#define CONF_FILE_MAX	262144	/* bytes of one file; the samples have 3,000 */

/*
 * Is "path" (an existing file or directory), and every directory above it,
 * owned by root and writable by root only?  A directory with the sticky bit
 * passes as long as what is below it passes.
 */
int conf_path_trusted(const char *path, struct conf_error *e);

/*
 * The text of a trusted regular file, NUL-terminated; the caller frees it
 * with str_wipe().  ERR_FORMAT: *e says why.
 */
int conf_file_read(const char *path, char **text, size_t *n,
    struct conf_error *e);

#endif
