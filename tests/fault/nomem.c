/*
 * nomem.c - preloaded into one program: its n-th allocation fails.
 *
 *	NOMEM_AT=N[+]	number N, "+": and every later one; 0: only count
 *	NOMEM_REPORT	a file of at least sizeof(struct nomem_report)
 *	NOMEM_TRACE	set: where the allocation was asked for, and where a
 *			SIGSEGV came after it, go to standard error
 *
 * Seen are the allocations of the program and of every library in it
 * (SQLite, OpenSSL, jansson, zstd), from the first line of main on.  The
 * report is a mapping, so it survives whatever happens to the program.
 */
#include "tests/fault/nomem.h"

#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAMES	24

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

static struct nomem_report *report;	/* NULL: not armed yet */
static long fail_at;
static int and_later, is_traced;

static void *where[FRAMES];

static void
trace(int signal)
{
	static const char *const lines[] = { "refused here:\n", "SIGSEGV:\n" };
	const char *line = lines[signal != 0];

	if (write(STDERR_FILENO, line, strlen(line)) > 0)
		backtrace_symbols_fd(where, backtrace(where, FRAMES),
		    STDERR_FILENO);
	if (signal != 0)
		_exit(128 + signal);
}

__attribute__((constructor)) static void
arm(void)
{
	const char *at = getenv("NOMEM_AT"), *path = getenv("NOMEM_REPORT");
	struct nomem_report *r;
	char *end;
	int fd;

	if (at == NULL || path == NULL ||
	    (fd = open(path, O_RDWR | O_CLOEXEC)) < 0)
		return;
	r = mmap(NULL, sizeof(*r), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (r == MAP_FAILED)
		return;
	is_traced = getenv("NOMEM_TRACE") != NULL;
	if (is_traced)
		(void)backtrace(where, FRAMES);	/* loads what it needs */
	fail_at = strtol(at, &end, 10);
	and_later = *end == '+';
	report = r;
}

/* Is it this one's turn to fail? */
static int
fails(void)
{
	long n;

	if (report == NULL)
		return 0;
	n = ++report->count;
	if (fail_at == 0 || (n != fail_at && !(and_later && n > fail_at)))
		return 0;
	report->failed++;
	if (is_traced && report->failed == 1) {
		struct sigaction sa = { .sa_handler = trace };

		trace(0);
		(void)sigaction(SIGSEGV, &sa, NULL);
	}
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fails() ? NULL : __libc_realloc(p, n);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, all);
}

void *
memalign(size_t align, size_t n)
{
	return fails() ? NULL : __libc_memalign(align, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
	return memalign(align, n);
}

int
posix_memalign(void **p, size_t align, size_t n)
{
	void *q = memalign(align, n);

	if (q == NULL)
		return ENOMEM;
	*p = q;
	return 0;
}
