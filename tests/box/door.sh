# The local door: who somebody is there says the kernel; by default people read, nobody decides, and a crowd harms nobody.
door=/run/sekisho/ledger.sock
cp $SEKISHO_BIN/sekisho /usr/local/bin/sekisho 2>/dev/null || { mkdir -p /mnt/bin; cp $SEKISHO_BIN/sekisho /mnt/bin/; }
bin=/usr/local/bin/sekisho
[ -x $bin ] || bin=/mnt/bin/sekisho
chmod 755 $bin

# at USER WORDS... - the same words on the host; OUT, ERR, STATUS as for ssh_
at() {
	local user=$1
	shift
	timeout -k 5 30 setpriv --reuid "$user" --regid "$user" --clear-groups $bin "$@" >$T/out 2>$T/err </dev/null
	STATUS=$?
	OUT=$(cat $T/out)
	ERR=$(cat $T/err)
}

fresh
gate_start
permit alice --profile inspect --as root -- id -u
ssh_ alice id -u
is "a session over ssh" "$OUT" 0

is "the door is a socket for everybody" "$(stat -c '%F %a %U' $door)" "socket 666 root"
at carol whoami --json
is "the auditor is herself" "$(json name <<<"$OUT")" carol
is "and comes from here" "$(json source <<<"$OUT")" local
ssh_ carol session list --json
over_ssh=$OUT
at carol session list --json
is "she sees what she sees over ssh" "$OUT" "$over_ssh"
at carol session text S1
is "recordings come by descriptor" "$STATUS" 0
has "and are read" "$OUT" "0"
at carol session replay S1
is "a replay too" "$STATUS" 0
at carol audit head
is "the newest head can be had here" "$STATUS" 0
at carol
is "without a word it says what waits" "$STATUS" 0
ssh_ carol audit log --json
has "reading is an entry as over ssh, and says from where" "$OUT" '"session":"S1","source":"local","what":"replay"'

at alice request list
is "an operator reads" "$STATUS" 0
for w in "request new -- id" "request withdraw R1" "request approve R1/1-aaaa" "request reject R1"; do
	at bob $w
	is "$w is refused" "$STATUS" 77
	has "as NOT-ALLOWED" "$ERR" "[NOT-ALLOWED]"
done
at alice id -u
is "commands do not run here" "$STATUS" 77
has "as NOT-OFFERED" "$ERR" "[NOT-OFFERED]"

$bin whoami >$T/out 2>$T/err
is "root is nobody" $? 77
has "and is told so" "$(cat $T/err)" "[NOT-ALLOWED] this account is nobody at this gate"
for u in mallory svc _sekisho-net; do
	at $u whoami
	is "$u is nobody" "$STATUS" 77
	has "and is told so" "$ERR" "[NOT-ALLOWED]"
done
at carol --door /run/sekisho/none whoami
is "no door is 69" "$STATUS" 69
has "and named" "$ERR" "there is no local door at /run/sekisho/none"

# a crowd of strangers and one person's many hands
cat >$T/crowd.py <<'P'
import socket, sys, os, time
os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
end = time.time() + float(sys.argv[2])
held = []
n = 0
while time.time() < end:
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(1)
    try:
        s.connect(sys.argv[3]); n += 1
        held.append(s)
    except OSError:
        s.close()
    if len(held) > 200:
        held.pop(0).close()
print(n)
P
python3 $T/crowd.py "$(id -u mallory)" 4 $door >$T/crowd1 &
c1=$!
python3 $T/crowd.py "$(id -u dave)" 4 $door >$T/crowd2 &
c2=$!
good=0
for _ in 1 2 3 4 5; do at carol whoami; [ "$STATUS" = 0 ] && good=$((good + 1)); done
is "five of five words of another person are answered meanwhile" $good 5
permit alice --profile inspect --as root -- id -u
ssh_ alice id -u
is "and ssh goes on" "$OUT" 0
wait $c1 $c2
figure "connections tried in 4 s: stranger $(cat $T/crowd1), operator $(cat $T/crowd2)"
true_ "the ledger was not restarted" test -z "$(grep 'sekisho-ledgerd ended' $GATE_LOG)"
dave_is_in() { at dave whoami; [ "$STATUS" = 0 ]; }
true_ "whoever held his share has it again" wait_for 10 dave_is_in
before=$(audit_all | wc -l)
for _ in 1 2 3 4 5; do at mallory whoami; done
is "strangers are not an entry each" "$(audit_all | wc -l)" "$before"

# a job sees no door: its sandbox covers the directory
permit alice --profile inspect --as root -- ls -A /run/sekisho
ssh_ alice ls -A /run/sekisho
hasnt "no job sees the door" "$OUT" "ledger.sock"

# what the policy says counts from the next question on
sed -i '$a local_decisions = true;' /etc/sekisho/sekisho.conf
kill -HUP $GATE_PID
wait_for 10 grep -q 'snapshot serial=2' $GATE_LOG
at alice request new --json --profile inspect --as root -- id -un
is "with local_decisions a request is filed" "$STATUS" 0
id=$(json id <<<"$OUT")
code="$id/$(json revision <<<"$OUT")-$(json code <<<"$OUT")"
at alice request approve "$code"
is "four eyes are four eyes here too" "$STATUS" 77
at bob request approve "$code"
is "and the other two decide" "$STATUS" 0
ssh_ alice id -un
is "what was approved here runs over ssh" "$OUT" root

# a gate without the door, and one that is gone
gate_stop
at carol whoami
is "a stopped gate is 69" "$STATUS" 69
has "and is told" "$ERR" "the gate is not running"
fresh
sed -i '$a local_door = false;' /etc/sekisho/sekisho.conf
gate_start
at carol whoami
is "without local_door there is none" "$STATUS" 69
true_ "not even the name" test ! -e $door
gate_stop
rm -f /usr/local/bin/sekisho
