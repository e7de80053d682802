# run.sh - what an approved command is to the person who runs it: bytes, status, signals, terminals.
sed -i 's/run_as = \[ "root", "svc" \]; targets = \[ "local" \]; },/run_as = [ "root", "svc" ]; },/' /etc/sekisho/approval.conf
gate_start || exit 1

# a program that does what the tests need; root's, in a command directory
cat >/usr/local/bin/box-helper <<'EOF'
#!/usr/bin/python3
import os, signal, sys, time, fcntl, struct, termios
w = sys.argv[1]
if w == "status": sys.exit(int(sys.argv[2]))
elif w == "signal": os.kill(os.getpid(), int(sys.argv[2])); time.sleep(9)
elif w == "abort": os.abort()
elif w == "tick":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    while True: print("tick", flush=True); time.sleep(0.01)
elif w == "both": sys.stdout.write("out\n"); sys.stdout.flush(); sys.stderr.write("err\n")
elif w == "size":
    def show(*a):
        print("%d %d" % struct.unpack("hhhh", fcntl.ioctl(0, termios.TIOCGWINSZ, b"x" * 8))[:2], flush=True)
    signal.signal(signal.SIGWINCH, show); show()
    end = time.time() + float(sys.argv[2])
    while time.time() < end: time.sleep(0.1)
elif w == "trap":
    n = int(sys.argv[2])
    def got(s, f): print("got %d" % s, flush=True); sys.exit(40 + s)
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1): signal.signal(s, got)
    print("ready", flush=True); time.sleep(n)
elif w == "bytes":
    sys.stdout.buffer.write(bytes(range(256)) * int(sys.argv[2]))
elif w == "sum":
    import hashlib
    h = hashlib.sha256(); n = 0
    while True:
        b = sys.stdin.buffer.read1(65536)
        if not b: break
        h.update(b); n += len(b)
    print(n, h.hexdigest())
elif w == "tty": print(os.isatty(0), os.isatty(1)); print(os.readlink("/proc/self/fd/0"))
elif w == "env":
    for k in sorted(os.environ): print(k + "=" + os.environ[k])
elif w == "ask":
    sys.stdout.write("name? "); sys.stdout.flush(); print("hello " + sys.stdin.readline().strip())
EOF
chmod 755 /usr/local/bin/box-helper
H=box-helper
p() { permit alice --profile inspect --as root --uses 50 "$@"; }

p -- $H status 0; p -- $H status 3; p -- $H status 255
ssh_ alice $H status 0; is "status 0 arrives" "$STATUS" 0
ssh_ alice $H status 3; is "status 3 arrives" "$STATUS" 3
ssh_ alice $H status 255; is "status 255 arrives" "$STATUS" 255
p -- $H signal 15; ssh_ alice $H signal 15; is "death by signal arrives as death" "$STATUS" 255
is "and the ledger has its name" "$(session signal)" TERM
p -- $H abort; ssh_ alice $H abort
is "abort is SIGABRT, not something else" "$(session signal)" ABRT
p -- $H both; ssh_ alice $H both
is "stdout is stdout" "$OUT" out; is "stderr is stderr" "$ERR" err

p -- $H bytes 4096; ssh_ alice $H bytes 4096
is "a million bytes of every value arrive unchanged" "$(sha256sum <$T/out | cut -d' ' -f1)" \
    "$(python3 -c 'import sys; sys.stdout.buffer.write(bytes(range(256))*4096)' | sha256sum | cut -d' ' -f1)"

p --input pipe -- $H sum
head -c 20000000 /dev/urandom >$T/in
IN=$T/in ssh_ alice $H sum
is "piped input arrives unchanged, and its end" "$OUT" "20000000 $(sha256sum <$T/in | cut -d' ' -f1)"
ssh_ alice $H sum
is "an empty input ends too" "$OUT" "0 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ssh_ alice -n $H sum
is "so with ssh -n" "$STATUS" 0

head -c 100000 $T/in >$T/small
s2=$(sha256sum <$T/small | cut -d' ' -f1)
p --input sha256:$s2 -- wc -c
IN=$T/small ssh_ alice wc -c; is "the approved input is taken" "$OUT" 100000
printf x >>$T/small
IN=$T/small ssh_ alice wc -c
is "one byte more is refused" "$STATUS" 77; has "as INPUT" "$ERR" "refused [INPUT]"
head -c 100000 $T/in >$T/small
IN=$T/small ssh_ alice wc -c; is "and that cost no use" "$OUT" 100000

p -- wc -l; printf 'a\nb\n' >$T/two
IN=$T/two ssh_ alice wc -l
is "input none reads nothing" "$OUT" 0; has "and says so" "$ERR" "input is not read"
p --input tty -- $H tty
ssh_ alice $H tty; is "input tty wants a terminal" "$STATUS" 77
ssh_ alice -tt $H tty; has "and gets one" "$OUT" "True True"
has "with one line before the command" "$OUT" "recorded"

p --input tty -- $H ask
mkfifo $T/f; (sleep 1.5; printf 'bob\r'; sleep 2) >$T/f &
IN=$T/f ssh_ alice -tt $H ask
has "a dialogue works" "$OUT" "hello bob"

p --input tty -- $H trap 20
rm -f $T/f; mkfifo $T/f; (sleep 2; printf '\003'; sleep 3) >$T/f &
IN=$T/f ssh_ alice -tt $H trap 20
has "^C is SIGINT" "$OUT" "got 2"; is "and the status is the program's" "$STATUS" 42
p -- $H trap 21
rm -f $T/f; mkfifo $T/f; (sleep 2; printf '\003'; sleep 3) >$T/f &
IN=$T/f ssh_ alice -tt $H trap 21
has "^C is SIGINT also where input is none" "$OUT" "got 2"

p --input tty -- $H size 3
cat >$T/size.exp <<'EOF'
set timeout 20
log_user 1
spawn -noecho ssh -F /mnt/client/config -S /mnt/client/cm-alice -t alice@gate box-helper size 3
stty rows 33 columns 111 < $spawn_out(slave,name)
sleep 1.2
stty rows 44 columns 122 < $spawn_out(slave,name)
expect eof
EOF
master alice; got=$(expect $T/size.exp 2>&1)
has "a window change arrives" "$got" "44 122"

p -- $H env; ssh_ alice -oSetEnv=EVIL=1 $H env
hasnt "the client's environment does not" "$OUT" EVIL
has "PATH is the gate's" "$OUT" "PATH=/usr"
has "the session is told" "$OUT" "SEKISHO_SESSION=S"
p -- ls /proc/self/fd; ssh_ alice ls /proc/self/fd
is "no descriptor but three and the one that lists" "$(echo $OUT)" "0 1 2 3"

p -- seq 1 5000000
t0=$SECONDS; timeout 30 ssh -F /mnt/client/config -S /mnt/client/cm-alice alice@gate seq 1 5000000 2>/dev/null </dev/null | head -3 >$T/out
is "| head gets its lines" "$(wc -l <$T/out)" 3
true_ "and does not hang" test $((SECONDS - t0)) -lt 20
(client_answers "${PASSWORD[alice]}"; timeout 30 ssh -F /mnt/client/config alice@gate seq 1 5000000 2>/dev/null </dev/null | head -3 >$T/out)
is "also on a connection of its own" "$(wc -l <$T/out)" 3
true_ "the job is gone" wait_for 5 none_of seq
p -- box-helper tick
(client_answers "${PASSWORD[alice]}"; timeout 30 ssh -F /mnt/client/config alice@gate box-helper tick 2>/dev/null </dev/null | head -3 >$T/out)
is "what would write for ever ends too" "$(session state) $(session signal)" "ended PIPE"
ssh_ carol session text "$(session id)"
has "and the record says why" "$OUT" "-- notice the client's standard output is closed"

p --input pipe -- head -c 5
head -c 10000000 /dev/zero >$T/zeros
IN=$T/zeros ssh_ alice head -c 5; is "a command that stops reading ends well" "$STATUS" 0

# 64 channels on one connection
permit alice --profile inspect --as root --uses 70 -- sleep 2
masters_end; master alice
for i in $(seq 64); do
	(timeout 60 ssh -F /mnt/client/config -S /mnt/client/cm-alice alice@gate sleep 2 >/dev/null 2>&1 </dev/null; echo $? >$T/c$i) &
done
wait $(jobs -p | grep -v "^$GATE_PID$")
is "sixty-four sessions at once on one connection all end with 0" "$(cat $T/c[0-9]* | sort | uniq -c | tr -s ' ')" " 64 0"

# the client dies: the job is gone within a second and the record says why
p -- sleep 300
(client_answers "${PASSWORD[alice]}"; exec ssh -F /mnt/client/config alice@gate sleep 300 >/dev/null 2>&1 </dev/null) &
c=$!
wait_for 10 test -n "$(sleep 1; pids_of sleep)"
kill -9 $c
true_ "a killed client takes its job along" wait_for 2 none_of sleep
sleep 1
is "the session has ended" "$(session state)" ended
isnt "by the lost line" "$(session how)" ran
rm -f /usr/local/bin/box-helper
