# stores.sh - makes the stores for tests/second/tamper with the real gate; runs inside the bed, after lib.sh.
# Copies go to $SECOND_OUT/NAME, nothing else is printed but what went wrong.
conf() { cat >>/etc/sekisho/sekisho.conf; }
keep() { mkdir -p "$SECOND_OUT/$1"; cp -a /var/lib/sekisho/. "$SECOND_OUT/$1/"; }
over() { case "$(session state)" in ended|interrupted|"not run") ;; *) return 1;; esac; }

# small: one request, one session, stopped in order
gate_start || exit 1
permit alice --profile inspect --as root --reason "look" -- id -u
ssh_ alice id -u
wait_for 10 over
gate_stop
keep small

# many: all that people do, several epochs, recordings of all kinds
fresh
conf <<<'epoch = "2s"; seal_grace = "4s";'
gate_start || exit 1
permit alice --profile inspect --as root --uses 3 --input any --reason "count-lines" -- cat -n
for i in 1 2 3; do	# a job whose uses are over: it can be judged
	seq $((i * 40)) >$T/in
	IN=$T/in ssh_ alice cat -n
	sleep 0.7
done
permit alice --profile inspect --as root --uses 9 --reason "wait" -- sleep 3
ssh_ alice sleep 3
ssh_ alice sleep 4			# nearly, but not approved
ssh_ dave cat -n			# not his
permit dave --profile inspect --as root --input tty --reason "terminal" -- ls -la /etc
IN=/dev/null ssh_ dave -tt ls -la /etc
ssh_ alice request new --json --profile inspect --as root --reason "no" -- id
ssh_ bob request reject "$(json id <<<"$OUT")" -m "no need"
ssh_ alice request new --json --profile inspect --as root --reason "mistaken" -- id
ssh_ alice request withdraw "$(json id <<<"$OUT")"
printf '#!/bin/sh\necho from a script\n' >$T/script
IN=$T/script ssh_ alice request new --json --profile inspect --as root --reason script --script - -- sh one two
if [ "$STATUS" = 0 ]; then
	i=$(json id <<<"$OUT")
	ssh_ bob request approve "$i/$(json revision <<<"$OUT")-$(json code <<<"$OUT")"
	ssh_ alice run "$i"
else
	bad "filing a script" "$OUT" "$ERR"
fi
as mallory </dev/null >/dev/null 2>&1 -- whoami		# logs in, may do nothing
client_answers wrong; timeout 20 ssh -F /mnt/client/config nobody-here@gate true </dev/null >/dev/null 2>&1
s=$(session id)
ssh_ carol session text $s
ssh_ carol session text S1
ssh_ carol review show J1
ssh_ carol review verdict J1 adequate -m "as planned"
is "a verdict" "$STATUS" 0
# the client leaves
client_answers "${PASSWORD[alice]}"
(exec ssh -F /mnt/client/config alice@gate sleep 3 >/dev/null 2>&1 </dev/null) & c=$!
sleep 1; kill -9 $c; wait $c 2>/dev/null
wait_for 10 over
# the recorder dies: interrupted, recovered
permit alice --profile inspect --as root --uses 9 --reason "killed" -- sleep 7
for v in sekisho-record sekisho-monitor; do
	client_answers "${PASSWORD[alice]}"
	(exec ssh -F /mnt/client/config alice@gate sleep 7 >/dev/null 2>&1 </dev/null) & c=$!
	wait_for 10 eval '[ -n "$(pids_of sleep)" ]'
	sleep 1.2
	kill -9 $(pids_of $v | tail -1)
	wait $c 2>/dev/null
	wait_for 10 over
done
# the keys, then the ledger die behind a session that goes on
for v in sekisho-keyd sekisho-ledgerd; do
	(ssh_ alice sleep 3) & c=$!
	wait_for 10 eval '[ -n "$(pids_of sleep)" ]'
	kill -9 $(pids_of $v)
	wait $c
	wait_for 10 over
done
# a session runs while the copy is taken
(ssh_ alice sleep 3) & c=$!
wait_for 10 eval '[ -n "$(pids_of sleep)" ]'
sleep 1.5
keep running
wait $c
# the gate is killed as it stands
(ssh_ alice sleep 7) & c=$!
wait_for 10 eval '[ -n "$(pids_of sleep)" ]'
sleep 1.5
kill -9 $GATE_PID
wait $GATE_PID 2>/dev/null
wait $c
wait_for 10 none_of sekisho-ledgerd
keep killed
masters_end
gate_start || exit 1
wait_for 15 over	# nobody comes back for the session that ran: interrupted, its recording is marked
sleep 1
permit alice --profile inspect --as root --reason "again" -- id -un
ssh_ alice id -un
gate_stop
keep many
masters_end
