# review.sh - every job ends in the queue and leaves it only by the verdict of somebody who had no part in it.
sed -i 's/^auditors = .*/auditors = [ "carol", "mallory", "alice", "bob", "dave" ];/' /etc/sekisho/roles.conf
gate_start || exit 1
cat >/usr/local/bin/box-job <<'EOF2'
#!/usr/bin/python3
import os, socket, sys
def attempt(f):
    try: f()
    except OSError: pass
if sys.argv[1] == "bad":
    attempt(lambda: socket.sethostname("x"))
    attempt(lambda: os.chroot("/tmp"))
    attempt(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)))
    print("bad \x1b[2J was here"); sys.exit(3)
print("good")
EOF2
chmod 755 /usr/local/bin/box-job

# deny SENTENCE USER CODE PART WORDS...
deny() {
	local s=$1 who=$2 code=$3 part=$4
	shift 4
	ssh_ $who "$@"
	if [ "$STATUS" != 0 ] && [[ "$ERR" == *"refused [$code] "*"$part"* ]] && [[ "$ERR" == *"next: "* ]]; then ok "$s"
	else bad "$s" "status $STATUS" "$ERR"; fi
}

ssh_ carol review list
is "the queue is empty at first" "$OUT" "no job waits for a verdict"
ssh_ carol review next
is "and nothing is next" "$OUT" "no job waits for your verdict"

# J1: alice files and runs, bob approves; a near miss, refusals, status 3
permit alice --profile inspect --as root -- box-job bad one
ssh_ alice box-job bad two
has "a near miss is refused" "$ERR" "refused [DIFFERS]"
ssh_ alice box-job bad one
is "the job runs, with its own status" "$STATUS" 3
ssh_ carol review list
has "it is in the queue" "$OUT" "J1"
has "with a mark" "$OUT" "1, 1 !"
ssh_ carol
has "without a word the auditor reads that it waits" "$OUT" "Jobs that wait for your verdict: 1 (review next)"
deny "no verdict before the sheet was read" carol STATE "has not read the sheet" review verdict J1 adequate

ssh_ carol review show J1
sheet=$OUT
has "the sheet begins with what deserves attention" "$(head -3 <<<"$sheet" | tr '\n' '|')" "|attention|"
has "the status" "$sheet" "! S1 ended with status 3"
has "the refusals" "$sheet" "! S1 2 calls were refused by the sandbox"
has "and names them with their arguments" "$sheet" ": sethostname(x, "
has "the near miss" "$sheet" "! the job 1 time alice was refused something close to this request"
has "which one it was" "$sheet" "[DIFFERS] [box-job] [bad] [two]"
has "the plan" "$sheet" "  runs         [box-job] [bad] [one]"
has "what ran, from the recording" "$sheet" "  ran          [box-job] [bad] [one]"
has "who approved" "$sheet" "approve by bob"
has "the marked status" "$sheet" "! status       3"
has "the record" "$sheet" "  recording    complete"
hasnt "nothing that acts" "$sheet" $'\e'

# nobody with a part in it, auditor or not
ssh_ alice review show J1
has "the operator may read the sheet" "$OUT" "Not for you to judge now: alice is the operator of R1"
deny "but not judge" alice OWN-REQUEST "alice is the operator of R1" review verdict J1 adequate
ssh_ bob review show J1
deny "the approver neither" bob OWN-REQUEST "bob is one who decided of R1" review verdict J1 adequate
deny "the administrator is no auditor" erin NOT-ALLOWED "verdicts are given by auditors" review verdict J1 adequate

# J2: dave files for alice
ssh_ dave request new --json --profile inspect --as root --operator alice -- box-job good
CODE="$(json id <<<"$OUT")/1-$(json code <<<"$OUT")"
ssh_ bob request approve "$CODE"
ssh_ alice box-job good
is "a quiet job" "$STATUS" 0
ssh_ dave review show J2
deny "the requester does not judge" dave OWN-REQUEST "dave is the requester of R2" review verdict J2 adequate
ssh_ dave review next
has "but the other job is for him" "$OUT" "job J1, queued"
ssh_ carol review show J2
has "a quiet sheet says so" "$OUT" "nothing: all of it ran as it was approved, with status 0"
hasnt "and has no mark" "$OUT" "! "
ssh_ carol review show J2 --json
one=$OUT
ssh_ carol review show J2 --json
is "--json is the same document each time" "$OUT" "$one"
is "canonical" "$(python3 -c 'import json,sys
print(json.dumps(json.load(sys.stdin),sort_keys=True,separators=(",",":"),ensure_ascii=False))' <<<"$one")" "$one"
is "with nothing under attention" "$(json attention <<<"$one")" "[]"
is "and the command of the recording" "$(json sessions.0.found.argv <<<"$one")" '["box-job", "good"]'
ssh_ carol session text S2
has "a session is read" "$OUT" "  good"
ssh_ carol review show J2
has "that stands on the sheet" "$OUT" "seen by      carol 100 percent"
ssh_ carol review verdict J2 adequate --json
is "a verdict" "$(json verdict.verdict <<<"$OUT")" adequate
is "with all that was seen" "$(json verdict.seen.summary <<<"$OUT")" all
deny "once" carol STATE "J2 was judged by carol: adequate" review verdict J2 remarks -m again

# J1: words, and two auditors at once
deny "all but adequate needs words" carol USAGE "needs words" review verdict J1 inadequate
deny "a verdict is one of four" carol USAGE "is adequate, remarks" review verdict J1 good
ssh_ mallory review next
has "the second auditor reads it too" "$OUT" "job J1, queued"
master carol; master mallory
for who in carol mallory; do
	(timeout 30 ssh -F /mnt/client/config -S /mnt/client/cm-$who $who@gate review verdict J1 remarks -m "by $who; wrong hour" \
	    >$T/v.$who 2>$T/e.$who </dev/null; echo $? >$T/s.$who) &
done
wait $(jobs -p | grep -v "^$GATE_PID$")
is "of two verdicts one counts" "$(cat $T/s.carol $T/s.mallory | sort | tr '\n' ' ')" "0 77 "
if [ "$(cat $T/s.carol)" = 0 ]; then winner=carol loser=mallory; else winner=mallory loser=carol; fi
has "the other reads whose" "$(cat $T/e.$loser)" "J1 was judged by $winner: remarks"
ssh_ carol review list
is "the queue is empty again" "$OUT" "no job waits for a verdict"
ssh_ carol review list --judged
has "judged jobs can be listed" "$OUT" "remarks by $winner"
audit_all >$T/audit
is "two verdicts are in the ledger" "$(grep -c '"what": "verdict"' $T/audit)" 2
has "with their words" "$(grep '"what": "verdict"' $T/audit)" "by $winner; wrong hour"
has "and what was seen" "$(grep '"what": "verdict"' $T/audit)" '"summary": "sheet"'
has "who opened recordings for a sheet" "$(grep '"what": "replay"' $T/audit)" '"how": "sheet"'
has "who read the sheet" "$(grep '"what": "seen"' $T/audit)" '"session": ""'
has "which request was nearly met" "$(grep '"what": "refusal"' $T/audit | grep DIFFERS)" '"request": "R1"'

# J3: open while a use is left; then broken off by the death of its monitor
permit alice --profile inspect --as root --uses 2 -- sleep 30
(client_answers "${PASSWORD[alice]}"; timeout 40 ssh -F /mnt/client/config alice@gate sleep 30 >/dev/null 2>&1 </dev/null) &
c=$!
wait_for 10 eval '[ -n "$(pids_of sleep)" ]' || bad "the job did not start"
ssh_ carol review show J3
has "a sheet of what still runs" "$OUT" "still runs"
deny "no verdict while it runs" carol STATE "1 session still runs" review verdict J3 adequate
kill -9 $(monitors_of alice)
wait $c
masters_end
state_of() { ssh_ carol review list --all --json; python3 -c 'import json,sys
print([j["view"]+" "+str(j["running"]) for j in json.load(sys.stdin)["jobs"] if j["id"]=="J3"][0])' <<<"$OUT"; }
true_ "the session is interrupted" wait_for 20 eval '[ "$(state_of)" = "open 0" ]'
ssh_ carol review show J3
has "the sheet says what happened" "$OUT" "broken off"
deny "open: a use is left" carol STATE "has 1 use left until" review verdict J3 adequate
ssh_ alice request withdraw R3
is "the rest is taken back" "$STATUS" 0
is "so it is queued" "$(state_of)" "queued 0"
deny "what was read while it was open does not count" carol STATE "has not read the sheet" review verdict J3 inadequate -m x
ssh_ carol review next
has "it is next" "$OUT" "job J3, queued"
has "with the mark of its session" "$OUT" "! how          lost"
ssh_ carol review verdict J3 cannot-judge -m broken off, see the log
is "and judged" "$STATUS" 0
gate_stop
"$SEKISHO_BIN/sekisho-verify" --store /var/lib/sekisho >$T/verify 2>&1
rc=$?
[ $rc = 3 ] || bad "what was written stands in the ledger, row by row" "status $rc" "$(cat $T/verify)"
[ $rc != 3 ] || ok "what was written stands in the ledger, row by row"
rm -f /usr/local/bin/box-job
