/* args.c - arguments that calls are allowed with.  A call named here is never allowed as a whole. */
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/fs.h>
#include <linux/fiemap.h>
#include <linux/prctl.h>
#include <linux/sockios.h>

#include "filter/groups.h"

#define WHOLE		0xffffffffU	/* the kernel reads 32 bits; the rest is garbage */
#define IOCTL(value)	{ "ioctl", 1, WHOLE, (uint32_t)(value), NULL }
#define SOCK_IOCTL(value) { "ioctl", 1, WHOLE, (uint32_t)(value), "socket" }
#define PRCTL(value)	{ "prctl", 0, WHOLE, (uint32_t)(value), NULL }
/* CLONE_NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET NEWTIME. */
#define CLONE_NEW_ANY	0x7e020080U
#define MEMFD_NOEXEC_SEAL 0x0008U
#define MEMFD_EXEC	0x0010U
/*
 * A setuid or setgid file in a directory of the host would stay one after the
 * job.  mkdir drops these bits by itself.
 */
#define NO_SETID(call, arg) { call, arg, S_ISUID | S_ISGID, 0, NULL }
/* O_CREAT and the bit of O_TMPFILE that is its own: without them "mode" is garbage. */
#define CREATES		(O_CREAT | (O_TMPFILE & ~O_DIRECTORY))
#define FCNTL(value)	{ "fcntl", 1, WHOLE, (uint32_t)(value), NULL }

const struct filter_arg filter_args[] = {
	{ "clone", 0, CLONE_NEW_ANY, 0, NULL },
	{ "memfd_create", 1, MEMFD_NOEXEC_SEAL | MEMFD_EXEC,
	    MEMFD_NOEXEC_SEAL, NULL },
	{ "personality", 0, WHOLE, 0, NULL },
	{ "personality", 0, WHOLE, WHOLE, NULL },	/* asks only */

	NO_SETID("chmod", 1), NO_SETID("fchmod", 1), NO_SETID("fchmodat", 2),
	NO_SETID("creat", 1), NO_SETID("mknod", 1), NO_SETID("mknodat", 2),
	NO_SETID("open", 2), { "open", 1, CREATES, 0, NULL },
	NO_SETID("openat", 3), { "openat", 2, CREATES, 0, NULL },

	/* All but leases and directory notification: a lease on a file of the host makes its other users wait. */
	FCNTL(F_DUPFD), FCNTL(F_DUPFD_CLOEXEC), FCNTL(F_GETFD), FCNTL(F_SETFD),
	FCNTL(F_GETFL), FCNTL(F_SETFL), FCNTL(F_GETLK), FCNTL(F_SETLK),
	FCNTL(F_SETLKW), FCNTL(F_OFD_GETLK), FCNTL(F_OFD_SETLK),
	FCNTL(F_OFD_SETLKW), FCNTL(F_GETOWN), FCNTL(F_SETOWN),
	FCNTL(F_GETOWN_EX), FCNTL(F_SETOWN_EX), FCNTL(F_GETSIG),
	FCNTL(F_SETSIG), FCNTL(F_GETLEASE), FCNTL(F_GETPIPE_SZ),
	FCNTL(F_SETPIPE_SZ), FCNTL(F_GET_SEALS), FCNTL(F_ADD_SEALS),

	/* Terminals: looking, setting, job control; never typing for others (TIOCSTI). */
	IOCTL(TCGETS), IOCTL(TCSETS), IOCTL(TCSETSW), IOCTL(TCSETSF),
	IOCTL(TCGETS2), IOCTL(TCSETS2), IOCTL(TCSETSW2), IOCTL(TCSETSF2),
	IOCTL(TCGETA), IOCTL(TCSBRK), IOCTL(TCSBRKP), IOCTL(TCXONC),
	IOCTL(TCFLSH), IOCTL(TIOCGPGRP), IOCTL(TIOCSPGRP), IOCTL(TIOCGWINSZ),
	IOCTL(TIOCSWINSZ), IOCTL(TIOCGSID), IOCTL(TIOCGPTN), IOCTL(TIOCSCTTY),
	IOCTL(TIOCNOTTY), IOCTL(TIOCOUTQ), IOCTL(TIOCEXCL), IOCTL(TIOCNXCL),
	IOCTL(TIOCSPTLCK), IOCTL(TIOCGPTPEER),
	/* Files. */
	IOCTL(FIONREAD), IOCTL(FIONBIO), IOCTL(FIOASYNC), IOCTL(FIOCLEX),
	IOCTL(FIONCLEX), IOCTL(FICLONE), IOCTL(FS_IOC_FIEMAP),
	IOCTL(FS_IOC_GETFLAGS),
	/* Asking about interfaces, never setting. */
	SOCK_IOCTL(SIOCGIFNAME), SOCK_IOCTL(SIOCGIFCONF),
	SOCK_IOCTL(SIOCGIFFLAGS), SOCK_IOCTL(SIOCGIFADDR),
	SOCK_IOCTL(SIOCGIFDSTADDR), SOCK_IOCTL(SIOCGIFBRDADDR),
	SOCK_IOCTL(SIOCGIFNETMASK), SOCK_IOCTL(SIOCGIFMETRIC),
	SOCK_IOCTL(SIOCGIFMTU), SOCK_IOCTL(SIOCGIFHWADDR),
	SOCK_IOCTL(SIOCGIFINDEX), SOCK_IOCTL(SIOCGIFTXQLEN),
	SOCK_IOCTL(SIOCGIFMAP),

	PRCTL(PR_SET_PDEATHSIG), PRCTL(PR_GET_PDEATHSIG),
	PRCTL(PR_SET_DUMPABLE), PRCTL(PR_GET_DUMPABLE), PRCTL(PR_SET_NAME),
	PRCTL(PR_GET_NAME), PRCTL(PR_SET_CHILD_SUBREAPER),
	PRCTL(PR_GET_CHILD_SUBREAPER), PRCTL(PR_SET_NO_NEW_PRIVS),
	PRCTL(PR_GET_NO_NEW_PRIVS), PRCTL(PR_GET_SECCOMP),
	PRCTL(PR_CAPBSET_READ), PRCTL(PR_GET_SECUREBITS),
	PRCTL(PR_GET_TIMERSLACK), PRCTL(PR_GET_TID_ADDRESS),
	PRCTL(PR_CAP_AMBIENT), PRCTL(PR_SET_VMA), PRCTL(PR_GET_KEEPCAPS),
	PRCTL(PR_GET_TSC), PRCTL(PR_GET_THP_DISABLE),
};
const size_t filter_nargs = sizeof(filter_args) / sizeof(filter_args[0]);
