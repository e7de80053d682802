/* codes_test.c - the manual of the codes has every code, as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sekisho/code.h"

#define PAGE	"include/sekisho/sekisho-codes.7"

static const struct {
	const char	*word;
	int		 status;
	const char	*meaning;
} codes[] = {
#define CODE(ENUM, word, status, meaning) { word, status, meaning },
#include "sekisho/code.def"
#undef CODE
};

static void
every_code_is_in_the_manual_with_status_and_meaning(void **state)
{
	static char page[65536];
	size_t i, rows = 0, n;
	char row[256], *at;
	FILE *f;

	(void)state;
	f = fopen(PAGE, "re");
	assert_non_null(f);
	n = fread(page, 1, sizeof(page) - 1, f);
	page[n] = '\0';
	fclose(f);
	for (i = 0; i < SEKISHO_CODES; i++) {
		snprintf(row, sizeof(row), "\n.It %s Ta %d Ta %s\n",
		    codes[i].word, codes[i].status, codes[i].meaning);
		if (strstr(page, row) == NULL)
			fail_msg("not in " PAGE ": %s", row);
		assert_int_equal(sekisho_code_status(codes[i].word),
		    codes[i].status);
	}
	for (at = page; (at = strstr(at, "\n.It ")) != NULL; at++)
		rows++;
	assert_int_equal(rows, SEKISHO_CODES + 1);	/* and the heads */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_code_is_in_the_manual_with_status_and_meaning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
