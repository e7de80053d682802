/* recorder.h - the body of sekisho-record. */
#ifndef RECORDER_RECORDER_H
#define RECORDER_RECORDER_H

/*
 * Descriptors 3 monitor, 4 in/out to net, 5 err to net, 6 launcher; role_begin()
 * has run.  Returns the exit status: 0, 71 (could not start), 74 (the
 * recording failed).
 */
int recorder_main(void);

#endif
