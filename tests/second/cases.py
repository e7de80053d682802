"""What may be done to a store, one function a kind.  Each yields (name, change, wanted, head):

change(store) alters a copy.  wanted: "found" (both must say 1), "told" (nobody can know without a head from outside,
but the change is named in a note: status 3), "silent" (by the format it says nothing at all: status 3), "good".
head: file given with --head, or None.
"""
import base64
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden"))
import assemble  # noqa: E402  (a second hand for hashes and signatures, not the verifier's own)

DB = "ledger/ledger.db"


def files(store, under):
    top = os.path.join(store, under)
    return sorted(os.path.relpath(os.path.join(d, f), store) for d, _, fs in os.walk(top) for f in fs)


def read(store, name):
    with open(os.path.join(store, name), "rb") as f:
        return f.read()


def write(store, name, data):
    path = os.path.join(store, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def connect(store):
    db = sqlite3.connect(os.path.join(store, DB))
    db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
    db.execute("PRAGMA ignore_check_constraints = ON")
    db.execute("PRAGMA foreign_keys = OFF")
    return db


def sql(statement, *values):
    """A change of rows; raises sqlite3.Error where the schema itself forbids it."""
    def change(store):
        db = connect(store)
        try:
            db.execute(statement, values)
            db.commit()
        finally:
            db.close()
    return change


# ---- the same ledger, other entries: the tree is made anew, as an intruder would


def bodies_of(store):
    db = connect(store)
    try:
        return [b for (b,) in db.execute("SELECT body FROM entry ORDER BY ix")]
    finally:
        db.close()


def put_entries(store, bodies):
    db = connect(store)
    try:
        db.execute("DELETE FROM entry")
        db.execute("DELETE FROM node")
        db.executemany("INSERT INTO entry VALUES (?, ?)", enumerate(bodies))
        db.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes(bodies))
        db.commit()
    finally:
        db.close()


def nodes(bodies):
    level, row = 0, [assemble.sha(b"\0", b) for b in bodies]
    while row:
        yield from ((level, n, h) for n, h in enumerate(row))
        row = [assemble.sha(b"\1", row[n], row[n + 1]) for n in range(0, len(row) - 1, 2)]
        level += 1


def entries(change):
    def apply(store):
        put_entries(store, change(bodies_of(store)))
    return apply


def entry_cases(store, rng, few):
    """Entries taken out, doubled, exchanged, altered; ix counted anew and the tree computed anew."""
    n = len(bodies_of(store))
    covered = covered_by_heads(store)
    ks = range(n) if not few else sorted(rng.sample(range(n), min(n, 6)))
    for k in ks:
        wanted = "found" if k < covered else None
        if wanted:
            yield "entry %d taken out" % k, entries(lambda b, k=k: b[:k] + b[k + 1:]), wanted, None
            yield "entry %d doubled" % k, entries(lambda b, k=k: b[:k + 1] + b[k:]), \
                wanted if k + 1 < covered else "any", None      # behind the last head
        if wanted and k + 1 < covered:
            yield "entries %d and %d exchanged" % (k, k + 1), entries(
                lambda b, k=k: b[:k] + [b[k + 1], b[k]] + b[k + 2:]), wanted, None
        if wanted:
            yield "entry %d: its second altered" % k, entries(
                lambda b, k=k: b[:k] + [b[k].replace(b'"at":"2', b'"at":"3', 1)] + b[k + 1:]), wanted, None
            yield "entry %d: body with a blank" % k, entries(
                lambda b, k=k: b[:k] + [b[k][:1] + b" " + b[k][1:]] + b[k + 1:]), wanted, None
    for k in ks:
        yield "row of entry %d deleted" % k, sql("DELETE FROM entry WHERE ix = ?", k), "found", None
        yield "entry %d renumbered" % k, sql("UPDATE entry SET ix = ix + ? WHERE ix = ?", n, k), "found", None
    yield "an entry invented behind the last", entries(lambda b: b + [INVENTED]), "told", None


INVENTED = assemble.canonical({"asked": "[x]", "at": "2026-11-24T12:00:00Z", "at_ns": 1795521600000000000, "code": "USAGE",
                               "reason": "none", "source": "192.0.2.1:1", "what": "word-refused", "who": "mallory"})


def covered_by_heads(store):
    return max(int(note.split(b"\n")[1]) for name in files(store, "heads") if name.endswith(".heads")
               for note in notes_of(read(store, name)))


def notes_of(data):
    """The notes of a file of heads, each with the empty line behind it."""
    out, lines = [], data.split(b"\n")
    for n in range(0, len(lines) - 8 + 1, 8):
        out.append(b"\n".join(lines[n:n + 8]) + b"\n")
    return out


# ---- rows of the tables


def other_values(value, column):
    if value is None:
        return [0, "x", b"x"]
    if isinstance(value, int):
        return [value + 1, -value - 1, None, str(value) + "x", float(value) + 0.5]
    if isinstance(value, str):
        return [value + "x", value[:-1] if value else "y", value.swapcase() if value.swapcase() != value else value + " ",
                None, value.encode("utf-8", "surrogateescape")]
    return [bytes([value[0] ^ 1]) + value[1:] if value else b"z", value + b"\0", value[:-1], None]


def another_key(value):
    if isinstance(value, int):
        return value + 1000
    return value + "z" if isinstance(value, str) else assemble.sha(value)


def row_cases(store, rng, few):
    """Every column of every table; every row taken out, doubled under another key."""
    db = connect(store)
    tables = [t for (t,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    for t in tables:
        info = db.execute("PRAGMA table_info(%s)" % t).fetchall()
        names = [c[1] for c in info]
        keys = [c[1] for c in sorted(info, key=lambda c: c[5]) if c[5]]
        rows = db.execute("SELECT * FROM %s" % t).fetchall()
        for row in rows if not few else rng.sample(rows, min(len(rows), 2)):
            value = dict(zip(names, row))
            where = " WHERE " + " AND ".join("%s = ?" % k for k in keys)
            key = [value[k] for k in keys]
            label = "%s %s" % (t, key[0].hex()[:8] if isinstance(key[0], bytes) else "/".join(map(str, key)))
            gone = "silent" if t == "unknown_name" else "found"     # names may be erased
            yield label + ": row taken out", sql("DELETE FROM %s%s" % (t, where), *key), gone, None
            for name in names:
                for other in other_values(value[name], name):
                    yield ("%s: %s = %r" % (label, name, other)[:100],
                           sql("UPDATE %s SET %s = ?%s" % (t, name, where), other, *key), "found", None)
            fresh = dict(value)
            fresh[keys[-1]] = another_key(fresh[keys[-1]])
            if "uuid" in fresh:
                fresh["uuid"], fresh["use"] = fresh["uuid"][:-1] + b"\xee", None
            yield label + ": row doubled", sql("INSERT INTO %s VALUES (%s)" % (t, ",".join("?" * len(names))),
                                               *fresh.values()), "found", None
    db.close()
    for statement in ("CREATE TABLE more (x)", "CREATE VIEW more AS SELECT * FROM entry",
                      "CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM seen; END", "DROP INDEX session_lost",
                      "PRAGMA user_version = 2", "PRAGMA application_id = 1", "DROP TABLE seen"):
        yield statement, sql(statement), "found", None


# ---- files


def file_cases(store, rng, few):
    recs = files(store, "recordings")
    open_ = loose(store)
    heads = [f for f in files(store, "heads") if f.endswith(".heads")]
    for f in recs + heads + ["heads/gate.vkeys", DB]:
        wanted = "found" if f not in open_["strangers"] else "silent"
        if f in heads and len(heads) > 1:       # the certificates of later epochs hold what older heads said
            wanted = "told" if f == heads[-1] else "silent"
        yield "deleted " + f, lambda s, f=f: os.unlink(os.path.join(s, f)), wanted, None
        if f != DB:
            yield "emptied " + f, lambda s, f=f: write(s, f, b""), wanted, None
        yield "a byte behind " + f, lambda s, f=f: write(s, f, read(s, f) + b"\0"), \
            "found" if f != DB and f not in open_["any"] else "any", None
    for f in recs:
        day, name = os.path.split(f)
        for other in ("recordings/2026/11/21/" + name, os.path.join(day, "S4000.skr"), os.path.join(day, "x" + name),
                      "recordings/" + name, f + "~"):
            yield "%s again as %s" % (f, other), lambda s, f=f, o=other: write(s, o, read(s, f)), "found", None
            yield "%s renamed %s" % (f, other), lambda s, f=f, o=other: rename(s, f, o), "found", None
        yield f + " as a link", lambda s, f=f: as_link(s, f), "found", None
    pairs = [(a, b) for i, a in enumerate(recs) for b in recs[i + 1:]]
    for a, b in pairs if not few else rng.sample(pairs, min(len(pairs), 5)):
        yield "%s and %s exchanged" % (a, b), lambda s, a=a, b=b: swap(s, a, b), "found", None
        yield "%s over %s" % (a, b), lambda s, a=a, b=b: write(s, b, read(s, a)), "found", None
    yield "a file more among the recordings", lambda s: write(s, "recordings/2026/11/22/S777.skr", b"hello"), "found", None
    for f in heads:
        yield f + " again as another day", lambda s, f=f: write(s, "heads/2027-01-01.heads", read(s, f)), "found", None
        yield f + " renamed to another day", lambda s, f=f: rename(s, f, "heads/2027-01-01.heads"), "found", None
        notes = notes_of(read(store, f))
        for k in range(len(notes)) if not few else sorted(rng.sample(range(len(notes)), min(len(notes), 3))):
            is_newest = f == heads[-1] and k == len(notes) - 1
            if k + 1 < len(notes) and notes[k] != notes[k + 1]:
                yield "%s: heads %d and %d exchanged" % (f, k, k + 1), lambda s, f=f, n=notes, k=k: write(
                    s, f, b"".join(n[:k] + [n[k + 1], n[k]] + n[k + 2:])), "found", None
                yield "%s: head %d again at the end" % (f, k), lambda s, f=f, n=notes, k=k: write(
                    s, f, b"".join(n + [n[k]])), "found", None
            if len(notes) > 1:
                yield "%s: head %d taken out" % (f, k), lambda s, f=f, n=notes, k=k: write(
                    s, f, b"".join(n[:k] + n[k + 1:])), "silent" if not is_newest else "told", None
    keys = read(store, "heads/gate.vkeys").splitlines(True)
    yield "gate.vkeys: lines exchanged", lambda s: write(s, "heads/gate.vkeys", keys[1] + keys[0]), "found", None
    yield "gate.vkeys: the keys of another gate", lambda s: write(s, "heads/gate.vkeys", other_keys(keys)), "found", None
    yield "a file more among the heads", lambda s: write(s, "heads/old", b""), "found", None


def other_keys(keys):
    """Well formed, and of somebody else."""
    out = b""
    for line, pub in zip(keys, (assemble.PUBLIC[3], assemble.PUBLIC[2])):
        name = line.split(b"+")[0]
        raw = b"\1" + bytes.fromhex(pub)
        out += name + b"+" + assemble.sha(name, b"\n", raw)[:4].hex().encode() + b"+" + base64.b64encode(raw) + b"\n"
    return out


def rename(store, a, b):
    data = read(store, a)
    os.unlink(os.path.join(store, a))
    write(store, b, data)


def swap(store, a, b):
    x, y = read(store, a), read(store, b)
    write(store, a, y)
    write(store, b, x)


def as_link(store, f):
    path = os.path.join(store, f)
    os.rename(path, os.path.join(store, "elsewhere"))
    os.symlink(os.path.join(store, "elsewhere"), path)


def loose(store):
    """Recordings whose end nobody can know yet: of sessions that run, wait for recovery, or were never started."""
    db = connect(store)
    rows = {"recordings/" + r: (state, chain) for r, state, chain in db.execute("SELECT recording, state, chain FROM session")}
    db.close()
    recs = files(store, "recordings")
    strangers = {f for f in recs if f not in rows}
    unended = {f for f in recs if f in rows and rows[f][1] is None}
    return {"strangers": strangers, "unended": unended, "any": strangers | unended}


def junk(store):
    """file -> the bytes between good and found of its mark: no part of the recording, by the format."""
    out = {}
    for f in files(store, "recordings"):
        data = read(store, f)
        if len(data) > 192 and data[-192:-187] == b"\xb0\0\0\0\5":
            out[f] = range(int.from_bytes(data[-168:-160], "little"), int.from_bytes(data[-160:-152], "little"))
    return out


def cut_cases(store, rng, few):
    """Each recording cut at every byte; heads and keys too."""
    for f in files(store, "recordings"):
        data = read(store, f)
        whole = range(len(data)) if not few else sorted(rng.sample(range(len(data)), min(len(data), 25)))
        header = int.from_bytes(data[12:16], "little")
        for n in whole:
            wanted = "found" if f not in loose(store)["any"] or (n < header and f in loose(store)["unended"]) else "any"
            yield "%s cut at %d" % (f, n), lambda s, f=f, n=n, d=data: write(s, f, d[:n]), wanted, None
    data = read(store, "heads/gate.vkeys")
    for n in range(len(data)) if not few else rng.sample(range(len(data)), 8):
        yield "heads/gate.vkeys cut at %d" % n, lambda s, n=n: write(s, "heads/gate.vkeys", data[:n]), "found", None
    # where the last head is cut off, what is left says so: a piece, or entries behind the last head
    f = [f for f in files(store, "heads") if f.endswith(".heads")][-1]
    data = read(store, f)
    for n in range(1, len(data)) if not few else sorted(rng.sample(range(1, len(data)), 8)):
        yield "%s cut at %d" % (f, n), lambda s, n=n, d=data: write(s, f, d[:n]), \
            "told or found" if n < len(data) - 1 else "any", None       # the last byte is that of the empty line
    data = read(store, DB)
    for n in range(0, len(data), 256 if not few else 8192):
        yield DB + " cut at %d" % n, lambda s, n=n, d=data: write(s, DB, d[:n]), "found", None


# ---- an intruder with the keys of today: the log key and that of epoch 3.  Only for the golden store, whose keys are known


def resealed(name, make):
    """Another recording in place of a good one."""
    return lambda s: write(s, name, make().bytes)


def forged_tail(n, at, epoch, header_from, content):
    """The old header (anybody may copy it), then other content, sealed by the key of today."""
    r = header_from()
    whole = r.bytes
    header = int.from_bytes(whole[12:16], "little")
    r.bytes, r.seq, r.seg, r.sealed = whole[:header], 0, 0, header
    r.chain = assemble.sha(b"skr1-chain\0", r.bytes)
    r.at = at
    r.segment(0)
    r.stored(assemble.event("1", 1, content))
    r.ckpt(epoch)
    return r


def with_key(number, other, make):
    """Made while the signatures of epoch `number` come from the key of `other`."""
    kept = assemble.SECRET[number]
    assemble.SECRET[number] = assemble.SECRET[other]
    try:
        return make()
    finally:
        assemble.SECRET[number] = kept


def whole_anew(n, epoch, at):
    r = assemble.Rec("S%d" % n, assemble.UUID[n], epoch, at, {"argv": ["cat", "-n"]})
    r.segment(0)
    r.stored(assemble.event("1", 1, b"nothing happened"))
    r.ckpt(epoch)
    return r.end(1, 0, 0, 16, 0, epoch)


def reseal_cases(store, heads):
    path = {n: f for f in files(store, "recordings") for n in range(1, 10) if f.endswith("/S%d.skr" % n)}
    makers = {1: assemble.complete, 2: assemble.torn_and_recovered, 3: assemble.end_unsealed, 4: assemble.over_two_epochs,
              5: assemble.not_run}
    for n, make in makers.items():
        yield "S%d made anew in epoch 3" % n, resealed(path[n], lambda n=n: whole_anew(n, 3, 90100)), "found", None
        yield "S%d made anew, epoch 1 by the key of epoch 3" % n, resealed(path[n], lambda n=n: with_key(
            1, 3, lambda: whole_anew(n, 1, 10))), "found", None
        yield "S%d made anew in epoch 3, the time of epoch 1" % n, resealed(path[n], lambda n=n: whole_anew(
            n, 3, 10)), "found", None
        for end in (lambda r: r, lambda r: r.end(1, 0, 0, 9, 0, 3), lambda r: r.end(1, 0, 0, 9, 0, 0),
                    lambda r: r.mark(1, b"", 3), lambda r: r.mark(2, b"junk", 3)):
            yield "S%d: old header, other content, sealed by epoch 3" % n, resealed(
                path[n], lambda n=n, make=make, end=end: end(forged_tail(n, 90100, 3, make, b"forged it"))), "found", None
    yield "S1: cut, and marked as recovered by epoch 3", lambda s: write(
        s, path[1], marked(read(s, path[1]), assemble.complete)), "found", None
    # history altered, tree, rows and newest head made anew; the old heads left, or taken away.  What the certificate of
    # epoch 3 covers is found at once, what came later only with a head from outside
    fine, enough = ("fine", "well"), ("enough", "e-n-d")
    yield "history altered, newest head signed anew", lambda s: rewrite(s, fine, False), "found", None
    yield "the same, old heads taken away", lambda s: rewrite(s, fine, True), "found", None
    yield "history of this epoch altered, newest head signed anew", lambda s: rewrite(s, enough, True), "silent", None
    for n, h in enumerate(heads):
        wanted = "good" if n < len(heads) - 1 else "found"
        yield "the same, head %d from outside" % (n + 1), lambda s: rewrite(s, enough, True), wanted, h
        if n:
            yield "old history altered, head %d from outside" % (n + 1), lambda s: rewrite(s, fine, True), "found", h


def marked(data, make):
    r = make()
    size = int.from_bytes(data[12:16], "little")
    r.bytes, r.seq, r.seg, r.sealed, r.at = data[:size], 0, 0, size, 90200
    r.chain = assemble.sha(b"skr1-chain\0", r.bytes)
    return r.mark(2, data[size:size + 30], 3).bytes


def rewrite(store, message, drop_old):
    old, new = message
    put_entries(store, [b.replace(b'"message":"%s"' % old.encode(), b'"message":"%s"' % new.encode()) for b in bodies_of(store)])
    sql("UPDATE decision SET message = ? WHERE message = ?", new, old)(store)
    st = assemble.Store()
    st.bodies, st.at = bodies_of(store), 90400
    st.head(3)
    for day, notes in st.heads.items():
        write(store, "heads/%s.heads" % day, notes.encode())
        if drop_old:
            for f in files(store, "heads"):
                if f.endswith(".heads") and day not in f:
                    os.unlink(os.path.join(store, f))
