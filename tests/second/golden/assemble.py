#!/usr/bin/python3
"""assemble.py DIR - writes the golden files: DIR/recordings/*.skr, a store with all that
can happen, DIR/store, and one with one of each, DIR/tiny.

An assembler: it puts down what the calls at the end of this file say, in the layout of src/record/FORMAT.md and
src/ledger/FORMAT.md, and knows nothing of either verifier.  The keys are those of RFC 8032, 7.1, so anybody can make
every byte again; `sums` has the digests of the recordings, `expected` what a reader must say of them.
"""
import base64
import datetime
import hashlib
import json
import os
import sqlite3
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# RFC 8032, section 7.1: TEST 1 is the log key, TEST 2, 3 and 1024 are the keys of epochs 1, 2 and 3
SECRET = {
    "log": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    1: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    2: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    3: "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
}
PUBLIC = {
    "log": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    1: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    2: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    3: "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
}
ORIGIN = "golden/sekisho"
S = 10**9
T0 = 1795391940 * S             # 2026-11-22T23:59:00Z
START = {1: T0, 2: T0 + 3600 * S, 3: T0 + 90000 * S}    # of the epochs: on three days
BOOT = 5000 * S                 # CLOCK_BOOTTIME at T0


def signature(key, message):
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRET[key])).sign(message)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def crc32c(data):
    reg = 0xFFFFFFFF
    for b in data:
        reg ^= b
        for _ in range(8):
            reg = reg >> 1 ^ 0x82F63B78 * (reg & 1)
    return reg ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


# ---- recordings


class Rec:
    """The bytes of one recording as they grow; at: seconds after T0 of what is written next."""

    def __init__(self, session, uuid, epoch, at, meta=None):
        self.uuid, self.at, self.seq, self.seg = bytes.fromhex(uuid.replace("-", "")), at, 0, 0
        doc = {"session": session, "uuid": uuid}
        doc.update(meta or {})
        tlvs = self.tlv(1, canonical(doc))
        tlvs += self.tlv(2, struct.pack("<qQ16sB3xI", T0 + at * S, BOOT + at * S, b"BOOTBOOTBOOTBOOT", 1, 250) + b"kernel")
        tlvs += self.tlv(3, struct.pack("<IIq", epoch, 0, START[epoch]) + bytes.fromhex(PUBLIC[epoch]))
        tlvs += self.tlv(77, b"of a later version")
        length = 64 + len(tlvs) + 80
        front = bytes.fromhex("89534b520d0a1a0a") + struct.pack("<HHI", 1, 0, length) + self.uuid
        front += sha(bytes.fromhex(PUBLIC[epoch])) + tlvs
        self.bytes = front + self.seal(b"skr1-head\0", epoch, sha(front))
        self.header = sha(self.bytes)
        self.chain = sha(b"skr1-chain\0", self.bytes)
        self.sealed = length

    @staticmethod
    def tlv(kind, value):
        return struct.pack("<HHI", kind, 0, len(value)) + value

    def seal(self, tag, epoch, digest):
        if epoch == 0:
            return bytes(80)
        said = struct.pack("<Iq", epoch, T0 + self.at * S + 7)
        return struct.pack("<IIq", epoch, 0, T0 + self.at * S + 7) + signature(epoch, tag + self.uuid + said + digest)

    def frame(self, kind, payload, flags=0):
        head = struct.pack("<IBBHI", len(payload), kind, flags, self.seg & 0xFFFF, self.seq)
        head += struct.pack("<I", crc32c(head + bytes(4) + payload))
        self.bytes += head + payload
        self.chain = sha(self.chain, head, payload)
        self.seq += 1
        return self

    def segment(self, number):
        self.seg = number
        return self.frame(1, struct.pack("<QQqiB3x", number, BOOT + self.at * S + 5000, T0 + self.at * S, -3, 1))

    def stored(self, plain):
        return self.frame(2, plain, flags=1)

    # a zstd frame by hand: magic, no checksum, window 2^14; blocks are 3 bytes (size << 3 | type << 1 | last), then
    # type 0: the bytes; type 1: one byte, `size` times
    ZSTD = bytes.fromhex("28b52ffd 00 20")

    def blocks(self, *blocks, first=False):
        raw = self.ZSTD if first else b""
        for b in blocks:
            if isinstance(b, bytes):
                raw += (len(b) << 3).to_bytes(3, "little") + b
            else:
                byte, times = b
                raw += (times << 3 | 1 << 1).to_bytes(3, "little") + byte
        return self.frame(2, raw)

    def ckpt(self, sealed_by):
        at = len(self.bytes)
        said = struct.pack("<QQIq", self.seg, at, self.seq, T0 + self.at * S) + self.chain
        seq = self.seq
        self.frame(3, said)
        if sealed_by:
            self.frame(7, struct.pack("<I", seq) + self.seal(b"skr1-ckpt\0", sealed_by, sha(said)))
            self.sealed = at
        return self

    def end(self, how, status, n_in, n_out, n_err, sealed_by, signal=b"", reason=b""):
        p = struct.pack("<B3xiQQQQqIHHI", how, status, n_in, n_out, n_err, 1234567890, T0 + self.at * S, 0, len(signal),
                        len(reason), 0) + self.chain + signal + reason
        return self.frame(4, p + self.seal(b"skr1-end\0", sealed_by, sha(p)))

    def mark(self, why, junk, sealed_by):
        good = len(self.bytes)
        self.bytes += junk
        p = struct.pack("<B7xQQ", why, good, len(self.bytes)) + self.chain + b"ROOTROOTROOTROOT"
        p += struct.pack("<qQII", T0 + self.at * S, self.sealed, self.seq, 0)
        self.good, self.found = good, len(self.bytes)
        return self.frame(5, p + self.seal(b"skr1-reco\0", sealed_by, sha(p)))


def event(letter, delta_us, data):
    def varint(n):
        out = b""
        while n > 127:
            out += bytes([n & 127 | 128])
            n >>= 7
        return out + bytes([n])
    return letter.encode() + varint(delta_us) + varint(len(data)) + data


def uuid(day_ms, tail):
    h = "%012x" % day_ms
    return "%s-%s-7%s-8%s-%s" % (h[:8], h[8:12], "a" + tail[:2], "b" + tail[:2], (tail * 12)[:12])


# The sessions of the store; each on the day of its uuid
UUID = {n: uuid((T0 + at * S) // 10**6, "%02x" % n) for n, at in
        ((1, 10), (2, 4000), (3, 4100), (4, 89990), (5, 4200), (6, 4210), (7, 90100), (8, 90200), (9, 90050))}


def complete():
    """Two segments, all kinds of pieces, a frame of a later version, sealed to its end."""
    r = Rec("S1", UUID[1], 1, 10, {"argv": ["cat", "-n"]})
    r.segment(0)
    r.blocks(event("1", 100, b"one\n"), b"1\x64\xd0\x0f", (b"x", 2000), first=True)
    r.blocks(event("0", 20, b"in"), event("2", 1, b"err"))
    r.frame(0x66, b"later", flags=9)
    r.ckpt(1)
    r.stored(event("n", 3, "a line of the gate\n".encode()) + event("i", 0, b""))
    r.at = 25
    r.segment(1)
    r.blocks(event("1", 0, "\u00fc\0".encode()), first=True)
    r.stored(event("x", 5, b"0"))
    r.at = 26
    r.ckpt(1)
    return r.end(1, 0, 2, 2007, 3, 1)


def torn_and_recovered():
    r = Rec("S2", UUID[2], 2, 4000)
    r.segment(0)
    r.stored(event("1", 7, b"kept"))
    r.ckpt(2)
    r.stored(event("1", 9, b"kept, not sealed"))
    r.at = 4050
    junk = struct.pack("<IBBHII", 900, 2, 1, 0, 5, 0) + b"the rest never came"
    return r.mark(2, junk, 2)


def end_unsealed():
    r = Rec("S3", UUID[3], 2, 4100)
    r.segment(0)
    r.stored(event("2", 1, b"!"))
    return r.end(8, 0, 0, 0, 1, 0, reason=b"the monitor is gone")


def over_two_epochs():
    r = Rec("S4", UUID[4], 2, 89990)
    r.segment(0)
    r.stored(event("r", 0, b"80x24") + event("o", 1000, b"$ "))
    r.ckpt(2)
    r.at = 90001
    r.stored(event("i", 11000000, b"\x04"))
    r.ckpt(3)
    return r.end(3, 0, 1, 2, 0, 3, signal=b"KILL", reason="the client left \u2713".encode())


def not_run():
    r = Rec("S5", UUID[5], 2, 4200)
    r.segment(0)
    return r.end(2, 0, 0, 0, 0, 2, reason=b"no")


def runs():
    r = Rec("S7", UUID[7], 3, 90100)
    r.segment(0)
    r.stored(event("1", 7, b"on its way"))
    return r.ckpt(0)


def never_started():
    return Rec("S8", UUID[8], 3, 90200).segment(0)


def not_yet_recovered():
    r = Rec("S9", UUID[9], 3, 90050)
    r.segment(0)
    r.stored(event("1", 7, b"and then"))
    r.bytes += b"\x55\x00\x00\x00"
    return r


# ---- the store


class Store:
    def __init__(self):
        self.bodies, self.at, self.heads = [], 0, {}
        self.last_head = (0, bytes(32))

    def entry(self, what, **fields):
        at_ns = T0 + self.at * S + len(self.bodies)
        fields.update(what=what, at_ns=at_ns,
                      at=datetime.datetime.utcfromtimestamp(at_ns // S).strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.bodies.append(canonical({k: v for k, v in fields.items() if v is not None}))

    def epoch(self, n):
        signer = max(n - 1, 1)
        size, root = self.last_head
        said = (b"skr1-epoch\0" + struct.pack("<Iq", n, START[n]) + bytes.fromhex(PUBLIC[n] + PUBLIC["log"]) +
                struct.pack("<Q", size) + root + ORIGIN.encode())
        self.entry("epoch", epoch=n, head_root=root.hex(), head_size=size, log_key=PUBLIC["log"], origin=ORIGIN, public_key=PUBLIC[n],
                   signature=signature(signer, said).hex(), start_ns=START[n])

    def head(self, epoch):
        at_ns = T0 + self.at * S + 999
        text = "%s\n%d\n%s\ntime %d\n" % (ORIGIN, len(self.bodies), base64.b64encode(mth(self.bodies)).decode(), at_ns)
        self.last_head = (len(self.bodies), mth(self.bodies))
        note = text + "\n"
        for name, key in ((ORIGIN, "log"), ("%s/e%d" % (ORIGIN, epoch), epoch)):
            raw = key_id(name, key) + signature(key, text.encode())
            note += "\u2014 %s %s\n" % (name, base64.b64encode(raw).decode())
        day = datetime.datetime.utcfromtimestamp(at_ns // S).strftime("%Y-%m-%d")
        self.heads[day] = self.heads.get(day, "") + note + "\n"
        return note


def key_id(name, key):
    return sha(name.encode() + b"\n\x01" + bytes.fromhex(PUBLIC[key]))[:4]


def vkeys():
    return "".join("%s+%s+%s\n" % (name, key_id(name, key).hex(), base64.b64encode(b"\x01" + bytes.fromhex(PUBLIC[key])).decode())
                   for name, key in ((ORIGIN, "log"), (ORIGIN + "/e1", 1)))


def mth(d):
    """RFC 6962, 2.1, word for word."""
    n = len(d)
    if n == 0:
        return sha(b"")
    if n == 1:
        return sha(b"\0" + d[0])
    k = 1
    while k * 2 < n:
        k *= 2
    return sha(b"\x01" + mth(d[:k]) + mth(d[k:]))


def canon_of(who, operators, steps, uses, profile="inspect", input_="none"):
    return {"cwd": "/", "form": 1, "from": None, "input": input_, "max_run": 14400, "on_disconnect": "kill",
            "operators": operators, "profile": profile, "profile_digest": "22" * 32, "requester": who, "run_as": "root",
            "span": 100000, "steps": [{"argv": a, "exe": "/usr/bin/" + a[0], "exe_digest": sha(a[0].encode()).hex(),
                                       "script_digest": s} for a, s in steps],
            "target": "local", "until": None, "uses": uses}


SCRIPT = b"#!/bin/sh\necho golden\n"
CANON = {
    1: canon_of("alice", ["alice"], [(["cat", "-n"], None)], 3, input_="any"),
    2: canon_of("dave", ["dave"], [(["rm", "x"], None)], 1),
    3: canon_of("alice", ["dave", "erin"], [(["sh", "a \"b\" \\ \u00fc"], sha(SCRIPT).hex())], 1, "files", "tty"),
    4: canon_of("alice", ["alice"], [(["sleep", "9"], None)], 5),
}
SRC = "192.0.2.7:4022"
SALT, NAME = b"SALTSALTSALTSALT", b"r\xc3\xb6\xfft"


def filed(st, nr, who, warnings=(), script=""):
    st.entry("request", request="R%d" % nr, revision=1, digest=sha(canonical(CANON[nr])).hex(), canon=CANON[nr],
             reason="why %d" % nr, ticket="T-%d" % nr, label="l%d" % nr, uses=CANON[nr]["uses"], warnings=list(warnings),
             filed_at=T0 // S + st.at, pending_until=T0 // S + st.at + 604800, script_digest=script, who=who, source=SRC)


def decided(st, nr, who, what, state, message, window=None):
    st.entry("decision", decision=what, request="R%d" % nr, revision=1, digest=sha(canonical(CANON[nr])).hex(), state=state,
             message=message, decided_at=T0 // S + st.at, who=who, source=SRC,
             start_at=window and window[0], end_at=window and window[1])


def used(st, session, nr, use, job, who, rec):
    st.entry("use", request="R%d" % nr, revision=1, step=1, use=use, uses=CANON[nr]["uses"], session="S%d" % session,
             uuid=UUID[session], digest=sha(canonical(CANON[nr])).hex(), order="33" * 32,
             exe=CANON[nr]["steps"][0]["exe_digest"], header=rec.header.hex(), features="landlock=7", snapshot=1,
             job="J%d" % job, started_at=T0 // S + st.at, who=who, source=SRC)
    st.entry("start", session="S%d" % session, who=who)


def ended(st, session, state, how, status, n_in, n_out, n_err, chain, signal="", reason="", **more):
    st.entry("end", session="S%d" % session, state=state, how=how, status=status, signal=signal, reason=reason, out=n_out,
             err=n_err, refusals=1, duration_ms=1234, chain=chain.hex(), ended_at=T0 // S + st.at, **dict(more, **{"in": n_in}))


# A row of the table as it must be, written down and not computed from the entries
def rows():
    t = T0 // S
    r1, r2, r3, r4 = (canonical(CANON[n]) for n in (1, 2, 3, 4))
    return {
        "request": [
            (1, 1, "approved", "alice", "inspect", r1, sha(r1), None, 3, 3, "why 1", "T-1", "l1", '["careful: \u00fc"]', t + 1,
             t + 604801, t + 2, t + 100002),
            (2, 1, "rejected", "dave", "inspect", r2, sha(r2), None, 1, 0, "why 2", "T-2", "l2", "[]", t + 3, t + 604803,
             None, None),
            (3, 1, "approved", "alice", "files", r3, sha(r3), SCRIPT, 1, 1, "why 3", "T-3", "l3", "[]", t + 4,
             t + 604804, t + 5, t + 100005),
            (4, 1, "withdrawn", "alice", "inspect", r4, sha(r4), None, 5, 2, "why 4", "T-4", "l4", "[]", t + 90000,
             t + 694800, t + 90001, t + 190001)],
        "operator": [(1, "alice"), (2, "dave"), (3, "dave"), (3, "erin"), (4, "alice")],
        "decision": [(1, 1, "bob", "approve", t + 2, "fine", sha(r1)), (2, 1, "bob", "reject", t + 4, "no\n\"never\"", sha(r2)),
                     (3, 1, "bob", "approve", t + 5, "", sha(r3)), (4, 1, "bob", "approve", t + 90001, "", sha(r4)),
                     (4, 1, "alice", "withdraw", t + 90300, "enough", sha(r4))],
        "job": [(1, 1, 1, "alice", t + 10), (2, 3, 1, "dave", t + 89990), (3, 4, 1, "alice", t + 90050)],
        "verdict": [(1, "carol", "remarks", "look at S2", t + 4500, '{"S1":80,"sheet":100}')],
        "seen": [(1, 0, "carol", 100), (1, 1, "carol", 80), (2, 4, "carol", 7)],
        "unknown_name": [(sha(SALT + NAME), SALT, NAME, t - t % 60)],
        "number": [("next_session", 129)],
    }


def session_rows(rec):
    t = T0 // S

    def row(nr, request, use, who, argv, profile, state, how, status, signal, started, ended_at, n, reason, chain, recovered):
        day = {1: "2026/11/22", 2: "2026/11/23", 3: "2026/11/23", 5: "2026/11/23", 6: "2026/11/23"}.get(nr, "2026/11/24")
        return (nr, bytes.fromhex(UUID[nr].replace("-", "")), request, 1, 1, use, who, SRC, argv, "root", "local", profile,
                state, how, status, signal, started, ended_at, *n, "%s/S%d.skr" % (day, nr), reason, chain, recovered)
    cat, sh_, sleep = '["cat","-n"]', '["sh","a \\"b\\" \\\\ \u00fc"]', '["sleep","9"]'
    return [
        row(1, 1, 1, "alice", cat, "inspect", "ended", "ran", 0, "", t + 10, t + 26, (2, 2007, 3, 1, 1234), "", rec[1].chain, ""),
        row(2, 1, 2, "alice", cat, "inspect", "interrupted", "lost", None, "", t + 4000, t + 4040, (0, 0, 0, 1, 1234), "gone",
            rec[2].chain, "torn"),
        row(3, 1, 3, "alice", cat, "inspect", "interrupted", "lost", None, "", t + 4100, t + 4150, (0, 0, 0, 1, 1234), "gone",
            rec[3].chain, "end"),
        row(4, 3, 1, "dave", sh_, "files", "ended", "disconnect", None, "KILL", t + 89990, t + 90001, (1, 2, 0, 1, 1234),
            "the client left \u2713", rec[4].chain, ""),
        row(5, 1, None, "alice", cat, "inspect", "not run", "not run", None, "", None, t + 4201, (0, 0, 0, 1, 1234), "no",
            rec[5].chain, ""),
        row(6, 1, None, "alice", cat, "inspect", "not run", "not run", None, "", None, t + 4211, (0, 0, 0, 1, 1234), "no",
            None, ""),
        row(7, 4, 2, "alice", sleep, "inspect", "running", "", None, "", t + 90100, None, (0, 0, 0, 0, 0), "", None, ""),
        row(9, 4, 1, "alice", sleep, "inspect", "interrupted", "lost", None, "", t + 90050, t + 90060, (0, 0, 0, 1, 1234),
            "gone", None, ""),
    ]


def story(rec):
    """The entries, in order.  st.at is the clock, seconds after T0."""
    st, heads, near = Store(), [], None
    t = T0 // S
    st.entry("gate-start", gate="golden", next_session=65)
    st.entry("snapshot", serial=1, digest="11" * 32)
    st.epoch(1)
    heads.append(st.head(1))
    st.entry("login", who="alice", source=SRC, method="keyboard-interactive")
    st.at = 1
    filed(st, 1, "alice", ["careful: \u00fc"])
    st.at = 2
    decided(st, 1, "bob", "approve", "approved", "fine", (t + 2, t + 100002))
    st.at = 3
    filed(st, 2, "dave")
    st.at = 4
    decided(st, 2, "bob", "reject", "rejected", "no\n\"never\"")
    filed(st, 3, "alice", script=sha(SCRIPT).hex())
    st.at = 5
    decided(st, 3, "bob", "approve", "approved", "", (t + 5, t + 100005))
    st.at = 10
    used(st, 1, 1, 1, 1, "alice", rec[1])
    st.at = 26
    ended(st, 1, "ended", "ran", 0, 2, 2007, 3, rec[1].chain, who="alice")
    st.entry("logout", who="alice", source=SRC)
    near = len(st.bodies)
    st.entry("refusal", code="NOT-APPROVED", asked="[cat]", reason="nearly", request="R1", who="dave", source=SRC)
    st.entry("word-refused", code="USAGE", asked="[x]", reason="no", who="dave", source=SRC)
    heads.append(st.head(1))
    st.at = 60
    st.entry("login-refused", source="192.0.2.9", minute=t - t % 60, count=2, reasons={"unknown": 2}, users={},
             unknown_users=[{"sha256": sha(SALT + NAME).hex()}, {"sha256": "44" * 32}])
    st.at = 3600
    st.epoch(2)
    st.entry("numbers", next_session=129)
    heads.append(st.head(2))
    st.at = 4000
    used(st, 2, 1, 2, 1, "alice", rec[2])
    st.at = 4040
    ended(st, 2, "interrupted", "lost", 0, 0, 0, 0, bytes(32), reason="gone")
    st.at = 4050
    st.entry("recovered", session="S2", result="torn", good=rec[2].good, found=rec[2].found, sealed=rec[2].sealed,
             chain=rec[2].chain.hex())
    st.at = 4100
    used(st, 3, 1, 3, 1, "alice", rec[3])
    st.at = 4150
    ended(st, 3, "interrupted", "lost", 0, 0, 0, 0, bytes(32), reason="gone")
    ended(st, 3, "ended", "ran", 9, 9, 9, 9, bytes(32), reason="too late: changes nothing")
    st.entry("recovered", session="S3", result="end", good=len(rec[3].bytes), found=len(rec[3].bytes),
             sealed=rec[3].sealed, chain=rec[3].chain.hex())
    more = {"request": "R1", "revision": 1, "step": 1, "operator": "alice", "source": SRC}
    st.at = 4201
    ended(st, 5, "not run", "not run", 0, 0, 0, 0, rec[5].chain, reason="no", uuid=UUID[5], recorded=1, **more)
    st.at = 4211
    ended(st, 6, "not run", "not run", 0, 0, 0, 0, bytes(32), reason="no", uuid=UUID[6], recorded=0, **more)
    st.at = 4400
    st.entry("replay", session="S1", how="replay", operator="alice", who="carol", source=SRC)
    st.entry("seen", job="J1", session="", percent=100, who="carol", source=SRC)
    st.entry("seen", job="J1", session="S1", percent=80, who="carol", source=SRC)
    st.entry("seen", job="J1", session="S1", percent=30, who="carol", source=SRC)
    st.at = 4500
    st.entry("verdict", job="J1", verdict="remarks", message="look at S2", decided_at=t + 4500,
             seen={"sheet": 100, "S1": 80}, who="carol", source=SRC)
    st.entry("disk", level="warn", free=70000000)
    st.entry("verify", what_of="all", who="carol", source=SRC)
    heads.append(st.head(2))
    st.at = 89990
    used(st, 4, 3, 1, 2, "dave", rec[4])
    st.at = 90000
    st.epoch(3)
    filed(st, 4, "alice")
    st.at = 90001
    ended(st, 4, "ended", "disconnect", 0, 1, 2, 0, rec[4].chain, signal="KILL", reason="the client left \u2713", who="dave")
    decided(st, 4, "bob", "approve", "approved", "", (t + 90001, t + 190001))
    st.at = 90050
    used(st, 9, 4, 1, 3, "alice", rec[9])
    st.at = 90060
    ended(st, 9, "interrupted", "lost", 0, 0, 0, 0, bytes(32), reason="gone")
    st.at = 90100
    used(st, 7, 4, 2, 3, "alice", rec[7])
    st.at = 90300
    decided(st, 4, "alice", "withdraw", "withdrawn", "enough")
    st.entry("seen", job="J2", session="S4", percent=7, who="carol", source=SRC)
    heads.append(st.head(3))
    return st, heads, near


def tiny_story(rec):
    """One of each: the store whose every bit is flipped."""
    st, t = Store(), T0 // S
    st.entry("gate-start", gate="golden", next_session=65)
    st.epoch(1)
    st.at = 1
    st.entry("request", request="R1", revision=1, digest=sha(canonical(TINY)).hex(), canon=TINY, reason="r", ticket="t", label="l",
             uses=1, warnings=["w"], filed_at=t + 1, pending_until=t + 9, script_digest=sha(SCRIPT).hex(), who="al", source="x")
    st.entry("refusal", code="NOT-APPROVED", asked="[x]", reason="n", request="R1", who="al", source="x")
    st.entry("decision", decision="approve", request="R1", revision=1, digest=sha(canonical(TINY)).hex(), state="approved",
             message="m", decided_at=t + 2, who="bo", source="x", start_at=t + 2, end_at=t + 99)
    st.entry("use", request="R1", revision=1, step=1, use=1, uses=1, session="S1", uuid=UUID[1], digest=sha(canonical(TINY)).hex(),
             order="33" * 32, exe=sha(b"a").hex(), header=rec.header.hex(), features="", snapshot=1, job="J1", started_at=t + 10,
             who="al", source="x")
    st.at = 26
    ended(st, 1, "ended", "ran", 0, 2, 2007, 3, rec.chain)
    st.entry("login-refused", minute=t - t % 60, unknown_users=[{"sha256": sha(SALT + NAME).hex()}])
    st.entry("seen", job="J1", session="", percent=100, who="ca")
    st.entry("verdict", job="J1", verdict="adequate", message="v", decided_at=t + 30, seen={"sheet": 100}, who="ca")
    st.head(1)
    return st


TINY = dict(canon_of("al", ["al"], [(["a"], sha(SCRIPT).hex())], 1), profile="p", profile_digest="22" * 32)


def tiny_rows(rec):
    t, c = T0 // S, canonical(TINY)
    return {
        "request": [(1, 1, "approved", "al", "p", c, sha(c), SCRIPT, 1, 1, "r", "t", "l", '["w"]', t + 1, t + 9, t + 2, t + 99)],
        "operator": [(1, "al")],
        "decision": [(1, 1, "bo", "approve", t + 2, "m", sha(c))],
        "session": [(1, bytes.fromhex(UUID[1].replace("-", "")), 1, 1, 1, 1, "al", "x", '["a"]', "root", "local", "p", "ended", "ran",
                     0, "", t + 10, t + 26, 2, 2007, 3, 1, 1234, "2026/11/22/S1.skr", "", rec.chain, "")],
        "job": [(1, 1, 1, "al", t + 10)],
        "verdict": [(1, "ca", "adequate", "v", t + 30, '{"sheet":100}')],
        "seen": [(1, 0, "ca", 100)],
        "near_miss": [(3, 1, "al", t + 1)],
        "unknown_name": [(sha(SALT + NAME), SALT, NAME, t - t % 60)],
        "number": [("next_session", 65)],
    }


def schema():
    """The tables of schema 3, as src/store/schema.h has them."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../schema.sql"), encoding="utf-8") as f:
        return f.read()


def database(path, st, tables):
    db = sqlite3.connect(path)
    db.execute("PRAGMA page_size = 512")        # a small file: every bit of it is flipped by tests/second/tamper
    db.executescript(schema())
    db.execute("PRAGMA user_version = 3")
    db.execute("PRAGMA application_id = 0x53454b49")
    db.executemany("INSERT INTO entry VALUES (?, ?)", enumerate(st.bodies))
    n = len(st.bodies)
    for level in range(n.bit_length()):
        for ix in range(n >> level):
            db.execute("INSERT INTO node VALUES (?, ?, ?)", (level, ix, mth(st.bodies[ix << level:ix + 1 << level])))
    for name in ("request", "operator", "decision", "session", "job", "verdict", "seen", "near_miss", "unknown_name", "number"):
        for r in tables[name]:
            db.execute("INSERT INTO %s VALUES (%s)" % (name, ",".join("?" * len(r))), r)
    db.commit()
    db.close()


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def broken(whole):
    """Readers must say what is wrong with these, and where (`expected`)."""
    yield "cut-in-frame", whole[:-7]
    yield "cut-in-head", whole[:600]
    yield "behind-end", whole + b"\0"
    at = whole.rindex(b"later")
    yield "flipped", whole[:at] + b"L" + whole[at + 1:]
    yield "header-flipped", whole[:70] + bytes([whole[70] ^ 4]) + whole[71:]
    yield "header-cut", whole[:100]
    yield "version-2", whole[:8] + b"\x02" + whole[9:]


def main(folder):
    for key, secret in SECRET.items():
        got = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key()
        assert got.public_bytes(Encoding.Raw, PublicFormat.Raw).hex() == PUBLIC[key]
    rec = {1: complete(), 2: torn_and_recovered(), 3: end_unsealed(), 4: over_two_epochs(), 5: not_run(), 7: runs(),
           8: never_started(), 9: not_yet_recovered()}
    names = {1: "complete", 2: "recovered", 3: "end-unsealed", 4: "two-epochs", 5: "not-run", 7: "unfinished", 9: "torn"}
    for n, name in names.items():
        write("%s/recordings/%s.skr" % (folder, name), rec[n].bytes)
    for name, data in broken(rec[1].bytes):
        write("%s/recordings/%s.skr" % (folder, name), data)
    mark3 = torn_and_recovered_again(rec[2])
    write(folder + "/recordings/recovered-twice.skr", mark3)
    st, heads, near = story(rec)
    tables = rows()
    tables["session"] = session_rows(rec)
    tables["near_miss"] = [(near, 1, "dave", T0 // S + 26)]
    whole_store(folder + "/store", st, tables, rec)
    whole_store(folder + "/tiny", tiny_story(rec[1]), tiny_rows(rec[1]), {1: rec[1]})
    for n, note in enumerate(heads):
        write("%s/heads/%d.head" % (folder, n + 1), note)
    # the same by somebody who has none of the keys
    for key, another in (("log", 3), (1, 2)):
        SECRET[key], PUBLIC[key] = SECRET[another], PUBLIC[another]
    other = complete()
    whole_store(folder + "/other", tiny_story(other), tiny_rows(other), {1: other})


def whole_store(store, st, tables, rec):
    os.makedirs(store + "/ledger")
    database(store + "/ledger/ledger.db", st, tables)
    for day, notes in st.heads.items():
        write("%s/heads/%s.heads" % (store, day), notes)
    write(store + "/heads/gate.vkeys", vkeys())
    for n, r in rec.items():
        day = datetime.datetime.utcfromtimestamp(int(UUID[n][:13].replace("-", ""), 16) / 1000)
        write("%s/recordings/%s/S%d.skr" % (store, day.strftime("%Y/%m/%d"), n), r.bytes)
    write(store + "/ledger/reserve", b"\0" * 4096)


def torn_and_recovered_again(r):
    """The mark itself was cut off, and a second recovery put its own behind."""
    first = r.bytes
    again = Rec("S2", UUID[2], 2, 4000)
    again.segment(0)
    again.stored(event("1", 7, b"kept"))
    again.ckpt(2)
    again.stored(event("1", 9, b"kept, not sealed"))
    again.at = 4060
    junk = first[len(again.bytes):-50]
    return again.mark(2, junk, 2).bytes


if __name__ == "__main__":
    main(sys.argv[1])
