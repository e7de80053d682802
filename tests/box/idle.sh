# idle.sh - what nobody uses is ended and told why; a client that does not answer counts as gone; quiet work goes on.
sed -i '$a idle = { connection = "2s"; terminal = "2s"; };' /etc/sekisho/sekisho.conf
sed -i '$a keepalive = { interval = "1s"; count = 4; };' /etc/sekisho/sekisho.conf
sed -i '$a kill_grace = "1s";' /etc/sekisho/sekisho.conf
gate_start || exit 1
permit alice --profile inspect --as root --uses 9 --input tty -- cat
permit alice --profile inspect --as root --uses 9 -- sleep 9
permit alice --profile inspect --as root --uses 9 -- sleep 300
masters_end

# all of them side by side: waiting is most of it
t0=$SECONDS
(as alice -N >$T/conn 2>&1 </dev/null; echo $? >$T/conn.rc; echo $((SECONDS - t0)) >$T/conn.s) &
(as alice -tt -- cat >$T/term 2>&1 < <(sleep 30); echo $? >$T/term.rc; echo $((SECONDS - t0)) >$T/term.s) &
(as alice -- sleep 9 >$T/quiet 2>&1 </dev/null; echo $? >$T/quiet.rc) &
client_answers "${PASSWORD[alice]}"
timeout -k 5 60 ssh -F /mnt/client/config alice@gate sleep 300 >$T/stopped 2>&1 </dev/null &
true_ "a client that will stop has its command" wait_for 5 sh -c 'pgrep -f "^sleep 300" >/dev/null'
stopped=$(pgrep -f '^ssh -F /mnt/client/config alice@gate sleep 300')
kill -STOP $stopped
t1=$SECONDS
true_ "a stopped client is found out" wait_for 8 sh -c '! pgrep -f "^sleep 300" >/dev/null'
figure "after $((SECONDS - t1)) s"
kill -CONT $stopped
kill $stopped 2>/dev/null

wait_for 12 test -s $T/conn.rc
is "an idle connection is closed" "$(cat $T/conn.rc)" 255
has "and told why" "$(cat $T/conn)" "sekisho: closed after 2 s without work and without a byte"
wait_for 12 test -s $T/term.rc
is "a terminal in which nothing moves is ended" "$(cat $T/term.rc)" 77
has "and says so" "$(cat $T/term)" "refused [TIMEOUT] no byte moved in its terminal for 2 s"
figure "2 s of idleness: connection over after $(cat $T/conn.s) s, terminal after $(cat $T/term.s) s"
wait_for 15 test -s $T/quiet.rc
is "a quiet command without a terminal runs to its end" "$(cat $T/quiet.rc)" 0

sed -i '/^idle = /d; /^keepalive = /d' /etc/sekisho/sekisho.conf
gate_stop; gate_start || exit 1
ssh_ carol session list --json
hows=$(python3 -c 'import json,sys
for s in json.load(sys.stdin)["sessions"]: print(s["argv"][0] if isinstance(s.get("argv"),list) else s["command"], s["how"])' <<<"$OUT" 2>&1)
has "the session says: idle" "$hows" "cat idle"
has "the stopped client's one: disconnect" "$hows" "disconnect"
has "the ledger says why a connection ended" "$(audit_all)" '"reason": "idle"'
