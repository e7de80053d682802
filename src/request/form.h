/* form.h - a request as the JSON of src/ledgerd/README.md: what --json prints. */
#ifndef REQUEST_FORM_H
#define REQUEST_FORM_H

#include "json/json.h"
#include "request/request.h"

/* NULL: no memory.  The caller frees with json_decref(). */
json_t *form_request(const struct request *r, int64_t now);
/* ISO 8601 string, or null for REQ_NONE. */
json_t *form_time(int64_t t);
/* {"code", "reason", "next"} */
json_t *form_refusal(const struct req_refusal *why);

#endif
