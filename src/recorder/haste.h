/*
 * haste.h - is the recorder what a stream waits for?
 *
 * It is when, piece after piece, the command had as much ready as one read
 * takes and the client's socket took all of it at once.  Only then is
 * compressing with less care of any use to anybody, and only after so many
 * bytes that the recordings of ordinary sessions stay as they are.
 */
#ifndef RECORDER_HASTE_H
#define RECORDER_HASTE_H

#define HASTE_AFTER	32	/* pieces: 4 MiB */
#define HASTE_MAX	64	/* what is remembered of better times */
#define HASTE_COST	4	/* a piece that waited, or was not full, undoes so many */

struct haste {
	unsigned int score;	/* 0 at first */
};

/* One more piece was let go: it was "full", and is "gone" or waits.  1: haste is of use now. */
int haste_judge(struct haste *h, int is_full, int is_gone);

#endif
