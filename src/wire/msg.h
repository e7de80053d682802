/*
 * msg.h - messages: numbers, structs, and the code between struct and bytes, all made from msg.def.
 *
 * Frame, big-endian: u16 number, u16 count of descriptors, u32 id, u32 length
 * of the body, body.  One frame is one packet on a channel; in a file (the
 * snapshot) frames follow one another.
 *
 * For every MSG(NAME, name, ...) there are
 *	struct msg_name			strings and vectors are owned by it
 *	int  msg_name_put(struct buf *, const struct msg_name *)
 *	int  msg_name_get(struct buf *, struct msg_name *)
 *		ERR_FORMAT, ERR_LIMIT, ERR_NOMEM: nothing is left in the struct;
 *		bytes left over after the last field are ERR_FORMAT
 *	void msg_name_free(struct msg_name *)	wipes; all-zero is allowed
 */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/fields.h"

enum peer {
	PEER_D = 1 << 0, PEER_S = 1 << 1, PEER_L = 1 << 2, PEER_M = 1 << 3,
	PEER_N = 1 << 4, PEER_R = 1 << 5, PEER_X = 1 << 6, PEER_G = 1 << 7,
	PEER_W = 1 << 8, PEER_F = 1 << 9, PEER_K = 1 << 10,
	PEER_ALL = PEER_L | PEER_M | PEER_N | PEER_R | PEER_X | PEER_G |
	    PEER_W | PEER_K
};

/* Programs that sekishod's starter can start, and whose slices sekisho-load makes. */
enum role_kind {
	ROLE_LOAD = 1, ROLE_MONITOR, ROLE_NET, ROLE_RECORD, ROLE_EXEC,
	ROLE_LEDGERD, ROLE_WORD, ROLE_KEYD, ROLE_RECOVER, ROLE_KINDS
};

enum key_factor { KEY_FACTOR_OFF, KEY_FACTOR_REQUIRED };
enum auth_result { AUTH_OK = 0x5a, AUTH_FAIL = 0x01, AUTH_END = 0x02 };
enum auth_kind { AUTH_NONE = 1, AUTH_KEY, AUTH_PASSWORD, AUTH_GSSAPI, AUTH_UNKNOWN };
enum login_failure { LOGIN_UNKNOWN = 1, LOGIN_BAD, LOGIN_LOCKED, LOGIN_NO_ROLE, LOGIN_TRIES, LOGIN_ABORTED, LOGIN_PAM, LOGIN_PROTOCOL, LOGIN_NO_KEY };
/* ran: the command itself ended; the rest: who or what ended it, or that it never ran */
enum job_end { JOB_RAN = 1, JOB_NOT_RUN, JOB_DISCONNECT, JOB_TIMEOUT, JOB_REVOKED, JOB_RECORD, JOB_LEDGER, JOB_LOST, JOB_STOPPING, JOB_REFUSALS, JOB_IDLE };
enum kit_failure { KIT_NO_PROCESS = 1, KIT_NO_KEYS };
/* What a seal is for; the tags are in src/record/FORMAT.md. */
enum seal_kind { SEAL_HEAD = 1, SEAL_CKPT, SEAL_END, SEAL_RECOVERED };
/* What was found in a recording whose end nobody told: END after all; an end behind a whole frame; inside one; damage before it; no file; no keys to seal the mark */
enum recovery { RECOVERY_END = 1, RECOVERY_UNFINISHED, RECOVERY_TORN, RECOVERY_DAMAGED, RECOVERY_MISSING, RECOVERY_FAILED };
/* fine; said in the log; nothing new starts; what runs is ended */
enum disk_level { DISK_FINE = 1, DISK_WARN, DISK_REFUSE, DISK_END };
enum person_role {
	PERSON_OPERATOR = 1 << 0, PERSON_APPROVER = 1 << 1,
	PERSON_AUDITOR = 1 << 2, PERSON_ADMINISTRATOR = 1 << 3,
	PERSON_EMERGENCY = 1 << 4, PERSON_MACHINE = 1 << 5
};

struct blob {
	uint8_t	*p;
	size_t	 n;
};

enum msg_type {
#define MSG(NAME, name, nr, from, to, fds) MSG_##NAME = nr,
#include "wire/msg.def"
#undef MSG
	MSG_TYPE_MAX = 0xffff
};

#define WIRE_C_u8	uint8_t
#define WIRE_C_u32	uint32_t
#define WIRE_C_u64	uint64_t
#define WIRE_C_i64	int64_t
#define WIRE_C_str	char *
#define WIRE_C_bytes	struct blob
#define WIRE_C_strv	char **
#define WIRE_FIELD(type, field, max) WIRE_C_##type field;

/* "unused" keeps messages without fields valid C. */
#define MSG(NAME, name, nr, from, to, fds)				\
	struct msg_##name {						\
		FIELDS_##name(WIRE_FIELD)				\
		uint8_t unused;						\
	};								\
	int msg_##name##_put(struct buf *, const struct msg_##name *);	\
	int msg_##name##_get(struct buf *, struct msg_##name *);	\
	void msg_##name##_free(struct msg_##name *);
#include "wire/msg.def"
#undef MSG

struct msg_row {
	enum msg_type	 type;
	const char	*name;
	unsigned int	 from, to;
	unsigned int	 fds;
};

/* The row of a number, NULL when there is none. */
const struct msg_row *msg_row(unsigned int nr);
/* "LOOKUP", or "?" for logs. */
const char *msg_name(unsigned int nr);

#define MSG_HEAD	12	/* bytes of the frame before the body */

/* Append a whole frame for a body of "n" bytes. */
int msg_frame_put(struct buf *b, enum msg_type type, uint32_t id,
    size_t nfds, const void *body, size_t n);
struct msg_head {
	uint16_t type;
	uint16_t nfds;
	uint32_t id;
	uint32_t len;
};
/* Take a frame's head; ERR_FORMAT when fewer than MSG_HEAD bytes. */
int msg_head_get(struct buf *b, struct msg_head *h);

#endif
