# How the gate is: told to people, to programs and to Prometheus, to whoever holds a role and to root on the host, who gets nothing else.
here=$SEKISHO_TOP/tests/box
bin=/mnt/bin/sekisho
mkdir -p /mnt/bin && cp $SEKISHO_BIN/sekisho $bin && chmod 755 $bin
value() { sed -n "s/^sekisho_$1 //p" $T/metrics; }

fresh
gate_start
permit alice --profile inspect --as root -- id -u
ssh_ alice id -u
is "a session" "$OUT" 0
ssh_ alice id -g
is "a refusal" "$STATUS" 77

ssh_ bob status
is "somebody with a role is told, and all is well" "$STATUS" 0
has "sessions" "$OUT" "sessions     0 running"
has "the queue, without names" "$OUT" "reviews      1 queued, the oldest is J1 for"
hasnt "nobody is named" "$OUT" alice
hasnt "and no request" "$OUT" R1
has "refusals by their code" "$OUT" "refused, 24h 1 NOT-APPROVED"
hasnt "nothing needs attention" "$OUT" "! "
ssh_ carol status --json
is "for programs" "$STATUS" 0
is "all is well" "$(json ok <<<"$OUT")" True
is "the disk" "$(python3 -c 'import json,sys; print(json.load(sys.stdin)["disk"]["level"])' <<<"$OUT")" fine
is "the keys' epoch" "$(python3 -c 'import json,sys; print(json.load(sys.stdin)["epoch"]["nr"])' <<<"$OUT")" 1
is "what the gate counts itself" "$(python3 -c 'import json,sys; v=json.load(sys.stdin); print(v["connections"] is None or v["connections"]["open"] >= 0)' <<<"$OUT")" True

ssh_ bob status --prometheus
is "for Prometheus" "$STATUS" 0
printf '%s\n' "$OUT" >$T/metrics
true_ "every line of it is well formed" test "$(python3 $here/metrics.py <$T/metrics)" -gt 60
is "a refusal is counted" "$(value 'refusals_total{code="NOT-APPROVED"}')" 1
is "a queued job too" "$(value jobs_queued)" 1
is "nothing needs attention" "$(grep -c '^sekisho_attention{.*} 1$' $T/metrics)" 0

$bin status --prometheus >$T/metrics 2>$T/err
is "root on the host may ask" $? 0
true_ "and gets the same" test "$(python3 $here/metrics.py <$T/metrics)" -gt 60
for w in "whoami" "request list" "session list" "audit head" "audit log" "review list" "verify" "profile list"; do
	$bin $w >$T/out 2>$T/err
	is "root gets no $w" $? 77
	has "as NOT-ALLOWED" "$(cat $T/err)" "[NOT-ALLOWED] this account is nobody at this gate"
done
setpriv --reuid mallory --regid mallory --clear-groups $bin status >$T/out 2>$T/err
is "nobody gets no status" $? 77
has "as NOT-ALLOWED" "$(cat $T/err)" "[NOT-ALLOWED]"
setpriv --reuid mallory --regid mallory --clear-groups python3 -c 'import socket, time
s = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(20)]
for x in s: x.connect("/run/sekisho/ledger.sock")
print("there", flush=True); time.sleep(60)' >$T/crowd &
crowd=$!
true_ "strangers stand at the door and say nothing" wait_for 5 grep -q there $T/crowd
$bin status >$T/out 2>$T/err
is "root is told all the same" $? 0
kill $crowd
ssh_ bob status --json --prometheus
is "one of the two at a time" "$STATUS" 64

# the keys stop: heads are missing
keyd=$(pids_of sekisho-keyd)
kill -STOP $keyd
ssh_ alice id -g
for ((i = 0; i < 40; i++)); do
	$bin status >$T/out 2>$T/err
	rc=$?
	[ $rc = 0 ] || break
	sleep 0.5
done
is "what needs attention is a status of its own" $rc 1
is "and comes first" "$(head -c 24 $T/out)" "! no head was signed for"
$bin status --prometheus >$T/metrics
is "a scraper is told by a metric" "$? $(value 'attention{what="keys"}')" "0 1"
kill -CONT $keyd
