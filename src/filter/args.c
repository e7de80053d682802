/* args.c - arguments that calls are allowed with.  A call named here is never allowed as a whole. */
#include <sched.h>
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

const struct filter_arg filter_args[] = {
	{ "clone", 0, CLONE_NEW_ANY, 0, NULL },
	{ "memfd_create", 1, MEMFD_NOEXEC_SEAL | MEMFD_EXEC,
	    MEMFD_NOEXEC_SEAL, NULL },
	{ "personality", 0, WHOLE, 0, NULL },
	{ "personality", 0, WHOLE, WHOLE, NULL },	/* asks only */

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
