/* terminal.h - single keys from a terminal of our own, and the terminal as it was afterwards. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

/*
 * Descriptor 0 gives each key at once, without echo and without signals of
 * its own.  0: in the process that goes on with that; or when nothing could
 * be changed, and everything is as before.  1: in the one that has waited
 * for it and put the terminal back; *status is what to exit with.
 */
int terminal_split(int *status);

#endif
