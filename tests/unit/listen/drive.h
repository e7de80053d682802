/*
 * drive.h - a real main process and starter with stand-ins for the other programs: begun, talked to, ended.
 *
 * One test program that includes this is all of them: it is linked beside
 * itself under their names (standin.h).
 */
#ifndef UNIT_LISTEN_DRIVE_H
#define UNIT_LISTEN_DRIVE_H

#include "../test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "listen/gate.h"
#include "listen/starter.h"
#include "standin.h"

#define WAIT_MS	5000

static const char *const programs[] = { "gate", "sekisho-load",
	"sekisho-ledgerd", "sekisho-monitor", "sekisho-net", "sekisho-record",
	"sekisho-exec", "sekisho", "sekisho-keyd" };

#define NPROGRAMS	(sizeof(programs) / sizeof(programs[0]))

static char dir[] = "/tmp/sekisho-gate-XXXXXX";
static pid_t running;		/* the gate of this test */
static int port;		/* the stand-in of sekisho-load listens there */
static size_t spare;		/* pairs that wait for somebody in this test */

/* --- the gate as a process of its own ---------------------------------------- */

static inline int
be_the_gate(void)
{
	struct starter_args starter = { .conf = "/dev/null" };
	struct gate_args gate = { -1, -1 };
	pid_t pid;

	if (starter_fork(&starter, &pid, &gate.starter_fd) != 0)
		return 96;
	return gate_run(&gate);
}

static inline char *
beside(char *out, const char *name)
{
	snprintf(out, 200, "%s/%.100s", dir, name);
	return out;
}

static inline void
tell(const char *name)
{
	char path[200];
	int fd = open(beside(path, name), O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static inline void
untell(const char *name)
{
	char path[200];

	(void)unlink(beside(path, name));
}

/* Processes whose program is in our directory, called "name" (NULL: any): how many, and the first "max" of them. */
static inline size_t
all_of(const char *name, pid_t *pids, size_t max)
{
	char link[300], exe[4096];
	struct dirent *e;
	DIR *d = opendir("/proc");
	size_t n = 0;
	ssize_t len;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL) {
		snprintf(link, sizeof(link), "/proc/%s/exe", e->d_name);
		if ((len = readlink(link, exe, sizeof(exe) - 1)) < 0)
			continue;
		exe[len] = '\0';
		if (strncmp(exe, dir, strlen(dir)) != 0 ||
		    (name != NULL && strcmp(exe + strlen(dir) + 1, name) != 0))
			continue;
		if (n < max)
			pids[n] = (pid_t)strtol(e->d_name, NULL, 10);
		n++;
	}
	closedir(d);
	return n;
}

/* How many, and one of them. */
static inline size_t
alive(const char *name, pid_t *one)
{
	return all_of(name, one, one == NULL ? 0 : 1);
}

static inline void
wait_for(const char *name, size_t n)
{
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (alive(name, NULL) != n) {
		if (clock_mono_ms() > end)
			fail_msg("%zu of %s, want %zu", alive(name, NULL),
			    name == NULL ? "all" : name, n);
		usleep(5000);
	}
}

static inline int
dial(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	if (connect(fd, (struct sockaddr *)&in, sizeof(in)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Read until both were said or the end came; returns 1 when it was. */
static inline int
hears_both(int fd, const char *want, const char *too)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char said[16384] = "";
	size_t used = 0;
	ssize_t n;

	/* answers of the starter come in any order */
	while (strstr(said, want) == NULL || strstr(said, too) == NULL) {
		if (poll(&p, 1, WAIT_MS) <= 0 || used == sizeof(said) - 1)
			return 0;
		n = read(fd, said + used, sizeof(said) - 1 - used);
		if (n <= 0)
			return 0;
		used += (size_t)n;
		said[used] = '\0';
	}
	return 1;
}

static inline int
hears(int fd, const char *want)
{
	return hears_both(fd, want, want);
}

/* Is the client told "why" at once?  It comes in one piece, with NULs in it. */
static inline int
is_sent_away(int fd, const char *why)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char said[FAREWELL_BYTES];
	ssize_t n;

	if (poll(&p, 1, WAIT_MS) != 1 ||
	    (n = read(fd, said, sizeof(said))) <= 0)
		return 0;
	return memmem(said, (size_t)n, why, strlen(why)) != NULL;
}

static inline pid_t
gate_begin(void)
{
	char path[200], name[] = "gate";
	char *argv[] = { name, NULL };
	int64_t end = clock_mono_ms() + WAIT_MS;
	pid_t pid;
	int fd, null;

	fflush(NULL);
	assert_true((pid = fork()) >= 0);
	running = pid;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		null = open("/dev/null", O_WRONLY);
		dup2(null, 1);
		if (getenv("GATE_LOG") == NULL)
			dup2(null, 2);
		execv(beside(path, "gate"), argv);
		_exit(95);
	}
	while ((fd = dial()) < 0) {
		if (clock_mono_ms() > end)
			fail_msg("the gate does not open");
		usleep(5000);
	}
	/* it is served: the gate is open; then it is gone again */
	assert_int_equal(write(fd, "q", 1), 1);
	assert_false(hears(fd, "never said"));
	close(fd);
	wait_for("sekisho-monitor", spare);
	wait_for("sekisho-net", spare);
	return pid;
}

static inline int
gate_end(pid_t pid, int sig)
{
	int status;

	if (sig != 0)
		assert_int_equal(kill(pid, sig), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	running = 0;
	wait_for(NULL, 0);
	return status;
}

/* A client that says one byte. */
static inline int
client(const char *byte)
{
	int fd = dial();

	assert_true(fd >= 0);
	assert_int_equal(write(fd, byte, 1), 1);
	return fd;
}

/* A stand-in has made this file; it is gone afterwards. */
static inline void
wait_told(const char *name)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	char path[200];

	while (unlink(beside(path, name)) != 0) {
		if (clock_mono_ms() > end)
			fail_msg("nobody made %s", name);
		usleep(5000);
	}
}

/* --- around them ------------------------------------------------------------------ */

static inline int
make_programs(void **state)
{
	char command[600], self[300] = "";
	size_t i;
	int fd;

	(void)state;
	if (geteuid() != 0 || mkdtemp(dir) == NULL || chmod(dir, 0711) < 0 ||
	    readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return -1;
	for (i = 0; i < NPROGRAMS; i++) {
		snprintf(command, sizeof(command), "%s/%s", dir, programs[i]);
		if (link(self, command) == 0)
			continue;
		/* another file system */
		fflush(NULL);
		if (fork() == 0) {
			execl("/bin/cp", "cp", self, command, (char *)NULL);
			_exit(1);
		}
		if (wait(&fd) < 0 || fd != 0)
			return -1;
	}
	return 0;
}

/* A test that failed leaves no gate behind, and nothing told. */
static inline int
clean_up(void **state)
{
	struct dirent *e;
	char path[200];
	size_t i;
	DIR *d;

	(void)state;
	spare = 0;
	if (running != 0) {
		kill(running, SIGKILL);
		waitpid(running, NULL, 0);
		running = 0;
	}
	if ((d = opendir(dir)) == NULL)
		return -1;
	while ((e = readdir(d)) != NULL) {
		for (i = 0; i < NPROGRAMS; i++)
			if (strcmp(e->d_name, programs[i]) == 0)
				break;
		if (i == NPROGRAMS && e->d_name[0] != '.' &&
		    strlen(e->d_name) < 100)
			(void)unlink(beside(path, e->d_name));
	}
	closedir(d);
	return 0;
}

static inline int
remove_programs(void **state)
{
	char path[200];
	size_t i;

	(void)state;
	for (i = 0; i < NPROGRAMS; i++)
		(void)unlink(beside(path, programs[i]));
	return rmdir(dir);
}

#ifdef __SANITIZE_ADDRESS__	/* the leak check at exit makes calls outside the list of sekishod */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

#define GATE_TEST(name)	cmocka_unit_test_teardown(name, clean_up)

/* What this program is under the name it was started with; -1: the test itself. */
static inline int
drive_run(int at, int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	char name[64];

	/* "sekisho-net: [warm]" */
	snprintf(name, sizeof(name), "%.60s", slash == NULL ? argv[0] :
	    slash + 1);
	name[strcspn(name, ":")] = '\0';
	port = at;
	if (strcmp(name, "gate") == 0)
		return be_the_gate();
	return standin_run(name, port, argc, argv);
}

#endif
