/* caps.c - bounding set, capability sets and securebits by system call. */
#include "confine/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

#define LOW(mask)	((uint32_t)((mask) & 0xffffffffU))
#define HIGH(mask)	((uint32_t)((mask) >> 32))

uint64_t
caps_known(void)
{
	uint64_t known = 0;
	int cap;

	for (cap = 0; cap < 64; cap++) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) < 0)
			break;
		known |= CAPS_BIT(cap);
	}
	return known;
}

int
caps_bound(uint64_t keep)
{
	int cap, has;

	for (cap = 0; cap < 64; cap++) {
		if ((keep & CAPS_BIT(cap)) != 0)
			continue;
		/* whoever may not drop may have nothing to drop: what is left counts */
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
		if ((has = prctl(PR_CAPBSET_READ, cap, 0, 0, 0)) < 0)
			break;			/* the last one is behind us */
		if (has != 0) {
			log_errno("capability stays in the bounding set cap=%d",
			    cap);
			return ERR_SYS;
		}
	}
	return 0;
}

int
caps_set(uint64_t keep, uint64_t inherit)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ LOW(keep), LOW(keep), LOW(inherit) },
		{ HIGH(keep), HIGH(keep), HIGH(inherit) },
	};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) {
		log_errno("ambient capabilities not cleared");
		return ERR_SYS;
	}
	if (syscall(SYS_capset, &head, data) < 0) {
		log_errno("capset failed");
		return ERR_SYS;
	}
	return 0;
}

int
caps_ambient(uint64_t caps)
{
	int cap;

	for (cap = 0; cap < 64; cap++) {
		if ((caps & CAPS_BIT(cap)) == 0)
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0,
		    0) < 0) {
			log_errno("ambient capability not raised cap=%d", cap);
			return ERR_SYS;
		}
	}
	return 0;
}

int
caps_get(uint64_t *permitted, uint64_t *effective, uint64_t *inheritable)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0) {
		log_errno("capget failed");
		return ERR_SYS;
	}
	*permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	*effective = data[0].effective | (uint64_t)data[1].effective << 32;
	*inheritable = data[0].inheritable |
	    (uint64_t)data[1].inheritable << 32;
	return 0;
}

int
caps_lock(void)
{
	unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED |
	    SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |
	    SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
	    SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0 ||
	    prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) != (int)bits) {
		log_errno("securebits not set");
		return ERR_SYS;
	}
	return 0;
}
