/* names.c - numbers and names of system calls. */
#include "launch/names.h"

#include <stdio.h>
#include <sys/syscall.h>

static const char *const names[] = {
#define CALL(nr, name) [nr] = name,
#include "launch/syscall.def"
#undef CALL
};

/* Calls that jobs are refused most often; addresses say little, numbers do. */
static const struct {
	unsigned int	 nr;
	unsigned int	 args;
} counts[] = {
	{ SYS_socket, 3 }, { SYS_socketpair, 3 }, { SYS_mount, 5 },
	{ SYS_umount2, 2 }, { SYS_ptrace, 2 }, { SYS_unshare, 1 },
	{ SYS_setns, 2 }, { SYS_bpf, 1 }, { SYS_keyctl, 2 },
	{ SYS_prctl, 2 }, { SYS_ioctl, 2 }, { SYS_personality, 1 },
	{ SYS_kill, 2 }, { SYS_setuid, 1 }, { SYS_setgid, 1 },
	{ SYS_setresuid, 3 }, { SYS_setresgid, 3 }, { SYS_reboot, 3 },
	{ SYS_clone, 1 }, { SYS_mknod, 3 }, { SYS_chmod, 2 },
	{ SYS_chown, 3 }, { SYS_memfd_create, 2 },
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
call_args(unsigned int nr)
{
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		if (counts[i].nr == nr)
			return counts[i].args;
	return 0;
}
