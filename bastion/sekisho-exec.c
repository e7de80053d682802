/* sekisho-exec - runs one approved command in its sandbox.  Started only by sekishod. */
#include "confine/role.h"
#include "launch/launch.h"

int
main(int argc, char **argv)
{
	role_begin("sekisho-exec", argc, argv);
	return launch_main();
}
