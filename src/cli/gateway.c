/* gateway.c - slice, confinement, one word, its status. */
#include "cli/gateway.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/out.h"
#include "cli/words.h"
#include "confine/role.h"
#include "wire/chan.h"

#define CONTROL_FD	3
#define CLIENT_FD	4
#define CLIENT_ERR_FD	5
#define EXIT_INTERNAL	70	/* EX_SOFTWARE: the gate's own fault */
#define SEND_MS		5000

/* A whole recording is read piece by piece: this is room for one page of a list. */
#define MEMORY_MAX	(256ULL << 20)

/* The next message, which must be of this type. */
static int
expect(struct chan *c, enum msg_type type, struct msg *m)
{
	int r;

	if ((r = chan_wait(c, m, -1)) != 0)
		return r;
	if (m->type == type)
		return 0;
	log_error("unexpected message msg=%s", msg_name(m->type));
	msg_done(m);
	return ERR_STATE;
}

static int
read_slice(struct chan *c, struct msg_slice_word *slice)
{
	struct buf *b = NULL;
	int r;

	if ((r = chan_slice(c, -1, &b)) == 0)
		r = msg_slice_word_get(b, slice);
	buf_free(b);
	return r;
}

/* Everything that would open a file later happens now. */
static int
load_early(const char *zone)
{
	char text[CLOCK_TEXT];

	if (setenv("TZ", *zone == '\0' ? "UTC" : zone, 1) != 0)
		return ERR_NOMEM;
	tzset();
	(void)clock_human(text, clock_unix());
	json_object_seed(0);
	return 0;
}

static int
confine(const struct msg_slice_word *slice, pid_t parent)
{
	struct role role = {
		.name = "sekisho", .uid = slice->uid, .gid = slice->gid,
		.chroot_dir = slice->empty_dir, .landlock = 1,
		.nofile = 16, .fsize = UINT64_MAX, .as = MEMORY_MAX,
		.nproc = 0, .parent = parent, .filter = &role_filter_sekisho
	};

	if (slice->uid == 0 || slice->gid == 0 || *slice->empty_dir == '\0') {
		log_error("slice gives no account or no empty directory");
		return ERR_DENIED;
	}
	return role_enter(&role);
}

/* Up to READY. */
static int
start(struct chan *control, pid_t parent)
{
	struct msg_slice_word slice = { 0 };
	int r;

	if ((r = read_slice(control, &slice)) == 0 &&
	    (r = load_early(slice.zone)) == 0 &&
	    (r = confine(&slice, parent)) == 0)
		r = chan_put_ready(control, 0, NULL, NULL, 0);
	msg_slice_word_free(&slice);
	return r;
}

/* The word, in full: its exit status. */
static int
run_word(const struct msg_word *word, int ledger_fd)
{
	struct cli c = { .in_fd = CLIENT_FD, .out_fd = CLIENT_FD,
		.control_fd = CONTROL_FD, .user = word->user,
		.pty = word->pty, .cols = word->cols, .rows = word->rows };
	int status = EXIT_INTERNAL;

	c.out = out_new(CLIENT_FD, c.pty);
	c.err = out_new(CLIENT_ERR_FD, c.pty);
	c.ledger = chan_new(ledger_fd, PEER_W, PEER_G);
	if (c.out != NULL && c.err != NULL && c.ledger != NULL) {
		status = words_run(&c, word->argv);
		if (out_flush(c.out) != 0 && status == 0) {
			/* half an answer is none */
			out_text(c.err, "sekisho: the answer could not be "
			    "written to its end\n");
			status = EXIT_INTERNAL;
		}
		(void)out_flush(c.err);
	}
	chan_free(c.ledger);
	out_free(c.out);
	out_free(c.err);
	return status;
}

static int
serve(struct chan *control)
{
	struct msg_word word = { 0 };
	struct msg_word_exit end = { 0 };
	struct msg m;
	int r, fd;

	if ((r = expect(control, MSG_WORD, &m)) != 0)
		return r;
	fd = msg_take_fd(&m, 0);
	if (fd < 0 || msg_word_get(m.body, &word) != 0) {
		log_error("word cannot be read");
		fd_close(&fd);
		msg_done(&m);
		return ERR_FORMAT;
	}
	msg_done(&m);
	role_title("sekisho: %s [word]", word.user);
	end.status = (uint32_t)run_word(&word, fd);
	msg_word_free(&word);
	if ((r = chan_put_word_exit(control, 0, &end, NULL, 0)) == 0)
		r = chan_drain(control, SEND_MS);
	return r;
}

int
gateway_main(int argc, char **argv)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	pid_t parent = getppid();
	struct chan *control;
	int r;

	role_begin("sekisho", argc, argv);
	fd_close_from(CLIENT_ERR_FD + 1);
	if (sigaction(SIGPIPE, &ignore, NULL) != 0 ||
	    fd_set_nonblock(CLIENT_FD, 0) != 0 ||
	    fd_set_nonblock(CLIENT_ERR_FD, 0) != 0 ||
	    (control = chan_new(CONTROL_FD, PEER_W,
	    (enum peer)(PEER_D | PEER_M))) == NULL)
		fatal(EXIT_INTERNAL, "cannot start a gateway word");
	if ((r = start(control, parent)) == 0)
		r = serve(control);
	chan_free(control);
	if (r == 0 || r == ERR_CLOSED)
		return 0;
	log_error("gateway word failed error=%s", err_name(r));
	return EXIT_INTERNAL;
}
