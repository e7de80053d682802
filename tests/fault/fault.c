/* fault.c - what goes wrong on purpose besides the one call: deaths, and the end of a lasting fault. */
#include "tests/fault/gate.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/fault/nomem.h"

void
fault_kill(struct gate *g)
{
	pid_t pid = g->kill_after_use == LEDGERD + 1 ? g->ledgerd.pid :
	    g->kill_after_use == KEYD + 1 ? g->keyd.pid : g->kit->pid;

	g->kill_after_use = 0;
	(void)kill(pid, SIGKILL);
}

void
fault_note_ready(struct gate *g, enum program p)
{
	struct nomem_report r = { 0, 0 };
	int fd;

	if (g->fault.program != p || g->starts[p] != g->fault.start ||
	    strcmp(g->fault.kind, "nomem") != 0 ||
	    (fd = open(g->report, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	if (read(fd, &r, sizeof(r)) == (ssize_t)sizeof(r))
		g->ready_count = r.count;
	close(fd);
}

/* A service whose every later call fails: its disk is mended by its end. */
int
fault_mend(struct gate *g)
{
	struct service *s = g->fault.program == KEYD ? &g->keyd : &g->ledgerd;

	if (g->fault.program > LEDGERD || strchr(g->fault.n, '+') == NULL ||
	    g->starts[g->fault.program] != g->fault.start || s->pid == 0 ||
	    g->is_mended)
		return 0;
	g->is_mended = 1;
	chan_free(s->chan);		/* it ends as if sekishod were gone */
	s->chan = NULL;
	s->is_ready = 0;
	g->is_bound = 0;
	(void)spawn_reap(g, s->program, &s->pid);
	return 1;
}

/* Has the one under the fault just died, and is everything to die with it? */
static int
is_the_end_of_all(struct gate *g)
{
	siginfo_t si = { .si_pid = 0 };

	return g->all_die && g->fault_pid != 0 && waitid(P_PID,
	    (id_t)g->fault_pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    si.si_pid == g->fault_pid;
}

/* As when the power goes, but for what the kernel has taken: nobody says anything any more. */
void
fault_spread(struct gate *g)
{
	size_t i;

	if (!is_the_end_of_all(g))
		return;
	g->all_die = 0;
	if (g->kit != NULL) {
		g->kit->is_dead = 1;
		spawn_kill(&g->kit->pid);
	}
	for (i = 0; i < RECOVERIES; i++) {
		spawn_kill(&g->recoveries[i].pid);
		rescue_free(&g->recoveries[i]);
	}
	spawn_kill(&g->ledgerd.pid);
	spawn_kill(&g->keyd.pid);
	gate_service_dead(g, &g->ledgerd);
	gate_service_dead(g, &g->keyd);
	g->alice.was_in = g->bob.was_in = g->carol.was_in = 0;
	for (i = 0; i < g->nsessions; i++)
		if (g->sessions[i].is_asked && !g->sessions[i].is_ended)
			g->sessions[i].is_orphan = 1;
}
