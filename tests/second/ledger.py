"""The ledger apart from its tables: entries, tree, epochs, heads (FORMAT.md, sections 2 to 5; section 7, 1 to 5)."""
import base64
import binascii
import os
import re
import struct
import time

import canon
from signing import sha256, verify
from tree import Tree

HEX32 = re.compile(r"[0-9a-f]{64}\Z")
HEX64 = re.compile(r"[0-9a-f]{128}\Z")
DASH = "\u2014".encode()
NUMBER = rb"(0|[1-9][0-9]{0,18})"
NOTE = re.compile(rb"([^\n\x00-\x20+]{1,200})\n" + NUMBER + rb"\n([A-Za-z0-9+/]{43}=)\ntime " + NUMBER + rb"\n\n" +
                  DASH + rb" ([^\n ]+) ([A-Za-z0-9+/=]+)\n" + DASH + rb" ([^\n ]+) ([A-Za-z0-9+/=]+)\n")
VKEY = re.compile(rb"([^\n\x00-\x20+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})\n")


def unbase64(text):
    """Strict: None unless text is the one base64 of these bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data) == bytes(text) else None


def key_id(name, public_key):
    return sha256(name.encode(), b"\n\1", public_key)[:4]


# What each entry must have: s text, i integer, n integer >= 0, h 32 bytes in hex, o object, l list, ? in front: if there
FIELDS = {
    "gate-start": "gate:s next_session:n",
    "gate-stop": "ordered:n next_session:n",
    "numbers": "next_session:n",
    "epoch": "epoch:n head_root:h head_size:n log_key:h origin:s public_key:h signature:H start_ns:n",
    "snapshot": "serial:n digest:h",
    "login": "who:s source:s method:s ?key:s",
    "logout": "who:s",
    "login-refused": "?minute:n ?unknown_users:l",
    "request": "who:s request:s revision:n digest:h canon:o reason:s ticket:s label:s uses:n warnings:l filed_at:i "
               "pending_until:i script_digest:s",
    "decision": "who:s decision:s request:s revision:n digest:h state:s message:s decided_at:i ?start_at:i ?end_at:i",
    "use": "who:s source:s request:s revision:n step:n use:n uses:n session:s uuid:s digest:h order:h exe:h header:h "
           "features:s snapshot:n job:s started_at:i",
    "start": "session:s",
    "end": "session:s state:s how:s status:i signal:s reason:s in:n out:n err:n refusals:n duration_ms:n ?chain:h "
           "ended_at:i ?request:s ?revision:n ?step:n ?uuid:s ?operator:s ?source:s ?recorded:n",
    "recovered": "session:s result:s good:n found:n sealed:n chain:h",
    "refusal": "code:s asked:s reason:s ?session:s ?request:s ?who:s",
    "word-refused": "code:s asked:s reason:s ?session:s ?request:s ?who:s",
    "replay": "who:s session:s how:s operator:s",
    "seen": "who:s job:s session:s percent:n",
    "verdict": "who:s job:s verdict:s message:s decided_at:i seen:o",
    "disk": "level:s free:n",
    "verify": "who:s what_of:s",
}


def _fits(kind, v):
    if kind in "in":
        return isinstance(v, int) and not isinstance(v, bool) and (kind == "i" or v >= 0)
    if kind == "o":
        return isinstance(v, dict)
    if kind == "l":
        return isinstance(v, list)
    if not isinstance(v, str):
        return False
    return {"s": True, "h": HEX32.match(v), "H": HEX64.match(v)}[kind]


def check_fields(entry):
    """None, or what is wrong with the fields of an entry."""
    for name, kind in (("at", "s"), ("at_ns", "n"), ("what", "s")):
        if name not in entry or not _fits(kind, entry[name]):
            return "no %s" % name
    if entry["what"] not in FIELDS:
        return "unknown kind of entry: %s" % entry["what"]
    for item in FIELDS[entry["what"]].split():
        name, kind = item.lstrip("?").split(":")
        if name not in entry:
            if item[0] == "?":
                continue
            return "%s has no %s" % (entry["what"], name)
        if not _fits(kind, entry[name]):
            return "%s of %s is not as it should be" % (name, entry["what"])
    return None


class Entries:
    """rows: [(ix, body)] as they are in the table.  good: [(ix, object)] of those that can be read."""

    def __init__(self, rows, report):
        self.bodies, self.good = [], []
        for want, (ix, body) in enumerate(rows):
            place = "entry %s" % ix
            if ix != want:
                report.fault(place, "entry %d should stand here" % want)
            if not isinstance(body, bytes):
                report.fault(place, "its body is no blob")
                body = str(body).encode("utf-8", "surrogateescape")
            self.bodies.append(body)
            if not 2 <= len(body) <= 65535:
                report.fault(place, "%d bytes" % len(body))
            try:
                entry = canon.load_object(body)
            except canon.NotCanonical as e:
                report.fault(place, str(e))
                continue
            wrong = check_fields(entry)
            if wrong:
                report.fault(place, wrong)
                continue
            self.good.append((want, entry))


def check_tree(bodies, node_rows, report):
    """Section 7, 2.  node_rows: [(level, ix, hash)]."""
    tree = Tree(bodies)
    want = tree.rows()
    for level, ix, value in node_rows:
        right = want.pop((level, ix), None)
        if right is None:
            report.fault("node %s/%s" % (level, ix), "no such node in a tree of %d entries" % tree.size)
        elif value != right:
            report.fault("node %s/%s" % (level, ix), "is not the hash of what is under it")
    for level, ix in sorted(want):
        report.fault("node %d/%d" % (level, ix), "is missing")
    return tree


class VKeys:
    """Two lines: the log key and the key of epoch 1."""

    def __init__(self, data):
        lines = []
        pos = 0
        while pos < len(data):
            m = VKEY.match(data, pos)
            raw = unbase64(m[3]) if m else None
            if raw is None or len(raw) != 33 or raw[0] != 1:
                raise ValueError("line %d is no key" % (len(lines) + 1))
            name = m[1].decode("utf-8")
            if key_id(name, raw[1:]).hex() != m[2].decode():
                raise ValueError("line %d: the id is not that of the key" % (len(lines) + 1))
            lines.append((name, raw[1:]))
            pos = m.end()
        if len(lines) != 2 or lines[1][0] != lines[0][0] + "/e1":
            raise ValueError("not the log key and the key of epoch 1")
        self.origin, self.log_key, self.first_key = lines[0][0], lines[0][1], lines[1][1]


class Epochs:
    """number -> (start_ns, public key), from the entries; origin and log key with them."""

    def __init__(self, good, given, tree, report):
        self.by_number = {}
        size = 0
        self.origin = given.origin if given else None
        self.log_key = given.log_key if given else None
        before = given.first_key if given else None
        for ix, e in good:
            if e["what"] != "epoch":
                continue
            place = "entry %d (epoch %d)" % (ix, e["epoch"])
            number, start, key = e["epoch"], e["start_ns"], bytes.fromhex(e["public_key"])
            if number != len(self.by_number) + 1:
                report.fault(place, "epoch %d should follow" % (len(self.by_number) + 1))
            if self.origin is None:
                self.origin, self.log_key = e["origin"], bytes.fromhex(e["log_key"])
            if before is None:
                before = key
            if e["origin"] != self.origin or bytes.fromhex(e["log_key"]) != self.log_key:
                report.fault(place, "another gate: origin or log key")
            if number == 1 and key != before:
                report.fault(place, "its key is not the one that was given")
            last = max(self.by_number, default=0)
            if last and start <= self.by_number[last][0]:
                report.fault(place, "starts before the epoch in front of it")
            root = bytes.fromhex(e["head_root"])
            message = (b"skr1-epoch\0" + struct.pack("<Iq", number & 0xFFFFFFFF, start) + key + bytes.fromhex(e["log_key"]) +
                       struct.pack("<Q", e["head_size"]) + root + e["origin"].encode())
            if not verify(before, bytes.fromhex(e["signature"]), message):
                report.fault(place, "not signed by the key of the epoch before")
            if not size <= e["head_size"] <= ix:
                report.fault(place, "the last head before it had %d entries: rolled back" % e["head_size"])
            elif root != (tree.root(e["head_size"]) if e["head_size"] else bytes(32)):
                report.fault(place, "the first %d entries gave another root then: rewritten" % e["head_size"])
            else:
                size = e["head_size"]
            if number not in self.by_number:
                self.by_number[number] = (start, key)
            before = key
        if not self.by_number:
            report.fault("ledger", "there is no epoch")

    def keys(self):
        return {n: key for n, (_, key) in self.by_number.items()}

    def is_to_come(self, number):
        """The epoch behind the last one: its entry may still be on its way."""
        return number == max(self.by_number, default=0) + 1

    def covers(self, number, at_ns):
        """None, or why epoch `number` was not in force at that time."""
        if number not in self.by_number:
            return "epoch %d is not in the ledger" % number
        if at_ns < self.by_number[number][0]:
            return "before epoch %d began" % number
        following = self.by_number.get(number + 1)
        if following and at_ns >= following[0]:
            return "after epoch %d was over" % number
        return None


class Head:
    def __init__(self, m):
        self.text = m[0][:m.start(5) - m.start() - len(DASH) - 2]
        self.origin = m[1].decode("utf-8", "replace")
        self.size, self.root, self.at_ns = int(m[2]), unbase64(m[3]), int(m[4])
        self.lines = [(m[5].decode("utf-8", "replace"), unbase64(m[6])), (m[7].decode("utf-8", "replace"), unbase64(m[8]))]

    def wrong(self, epochs, tree):
        """None, or the first thing that is wrong with this head."""
        if self.root is None or self.at_ns >= 1 << 63:
            return "not well formed"
        if self.origin != epochs.origin:
            return "of another gate"
        if self._signed(0, self.origin, epochs.log_key):
            return "not signed by the log key"
        if self.size > tree.size:
            return "of a tree of %d entries, here are %d: rolled back" % (self.size, tree.size)
        number = self.epoch()
        if number is None:
            return "its second signature is of no epoch"
        if self.root != tree.root(self.size):
            return "the first %d entries give another root: rewritten" % self.size
        if epochs.is_to_come(number):
            return None
        why = epochs.covers(number, self.at_ns)
        if why:
            return why
        if self._signed(1, self.lines[1][0], epochs.by_number[number][1]):
            return "not signed by the key of epoch %d" % number
        return None

    def epoch(self):
        m = re.fullmatch(re.escape(self.origin) + r"/e([1-9][0-9]{0,8})", self.lines[1][0])
        return int(m[1]) if m else None

    def _signed(self, n, name, key):
        """True when it is NOT so."""
        got, raw = self.lines[n]
        return (got != name or raw is None or len(raw) != 68 or raw[:4] != key_id(name, key) or
                not verify(key, raw[4:], self.text))


_ANY_NAME = rb"[^\n\x00-\x20+]"
_B64 = rb"[A-Za-z0-9+/]"
# the seven lines of a head: whole, and cut off somewhere
LINES = [(_ANY_NAME + b"{1,200}", _ANY_NAME + b"{0,200}"), (NUMBER, rb"[0-9]{0,19}"), (_B64 + b"{43}=", _B64 + b"{0,43}=?"),
         (b"time " + NUMBER, b"t?|ti|tim|time|time [0-9]{0,19}"), (b"", b"")] + 2 * [
         (DASH + rb" [^\n ]+ " + _B64 + b"+=*", b"|".join(DASH[:n] for n in range(3)) + b"|" + DASH + rb"( [^\n ]*( " + _B64 + b"*=*)?)?")]


def is_piece(tail):
    """True when tail is how a well formed head begins, and no whole one: its writer was cut off."""
    *lines, last = tail.split(b"\n")
    if len(lines) > len(LINES) or not all(re.fullmatch(whole, l) for (whole, _), l in zip(LINES, lines)):
        return False
    return last == b"" if len(lines) == len(LINES) else bool(re.fullmatch(LINES[len(lines)][1], last))


def parse_heads(data):
    """Notes, each followed by an empty line.  Returns them and the offset where something else stands, or None."""
    heads, pos = [], 0
    while pos < len(data):
        m = NOTE.match(data, pos)
        if not m or data[m.end():m.end() + 1] != b"\n":
            return heads, pos
        heads.append(Head(m))
        pos = m.end() + 1
    return heads, None


def utc_day(at_ns):
    return time.strftime("%Y-%m-%d", time.gmtime(at_ns // 10**9))


def check_heads(folder, epochs, tree, report):
    """Section 7, 4."""
    newest = None
    signers = set()
    for name in sorted(os.listdir(folder) if os.path.isdir(folder) else []):
        if name == "gate.vkeys":
            continue
        place = "heads/" + name
        day = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.heads", name)
        if not day or not os.path.isfile(os.path.join(folder, name)):
            report.fault(place, "does not belong here")
            continue
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        heads, bad = parse_heads(data)
        if not heads and bad is None:
            report.tell(place, "is empty: its writer was cut off")
        for n, head in enumerate(heads):
            at = "%s, head %d" % (place, n + 1)
            why = head.wrong(epochs, tree)
            if why:
                report.fault(at, why)
            elif utc_day(head.at_ns) != day[1]:
                report.fault(at, "is of another day")
            if not why and epochs.is_to_come(head.epoch()):
                report.tell(at, "by an epoch whose entry is still to come: it does not count")
                continue
            if newest and (head.size < newest.size or head.at_ns < newest.at_ns):
                report.fault(at, "goes back behind the one before it")
            newest = head
            signers.add(head.lines[1][0])
        if bad is not None and is_piece(data[bad:]):
            report.tell(place, "ends with a piece of a head, at byte %d" % bad)
        elif bad is not None:
            report.fault(place, "no well formed head at byte %d" % bad)
    for number in sorted(epochs.by_number)[:-1]:
        if "%s/e%d" % (epochs.origin, number) not in signers:
            # who has the keys of today could have made all heads that are left
            report.tell("heads", "no head of epoch %d is left" % number)
    if newest is None:
        report.fault("heads", "there is no head")
    elif newest.size < tree.size:
        report.tell("heads", "%d entries behind the last head: nothing outside the gate vouches for them" %
                    (tree.size - newest.size))
    return newest


def check_outside(data, epochs, tree, newest, report):
    """Section 7, 5: the head somebody kept elsewhere."""
    heads, bad = parse_heads(data.rstrip(b"\n") + b"\n\n")
    if bad is not None or not heads:
        report.fault("head from outside", "not well formed")
        return
    for head in heads:
        why = head.wrong(epochs, tree)
        if why:
            report.fault("head from outside (%d entries)" % head.size, why)
        elif epochs.is_to_come(head.epoch()):
            report.fault("head from outside (%d entries)" % head.size, "by an epoch that is not in the ledger")
        elif newest and head.size > newest.size:
            report.fault("head from outside (%d entries)" % head.size, "heads/ ends before it")
