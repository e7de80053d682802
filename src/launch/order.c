/* order.c - the slate, and what is written on it. */
#include "launch/order.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/strv.h"

#define FACTS_MAX	32768	/* half a dozen paths */

struct slate {
	uint32_t	 norder, nfacts;
	uint8_t		 order[MESSAGE_MAX];
	uint8_t		 facts[FACTS_MAX];
};

struct slate *
order_slate(void)
{
	const int rw = PROT_READ | PROT_WRITE;
	struct slate *s;

	/* cppcheck-suppress invalidFunctionArg ; MAP_ANONYMOUS wants -1 */
	s = mmap(NULL, sizeof(*s), rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED) {
		log_errno("no memory to share with the job");
		return NULL;
	}
	return s;
}

int
order_keep(struct slate *s, const struct buf *body)
{
	if (buf_len(body) > sizeof(s->order))
		return ERR_LIMIT;
	memcpy(s->order, buf_data(body), buf_len(body));
	s->norder = (uint32_t)buf_len(body);
	return 0;
}

static int
put_facts(struct buf *b, const struct job *j)
{
	const struct exe *e = &j->exe;
	size_t n = strv_len(e->needed), i;
	int r;

	if ((r = buf_put_str(b, j->cwd)) != 0 ||
	    (r = buf_put(b, &j->cwd_stat, sizeof(j->cwd_stat))) != 0 ||
	    (r = buf_put_str(b, e->path)) != 0 ||
	    (r = buf_put_u64(b, e->dev)) != 0 ||
	    (r = buf_put_u64(b, e->ino)) != 0 ||
	    (r = buf_put_u8(b, e->is_copy != 0)) != 0 ||
	    (r = buf_put_u8(b, e->is_script != 0)) != 0 ||
	    (r = buf_put_u8(b, e->shebang_arg != NULL)) != 0 ||
	    (r = buf_put_str(b, e->shebang_arg != NULL ?
	    e->shebang_arg : "")) != 0 ||
	    (r = buf_put_u8(b, (uint8_t)j->io.kind)) != 0 ||
	    (r = buf_put_u32(b, (uint32_t)n)) != 0)
		return r;
	for (i = 0; r == 0 && i < n; i++)
		r = buf_put_str(b, e->needed[i]);
	return r;
}

static int
get_needed(struct buf *b, struct exe *e)
{
	uint32_t n;
	char *path;
	int r;

	if ((r = buf_get_u32(b, &n)) != 0)
		return r;
	for (; r == 0 && n > 0; n--) {
		if ((r = buf_get_str(b, PATH_MAX_LEN, &path)) != 0)
			return r;
		r = strv_add(&e->needed, path);
		str_wipe(path);
	}
	return r;
}

static int
get_facts(struct buf *b, struct job *j)
{
	struct exe *e = &j->exe;
	uint8_t copy, script, has_arg, kind;
	uint64_t dev, ino;
	int r;

	if ((r = buf_get_str(b, PATH_MAX_LEN, &j->cwd)) != 0 ||
	    (r = buf_get(b, &j->cwd_stat, sizeof(j->cwd_stat))) != 0 ||
	    (r = buf_get_str(b, PATH_MAX_LEN, &e->path)) != 0 ||
	    (r = buf_get_u64(b, &dev)) != 0 ||
	    (r = buf_get_u64(b, &ino)) != 0 ||
	    (r = buf_get_u8(b, &copy)) != 0 ||
	    (r = buf_get_u8(b, &script)) != 0 ||
	    (r = buf_get_u8(b, &has_arg)) != 0 ||
	    (r = buf_get_str(b, PATH_MAX_LEN, &e->shebang_arg)) != 0 ||
	    (r = buf_get_u8(b, &kind)) != 0)
		return r;
	e->dev = (dev_t)dev;
	e->ino = (ino_t)ino;
	e->is_copy = copy;
	e->is_script = script;
	if (!has_arg) {
		str_wipe(e->shebang_arg);
		e->shebang_arg = NULL;
	}
	j->io.kind = (enum input_kind)kind;
	return get_needed(b, e);
}

int
order_give(const struct job *j)
{
	const int fds[ORDER_FDS] = { j->io.job[0], j->io.job[1], j->io.job[2],
		j->exe.is_copy ? j->exe.fd : -1, j->exe.script_fd };
	struct report r = { .kind = REPORT_ORDER };
	struct buf *b = buf_new(FACTS_MAX);
	int give[ORDER_FDS], e;
	size_t n = 0, i;

	if (b == NULL)
		return ERR_NOMEM;
	if ((e = put_facts(b, j)) == 0) {
		memcpy(j->slate->facts, buf_data(b), buf_len(b));
		j->slate->nfacts = (uint32_t)buf_len(b);
	}
	buf_free(b);
	if (e != 0)
		return e;
	for (i = 0; i < ORDER_FDS; i++)
		if (fds[i] >= 0) {
			r.value |= 1 << i;
			give[n++] = fds[i];
		}
	return report_send_whole(j->sock, &r, give, n);
}

/* Whatever this copy of the launcher had of an order before. */
static void
forget(struct job *j)
{
	exe_free(&j->exe);
	free(j->cwd);
	j->cwd = NULL;
	msg_prepare_free(&j->order);
	memset(&j->order, 0, sizeof(j->order));
}

static int
read_slate(struct job *j)
{
	const struct slate *s = j->slate;
	struct buf *b = buf_new(MESSAGE_MAX);
	int r;

	if (b == NULL)
		return ERR_NOMEM;
	forget(j);
	if (s->norder > sizeof(s->order) || s->nfacts > sizeof(s->facts))
		r = ERR_LIMIT;
	else if ((r = buf_put(b, s->order, s->norder)) == 0 &&
	    (r = msg_prepare_get(b, &j->order)) == 0) {
		buf_reset(b);
		if ((r = buf_put(b, s->facts, s->nfacts)) == 0)
			r = get_facts(b, j);
	}
	buf_free(b);
	return r;
}

int
order_take(struct job *j, int sock)
{
	int *const to[ORDER_FDS] = { &j->io.job[0], &j->io.job[1],
		&j->io.job[2], &j->exe.fd, &j->exe.script_fd };
	int fds[REPORT_FDS], e;
	struct report r;
	size_t n, k = 0, i;

	if ((e = report_recv_all(sock, &r, fds, &n, -1)) != 0)
		return e;
	/* without its script it would be another command */
	if (r.kind != REPORT_ORDER ||
	    n != (size_t)__builtin_popcount((unsigned int)r.value))
		return ERR_STATE;
	stdio_close_job(&j->io);
	if ((e = read_slate(j)) != 0)
		return e;
	for (i = 0; i < ORDER_FDS; i++)
		if ((r.value & 1 << i) != 0)
			*to[i] = fds[k++];
	return 0;
}
