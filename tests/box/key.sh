# key.sh - a key before PAM (login.public_key = "required"): what counts, what does not, and that nobody learns who has one.
K=$T/k
mkdir -p $K
for n in alice stranger dave; do ssh-keygen -q -t ed25519 -N '' -C $n -f $K/$n; done
ssh-keygen -q -t rsa -b 3072 -N '' -f $K/rsa
ssh-keygen -q -t rsa -b 2048 -N '' -f $K/short
ssh-keygen -q -t ecdsa -b 256 -N '' -f $K/ecdsa
ssh-keygen -q -t ed25519 -N '' -f $K/ca
cp $K/alice $K/cert; cp $K/alice.pub $K/cert.pub
ssh-keygen -q -s $K/ca -I alice -n alice $K/cert.pub
sed -i 's/^login = .*/login = { public_key = "required"; fail_delay = "0s"; grace = "3s"; };/' /etc/sekisho/sekisho.conf
# a hundred connections of one source, one behind the other: those that are ending count for a moment
sed -i '$a limits = { per_source = 200; };' /etc/sekisho/sekisho.conf
D=/etc/sekisho/keys.d
mkdir -m 755 $D
{ echo "# alice's"; cat $K/alice.pub $K/rsa.pub; } >$D/alice
cat $K/ecdsa.pub $K/dave.pub >$D/dave
chmod 644 $D/*
gate_start || exit 1

# try USER PASSWORD [options] - one new connection; STATUS, LOG
try() {
	local user=$1
	client_answers "$2"
	shift 2
	timeout 20 ssh -v -F /mnt/client/config -o NumberOfPasswordPrompts=1 -o PreferredAuthentications=publickey,keyboard-interactive \
	    "$@" "$user@gate" whoami >$T/log 2>&1 </dev/null
	STATUS=$?
	LOG=$(cat $T/log)
	ASKED=$(grep -c . "$ANSWERS.asked")
}
A=${PASSWORD[alice]}

try alice "$A" -i $K/alice
is "the right key and the right password open" "$STATUS" 0
has "the client sees the first factor pass" "$LOG" "Authenticated using \"publickey\" with partial success"
has "and then the dialogue" "$LOG" "Authenticated to 127.0.0.1 ([127.0.0.1]:2222) using \"keyboard-interactive\""
try alice wrong -i $K/alice
is "the right key and a wrong password do not" "$STATUS:$ASKED" 255:1
try alice "$A" -i $K/stranger
is "a key of nobody's does not, and nothing is asked" "$STATUS:$ASKED" 255:0
try alice "$A"
is "no key: nothing is asked" "$STATUS:$ASKED" 255:0
try alice "$A" -i $K/dave
is "another person's key is none" "$STATUS:$ASKED" 255:0
try dave "${PASSWORD[dave]}" -i $K/ecdsa
is "an ECDSA key is as good" "$STATUS" 0
try bob "${PASSWORD[bob]}" -i $K/alice
is "who has no key does not get in" "$STATUS:$ASKED" 255:0
try alice "$A" -i $K/rsa
is "RSA of 3072 bits is taken" "$STATUS" 0
has "with SHA-2" "$LOG" "rsa-sha2-"
try alice "$A" -i $K/rsa -o PubkeyAcceptedAlgorithms=ssh-rsa
is "but not with SHA-1" "$STATUS:$ASKED" 255:0
try alice "$A" -i $K/stranger -o CertificateFile=$K/cert-cert.pub -o PubkeyAcceptedAlgorithms=+ssh-ed25519-cert-v01@openssh.com -i $K/cert
is "a certificate of the right key is passed over, the key itself counts" "$STATUS" 0
try alice "$A" -o CertificateFile=$K/cert-cert.pub -i $K/cert -o PubkeyAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com
is "and alone it is nothing" "$STATUS:$ASKED" 255:0

(cd "$SEKISHO_TOP/tests/box" && timeout 120 /usr/bin/python3 key.py "$A" $K 2>&1)
is "all orders were tried" $? 0
true_ "no connection is left of all that" wait_for 8 none_of sekisho-net

# a change is there after a reload, a broken file changes nothing
fp=$(ssh-keygen -lf $K/alice.pub | cut -d' ' -f2)
cp $D/alice $T/alice
echo 'command="id" '"$(cat $K/alice.pub)" >>$D/alice
kill -HUP $GATE_PID
true_ "a broken file of keys is told with its line" wait_for 5 grep -q "keys.d/alice:4: expected TYPE KEY" $GATE_LOG
try alice "$A" -i $K/alice
is "and the old policy stays" "$STATUS" 0
cat $K/rsa.pub >$D/alice
chmod 666 $D/alice
kill -HUP $GATE_PID
true_ "so is one that others can write" wait_for 5 grep -q "keys.d/alice: expected to be writable by root only" $GATE_LOG
chmod 644 $D/alice
kill -HUP $GATE_PID
true_ "without a fault it is taken" wait_for 5 grep -q "snapshot taken serial=2" $GATE_LOG
try alice "$A" -i $K/alice
is "a key that was taken out opens nothing" "$STATUS:$ASKED" 255:0
try alice "$A" -i $K/rsa
is "the one that stayed does" "$STATUS" 0
has "sekisho-load says who has none" "$("$SEKISHO_BIN/sekisho-load" -c /etc/sekisho/sekisho.conf --check 2>&1)" '"bob" cannot log in: there is no key of that name'

# the ledger has the fingerprint; refusals say why
gate_stop
sed -i 's/public_key = "required"/public_key = "off"/; s/grace = "3s"/grace = "60s"/' /etc/sekisho/sekisho.conf
gate_start || exit 1
all=$(audit_all)
has "the entry of a login names the key" "$all" "\"key\": \"$fp\""
has "and both methods" "$all" "publickey,keyboard-interactive"
has "a login without a key is refused as such" "$all" '"no-key"'
ssh_ carol verify
has "the ledger holds together" "$OUT" "verify: consistent"
try alice "$A" -i $K/alice
hasnt "switched off, no key is asked for" "$LOG" "partial success"
is "and the password opens" "$STATUS" 0

# a dialogue that is open while a key becomes necessary
cat >$T/askpass <<-EOF
	#!/bin/bash
	touch $T/asked
	until [ -e $T/go ]; do sleep 0.1; done
	echo '$A'
EOF
chmod 755 $T/askpass
SSH_ASKPASS=$T/askpass timeout 40 ssh -F /mnt/client/config -o NumberOfPasswordPrompts=1 -i $K/rsa alice@gate whoami >$T/late 2>&1 </dev/null &
late=$!
true_ "somebody is asked for a password" wait_for 10 test -e $T/asked
n=$(grep -c "snapshot taken" $GATE_LOG)
sed -i 's/public_key = "off"/public_key = "required"/' /etc/sekisho/sekisho.conf
kill -HUP $GATE_PID
true_ "meanwhile a key is asked for" wait_for 10 eval '[ $(grep -c "snapshot taken" $GATE_LOG) -gt '$n' ]'
touch $T/go
wait $late
is "the right password alone does not open any more" $? 255
has "it is a refusal like any other" "$(cat $T/late)" "Permission denied"
try alice "$A" -i $K/rsa
is "and the next connection gets in with a key" "$STATUS" 0
