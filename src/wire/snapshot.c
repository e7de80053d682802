/* snapshot.c - reads and writes the sealed snapshot of the policy. */
#include "wire/snapshot.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

#define SEALS	(F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)

/* Room for one more element of "size" bytes behind "n" of them; zeroed. */
static void *
grow(void **list, size_t n, size_t size)
{
	char *more = reallocarray(*list, n + 1, size);

	if (more == NULL)
		return NULL;
	*list = more;
	memset(more + n * size, 0, size);
	return more + n * size;
}

/* One list record into its list. */
#define ADD(list, count, get)						\
	do {								\
		void *at_ = s->list, *new_;				\
									\
		new_ = grow(&at_, s->count, sizeof(*s->list));		\
		if (new_ == NULL)					\
			return ERR_NOMEM;				\
		s->list = at_;						\
		if ((r = get(body, new_)) == 0)				\
			s->count++;					\
	} while (0)

static int
add_record(struct snapshot *s, unsigned int type, struct buf *body)
{
	int r = ERR_FORMAT;

	switch (type) {
	case MSG_SNAP_PERSON:
		ADD(people, npeople, msg_snap_person_get);
		break;
	case MSG_SNAP_RUNAS:
		ADD(runas, nrunas, msg_snap_runas_get);
		break;
	case MSG_SNAP_RULE:
		ADD(rules, nrules, msg_snap_rule_get);
		break;
	case MSG_SNAP_PROFILE:
		ADD(profiles, nprofiles, msg_snap_profile_get);
		break;
	case MSG_SNAP_KEY:
		ADD(keys, nkeys, msg_snap_key_get);
		break;
	default:
		break;
	}
	return r;
}

/* All frames of "file" into "s"; SNAP_HEAD first, SNAP_END last. */
static int
parse_frames(struct buf *file, struct snapshot *s)
{
	struct msg_snap_end end;
	struct msg_head h;
	struct buf *body;
	uint32_t records = 0;
	int r, done = 0;

	while (buf_len(file) > 0) {
		if (done || msg_head_get(file, &h) != 0 ||
		    h.nfds != 0 || h.len > buf_len(file) ||
		    h.len > MESSAGE_MAX)
			return ERR_FORMAT;
		if ((body = buf_new(h.len)) == NULL ||
		    buf_put(body, buf_data(file), h.len) != 0) {
			buf_free(body);
			return ERR_NOMEM;
		}
		buf_skip(file, h.len);
		if (records == 0)
			r = h.type != MSG_SNAP_HEAD ? ERR_FORMAT :
			    msg_snap_head_get(body, &s->head);
		else if (h.type == MSG_SNAP_END) {
			done = 1;
			r = msg_snap_end_get(body, &end);
			if (r == 0 && end.records != records)
				r = ERR_FORMAT;
		} else
			r = add_record(s, h.type, body);
		buf_free(body);
		if (r != 0)
			return r;
		records++;
	}
	return done ? 0 : ERR_FORMAT;
}

int
snapshot_parse(const uint8_t *p, size_t n, uint64_t serial,
    struct snapshot **out)
{
	struct snapshot *s;
	struct buf *file;
	int r;

	if ((file = buf_new(n)) == NULL)
		return ERR_NOMEM;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		r = ERR_NOMEM;
	else if ((r = buf_put(file, p, n)) == 0)
		r = parse_frames(file, s);
	buf_free(file);
	if (r != 0) {
		snapshot_free(s);
		return r;
	}
	s->serial = serial;
	*out = s;
	return 0;
}

int
snapshot_read(int fd, uint64_t serial, struct snapshot **out)
{
	struct stat st;
	uint8_t *p;
	size_t size;
	int seals, r;

	seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & SEALS) != SEALS) {
		log_error("snapshot is not sealed");
		return ERR_DENIED;
	}
	if (fstat(fd, &st) < 0) {
		log_errno("fstat of snapshot failed");
		return ERR_SYS;
	}
	if (st.st_size <= 0 || st.st_size > (off_t)SNAPSHOT_MAX)
		return ERR_LIMIT;
	size = (size_t)st.st_size;
	if ((p = malloc(size)) == NULL)
		return ERR_NOMEM;
	if (pread(fd, p, size, 0) != (ssize_t)size) {
		log_errno("read of snapshot failed");
		r = ERR_SYS;
	} else
		r = snapshot_parse(p, size, serial, out);
	mem_wipe(p, size);
	return r;
}

void
snapshot_wipe(struct snapshot *s)
{
	size_t i;

	msg_snap_head_free(&s->head);
	for (i = 0; i < s->npeople; i++)
		msg_snap_person_free(&s->people[i]);
	for (i = 0; i < s->nrunas; i++)
		msg_snap_runas_free(&s->runas[i]);
	for (i = 0; i < s->nrules; i++)
		msg_snap_rule_free(&s->rules[i]);
	for (i = 0; i < s->nprofiles; i++)
		msg_snap_profile_free(&s->profiles[i]);
	for (i = 0; i < s->nkeys; i++)
		msg_snap_key_free(&s->keys[i]);
	free(s->people);
	free(s->runas);
	free(s->rules);
	free(s->profiles);
	free(s->keys);
	memset(s, 0, sizeof(*s));
}

void
snapshot_free(struct snapshot *s)
{
	if (s == NULL)
		return;
	snapshot_wipe(s);
	free(s);
}

/* One frame with the body that "put" makes. */
#define FRAME(NAME, name, what)						\
	do {								\
		buf_reset(body);					\
		if ((r = msg_##name##_put(body, what)) != 0 ||		\
		    (r = msg_frame_put(b, MSG_##NAME, 0, 0,		\
		    buf_data(body), buf_len(body))) != 0)		\
			goto out;					\
	} while (0)

int
snapshot_put(struct buf *b, const struct snapshot *s)
{
	struct msg_snap_end end = { 0 };
	struct buf *body;
	size_t i;
	int r;

	if ((body = buf_new(MESSAGE_MAX)) == NULL)
		return ERR_NOMEM;
	FRAME(SNAP_HEAD, snap_head, &s->head);
	for (i = 0; i < s->npeople; i++)
		FRAME(SNAP_PERSON, snap_person, &s->people[i]);
	for (i = 0; i < s->nrunas; i++)
		FRAME(SNAP_RUNAS, snap_runas, &s->runas[i]);
	for (i = 0; i < s->nrules; i++)
		FRAME(SNAP_RULE, snap_rule, &s->rules[i]);
	for (i = 0; i < s->nprofiles; i++)
		FRAME(SNAP_PROFILE, snap_profile, &s->profiles[i]);
	for (i = 0; i < s->nkeys; i++)
		FRAME(SNAP_KEY, snap_key, &s->keys[i]);
	end.records = (uint32_t)(1 + s->npeople + s->nrunas + s->nrules +
	    s->nprofiles + s->nkeys);
	FRAME(SNAP_END, snap_end, &end);
out:
	buf_free(body);
	return r;
}

#define FIND(list, count, key)						\
	do {								\
		size_t i_;						\
									\
		for (i_ = 0; i_ < s->count; i_++)			\
			if (strcmp(s->list[i_].key, want) == 0)		\
				return &s->list[i_];			\
		return NULL;						\
	} while (0)

const struct role_name snapshot_roles[] = {
	{ PERSON_OPERATOR,	"operator" },
	{ PERSON_APPROVER,	"approver" },
	{ PERSON_AUDITOR,	"auditor" },
	{ PERSON_ADMINISTRATOR,	"administrator" },
	{ PERSON_EMERGENCY,	"emergency" },
	{ PERSON_MACHINE,	"machine" },
	{ 0, NULL }
};

const struct msg_snap_person *
snapshot_person(const struct snapshot *s, const char *want)
{
	FIND(people, npeople, name);
}

const struct msg_snap_runas *
snapshot_runas(const struct snapshot *s, const char *want)
{
	FIND(runas, nrunas, name);
}

const struct msg_snap_rule *
snapshot_rule(const struct snapshot *s, const char *want)
{
	FIND(rules, nrules, profile);
}

const struct msg_snap_profile *
snapshot_profile(const struct snapshot *s, const char *want)
{
	FIND(profiles, nprofiles, name);
}

int
snapshot_has_key(const struct snapshot *s, const char *person,
    const struct blob *key)
{
	const struct msg_snap_key *k;
	size_t i;

	for (i = 0; i < s->nkeys; i++) {
		k = &s->keys[i];
		if (strcmp(k->person, person) == 0 && k->blob.n == key->n &&
		    key->n > 0 && memcmp(k->blob.p, key->p, key->n) == 0)
			return 1;
	}
	return 0;
}
