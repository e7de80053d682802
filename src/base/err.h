/* err.h - the one set of error numbers.  0 is success; functions return 0 or one of these. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	ERR_NOMEM = -1,		/* no memory */
	ERR_SYS = -2,		/* the kernel said no; logged where it happened */
	ERR_FORMAT = -3,	/* bytes that are not what they should be */
	ERR_LIMIT = -4,		/* longer or more than a named limit */
	ERR_DENIED = -5,	/* not allowed */
	ERR_NOTFOUND = -6,	/* no such thing */
	ERR_CONFLICT = -7,	/* already there, or changed meanwhile */
	ERR_WRONG_STATE = -8,	/* not at this moment */
	ERR_CLOSED = -9,	/* the other end is gone */
	ERR_TIMEOUT = -10,	/* not in time */
	ERR_CRYPTO = -11,	/* digest, signature or key is wrong */
	ERR_INTERNAL = -12,	/* our own mistake */
	ERR_FULL = -13		/* no room on the disk: nothing was written */
};

/* OpenSSL owns the plain name as a type: its headers come first where both are needed. */
#define ERR_STATE	ERR_WRONG_STATE

/* Name of an error for logs: "LIMIT".  Never NULL. */
const char *err_name(int err);

#endif
