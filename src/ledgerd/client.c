/* client.c - a peer: made, freed, answered yes and no. */
#include <stdlib.h>

#include "base/err.h"
#include "base/fd.h"
#include "ledgerd/hash.h"
#include "ledgerd/inside.h"
#include "ledgerd/job.h"

struct client *
client_new(struct ledgerd *ld, int fd, struct client *monitor)
{
	struct client *p;

	if ((p = calloc(1, sizeof(*p))) == NULL) {
		fd_close(&fd);
		return NULL;
	}
	p->chan = chan_new(fd, PEER_G, monitor == NULL ? PEER_M : PEER_W);
	if (p->chan == NULL) {
		free(p);
		return NULL;
	}
	p->ld = ld;
	p->monitor = monitor;
	p->state = monitor == NULL ? PS_NEW : PS_IN;
	p->next = ld->clients;
	ld->clients = p;
	if (monitor == NULL)
		ld->nmonitors++;
	else {
		monitor->npersons++;
		ld->npersons++;
	}
	return p;
}

void
client_free(struct client *p)
{
	struct running *run;

	while (p->pending != NULL)
		run_forget(p, p->pending->session);
	while ((run = p->running) != NULL) {
		p->running = run->next;
		free(run);
	}
	if (p->monitor == NULL)
		p->ld->nmonitors--;
	else {
		p->monitor->npersons--;
		p->ld->npersons--;
	}
	hash_free(p);
	msg_call_free(&p->later);
	chan_free(p->chan);
	free(p);
}

int
client_refuse(struct client *p, uint32_t id, const struct req_refusal *why)
{
	struct msg_refused m = { 0 };

	m.code = (char *)(uintptr_t)sekisho_code_word(why->code);
	m.reason = (char *)(uintptr_t)why->reason;
	m.next = (char *)(uintptr_t)why->next;
	return chan_put_refused(p->chan, id, &m, NULL, 0);
}

int
client_no(struct client *p, uint32_t id, const struct req_refusal *why,
    const char *asked)
{
	int r;

	r = job_refusal(p, book_refusal(p, sekisho_code_word(why->code),
	    asked, why->reason), why->near);
	/* no room for an entry about it is no reason to say nothing */
	return r != 0 && r != ERR_FULL ? r : client_refuse(p, id, why);
}

int
client_ack(struct client *p, uint32_t id)
{
	return chan_put_ack(p->chan, id, NULL, NULL, 0);
}
