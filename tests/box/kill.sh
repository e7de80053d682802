# kill.sh - kill -9 of each process at each stage: what the client is told, what the ledger says, nothing left.
cat >>/etc/sekisho/sekisho.conf <<'EOF'
seal_grace = "10s"; stall = "5s";
request = { uses_max = 1000; };
EOF
gate_start || exit 1
permit alice --profile inspect --as root --uses 100 -- sleep 30
permit alice --profile inspect --as root --uses 100 --input tty -- sleep 31
permit alice --profile inspect --as root --uses 100 -- sleep 0.4
permit alice --profile inspect --as root --uses 100 -- sleep 9
cat >/usr/local/bin/box-drip <<'EOF'
#!/usr/bin/python3
import sys, time
for i in range(300):
    sys.stdout.write("%d %s\n" % (i, "x" * (i * 37 % 900))); sys.stdout.flush(); time.sleep(0.002)
EOF
chmod 755 /usr/local/bin/box-drip
permit alice --profile inspect --as root --uses 1000 -- box-drip

leftovers() {
	for n in sekisho-net sekisho-monitor sekisho-record sekisho-exec sleep; do none_of $n || return 1; done
}

# the newest session is over for the ledger, whatever it calls that
over() { case "$(session state)" in ended|interrupted|"not run") ;; *) return 1;; esac; }

# the pid of a program, given the number there may be
victim() { case $1 in sekisho-monitor) pids_of sekisho-monitor | tail -1;; sekishod) echo $GATE_PID;; *) pids_of $1 | tail -1;; esac; }

# stage running: client in the background, then the victim dies
running() {	# VICTIM TTY
	local v=$1 tty=$2 cmd="sleep 30" o=-T
	[ -z "$tty" ] || { cmd="sleep 31"; o=-tt; }
	masters_end
	wait_for 5 leftovers || bad "before $v: leftovers" "$(ps -ef | tail -12)"
	client_answers "${PASSWORD[alice]}"
	(timeout 40 ssh $o -F /mnt/client/config alice@gate $cmd >$T/k.out 2>$T/k.err </dev/null; echo $? >$T/k.rc) &
	local c=$!
	wait_for 10 eval '[ -n "$(pids_of sleep)" ]' || { bad "$v: the job did not start" "$(cat $T/k.err)" "$(tail -3 $GATE_LOG)"; return; }
	sleep 0.3
	kill -9 $(victim $v)
	true_ "running${tty:+ with a terminal}: $v dies, the job is gone within a second" wait_for 2 none_of sleep
	wait $c
	isnt "running${tty:+ with a terminal}: $v dies, the client is told by its status" "$(cat $T/k.rc)" 0
	if [ $v = sekishod ]; then
		true_ "running: sekishod dies, everything ends" wait_for 5 none_of sekisho-ledgerd
		gate_start
	fi
	masters_end
	true_ "running${tty:+ with a terminal}: $v dies, nothing is left" wait_for 8 leftovers
	true_ "running${tty:+ with a terminal}: $v dies, the ledger does not say running" wait_for 20 over
	figure "$v${tty:+ tty}: status $(cat $T/k.rc), session $(session state) $(session how)"
	masters_end
}
for v in sekisho-net sekisho-monitor sekisho-record sekisho-exec sekishod; do
	running $v ""
	running $v tty
done

# at the prompt
for v in sekisho-net sekisho-monitor; do
	masters_end
	exec 5<>/dev/tcp/127.0.0.1/2222
	read -r -t 3 line <&5
	sleep 0.3
	kill -9 $(victim $v)
	true_ "at the prompt: $v dies, its pair goes with it" wait_for 3 leftovers
	exec 5>&-
done
ssh_ alice whoami; is "and the gate goes on" "$STATUS" 0

# ending: the command is over, its record is not: the recorder is held there, the victim dies, the recorder goes on
for v in sekisho-net sekisho-monitor sekisho-record sekisho-exec; do
	masters_end
	client_answers "${PASSWORD[alice]}"
	(timeout 40 ssh -F /mnt/client/config alice@gate sleep 0.4 >$T/k.out 2>$T/k.err </dev/null; echo $? >$T/k.rc) & c=$!
	wait_for 10 eval '[ -n "$(pids_of sleep)" ]'
	r=$(pids_of sekisho-record)
	kill -STOP $r
	wait_for 5 none_of sleep
	sleep 0.2
	kill -9 $(victim $v)
	sleep 0.2
	kill -CONT $r 2>/dev/null
	wait $c
	true_ "ending: $v dies, nothing is left" wait_for 8 leftovers
	true_ "ending: $v dies, the ledger does not say running" wait_for 15 over
	# a status of success only for a session that the ledger has as ended
	true_ "ending: $v dies, the status is not better than the ledger" eval '[ "$(cat $T/k.rc)" != 0 ] || [ "$(session state)" = ended ]'
	figure "ending: $v: status $(cat $T/k.rc), session $(session state) $(session how)"
done

# ledgerd: restarted; a running session goes on
masters_end
client_answers "${PASSWORD[alice]}"
(timeout 60 ssh -F /mnt/client/config alice@gate sleep 9 >$T/k.out 2>$T/k.err </dev/null; echo $? >$T/k.rc) & c=$!
wait_for 10 eval '[ -n "$(pids_of sleep)" ]'
kill -9 $(pids_of sekisho-ledgerd)
true_ "ledgerd dies and is started again" wait_for 5 eval '[ -n "$(pids_of sekisho-ledgerd)" ]'
sleep 4
isnt "its death does not end a running session" "$(pids_of sleep)" ""
ssh_ alice whoami; is "and new words work" "$STATUS" 0
is "the session is still running for the ledger" "$(session state)" running
wait $c; is "it ends as it would have" "$(cat $T/k.rc)" 0
is "and the ledger has its end" "$(session state)" ended

# before GO: an approved input is still being collected, so the order is prepared and its use not taken; then one dies
printf 'approved input' >$T/approved
permit alice --profile inspect --as root --input sha256:$(sha256sum <$T/approved | cut -d' ' -f1) -- wc -c
for v in sekisho-record sekisho-exec sekisho-net sekisho-monitor sekisho-ledgerd; do
	masters_end
	rm -f $T/f
	mkfifo $T/f
	(exec >$T/f; printf 'approved'; sleep 3; printf ' input') & f=$!
	client_answers "${PASSWORD[alice]}"
	(timeout 40 ssh -F /mnt/client/config alice@gate wc -c >$T/k.out 2>$T/k.err <$T/f; echo $? >$T/k.rc) & c=$!
	wait_for 10 eval '[ -n "$(pids_of sekisho-exec)" ]'
	sleep 0.5
	kill -9 $(victim $v)
	wait $c
	kill $f 2>/dev/null; wait $f 2>/dev/null
	masters_end
	if [ $v = sekisho-ledgerd ]; then
		figure "before GO: $v dies: status $(cat $T/k.rc), out $(cat $T/k.out)"
		break		# the restarted ledger may serve it or refuse it; what it may not do is checked below
	fi
	isnt "before GO: $v dies, the command does not run" "$(cat $T/k.rc)" 0
	is "before GO: $v dies, it said nothing" "$(cat $T/k.out)" ""
	true_ "before GO: $v dies, nothing is left" wait_for 8 leftovers
	ssh_ alice request show "$ID" --json
	is "before GO: $v dies, the use is not taken" "$(json used <<<"$OUT")" 0
	figure "before GO: $v: status $(cat $T/k.rc), newest session $(session state)"
done
ran=$(grep -c 14 $T/k.out)
ssh_ alice request show "$ID" --json
is "before GO: whatever died, what ran was used and what was not used did not run" "$(json used <<<"$OUT")" "$ran"

# ledgerd stopped (not dead): nothing new starts, and the running session ends after seal_grace, with a text
masters_end
client_answers "${PASSWORD[alice]}"
(timeout 60 ssh -F /mnt/client/config alice@gate sleep 30 >$T/k.out 2>$T/k.err </dev/null; echo $? >$T/k.rc) & c=$!
wait_for 10 eval '[ -n "$(pids_of sleep)" ]'
master alice
led=$(pids_of sekisho-ledgerd)
kill -STOP $led
t0=$SECONDS
SSH_SECONDS=40 ssh_ alice sleep 9
is "ledgerd silent: nothing new starts" "$STATUS" 69
has "and the text says why" "$ERR" "[UNAVAILABLE]"
wait $c
is "ledgerd silent: a running session ends with 69" "$(cat $T/k.rc)" 69
figure "ledgerd silent: the session ended after $((SECONDS - t0)) s of seal_grace = 10s"
true_ "and not by its command's own end" test $((SECONDS - t0)) -lt 22
has "and a text" "$(cat $T/k.err)" "[UNAVAILABLE]"
true_ "and its job with it" wait_for 2 none_of sleep
kill -CONT $led
masters_end
wait_for 15 eval 'ssh_ alice whoami; [ "$STATUS" = 0 ]'
is "it comes back and works go on" "$STATUS" 0

# the recorder is paused: no byte passes, then the session ends
n=20
[ -z "$FULL" ] || n=200
good=0 bytes=0 stopped=0
master alice
for i in $(seq $n); do
	(timeout 60 ssh -F /mnt/client/config -S /mnt/client/cm-alice alice@gate box-drip >$T/p.out 2>$T/p.err </dev/null) & c=$!
	p=""
	for _ in $(seq 300); do p=$(pidof sekisho-record) && break; done
	sleep 0.$((RANDOM % 5))$((RANDOM % 10))
	kill -STOP $p 2>/dev/null && stopped=$((stopped + 1)) && sleep 0.1
	if [ $((i % 2)) = 0 ]; then kill -9 $p 2>/dev/null; else kill -CONT $p 2>/dev/null; fi
	wait $c
	s=$(session id)
	# every byte that the client saw stands in the record, in order
	ssh_ carol session text $s --stream out
	size=$(stat -c %s $T/p.out)
	bytes=$((bytes + size))
	if [ "$STATUS" = 0 ] && cmp -s -n "$size" $T/p.out $T/out; then good=$((good + 1))
	elif [ "$size" = 0 ]; then good=$((good + 1))	# ended before anything was seen: an unfinished record may hold nothing
	else bad "round $i: $(wc -c <$T/p.out) bytes seen, $(wc -c <$T/out) recorded" "$ERR"; fi
done
rm -f /usr/local/bin/box-drip
figure "recorder stopped at random $n times ($stopped while it worked), the clients saw $bytes bytes"
true_ "most of the stops hit it at work" test $((stopped * 2)) -gt $n
true_ "the clients saw something" test $bytes -gt $((n * 5000))
[ $bytes -gt 0 ] || bad "the last of them was told" "$(cat $T/p.err)" "$(tail -3 $GATE_LOG)"
is "what the client saw is always a prefix of the record" "$good" "$n"
