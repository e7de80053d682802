# keys.sh - keyd and ledgerd die or hang under a running session, and epochs change every few seconds: short
# absences are lived through and sealed behind, long ones end the session with a text, and nothing starts meanwhile.
cat >>/etc/sekisho/sekisho.conf <<'EOF'
epoch = "2s"; seal_grace = "5s"; stall = "5s";
EOF
S=/var/lib/sekisho
VERIFY="$SEKISHO_BIN/sekisho-verify"
gate_start || exit 1
cat >/usr/local/bin/box-talk <<'EOF'
#!/bin/bash
n=0
while [ $n -lt "$1" ]; do echo "line $((n += 1))"; sleep 0.1; done
EOF
chmod 755 /usr/local/bin/box-talk
permit alice --profile inspect --as root --uses 50 -- box-talk 60
permit alice --profile inspect --as root --uses 50 -- box-talk 600
permit alice --profile inspect --as root --uses 50 -- id -u

# running NAME SECONDS/10 - box-talk in the background on a connection of its own
running() {
	client_answers "${PASSWORD[alice]}"
	(timeout 90 ssh -F /mnt/client/config alice@gate box-talk $2 >$T/$1.out 2>$T/$1.err </dev/null; echo $? >$T/$1.rc) &
	RUNNING=$!
	if wait_for 20 grep -q 'line 3' $T/$1.out; then ok "$1: a command runs"
	else bad "$1: a command does not run" "$(cat $T/$1.err)" "$(tail -8 $GATE_LOG)"; fi
}
pid_of() { pids_of $1 | tail -1; }
# anew PROGRAM PID - another one runs
anew() { local p; p=$(pid_of $1); [ -n "$p" ] && [ "$p" != "$2" ]; }
lines() { wc -l <$T/$1.out; }
# epochs of the seals in the newest recording, each once
epochs() {
	python3 - "$1" <<'EOF'
import struct, sys
b = open(sys.argv[1], "rb").read()
n = struct.unpack_from("<I", b, 12)[0]
seen = [struct.unpack_from("<I", b, n - 80)[0]]
while n + 16 <= len(b):
    size, kind = struct.unpack_from("<IB", b, n)
    p = n + 16
    at = {7: p + 4, 4: p + size - 80, 5: p + size - 80}.get(kind)
    if at: seen.append(struct.unpack_from("<I", b, at)[0])
    n = p + size
print(len(set(seen) - {0}), "sealed" if seen[-1] else "unsealed", len(seen))
EOF
}
nothing_runs() { ssh_ carol session list --json; [ "$STATUS" = 0 ] && ! grep -q '"state":"running"' <<<"$OUT"; }
recording() { echo "$S/recordings/$(session recording)"; }

# epochs
running epochs 60
wait $RUNNING
is "epochs: the command ends well" "$(cat $T/epochs.rc)" 0
set -- $(epochs "$(recording)")
true_ "epochs: its seals are of several" test "$1" -ge 3
is "epochs: its end is sealed" "$2" sealed
figure "epochs: $1 in one recording of 6 s, $3 seals"

# short absences: killed, stopped for a moment; each of them
for v in sekisho-keyd sekisho-ledgerd; do
	running short 60
	p=$(pid_of $v)
	kill -9 $p
	true_ "$v dies: another one comes" wait_for 5 anew $v $p
	p=$(pid_of $v)
	sleep 0.5
	kill -STOP $p; sleep 1.5; kill -CONT $p
	before=$(lines short)
	true_ "$v stopped for a moment: the command goes on" wait_for 3 eval '[ $(lines short) -gt $((before + 3)) ]'
	wait $RUNNING
	is "$v away for a moment: the command ends well" "$(cat $T/short.rc)" 0
	is "$v away for a moment: all of it was shown" "$(lines short)" 60
	is "$v away for a moment: the ledger has its end" "$(session state) $(session how)" "ended ran"
	set -- $(epochs "$(recording)")
	is "$v away for a moment: the record is sealed to its end" "$2" sealed
	ssh_ alice id -u; is "$v away for a moment: new commands run" "$STATUS" 0
done

# away for longer than seal_grace
for v in sekisho-keyd sekisho-ledgerd; do
	running long 600
	master alice
	p=$(pid_of $v)
	kill -STOP $p
	t0=$SECONDS
	SSH_SECONDS=40 ssh_ alice id -u
	is "$v hangs: nothing new starts" "$STATUS" 69
	has "$v hangs: the text says why" "$ERR" "[UNAVAILABLE]"
	hasnt "$v hangs: and it did not run" "$OUT" "0"
	wait $RUNNING
	is "$v hangs: the running command ends with 69" "$(cat $T/long.rc)" 69
	has "$v hangs: with a text" "$(cat $T/long.err)" "[UNAVAILABLE]"
	figure "$v hangs: the command ended after $((SECONDS - t0)) s of seal_grace = 5s: $(grep -a UNAVAILABLE $T/long.err)"
	true_ "$v hangs: its processes are gone" wait_for 3 none_of box-talk
	kill -CONT $p 2>/dev/null
	masters_end
	true_ "$v is back: commands run" wait_for 20 eval 'ssh_ alice id -u; [ "$STATUS" = 0 ]'
	true_ "$v is back: the ledger has the end of what ran" wait_for 10 nothing_runs
done
ssh_ carol audit head
printf '%s\n' "$OUT" >$T/head

# five deaths within a minute: the gate does not stay up, says so and stops; what runs is ended
running last 600
for i in 1 2 3 4 5; do
	p=$(pid_of sekisho-keyd)
	[ -n "$p" ] || break
	kill -9 $p
	[ $i = 5 ] || wait_for 10 anew sekisho-keyd $p
done
wait $RUNNING
isnt "five deaths: the running command is ended" "$(cat $T/last.rc)" 0
wait $GATE_PID
is "five deaths: the gate stops with 69" "$?" 69
GATE_PID=""
has "five deaths: and says why" "$(tail -20 $GATE_LOG)" "does not stay up"
true_ "five deaths: nothing is left" wait_for 5 eval 'none_of sekisho-ledgerd && none_of sekisho-keyd && none_of sekisho-record'

# the next start needs no hand
gate_start; is "after it: the gate starts" "$?" 0
masters_end
ssh_ alice id -u; is "after it: commands run" "$STATUS" 0
masters_end
gate_stop
GATE_PID=""
rm -f /usr/local/bin/box-talk
is "no process of ours died of a signal of its own" "$(grep -c 'killed by SIG' $GATE_LOG)" 0
"$VERIFY" --store $S >$T/v.out 2>&1
is "sekisho-verify finds nothing" "$?" 3
grep -v '^note' $T/v.out | tail -5
"$VERIFY" --store $S --head $T/head >$T/v.out 2>&1
is "nor against the head from between" "$?" 0
