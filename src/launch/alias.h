/* alias.h - the same files under other names: bind mounts, file systems mounted twice, overlays. */
#ifndef LAUNCH_ALIAS_H
#define LAUNCH_ALIAS_H

struct aliases;

/*
 * The mounts of this namespace as they are now.  *fd: poll(2) tells of every
 * change to them since then (POLLPRI and POLLERR).  ERR_SYS: cannot be read
 * (logged).
 */
int alias_open(struct aliases **out, int *fd);
/* The same from the text of a mountinfo file (proc(5)); it is taken over, also on failure. */
int alias_parse(char *mountinfo, struct aliases **out);
/* NULL is allowed. */
void alias_close(struct aliases *a);

/* Adds "path" (real, no symbolic links) and every other path that shows the same files to *list. */
int alias_add(const struct aliases *a, const char *path, char ***list);
/*
 * Mount points beneath "dir" whose file system is the kernel itself (proc,
 * sysfs, cgroup ...): writing there would be writing to the host.
 */
int alias_kernel_mounts(const struct aliases *a, const char *dir,
    char ***list);

#endif
