# race.sh - fifty real ssh runs race for a request of one use: exactly one wins, every time.
gate_start || exit 1
rounds=20
[ -z "$FULL" ] || rounds=200
# several connections, as sekishod caps the channels of one
for c in 1 2 3 4 5; do
	client_answers "${PASSWORD[alice]}"
	ssh -F /mnt/client/config -M -N -f -S /mnt/client/race-$c -o ControlPersist=600 alice@gate </dev/null >/dev/null 2>&1 || bad "connection $c"
done
won=0 none=0 more=0
for r in $(seq $rounds); do
	permit alice --profile inspect --as root -- echo round $r || break
	rm -f $T/r.*
	for i in $(seq 50); do
		(timeout 60 ssh -F /mnt/client/config -S /mnt/client/race-$((i % 5 + 1)) alice@gate echo round $r >$T/r.$i 2>&1 </dev/null; echo $? >>$T/r.$i) &
	done
	wait $(jobs -p | grep -v "^$GATE_PID$")
	n=$(grep -lx "round $r" $T/r.* | wc -l)
	z=$(cat $T/r.* | grep -cx 77)
	if [ "$n" = 1 ] && [ "$z" = 49 ]; then won=$((won + 1)); elif [ "$n" = 0 ]; then none=$((none + 1)); else more=$((more + 1)); fi
	[ "$n" = 1 ] && [ "$z" = 49 ] || tail -qn 2 $T/r.* | sort | uniq -c | head -5
done
for c in 1 2 3 4 5; do ssh -F /mnt/client/config -S /mnt/client/race-$c -O exit x@gate 2>/dev/null; done
figure "$rounds rounds of 50 runs"
is "every round has exactly one winner and 49 refusals" "$won" "$rounds"
ssh_ carol session list --json
is "no request was used twice" "$(python3 -c 'import json,sys; r=[s["request"] for s in json.load(sys.stdin)["sessions"] if s["state"]=="ended"]; print(len(r)-len(set(r)))' <<<"$OUT")" 0

# several bare commands at once share out the requests that cover them: nobody is refused while a use is left
spread=8
[ -z "$FULL" ] || spread=100
for c in 1 2; do
	client_answers "${PASSWORD[alice]}"
	ssh -F /mnt/client/config -M -N -f -S /mnt/client/spread-$c -o ControlPersist=600 alice@gate </dev/null >/dev/null 2>&1 || bad "connection $c"
done
# at_once CONNECTION:COMMAND... - all of them at the same moment; STATUSES in their order
at_once() {
	local i=0 each
	rm -f $T/s.*
	for each in "$@"; do
		i=$((i + 1))
		(timeout 60 ssh -F /mnt/client/config -S /mnt/client/spread-${each%%:*} alice@gate ${each#*:} >$T/s.$i 2>&1 </dev/null; echo $? >$T/s.$i.status) &
	done
	wait $(jobs -p | grep -v "^$GATE_PID$")
	STATUSES=$(cat $(seq -f "$T/s.%g.status" $i) | tr '\n' ' ')
}
two() { permit alice --profile inspect --as root -- echo "$@" && permit alice --profile inspect --as root -- echo "$@"; }
both=0 named=0 third=0
for r in $(seq $spread); do
	two pair $r || break
	at_once "1:echo pair $r" "2:echo pair $r"
	[ "$STATUSES" = "0 0 " ] && both=$((both + 1)) || tail -qn 2 $T/s.[0-9]
	# the newer one by its number, at the moment when a bare command looks for one
	two name $r || break
	at_once "1:echo name $r" "2:run $ID"
	[ "$STATUSES" = "0 0 " ] && named=$((named + 1)) || tail -qn 2 $T/s.[0-9]
	two three $r || break
	at_once "1:echo three $r" "2:echo three $r" "1:echo three $r"
	case "$(tr ' ' '\n' <<<"$STATUSES" | sort | tr '\n' ' ')" in " 0 0 77 "*) third=$((third + 1)) ;; *) tail -qn 2 $T/s.[0-9] ;; esac
done
for c in 1 2; do ssh -F /mnt/client/config -S /mnt/client/spread-$c -O exit x@gate 2>/dev/null; done
figure "$spread rounds of two, of a bare and a named one, and of three"
is "of two requests of one use, two at once both run" "$both" "$spread"
is "one that is named gets its own, the other one the other" "$named" "$spread"
is "of three at once exactly one is refused" "$third" "$spread"
ssh_ carol verify
is "and the ledger agrees" "$STATUS" 3
