# session export: asciicast v3 of what ran, to whom recordings are read, with the entry before it.
cat >$T/compare.py <<'P'
# the exported output is what was shown, through the same mistakes of UTF-8: FILE FILE is_cooked
import re
import sys
sys.path.insert(0, sys.argv[1])
import cast
header, comments, events = cast.read(open(sys.argv[2], "rb").read())
shown = open(sys.argv[3], "rb").read().decode("utf-8", "replace")
if len(sys.argv) > 4:
    shown = re.sub("(?<!\r)\n", "\r\n", shown)
got = "".join(e[2] for e in events if e[1] == "o")
print("same" if got == shown else "got %r wanted %r" % (got[-80:], shown[-80:]))
P
cast_() { PYTHONDONTWRITEBYTECODE=1 python3 "$SEKISHO_TOP/tests/json/cast.py" "$@" 2>&1; }
compare() { PYTHONDONTWRITEBYTECODE=1 python3 $T/compare.py "$SEKISHO_TOP/tests/json" "$@" 2>&1; }
events() { grep -c "^\[[0-9.]*,\"$1\"" "$2"; }

gate_start
head -c 300000 /dev/urandom >/var/lib/site/noise
permit alice --profile inspect --as root -- cat /var/lib/site/noise
ssh_ alice cat /var/lib/site/noise
cp $T/out $T/shown
ssh_ carol session export S1
is "a session without a terminal is exported" "$STATUS" 0
cp $T/out $T/s1.cast
has "the file is what its specification wants" "$(cast_ $T/s1.cast)" " events, "
is "its output is what was shown, what is no UTF-8 as Unicode recommends" "$(compare $T/s1.cast $T/shown cooked)" same
is "the header says who, as whom, where and what for" \
    "$(head -1 $T/s1.cast | json title)" "S1: alice as root on local, R1 (not verified)"
is "and what" "$(head -1 $T/s1.cast | json command)" "[cat] [/var/lib/site/noise]"
is "its last line says that it is whole" "$(tail -1 $T/s1.cast)" "# S1 ended with status 0"

permit alice --profile inspect --as root --input tty -- cat
cat >$T/typist.py <<'P'
import pty, os, sys, time, select
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
seen, step = b"", 0
typed = [b"s\xc3\xa9same\r", b"\x04"]
while True:
    r, _, _ = select.select([fd], [], [], 20)
    try:
        data = os.read(fd, 4096) if r else b""
    except OSError:
        data = b""
    if not data:
        break
    seen += data
    if step == 0 and b"recorded" in seen:
        os.write(fd, typed[0]); step = 1
    elif step == 1 and seen.count(b"same") >= 2:
        os.write(fd, typed[1]); step = 2
os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
P
master alice
timeout 40 python3 $T/typist.py ssh -F /mnt/client/config -S /mnt/client/cm-alice -tt alice@gate cat >$T/seen 2>/dev/null
ssh_ carol session export S2
cp $T/out $T/s2.cast
has "a session with a terminal too" "$(cast_ $T/s2.cast)" " events, "
is "its output is what the operator saw" "$(compare $T/s2.cast $T/seen)" same
is "the gate's line is a marker" "$(events m $T/s2.cast)" 1
is "no input is in it" "$(events i $T/s2.cast)" 0
isnt "the terminal's size is in the header" "$(head -1 $T/s2.cast | json term.cols)" ""
is "its exit is the last event" "$(grep '^\[' $T/s2.cast | tail -1 | cut -d, -f2-)" '"x","0"]'
ssh_ carol session export S2 --input
has "what was typed comes when asked for" "$(grep -F '"i"' $T/out | tr -d '\n')" '\u00e9same\r'
ssh_ carol session export S2 --format text
hasnt "as text without it" "$OUT" "< "
has "with the output" "$OUT" "  sésame"
ssh_ carol session export S2 --format text --input
has "or with it" "$OUT" "< sésame"

ssh_ carol session show S2 --json
ssh_ carol review show J2 --json
is "an export is no look for the review" "$(json sessions.0.seen <<<"$OUT")" "[]"
all=$(audit_all)
is "each export is an entry" "$(grep -c '"how": "export".*"operator": "alice".*"what": "replay".*"who": "carol"' <<<"$all")" 3
is "that tells when input went out" "$(grep -c '"how": "export-input"' <<<"$all")" 2
for u in alice bob; do
	ssh_ $u session export S1
	is "$u may not" "$STATUS" 77
	is "and gets no byte" "$OUT" ""
done
ssh_ carol session export S9
has "what is not there is refused" "$ERR" "[NOT-FOUND]"
ssh_ carol session export S1 --format gif
is "another format is" "$STATUS" 64

# the picture that scripts/cast2svg draws of an export, and the one of the README, which scripts/demo-picture made
svg_() { PYTHONDONTWRITEBYTECODE=1 python3 "$SEKISHO_TOP/tests/json/svg.py" "$@" 2>&1; }
# with silences between its events, and two events more (all may have come in one), so that there is something to move
sed 's/^\[[0-9]*\./[1./' $T/s2.cast | sed '0,/, *"o",/{/, *"o",/a [1.500000, "o", "and more\\r\\n"]\n[1.500000, "o", "and more\\r\\n"]
}' >$T/slow.cast
"$SEKISHO_TOP/scripts/cast2svg" $T/slow.cast >$T/s2.svg
is "a picture of an export is whole, moves, and needs nothing else" "$(svg_ $T/s2.svg)" ""
has "what was shown is in it" "$(cat $T/s2.svg)" "sésame"
is "the picture of the README too" "$(svg_ "$SEKISHO_TOP/bastion/demo.svg")" ""
sed 's|<title>|<script>x</script>&|; s|infinite||' $T/s2.svg >$T/bad.svg
has "the checker finds a script" "$(svg_ $T/bad.svg)" "has a {http://www.w3.org/2000/svg}script"
has "and a picture that stands" "$(svg_ $T/bad.svg)" "it does not move"

# the checker itself: what must not pass does not
while IFS='|' read -r what edit; do
	sed "$edit" $T/s2.cast >$T/bad.cast
	true_ "a file with $what is found out" bash -c "! PYTHONDONTWRITEBYTECODE=1 python3 $SEKISHO_TOP/tests/json/cast.py $T/bad.cast >/dev/null 2>&1"
done <<'E'
another version|1s/"version":3/"version":2/
no size|1s/"cols":[0-9]*/"cols":0/
an unknown key|1s/"title"/"titel"/
a control byte|3s/$/\x1b/
a byte above ASCII|3s/$/é/
half a line|$s/^/[1.0,"o"/
a negative interval|4s/^\[/[-/
an absolute time|4s/^\[[0-9.]*/[5/
an unknown event|4s/"[om]"/"q"/
E
