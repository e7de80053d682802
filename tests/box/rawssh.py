"""rawssh.py - an SSH client that sends what it is told to, and tells what came back.

paramiko does the key exchanges in its thread; every packet behind them is
taken away from it and waits in a queue.
"""
import os
import queue
import socket
import struct
import threading
import time

import paramiko
from paramiko.message import Message

PORT = 2222
(DISCONNECT, IGNORE, UNIMPLEMENTED, SERVICE_REQUEST, SERVICE_ACCEPT) = (1, 2, 3, 5, 6)
(AUTH_REQUEST, AUTH_FAILURE, AUTH_SUCCESS, AUTH_BANNER, INFO_REQUEST, INFO_RESPONSE) = (50, 51, 52, 53, 60, 61)
(GLOBAL, GLOBAL_SUCCESS, GLOBAL_FAILURE) = (80, 81, 82)
(OPEN, OPENED, OPEN_FAILED, ADJUST, DATA, EXTENDED, EOF, CLOSE, REQUEST, SUCCESS, FAILURE) = range(90, 101)


def s(v):
    """An SSH string."""
    b = v.encode() if isinstance(v, str) else v
    return struct.pack(">I", len(b)) + b


def u(v):
    return struct.pack(">I", v & 0xffffffff)


def flag(v):
    return b"\1" if v else b"\0"


class Raw:
    def __init__(self, source="127.0.0.1", shake=True, timeout=15):
        self.sock = socket.socket()
        self.sock.settimeout(timeout)
        self.sock.bind((source, 0))
        self.sock.connect(("127.0.0.1", PORT))
        self.q = queue.Queue()
        self.next = 0
        self.mine = {}          # our number of a channel by the other side's
        self.t = None
        self.log = []           # types of packets received
        self.bytes = b""        # the latest 64 KiB of packets
        if shake:
            self.shake(timeout)

    def shake(self, timeout=15):
        t = self.t = paramiko.Transport(self.sock)
        t.packetizer.REKEY_BYTES = 1 << 40
        real = t.packetizer.read_message

        def read():
            ptype, m = real()
            if ptype == DISCONNECT or ptype in (UNIMPLEMENTED, SERVICE_ACCEPT) or ptype >= 50:
                self.q.put((ptype, Message(m.get_remainder())))
                if ptype != DISCONNECT:
                    return IGNORE, Message()
                m = Message(u(0) + s("") + s(""))
            return ptype, m
        t.packetizer.read_message = read
        t.start_client(timeout=timeout)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        self.t.join()
        self.q.put(None)

    def send(self, ptype, body=b""):
        m = Message()
        m.add_bytes(bytes([ptype]) + body)
        try:
            self.t._send_user_message(m)
            return True
        except (OSError, EOFError, paramiko.SSHException):
            return False

    def recv(self, timeout=10):
        """(type, Message); None: the connection ended; False: nothing came."""
        try:
            got = self.q.get(timeout=timeout)
        except queue.Empty:
            return False
        if got is None:
            self.q.put(None)
            return None
        self.log.append(got[0])
        self.bytes = (self.bytes + got[1].asbytes())[-65536:]
        return got

    def until(self, *types, timeout=10):
        """The next packet of one of these types; None: ended; False: late."""
        end = time.time() + timeout
        while True:
            got = self.recv(max(0.01, end - time.time()))
            if not got or got[0] in types:
                return got

    def types(self, seconds):
        """Types of all packets until the end or for so long; and whether it ended."""
        end, out = time.time() + seconds, []
        while time.time() < end:
            got = self.recv(max(0.01, end - time.time()))
            if got is None:
                return out, True
            if got:
                out.append(got[0])
        return out, False

    def ends(self, timeout=10):
        end = time.time() + timeout
        while time.time() < end:
            if self.recv(max(0.01, end - time.time())) is None:
                return True
        return False

    def close(self):
        if self.t is not None:
            self.t.close()
        self.sock.close()

    # login
    def service(self, name="ssh-userauth"):
        self.send(SERVICE_REQUEST, s(name))
        return self.until(SERVICE_ACCEPT, timeout=5)

    def auth(self, user, method, rest=b"", service="ssh-connection"):
        self.send(AUTH_REQUEST, s(user) + s(service) + s(method) + rest)

    def kbd(self, user):
        self.auth(user, "keyboard-interactive", s("") + s(""))
        return self.until(INFO_REQUEST, AUTH_FAILURE)

    def answer(self, *answers):
        self.send(INFO_RESPONSE, u(len(answers)) + b"".join(s(a) for a in answers))

    def login(self, user, password):
        """True when in."""
        if not self.service() or not self.kbd(user):
            return False
        self.answer(password)
        while True:
            got = self.until(AUTH_SUCCESS, AUTH_FAILURE, INFO_REQUEST)
            if not got or got[0] != INFO_REQUEST:
                return bool(got) and got[0] == AUTH_SUCCESS
            self.answer()

    # channels
    def open(self, kind="session", window=1 << 21, packet=32768, rest=b"", wait=True):
        """The other side's number; None: refused; False: ended or silent."""
        me, self.next = self.next, self.next + 1
        self.send(OPEN, s(kind) + u(me) + u(window) + u(packet) + rest)
        if not wait:
            return me
        while True:
            got = self.until(OPENED, OPEN_FAILED)
            if not got:
                return False
            if got[1].get_int() != me:
                continue
            if got[0] == OPEN_FAILED:
                return None
            ch = got[1].get_int()
            self.mine[ch] = me
            return ch

    def request(self, ch, name, rest=b"", reply=True):
        self.send(REQUEST, u(ch) + s(name) + flag(reply) + rest)

    def asks(self, ch, name, rest=b""):
        """True, False as answered; None: ended or silent."""
        self.request(ch, name, rest)
        got = self.until(SUCCESS, FAILURE)
        return got[0] == SUCCESS if got else None

    def data(self, ch, b):
        return self.send(DATA, u(ch) + s(b))

    def run(self, command, ch=None, timeout=20):
        """(status, output, errors) of an exec; status None: none came."""
        if ch is None:
            ch = self.open()
        if ch is None or ch is False:
            return None, b"", b""
        self.request(ch, "exec", s(command), reply=False)
        return self.finish(ch, timeout)

    def finish(self, ch, timeout=20):
        end, out, err, status = time.time() + timeout, b"", b"", None
        while time.time() < end:
            got = self.recv(max(0.01, end - time.time()))
            if not got:
                break
            ptype, m = got
            if ptype < ADJUST or ptype == GLOBAL:
                continue
            if m.get_int() != self.mine.get(ch):
                continue
            if ptype == DATA:
                out += m.get_string()
            elif ptype == EXTENDED:
                m.get_int()
                err += m.get_string()
            elif ptype == REQUEST:
                name = m.get_text()
                m.get_boolean()
                status = m.get_int() if name == "exit-status" else name + " " + m.get_text()
            elif ptype == CLOSE:
                self.send(CLOSE, u(ch))
                break
        return status, out, err


def processes(*names):
    """pids by program name, without those that wait for their first work."""
    out = []
    for p in os.listdir("/proc"):
        if p.isdigit():
            try:
                with open("/proc/%s/comm" % p) as f:
                    if f.read().strip() not in [n[:15] for n in names]:
                        continue
                with open("/proc/%s/cmdline" % p) as f:
                    if ": [warm]" not in f.read():
                        out.append(int(p))
            except OSError:
                pass
    return out


def rss_kib(pid):
    try:
        with open("/proc/%d/status" % pid) as f:
            for line in f:
                if line.startswith("VmRSS"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0
