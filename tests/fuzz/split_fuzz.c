/* split_fuzz.c - the splitter on any bytes; words it gives, quoted, split to the same words.  links: request json crypt wire */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/strv.h"
#include "request/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct split_error e;
	char **argv, **again = NULL, *line;
	size_t i;

	if (split_command(p, n, n, &argv, &e) != 0) {
		for (i = 0; e.reason[i] != '\0'; i++)
			if ((unsigned char)e.reason[i] < 0x20)
				abort();	/* a reason is safe to show */
		str_wipe(e.corrected);
		return 0;
	}
	/* behind text options the signs are free, so only plain commands must come back */
	if (!split_is_gateway_word(argv[0])) {
		if ((line = split_quote(argv)) == NULL)
			abort();
		if (strlen(line) <= 65536 && (split_command((uint8_t *)line,
		    strlen(line), strlen(line), &again, &e) != 0 ||
		    !strv_equal(argv, again)))
			abort();
		strv_free(again);
		str_wipe(line);
	}
	strv_free(argv);
	return 0;
}
