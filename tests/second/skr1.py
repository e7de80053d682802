#!/usr/bin/env python3
"""skr1.py FILE [LETTERS] - a second reader of recordings, written from src/record/FORMAT.md alone.

Prints the result as one line on stderr; with LETTERS the bytes of these events go to stdout.
Status 0: complete, 1: unfinished or torn, 2: damaged, 3: not a recording. Needs libzstd.so.1 only.
"""
import ctypes
import hashlib
import struct
import sys

Z = ctypes.CDLL("libzstd.so.1")
Z.ZSTD_createDCtx.restype = ctypes.c_void_p
Z.ZSTD_freeDCtx.argtypes = [ctypes.c_void_p]
Z.ZSTD_decompressStream.restype = ctypes.c_size_t


class Buf(ctypes.Structure):
    _fields_ = [("p", ctypes.c_void_p), ("size", ctypes.c_size_t), ("pos", ctypes.c_size_t)]


class Damage(Exception):
    pass


def table():
    out = []
    for i in range(256):
        for _ in range(8):
            i = i >> 1 ^ (0x82F63B78 if i & 1 else 0)
        out.append(i)
    return out


CRC = table()


def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = c >> 8 ^ CRC[(c ^ b) & 255]
    return c ^ 0xFFFFFFFF


def sha(data):
    return hashlib.sha256(data).digest()


class Stream:
    """One segment's zstd frame."""

    def __init__(self):
        self.ctx = Z.ZSTD_createDCtx()

    def close(self):
        Z.ZSTD_freeDCtx(self.ctx)

    def piece(self, data):
        room = ctypes.create_string_buffer(262145)
        src = ctypes.create_string_buffer(data, len(data))
        out = Buf(ctypes.cast(room, ctypes.c_void_p), len(room), 0)
        inp = Buf(ctypes.cast(src, ctypes.c_void_p), len(data), 0)
        while True:
            before = (out.pos, inp.pos)
            code = Z.ZSTD_decompressStream(ctypes.c_void_p(self.ctx), ctypes.byref(out), ctypes.byref(inp))
            if Z.ZSTD_isError(ctypes.c_size_t(code)) or out.pos > 262144:
                raise Damage("compressed data")
            if (out.pos, inp.pos) == before:
                break
        if inp.pos != len(data):
            raise Damage("compressed data")
        return room.raw[: out.pos]


def varint(p, at):
    v = 0
    for i in range(9):
        if at + i >= len(p):
            break
        v |= (p[at + i] & 127) << 7 * i
        if p[at + i] < 128:
            return v, at + i + 1
    raise Damage("varint")


def events(p, now):
    at = 0
    while at < len(p):
        letter = chr(p[at])
        delta, k = varint(p, at + 1)
        n, k = varint(p, k)
        if n > 131072 or k + n > len(p):
            raise Damage("event")
        now += delta
        yield now, letter, p[k : k + n]
        at = k + n


def read(f):
    """Yields (time in us, letter, bytes); returns (result, offset) as the value of StopIteration."""
    head = f[:64]
    if len(head) < 64 or head[:8] != b"\x89SKR\r\n\x1a\n":
        raise ValueError("not a recording")
    version, flags, length = struct.unpack("<HHI", head[8:16])
    if version != 1 or flags & ~1 or not 128 <= length <= min(1 << 20, len(f)):
        raise ValueError("version, flags or header length")
    tlvs, at = {}, 64
    while at < length - 64:
        kind, _, n = struct.unpack("<HHI", f[at : at + 8])
        tlvs[kind] = f[at + 8 : at + 8 + n]
        at += 8 + n
    start = struct.unpack("<Q", tlvs[2][8:16])[0]
    chain, at, seq, segment, stream, now = sha(b"skr1-chain\0" + f[:length]), length, 0, -1, None, 0
    totals = {"in": 0, "out": 0, "err": 0}
    names = {"i": "in", "0": "in", "o": "out", "1": "out", "2": "err"}
    ended = False
    while at < len(f):
        if ended:
            return "damaged", at
        if at + 16 > len(f):
            return "torn", at
        n, kind, flags, seg, number, crc = struct.unpack("<IBBHII", f[at : at + 16])
        if n > 1 << 20:
            return "damaged", at
        if at + 16 + n > len(f):
            return "torn", at
        h, p = f[at : at + 16], f[at + 16 : at + 16 + n]
        if crc32c(h[:12] + b"\0\0\0\0" + p) != crc or number != seq or (kind != 1 and seg != segment & 0xFFFF):
            return "damaged", at
        if kind == 1:
            new, boot = struct.unpack("<QQ", p[:16])
            if n != 32 or new != segment + 1 or seg != new & 0xFFFF or (boot - start) // 1000 < now:
                return "damaged", at
            segment, now = new, (boot - start) // 1000
            if stream:
                stream.close()
            stream = Stream()
        elif kind == 2:
            try:
                for e in list(events(p if flags & 1 else stream.piece(p), now)):
                    now = e[0]
                    if e[1] in names:
                        totals[names[e[1]]] += len(e[2])
                    yield e
            except Damage:
                return "damaged", at
        elif kind == 3:
            if n != 128 or struct.unpack("<QQI", p[:20]) != (segment, at, seq) or p[28:60] != chain:
                return "damaged", at
        elif kind == 4:
            if p[60:92] != chain or struct.unpack("<QQQ", p[8:32]) != tuple(totals.values()):
                return "damaged", at
            ended = True
        chain = sha(chain + h + p)
        seq, at = seq + 1, at + 16 + n
    return ("complete" if ended else "unfinished"), at


def main():
    letters = sys.argv[2] if len(sys.argv) > 2 else ""
    with open(sys.argv[1], "rb") as f:
        reader = read(f.read())
    count = 0
    while True:
        try:
            _, letter, data = next(reader)
        except StopIteration as end:
            result, offset = end.value
            break
        except ValueError as e:
            print(e, file=sys.stderr)
            return 3
        count += 1
        if letter in letters:
            sys.stdout.buffer.write(data)
    print(f"{result} at offset {offset}, {count} events", file=sys.stderr)
    return {"complete": 0, "unfinished": 1, "torn": 1, "damaged": 2}[result]


sys.exit(main())
