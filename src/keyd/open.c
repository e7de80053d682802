/* open.c - from a directory to keys in memory, and away with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "keyd/inside.h"

/* An empty directory: the log key, epoch 1, nothing signed; then the file gets its name. */
static int
first_start(struct keyd *k, const char *gate)
{
	int r;

	if ((r = log_name(&k->log, gate)) != 0 ||
	    (r = disk_create(&k->disk)) != 0 ||
	    (r = log_make(&k->disk, &k->log)) != 0 ||
	    (r = slots_make(&k->disk, &k->log, NULL, &k->last.head,
	    time_peek(k),
	    &k->now)) != 0)
		return r;
	if ((r = last_save(&k->disk, &k->log, &k->last)) != 0 ||
	    (r = disk_finish(&k->disk)) != 0)
		return r;
	log_info("keys made origin=%s", k->log.origin);
	return 0;
}

static int
later_start(struct keyd *k, const char *gate)
{
	char origin[ORIGIN_MAX + 1];
	int n, r;

	if ((r = log_load(&k->disk, &k->log)) != 0 ||
	    (r = last_load(&k->disk, &k->log, &k->last)) != 0 ||
	    (r = slots_load(&k->disk, &k->log, &k->now)) != 0)
		return r;
	n = snprintf(origin, sizeof(origin), "%s/sekisho", gate);
	if (n < 0 || strcmp(origin, k->log.origin) != 0)
		log_warn("the gate has another name than at its first start; heads keep the old one gate=%s origin=%s",
		    gate, k->log.origin);
	return 0;
}

int
keyd_open(struct keyd *k, const char *dir, const char *gate, uint32_t epoch_s)
{
	int r;

	if (epoch_s == 0) {
		log_error("an epoch of 0 seconds");
		return KEYD_CONFIG;
	}
	k->epoch_s = epoch_s;
	r = disk_open(&k->disk, dir);
	if (r == ERR_NOTFOUND)
		r = first_start(k, gate);
	else if (r == 0)
		r = later_start(k, gate);
	time_start(k);
	k->epoch_mono_ms = clock_mono_ms();
	if (r == 0)
		return KEYD_OK;
	return r == ERR_FORMAT || r == ERR_STATE ? KEYD_CONFIG : KEYD_IOERR;
}

void
keyd_close(struct keyd *k)
{
	struct seals *s;

	while ((s = k->seals) != NULL) {
		k->seals = s->next;
		seals_free(s);
	}
	chan_free(k->ledger);
	k->ledger = NULL;
	chan_free(k->d);
	k->d = NULL;
	epoch_key_free(&k->now);
	log_free(&k->log);
	disk_close(&k->disk);
	free(k->fds);
	k->fds = NULL;
}
