/* sshkey_print.c - a fingerprint: a digest of bytes whose form nobody asks for, so a process may have it without the reader beside it. */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/base64.h"
#include "crypt/sha256.h"
#include "crypt/sshkey.h"

int
sshkey_print(char out[SSHKEY_PRINT], const uint8_t *p, size_t n)
{
	uint8_t digest[SHA256_LEN];
	char *text;
	int r;

	if ((r = sha256_mem(p, n, digest)) != 0)
		return r;
	if ((text = base64_encode(digest, sizeof(digest))) == NULL)
		return ERR_NOMEM;
	snprintf(out, SSHKEY_PRINT, "SHA256:%.43s", text);	/* without "=" */
	str_wipe(text);
	return 0;
}
