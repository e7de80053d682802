/* skr.h - numbers of the file format SKR1 that writer and reader share.  FORMAT.md says what they mean. */
#ifndef RECORD_SKR_H
#define RECORD_SKR_H

#define SKR_VERSION		1
#define SKR_MAGIC		"\x89SKR\r\n\x1a\n"
#define SKR_MAGIC_LEN		8
#define SKR_CHAIN_TAG		"skr1-chain"	/* its final NUL is hashed too */

/* Header: flags, sizes, limits. */
#define SKR_ENCRYPTED		0x0002	/* reserved: DATA is encrypted */
#define SKR_HEADER_FIXED	64	/* bytes before the first TLV */
#define SKR_HEADER_MAX		(1U << 20)
#define SKR_HEADER_MIN		128
#define SKR_TLV_HEAD		8
#define SKR_UUID		16
#define SKR_DIGEST		32

enum skr_tlv { SKR_META = 1, SKR_CLOCK, SKR_EPOCH, SKR_KEYS };
#define SKR_CLOCK_FIXED		40	/* bytes of CLOCK before the source's name */
#define SKR_EPOCH_LEN		48

/* Frames. */
#define SKR_HEAD		16
#define SKR_PAYLOAD_MAX		(1U << 20)	/* more is damage */
enum skr_frame {
	SKR_SEG = 1, SKR_DATA, SKR_CKPT, SKR_END, SKR_RECOVERED, SKR_GAP,
	SKR_SEAL
};
/* Kinds of seals, numbered as enum seal_kind of wire/msg.h. */
enum skr_seal { SKR_SEAL_HEAD = 1, SKR_SEAL_CKPT, SKR_SEAL_END, SKR_SEAL_MARK };
/* END's "how" where there is no exit status; enum job_end of wire/msg.h has all. */
#define SKR_HOW_NOT_RUN		2
#define SKR_HOW_RECORD		6
#define SKR_HOW_LOST		8
#define SKR_STORED		0x01	/* DATA: events as they are, not zstd */
#define SKR_SEG_LEN		32
#define SKR_CKPT_LEN		60
#define SKR_SEAL_LEN		84
#define SKR_END_FIXED		92	/* before signal, reason, seal */
#define SKR_SIGNAL_MAX		16
#define SKR_REASON_MAX		256
#define SKR_MARK_LEN		176	/* RECOVERED */
#define SKR_MARK_FIXED		96	/* before its seal */
enum skr_why { SKR_WHY_UNFINISHED = 1, SKR_WHY_TORN, SKR_WHY_DAMAGED };

/* The compressed stream: a decoder needs no more memory than this. */
#define SKR_WINDOW_LOG		14
#define SKR_LEVEL		1
#define SKR_PIECE_MAX		(256U << 10)	/* plain bytes of one DATA frame */
#define SKR_SEGMENT_MAX		(256U << 10)	/* plain bytes, then a new segment */
#define SKR_EVENT_MAX		(128U << 10)	/* bytes of one event */

#endif
