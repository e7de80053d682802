/* exe_test.c - which files may be executed in place, and what "#!" lines say. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "crypt/sha256.h"
#include "launch/elf.h"
#include "launch/exe.h"

static void
a_system_path_is_safe_and_others_are_not(void **state)
{
	(void)state;
	assert_int_equal(exe_path_is_safe("/usr/bin/env"), 1);
	assert_int_equal(exe_path_is_safe("/usr"), 1);
	assert_int_equal(exe_path_is_safe("/tmp"), 0);		/* 1777 */
	assert_int_equal(exe_path_is_safe("/tmp/x"), 0);
	assert_int_equal(exe_path_is_safe("usr/bin/env"), 0);
	assert_int_equal(exe_path_is_safe("/usr/bin/nothing-here"), 0);
	assert_int_equal(exe_path_is_safe("/proc/self/exe"), 0);	/* a link */
}

static void
shebang_lines_are_read_as_the_kernel_does(void **state)
{
	static const struct {
		const char	*text, *interpreter, *arg;
	} lines[] = {
		{ "#!/bin/sh\n", "/bin/sh", NULL },
		{ "#! /bin/sh -e  \n", "/bin/sh", "-e" },
		{ "#!/usr/bin/env python3 -u\necho\n", "/usr/bin/env",
		    "python3 -u" },
		{ "#!\t/bin/sh\t-x\n", "/bin/sh", "-x" },
	};
	static const char *const wrong[] = { "", "#", "#!", "#!\n", "#!sh\n",
	    "#! relative\n", "/bin/sh\n", "#!/bin/sh", "\177ELF" };
	char *interpreter, *arg;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(exe_shebang((const uint8_t *)lines[i].text,
		    strlen(lines[i].text), &interpreter, &arg), 0);
		assert_string_equal(interpreter, lines[i].interpreter);
		if (lines[i].arg == NULL)
			assert_null(arg);
		else
			assert_string_equal(arg, lines[i].arg);
		free(interpreter);
		free(arg);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(exe_shebang((const uint8_t *)wrong[i],
		    strlen(wrong[i]), &interpreter, &arg), ERR_FORMAT);
	assert_int_equal(exe_shebang((const uint8_t *)"#!/bin/\0sh\n", 11,
	    &interpreter, &arg), ERR_FORMAT);
}

static void
digest_of(const char *path, uint8_t out[SHA256_LEN])
{
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_int_equal(sha256_fd(fileno(f), UINT64_MAX, out), 0);
	fclose(f);
}

static int
open_hashed(struct exe *e, const char *path, const uint8_t *digest,
    struct refusal *why)
{
	int r = exe_open(e, path, digest, why);

	return r != 0 ? r : exe_hash(e, digest, why);
}

static void
a_changed_file_that_is_no_program_any_more_is_told_as_changed(void **state)
{
	char path[] = "/tmp/sekisho-exe-XXXXXX";
	struct refusal why = { 0 };
	uint8_t digest[SHA256_LEN] = { 1 };
	struct exe e;
	int fd;

	(void)state;
	assert_true((fd = mkstemp(path)) >= 0);
	assert_int_equal(write(fd, "neither", 7), 7);
	assert_int_equal(fchmod(fd, 0755), 0);
	exe_init(&e);
	assert_int_not_equal(exe_open(&e, path, digest, &why), 0);
	assert_int_equal(why.code, SEKISHO_CODE_CHANGED);
	exe_free(&e);
	memset(&why, 0, sizeof(why));
	digest_of(path, digest);
	assert_int_not_equal(exe_open(&e, path, digest, &why), 0);
	assert_int_equal(why.code, SEKISHO_CODE_SANDBOX);
	exe_free(&e);
	close(fd);
	unlink(path);
}

static void
a_system_binary_runs_in_place_with_its_loader(void **state)
{
	struct refusal why = { 0 };
	uint8_t digest[SHA256_LEN];
	struct exe e;

	(void)state;
	digest_of("/usr/bin/env", digest);
	exe_init(&e);
	assert_int_equal(open_hashed(&e, "/usr/bin/env", digest, &why), 0);
	assert_int_equal(e.is_copy, 0);
	assert_int_equal(e.is_script, 0);
	assert_string_equal(e.path, "/usr/bin/env");
	assert_non_null(e.needed);
	assert_non_null(strstr(e.needed[0], "ld-linux"));
	exe_free(&e);
}

static void
another_digest_is_refused_as_changed(void **state)
{
	struct refusal why = { 0 };
	uint8_t digest[SHA256_LEN] = { 1 };
	struct exe e;

	(void)state;
	exe_init(&e);
	assert_int_not_equal(open_hashed(&e, "/usr/bin/env", digest, &why), 0);
	assert_int_equal(why.code, SEKISHO_CODE_CHANGED);
	exe_free(&e);
}

static void
what_is_no_file_or_not_executable_is_refused(void **state)
{
	static const char *const paths[] = { "/usr/bin", "/dev/null",
	    "/etc/passwd", "relative", "/nothing/here" };
	uint8_t digest[SHA256_LEN] = { 1 };
	struct refusal why;
	struct exe e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		memset(&why, 0, sizeof(why));
		exe_init(&e);
		assert_int_not_equal(exe_open(&e, paths[i], digest, &why), 0);
		assert_true(why.reason[0] != '\0');
		exe_free(&e);
	}
}

static void
a_users_file_is_copied_and_sealed(void **state)
{
	char path[] = "/tmp/sekisho-exe-XXXXXX";
	struct refusal why = { 0 };
	uint8_t digest[SHA256_LEN], again[SHA256_LEN];
	struct exe e;
	int fd;

	(void)state;
	assert_true((fd = mkstemp(path)) >= 0);
	assert_int_equal(write(fd, "#!/bin/sh\necho\n", 15), 15);
	assert_int_equal(fchmod(fd, 0755), 0);
	digest_of(path, digest);
	exe_init(&e);
	assert_int_equal(open_hashed(&e, path, digest, &why), 0);
	assert_int_equal(e.is_copy, 1);
	assert_int_equal(e.is_script, 1);
	assert_int_equal(write(fd, "rm", 2), 2);
	assert_int_equal(sha256_fd(e.fd, UINT64_MAX, again), 0);
	assert_memory_equal(digest, again, sizeof(digest));
	assert_int_equal(pwrite(e.fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(e.fd, 0), -1);
	exe_free(&e);
	close(fd);
	unlink(path);
}

static void
a_script_must_name_the_approved_interpreter(void **state)
{
	static const char good[] = "#!/usr/bin/env\n", bad[] = "#!/bin/cat\n",
	    plain[] = "echo\n";
	struct refusal why = { 0 };
	uint8_t digest[SHA256_LEN];
	struct exe e;

	(void)state;
	digest_of("/usr/bin/env", digest);
	exe_init(&e);
	assert_int_equal(open_hashed(&e, "/usr/bin/env", digest, &why), 0);
	assert_int_equal(exe_script(&e, (const uint8_t *)good,
	    sizeof(good) - 1, &why), 0);
	assert_true(e.script_fd >= 0);
	close(e.script_fd);
	e.script_fd = -1;
	assert_int_equal(exe_script(&e, (const uint8_t *)plain,
	    sizeof(plain) - 1, &why), 0);
	close(e.script_fd);
	e.script_fd = -1;
	assert_int_not_equal(exe_script(&e, (const uint8_t *)bad,
	    sizeof(bad) - 1, &why), 0);
	assert_int_equal(why.code, SEKISHO_CODE_CHANGED);
	exe_free(&e);
}

/* Every cut and every flipped byte of a real header: an answer, never a crash. */
static void
broken_elf_headers_are_refused(void **state)
{
	uint8_t head[1024], copy[1024];
	char path[] = "/tmp/sekisho-elf-XXXXXX", *loader;
	FILE *f = fopen("/usr/bin/env", "re");
	size_t i, n;
	int fd;

	(void)state;
	assert_non_null(f);
	n = fread(head, 1, sizeof(head), f);
	fclose(f);
	assert_true((fd = mkstemp(path)) >= 0);
	unlink(path);
	for (i = 0; i < 64; i++) {
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, head, i, 0), (ssize_t)i);
		assert_int_not_equal(elf_loader(fd, &loader), 0);
	}
	for (i = 0; i < n; i++) {
		memcpy(copy, head, n);
		copy[i] ^= 0xff;
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, copy, n, 0), (ssize_t)n);
		if (elf_loader(fd, &loader) == 0)
			free(loader);
	}
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_system_path_is_safe_and_others_are_not),
		cmocka_unit_test(shebang_lines_are_read_as_the_kernel_does),
		cmocka_unit_test(
		    a_changed_file_that_is_no_program_any_more_is_told_as_changed),
		cmocka_unit_test(a_system_binary_runs_in_place_with_its_loader),
		cmocka_unit_test(another_digest_is_refused_as_changed),
		cmocka_unit_test(what_is_no_file_or_not_executable_is_refused),
		cmocka_unit_test(a_users_file_is_copied_and_sealed),
		cmocka_unit_test(a_script_must_name_the_approved_interpreter),
		cmocka_unit_test(broken_elf_headers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
