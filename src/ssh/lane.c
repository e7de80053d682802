/* lane.c - session channels: their callbacks, data out and in, the end. */
#include "ssh/lane.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "ssh/internal.h"

/*
 * The window lets a client put 1.3 MB into the library; who sends more than
 * this ignores the window.
 */
#define HELD_MAX	(2U << 20)

struct lane *
lane_of(struct client *c, ssh_channel ch)
{
	struct lane *l;

	for (l = c->lanes; l != NULL; l = l->next)
		if (l->channel == ch)
			return l;
	return NULL;
}

static int
on_data(ssh_session s, ssh_channel ch, void *data, uint32_t len, int is_stderr,
    void *arg)
{
	struct lane *l = arg;
	size_t taken;

	(void)s;
	(void)ch;
	if (is_stderr || l->client->is_ending)
		return (int)len;	/* nothing of ours reads it */
	if (l->got_eof && len > l->held) {
		log_warn("client sends behind its end of file");
		l->client->is_ending = 1;
		return (int)len;
	}
	taken = l->client->ev->data(l->arg, data, len);
	l->held = len - taken;
	if (l->held > HELD_MAX) {
		log_warn("client ignores the window held=%zu", l->held);
		l->client->is_ending = 1;
	}
	return (int)taken;
}

static void
on_eof(ssh_session s, ssh_channel ch, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	l->got_eof = 1;
	l->client->ev->eof(l->arg);
}

static void
on_close(ssh_session s, ssh_channel ch, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	l->client->ev->closed(l->arg);
}

static void
on_signal(ssh_session s, ssh_channel ch, const char *name, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	l->client->ev->got_signal(l->arg, name);
}

static int
on_pty(ssh_session s, ssh_channel ch, const char *term, int cols, int rows,
    int px, int py, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	(void)px;
	(void)py;
	return l->client->ev->pty(l->arg, term, cols, rows);
}

static int
on_resize(ssh_session s, ssh_channel ch, int cols, int rows, int px, int py,
    void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	(void)px;
	(void)py;
	l->client->ev->resize(l->arg, cols, rows);
	return 0;
}

static int
on_exec(ssh_session s, ssh_channel ch, const char *command, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	return l->client->ev->start(l->arg, LANE_EXEC, command);
}

static int
on_shell(ssh_session s, ssh_channel ch, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	return l->client->ev->start(l->arg, LANE_SHELL, "");
}

static int
on_subsystem(ssh_session s, ssh_channel ch, const char *name, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	return l->client->ev->start(l->arg, LANE_SUBSYSTEM, name);
}

static int
on_env(ssh_session s, ssh_channel ch, const char *name, const char *value,
    void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	(void)name;
	(void)value;
	l->client->ev->env(l->arg);
	return 1;
}

/*
 * The library answers "success" for this one when there is a callback and a
 * reply is wanted (ssh(1) and dbclient want none); no agent is ever opened.
 * It is the only way to see, and so to record, that it was asked.
 */
static void
on_agent(ssh_session s, ssh_channel ch, void *arg)
{
	struct lane *l = arg;

	(void)s;
	(void)ch;
	l->client->ev->refused(l->client->ctx, l->arg, "agent forwarding", "");
}

static void
set_callbacks(struct lane *l)
{
	l->callbacks.userdata = l;
	l->callbacks.channel_data_function = on_data;
	l->callbacks.channel_eof_function = on_eof;
	l->callbacks.channel_close_function = on_close;
	l->callbacks.channel_signal_function = on_signal;
	l->callbacks.channel_pty_request_function = on_pty;
	l->callbacks.channel_pty_window_change_function = on_resize;
	l->callbacks.channel_exec_request_function = on_exec;
	l->callbacks.channel_shell_request_function = on_shell;
	l->callbacks.channel_subsystem_request_function = on_subsystem;
	l->callbacks.channel_env_request_function = on_env;
	l->callbacks.channel_auth_agent_req_function = on_agent;
	ssh_callbacks_init(&l->callbacks);
}

ssh_channel
lane_on_open(ssh_session s, void *arg)
{
	struct client *c = arg;
	struct lane *l;

	if (c->is_ending || (l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	l->client = c;
	if ((l->channel = ssh_channel_new(s)) == NULL) {
		free(l);
		return NULL;
	}
	set_callbacks(l);
	if (ssh_set_channel_callbacks(l->channel, &l->callbacks) != SSH_OK ||
	    (l->arg = c->ev->open(c->ctx, l)) == NULL) {
		ssh_remove_channel_callbacks(l->channel, &l->callbacks);
		ssh_channel_free(l->channel);
		free(l);
		return NULL;
	}
	l->next = c->lanes;
	c->lanes = l;
	return l->channel;
}

size_t
lane_room(const struct lane *l)
{
	if (l->channel == NULL || client_is_blocked(l->client) ||
	    !ssh_channel_is_open(l->channel))
		return 0;
	return ssh_channel_window_size(l->channel);
}

ssize_t
lane_write(struct lane *l, int is_err, const void *p, size_t n)
{
	int r;

	if (l->channel == NULL)
		return ERR_CLOSED;
	r = is_err ? ssh_channel_write_stderr(l->channel, p, (uint32_t)n) :
	    ssh_channel_write(l->channel, p, (uint32_t)n);
	return r < 0 ? ERR_CLOSED : r;
}

size_t
lane_held(const struct lane *l)
{
	return l->held;
}

ssize_t
lane_read(struct lane *l, void *p, size_t n)
{
	int r;

	if (l->held == 0 || n == 0)
		return 0;
	if (l->channel == NULL)
		return ERR_CLOSED;
	r = ssh_channel_read_nonblocking(l->channel, p, (uint32_t)n, 0);
	if (r <= 0) {
		l->held = 0;
		return ERR_CLOSED;
	}
	l->held -= (size_t)r > l->held ? l->held : (size_t)r;
	return r;
}

void
lane_exit(struct lane *l, uint32_t status, const char *signal)
{
	if (l->channel == NULL)
		return;
	if (signal != NULL && signal[0] != '\0')
		(void)ssh_channel_request_send_exit_signal(l->channel, signal,
		    0, "", "");
	else
		(void)ssh_channel_request_send_exit_status(l->channel,
		    (int)status);
}

/* While the socket is full close() only gets EOF out: hence EOF first, by itself. */
void
lane_close(struct lane *l)
{
	if (l->channel == NULL)
		return;
	(void)ssh_channel_send_eof(l->channel);
	(void)ssh_channel_close(l->channel);
}

static void
orphan(struct lane *l)
{
	if (l->channel == NULL)
		return;
	ssh_remove_channel_callbacks(l->channel, &l->callbacks);
	ssh_channel_free(l->channel);
	l->channel = NULL;
}

void
lane_orphan_all(struct client *c)
{
	struct lane *l;

	for (l = c->lanes; l != NULL; l = l->next)
		orphan(l);
}

void
lane_free(struct lane *l)
{
	struct lane **at;

	for (at = &l->client->lanes; *at != NULL; at = &(*at)->next)
		if (*at == l) {
			*at = l->next;
			break;
		}
	orphan(l);
	free(l);
}
