# raw.sh - packets that no client sends: before the login, in it, on channels.  The gate lets the next one in after
# each, keeps no process, and its memory stays bounded.  The packets are in raw.py.
sed -i 's/^login = .*/login = { fail_delay = "1s"; grace = "5s"; };/' /etc/sekisho/sekisho.conf
sed -i '$a seal_grace = "6s";' /etc/sekisho/sekisho.conf
sed -i '$a request = { uses_max = 1000; };' /etc/sekisho/sekisho.conf
# names that may not log in: locked, expired, without a role (mallory)
usermod -L dave
useradd -M frank 2>/dev/null
echo frank:Xy-1234-qq | chpasswd -c SHA512 -s 1000
chage -E 2020-01-01 frank
sed -i 's/^operators = .*/operators = [ "alice", "dave", "frank" ];/' /etc/sekisho/roles.conf
gate_start || exit 1
permit alice --profile inspect --as root --uses 1000 -- id -u
permit alice --profile inspect --as root --uses 1000 -- sleep 20
permit alice --profile inspect --as root --uses 1000 -- yes
permit alice --profile inspect --as root --uses 1000 --input any -- cat
permit alice --profile inspect --as root --uses 1000 --input any -- sleep 21
permit alice --profile inspect --as root --uses 1000 --input tty -- sleep 22
masters_end

GATE_PID=$GATE_PID GATE_LOG=$GATE_LOG /usr/bin/python3 "$SEKISHO_TOP/tests/box/raw.py" alice "${PASSWORD[alice]}" ${RAW:-}
true_ "nothing is left of all that" wait_for 8 none_of sekisho-net
true_ "not of the jobs either" wait_for 2 none_of sleep
[ -n "${RAW:-}" ] && return 0

# the ledger tells of what was refused after the login, and never of a name that is none
all=$(audit_all)
for w in direct-tcpip tcpip-forward x11 "agent forwarding" "unknown channel type" "more channels than allowed"; do
	has "the ledger has: $w" "$all" "$w"
done
hasnt "no entry has a control character" "$(tr -d '\n' <<<"$all" | tr -dc '\000-\037')" $'\e'
hasnt "the log has none either" "$(tr -d '\n\t' <$GATE_LOG | tr -dc '\000-\037\177')" $'\e'
true_ "and it is bounded" test "$(wc -l <$GATE_LOG)" -lt 1500
figure "$(wc -l <$GATE_LOG) lines of log"
