/* Options and ids as people type them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "cli/ids.h"
#include "cli/opts.h"

struct got {
	int	 flag;
	char	*one, *text, **many;
	struct args args;
	char	 why[OPTS_WHY];
	int	 r;
};

/* Words of "line", cut at single blanks. */
static void
parse(struct got *g, const char *line)
{
	char *copy = strdup(line), *rest = copy, *w, *argv[32];
	size_t n = 0;
	const struct opt table[] = {
		{ "--flag", OPT_FLAG, &g->flag }, { "--one", OPT_ONE, &g->one },
		{ "--many", OPT_MANY, &g->many }, { "-m", OPT_TEXT, &g->text },
		{ NULL, OPT_FLAG, NULL }
	};

	while (n < 31 && (w = strsep(&rest, " ")) != NULL)
		if (*w != '\0')
			argv[n++] = w;
	argv[n] = NULL;
	memset(g, 0, sizeof(*g));
	g->r = opts_parse(argv, table, &g->args, g->why);
	free(copy);
}

static void
drop(struct got *g)
{
	str_wipe(g->one);
	str_wipe(g->text);
	strv_free(g->many);
	args_free(&g->args);
}

static void
text_runs_to_the_next_option_whatever_is_in_it(void **state)
{
	struct got g;

	(void)state;
	parse(&g, "R1 -m don't; wait -x - --flag --many a --many b --one - "
	    "-- --one -m");
	assert_int_equal(g.r, 0);
	assert_string_equal(g.text, "don't; wait -x -");
	assert_int_equal(g.flag, 1);
	assert_string_equal(g.one, "-");
	assert_int_equal(strv_len(g.many), 2);
	assert_string_equal(g.args.words[0], "R1");
	assert_int_equal(strv_len(g.args.words), 1);
	assert_string_equal(g.args.rest[0], "--one");
	assert_int_equal(strv_len(g.args.rest), 2);
	drop(&g);
}

static void
mistakes_are_said_in_one_sentence(void **state)
{
	static const struct {
		const char *line, *why;
	} table[] = {
		{ "--nope", "--nope is not an option of this word" },
		{ "-\x1b[2J", "-\\x1b[2J is not an option of this word" },
		{ "--one", "--one needs a value" },
		{ "--one --flag", "--one needs a value" },
		{ "--one --", "--one needs a value" },
		{ "-m", "-m needs words behind it" },
		{ "-m --flag", "-m needs words behind it" },
		{ "--many", "--many needs a value" }
	};
	struct got g;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		parse(&g, table[i].line);
		assert_int_equal(g.r, ERR_FORMAT);
		assert_string_equal(g.why, table[i].why);
		drop(&g);
	}
	parse(&g, "--one a --one b");
	assert_int_equal(g.r, ERR_FORMAT);
	assert_string_equal(g.why, "--one is given twice");
	drop(&g);
}

static void
nothing_behind_two_dashes_is_not_the_same_as_no_dashes(void **state)
{
	struct got g;

	(void)state;
	parse(&g, "--");
	assert_int_equal(g.r, 0);
	assert_non_null(g.args.rest);
	assert_int_equal(strv_len(g.args.rest), 0);
	drop(&g);
	parse(&g, "");
	assert_int_equal(g.r, 0);
	assert_null(g.args.rest);
	drop(&g);
}

static void
ids_are_taken_only_as_they_are_printed(void **state)
{
	static const char *const bad[] = { "", "R", "R0", "R01", "r12", "12",
		"R12/", "R12/0", "R12/01", "R12-k7qd", "R12/1-", "R12/1-k7q",
		"R12/1-k7qda", "R12/1-K7QD", "R12/1-k1qd", "R12/1-k7qd ",
		" R12", "R12x", "R+1", "R-1", "R1.2", "R9999999999999999",
		"S12", "R12/1/2" };
	static const char *const bad_session[] = { "", "S", "S0", "S01", "s1",
		"R1", "S1/1", "S1 ", "S-1", "S9999999999999999" };
	struct request_id id;
	int64_t nr = -1;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(id_request(bad[i], &id), ERR_FORMAT);
	for (i = 0; i < sizeof(bad_session) / sizeof(bad_session[0]); i++)
		assert_int_equal(id_session(bad_session[i], &nr), ERR_FORMAT);
	assert_int_equal(nr, -1);
	assert_int_equal(id_request("R12", &id), 0);
	assert_true(id.nr == 12 && id.revision == 0 && id.code[0] == '\0');
	assert_int_equal(id_request("R999999999999999/10", &id), 0);
	assert_true(id.nr == 999999999999999 && id.revision == 10);
	assert_int_equal(id_request("R12/1-k7qd", &id), 0);
	assert_string_equal(id.code, "k7qd");
	assert_int_equal(id_session("S345", &nr), 0);
	assert_int_equal(nr, 345);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_runs_to_the_next_option_whatever_is_in_it),
		cmocka_unit_test(mistakes_are_said_in_one_sentence),
		cmocka_unit_test(nothing_behind_two_dashes_is_not_the_same_as_no_dashes),
		cmocka_unit_test(ids_are_taken_only_as_they_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
