# sandbox.sh - a root job under each profile: it cannot read the gate, cannot outlive its session, cannot do more.
gate_start || exit 1
cat >/usr/local/bin/box-try <<'EOF'
#!/usr/bin/python3
import errno, glob, os, signal, socket, sys, time
w = sys.argv[1]
def attempt(name, f):
    try: f(); print("DID", name)
    except OSError as e: print("no", name, errno.errorcode.get(e.errno))
if w == "gate":
    # the last one: what the overlay on /etc keeps under another name
    for top in ("/etc/sekisho", "/var/lib/sekisho", "/run/sekisho", "/mnt/etc/up/sekisho"):
        for d, ds, fs in os.walk(top):
            for f in fs + ds:
                p = os.path.join(d, f); attempt(p, lambda: open(p, "rb").read(1))
        attempt(top + " listing", lambda: (_ for _ in ()).throw(OSError(2, "")) if not os.listdir(top) else None)
    for p in ("/var/lib/sekisho/ledger.db", "/etc/sekisho/keys/host_ed25519", "/etc/sekisho/roles.conf"):
        attempt(p, lambda: open(p, "rb").read(1))
    for d in os.listdir("/proc"):
        if d.isdigit():
            try: c = open("/proc/%s/comm" % d).read().strip()
            except OSError: continue
            if c.startswith("sekisho"):
                for x in ("mem", "environ", "maps", "root/etc/sekisho/roles.conf", "cwd/x"):
                    attempt("/proc/%s/%s" % (c, x), lambda: open("/proc/%s/%s" % (d, x), "rb").read(1))
    attempt("connect ledger.sock", lambda: socket.socket(socket.AF_UNIX).connect("/run/sekisho/ledger.sock"))
elif w == "stay":
    for how in ("fork", "setsid", "double", "stopped"):
        if os.fork() == 0:
            if how != "fork": os.setsid()
            if how == "double" and os.fork() != 0: os._exit(0)
            for s in range(1, 32):
                try: signal.signal(s, signal.SIG_IGN)
                except (OSError, ValueError): pass
            if how == "stopped": os.kill(os.getpid(), signal.SIGSTOP)
            os.execv("/usr/bin/sleep", ["sleep", "977"])
    time.sleep(0.3)
elif w == "shadow":
    covered = lambda: " /etc/shadow " in open("/proc/self/mountinfo").read()
    print("covered", covered(), flush=True)
    for _ in range(400):
        if not covered(): break
        time.sleep(0.05)
    print("covered", covered())
    attempt("read the new shadow", lambda: open("/etc/shadow").read(1))
elif w == "do":
    attempt("write /etc/x", lambda: open("/etc/x", "w"))
    attempt("write /usr/bin/x", lambda: open("/usr/bin/x", "w"))
    if os.getuid() == 0: open(os.path.expanduser("~/box-try-was-here"), "w")   # the private home: allowed, and gone afterwards
    attempt("write /var/lib/other", lambda: open("/var/lib/x", "w"))
    attempt("chroot", lambda: os.chroot("/tmp"))
    attempt("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
    attempt("kill init of host", lambda: os.kill(int(sys.argv[2]), 9))
    attempt("mknod", lambda: os.mknod("/tmp/d", 0o60666, os.makedev(254, 0)))
    attempt("/dev/vda", lambda: open("/dev/vda", "rb"))
    attempt("setns", lambda: os.open("/proc/1/ns/mnt", 0) and (_ for _ in ()).throw(OSError(1, "")))
    attempt("sethostname", lambda: socket.sethostname("x"))
    attempt("settime", lambda: time.clock_settime(0, 1))
    attempt("exec from /tmp", lambda: (open("/tmp/e", "w").write("#!/bin/true\n"), os.chmod("/tmp/e", 0o755), os.spawnv(0, "/tmp/e", ["e"]) == 0 or (_ for _ in ()).throw(OSError(13, ""))))
    def mem():
        import ctypes
        fd = ctypes.CDLL(None, use_errno=True).syscall(319, b"x", 0)
        if fd < 0: raise OSError(1, "")
        os.write(fd, open("/usr/bin/true", "rb").read()); os.execv("/proc/self/fd/%d" % fd, ["x"])
    attempt("memfd exec", mem)
    def suid(how):
        d = "/var/lib/site" if os.access("/var/lib/site", os.W_OK) else "/tmp"
        p = d + "/box-suid"
        try:
            if how == "open": os.close(os.open(p, os.O_CREAT | os.O_WRONLY, 0o4755))
            elif how == "mknod": os.mknod(p, 0o106755)
            else: os.close(os.open(p, os.O_CREAT | os.O_WRONLY, 0o755)); os.chmod(p, 0o4755)
        finally:
            try: os.unlink(p)
            except OSError: pass
    for how in ("chmod", "open", "mknod"): attempt("setuid by " + how, lambda: suid(how))
    import fcntl
    attempt("lease", lambda: fcntl.fcntl(os.open("/etc/passwd", 0), 1024, 0))
    attempt("unix socket", lambda: socket.socket(socket.AF_UNIX))
    attempt("datagram pair", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
    attempt("loginuid", lambda: os.write(os.open("/proc/self/loginuid", os.O_WRONLY), b"0"))
    attempt("sysrq", lambda: os.open("/proc/sysrq-trigger", os.O_WRONLY))
    attempt("cgroup", lambda: os.mkdir("/sys/fs/cgroup/box"))
    attempt("kmsg", lambda: open("/proc/kmsg", "rb").read(1) or (_ for _ in ()).throw(OSError(2, "")))
print("end")
EOF
chmod 755 /usr/local/bin/box-try
for prof in inspect files site; do
	for u in root svc; do
		permit alice --profile $prof --as $u -- box-try gate
		ssh_ alice box-try gate
		has "$prof as $u: the attempt is made" "$OUT" end
		is "$prof as $u: nothing of the gate is reached" "$(grep '^DID' <<<"$OUT")" ""
		permit alice --profile $prof --as $u -- box-try stay
		ssh_ alice box-try stay
		true_ "$prof as $u: nothing outlives the session" wait_for 2 eval '! pgrep -f "sleep 977" >/dev/null'
		permit alice --profile $prof --as $u -- box-try do $GATE_PID
		ssh_ alice box-try do $GATE_PID
		has "$prof as $u: the other attempts are made" "$OUT" end
		is "$prof as $u: and none succeeds" "$(grep '^DID' <<<"$OUT")" ""
		is "$prof as $u: its home was its own" "$(ls -a /root | grep box-try)" ""
	done
done
for prof in inspect files; do
	permit alice --profile $prof --as root -- box-try shadow
	master alice
	ssh_ alice box-try shadow &
	wait_for 10 grep -q covered $T/out
	cp -p /etc/shadow /etc/shadow.new && mv /etc/shadow.new /etc/shadow	# as passwd(1) does it
	wait $!
	OUT=$(cat $T/out)
	is "$prof: a new shadow takes the cover off the old one, and is not read" "$OUT" \
	    $'covered True\ncovered False\nno read the new shadow EACCES\nend'
done
permit alice --profile files --as root -- cat /proc/self/loginuid
ssh_ alice cat /proc/self/loginuid
is "audit calls the job by its operator" "$OUT" "$(id -u alice)"
ssh_ alice whoami; is "the gate is alive" "$STATUS" 0
permit alice --profile inspect --as root -- mount -t tmpfs none /mnt
ssh_ alice mount -t tmpfs none /mnt
has "a refused call is named" "$ERR" "was refused"
has "with the profile" "$ERR" "inspect"
ssh_ carol session show "$(session id)"
has "and counted in the session" "$OUT" "refusals"
ssh_ alice profile list; has "profiles are listed" "$OUT" inspect
ssh_ alice profile show files; has "and shown expanded" "$OUT" "syscalls.allow"
rm -f /usr/local/bin/box-try
