# Who checks a gate: at its door, over ssh, on a copy; good, and after each way of tampering that root has.
door=/run/sekisho/ledger.sock
verify=/mnt/bin/sekisho-verify
mkdir -p /mnt/bin
cp $SEKISHO_BIN/sekisho-verify /mnt/bin/
chmod 755 /mnt/bin /mnt/bin/*
STORE=/var/lib/sekisho

# check ARGUMENTS... - as root on a copy; OUT is all of it, LAST its last line
check() {
	timeout -k 5 60 $verify "$@" >$T/out 2>$T/err </dev/null
	STATUS=$?
	OUT=$(cat $T/out)
	ERR=$(cat $T/err)
	LAST=$(tail -1 $T/out)
}
# at USER ARGUMENTS... - at the door
at() {
	local user=$1
	shift
	timeout -k 5 60 setpriv --reuid "$user" --regid "$user" --clear-groups $verify "$@" >$T/out 2>$T/err <"${IN:-/dev/null}"
	STATUS=$?
	OUT=$(cat $T/out)
	ERR=$(cat $T/err)
	LAST=$(tail -1 $T/out)
}
copy() { rm -rf $T/copy; cp -a $STORE $T/copy; }
# flip FILE OFFSET: one bit of it
flip() { python3 - "$1" "$2" <<'PY'
import sys
p, at = sys.argv[1], int(sys.argv[2])
f = open(p, "r+b")
f.seek(at, 2 if at < 0 else 0)
b = f.read(1)
f.seek(-1, 1)
f.write(bytes([b[0] ^ 1]))
PY
}
sql() { python3 - "$1" "$2" <<'PY'
import sqlite3, sys
c = sqlite3.connect(sys.argv[1])
c.execute(sys.argv[2])
c.commit()
PY
}

gate_start
permit alice --profile inspect --as root --uses 5 -- id -u
ssh_ alice id -u
ssh_ carol audit head
printf '%s\n' "$OUT" >$T/early.head
ssh_ carol audit key
printf '%s\n' "$OUT" >$T/keys
cp -a $STORE $T/earlier

# --- while it runs ---
at carol
is "without a head from outside it is only consistent" "$STATUS" 3
has "which it says last" "$LAST" "sekisho-verify: consistent, but cannot exclude roll-back: no head from outside was given (--head FILE)"
has "and whose key it took" "$OUT" "note [own-key]"
at carol --head $T/early.head --key $T/keys
is "with a head that was kept all is well" "$STATUS" 0
has "which it says last" "$LAST" "sekisho-verify: OK: "
hasnt "with a key of one's own" "$OUT" "own-key"
at carol --json --head $T/early.head
is "as JSON too" "$(json verdict <<<"$OUT")" ok
at alice
is "an operator may not" "$STATUS" 69
has "and is told why" "$ERR" "auditors and administrators"
IN=$T/early.head ssh_ carol verify --head -
is "over ssh, with the head on standard input" "$STATUS" 0
has "the same verdict" "$OUT" "verify: OK: "
ssh_ carol -tt verify
has "on a terminal one sees how far it is" "$OUT" "] entries 0 of "
has "and the verdict behind it" "$OUT" "verify: consistent, "
ssh_ carol verify S1 --json
is "one session" "$STATUS" 3
is "and no other record was read" "$(json recordings <<<"$OUT")" 1
ssh_ carol verify S77
is "a session that never was" "$STATUS" 1
ssh_ alice verify
is "an operator is refused" "$STATUS" 77
IN=/etc/hostname ssh_ carol verify --head -
is "what is no head is refused" "$STATUS" 65
audit_all >$T/log
has "who checked is in the ledger" "$(cat $T/log)" '"what": "verify", "what_of": "all", "who": "carol"'

# a busy gate: sessions start and end, requests are filed, while somebody checks again and again
(for i in 1 2 3; do ssh_ alice id -u; done) &
busy=$!
bad=0
for i in 1 2 3 4 5 6; do
	at carol
	[ "$STATUS" = 3 ] || { bad=1; echo "$OUT" "$ERR" >>$T/busy; }
done
wait $busy
is "a gate at work raises no false alarm" "$bad" 0
[ $bad = 0 ] || cat $T/busy

gate_stop
check --store $STORE --head $T/early.head
is "after a stop in order the store itself is good" "$STATUS" 0
before=$(cd $STORE && find . -type f -exec sha256sum {} + | sort)
check --store $STORE
is "nothing is changed by looking" "$(cd $STORE && find . -type f -exec sha256sum {} + | sort)" "$before"
check --door $door
is "without a gate there is nobody to ask" "$STATUS" 69
check --store /nowhere
is "without a store nothing to read" "$STATUS" 74
check --stroe x
is "a slip of the finger" "$STATUS" 64
check --store $STORE --head /etc/hostname
is "a head that is none" "$STATUS" 64

# --- on a copy, changed by whoever is root there ---
copy
flip $T/copy/recordings/*/*/*/S1.skr 300
check --store $T/copy
is "a byte of a record: found" "$STATUS" 1
has "and named" "$LAST" "FAULT: S1: "
copy
rm $T/copy/recordings/*/*/*/S2.skr
check --store $T/copy
has "a record that is gone" "$LAST" "FAULT: S2: its record is not there"
copy
rm -r $T/copy/recordings
check --store $T/copy
has "all records gone" "$LAST" "FAULT: S1: its record is not there"
copy
chmod -R a+rX $T $T/copy
IN=$T/early.head at carol --store $T/copy --head - --quiet
is "a copy that any account may read, the head on standard input" "$STATUS$OUT" 0
chmod 0 $T/copy/recordings/*/*/*/S2.skr
at carol --store $T/copy
is "a record that this account may not read is no record that was taken away" "$STATUS" 74
hasnt "and no fault" "$OUT" FAULT
at carol --store $T/copy S1 --head $T/early.head
has "one session: which recording was read" "$LAST" "of the recordings only that of S1, head "
copy
rm $T/copy/heads/gate.vkeys
check --store $T/copy
has "no keys" "$LAST" "it is missing, and no key was given"
hasnt "then none was taken from the store" "$OUT" own-key
copy
sql $T/copy/ledger/ledger.db "UPDATE session SET operator = 'bob' WHERE nr = 1"
check --store $T/copy
has "a changed row" "$LAST" 'FAULT: session S1: column operator is "bob", and the entries say "alice"'
copy
sql $T/copy/ledger/ledger.db "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), 'alice', 'malic') AS BLOB) WHERE ix = 3"
check --store $T/copy
has "a changed entry" "$OUT" "entry 3: it is not the entry that is hashed in the tree"
copy
head -c 100 /dev/urandom >$T/copy/recordings/extra
check --store $T/copy
has "a file of nobody" "$LAST" "FAULT: extra: "
copy
: >$T/copy/ledger/ledger.db
check --store $T/copy
has "no database" "$LAST" "the database cannot be read"

# --- an older store put back in its place ---
ssh_head=$(find $STORE/heads -name '*.heads' | sort | tail -1)
python3 - "$ssh_head" >$T/late.head <<'PY'
import sys
print(open(sys.argv[1], encoding="utf-8").read().split("\n\n— ")[-2].rsplit("\n\n", 1)[-1] + "\n\n— " +
    open(sys.argv[1], encoding="utf-8").read().split("\n\n— ")[-1].rstrip("\n"))
PY
check --store $STORE --head $T/late.head
is "the newest head of the file is one" "$STATUS" 0
check --store $T/earlier
is "an older store is consistent in itself" "$STATUS" 3
check --store $T/earlier --head $T/late.head
is "but not for who holds a later head" "$STATUS" 1
has "put back" "$LAST" "FAULT: --head: it has seen "

# --- again and again: what was whole is not read again ---
check --store $STORE --state $T/state
is "the first time with a state file" "$STATUS" 3
true_ "it is written" test -s $T/state
check --store $STORE --state $T/state --json
is "the second time it is the head from outside" "$STATUS" 0
is "and no record is read again" "$(json recordings <<<"$OUT")" 0
check --store $T/earlier --state $T/state
is "an older store is found by it" "$STATUS" 1

# --- killed, not stopped ---
gate_start
ssh_ alice id -u
kill -9 $GATE_PID $(pids_of sekisho-ledgerd) $(pids_of sekisho-keyd) 2>/dev/null
wait_for 10 none_of sekisho-ledgerd
wait_for 20 none_of sekisho-record
check --store $STORE --head $T/late.head
is "a gate that was killed is no fault" "$STATUS" 0
[ "$STATUS" = 0 ] || printf '%s\n' "$OUT"
GATE_PID=

# --- killed, and the record of what ran taken away before the next start: the ledger notices, and that is no excuse ---
sed -i '$a seal_grace = "3s";' /etc/sekisho/sekisho.conf	# the ledger waits so long for somebody to claim it
gate_start
permit alice --profile inspect --as root -- sleep 300
client_answers "${PASSWORD[alice]}"
: >$T/began
(timeout 30 ssh -F /mnt/client/config alice@gate sleep 300 >/dev/null 2>&1 </dev/null) &
runs() { [ -n "$(pids_of sleep)" ] && find $STORE/recordings -newer $T/began -name '*.skr' | grep -q .; }
true_ "a command runs" wait_for 10 runs
kill -9 $GATE_PID $(pids_of sekisho-ledgerd) $(pids_of sekisho-keyd) 2>/dev/null
wait_for 20 none_of sekisho-record
masters_end
rm -f $(find $STORE/recordings -newer $T/began -name '*.skr')
gate_start
told() { audit_all 2>/dev/null | grep -q '"result": "missing"'; }
true_ "the ledger tells that it is missing" wait_for 60 told
masters_end
gate_stop
GATE_PID=
check --store $STORE --head $T/late.head
is "a record that was taken away behind a crash is a fault" "$STATUS" 1
has "and it is named" "$LAST" "its record is not there"
