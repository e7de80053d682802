/* progress.h - how far a long check has come, for a person at a terminal. */
#ifndef VERIFY_PROGRESS_H
#define VERIFY_PROGRESS_H

#include <stdint.h>

struct progress {
	int		 fd;		/* where it is shown */
	uint64_t	 entries, sessions;	/* of how many; 0: not known */
	uint64_t	 done;
	int64_t		 next_ms;	/* shown no more often than people can read */
	int		 is_shown;
};

/* NULL is allowed everywhere: nothing is shown. */
void progress_entries(struct progress *p, uint64_t done);
void progress_recording(struct progress *p, uint64_t done, uint64_t bytes);
/* Wipes the line. */
void progress_end(struct progress *p);

#endif
