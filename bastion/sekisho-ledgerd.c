/* sekisho-ledgerd - requests, approvals, uses, sessions and the ledger, in one database.  Started only by sekishod. */
#include "confine/role.h"
#include "ledgerd/ledgerd.h"

int
main(int argc, char **argv)
{
	role_begin("sekisho-ledgerd", argc, argv);
	return ledgerd_main();
}
