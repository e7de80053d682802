#!/usr/bin/python3
"""verify.py [--head FILE] [--key FILE] STOREDIR - checks a copy of a gate's store.

Written from src/record/FORMAT.md, src/ledger/FORMAT.md and src/request/README.md, not from the C verifier, so
that each finds the mistakes of the other.  --head: a signed head that was kept elsewhere; --key: the two lines of
heads/gate.vkeys that were kept elsewhere.  All faults go to standard error, what was found in the end to standard
output.  Status: 0 all is well and continues the head; 1 a fault; 3 well, but roll-back cannot be excluded;
64 usage; 74 cannot be read.
"""
import getopt
import os
import shutil
import sqlite3
import sys
import tempfile

import ledger
import recordings
import tables
from report import Report

SCHEMA_VERSION = 3
OLD_VERSION = 2                 # the same tables, other indexes
OLD_INDEXES = ("CREATE INDEX request_state ON request (state)", "CREATE INDEX session_state ON session (state)")
NEW_INDEXES = ("request_waiting", "request_usable", "session_running", "session_lost")
APPLICATION_ID = 0x53454B49     # "SEKI"


def schema_rows(db):
    return set(db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))


def schema_wanted(version):
    """What sqlite_master holds when the tables are as they should be."""
    db = sqlite3.connect(":memory:")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "schema.sql"), encoding="utf-8") as f:
        db.executescript(f.read())
    if version == OLD_VERSION:
        for name in NEW_INDEXES:
            db.execute("DROP INDEX " + name)
        for statement in OLD_INDEXES:
            db.execute(statement)
    rows = schema_rows(db)
    db.close()
    return rows


WANTED = {v: schema_wanted(v) for v in (OLD_VERSION, SCHEMA_VERSION)}


class Database:
    """All rows of all tables, read once."""

    def __init__(self, folder, report):
        self.entries, self.nodes = [], []
        self.tables = {t: [] for t in tables.COLUMNS}
        path = os.path.join(folder, "ledger.db")
        with open(path, "rb"):
            pass        # OSError: cannot be read
        copy = None
        try:
            if os.path.exists(path + "-wal"):
                # SQLite writes into the log's index when it reads: not into what is checked
                copy = tempfile.mkdtemp(prefix="second.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
                for name in ("ledger.db", "ledger.db-wal"):
                    shutil.copyfile(os.path.join(folder, name), os.path.join(copy, name))
                uri = "file:%s/ledger.db" % copy
            else:
                uri = "file:%s?mode=ro&immutable=1" % path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
            self._read(uri, report)
        except (sqlite3.Error, OverflowError, ValueError, MemoryError) as e:
            report.fault("ledger.db", "the database cannot be read: %s" % e)
        finally:
            if copy:
                shutil.rmtree(copy)

    def _read(self, uri, report):
        db = sqlite3.connect(uri, uri=True)
        try:
            db.text_factory = lambda b: b.decode("utf-8", "surrogateescape")
            for (line,) in db.execute("PRAGMA integrity_check(10)"):
                if line != "ok":
                    report.fault("ledger.db", str(line))
            version, = db.execute("PRAGMA user_version").fetchone()
            if version not in WANTED:
                report.fault("ledger.db", "tables of version %d" % version)
            program, = db.execute("PRAGMA application_id").fetchone()
            if program != APPLICATION_ID:
                report.fault("ledger.db", "the database of another program")
            for kind, name, _, _ in sorted(schema_rows(db) ^ WANTED.get(version, WANTED[SCHEMA_VERSION]), key=str):
                report.fault("ledger.db", "%s %r is not as it should be" % (kind, name))
            self.entries = db.execute("SELECT ix, body FROM entry ORDER BY ix").fetchall()
            self.nodes = db.execute("SELECT level, ix, hash FROM node").fetchall()
            for t, names in tables.COLUMNS.items():
                self.tables[t] = db.execute('SELECT "%s" FROM "%s" NOT INDEXED' % ('", "'.join(names), t)).fetchall()
        finally:
            db.close()


def given_keys(store, key_file, report):
    """The keys everything hangs on: from outside, or from the store itself (which is told)."""
    own = None
    path = os.path.join(store, "heads", "gate.vkeys")
    try:
        with open(path, "rb") as f:
            own = ledger.VKeys(f.read())
    except FileNotFoundError:
        report.fault("heads/gate.vkeys", "is missing")
    except (ValueError, UnicodeError) as e:
        report.fault("heads/gate.vkeys", str(e))
    if key_file is None:
        report.tell("keys", "the key of epoch 1 is taken from the store itself")
        return own
    with open(key_file, "rb") as f:
        try:
            given = ledger.VKeys(f.read())
        except (ValueError, UnicodeError) as e:
            report.fault("key from outside", str(e))
            return own
    if own and vars(own) != vars(given):
        report.fault("heads/gate.vkeys", "not the keys that were given")
    return given


def check(store, head=None, key=None):
    """Status and Report.  OSError when something cannot be read."""
    report = Report()
    os.listdir(store)
    db = Database(os.path.join(store, "ledger"), report)
    entries = ledger.Entries(db.entries, report)
    tree = ledger.check_tree(entries.bodies, db.nodes, report)
    epochs = ledger.Epochs(entries.good, given_keys(store, key, report), tree, report)
    newest = ledger.check_heads(os.path.join(store, "heads"), epochs, tree, report)
    if head is not None:
        with open(head, "rb") as f:
            ledger.check_outside(f.read(), epochs, tree, newest, report)
    play = tables.Play(entries.good, report)
    tables.compare(play, db.tables, report)
    recordings.Recordings(os.path.join(store, "recordings"), epochs, play, report)
    if head is None:
        report.tell("head", "none from outside: cannot exclude roll-back")
    report.summary = "%d entries, %d sessions" % (tree.size, len(play.sessions))
    return (1 if report.faults else 3 if head is None else 0), report


def main(args):
    try:
        opts, rest = getopt.getopt(args, "", ["head=", "key="])
    except getopt.GetoptError as e:
        print("verify: %s" % e, file=sys.stderr)
        return 64
    if len(rest) != 1:
        print(__doc__, file=sys.stderr)
        return 64
    opts = dict(opts)
    try:
        status, report = check(rest[0], opts.get("--head"), opts.get("--key"))
    except OSError as e:
        print("verify: %s" % e, file=sys.stderr)
        return 74
    for line in report.told:
        print("note: " + line, file=sys.stderr)
    for line in report.faults:
        print("FAULT: " + line, file=sys.stderr)
    if status == 1:
        print("%d faults, the first: %s" % (len(report.faults), report.faults[0]))
    elif status == 3:
        print("consistent, %s; cannot exclude roll-back: no head from outside" % report.summary)
    else:
        print("all is well, %s; continues the head from outside" % report.summary)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
