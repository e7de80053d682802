/* play.h - recordings for readers: at their pace, or as plain text.  Recorded bytes pass term/safe.h first. */
#ifndef CLI_PLAY_H
#define CLI_PLAY_H

#include "cli/cli.h"

#define SPEED_MAX	100

/*
 * fd: a recording.  On a pty with its timing (pauses cut to 2 s, divided by
 * "speed"; q, ^C and the end of the line stop it), colours and line editing;
 * else at once as plain text.  Returns an exit status; what is wrong with the
 * recording is said on err.  *percent: how many percent of its events were
 * passed before the reader stopped; 100: all, to the end (or as far as it is
 * good).
 */
int play_replay(struct cli *c, int fd, int64_t nr, int64_t speed,
    int *percent);

/*
 * Every line begins with what it is, so that no recorded line can look like
 * another kind: "  " output, "2 " stderr, "< " input, "-- " what the gate says.
 */
enum play_stream { PLAY_ALL, PLAY_OUT, PLAY_ERR, PLAY_IN, PLAY_NO_INPUT };

/*
 * One stream alone comes as it is: no beginnings, nothing from the gate, lines
 * of any length; then only its events count for *percent.  PLAY_NO_INPUT: all
 * but what was typed or sent.
 */
int play_text(struct cli *c, int fd, int64_t nr, enum play_stream only,
    int *percent);

/*
 * Of how many events "shown" were, when "read" were read so far: reads on
 * without showing.  Percent; 100 only for all of them.
 */
struct reader;
int play_percent(struct reader *r, uint64_t shown, uint64_t read);

/* How the recording ended: "S345 ended with status 0", escaped.  NULL: no memory; free with str_wipe(). */
char *play_end_text(const struct reader *r, int64_t nr);
/* The same, as a "-- S345 ..." line when shown; 0, or DATA's status when it is damaged or torn. */
int play_end(struct cli *c, const struct reader *r, int64_t nr, int is_shown);

#endif
