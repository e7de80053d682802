/* keys_test.c - files of keys.d: what is taken, FILE:LINE of what is not, and the directory itself. */
#include "tests/unit/test.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "load/keys.h"
#include "load/policy.h"
#include "tests/unit/keys.h"
#include "tests/unit/load/bed.h"

#define KEYS_D		"/etc/sekisho/keys.d"
#define ED		KEY_ED25519_TYPE " " KEY_ED25519
#define EC		KEY_ECDSA256_TYPE " " KEY_ECDSA256
#define RSA		KEY_RSA3072_TYPE " " KEY_RSA3072
#define TYPES		"TYPE being ssh-ed25519, ecdsa-sha2-nistp256, " \
			"-nistp384, -nistp521 or ssh-rsa, found "
#define NO_KEY		"k:1: expected a key in base64 of at most 4096 bytes " \
			"behind \"ssh-ed25519\""

static struct conf_error error;
static struct snapshot snap;

/* How many keys are in "text"; -1: wrong, error says what. */
static int
parse(const char *text, size_t n)
{
	int r;

	memset(&error, 0, sizeof(error));
	snapshot_wipe(&snap);
	r = keys_parse(&snap, "alice", "k", text, n, &error);
	assert_true(r == 0 || r == ERR_FORMAT);
	return r == 0 ? (int)snap.nkeys : -1;
}

static void
keys_comments_and_empty_lines_are_taken(void **state)
{
	static const char text[] = "# of alice\n\n" ED " alice@laptop, old\n"
	    "\t " EC "\t\n   \n #" RSA "\n" RSA " x y z";

	(void)state;
	assert_int_equal(parse(text, strlen(text)), 3);
	assert_string_equal(snap.keys[0].person, "alice");
	assert_string_equal(snap.keys[0].algorithm, "ssh-ed25519");
	assert_int_equal(snap.keys[0].blob.n, 51);
	assert_string_equal(snap.keys[1].algorithm, "ecdsa-sha2-nistp256");
	assert_string_equal(snap.keys[2].algorithm, "ssh-rsa");
	assert_int_equal(parse("", 0), 0);
	assert_int_equal(parse("#", 1), 0);
	snapshot_wipe(&snap);
}

static const struct {
	const char *text, *says;
} wrong[] = {
	{ "command=\"id\" " ED, "k:1: expected TYPE KEY [COMMENT] without "
	    "options, " TYPES "\"command=\"id\"\"" },
	{ "\n\nno-pty " ED, "k:3: expected TYPE KEY [COMMENT] without "
	    "options, " TYPES "\"no-pty\"" },
	{ "cert-authority " ED, "k:1: expected TYPE KEY [COMMENT] without "
	    "options, " TYPES "\"cert-authority\"" },
	{ "ssh-ed25519-cert-v01@openssh.com AAAA", "k:1: expected a plain "
	    "key, found the certificate type "
	    "\"ssh-ed25519-cert-v01@openssh.com\"" },
	{ "sk-ssh-ed25519@openssh.com AAAA", "k:1: expected a plain key, "
	    "found \"sk-ssh-ed25519@openssh.com\": the SSH library does not "
	    "say whether a security key was touched" },
	{ "ssh-dss AAAA", "k:1: expected TYPE KEY [COMMENT] without options, "
	    TYPES "\"ssh-dss\"" },
	{ KEY_RSA2048_TYPE " " KEY_RSA2048, "k:1: expected RSA with at least "
	    "3072 bits, found \"ssh-rsa\"" },
	{ "ssh-ed25519 " KEY_ECDSA256, "k:1: expected a key of the type "
	    "before it, found \"ssh-ed25519\"" },
	{ "ssh-ed25519", "k:1: expected TYPE KEY [COMMENT], found one word" },
	{ "ssh-ed25519   ", "k:1: expected TYPE KEY [COMMENT], found one "
	    "word" },
	{ "ssh-ed25519 AAA", NO_KEY },
	{ "ssh-ed25519 AAAA*AAA", NO_KEY },
	{ "ssh-ed25519 AAAA====", NO_KEY },
	{ ED "\r\n", "k:1: expected text, found a control character" },
	{ "# \x1b[2J\n", "k:1: expected text, found a control character" },
	{ "-----BEGIN OPENSSH PRIVATE KEY-----", "k:1: expected TYPE KEY "
	    "[COMMENT] without options, " TYPES "\"-----BEGIN\"" },
};

static void
everything_else_is_an_error_with_its_line(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(wrong[i].text, strlen(wrong[i].text)),
		    -1);
		if (strncmp(error.text, wrong[i].says,
		    strlen(wrong[i].says)) != 0)
			fail_msg("%zu: %s", i, error.text);
	}
	assert_int_equal(parse(ED "\0" ED, 2 * strlen(ED) + 1), -1);
	assert_string_equal(error.text, "k:1: expected text, found a control "
	    "character");
	snapshot_wipe(&snap);
}

static void
every_cut_of_a_good_line_is_an_error_or_nothing(void **state)
{
	static const char text[] = ED;
	size_t n;

	(void)state;
	for (n = 1; n < strlen(ED); n++)
		assert_int_equal(parse(text, n), -1);
	assert_int_equal(parse(text, n), 1);
	snapshot_wipe(&snap);
}

static void
lines_and_keys_have_their_most(void **state)
{
	struct buf *b = buf_new(1 << 20);
	int i;

	(void)state;
	for (i = 0; i < KEYS_MAX; i++)
		assert_int_equal(buf_put(b, ED "\n", strlen(ED) + 1), 0);
	assert_int_equal(parse((const char *)buf_data(b), buf_len(b)),
	    KEYS_MAX);
	assert_int_equal(buf_put(b, ED "\n", strlen(ED) + 1), 0);
	assert_int_equal(parse((const char *)buf_data(b), buf_len(b)), -1);
	assert_string_equal(error.text, "k:33: expected at most 32 keys of "
	    "one person");
	buf_reset(b);
	assert_int_equal(buf_put(b, "#", 1), 0);
	while (buf_len(b) < KEY_LINE_MAX)
		assert_int_equal(buf_put(b, "x", 1), 0);
	assert_int_equal(parse((const char *)buf_data(b), buf_len(b)), 0);
	assert_int_equal(buf_put(b, "x", 1), 0);
	assert_int_equal(parse((const char *)buf_data(b), buf_len(b)), -1);
	assert_string_equal(error.text, "k:1: expected a line of at most 8192 "
	    "bytes");
	buf_free(b);
	snapshot_wipe(&snap);
}

/* --- the directory, in a private /etc ------------------------------------- */

static struct policy p;

static int
load(const char *setting)
{
	static const char key[] = "public_key = \"", stock[] = "off";
	size_t n = 0;
	char *text = sample_read("policy/sekisho.conf", &n), *conf, *at;

	assert_non_null(at = strstr(text, key));
	at += strlen(key);
	assert_memory_equal(at, stock, strlen(stock));
	assert_true(asprintf(&conf, "%.*s%s%s", (int)(at - text), text,
	    setting, at + strlen(stock)) > 0);
	assert_int_equal(bed_write(BED_CONF, conf), 0);
	free(conf);
	free(text);
	return policy_load(BED_CONF, &p);
}

static int
keys_d(const char *person, const char *text)
{
	char path[128];

	if (mkdir(KEYS_D, 0755) < 0 && errno != EEXIST)
		return -1;
	snprintf(path, sizeof(path), KEYS_D "/%s", person);
	return bed_write(path, text);
}

static int
clean(void **state)
{
	(void)state;
	policy_free(&p);
	return system("rm -rf " KEYS_D) == 0 ? 0 : -1;
}

static int
warned(const char *text)
{
	size_t i;

	for (i = 0; i < strv_len(p.warnings); i++)
		if (strstr(p.warnings[i], text) != NULL)
			return 1;
	return 0;
}

static void
keys_of_people_are_in_the_snapshot_and_others_are_told(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(keys_d("bob", EC "\n" ED "\n"), 0);
	assert_int_equal(keys_d("alice", ED), 0);
	assert_int_equal(keys_d("mallory", "nonsense"), 0);
	assert_int_equal(keys_d(".bob.swp", "nonsense"), 0);
	assert_int_equal(load("required"), 0);
	assert_int_equal(p.snap.head.public_key, KEY_FACTOR_REQUIRED);
	assert_int_equal(p.snap.nkeys, 3);
	assert_string_equal(p.snap.keys[0].person, "alice");
	assert_string_equal(p.snap.keys[1].person, "bob");
	assert_string_equal(p.snap.keys[1].algorithm, "ecdsa-sha2-nistp256");
	assert_true(warned("\"carol\" cannot log in"));
	assert_true(warned("\"mallory\" is not read"));
	assert_true(warned("\"alice\" and \"bob\" have a key in common"));
	assert_false(warned(".swp"));
	assert_int_equal(snapshot_has_key(&p.snap, "bob",
	    &p.snap.keys[0].blob), 1);
	assert_int_equal(snapshot_has_key(&p.snap, "alice",
	    &p.snap.keys[1].blob), 0);
}

static void
a_fault_in_one_file_keeps_the_whole_policy_out(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(keys_d("alice", ED "\nx\n"), 0);
	assert_int_equal(load("required"), ERR_FORMAT);
	assert_memory_equal(p.error.text, KEYS_D "/alice:2: ", 29);
	policy_free(&p);
	assert_int_equal(keys_d("alice", ED), 0);
	assert_int_equal(chmod(KEYS_D "/alice", 0664), 0);
	assert_int_equal(load("required"), ERR_FORMAT);
	assert_non_null(strstr(p.error.text, "writable by root only"));
	policy_free(&p);
	assert_int_equal(chmod(KEYS_D "/alice", 0644), 0);
	assert_int_equal(chown(KEYS_D "/alice", 1001, 0), 0);
	assert_int_equal(load("required"), ERR_FORMAT);
	assert_non_null(strstr(p.error.text, "root as owner"));
	policy_free(&p);
	assert_int_equal(chown(KEYS_D "/alice", 0, 0), 0);
	assert_int_equal(chmod(KEYS_D, 0777), 0);
	assert_int_equal(load("required"), ERR_FORMAT);
}

static void
switched_off_nothing_of_it_is_read(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(keys_d("alice", "nonsense"), 0);
	assert_int_equal(load("off"), 0);
	assert_int_equal(p.snap.head.public_key, KEY_FACTOR_OFF);
	assert_int_equal(p.snap.nkeys, 0);
	assert_false(warned("keys.d"));
}

static void
without_the_directory_nobody_has_a_key(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(load("required"), 0);
	assert_int_equal(p.snap.nkeys, 0);
	assert_true(warned("\"alice\" cannot log in"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_comments_and_empty_lines_are_taken),
		cmocka_unit_test(everything_else_is_an_error_with_its_line),
		cmocka_unit_test(
		    every_cut_of_a_good_line_is_an_error_or_nothing),
		cmocka_unit_test(lines_and_keys_have_their_most),
		cmocka_unit_test_teardown(
		    keys_of_people_are_in_the_snapshot_and_others_are_told,
		    clean),
		cmocka_unit_test_teardown(
		    a_fault_in_one_file_keeps_the_whole_policy_out, clean),
		cmocka_unit_test_teardown(switched_off_nothing_of_it_is_read,
		    clean),
		cmocka_unit_test_teardown(
		    without_the_directory_nobody_has_a_key, clean),
	};

	return cmocka_run_group_tests(tests, bed_enter, NULL);
}
