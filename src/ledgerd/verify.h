/* verify.h - what the two files of the verify verbs share. */
#ifndef LEDGERD_VERIFY_H
#define LEDGERD_VERIFY_H

#include "ledgerd/call.h"

/* Auditors and administrators. */
int verify_may(struct call *c);
/* recording.c: what lies at a path beneath the recordings, each part shorter than RECORDING_PATH; -1: not there. */
int recording_open_path(const struct ledgerd *ld, const char *path);
/* keys.c: the directory of the heads; -1: there is none. */
int keys_dir(const struct ledgerd *ld);

#endif
