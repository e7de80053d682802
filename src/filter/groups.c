/* groups.c - the groups of system calls that profiles name. */
#include "filter/groups.h"

/* What every program does to itself and to descriptors it already has. */
static const char *const base[] = {
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
	"pwritev", "preadv2", "pwritev2", "close", "close_range", "lseek",
	"dup", "dup2", "dup3", "fcntl", "flock", "fsync", "fdatasync", "ioctl",
	"mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "msync",
	"mincore", "membarrier", "arch_prctl", "set_tid_address",
	"set_robust_list", "get_robust_list", "rseq", "futex", "futex_waitv",
	"getrandom", "exit", "exit_group", "restart_syscall", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend",
	"rt_sigtimedwait", "sigaltstack", "signalfd", "signalfd4",
	"clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep",
	"gettimeofday", "time", "times", "alarm", "pause", "getitimer",
	"setitimer", "timer_create", "timer_settime", "timer_gettime",
	"timer_getoverrun", "timer_delete", "timerfd_create",
	"timerfd_settime", "timerfd_gettime", "getrusage", "getpid", "getppid",
	"gettid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
	"getresgid", "getgroups", "getpgrp", "getpgid", "getsid", "getcpu",
	"getpriority", "ioprio_get", "capget", "umask", "uname", "sysinfo",
	"prlimit64", "getrlimit", "setrlimit", "sched_yield",
	"sched_getaffinity", "sched_getattr", "sched_getparam",
	"sched_getscheduler", "sched_get_priority_max",
	"sched_get_priority_min", "sched_rr_get_interval", "get_mempolicy",
	"poll", "ppoll", "select", "pselect6", "epoll_create",
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
	"epoll_pwait2", "eventfd", "eventfd2", "pipe", "pipe2", "getpeername",
	"prctl", "personality", NULL
};

/* Looking at files; what may be opened is decided by mounts and Landlock. */
static const char *const file_read[] = {
	"open", "openat", "access", "faccessat", "faccessat2",
	"stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs",
	"getdents", "getdents64", "readlink", "readlinkat", "getcwd", "chdir",
	"fchdir", "getxattr", "lgetxattr", "fgetxattr", "listxattr",
	"llistxattr", "flistxattr", "fadvise64", "readahead", "sendfile",
	"splice", "tee", "copy_file_range", "inotify_init", "inotify_init1",
	"inotify_add_watch", "inotify_rm_watch", "name_to_handle_at", NULL
};

static const char *const file_write[] = {
	"creat", "mkdir", "mkdirat", "rmdir", "rename", "renameat",
	"renameat2", "link", "linkat", "symlink", "symlinkat", "unlink",
	"unlinkat", "chmod", "fchmod", "fchmodat", "chown", "lchown",
	"fchown", "fchownat", "truncate", "ftruncate", "fallocate", "sync",
	"syncfs", "sync_file_range", "utime", "utimes", "utimensat",
	"futimesat", "setxattr", "lsetxattr", "fsetxattr", "removexattr",
	"lremovexattr", "fremovexattr", "mknod", "mknodat", "memfd_create",
	NULL
};

static const char *const process[] = {
	"execve", "execveat", "fork", "vfork", "clone", "wait4", "waitid",
	"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
	"pidfd_open", "pidfd_send_signal", "setpgid", "setsid", "setpriority",
	"sched_setaffinity", "sched_setscheduler", "sched_setparam",
	"sched_setattr", "ioprio_set", "set_mempolicy", "mlock", "mlock2",
	"munlock", NULL
};

/* The families and types of socket() are the profile's network section. */
static const char *const sockets[] = {
	"socket", "socketpair", "connect", "bind", "listen", "accept",
	"accept4", "getsockname", "getsockopt", "setsockopt", "sendto",
	"recvfrom", "sendmsg", "sendmmsg", "recvmsg", "recvmmsg", "shutdown",
	NULL
};

static const char *const setid[] = {
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
	"setgroups", "setfsuid", "setfsgid", "capset", NULL
};

static const char *const ipc[] = {
	"shmget", "shmat", "shmdt", "shmctl", "semget", "semop", "semtimedop",
	"semctl", "msgget", "msgsnd", "msgrcv", "msgctl", "mq_open",
	"mq_unlink", "mq_timedsend", "mq_timedreceive", "mq_notify",
	"mq_getsetattr", NULL
};

static const char *const aio[] = {
	"io_setup", "io_submit", "io_getevents", "io_pgetevents", "io_cancel",
	"io_destroy", NULL
};

/* In no stock profile. */
static const char *const mount[] = {
	"mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount",
	"fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", NULL
};

static const char *const time_set[] = {
	"clock_settime", "settimeofday", "adjtimex", "clock_adjtime", NULL
};

static const char *const debug[] = { "ptrace", NULL };

const struct filter_group filter_groups[] = {
	{ "@base", base },
	{ "@file-read", file_read },
	{ "@file-write", file_write },
	{ "@process", process },
	{ "@socket", sockets },
	{ "@setid", setid },
	{ "@ipc", ipc },
	{ "@aio", aio },
	{ "@mount", mount },
	{ "@time-set", time_set },
	{ "@debug", debug },
};
const size_t filter_ngroups = sizeof(filter_groups) / sizeof(filter_groups[0]);

/*
 * io_uring walks around this filter; handles and other processes' memory
 * walk around the mounts; namespaces and modules undo everything; openat2
 * and fchmodat2 make files whose mode a filter cannot see or does not judge.
 */
const char *const filter_never[] = {
	"open_by_handle_at", "process_vm_readv", "process_vm_writev",
	"pidfd_getfd", "bpf", "kexec_load", "kexec_file_load", "init_module",
	"finit_module", "delete_module", "perf_event_open", "userfaultfd",
	"setns", "unshare", "iopl", "ioperm", "seccomp", "add_key",
	"request_key", "keyctl", "io_uring_setup", "io_uring_enter",
	"io_uring_register", "clone3", "reboot", "swapon", "swapoff",
	"fanotify_init", "kcmp", "modify_ldt", "lookup_dcookie", "uselib",
	"openat2", "#452" /* fchmodat2 */, NULL
};

const char *const filter_enosys[] = {
	"clone3", "io_uring_setup", "io_uring_enter", "io_uring_register",
	"openat2", NULL
};
