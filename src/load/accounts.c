/* accounts.c - accounts, groups and locks by NSS. */
#include "load/accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/strv.h"

#define DAY_SECONDS	86400

const char *
account_locked(const struct spwd *s, int64_t now)
{
	int64_t today = now / DAY_SECONDS;

	if (s->sp_pwdp != NULL && (s->sp_pwdp[0] == '!' || s->sp_pwdp[0] == '*'))
		return "the account is locked";
	if (s->sp_expire >= 0 && today >= s->sp_expire)
		return "the account has expired";
	/* An old password that may no longer be changed is an expired account too. */
	if (s->sp_inact >= 0 && s->sp_max >= 0 && s->sp_lstchg > 0 &&
	    today > (int64_t)s->sp_lstchg + s->sp_max + s->sp_inact)
		return "the password expired too long ago";
	return NULL;
}

int
account_find(const char *name, int64_t now, struct account *a)
{
	const struct passwd *pw;
	const struct spwd *sp;
	const char *why = NULL;

	memset(a, 0, sizeof(*a));
	if (strlen(name) > USER_MAX)
		return ERR_NOTFOUND;
	errno = 0;
	/* cppcheck-suppress getpwnamCalled ; one thread */
	if ((pw = getpwnam(name)) == NULL) {
		if (errno == 0 || errno == ENOENT || errno == ESRCH)
			return ERR_NOTFOUND;
		log_errno("account not looked up name=%s", name);
		return ERR_SYS;
	}
	snprintf(a->name, sizeof(a->name), "%s", name);
	a->uid = pw->pw_uid;
	a->gid = pw->pw_gid;
	a->home = strdup(pw->pw_dir);
	a->shell = strdup(pw->pw_shell);
	if (a->home == NULL || a->shell == NULL) {
		account_free(a);
		return ERR_NOMEM;
	}
	/* No shadow line: a directory service, whose locks PAM asks for. */
	/* cppcheck-suppress getspnamCalled ; one thread */
	errno = 0;
	if ((sp = getspnam(name)) != NULL)
		why = account_locked(sp, now);
	else if (errno == EACCES || errno == EPERM) {
		/* a lock that cannot be seen is not the same as none */
		log_errno("lock of an account not looked up name=%s", name);
		account_free(a);
		return ERR_SYS;
	}
	a->active = why == NULL;
	snprintf(a->why, sizeof(a->why), "%s", why == NULL ? "" : why);
	return 0;
}

void
account_free(struct account *a)
{
	str_wipe(a->home);
	str_wipe(a->shell);
	a->home = a->shell = NULL;
}

int
account_members(const char *group, char ***members)
{
	const struct group *gr;
	const struct passwd *pw;
	char **found = NULL;
	gid_t gid;
	size_t i;
	int r = 0;

	/* cppcheck-suppress getgrnamCalled ; one thread */
	if ((gr = getgrnam(group)) == NULL)
		return ERR_NOTFOUND;
	gid = gr->gr_gid;
	for (i = 0; r == 0 && gr->gr_mem[i] != NULL; i++)
		if (!strv_has(found, gr->gr_mem[i]))
			r = strv_add(&found, gr->gr_mem[i]);
	setpwent();
	/* cppcheck-suppress getpwentCalled ; one thread */
	while (r == 0 && (pw = getpwent()) != NULL)
		if (pw->pw_gid == gid && !strv_has(found, pw->pw_name))
			r = strv_add(&found, pw->pw_name);
	endpwent();
	if (r != 0) {
		strv_free(found);
		return r;
	}
	*members = found;
	return 0;
}

int
account_groups(const struct account *a, struct blob *groups)
{
	gid_t list[GROUPS_MAX + 1];
	int n = GROUPS_MAX + 1, i;
	uint8_t *p;

	if (getgrouplist(a->name, a->gid, list, &n) < 0 || n > GROUPS_MAX)
		return ERR_LIMIT;
	if ((groups->p = malloc(4 * (size_t)n + 1)) == NULL)
		return ERR_NOMEM;
	groups->n = 4 * (size_t)n;
	for (i = 0, p = groups->p; i < n; i++) {
		*p++ = (uint8_t)(list[i] >> 24);
		*p++ = (uint8_t)(list[i] >> 16);
		*p++ = (uint8_t)(list[i] >> 8);
		*p++ = (uint8_t)list[i];
	}
	return 0;
}
