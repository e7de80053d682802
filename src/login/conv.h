/* conv.h - PAM's conversation: many small messages become rounds of questions (inside src/login only). */
#ifndef LOGIN_CONV_H
#define LOGIN_CONV_H

#include <security/pam_appl.h>

#include "base/buf.h"
#include "login/login.h"

struct conv {
	login_ask	*ask;
	void		*arg;
	struct buf	*texts;		/* said by PAM, not yet shown; lines */
	int		 is_left;	/* the person broke off: answer nothing more */
};

/* 0 or ERR_NOMEM.  conv_done() forgets all. */
int conv_init(struct conv *c, login_ask *ask, void *arg);
void conv_done(struct conv *c);

/* The function given to PAM; "arg" is the struct conv. */
int conv_run(int n, const struct pam_message **msg,
    struct pam_response **resp, void *arg);

/* Shows what is left over in a round without questions.  0, or the error of ask. */
int conv_rest(struct conv *c);

/* Forgets what is left over: a refusal tells the client nothing. */
void conv_forget(struct conv *c);

#endif
