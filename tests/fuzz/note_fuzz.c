/* note_fuzz.c - any bytes as a signed head or a vkey: what is taken is exactly what would be written.  links: ledger crypt json */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/note.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static void
as_note(const char *p, size_t n)
{
	static const uint8_t key[NOTE_KEY];
	char again[NOTE_MAX];
	struct note note, twice;
	size_t len;
	int r;

	r = note_parse(p, n, &note, NULL, NULL);
	if (r != 0) {
		if (r != ERR_FORMAT)
			abort();
		return;
	}
	/* with ids of some key it is as long, and read back the same */
	if (note_make(again, &len, &note, key, key) != 0 || len != n ||
	    note_parse(again, len, &twice, key, key) != 0 ||
	    twice.size != note.size || twice.time_ns != note.time_ns ||
	    twice.epoch != note.epoch ||
	    strcmp(twice.origin, note.origin) != 0 ||
	    memcmp(twice.root, note.root, sizeof(note.root)) != 0)
		abort();
}

static void
as_vkey(const char *p, size_t n)
{
	char *text = malloc(n + 1), again[VKEY_MAX], origin[ORIGIN_MAX + 1];
	uint8_t key[NOTE_KEY];
	uint32_t epoch;
	int r;

	if (text == NULL)
		return;
	memcpy(text, p, n);
	text[n] = '\0';
	r = vkey_parse(text, origin, &epoch, key);
	if (r != 0 && r != ERR_FORMAT)
		abort();
	if (r == 0 && (vkey_make(again, origin, epoch, key) != 0 ||
	    strcmp(again, text) != 0))
		abort();
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	if (n == 0)
		return 0;
	if (p[0] == 'v')
		as_vkey((const char *)p + 1, n - 1);
	else
		as_note((const char *)p + 1, n - 1);
	return 0;
}
