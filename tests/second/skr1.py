#!/usr/bin/python3
"""skr1.py FILE [LETTERS] - reads one recording, from src/record/FORMAT.md alone.

Says on standard error what it found; with LETTERS the bytes of these events go to standard output.
Status: 0 complete or recovered, 3 unfinished, 1 torn or damaged, 64 usage, 74 cannot be read.
"""
import struct
import sys

import zstandard

import canon
from signing import sha256, verify

MAGIC = bytes.fromhex("89534b520d0a1a0a")
HEADER_MIN, HEADER_MAX = 128, 1 << 20
PAYLOAD_MAX = 1 << 20
PIECE_MAX, SEGMENT_MAX = 262144, 524288
EVENT_MAX = 131072
WINDOW_MAX = 1 << 14
SEAL_LEN, HEAD_LEN, MARK_LEN = 80, 16, 192
SEG, DATA, CKPT, END, RECOVERED, SEAL = 1, 2, 3, 4, 5, 7
STORED = 1
TAGS = {"head": b"skr1-head\0", "ckpt": b"skr1-ckpt\0", "end": b"skr1-end\0", "reco": b"skr1-reco\0"}
HOW = {1: "ran", 2: "not run", 3: "disconnect", 4: "timeout", 5: "revoked", 6: "record", 7: "ledger",
       8: "lost", 9: "stopping", 10: "refusals", 11: "idle"}


def _crc_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


_CRC = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


class Wrong(Exception):
    """Something about the header or a frame is not as the format says."""


class Torn(Exception):
    """The file ends inside a frame."""


def need(true, why):
    if not true:
        raise Wrong(why)


class Seal:
    """80 bytes: who says so (epoch), when, and about what (digest)."""

    def __init__(self, raw, kind, session, digest, at):
        self.kind, self.at = kind, at
        self.epoch, zero, self.time = struct.unpack_from("<IIq", raw)
        self.signature = raw[16:80]
        self.is_none = raw == bytes(SEAL_LEN)
        need(self.is_none or zero == 0, "bytes of a seal that must be zero are not")
        need(self.is_none or self.epoch > 0, "a seal of epoch 0 that is not all zero")
        self.message = TAGS[kind] + session + struct.pack("<Iq", self.epoch, self.time) + digest

    def is_by(self, public_key):
        return verify(public_key, self.signature, self.message)


class Recording:
    """What the file says.  result: complete, recovered, unfinished, torn, damaged.

    at: where reading stopped (offset of the frame that is torn or wrong, else the end of the good part).
    chain: last chain value, behind END or the mark when there is one; None without a whole header.
    keys: epoch -> public key, as far as known; what is sealed by a known epoch must verify.
    """

    def __init__(self, data, keys=None, on_event=None):
        self.data, self.keys, self.on_event = data, dict(keys or {}), on_event
        self.result, self.at, self.why = "damaged", 0, ""
        self.uuid = self.meta = self.header_digest = self.chain = self.epoch = None
        self.header_len = self.frames = self.segment = self.sealed = 0
        self.seals, self.end, self.mark = [], None, None
        self.totals = {"in": 0, "out": 0, "err": 0}
        self.letters = set()
        self._seg = None        # no SEG yet
        self._last_us = 0
        self._ckpt = None       # (seq, offset, payload) of the last CKPT
        self._is_sealed = True  # it has its SEAL (no CKPT yet: nothing waits)
        self._read()

    # ---- the whole file

    def _read(self):
        try:
            self._header()
        except Wrong as e:
            self.why = str(e)
            return
        pos = self.header_len
        while True:
            try:
                self.at = pos
                if pos == len(self.data):
                    if self.end:
                        self.result = "complete"
                        return
                    raise Torn("")
                need(not self.end, "bytes behind END")
                pos = self._frame(pos)
                if self.mark:
                    self.result = "recovered"
                    return
            except Torn as e:
                self.result, self.why = ("torn", str(e)) if str(e) else ("unfinished", "there is no END")
                break
            except Wrong as e:
                self.result, self.why = "damaged", str(e)
                break
        if not self.end:
            self._look_for_mark()

    def _look_for_mark(self):
        """The bad part is no frame of ours; the last 192 bytes may say where it begins."""
        at = len(self.data) - MARK_LEN
        if at <= self.at:
            return
        try:
            head, payload = self._split(at)
            self._mark(at, head, payload)
            self.result = "recovered"
        except (Wrong, Torn):
            self.mark = None

    # ---- header

    def _header(self):
        d = self.data
        need(len(d) >= 64, "shorter than a header")
        need(d[:8] == MAGIC, "magic")
        version, flags, self.header_len = struct.unpack_from("<HHI", d, 8)
        need(version == 1, "version %d" % version)
        need(flags == 0, "flags 0x%x" % flags)
        need(HEADER_MIN <= self.header_len <= HEADER_MAX, "length of the header")
        need(self.header_len >= 64 + SEAL_LEN, "length of the header")
        need(len(d) >= self.header_len, "the header is not whole")
        header = d[:self.header_len]
        self.uuid = header[16:32]
        need(self.uuid[6] >> 4 == 7 and self.uuid[8] >> 6 == 2, "the session id is no UUIDv7")
        self._tlvs(header[64:-SEAL_LEN])
        need(sha256(self.epoch[2]) == header[32:64], "digest of the epoch's key")
        seal = Seal(header[-SEAL_LEN:], "head", self.uuid, sha256(header[:-SEAL_LEN]), self.header_len - SEAL_LEN)
        need(seal.epoch == self.epoch[0], "the header is sealed by another epoch than it names")
        need(seal.time >= self.epoch[1], "the header is sealed before its epoch began")
        need(seal.is_by(self.epoch[2]), "seal of the header")
        self.keys.setdefault(self.epoch[0], self.epoch[2])
        self._note_seal(seal)
        self.header_digest = sha256(header)
        self.chain = sha256(b"skr1-chain\0", header)
        self.sealed = self.header_len

    def _tlvs(self, area):
        seen, pos = {}, 0
        while pos < len(area):
            need(pos + 8 <= len(area), "a TLV is cut")
            kind, zero, length = struct.unpack_from("<HHI", area, pos)
            need(zero == 0, "a TLV's reserved bytes")
            need(pos + 8 + length <= len(area), "a TLV reaches out of the header")
            if kind in (1, 2, 3):
                need(kind not in seen, "TLV %d stands there twice" % kind)
                seen[kind] = area[pos + 8:pos + 8 + length]
            pos += 8 + length
        need(set(seen) == {1, 2, 3}, "META, CLOCK or EPOCH is missing")
        try:
            self.meta = canon.load_object(seen[1])
        except canon.NotCanonical as e:
            raise Wrong("META: %s" % e) from None
        need(b"\0" not in seen[1] and b"\\u0000" not in seen[1], "META has a NUL")
        clock = seen[2]
        need(len(clock) >= 40 and clock[32] in (0, 1) and clock[33:36] == bytes(3), "CLOCK")
        self.started_ns, self._boot_ns = struct.unpack_from("<qQ", clock)
        need(len(seen[3]) == 48, "length of EPOCH")
        number, zero, start = struct.unpack_from("<IIq", seen[3])
        need(number > 0 and zero == 0, "EPOCH")
        self.epoch = (number, start, seen[3][16:])

    # ---- seals

    def _note_seal(self, seal):
        """A seal counts when it goes on from the one before and, where the key is known, verifies."""
        if self.seals:
            last = self.seals[-1]
            need(seal.epoch >= last.epoch, "the epoch of a seal goes back")
            need(seal.time >= last.time, "the time of a seal goes back")
        key = self.keys.get(seal.epoch)
        need(key is None or seal.is_by(key), "signature of a seal (%s)" % seal.kind)
        self.seals.append(seal)

    # ---- frames

    def _split(self, pos):
        """Head and payload of the frame at pos, checked as far as that goes without its type."""
        left = len(self.data) - pos
        if left < HEAD_LEN:
            raise Torn("the file ends inside a frame's head")
        head = self.data[pos:pos + HEAD_LEN]
        length, = struct.unpack_from("<I", head)
        need(length <= PAYLOAD_MAX, "length of a frame")
        if left < HEAD_LEN + length:
            raise Torn("the file ends inside a frame")
        payload = self.data[pos + HEAD_LEN:pos + HEAD_LEN + length]
        crc, = struct.unpack_from("<I", head, 12)
        need(crc32c(head[:12] + bytes(4) + payload) == crc, "crc")
        return head, payload

    def _frame(self, pos):
        head, payload = self._split(pos)
        length, kind, flags, low, seq, _ = struct.unpack("<IBBHII", head)
        need(seq == self.frames, "number of a frame")
        if kind == RECOVERED:
            self._mark(pos, head, payload)
            return len(self.data)
        if kind in (SEG, CKPT, END, SEAL):
            need(flags == 0, "flags of a frame")
        if kind == SEG:
            self._on_seg(low, payload)
        else:
            need(self._seg is not None, "the first frame is no SEG")
            need(low == self.segment & 0xFFFF, "a frame of another segment")
        if kind == DATA:
            self._on_data(flags, payload)
        elif kind == CKPT:
            self._on_ckpt(pos, payload)
        elif kind == SEAL:
            self._on_seal(pos, payload)
        elif kind == END:
            self._on_end(pos, payload)
        self.chain = sha256(self.chain, head, payload)
        self.frames += 1
        return pos + HEAD_LEN + length

    def _on_seg(self, low, p):
        need(len(p) == 32, "length of SEG")
        number, boot, _, _, synced = struct.unpack_from("<QQqiB", p)
        need(number == (0 if self._seg is None else self.segment + 1), "number of a segment")
        need(low == number & 0xFFFF, "segment in the head of SEG")
        need(synced in (0, 1) and p[29:] == bytes(3), "SEG")
        need(boot >= self._boot_ns, "a segment before the session began")
        self.segment, self._seg = number, boot
        self._us = (boot - self._boot_ns) // 1000
        self._plain, self._stream = 0, None

    def _on_data(self, flags, p):
        need(flags & ~STORED == 0, "flags of DATA")
        plain = p if flags & STORED else self._inflate(p)
        need(len(plain) <= PIECE_MAX, "more plain bytes than a piece may have")
        self._plain += len(plain)
        need(self._plain <= SEGMENT_MAX, "more plain bytes than a segment may have")
        need(plain, "DATA without an event")
        pos = 0
        while pos < len(plain):
            pos = self._event(plain, pos)

    def _inflate(self, p):
        """One piece of the segment's zstd frame: its header in front of the first, then whole blocks, never the last."""
        pos = 0
        if self._stream is None:
            need(len(p) >= 6 and p[:4] == bytes.fromhex("28b52ffd"), "no zstd frame")
            # no content size, no single segment, no reserved bit, no checksum, no dictionary
            need(p[4] & ~0x10 == 0, "zstd frame header")
            base = 1 << (10 + (p[5] >> 3))
            need(base + base // 8 * (p[5] & 7) <= WINDOW_MAX, "zstd window")
            self._stream = zstandard.ZstdDecompressor().decompressobj()
            self._blocks_from = 0
            pos = 6
            self._stream.decompress(p[:6])
        out = b""
        while pos < len(p):
            need(pos + 3 <= len(p), "a zstd block is cut")
            head = int.from_bytes(p[pos:pos + 3], "little")
            is_last, kind, size = head & 1, head >> 1 & 3, head >> 3
            need(not is_last and kind != 3, "zstd block")
            need(size <= WINDOW_MAX, "zstd block size")
            stored = 1 if kind == 1 else size
            need(pos + 3 + stored <= len(p), "a zstd block is cut")
            try:
                out += self._stream.decompress(p[pos:pos + 3 + stored])
            except zstandard.ZstdError as e:
                raise Wrong("zstd: %s" % e) from None
            need(len(out) <= PIECE_MAX, "more plain bytes than a piece may have")
            pos += 3 + stored
        return out

    def _varint(self, p, pos):
        value = 0
        for n in range(9):
            need(pos + n < len(p), "an event is cut")
            value |= (p[pos + n] & 0x7F) << 7 * n
            if not p[pos + n] & 0x80:
                return value, pos + n + 1
        raise Wrong("a number of more than nine bytes")

    def _event(self, p, pos):
        letter = chr(p[pos])
        delta, pos = self._varint(p, pos + 1)
        length, pos = self._varint(p, pos)
        need(length <= EVENT_MAX, "length of an event")
        need(pos + length <= len(p), "an event crosses its frame")
        self._us += delta
        need(self._us >= self._last_us, "time goes back")
        self._last_us = self._us
        self.letters.add(letter)
        stream = {"i": "in", "0": "in", "o": "out", "1": "out", "2": "err"}.get(letter)
        if stream:
            self.totals[stream] += length
        if self.on_event:
            self.on_event(letter, self._us, p[pos:pos + length])
        return pos + length

    def _on_ckpt(self, pos, p):
        need(len(p) == 60, "length of CKPT")
        segment, offset, seq, _ = struct.unpack_from("<QQIq", p)
        need(self._is_sealed, "a checkpoint before the one in front of it is sealed")
        need(segment == self.segment and offset == pos and seq == self.frames, "place of CKPT")
        need(p[28:] == self.chain, "chain of CKPT")
        self._ckpt, self._is_sealed = (seq, pos, p), False

    def _on_seal(self, pos, p):
        need(len(p) == 84, "length of SEAL")
        need(self._ckpt is not None and not self._is_sealed, "SEAL without a checkpoint that waits for it")
        seq, offset, ckpt = self._ckpt
        need(struct.unpack_from("<I", p)[0] == seq, "SEAL of another checkpoint")
        seal = Seal(p[4:], "ckpt", self.uuid, sha256(ckpt), pos)
        need(not seal.is_none, "SEAL without a seal")
        self._note_seal(seal)
        self._is_sealed, self.sealed = True, offset

    def _on_end(self, pos, p):
        need(len(p) >= 92 + SEAL_LEN, "length of END")
        how, z1, status, n_in, n_out, n_err, duration, at_ns, z2, n_sig, n_why, z3 = \
            struct.unpack_from("<B3siQQQQqIHHI", p)
        need(how in HOW, "how of END")
        need(z1 == bytes(3) and z2 == 0 and z3 == 0, "bytes of END that must be zero are not")
        need(n_sig <= 16 and n_why <= 256 and len(p) == 92 + n_sig + n_why + SEAL_LEN, "length of END")
        need(p[60:92] == self.chain, "chain of END")
        need((n_in, n_out, n_err) == tuple(self.totals.values()), "totals of END")
        try:
            signal = p[92:92 + n_sig].decode("ascii")
            reason = p[92 + n_sig:-SEAL_LEN].decode("utf-8")
        except UnicodeDecodeError:
            raise Wrong("text of END") from None
        seal = Seal(p[-SEAL_LEN:], "end", self.uuid, sha256(p[:-SEAL_LEN]), pos)
        if not seal.is_none:
            self._note_seal(seal)
        self.end = {"how": HOW[how], "status": status, "signal": signal, "reason": reason, "in": n_in, "out": n_out,
                    "err": n_err, "duration_ns": duration, "at_ns": at_ns, "is_sealed": not seal.is_none}

    def _mark(self, pos, head, p):
        length, kind, flags, low, seq, _ = struct.unpack("<IBBHII", head)
        need(pos + MARK_LEN == len(self.data) and length == MARK_LEN - HEAD_LEN, "place of RECOVERED")
        need(kind == RECOVERED and flags == 0 and low == self.segment & 0xFFFF and seq == self.frames,
             "head of RECOVERED")
        why, z1, good, found = struct.unpack_from("<B7sQQ", p)
        at_ns, sealed, frames, z2 = struct.unpack_from("<qQII", p, 72)
        need(why in (1, 2, 3) and z1 == bytes(7) and z2 == 0, "RECOVERED")
        need(good == self.at and found == pos and (why == 1) == (good == found), "places in RECOVERED")
        need(p[24:56] == self.chain and frames == self.frames, "chain of RECOVERED")
        need(sealed == self.sealed, "last seal in RECOVERED")
        seal = Seal(p[96:], "reco", self.uuid, sha256(p[:96]), pos)
        need(not seal.is_none, "RECOVERED without a seal")
        self._note_seal(seal)
        self.mark = {"why": why, "good": good, "found": found, "at_ns": at_ns, "sealed": sealed}
        self.chain = sha256(self.chain, head, p)

    def describe(self):
        text = "%s at %d" % (self.result, self.at)
        if self.why:
            text += ": " + self.why
        return text


def main(args):
    if not 1 <= len(args) <= 2:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        with open(args[0], "rb") as f:
            data = f.read()
    except OSError as e:
        print("skr1: %s" % e, file=sys.stderr)
        return 74
    letters = args[1] if len(args) == 2 else ""

    def show(letter, _, content):
        if letter in letters:
            sys.stdout.buffer.write(content)

    r = Recording(data, on_event=show)
    sys.stdout.buffer.flush()
    print("%s; %d frames, in %d, out %d, err %d" % (r.describe(), r.frames, r.totals["in"], r.totals["out"],
          r.totals["err"]), file=sys.stderr)
    return {"complete": 0, "recovered": 0, "unfinished": 3}.get(r.result, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
