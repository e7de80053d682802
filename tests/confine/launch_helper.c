/* launch_helper.c - what the test programs do when they are themselves the approved command. */
#include "launch_helper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

static void *
in_thread(void *arg)
{
	*(int *)arg = 1;
	return NULL;
}

static void
helper_thread(void)
{
	pthread_t t;
	int ran = 0;

	if (pthread_create(&t, NULL, in_thread, &ran) != 0)
		printf("no thread\n");
	else {
		pthread_join(t, NULL);
		printf("thread=%d\n", ran);
	}
}

/* Code from memory: made executable, then as plain data. */
static void
helper_memfd(void)
{
	static const char *const argv[] = { "x", NULL };
	char piece[65536];
	ssize_t n;
	int in, fd;

	fd = (int)syscall(SYS_memfd_create, "x", 0x10U);
	printf("exec memfd: %s\n", fd < 0 ? strerrorname_np(errno) : "made");
	if (fd < 0)
		fd = (int)syscall(SYS_memfd_create, "x", 0U);
	if (fd < 0) {
		printf("plain memfd: %s\n", strerrorname_np(errno));
		return;
	}
	in = open("/usr/bin/true", O_RDONLY);
	while ((n = read(in, piece, sizeof(piece))) > 0)
		if (write(fd, piece, (size_t)n) != n)
			return;
	(void)fchmod(fd, 0755);
	syscall(SYS_execveat, fd, "", argv, NULL, AT_EMPTY_PATH);
	printf("execveat: %s\n", strerrorname_np(errno));
}

static void
helper_fds(void)
{
	int fd, open_fds = 0;

	for (fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0) {
			printf("open %d\n", fd);
			open_fds++;
		}
	printf("open=%d\n", open_fds);
}

static void
helper_connect(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	if (path[0] == '@')
		a.sun_path[0] = '\0';
	printf("connect: %s\n", connect(fd, (struct sockaddr *)&a,
	    path[0] == '@' ? (socklen_t)(sizeof(sa_family_t) + strlen(path)) :
	    sizeof(a)) == 0 ? "yes" : strerrorname_np(errno));
}

static void
helper_forks(void)
{
	int n = 0;
	pid_t pid;

	while (n < 3000 && (pid = fork()) >= 0) {
		if (pid == 0) {
			pause();
			_exit(0);
		}
		n++;
	}
	printf("forks=%d\n", n);
	fflush(stdout);
	_exit(0);
}

/* Write to the approved program itself through every way that leads to it. */
static void
helper_overwrite(void)
{
	char path[128], exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	int fd, back;

	exe[n > 0 ? n : 0] = '\0';
	printf("exe %s\n", exe);
	fd = open("/proc/self/exe", O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	back = open(path, O_WRONLY);
	printf("reopen: %s\n", back >= 0 ? "yes" : strerrorname_np(errno));
}

/* getpid through the 32-bit door, where the filter's numbers mean other calls. */
static void
helper_int80(void)
{
	long r = 20;

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	printf("int80: %ld\n", r);
}

static void
helper_call(const char *number)
{
	long nr = strtol(number, NULL, 10);
	long r = syscall(nr, 0, 0, 0, 0, 0, 0);

	printf("call: %s\n", r >= 0 ? "done" : strerrorname_np(errno));
}

static void
helper_open(const char *path)
{
	char byte;
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, &byte, 1);

	printf("%s: %s\n", path, fd < 0 ? strerrorname_np(errno) : n > 0 ?
	    "read" : n == 0 ? "empty" : strerrorname_np(errno));
}

void
helper_main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strncmp(name, "helper:", 7) != 0)
		return;
	name += 7;
	if (strcmp(name, "thread") == 0)
		helper_thread();
	else if (strcmp(name, "memfd") == 0)
		helper_memfd();
	else if (strcmp(name, "fds") == 0)
		helper_fds();
	else if (strcmp(name, "connect") == 0 && argc > 2)
		helper_connect(argv[2]);
	else if (strcmp(name, "forks") == 0)
		helper_forks();
	else if (strcmp(name, "overwrite") == 0)
		helper_overwrite();
	else if (strcmp(name, "open") == 0 && argc > 2)
		helper_open(argv[2]);
	else if (strcmp(name, "int80") == 0)
		helper_int80();
	else if (strcmp(name, "call") == 0 && argc > 2)
		helper_call(argv[2]);
	else if (strcmp(name, "abort") == 0)
		abort();
	else if (strcmp(name, "euid") == 0)
		printf("euid=%d\n", (int)geteuid());
	else if (strcmp(name, "umount") == 0 && argc > 2)
		printf("umount: %s\n", umount2(argv[2], MNT_DETACH) == 0 ?
		    "yes" : strerrorname_np(errno));
	else if (strcmp(name, "hostname") == 0)
		printf("hostname: %s\n", sethostname("taken", 5) == 0 ?
		    "yes" : strerrorname_np(errno));
	fflush(stdout);
	_exit(0);
}

void
helper_private(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("srv", "/srv", "tmpfs", 0, "mode=755") < 0 ||
	    mount("run", "/run", "tmpfs", 0, "mode=755") < 0) {
		printf("1..0 # SKIP needs root and namespaces\n");
		exit(0);
	}
}

const char *const *
helper_argv(const char *name, const char *a, const char *b)
{
	static char self[4096], word[64];
	static const char *argv[5];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	snprintf(word, sizeof(word), "helper:%s", name);
	argv[0] = self;
	argv[1] = word;
	argv[2] = a;
	argv[3] = b;
	return argv;
}

int
helper_is_alive(const char *word)
{
	char path[300], line[8192];
	struct dirent *e;
	DIR *d = opendir("/proc");
	int fd, found = 0;
	ssize_t n, i;

	while (d != NULL && !found && (e = readdir(d)) != NULL) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		if ((fd = open(path, O_RDONLY)) < 0)
			continue;
		n = read(fd, line, sizeof(line) - 1);
		close(fd);
		for (i = 0; i < n; i++)
			if (line[i] == '\0')
				line[i] = ' ';
		line[n > 0 ? n : 0] = '\0';
		found = strstr(line, word) != NULL;
	}
	if (d != NULL)
		closedir(d);
	return found;
}

int
helper_is_gone(const char *word, int within_ms)
{
	int64_t end = clock_mono_ms() + within_ms;

	while (helper_is_alive(word)) {
		if (clock_mono_ms() > end)
			return 0;
		usleep(10000);
	}
	return 1;
}

void
helper_write(const char *path, const char *text, unsigned int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("cannot write %s\n", path);
	(void)fchmod(fd, mode);
	close(fd);
}
