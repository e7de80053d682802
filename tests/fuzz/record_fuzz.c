/* record_fuzz.c - hostile recordings: the reader must neither fall nor grow. */
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "record/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
quiet(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

/* Every byte handed out must be readable. */
static int
touch(void *arg, const struct reader_event *e)
{
	uint8_t *sum = arg;
	size_t i;

	for (i = 0; i < e->n; i++)
		*sum = (uint8_t)(*sum + e->p[i]);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader *r;
	uint8_t sum = 0;

	log_set_sink(quiet, NULL);
	if (reader_open_mem(data, size, &r) != 0)
		return 0;
	(void)reader_each(r, touch, &sum);
	reader_free(r);
	return 0;
}
