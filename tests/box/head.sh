# A head and a proof are checked by somebody who has openssl, coreutils, sed, awk and this page: no program of ours, no Python.

# public NAME+ID+BASE64 FILE - the key of a vkey line, as openssl wants it; fails when its id is not its own
public() {
	local name=${1%%+*} id
	id=$(cut -d+ -f2 <<<"$1")
	cut -d+ -f3- <<<"$1" | base64 -d >$T/typed || return 1
	[ "$(stat -c %s $T/typed)" = 33 ] && [ "$(head -c 1 $T/typed | od -An -tx1 | tr -d ' ')" = 01 ] || return 1
	{ printf '%s\n' "$name"; cat $T/typed; } | sha256sum | grep -q "^$id" || return 1
	{ printf '\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00'; tail -c 32 $T/typed; } >"$2"
}

# signed NOTE VKEYS - both signatures of a head, each by the key of its name
signed() {
	local note=$1 name key n=0
	sed '/^$/,$d' "$note" >$T/text
	while IFS= read -r key; do
		name=${key%%+*}
		public "$key" $T/key.der || return 1
		awk -v n="$name" '$2 == n {print $3}' "$note" | base64 -d >$T/sig68 || return 1
		[ "$(stat -c %s $T/sig68)" = 68 ] || return 1
		[ "$(head -c 4 $T/sig68 | od -An -tx1 | tr -d ' ')" = "$(cut -d+ -f2 <<<"$key")" ] || return 1
		tail -c 64 $T/sig68 >$T/sig
		openssl pkeyutl -verify -pubin -keyform DER -inkey $T/key.der -rawin -in $T/text -sigfile $T/sig >/dev/null 2>&1 || return 1
		n=$((n + 1))
	done <"$2"
	[ $n = 2 ]
}

# node HEX HEX - SHA-256(01 || left || right)
node() { printf '01%s%s' "$1" "$2" | tr a-f A-F | basenc -d --base16 | sha256sum | cut -d' ' -f1; }

# included ENTRY PROOF - is this entry where the proof says, in the tree of its head?  (RFC 9162, 2.1.3.2)
included() {
	local ix size last h p root
	[ "$(sed -n 1p "$2")" = "c2sp.org/tlog-proof@v1" ] || return 1
	ix=$(sed -n '2s/^index //p' "$2")
	sed '1,/^$/d' "$2" >$T/inner
	size=$(sed -n 2p $T/inner)
	root=$(sed -n 3p $T/inner | base64 -d | od -An -v -tx1 | tr -d ' \n')
	[ -n "$ix" ] && [ "$ix" -lt "$size" ] || return 1
	h=$({ printf '\0'; cat "$1"; } | sha256sum | cut -d' ' -f1)
	last=$((size - 1))
	for p in $(sed '1,2d;/^$/,$d' "$2"); do
		[ $last -gt 0 ] || return 1
		p=$(base64 -d <<<"$p" | od -An -v -tx1 | tr -d ' \n')
		if [ $((ix & 1)) = 1 ] || [ $ix = $last ]; then
			h=$(node $p $h)
			while [ $((ix & 1)) = 0 ] && [ $ix != 0 ]; do ix=$((ix >> 1)); last=$((last >> 1)); done
		else
			h=$(node $h $p)
		fi
		ix=$((ix >> 1))
		last=$((last >> 1))
	done
	[ $last = 0 ] && [ "$h" = "$root" ]
}
not() { ! "$@"; }

gate_start
permit alice --profile inspect --as root -- id -u
ssh_ alice id -u
is "a session" "$OUT" 0

ssh_ carol audit key
cp $T/out $T/vkeys
is "two public keys" "$(wc -l <$T/vkeys)" 2
true_ "as in the file of the gate" cmp -s $T/vkeys /var/lib/sekisho/heads/gate.vkeys
covers() { ssh_ carol audit head; cp $T/out $T/note; [ "$(sed -n 2p $T/note)" -ge "$1" ]; }
true_ "a head covers what was done" wait_for 10 covers 10
true_ "both its signatures are good" signed $T/note $T/vkeys
true_ "it is in the file of the day, as it is" grep -qF "$(tail -1 $T/note)" /var/lib/sekisho/heads/*.heads
line=$(grep 'head size=' $GATE_LOG | tail -1)
printf '%b' "${line#* note=}" >$T/logged
true_ "the log has heads too, whole" signed $T/logged $T/vkeys

for i in 0 1 4 9; do
	ssh_ carol audit proof $i
	cp $T/out $T/proof.$i
	ssh_ carol audit log --json --after $i
	entry=${OUT%%,\"index\":$i\}*}
	printf '%s' "${entry#\{\"entries\":\[\{\"entry\":}" >$T/entry.$i
	true_ "entry $i is proven" included $T/entry.$i $T/proof.$i
	sed '1,/^$/d' $T/proof.$i >$T/inner
	true_ "to a head that is signed" signed $T/inner $T/vkeys
done

# whatever is altered is refused
sed 's/"what"/"whaT"/' $T/entry.4 >$T/bad
true_ "another entry is not" not included $T/bad $T/proof.4
sed 's/^index 4$/index 5/' $T/proof.4 >$T/bad
true_ "nor another index" not included $T/entry.4 $T/bad
sed '3{s/^A/B/;t;s/^./A/}' $T/proof.4 >$T/bad
true_ "nor another hash" not included $T/entry.4 $T/bad
sed '4d' $T/proof.4 >$T/bad
true_ "nor one hash less" not included $T/entry.4 $T/bad
for n in 1 2 3 4; do
	sed "$n{s/^Z/Y/;t;s/^./Z/}" $T/note >$T/bad
	true_ "a head with another line $n is not signed" not signed $T/bad $T/vkeys
done
sed '${s|\(/e1 .\{40\}\)A|\1B|;t;s|\(/e1 .\{40\}\).|\1A|}' $T/note >$T/bad
true_ "nor with another signature" not signed $T/bad $T/vkeys
ssh_ carol audit proof 100000
is "what is not covered has no proof" "$STATUS" 77
ssh_ alice audit head
is "heads are for auditors and administrators" "$STATUS" 77

entries=$(($(audit_all | wc -l)))
gate_stop
day=$(find /var/lib/sekisho/heads -name '*.heads' | sort | tail -1)
tail -n 8 $day | head -n 7 >$T/last
true_ "an ordered stop ends with a signed head" signed $T/last $T/vkeys
true_ "behind the last entry" [ "$(sed -n 2p $T/last)" -gt "$entries" ]
