/* main.c - what the first argument makes of this program. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/drain.h"
#include "cli/gateway.h"
#include "cli/local.h"
#include "cli/out.h"
#include "cli/tool.h"
#include "cli/words.h"
#include "sekisho/version.h"

/* The help of the gate itself, for somebody who has only the program. */
static int
print_help(void)
{
	static char *const none[] = { NULL };
	struct cli c = { .control_fd = -1, .user = "" };
	int r;

	if ((c.out = out_new(1, 0)) == NULL)
		return 70;
	out_text(c.out, "usage: ssh GATE WORD...\n"
	    "       sekisho [--door PATH] WORD...	on the gate's own machine\n"
	    "       sudo sekisho setup | check | drain	for the gate's root, "
	    "each with --help\n"
	    "       sekisho --help | --version\n\n");
	(void)word_help(&c, none);
	r = out_flush(c.out);
	out_free(c.out);
	return r == 0 ? 0 : 74;
}

int
cli_main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--gateway") == 0)
		return gateway_main(argc, argv);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("sekisho %s\n", SEKISHO_VERSION) < 0 ||
		    fflush(stdout) != 0 ? 74 : 0;
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0))
		return print_help();
	/* not words: nobody can ask for these through the gate */
	if (argc > 1 && tool_known(argv[1]))
		return tool_run(argv + 1);
	if (argc > 1 && strcmp(argv[1], "drain") == 0)
		return drain_main(argv + 2);
	return local_main(argv + 1);
}
