# accept.sh - what the contract promises and the other tests do not show: every field of a request, every refusal
# word for word, rights that go away between approval and run, and a gate whose programs cannot confine themselves.
cat >>/etc/sekisho/sekisho.conf <<'END'
reload = "2s"; kill_grace = "2s"; stop_grace = "6s"; seal_grace = "4s";
request = { pending = "12s"; uses_max = 30; };
END
sed -i 's/^login = .*/login = { fail_delay = "1s"; tries = 2; key_offers = 3; };/' /etc/sekisho/sekisho.conf
gate_start || exit 1
cat >/usr/local/bin/box-accept <<'END'
#!/usr/bin/python3
import os, signal, sys, time
if sys.argv[1] == "drip":
    for i in range(int(sys.argv[2]) * 10):
        print("tick", i, flush=True); time.sleep(0.1)
    print("done", flush=True)
else:
    def got(s, f): os.write(1, b"got %s\n" % signal.Signals(s).name.encode()); os._exit(3)
    for s in ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2"): signal.signal(getattr(signal, "SIG" + s), got)
    os.write(1, b"ready\n"); time.sleep(20)
END
chmod 755 /usr/local/bin/box-accept

# golden SENTENCE STATUS CODE REASON NEXT - of the last ssh_, the whole text; times are shown as TIME
GOLDEN=""
golden() {
	local want="sekisho: refused [$3] $4"$'\n'"next: $5"
	local got
	got="$(sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+\+00:00/TIME/g' <<<"$ERR")"
	GOLDEN="$GOLDEN $3 "
	is "$1: the text" "$got" "$want"
	is "$1: the status" "$STATUS" "$2"
}
# filed USER WORDS... - request new; ID and CODE are of the new request
filed() {
	ssh_ "$@"
	ID=$(json id <<<"$OUT")
	CODE="$ID/$(json revision <<<"$OUT")-$(json code <<<"$OUT")"
}
# the policy as edited is in force (when no new one comes, the gate's own look was faster)
reload_() {
	local n
	n=$(grep -c 'ledgerd.*snapshot serial' $GATE_LOG)
	kill -HUP $GATE_PID
	wait_for 2 eval '[ "$(grep -c "ledgerd.*snapshot serial" $GATE_LOG)" -gt '$n' ]'
	sleep 0.2
}
runs() { [ -n "$(pids_of sleep)" ]; }
new="request new --json --profile inspect --as root"

# ---- every field, as filed and as shown
filed alice $new -- nproc		# nobody decides it: it will expire
late=$ID late_code=$CODE filed_at=$SECONDS
filed alice $new --target local --input pipe --from +1h --until +3h --uses 3 --operator dave --operator alice --ticket CHG-1 \
    --label web --max-run 30m --on-disconnect continue --reason 'a | b' -- wc -l
doc=$OUT
for f in id=$ID revision=1 state=submitted view=waiting requester=alice 'operators=["alice", "dave"]' target=local run_as=root \
    profile=inspect input=pipe uses=3 used=0 'reason=a | b' ticket=CHG-1 label=web max_run=1800 on_disconnect=continue until= \
    bound_span=10800 'decisions=[]' 'sessions=[]' 'steps.0.argv=["wc", "-l"]' steps.0.exe=/usr/bin/wc; do
	is "the JSON of a request: $f" "$(json "${f%%=*}" <<<"$doc" | tr -d '\n')" "${f#*=}"
done
is "the file's digest is the file's" "$(json steps.0.exe_digest <<<"$doc")" "$(sha256sum </usr/bin/wc | cut -d' ' -f1)"
ssh_ bob request show $ID
for t in "runs         [wc] [-l]" "for 3h" "0 of 3 used" "longest run  30m" "continue: the job goes on" "operators    alice, dave" \
    "reason       a | b" "ticket       CHG-1" "label        web" "it may be run 3 times" "program that obeys its input can do anything"; do
	has "the sheet says: $t" "$OUT" "$t"
done
ssh_ bob request approve "$CODE"
has "approved before its window it is scheduled" "$OUT" "now scheduled"
ssh_ alice request show $ID --json
is "also in JSON" "$(json view <<<"$OUT")" scheduled
ssh_ alice wc -l
golden "before its window" 77 OUTSIDE-WINDOW "$ID may be started from TIME to TIME" "request show $ID"
ssh_ alice whoami --json
is "the JSON of whoami has these keys" "$(python3 -c 'import json,sys; print(*sorted(json.load(sys.stdin)))' <<<"$OUT")" \
    "gate may_approve may_run name roles schema source uid"
is "and these roles" "$(json roles <<<"$OUT")" '["operator", "approver"]'

# ---- somebody else runs it
permit alice --profile inspect --as root --operator dave -- id -un
ssh_ alice run $ID
golden "the requester who is no operator" 77 NOT-ALLOWED "alice is not an operator of $ID" "request show $ID"
ssh_ alice id -un
golden "who is nobody's operator" 77 NOT-APPROVED "no approved request covers this command" "request new -- id -un"
ssh_ dave run $ID
is "the operator who is not the requester runs it" "$OUT" root
ssh_ dave run $ID
golden "a second use" 77 USED-UP "$ID was approved for 1 use, and it was made" "request new"
permit alice --profile inspect --as root --uses 2 -- id -u
ssh_ alice id -u; ssh_ alice run $ID
is "of two uses the second works" "$OUT" 0
ssh_ alice id -u
golden "the third of two uses" 77 USED-UP "$ID was approved for 2 uses, and all were made" "request new"

# ---- a script: approved byte for byte, run from a sealed copy
cat >$T/script <<'END'
#!/bin/sh
echo "$0" "$@"
sha256sum <"$0"
(echo more >>"$0") 2>/dev/null && echo WRITTEN
END
IN=$T/script filed alice $new --script - -- sh one two
is "the script's digest is the script's" "$(json steps.0.script_digest <<<"$OUT")" "$(sha256sum <$T/script | cut -d' ' -f1)"
ssh_ bob request show $ID
has "the approver sees every line of it" "$OUT" "| sha256sum <\"\$0\""
ssh_ bob request approve "$CODE"
ssh_ alice run $ID
has "it runs from a descriptor, with its words" "$OUT" "/dev/fd/"
has "unchanged" "$OUT" "$(sha256sum <$T/script | cut -d' ' -f1)"
has "with its words" "$OUT" "one two"
hasnt "and cannot be written" "$OUT" WRITTEN

# ---- several that fit
permit alice --profile inspect --as root -- id -g; a=$ID
permit alice --profile inspect --as svc -- id -g
ssh_ alice id -g
golden "two accounts for the same words" 77 AMBIGUOUS "2 approved requests fit and differ in account, target or profile: $ID (svc on local, profile inspect), $a (root on local, profile inspect)" "run $ID"
ssh_ alice run $ID
is "run takes the one that is named" "$OUT" "$(id -g svc)"
permit alice --profile inspect --as root --uses 5 --until +1h -- id -G; a=$ID
permit alice --profile inspect --as root --until +3h -- id -G; b=$ID
permit alice --profile inspect --as root --until +2h -- id -G; c=$ID
got=""
for i in 1 2 3; do ssh_ alice id -G; got="$got $(session request)"; done
is "of several that fit: one use first, then the earliest end" "$got" " $c $b $a"

# ---- refusals at filing and deciding
permit alice --profile inspect --as root -- echo one two three
ssh_ alice echo one 2 three
golden "a word that differs" 77 DIFFERS "differs at word 3: approved [two], sent [2] ($ID)" "request show $ID"
ssh_ alice "ls | wc"; golden "a pipe" 77 SYNTAX "| at byte 4 would need a shell, and there is none" "ls '|' wc"
ssh_ alice $new --uses 31 -- id; golden "too many uses" 77 LIMIT "31 uses are asked for, at most 30 are allowed" "help request"
ssh_ alice $new --uses 0 -- id; has "no use at all is DATA" "$ERR" "refused [DATA]"; GOLDEN="$GOLDEN DATA "
ssh_ alice $new; has "no command is USAGE" "$ERR" "refused [USAGE] the command is missing: it stands behind --"$'\n'"next: help request"; GOLDEN="$GOLDEN USAGE "
install -m 700 /usr/bin/id /usr/local/bin/box-id
ssh_ alice $new -- box-id; golden "a file that the ledger may not read" 77 NOT-ALLOWED "the executable /usr/local/bin/box-id cannot be read by the gate, so it cannot be approved" "help request"
ssh_ alice incident new; golden "a word of later" 77 NOT-OFFERED "incident is not offered by this gate yet" "help"
ssh_ alice request show R999; golden "no such request" 77 NOT-FOUND "there is no request R999" "request list"
filed alice $new -- id -r
ssh_ alice request approve "$CODE"; golden "one's own request" 77 OWN-REQUEST "alice is the requester of $ID and cannot decide it" "request show $ID"
filed alice $new --operator dave -- id -r; a=$CODE
sed -i 's/^approvers.*/approvers = [ "bob", "alice", "dave" ];/' /etc/sekisho/roles.conf; reload_
ssh_ dave request approve "$a"; golden "a request one would run" 77 OWN-REQUEST "dave is an operator of $ID and cannot decide it" "request show $ID"
cp /mnt/etc-sekisho/roles.conf /etc/sekisho/; reload_
ssh_ bob request approve "$ID/1-aaaa"
golden "a code that was not shown" 77 CHANGED "this is not the revision and code of $ID: read it as it is now" "request show $ID"
permit alice --profile inspect --as root --input tty -- cat
ssh_ alice cat; golden "no terminal" 77 INPUT "$ID was approved with a terminal as its input" "ssh -t GATE run $ID"
ERR=$("$SEKISHO_BIN/sekisho" --door $T/none whoami 2>&1 </dev/null); STATUS=$?
golden "no local door" 69 UNAVAILABLE "there is no local door at $T/none: the gate has not made one" "sudo sekisho check"
while [ $((SECONDS - filed_at)) -le 12 ]; do sleep 0.2; done
ssh_ bob request approve "$late_code"
golden "approved too late" 77 STATE "$late does not wait for a decision, it is expired" "request show $late"
ssh_ alice nproc
golden "what expired" 77 NOT-APPROVED "$late was not approved, it is expired" "request show $late"

# ---- what was approved is not there any more
install -m 755 /usr/bin/id /usr/local/bin/box-id
permit alice --profile inspect --as root -- box-id -u; a=$ID
cp /usr/bin/true /usr/local/bin/box-id
ssh_ alice box-id -u; golden "another file under the same name" 77 CHANGED "/usr/local/bin/box-id is not the file that was approved" "request show $a"
rm /usr/local/bin/box-id
ssh_ alice box-id -u; golden "a file that is gone" 77 NOT-FOUND "executable /usr/local/bin/box-id cannot be opened" "run $a"
ssh_ alice request show $a --json
is "neither has cost the use" "$(json used <<<"$OUT")" 0
sed -i 's/summary *= *"[^"]*"/summary = "other"/' /etc/sekisho/profiles.d/inspect.conf; reload_
ssh_ alice run $a; golden "another profile under the same name" 77 CHANGED "profile inspect was changed after $a was filed" "request show $a"
cp /mnt/etc-sekisho/profiles.d/inspect.conf /etc/sekisho/profiles.d/; reload_

# ---- rights that go away
permit alice --profile inspect --as root -- id -ru; a=$ID
sed -i 's/^approvers.*/approvers = [ "alice" ];/' /etc/sekisho/roles.conf; reload_
ssh_ alice id -ru; golden "the approver is none any more" 77 REVOKED "$a has 0 approvals that still count, 1 needed" "request show $a"
cp /mnt/etc-sekisho/roles.conf /etc/sekisho/; reload_
usermod -L bob; reload_
ssh_ alice id -ru; golden "the approver is locked" 77 REVOKED "$a has 0 approvals that still count, 1 needed" "request show $a"
usermod -U bob; reload_
sed -i 's/^operators.*/operators = [ "dave" ];/' /etc/sekisho/roles.conf; reload_
ssh_ alice id -ru; golden "the operator is none any more" 77 REVOKED "alice may no longer run commands under profile inspect" whoami
cp /mnt/etc-sekisho/roles.conf /etc/sekisho/; reload_
permit alice --profile inspect --as root --uses 20 -- sleep 20
sleeps=$ID
ssh_ alice sleep 20 & b=$!
wait_for 5 runs
t0=$SECONDS
usermod -L alice			# nobody tells the gate: its next look does
wait $b
ERR=$(cat $T/err) STATUS=77
golden "an account locked in the middle of a session" 77 REVOKED "your role or account was withdrawn" whoami
true_ "it ends within a minute" test $((SECONDS - t0)) -lt 60
true_ "and its job" wait_for 3 none_of sleep
is "and the session says why" "$(session how)" revoked
ssh_ alice id -ru; golden "nothing new runs for it" 77 REVOKED "your role or account was withdrawn meanwhile" whoami
usermod -U alice; masters_end; reload_

# ---- how a run can end
permit alice --profile inspect --as root --max-run 3s -- sleep 21
ssh_ alice sleep 21
golden "max_run reached" 77 TIMEOUT "the longest approved run time is over" "session show $(session id)"
is "the session says timeout" "$(session how)" timeout
# dies PROGRAM - a job runs, the program is killed; what the client got is in ERR, STATUS
dies() {
	(ssh_ alice sleep 20; echo $STATUS >$T/dies.rc; cp $T/err $T/dies.err) & b=$!
	wait_for 5 runs; sleep 0.2
	kill -9 $(pids_of $1 | tail -1)
	wait $b
	s=$(session id)
	ERR=$(cat $T/dies.err); STATUS=$(cat $T/dies.rc)
}
dies sekisho-exec; golden "a dead launcher" 70 LOST "the launcher broke off, so the command was killed" "session show $s"
dies sekisho-record; golden "a dead recorder" 74 RECORD "the recording failed, so the session was ended" "session show $s"
permit alice --profile inspect --as root --on-disconnect continue -- box-accept drip 3
client_answers "${PASSWORD[alice]}"
(exec timeout 20 ssh -F /mnt/client/config alice@gate box-accept drip 3 >$T/c.out 2>&1 </dev/null) & c=$!
wait_for 5 grep -q "tick 3" $T/c.out
kill -9 $(pgrep -P $c) $c
wait $c 2>/dev/null
sleep 1
is "on_disconnect=continue: the job goes on without its client" "$(session state)" running
wait_for 6 eval '[ "$(session state)" = ended ]'
is "and ends as itself" "$(session how) $(session status)" "ran 0"
s=$(session id)
ssh_ carol session text $s
has "the record has what nobody saw" "$OUT" "tick 29"
has "to its end" "$OUT" done
all=$(audit_all)
has "who read it stands in the ledger" "$(grep '"what": "replay"' <<<"$all" | tail -1)" "\"session\": \"$s\", \"source\": \"127.0.0.1"
has "by name" "$(grep '"what": "replay"' <<<"$all" | tail -1)" '"who": "carol"'

# ---- the client is killed at any moment: the tree is gone within a second, and the record is whole and says so
skr() { /usr/bin/python3 "$SEKISHO_TOP/tests/second/skr1.py" /var/lib/sekisho/recordings/*/*/*/$1.skr ${2:-}; }
for d in 0 0.05 0.2 0.6; do
	client_answers "${PASSWORD[alice]}"
	(exec ssh -F /mnt/client/config alice@gate sleep 20 >/dev/null 2>&1 </dev/null) & c=$!
	wait_for 10 runs; sleep $d
	t0=$(date +%s%N)
	kill -9 $c
	wait_for 5 none_of sleep
	ms=$((($(date +%s%N) - t0) / 1000000))
	wait $c 2>/dev/null
	true_ "killed $d s after the start: gone within a second" test $ms -lt 1000
	wait_for 3 eval '[ "$(session state)" = ended ]'
	is "killed $d s after the start: the session says so" "$(session how)" disconnect
	s=$(session id)
	ssh_ carol session text $s
	has "killed $d s after the start: the record too" "$OUT" "-- $s ended by signal KILL: the client left"
	has "killed $d s after the start: a second reader finds it whole" "$(skr $s 2>&1)" "complete at"
done
permit alice --profile inspect --as root --input any -- cat -n
printf 'a\nb\0c\n' >$T/in
IN=$T/in ssh_ alice cat -n
cp $T/out $T/numbered
s2=$(session id)
is "the second reader has the output" "$(skr $s2 1 2>/dev/null | sha256sum)" "$(sha256sum <$T/numbered)"
is "and the input" "$(skr $s2 0 2>/dev/null | sha256sum)" "$(sha256sum <$T/in)"
ssh_ carol session list --request $ID --user alice --json
is "sessions are found by request and person" "$(json sessions.0.request <<<"$OUT")" $ID
ssh_ carol session list --user dave --json
hasnt "and only those" "$OUT" '"operator":"alice"'
kinds=$(audit_all | sed -n 's/.*"what": "\([a-z-]*\)".*/\1/p' | sort -u | tr '\n' ' ')
for k in decision end gate-start login logout refusal replay request snapshot start use word-refused; do
	has "the ledger has: $k" " $kinds" " $k "
done

# ---- the ledger answers when it is on the disk: a request, an approval, the use, the start and the end are synced each
permit alice --profile inspect --as root --uses 2 -- id -Gn; ssh_ alice id -Gn
/usr/bin/strace -qq -f -e trace=fdatasync,fsync -o $T/syncs -p $(pids_of sekisho-ledgerd) & b=$!
wait_for 3 grep -q "TracerPid:.*[1-9]" /proc/$(pids_of sekisho-ledgerd)/status
ssh_ alice id -Gn
kill -INT $b; wait $b 2>/dev/null
true_ "use and end of a command are synced ($(grep -c ' = 0' $T/syncs) syncs)" test "$(grep -c ' = 0' $T/syncs)" -ge 2
true_ "in the write-ahead log" test -e "$(ls /var/lib/sekisho/ledger/ledger.db-wal)"

# ---- words that only show
filed alice $new --reason look -- id -c
ssh_ bob
is "ssh gate without a word: status 0" "$STATUS" 0
has "what waits for this person" "$OUT" "$ID"
has "and the help" "$OUT" "Words of this gate"
ssh_ alice profile check
has "profile check names what to look at" "$OUT" "rights beyond those of the account"
ssh_ alice profile check inspect
hasnt "of one profile" "$OUT" "profile      files"
ssh_ alice profile show inspect --json
is "profile show has the digest that requests bind" "$(json digest <<<"$OUT")" "$(ssh_ alice request show $ID --json; json profile_digest <<<"$OUT")"
ssh_ alice profile show nonesuch; golden "no such profile" 77 NOT-FOUND "there is no such profile" "profile list"
ssh_ alice session replay $s2; golden "a replay by an operator" 77 NOT-ALLOWED "recordings are read by auditors, and alice is none" whoami
ssh_ alice audit log; golden "the ledger, asked by an operator" 77 NOT-ALLOWED "the ledger is read by auditors and administrators, and alice is none" whoami

# ---- signals of the client: ssh(1) sends none, others do
permit alice --profile inspect --as root --uses 10 -- box-accept wait
PYTHONPATH=$SEKISHO_TOP/tests/box /usr/bin/python3 - "${PASSWORD[alice]}" >$T/sig 2>&1 <<'END'
import sys
from rawssh import *
r = Raw()
assert r.login("alice", sys.argv[1])
for name in ("TERM", "INT", "HUP", "QUIT", "USR1", "USR2"):
    ch = r.open()
    r.request(ch, "exec", s("box-accept wait"), reply=False)
    r.until(DATA, timeout=10)
    r.request(ch, "signal", s(name), reply=False)
    st, out, err = r.finish(ch, 10)
    print(name, st, out.decode().strip(), err.decode())
END
is "every signal arrives, and the status is the command's" "$(sed 's/ *$//' $T/sig)" "$(for s in TERM INT HUP QUIT USR1 USR2; do echo "$s 3 got SIG$s"; done)"

# ---- settings of the login
PYTHONPATH=$SEKISHO_TOP/tests/box /usr/bin/python3 - "${PASSWORD[alice]}" >$T/offers 2>$T/offers.err <<'END'
import sys
from rawssh import *
r = Raw()
r.service()
blob = b"\0" + s("ssh-ed25519") + s(s("ssh-ed25519") + s(b"\1" * 32))
def offer(r): r.auth("alice", "publickey", blob); return bool(r.until(AUTH_FAILURE, timeout=5))
n = 0
while n < 9 and offer(r): n += 1
more = Raw()
more.service()
for _ in range(3): offer(more)
more.kbd("alice")
more.answer(sys.argv[1])
got = more.until(AUTH_SUCCESS, AUTH_FAILURE)
# the answer to the fourth may still get out
print("fourth" if n in (3, 4) else n, bool(got) and got[0] == AUTH_SUCCESS)
END
is "key_offers = 3: the fourth key ends it, behind three one gets in" "$(cat $T/offers)" "fourth True"
client_answers bad1 bad2 bad3
timeout 20 ssh -F /mnt/client/config -o NumberOfPasswordPrompts=3 alice@gate whoami >/dev/null 2>&1 </dev/null
is "tries = 2: two questions" "$(grep -c . "$ANSWERS.asked")" 2

# ---- a hostile name: ssh(1) refuses it on its command line, not in its configuration
printf 'Host gate\n    User "\\e]0;x\x07\x1b[2J\xc2\x9b"\n' | cat - /mnt/client/config >$T/hcfg
client_answers wrong
(timeout 20 ssh -F $T/hcfg -o NumberOfPasswordPrompts=1 gate id >/dev/null 2>&1 </dev/null) & b=$!
true_ "the name reaches PAM" wait_for 3 eval 'ps -eo args | grep -q "^sekisho-monitor: .auth."'
ps -eo args | grep '^sekisho' >$T/ps
wait $b
is "no title has a byte of it" "$(tr -dc '\000-\011\013-\037\177-\377' <$T/ps)" ""
# the dash of a signed head is the one character beyond ASCII that the log has by itself
is "nor has the log" "$(sed 's/— gate/- gate/g' $GATE_LOG | tr -dc '\000-\010\013-\037\177-\377')" ""

# ---- kill -9 of sekishod and sekisho-ledgerd where kill.sh does not: at the prompt, before GO, ending
gone() { for p in sekishod sekisho-ledgerd sekisho-net sekisho-monitor sekisho-record sekisho-exec sleep; do none_of $p || return 1; done; }
again() {	# sekishod was killed: nothing of it is left, and a new one goes on with its ledger
	true_ "$1: sekishod dies, everything ends" wait_for 5 gone
	wait $GATE_PID 2>/dev/null
	masters_end
	gate_start || exit 1
}
over() { case "$(session state)" in ended|interrupted|"not run") ;; *) return 1;; esac; }
permit alice --profile inspect --as root --uses 9 -- sleep 0.4
printf 'approved input' >$T/approved
permit alice --profile inspect --as root --input sha256:$(sha256sum <$T/approved | cut -d' ' -f1) -- wc -c; once=$ID
masters_end
for v in sekisho-ledgerd sekishod; do
	exec 5<>/dev/tcp/127.0.0.1/2222
	read -r -t 3 line <&5
	if [ $v = sekishod ]; then kill -9 $GATE_PID; again "at the prompt"; else kill -9 $(pids_of $v); fi
	exec 5>&-
	true_ "at the prompt: $v dies, then people come in again" wait_for 10 eval 'as alice -- whoami >/dev/null 2>&1 </dev/null'
	# ending: the command is over, its record is held open
	client_answers "${PASSWORD[alice]}"
	(timeout 40 ssh -F /mnt/client/config alice@gate sleep 0.4 >/dev/null 2>&1 </dev/null; echo $? >$T/k.rc) & c=$!
	wait_for 10 runs
	r=$(pids_of sekisho-record)
	kill -STOP $r
	wait_for 5 none_of sleep; sleep 0.1
	if [ $v = sekishod ]; then kill -9 $GATE_PID; else kill -9 $(pids_of $v); fi
	sleep 0.2
	kill -CONT $r 2>/dev/null
	wait $c
	[ $v != sekishod ] || again ending
	true_ "ending: $v dies, the ledger does not say running" wait_for 15 over
	true_ "ending: $v dies, the status is not better than the ledger" eval '[ "$(cat $T/k.rc)" != 0 ] || [ "$(session state)" = ended ]'
	figure "ending: $v: status $(cat $T/k.rc), session $(session state) $(session how)"
done
rm -f $T/f; mkfifo $T/f
(exec >$T/f; printf approved; sleep 2) & f=$!
client_answers "${PASSWORD[alice]}"
(timeout 40 ssh -F /mnt/client/config alice@gate wc -c >$T/k.out 2>/dev/null <$T/f; echo $? >$T/k.rc) & c=$!
wait_for 10 eval '[ -n "$(pids_of sekisho-exec)" ]'; sleep 0.3
kill -9 $GATE_PID
again "before GO"
wait $c $f
isnt "before GO: sekishod dies, the command does not run" "$(cat $T/k.rc)" 0
ssh_ alice request show $once --json
is "before GO: sekishod dies, the use is not taken" "$(json used <<<"$OUT")" 0

# ---- the end of the gate
masters_end; master alice
(ssh_ alice sleep 20; echo $STATUS >$T/stop.rc) & b=$!
wait_for 5 runs; sleep 0.3
kill -TERM $GATE_PID
wait $b
is "a stop is announced, then it ends the job" "$(sed -n 1,3p $T/err)" \
    "sekisho: the gate is stopping, $sleeps is ended in 2 s"$'\n'"sekisho: refused [STOPPING] the gate is stopping"$'\n'"next: session show $(sed -n 's/^next: session show //p' $T/err)"
is "with status 75" "$(cat $T/stop.rc)" 75
GOLDEN="$GOLDEN STOPPING "
wait $GATE_PID
is "and the gate's own is 0" $? 0
masters_end

# ---- no program starts, or serves, whose confinement fails: strace makes the kernel refuse one step to one program
real=$SEKISHO_BIN
mkdir $T/bin
for step in seccomp landlock_restrict_self; do
	for p in sekishod sekisho-load sekisho-ledgerd sekisho-monitor sekisho-net sekisho-record sekisho-exec sekisho; do
		[ "$p $step" != "sekisho-load landlock_restrict_self" ] || continue	# has none: src/load/main.c says why
		rm -rf $T/bin; cp -r $real $T/bin; rm $T/bin/$p
		printf '#!/bin/sh\nexec /usr/bin/strace -D -qq -o /dev/null -e trace=%s -e inject=%s:error=EPERM %s/%s "$@"\n' \
		    $step $step $real $p >$T/bin/$p
		chmod 755 $T/bin/$p
		: >$GATE_LOG
		SEKISHO_BIN=$T/bin
		case $p in
		sekishod|sekisho-load|sekisho-ledgerd)
			timeout 10 $T/bin/sekishod -c /etc/sekisho/sekisho.conf >$GATE_LOG 2>&1
			rc=$?
			true_ "$p without $step: the gate does not start" test $rc -ne 0 -a $rc -ne 124;;
		*)
			gate_start || { bad "$p: no gate"; continue; }
			if [ $p = sekisho ]; then w=whoami; else w="run $sleeps"; fi
			ERR=$(as alice -- $w 2>&1 </dev/null); rc=$? STATUS=$rc
			is "$p without $step: nothing runs" "$(pids_of sleep)" ""
			case $p in
			sekisho-monitor|sekisho-net) is "$p without $step: nobody is served" $rc 255;;
			sekisho-record) golden "$p without $step" 74 RECORD "the recording failed" "run $sleeps";;
			sekisho-exec) golden "$p without $step" 77 SANDBOX "sandbox unavailable: the launcher cannot confine itself" "run $sleeps";;
			sekisho) golden "$p without $step" 70 LOST "the gate's own word broke off" whoami;;
			esac
			gate_stop;;
		esac
		case $p in sekisho-record|sekisho-exec) ;; *) has "$p without $step: the log says so" "$(cat $GATE_LOG)" "cannot confine role=$p";; esac
	done
done
SEKISHO_BIN=$real

printf 'colour = "red";\n' >>/etc/sekisho/sekisho.conf
timeout 10 "$SEKISHO_BIN/sekishod" -c /etc/sekisho/sekisho.conf >$T/conf 2>&1
is "a faulty configuration is status 78" $? 78
cp /mnt/etc-sekisho/sekisho.conf /etc/sekisho/

# ---- every program tells about itself and has its page
for p in "$real"/*; do
	p=${p##*/}
	is "$p --version" "$("$real/$p" --version)" "$p $(sed -n 's/.*_VERSION[^"]*"\(.*\)"/\1/p' "$SEKISHO_TOP/include/sekisho/version.h")"
	true_ "$p --help" eval '[ -n "$("$real/$p" --help)" ]'
	true_ "$p has its manual page" test -s "$(ls "$SEKISHO_TOP"/bastion/$p.[18])"
done

# ---- every code that an operator can meet is above
for c in $(sed -n 's/^CODE([A-Z_]*, "\([A-Z-]*\)".*/\1/p' "$SEKISHO_TOP/include/sekisho/code.def"); do
	[ $c = CONFIG ] || has "$c has its golden text" "$GOLDEN" " $c "	# CONFIG: sekishod's own, see config.sh
done
rm -f /usr/local/bin/box-accept
