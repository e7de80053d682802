"""shake.py MODE SEED - clients of every kind at one gate, while the shaker stops and continues its processes.

Each action knows the answer it must get, and has BOUND seconds for it where it takes a tenth of one.  What a stopped
process may run into by itself is far away: the shaker stops nothing for longer than 30 ms at a time, and the shortest
limit of the gate as delivered is 10 s (kill_grace).
"""
import fcntl
import glob
import hashlib
import os
import pty
import random
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

MODE, SEED = sys.argv[1], int(sys.argv[2])
BOUND = 30
WORKERS = 4
GATE_PID = int(os.environ["GATE_PID"])
GATE_LOG = os.environ["GATE_LOG"]
PASSWORD = {"alice": "Temp-4711-ab", "bob": "Bridge-52-xy", "carol": "Candle-63-zz"}
ROLES = ["sekisho-net", "sekisho-monitor", "sekisho-record", "sekisho-exec sekisho-init", "sekisho",
         "sekisho-ledgerd", "sekisho-keyd", "sekishod"]
ALL = " ".join(ROLES)
# of each role, then of all, then of all and the client
EACH = float(os.environ.get("SECONDS_EACH", "60" if MODE == "full" else "1.3"))
SSH = ["ssh", "-F", "/mnt/client/config"]
BOTH = "sh -c 'echo out; echo err >&2; exit 7'"
SIZE = "sh -c 'trap \"exit 9\" INT; while :; do stty size; sleep 0.05; done'"

lock = threading.Lock()
problems = []


class Wrong(Exception):
    pass


def want(what, got, wanted):
    if got != wanted:
        raise Wrong(f"{what}: got {got!r}, wanted {wanted!r}")


def want_in(what, got, wanted):
    if wanted not in got:
        raise Wrong(f"{what}: wanted {wanted!r} in {got!r}")


def read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def state():
    """What everybody waits for, and the last lines of the log."""
    lines = []
    for d in sorted(glob.glob("/proc/[0-9]*"), key=lambda p: int(p[6:])):
        comm = read(d + "/comm").strip()
        if comm.startswith(("sekisho", "ssh", "scp", "sftp")):
            stat = read(d + "/stat").rsplit(") ", 1)[-1][:1]
            args = read(d + "/cmdline").replace("\0", " ")[:60]
            lines.append(f"{d[6:]} {stat} {read(d + '/wchan')} [{read(d + '/syscall').split(' ')[0]}] {comm}: {args}")
    return lines + read(GATE_LOG).splitlines()[-15:]


def nets():
    return [int(d[6:]) for d in glob.glob("/proc/[0-9]*") if read(d + "/comm") == "sekisho-net\n"]


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def problem(name, why, how):
    with lock:
        problems.append(name)
        print(f"FAILED {name} ({how}): {why}"[:20000 if len(problems) <= 3 else 300])
        sys.stdout.flush()


def answers(*lines):
    """The environment in which ssh gets these answers to its prompts."""
    fd, path = tempfile.mkstemp(dir="/mnt/client", prefix="answers.")
    os.write(fd, "".join(line + "\n" for line in lines).encode())
    os.close(fd)
    open(path + ".asked", "w").close()
    return dict(os.environ, ANSWERS=path)


class Worker(threading.Thread):
    def __init__(self, nr):
        super().__init__(daemon=True)
        self.nr = nr
        self.r = random.Random(SEED * 100 + nr)
        self.going = {}
        self.how = ""

    # --- a client ---

    def master(self, user):
        """The shared connection of this worker's user; a new one when it is gone."""
        path = f"/mnt/client/shake-{user}-{self.nr}"
        if subprocess.run(SSH + ["-S", path, "-O", "check", f"{user}@gate"], stderr=subprocess.DEVNULL,
                          timeout=BOUND).returncode != 0:
            log = open(path + ".log", "w+")
            rc = self.bounded(SSH + ["-M", "-N", "-f", "-S", path, "-o", "ControlPersist=600", f"{user}@gate"],
                              env=answers(PASSWORD[user]), stdin=subprocess.DEVNULL, stdout=log, stderr=log)[0]
            want(f"login of {user} ({read(path + '.log')})", rc, 0)
        return path

    def process(self, argv, **more):
        p = subprocess.Popen(argv, **more)
        self.going[p.pid] = p
        return p

    def end(self, p, data=None):
        """(status, stdout, stderr) within the bound."""
        try:
            out, err = p.communicate(data, timeout=BOUND)
        except subprocess.TimeoutExpired:
            lines = state()
            p.kill()
            out, err = p.communicate()
            raise Wrong(f"no end within {BOUND} s: {p.args} out={out[-200:] if out else out!r} err={err!r}\n    " +
                        "\n    ".join(lines))
        finally:
            self.going.pop(p.pid, None)
        return p.returncode, out, err

    def bounded(self, argv, data=None, **more):
        return self.end(self.process(argv, **more), data)

    def argv(self, *options, user="alice", fresh=False):
        """An ssh over the shared connection or one of its own, and its environment."""
        if fresh:
            return SSH + [*options, f"{user}@gate"], answers(PASSWORD[user])
        return SSH + ["-S", self.master(user), *options, f"{user}@gate"], None

    def popen(self, *words, options=(), user="alice", fresh=None):
        if fresh is None:
            fresh = self.r.random() < 0.2
        argv, env = self.argv(*options, user=user, fresh=fresh)
        return self.process(argv + list(words), env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)

    def ssh(self, *words, data=b"", **more):
        """Again for who met a reload: that is a documented answer, and its next step."""
        for _ in range(10):
            rc, out, err = self.end(self.popen(*words, **more), data)
            if rc != 69 or b"the policy is just being replaced, try again" not in out + err:
                break
        return rc, out, err

    # --- refusals ---

    def refused(self):
        rc, out, err = self.ssh("id", "-G", data=self.r.choice([b"", b"input\n", b"x" * 300000]))
        want_in("text", err, b"refused [NOT-APPROVED]")
        want("status, output", (rc, out), (77, b""))

    def refused_with_input_open(self):
        """
        As scp and sftp: something is sent about when the refusal comes, and the end of it is not.  One at a time, as
        whatever else happens on a connection would wake its loop; and half of them so that both meet a net that is
        held, and come to it in one turn.
        """
        for _ in range(5):
            held = nets() if self.r.random() < 0.5 else []
            p = self.popen("id", "-G", fresh=False)
            time.sleep(self.r.uniform(0, 0.05))
            send(held, signal.SIGSTOP)
            if held:
                threading.Timer(0.04, send, [held, signal.SIGCONT]).start()
            try:
                p.stdin.write(b"input\n")
                p.stdin.flush()
            except BrokenPipeError:
                pass
            end = time.time() + BOUND
            while p.poll() is None and time.time() < end:
                time.sleep(0.005)
            if p.poll() is None:
                where = "\n    ".join(state())
                p.kill()
                raise Wrong(f"no end within {BOUND} s: {self.end(p)}\n    {where}")
            rc, out, err = self.end(p)
            want_in("text", err, b"refused [NOT-APPROVED]")
            want("status, output", (rc, out), (77, b""))

    def refused_on_a_terminal(self):
        rc, out, err = self.ssh("id", "-G", options=["-tt"])
        want_in("text", out, b"refused [NOT-APPROVED]")
        want("status", rc, 77)

    def not_split(self):
        rc, out, err = self.ssh("ls | wc", data=b"some input")
        want_in("text", err, b"refused [SYNTAX]")
        want("status", rc, 77)

    def file_transfer(self):
        what = self.r.choice(["sftp", "scp", "scp -O", "subsystem"])
        path = self.master("alice")
        over = ["-F", "/mnt/client/config", "-o", f"ControlPath={path}"]
        if what == "sftp":
            argv = ["sftp", *over, "-b", "/dev/null", "alice@gate"]
        elif what == "subsystem":
            argv = SSH + ["-S", path, "-s", "alice@gate", "other"]
        else:
            argv = what.split() + [*over, "/etc/services", "alice@gate:/tmp/x"]
        rc, out, err = self.bounded(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        want_in("text of " + what, out + err, b"refused [")
        if rc == 0:
            raise Wrong(what + " says that it worked")

    def forward(self):
        rc, out, err = self.ssh("whoami", fresh=True, options=["-R", f"{self.r.randint(2000, 9000)}:127.0.0.1:22"])
        want("status of a word beside it", rc, 0)

    # --- commands ---

    def both_streams_and_status(self):
        want("all of it", self.ssh(BOTH, options=self.r.choice([(), ("-T",), ("-n",)])), (7, b"out\n", b"err\n"))

    def signal(self):
        rc, out, err = self.ssh("sh -c 'kill -15 $$'")
        want("status, output", (rc, out), (255, b""))

    def large_output(self):
        whole = b"".join(b"%d\n" % i for i in range(1, 40001))
        p = self.popen("seq", "1", "40000")
        p.stdin.close()
        p.stdin = None
        if self.r.random() < 0.3:
            time.sleep(self.r.random() * 0.3)		# nobody reads for a while
        rc, out, err = self.end(p)
        want("status, digest", (rc, len(out), hashlib.md5(out).digest()), (0, len(whole), hashlib.md5(whole).digest()))

    def head(self):
        p = self.popen("yes")
        p.stdin.close()
        p.stdin = None
        got = p.stdout.read(100)
        p.stdout.close()
        p.stdout = None
        want("the first lines", got, b"y\n" * 50)
        self.end(p)

    def there_and_back(self):
        data = self.r.randbytes(self.r.choice([0, 1, 1000, 65536, 300000, 1500000]))
        options = ["-o", "RekeyLimit=100K"] if self.r.random() < 0.3 else []
        rc, out, err = self.ssh("cat", data=data, options=options, fresh=True if options else None)
        want("status, text, size", (rc, err, len(out)), (0, b"", len(data)))
        want("digest", hashlib.md5(out).digest(), hashlib.md5(data).digest())

    def late_input(self):
        p = self.popen("cat")
        time.sleep(self.r.choice([0, 0.05, 0.2, 0.4]))
        try:
            for piece in (b"one\n", b"two\n", b"three\n"):
                p.stdin.write(piece)
                p.stdin.flush()
                time.sleep(self.r.choice([0, 0.02, 0.1]))
        except BrokenPipeError:
            pass
        want("all of it", self.end(p), (0, b"one\ntwo\nthree\n", b""))

    def input_nobody_reads(self):
        rc, out, err = self.ssh("sh -c 'sleep 1; wc -l'", data=b"line\n" * self.r.choice([1, 100000]))
        want("status, output", (rc, out), (0, b"0\n"))
        want_in("notice", err, b"input is not read")

    def input_read_in_part(self):
        rc, out, err = self.ssh("head", "-c", "5", data=b"12345" * 100000)
        want("all of it", (rc, out), (0, b"12345"))

    def several_at_once(self):
        n = self.r.randint(3, 8)
        path = self.master("alice")
        over = SSH + ["-S", path, "alice@gate"]
        them = [self.process(over + [self.r.choice([BOTH, "id -G", "whoami"])], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(n)]
        wrong = []
        for p in them:
            try:
                rc, out, err = self.end(p)
                if p.args[-1] == BOTH:
                    want("all of it", (rc, out, err), (7, b"out\n", b"err\n"))
                elif p.args[-1] == "id -G":
                    want_in("text", err, b"refused [NOT-APPROVED]")
                    want("status", rc, 77)
                else:
                    want("status of whoami", (rc, err), (0, b""))
            except Wrong as e:
                wrong.append(str(e))
        if wrong:
            raise Wrong("; ".join(wrong))

    # --- terminals ---

    def terminal(self):
        rc, out, err = self.ssh("sh -c 'echo tty; exit 5'", options=["-tt"])
        want_in("output", out, b"tty\r\n")
        want_in("the line before it", out, b"recorded")
        want("status", rc, 5)

    def sizes(self):
        """The last of several changes arrives; ^C ends it."""
        argv, env = self.argv("-t")
        master, slave = pty.openpty()
        resize = lambda rows: fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
        resize(20)
        p = self.process(argv + [SIZE], env=env, stdin=slave, stdout=slave, stderr=slave)
        rows = 20
        for _ in range(self.r.randint(1, 6)):
            time.sleep(self.r.choice([0, 0.005, 0.02, 0.05, 0.1]))
            rows += 1
            resize(rows)
            try:
                p.send_signal(signal.SIGWINCH)
            except ProcessLookupError:
                pass
        seen = b""
        end = time.time() + BOUND
        os.set_blocking(master, False)
        asked = 0
        while p.poll() is None and time.time() < end:
            try:
                seen = (seen + os.read(master, 4096))[-400:]
            except BlockingIOError:
                time.sleep(0.01)
            except OSError:
                break
            if b"%d 80\r\n" % rows in seen and asked < time.time():
                asked = time.time() + 0.5		# as often as a person would
                os.write(master, b"\x03")
        if p.poll() is None:
            where = "\n    ".join(state())
            p.kill()
            p.wait()
            raise Wrong(f"no end: size {rows} wanted, seen {seen[-80:]!r}\n    {where}")
        self.going.pop(p.pid, None)
        os.close(master)
        os.close(slave)
        want(f"status ({seen[-200:]!r})", p.returncode, 9)

    # --- words, logins, those who leave ---

    def word(self):
        user, words = self.r.choice([("alice", "whoami"), ("alice", "request list"), ("alice", "help"), ("bob", "status"),
                                     ("carol", "session list --json"), ("carol", "audit head")])
        rc, out, err = self.ssh(*words.split(), user=user, fresh=False)
        want(f"status of {words}", (rc, err), (0, b""))
        if out == b"":
            raise Wrong(f"{words} says nothing")

    def filed_and_approved(self):
        rc, out, err = self.ssh("request", "new", "--profile", "inspect", "--as", "root", "--", "uname", "-a", fresh=False)
        want(f"filing {err}", rc, 0)
        nr = out.split()[0].decode()
        rc, out, err = self.ssh("request", "show", nr, user="bob", fresh=False)
        want(f"show {err}", rc, 0)
        code = [line for line in out.decode().splitlines() if "request approve" in line][0].split()[-1]
        want("approval", self.ssh("request", "approve", code, user="bob", fresh=False)[0], 0)
        want("withdrawal", self.ssh("request", "withdraw", nr, fresh=False)[0], 0)

    def login(self):
        want("status", self.ssh("whoami", fresh=True)[0], 0)

    def wrong_password(self):
        rc, out, err = self.bounded(SSH + ["-o", "NumberOfPasswordPrompts=1", "alice@gate", "whoami"],
                                    env=answers("wrong"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE)
        want("status, output", (rc, out), (255, b""))
        want_in("text", err, b"Permission denied")

    def cut(self):
        """Killed at any moment; what is left of it is looked at in the end."""
        words = self.r.choice(["sleep 20", "yes", "cat", "id -G", "whoami", BOTH])
        p = self.popen(words)
        time.sleep(self.r.random() * 0.5)
        p.kill()
        self.end(p)

    def reload(self):
        os.kill(GATE_PID, signal.SIGHUP)
        time.sleep(0.3)

    # --- the loop ---

    ACTIONS = [refused, refused, *4 * [refused_with_input_open], refused_on_a_terminal, not_split,
               file_transfer, file_transfer, forward, both_streams_and_status, both_streams_and_status, signal,
               large_output, head, there_and_back, there_and_back, late_input, input_nobody_reads, input_read_in_part,
               several_at_once, several_at_once, terminal, sizes, word, word, filed_and_approved, login,
               wrong_password, cut, cut, reload]

    def run(self):
        global done
        only = os.environ.get("ACTIONS", "").split()
        actions = [a for a in self.ACTIONS if not only or a.__name__ in only]
        while not over.is_set():
            action = self.r.choice(actions)
            how = shaken
            try:
                action(self)
                with lock:
                    done[action.__name__] = done.get(action.__name__, 0) + 1
            except Wrong as e:
                problem(action.__name__, str(e), "shaken: " + how)
            except Exception as e:		# our own fault, and no reason to stay silent
                problem(action.__name__, repr(e), "shaken: " + how)


done = {}
shaken = "none"
over = threading.Event()


def shake(names, seconds, nr):
    """One period; how many times something was stopped."""
    global shaken
    shaken = names
    p = subprocess.Popen([os.environ["SHAKER"], str((SEED + nr) % 2**31), *names.split()], stdout=subprocess.PIPE)
    time.sleep(seconds)
    p.terminate()
    out = p.communicate()[0].decode()
    return int(out.split("stops=")[1])


def drain():
    """While all are shaken: what runs goes on, nothing new starts, the gate ends by itself."""
    w = Worker(99)
    p = w.popen("cat", fresh=False)
    p.stdin.write(b"before\n")
    p.stdin.flush()
    want("what it says", p.stdout.readline(), b"before\n")
    shaker = subprocess.Popen([os.environ["SHAKER"], str(SEED % 2**31), *ALL.split()], stdout=subprocess.DEVNULL)
    try:
        os.kill(GATE_PID, signal.SIGUSR1)
        end = time.time() + BOUND
        while "gate drains" not in read(GATE_LOG) and time.time() < end:
            time.sleep(0.05)
        rc, out, err = w.ssh("id", "-G", fresh=False)
        want_in("text", err, b"refused [STOPPING]")
        want("status", rc, 75)
        want("the rest", w.end(p, b"after\n"), (0, b"after\n", b""))
        while os.path.exists(f"/proc/{GATE_PID}/exe") and time.time() < end:
            time.sleep(0.05)
            try:
                os.readlink(f"/proc/{GATE_PID}/exe")
            except OSError:
                break				# it ended, its parent has not asked yet
        else:
            raise Wrong("the gate does not end")
    finally:
        shaker.terminate()
        shaker.wait()


def main():
    workers = [Worker(nr) for nr in range(WORKERS)]
    for w in workers:
        for user in PASSWORD:
            w.master(user)
    for w in workers:
        w.start()
    only = os.environ.get("ONLY")
    periods = [only] if only else ROLES + [ALL, ALL + " ssh"]
    for nr, names in enumerate(periods):
        stops = shake(names, EACH, nr)
        print(f"figure {names}: {stops} stops")
        if stops == 0:
            problem("the shaker", "nothing was stopped", names)
    over.set()
    end = time.time() + 2 * BOUND
    for w in workers:
        w.join(max(1, end - time.time()))
        if w.is_alive():
            problem("a worker", "it does not come to its end", "")
    try:
        drain()
    except Wrong as e:
        problem("drain", str(e), "all are shaken")
    print("figure actions: " + ", ".join(f"{n} {name}" for name, n in sorted(done.items())))
    print(f"figure {sum(done.values())} actions came to their documented end")
    return 1 if problems or not done else 0



sys.exit(main())
