/* start.h - what sekisho-record reads and gives up before it meets a byte of anybody. */
#ifndef RECORDER_START_H
#define RECORDER_START_H

#include "recorder/session.h"

/* Wait for the slice, warm up OpenSSL, confine, say READY.  Errors are logged. */
int start_confined(struct session *s);

/* State of the clock as it is now: a process may have waited for hours for its session. */
void start_read_clock(struct header_clock *c);

/* For the recoverer too: the boot id (all zero when unknown); OpenSSL made ready. */
void start_boot_id(uint8_t out[16]);
int start_warm_up(void);

#endif
