/* task.c - tasks: making, finding, moving along the table of states, forgetting. */
#include "monitor/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"

/* From where to where a task may go.  Only a command that missed its use comes back, to LOOKUP; DONE waits only for net's CHAN_CLOSED. */
static const struct {
	enum task_state	 from;
	unsigned int	 to;
} moves[] = {
	{ TASK_NEW, TASK_PTY | TASK_REFUSING | TASK_LOOKUP | TASK_BIND |
	    TASK_DONE | TASK_CLOSED },
	{ TASK_PTY, TASK_REFUSING | TASK_LOOKUP | TASK_BIND | TASK_DONE |
	    TASK_CLOSED },
	{ TASK_REFUSING, TASK_DONE | TASK_CLOSED },
	{ TASK_LOOKUP, TASK_KIT | TASK_REFUSING | TASK_SEALING | TASK_DONE |
	    TASK_CLOSED },
	{ TASK_KIT, TASK_PREPARE | TASK_SEALING | TASK_DONE | TASK_CLOSED },
	{ TASK_PREPARE, TASK_CONSUME | TASK_ENDING | TASK_SEALING },
	{ TASK_CONSUME, TASK_GO | TASK_ENDING | TASK_SEALING },
	{ TASK_GO, TASK_RUN | TASK_ENDING | TASK_SEALING },
	{ TASK_RUN, TASK_ENDING | TASK_SEALING },
	{ TASK_ENDING, TASK_SEALING },
	{ TASK_SEALING, TASK_DONE | TASK_CLOSED | TASK_LOOKUP | TASK_REFUSING },
	{ TASK_BIND, TASK_WORD_KIT | TASK_DONE | TASK_CLOSED },
	{ TASK_WORD_KIT, TASK_WORD | TASK_DONE | TASK_CLOSED },
	{ TASK_WORD, TASK_DONE | TASK_CLOSED },
	{ TASK_DONE, TASK_CLOSED }
};

struct task *
task_new(struct mon *m, uint32_t id)
{
	struct task *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->mon = m;
	t->state = TASK_NEW;
	t->id = id;
	t->io = t->err = t->bound = t->seals = -1;
	t->next = m->tasks;
	m->tasks = t;
	m->ntasks++;
	return t;
}

struct task *
task_find(struct mon *m, uint32_t id)
{
	struct task *t;

	for (t = m->tasks; t != NULL; t = t->next)
		if (t->id == id && !t->is_closed && t->state != TASK_CLOSED)
			return t;
	return NULL;
}

struct task *
task_of_call(struct mon *m, uint32_t nr)
{
	struct task *t;

	for (t = m->tasks; t != NULL && nr != 0; t = t->next)
		if (t->call == nr && t->state != TASK_CLOSED)
			return t;
	return NULL;
}

struct task *
task_of_kit(struct mon *m, uint32_t nr)
{
	struct task *t;

	for (t = m->tasks; t != NULL && nr != 0; t = t->next)
		if (t->kit == nr && t->state != TASK_CLOSED)
			return t;
	return NULL;
}

void
task_move(struct task *t, enum task_state to)
{
	size_t i;

	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].from == t->state &&
		    (moves[i].to & (unsigned int)to) != 0) {
			t->state = to;
			t->due_ms = 0;
			return;
		}
	log_error("impossible move of channel=%u from=%x to=%x", t->id,
	    (unsigned int)t->state, (unsigned int)to);
	mon_die(t->mon);
}

void
task_drop_kit(struct task *t)
{
	chan_free(t->record);
	chan_free(t->exec);
	chan_free(t->word);
	t->record = t->exec = t->word = NULL;
	fd_close(&t->io);
	fd_close(&t->err);
	fd_close(&t->bound);
	fd_close(&t->seals);
}

void
task_renew(struct task *t)
{
	msg_order_free(&t->order);
	str_wipe(t->features);
	t->features = NULL;
	msg_rec_ended_free(&t->totals);
	str_wipe(t->end.reason);
	str_wipe(t->end.next);
	memset(&t->order, 0, sizeof(t->order));
	memset(&t->totals, 0, sizeof(t->totals));
	memset(&t->end, 0, sizeof(t->end));
	t->has_order = t->is_consumed = t->asked_again = t->is_again = 0;
	t->is_rec_asked = t->is_rec_open = t->is_prepared = 0;
	t->is_abandoned = 0;
	t->kit = 0;
	t->refusals = 0;
}

void
task_kill_kit(struct task *t)
{
	if (t->kit != 0)
		mon_sent(t->mon, chan_put_kill_kit(t->mon->d, t->kit, NULL,
		    NULL, 0));
	t->kit = 0;
	task_drop_kit(t);
}

void
task_free(struct task *t)
{
	task_drop_kit(t);
	str_wipe(t->term);
	strv_free(t->argv);
	str_wipe(t->what);
	msg_order_free(&t->order);
	str_wipe(t->features);
	msg_rec_ended_free(&t->totals);
	str_wipe(t->end.reason);
	str_wipe(t->end.next);
	free(t);
}

void
task_sweep(struct mon *m)
{
	struct task **at = &m->tasks, *t;

	while ((t = *at) != NULL) {
		if (t->state != TASK_CLOSED) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		m->ntasks--;
		task_free(t);
	}
}
