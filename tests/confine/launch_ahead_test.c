/*
 * launch_ahead_test.c - a cage built before its order is used only where a new one would be the same.
 * links: wire crypt filter
 *
 * Each change is made between guess and order.  Taken or not is seen by the
 * launcher's child: the init of the cage that was there, or another one.
 */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "launch_drive.h"
#include "launch_helper.h"

#define QUIET_S	3	/* longer than SEEN_QUIET_S, see launch/seen.h */

/* $D is a directory of the case alone. */
static const struct change {
	const char	*what;
	const char	*before;	/* the guess finds this */
	const char	*hide, *write;	/* of the plan, below $D; NULL: none */
	const char	*read;		/* only this, below $D; NULL: /srv */
	const char	*change;
	const char	*job;
	const char	*sees;		/* what it must print; "secret" never */
	int		 is_taken;
} changes[] = {
	{ "nothing", "echo plain >a; echo secret >s", "s", NULL, NULL,
	    "true", "cat a s; echo end", "plain\nend\n", 1 },
	{ "content only", "echo old >a; echo secret >s", "s", NULL, NULL,
	    "echo plain >a", "cat a s", "plain\n", 1 },
	{ "an entry came", "echo secret >s", "s", NULL, NULL,
	    "echo plain >a", "cat a s", "plain\n", 0 },
	{ "an entry was replaced", "echo old >a; echo secret >s", "s", NULL,
	    NULL, "echo plain >b; mv b a", "cat a s", "plain\n", 0 },
	{ "an entry went", "echo old >a; echo secret >s", "s", NULL, NULL,
	    "rm a", "cat a s 2>&1 | grep -c 'No such'", "1\n", 0 },
	{ "mounted over", "mkdir a; echo old >a/f; echo secret >s", "s", NULL,
	    NULL, "mount -t tmpfs t a; echo plain >a/f", "cat a/f s",
	    "plain\n", 0 },
	{ "unmounted", "mkdir a; echo plain >a/f; echo secret >s; "
	    "mount -t tmpfs t a; echo old >a/f", "s", NULL, NULL,
	    "umount a", "cat a/f s", "plain\n", 0 },
	{ "hidden renamed to an allowed name", "echo secret >s; mkdir a", "s",
	    NULL, NULL, "mv s a/t; echo plain >s", "cat s | wc -c",
	    "0\n", 0 },
	{ "another took the hidden name", "echo plain >a; echo secret >t; "
	    "echo old >s", "s", NULL, NULL, "mv t s", "cat a s", "plain\n",
	    0 },
	{ "an alias was mounted", "mkdir a b; echo secret >a/s", "a/s", NULL,
	    NULL, "mount --bind a b", "cat b/s a/s; echo end", "end\n", 0 },
	{ "a hidden path came", "mkdir a", "a/s", NULL, NULL,
	    "echo secret >a/s", "cat a/s; echo end", "end\n", 0 },
	{ "a hidden path became a link", "mkdir a b; echo secret >a/s", "a/s",
	    NULL, "b", "mv a/s b/t; ln -s ../b/t a/s",
	    "cat b/t; echo end", "end\n", 0 },
	{ "a cover fell, same file", "mkdir a b; echo secret >a/s; "
	    "ln a/s b/s", "a/s", "a", "b", "rm a/s; ln b/s a/s",
	    "cat a/s; echo end", "end\n", 0 },
	{ "a writable directory was replaced", "mkdir a", NULL, "a", NULL,
	    "mv a b; mkdir a", "echo x >a/new && ls a", "new\n", 0 },
	{ "a writable directory came", "true", NULL, "a", NULL,
	    "mkdir a", "echo x >a/new && ls a", "new\n", 0 },
	{ "a directory to read was replaced", "mkdir a; echo old >a/f", NULL,
	    NULL, "a", "mv a b; mkdir a; echo plain >a/f", "cat a/f",
	    "plain\n", 0 },
	{ "the host got another name", "echo secret >s", "s", NULL, NULL,
	    "hostname other", "cat s; uname -n", "other\n", 0 },
};
#define CHANGES	(sizeof(changes) / sizeof(*changes))

static int
shell(size_t nr, const char *what)
{
	char line[512];

	snprintf(line, sizeof(line), "mkdir -p /srv/c%zu && cd /srv/c%zu && "
	    "{ %s; }", nr, nr, what);
	return system(line);
}

static void
add_path(char ***list, size_t nr, const char *name)
{
	char path[64];

	if (name == NULL)
		return;
	snprintf(path, sizeof(path), "/srv/c%zu/%s", nr, name);
	drive_set(list, WORDS(path));
}

static void
begin(struct drive *d, size_t nr, const struct change *c)
{
	static char job[512], read[64];

	snprintf(job, sizeof(job), "cd /srv/c%zu; { %s; } 2>/dev/null", nr,
	    c->job);
	drive_start(d, SH(job));
	snprintf(read, sizeof(read), c->read != NULL ? "/srv/c%zu/%s" :
	    "/srv", nr, c->read);
	drive_set(&d->plan.read, WORDS("/usr", "/proc", "/dev", read));
	drive_set(&d->order.hide, WORDS("/srv/gate"));
	add_path(&d->plan.hide, nr, c->hide);
	add_path(&d->plan.write, nr, c->write);
	d->plan.caps = PROFILE_CAPS;
}

static void
a_cage_is_used_only_while_nothing_it_rests_on_changed(void **state)
{
	const struct change *c;
	struct drive d;
	pid_t first, taken;
	size_t i;

	(void)state;
	for (i = 0; i < CHANGES; i++)
		assert_int_equal(shell(i, changes[i].before), 0);
	sleep(QUIET_S);
	for (i = 0; i < CHANGES; i++) {
		c = &changes[i];
		begin(&d, i, c);
		drive_guess(&d);
		first = drive_init(&d);
		assert_true(first > 0);
		assert_int_equal(shell(i, c->change), 0);
		if (!drive_prepare(&d))
			fail_msg("%s: %s", c->what, d.reason);
		taken = drive_init(&d);
		if ((first == taken) != c->is_taken)
			fail_msg("%s: the cage was %s", c->what,
			    c->is_taken ? "not taken" : "taken");
		assert_true(drive_go(&d) && drive_wait(&d, 20000));
		if (d.output == NULL || strcmp(d.output, c->sees) != 0)
			fail_msg("%s: printed %s", c->what, d.output);
		drive_end(&d);
	}
}

/* Both are there when the launcher looks: the change counts. */
static void
a_mount_that_changed_together_with_the_order_counts(void **state)
{
	const struct change c = { .job = "cat a/f", .hide = "s" };
	struct drive d;
	pid_t first;

	(void)state;
	assert_int_equal(shell(90, "mkdir a; echo old >a/f; echo x >s"), 0);
	sleep(QUIET_S);
	begin(&d, 90, &c);
	drive_guess(&d);
	drive_pump(&d, 100);
	first = drive_init(&d);
	assert_true(first > 0);
	assert_int_equal(kill(d.pid, SIGSTOP), 0);
	assert_int_equal(shell(90, "mount -t tmpfs t a; echo plain >a/f"), 0);
	drive_send_prepare(&d);
	assert_int_equal(kill(d.pid, SIGCONT), 0);
	while (d.features[0] == '\0' && d.code[0] == '\0')
		drive_pump(&d, 20);
	assert_int_not_equal(drive_init(&d), first);
	assert_true(drive_go(&d) && drive_wait(&d, 20000));
	assert_string_equal(d.output, "plain\n");
	drive_end(&d);
	assert_int_equal(shell(90, "umount a"), 0);
}

/*
 * Rules for so many entries take a while, and the order is read right behind
 * them: only the last look can see what was mounted meanwhile.
 */
static void
a_mount_that_changed_while_the_cage_was_built_counts(void **state)
{
	const struct change c = { .job = "cat a/f", .hide = "s" };
	struct drive d;
	pid_t first;

	(void)state;
	assert_int_equal(shell(94, "mkdir a; echo secret >s; echo old >a/f; "
	    "seq -f e%.0f 40000 | xargs touch"), 0);
	sleep(QUIET_S);
	begin(&d, 94, &c);
	drive_send_guess(&d);
	while ((first = drive_init(&d)) == 0)
		continue;
	assert_int_equal(mount("t", "/srv/c94/a", "tmpfs", 0, NULL), 0);
	assert_int_equal(shell(94, "echo plain >a/f"), 0);
	assert_true(drive_prepare(&d));
	assert_int_not_equal(drive_init(&d), first);
	assert_true(drive_go(&d) && drive_wait(&d, 20000));
	assert_string_equal(d.output, "plain\n");
	drive_end(&d);
	assert_int_equal(shell(94, "umount a; find . -name 'e*' -delete"), 0);
}

/* What was written a moment ago could be written once more without a trace. */
static void
directories_that_changed_just_now_are_waited_for(void **state)
{
	const struct change c = { .job = "cat a", .hide = "s" };
	struct drive d;
	pid_t first;

	(void)state;
	assert_int_equal(shell(91, "echo plain >a; echo secret >s"), 0);
	begin(&d, 91, &c);
	drive_guess(&d);
	first = drive_init(&d);
	assert_true(first > 0);
	assert_true(drive_prepare(&d));
	assert_int_not_equal(drive_init(&d), first);
	drive_end(&d);

	/* It is built again by itself, and then it will do. */
	assert_int_equal(shell(91, "echo plain >b"), 0);
	begin(&d, 91, &c);
	drive_guess(&d);
	first = drive_init(&d);
	while (drive_init(&d) == first)
		drive_pump(&d, 50);
	drive_pump(&d, 200);
	first = drive_init(&d);
	assert_true(drive_prepare(&d));
	assert_int_equal(drive_init(&d), first);
	drive_end(&d);
}

/* A disk that is unmounted must not stay busy. */
static void
an_idle_cage_lets_go_of_a_mount_at_once_and_comes_back(void **state)
{
	const struct change c = { .job = "true", .hide = "s" };
	struct drive d;
	pid_t first;

	(void)state;
	assert_int_equal(shell(92, "mkdir a; echo x >s; mount -t tmpfs t a"),
	    0);
	begin(&d, 92, &c);
	drive_guess(&d);
	first = drive_init(&d);
	assert_true(first > 0);
	assert_int_equal(shell(92, "umount a"), 0);
	while (drive_init(&d) == first)
		drive_pump(&d, 20);
	while (drive_init(&d) == 0)
		drive_pump(&d, 50);
	drive_end(&d);
}

/* Another plan, home or gate, and it is not the cage that is wanted. */
static void
an_order_that_was_not_guessed_gets_its_own_cage(void **state)
{
	const struct change c = { .job = "true", .hide = "s" };
	struct drive d;
	pid_t first;
	int i;

	(void)state;
	assert_int_equal(shell(93, "echo x >s"), 0);
	sleep(QUIET_S);
	for (i = 0; i < 4; i++) {
		begin(&d, 93, &c);
		drive_guess(&d);
		first = drive_init(&d);
		assert_true(first > 0);
		if (i == 1)
			drive_set_str(&d.order.home, "/nonexistent");
		if (i == 2)
			drive_set(&d.order.hide, WORDS("/srv/gate",
			    "/srv/c93"));
		if (i == 3)
			d.plan.nproc++;
		assert_true(drive_prepare(&d));
		assert_int_equal(drive_init(&d) == first, i == 0);
		assert_true(drive_go(&d) && drive_wait(&d, 20000));
		drive_end(&d);
	}
}

/* It is sekishod's, who passes on what a monitor said: no reason to end. */
static void
nonsense_for_a_guess_builds_nothing_and_ends_nobody(void **state)
{
	const struct change c = { .job = "echo plain", .hide = "s" };
	static const char nonsense[] = "\xff\xff\xff\xff no cage";
	struct drive d;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(nonsense); n += 5) {
		begin(&d, 93, &c);
		drive_guess(&d);
		drive_send_guess_of(&d, nonsense, n);
		while (drive_init(&d) > 0)
			drive_pump(&d, 20);
		assert_true(drive_prepare(&d));
		assert_true(drive_go(&d) && drive_wait(&d, 20000));
		assert_string_equal(d.output, "plain\n");
		drive_end(&d);
	}
}

/* The init goes with its launcher, also before any order. */
static void
an_idle_cage_dies_with_its_launcher(void **state)
{
	const struct change c = { .job = "true", .hide = "s" };
	struct drive d;
	pid_t first;
	int i;

	(void)state;
	begin(&d, 93, &c);
	drive_guess(&d);
	first = drive_init(&d);
	assert_true(first > 0);
	assert_int_equal(kill(d.pid, SIGKILL), 0);
	drive_end(&d);
	for (i = 0; i < 200 && kill(first, 0) == 0; i++)
		usleep(10000);
	assert_int_equal(kill(first, 0), -1);
}

/* Its own end is told of, and the order gets another. */
static void
a_cage_that_died_is_replaced(void **state)
{
	const struct change c = { .job = "echo plain", .hide = "s" };
	struct drive d;
	pid_t first;

	(void)state;
	begin(&d, 93, &c);
	drive_guess(&d);
	first = drive_init(&d);
	assert_int_equal(kill(first, SIGKILL), 0);
	while (drive_init(&d) == first)
		drive_pump(&d, 20);
	assert_true(drive_prepare(&d));
	assert_int_not_equal(drive_init(&d), first);
	assert_true(drive_go(&d) && drive_wait(&d, 20000));
	assert_string_equal(d.output, "plain\n");
	drive_end(&d);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cage_is_used_only_while_nothing_it_rests_on_changed),
		cmocka_unit_test(a_mount_that_changed_together_with_the_order_counts),
		cmocka_unit_test(a_mount_that_changed_while_the_cage_was_built_counts),
		cmocka_unit_test(directories_that_changed_just_now_are_waited_for),
		cmocka_unit_test(an_idle_cage_lets_go_of_a_mount_at_once_and_comes_back),
		cmocka_unit_test(an_order_that_was_not_guessed_gets_its_own_cage),
		cmocka_unit_test(nonsense_for_a_guess_builds_nothing_and_ends_nobody),
		cmocka_unit_test(an_idle_cage_dies_with_its_launcher),
		cmocka_unit_test(a_cage_that_died_is_replaced),
	};

	helper_main(argc, argv);
	helper_private();
	drive_find_program();
	if (system("mkdir /srv/gate") != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
