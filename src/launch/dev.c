/* dev.c - the job's own /dev. */
#include "launch/dev.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "launch/mounts.h"

#define TTY_GROUP	"5"	/* gid of "tty" on Debian, fixed */
#define TTYS_MAX	"64"	/* kernel.pty.max is for all jobs together */

static int
make_nodes(void)
{
	static const struct node {
		const char	*path;
		unsigned int	 minor, major;
	} nodes[] = {
		{ "/dev/null", 3, 1 }, { "/dev/zero", 5, 1 },
		{ "/dev/full", 7, 1 }, { "/dev/random", 8, 1 },
		{ "/dev/urandom", 9, 1 }, { "/dev/tty", 0, 5 },
	};
	const struct node *n;

	for (n = nodes; n < nodes + sizeof(nodes) / sizeof(*nodes); n++)
		/* the init's umask is 0 */
		if (mknod(n->path, S_IFCHR | 0666,
		    makedev(n->major, n->minor)) < 0) {
			log_errno("device not made path=%s", n->path);
			return ERR_SYS;
		}
	return 0;
}

static int
make_links(void)
{
	static const char *const links[][2] = {
		{ "pts/ptmx", "/dev/ptmx" },
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};
	size_t i;

	for (i = 0; i < sizeof(links) / sizeof(*links); i++)
		if (symlink(links[i][0], links[i][1]) < 0) {
			log_errno("link not made path=%s", links[i][1]);
			return ERR_SYS;
		}
	return 0;
}

int
dev_private(void)
{
	int fd, r;

	if ((r = mounts_tmpfs("/dev", MS_NOSUID | MS_NOEXEC,
	    "mode=755,size=64k,nr_inodes=64")) != 0 ||
	    (r = make_nodes()) != 0 || (r = make_links()) != 0 ||
	    (r = mounts_make_dir("/dev/pts", 0755)) != 0 ||
	    (r = mounts_make_dir("/dev/shm", 01777)) != 0 ||
	    (r = mounts_tmpfs("/dev/shm", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	    "mode=1777,size=256m,nr_inodes=65536")) != 0)
		return r;
	if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	    "newinstance,ptmxmode=0666,mode=0620,max=" TTYS_MAX
	    ",gid=" TTY_GROUP) < 0) {
		log_errno("private terminals not mounted");
		return ERR_SYS;
	}
	fd = open(DEV_EMPTY_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0) {
		log_errno("empty file not made");
		return ERR_SYS;
	}
	close(fd);
	return 0;
}

int
dev_finish(void)
{
	if (unlink(DEV_EMPTY_FILE) < 0) {
		log_errno("empty file stays");
		return ERR_SYS;
	}
	return mounts_restrict("/dev", MOUNT_ATTR_RDONLY);
}
