/* login.c - the steps of one PAM transaction, in the order that Linux-PAM wants them. */
#include "login/login.h"

#include <pwd.h>
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "login/conv.h"
#include "login/crypt_once.h"

/* A typing mistake in a new password is not the end of the login. */
#define CHANGES_MAX	3
#define ACCOUNT_BYTES	16384	/* one line of the name service; longer: no account */

struct login {
	pam_handle_t	*pam;
	struct conv	 conv;
	char		*user;
	int		 last;		/* PAM's last answer, for pam_end() */
	int		 has_cred, has_session;
};

/*
 * PAM sleeps a random time after a failure.  The monitor answers every failure
 * at a fixed instant instead, so this does nothing.
 */
static void
no_delay(int retval, unsigned int usec, void *arg)
{
	(void)retval;
	(void)usec;
	(void)arg;
}

/*
 * Remember and log what PAM said; never the name, people type passwords there.
 * Whatever module hashed a password is through with it.
 */
static int
step(struct login *l, const char *what, int answer)
{
	crypt_once_forget();
	l->last = answer;
	if (answer != PAM_SUCCESS && answer != PAM_NEW_AUTHTOK_REQD)
		log_info("pam step=%s answer=%d text=%s", what, answer,
		    pam_strerror(l->pam, answer));
	return answer;
}

static int
set_items(struct login *l, const struct login_conf *conf)
{
	union {
		void		(*delay)(int, unsigned int, void *);
		const void	*item;
	} delay = { .delay = no_delay };

	if (step(l, "rhost", pam_set_item(l->pam, PAM_RHOST,
	    conf->rhost)) != PAM_SUCCESS ||
	    step(l, "tty", pam_set_item(l->pam, PAM_TTY, "ssh")) !=
	    PAM_SUCCESS ||
	    step(l, "delay", pam_set_item(l->pam, PAM_FAIL_DELAY,
	    delay.item)) != PAM_SUCCESS)
		return ERR_DENIED;
	return 0;
}

struct login *
login_new(const struct login_conf *conf)
{
	struct pam_conv pc = { .conv = conv_run };
	struct login *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	pc.appdata_ptr = &l->conv;
	if (conv_init(&l->conv, conf->ask, conf->arg) != 0 ||
	    (l->user = strdup(conf->user)) == NULL)
		goto fail;
	if (conf->dir != NULL && conf->dir[0] != '\0')
		l->last = pam_start_confdir(conf->service, conf->user, &pc,
		    conf->dir, &l->pam);
	else
		l->last = pam_start(conf->service, conf->user, &pc, &l->pam);
	if (l->last != PAM_SUCCESS || l->pam == NULL) {
		log_error("pam_start failed service=%s answer=%d",
		    conf->service, l->last);
		goto fail;
	}
	if (set_items(l, conf) == 0)
		return l;
fail:
	login_free(l);
	return NULL;
}

/* What an answer that is not yes means for the ledger. */
static enum login_verdict
meaning(const struct login *l, int answer)
{
	if (l->conv.is_left)
		return LOGIN_LEFT;
	switch (answer) {
	case PAM_SUCCESS:
		return LOGIN_PASSED;
	case PAM_USER_UNKNOWN:
		return LOGIN_NO_USER;
	case PAM_AUTH_ERR:
	case PAM_MAXTRIES:
	case PAM_CRED_INSUFFICIENT:
	case PAM_AUTHTOK_ERR:
	case PAM_AUTHTOK_RECOVERY_ERR:
	case PAM_TRY_AGAIN:
		return LOGIN_WRONG;
	case PAM_ACCT_EXPIRED:
	case PAM_AUTHTOK_EXPIRED:
	case PAM_PERM_DENIED:
	case PAM_NEW_AUTHTOK_REQD:
		return LOGIN_NO_ACCOUNT;
	default:
		return LOGIN_BROKEN;
	}
}

/* Have the expired password changed, with a few tries at a good new one. */
static int
change_password(struct login *l)
{
	int answer = PAM_AUTHTOK_ERR, i;

	for (i = 0; i < CHANGES_MAX && !l->conv.is_left; i++) {
		answer = step(l, "chauthtok", pam_chauthtok(l->pam,
		    PAM_CHANGE_EXPIRED_AUTHTOK));
		if (answer != PAM_TRY_AGAIN && answer != PAM_AUTHTOK_ERR)
			break;
	}
	return answer;
}

/* A module may map the name to another; this gate's roles belong to the name as it was given. */
static int
same_user(struct login *l)
{
	const void *user = NULL;

	if (step(l, "user", pam_get_item(l->pam, PAM_USER, &user)) !=
	    PAM_SUCCESS || user == NULL)
		return 0;
	if (strcmp(user, l->user) != 0) {
		log_warn("pam changed the user, refused");
		return 0;
	}
	return 1;
}

enum login_verdict
login_check(struct login *l, int is_entitled)
{
	int answer;

	answer = step(l, "authenticate", pam_authenticate(l->pam, 0));
	if (answer == PAM_SUCCESS)
		answer = step(l, "account", pam_acct_mgmt(l->pam, 0));
	if (answer == PAM_NEW_AUTHTOK_REQD && is_entitled)
		answer = change_password(l);
	if (answer == PAM_SUCCESS && !same_user(l))
		answer = PAM_PERM_DENIED;
	if (answer == PAM_SUCCESS && !l->conv.is_left && is_entitled)
		(void)conv_rest(&l->conv);	/* breaking off is seen by meaning() */
	conv_forget(&l->conv);
	return meaning(l, answer);
}

int
login_session_open(struct login *l)
{
	if (step(l, "setcred", pam_setcred(l->pam, PAM_ESTABLISH_CRED)) !=
	    PAM_SUCCESS)
		return ERR_DENIED;
	l->has_cred = 1;
	if (!same_user(l) || step(l, "open_session",
	    pam_open_session(l->pam, 0)) != PAM_SUCCESS)
		return ERR_DENIED;
	l->has_session = 1;
	conv_forget(&l->conv);	/* too late for a round; the log of the module has it */
	return 0;
}

void
login_free(struct login *l)
{
	if (l == NULL)
		return;
	if (l->pam != NULL) {
		l->conv.is_left = 1;	/* nobody is there to ask */
		if (l->has_session)
			(void)step(l, "close_session",
			    pam_close_session(l->pam, PAM_SILENT));
		if (l->has_cred)
			(void)step(l, "delcred", pam_setcred(l->pam,
			    PAM_DELETE_CRED | PAM_SILENT));
		pam_end(l->pam, l->last);
	}
	conv_done(&l->conv);
	str_wipe(l->user);
	free(l);
}

/* Nobody is asked anything here. */
static int
ask_nobody(void *arg, const char *instruction,
    const struct login_prompt *prompts, size_t n, char **answers)
{
	(void)arg;
	(void)instruction;
	(void)prompts;
	(void)n;
	(void)answers;
	return ERR_STATE;
}

struct login *
login_warm(const char *service, const char *dir)
{
	struct login_conf conf = { .service = service, .dir = dir,
		.user = "root", .rhost = "", .ask = ask_nobody };

	(void)login_user_exists(conf.user);
	return login_new(&conf);
}

int
login_user_exists(const char *name)
{
	struct passwd pw, *found = NULL;
	char room[ACCOUNT_BYTES];

	return getpwnam_r(name, &pw, room, sizeof(room), &found) == 0 &&
	    found != NULL;
}
