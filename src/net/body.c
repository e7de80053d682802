/* body.c - sekisho-net from its first line to the loop: slice, keys, confinement, READY, socket. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "confine/role.h"
#include "net/net.h"

#define KEY_BYTES_MAX	(64U << 10)
#define LINES_MAX	100	/* log lines of one connection */
#define NOFILE_MAX	256	/* two streams a channel, and room */
/*
 * Measured: 10 MiB at rest, 132 MiB with 60 channels whose commands do not
 * read what their clients send (1.3 MB of window each, in the library and
 * once here).
 */
#define AS_MAX		(192ULL << 20)
/* A dead client is noticed after 60 + 4 x 15 seconds without traffic. */
#define IDLE_S		60
#define PROBE_S		15
#define PROBES		4

/* There is no descriptor to log to: the monitor writes the lines down. */
static void
send_line(void *arg, enum log_level level, const char *line)
{
	struct net *n = arg;
	char text[1025];
	struct msg_log m = { .level = (uint8_t)level, .line = text };

	if (n->lines >= LINES_MAX)
		return;
	n->lines++;
	memccpy(text, line, '\0', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	if (chan_put_log(n->mon, 0, &m, NULL, 0) != 0)
		n->lines = LINES_MAX;	/* also ends a loop of complaints */
}

static void
get_slice(struct net *n)
{
	struct msg_slice s;
	struct msg m;
	struct buf *body;

	if (chan_wait(n->mon, &m, -1) != 0 || m.type != MSG_SLICE ||
	    msg_slice_get(m.body, &s) != 0)
		fatal(1, "no configuration came");
	msg_done(&m);
	if ((body = buf_new(PLAN_MAX)) == NULL ||
	    buf_put(body, s.body.p, s.body.n) != 0 ||
	    msg_slice_net_get(body, &n->slice) != 0)
		fatal(1, "configuration cannot be read");
	buf_free(body);
	msg_slice_free(&s);
}

static void
add_key(struct net *n, const char *path)
{
	uint8_t *p = NULL;
	size_t len = 0;
	char *text;
	int fd;

	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)) < 0) {
		log_errno("cannot open host key file=%s", path);
		exit(1);
	}
	if (fd_read_all(fd, KEY_BYTES_MAX, &p, &len) != 0 ||
	    (text = calloc(1, len + 1)) == NULL)
		fatal(1, "cannot read host key file=%s", path);
	close(fd);
	if (len > 0)
		memcpy(text, p, len);
	mem_wipe(p, len);
	if (client_add_key(n->client, path, text) != 0)
		exit(1);
	mem_wipe(text, len + 1);
}

/* All that needs files or rights. */
static void
prepare(struct net *n)
{
	struct client_options o = { .version = n->slice.version,
		.banner = n->slice.banner,
		.rekey_bytes = n->slice.rekey_bytes,
		.takes_keys = n->slice.public_key == KEY_FACTOR_REQUIRED };
	size_t i;

	if ((n->client = client_new(&o, &requests_events, n)) == NULL)
		exit(1);
	for (i = 0; n->slice.host_keys != NULL &&
	    n->slice.host_keys[i] != NULL; i++)
		add_key(n, n->slice.host_keys[i]);
	if (i == 0)
		fatal(1, "no host key is configured");
}

static void
confine(const struct net *n, pid_t parent)
{
	const struct role r = {
		.name = "sekisho-net",
		.uid = n->slice.uid,
		.gid = n->slice.gid,
		.chroot_dir = n->slice.empty_dir,
		.landlock = 1,
		.nofile = NOFILE_MAX,
		.fsize = UINT64_MAX,	/* opens nothing; until READY its log is one */
		.as = AS_MAX,
		.parent = parent,
		.filter = &role_filter_net
	};

	if (n->slice.uid == 0 || n->slice.gid == 0)
		fatal(1, "the configuration gives net no account of its own");
	if (role_enter(&r) != 0)
		exit(1);
}

/*
 * TCP_NODELAY is set by sekishod already; here in case it was not.  What is
 * sent and not acknowledged for as long as a client may be silent ends the
 * connection too.
 */
static void
set_socket(const struct net *n, int fd)
{
	uint64_t lost = UINT64_C(1000) * n->slice.keepalive_s *
	    (n->slice.keepalive_count + UINT64_C(1));
	unsigned int lost_ms = lost > INT32_MAX ? INT32_MAX :
	    (unsigned int)lost;
	int on = 1, idle = IDLE_S, probe = PROBE_S, probes = PROBES;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &probe,
	    sizeof(probe));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes,
	    sizeof(probes));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &lost_ms,
	    sizeof(lost_ms));
}

/* Wait for the client.  The monitor going away before is no error. */
static int
get_client(struct net *n)
{
	struct msg_conn conn;
	struct msg m;
	int fd, r;

	for (;;) {
		if ((r = chan_wait(n->mon, &m, -1)) != 0)
			return r;
		if (m.type != MSG_PING)
			break;
		r = chan_put_pong(n->mon, m.id, NULL, NULL, 0);
		msg_done(&m);
		if (r != 0)
			return r;
	}
	r = ERR_STATE;
	if (m.type == MSG_CONN && msg_conn_get(m.body, &conn) == 0) {
		msg_conn_free(&conn);
		r = ERR_FORMAT;
		if ((fd = msg_take_fd(&m, 0)) >= 0) {
			set_socket(n, fd);
			if ((r = fd_set_nonblock(fd, 1)) == 0)
				r = client_accept(n->client, fd);
		}
	}
	msg_done(&m);
	return r;
}

int
net_main(int argc, char **argv)
{
	static struct net n;	/* 64 channels: not on the stack */
	pid_t parent = getppid();
	int r;

	role_begin("sekisho-net", argc, argv);
	n.state = NET_START;
	n.mon = chan_new(3, PEER_N, (enum peer)(PEER_D | PEER_M));
	if (n.mon == NULL)
		fatal(1, "no memory");
	get_slice(&n);
	prepare(&n);
	if (watch_start() != 0)
		return 1;
	confine(&n, parent);
	log_set_sink(send_line, &n);
	role_title("sekisho-net: [warm]");
	if (chan_put_ready(n.mon, 0, NULL, NULL, 0) != 0)
		return 1;
	if ((r = get_client(&n)) != 0)
		return r == ERR_CLOSED ? 0 : 1;
	role_title("sekisho-net: [auth]");
	n.state = NET_LOGIN;
	if (loop_client_turn(&n) == 0)
		net_loop(&n);
	client_end(n.client);
	(void)chan_drain(n.mon, 1000);
	return 0;
}
