"""key.py PASSWORD DIR - keys as no client shows them: every order of offer, signature and dialogue, SHA-1, other names."""
import sys

import paramiko
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from rawssh import AUTH_FAILURE, AUTH_REQUEST, AUTH_SUCCESS, DISCONNECT, IGNORE, INFO_REQUEST, Raw, flag, s

PASSWORD, DIR = sys.argv[1:3]
PK_OK = 60          # the number of INFO_REQUEST, too
SIGNS = {"ssh-rsa": hashes.SHA1, "rsa-sha2-256": hashes.SHA256, "rsa-sha2-512": hashes.SHA512}


def check(text, got, wanted):
    print("ok " + text if got == wanted else f"FAILED {text}\n    got:    {got}\n    wanted: {wanted}")


def load(name):
    with open(f"{DIR}/{name}", "rb") as f:
        return serialization.load_ssh_private_key(f.read(), None)


def blob(name):
    with open(f"{DIR}/{name}.pub") as f:
        return paramiko.message.Message(__import__("base64").b64decode(f.read().split()[1])).asbytes()


class Shown(Raw):
    def shows(self, user, name, algorithm, signs=True, spoil=False):
        """What is answered: 'pk', 'fail', 'partial', 'in', 'end', 'silent'."""
        b = blob(name)
        body = s(user) + s("ssh-connection") + s("publickey") + flag(signs) + s(algorithm) + s(b)
        if signs:
            data = s(self.t.session_id) + bytes([AUTH_REQUEST]) + body
            if algorithm in SIGNS:
                sig = load(name).sign(data, padding.PKCS1v15(), SIGNS[algorithm]())
            else:
                sig = load(name).sign(data)
            if spoil:
                sig = sig[:-1] + bytes([sig[-1] ^ 1])
            body += s(s(algorithm) + s(sig))
        self.send(AUTH_REQUEST, body)
        return self.word(1.5)

    def word(self, timeout=10):
        got = self.until(PK_OK, AUTH_FAILURE, AUTH_SUCCESS, timeout=timeout)
        if not got:
            return "end" if got is None else "silent"
        if got[0] == AUTH_FAILURE:
            self.left = got[1].get_text()
            return "partial" if got[1].get_boolean() else "fail"
        return "in" if got[0] == AUTH_SUCCESS else "pk"

    def goodbye(self):
        """What the gate says at the end; "" when it says nothing."""
        got = self.until(DISCONNECT, timeout=10)
        if not got:
            return ""
        got[1].get_int()
        return got[1].get_text()

    def dialogue(self, user, password):
        self.auth(user, "keyboard-interactive", s("") + s(""))
        word = self.word()
        if word != "pk":
            return word
        self.answer(password)
        got = self.until(AUTH_SUCCESS, AUTH_FAILURE, INFO_REQUEST)
        return "in" if got and got[0] == AUTH_SUCCESS else "fail"


def said(steps, user="alice"):
    c = Shown()
    c.service()
    out = []
    for step in steps.split():
        who = "bob" if step.endswith("@bob") else user
        step = step.removesuffix("@bob")
        if step == "none":
            c.auth(who, "none")
            out.append(c.word())
        elif step == "offer":
            out.append(c.shows(who, "alice", "ssh-ed25519", signs=False))
        elif step == "sign":
            out.append(c.shows(who, "alice", "ssh-ed25519"))
        elif step == "other":
            out.append(c.shows(who, "stranger", "ssh-ed25519"))
        elif step == "password":
            out.append(c.dialogue(who, PASSWORD))
        elif step == "wrong":
            out.append(c.dialogue(who, "not it"))
    c.close()
    return " ".join(out)


# an offer is never a login, a signature neither; the dialogue counts behind the signature alone
for steps, wanted in [
        ("none password", "fail fail"),
        ("password", "fail"),
        ("offer password", "pk fail"),
        ("offer offer password", "pk pk fail"),
        ("other password", "fail fail"),
        ("offer other password", "pk fail fail"),
        ("sign", "partial"),
        ("sign password", "partial in"),
        ("none offer sign password", "fail pk partial in"),
        ("sign wrong password", "partial fail in"),
        ("sign offer password", "partial pk in"),
        ("sign other password", "partial fail in"),
        ("other sign password", "fail partial in"),
        ("password sign password", "fail partial in"),
        ("wrong sign password", "fail partial in"),
        ("sign@bob password", "fail fail"),
        ("sign password@bob", "partial end"),
        ("sign sign@bob", "partial fail"),
        ("offer@bob sign password", "pk partial in"),
]:
    check(f"alice: {steps}", said(steps), wanted)

# before a signature of hers nothing tells alice from bob, who has no key, and from nobody
for steps in "none", "offer", "other", "offer other", "password", "offer password":
    ways = {user: said(steps, user) for user in ("alice", "bob", "nobody-here", "root", "x" * 40)}
    check(f"{steps}: the same for everybody", len(set(ways.values())), 1)

c = Shown()
c.service()
check("a method that is left is told behind the first factor", (c.shows("alice", "alice", "ssh-ed25519"), c.left), ("partial", "keyboard-interactive"))
c.close()
c = Shown()
c.service()
c.auth("alice", "none")
check("and only publickey before it", (c.word(), c.left), ("fail", "publickey"))
c.close()

for algorithm, wanted in ("rsa-sha2-256", "partial"), ("rsa-sha2-512", "partial"), ("ssh-rsa", "silent"):
    c = Shown()
    c.service()
    check(f"a signature by {algorithm}", c.shows("alice", "rsa", algorithm), wanted)
    c.close()
c = Shown()
c.service()
check("a spoilt signature is nothing", c.shows("alice", "alice", "ssh-ed25519", spoil=True), "silent")
check("and the connection ends with a text", c.goodbye(), "sekisho: a signature that is wrong, or made with SHA-1, is no answer here")
c.close()
c = Shown()
c.service()
check("after its offer, too", (c.shows("alice", "alice", "ssh-ed25519", signs=False), c.shows("alice", "alice", "ssh-ed25519", spoil=True), c.goodbye() != ""),
      ("pk", "silent", True))
c.close()
c = Shown()
c.service()
c.send(IGNORE, s("x" * 300))
check("what is to be ignored ends nothing, right or wrong behind it", c.shows("alice", "alice", "ssh-ed25519", spoil=True), "silent")
check("and a signature behind that is heard", c.shows("alice", "alice", "ssh-ed25519"), "partial")
check("so is the password", c.dialogue("alice", PASSWORD), "in")
c.close()
c = Shown()
c.service()
check("an offer of a short RSA key", c.shows("alice", "short", "rsa-sha2-256", signs=False), "fail")
n = 1
while n < 30 and c.shows("alice", "stranger", "ssh-ed25519", signs=False) == "pk":
    n += 1
check("offers are counted", n, 20)
c.close()
