/* haste.c - a count that grows while the recorder is what a stream waits for. */
#include "recorder/haste.h"

int
haste_judge(struct haste *h, int is_full, int is_gone)
{
	if (!is_full || !is_gone)
		h->score -= h->score < HASTE_COST ? h->score : HASTE_COST;
	else if (h->score < HASTE_MAX)
		h->score++;
	return h->score >= HASTE_AFTER;
}
