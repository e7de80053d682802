/*
 * keys_fuzz.c - a file of keys.d of any bytes: an error with its place, or
 * keys that the monitor takes and that are written in the one way there is.
 * links: wire crypt confine json config filter load
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crypt/base64.h"
#include "crypt/sshkey.h"
#include "load/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* A key alone, as it comes from net: behind its type, up to the first NUL. */
static void
raw_key(const uint8_t *p, size_t n)
{
	const uint8_t *end = memchr(p, '\0', n);

	if (end != NULL)
		(void)sshkey_check((const char *)p, end + 1,
		    n - (size_t)(end + 1 - p), NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct snapshot s;
	struct conf_error e;
	char print[SSHKEY_PRINT], *text;
	size_t i;
	int r;

	raw_key(p, n);
	memset(&s, 0, sizeof(s));
	memset(&e, 0, sizeof(e));
	r = keys_parse(&s, "alice", "k", (const char *)p, n, &e);
	if ((r != 0 && r != ERR_FORMAT) || (r != 0) != (e.text[0] != '\0'))
		abort();
	for (i = 0; i < s.nkeys; i++) {
		if (r != 0 && i + 1 == s.nkeys)
			break;		/* the one that was not finished */
		if (sshkey_check(s.keys[i].algorithm, s.keys[i].blob.p,
		    s.keys[i].blob.n, NULL) != 0 ||
		    sshkey_print(print, s.keys[i].blob.p,
		    s.keys[i].blob.n) != 0)
			abort();
		text = base64_encode(s.keys[i].blob.p, s.keys[i].blob.n);
		if (text == NULL || memmem(p, n, text, strlen(text)) == NULL)
			abort();
		free(text);
	}
	snapshot_wipe(&s);
	return 0;
}
