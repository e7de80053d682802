/* expand_test.c - names, numbers and groups: what is known, what is never allowed. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/err.h"
#include "filter/filter.h"
#include "filter/groups.h"

static void
names_and_numbers_are_found_and_nothing_else(void **state)
{
	static const struct {
		const char	*name;
		int		 r;
		uint32_t	 nr;
	} rows[] = {
		{ "read", 0, SYS_read }, { "newfstatat", 0, SYS_newfstatat },
		{ "#462", 0, 462 }, { "#0", 0, 0 }, { "#1023", 0, 1023 },
		{ "#1024", ERR_NOTFOUND, 0 }, { "#-1", ERR_NOTFOUND, 0 },
		{ "#", ERR_NOTFOUND, 0 }, { "#1x", ERR_NOTFOUND, 0 },
		{ "", ERR_NOTFOUND, 0 }, { "READ", ERR_NOTFOUND, 0 },
		{ "socketcall", ERR_NOTFOUND, 0 },	/* other machines' */
		{ "nosuchcall", ERR_NOTFOUND, 0 },
	};
	uint32_t nr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nr = 0;
		assert_int_equal(filter_number(rows[i].name, &nr), rows[i].r);
		assert_int_equal(nr, rows[i].nr);
	}
}

static void
a_number_has_a_name_to_show(void **state)
{
	char name[FILTER_NAME];

	(void)state;
	assert_string_equal(filter_name(SYS_openat, name), "openat");
	assert_string_equal(filter_name(999, name), "#999");
}

/* Every word of the tables is a call of this machine: a slip of the pen would allow nothing silently. */
static void
every_name_in_the_tables_is_a_call(void **state)
{
	uint32_t nr;
	size_t i, j;

	(void)state;
	for (i = 0; i < filter_ngroups; i++)
		for (j = 0; filter_groups[i].calls[j] != NULL; j++)
			assert_int_equal(filter_number(
			    filter_groups[i].calls[j], &nr), 0);
	for (i = 0; i < filter_nargs; i++) {
		assert_int_equal(filter_number(filter_args[i].call, &nr), 0);
		assert_int_not_equal(filter_args[i].mask, 0);
		assert_int_equal(filter_args[i].value & ~filter_args[i].mask,
		    0);
	}
	for (i = 0; filter_never[i] != NULL; i++)
		assert_int_equal(filter_number(filter_never[i], &nr), 0);
}

static void
no_group_holds_a_call_that_is_never_allowed(void **state)
{
	size_t i, j, k;

	(void)state;
	for (i = 0; i < filter_ngroups; i++)
		for (j = 0; filter_groups[i].calls[j] != NULL; j++)
			for (k = 0; filter_never[k] != NULL; k++)
				assert_string_not_equal(
				    filter_groups[i].calls[j],
				    filter_never[k]);
}

/* One list of the rules holds one word. */
static int
with(const char *key, const char *word, struct filter_problem *bad)
{
	char room[64];
	char *const list[] = { room, NULL };
	struct filter_rules r = { NULL, NULL, NULL, NULL, NULL, NULL };
	static struct filter_set set;

	snprintf(room, sizeof(room), "%s", word);
	if (strcmp(key, "syscalls.allow") == 0)
		r.allow = list;
	else if (strcmp(key, "syscalls.deny") == 0)
		r.deny = list;
	else if (strcmp(key, "syscalls.quiet") == 0)
		r.quiet = list;
	else if (strcmp(key, "syscalls.kill") == 0)
		r.kill = list;
	else if (strcmp(key, "network.families") == 0)
		r.families = list;
	else
		r.protocols = list;
	return filter_expand(&r, &set, bad);
}

static void
wrong_words_are_named_with_their_key(void **state)
{
	static const struct {
		const char	*key, *word;
		int		 r;
	} rows[] = {
		{ "syscalls.allow", "@nogroup", ERR_NOTFOUND },
		{ "syscalls.allow", "mseal", 0 },	/* too new to be named */
		{ "syscalls.allow", "#2000", ERR_NOTFOUND },
		{ "syscalls.deny", "mseal", ERR_NOTFOUND },
		{ "syscalls.deny", "@base", 0 },
		{ "syscalls.quiet", "raed", ERR_NOTFOUND },
		{ "syscalls.kill", "raed", ERR_NOTFOUND },
		{ "syscalls.kill", "bpf", 0 },
		{ "syscalls.allow", "io_uring_setup", ERR_DENIED },
		{ "syscalls.allow", "#425", ERR_DENIED },
		{ "syscalls.allow", "clone3", ERR_DENIED },
		{ "syscalls.allow", "open_by_handle_at", ERR_DENIED },
		{ "syscalls.allow", "unshare", ERR_DENIED },
		{ "network.families", "packet", ERR_NOTFOUND },
		{ "network.families", "inet6", 0 },
		{ "network.protocols", "sctp", ERR_NOTFOUND },
		{ "network.protocols", "udp", 0 },
	};
	struct filter_problem bad;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(with(rows[i].key, rows[i].word, &bad),
		    rows[i].r);
		if (rows[i].r != 0)
			assert_string_equal(bad.key, rows[i].key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_are_found_and_nothing_else),
		cmocka_unit_test(a_number_has_a_name_to_show),
		cmocka_unit_test(every_name_in_the_tables_is_a_call),
		cmocka_unit_test(no_group_holds_a_call_that_is_never_allowed),
		cmocka_unit_test(wrong_words_are_named_with_their_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
