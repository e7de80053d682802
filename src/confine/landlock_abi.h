/* landlock_abi.h - the kernel's Landlock interface up to ABI 7; the headers of older systems lack parts of it. */
#ifndef CONFINE_LANDLOCK_ABI_H
#define CONFINE_LANDLOCK_ABI_H

#include <stdint.h>

struct ll_ruleset_attr {
	uint64_t	handled_fs;
	uint64_t	handled_net;	/* ABI 4 */
	uint64_t	scoped;		/* ABI 6 */
};
struct ll_path_attr {
	uint64_t	access;
	int32_t		parent_fd;
} __attribute__((packed));
struct ll_port_attr {
	uint64_t	access;
	uint64_t	port;
};

#define LL_CREATE_VERSION	(1U << 0)
#define LL_RULE_PATH		1
#define LL_RULE_PORT		2

#define LL_FS_EXECUTE		(1ULL << 0)
#define LL_FS_WRITE_FILE	(1ULL << 1)
#define LL_FS_READ_FILE		(1ULL << 2)
#define LL_FS_READ_DIR		(1ULL << 3)
#define LL_FS_REMOVE_DIR	(1ULL << 4)
#define LL_FS_REMOVE_FILE	(1ULL << 5)
#define LL_FS_MAKE_CHAR		(1ULL << 6)
#define LL_FS_MAKE_DIR		(1ULL << 7)
#define LL_FS_MAKE_REG		(1ULL << 8)
#define LL_FS_MAKE_SOCK		(1ULL << 9)
#define LL_FS_MAKE_FIFO		(1ULL << 10)
#define LL_FS_MAKE_BLOCK	(1ULL << 11)
#define LL_FS_MAKE_SYM		(1ULL << 12)
#define LL_FS_REFER		(1ULL << 13)	/* ABI 2 */
#define LL_FS_TRUNCATE		(1ULL << 14)	/* ABI 3 */
#define LL_FS_IOCTL_DEV		(1ULL << 15)	/* ABI 5 */

#define LL_NET_BIND_TCP		(1ULL << 0)	/* ABI 4 */
#define LL_NET_CONNECT_TCP	(1ULL << 1)

#define LL_SCOPE_ABSTRACT_UNIX	(1ULL << 0)	/* ABI 6 */
#define LL_SCOPE_SIGNAL		(1ULL << 1)

/* What can be said of something that is not a directory. */
#define LL_FS_OF_FILE	(LL_FS_EXECUTE | LL_FS_WRITE_FILE | LL_FS_READ_FILE | \
			 LL_FS_TRUNCATE | LL_FS_IOCTL_DEV)
#define LL_FS_READ	(LL_FS_READ_FILE | LL_FS_READ_DIR)
#define LL_FS_WRITE	(LL_FS_WRITE_FILE | LL_FS_REMOVE_DIR | \
			 LL_FS_REMOVE_FILE | LL_FS_MAKE_DIR | LL_FS_MAKE_REG | \
			 LL_FS_MAKE_SOCK | LL_FS_MAKE_FIFO | LL_FS_MAKE_SYM | \
			 LL_FS_REFER | LL_FS_TRUNCATE)
#define LL_FS_ALL	((1ULL << 16) - 1)

#endif
