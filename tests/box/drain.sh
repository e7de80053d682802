# drain.sh - a gate that ends without haste: nothing new, what runs goes on, and then it is gone in order.
cat >>/etc/sekisho/sekisho.conf <<'EOF'
stop_grace = "1s"; kill_grace = "0s";
EOF
gate_start || exit 1
permit alice --profile inspect --as root --uses 10 -- sleep 30
permit alice --profile inspect --as root --uses 10 -- sleep 3
permit alice --profile inspect --as root --uses 10 -- id -u
master bob || exit 1
bob=$(monitors_of bob)
master alice || exit 1
(ssh_ alice sleep 3; echo "$STATUS" >$T/rc) & c=$!
wait_for 5 eval '[ -n "$(pids_of sleep)" ]'
exec 5<>/dev/tcp/127.0.0.1/2222
read -r -t 5 _ <&5

t0=$SECONDS
kill -USR1 $GATE_PID
true_ "the log says that it drains" wait_for 3 grep -q "gate drains connections=3 kits=1" $GATE_LOG
client_answers "${PASSWORD[carol]}"
timeout 20 ssh -F /mnt/client/config carol@gate whoami >$T/new 2>&1 </dev/null
is "nobody new is let in" $? 255
has "and everybody is told why" "$(cat $T/new)" "Received disconnect from 127.0.0.1 port 2222:7: sekisho: the gate is going down, try again later"
true_ "who has not logged in is cut" timeout 3 cat <&5
true_ "a connection in which nothing runs is closed" wait_for 5 eval '[ ! -d /proc/$bob ]'
isnt "the running command goes on" "$(pids_of sleep)" ""
true_ "nothing waits to be used any more" wait_for 3 eval '[ -z "$(warm_of sekisho-net)$(warm_of sekisho-exec)" ]'
ssh_ alice id -u
is "a new command is refused" "$STATUS" 75
has "with its code" "$ERR" "STOPPING"
kill -USR1 $GATE_PID
cp $SEKISHO_BIN/sekisho $T/ && chmod 755 $T $T/sekisho
su -s /bin/sh carol -c "$T/sekisho --door /run/sekisho/ledger.sock whoami" >$T/whoami 2>&1
is "the local door still answers" $? 0
wait $c
is "the running command ends as it would have" "$(cat $T/rc)" 0
wait $GATE_PID
is "and then the gate does, with status 0" $? 0
true_ "not before its command" test $((SECONDS - t0)) -ge 2
true_ "nothing is left" wait_for 3 eval 'none_of sekisho-ledgerd && none_of sekisho-keyd && none_of sekisho-net'
GATE_PID=""
gate_start
ssh_ carol audit log --json
has "the ledger has its end" "$OUT" "gate-stop"

# patience ends with SIGTERM
masters_end
(ssh_ alice sleep 30; echo "$STATUS" >$T/rc) & c=$!
wait_for 5 eval '[ -n "$(pids_of sleep)" ]'
kill -USR1 $GATE_PID
wait_for 3 eval '[ $(grep -c "gate drains" $GATE_LOG) = 2 ]'
kill -TERM $GATE_PID
t0=$SECONDS
wait $GATE_PID
is "SIGTERM while it drains is a stop, with status 0" $? 0
true_ "within stop_grace" test $((SECONDS - t0)) -le 8
wait $c
is "the command is told so" "$(cat $T/rc)" 75
GATE_PID=""

# the pid file is the gate's own: the end of an earlier one does not take it away
cp -a /etc/sekisho $T/etc
sed -i 's/127.0.0.1:2222/127.0.0.1:2244/; s|^gate = .*|&\nstate_dir = "'$T/second'"; run_dir = "'$T/run'";|' $T/etc/sekisho.conf
mkdir -p $T/second $T/run
gate_start -p $T/pid
true_ "the pid file has the gate's number" wait_for 5 eval '[ "$(cat $T/pid)" = $GATE_PID ]'
"$SEKISHO_BIN/sekishod" -c $T/etc/sekisho.conf -p $T/pid 2>$T/second.log
is "a second gate with this pid file does not start" $? 73
has "and says why" "$(cat $T/second.log)" "a gate runs already pid=$GATE_PID"
is "and leaves the file alone" "$(cat $T/pid)" $GATE_PID
starter=$(pgrep -P $GATE_PID)
kill -STOP $starter
kill -9 $GATE_PID
wait $GATE_PID
"$SEKISHO_BIN/sekishod" -c $T/etc/sekisho.conf -p $T/pid >$T/second.log 2>&1 & second=$!
true_ "another gate starts with the same file" wait_for 5 eval '[ "$(cat $T/pid 2>/dev/null)" = $second ]'
kill -CONT $starter
wait_for 5 eval '[ ! -d /proc/$starter ]'
is "and the end of the first leaves it alone" "$(cat $T/pid)" $second
kill -TERM $second
wait $second
true_ "its own takes it away" wait_for 3 eval '[ ! -e $T/pid ]'
GATE_PID=""
