/* exe.h - finds the executable a request names, judges it and takes its digest. */
#ifndef REQUEST_EXE_H
#define REQUEST_EXE_H

#include "request/request.h"

#define EXE_MAX	(512U << 20)	/* bytes; hashing holds up the ledger */

/*
 * "word" is looked for in "dirs" unless it is an absolute path.  Links are
 * followed; what is found must lie beneath /usr or one of "dirs", be a regular
 * file of root that nobody else can write or replace, executable and readable
 * here.  On 0 *path (caller: str_wipe) and "digest" are set; else ERR_DENIED
 * with *why, ERR_NOMEM, ERR_CRYPTO.
 */
int exe_find(const char *word, char *const *dirs, char **path,
    uint8_t digest[DIGEST_LEN], struct req_refusal *why);

#endif
