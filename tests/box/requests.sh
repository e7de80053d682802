# requests.sh - filing, reading, deciding: one command each, and every way to do it wrong.
gate_start || exit 1

ssh_ alice whoami
is "whoami answers" "$STATUS" 0
has "and names the person" "$OUT" alice
ssh_ alice whoami --json
is "whoami --json names the person" "$(json name <<<"$OUT")" alice

ssh_ alice "request new --profile site --as root --reason disk full; on (web1) --until +2h -- sed -i 's/a b/c d/' '/var/lib/site/my file'"
is "a request with blanks and signs is filed" "$STATUS" 0
has "and echoed word by word" "$OUT" "R1 runs: [sed] [-i] [s/a b/c d/] [/var/lib/site/my file] as root on local"
ssh_ bob request show R1
has "the approver sees every word" "$OUT" "[s/a b/c d/]"
has "the account" "$OUT" root
has "the reason" "$OUT" "disk full; on (web1)"
has "the executable" "$OUT" "/usr/bin/sed"
has "and the line to type" "$OUT" "request approve R1/1-"
code=$(grep -oE 'R1/1-[a-z2-7]{4}' <<<"$OUT" | head -1)

ssh_ alice request approve "$code"
is "nobody approves their own request" "$STATUS" 77
has "with its code" "$ERR" "refused [OWN-REQUEST]"
ssh_ carol request approve "$code"
is "an auditor approves nothing" "$STATUS" 77
ssh_ bob request approve R1/1-aaaa
is "a wrong code approves nothing" "$STATUS" 77
has "with its code CHANGED" "$ERR" "refused [CHANGED]"
ssh_ bob request approve R1/2-${code#*-}
has "nor another revision" "$ERR" "refused [CHANGED]"
ssh_ dave request show R1
is "another operator does not see it" "$STATUS" 77
has "as if it were not there" "$ERR" "[NOT-FOUND]"
ssh_ bob request approve "$code" -m looks good\; go
is "the approver approves" "$STATUS" 0
ssh_ bob request approve "$code"
is "but not twice" "$STATUS" 77

ssh_ alice request new --profile inspect --as root -- id
ssh_ bob request reject R2 -m not today
is "the approver rejects" "$STATUS" 0
ssh_ alice id
is "what was rejected does not run" "$STATUS" 77
ssh_ alice request new --profile inspect --as root -- id -u
ssh_ alice request withdraw R3
is "the requester withdraws" "$STATUS" 0
ssh_ bob request withdraw R1
is "nobody else does" "$STATUS" 77
ssh_ alice request list
has "the list has them all" "$OUT" R1
has "with their states" "$OUT" withdrawn
ssh_ alice request list --json
is "and as JSON" "$(json requests.0.id <<<"$OUT")" R3

refused() {	# sentence, code, words...
	local s=$1 code=$2
	shift 2
	ssh_ alice "$@"
	if [ "$STATUS" != 0 ] && [[ "$ERR" == *"refused [$code]"* ]]; then ok "$s"; else bad "$s" "status $STATUS" "$OUT" "$ERR"; fi
}
new="request new --profile inspect --as root"
refused "a window that ends before it begins" DATA $new --from 2027-01-02T00:00Z --until 2027-01-01T00:00Z -- id
refused "a window in the past" DATA $new --until 2020-01-01T00:00Z -- id
refused "absurd uses" LIMIT $new --uses 1000000 -- id
refused "no uses" DATA $new --uses 0 -- id
refused "uses that are not a number" DATA $new --uses many -- id
refused "an unknown operator" NOT-FOUND $new --operator nobody-here -- id
refused "an unknown account" NOT-ALLOWED request new --profile inspect --as daemon -- id
refused "an account of the gate's own" NOT-ALLOWED request new --profile inspect --as _sekisho-led -- id
refused "an unknown profile" NOT-FOUND request new --profile nonesuch --as root -- id
refused "an unknown target" NOT-FOUND $new --target web9 -- id
refused "an executable that is not there" NOT-FOUND $new -- nonesuch-program
refused "an executable outside the command directories" NOT-ALLOWED $new -- /home/alice/x
refused "an unknown option" USAGE $new --bogus x -- id
refused "no command" USAGE $new --
refused "a word that does not exist yet" NOT-OFFERED incident new
install -m 755 /usr/bin/true /usr/local/bin/open-to-all 2>/dev/null
chmod 777 /usr/local/bin/open-to-all
refused "an executable that others may write" NOT-ALLOWED $new -- open-to-all
rm -f /usr/local/bin/open-to-all

as alice >$T/out 2>&1 </dev/null
is "ssh gate without a word ends well" $? 0
has "and shows what waits and the help" "$(cat $T/out)" request
