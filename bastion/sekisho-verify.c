/* sekisho-verify.c - says whether the ledger and the records of a gate are untouched. */
#include "verify/main.h"

int
main(int argc, char **argv)
{
	return verify_main(argc, argv);
}
