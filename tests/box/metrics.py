#!/usr/bin/python3
"""metrics.py - reads Prometheus' text format (0.0.4) from standard input, strictly; prints how many samples.

Every sample belongs to the HELP and TYPE lines right before it; no name comes twice; names and labels are of the
allowed characters; counters end with _total and are no less than 0; the text ends with a newline.
"""
import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r"\{(?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\n]|\\[\\\"n])*\"(?:,(?=[a-z]))?)+\}"
SAMPLE = re.compile(r"(%s)(%s)? (-?[0-9]+(?:\.[0-9]+)?)" % (NAME, LABELS))
HELP = re.compile(r"# HELP (%s) (\S.*\.)" % NAME)
TYPE = re.compile(r"# TYPE (%s) (counter|gauge)" % NAME)
FORBIDDEN = {"user", "who", "person", "operator", "requester", "source", "request", "session"}


def fail(line, why):
    sys.exit("line %r: %s" % (line, why))


def main():
    text = sys.stdin.read()
    if not text.endswith("\n"):
        sys.exit("no newline at the end")
    lines = text[:-1].split("\n")
    done, seen, kind, name, samples = set(), set(), None, None, 0
    i = 0
    while i < len(lines):
        line = lines[i]
        i += 1
        if line.startswith("#"):
            m = HELP.fullmatch(line) or fail(line, "no HELP line")
            t = TYPE.fullmatch(lines[i]) if i < len(lines) else None
            if not t or t.group(1) != m.group(1):
                fail(line, "TYPE does not follow")
            name, kind = t.groups()
            i += 1
            if name in done or not name.startswith("sekisho_"):
                fail(line, "twice, or not of ours")
            if (kind == "counter") != name.endswith("_total"):
                fail(line, "counters end with _total, and nothing else does")
            done.add(name)
            if i >= len(lines) or lines[i].startswith("#"):
                fail(line, "no sample")
            continue
        m = SAMPLE.fullmatch(line) or fail(line, "no sample")
        if m.group(1) != name or (m.group(1), m.group(2)) in seen:
            fail(line, "out of place, or twice")
        if FORBIDDEN & set(re.findall(r"([a-z_]+)=", m.group(2) or "")):
            fail(line, "a label that names somebody")
        if kind == "counter" and float(m.group(3)) < 0:
            fail(line, "a counter below 0")
        seen.add((m.group(1), m.group(2)))
        samples += 1
    print(samples)


main()
