/* launch_drive.c - plays sekishod, monitor and recorder for one real sekisho-exec. */
#include "tests/unit/test.h"

#include "launch_drive.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/strv.h"
#include "crypt/sha256.h"

#define STEP_MS	20000

const char *drive_program;
uint64_t drive_input_max = 1 << 20;

void
drive_find_program(void)
{
	static char path[4096];
	const char *dir = getenv("SEKISHO_BIN");

	snprintf(path, sizeof(path), "%s/sekisho-exec",
	    dir != NULL ? dir : "build/bin");
	if (access(path, X_OK) < 0) {
		printf("1..0 # SKIP %s is not built\n", path);
		exit(0);
	}
	drive_program = path;
}

static void
die(const char *what)
{
	fprintf(stderr, "launch_drive: %s: errno %d\n", what, errno);
	exit(99);
}

static void
add(char **to, size_t *len, const void *p, size_t n)
{
	if ((*to = realloc(*to, *len + n + 1)) == NULL)
		die("realloc");
	memcpy(*to + *len, p, n);
	*len += n;
	(*to)[*len] = '\0';
}

void
drive_set(char ***list, const char *const words[])
{
	strv_free(*list);
	*list = NULL;
	for (; *words != NULL; words++)
		if (strv_add(list, *words) != 0)
			die("strv_add");
}

void
drive_set_str(char **s, const char *value)
{
	free(*s);
	if ((*s = strdup(value)) == NULL)
		die("strdup");
}

static void
set_bytes(struct blob *b, const void *p, size_t n)
{
	free(b->p);
	if ((b->p = malloc(n + 1)) == NULL)
		die("malloc");
	memcpy(b->p, p, n);
	b->n = n;
}

void
drive_pin(struct drive *d)
{
	uint8_t digest[SHA256_LEN] = { 0 };
	int fd = open(d->order.exe, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (sha256_fd(fd, UINT64_MAX, digest) != 0)
			die("sha256");
		close(fd);
	}
	set_bytes(&d->order.exe_digest, digest, sizeof(digest));
}

void
drive_filter(struct drive *d, const int *refused, size_t n)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	uint8_t *p = NULL;
	size_t len, i;

	if (ctx == NULL || fd < 0)
		die("seccomp");
	seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (i = 0; i < n; i++)
		seccomp_rule_add(ctx, SCMP_ACT_NOTIFY, refused[i], 0);
	seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SYS_clone3, 0);
	if (seccomp_export_bpf(ctx, fd) != 0 || lseek(fd, 0, SEEK_SET) != 0 ||
	    fd_read_all(fd, BPF_MAX, &p, &len) != 0)
		die("export");
	set_bytes(&d->order.bpf, p, len);
	free(p);
	close(fd);
	seccomp_release(ctx);
}

static void
default_order(struct drive *d, const char *const argv[])
{
	static const char *const env[] = { "PATH=/usr/bin:/bin:/usr/sbin",
	    "LANG=C.UTF-8", NULL };
	static const char *const hide[] = { "/var/lib/sekisho",
	    "/etc/sekisho", "/run/sekisho", NULL };
	static const char *const root[] = { "/", NULL };
	static const char *const execute[] = { "/usr/bin", "/usr/sbin",
	    "/usr/lib", "/usr/libexec", NULL };
	static const int refused[] = { SYS_mount, SYS_ptrace, SYS_keyctl };

	d->order.session = 345;
	drive_set(&d->order.argv, argv);
	drive_set(&d->order.env, env);
	drive_set(&d->order.hide, hide);
	drive_set_str(&d->order.exe, argv[0]);
	drive_set_str(&d->order.input, "none");
	drive_set_str(&d->order.cwd, "/");
	drive_set_str(&d->order.run_as, "root");
	drive_set_str(&d->order.home, "/root");
	drive_set_str(&d->order.profile, "test");
	drive_set_str(&d->order.more, "");
	drive_set_str(&d->plan.name, "test");
	drive_set(&d->plan.read, root);
	drive_set(&d->plan.execute, execute);
	d->plan.landlock_abi = 2;
	d->plan.tmp_private = d->plan.home_private = d->plan.proc_private = 1;
	d->plan.nproc = 200;
	d->plan.nofile = 256;
	drive_filter(d, refused, sizeof(refused) / sizeof(*refused));
	drive_pin(d);
}

static void
send_slice(struct chan *c)
{
	struct msg_slice_exec x = { .input_max = drive_input_max,
		.max_refusals_shown = 20 };
	struct msg_slice outer = { 0 };
	struct buf *b = buf_new(PLAN_MAX);

	if (b == NULL || msg_slice_exec_put(b, &x) != 0)
		die("slice");
	outer.body.p = (uint8_t *)(uintptr_t)buf_data(b);
	outer.body.n = buf_len(b);
	if (chan_put_slice(c, 0, &outer, NULL, 0) != 0)
		die("slice not sent");
	buf_free(b);
}

void
drive_start(struct drive *d, const char *const argv[])
{
	int monitor[2], record[2];
	struct chan *gate;
	struct msg m;

	memset(d, 0, sizeof(*d));
	d->in = d->out = d->err = -1;
	if (chan_pair(monitor) != 0 || chan_pair(record) != 0)
		die("chan_pair");
	if ((d->pid = fork()) == 0) {
		int a = fcntl(monitor[1], F_DUPFD, 20);
		int b = fcntl(record[1], F_DUPFD, 20);
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		if (getenv("DRIVE_LOG") == NULL)
			dup2(null, 2);
		dup2(a, 3);
		dup2(b, 4);
		fd_close_from(5);
		execl(drive_program, drive_program, (char *)NULL);
		_exit(127);
	}
	close(monitor[1]);
	close(record[1]);
	if ((gate = chan_new(dup(monitor[0]), PEER_D, PEER_X)) == NULL)
		die("chan_new");
	send_slice(gate);
	chan_free(gate);	/* the monitor is the only one on it */
	d->exec = chan_new(monitor[0], PEER_M, PEER_X);
	d->record = chan_new(record[0], PEER_R, PEER_X);
	if (d->exec == NULL || d->record == NULL ||
	    chan_wait(d->exec, &m, STEP_MS) != 0 || m.type != MSG_READY)
		die("no READY");
	msg_done(&m);
	default_order(d, argv);
}

static void
on_record(struct drive *d, struct msg *m)
{
	struct msg_event e;
	size_t len = d->events != NULL ? strlen(d->events) : 0;

	if (m->type == MSG_EVENT && msg_event_get(m->body, &e) == 0) {
		add(&d->events, &len, e.text.p, e.text.n);
		add(&d->events, &len, e.body.p, e.body.n);
		add(&d->events, &len, "\n", 1);
		msg_event_free(&e);
	}
	if (m->type != MSG_PIPES)
		return;
	if (m->nfds == 1) {
		d->out = msg_take_fd(m, 0);
		d->pty = 1;
	} else if (m->nfds == 2) {
		d->out = msg_take_fd(m, 0);
		d->err = msg_take_fd(m, 1);
	} else {
		d->in = msg_take_fd(m, 0);
		d->out = msg_take_fd(m, 1);
		d->err = msg_take_fd(m, 2);
		signal(SIGPIPE, SIG_IGN);
		if (d->stdin_text != NULL && write(d->in, d->stdin_text,
		    d->stdin_len) < 0)
			die("stdin");
		fd_close(&d->in);
	}
}

static void
on_exec(struct drive *d, struct msg *m)
{
	struct msg_refused f;
	struct msg_prepared p;
	struct msg_job_exit x;

	if (m->type == MSG_REFUSED && msg_refused_get(m->body, &f) == 0) {
		snprintf(d->code, sizeof(d->code), "%s", f.code);
		snprintf(d->reason, sizeof(d->reason), "%s", f.reason);
		msg_refused_free(&f);
	} else if (m->type == MSG_PREPARED &&
	    msg_prepared_get(m->body, &p) == 0) {
		snprintf(d->features, sizeof(d->features), "%s", p.features);
		msg_prepared_free(&p);
	} else if (m->type == MSG_PONG)
		d->pongs++;
	else if (m->type == MSG_GONE)
		d->gone = 1;
	else if (m->type == MSG_JOB_EXIT &&
	    msg_job_exit_get(m->body, &x) == 0) {
		d->exited = 1;
		d->status = x.status;
		d->refusals = x.refusals;
		snprintf(d->signal, sizeof(d->signal), "%s", x.signal);
		msg_job_exit_free(&x);
	}
}

static void
take_output(struct drive *d, int *fd)
{
	char piece[65536];
	ssize_t n = read(*fd, piece, sizeof(piece));

	if (n > 0)
		add(&d->output, &d->output_len, piece, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		fd_close(fd);
}

/* One round; 0: nothing within the time. */
static int
round_of(struct drive *d, int ms)
{
	struct pollfd p[4] = {
		{ .fd = d->exec ? chan_fd(d->exec) : -1, .events = POLLIN },
		{ .fd = d->record ? chan_fd(d->record) : -1, .events = POLLIN },
		{ .fd = d->out, .events = POLLIN },
		{ .fd = d->err, .events = POLLIN } };
	struct msg m;
	int r;

	if (poll(p, 4, ms) <= 0)
		return 0;
	if (p[1].revents != 0) {
		while ((r = chan_recv(d->record, &m)) == 0) {
			on_record(d, &m);
			msg_done(&m);
		}
		if (r < 0) {
			chan_free(d->record);
			d->record = NULL;
		}
	}
	if (p[0].revents != 0) {
		if ((r = chan_recv(d->exec, &m)) == 0) {
			on_exec(d, &m);
			msg_done(&m);
		} else if (r < 0)
			die("launcher gone");
	}
	if (p[2].revents != 0)
		take_output(d, &d->out);
	if (p[3].revents != 0)
		take_output(d, &d->err);
	return 1;
}

void
drive_pump(struct drive *d, int ms)
{
	int64_t end = clock_mono_ms() + ms;

	while (clock_mono_ms() < end)
		(void)round_of(d, 20);
}

int
drive_until(struct drive *d, const char *text)
{
	int64_t end = clock_mono_ms() + 5000;

	while (d->output == NULL || strstr(d->output, text) == NULL) {
		if (clock_mono_ms() > end)
			return 0;
		(void)round_of(d, 50);
	}
	return 1;
}

static void
encode_plan(struct drive *d)
{
	struct buf *b = buf_new(PLAN_MAX);

	if (b == NULL || msg_plan_put(b, &d->plan) != 0)
		die("plan");
	set_bytes(&d->order.plan, buf_data(b), buf_len(b));
	buf_free(b);
}

void
drive_send_guess_of(struct drive *d, const void *p, size_t n)
{
	struct chan *gate = chan_new(dup(chan_fd(d->exec)), PEER_D, PEER_X);
	const struct msg_guess guess = { .body = {
		(uint8_t *)(uintptr_t)p, n } };

	if (gate == NULL || chan_put_guess(gate, 0, &guess, NULL, 0) != 0)
		die("guess not sent");
	chan_free(gate);
}

void
drive_send_guess(struct drive *d)
{
	struct buf *b = buf_new(GUESS_MAX);
	struct msg_cage c;

	encode_plan(d);
	c = (struct msg_cage){ .plan = d->order.plan,
		.home = d->order.home, .hide = d->order.hide };
	if (b == NULL || msg_cage_put(b, &c) != 0)
		die("guess");
	drive_send_guess_of(d, buf_data(b), buf_len(b));
	buf_free(b);
}

void
drive_guess(struct drive *d)
{
	int64_t end = clock_mono_ms() + STEP_MS;
	int before = d->pongs;

	drive_send_guess(d);
	if (chan_put_ping(d->exec, 0, NULL, NULL, 0) != 0)
		die("ping not sent");
	while (d->pongs == before)
		if (!round_of(d, 100) && clock_mono_ms() > end)
			die("no answer behind GUESS");
}

static void
read_children(const struct drive *d, char text[256])
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)d->pid, (int)d->pid);
	if ((f = fopen(path, "re")) == NULL)
		die("children of the launcher");
	if (fgets(text, 256, f) == NULL)
		text[0] = '\0';
	fclose(f);
}

/*
 * A list that is read while one of it is reaped lacks whoever comes behind
 * (proc(5)): a cage just dropped would seem to be the only one.
 */
pid_t
drive_init(const struct drive *d)
{
	char text[256], before[256], *last;

	read_children(d, text);
	do {
		memcpy(before, text, sizeof(before));
		read_children(d, text);
	} while (strcmp(before, text) != 0);
	if ((last = strrchr(text, ' ')) != NULL)
		*last = '\0';		/* one blank behind each */
	last = strrchr(text, ' ');
	return (pid_t)strtol(last != NULL ? last + 1 : text, NULL, 10);
}

void
drive_send_prepare(struct drive *d)
{
	if (getenv("DRIVE_AHEAD") != NULL)
		drive_guess(d);
	encode_plan(d);
	if (chan_put_prepare(d->exec, 7, &d->order, NULL, 0) != 0)
		die("prepare");
}

int
drive_prepare(struct drive *d)
{
	int64_t end = clock_mono_ms() + STEP_MS;

	drive_send_prepare(d);
	while (d->features[0] == '\0' && d->code[0] == '\0' && !d->exited)
		if (!round_of(d, 100) && clock_mono_ms() > end)
			die("no answer to PREPARE");
	return d->features[0] != '\0';
}

int
drive_go(struct drive *d)
{
	int64_t end = clock_mono_ms() + STEP_MS;

	if (chan_put_go(d->exec, 8, NULL, NULL, 0) != 0)
		die("go");
	while (!d->gone && d->code[0] == '\0')
		if (!round_of(d, 100) && clock_mono_ms() > end)
			die("no answer to GO");
	return d->gone;
}

int
drive_wait(struct drive *d, int timeout_ms)
{
	int64_t end = clock_mono_ms() + timeout_ms;

	while (!d->exited && clock_mono_ms() < end)
		(void)round_of(d, 20);
	/* The rest of the output: its writers are dead. */
	while (d->exited && (d->out >= 0 || d->err >= 0) &&
	    clock_mono_ms() < end && round_of(d, 200))
		continue;
	return d->exited;
}

int
drive_run(struct drive *d)
{
	if (!drive_prepare(d) || !drive_go(d))
		return -1;
	if (!drive_wait(d, STEP_MS))
		die("no JOB_EXIT");
	return (int)d->status;
}

void
drive_must_run(struct drive *d)
{
	if (drive_run(d) < 0)
		fail_msg("refused %s: %s", d->code, d->reason);
}

void
drive_signal(struct drive *d, const char *name)
{
	struct msg_job_signal s = { .name = (char *)(uintptr_t)name };

	if (chan_put_job_signal(d->exec, 0, &s, NULL, 0) != 0)
		die("signal");
}

void
drive_kill(struct drive *d, unsigned int grace_ms)
{
	struct msg_job_kill k = { .grace_ms = grace_ms };

	if (chan_put_job_kill(d->exec, 0, &k, NULL, 0) != 0)
		die("kill");
}

int
drive_end(struct drive *d)
{
	int status = -1;

	if (getenv("DRIVE_SHOW") != NULL)
		fprintf(stderr, "status=%u signal=%s code=%s %s\n%s\n%s\n",
		    d->status, d->signal, d->code, d->reason,
		    d->output != NULL ? d->output : "",
		    d->events != NULL ? d->events : "");
	chan_free(d->exec);
	chan_free(d->record);
	fd_close(&d->in);
	fd_close(&d->out);
	fd_close(&d->err);
	(void)waitpid(d->pid, &status, 0);
	msg_prepare_free(&d->order);
	msg_plan_free(&d->plan);
	free(d->output);
	free(d->events);
	memset(d, 0, sizeof(*d));
	return status;
}
