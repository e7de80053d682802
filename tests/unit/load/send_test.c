/* send_test.c - what sekishod gets: settings, every slice, a sealed snapshot, and a digest that tells equal from different. */
#include "tests/unit/test.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/strv.h"
#include "load/policy.h"
#include "tests/unit/load/bed.h"
#include "wire/chan.h"

struct got {
	struct msg_settings	 settings;
	struct blob		 slices[ROLE_KINDS];
	struct snapshot		*snap;
	size_t			 messages;
};

/* Everything until the channel ends. */
static void
collect(struct chan *here, struct got *g)
{
	struct msg_slice_for s;
	struct msg m;
	int r;

	memset(g, 0, sizeof(*g));
	while ((r = chan_wait(here, &m, 1000)) == 0) {
		g->messages++;
		if (m.type == MSG_SETTINGS)
			assert_int_equal(msg_settings_get(m.body,
			    &g->settings), 0);
		else if (m.type == MSG_SLICE_FOR) {
			memset(&s, 0, sizeof(s));
			assert_int_equal(msg_slice_for_get(m.body, &s), 0);
			assert_true(s.kind >= ROLE_MONITOR &&
			    s.kind < ROLE_KINDS);
			assert_null(g->slices[s.kind].p);
			g->slices[s.kind] = s.body;
		} else {
			assert_int_equal(m.type, MSG_LOADED);
			assert_int_equal(m.nfds, 1);
			assert_int_equal(snapshot_read(m.fds[0], 5, &g->snap),
			    0);
		}
		msg_done(&m);
	}
	assert_int_equal(r, ERR_CLOSED);
}

static void
got_free(struct got *g)
{
	size_t i;

	msg_settings_free(&g->settings);
	for (i = 0; i < ROLE_KINDS; i++)
		mem_wipe(g->slices[i].p, g->slices[i].n);
	snapshot_free(g->snap);
}

/* Loads, makes the directories, sends, receives. */
static void
run(struct got *g)
{
	struct policy p;
	struct chan *here;
	int fds[2];

	assert_int_equal(chan_pair(fds), 0);
	assert_non_null(here = chan_new(fds[0], PEER_D, PEER_L));
	assert_int_equal(policy_load(BED_CONF, &p), 0);
	assert_int_equal(policy_make_places(&p), 0);
	assert_int_equal(policy_send(&p, fds[1]), 0);
	collect(here, g);
	policy_free(&p);
	chan_free(here);
}

#define SLICE(name, KIND)						\
	do {								\
		struct buf *b_ = buf_new(PLAN_MAX);			\
									\
		assert_int_equal(buf_put(b_, g.slices[KIND].p,		\
		    g.slices[KIND].n), 0);				\
		assert_int_equal(msg_slice_##name##_get(b_, &name), 0);	\
		buf_free(b_);						\
	} while (0)

static void
everything_arrives_once_and_as_written(void **state)
{
	struct msg_slice_monitor monitor = { 0 };
	struct msg_slice_net net = { 0 };
	struct msg_slice_ledgerd ledgerd = { 0 };
	struct msg_slice_record record = { 0 };
	struct msg_slice_exec exec = { 0 };
	struct msg_slice_word word = { 0 };
	struct msg_slice_keyd keyd = { 0 };
	struct msg_slice_recover recover = { 0 };
	struct sockaddr_in in;
	struct got g;

	(void)state;
	if (geteuid() != 0)
		skip();
	run(&g);
	assert_int_equal(g.messages, 10);
	assert_int_equal(g.settings.listen.n, 128);
	memcpy(&in, g.settings.listen.p, sizeof(in));
	assert_int_equal(ntohs(in.sin_port), 2222);
	assert_int_equal(g.settings.login_grace_s, 60);
	assert_int_equal(g.settings.max_unauth_per_source, 20);
	assert_int_equal(g.settings.digest.n, DIGEST_LEN);
	SLICE(monitor, ROLE_MONITOR);
	SLICE(net, ROLE_NET);
	SLICE(ledgerd, ROLE_LEDGERD);
	SLICE(record, ROLE_RECORD);
	SLICE(exec, ROLE_EXEC);
	SLICE(word, ROLE_WORD);
	SLICE(keyd, ROLE_KEYD);
	SLICE(recover, ROLE_RECOVER);
	assert_string_equal(g.settings.door, "/run/sekisho/ledger.sock");
	assert_string_equal(monitor.pam_service, "sekisho");
	assert_int_equal(monitor.fail_delay_ms, 2000);
	assert_int_equal(monitor.record_gid, 902);
	assert_true(strv_has(monitor.hide, "/etc/sekisho") &&
	    strv_has(monitor.hide, "/var/lib/sekisho") &&
	    strv_has(monitor.hide, "/run/sekisho"));
	assert_string_equal(net.version, "OpenSSH_compatible_Sekisho");
	assert_int_equal(net.uid, 900);
	assert_int_equal(record.uid, 901);
	assert_int_equal(record.sync_ms, 1000);
	assert_int_equal(exec.input_max, 16 << 20);
	assert_int_equal(ledgerd.uid, 902);
	assert_string_equal(ledgerd.recordings, "/var/lib/sekisho/recordings");
	assert_int_equal(strv_len(ledgerd.command_dirs), 6);
	assert_int_equal(word.uid, 903);
	assert_string_equal(word.empty_dir, "/run/sekisho/empty");
	assert_int_equal(record.seal_grace_s, 30);
	assert_string_equal(ledgerd.heads, "/var/lib/sekisho/heads");
	assert_int_equal(ledgerd.syslog, 1);
	assert_int_equal(ledgerd.disk_warn, 75 << 20);
	assert_int_equal(ledgerd.disk_refuse, 50 << 20);
	assert_int_equal(ledgerd.disk_end, 25 << 20);
	assert_int_equal(ledgerd.disk_reserve, 4 << 20);
	assert_int_equal(keyd.uid, 904);
	assert_string_equal(keyd.dir, "/var/lib/sekisho/keys");
	assert_string_equal(keyd.gate, "gate");
	assert_int_equal(keyd.epoch_s, 3600);
	assert_int_equal(recover.uid, 901);
	assert_int_equal(recover.gid, 901);
	assert_string_equal(recover.recordings, "/var/lib/sekisho/recordings");
	assert_int_equal(g.snap->serial, 5);
	assert_int_equal(g.snap->nprofiles, 2);
	assert_int_equal(g.snap->head.window_s, 8 * 3600);
	msg_slice_keyd_free(&keyd);
	msg_slice_recover_free(&recover);
	msg_slice_monitor_free(&monitor);
	msg_slice_net_free(&net);
	msg_slice_ledgerd_free(&ledgerd);
	msg_slice_record_free(&record);
	msg_slice_exec_free(&exec);
	msg_slice_word_free(&word);
	got_free(&g);
}

static void
the_digest_tells_equal_from_different(void **state)
{
	static const struct {
		const char	*file, *text;
	} changes[] = {
		{ "/etc/sekisho/sekisho.conf", "reload = \"31s\";" },
		{ "/etc/sekisho/sekisho.conf", "input_max = \"1M\";" },
		{ "/etc/sekisho/roles.conf", "operators = [ \"alice\" ]; "
		    "approvers = [ \"bob\", \"carol\" ];" },
	};
	struct got first, g;
	size_t i;

	(void)state;
	if (geteuid() != 0)
		skip();
	run(&first);
	run(&g);
	assert_memory_equal(first.settings.digest.p, g.settings.digest.p,
	    DIGEST_LEN);
	got_free(&g);
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		assert_int_equal(bed_write(changes[i].file, changes[i].text),
		    0);
		run(&g);
		assert_memory_not_equal(first.settings.digest.p,
		    g.settings.digest.p, DIGEST_LEN);
		got_free(&g);
		assert_int_equal(bed_policy(), 0);
	}
	got_free(&first);
}

static void
a_locked_account_is_seen_at_the_next_run(void **state)
{
	struct got g;

	(void)state;
	if (geteuid() != 0)
		skip();
	run(&g);
	assert_int_equal(snapshot_person(g.snap, "alice")->active, 1);
	got_free(&g);
	assert_int_equal(bed_write("/etc/shadow",
	    "alice:!$6$x:20000:0:99999:7:::\n"), 0);
	run(&g);
	assert_int_equal(snapshot_person(g.snap, "alice")->active, 0);
	got_free(&g);
	assert_int_equal(bed_write("/etc/shadow", bed_shadow), 0);
}

static void
directories_are_made_for_their_owners_and_bad_ones_refused(void **state)
{
	struct policy p;
	struct stat st;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(policy_load(BED_CONF, &p), 0);
	assert_int_equal(policy_make_places(&p), 0);
	assert_int_equal(stat("/var/lib/sekisho/ledger", &st), 0);
	assert_int_equal(st.st_uid, 902);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat("/var/lib/sekisho/recordings", &st), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(st.st_gid, 902);
	assert_int_equal(st.st_mode & 07777, 0750);
	assert_int_equal(stat("/var/lib/sekisho/heads", &st), 0);
	assert_int_equal(st.st_uid, 902);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat("/var/lib/sekisho/keys", &st), 0);
	assert_int_equal(st.st_uid, 904);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(chmod("/var/lib/sekisho/keys", 0750), 0);
	assert_int_equal(policy_make_places(&p), ERR_FORMAT);
	assert_string_equal(p.error.text, "/var/lib/sekisho/keys: expected a "
	    "directory that its owner alone can read, found mode 0750");
	assert_int_equal(chmod("/var/lib/sekisho/keys", 0700), 0);
	assert_int_equal(chmod("/run/sekisho/empty", 0777), 0);
	assert_int_equal(policy_make_places(&p), ERR_FORMAT);
	assert_string_equal(p.error.text, "/run/sekisho/empty: expected uid 0 "
	    "as owner and nobody else who can write, found uid 0, mode 0777");
	assert_int_equal(chmod("/run/sekisho/empty", 0755), 0);
	assert_int_equal(chown("/var/lib/sekisho", 902, 0), 0);
	assert_int_equal(policy_make_places(&p), ERR_FORMAT);
	assert_int_equal(chown("/var/lib/sekisho", 0, 0), 0);
	assert_int_equal(policy_make_places(&p), 0);
	policy_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_arrives_once_and_as_written),
		cmocka_unit_test(the_digest_tells_equal_from_different),
		cmocka_unit_test(a_locked_account_is_seen_at_the_next_run),
		cmocka_unit_test(
		    directories_are_made_for_their_owners_and_bad_ones_refused),
	};

	return cmocka_run_group_tests(tests, bed_enter, NULL);
}
