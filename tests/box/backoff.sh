# backoff.sh - failures of one name are answered later and later, alike for everybody, but before the grace time is
# over; the right password never is.
sed -i 's/^login = .*/login = { fail_delay = "1s"; backoff = "1m"; grace = "4s"; };/' /etc/sekisho/sekisho.conf
gate_start || exit 1

# try USER PASSWORD - one connection; STATUS, LOG and MS, all of it
try() {
	local log=$T/$1.log t0
	client_answers "$2"
	t0=$(date +%s%N)
	timeout 40 ssh -F /mnt/client/config -o NumberOfPasswordPrompts=1 "$1@gate" whoami >$log 2>&1 </dev/null
	STATUS=$?
	MS=$((($(date +%s%N) - t0) / 1000000))
	LOG=$(cat $log)
}
# a name fails three times: after 1 s, 2 s, and 4 s, which the grace time cuts
fails() {
	local i
	for i in 1 2 3; do try "$1" wrong; echo "$MS" >>$T/$1.ms; done
}
for u in alice nobody-here mallory; do fails $u & done
wait $(jobs -p | grep -v "^$GATE_PID$")
for u in alice nobody-here mallory; do
	read -d '' -r a b c <$T/$u.ms
	true_ "$u: the second failure is answered later than the first" test "$b" -ge 1990
	true_ "$u: the third later again" test "$c" -ge 2400
	has "$u: but the refusal is heard before the grace time is over" "$(cat $T/$u.log)" "Permission denied"
	figure "$u $a $b $c ms"
done
try alice "${PASSWORD[alice]}"
is "the right password opens all the same" "$STATUS" 0
true_ "without the delay" test "$MS" -lt 2900
try alice wrong
true_ "and takes the failures away" test "$MS" -lt 2900
