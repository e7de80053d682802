/* request_text.h - a request as people read it.  Every field of it is foreign text. */
#ifndef CLI_REQUEST_TEXT_H
#define CLI_REQUEST_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

#define WINDOW_TEXT	120

/* "Tue 2026-11-24 01:00 to 05:00 JST", in the gate's zone; returns out. */
char *window_text(char out[WINDOW_TEXT], const json_t *request);
/* "4h", "90s": a span as options take it; returns out. */
char *span_text(char out[24], int64_t seconds);
/* [a] [b] of a JSON array, escaped.  NULL: no memory; free with str_wipe(). */
char *argv_text(const json_t *argv);
/* Names of a JSON array with ", " between, escaped.  The same. */
char *names_text(const json_t *names);

/* "R12 runs: [sed] [-i] as root on local, Tue ... to ... JST", a line a step. */
void request_echo(struct cli *c, const json_t *request);
/* "warning: ..." lines. */
void request_warnings(struct cli *c, const json_t *request);
/* All that an approver must see. */
void request_sheet(struct cli *c, const json_t *request);
/* A table of requests; returns an exit status. */
int request_table(struct cli *c, const json_t *requests);

/* "label      value", one line; the value is escaped, not cut.  Nothing when the value is "". */
void sheet_line(struct cli *c, const char *label, const char *value);

#endif
