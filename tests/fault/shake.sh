# shake.sh - the gate of tests/fault/shake, and what must hold when it is over; the clients are in shake.py.
# More connections at once than a person makes; the rest as it is delivered.
sed -i '$a limits = { per_source = 200; };' /etc/sekisho/sekisho.conf
# nobody asks whether somebody is still there (fault.mk), so nobody may miss the answer
sed -i '$a stall = "600s";' /etc/sekisho/sekisho.conf
sed -i '$a request = { uses_max = 10000; };' /etc/sekisho/sekisho.conf
gate_start || exit 1
may() { permit alice --profile inspect --as root --uses 10000 "$@"; }
may -- "sh -c 'echo out; echo err >&2; exit 7'"
may -- "sh -c 'kill -15 \$\$'"
may -- seq 1 40000
may -- yes
may -- "sh -c 'sleep 1; wc -l'"
may -- sleep 20
may --input pipe -- cat
may --input pipe -- head -c 5
may --input tty -- "sh -c 'echo tty; exit 5'"
may --input tty -- "sh -c 'trap \"exit 9\" INT; while :; do stty size; sleep 0.05; done'"
masters_end
export GATE_PID GATE_LOG
python3 -u "$SEKISHO_TOP/tests/fault/shake.py" "$SHAKE_MODE" "$SEED" 2>&1
is "the clients came to their end" $? 0
gate_is_over() { ! kill -0 $GATE_PID 2>/dev/null; }
true_ "and so did the gate" wait_for 5 gate_is_over
gate_is_over || gate_stop
wait $GATE_PID
is "in order" $? 0
GATE_PID=""
for p in sekisho-net sekisho-monitor sekisho-record sekisho-exec sekisho-ledgerd sekisho-keyd; do
	true_ "no $p is left" wait_for 5 none_of $p
done
wrong=$(grep -E '(: |level=)error' $GATE_LOG)
is "nothing was logged as an error" "$wrong" ""
$SEKISHO_BIN/sekisho-verify --store /var/lib/sekisho >$T/verify 2>&1
is "every record and entry is whole" "$?" 3
has "as far as can be said without a head" "$(tail -1 $T/verify)" "consistent, but cannot exclude roll-back"
