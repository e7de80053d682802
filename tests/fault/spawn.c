/* spawn.c - the real programs, started as sekishod starts them, one of them under its fault. */
#include "tests/fault/gate.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "wire/snapshot.h"

#define CONST(s)	((char *)(uintptr_t)(s))
#define FD_ASIDE	100
#define TITLE_ROOM	"SEKISHO_TITLE="				\
	"                                                                "

static const char *const names[PROGRAMS][2] = {
	{ "sekisho-keyd", NULL }, { "sekisho-ledgerd", NULL },
	{ "sekisho-record", NULL }, { "sekisho-record", "--recover" },
	{ "sekisho", "--gateway" },
};

/* 0 and 1: /dev/null, 2: the log, then the given ones. */
static void
place(const struct gate *g, const int *fds, size_t n)
{
	int aside[FDS_MAX], null, log;
	size_t i;

	for (i = 0; i < n; i++)
		aside[i] = fcntl(fds[i], F_DUPFD, FD_ASIDE);
	null = open("/dev/null", O_RDWR);
	log = open(g->log, O_WRONLY | O_APPEND | O_CREAT, 0600);
	if (null < 0 || log < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(log, 2) < 0)
		_exit(71);
	for (i = 0; i < n; i++)
		if (dup2(aside[i], 3 + (int)i) < 0)
			_exit(71);
	fd_close_from(3 + (int)n);
}

static void
become(const struct gate *g, enum program p, int has_fault)
{
	static char path_env[] = "PATH=/usr/bin:/bin", title[] = TITLE_ROOM;
	char program[PATH_MAX + 32], inject[PATH_MAX + 32];
	char preload[PATH_MAX + 32], at[64], report[128];
	static char trace[] = "NOMEM_TRACE=1";
	char *env[7] = { path_env, title, NULL };
	char *argv[9] = { NULL };
	struct sigaction plain = { .sa_handler = SIG_DFL };
	size_t n = 0;

	(void)sigaction(SIGPIPE, &plain, NULL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	umask(077);
	snprintf(program, sizeof(program), "%s/%s", g->programs, names[p][0]);
	if (has_fault && strcmp(g->fault.kind, "nomem") == 0) {
		snprintf(preload, sizeof(preload), "LD_PRELOAD=%s/nomem.so",
		    g->tools);
		snprintf(at, sizeof(at), "NOMEM_AT=%s", g->fault.n);
		snprintf(report, sizeof(report), "NOMEM_REPORT=%s", g->report);
		env[2] = preload;
		env[3] = at;
		env[4] = report;
		env[5] = getenv("NOMEM_TRACE") != NULL ? trace : NULL;
	} else if (has_fault) {
		snprintf(inject, sizeof(inject), "%s/inject", g->tools);
		argv[n++] = inject;
		argv[n++] = CONST(g->report);
		argv[n++] = CONST(g->fault.kind);
		argv[n++] = CONST(g->fault.which);
		argv[n++] = CONST(g->fault.n);
	}
	argv[n++] = program;
	argv[n++] = CONST(names[p][1]);
	execve(argv[0], argv, env);
	_exit(71);
}

pid_t
spawn(struct gate *g, enum program p, const int *fds, size_t n)
{
	int has_fault = ++g->starts[p] == g->fault.start &&
	    g->fault.program == p;
	pid_t pid = fork();

	if (pid > 0 && has_fault)
		g->fault_pid = pid;
	if (pid != 0)
		return pid < 0 ? 0 : pid;
	place(g, fds, n);
	become(g, p, has_fault);
	_exit(71);
}

int
spawn_reap(struct gate *g, enum program p, pid_t *pid)
{
	int status, end = 0;

	if (*pid == 0)
		return 0;
	if (waitpid(*pid, &status, 0) == *pid) {
		/* inject says it in the same way */
		end = WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
		    WEXITSTATUS(status);
		if (end > 128 && end != 128 + SIGKILL)
			(void)gate_wrong(g, "%s%s%s: died of signal %d",
			    names[p][0], names[p][1] == NULL ? "" : " ",
			    names[p][1] == NULL ? "" : names[p][1],
			    end - 128);
	}
	*pid = 0;
	return end;
}

void
spawn_kill(pid_t *pid)
{
	if (*pid == 0)
		return;
	(void)kill(*pid, SIGKILL);
	(void)waitpid(*pid, NULL, 0);
	*pid = 0;
}

/* The body of the slice, by program. */
static int
put_slice(const struct gate *g, enum program p, struct buf *b)
{
	char database[96], recordings[96], heads[96], keys[96], empty[96];
	char *dirs[] = { CONST(g->bin), NULL };
	struct msg_slice_ledgerd ledgerd = { .database = database,
		.recordings = recordings, .uid = LED_ID, .gid = LED_ID,
		.command_dirs = dirs, .seal_grace_s = g->seal_grace_s,
		.refused_entries_per_day = 1000, .zone = CONST("UTC"),
		.gate = CONST("gate"), .heads = heads,
		.disk_warn = 3 << 20, .disk_refuse = 2 << 20,
		.disk_end = 1 << 20, .disk_reserve = 1 << 16 };
	struct msg_slice_keyd keyd = { .uid = KEY_ID, .gid = KEY_ID,
		.dir = keys, .gate = CONST("gate"), .epoch_s = g->epoch_s };
	struct msg_slice_record record = { .uid = REC_ID, .gid = REC_ID,
		.empty_dir = empty, .sync_ms = 200,
		.seal_grace_s = g->seal_grace_s };
	struct msg_slice_recover recover = { .uid = REC_ID, .gid = REC_ID,
		.recordings = recordings, .empty_dir = empty };
	struct msg_slice_word word = { .uid = WORD_ID, .gid = WORD_ID,
		.empty_dir = empty, .zone = CONST("UTC") };

	snprintf(database, sizeof(database), "%s/ledger/ledger.db", g->dir);
	snprintf(recordings, sizeof(recordings), "%s/recordings", g->dir);
	snprintf(heads, sizeof(heads), "%s/heads", g->dir);
	snprintf(keys, sizeof(keys), "%s/keys", g->dir);
	snprintf(empty, sizeof(empty), "%s.empty", g->dir);
	switch (p) {
	case KEYD:
		return msg_slice_keyd_put(b, &keyd);
	case LEDGERD:
		return msg_slice_ledgerd_put(b, &ledgerd);
	case RECORD:
		return msg_slice_record_put(b, &record);
	case RECOVER:
		return msg_slice_recover_put(b, &recover);
	case WORD:
	case PROGRAMS:
	default:
		return msg_slice_word_put(b, &word);
	}
}

int
spawn_slice(const struct gate *g, enum program p, struct chan *c)
{
	struct msg_slice slice = { 0 };
	struct buf *b = buf_new(65536);
	int r = ERR_NOMEM;

	if (b != NULL && (r = put_slice(g, p, b)) == 0) {
		slice.body.p = (uint8_t *)(uintptr_t)buf_data(b);
		slice.body.n = buf_len(b);
		r = chan_put_slice(c, 0, &slice, NULL, 0);
	}
	buf_free(b);
	return r;
}

/* alice files and runs, bob decides, carol judges. */
int
spawn_policy(const struct gate *g)
{
	static char *operators[] = { CONST("alice"), NULL };
	static char *approvers[] = { CONST("bob"), NULL };
	static char *run_as[] = { CONST("root"), NULL };
	static char *targets[] = { CONST("local"), NULL };
	static uint8_t digest[DIGEST_LEN] = { 1, 2, 3 };
	struct msg_snap_person people[] = {
		{ .name = CONST("alice"), .uid = 1001, .active = 1,
		  .roles = PERSON_OPERATOR },
		{ .name = CONST("bob"), .uid = 1002, .active = 1,
		  .roles = PERSON_APPROVER },
		{ .name = CONST("carol"), .uid = 1003, .active = 1,
		  .roles = PERSON_AUDITOR },
	};
	struct msg_snap_runas runas[] = {
		{ .name = CONST("root"), .home = CONST("/root"),
		  .shell = CONST("/bin/sh") },
	};
	struct msg_snap_rule rules[] = {
		{ .profile = CONST("files"), .operators = operators,
		  .approvers = approvers, .run_as = run_as,
		  .targets = targets, .need = 1 },
	};
	struct msg_snap_profile profiles[] = {
		{ .name = CONST("files"), .summary = CONST("edits files"),
		  .digest = { digest, DIGEST_LEN },
		  .json = { (uint8_t *)CONST("{\"x\":1}"), 7 } },
	};
	char *dirs[] = { CONST(g->bin), NULL };
	struct snapshot s = {
		.head = { .gate = CONST("gate"), .zone = CONST("UTC"),
		    .pending_s = 7 * 86400, .window_s = 28800,
		    .window_max_s = 7 * 86400, .uses_max = 100,
		    .max_run_s = 14400, .command_dirs = dirs,
		    .targets = targets },
		.people = people, .npeople = 3, .runas = runas, .nrunas = 1,
		.rules = rules, .nrules = 1, .profiles = profiles,
		.nprofiles = 1,
	};
	struct buf *b = buf_new(SNAPSHOT_MAX);
	int fd = -1;

	if (b != NULL && snapshot_put(b, &s) == 0)
		fd = fd_sealed("snapshot", buf_data(b), buf_len(b), 0);
	buf_free(b);
	return fd;
}
