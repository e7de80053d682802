/* start.h - what sekisho-record reads and gives up before it meets a byte of anybody. */
#ifndef RECORDER_START_H
#define RECORDER_START_H

#include "recorder/session.h"

/* Wait for the slice, read the clock's state, warm up OpenSSL, confine, say READY.  Errors are logged. */
int start_confined(struct session *s);

#endif
