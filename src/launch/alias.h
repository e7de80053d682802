/* alias.h - the same files under other names: bind mounts, file systems mounted twice, overlays. */
#ifndef LAUNCH_ALIAS_H
#define LAUNCH_ALIAS_H

/*
 * Adds "path" (real, no symbolic links) and every other path of this mount
 * namespace that shows the same files to *list.  ERR_SYS: the mounts cannot
 * be read (logged).
 */
int alias_add(const char *path, char ***list);
/* The same with the text of a mountinfo file (proc(5)), which is changed. */
int alias_find(char *mountinfo, const char *path, char ***list);
/*
 * Mount points beneath "dir" whose file system is the kernel itself (proc,
 * sysfs, cgroup ...): writing there would be writing to the host.
 */
int alias_kernel_mounts(const char *dir, char ***list);
int alias_kernel_find(char *mountinfo, const char *dir, char ***list);

#endif
