/* code.h - refusal codes: words that scripts may rely on. */
#ifndef SEKISHO_CODE_H
#define SEKISHO_CODE_H

#define SEKISHO_CODE_OK	"OK"
enum sekisho_code {
#define CODE(ENUM, word, status, meaning) SEKISHO_CODE_##ENUM,
#include "sekisho/code.def"
#undef CODE
	SEKISHO_CODES
};

/* "NOT-APPROVED".  Never NULL. */
static inline const char *
sekisho_code_word(enum sekisho_code code)
{
	static const char *const words[] = {
#define CODE(ENUM, word, status, meaning) word,
#include "sekisho/code.def"
#undef CODE
	};

	return code < SEKISHO_CODES ? words[code] : "?";
}

/* Exit status that goes with a word; 77 for a word that is not known. */
int sekisho_code_status(const char *word);

#endif
