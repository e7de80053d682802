/* status.h - the answer of the verb status as metrics. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

#include "cli/cli.h"

/* Prometheus' text format 0.0.4.  What is not known (null) is left out. */
void status_prometheus(struct cli *c, const json_t *v);

#endif
