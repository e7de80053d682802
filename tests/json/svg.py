#!/usr/bin/python3
"""svg.py FILE... - pictures of scripts/cast2svg: whole, small, moving, and of nothing but themselves."""
import re
import sys
import xml.etree.ElementTree as ElementTree

MAX = 300000            # bytes: a page that shows it must not wait
KNOWN = {"svg", "title", "desc", "style", "rect", "defs", "g", "text", "use"}
SVG = "{http://www.w3.org/2000/svg}"


def faults(raw):
    if len(raw) > MAX:
        yield "larger than %d bytes" % MAX
    try:
        root = ElementTree.fromstring(raw)
    except ElementTree.ParseError as e:
        yield "no XML: %s" % e
        return
    ids = {e.get("id") for e in root.iter() if e.get("id")}
    for e in root.iter():
        if e.tag[len(SVG):] not in KNOWN or not e.tag.startswith(SVG):
            yield "has a %s" % e.tag
        for name, value in e.attrib.items():
            if name.lower().startswith("on") or name.endswith("src"):
                yield "has %s" % name
            if name.endswith("href") and value[1:] not in ids:
                yield "refers to %s" % value
    style = "".join(e.text or "" for e in root.iter(SVG + "style"))
    if re.search(r"url\(|@import|@font-face|expression", style):
        yield "its style wants another file"
    at = [float(x) for x in re.findall(r"([0-9.]+)%\{transform", style)]
    if len(at) < 3 or at != sorted(at) or at[0] != 0 or at[-1] >= 100 or "infinite" not in style:
        yield "it does not move"
    if "prefers-reduced-motion" not in style:
        yield "it moves for everybody"
    if not any(e.text for e in root.iter(SVG + "text")):
        yield "it shows nothing"


def main():
    bad = 0
    for name in sys.argv[1:]:
        with open(name, "rb") as f:
            raw = f.read()
        for what in faults(raw):
            print("%s: %s" % (name, what))
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
