/* state.h - where one launch stands, and what each message and event does to it. */
#ifndef LAUNCH_STATE_H
#define LAUNCH_STATE_H

#include <stdint.h>

#include "launch/job.h"
#include "launch/notify.h"
#include "wire/chan.h"

enum launch_state {
	X_IDLE = 1 << 0,	/* nothing ordered yet */
	X_COLLECT = 1 << 1,	/* approved input is being read */
	X_PREPARED = 1 << 2,	/* only the exec is left */
	X_GOING = 1 << 3,	/* told to execute, not yet seen */
	X_RUNNING = 1 << 4,
	X_DONE = 1 << 5,	/* refused, or ended and told */
	X_LIVE = X_GOING | X_RUNNING,
	X_ALL = (1 << 6) - 1
};

struct launch {
	struct chan		*monitor, *link;	/* link NULL: gone */
	int			 link_failed;
	enum launch_state	 state;
	struct job		 job;
	struct notify		 notify;
	uint64_t		 input_max;
	pid_t			 parent;
	int			 ruleset;	/* between the halves of launch_confine; -1 */
	uint32_t		 prepare_id, go_id;
	int64_t			 kill_at_ms;	/* KILL of the tree; 0: none set */
	int64_t			 end_at_ms;	/* the profile's longest run; 0: none */
	int64_t			 drop_view_at_ms;	/* job.view is let go then; 0 */
	struct blob		 guess;		/* of the next order (struct msg_cage) */
	int64_t			 build_at_ms;	/* a cage for it is built then; 0 */
	int64_t			 build_pause_ms;
	int			 is_killed;	/* refused calls stay unanswered: nobody may go on */
};

/* Messages (ctx is struct launch). */
int on_guess(void *ctx, struct msg *m);
int on_prepare(void *ctx, struct msg *m);
int on_go(void *ctx, struct msg *m);
int on_ping(void *ctx, struct msg *m);
int on_resize(void *ctx, struct msg *m);
int on_signal(void *ctx, struct msg *m);
int on_kill(void *ctx, struct msg *m);

/* Events of the loop. */
int state_input(struct launch *l);
void state_from_job(struct launch *l);
void state_refusals(struct launch *l);
void state_from_init(struct launch *l);
void state_reap(struct launch *l);
void state_cage_lost(struct launch *l);
/* Nothing waits: build ahead what is due. */
void state_build(struct launch *l);
void state_recorder_gone(struct launch *l);
void state_timers(struct launch *l);
int state_timeout_ms(const struct launch *l);

/* In launch.c: role_enter() for the supervisor, in its two halves. */
int launch_confine_begin(struct launch *l);
int launch_confine_end(struct launch *l);

#endif
