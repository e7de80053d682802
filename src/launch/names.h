/* names.h - a system call as people read it. */
#ifndef LAUNCH_NAMES_H
#define LAUNCH_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* "mount"; "call 999" in "room" when there is no name. */
const char *call_name(unsigned int nr, char *room, size_t size);
/*
 * How many arguments are worth showing (0: unknown, show none); bit n of
 * *strings: argument n points at a string.
 */
unsigned int call_args(unsigned int nr, unsigned int *strings);

#endif
