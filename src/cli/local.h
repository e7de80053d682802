/* local.h - words typed on the gate's own machine, answered through the local door. */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#define LOCAL_DOOR	"/run/sekisho/ledger.sock"	/* run_dir's default */

/* sekisho [--door PATH] [WORD ...]; argv without the program's name.  Returns the exit status. */
int local_main(char *const *argv);

#endif
