/* confine.h - what sekisho-verify may still do once it begins to read what others wrote. */
#ifndef VERIFY_CONFINE_H
#define VERIFY_CONFINE_H

/*
 * Reads beneath "store" (NULL: no files at all), writes beneath "state_dir"
 * (NULL: nowhere); as root it keeps the one right to read everything.  0, or
 * an error that was logged: the caller must exit.
 */
int confine_verify(const char *store, const char *state_dir);

#endif
