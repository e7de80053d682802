# backoff.sh - failures of one name are answered later and later, alike for everybody; the right password never is.
sed -i 's/^login = .*/login = { fail_delay = "1s"; backoff = "1s"; grace = "20s"; };/' /etc/sekisho/sekisho.conf
gate_start || exit 1

# try USER PASSWORD - one connection; STATUS, and MS from the answer to the end
try() {
	client_answers "$2"
	local t0=$(date +%s%N)
	timeout 40 ssh -F /mnt/client/config -o NumberOfPasswordPrompts=1 "$1@gate" whoami >$T/log 2>&1 </dev/null
	STATUS=$?
	MS=$((($(date +%s%N) - t0) / 1000000))
}
# a name fails three times: 1 s, 2 s, 2 s (1 s and what backoff allows)
fails() {
	local i
	for i in 1 2 3; do try "$1" wrong; echo "$MS" >>$T/$1.ms; done
}
fails alice & fails nobody-here & fails mallory &
wait $(jobs -p | grep -v "^$GATE_PID$")
for u in alice nobody-here mallory; do
	read -d '' -r a b c <$T/$u.ms
	true_ "$u: the second failure is answered later than the first" test "$b" -ge 1990
	true_ "$u: the third, too, as far as the setting goes" test "$c" -ge 1990 -a "$c" -lt 3990
	figure "$u $a $b $c ms"
done
try alice "${PASSWORD[alice]}"
is "the right password opens all the same" "$STATUS" 0
true_ "at once" test "$MS" -lt 990
try alice wrong
true_ "and takes the failures away" test "$MS" -lt 1990

# the grace time is longer than what the client waits for
gate_stop
sed -i 's/^login = .*/login = { fail_delay = "1s"; backoff = "1m"; grace = "4s"; };/' /etc/sekisho/sekisho.conf
gate_start || exit 1
for i in 1 2; do try dave wrong; done
t0=$SECONDS
try dave wrong
has "the refusal is heard before the grace time is over" "$(cat $T/log)" "Permission denied"
