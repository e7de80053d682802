/*
 * keys.h - the factor before PAM: a signed key that the policy lists for the person (inside src/monitor only).
 *
 * What net says about a key is a claim, so it never is enough: PAM follows
 * always.  State machine: none shown -> offered -> factor; another user name
 * goes back to the beginning.
 */
#ifndef MONITOR_KEYS_H
#define MONITOR_KEYS_H

#include "crypt/sshkey.h"
#include "wire/chan.h"

struct mon;

struct keys {
	char		*user;		/* whose keys were shown; NULL: none was */
	struct blob	 offered;	/* the last offer: its signature is not counted again */
	struct blob	 factor;	/* signed, and the policy has it; empty: none */
	char		 print[SSHKEY_PRINT];	/* of the factor, else "" */
};

/* AUTH_KEY -> AUTH_KEY_RESULT; past key_offers the end. */
int keys_on_key(void *ctx, struct msg *msg);
/* May a dialogue of "user" begin, and end as a login, by the policy of this moment?  Always where no key is asked for. */
int keys_hold(const struct mon *m, const char *user);
/* The client is gone.  Did it show keys and nothing else?  Then that was a failed login of *user. */
int keys_were_all(const struct mon *m, const char **user);
/* A key of a kind that is never taken was shown. */
void keys_saw(struct mon *m, const char *user);
void keys_forget(struct keys *k);

#endif
