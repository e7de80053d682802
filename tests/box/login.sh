# login.sh - PAM by keyboard-interactive: who gets in, what everybody else sees, and when.
sed -i 's/^login = .*/login = { fail_delay = "1s"; grace = "4s"; tries = 3; banner = "Authorised staff only"; };/' /etc/sekisho/sekisho.conf
sed -i '$a limits = { per_source = 6; channels = 5; };' /etc/sekisho/sekisho.conf
gate_start || exit 1

# try USER ANSWER... - one new connection; STATUS, OUT+ERR in $T/log, prompts in $ASKED, milliseconds in MS
try() {
	local user=$1 t0
	shift
	client_answers "$@"
	t0=$(date +%s%N)
	timeout 40 ssh -F /mnt/client/config -o NumberOfPasswordPrompts=1 "$user@gate" whoami >$T/log 2>&1 </dev/null
	STATUS=$?
	MS=$((($(date +%s%N) - t0) / 1000000))
	ASKED=$(cat "$ANSWERS.asked")
	LOG=$(cat $T/log)
}

try alice "${PASSWORD[alice]}"
is "the right password opens the door" "$STATUS" 0
try alice wrong-password
is "a wrong one does not" "$STATUS" 255
wrong_log=$LOG wrong_ms=$MS wrong_asked=$ASKED
try nobody-here wrong-password
is "nor an unknown name" "$STATUS" 255
is "and it reads the same" "${LOG//nobody-here/alice}" "$wrong_log"
is "with the same prompt" "${ASKED//nobody-here/alice}" "$wrong_asked"
figure "wrong password $wrong_ms ms, unknown user $MS ms"
try mallory "${PASSWORD[mallory]}"
is "a real account without a role does not get in" "$STATUS" 255
is "and sees what a wrong password sees" "${LOG//mallory/alice}" "$wrong_log"
try root anything
is "root does not get in" "$STATUS" 255
usermod -L dave
try dave "${PASSWORD[dave]}"
is "a locked account does not get in" "$STATUS" 255
is "and sees what a wrong password sees, too" "${LOG//dave/alice}" "$wrong_log"
usermod -U dave
chage -E 2020-01-01 dave
try dave "${PASSWORD[dave]}"
is "an expired account does not get in" "$STATUS" 255
chage -E -1 dave

chage -d 0 dave
try dave "${PASSWORD[dave]}" "${PASSWORD[dave]}" Quiet-River-8042 other-River-8043
is "a wrong retype changes nothing" "$STATUS" 255
try dave "${PASSWORD[dave]}" "${PASSWORD[dave]}" abc abc
is "a weak new password is refused" "$STATUS" 255
try dave "${PASSWORD[dave]}" "${PASSWORD[dave]}" Quiet-River-8042
is "giving up in the middle of the change is no login" "$STATUS" 255
try dave "${PASSWORD[dave]}" "${PASSWORD[dave]}" Quiet-River-8042 Quiet-River-8042
is "a good new password is taken within the login" "$STATUS" 0
is "and asked for twice" "$(grep -ci "new password" <<<"$ASKED")" 2
try dave "${PASSWORD[dave]}"
is "the old one is worth nothing now" "$STATUS" 255
try dave Quiet-River-8042
is "the new one is" "$STATUS" 0

client_answers bad1 bad2 bad3 bad4 bad5
timeout 40 ssh -v -F /mnt/client/config -o NumberOfPasswordPrompts=5 alice@gate id >$T/log 2>&1 </dev/null
is "three wrong answers are all there are" "$(grep -c . "$ANSWERS.asked")" 3
true_ "the banner is shown, on a line of its own" grep -q "^Authorised staff only.\?\$" $T/log
has "only keyboard-interactive is offered" "$(grep 'Authentications that can continue' $T/log | head -1)" "continue: keyboard-interactive"
has "the version text tells no more than it must" "$(grep 'remote software version' $T/log)" "OpenSSH_compatible_Sekisho"

# keys are not offered yet: a client full of them still gets in, one that only has keys does not
ssh-keygen -q -t ed25519 -N '' -f $T/key
client_answers "${PASSWORD[alice]}"
timeout 20 ssh -F /mnt/client/config -i $T/key -o PreferredAuthentications=publickey,keyboard-interactive alice@gate whoami >$T/log 2>&1 </dev/null
is "a key is passed over, the password counts" $? 0
timeout 20 ssh -F /mnt/client/config -i $T/key -o PreferredAuthentications=publickey,password -o NumberOfPasswordPrompts=1 alice@gate whoami >$T/log 2>&1 </dev/null
is "key and password method alone do not open" $? 255

# a silent client is cut by the grace timer, wherever it stops
exec 5<>/dev/tcp/127.0.0.1/2222
read -r -t 2 line <&5
t0=$SECONDS
timeout 20 cat <&5 >/dev/null
true_ "a silent client is cut after the grace time" test $((SECONDS - t0)) -le 8
exec 5>&-

# six silent ones from one source are all it gets; they end by themselves and then there is room again
true_ "none is left of it" wait_for 5 none_of sekisho-net
for i in 1 2 3 4 5 6 7 8; do eval "exec 1$i<>/dev/tcp/127.0.0.1/2222"; done
sleep 1
is "at most per_source wait at the door" "$(pids_of sekisho-net | wc -l)" 6
try alice "${PASSWORD[alice]}"
has "the next one is told so" "$LOG" "Received disconnect from 127.0.0.1 port 2222:12: sekisho: too many logins under way from your address, try again in a moment"
for i in 1 2 3 4 5 6 7 8; do eval "exec 1$i>&-"; done
true_ "closed ones leave at once" wait_for 5 none_of sekisho-net
try alice "${PASSWORD[alice]}"
is "and the door is open again" "$STATUS" 0

# channels: five, the sixth is refused and the others go on
permit alice --profile inspect --as root --uses 20 -- sleep 3
for i in 1 2 3 4 5 6 7; do
	(timeout 20 ssh -F /mnt/client/config -S /mnt/client/cm-alice alice@gate sleep 3 >$T/ch$i 2>&1 </dev/null; echo $? >$T/rc$i) &
done
wait $(jobs -p | grep -v "^$GATE_PID$")
is "five channels run on one connection" "$(cat $T/rc? | grep -c '^0$')" 5
# (the sixth and seventh fall back to connections of their own, whose password nobody answers)
masters_end

# refused logins are counted per source and minute; a stop writes what was counted
gate_stop; gate_start || exit 1
all=$(audit_all)
for s in gate-start gate-stop login login-refused; do
	has "the ledger has: $s" "$all" "\"$s\""
done
hasnt "and never a name that nobody has" "$all" nobody-here
figure "$(grep -c login-refused <<<"$all") entries for all refused logins: $(grep login-refused <<<"$all" | head -1)"
