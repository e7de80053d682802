#include "verify/live.h"
#include "base/err.h"
int live_connect(const char *path) { (void)path; return -1; }
int live_open(int fd, const int64_t *only, struct subject **out) { (void)fd; (void)only; (void)out; return ERR_CLOSED; }
int live_begin(struct chan *c, uint32_t *calls, int64_t only, struct subject **out) { (void)c; (void)calls; (void)only; (void)out; return ERR_CLOSED; }
