/*
 * shaker.c - stops and continues processes at random, as a scheduler under
 * load may, only more often.
 *
 *	shaker SEED NAME...
 *
 * A round: about half of the processes with one of the NAMEs (15 letters
 * count) get SIGSTOP, 1 to 30 ms pass, they get SIGCONT, 0.5 to 10 ms pass.
 * It sees what /proc shows: run it in a PID namespace of its own.  SIGTERM or
 * its parent's death end it; nothing stays stopped.  Its last words are
 * "rounds=N stops=N".
 */
#include <sys/prctl.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX	1024
#define COMM_MAX	15

static volatile sig_atomic_t is_over;

static void
on_term(int sig)
{
	(void)sig;
	is_over = 1;
}

static void
wait_us(long us)
{
	struct timespec t = { us / 1000000, us % 1000000 * 1000 };

	(void)nanosleep(&t, NULL);
}

/* Is it one of "names"? */
static int
is_wanted(const char *pid, char *const *names)
{
	char path[64], comm[64] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	n = read(fd, comm, sizeof(comm) - 1);
	close(fd);
	comm[n > 0 ? n - 1 : 0] = '\0';		/* the newline */
	for (; *names != NULL; names++)
		if (strncmp(comm, *names, COMM_MAX) == 0 &&
		    strlen(*names) >= strlen(comm))
			return 1;
	return 0;
}

/* Stops about half of them; returns how many are in "pids". */
static size_t
stop_some(pid_t *pids, char *const *names)
{
	struct dirent *e;
	size_t n = 0;
	pid_t pid;
	DIR *d;

	if ((d = opendir("/proc")) == NULL)
		return 0;
	while (n < PROCESSES_MAX && (e = readdir(d)) != NULL)
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    is_wanted(e->d_name, names) && random() % 2 == 0) {
			pid = (pid_t)strtol(e->d_name, NULL, 10);
			if (kill(pid, SIGSTOP) == 0)
				pids[n++] = pid;
		}
	closedir(d);
	return n;
}

int
main(int argc, char **argv)
{
	static const long stopped_us[] = { 1000, 3000, 10000, 30000 };
	static const long going_us[] = { 500, 1000, 4000, 10000 };
	struct sigaction sa = { .sa_handler = on_term };
	static pid_t pids[PROCESSES_MAX];
	unsigned long rounds = 0, stops = 0;
	size_t n, i;

	if (argc < 3) {
		fprintf(stderr, "usage: shaker SEED NAME...\n");
		return 64;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ||
	    sigaction(SIGTERM, &sa, NULL) < 0 ||
	    sigaction(SIGINT, &sa, NULL) < 0)
		return 71;
	srandom((unsigned int)strtoul(argv[1], NULL, 10));
	while (!is_over) {
		n = stop_some(pids, argv + 2);
		if (n > 0)
			wait_us(stopped_us[random() % 4]);
		for (i = 0; i < n; i++)
			(void)kill(pids[i], SIGCONT);
		rounds++;
		stops += n;
		wait_us(going_us[random() % 4]);
	}
	printf("rounds=%lu stops=%lu\n", rounds, stops);
	return 0;
}
