/* num.h - numbers from text, with bounds.  The only way text becomes a number. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

/* Plain decimal, optional '-', nothing before or after.  ERR_FORMAT or ERR_LIMIT leave *v alone. */
int num_parse(const char *s, int64_t min, int64_t max, int64_t *v);
/* "2G", "512M", "64K", "100": bytes.  Same errors. */
int num_parse_size(const char *s, int64_t min, int64_t max, int64_t *bytes);
/* "30s", "5m", "8h", "7d": seconds.  A unit is required.  Same errors. */
int num_parse_span(const char *s, int64_t min, int64_t max, int64_t *seconds);

#endif
