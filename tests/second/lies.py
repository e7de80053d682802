"""Stores that are whole, signed and wrong: what a gate that lies, or one with a mistake in it, would write.

The tree fits, the heads are signed, the tables are the sum of the entries; one thing is not as sections 2 to 7 of
src/ledger/FORMAT.md demand.  Each lie is the small store of golden/assemble.py with entries and rows altered.
"""
import copy
import json
import os
import shutil

import assemble
from cases import write

S1 = "recordings/2026/11/22/S1.skr"
T = assemble.T0 // assemble.S


class Tiny:
    """Entries as objects, rows as lists, one recording; written out at the end."""

    def __init__(self, rec=None, canon=None):
        self.kept = dict(assemble.TINY)
        if canon:
            assemble.TINY.update(canon)
        self.rec = rec or assemble.complete()
        st = assemble.tiny_story(self.rec)
        self.entries = [json.loads(b) for b in st.bodies]
        self.rows = {t: [list(r) for r in rows] for t, rows in assemble.tiny_rows(self.rec).items()}
        assemble.TINY.clear()
        assemble.TINY.update(self.kept)
        self.raw, self.head_epoch, self.head_at = {}, 1, 26

    def get(self, what):
        return next(e for e in self.entries if e["what"] == what)

    def set(self, what, **fields):
        self.get(what).update(fields)
        return self

    def row(self, table, **columns):
        for name, value in columns.items():
            self.rows[table][0][COLUMN[table].index(name)] = value
        return self

    def write(self, store):
        for name in ("ledger/ledger.db", "heads", "recordings"):
            path = os.path.join(store, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        st = assemble.Store()
        st.bodies = [self.raw.get(n, assemble.canonical(e)) for n, e in enumerate(self.entries)]
        st.at = self.head_at
        st.head(self.head_epoch)
        assemble.database(os.path.join(store, "ledger/ledger.db"), st, self.rows)
        for day, notes in st.heads.items():
            write(store, "heads/%s.heads" % day, notes.encode())
        write(store, "heads/gate.vkeys", assemble.vkeys().encode())
        if self.rec.bytes is not None:
            write(store, S1, self.rec.bytes)


COLUMN = {
    "request": "nr revision state requester profile canon digest script uses used reason ticket label warnings filed_at "
               "pending_until start_at end_at".split(),
    "decision": "request revision who what at message digest".split(),
    "session": "nr uuid request revision step use operator source argv run_as target profile state how status signal "
               "started_at ended_at in_bytes out_bytes err_bytes refusals duration_ms recording reason chain recovered".split(),
    "job": "nr request revision operator opened".split(),
    "verdict": "job who verdict message at seen".split(),
}


def other_requester():
    """The requester is not the operator."""
    t = Tiny(canon={"requester": "rq"})
    t.set("request", who="rq")
    return t.row("request", requester="rq")


def not_approved():
    t = Tiny()
    t.entries.remove(t.get("decision"))
    t.rows["decision"] = []
    return t.row("request", state="submitted", start_at=None, end_at=None)


def decided(what, state):
    t = Tiny().set("decision", decision=what, state=state)
    del t.get("decision")["start_at"], t.get("decision")["end_at"]
    return t.row("decision", what=what).row("request", state=state, start_at=None, end_at=None)


def moved(what, to):
    t = Tiny()
    e = t.get(what)
    t.entries.remove(e)
    t.entries.insert(to, e)
    return t


def two_uses():
    """Use 2 of one use, by a second session."""
    t = Tiny()
    e = dict(t.get("use"), use=1, session="S2", uuid=assemble.UUID[2])
    t.entries.insert(t.entries.index(t.get("use")) + 1, e)
    r = list(t.rows["session"][0])
    r[0], r[1], r[5] = 2, bytes.fromhex(assemble.UUID[2].replace("-", "")), 2
    t.rows["session"].append(r)
    return t


def epochs_wrong(start, number=2, signer=1):
    t = Tiny()
    st = assemble.Store()
    st.at = 30
    kept = dict(assemble.START)
    assemble.START[2] = start
    st.epoch(2)
    assemble.START.update(kept)
    e = json.loads(st.bodies[0])
    said = b"skr1-epoch\0" + number.to_bytes(4, "little") + start.to_bytes(8, "little", signed=True)
    said += bytes.fromhex(e["public_key"] + e["log_key"]) + bytes(40) + assemble.ORIGIN.encode()
    e.update(epoch=number, signature=assemble.signature(signer, said).hex())
    t.entries.append(e)
    return t


def certificate_wrong():
    """The new epoch says another root for a head of before, well signed."""
    t = Tiny()
    st = assemble.Store()
    st.last_head = (3, b"\x11" * 32)
    st.at = 3600
    st.epoch(2)
    t.entries.append(json.loads(st.bodies[0]))
    return t


def with_epoch_2(head_epoch, at):
    t = Tiny()
    st = assemble.Store()
    st.at = 3600
    st.epoch(2)
    t.entries.append(json.loads(st.bodies[0]))
    t.head_epoch, t.head_at = head_epoch, at
    return t


def no_use():
    """A session that took no use, and a command ran in it."""
    t = Tiny()
    for what in ("use", "seen", "verdict"):
        t.entries.remove(t.get(what))
    for table in ("job", "seen", "verdict"):
        t.rows[table] = []
    t.set("end", request="R1", revision=1, step=1, uuid=assemble.UUID[1], operator="al", source="x", recorded=1)
    t.row("request", used=0)
    return t.row("session", use=None, started_at=None)


def gone(result, data):
    t = Tiny()
    t.set("end", state="interrupted", how="lost", out=0, err=0, chain="00" * 32, **{"in": 0})
    t.entries.append({"at": "x", "at_ns": assemble.T0 + 40 * assemble.S, "what": "recovered", "session": "S1", "result": result,
                      "good": 0, "found": 0, "sealed": 0, "chain": "00" * 32})
    t.rec.bytes = data
    return t.row("session", state="interrupted", how="lost", status=None, in_bytes=0, out_bytes=0, err_bytes=0, chain=None,
                 recovered=result)


def recorded(**how):
    """A recording that is not as the ledger has it: another id, another name, another time."""
    r = assemble.Rec(how.get("session", "S1"), assemble.UUID[how.get("uuid", 1)], 1, how.get("at", 10))
    r.segment(0)
    r.stored(assemble.event("1", 1, b"x" * 2007) + assemble.event("0", 1, b"in") + assemble.event("2", 1, b"err"))
    r.ckpt(1)
    return r.end(1, 0, 2, 2007, 3, 1)


def late_seal():
    t = Tiny(rec=recorded(at=4000))
    other = with_epoch_2(2, 4100)
    t.entries.append(other.entries[-1])
    t.head_epoch, t.head_at = 2, 4100
    return t


def body(n_of, change):
    t = Tiny()
    n = t.entries.index(t.get(n_of))
    t.raw[n] = change(assemble.canonical(t.entries[n]))
    return t


def without(what, field):
    t = Tiny()
    del t.get(what)[field]
    return t


def canon_lacks(field):
    t = Tiny()
    c = copy.deepcopy(t.get("request")["canon"])
    del c[field]
    raw = assemble.canonical(c)
    digest = assemble.sha(raw)
    t.set("request", canon=c, digest=digest.hex()).set("decision", digest=digest.hex()).set("use", digest=digest.hex())
    return t.row("request", canon=raw, digest=digest).row("decision", digest=digest)


def added(**entry):
    t = Tiny()
    t.entries.append(dict({"at": "2026-11-22T23:59:59Z", "at_ns": assemble.T0 + 40 * assemble.S}, **entry))
    return t


LIES = {
    "approved by the requester": lambda: Tiny().set("decision", who="al").row("decision", who="al"),
    "approved by the requester, who is no operator": lambda: other_requester().set("decision", who="rq").row("decision", who="rq"),
    "approved by an operator": lambda: other_requester().set("decision", who="al").row("decision", who="al"),
    "a use of a request that nobody approved": not_approved,
    "a use of a rejected request": lambda: decided("reject", "rejected"),
    "a use of a withdrawn request": lambda: decided("withdraw", "withdrawn"),
    "a use before the approval": lambda: moved("decision", 6),
    "a use before the window": lambda: Tiny().set("decision", start_at=T + 50).row("request", start_at=T + 50),
    "a use after the window": lambda: Tiny().set("decision", end_at=T + 5).row("request", end_at=T + 5),
    "use 2 without a use 1": lambda: Tiny().set("use", use=2).row("session", use=2),
    "a second use with the same number": two_uses,
    "a use by somebody who is no operator": lambda: Tiny().set("use", who="zz").row("session", operator="zz").row("job", operator="zz"),
    "a use of other bytes": lambda: Tiny().set("use", digest="55" * 32),
    "an approval of other bytes": lambda: Tiny().set("decision", digest="55" * 32).row("decision", digest=b"\x55" * 32),
    "an approval of another revision": lambda: Tiny().set("decision", revision=2).row("decision", revision=2),
    "a digest that is not that of canon": lambda: Tiny().set("request", digest="55" * 32).row("request", digest=b"\x55" * 32),
    "canon lacks what must be bound": lambda: canon_lacks("cwd"),
    "another script than is bound": lambda: Tiny().row("request", script=b"#!/bin/sh\nrm\n"),
    "a verdict by the requester": lambda: other_requester().set("verdict", who="rq").row("verdict", who="rq"),
    "a verdict by the operator": lambda: other_requester().set("verdict", who="al").row("verdict", who="al"),
    "a verdict by the approver": lambda: Tiny().set("verdict", who="bo").row("verdict", who="bo"),
    "a verdict while a session runs": lambda: moved("verdict", 6),
    "a verdict on a job that is not there": lambda: moved("verdict", 1),
    "another header than the recording's": lambda: Tiny().set("use", header="55" * 32),
    "another uuid than the recording's": lambda: Tiny(rec=recorded(uuid=9)),
    "a recording that names another session": lambda: Tiny(rec=recorded(session="S2")),
    "another chain than the recording's": lambda: Tiny().set("end", chain="55" * 32).row("session", chain=b"\x55" * 32),
    "other totals than the recording's": lambda: Tiny().set("end", out=2008).row("session", out_bytes=2008),
    "another end than the recording's": lambda: Tiny().set("end", how="timeout").row("session", how="timeout"),
    "another exit than the recording's": lambda: Tiny().set("end", status=7).row("session", status=7),
    "a session that runs, and its recording damaged": lambda: damaged(),
    "something ran, and no use was taken": no_use,
    "the recording of a use is missing, and the ledger says so": lambda: gone("missing", None),
    "the recording of a use has no header, and the ledger says so": lambda: gone("damaged", b""),
    "a seal from outside its epoch": late_seal,
    "a head from outside its epoch": lambda: with_epoch_2(1, 4000),
    "a head by an epoch that had not begun": lambda: with_epoch_2(2, 3500),
    "an epoch that starts before the one in front of it": lambda: epochs_wrong(assemble.T0 - 5),
    "an epoch left out": lambda: epochs_wrong(assemble.START[2], 3),
    "an epoch that signed itself": lambda: epochs_wrong(assemble.START[2], 2, 2),
    "an epoch that vouches for another tree": certificate_wrong,
    "a body with a blank": lambda: body("seen", lambda b: b.replace(b",", b", ", 1)),
    "a body with keys not in order": lambda: body("seen", lambda b: b'{"who":"ca",' + b[1:].replace(b',"who":"ca"', b"")),
    "a body with a key twice": lambda: body("seen", lambda b: b'{"at":"x",' + b[1:]),
    "a body with a number that is no integer": lambda: body("seen", lambda b: b.replace(b'"percent":100', b'"percent":1e2')),
    "a body that is not UTF-8": lambda: body("seen", lambda b: b.replace(b'"ca"', b'"c\xe9"')),
    "a body with an escape that is not needed": lambda: body("seen", lambda b: b.replace(b'"ca"', b'"c\\u0061"')),
    "a body that is an array": lambda: body("seen", lambda b: b"[" + b + b"]"),
    "a body with something behind it": lambda: body("seen", lambda b: b + b" "),
    "an entry without a field it must have": lambda: without("use", "header"),
    "an entry without its time": lambda: without("seen", "at_ns"),
    "an entry of an unknown kind": lambda: added(what="novelty"),
    "an end of a session without use, and not all is said": lambda: added(
        what="end", session="S7", state="not run", how="not run", status=0, signal="", reason="", out=0, err=0, refusals=0,
        duration_ms=0, ended_at=T, **{"in": 0}),
    "a recovered session that is not there": lambda: added(what="recovered", session="S7", result="end", good=1, found=1,
                                                           sealed=1, chain="55" * 32),
}


def damaged():
    t = Tiny()
    at = t.rec.bytes.rindex(b"later")
    t.rec.bytes = t.rec.bytes[:at] + b"L" + t.rec.bytes[at + 1:]
    t.entries.remove(t.get("end"))
    t.entries.remove(t.get("verdict"))
    t.rows["verdict"] = []
    return t.row("session", state="running", how="", status=None, ended_at=None, in_bytes=0, out_bytes=0, err_bytes=0, refusals=0,
                 duration_ms=0, chain=None)


def lie_cases(store):
    yield "the store as it is, put together anew", lambda s: Tiny().write(s), "good", None
    yield "the requester is not the operator", lambda s: other_requester().write(s), "good", None
    yield "a second epoch", lambda s: with_epoch_2(2, 4000).write(s), "good", None
    yield "another recording", lambda s: Tiny(rec=recorded()).write(s), "good", None
    for label, make in LIES.items():
        yield label, lambda s, make=make: make().write(s), "found", None
