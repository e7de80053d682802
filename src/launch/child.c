/*
 * child.c - the command's own process, from fork to exec.
 *
 * It may wait for its order; then everything that can fail happens before
 * the filter is loaded; then it waits for GO, and only the execveat of the
 * verified descriptor is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"
#include "confine/bpf.h"
#include "confine/landlock.h"
#include "confine/process.h"
#include "launch/job.h"
#include "launch/order.h"
#include "launch/pty.h"
#include "launch/report.h"
#include "launch/rights.h"
#include "launch/rules.h"
#include "launch/sys.h"

#define JOB_UMASK	027

/* Descriptors of this process once it is arranged; the listener gets the number of the rules, which are closed by then. */
enum { FD_EXE = 3, FD_SOCK, FD_RULES, FD_SCRIPT, FD_FREE };

/* In the job's own view, where /dev/pts is its own. */
static int
open_terminal(const struct job *j, int sock, int *terminal)
{
	int master = -1, r;

	if (!j->order.pty)
		return 0;
	if ((r = pty_open(j->order.uid, &master, terminal)) == 0)
		r = report_send(sock, REPORT_PTY, 0, NULL, master);
	fd_close(&master);
	return r;
}

static int
take_stdio(const struct job *j, int terminal)
{
	int i, fd;

	if (setsid() < 0 || (terminal >= 0 &&
	    ioctl(terminal, TIOCSCTTY, 0) < 0)) {
		log_errno("no session of its own");
		return ERR_SYS;
	}
	for (i = 0; i < 3; i++) {
		fd = j->io.job[i] >= 0 ? j->io.job[i] : terminal;
		/* The job's own: with the host's, fchmod(2) would change the host's. */
		if (i == 0 && j->io.kind == INPUT_NONE)
			fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd < 0 || dup2(fd, i) < 0) {
			log_errno("descriptor %d not set", i);
			return ERR_SYS;
		}
	}
	return 0;
}

/*
 * The hashed descriptor still belongs to the host's writable mount; the same
 * file is opened again where it is read-only, and compared.
 */
static int
reopen_exe(struct job *j)
{
	struct stat st;
	int fd;

	if (j->exe.is_copy)
		return 0;
	fd = open(j->exe.path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_dev != j->exe.dev ||
	    st.st_ino != j->exe.ino) {
		log_error("executable is hidden inside the sandbox path=%s",
		    j->exe.path);
		fd_close(&fd);
		return ERR_NOTFOUND;
	}
	j->exe.fd = fd;
	return 0;
}

/* The rule set; that the launcher has put its rules into it. */
static int
take_rules(int sock, enum report_kind kind, int *ruleset)
{
	struct report r;
	int e;

	e = report_recv(sock, &r, ruleset, -1);
	if (e == 0 && r.kind != (uint32_t)kind)
		e = ERR_STATE;
	return e;
}

/* Put the four descriptors where the enum says and close all others. */
static int
arrange(struct job *j, int *sock, int *ruleset)
{
	int *const from[] = { &j->exe.fd, sock, ruleset, &j->exe.script_fd };
	size_t i;

	for (i = 0; i < 4; i++) {
		if (*from[i] < 0)
			continue;
		*from[i] = fcntl(*from[i], F_DUPFD_CLOEXEC, FD_FREE + 60);
		if (*from[i] < 0)
			goto fail;
	}
	for (i = 0; i < 4; i++) {
		if (*from[i] < 0) {
			close(FD_EXE + (int)i);
			continue;
		}
		if (dup3(*from[i], FD_EXE + (int)i, O_CLOEXEC) < 0)
			goto fail;
		*from[i] = FD_EXE + (int)i;
	}
	fd_close_from(FD_FREE);
	/* An interpreter opens its script by number, after the exec. */
	if ((j->exe.is_script && fd_set_cloexec(FD_EXE, 0) != 0) ||
	    (j->exe.script_fd >= 0 && fd_set_cloexec(FD_SCRIPT, 0) != 0))
		return ERR_SYS;
	return 0;
fail:
	log_errno("descriptors not arranged");
	return ERR_SYS;
}

/* The approved words; a script goes in as the kernel itself would do it. */
static char **
make_argv(const struct job *j)
{
	char **argv = NULL, name[32];
	size_t i;
	int r;

	if (j->exe.script_fd < 0)
		return strv_dup(j->order.argv);
	snprintf(name, sizeof(name), "/dev/fd/%d", FD_SCRIPT);
	r = strv_add(&argv, j->order.argv[0]);
	if (r == 0 && j->exe.shebang_arg != NULL)
		r = strv_add(&argv, j->exe.shebang_arg);
	if (r == 0)
		r = strv_add(&argv, name);
	for (i = 1; r == 0 && i < strv_len(j->order.argv); i++)
		r = strv_add(&argv, j->order.argv[i]);
	return r == 0 ? argv : NULL;
}

/*
 * The directory that was there when the order was checked, on its read-only
 * mount; on another device it is one of the private ones.
 */
static int
go_to(const struct job *j)
{
	char now[PATH_MAX_LEN];
	struct stat st;

	if (chdir(j->cwd) < 0 || getcwd(now, sizeof(now)) == NULL ||
	    stat(".", &st) < 0) {
		log_errno("working directory path=%s", j->cwd);
		return ERR_SYS;
	}
	if (strcmp(now, j->cwd) == 0 && (st.st_dev != j->cwd_stat.st_dev ||
	    st.st_ino == j->cwd_stat.st_ino))
		return 0;
	log_error("working directory was changed path=%s", j->cwd);
	return ERR_DENIED;
}

static int
confine(const struct job *j, int ruleset)
{
	int r;

	umask(JOB_UMASK);
	if ((r = rights_limits(&j->plan)) != 0 ||
	    (r = rights_take(&j->order, &j->plan)) != 0 ||
	    (r = go_to(j)) != 0)
		return r;
	if (ruleset >= 0 && (r = landlock_enforce(ruleset)) != 0)
		return r;
	close(FD_RULES);
	return 0;
}

/* Ask the kernel whether it would execute this; old ones cannot say (EINVAL). */
static int
would_run(const struct job *j, char **argv, char **envp)
{
	if (syscall(SYS_execveat, j->exe.fd, "", argv, envp,
	    AT_EMPTY_PATH | SYS_AT_EXECVE_CHECK) == 0 || errno == EINVAL)
		return 0;
	log_errno("the profile does not let it be executed");
	return ERR_DENIED;
}

/* Nothing but this is left after the use was consumed. */
static void
wait_and_exec(const struct job *j, int sock, unsigned int did, char **argv,
    char **envp)
{
	struct report go = { .kind = REPORT_LOADING, .value = FD_RULES,
		.did = did };
	int listener;

	if (report_send_whole(sock, &go, NULL, 0) != 0 ||
	    (listener = bpf_load_listener(j->order.bpf.p,
	    j->order.bpf.n / 8)) != FD_RULES)
		report_fail(sock, "system call filter");
	/* The launcher takes its copy of the listener before it says GO. */
	if (read(sock, &go, sizeof(go)) != (ssize_t)sizeof(go) ||
	    go.kind != REPORT_GO)
		_exit(1);
	close(listener);
	syscall(SYS_execveat, j->exe.fd, "", argv, envp, AT_EMPTY_PATH);
	log_errno("execveat failed");
	report_fail(sock, "not executed");
}

/* What no order changes, as far as it goes. */
static void
before_order(struct job *j, int sock, int *ruleset)
{
	int none = -1;

	process_reset_signals();
	if (take_rules(sock, REPORT_RULES, ruleset) != 0 ||
	    rules_inside(j, *ruleset) != 0 ||
	    take_rules(sock, REPORT_HOST, &none) != 0)
		report_fail(sock, "Landlock rules");
	if (j->cage.is_ahead &&
	    report_send(sock, REPORT_WAITING, 0, NULL, -1) != 0)
		_exit(1);
}

void
child_main(struct job *j, int sock)
{
	static char *no_env[] = { NULL };
	int ruleset = -1, terminal = -1, r;
	char **argv, **envp;
	unsigned int did;

	before_order(j, sock, &ruleset);
	if ((r = order_take(j, sock)) == ERR_CLOSED)
		_exit(1);		/* no order came, and none will */
	if (r != 0)
		report_fail(sock, "order");
	did = rights_login(j->host_proc, j->order.login_uid) ?
	    REPORT_DID_LOGIN : 0;
	if (open_terminal(j, sock, &terminal) != 0)
		report_fail(sock, "terminal");
	if (take_stdio(j, terminal) != 0)
		report_fail(sock, "standard descriptors");
	if (reopen_exe(j) != 0)
		report_fail(sock, "executable");
	if (rules_exe(j, ruleset) != 0)
		report_fail(sock, "Landlock rules");
	if ((argv = make_argv(j)) == NULL)
		report_fail(sock, "no memory");
	envp = j->order.env != NULL ? j->order.env : no_env;
	if (arrange(j, &sock, &ruleset) != 0)
		report_fail(sock, "descriptors");
	if (confine(j, ruleset) != 0)
		report_fail(sock, "rights");
	if (would_run(j, argv, envp) != 0)
		report_fail(sock, "executable");
	wait_and_exec(j, sock, did, argv, envp);
	_exit(1);
}
