/* launch.h - the body of sekisho-exec: one approved command, prepared, started, supervised, ended. */
#ifndef LAUNCH_LAUNCH_H
#define LAUNCH_LAUNCH_H

/* Descriptor 3 is the monitor, 4 the recorder.  Returns the exit status. */
int launch_main(void);

#endif
