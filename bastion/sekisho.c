/* sekisho.c - the words people type: one gateway word for sekishod, or the local command line. */
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
