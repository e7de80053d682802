/*
 * nomem.c - preloaded into one program: its n-th allocation fails.
 *
 *	NOMEM_AT=N[+]	number N, "+": and every later one; 0: only count
 *	NOMEM_REPORT	a file of at least sizeof(struct nomem_report)
 *
 * Seen are the allocations of the program and of every library in it
 * (SQLite, OpenSSL, jansson, zstd), from the first line of main on.  The
 * report is a mapping, so it survives whatever happens to the program.
 */
#include "tests/fault/nomem.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t align, size_t n);

static struct nomem_report *report;	/* NULL: not armed yet */
static long fail_at;
static int and_later;

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
