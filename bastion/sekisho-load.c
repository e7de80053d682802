/* sekisho-load - reads the configuration, expands people and accounts, compiles profiles; one shot. */
#include "load/load.h"

int
main(int argc, char **argv)
{
	return load_main(argc, argv);
}
