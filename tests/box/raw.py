#!/usr/bin/python3
"""raw.py USER PASSWORD [CASE...] - what no client sends (see raw.sh); prints "ok ..." and "FAILED ..."."""
import contextlib
import os
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rawssh import *        # noqa: E402,F403

USER, PASSWORD = sys.argv[1:3]
GRACE = 5
cases = []
peak = 0


def ok(sentence, good=True, *why):
    print("%s %s" % ("ok" if good else "FAILED", sentence), flush=True)
    if not good:
        for w in why:
            print("    %s" % (w,))


def figure(text):
    print("figure " + text, flush=True)


def case(f):
    cases.append(f)
    return f


def fresh(source="127.0.0.1"):
    r = Raw(source)
    r.service()
    return r


def inside(source="127.0.0.1"):
    r = Raw(source)
    if not r.login(USER, PASSWORD):
        raise RuntimeError("no login")
    return r


def together(f, rows, at_once=12):
    """f(row) for all rows, some at a time; what one raises is a failure."""
    gate = threading.Semaphore(at_once)

    def work(row):
        with gate:
            try:
                f(row)
            except Exception:       # noqa: BLE001
                ok("%s %r" % (f.__name__, row), False, traceback.format_exc())
    threads = [threading.Thread(target=work, args=(row,)) for row in rows]
    for th in threads:
        th.start()
    for th in threads:
        th.join()


def settle(seconds=6):
    """Until no pair is left."""
    end = time.time() + seconds
    while time.time() < end:
        if not processes("sekisho-net", "sekisho-monitor"):
            return True
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def patience(seconds):
    """Another grace for what is not about it: a crowd takes the time that the machine needs."""
    conf, log = "/etc/sekisho/sekisho.conf", os.environ["GATE_LOG"]

    def load(text):
        with open(conf, "w", encoding="utf-8") as f:
            f.write(text)
        with open(log, "rb") as f:
            f.seek(0, os.SEEK_END)
            os.kill(int(os.environ["GATE_PID"]), signal.SIGHUP)
            end = time.time() + 30
            while b"snapshot taken" not in f.read():
                if time.time() > end:
                    raise RuntimeError("the configuration is not taken")
                time.sleep(0.1)
    with open(conf, encoding="utf-8") as f:
        before = f.read()
    load(before.replace('grace = "%ds"' % GRACE, 'grace = "%ds"' % seconds))
    try:
        yield
    finally:
        load(before)


def alive():
    r = inside("127.0.0.2")
    try:
        return r.run("whoami")[0] == 0
    finally:
        r.close()


def watch_memory():
    global peak
    while True:
        for p in processes("sekisho-net", "sekisho-monitor", "sekisho-record", "sekisho-ledgerd", "sekishod"):
            peak = max(peak, rss_kib(p))
        time.sleep(0.1)


# ---- before the login
@case
def packets_before_login():
    """packets of later stages grant nothing before the login"""
    probes = [("USERAUTH_SUCCESS", AUTH_SUCCESS, b""), ("USERAUTH_FAILURE", AUTH_FAILURE, s("none") + b"\0"),
              ("CHANNEL_OPEN", OPEN, s("session") + u(0) + u(1 << 20) + u(32768)),
              ("GLOBAL_REQUEST", GLOBAL, s("tcpip-forward") + b"\1" + s("") + u(0)),
              ("GLOBAL keepalive", GLOBAL, s("keepalive@openssh.com") + b"\1"),
              ("INFO_RESPONSE", INFO_RESPONSE, u(1) + s(PASSWORD)), ("INFO_REQUEST", INFO_REQUEST, s("") * 3 + u(0)),
              ("CHANNEL_REQUEST", REQUEST, u(0) + s("exec") + b"\1" + s("id")), ("CHANNEL_DATA", DATA, u(0) + s("x")),
              ("OPEN_CONFIRMATION", OPENED, u(0) + u(0) + u(1) + u(1)), ("CHANNEL_CLOSE", CLOSE, u(0)),
              ("SERVICE_ACCEPT", SERVICE_ACCEPT, s("ssh-userauth")), ("type 255", 255, b""), ("type 63", 63, b"\0" * 9)]
    for service in (False, True):
        for name, ptype, body in probes:
            r = Raw()
            if service:
                r.service()
            r.send(ptype, body)
            got, ended = r.types(0.5)
            ok("%s before the login%s grants nothing" % (name, " (service on)" if service else ""),
               not set(got) - {DISCONNECT, UNIMPLEMENTED, AUTH_FAILURE, GLOBAL_FAILURE}, got)
            if b"kis" in r.bytes or b"onitor" in r.bytes or b"PAM" in r.bytes:
                ok("and tells nothing about us", False, r.bytes)
            if not ended:
                r.send(OPEN, s("session") + u(0) + u(1 << 20) + u(32768))
                got, _ = r.types(0.3)
                ok("and no channel afterwards", OPENED not in got, got)
            r.close()


@case
def services():
    """no other service than ssh-userauth"""
    for name in ("ssh-connection", "", "ssh-userauth\0x", "x" * 5000, "ssh-userauth2"):
        r = Raw()
        r.send(SERVICE_REQUEST, s(name))
        got, ended = r.types(1)
        ok("service %r is not accepted" % name[:20], ended and SERVICE_ACCEPT not in got or "\0" in name, got)
        r.close()


@case
def other_methods():
    """other methods fail, plainly and without a word"""
    key = s("ssh-ed25519") + s(b"\1" * 32)
    cert = s("ssh-ed25519-cert-v01@openssh.com") + s(b"n" * 32) + s(b"\1" * 32) + b"\0" * 8 + u(1) + s("x") + s(s(USER)) + \
        b"\0" * 8 + b"\xff" * 8 + s("") * 3 + s(key) + s(s("ssh-ed25519") + s(b"\2" * 64))
    methods = [("none", b""), ("gssapi-with-mic", u(1) + s(b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")),
               ("gssapi-with-mic", u(0)), ("gssapi-with-mic", u(0x7fffffff)), ("gssapi-keyex", s("mic")),
               ("publickey", b"\0" + s("ssh-ed25519") + s(key)),
               ("publickey", b"\1" + s("ssh-ed25519") + s(key) + s(s("ssh-ed25519") + s(b"\0" * 64))),
               ("publickey", b"\0" + s("ssh-ed25519-cert-v01@openssh.com") + s(cert)),
               ("publickey", b"\0" + s("nonsense") + s("nonsense")), ("publickey", b"\0" + s("ssh-rsa") + s(s("ssh-rsa") + s("\3") + s("\1" * 64))),
               ("password", b"\0" + s(PASSWORD)), ("password", b"\1" + s(PASSWORD) + s("Other-1-pw")),
               ("password", b"\0" + s("x" * 100000)), ("hostbased", s("ssh-ed25519") + s(key) + s("h") + s(USER) + s("sig")),
               ("", b""), ("bogus", b"\0" * 100), ("keyboard-interactive\0x", s("") + s("")), ("password", b"")]

    def attempt(row):
        name, rest = row
        r = fresh()
        r.auth(USER, name, rest)
        got, ended = r.types(0.7)
        # a bad signature or key gets no answer: the grace timer ends it
        ok("%s with %d bytes grants nothing" % (name.split("\0")[0] or "no method", len(rest)),
           not set(got) - {AUTH_FAILURE, DISCONNECT, UNIMPLEMENTED, INFO_REQUEST} and (INFO_REQUEST not in got or "\0" in name), got)
        r.close()
    together(attempt, methods)


@case
def key_offers():
    """at most 20 offers, and a login behind 19"""
    blob = s(s("ssh-ed25519") + s(b"\1" * 32))
    r = fresh()
    for n in range(40):
        r.auth(USER, "publickey", b"\0" + s("ssh-ed25519") + blob)
        if not r.until(AUTH_FAILURE, 60, timeout=5):
            break
    ok("the 21st key offer ends it", r.log.count(AUTH_FAILURE) in (20, 21) and 60 not in r.log, r.log)
    r.close()
    r = fresh()
    for n in range(19):
        r.auth(USER, "publickey", b"\0" + s("ssh-ed25519") + blob)
        r.until(AUTH_FAILURE)
    r.kbd(USER)
    r.answer(PASSWORD)
    got = r.until(AUTH_SUCCESS, AUTH_FAILURE)
    ok("19 offers leave room for a login", bool(got) and got[0] == AUTH_SUCCESS)
    r.close()
    for name in ("none", "password", "bogus"):
        r = fresh()
        for n in range(40):
            r.auth(USER, name, b"\0" + s("x"))
            if not r.until(AUTH_FAILURE, timeout=5):
                break
        ok("endless %s ends" % name, r.log.count(AUTH_FAILURE) <= 21, r.log)
        r.close()


@case
def dialogues():
    """the dialogue: answers nobody asked for, too many, too long"""
    r = fresh()
    r.kbd(USER)
    for n in range(1, 9):
        r.answer("wrong")
        got = r.until(AUTH_FAILURE, AUTH_SUCCESS, timeout=5)
        if not got:
            break
        r.kbd(USER)
    ok("the fourth dialogue is cut", n == 4, n)
    r.close()

    def answer(row):
        name, body = row
        r = fresh()
        r.kbd(USER)
        r.send(INFO_RESPONSE, body)
        got, _ = r.types(1.5)
        ok("%s: no login" % name, AUTH_SUCCESS not in got and not set(got) - {AUTH_FAILURE, DISCONNECT}, got)
        r.close()
    together(answer, (("no answer", u(0)), ("two answers", u(2) + s("a") + s("b")), ("1000 answers", u(1000) + s("a") * 1000),
                       ("a count of 4 GiB", u(0xffffffff) + s("a")), ("a short body", u(1) + u(500) + b"x"),
                       ("256 answers", u(256) + s("a") * 256), ("65 answers", u(65) + s(PASSWORD) + s("a") * 64),
                       ("an answer of 100 kB", u(1) + s("a" * 100000)), ("an answer of 513 bytes", u(1) + s("a" * 513)),
                       ("the password and a NUL", u(1) + s(PASSWORD + "x\0")), ("bytes left over", u(1) + s("wrong") + b"zzzz")))
    r = fresh()
    r.kbd(USER)
    r.answer("wrong")
    r.until(AUTH_FAILURE)
    r.answer(PASSWORD)
    ok("an answer behind the end of the dialogue ends it", AUTH_SUCCESS not in r.types(2)[0])
    r.close()
    r = fresh()
    r.kbd(USER)
    r.send(INFO_RESPONSE, u(1) + s("wrong"))
    r.send(INFO_RESPONSE, u(1) + s(PASSWORD))
    ok("two answers in a row are no login", AUTH_SUCCESS not in r.types(2)[0])
    r.close()
    r = fresh()
    r.kbd(USER)
    got = r.kbd(USER)
    ok("a new request in place of an answer fails the dialogue", bool(got))
    if got and got[0] == INFO_REQUEST:
        r.answer(PASSWORD)
        got = r.until(AUTH_SUCCESS, AUTH_FAILURE)
        ok("and the next one passes", bool(got) and got[0] == AUTH_SUCCESS)
    r.close()
    r = fresh()
    r.kbd("bob")
    r.kbd(USER)
    r.answer(PASSWORD)
    ok("another name in the middle ends it", AUTH_SUCCESS not in r.types(2)[0])
    r.close()
    r = fresh()
    r.kbd(USER)
    r.auth("bob", "none")
    r.answer(PASSWORD)
    ok("nor by way of none", AUTH_SUCCESS not in r.types(2)[0])
    r.close()


@case
def names():
    """odd user names"""
    first = []

    def name_one(name):
        r = fresh()
        got = r.kbd(name)
        shown = got[1].get_remainder() if got and got[0] == INFO_REQUEST else got
        first.append(shown)
        ok("name %r sees the same prompt" % name[:20], shown == first[0], shown, first[0])
        t0 = time.time()
        r.answer("wrong")
        got = r.until(AUTH_SUCCESS, AUTH_FAILURE, timeout=5)
        ok("name %r: and the same end, at the same time" % name[:20], bool(got) and got[0] == AUTH_FAILURE and time.time() - t0 > 0.95, got)
        r.close()
    together(name_one, (b"nobody-here", b"", b"root", b"a" * 300, b"a" * 70000, b"al\0ice", b"alice\n", b"\x1b[2Jx", b"\xff\xfe", b"alice ", b"../alice",
                 b"-alice", b"alice:x", b"_sekisho-net", b"%s%n", b"'; drop", "аlice".encode(), b"ALICE", b"#1000", b"+"))


@case
def after_success():
    """USERAUTH after the login changes nobody"""
    r = inside()
    r.auth("bob", "none")
    r.auth("bob", "keyboard-interactive", s("") * 2)
    got, ended = r.types(1)
    ok("no second login", not set(got) & {AUTH_SUCCESS, INFO_REQUEST, AUTH_FAILURE}, got)
    if not ended:
        st, out, _ = r.run("whoami --json")
        ok("and the person stays", st == 0 and b'"alice"' in out, st, out)
    r.close()
    r = inside()
    r.answer("x")
    got, ended = r.types(1)
    ok("an answer after the login changes nothing", not set(got) & {AUTH_SUCCESS, INFO_REQUEST}, got)
    r.close()
    r = inside()
    ch = r.open()
    r.request(ch, "exec", s("sleep 20"))
    r.send(SERVICE_REQUEST, s("ssh-connection"))
    got, ended = r.types(2)
    ok("a service request with a running command ends the connection", ended, got)
    r.close()


@case
def grace():
    """silent and dripping clients are cut at every stage"""
    results = {}

    def run(name, f):
        t0 = time.time()
        try:
            f()
        except (OSError, EOFError, RuntimeError, Exception):
            pass
        results[name] = time.time() - t0

    def read_out(k):
        k.settimeout(GRACE + 10)
        while k.recv(4096):
            pass

    def silent():
        read_out(Raw(shake=False).sock)

    def slowly(f, pause, times):
        def work():
            try:
                for i in range(times):
                    time.sleep(pause)
                    f(i)
            except (OSError, EOFError):
                pass
        threading.Thread(target=work, daemon=True).start()

    def drip(text, pause=0.4):
        k = Raw(shake=False).sock
        slowly(lambda i: k.send(text[i:i + 1]), pause, len(text))
        read_out(k)

    def banner_lines():
        drip(b"x\r\n" * 40, 0.1)

    def half_packet():
        k = Raw(shake=False).sock
        k.send(b"SSH-2.0-x\r\n" + struct.pack(">I", 30000) + b"\4\x14")
        read_out(k)

    def kexed():
        Raw().ends(GRACE + 10)

    def served():
        fresh().ends(GRACE + 10)

    def prompted():
        r = fresh()
        r.kbd(USER)
        r.ends(GRACE + 10)

    def badly_signed():
        r = fresh()
        r.auth(USER, "publickey", b"\1" + s("ssh-ed25519") + s(s("ssh-ed25519") + s(b"\1" * 32)) + s(s("ssh-ed25519") + s(b"\0" * 64)))
        r.ends(GRACE + 10)

    def ignoring():
        r = fresh()
        slowly(lambda _: r.send(IGNORE, s("x" * 1000)), 0.2, 100)
        r.ends(GRACE + 10)

    def rekeying():
        r = Raw()
        slowly(lambda _: r.t._send_kex_init(), 0.3, 60)
        r.ends(GRACE + 10)

    stages = [("nothing sent", silent), ("a dripping banner", lambda: drip(b"SSH-2.0-" + b"x" * 200)), ("lines before the banner", banner_lines),
              ("silence behind the banner", lambda: drip(b"SSH-2.0-x\r\n", 0.01)), ("half a packet", half_packet), ("keys exchanged", kexed),
              ("service accepted", served), ("at the prompt", prompted), ("a bad signature", badly_signed), ("dripping IGNORE", ignoring),
              ("keys again and again", rekeying)]
    threads = [threading.Thread(target=run, args=st, daemon=True) for st in stages]
    for t in threads:
        t.start()
    for t in threads:
        t.join(GRACE + 12)
    for name, _ in stages:
        ok("grace: %s: cut in time" % name, results.get(name, 99) < GRACE + 2.5, results.get(name))


@case
def crowd():
    """300 connections at once from one source: 20 are kept, others still get in"""
    socks = []
    for _ in range(300):
        k = socket.socket()
        k.setblocking(False)
        k.connect_ex(("127.0.0.1", PORT))
        socks.append(k)
    time.sleep(1.5)
    n = len(processes("sekisho-net"))
    t0 = time.time()
    good = alive()
    figure("300 at once: %d kept, a login from elsewhere took %.0f ms" % (n, (time.time() - t0) * 1000))
    ok("no more than per_source wait", n <= 20, n)
    ok("a login from another source passes meanwhile", good)
    for k in socks:
        k.close()
    ok("all leave with their clients", settle())


@case
def crowd_of_many():
    """480 connections at once from 48 sources: all are served"""
    with patience(60):
        socks = []
        for i in range(480):
            k = socket.socket()
            k.bind(("127.0.2.%d" % (1 + i % 48), 0))
            k.setblocking(False)
            k.connect_ex(("127.0.0.1", PORT))
            socks.append(k)
        t0 = time.time()
        good = alive()
        figure("480 at once: a login took %.0f ms" % ((time.time() - t0) * 1000))
        ok("a login passes meanwhile", good)
        greeted = 0
        for k in socks:
            k.setblocking(True)
            k.settimeout(max(0.1, t0 + 55 - time.time()))
            try:
                greeted += k.recv(8) != b""
            except OSError:
                pass
            k.close()
        ok("everybody is greeted", greeted == 480, greeted)
        ok("all leave with their clients", settle(30))


@case
def hung_ledger():
    """sekisho-ledgerd hangs: strangers cost sekishod nothing, and it is started again"""
    gate = int(os.environ["GATE_PID"])
    old = processes("sekisho-ledgerd")
    before = len(os.listdir("/proc/%d/fd" % gate))
    os.kill(old[0], signal.SIGSTOP)
    t0 = time.time()
    for i in range(1500):
        k = socket.socket()
        k.bind(("127.0.3.%d" % (1 + i % 250), 0))
        try:
            k.settimeout(1)
            k.connect(("127.0.0.1", PORT))
        except OSError:
            pass
        k.close()
        if i % 10 == 0:
            time.sleep(0.02)
    settle(3)
    worst = len(os.listdir("/proc/%d/fd" % gate))
    figure("hung ledger: sekishod had %d descriptors, behind 1,500 strangers %d" % (before, worst))
    ok("descriptors of sekishod stay bounded", worst < before + 500, worst)
    while time.time() - t0 < 30 and processes("sekisho-ledgerd") in (old, []):
        time.sleep(0.1)
    ok("it is replaced after seal_grace", processes("sekisho-ledgerd") not in (old, []))
    time.sleep(1)


@case
def quiet_log():
    """strangers do not fill the log"""
    log = os.environ["GATE_LOG"]

    def lines():
        """of one minute's sources (50 lines and one for the rest), and all others"""
        with open(log, "rb") as f:
            text = f.readlines()
        minute = sum(b": connections source=" in x for x in text)
        return minute, len(text) - minute
    minute, n = lines()

    def quick(i):
        try:
            stranger(i)
        except Exception:       # turned away at the door, as a crowd may be: only the log counts here
            pass

    def stranger(i):
        r = Raw("127.0.1.%d" % (1 + i % 250), shake=i % 10 == 0)
        if i % 10 == 0:
            r.service()
            r.auth(USER, "none")
            if i % 100 == 0:
                r.kbd(USER)
                r.answer("a", "b")
                r.ends(3)
        elif i % 3:
            r.sock.send((b"SSH-2.0-x\r\n", b"GET / HTTP/1.0\r\n\r\n", b"\0" * 3000)[i % 3])
        r.close()
    together(quick, range(1000), 6)
    settle()
    after = lines()
    minute, grown = after[0] - minute, after[1] - n
    figure("1,000 strangers: %d lines of log, and %d of sources" % (grown, minute))
    ok("1,000 strangers make a handful of lines", grown < 30, grown)
    ok("and 51 a minute tell where they came from", minute <= 2 * 51, minute)


@case
def instants():
    """every failure is answered at the same instant"""
    n = 10 if os.environ.get("FULL") else 3
    med, prompts = {}, {}

    def measure(who):
        ms = []
        r = None
        for i in range(n):
            if i % 3 == 0:
                if r:
                    r.close()
                r = fresh()
            t0 = time.time()
            r.kbd(who)
            prompts.setdefault(who, []).append((time.time() - t0) * 1000)
            t0 = time.time()
            r.answer("wrong")
            if not r.until(AUTH_FAILURE, timeout=5):
                ok("failure of %s is answered" % who, False)
            ms.append((time.time() - t0) * 1000)
        r.close()
        med[who] = statistics.median(ms)
    together(measure, (USER, "nobody-here", "dave", "mallory", "frank", "root"), 6 if n == 3 else 1)
    figure("medians of %d, ms: " % n + ", ".join("%s %.0f" % x for x in med.items()))
    figure("and of the prompt before, ms: " + ", ".join("%s %.1f" % (w, statistics.median(v)) for w, v in prompts.items()))


# ---- channels
@case
def many_opens():
    """5,000 channel opens"""
    r = inside()
    got = []
    for _ in range(5000):
        r.open(wait=False)
    end = time.time() + 30
    while len(got) < 5000 and time.time() < end:
        p = r.until(OPENED, OPEN_FAILED, timeout=5)
        if not p:
            break
        got.append(p[0])
        if p[0] == OPENED:
            me = p[1].get_int()
            r.mine[p[1].get_int()] = me
    ok("64 of 5,000 channels are opened", got.count(OPENED) == 64, got.count(OPENED), len(got))
    ok("the others are refused", got.count(OPEN_FAILED) == 4936, got.count(OPEN_FAILED))
    ok("the first still works", r.run("whoami", min(r.mine))[0] == 0)
    ok("there is room for another one then", r.open() not in (None, False))
    r.close()


@case
def churn():
    """open, exec, close, without waiting for anything"""
    r = inside()
    first = r.open()            # the numbers of the others are those behind it
    for i in range(1, 600):
        if not r.open(wait=False):
            break
        r.request(first + i, "exec", s("whoami" if i % 3 else "id -u"), reply=False)
        r.send(CLOSE, u(first + i))
    got, ended = r.types(3)
    r.close()
    figure("600 channels opened, started and closed in a rush: %d opened, connection %s" % (got.count(OPENED), "ended" if ended else "goes on"))
    ok("all of it is gone", settle(20))


@case
def packet_sizes():
    """largest packet of 0, 1, 9, 10, 1024, huge; windows of 0 and 4 GiB"""
    for size in (0, 1, 9, 10, 11, 64, 1024, 0x7fffffff, 0xffffffff):
        r = inside()
        ch = r.open(packet=size)
        st = None
        if ch is not None and ch is not False:
            r.request(ch, "exec", s("help"), reply=False)
            st = r.finish(ch, 6)[0]
        figure("largest packet %d: status %s" % (size, st))
        if size >= 64:
            ok("largest packet %d works" % size, st == 0, st)
        r.close()
        ok("largest packet %d: nothing spins" % size, settle(8))
    r = inside()
    ch = r.open(window=0)
    r.request(ch, "exec", s("whoami"), reply=False)
    st = r.finish(ch, 2)
    ok("window 0: nothing comes", st[1] == b"", st)
    for _ in range(20):
        r.send(ADJUST, u(ch) + u(1))
    r.send(ADJUST, u(ch) + u(100000))
    ok("the window opens: it does", r.finish(ch, 5)[0] == 0)
    for _ in range(5000):
        r.send(ADJUST, u(ch) + u(0xffffffff))
    ok("window claims behind the end do no harm", r.run("whoami")[0] == 0)
    r.close()
    r = inside()
    ch = r.open(window=0xffffffff)
    r.request(ch, "exec", s("yes"), reply=False)
    r.sock.settimeout(60)
    time.sleep(0.5)
    r.t.packetizer.read_message = lambda: time.sleep(5) or (IGNORE, Message())      # a client that never reads
    time.sleep(4)
    worst = max(rss_kib(p) for p in processes("sekisho-net", "sekisho-record"))
    ok("a client with a window of 4 GiB that never reads costs no memory", worst < 40000, worst)
    r.close()
    ok("and is gone with its job", settle(10))


@case
def overrun():
    """a client that ignores the window"""
    r = inside()
    ch = r.open()
    r.request(ch, "exec", s("sleep 21"), reply=False)
    r.until(ADJUST, timeout=1)
    t0, sent = time.time(), 0
    while time.time() - t0 < 15 and r.data(ch, b"x" * 32000):
        sent += 32000
        if r.t is None or not r.t.is_active():
            break
    figure("window overrun: %d MB sent in %.1f s" % (sent >> 20, time.time() - t0))
    ok("who ignores the window is cut", not r.t.is_active() or r.ends(3))
    r.close()
    ok("with the job", settle())
    r = inside()
    ch = r.open()
    for _ in range(200):
        r.data(ch, b"y" * 32000)
    got, ended = r.types(2)
    ok("nor may one without a command", ended, got)
    r.close()


@case
def order_on_channels():
    """data, EOF and CLOSE where they do not belong"""
    r = inside()
    ch = r.open()
    r.data(ch, b"early")
    r.request(ch, "exec", s("cat"))
    r.data(ch, b" late")
    r.send(EOF, u(ch))
    st, out, _ = r.finish(ch, 10)
    ok("data before the reply arrives", st == 0 and out == b"early late", st, out)
    ch = r.open()
    r.request(ch, "exec", s("cat"))
    r.data(ch, b"x")
    r.send(EOF, u(ch))
    r.data(ch, b"behind")
    ok("data behind EOF ends the connection", r.ends(5) and b"behind" not in r.bytes)
    r.close()
    r = inside()
    for name, body in (("data", (DATA, u(ch) + s("x"))), ("EOF", (EOF, u(ch))), ("CLOSE", (CLOSE, u(ch))), ("a request", (REQUEST, u(ch) + s("exec") + b"\1" + s("id"))),
                       ("data for 4711", (DATA, u(4711) + s("x"))), ("CLOSE for 4711", (CLOSE, u(4711))), ("window for 4711", (ADJUST, u(4711) + u(9))),
                       ("a request for 4711", (REQUEST, u(4711) + s("exec") + b"\1" + s("id"))), ("EOF for 4 GiB", (EOF, u(0xffffffff))),
                       ("a reply nobody waits for", (SUCCESS, u(0))), ("confirmation nobody waits for", (OPENED, u(0) + u(7) + u(9) + u(9))),
                       ("failure of an open", (OPEN_FAILED, u(0) + u(1) + s("") + s("")))):
        if not r.t.is_active():
            r.close()
            r = inside()
        r.send(*body)
        time.sleep(0.1)
    if not r.t.is_active():
        r.close()
        r = inside()
    ok("the connection lives or a new one does", r.run("whoami")[0] == 0)
    ch = r.open()
    r.request(ch, "exec", s("sleep 20"))
    r.until(SUCCESS)
    for _ in range(2000):
        r.send(EOF, u(ch))
    r.send(CLOSE, u(ch))
    ok("EOF 2,000 times, then CLOSE", r.run("whoami")[0] == 0)
    ch = r.open()
    r.request(ch, "exec", s("sleep 20"))
    r.send(CLOSE, u(ch))
    r.send(CLOSE, u(ch))
    r.close()
    ok("CLOSE without EOF, and twice", settle(13))
    r = inside()
    ch = r.open()
    for i in range(300):
        r.send(EXTENDED, u(ch) + u(1 if i % 2 else 99) + s("x" * 1000))
    ok("stderr of a client is taken and dropped", r.run("whoami", ch)[0] == 0)
    r.close()


@case
def starts():
    """one start for each channel"""
    r = inside()
    for second in (("exec", s("id -u")), ("shell", b""), ("subsystem", s("sftp")),
                   ("pty-req", s("xterm") + u(80) + u(24) + u(0) * 2 + s(""))):
        ch = r.open()
        a = r.asks(ch, "exec", s("whoami"))
        b = r.asks(ch, *second)
        st, out, _ = r.finish(ch, 10)
        ok("exec, then %s: the second is refused" % second[0], a is True and b is False and st in (0, None), a, b, st)
        ch = r.open()
        r.send(CLOSE, u(ch))
    ch = r.open()
    a = r.asks(ch, "pty-req", s("xterm") + u(80) + u(24) + u(0) * 2 + s("\0"))
    b = r.asks(ch, "pty-req", s("vt100") + u(80) + u(24) + u(0) * 2 + s(""))
    ok("one terminal for each channel", a is True and b is False, a, b)
    r.close()
    for name, cols, rows in (("size 0", 0, 0), ("size 2^31", 1 << 31, 1 << 31), ("size 2^32-1", 0xffffffff, 0xffffffff)):
        r = inside()
        ch = r.open()
        r.request(ch, "pty-req", s("x" * 200000 if cols == 0 else "xt\x1b[2J\0erm") + u(cols) + u(rows) + u(cols) * 2 + s(b"\1" * 1000))
        r.request(ch, "exec", s("whoami"))
        ok("a terminal of %s" % name, r.finish(ch, 10)[0] == 0)
        r.close()
    r = inside()
    ch = r.open()
    r.request(ch, "pty-req", s("xterm") + u(80) + u(24) + u(0) * 2 + s(""), reply=False)
    r.request(ch, "exec", s("sleep 22"), reply=False)
    r.until(DATA, timeout=5)
    for i in range(20000):
        r.request(ch, "window-change", u(i % 300 + 1) + u(i % 77) + u(0) * 2, reply=False)
    ok("20,000 changes of size", r.run("whoami")[0] == 0)
    for name in ("BOGUS", "K" * 17, "K" * 100000, "", "SIGTERM", "te rm", "\x1b[2J", "WINCH\0x", "STOP", "SEGV", "CONT"):
        r.request(ch, "signal", s(name), reply=False)
    ok("odd names of signals", r.run("whoami")[0] == 0)
    r.request(ch, "signal", s("KILL"), reply=False)
    st = r.finish(ch, 10)[0]
    ok("and KILL ends it", st == "exit-signal KILL" or st == 137, st)
    r.close()


@case
def requests():
    """environments, subsystems, unknown requests"""
    r = inside()
    ch = r.open()
    for i in range(10000):
        r.request(ch, "env", s("LD_PRELOAD%d" % i) + s("x" * 50), reply=False)
    r.request(ch, "env", s("LANG") + s("C"))
    ok("10,000 variables of the environment are dropped", r.run("whoami", ch)[0] == 0)
    for name in ("sftp", "", "x" * 100000, "\x1b]0;x\7", "a\nb", "../../bin/sh", "netconf", "sftp\0x"):
        ch = r.open()
        r.request(ch, "subsystem", s(name), reply=False)
        st, _, err = r.finish(ch, 10)
        ok("subsystem %r is refused with text and 77" % name[:12], st == 77 and b"refused [" in err and b"\x1b" not in err and b"next: " in err, st, err)
    ch = r.open()
    for name in ("x11-req", "auth-agent-req@openssh.com", "auth-agent-req", "eow@openssh.com", "break", "xon-xoff", "bogus@x", "x" * 70000, ""):
        for want in (False, True):
            r.request(ch, name, (b"\0" + s("MIT") + s("0") + u(0)) if name == "x11-req" else b"", reply=want)
    ok("requests that nobody knows", r.run("whoami", ch)[0] == 0)
    r.close()


@case
def commands():
    """command strings: NUL, long, odd"""
    r = inside()
    for n in (65535, 65536, 65537, 200000, 260000):
        st, _, err = r.run("x" * n)
        ok("exec of %d bytes is refused with text and 77" % n, st == 77 and b"refused [" in err and b"next: " in err and len(err) < 20000, st, err[:200])
    st, _, err = r.run("id -u\0; reboot")
    figure("id -u NUL ; reboot: status %s %r" % (st, err[:100]))
    for c in (b"", b" ", b"\xff\xfe", b"id\x1b[2J", b"\n", b"'", b"id -u\n", b"id\t-u", b"run", b"run R0", b"run R99999999999999999999", b"run R1.0", b"run R1 R2"):
        st, out, err = r.run(c)
        ok("%r: what, why, next" % c, st in (77, 64, 0) and (st == 0 or b"refused [" in err and b"next: " in err), st, err)
        ok("and nothing that acts on a terminal", b"\x1b" not in err + out)
    r.close()


@case
def forwards():
    """forwards of every kind"""
    r = inside()
    addr = s("127.0.0.1") + u(22) + s("127.0.0.1") + u(1)
    for kind, rest in (("direct-tcpip", addr), ("direct-streamlocal@openssh.com", s("/run/sekisho/ledger.sock") + s("") + u(0)), ("tun@openssh.com", u(1) + u(0)),
                       ("forwarded-tcpip", addr), ("x11", s("127.0.0.1") + u(1)), ("auth-agent@openssh.com", b""), ("auth-agent", b""),
                       ("session\0x", b"") , ("bogus", b""), ("", b""), ("x" * 100000, b""), ("\x1b[2J", b""), ("direct-tcpip", s("\x1b[2J" + "h" * 1000) + u(0xffffffff) + addr)):
        got = r.open(kind, rest=rest)
        ok("a channel of kind %r is refused" % kind[:30], got is None or ("\0" in kind and got is not False), got)
        if not r.t.is_active():
            r.close()
            r = inside()
    for name, rest in (("tcpip-forward", s("") + u(0)), ("cancel-tcpip-forward", s("") + u(1)), ("streamlocal-forward@openssh.com", s("/tmp/x")),
                       ("no-more-sessions@openssh.com", b""), ("hostkeys-prove-00@openssh.com", s("x")), ("bogus", b"")):
        r.send(GLOBAL, s(name) + b"\1" + rest)
        got = r.until(GLOBAL_SUCCESS, GLOBAL_FAILURE, UNIMPLEMENTED, timeout=3)
        ok("global request %s is not granted" % name, bool(got) and got[0] != GLOBAL_SUCCESS, got)
    r.send(GLOBAL, s("keepalive@openssh.com") + b"\1")
    ok("a keepalive is answered", bool(r.until(GLOBAL_SUCCESS, GLOBAL_FAILURE, timeout=3)))
    for _ in range(5000):
        r.send(GLOBAL, s("tcpip-forward") + b"\0" + s("127.0.0.1") + u(1))
        r.open("direct-tcpip", rest=addr, wait=False)
    ok("5,000 forwards of each kind later a word works", r.run("whoami", timeout=40)[0] == 0)
    r.close()


@case
def floods():
    """rekeys, IGNORE, DEBUG, unknown packets"""
    r = inside()
    for _ in range(20):
        r.t._send_kex_init()
        time.sleep(0.05)
        r.t.clear_to_send.wait(5)
    ok("20 new keys in a row", r.run("whoami")[0] == 0)
    for i in range(3000):
        r.send(IGNORE, s("x" * 1000))
        r.send(4, b"\1" + s("debug") + s(""))
        r.send(200 + i % 50, b"x")
    st = r.run("whoami", timeout=30)[0]
    ok("9,000 packets of no use: the connection works or ends", st == 0 or not r.t.is_active(), st)
    r.close()


class Proxy:
    """Between ssh(1) and the gate; flips one bit of what the client sends when told to."""

    def __init__(self):
        self.l = socket.create_server(("127.0.0.1", 0))
        self.port = self.l.getsockname()[1]
        self.flip = False
        self.flipped = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            a, _ = self.l.accept()
            b = socket.create_connection(("127.0.0.1", PORT))
            threading.Thread(target=self.pump, args=(b, a, False), daemon=True).start()
            self.pump(a, b, True)
        except OSError:
            pass

    def pump(self, a, b, up):
        try:
            while True:
                d = bytearray(a.recv(65536))
                if not d:
                    break
                if up and self.flip and not self.flipped.is_set():
                    d[min(9, len(d) - 1)] ^= 1
                    self.flipped.set()
                b.sendall(d)
        except OSError:
            pass
        for k in (a, b):
            try:
                k.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def ssh(*words, **more):
    """The real client with the right password; a Popen."""
    answers = "/mnt/client/answers.raw"
    with open(answers, "w") as f:
        f.write(PASSWORD + "\n")
    open(answers + ".asked", "w").close()
    env = dict(os.environ, ANSWERS=answers)
    return subprocess.Popen(["ssh", "-F", "/mnt/client/config"] + list(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, env=env, **more)


def status(p, seconds=20):
    try:
        out = p.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        p.kill()
        return None, b""
    return p.returncode, out


def master(path, *more):
    p = ssh("-M", "-N", "-S", path, *more, USER + "@gate")
    end = time.time() + 10
    while not os.path.exists(path) and time.time() < end:
        time.sleep(0.02)
    return p


@case
def flipped_bits():
    """one flipped bit in what a client sends ends its connection, whatever the cipher"""
    for i, (cipher, mac) in enumerate((("aes256-gcm@openssh.com", None), ("aes128-gcm@openssh.com", None), ("chacha20-poly1305@openssh.com", None),
                                       ("aes256-ctr", "hmac-sha2-256-etm@openssh.com"), ("aes256-ctr", "hmac-sha2-512-etm@openssh.com"), ("aes256-ctr", "hmac-sha2-256"))):
        proxy, path = Proxy(), "/mnt/client/raw-%d" % i
        opts = ["-p", str(proxy.port), "-o", "HostKeyAlias=[127.0.0.1]:2222", "-c", cipher] + (["-m", mac] if mac else [])
        m = master(path, *opts)
        st, out = status(ssh("-S", path, USER + "@gate", "whoami"))
        ok("%s %s: works untouched" % (cipher, mac or ""), st == 0, st, out)
        proxy.flip = True
        st, out = status(ssh("-S", path, "-o", "ProxyCommand=false", USER + "@gate", "whoami"))
        ok("%s %s: one flipped bit ends it" % (cipher, mac or ""), proxy.flipped.is_set() and st == 255 and status(m, 5)[0] is not None, st, out)
        proxy.l.close()
        if m.poll() is None:
            m.kill()


@case
def masters():
    """ssh -N, ssh -f, shared connections that die"""
    m = ssh("-N", USER + "@gate")
    time.sleep(GRACE + 1.5)
    ok("ssh -N stays behind the grace time", m.poll() is None)
    m.kill()
    m.wait()
    ok("and leaves nothing", settle())
    st, out = status(ssh("-f", USER + "@gate", "id", "-u"))
    ok("ssh -f runs its command", st == 0 and b"0" in out, st, out)
    ok("and ends", settle())
    m = master("/mnt/client/raw-m")
    jobs = [ssh("-S", "/mnt/client/raw-m", USER + "@gate", "sleep", "20") for _ in range(8)]
    end = time.time() + 10
    while len(processes("sleep")) < 8 and time.time() < end:
        time.sleep(0.05)
    ok("eight jobs run over one connection", len(processes("sleep")) == 8, len(processes("sleep")))
    m.kill()
    m.wait()
    t0 = time.time()
    while processes("sleep") and time.time() - t0 < 5:
        time.sleep(0.02)
    ok("their jobs are gone within a second of its death", not processes("sleep") and time.time() - t0 < 1.5, time.time() - t0)
    for j in jobs:
        status(j, 5)
    ok("and all else too", settle(12))


@case
def hang_ups():
    """hanging up at every stage"""
    for stage in range(9):
        r = Raw(shake=False)
        if stage >= 1:
            r.sock.send(b"SSH-2.0-x\r\n")
        if stage >= 2:
            r.sock.close()
            r = Raw()
        if stage >= 3:
            r.service()
        if stage >= 4:
            r.kbd(USER)
        if stage >= 5:
            r.answer(PASSWORD)
            r.until(AUTH_SUCCESS)
        if stage >= 6:
            r.request(r.open(), "exec", s("sleep 20"), reply=False)
            time.sleep(0.02 * (stage - 6) ** 3)
        r.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        r.close()
    ok("nine clients that hang up leave nothing", settle(8))


if __name__ == "__main__":
    wanted = sys.argv[3:]
    threading.Thread(target=watch_memory, daemon=True).start()
    import logging
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    logging.getLogger("paramiko").propagate = False
    for f in cases:
        if wanted and f.__name__ not in wanted:
            continue
        t0, peak = time.time(), 0
        try:
            f()
        except Exception as e:      # noqa: BLE001
            ok(f.__doc__, False, traceback.format_exc())
        ok("%s: a login works afterwards" % f.__name__, alive())
        ok("%s: nothing is left" % f.__name__, settle(14), processes("sekisho-net", "sekisho-monitor"))
        figure("%s: %.1f s, largest process %d KiB" % (f.__name__, time.time() - t0, peak))
        ok("%s: memory stays bounded" % f.__name__, peak < 60000, peak)
