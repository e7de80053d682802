/* names.c - numbers and names of system calls. */
#include "launch/names.h"

#include <stdio.h>
#include <sys/syscall.h>

static const char *const names[] = {
#define CALL(nr, name) [nr] = name,
#include "launch/syscall.def"
#undef CALL
};

/* Calls that jobs are refused most often. */
static const struct {
	unsigned int	 nr;
	unsigned int	 args;
	unsigned int	 strings;	/* bits: which of them point at text */
} shown[] = {
	{ SYS_mount, 3, 7 }, { SYS_umount2, 2, 1 }, { SYS_pivot_root, 2, 3 },
	{ SYS_chroot, 1, 1 }, { SYS_mkdir, 2, 1 }, { SYS_rmdir, 1, 1 },
	{ SYS_creat, 2, 1 }, { SYS_mknod, 3, 1 }, { SYS_unlink, 1, 1 },
	{ SYS_rename, 2, 3 }, { SYS_link, 2, 3 }, { SYS_symlink, 2, 3 },
	{ SYS_chmod, 2, 1 }, { SYS_chown, 3, 1 }, { SYS_lchown, 3, 1 },
	{ SYS_truncate, 2, 1 }, { SYS_mkdirat, 3, 2 }, { SYS_mknodat, 4, 2 },
	{ SYS_unlinkat, 3, 2 }, { SYS_renameat, 4, 10 },
	{ SYS_renameat2, 5, 10 }, { SYS_linkat, 5, 10 },
	{ SYS_symlinkat, 3, 5 }, { SYS_fchmodat, 3, 2 },
	{ SYS_fchownat, 5, 2 }, { SYS_utimensat, 2, 2 },
	{ SYS_setxattr, 2, 3 }, { SYS_removexattr, 2, 3 },
	{ SYS_swapon, 2, 1 }, { SYS_swapoff, 1, 1 }, { SYS_acct, 1, 1 },
	{ SYS_sethostname, 2, 1 }, { SYS_open_tree, 3, 2 },
	{ SYS_execve, 1, 1 }, { SYS_execveat, 2, 2 },
	{ SYS_memfd_create, 2, 1 },
	{ SYS_socket, 3, 0 }, { SYS_socketpair, 3, 0 }, { SYS_ptrace, 2, 0 },
	{ SYS_unshare, 1, 0 }, { SYS_setns, 2, 0 }, { SYS_bpf, 1, 0 },
	{ SYS_keyctl, 2, 0 }, { SYS_prctl, 2, 0 }, { SYS_ioctl, 2, 0 },
	{ SYS_personality, 1, 0 }, { SYS_kill, 2, 0 }, { SYS_setuid, 1, 0 },
	{ SYS_setgid, 1, 0 }, { SYS_setresuid, 3, 0 },
	{ SYS_setresgid, 3, 0 }, { SYS_reboot, 3, 0 }, { SYS_clone, 1, 0 },
	{ SYS_fchmod, 2, 0 }, { SYS_fchown, 3, 0 }, { SYS_ftruncate, 2, 0 },
	{ SYS_open, 3, 1 }, { SYS_openat, 4, 2 }, { SYS_fcntl, 2, 0 },
};

const char *
call_name(unsigned int nr, char *room, size_t size)
{
	if (nr < sizeof(names) / sizeof(*names) && names[nr] != NULL)
		return names[nr];
	snprintf(room, size, "call %u", nr);
	return room;
}

unsigned int
call_args(unsigned int nr, unsigned int *strings)
{
	size_t i;

	*strings = 0;
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		if (shown[i].nr == nr) {
			*strings = shown[i].strings;
			return shown[i].args;
		}
	return 0;
}
