/* crowd.h - many clients of the probe at once, one process each, all connected before any of them starts. */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stdbool.h>

#include "tests/bench/client.h"

/*
 * "n" terminals on as many connections.  Prints {"held": n}, waits for the end
 * of standard input, lets them go.  Returns how many could not be held.
 */
int crowd_hold(const struct client *c, int n, const char *command);

/*
 * "n" sessions of "command", which says "ready" and waits for a line before it
 * sends the bytes of "file"; every second one on a terminal, with "has_ptys".
 * Prints {"held": n, "seconds": s, "bytes": b,
 * "lost": b, "wrong": n}.  Returns how many failed.
 */
int crowd_run(const struct client *c, int n, const char *command,
    const char *file, bool has_ptys);

#endif
