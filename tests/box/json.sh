# --json: what every word prints, refusals too, is what src/ledgerd/schema.json says, and the schema says nothing else.
mkdir -p $T/json
n=0

# keep WORD FILE - one answer for the check
keep() {
	n=$((n + 1))
	printf '%s\n' "$1" >$T/json/$(printf %03d $n).word
	cp "$2" $T/json/$(printf %03d $n).out
}

# j WORD USER ARGUMENTS... - asks and keeps; a status other than 0 means a refusal (but for verify)
j() {
	local word=$1 user=$2
	shift 2
	ssh_ "$user" $word --json "$@"
	case $STATUS-$word in
	0-*|*-verify|1-status) keep "$word" $T/out;;
	*)	keep refusal $T/out
		[[ "$ERR" == "sekisho: refused [$(json code <<<"$OUT")] "* ]] || bad "stderr says another thing" "$OUT" "$ERR";;
	esac
}

# approve ID-JSON-ON-STANDARD-INPUT
approval() { python3 -c 'import json,sys; v=json.load(sys.stdin); print("%s/%d-%s" % (v["id"], v["revision"], v["code"]))'; }

cat >/usr/local/bin/box-job <<'P'
#!/usr/bin/python3
import os, socket, sys
if sys.argv[1] == "bad":
    try: socket.sethostname("x")
    except OSError: pass
    os.kill(os.getpid(), 9)
P
chmod 755 /usr/local/bin/box-job
# a profile without a rule is in force all the same
gate_start || exit 1

j whoami alice
j "request new" alice --profile inspect --as root --reason the disk is full, ticket "'#12'" -- box-job bad one
code=$(approval <<<"$OUT")
j "request show" bob R1
j "request approve" alice $code		# refused: her own
j "request approve" bob $code -m seen
ssh_ alice box-job bad two		# a near miss
ssh_ alice box-job bad one
is "a session ended by a signal" "$STATUS" 255
ssh_ alice box-job bad one		# used up: another near miss

printf 'echo hello\n' >$T/script
IN=$T/script ssh_ alice request new --json --profile inspect --as root --script - --uses 2 \
    --from +1s --until "$(date -d 'tomorrow 05:00' +%FT%R)" --label acme --ticket T-1 -- bash
keep "request new" $T/out
ssh_ bob request approve "$(approval <<<"$OUT")"
j "request new" alice --profile inspect --as root --uses 2 --input tty --max-run 60s -- sleep 20
ssh_ bob request approve "$(approval <<<"$OUT")"
sleeper() {
	(client_answers "${PASSWORD[alice]}"; timeout 40 ssh -tt -F /mnt/client/config alice@gate sleep 20 >/dev/null 2>&1 </dev/null) &
	c=$!
	wait_for 10 eval '[ -n "$(pids_of sleep)" ]' || bad "the job did not start"
}
sleeper
j status carol		# with a session that runs
j "session list" carol
j "session show" carol S2
j "review show" carol J2		# while it runs
kill -9 $(pids_of sleep)
wait $c
j "session show" carol S2
sleep 1			# the beginning of its window
ssh_ alice run R2
is "a script" "$OUT" hello
j "request new" alice --profile inspect --as root -- cat /etc/hostname
j "request withdraw" alice R4 -m "no need"
j "request new" alice --profile inspect --as root -- ls /etc
j "request reject" bob R5 -m "not now"
rm -f /var/lib/sekisho/recordings/*/*/*/S3.skr	# a record that is gone
j "session list" carol
for w in --all --mine; do j "request list" alice $w; done
j "request list" carol --all

ssh_ carol session export S2
head -1 $T/out >$T/head1
keep "session export" $T/head1
ssh_ carol session text S1
ssh_ carol session replay S1
for w in "" --open --judged --all; do j "review list" carol $w; done
j "review next" carol
j "review show" carol J1
j "review verdict" carol J1 inadequate	# refused: needs words
j "review verdict" carol J1 inadequate -m "the wrong file"
j "review verdict" carol J1 adequate	# refused: once
j "review list" carol --judged
j "review show" carol J1
j "review show" carol J3
j "review verdict" carol J3 cannot-judge -m "its record is gone"
j "review next" carol			# nothing more

j "audit log" carol
j "audit log" carol --after 20
j "audit log" carol --last 1
size=$(json next <<<"$OUT")
is "the newest entry is one, and those before it are more" "$(json entries.0.index <<<"$OUT") $(json more <<<"$OUT")" "$size True"
j "audit log" carol --before 20 --last 3
is "the page that ends below a number" "$(json entries.0.index <<<"$OUT") $(json entries.2.index <<<"$OUT") $(json next <<<"$OUT")" "17 19 17"
j "audit log" carol --before 17
is "the one below it goes down to the first entry" "$(json entries.0.index <<<"$OUT") $(json entries.16.index <<<"$OUT") $(json more <<<"$OUT")" "0 16 False"
j "audit log" carol --before 0
is "below the first there is none" "$(json entries <<<"$OUT") $(json more <<<"$OUT")" "[] False"
j "audit log" carol --last 51
j "audit log" carol --last 5 --after 3
ssh_ carol audit head
cp $T/out $T/old.head
j "audit head" carol
j "audit key" carol
j "audit proof" carol 3
j "audit proof" carol --old 3
ssh_ alice request list			# something more for the ledger
IN=$T/old.head j verify carol --head -
is "the missing record is a fault in JSON, too" "$(json verdict <<<"$OUT")" fault
j verify carol S2
cp -a /var/lib/sekisho $T/store
$SEKISHO_BIN/sekisho-verify --store $T/store --json >$T/out 2>$T/err
keep sekisho-verify $T/out
j "profile list" alice
j "profile show" alice site

j status alice
j status carol --prometheus	# refused: one of the two
"$SEKISHO_TOP/bastion/sekisho-check" --json >$T/out 2>$T/err
keep "sekisho check" $T/out

# refusals of every kind of place: the program, the ledger, the text that comes with them
j "request show" alice R99
j "request show" alice 12
j "request show" alice "'R\"é'"
j "request new" alice --uses many -- ls
j "request new" alice --profile inspect --as root -- no-such-program
j "request list" alice --mine --all
j "session list" alice --user
j "session show" alice S1 S2
j "audit log" carol
is "a page that is not the last says so" "$(json more <<<"$OUT")" True
j "audit log" carol --after 999999
is "and the last one, too" "$(json more <<<"$OUT")" False
j "session text" carol S1
j "session replay" carol S1
j "session export" bob S1
j "session watch" carol S1
j "audit log" alice
j "audit proof" carol 999999
j "review show" alice J9
j "review verdict" bob J1 adequate
j verify carol S999
j "profile show" alice nope
j "profile check" alice site
is "what to look at, for programs" "$(json profiles.0.name <<<"$OUT")" site
j "profile check" alice
j "profile check" alice nope
j witness alice
sleeper
kill -USR1 $GATE_PID	# lets nobody in any more: that needs attention
draining() { "$SEKISHO_BIN/sekisho" status --json >$T/out 2>$T/err; grep -q '"draining":true' $T/out; }
true_ "root asks how the gate is, that drains" wait_for 10 draining
keep status $T/out
kill -9 $(pids_of sleep)
wait $c
hasnt "no refusal acts on a terminal" "$(cat $T/json/*.out)" $'\e'
"$SEKISHO_TOP/tests/json/check.py" "$SEKISHO_TOP" $T/json
