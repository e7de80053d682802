/* msg.c - the code between structs and bytes, made from msg.def. */
#include "wire/msg.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/strv.h"

static int
put_u8(struct buf *b, uint8_t v, size_t max)
{
	(void)max;
	return buf_put_u8(b, v);
}

static int
put_u32(struct buf *b, uint32_t v, size_t max)
{
	(void)max;
	return buf_put_u32(b, v);
}

static int
put_u64(struct buf *b, uint64_t v, size_t max)
{
	(void)max;
	return buf_put_u64(b, v);
}

static int
put_i64(struct buf *b, int64_t v, size_t max)
{
	(void)max;
	return buf_put_u64(b, (uint64_t)v);
}

static int
put_str(struct buf *b, const char *s, size_t max)
{
	if (s == NULL)
		s = "";
	return strlen(s) > max ? ERR_LIMIT : buf_put_str(b, s);
}

static int
put_bytes(struct buf *b, struct blob v, size_t max)
{
	return v.n > max ? ERR_LIMIT : buf_put_bytes(b, v.p, v.n);
}

static int
put_strv(struct buf *b, char **v, size_t max)
{
	size_t n = strv_len(v), i, total = 0;
	int r;

	if (n > max)
		return ERR_LIMIT;
	if ((r = buf_put_u32(b, (uint32_t)n)) != 0)
		return r;
	for (i = 0; i < n; i++) {
		total += strlen(v[i]) + 1;
		if (total > max)
			return ERR_LIMIT;
		if ((r = buf_put_str(b, v[i])) != 0)
			return r;
	}
	return 0;
}

static int
get_u8(struct buf *b, uint8_t *v, size_t max)
{
	(void)max;
	return buf_get_u8(b, v);
}

static int
get_u32(struct buf *b, uint32_t *v, size_t max)
{
	(void)max;
	return buf_get_u32(b, v);
}

static int
get_u64(struct buf *b, uint64_t *v, size_t max)
{
	(void)max;
	return buf_get_u64(b, v);
}

static int
get_i64(struct buf *b, int64_t *v, size_t max)
{
	uint64_t x;
	int r;

	(void)max;
	if ((r = buf_get_u64(b, &x)) == 0)
		*v = (int64_t)x;
	return r;
}

static int
get_str(struct buf *b, char **v, size_t max)
{
	return buf_get_str(b, max, v);
}

static int
get_bytes(struct buf *b, struct blob *v, size_t max)
{
	return buf_get_bytes(b, max, &v->p, &v->n);
}

/* "max" bounds the words with their NULs together, and so their count. */
static int
get_strv(struct buf *b, char ***v, size_t max)
{
	size_t left = max, i;
	uint32_t n;
	char **words;
	int r;

	if ((r = buf_get_u32(b, &n)) != 0)
		return r;
	if (n > max)
		return ERR_LIMIT;
	if (n > buf_len(b) / 4)		/* each word takes at least its length */
		return ERR_FORMAT;
	if ((words = calloc((size_t)n + 1, sizeof(*words))) == NULL)
		return ERR_NOMEM;
	for (i = 0; i < n; i++) {
		if (left == 0)
			r = ERR_LIMIT;
		else
			r = buf_get_str(b, left - 1, &words[i]);
		if (r != 0) {
			strv_free(words);
			return r;
		}
		left -= strlen(words[i]) + 1;
	}
	*v = words;
	return 0;
}

#define free_u8(v)	((void)(v))
#define free_u32(v)	((void)(v))
#define free_u64(v)	((void)(v))
#define free_i64(v)	((void)(v))
#define free_str(v)	str_wipe(v)
#define free_bytes(v)	mem_wipe((v).p, (v).n)
#define free_strv(v)	strv_free(v)

#define PUT(type, field, max) \
	if ((r = put_##type(b, m->field, max)) != 0)			\
		return r;
#define GET(type, field, max) \
	if ((r = get_##type(b, &m->field, max)) != 0)			\
		goto fail;
#define FREE(type, field, max) free_##type(m->field);

#define MSG(NAME, name, nr, from, to, fds)				\
	int								\
	msg_##name##_put(struct buf *b, const struct msg_##name *m)	\
	{								\
		int r = 0;						\
									\
		(void)b;						\
		(void)m;						\
		FIELDS_##name(PUT)					\
		return r;						\
	}								\
									\
	int								\
	msg_##name##_get(struct buf *b, struct msg_##name *m)		\
	{								\
		int r = 0;						\
									\
		memset(m, 0, sizeof(*m));				\
		FIELDS_##name(GET)					\
		if (buf_len(b) == 0)					\
			return 0;					\
		r = ERR_FORMAT;						\
		goto fail;						\
	fail:								\
		msg_##name##_free(m);					\
		return r;						\
	}								\
									\
	void								\
	msg_##name##_free(struct msg_##name *m)				\
	{								\
		FIELDS_##name(FREE)					\
		explicit_bzero(m, sizeof(*m));				\
	}
#include "wire/msg.def"
#undef MSG

static const struct msg_row rows[] = {
#define MSG(NAME, name, nr, from, to, fds) { MSG_##NAME, #NAME, from, to, fds },
#include "wire/msg.def"
#undef MSG
};

const struct msg_row *
msg_row(unsigned int nr)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((unsigned int)rows[i].type == nr)
			return &rows[i];
	return NULL;
}

const char *
msg_name(unsigned int nr)
{
	const struct msg_row *row = msg_row(nr);

	return row == NULL ? "?" : row->name;
}

int
msg_frame_put(struct buf *b, enum msg_type type, uint32_t id, size_t nfds,
    const void *body, size_t n)
{
	int r;

	if (n > MESSAGE_MAX || nfds > FDS_MAX)
		return ERR_LIMIT;
	if ((r = buf_put_u16(b, (uint16_t)type)) != 0 ||
	    (r = buf_put_u16(b, (uint16_t)nfds)) != 0 ||
	    (r = buf_put_u32(b, id)) != 0 ||
	    (r = buf_put_u32(b, (uint32_t)n)) != 0)
		return r;
	return buf_put(b, body, n);
}

int
msg_head_get(struct buf *b, struct msg_head *h)
{
	if (buf_len(b) < MSG_HEAD)
		return ERR_FORMAT;
	(void)buf_get_u16(b, &h->type);
	(void)buf_get_u16(b, &h->nfds);
	(void)buf_get_u32(b, &h->id);
	(void)buf_get_u32(b, &h->len);
	return 0;
}
