/* export.h - a recording as a file for other programs. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli/cli.h"

/*
 * fd: the recording of S"nr", as asciicast v3 on out, an event at a time.
 * What was typed or sent to the command comes only with has_input: there the
 * passwords are that no echo showed.  Returns an exit status; what is wrong
 * with the recording is said on err, and behind the last event that is good.
 */
int export_cast(struct cli *c, int fd, int64_t nr, int has_input);

#endif
