/* keys_test.c - keyd's channel: heads asked for, checked and kept; epochs; keys that are away or do not fit. */
#include <dirent.h>
#include <poll.h>

#include "tests/unit/ledgerd/keyd.h"

static char *const SED[] = { CONST("sed"), NULL };

struct scene {
	struct gate	 g;
	struct keyd	 k;
	struct chan	*alice, *bob, *carol, *a, *b, *c;
};

static void
scene_open(struct scene *s)
{
	s->alice = logged_in(&s->g, "alice");
	s->bob = logged_in(&s->g, "bob");
	s->carol = logged_in(&s->g, "carol");
	s->a = person(&s->g, s->alice, "alice");
	s->b = person(&s->g, s->bob, "bob");
	s->c = person(&s->g, s->carol, "carol");
}

/* alice has an approved request; no keys yet. */
static void
scene_new(struct scene *s)
{
	gate_new(&s->g);
	keyd_new(&s->k, 1);
	scene_open(s);
	json_decref(call_ok(&s->g, s->a, "request-new",
	    "{\"argv\":[\"sed\"],\"uses\":5}"));
	approve(&s->g, s->b, 1);
}

static void
scene_leave(struct scene *s)
{
	chan_free(s->a);
	chan_free(s->b);
	chan_free(s->c);
	chan_free(s->alice);
	chan_free(s->bob);
	chan_free(s->carol);
}

static void
scene_end(struct scene *s)
{
	scene_leave(s);
	keyd_free(&s->k);
	gate_end(&s->g);
}

static uint64_t
size_of(struct scene *s)
{
	uint64_t size;

	assert_int_equal(book_size(&s->g.ld, &size), 0);
	return size;
}

static void
add_entry(struct scene *s)
{
	assert_int_equal(book_alone(&s->g.ld, book_entry("test", NULL)), 0);
}

static void
may_start(struct scene *s)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	struct msg_order o = { 0 };

	assert_int_equal(look_up(&s->g, s->alice, "alice", SED, 0, &o, digest,
	    &no), MSG_ORDER);
	msg_order_free(&o);
}

/* Nothing new, while all that is there can be read. */
static void
nothing_new(struct scene *s, const char *why)
{
	assert_refused(&s->g, s->alice, "alice", SED, 0, "UNAVAILABLE", why);
	json_decref(call_ok(&s->g, s->a, "request-show", "{\"id\":1}"));
	json_decref(call_ok(&s->g, s->c, "audit-log", "{}"));
}

/* The file of all heads of the day of the fake clock, terminated. */
static size_t
heads_file_text(struct scene *s, char *out, size_t size)
{
	char path[160];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/2026-09-21.heads", s->g.heads);
	if ((fd = open(path, O_RDONLY)) < 0)
		return 0;
	n = read(fd, out, size - 1);
	assert_true(n >= 0);
	out[n] = '\0';
	close(fd);
	return (size_t)n;
}

static void
a_head_is_asked_for_checked_and_kept(void **state)
{
	char file[8192], want[NOTE_MAX + 2];
	struct scene s;
	struct note n;
	json_t *v;

	(void)state;
	scene_new(&s);
	assert_string_equal(s.g.ld.heads_note, "");
	call_no(&s.g, s.c, "audit-head", "{}", "UNAVAILABLE");
	keyd_ready(&s.k, &s.g);
	assert_int_equal(s.k.size, size_of(&s));
	assert_int_equal(note_parse(s.g.ld.heads_note,
	    strlen(s.g.ld.heads_note), &n, s.k.log_public, s.k.public[1]), 0);
	assert_int_equal(note_check(&n, s.k.log_public, s.k.public[1]), 0);
	assert_int_equal(n.size, size_of(&s));
	/* two so far: one of before the epoch's entry */
	assert_true(heads_file_text(&s, file, sizeof(file)) > 0);
	(void)snprintf(want, sizeof(want), "%s\n", s.g.ld.heads_note);
	assert_string_equal(file + strlen(file) - strlen(want), want);
	v = call_ok(&s.g, s.c, "audit-head", "{}");
	assert_string_equal(text_of(v, "note"), s.g.ld.heads_note);
	assert_string_equal(text_of(v, "vkeys"), s.g.ld.vkeys);
	json_decref(v);
	may_start(&s);
	scene_end(&s);
}

static void
only_one_head_is_asked_for_at_a_time_and_the_last_always(void **state)
{
	struct msg_head_sign h, next;
	struct scene s;
	struct msg m;
	uint32_t id;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	add_entry(&s);
	keyd_no_pause(&s.g);
	gate_step(&s.g);
	keyd_asked(&s.k, &id, &h);
	assert_int_equal(h.size, size_of(&s));
	/* more comes while it is signed: no second question */
	add_entry(&s);
	add_entry(&s);
	keyd_no_pause(&s.g);
	json_decref(call_ok(&s.g, s.a, "whoami", "{}"));
	assert_int_equal(keyd_next(&s.k, &m), 0);
	keyd_sign(&s.k, id, &h);
	gate_step(&s.g);
	keyd_asked(&s.k, &id, &next);
	assert_int_equal(next.old, h.size);
	assert_int_equal(next.size, h.size + 2);
	keyd_believe(&s.k, &next);
	keyd_sign(&s.k, id, &next);
	gate_step(&s.g);
	assert_false(s.g.ld.keys->is_due || s.g.ld.keys->is_asked);
	assert_int_equal(keys_wait_ms(&s.g.ld), -1);
	/* and not at once after the one before */
	add_entry(&s);
	assert_true(keys_wait_ms(&s.g.ld) > 0);
	assert_true(keys_wait_ms(&s.g.ld) <= HEAD_EVERY_MS);
	msg_head_sign_free(&h);
	msg_head_sign_free(&next);
	scene_end(&s);
}

static void
an_answer_that_is_no_head_of_this_ledger_is_not_taken(void **state)
{
	char before[NOTE_MAX + 1];
	struct msg_head_sign h;
	struct scene s;
	struct msg m;
	uint32_t id;
	int i;

	(void)state;
	for (i = 0; i < 7; i++) {
		scene_new(&s);
		keyd_ready(&s.k, &s.g);
		memcpy(before, s.g.ld.heads_note, sizeof(before));
		add_entry(&s);
		keyd_no_pause(&s.g);
		gate_step(&s.g);
		keyd_asked(&s.k, &id, &h);
		if (i == 0)
			h.root.p[3] ^= 1;
		if (i == 1)
			h.size--;
		if (i == 2)
			strcpy(s.k.origin, "gate2/sekisho");
		if (i == 3)
			id++;
		if (i == 4)	/* signed by another */
			ed25519_free(s.k.log), s.k.log = NULL,
			    assert_int_equal(ed25519_new(s.k.root,
			    &s.k.log), 0);
		if (i == 5)	/* by a key of no epoch the ledger knows */
			memcpy(s.k.public[1], s.k.public[2], NOTE_KEY);
		if (i == 6)
			s.k.time_ns = -5;
		if (i != 6)
			keyd_sign(&s.k, id, &h);
		else {
			struct msg_head_signed bad = { .size = h.size };

			assert_int_equal(chan_put_head_signed(s.k.c, id, &bad,
			    NULL, 0), 0);
		}
		gate_step(&s.g);
		assert_string_equal(s.g.ld.heads_note, before);
		assert_null(s.g.ld.keys->chan);
		assert_int_equal(chan_recv(s.k.c, &m), ERR_CLOSED);
		assert_true(s.g.ld.keys->unsigned_ms != 0);
		msg_head_sign_free(&h);
		scene_end(&s);
	}
}

static void
keys_that_are_away_too_long_stop_what_is_new(void **state)
{
	struct scene s;

	(void)state;
	scene_new(&s);
	may_start(&s);		/* within the grace after a start */
	keyd_ready(&s.k, &s.g);
	chan_free(s.k.c);
	s.k.c = NULL;
	gate_step(&s.g);
	assert_int_equal(keys_fd(&s.g.ld), -1);
	may_start(&s);
	s.g.ld.keys->unsigned_ms -= 1000LL * s.g.ld.seal_grace_s + 1;
	nothing_new(&s, "keys cannot be reached");
	/* a filing may wait for them */
	json_decref(call_ok(&s.g, s.a, "request-new",
	    "{\"argv\":[\"other\"]}"));
	keyd_ready(&s.k, &s.g);
	may_start(&s);
	scene_end(&s);
}

static void
keys_that_do_not_answer_are_away_too(void **state)
{
	struct msg_head_sign h;
	struct scene s;
	uint32_t id;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	add_entry(&s);
	keyd_no_pause(&s.g);
	gate_step(&s.g);
	keyd_asked(&s.k, &id, &h);
	may_start(&s);
	assert_true(s.g.ld.keys->unsigned_ms != 0);
	s.g.ld.keys->unsigned_ms -= 1000LL * s.g.ld.seal_grace_s + 1;
	nothing_new(&s, "keys cannot be reached");
	keyd_believe(&s.k, &h);
	keyd_sign(&s.k, id, &h);
	gate_step(&s.g);
	may_start(&s);
	msg_head_sign_free(&h);
	scene_end(&s);
}

static void
a_session_that_was_prepared_does_not_start_without_keys(void **state)
{
	uint8_t digest[DIGEST_LEN];
	struct msg_refused no = { 0 };
	char code[CODE_MAX + 1];
	struct msg_order o = { 0 };
	struct scene s;

	(void)state;
	scene_new(&s);
	assert_int_equal(look_up(&s.g, s.alice, "alice", SED, 0, &o, digest,
	    &no), MSG_ORDER);
	s.g.ld.keys->unsigned_ms -= 1000LL * s.g.ld.seal_grace_s + 1;
	assert_int_equal(consume(&s.g, s.alice, &o, digest, code),
	    MSG_REFUSED);
	assert_string_equal(code, "UNAVAILABLE");
	assert_int_equal(entries(&s.g, "use"), 0);
	msg_order_free(&o);
	scene_end(&s);
}

/* KEYS tell of a head that this ledger does not continue. */
static void
a_ledger_that_was_rolled_back_or_rewritten_stops_what_is_new(void **state)
{
	struct scene s;
	struct msg m;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		scene_new(&s);
		keyd_ready(&s.k, &s.g);
		if (i == 0)
			s.k.size += 1000;
		else
			s.k.root[0] ^= 1;
		keyd_bind(&s.k, &s.g);
		keyd_say_keys(&s.k, &s.g);
		nothing_new(&s, "not the one whose head was signed last");
		call_no(&s.g, s.a, "request-new", "{\"argv\":[\"other\"]}",
		    "UNAVAILABLE");
		/* what they say after it is not listened to, and nothing is asked */
		keyd_say_epoch(&s.k, &s.g, 2, 1, 5000);
		assert_int_equal(keyd_next(&s.k, &m), 0);
		assert_int_equal(entries(&s.g, "epoch"), 1);
		/* mended: the true head again */
		if (i == 0)
			s.k.size -= 1000;
		else
			s.k.root[0] ^= 1;
		keyd_ready(&s.k, &s.g);
		may_start(&s);
		scene_end(&s);
	}
}

static void
a_refused_head_stops_what_is_new_until_one_is_signed(void **state)
{
	struct msg_refused why = { .code = CONST("STATE"),
		.reason = CONST("the ledger is shorter"), .next = CONST("") };
	struct msg_head_sign h;
	struct scene s;
	uint32_t id;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	add_entry(&s);
	keyd_no_pause(&s.g);
	gate_step(&s.g);
	keyd_asked(&s.k, &id, &h);
	msg_head_sign_free(&h);
	assert_int_equal(chan_put_refused(s.k.c, id, &why, NULL, 0), 0);
	gate_step(&s.g);
	nothing_new(&s, "not the one whose head was signed last");
	call_no(&s.g, s.a, "request-new", "{\"argv\":[\"other\"]}",
	    "UNAVAILABLE");
	assert_true(keys_wait_ms(&s.g.ld) > HEAD_EVERY_MS);
	keyd_no_pause(&s.g);
	gate_step(&s.g);
	keyd_asked(&s.k, &id, &h);
	msg_head_sign_free(&h);
	assert_int_equal(chan_put_refused(s.k.c, id, &why, NULL, 0), 0);
	gate_step(&s.g);
	nothing_new(&s, "not the one whose head was signed last");
	/* keyd was started again, and signs */
	keyd_ready(&s.k, &s.g);
	may_start(&s);
	scene_end(&s);
}

static void
a_keys_disk_that_is_full_is_only_a_pause(void **state)
{
	struct msg_refused why = { .code = CONST("UNAVAILABLE"),
		.reason = CONST("no room"), .next = CONST("") };
	struct msg_head_sign h;
	struct scene s;
	uint32_t id;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	add_entry(&s);
	keyd_no_pause(&s.g);
	gate_step(&s.g);
	keyd_asked(&s.k, &id, &h);
	msg_head_sign_free(&h);
	assert_int_equal(chan_put_refused(s.k.c, id, &why, NULL, 0), 0);
	gate_step(&s.g);
	may_start(&s);
	assert_true(s.g.ld.keys->is_due);
	scene_end(&s);
}

static void
an_epoch_is_one_entry_however_often_it_is_told(void **state)
{
	char path[160], text[1024];
	struct scene s;
	ssize_t n;
	int fd, i;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	for (i = 0; i < 3; i++) {
		keyd_bind(&s.k, &s.g);
		keyd_say_keys(&s.k, &s.g);
		keyd_serve(&s.k, &s.g);
		keyd_say_epoch(&s.k, &s.g, 1, 1, 1000);
		assert_true(keyd_is_acked(&s.k, 1));
	}
	assert_int_equal(entries(&s.g, "epoch"), 1);
	keyd_say_epoch(&s.k, &s.g, 2, 1, 2000);
	assert_true(keyd_is_acked(&s.k, 2));
	assert_int_equal(entries(&s.g, "epoch"), 2);
	s.k.epoch = 2;
	keyd_no_pause(&s.g);
	gate_step(&s.g);
	keyd_serve(&s.k, &s.g);
	assert_int_equal(s.k.size, size_of(&s));
	/* the two lines of the first epoch, and no other */
	(void)snprintf(path, sizeof(path), "%s/gate.vkeys", s.g.heads);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	close(fd);
	assert_string_equal(text, s.g.ld.vkeys);
	assert_non_null(strstr(text, "gate/sekisho+"));
	assert_non_null(strstr(text, "\ngate/sekisho/e1+"));
	assert_null(strstr(text, "/e2"));
	scene_end(&s);
}

static void
an_epoch_that_does_not_follow_is_refused(void **state)
{
	static const struct {
		uint32_t n, by;
		int64_t	 start;
	} rows[] = {
		{ 3, 1, 2000 },		/* a gap */
		{ 2, 2, 2000 },		/* signed by itself */
		{ 2, 3, 2000 },		/* by a stranger */
		{ 2, 1, 1000 },		/* does not begin later */
		{ 1, 1, 2000 },		/* the first once more, another */
	};
	struct scene s;
	struct msg m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scene_new(&s);
		keyd_ready(&s.k, &s.g);
		keyd_say_epoch(&s.k, &s.g, rows[i].n, rows[i].by,
		    rows[i].start);
		assert_int_equal(entries(&s.g, "epoch"), 1);
		assert_int_equal(chan_recv(s.k.c, &m), ERR_CLOSED);
		nothing_new(&s, "does not follow");
		scene_end(&s);
	}
}

static void
other_keys_are_not_those_of_this_ledger(void **state)
{
	char code[CODE_MAX + 1];
	struct keyd other;
	struct scene s;
	json_t *v;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		scene_new(&s);
		keyd_ready(&s.k, &s.g);
		/* the ledger itself remembers, over a restart */
		scene_leave(&s);
		gate_crash(&s.g);
		gate_open(&s.g);
		scene_open(&s);
		keyd_new(&other, i == 0 ? 9 : 1);
		if (i == 1)
			strcpy(other.origin, "gate2/sekisho");
		if (i == 2)
			other.epoch = 3;
		if (i == 3)
			other.epoch = 0;
		keyd_bind(&other, &s.g);
		keyd_say_keys(&other, &s.g);
		nothing_new(&s, i < 2 ? "not those of its ledger" :
		    "does not follow");
		/* who asks for the head reads why there is none */
		v = call_fd(&s.g, s.c, "audit-head", "{}", code, NULL);
		assert_string_equal(code, "UNAVAILABLE");
		assert_non_null(strstr(text_of(v, "reason"), i < 2 ?
		    "not those of its ledger" : "does not follow"));
		json_decref(v);
		keyd_free(&other);
		scene_end(&s);
	}
}

static void
broken_keys_are_dropped(void **state)
{
	static const uint8_t junk[40];
	struct msg_keys m = { .origin = CONST(ORIGIN),
		.log_key = { (uint8_t *)(uintptr_t)junk, 31 } };
	struct scene s;
	struct msg got;

	(void)state;
	scene_new(&s);
	/* EPOCH before KEYS */
	keyd_bind(&s.k, &s.g);
	keyd_say_epoch(&s.k, &s.g, 1, 1, 1000);
	assert_int_equal(chan_recv(s.k.c, &got), ERR_CLOSED);
	keyd_bind(&s.k, &s.g);
	assert_int_equal(chan_put_keys(s.k.c, 0, &m, NULL, 0), 0);
	gate_step(&s.g);
	assert_int_equal(chan_recv(s.k.c, &got), ERR_CLOSED);
	m.log_key.n = 32;
	m.origin = CONST("gate");
	keyd_bind(&s.k, &s.g);
	assert_int_equal(chan_put_keys(s.k.c, 0, &m, NULL, 0), 0);
	gate_step(&s.g);
	assert_int_equal(chan_recv(s.k.c, &got), ERR_CLOSED);
	/* a head that nobody asked for */
	keyd_bind(&s.k, &s.g);
	keyd_say_keys(&s.k, &s.g);
	keyd_serve(&s.k, &s.g);
	assert_int_equal(chan_put_head_signed(s.k.c, 7,
	    &(struct msg_head_signed){ .size = 1 }, NULL, 0), 0);
	gate_step(&s.g);
	assert_int_equal(chan_recv(s.k.c, &got), ERR_CLOSED);
	/* honest ones are welcome after all of it */
	keyd_ready(&s.k, &s.g);
	may_start(&s);
	scene_end(&s);
}

static void
a_restart_goes_on_from_the_head_that_was_signed_last(void **state)
{
	char file[16384];
	struct scene s;
	uint64_t before;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	before = s.k.size;
	add_entry(&s);
	scene_leave(&s);
	gate_crash(&s.g);
	gate_open(&s.g);
	assert_int_equal(s.g.ld.keys->last.nr, 1);
	assert_string_equal(s.g.ld.keys->origin, ORIGIN);
	assert_non_null(strstr(s.g.ld.vkeys, "/e1+"));
	scene_open(&s);
	keyd_ready(&s.k, &s.g);
	assert_true(s.k.size > before + 1);
	assert_int_equal(s.k.size, size_of(&s));
	assert_int_equal(entries(&s.g, "epoch"), 1);
	assert_true(heads_file_text(&s, file, sizeof(file)) > 0);
	scene_end(&s);
}

static void
a_head_that_was_cut_off_is_taken_out(void **state)
{
	char before[16384], after[16384], path[160];
	static const int cuts[] = { 1, 2, 3, 50, 170, 300 };
	struct scene s;
	struct stat st;
	size_t i, n, kept;

	(void)state;
	for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		scene_new(&s);
		keyd_ready(&s.k, &s.g);
		(void)snprintf(path, sizeof(path), "%s/2026-09-21.heads",
		    s.g.heads);
		n = heads_file_text(&s, before, sizeof(before));
		assert_int_equal(truncate(path, (off_t)n - cuts[i]), 0);
		scene_leave(&s);
		gate_crash(&s.g);
		gate_open(&s.g);
		scene_open(&s);
		keyd_ready(&s.k, &s.g);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0644);
		kept = (size_t)(strstr(before, "\n\ngate/sekisho\n") -
		    before) + 2;
		assert_true(heads_file_text(&s, after, sizeof(after)) > kept);
		/* the first one whole, then new ones: no piece between */
		assert_memory_equal(after, before, kept);
		assert_memory_equal(after + kept, "gate/sekisho\n", 13);
		assert_null(strstr(after, "\n\n\n"));
		scene_end(&s);
	}
}

static void
a_missing_file_of_public_keys_is_made_again_from_the_ledger(void **state)
{
	char path[160], vkeys[sizeof(((struct ledgerd *)0)->vkeys)];
	struct scene s;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	(void)snprintf(path, sizeof(path), "%s/gate.vkeys", s.g.heads);
	assert_int_equal(unlink(path), 0);
	memcpy(vkeys, s.g.ld.vkeys, sizeof(vkeys));
	scene_leave(&s);
	gate_crash(&s.g);
	gate_open(&s.g);
	scene_open(&s);
	assert_int_equal(access(path, R_OK), 0);
	assert_string_equal(s.g.ld.vkeys, vkeys);
	scene_end(&s);
}

static void
public_keys_that_found_no_room_are_written_with_the_next_head(void **state)
{
	char path[160];
	struct scene s;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	(void)snprintf(path, sizeof(path), "%s/gate.vkeys", s.g.heads);
	assert_int_equal(unlink(path), 0);
	s.g.ld.keys->has_vkeys = 0;
	assert_int_equal(book_alone(&s.g.ld, book_entry("numbers", NULL)), 0);
	keyd_no_pause(&s.g);
	gate_step(&s.g);
	keyd_serve(&s.k, &s.g);
	assert_int_equal(access(path, R_OK), 0);
	scene_end(&s);
}

/* The keys in a process of their own, until the ledger hangs up: signs all it is asked for. */
static void
sign_for_ever(struct keyd *k)
{
	struct msg_head_sign h;
	struct msg m;

	while (chan_wait(k->c, &m, 10000) == 0) {
		if (m.type == MSG_HEAD_SIGN &&
		    msg_head_sign_get(m.body, &h) == 0) {
			keyd_sign(k, m.id, &h);
			msg_head_sign_free(&h);
		}
		msg_done(&m);
	}
	_exit(0);
}

static void
the_last_entry_is_covered_by_a_last_head(void **state)
{
	struct scene s;
	struct note n;
	uint64_t size;
	int status;
	pid_t pid;

	(void)state;
	scene_new(&s);
	keyd_ready(&s.k, &s.g);
	assert_true((pid = fork()) >= 0);
	if (pid == 0)
		sign_for_ever(&s.k);
	s.g.ld.is_draining = 1;
	assert_int_equal(book_stop(&s.g.ld), 0);
	assert_int_equal(keys_finish(&s.g.ld), 0);
	assert_int_equal(book_size(&s.g.ld, &size), 0);
	assert_int_equal(note_parse(s.g.ld.heads_note,
	    strlen(s.g.ld.heads_note), &n, NULL, NULL), 0);
	assert_int_equal(n.size, size);
	assert_int_equal(entries(&s.g, "gate-stop"), 1);
	scene_end(&s);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void
without_keys_the_end_does_not_wait(void **state)
{
	struct scene s;
	int64_t before;

	(void)state;
	scene_new(&s);
	before = clock_mono_ms();
	assert_int_equal(book_stop(&s.g.ld), 0);
	assert_int_equal(keys_finish(&s.g.ld), 0);
	assert_true(clock_mono_ms() - before < LAST_HEAD_MS);
	scene_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_asked_for_checked_and_kept),
		cmocka_unit_test(only_one_head_is_asked_for_at_a_time_and_the_last_always),
		cmocka_unit_test(an_answer_that_is_no_head_of_this_ledger_is_not_taken),
		cmocka_unit_test(keys_that_are_away_too_long_stop_what_is_new),
		cmocka_unit_test(keys_that_do_not_answer_are_away_too),
		cmocka_unit_test(a_session_that_was_prepared_does_not_start_without_keys),
		cmocka_unit_test(a_ledger_that_was_rolled_back_or_rewritten_stops_what_is_new),
		cmocka_unit_test(a_refused_head_stops_what_is_new_until_one_is_signed),
		cmocka_unit_test(a_keys_disk_that_is_full_is_only_a_pause),
		cmocka_unit_test(an_epoch_is_one_entry_however_often_it_is_told),
		cmocka_unit_test(an_epoch_that_does_not_follow_is_refused),
		cmocka_unit_test(other_keys_are_not_those_of_this_ledger),
		cmocka_unit_test(broken_keys_are_dropped),
		cmocka_unit_test(a_restart_goes_on_from_the_head_that_was_signed_last),
		cmocka_unit_test(a_head_that_was_cut_off_is_taken_out),
		cmocka_unit_test(a_missing_file_of_public_keys_is_made_again_from_the_ledger),
		cmocka_unit_test(public_keys_that_found_no_room_are_written_with_the_next_head),
		cmocka_unit_test(the_last_entry_is_covered_by_a_last_head),
		cmocka_unit_test(without_keys_the_end_does_not_wait),
	};

	return cmocka_run_group_tests_name("ledgerd/keys", tests, NULL, NULL);
}
