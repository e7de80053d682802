# lib.sh - sourced inside `bare`: sentences, an installed package, a gate as the unit starts it, people with real ssh.
passed=0 failed=0
ok() { echo "ok $1"; passed=$((passed + 1)); }
bad() { echo "FAILED $1"; failed=$((failed + 1)); shift; for l; do printf '%s\n' "$l" | head -30 | sed 's/^/    /'; done; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "got:    $2" "wanted: $3"; fi; }
has() { if [[ "$2" == *"$3"* ]]; then ok "$1"; else bad "$1" "wanted: $3" "in:     $2"; fi; }
hasnt() { if [[ "$2" != *"$3"* ]]; then ok "$1"; else bad "$1" "unwanted: $3" "in:     $2"; fi; }
true_() { local s=$1; shift; if "$@"; then ok "$s"; else bad "$s" "false: $*"; fi; }
done_() { echo "$passed passed, $failed failed"; [ $failed -eq 0 ]; exit; }
# run COMMAND... - OUT (with errors) and STATUS
run() { OUT=$("$@" 2>&1 </dev/null); STATUS=$?; }
soon() { for _ in $(seq 200); do "$@" && return 0; sleep 0.05; done; return 1; }

people() {
	local p
	for p in alice bob carol erin; do
		useradd -m -s /bin/bash $p 2>/dev/null
		echo "$p:Bridge-52-$p" | chpasswd -c SHA512 -s 1000
	done
}
setup_words="--administrator erin --approver bob --auditor carol --operator alice --listen 127.0.0.1:2222 --yes"

unit=/usr/lib/systemd/system/sekisho.service
# What systemd would do, without it: ExecStart, then ExecStartPost.
unit_start() {
	local start post
	start=$(sed -n 's/^ExecStart=//p' $unit)
	post=$(sed -n '/^ExecStartPost=/,/[^\\]$/p' $unit | sed 's/^ExecStartPost=//; s/\\$//' | tr -d '\n')
	mkdir -p /run/sekisho
	$start 2>>/mnt/gate.log &
	GATE=$!
	MAINPID=$GATE timeout 30 bash -c "export MAINPID; $post"
}
gate_gone() { [ ! -d "/proc/$GATE" ] || grep -q '^State:.Z' "/proc/$GATE/status"; }

client() {
	cat >/mnt/askpass <<-'E'
	#!/bin/sh
	printf '%s\n' "Bridge-52-$WHO"
	E
	chmod 755 /mnt/askpass
	echo "[127.0.0.1]:2222 $(cut -d' ' -f1,2 /etc/sekisho/ssh_host_ed25519_key.pub)" >/mnt/known_hosts
	chmod 755 /mnt
}
# as NAME WORDS... - one real login and command: OUT, STATUS
as() {
	local who=$1
	shift
	OUT=$(WHO=$who SSH_ASKPASS=/mnt/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=none timeout 40 ssh -F /dev/null -p 2222 \
	    -o UserKnownHostsFile=/mnt/known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes \
	    -o PreferredAuthentications=keyboard-interactive -o NumberOfPasswordPrompts=1 -o LogLevel=ERROR \
	    "$who@127.0.0.1" "$@" 2>&1 </dev/null)
	STATUS=$?
}
# permit WORDS... - alice asks, bob approves
permit() {
	as alice request new --profile inspect --as root --reason test -- "$@"
	[ "$STATUS" = 0 ] || bad "filing $*" "$OUT"
	ID=$(grep -oE 'R[0-9]+' <<<"$OUT" | head -1)
	as bob request show "$ID"
	as bob request approve "$(grep -oE "$ID/[0-9]+-[a-z2-7]{4}" <<<"$OUT" | tail -1)"
	[ "$STATUS" = 0 ] || bad "approving $*" "$OUT"
}
