#!/usr/bin/python3
"""cast.py FILE... - are these asciicast v3, as its specification says it, and ours: ASCII, whole microseconds?

A module too: read(bytes) gives (header, comments, events with times since the beginning); Wrong says what is not so.
"""
import json
import re
import sys

HEADER = {"version", "term", "timestamp", "idle_time_limit", "command", "title", "env", "tags"}
TERM = {"cols", "rows", "type", "version", "theme"}
INTERVAL = re.compile(r"\[[0-9]+\.[0-9]{6},")


class Wrong(Exception):
    pass


def need(yes, line, what):
    if not yes:
        raise Wrong("line %d: %s" % (line, what))


def strict(text, line):
    """One JSON value; keys once, no NaN."""
    def pairs(list_):
        need(len(dict(list_)) == len(list_), line, "a key stands there twice")
        return dict(list_)

    def constant(name):
        raise Wrong("line %d: %s" % (line, name))
    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as e:
        raise Wrong("line %d: no JSON: %s" % (line, e))


def is_side(v):
    return type(v) is int and 1 <= v <= 65535


def check_header(h):
    need(isinstance(h, dict), 1, "the header is no object")
    need(set(h) <= HEADER, 1, "unknown %s" % sorted(set(h) - HEADER))
    need(h.get("version") == 3 and type(h["version"]) is int, 1, "version is not 3")
    term = h.get("term")
    need(isinstance(term, dict) and set(term) <= TERM, 1, "term is not as it must be")
    need(is_side(term.get("cols")) and is_side(term.get("rows")), 1, "cols and rows are no size")
    for name in ("type", "version"):
        need(isinstance(term.get(name, ""), str), 1, "term.%s is no text" % name)
    need(type(h.get("timestamp", 0)) is int and h.get("timestamp", 0) >= 0, 1, "timestamp is no unix time")
    for name in ("command", "title"):
        need(isinstance(h.get(name, ""), str), 1, "%s is no text" % name)


def check_event(e, text, line, ended):
    need(isinstance(e, list) and len(e) == 3, line, "an event has three parts")
    interval, code, data = e
    need(type(interval) is float and interval >= 0 and INTERVAL.match(text), line, "the interval is none of ours")
    need(code in ("o", "i", "r", "m", "x"), line, "unknown code %r" % code)
    need(isinstance(data, str), line, "the data is no text")
    need(not re.search("[\ud800-\udfff]", data), line, "half a surrogate pair")
    need(not ended, line, "something stands behind x")
    if code == "r":
        m = re.fullmatch(r"([1-9][0-9]*)x([1-9][0-9]*)", data)
        need(m and is_side(int(m[1])) and is_side(int(m[2])), line, "no size: %r" % data)
    if code == "x":
        need(re.fullmatch(r"[0-9]{1,3}", data) and int(data) <= 255, line, "no status: %r" % data)
    if code in ("o", "i"):
        need(data != "", line, "an event without bytes")


def read(raw):
    need(raw.endswith(b"\n"), 0, "the last line has no end")
    for i, line in enumerate(raw.split(b"\n")):
        need(re.fullmatch(rb"[ -~]*", line), i + 1, "a byte that acts or is no ASCII")
    lines = raw.decode("ascii").split("\n")[:-1]
    header = strict(lines[0], 1)
    check_header(header)
    comments, events, at, ended = [], [], 0, False
    for i, text in enumerate(lines[1:], 2):
        if text.startswith("#"):
            comments.append(text[2:])
            continue
        e = strict(text, i)
        check_event(e, text, i, ended)
        ended = e[1] == "x"
        at += round(e[0] * 1000000)
        events.append((at, e[1], e[2]))
    return header, comments, events


def main():
    for name in sys.argv[1:]:
        try:
            with open(name, "rb") as f:
                _, _, events = read(f.read())
        except Wrong as e:
            print("%s: %s" % (name, e))
            return 1
        print("%s: %d events, %.6f s" % (name, len(events), events[-1][0] / 1e6 if events else 0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
