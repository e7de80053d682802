/* sekisho-record.c - records one session: takes bytes from one side, appends them to one file, gives them to the other; or looks at a record that broke off. */
#include <string.h>

#include "confine/role.h"
#include "recorder/recorder.h"
#include "recorder/recover.h"

int
main(int argc, char **argv)
{
	role_begin("sekisho-record", argc, argv);
	if (argc > 1 && strcmp(argv[1], "--recover") == 0)
		return recover_main();
	return recorder_main();
}
