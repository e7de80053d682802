/* fake_run.h - the jobs of fake.h: commands of sh(1) on sockets or on a terminal. */
#ifndef UNIT_NET_FAKE_RUN_H
#define UNIT_NET_FAKE_RUN_H

static void
fake_text(struct fake *f, uint32_t id, const char *text)
{
	struct msg_chan_text t = { .text = { (uint8_t *)(uintptr_t)text,
	    strlen(text) } };

	(void)chan_put_chan_text(f->net, id, &t, NULL, 0);
}

static void
fake_exit(struct fake *f, struct fake_job *j, uint32_t status, const char *sig)
{
	char name[17];
	struct msg_chan_exit e = { .status = status, .signal = name };

	snprintf(name, sizeof(name), "%s", sig);
	j->pid = 0;
	(void)chan_put_chan_exit(f->net, j->id, &e, NULL, 0);
}

static int
fake_open(struct fake *f, uint32_t id)
{
	size_t i;

	for (i = 0; i < FAKE_JOBS; i++)
		if (!f->jobs[i].is_used) {
			memset(&f->jobs[i], 0, sizeof(f->jobs[i]));
			f->jobs[i].is_used = 1;
			f->jobs[i].id = id;
			f->jobs[i].master = -1;
			return 0;
		}
	return -1;
}

/* What the recorder would do for a terminal: both ways, ^D at the end of input. */
static void
fake_relay(int master, int io)
{
	struct pollfd p[2] = { { .fd = master, .events = POLLIN },
		{ .fd = io, .events = POLLIN } };
	char b[4096];
	ssize_t n;

	for (;;) {
		(void)poll(p, 2, -1);
		if (p[0].revents != 0) {
			if ((n = read(master, b, sizeof(b))) <= 0)
				_exit(0);
			if (fd_write_full(io, b, (size_t)n) != 0)
				_exit(0);
		}
		if (p[1].revents != 0) {
			if ((n = read(io, b, sizeof(b))) <= 0) {
				p[1].fd = -1;
				(void)!write(master, "\004", 1);
			} else
				(void)fd_write_full(master, b, (size_t)n);
		}
	}
}

static void
fake_spawn_pty(struct fake_job *j, const char *command, int io)
{
	struct winsize w = { .ws_row = (unsigned short)j->rows,
		.ws_col = (unsigned short)j->cols };
	int slave;

	if (openpty(&j->master, &slave, NULL, NULL, &w) < 0)
		exit(9);
	if ((j->pid = fork()) == 0) {
		(void)setsid();
		(void)ioctl(slave, TIOCSCTTY, 0);
		(void)dup2(slave, 0);
		(void)dup2(slave, 1);
		(void)dup2(slave, 2);
		fd_close_from(3);
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(slave);
	if ((j->relay = fork()) == 0)
		fake_relay(j->master, io);
}

static void
fake_spawn(struct fake_job *j, const char *command, int io, int err)
{
	if ((j->pid = fork()) != 0)
		return;
	(void)setsid();
	(void)signal(SIGPIPE, SIG_DFL);
	(void)dup2(io, 0);
	(void)dup2(io, 1);
	(void)dup2(err, 2);
	fd_close_from(3);
	(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void
fake_run(struct fake *f, struct fake_job *j, const char *command)
{
	int reads = strncmp(command, "noinput ", 8) != 0;
	struct msg_chan_streams s = { .has_err = !j->has_pty,
		.reads_input = (uint8_t)reads };
	int io[2], err[2], fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, io) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, err) < 0)
		exit(9);
	if (!reads)
		command += 8;
	if (j->has_pty)
		fake_spawn_pty(j, command, io[1]);
	else
		fake_spawn(j, command, io[1], err[1]);
	fds[0] = io[0];
	fds[1] = err[0];
	(void)chan_put_chan_streams(f->net, j->id, &s, fds,
	    j->has_pty ? 1 : 2);
	close(io[0]);
	close(io[1]);
	close(err[0]);
	close(err[1]);
}

static void
fake_refuse(struct fake *f, struct fake_job *j)
{
	fake_text(f, j->id, "sekisho: refused [NOT-APPROVED] nobody said so\n"
	    "next: help\n");
	fake_exit(f, j, 77, "");
}

static int
fake_exec(struct fake *f, struct fake_job *j, struct msg *m)
{
	struct msg_chan_exec e;
	char *command;

	if (msg_chan_exec_get(m->body, &e) != 0)
		return -1;
	fake_say("exec id=%u len=%zu total=%u", j->id, e.command.n, e.total);
	command = calloc(1, e.command.n + 1);
	if (e.command.n > 0)
		memcpy(command, e.command.p, e.command.n);
	if (strncmp(command, "refuse", 6) == 0)
		fake_refuse(f, j);
	else if (strncmp(command, "held refuse", 11) == 0) {
		usleep(100000);		/* input and answer in one turn */
		(void)kill(f->pid, SIGSTOP);
		fake_refuse(f, j);
		usleep(400000);
		(void)kill(f->pid, SIGCONT);
	} else if (strncmp(command, "later ", 6) == 0) {
		usleep(500000);		/* input comes before the streams */
		fake_run(f, j, command + 6);
	} else
		fake_run(f, j, command);
	free(command);
	msg_chan_exec_free(&e);
	return 0;
}

static void
fake_pty(struct fake_job *j, struct msg *m)
{
	struct msg_chan_pty p;

	if (msg_chan_pty_get(m->body, &p) != 0)
		exit(9);
	fake_say("pty term=%s cols=%u rows=%u", p.term, p.cols, p.rows);
	j->has_pty = 1;
	j->cols = p.cols;
	j->rows = p.rows;
	msg_chan_pty_free(&p);
}

static void
fake_resize(struct fake_job *j, struct msg *m)
{
	struct msg_chan_resize z;
	struct winsize w = { 0 };

	if (msg_chan_resize_get(m->body, &z) != 0)
		exit(9);
	fake_say("resize cols=%u rows=%u", z.cols, z.rows);
	w.ws_col = (unsigned short)z.cols;
	w.ws_row = (unsigned short)z.rows;
	if (j->master >= 0)
		(void)ioctl(j->master, TIOCSWINSZ, &w);
}

static void
fake_signal(struct fake_job *j, struct msg *m)
{
	struct msg_chan_signal s;

	if (msg_chan_signal_get(m->body, &s) != 0)
		exit(9);
	fake_say("signal name=%s", s.name);
	if (j->pid > 0)
		(void)kill(-j->pid, strcmp(s.name, "INT") == 0 ? SIGINT :
		    SIGTERM);
	msg_chan_signal_free(&s);
}

static int
fake_channel(struct fake *f, struct fake_job *j, struct msg *m)
{
	switch (m->type) {
	case MSG_CHAN_PTY:
		fake_pty(j, m);
		return 0;
	case MSG_CHAN_EXEC:
		return fake_exec(f, j, m);
	case MSG_CHAN_SHELL:
		fake_text(f, j->id, "sekisho: nothing waits for you\n");
		fake_exit(f, j, 0, "");
		return 0;
	case MSG_CHAN_SUBSYSTEM:
		fake_text(f, j->id, "sekisho: refused [NOT-OFFERED] "
		    "file transfer\n");
		fake_exit(f, j, 77, "");
		return 0;
	case MSG_CHAN_RESIZE:
		fake_resize(j, m);
		return 0;
	case MSG_CHAN_SIGNAL:
		fake_signal(j, m);
		return 0;
	case MSG_CHAN_UNREAD:
		fake_say("unread id=%u", j->id);
		return 0;
	case MSG_CHAN_CLOSED:
		fake_say("closed id=%u", j->id);
		fake_kill(j);
		fd_close(&j->master);
		j->is_used = 0;
		return 0;
	default:
		return -1;
	}
}

static void
fake_reap(struct fake *f)
{
	size_t i;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (i = 0; i < FAKE_JOBS; i++) {
			struct fake_job *j = &f->jobs[i];

			if (!j->is_used || j->pid != pid)
				continue;
			if (WIFSIGNALED(status))
				fake_exit(f, j, 0,
				    sigabbrev_np(WTERMSIG(status)));
			else
				fake_exit(f, j, (uint32_t)WEXITSTATUS(status),
				    "");
		}
}

#endif
