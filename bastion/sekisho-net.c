/* sekisho-net - speaks SSH with one client; see src/net. */
#include "net/net.h"

int
main(int argc, char **argv)
{
	return net_main(argc, argv);
}
