/* sekisho-monitor.c - one connection's judge: PAM, the ledger's orders, record and exec; never SSH itself. */
#include "confine/role.h"
#include "monitor/monitor.h"

int
main(int argc, char **argv)
{
	role_begin("sekisho-monitor", argc, argv);
	return monitor_main();
}
