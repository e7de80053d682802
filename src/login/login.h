/*
 * login.h - one PAM transaction: who somebody is, and the session that follows.
 *
 * PAM blocks and runs whatever modules the site has configured.  So this
 * folder is linked into sekisho-monitor alone, one process per connection.
 */
#ifndef LOGIN_LOGIN_H
#define LOGIN_LOGIN_H

#include <stddef.h>

struct login;

enum login_verdict {
	LOGIN_PASSED = 0x5a,	/* everything was satisfied; far from the others */
	LOGIN_WRONG = 1,	/* password or another answer was wrong */
	LOGIN_NO_USER,		/* PAM does not know this name */
	LOGIN_NO_ACCOUNT,	/* answers right, account expired or closed */
	LOGIN_LEFT,		/* the person broke off */
	LOGIN_BROKEN		/* PAM itself failed (logged) */
};

struct login_prompt {
	const char	*text;	/* no control characters */
	int		 echo;	/* 1: show what is typed */
};

/*
 * One round: show "instruction" (lines, no other control characters; may be
 * "") and ask "n" prompts, which may be 0.  On 0 each answers[i] is a string
 * made by malloc, now PAM's.  Anything else breaks the dialogue off and leaves
 * nothing in "answers".
 */
typedef int login_ask(void *arg, const char *instruction,
    const struct login_prompt *prompts, size_t n, char **answers);

struct login_conf {
	const char	*service;	/* "sekisho" */
	const char	*dir;		/* instead of /etc/pam.d; NULL or "": not */
	const char	*user;
	const char	*rhost;		/* address without port */
	login_ask	*ask;
	void		*arg;
};

/* NULL: PAM could not start (logged).  The strings are copied. */
struct login *login_new(const struct login_conf *conf);

/*
 * Before anybody is there: the stack's modules and the name service are
 * loaded, and stay so until login_free() of the result, which is good for
 * nothing else: a login reads the stack as it is then.  NULL as login_new().
 */
struct login *login_warm(const char *service, const char *dir);

/*
 * Authenticate, check the account and, for somebody who "is_entitled", have an
 * expired password changed; then show what PAM said last.  The rest is run
 * for people who are not entitled too, so that nothing tells them apart; the
 * caller refuses them whatever comes back.  A name changed by PAM is a refusal.
 */
enum login_verdict login_check(struct login *l, int is_entitled);

/* Credentials and session; only after LOGIN_PASSED.  ERR_DENIED: logged, nothing is open. */
int login_session_open(struct login *l);

/* Closes what is open and frees.  NULL is allowed. */
void login_free(struct login *l);

/* Is there such an account?  Asks the name service. */
int login_user_exists(const char *name);

#endif
