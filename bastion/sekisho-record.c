/* sekisho-record.c - records one session: takes bytes from one side, appends them to one file, gives them to the other. */
#include "confine/role.h"
#include "recorder/recorder.h"

int
main(int argc, char **argv)
{
	role_begin("sekisho-record", argc, argv);
	return recorder_main();
}
