#!/usr/bin/python3
"""check.py TREE DIR - what programs printed with --json against src/ledgerd/schema.json, and the schema against them.

DIR holds answers: N.word says which word, N.out what it printed.  Prints "ok ..." and "FAILED ..." lines:
every answer is valid with no field more, every field of the schema came at least once, the pages name the same
fields, and an answer with a field less, more, renamed or of another kind would have been noticed.
"""
import copy
import json
import os
import re
import sys

import jsonschema

# fields that are only null in a run of the box test, and why
NEVER = {
    "status.disk.growth_per_day": "known after a day",
    "status.disk.days_left": "known after a day",
    "status.clock.last_step": "no test sets the clock of the machine",
    "status.clock.last_step_ms": "no test sets the clock of the machine",
}
MANY_LINES = ("sekisho check",)         # a shell program
# where the pages list fields: the part of src/ledgerd/README.md, the fields of it, fields told of elsewhere
ROWS = {"whoami": "whoami", "request-list": "request_list", "session-list": "session_list", "review-list": "job_list",
        "audit-log": "audit_log", "audit-head": "audit_head", "audit-proof": "audit_proof",
        "profile-list": "profile_list", "profile-show": "profile"}
BLOCKS = {"request": "request", "session": "session", "job": "job", "sheet": "sheet", "status": "status"}
# page: its section or None, the definition it is about or None: all the others
PAGES = {"bastion/sekisho.1": ("OUTPUT", None), "bastion/sekisho-verify.1": (None, "verify"),
         "bastion/sekisho-check.8": (None, "check")}

failed = 0


def say(yes, sentence, *lines):
    global failed
    print("%s %s" % ("ok" if yes else "FAILED", sentence))
    if not yes:
        failed += 1
        for l in lines[:40]:
            print("    %s" % l)


def closed(v):
    """The schema with no field allowed that it does not name."""
    if isinstance(v, list):
        return [closed(x) for x in v]
    if not isinstance(v, dict):
        return v
    out = {k: closed(x) for k, x in v.items()}
    if isinstance(v.get("properties"), dict) and v.get("type") == "object" and "additionalProperties" not in v:
        out["additionalProperties"] = False
    return out


class Schema:
    def __init__(self, text):
        self.root = closed(json.loads(text))
        jsonschema.Draft202012Validator.check_schema(self.root)
        self.validator = jsonschema.Draft202012Validator(self.root)

    def errors(self, word, answer):
        return ["%s at %s: %s" % (word, "/".join(map(str, e.absolute_path)), e.message[:200])
                for e in self.validator.iter_errors({word: answer})]

    def deref(self, s, where):
        while "$ref" in s:
            where = s["$ref"].split("/")[-1]
            s = self.root["$defs"][where]
        return s, where

    def branch(self, s, value):
        for b in s["anyOf"]:
            if jsonschema.Draft202012Validator(dict(b, **{"$defs": self.root["$defs"]})).is_valid(value):
                return b
        return None

    def walk(self, s, where, value, path):
        """(place in the schema, path in the answer) of every field that is there and not null."""
        s, where = self.deref(s, where)
        if "anyOf" in s:
            b = self.branch(s, value)
            if b is not None:
                yield from self.walk(b, where, value, path)
            return
        if isinstance(value, list) and "items" in s:
            for i, x in enumerate(value):
                yield from self.walk(s["items"], where, x, path + [i])
        if isinstance(value, dict):
            for name, x in value.items():
                sub = s.get("properties", {}).get(name)
                if sub is None:
                    continue
                place = "%s.%s" % (where, name)
                if x is not None or self.deref(sub, "")[0].get("type") == "null":
                    yield place, path + [name]
                yield from self.walk(sub, place, x, path + [name])

    def fields(self, s, where, seen=None):
        """Every place of a field, as walk() names them."""
        seen = set() if seen is None else seen
        s, where = self.deref(s, where)
        for b in s.get("anyOf", []):
            self.fields(b, where, seen)
        if "items" in s:
            self.fields(s["items"], where, seen)
        for name, sub in s.get("properties", {}).items():
            place = "%s.%s" % (where, name)
            if place not in seen:
                seen.add(place)
                self.fields(sub, place, seen)
        return seen

    def names(self, name):
        return {p.split(".")[-1] for p in self.fields({"$ref": "#/$defs/" + name}, name)}


def read_answers(folder):
    answers = []
    for f in sorted(os.listdir(folder)):
        if f.endswith(".word"):
            with open(os.path.join(folder, f)) as w, open(os.path.join(folder, f[:-5] + ".out"), "rb") as o:
                answers.append((w.read().strip(), o.read()))
    return answers


def parse(word, raw):
    """One line, one document; what acts on a terminal is not there."""
    if (raw.count(b"\n") != 1 and word not in MANY_LINES) or not raw.endswith(b"\n") or re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", raw):
        return None
    try:
        return json.loads(raw.decode("utf-8"))
    except ValueError:
        return None


def at(answer, path):
    for k in path:
        answer = answer[k]
    return answer


def mutants(answer, path):
    """The answer with this one field missing, renamed, of another kind, and with one more beside it."""
    for what in ("missing", "renamed", "of another kind", "more"):
        m = copy.deepcopy(answer)
        o, name = at(m, path[:-1]), path[-1]
        if what == "missing" or what == "renamed":
            x = o.pop(name)
            if what == "renamed":
                o[name + "x"] = x
        elif what == "more":
            o["zz"] = 1
        else:
            o[name] = [] if isinstance(o[name], dict) else {"zz": 1}
        yield what, m


def check_mutants(schema, parsed, optional, open_):
    seen, missed, n = set(), [], 0
    for word, answer in parsed:
        for place, path in schema.walk(schema.root["properties"][word], word, answer, []):
            if place in seen:
                continue
            seen.add(place)
            for what, m in mutants(answer, path):
                n += 1
                if schema.errors(word, m) or (what == "missing" and place in optional) or \
                        (place.split(".")[0] in open_ and what in ("more", "renamed")):
                    continue
                missed.append("%s %s" % (place, what))
    say(not missed, "a field less, more, renamed or of another kind is noticed (%d answers changed)" % n, *missed)


def optionals(schema):
    """Places of fields that need not be there, and definitions that allow more."""
    out, open_ = set(), set()

    def visit(s, where):
        for name, sub in s.get("properties", {}).items():
            if name not in s.get("required", []):
                out.add("%s.%s" % (where, name))
            visit(sub, "%s.%s" % (where, name))
        for part in ([s["items"]] if "items" in s else []) + s.get("anyOf", []):
            visit(part, where)
    for name, s in schema.root["$defs"].items():
        visit(s, name)
        if s.get("additionalProperties") is not False and "properties" in s:
            open_.add(name)
    return out, open_


def check_formats(schema, parsed):
    """Times, ids and digests of another form than theirs."""
    bad = {"time": ["2026-11-24 01:00:00+00:00", "2026-11-24T01:00:00", "1795449600"], "request_id": ["12", "S12", "R0"],
           "session_id": ["345", "R3", "S01"], "job_id": ["7", "J"], "digest": ["ab" * 31, "AB" * 32], "code": ["not-found"],
           "uuid": ["01a20d96b2fe777eb3c51b33bf9a5aa8"], "base64": ["a b"], "name": [""]}
    missed = []
    for name, values in bad.items():
        v = jsonschema.Draft202012Validator(dict(schema.root["$defs"][name]))
        missed += ["%s takes %r" % (name, x) for x in values if v.is_valid(x)]
    del parsed
    say(not missed, "times, ids and digests of another form are noticed", *missed)


def readme_names(text):
    """The field names of an example: quoted words that are no values."""
    text = re.sub(r":\s*\"[^\"]*\"(\s+or\s+\"[^\"]*\")*", "", text)
    text = re.sub(r":\s*\[\"[^\"]*\"\]", "", text)
    text = re.sub(r"null or \"[^\"]*\"|\"[^\"]*\" or null", "", text)
    return set(re.findall(r"\"([a-z_0-9]+)\"", text))


def check_readme(schema, tree):
    with open(os.path.join(tree, "src/ledgerd/README.md")) as f:
        text = f.read()
    for verb, name in ROWS.items():
        m = re.search(r"^\| `%s` \|[^|]*\|(.*)\|$" % verb, text, re.M)
        got = readme_names(re.sub(r"\{expanded\}", "", m[1])) if m else set()
        want = schema.names(name) - (schema.names("profile_expanded") - {"name", "summary"} if name == "profile" else set())
        for of in ("request", "session", "job", "entry"):       # told of where they stand
            if name in (of + "_list", "audit_log" if of == "entry" else ""):
                want -= schema.names(of)
        say(got == want, "README of %s names the schema's fields" % verb, sorted(got ^ want))
    for block, name in BLOCKS.items():
        m = re.search(r"<!-- %s -->\n\n((?: {4}.*\n|\n)+)" % block, text)
        got = readme_names(m[1]) if m else set()
        want = schema.names(name)
        if block == "sheet":
            known = schema.names("job") | schema.names("request") | schema.names("session")
            got, want = got - known, want - known
        say(got == want, "README of a %s names the schema's fields" % block, sorted(got ^ want))


def check_pages(schema, tree):
    for page, (part, of) in PAGES.items():
        with open(os.path.join(tree, page)) as f:
            text = f.read()
        if part:
            text = re.search(r"^\.Sh %s\n(.*?)^\.Sh " % part, text, re.M | re.S)[1]
        words = set(re.findall(r"[a-z_0-9]+", text))
        if of:
            names = schema.names(of)
        else:
            every = set()
            for word, s in schema.root["properties"].items():
                if word not in ("verify", "sekisho-verify", "session export", "sekisho check"):
                    every |= schema.fields(s, word)
            names = {p.split(".")[-1] for p in every} - schema.names("profile_expanded")
        say(names <= words, "%s names every field" % page, sorted(names - words))


def main():
    tree, folder = sys.argv[1:3]
    with open(os.path.join(tree, "src/ledgerd/schema.json")) as f:
        text = f.read()
    schema = Schema(text)
    answers = read_answers(folder)
    parsed, wrong = [], []
    for word, raw in answers:
        v = parse(word, raw)
        if v is None:
            wrong.append("%s printed no JSON line: %r" % (word, raw[:100]))
        elif word not in schema.root["properties"]:
            wrong.append("%s is not in the schema" % word)
        else:
            wrong += schema.errors(word, v)
            parsed.append((word, v))
    say(not wrong and len(answers) > 40, "%d answers are as the schema says, with no field more" % len(answers), *wrong)
    words = set(schema.root["properties"])
    say(words == {w for w, _ in parsed}, "every word of the schema was asked", sorted(words - {w for w, _ in parsed}))
    came = set()
    for word, v in parsed:
        came |= {p for p, _ in schema.walk(schema.root["properties"][word], word, v, [])}
    every = set()
    for word, s in schema.root["properties"].items():
        every |= schema.fields(s, word)
    say(every - came == set(NEVER), "every field of the schema came (%d)" % len(every), *sorted((every - came) ^ set(NEVER)))
    optional, open_ = optionals(schema)
    check_mutants(schema, parsed, optional, open_)
    check_formats(schema, parsed)
    # and the other way round: a field that the schema loses
    less = json.loads(text)
    del less["$defs"]["session"]["properties"]["how"]
    less = Schema(json.dumps(less))
    say(any(less.errors(w, v) for w, v in parsed), "a field that the schema does not have is noticed")
    check_readme(schema, tree)
    check_pages(schema, tree)
    number = int(schema.root["$id"].split(":")[-1])
    say([v["schema"] for w, v in parsed if w == "whoami"][:1] == [number], "whoami tells the number of the schema")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
