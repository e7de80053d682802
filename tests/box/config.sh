# config.sh - a gate that cannot start says why in one line and does not start.
# nostart SENTENCE TEXT - sekishod must end non-zero, with one line of ours, besides information, that holds TEXT
nostart() {
	timeout 20 "$SEKISHO_BIN/sekishod" -c /etc/sekisho/sekisho.conf >$T/start 2>&1
	local rc=$?
	if [ $rc -ne 0 ] && [ $rc -ne 124 ] && [ "$(grep -vc ': info: ' $T/start)" = 1 ] && grep -q -- "$2" $T/start; then ok "$1"
	else bad "$1" "status $rc" "$(cat $T/start)"; fi
}
conf() { cp /mnt/etc-sekisho/$1 /etc/sekisho/$1; printf '%s\n' "$2" >>/etc/sekisho/$1; nostart "$3" "$4"; cp /mnt/etc-sekisho/$1 /etc/sekisho/$1; }

conf sekisho.conf 'colour = "red";' "an unknown key" "sekisho.conf:.*colour"
conf sekisho.conf 'login = { grace = 60; };' "a number where a time belongs" "sekisho.conf:"
conf sekisho.conf 'login = { tries = "three"; };' "a string where a number belongs" "sekisho.conf:"
conf sekisho.conf 'limits = { connections = 5000000000; };' "an integer that silently overflows" "sekisho.conf:"
conf sekisho.conf 'limits = { connections = 99999999; };' "a number out of range" "sekisho.conf:"
conf sekisho.conf 'gate = "x"' "a key given twice" "sekisho.conf:"
conf sekisho.conf '@include "other.conf"' "an include" "sekisho.conf:"
conf sekisho.conf 'login = {' "an open brace" "sekisho.conf:"
conf roles.conf 'kings = [ "alice" ];' "an unknown role" "roles.conf:"
sed -i 's/"dave"/"dave", "@no-such-group"/' /etc/sekisho/roles.conf; nostart "a group that is not there" "no-such-group"; cp /mnt/etc-sekisho/roles.conf /etc/sekisho/
sed -i 's/"svc"/"svc", "bob"/' /etc/sekisho/approval.conf; nostart "a run-as account that holds a role" "bob"; cp /mnt/etc-sekisho/approval.conf /etc/sekisho/
sed -i 's/@file-read/@file-raed/' /etc/sekisho/profiles.d/*.conf; nostart "an unknown group of calls" "conf:"; cp /mnt/etc-sekisho/profiles.d/* /etc/sekisho/profiles.d/
printf 'profile = { name = "z"; summary = "z"; version = 1; inherit = "nonesuch"; };\n' >/etc/sekisho/profiles.d/z.conf; nostart "a profile that inherits from nothing" "z.conf:"; rm /etc/sekisho/profiles.d/z.conf
chmod 666 /etc/sekisho/roles.conf; nostart "a file that others may write" "roles.conf"; chmod 644 /etc/sekisho/roles.conf
mv /etc/sekisho/keys/host_ed25519 $T/; nostart "no host key" "host_ed25519"; mv $T/host_ed25519 /etc/sekisho/keys/
rm /etc/sekisho/approval.conf; nostart "a missing file" "approval.conf"; cp /mnt/etc-sekisho/approval.conf /etc/sekisho/

gate_start || exit 1
permit alice --profile inspect --as root -- id -u
nostart "a port in use" "2222"
ssh_ alice id -u; is "which does not disturb the gate that has it" "$OUT" 0
gate_stop
db=/var/lib/sekisho/ledger/ledger.db
cp -p $db $T/good.db
printf 'rubbish' | dd of=$db bs=1 seek=100 conv=notrunc 2>/dev/null; dd if=/dev/urandom of=$db bs=4096 seek=1 count=3 conv=notrunc 2>/dev/null
nostart "a damaged database" "database"; cp -p $T/good.db $db
sqlite=$(python3 -c "
import sqlite3; c=sqlite3.connect('$db'); c.execute('pragma user_version=999'); c.commit()")
nostart "a schema of another version" "version"; cp -p $T/good.db $db
mount --bind /var/lib/sekisho /var/lib/sekisho && mount -o remount,ro,bind /var/lib/sekisho
nostart "a read-only disk" "Read-only file system"; umount /var/lib/sekisho
gate_start || exit 1
ssh_ carol session list --json
is "after all that the old ledger is whole" "$(json sessions.0.state <<<"$OUT")" ended
# a reload with a mistake keeps what is in force; one without counts at the next decision
cp /etc/sekisho/roles.conf $T/roles.conf
echo 'kings = [];' >>/etc/sekisho/roles.conf; kill -HUP $GATE_PID; sleep 1
ssh_ alice whoami; is "a faulty reload changes nothing" "$STATUS" 0
permit alice --profile inspect --as root -- id -un
sed 's/operators = .*/operators = [ "dave" ];/' $T/roles.conf >/etc/sekisho/roles.conf; kill -HUP $GATE_PID; sleep 1
ssh_ alice id -un; is "a role taken away counts at the next command" "$STATUS" 77
cp $T/roles.conf /etc/sekisho/roles.conf; kill -HUP $GATE_PID; sleep 1
ssh_ alice id -un; is "and given back, too" "$STATUS" 0
gate_stop

# the disk of the recordings is full: the session ends and says so, nothing new runs, reading works, nothing is lost.
# The ladder stands as low as it goes, so that a recording meets its end; the rest of it is tests/box/disk.sh.
echo 'disk = { warn = "1M"; refuse = "1M"; end = "1M"; reserve = "1M"; };' >>/etc/sekisho/sekisho.conf
mount -t tmpfs -o size=8m,mode=755 small /var/lib/sekisho/recordings
gate_start || exit 1
permit alice --profile inspect --as root --uses 9 -- id -g
permit alice --profile inspect --as root --uses 9 -- head -c 30000000 /dev/urandom
ssh_ alice head -c 30000000 /dev/urandom
is "a recording that fills the disk ends its session" "$STATUS" 74
has "with a clear text" "$ERR" "[RECORD]"
s=$(session id)
head -c 8000000 /dev/zero >/var/lib/sekisho/recordings/filler 2>/dev/null
is_refused() { ssh_ alice id -g; [ "$STATUS" = 69 ]; }
true_ "on a full disk nothing new runs" wait_for 5 is_refused
has "and the text says why" "$ERR" "[UNAVAILABLE] the gate's disk is nearly full"
ssh_ carol session text $s --stream out
true_ "what was recorded before can be read" test "$(stat -c %s $T/out)" -gt 100000
find /var/lib/sekisho/recordings \( -name filler -o -size +400k \) -type f -delete
works() { ssh_ alice id -g; [ "$STATUS" = 0 ]; }
true_ "with room again it goes on" wait_for 5 works
gate_stop
umount /var/lib/sekisho/recordings
cp /mnt/etc-sekisho/sekisho.conf /etc/sekisho/sekisho.conf

# the disk of the ledger is full: one line, and the gate stops rather than work without it
umount /var/lib/sekisho 2>/dev/null
mount -t tmpfs -o size=1m,mode=755 small /var/lib/sekisho
head -c 2000000 /dev/zero >/var/lib/sekisho/filler 2>/dev/null
nostart "a gate that has no room for its keys does not start" "No space left on device"
find /var/lib/sekisho -mindepth 1 -delete
mkdir -m 700 /var/lib/sekisho/ledger
mount -t tmpfs -o size=64k,mode=700,uid=$(id -u _sekisho-led),gid=$(id -g _sekisho-led) small /var/lib/sekisho/ledger
head -c 2000000 /dev/zero >/var/lib/sekisho/ledger/filler 2>/dev/null
nostart "a gate whose ledger's disk is full does not start" "ledger"
umount /var/lib/sekisho/ledger
umount /var/lib/sekisho
mount -t tmpfs -o mode=755 state /var/lib/sekisho
