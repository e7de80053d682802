/* exe.h - finds the executable a request names, judges it and takes its digest. */
#ifndef REQUEST_EXE_H
#define REQUEST_EXE_H

#include "request/request.h"

#define EXE_MAX	(512U << 20)	/* bytes: half a second of hashing, however it is sliced */

struct stat;

/*
 * How a file's digest is come by.  1: not now, ask again later.  ERR_SYS,
 * ERR_LIMIT: it cannot be read; ERR_CONFLICT: it was changed meanwhile.
 */
typedef int exe_hash_fn(void *arg, int fd, const struct stat *st,
    uint8_t digest[DIGEST_LEN]);
/* At once.  "arg" is not used. */
exe_hash_fn exe_hash;
/* Is it the same file, and unchanged? */
int exe_is_same(const struct stat *a, const struct stat *b);

/*
 * "word" is looked for in "dirs" unless it is an absolute path.  Links are
 * followed; what is found must lie beneath /usr or one of "dirs", be a regular
 * file of root that nobody else can write or replace, executable and readable
 * here.  On 0 *path (caller: str_wipe) and "digest" are set; else ERR_DENIED
 * with *why, ERR_NOMEM, ERR_CRYPTO.
 */
int exe_find(const char *word, char *const *dirs, char **path,
    uint8_t digest[DIGEST_LEN], struct req_refusal *why);
/* The same; 1 when "hash" says so. */
int exe_find_with(const char *word, char *const *dirs, char **path,
    uint8_t digest[DIGEST_LEN], struct req_refusal *why, exe_hash_fn *hash,
    void *arg);

#endif
