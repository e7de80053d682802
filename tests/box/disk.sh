# disk.sh - the state on a small file system that fills up: warn, refuse new, end what runs; reading works all the
# time, END and `ended` always fit, and with room again the gate goes on as if nothing had been.
mount -t tmpfs -o mode=755,size=32m small /var/lib/sekisho
trap 'masters_end; [ -z "${GATE_PID:-}" ] || gate_stop; umount -l /var/lib/sekisho' EXIT
cat >>/etc/sekisho/sekisho.conf <<'EOF'
disk = { warn = "18M"; refuse = "12M"; end = "6M"; reserve = "2M"; };
EOF
S=/var/lib/sekisho
VERIFY="$SEKISHO_BIN/sekisho-verify"

free_kb() { df -k --output=avail $S | tail -1 | tr -d ' '; }
# fill MEGABYTES - until only so much is free
fill() {
	local n=$(($(free_kb) - $1 * 1024))
	[ $n -le 0 ] || head -c $((n * 1024)) /dev/zero >>$S/filler
}
# level WORD - the ledger's last entry about the disk says so
level() {
	local e
	e=$(audit_all | grep '"what": "disk"' | tail -1)
	[[ "$e" == *"\"level\": \"$1\""* ]]
}
# reads TEXT - what must work however full it is
reads() {
	ssh_ carol session list; is "$1: sessions are listed" "$STATUS" 0
	ssh_ carol session text S$FIRST; is "$1: a recording is read" "$STATUS" 0
	has "$1: and shows its bytes" "$OUT" "before the flood"
	ssh_ carol session replay S$FIRST --speed 100; is "$1: and is replayed" "$STATUS" 0
	ssh_ carol audit log; is "$1: the ledger is read" "$STATUS" 0
	ssh_ carol review list --all; is "$1: jobs are listed" "$STATUS" 0
	ssh_ alice request list; is "$1: requests are listed" "$STATUS" 0
}
# running NAME WORDS... - a command in the background on a connection of its own; its end is in $T/NAME.{out,err,rc}
running() {
	local name=$1
	shift
	client_answers "${PASSWORD[alice]}"
	(timeout 60 ssh -F /mnt/client/config alice@gate "$@" >$T/$name.out 2>$T/$name.err </dev/null; echo $? >$T/$name.rc) &
	RUNNING=$!
}

gate_start || exit 1
cat >/usr/local/bin/box-talk <<'EOF'
#!/bin/bash
echo "the command has begun"
n=0
while :; do echo "line $((n += 1))"; sleep 0.05; done
EOF
chmod 755 /usr/local/bin/box-talk
permit alice --profile inspect --as root --uses 50 -- echo before the flood
permit alice --profile inspect --as root --uses 50 -- box-talk
ssh_ alice echo before the flood; is "with room a command runs" "$STATUS" 0
FIRST=$(session nr)
ssh_ alice request new --json --profile inspect --as root -- id
WAITING=$(json id <<<"$OUT")/$(json revision <<<"$OUT")-$(json code <<<"$OUT")

# warn: said, and nothing else
fill 16
true_ "warn: the ledger says it" wait_for 10 level warn
has "warn: and the log" "$(cat $GATE_LOG)" "disk level=warn"
ssh_ alice echo before the flood; is "warn: commands run" "$STATUS" 0

# refuse: nothing new; what runs goes on
running long box-talk
true_ "a command runs" wait_for 10 grep -q 'line 5' $T/long.out
fill 10
true_ "refuse: the ledger says it" wait_for 10 level refuse
ssh_ alice echo before the flood
is "refuse: a command does not start" "$STATUS" 69
has "refuse: it says why" "$ERR" "[UNAVAILABLE]"
has "refuse: in words" "$ERR" "disk"
ssh_ alice request new --profile inspect --as root -- id
is "refuse: nothing is filed" "$STATUS" 69
has "refuse: which it says" "$ERR" "disk"
ssh_ bob request approve "$WAITING"
is "refuse: nothing is approved" "$STATUS" 69
reads refuse
before=$(wc -l <$T/long.out)
true_ "refuse: what runs goes on" wait_for 5 eval '[ $(wc -l <$T/long.out) -gt $((before + 5)) ]'

# end: what runs is ended, in order
fill 4
wait $RUNNING
is "end: the running command is ended with 74" "$(cat $T/long.rc)" 74
has "end: it says why" "$(cat $T/long.err)" "disk is full"
true_ "end: its processes are gone" wait_for 5 none_of box-talk
true_ "end: the ledger says the level" level end
is "end: the ledger has its end" "$(session state) $(session how)" "ended record"
LONG=$(session nr)
ssh_ carol session text S$LONG --stream out
is "end: its recording is whole" "$STATUS" 0
cp $T/out $T/recorded
true_ "end: all that the client saw is recorded" cmp -s -n "$(stat -c %s $T/long.out)" $T/long.out $T/recorded
reads end

# room again: the gate goes on without a hand
rm $S/filler
true_ "room: the ledger says it" wait_for 15 level fine
ssh_ alice echo before the flood; is "room: commands run again" "$STATUS" 0
ssh_ bob request approve "$WAITING"; is "room: approvals are taken" "$STATUS" 0
ssh_ carol audit head; is "room: a head is signed" "$STATUS" 0
printf '%s\n' "$OUT" >$T/head

# a file system that can hold no more files, whatever its bytes
mount -o remount,nr_inodes=$(($(df --output=iused $S | tail -1) + 50)) $S
true_ "files: the ledger says it" wait_for 10 level refuse
ssh_ alice echo before the flood; is "files: a command does not start" "$STATUS" 69
ssh_ carol status; has "files: status says what is short" "$OUT" "more files (df -i), and nothing new starts"
mount -o remount,nr_inodes=100000 $S
true_ "files: with room the ledger says it" wait_for 15 level fine

# from plenty to nothing at once, with a command that talks: no byte is free, and the end still fits
running flood box-talk
true_ "flood: a command runs" wait_for 10 grep -q 'line 5' $T/flood.out
dd if=/dev/zero of=$S/filler bs=64k >/dev/null 2>&1
dd if=/dev/zero of=$S/filler2 bs=1k >/dev/null 2>&1
figure "flood: $(free_kb) KiB free"
wait $RUNNING
is "flood: the command is ended with 74" "$(cat $T/flood.rc)" 74
has "flood: it says why" "$(cat $T/flood.err)" "sekisho: "
true_ "flood: the ledger has its end" wait_for 10 eval '[ "$(session state)" = ended ]'
FLOOD=$(session nr)
ssh_ carol session text S$FLOOD --stream out
is "flood: its recording has an end" "$STATUS" 0
cp $T/out $T/recorded
true_ "flood: all that the client saw is recorded" cmp -s -n "$(stat -c %s $T/flood.out)" $T/flood.out $T/recorded
reads flood
rm -f $S/filler $S/filler2
true_ "flood: with room the ledger says it" wait_for 15 level fine
ssh_ alice echo before the flood; is "flood: with room commands run" "$STATUS" 0
is "no process of ours died of a signal" "$(grep -c 'killed by SIG' $GATE_LOG)" 0
is "and the ledger was never started again" "$(grep -c 'restart_ms' $GATE_LOG)" 0

# a ledger that dies while no byte is free: it comes back, and reading goes on; whoever fills the disk takes what is freed
dd if=/dev/zero of=$S/filler bs=64k >/dev/null 2>&1
true_ "full: the log says it" wait_for 10 eval '[ "$(grep -c "disk level=end" $GATE_LOG)" -ge 2 ]'
dd if=/dev/zero of=$S/filler2 bs=1k >/dev/null 2>&1
figure "full: $(free_kb) KiB free, $(($(stat -c %s $S/ledger/reserve) / 1024)) KiB of the reserve are left"
kill -9 "$(pids_of sekisho-ledgerd | tail -1)"
dd if=/dev/zero of=$S/filler3 bs=1k >/dev/null 2>&1
true_ "full: the ledger is started again" wait_for 10 grep -q restart_ms $GATE_LOG
masters_end
true_ "full: and there" wait_for 10 eval 'ssh_ carol session list; [ "$STATUS" = 0 ]'
reads full
isnt "full: the last half of the reserve is kept for ends" "$(($(stat -c %s $S/ledger/reserve) >> 20))" 0
rm -f $S/filler $S/filler2 $S/filler3
true_ "full: with room the ledger says it" wait_for 15 level fine
ssh_ alice echo before the flood; is "full: with room commands run" "$STATUS" 0

masters_end
gate_stop
GATE_PID=""
rm -f /usr/local/bin/box-talk
"$VERIFY" --store $S >$T/v.out 2>&1
is "sekisho-verify finds nothing" "$?" 3
tail -3 $T/v.out
"$VERIFY" --store $S --head $T/head >$T/v.out 2>&1
is "nor against the head from between" "$?" 0
tail -3 $T/v.out
