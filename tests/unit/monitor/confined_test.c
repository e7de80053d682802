/*
 * confined_test.c - the whole monitor with its confinement in force: PAM must
 * still work, accounts must be writable, recordings too, and nothing else.
 */
#include "tests/unit/monitor/dialogue.h"

#include <signal.h>
#include <sys/wait.h>

#include "confine/role.h"
#include "monitor/monitor.h"
#include "tests/unit/login/accounts.h"

static pid_t child;
static char **saved_argv;

static void
monitor_process(int d, int n, int g)
{
	int fds[3] = { d, n, g }, i;

	for (i = 0; i < 3; i++)		/* out of the way first */
		fds[i] = fcntl(fds[i], F_DUPFD, 20);
	for (i = 0; i < 3; i++)
		dup2(fds[i], 3 + i);
	fd_close_from(6);
	role_begin("sekisho-monitor", 1, saved_argv);
	_exit(monitor_main());
}

static void
send_slice(void)
{
	char *hide[] = { accounts_dir, NULL }, path[128];
	struct msg_slice_monitor s = { .pam_service = W("sekisho"),
		.pam_dir = W(accounts_pam_dir()), .fail_delay_ms = 50,
		.max_tries = 3, .max_key_offers = 20, .max_channels = 64,
		.seal_grace_s = 30, .stall_s = 30, .kill_grace_s = 10,
		.recordings = path, .hide = hide, .zone = W("UTC"),
		.lang = W("C.UTF-8"), .gate = W("gate") };
	struct buf *body = buf_new(PLAN_MAX);
	struct msg_slice slice;

	snprintf(path, sizeof(path), "%s/recordings", accounts_dir);
	assert_int_equal(msg_slice_monitor_put(body, &s), 0);
	slice.body.p = (uint8_t *)(uintptr_t)buf_data(body);
	slice.body.n = buf_len(body);
	assert_int_equal(chan_put_slice(b->d, 0, &slice, NULL, 0), 0);
	buf_free(body);
}

static int
setup(void **state)
{
	struct msg_conn conn = { .source = W("[2001:db8::7]:50022") };
	int d[2], n[2], g[2], s[2];
	struct msg msg;

	(void)state;
	b = calloc(1, sizeof(*b));
	assert_int_equal(chan_pair(d) | chan_pair(n) | chan_pair(g), 0);
	if ((child = fork()) == 0) {
		close(d[1]);
		close(n[1]);
		close(g[1]);
		monitor_process(d[0], n[0], g[0]);
	}
	close(d[0]);
	close(n[0]);
	close(g[0]);
	b->d = chan_new(d[1], PEER_D, PEER_M);
	b->net = chan_new(n[1], PEER_N, PEER_M);
	b->ledger = chan_new(g[1], PEER_G, PEER_M);
	b->roles = PERSON_OPERATOR;
	b->active = 1;
	b->input = "none";
	b->on_disconnect = "kill";
	b->operator = "alice";
	b->target = "local";
	b->request = 12;
	send_slice();
	get(b->d, MSG_READY, &msg);
	msg_done(&msg);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	assert_int_equal(chan_put_conn(b->d, 0, &conn, &s[0], 1), 0);
	assert_int_equal(chan_put_ready(b->net, 0, NULL, NULL, 0), 0);
	get(b->net, MSG_CONN, &msg);
	assert_int_equal(msg.nfds, 1);
	msg_done(&msg);
	close(s[0]);
	close(s[1]);
	bed_snapshot_send(b);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	bed_drop_kit(b);
	chan_free(b->net);
	chan_free(b->ledger);
	chan_free(b->d);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	free(b);
	accounts_reset();
	return 0;
}

static void
log_in(void)
{
	struct msg msg;

	get(b->ledger, MSG_LOGIN, &msg);
	bed_ack(b, msg.id);
	msg_done(&msg);
	get(b->d, MSG_AUTHED, &msg);
	msg_done(&msg);
	assert_int_equal(result(), AUTH_OK);
}

static void
pam_and_recordings_work_under_confinement(void **state)
{
	struct msg msg;
	char title[64] = "", path[64];
	int fd;

	(void)state;
	assert_int_equal(accounts_sh("chage -d 0 alice"), 0);
	start("alice");
	prompted("Password: ", 1);
	answer(OLD);
	prompted("Current password: ", 1);
	answer(OLD);
	prompted("New password: ", 1);
	answer(NEW);
	prompted("Retype new password: ", 1);
	answer(NEW);
	log_in();
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)child);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, title, sizeof(title) - 1) > 0);
	close(fd);
	assert_string_equal(title, "sekisho-monitor: alice [priv]");
	bed_open(b, 0, 0);
	bed_exec(b, 0, "sed 's/a b/c d/'");
	get(b->ledger, MSG_LOOKUP, &msg);
	b->call = msg.id;
	msg_done(&msg);
	bed_order(b, bed_sed);
	get(b->d, MSG_NEED_KIT, &msg);
	bed_processes(b, msg.id, 0);
	msg_done(&msg);
	get(b->record, MSG_REC_OPEN, &msg);
	assert_int_equal(msg.nfds, 2);
	msg_done(&msg);
	get(b->exec, MSG_PREPARE, &msg);
	msg_done(&msg);
}

static void
a_wrong_password_is_refused_under_confinement(void **state)
{
	(void)state;
	start("alice");
	prompted("Password: ", 1);
	answer("wrong");
	assert_int_equal(result(), AUTH_FAIL);
	start("no-such");
	prompted("Password: ", 1);
	answer("wrong");
	assert_int_equal(result(), AUTH_FAIL);
}

static void
its_rights_are_few_and_cannot_grow(void **state)
{
	char script[512];

	(void)state;
	snprintf(script, sizeof(script),
	    "cd /proc/%d; grep -q '^NoNewPrivs:.1' status\n"
	    "grep -q '^Seccomp:.2' status\n"
	    "test $(sed -n 's/^CapBnd:.//p' status) = 000000002000000b\n"
	    "test $(sed -n 's/^CapEff:.//p' status) = 000000002000000b\n"
	    "test $(ls fd | wc -l) -le 8", (int)child);
	assert_int_equal(accounts_sh(script), 0);
}

static int
group_setup(void **state)
{
	log_init("test", LOG_ERROR);
	if (accounts_setup(state) != 0)
		return 1;
	assert_int_equal(mkdir("recordings", 0750), 0);
	accounts_service("sekisho", "auth required pam_unix.so\n"
	    "account required pam_unix.so\n"
	    "password required pam_unix.so obscure minlen=8 yescrypt\n"
	    "session required pam_unix.so\n");
	return 0;
}

#define T(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(pam_and_recordings_work_under_confinement),
		T(a_wrong_password_is_refused_under_confinement),
		T(its_rights_are_few_and_cannot_grow),
	};

	(void)argc;
	saved_argv = argv;
	return cmocka_run_group_tests(tests, group_setup, accounts_teardown);
}
