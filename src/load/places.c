/* places.c - our own accounts and directories: found, checked, made when missing. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/strv.h"
#include "config/file.h"
#include "load/listen.h"
#include "load/policy.h"

#define DOOR_NAME	"/ledger.sock"
#define DOOR_MAX	sizeof(((struct sockaddr_un *)0)->sun_path)

static int
find_account(struct policy *p, const char *name, uint32_t ids[2])
{
	const struct passwd *pw;

	/* cppcheck-suppress getpwnamCalled ; one thread */
	if ((pw = getpwnam(name)) == NULL)
		return conf_fail(&p->error, p->conf_file, 0, "expected the "
		    "account %s, found none; make it: useradd --system "
		    "--no-create-home -d /nonexistent -s /usr/sbin/nologin %s",
		    name, name);
	if (pw->pw_uid == 0 || pw->pw_gid == 0)
		return conf_fail(&p->error, p->conf_file, 0, "expected the "
		    "account %s without root's ids", name);
	ids[0] = pw->pw_uid;
	ids[1] = pw->pw_gid;
	return 0;
}

static int
check_host_keys(struct policy *p)
{
	int line = conf_sekisho_line(&p->conf, "host_keys");
	struct stat st;
	const char *key;
	size_t i;
	int r;

	for (i = 0; p->conf.host_keys[i] != NULL; i++) {
		key = p->conf.host_keys[i];
		if (stat(key, &st) < 0)
			return conf_fail(&p->error, p->conf_file, line,
			    "host_keys: expected a key that can be read, found "
			    "%s: %s; make one: ssh-keygen -t ed25519 -N '' -f "
			    "%s", key, strerrordesc_np(errno), key);
		if ((r = conf_path_trusted(key, &p->error)) != 0)
			return r;
		if (!S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
			return conf_fail(&p->error, p->conf_file, line,
			    "host_keys: expected a file that only root can "
			    "read, found %s with mode %04o", key,
			    (unsigned int)(st.st_mode & 07777));
	}
	return 0;
}

static int
check_listen(struct policy *p)
{
	struct sockaddr_storage ss;
	size_t i;

	for (i = 0; p->conf.listen[i] != NULL; i++)
		if (listen_parse(p->conf.listen[i], &ss) != 0)
			return conf_fail(&p->error, p->conf_file,
			    conf_sekisho_line(&p->conf, "listen"), "listen: "
			    "expected ADDRESS:PORT in numbers, found \"%s\"",
			    p->conf.listen[i]);
	return 0;
}

/* Adds the real path of "path", if it exists, unless it is hidden already. */
static int
hide(struct policy *p, const char *path)
{
	char real[PATH_MAX];

	if (realpath(path, real) == NULL || strv_has(p->hide, real))
		return 0;
	return strv_add(&p->hide, real);
}

/*
 * The directory of a host key holds keys only, mostly; where it is a
 * directory of everybody's (/etc), only the key itself is hidden.
 */
static int
hide_key(struct policy *p, const char *key)
{
	char dir[PATH_MAX], *slash;

	snprintf(dir, sizeof(dir), "%s", key);
	slash = strrchr(dir, '/');
	if (slash == dir || strchr(dir + 1, '/') == slash)
		return hide(p, key);
	*slash = '\0';
	return hide(p, dir);
}

static int
make_hide(struct policy *p)
{
	size_t i;
	int r;

	if ((r = hide(p, p->dir)) != 0 ||
	    (r = hide(p, p->conf.etc_dir)) != 0 ||
	    (r = hide(p, p->state_dir)) != 0 ||
	    (r = hide(p, p->run_dir)) != 0 ||
	    (p->conf.pam_dir[0] != '\0' && (r = hide(p, p->conf.pam_dir)) != 0))
		return r;
	for (i = 0; p->conf.host_keys[i] != NULL; i++)
		if ((r = hide_key(p, p->conf.host_keys[i])) != 0)
			return r;
	return 0;
}

/* A directory as it should be: made when missing, else its owner checked. */
static int
make_dir(struct policy *p, const char *path, uint32_t uid, uint32_t gid,
    mode_t mode)
{
	struct stat st;
	int fd;

	if (mkdir(path, 0700) == 0) {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
		    O_CLOEXEC);
		if (fd < 0 || fchmod(fd, mode) < 0 ||
		    fchown(fd, uid, gid) < 0) {
			conf_fail(&p->error, path, 0, "cannot be made: %s",
			    strerrordesc_np(errno));
			if (fd >= 0)
				close(fd);
			return ERR_FORMAT;
		}
		close(fd);
	} else if (errno != EEXIST)
		return conf_fail(&p->error, path, 0, "cannot be made: %s",
		    strerrordesc_np(errno));
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return conf_fail(&p->error, path, 0, "expected a directory");
	if (st.st_uid != uid || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return conf_fail(&p->error, path, 0, "expected uid %u as owner "
		    "and nobody else who can write, found uid %u, mode %04o",
		    uid, (unsigned int)st.st_uid,
		    (unsigned int)(st.st_mode & 07777));
	return 0;
}

/* What is in it lets its reader forge every seal and head to come. */
static int
check_private(struct policy *p, const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return conf_fail(&p->error, path, 0, "cannot be looked at: %s",
		    strerrordesc_np(errno));
	if ((st.st_mode & 077) != 0)
		return conf_fail(&p->error, path, 0, "expected a directory "
		    "that its owner alone can read, found mode %04o",
		    (unsigned int)(st.st_mode & 07777));
	return 0;
}

int
policy_make_places(struct policy *p)
{
	char ledger[PATH_MAX];
	int r;

	snprintf(ledger, sizeof(ledger), "%.4000s/ledger", p->state_dir);
	if ((r = make_dir(p, p->state_dir, 0, 0, 0755)) != 0 ||
	    (r = make_dir(p, ledger, p->led[0], p->led[1], 0700)) != 0 ||
	    (r = make_dir(p, p->recordings, 0, p->led[1], 0750)) != 0 ||
	    (r = make_dir(p, p->heads, p->led[0], p->led[1], 0755)) != 0 ||
	    (r = make_dir(p, p->keys, p->key[0], p->key[1], 0700)) != 0 ||
	    (r = check_private(p, p->keys)) != 0 ||
	    (r = make_dir(p, p->run_dir, 0, 0, 0755)) != 0 ||
	    (r = make_dir(p, p->empty_dir, 0, 0, 0755)) != 0 ||
	    (r = conf_path_trusted(p->recordings, &p->error)) != 0 ||
	    (r = conf_path_trusted(p->empty_dir, &p->error)) != 0)
		return r;
	return make_hide(p);
}

/* The name of a socket is shorter than that of a file may be. */
static int
find_door(struct policy *p)
{
	if (!p->conf.local_door)
		return 0;
	if (strlen(p->run_dir) + strlen(DOOR_NAME) >= DOOR_MAX)
		return conf_fail(&p->error, p->conf_file,
		    conf_sekisho_line(&p->conf, "run_dir"), "run_dir: expected "
		    "at most %zu letters, or local_door = false, found \"%s\"",
		    DOOR_MAX - sizeof(DOOR_NAME), p->run_dir);
	snprintf(p->door, sizeof(p->door), "%.*s" DOOR_NAME, (int)DOOR_MAX,
	    p->run_dir);
	return 0;
}

int
policy_places(struct policy *p)
{
	int r;

	if ((r = find_account(p, "_sekisho-net", p->net)) != 0 ||
	    (r = find_account(p, "_sekisho-rec", p->rec)) != 0 ||
	    (r = find_account(p, "_sekisho-led", p->led)) != 0 ||
	    (r = find_account(p, "_sekisho-sh", p->sh)) != 0 ||
	    (r = find_account(p, "_sekisho-key", p->key)) != 0 ||
	    (r = check_listen(p)) != 0 || (r = check_host_keys(p)) != 0)
		return r;
	if (p->conf.etc_dir[0] == '\0') {
		free(p->conf.etc_dir);
		if ((p->conf.etc_dir = strdup(p->dir)) == NULL)
			return ERR_NOMEM;
	}
	snprintf(p->state_dir, sizeof(p->state_dir), "%s", p->conf.state_dir);
	snprintf(p->run_dir, sizeof(p->run_dir), "%s", p->conf.run_dir);
	snprintf(p->database, sizeof(p->database), "%.4000s/ledger/ledger.db",
	    p->state_dir);
	snprintf(p->recordings, sizeof(p->recordings), "%.4000s/recordings",
	    p->state_dir);
	snprintf(p->empty_dir, sizeof(p->empty_dir), "%.4000s/empty",
	    p->run_dir);
	snprintf(p->keys, sizeof(p->keys), "%.4000s/keys", p->state_dir);
	snprintf(p->heads, sizeof(p->heads), "%.4000s/heads", p->state_dir);
	if ((r = find_door(p)) != 0)
		return r;
	return make_hide(p);
}
