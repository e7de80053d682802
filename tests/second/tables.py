"""The tables as the sum of the entries (FORMAT.md, sections 6 and 7 point 6).

play() goes through the entries and says what every table must hold; compare() holds that against the rows.
"""
import datetime
import re
import uuid as uuids

import canon
from signing import sha256

COLUMNS = {
    "request": "nr revision state requester profile canon digest script uses used reason ticket label warnings filed_at "
               "pending_until start_at end_at",
    "operator": "request name",
    "decision": "request revision who what at message digest",
    "session": "nr uuid request revision step use operator source argv run_as target profile state how status signal "
               "started_at ended_at in_bytes out_bytes err_bytes refusals duration_ms recording reason chain recovered",
    "job": "nr request revision operator opened",
    "verdict": "job who verdict message at seen",
    "seen": "job session who percent",
    "near_miss": "ix request operator at",
    "unknown_name": "commitment salt name at",
    "number": "name value",
}
COLUMNS = {t: c.split() for t, c in COLUMNS.items()}
KEYS = {"request": 1, "operator": 2, "decision": 3, "session": 1, "job": 1, "verdict": 1, "seen": 3, "near_miss": 1,
        "unknown_name": 1, "number": 1}
CANON_KEYS = set("form requester operators target run_as profile profile_digest steps input on_disconnect from until span "
                 "max_run uses cwd".split())
STEP_KEYS = {"argv", "exe", "exe_digest", "script_digest"}
AFTER = {"approve": ("submitted", "approved"), "reject": ("rejected",), "withdraw": ("withdrawn",)}
VERDICTS = ("adequate", "remarks", "inadequate", "cannot-judge")
RESULTS = ("end", "unfinished", "torn", "damaged", "missing")
NO_CHAIN = "0" * 64


class Bad(Exception):
    pass


def need(true, why):
    if not true:
        raise Bad(why)


def number(text, letter):
    m = re.fullmatch(letter + r"([1-9][0-9]{0,17})", text)
    need(m, "%r is no number of the kind %s" % (text, letter))
    return int(m[1])


def recording_path(raw, nr):
    """recordings/YYYY/MM/DD/S345.skr without its first part; the day is that of the UUIDv7."""
    days = int.from_bytes(raw[:6], "big") // 86400000
    need(days < 2932897, "a uuid behind the year 9999")
    day = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=days)
    return "%04d/%02d/%02d/S%d.skr" % (day.year, day.month, day.day, nr)


def uuid7(text):
    need(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text), "uuid")
    raw = uuids.UUID(text).bytes
    need(raw[6] >> 4 == 7 and raw[8] >> 6 == 2, "uuid is no UUIDv7")
    return raw


class Session:
    """What the ledger says about the recording of a session."""

    def __init__(self, nr, raw, header, ix):
        self.nr, self.uuid, self.header, self.ix = nr, raw, header, ix
        self.end = self.recovered = None
        self.path = recording_path(raw, nr)


class Play:
    def __init__(self, good, report):
        self.report = report
        self.rows = {t: {} for t in COLUMNS}
        self.canon = {}         # request -> object
        self.approvers = {}     # request -> names
        self.job_of = {}        # session -> job
        self.jobs = {}          # (request, revision, operator) -> job
        self.sessions = {}      # nr -> Session
        self.named = set()      # session numbers that any entry names
        self.unknown = {}       # commitment -> minutes
        for ix, e in good:
            self.ix = ix
            if re.fullmatch(r"S[1-9][0-9]{0,17}", str(e.get("session"))):
                self.named.add(int(e["session"][1:]))
            handler = getattr(self, "on_" + e["what"].replace("-", "_"), None)
            if not handler:
                continue
            try:
                handler(e)
            except Bad as why:
                report.fault("entry %d (%s)" % (ix, e["what"]), str(why))

    def new(self, table, row):
        key = tuple(row[c] for c in COLUMNS[table][:KEYS[table]])
        need(key not in self.rows[table], "%s %s is there already" % (table, "/".join(map(str, key))))
        self.rows[table][key] = row

    def get(self, table, *key):
        row = self.rows[table].get(key)
        need(row is not None, "there is no %s %s" % (table, "/".join(map(str, key))))
        return row

    # ---- numbers

    def on_gate_start(self, e):
        self.rows["number"][("next_session",)] = {"name": "next_session", "value": e["next_session"]}

    on_gate_stop = on_numbers = on_gate_start

    def on_login_refused(self, e):
        for u in e.get("unknown_users", []):
            need(isinstance(u, dict) and re.fullmatch("[0-9a-f]{64}", str(u.get("sha256"))), "unknown_users")
            need("minute" in e, "unknown_users without a minute")
            self.unknown.setdefault(bytes.fromhex(u["sha256"]), set()).add(e["minute"])

    # ---- requests

    def on_request(self, e):
        nr, c = number(e["request"], "R"), e["canon"]
        raw = canon.dump(c)
        need(len(raw) <= 60000 and sha256(raw).hex() == e["digest"], "digest is not that of canon")
        self._bound(c)
        need(c["requester"] == e["who"], "requester is not who filed it")
        need(c["uses"] == e["uses"], "uses are not those of canon")
        need(re.fullmatch("([0-9a-f]{64})?", e["script_digest"]), "script_digest")
        self.new("request", {
            "nr": nr, "revision": e["revision"], "state": "submitted", "requester": e["who"], "profile": c["profile"],
            "canon": raw, "digest": sha256(raw), "script": e["script_digest"], "uses": e["uses"], "used": 0,
            "reason": e["reason"], "ticket": e["ticket"], "label": e["label"],
            "warnings": canon.text(e["warnings"]), "filed_at": e["filed_at"], "pending_until": e["pending_until"],
            "start_at": None, "end_at": None})
        self.canon[nr], self.approvers[nr] = c, set()
        for name in c["operators"]:
            self.new("operator", {"request": nr, "name": name})

    def _bound(self, c):
        """The table of src/request/README.md."""
        need(set(c) == CANON_KEYS and c["form"] == 1, "keys of canon")
        names = c["operators"]
        need(isinstance(names, list) and names and all(isinstance(n, str) for n in names) and
             names == sorted(set(names)), "operators of canon")
        need(isinstance(c["steps"], list) and c["steps"], "steps of canon")
        for s in c["steps"]:
            need(isinstance(s, dict) and set(s) == STEP_KEYS and isinstance(s["argv"], list) and s["argv"] and
                 all(isinstance(a, str) for a in s["argv"]), "a step of canon")
        need(isinstance(c["uses"], int) and c["uses"] > 0, "uses of canon")

    def on_decision(self, e):
        nr = number(e["request"], "R")
        row = self.get("request", nr)
        need(e["decision"] in AFTER, "decision")
        need(e["revision"] == row["revision"] and e["digest"] == row["digest"].hex(), "for other bytes than were filed")
        need(row["state"] in ("submitted", "approved"), "the request is %s already" % row["state"])
        need(e["state"] in AFTER[e["decision"]], "state after it")
        if e["decision"] == "approve":
            need(row["state"] == "submitted", "approved a second time")
            need(e["who"] != row["requester"], "approved by the requester")
            need(e["who"] not in self.canon[nr]["operators"], "approved by an operator")
            self.approvers[nr].add(e["who"])
        need((e["state"] == "approved") == ("start_at" in e) == ("end_at" in e), "window")
        self.new("decision", {
            "request": nr, "revision": e["revision"], "who": e["who"], "what": e["decision"], "at": e["decided_at"],
            "message": e["message"], "digest": row["digest"]})
        row["state"] = e["state"]
        if "start_at" in e:
            row["start_at"], row["end_at"] = e["start_at"], e["end_at"]

    # ---- sessions

    def _session(self, e, nr, who):
        """A new row; what it is about comes from the request."""
        request = number(e["request"], "R")
        row, c = self.get("request", request), self.canon[request]
        need(e["revision"] == row["revision"], "another revision")
        need(1 <= e["step"] <= len(c["steps"]), "there is no such step")
        raw = uuid7(e["uuid"])
        need(all(s.uuid != raw for s in self.sessions.values()), "the uuid of another session")
        self.new("session", {
            "nr": nr, "uuid": raw, "request": request, "revision": e["revision"], "step": e["step"], "use": None,
            "operator": who, "source": e["source"], "argv": canon.text(c["steps"][e["step"] - 1]["argv"]),
            "run_as": c["run_as"], "target": c["target"], "profile": c["profile"], "state": "running", "how": "",
            "status": None, "signal": "", "started_at": None, "ended_at": None, "in_bytes": 0, "out_bytes": 0,
            "err_bytes": 0, "refusals": 0, "duration_ms": 0, "recording": recording_path(raw, nr), "reason": "",
            "chain": None, "recovered": ""})
        self.sessions[nr] = Session(nr, raw, e.get("header"), self.ix)
        return request

    def on_use(self, e):
        nr, job = number(e["session"], "S"), number(e["job"], "J")
        request = number(e["request"], "R")
        need(nr not in self.sessions, "a second use of session S%d" % nr)
        row = self.get("request", request)
        self._session(e, nr, e["who"])
        session = self.rows["session"][(nr,)]
        session["use"], session["started_at"] = e["use"], e["started_at"]
        key = (request, e["revision"], e["who"])
        is_new = (job,) not in self.rows["job"]
        if is_new:
            self.rows["job"][(job,)] = {"nr": job, "request": request, "revision": e["revision"], "operator": e["who"],
                                        "opened": e["started_at"]}
        self.job_of[nr] = job
        before = row["used"]
        row["used"] += 1
        c = self.canon[request]
        need(e["digest"] == row["digest"].hex(), "of other bytes than were approved")
        need(row["state"] == "approved", "of a request that is %s" % row["state"])
        need(row["start_at"] <= e["started_at"] <= row["end_at"], "outside the window")
        need(e["use"] == before + 1, "use %d should follow" % (before + 1))
        need(e["uses"] == row["uses"] and e["use"] <= row["uses"], "beyond the uses that were approved")
        need(e["who"] in c["operators"], "by somebody who is no operator")
        need(e["exe"] == c["steps"][e["step"] - 1]["exe_digest"], "another program than was approved")
        need(self.jobs.setdefault(key, job) == job and (is_new or self._job_is(job, key)), "another job")

    def _job_is(self, job, key):
        row = self.rows["job"][(job,)]
        return (row["request"], row["revision"], row["operator"]) == key

    def on_start(self, e):
        row = self.get("session", number(e["session"], "S"))
        need(row["use"] is not None, "of a session without a use")

    def on_end(self, e):
        nr = number(e["session"], "S")
        if nr not in self.sessions:
            need(all(k in e for k in ("request", "revision", "step", "uuid", "operator", "source", "recorded")),
                 "a session without use, and not all is said about it")
            self._session(e, nr, e["operator"])
        row = self.rows["session"][(nr,)]
        if row["state"] != "running":
            return
        need(e["state"] in ("ended", "interrupted", "not run"), "state")
        row.update({
            "state": e["state"], "how": e["how"], "signal": e["signal"], "reason": e["reason"], "in_bytes": e["in"],
            "out_bytes": e["out"], "err_bytes": e["err"], "refusals": e["refusals"], "duration_ms": e["duration_ms"],
            "ended_at": e["ended_at"]})
        has_status = e["how"] != "not run" and not e["signal"] and e["state"] != "interrupted"
        row["status"] = e["status"] if has_status else None
        row["chain"] = self._chain(e.get("chain", NO_CHAIN))
        self.sessions[nr].end = e

    def _chain(self, text):
        return None if text == NO_CHAIN else bytes.fromhex(text)

    def on_recovered(self, e):
        nr = number(e["session"], "S")
        row = self.get("session", nr)
        need(e["result"] in RESULTS, "result")
        need(row["state"] != "running", "of a session that runs")
        row["recovered"], row["chain"] = e["result"], self._chain(e["chain"])
        self.sessions[nr].recovered = e

    # ---- review

    def on_refusal(self, e):
        if "request" not in e:
            return
        need("who" in e, "a near miss of nobody")
        nr = number(e["request"], "R")
        self.get("request", nr)
        self.new("near_miss", {"ix": self.ix, "request": nr, "operator": e["who"], "at": e["at_ns"] // 10**9})

    on_word_refused = on_refusal

    def on_seen(self, e):
        job = number(e["job"], "J")
        self.get("job", job)
        nr = number(e["session"], "S") if e["session"] else 0
        need(nr == 0 or self.job_of.get(nr) == job, "a session of another job")
        need(e["percent"] <= 100, "percent")
        row = self.rows["seen"].setdefault((job, nr, e["who"]), {"job": job, "session": nr, "who": e["who"], "percent": -1})
        row["percent"] = max(row["percent"], e["percent"])

    def on_verdict(self, e):
        job = number(e["job"], "J")
        row = self.get("job", job)
        need(e["verdict"] in VERDICTS, "verdict")
        self.new("verdict", {"job": job, "who": e["who"], "verdict": e["verdict"], "message": e["message"],
                             "at": e["decided_at"], "seen": canon.text(e["seen"])})
        request = self.rows["request"][(row["request"],)]
        need(e["who"] != request["requester"], "by the requester")
        need(e["who"] != row["operator"], "by the operator")
        need(e["who"] not in self.approvers[row["request"]], "by an approver")
        need(not any(j == job and self.rows["session"][(s,)]["state"] == "running" for s, j in self.job_of.items()),
             "on a job with a running session")


def same(a, b):
    return type(a) is type(b) and a == b


def show(v):
    return v.hex() if isinstance(v, bytes) else repr(v)


def compare(play, tables, report):
    """tables: name -> [row tuples] as they are in the database, columns in the order of COLUMNS."""
    for table, names in COLUMNS.items():
        want = dict(play.rows[table])
        for values in tables[table]:
            key = values[:KEYS[table]]
            place = "%s %s" % (table, "/".join(map(show, key)))
            row = dict(zip(names, values))
            if table == "unknown_name":
                unknown_name(play, row, place, report)
                continue
            right = want.pop(key, None)
            if right is None:
                report.fault(place, "no entry makes this row")
                continue
            for name in names:
                if (table, name) == ("request", "script"):
                    if not is_script(row[name], right[name]):
                        report.fault(place, "script is not the one whose digest the ledger has")
                elif not same(row[name], right[name]):
                    report.fault(place, "%s is %s, by the entries it is %s" % (name, show(row[name]), show(right[name])))
        for key in want:
            report.fault("%s %s" % (table, "/".join(map(show, key))), "the row is missing")


def is_script(value, digest):
    if digest == "":
        return value is None
    return isinstance(value, bytes) and sha256(value).hex() == digest


def unknown_name(play, row, place, report):
    salt, name = row["salt"], row["name"]
    if not isinstance(row["commitment"], bytes) or row["commitment"] not in play.unknown:
        report.fault(place, "no entry has this commitment")
    elif not (isinstance(salt, bytes) and isinstance(name, bytes) and
              sha256(salt, name) == row["commitment"]):
        report.fault(place, "is not what was committed to")
    elif not isinstance(row["at"], int) or row["at"] not in play.unknown[row["commitment"]]:
        report.fault(place, "another minute than the entry's")
