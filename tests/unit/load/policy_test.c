/* policy_test.c - a whole policy from files and accounts: what comes out, and the one line when something is wrong. */
#include "tests/unit/test.h"

#include "base/err.h"
#include "base/strv.h"
#include "crypt/sha256.h"
#include "load/policy.h"
#include "tests/unit/load/bed.h"

#define DIR	"/etc/sekisho/"

static struct policy p;

static int
load(void)
{
	return policy_load(BED_CONF, &p);
}

/* The message with one file replaced; the policy is stock again afterwards. */
static const char *
says(const char *file, const char *text)
{
	static char message[CONF_ERROR_MAX];
	char path[256];

	snprintf(path, sizeof(path), DIR "%s", file);
	assert_int_equal(bed_write(path, text), 0);
	(void)load();
	snprintf(message, sizeof(message), "%s", p.error.text);
	policy_free(&p);
	assert_int_equal(bed_policy(), 0);
	return message;
}

/* One thing in every message of this bed. */
static const char *
after_dir(const char *message)
{
	return strncmp(message, DIR, strlen(DIR)) == 0 ?
	    message + strlen(DIR) : message;
}

#define SITE	"profiles.d/site.conf"
#define L30	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LONG	L30 L30 L30 "a"	/* with /run/: 96 letters */
#define HEAD	"profile = { name = \"site\"; inherit = \"base\"; };\n"

static const struct {
	const char	*file, *text, *says;
} rows[] = {
	{ "roles.conf", "operators = [ \"@none\" ];",
	    "roles.conf:1: operators: expected a group that exists, found "
	    "\"@none\"" },
	{ "roles.conf", "\noperators = [ \"root\" ];",
	    "roles.conf:2: operators: expected people, found \"root\" with "
	    "uid 0" },
	{ "roles.conf", "auditors = [ \"toor\" ];",
	    "roles.conf:1: auditors: expected people, found \"toor\" with uid "
	    "0" },
	{ "roles.conf", "operators = [ \"_sekisho-net\" ];",
	    "roles.conf:1: operators: expected people, found "
	    "\"_sekisho-net\", an account of the gate" },
	{ "roles.conf", "operators = [ \"alice\" ]; approvers = [ \"twin\" ];",
	    "roles.conf:1: approvers: expected one account for each person, "
	    "found \"alice\" and \"twin\" with uid 1001" },
	{ "roles.conf", "operators = [ \"alice\" ]; approvers = [ \"alice\" "
	    "];", "approval.conf:5: profile \"inspect\": expected 1 approvers "
	    "besides the operator, found fewer for every operator" },
	{ "roles.conf", "operators = [ \"alice\" ];",
	    "approval.conf:5: profile \"inspect\": expected 1 approvers "
	    "besides the operator, found fewer for every operator" },
	{ "roles.conf", "", "" },
	{ "roles.conf", "operators = [ \"@ops\" ]; approvers = [ \"@ops\" ];",
	    "" },
	{ "approval.conf", "rules = ( { profile = \"nosuch\"; } );",
	    "approval.conf:1: profile: expected a profile of profiles.d, "
	    "found \"nosuch\"" },
	{ "approval.conf", "rules = ( { profile = \"base\"; } );",
	    "approval.conf:1: profile: expected a profile of profiles.d, "
	    "found \"base\", which is abstract" },
	{ "approval.conf", "rules = ( { profile = \"files\";\n"
	    "run_as = [ \"nosuch\" ]; } );", "approval.conf:2: run_as: "
	    "expected an account that exists, found \"nosuch\"" },
	{ "approval.conf", "rules = ( { profile = \"files\";\n"
	    "run_as = [ \"_sekisho-led\" ]; } );", "approval.conf:2: run_as: "
	    "expected no account of the gate, found \"_sekisho-led\"" },
	{ "approval.conf", "rules = ( { profile = \"files\";\n"
	    "run_as = [ \"twin\" ]; } );", "approval.conf:2: run_as: expected "
	    "an account without a role, found \"twin\", which is \"alice\" of "
	    "roles.conf" },
	{ "approval.conf", "rules = ( { profile = \"files\"; need = 2; } );",
	    "approval.conf:1: profile \"files\": expected 2 approvers besides "
	    "the operator, found fewer for every operator" },
	{ "approval.conf", "rules = ( { profile = \"files\";\n operators = [ "
	    "\"bob\" ]; } );", "approval.conf:2: operators: expected people "
	    "with that role in roles.conf, found \"bob\"" },
	{ "approval.conf", "rules = ( { profile = \"files\"; operators = [ "
	    "\"@ops\" ]; } );", "" },
	{ "sekisho.conf", "listen = [ \"localhost:22\" ];",
	    "sekisho.conf:1: listen: expected ADDRESS:PORT in numbers, found "
	    "\"localhost:22\"" },
	{ "sekisho.conf", "host_keys = [ \"/etc/sekisho/none\" ];",
	    "sekisho.conf:1: host_keys: expected a key that can be read, "
	    "found /etc/sekisho/none: No such file or directory; make one: "
	    "ssh-keygen -t ed25519 -N '' -f /etc/sekisho/none" },
	{ "sekisho.conf", "host_keys = [ \"/etc/passwd\" ];",
	    "sekisho.conf:1: host_keys: expected a file that only root can "
	    "read, found /etc/passwd with mode 0644" },
	{ "sekisho.conf", "run_dir = \"/run/" LONG "\";", "sekisho.conf:1: "
	    "run_dir: expected at most 95 letters, or local_door = false, "
	    "found \"/run/" LONG "\"" },
	{ "sekisho.conf", "run_dir = \"/run/" LONG "\"; local_door = false;",
	    "" },
	{ SITE, "profile = { name = \"web\"; };", SITE ":1: profile.name: "
	    "expected \"site\" as the file is called, found \"web\"" },
	{ SITE, "profile = { name = \"site\"; inherit = \"none\"; };",
	    SITE ":1: profile.inherit: expected a profile beside this one, "
	    "found \"none\"" },
	{ SITE, HEAD "syscalls = { allow = [ \"@nogroup\" ]; };", SITE
	    ":2: syscalls.allow: expected a group of system calls, found "
	    "\"@nogroup\"" },
	{ SITE, HEAD "syscalls = { allow = [ \"io_uring_setup\" ]; };", SITE
	    ":2: syscalls.allow: expected a call that a profile may allow, "
	    "found \"io_uring_setup\"" },
	{ SITE, HEAD "syscalls = { deny = [ \"raed\" ]; };", SITE
	    ":2: syscalls.deny: expected a system call of this version, found "
	    "\"raed\"" },
	{ SITE, HEAD "files = { write = [ \"/nonexistent\" ]; };", SITE
	    ":2: files.write: expected paths that exist (or \"?\" before one "
	    "that need not), found \"/nonexistent\"" },
	{ SITE, HEAD "files = { write = [ \"?/nonexistent\" ]; };", "" },
	{ SITE, HEAD "files = { write = [ \"/var/run\" ]; };", SITE
	    ":2: files.write: expected paths without symbolic links, found "
	    "\"/var/run\"" },
	{ SITE, HEAD "files = { write = [ \"/\" ]; };", SITE
	    ":2: files.write: expected directories below /, found \"/\"" },
	{ SITE, HEAD "files = { write_exec = [ \"/proc/sys\" ]; };", SITE
	    ":2: files.write_exec: expected no path of the kernel, found "
	    "\"/proc/sys\"" },
	{ SITE, HEAD "process = { capabilities = [ \"sys_admin\" ]; };", SITE
	    ":2: process.capabilities: expected none that undoes the sandbox, "
	    "found \"sys_admin\"" },
	{ SITE, HEAD "process = { capabilities = [ \"cap_chown\" ]; };", SITE
	    ":2: process.capabilities: expected capabilities without "
	    "\"cap_\", found \"cap_chown\"" },
	{ SITE, HEAD "network = { connect = [ 80 ]; };", SITE
	    ":1: network.families: expected inet or inet6 for ports to mean "
	    "something, found \"neither\"" },
	{ SITE, HEAD "network = { families = [ \"inet\" ]; connect = [ 80 ]; "
	    "};", SITE ":1: profile.require.landlock: expected 4 or more for "
	    "port rules, found \"less\"" },
	{ SITE, HEAD "network = { families = [ \"packet\" ]; };", SITE
	    ":2: network.families: expected unix, inet, inet6 or netlink, "
	    "found \"packet\"" },
	{ SITE, HEAD "environment = { set = { LD_PRELOAD = \"/x\"; }; };", SITE
	    ":2: environment.set: expected no variable that the gate sets or "
	    "refuses, found \"LD_PRELOAD\"" },
	{ SITE, HEAD "environment = { keep = [ \"L*\" ]; };", SITE
	    ":2: environment.keep: expected no variable that the gate sets or "
	    "refuses, found \"L*\"" },
	{ SITE, HEAD "exec = { log = true; };", SITE ":2: exec.log: expected "
	    "false (a tracer is not part of this version), found \"true\"" },
};

static void
what_is_wrong_is_one_exact_line(void **state)
{
	size_t i;

	(void)state;
	if (geteuid() != 0)
		skip();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(after_dir(says(rows[i].file, rows[i].text)),
		    rows[i].says);
}

static void
a_missing_account_of_the_gate_says_how_to_make_it(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(bed_write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n"
	    "alice:x:1001:1001::/:/bin/sh\nbob:x:1002:1002::/:/bin/sh\n"), 0);
	assert_int_equal(load(), ERR_FORMAT);
	assert_string_equal(p.error.text, BED_CONF ": expected the account "
	    "_sekisho-net, found none; make it: useradd --system "
	    "--no-create-home -d /nonexistent -s /usr/sbin/nologin "
	    "_sekisho-net");
	policy_free(&p);
	assert_int_equal(bed_write("/etc/passwd", bed_passwd), 0);
}

static void
files_that_others_can_write_are_not_read(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(DIR "profiles.d/base.conf", 0664), 0);
	assert_int_equal(load(), ERR_FORMAT);
	assert_string_equal(p.error.text, DIR "profiles.d/base.conf: expected "
	    "to be writable by root only, found mode 0664");
	policy_free(&p);
	assert_int_equal(chmod(DIR "profiles.d/base.conf", 0644), 0);
	assert_int_equal(chmod(DIR "profiles.d", 0777), 0);
	assert_int_equal(load(), ERR_FORMAT);
	policy_free(&p);
	assert_int_equal(chmod(DIR "profiles.d", 0755), 0);
	assert_int_equal(unlink(DIR "approval.conf"), 0);
	assert_int_equal(load(), ERR_FORMAT);
	assert_string_equal(p.error.text, DIR "approval.conf: expected a file "
	    "that can be read, found: No such file or directory");
	policy_free(&p);
	assert_int_equal(bed_policy(), 0);
}

static void
people_carry_their_roles_and_whether_they_can_act(void **state)
{
	const struct msg_snap_person *who;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(bed_write(DIR "roles.conf", "operators = [ \"@ops\", "
	    "\"gone\" ]; approvers = [ \"bob\", \"locked\", \"expired\" ];"),
	    0);
	assert_int_equal(load(), 0);
	assert_int_equal(p.snap.npeople, 6);
	assert_string_equal(p.snap.people[0].name, "alice");
	assert_string_equal(p.snap.people[5].name, "locked");
	who = snapshot_person(&p.snap, "bob");
	assert_int_equal(who->roles, PERSON_OPERATOR | PERSON_APPROVER);
	assert_int_equal(who->active, 1);
	who = snapshot_person(&p.snap, "locked");
	assert_int_equal(who->active, 0);
	assert_string_equal(who->why, "the account is locked");
	who = snapshot_person(&p.snap, "expired");
	assert_string_equal(who->why, "the account has expired");
	who = snapshot_person(&p.snap, "gone");
	assert_int_equal(who->active, 0);
	assert_string_equal(who->why, "there is no such account");
	/* Each operator but bob has one active approver, bob. */
	assert_true(strv_has(p.warnings, DIR "approval.conf:5: profile "
	    "\"inspect\": fewer than 1 people can approve what \"bob\" asks "
	    "for"));
	policy_free(&p);
	assert_int_equal(bed_policy(), 0);
}

static void
the_stock_policy_gives_its_rules_profiles_and_accounts(void **state)
{
	const struct msg_snap_rule *rule;
	const struct msg_snap_profile *f;
	uint8_t digest[SHA256_LEN];

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(load(), 0);
	assert_int_equal(p.snap.nprofiles, 2);
	assert_int_equal(p.snap.nrules, 2);
	assert_int_equal(p.snap.nrunas, 1);
	assert_string_equal(p.snap.runas[0].name, "root");
	rule = snapshot_rule(&p.snap, "files");
	assert_string_equal(rule->operators[0], "alice");
	assert_string_equal(rule->approvers[0], "bob");
	assert_null(snapshot_profile(&p.snap, "base"));
	f = snapshot_profile(&p.snap, "inspect");
	assert_int_equal(sha256_mem(f->json.p, f->json.n, digest), 0);
	assert_memory_equal(digest, f->digest.p, SHA256_LEN);
	assert_true(strv_has(p.hide, "/etc/sekisho"));
	assert_null(p.warnings);
	policy_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_one_exact_line),
		cmocka_unit_test(
		    a_missing_account_of_the_gate_says_how_to_make_it),
		cmocka_unit_test(files_that_others_can_write_are_not_read),
		cmocka_unit_test(
		    people_carry_their_roles_and_whether_they_can_act),
		cmocka_unit_test(
		    the_stock_policy_gives_its_rules_profiles_and_accounts),
	};

	return cmocka_run_group_tests(tests, bed_enter, NULL);
}
