/* limits.h - limits that more than one process must agree on, with their reasons. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Linux's own limit for account names (useradd(8)) plus NUL is 33. */
#define USER_MAX	32
/* PAM_MAX_RESP_SIZE of Linux-PAM: a longer answer cannot be handed over. */
#define ANSWER_MAX	512
#define PROMPTS_MAX	16		/* pam_conv messages in one round */
/* One SSH exec string.  Longer ones are refused as SYNTAX, never cut. */
#define COMMAND_MAX	65536
#define ARGV_BYTES_MAX	65536		/* all words with their NULs */
#define ARGV_WORDS_MAX	1024
#define TERM_MAX	64		/* TERM of a pty-req */
#define TTY_SIDE_MAX	1000		/* columns or rows of a terminal */
#define CODE_MAX	24		/* NOT-APPROVED */
#define REASON_MAX	4096		/* sentence shown with a refusal */
#define NEXT_MAX	1024		/* command shown as "next:" */
#define SOURCE_MAX	64		/* printable peer address with port */
#define NAME_MAX_LEN	64		/* profile, target, label, host */
#define PATH_MAX_LEN	4096
#define DIGEST_LEN	32		/* SHA-256 */
#define UUID_LEN	16
#define SIGNATURE_LEN	64		/* Ed25519 */
#define ORIGIN_MAX	96		/* gate's name, "/sekisho" */
#define NOTE_MAX	2048		/* one signed head */
#define GROUPS_MAX	64		/* supplementary groups of a run-as */
#define SCRIPT_MAX	65536		/* approved script, bytes */
#define BPF_MAX		32768		/* 4096 instructions of 8 bytes */
#define PLAN_MAX	65536		/* encoded launch plan */
#define GUESS_MAX	98304		/* encoded CAGE: a plan, and hidden paths */
#define JSON_MAX	131072		/* one JSON document on a channel */
#define DATA_MAX	65536		/* bytes of free data in one message */
#define CHANNELS_MAX	64		/* session channels of one connection */
/* A packet of SOCK_SEQPACKET must fit the socket buffer (212,992 by default). */
#define MESSAGE_MAX	196608
#define FDS_MAX		8		/* descriptors with one message */
/*
 * RLIMIT_NOFILE of a process of root's that sends descriptors: the kernel
 * compares it with all that root has under way in sockets anywhere (a crowd at
 * the door: thousands), not with what the sender has open.
 */
#define IN_FLIGHT_MAX	65536
/* A public key on the wire: RSA of 16384 bits needs 2071 bytes. */
#define KEY_BLOB_MAX	4096
#define EXIT_REFUSED	77		/* status of everything the gate refuses */

#endif
