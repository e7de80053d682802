/* code.c - exit status of each refusal code. */
#include "sekisho/code.h"

#include <string.h>

#include "base/limits.h"

int
sekisho_code_status(const char *word)
{
	static const struct {
		const char	*word;
		int		 status;
	} table[] = {
#define CODE(ENUM, w, status, meaning) { w, status },
#include "sekisho/code.def"
#undef CODE
	};
	size_t i;

	for (i = 0; i < SEKISHO_CODES; i++)
		if (strcmp(table[i].word, word) == 0)
			return table[i].status;
	return EXIT_REFUSED;
}
