"""Recordings against the ledger (FORMAT.md, section 7, points 7 and 8)."""
import os
import re

import skr1
import tables


def is_begun(data):
    """The file ends inside its header, and is right so far."""
    if data[:12] != (skr1.MAGIC + b"\1\0\0\0")[:len(data[:12])]:
        return False
    return len(data) < 16 or skr1.HEADER_MIN <= int.from_bytes(data[12:16], "little") <= skr1.HEADER_MAX and \
        len(data) < int.from_bytes(data[12:16], "little")


def ran(r):
    """Does it tell of a command that ran?  Input alone may have come before its use was taken."""
    return r.totals["out"] > 0 or r.totals["err"] > 0 or "x" in r.letters or \
        bool(r.end and r.end["how"] not in ("not run", "record", "lost"))


def is_place(raw, nr, path):
    try:
        return tables.recording_path(raw, nr) == path
    except tables.Bad:
        return False


class Recordings:
    def __init__(self, folder, epochs, play, report):
        self.folder, self.epochs, self.play, self.report = folder, epochs, play, report
        self.keys = epochs.keys()
        paths = self._paths()
        for nr in sorted(play.sessions):
            s = play.sessions[nr]
            is_there = s.path in paths
            paths.discard(s.path)
            self._session(s, is_there)
        for path in sorted(paths):
            self._stranger(path)

    def _paths(self):
        found = set()
        for folder, dirs, files in os.walk(self.folder):
            for name in files + [d for d in dirs if os.path.islink(os.path.join(folder, d))]:
                found.add(os.path.relpath(os.path.join(folder, name), self.folder))
        return found

    def _read(self, path):
        """The bytes of a file, or None when it is no plain file."""
        full = os.path.join(self.folder, path)
        if os.path.islink(full) or not os.path.isfile(full):
            return None
        with open(full, "rb") as f:
            return f.read()

    def _seals(self, r, place):
        """Every seal is of an epoch that was in force then, and the header says the epoch as the ledger does."""
        epochs, ok = self.epochs, True
        for seal in r.seals:
            if epochs.is_to_come(seal.epoch):
                self.report.tell(place, "seal at %d: by an epoch whose entry is still to come: it does not count" % seal.at)
                continue
            why = epochs.covers(seal.epoch, seal.time)
            if why:
                self.report.fault(place, "seal at %d: %s" % (seal.at, why))
                ok = False
        if not epochs.is_to_come(r.epoch[0]) and epochs.by_number.get(r.epoch[0]) != r.epoch[1:]:
            self.report.fault(place, "its epoch is not that of the ledger")
            ok = False
        return ok

    # ---- sessions of the ledger

    def _session(self, s, is_there):
        place, report = "S%d" % s.nr, self.report
        is_used = self.play.rows["session"][(s.nr,)]["use"] is not None
        wanted = is_used or (s.end is not None and s.end.get("recorded") == 1)
        row = self.play.rows["session"][(s.nr,)]
        if not is_there:
            if row["recovered"] == "missing" and not is_used:
                report.tell(place, "its recording is missing: the ledger says so")
            elif wanted:
                report.fault(place, "the recording %s is missing" % s.path)
            return
        data = self._read(s.path)
        if data is None:
            report.fault(place, "%s is no plain file" % s.path)
            return
        if not wanted:
            self._prepared(place, s.nr, s.uuid, data)
            return
        r = skr1.Recording(data, self.keys)
        if r.chain is None:
            if row["recovered"] == "damaged" and row["chain"] is None and not is_used:
                report.tell(place, "its recording had no header: the ledger says so")
            else:
                report.fault(place, "header: " + r.why)
            return
        if s.header is not None and r.header_digest.hex() != s.header:
            report.fault(place, "not the header that the ledger names")
        if r.uuid != s.uuid:
            report.fault(place, "the recording of another session (uuid)")
        if r.meta.get("session") != "S%d" % s.nr:
            report.fault(place, "the recording names another session (%r)" % r.meta.get("session"))
        self._seals(r, place)
        if not is_used and row["state"] != "running" and ran(r):
            report.fault(place, "something ran in it, and no use was taken")
        self._result(s, r, place)

    def _result(self, s, r, place):
        report, row = self.report, self.play.rows["session"][(s.nr,)]
        chain, recovered = row["chain"], row["recovered"]
        if r.result == "damaged":
            report.fault(place, r.describe())
        elif row["state"] == "running":
            if r.result == "recovered":
                report.fault(place, "runs, and is marked as recovered")
        elif r.result == "complete":
            if chain is None and not recovered:
                report.tell(place, "not yet recovered")
            elif chain != r.chain or recovered not in ("", "end"):
                report.fault(place, "another recording than the ledger vouches for (chain)")
            elif not recovered:
                self._end(s.end, r, place)
        elif r.result == "recovered":
            result = {1: "unfinished", 2: "torn", 3: "damaged"}[r.mark["why"]]
            if chain != r.chain or recovered != result:
                report.fault(place, "another recording than the ledger vouches for (mark)")
            elif any(s.recovered[k] != r.mark[k] for k in ("good", "found", "sealed")):
                report.fault(place, "its mark says other places than the entry")
        elif chain is None and not recovered:
            report.tell(place, "not yet recovered (%s)" % r.describe())
        else:
            report.fault(place, r.describe())

    def _end(self, entry, r, place):
        """Totals and exit as the recording has them are those of the entry."""
        end, is_full = r.end, r.end["how"] == "record"      # a disk that filled up while it ended
        for name in ("in", "out", "err", "how", "signal"):
            if (name != "how" or not is_full) and (name != "signal" or not is_full or "x" in r.letters) and entry[name] != end[name]:
                self.report.fault(place, "%s is %r in the recording, %r in the ledger" % (name, end[name], entry[name]))
        has_status = end["how"] not in ("not run", "lost") and (not is_full or "x" in r.letters)
        if not end["signal"] and has_status and entry["status"] != end["status"]:
            self.report.fault(place, "status is %d in the recording, %d in the ledger" % (end["status"], entry["status"]))

    # ---- files that belong to no session

    def _stranger(self, path):
        place, report = "recordings/" + path, self.report
        m = re.fullmatch(r"\d{4}/\d\d/\d\d/S([1-9][0-9]{0,17})\.skr", path)
        data = self._read(path)
        if not m or data is None or int(m[1]) in self.play.named:
            report.fault(place, "belongs to no session")
            return
        self._prepared(place, int(m[1]), None, data, path)

    def _prepared(self, place, nr, uuid, data, path=None):
        """A file of a session that was never started: told, unless more is in it.  uuid: as the ledger has it, if it has."""
        report = self.report
        if is_begun(data):
            report.tell(place, "prepared, never started (its header was not finished)")
            return
        r = skr1.Recording(data, self.keys)
        if r.chain is None or r.result == "damaged":
            report.fault(place, "belongs to no session, and is " + r.describe())
        elif r.meta.get("session") != "S%d" % nr or not (is_place(r.uuid, nr, path) if path else r.uuid == uuid):
            report.fault(place, "belongs to no session, and says it is another")
        elif path and any(s.uuid == r.uuid for s in self.play.sessions.values()):
            report.fault(place, "belongs to no session, and has the uuid of one")
        elif ran(r):
            report.fault(place, "belongs to no session, and something ran in it")
        elif self._seals(r, place):
            report.tell(place, "prepared, never started")
