/*
 * launch_drive.h - plays sekishod, monitor and recorder for one real sekisho-exec.
 *
 * One struct drive is one launcher process.  drive_run() does the whole
 * sequence; the smaller calls stop where a test wants to look.
 */
#ifndef CONFINE_LAUNCH_DRIVE_H
#define CONFINE_LAUNCH_DRIVE_H

#include <sys/types.h>

#include "wire/chan.h"
#include "wire/msg.h"

struct drive {
	pid_t		 pid;		/* sekisho-exec */
	struct chan	*exec;		/* as the monitor */
	int		 pongs;
	struct chan	*record;	/* as the recorder */
	int		 in, out, err;	/* the job's pipes, or out = terminal */
	int		 pty;
	struct msg_prepare order;
	struct msg_plan	 plan;
	const char	*stdin_text;	/* sent, then closed; NULL: closed at once */
	size_t		 stdin_len;
	/* results */
	char		 code[CODE_MAX + 1];	/* refusal, "" when none */
	char		 reason[REASON_MAX + 1];
	char		 features[1025];
	int		 gone;		/* GONE came */
	int		 exited;	/* JOB_EXIT came */
	unsigned int	 status;
	char		 signal[17];
	unsigned int	 refusals;
	char		*output;	/* of out and err, with a NUL behind */
	size_t		 output_len;
	char		*events;	/* texts and bodies, one a line */
};

/* An order for `argv` (argv[0] is the path too) as root under a plain plan; the launcher is started and has READY. */
void drive_start(struct drive *d, const char *const argv[]);
/* Replace a vector or string of order or plan. */
void drive_set(char ***list, const char *const words[]);
void drive_set_str(char **s, const char *value);
/* The digest of the executable as it is now goes into the order. */
void drive_pin(struct drive *d);

/*
 * What sekishod guesses for a spare kit is sent, and what the launcher builds
 * for it is built when this returns.  With DRIVE_AHEAD in the environment
 * every order is guessed right before: the whole of the tests for jobs in
 * cages that were there already.
 */
void drive_guess(struct drive *d);
/* Without waiting. */
void drive_send_guess(struct drive *d);
/* Any bytes in its place. */
void drive_send_guess_of(struct drive *d, const void *p, size_t n);
/* The launcher's youngest child, the init of its cage; 0: none. */
pid_t drive_init(const struct drive *d);
/* PREPARE, without waiting for the answer. */
void drive_send_prepare(struct drive *d);
/* PREPARE until PREPARED (1) or REFUSED (0). */
int drive_prepare(struct drive *d);
/* GO until GONE (1) or REFUSED (0). */
int drive_go(struct drive *d);
/* Until JOB_EXIT; reads the job's output meanwhile.  0: not within the time. */
int drive_wait(struct drive *d, int timeout_ms);
/* Take in what comes for so long. */
void drive_pump(struct drive *d, int ms);
/* Until the output holds this text; 0: not within 5 s. */
int drive_until(struct drive *d, const char *text);
/* Command lines, and every capability a stock profile gives to a root job. */
#define SH(text) ((const char *const[]){ "/bin/sh", "-c", text, NULL })
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define PROFILE_CAPS	(1ULL << 0 | 1ULL << 1 | 1ULL << 2 | 1ULL << 3 | \
			 1ULL << 4 | 1ULL << 5 | 1ULL << 12 | 1ULL << 13 | \
			 1ULL << 34)

/* All of it; returns status, or -1 with code set. */
int drive_run(struct drive *d);
/* The same; a refusal fails the test with its reason. */
void drive_must_run(struct drive *d);
void drive_signal(struct drive *d, const char *name);
void drive_kill(struct drive *d, unsigned int grace_ms);
/* Channels closed, launcher reaped: its exit status as wait(2) gives it. */
int drive_end(struct drive *d);

/* The launcher's binary: SEKISHO_BIN/sekisho-exec; exits as skipped when it is not there. */
extern const char *drive_program;
void drive_find_program(void);
/* What the slice of the next launcher says. */
extern uint64_t drive_input_max;
/* Filter for the tests: all calls but these. */
void drive_filter(struct drive *d, const int *refused, size_t n);

#endif
