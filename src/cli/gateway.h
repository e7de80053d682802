/* gateway.h - the process that runs one gateway word. */
#ifndef CLI_GATEWAY_H
#define CLI_GATEWAY_H

/*
 * Descriptors: 3 channel (slice from sekishod, then the monitor), 4 the
 * client's stream in and out, 5 its stderr.  Confines itself before it reads
 * the word.  Returns the exit status; the word's own went to the monitor.
 */
int gateway_main(int argc, char **argv);

#endif
