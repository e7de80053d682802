/* progress.c - one line, written over itself. */
#include "verify/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define EVERY_MS	200
#define BAR		30

/* Lines of a terminal that is gone are no reason to stop. */
static void
put(struct progress *p, const char *text)
{
	if (write(p->fd, text, strlen(text)) < 0)
		p->next_ms = INT64_MAX;
	p->is_shown = 1;
}

static int
is_due(struct progress *p)
{
	int64_t now;

	if (p == NULL || (now = clock_mono_ms()) < p->next_ms)
		return 0;
	if (p->next_ms != INT64_MAX)
		p->next_ms = now + EVERY_MS;
	return p->next_ms != INT64_MAX;
}

static void
show(struct progress *p, const char *what, uint64_t done, uint64_t all,
    const char *more)
{
	char bar[BAR + 1], line[160];
	size_t full = 0;

	if (all > 0)
		full = done >= all ? BAR : (size_t)(done * BAR / all);
	memset(bar, '.', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	(void)snprintf(line, sizeof(line), "\r[%s] %s %llu of %llu%s\033[K",
	    bar, what, (unsigned long long)done, (unsigned long long)all,
	    more);
	put(p, line);
}

void
progress_entries(struct progress *p, uint64_t done)
{
	if (is_due(p))
		show(p, "entries", done, p->entries, "");
}

void
progress_recording(struct progress *p, uint64_t done, uint64_t bytes)
{
	char more[40];

	if (!is_due(p))
		return;
	(void)snprintf(more, sizeof(more), ", %llu MB",
	    (unsigned long long)(bytes / 1000000));
	show(p, "recordings", done, p->sessions, more);
}

void
progress_end(struct progress *p)
{
	if (p != NULL && p->is_shown)
		put(p, "\r\033[K");
}
