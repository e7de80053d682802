/* sekisho-keyd - the gate's private keys: seals of recordings, heads of the ledger.  Started only by sekishod. */
#include "confine/role.h"
#include "keyd/keyd.h"

int
main(int argc, char **argv)
{
	role_begin("sekisho-keyd", argc, argv);
	return keyd_main();
}
