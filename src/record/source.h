/* source.h - bytes of a file by offset, through one window of bounded size; or of memory. */
#ifndef RECORD_SOURCE_H
#define RECORD_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source {
	int		 fd;		/* -1: memory */
	const uint8_t	*mem;
	uint64_t	 mem_len;
	uint8_t		*window;
	size_t		 room;		/* of the window */
	size_t		 len;		/* bytes in it */
	uint64_t	 at;		/* offset of its first byte */
};

void source_file(struct source *s, int fd);
void source_mem(struct source *s, const void *p, size_t n);
void source_close(struct source *s);	/* leaves the descriptor open */

/*
 * Bytes from "offset", valid until the next call: at least "want" of them
 * unless the file ends first (*n tells).  ERR_SYS (logged), ERR_NOMEM.
 */
int source_view(struct source *s, uint64_t offset, size_t want,
    const uint8_t **p, size_t *n);

/* Bytes of the file or of the memory now.  ERR_SYS: logged. */
int source_size(const struct source *s, uint64_t *n);

#endif
