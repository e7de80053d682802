/*
 * hijack_test.c - a net that was taken over: any message, any order, any
 * bytes, any descriptors, with fixed seeds.  Whatever it says, nobody is
 * logged in without PAM, and nothing is asked for that a login is needed for.
 */
#include "tests/unit/monitor/bed.h"

#include <sys/stat.h>

#define ROUNDS		400
#define MESSAGES	60

static char pam_dir[] = "/tmp/hijack.XXXXXX";

/* xorshift: the same everywhere */
static uint32_t
next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static int
write_service(const char *name, const char *lines)
{
	char path[100];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", pam_dir, name);
	if ((f = fopen(path, "w")) == NULL)
		return -1;
	fputs(lines, f);
	return fclose(f);
}

static void
drop_line(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)line;
}

static int
make_services(void **state)
{
	(void)state;
	log_set_sink(drop_line, NULL);
	if (mkdtemp(pam_dir) == NULL)
		return -1;
	/* asks for a password and takes none */
	return write_service("asks", "auth required pam_unix.so nodelay\n"
	    "auth requisite pam_deny.so\naccount requisite pam_deny.so\n"
	    "password requisite pam_deny.so\nsession requisite pam_deny.so\n");
}

static int
remove_services(void **state)
{
	(void)state;
	return nftw(pam_dir, bed_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* Any type, any bytes, up to three descriptors. */
static void
send_anything(int fd, uint32_t *seed)
{
	static const uint16_t types[] = {
#define MSG(NAME, name, nr, from, to, fds) nr,
#include "wire/msg.def"
#undef MSG
	};
	uint8_t body[300];
	union {
		struct cmsghdr	 head;
		char		 room[CMSG_SPACE(sizeof(int) * 3)];
	} control = { 0 };
	size_t n = next(seed) % sizeof(body), nfds = next(seed) % 8, i;
	struct buf *b = buf_new(4096);
	struct iovec iov;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cm;

	if (nfds > 3)
		nfds = 0;
	for (i = 0; i < n; i++)
		body[i] = next(seed) % 3 != 0 ? 0 : (uint8_t)next(seed);
	assert_int_equal(msg_frame_put(b, (enum msg_type)(next(seed) % 9 == 0 ?
	    next(seed) & 0xffff :
	    types[next(seed) % (sizeof(types) / sizeof(types[0]))]),
	    next(seed) % 4, next(seed) % 9 == 0 ? next(seed) % 8 : nfds, body,
	    n), 0);
	iov.iov_base = (void *)(uintptr_t)buf_data(b);
	iov.iov_len = buf_len(b) - (next(seed) % 9 == 0 ?
	    next(seed) % buf_len(b) : 0);
	if (nfds > 0) {
		mh.msg_control = control.room;
		mh.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		cm = CMSG_FIRSTHDR(&mh);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memset(CMSG_DATA(cm), 0, sizeof(int) * nfds);
	}
	(void)sendmsg(fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
	buf_free(b);
}

/* What the table lets net say, with contents that mean something. */
static void
send_valid(struct chan *net, uint32_t *seed)
{
	static const char *const users[] = { "alice", "root", "nobody-here",
		"", "al\x1b[2Jice" };
	char *words[] = { W("x"), W(""), NULL, NULL };
	struct msg_auth_start start = { .user = W(users[next(seed) % 5]) };
	struct msg_auth_answers answers = { .answers = words };
	struct msg_auth_other other = { .kind = (uint8_t)(next(seed) % 7),
		.user = W("bob") };
	struct msg_log line = { .level = (uint8_t)next(seed), .line = W("x") };
	struct msg_chan_exec exec = { .command = { (uint8_t *)W("id"), 2 },
		.total = 2 };
	uint32_t id = next(seed) % 4;

	switch (next(seed) % 14) {
	case 0: case 1: case 2: case 3:
		(void)chan_put_auth_start(net, id, &start, NULL, 0);
		break;
	case 4: case 5: case 6:
		if (next(seed) % 4 != 0)
			words[1] = NULL;
		(void)chan_put_auth_answers(net, id, &answers, NULL, 0);
		break;
	case 7: case 8:
		(void)chan_put_auth_abort(net, id, NULL, NULL, 0);
		break;
	case 9:
		(void)chan_put_auth_other(net, id, &other, NULL, 0);
		break;
	case 10:
		(void)chan_put_log(net, id, &line, NULL, 0);
		break;
	case 11:
		(void)chan_put_pong(net, id, NULL, NULL, 0);
		break;
	case 12:
		(void)chan_put_chan_open(net, id, NULL, NULL, 0);
		break;
	default:
		(void)chan_put_chan_exec(net, id, &exec, NULL, 0);
	}
}

/* A beginning, and mostly what the monitor waits for then. */
static void
send_dialogue(struct chan *net, uint32_t *seed)
{
	static const char *const users[] = { "alice", "root", "nobody-here" };
	char *words[] = { W("x"), NULL };
	struct msg_auth_start start = { .user = W(users[next(seed) % 3]) };
	struct msg_auth_answers answers = { .answers = words };

	(void)chan_put_auth_start(net, 0, &start, NULL, 0);
	if (next(seed) % 4 != 0)
		(void)chan_put_auth_answers(net, 0, &answers, NULL, 0);
	else if (next(seed) % 4 != 0)
		(void)chan_put_auth_abort(net, 0, NULL, NULL, 0);
	else
		send_valid(net, seed);
}

/* Only what belongs to a failed login may come out of it. */
static void
check(struct bed *b)
{
	struct msg msg;

	while (chan_recv(b->d, &msg) == 0) {
		assert_int_equal(msg.type, MSG_AUTH_FAILED);
		msg_done(&msg);
	}
	while (chan_recv(b->ledger, &msg) == 0) {
		assert_int_equal(msg.type, MSG_LOGIN_FAILED);
		msg_done(&msg);
	}
	while (chan_recv(b->net, &msg) == 0)
		msg_done(&msg);
	assert_null(b->m->user);
	assert_int_equal(b->m->state, MON_AUTH);
}

static void
a_hijacked_net_logs_nobody_in(void **state)
{
	struct bed *b;
	uint32_t round, seed, i;
	int turns, tries = 0;

	for (round = 1; round <= ROUNDS; round++) {
		seed = round * 2654435761U | 1;
		assert_int_equal(bed_setup(state), 0);
		b = *state;
		b->m->state = MON_AUTH;
		str_wipe(b->m->user);
		b->m->user = NULL;
		str_wipe(b->m->slice.pam_dir);
		str_wipe(b->m->slice.pam_service);
		b->m->slice.pam_dir = bed_dup(pam_dir);
		b->m->slice.pam_service = bed_dup("asks");
		b->m->slice.fail_delay_ms = 0;
		b->m->slice.max_tries = 3;
		b->m->slice.max_key_offers = 5;
		for (i = 0; i < MESSAGES; i++)
			if (round % 4 == 0 && next(&seed) % 8 == 0)
				send_anything(chan_fd(b->net), &seed);
			else if (round % 2 == 0)
				send_dialogue(b->net, &seed);
			else
				send_valid(b->net, &seed);
		(void)shutdown(chan_fd(b->net), SHUT_WR);
		for (turns = 0; turns < 200 && !b->m->is_over; turns++) {
			loop_turn(b->m, 0);
			check(b);
		}
		assert_true(b->m->is_over);
		assert_in_range(b->m->tries, 0, 3);
		tries += (int)b->m->tries;
		assert_int_equal(bed_teardown(state), 0);
	}
	assert_true(tries > ROUNDS / 4);	/* PAM was asked often */
}

static void
a_hijacked_net_behind_a_login_starts_nothing_by_itself(void **state)
{
	struct bed *b;
	uint32_t round, seed, i;
	struct msg msg;

	for (round = 1; round <= ROUNDS; round++) {
		seed = round * 2246822519U | 1;
		assert_int_equal(bed_setup(state), 0);
		b = *state;
		for (i = 0; i < MESSAGES && !b->m->is_over; i++) {
			if (next(&seed) % 16 == 0)
				send_anything(chan_fd(b->net), &seed);
			else
				send_valid(b->net, &seed);
			loop_turn(b->m, 0);
			/* a ledger that never answers: no kit, no word */
			while (chan_recv(b->d, &msg) == 0) {
				fail_msg("sekishod was asked for %s",
				    msg_name((unsigned int)msg.type));
				msg_done(&msg);
			}
		}
		assert_int_equal(bed_teardown(state), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hijacked_net_logs_nobody_in),
		cmocka_unit_test(
		    a_hijacked_net_behind_a_login_starts_nothing_by_itself),
	};

	return cmocka_run_group_tests(tests, make_services, remove_services);
}
