/* drain_gate.c - is the process of a pid file really the gate, and what runs in it? */
#include "cli/drain_gate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/fd.h"
#include "base/num.h"
#include "cli/tool.h"

#define EXIT_UNAVAILABLE	69
#define EXIT_REFUSED_PID	77
#define PID_TEXT_MAX		16	/* digits and a newline */
#define STATUS_MAX		8192	/* of /proc/PID/status */
#define TITLE_MAX		256	/* as much of a title as is looked at */
#define DELETED			" (deleted)"

/* A whole small file as text; "" when it cannot be had. */
static void
read_text(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	fd_close(&fd);
}

/* The number in the pid file, which only root may have written. */
static int
read_pid(const char *path, pid_t *pid)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char text[PID_TEXT_MAX] = "";
	struct stat st;
	int64_t v = 0;
	ssize_t n = -1;

	if (fd < 0) {
		fprintf(stderr, "sekisho drain: no gate runs: %s: %s\n", path,
		    strerrordesc_np(errno));
		return EXIT_UNAVAILABLE;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == 0 &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0) {
		fprintf(stderr, "sekisho drain: %s is not a file that root "
		    "alone can write\n", path);
		return EXIT_REFUSED_PID;
	}
	text[strcspn(text, "\n")] = '\0';
	if (num_parse(text, 2, INT_MAX, &v) != 0) {
		fprintf(stderr, "sekisho drain: %s holds no process number%s\n",
		    path, n == 0 ? ", the gate is just starting" : "");
		return EXIT_UNAVAILABLE;
	}
	*pid = (pid_t)v;
	return 0;
}

/* Runs it the sekishod of this installation?  One that was replaced meanwhile counts. */
static int
is_sekishod(pid_t pid, char *exe, size_t size)
{
	char want[PATH_MAX], path[64];
	ssize_t n;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, exe, size - 1);
	exe[n > 0 ? n : 0] = '\0';
	if (n <= 0 || tool_dir(want, sizeof(want) - sizeof("/sekishod")) != 0)
		return 0;
	len = strlen(want);
	snprintf(want + len, sizeof(want) - len, "/sekishod");
	len = strlen(want);
	return strncmp(exe, want, len) == 0 && (exe[len] == '\0' ||
	    strcmp(exe + len, DELETED) == 0);
}

/* Would SIGUSR1 end it?  An older gate knows no draining. */
static int
minds_signal(pid_t pid)
{
	static const char *const masks[] = { "\nSigBlk:", "\nSigCgt:" };
	const uint64_t bit = (uint64_t)1 << (SIGUSR1 - 1);
	char path[64], text[STATUS_MAX];
	const char *at;
	size_t i;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	read_text(path, text, sizeof(text));
	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if ((at = strstr(text, masks[i])) != NULL &&
		    (strtoull(at + strlen(masks[i]), NULL, 16) & bit) != 0)
			return 1;
	return 0;
}

static pid_t
parent_of(pid_t pid)
{
	char path[64], text[STATUS_MAX];
	const char *at;
	int64_t v = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	read_text(path, text, sizeof(text));
	if ((at = strstr(text, "\nPPid:\t")) == NULL)
		return -1;
	at += strlen("\nPPid:\t");
	text[(size_t)(at - text) + strcspn(at, "\n")] = '\0';
	return num_parse(at, 0, INT_MAX, &v) == 0 ? (pid_t)v : -1;
}

/* Its pidfd; -1: none. */
static int
find_starter(pid_t gate)
{
	struct dirent *e;
	int64_t pid;
	int fd = -1;
	DIR *d;

	if ((d = opendir("/proc")) == NULL)
		return -1;
	while (fd < 0 && (e = readdir(d)) != NULL)
		if (num_parse(e->d_name, 1, INT_MAX, &pid) == 0 &&
		    parent_of((pid_t)pid) == gate)
			fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	closedir(d);
	return fd;
}

int
drain_gate_open(struct drain_gate *g, const char *pid_file)
{
	char exe[PATH_MAX], safe[PATH_MAX];
	int status;

	*g = (struct drain_gate){ .pidfd = -1, .starter = -1 };
	if ((status = read_pid(pid_file, &g->pid)) != 0)
		return status;
	/* from here on the number cannot come to mean another process */
	if ((g->pidfd = (int)syscall(SYS_pidfd_open, g->pid, 0)) < 0) {
		fprintf(stderr, "sekisho drain: no gate runs: process %d of "
		    "%s is gone\n", (int)g->pid, pid_file);
		return EXIT_UNAVAILABLE;
	}
	if (!is_sekishod(g->pid, exe, sizeof(exe)))	/* anybody's, by any name */
		fprintf(stderr, "sekisho drain: process %d of %s is not this "
		    "installation's sekishod, it runs %s\n", (int)g->pid,
		    pid_file, *exe == '\0' ? "nothing" :
		    escape_to(safe, sizeof(safe), exe, strlen(exe)));
	else if (!minds_signal(g->pid))
		fprintf(stderr, "sekisho drain: the gate (pid %d) does not "
		    "know how to drain (yet): SIGUSR1 would end it\n",
		    (int)g->pid);
	else {
		g->starter = find_starter(g->pid);
		return 0;
	}
	fd_close(&g->pidfd);
	return EXIT_REFUSED_PID;
}

void
drain_count(struct drain_left *left, const char *title)
{
	static const char command[] = "sekisho-exec: S";
	static const char person[] = "sekisho-monitor: ";
	size_t n, used = strlen(left->sessions);
	const char *id;

	if (strncmp(title, command, strlen(command)) == 0) {
		id = title + strlen(command) - 1;
		n = 1 + strspn(id + 1, "0123456789");
		if (n == 1 || strcmp(id + n, " [supervisor]") != 0)
			return;
		left->commands++;
		if (used + n + sizeof(" ...") < sizeof(left->sessions))
			snprintf(left->sessions + used,
			    sizeof(left->sessions) - used, "%s%.*s",
			    used == 0 ? "" : " ", (int)n, id);
		else if (strstr(left->sessions, "...") == NULL)
			snprintf(left->sessions + used,
			    sizeof(left->sessions) - used, " ...");
	} else if (strncmp(title, person, strlen(person)) == 0 &&
	    (n = strlen(title)) > strlen(" [priv]") &&
	    strcmp(title + n - strlen(" [priv]"), " [priv]") == 0)
		left->connections++;
}

/* Our processes are the children of the starter, which is the only child of sekishod. */
void
drain_gate_left(const struct drain_gate *g, struct drain_left *left)
{
	char path[64], title[TITLE_MAX];
	struct dirent *e;
	int64_t pid;
	pid_t up;
	size_t n;
	DIR *d;

	*left = (struct drain_left){ 0 };
	if ((d = opendir("/proc")) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (num_parse(e->d_name, 1, INT_MAX, &pid) != 0)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
		read_text(path, title, sizeof(title));
		/* what a title overwrote is filled up with NULs or blanks */
		for (n = strlen(title); n > 0 && title[n - 1] == ' '; n--)
			title[n - 1] = '\0';
		if (strncmp(title, "sekisho-", strlen("sekisho-")) == 0 &&
		    (up = parent_of((pid_t)pid)) > 1 &&
		    parent_of(up) == g->pid)
			drain_count(left, title);
	}
	closedir(d);
}
