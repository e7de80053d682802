/* start.h - what sekisho-record reads and gives up before it meets a byte of anybody. */
#ifndef RECORDER_START_H
#define RECORDER_START_H

#include "recorder/session.h"

/* Wait for the slice, read the clock's state, warm up OpenSSL, confine, say READY.  Errors are logged. */
int start_confined(struct session *s);

/* For the recoverer too: the boot id (all zero when unknown); OpenSSL made ready. */
void start_boot_id(uint8_t out[16]);
int start_warm_up(void);

#endif
