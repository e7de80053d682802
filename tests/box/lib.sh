# lib.sh TEST - what a box test has at hand; runs inside the bed.  A test is a list of sentences:
#
#	permit alice --profile inspect --as root -- id -u
#	ssh_ alice id -u
#	is "the command's output arrives" "$OUT" 0
#	is "and its status" "$STATUS" 0
#
# OUT, ERR, STATUS are of the last ssh_.  Connections are shared per person (ControlMaster), so only the first
# command of a person logs in; `as` (scripts/lib/client.sh) always makes a new one.

set -u
. "$SEKISHO_TOP/scripts/lib/client.sh"
client_askpass
T=/mnt/t
FULL=${FULL:-}
GATE_LOG=/mnt/gate.log

ok() { echo "ok $1"; }
bad() { echo "FAILED $1"; shift; for l; do printf '%s\n' "$l" | head -40 | sed 's/^/    /'; done; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "got:    $2" "wanted: $3"; fi; }
isnt() { if [ "$2" != "$3" ]; then ok "$1"; else bad "$1" "got:    $2"; fi; }
has() { if [[ "$2" == *"$3"* ]]; then ok "$1"; else bad "$1" "wanted: $3" "in:     $2"; fi; }
hasnt() { if [[ "$2" != *"$3"* ]]; then ok "$1"; else bad "$1" "unwanted: $3" "in:     $2"; fi; }
true_() { local s=$1; shift; if "$@"; then ok "$s"; else bad "$s" "false: $*"; fi; }
figure() { echo "figure $*"; }

# Configuration and accounts as the bed made them, an empty ledger; a test may edit files before gate_start.
fresh() {
	[ -z "${GATE_PID:-}" ] || gate_stop
	masters_end
	rm -rf /etc/sekisho /run/sekisho
	find /var/lib/sekisho -mindepth 1 -delete
	cp -a /mnt/etc-sekisho /etc/sekisho
	cp -a /mnt/passwd /mnt/shadow /mnt/group /etc/
	sed -i '$a login = { fail_delay = "1s"; };' /etc/sekisho/sekisho.conf
	rm -rf $T
	mkdir -p $T
	: >$GATE_LOG
	printf 'listen 80\nname a b\n' >/var/lib/site/app.conf
}

# The shared connection of a person, kept per test.
master() {
	local user=$1
	[ -S /mnt/client/cm-$user ] && ssh -F /mnt/client/config -S /mnt/client/cm-$user -O check "$user@gate" 2>/dev/null && return 0
	rm -f /mnt/client/cm-$user
	client_answers "${PASSWORD[$user]}"
	timeout 30 ssh -F /mnt/client/config -M -N -f -S /mnt/client/cm-$user -o ControlPersist=600 "$user@gate" >/mnt/client/cm-$user.log 2>&1 </dev/null ||
	    { bad "$user cannot log in" "$(cat /mnt/client/cm-$user.log)" "$(tail -5 $GATE_LOG)"; return 1; }
}
masters_end() {
	local s
	for s in /mnt/client/cm-*; do
		[ -S "$s" ] && timeout 5 ssh -F /mnt/client/config -S "$s" -O exit "x@gate" >/dev/null 2>&1
	done
	rm -f /mnt/client/cm-*
}

# ssh_ USER [-o...] WORDS... over the shared connection; standard input from $IN (default /dev/null)
ssh_() {
	local user=$1 opts=()
	shift
	while [ $# -gt 0 ]; do case $1 in -*) opts+=("$1"); shift;; *) break;; esac; done
	master "$user" || { OUT=""; ERR=""; STATUS=255; return; }
	timeout -k 5 "${SSH_SECONDS:-60}" ssh -F /mnt/client/config -S /mnt/client/cm-$user "${opts[@]}" "$user@gate" "$@" \
	    >$T/out 2>$T/err <"${IN:-/dev/null}"
	STATUS=$?
	OUT=$(tr -d '\0' <$T/out)
	ERR=$(tr -d '\0' <$T/err)
}

# permit OPERATOR [options of request new] -- ARGV...   filed by the operator, approved by bob; ID is the request
permit() {
	local user=$1
	shift
	ssh_ "$user" request new --json "$@"
	[ "$STATUS" = 0 ] || { bad "filing failed: $*" "$OUT" "$ERR"; return 1; }
	ID=$(json id <<<"$OUT")
	CODE="$ID/$(json revision <<<"$OUT")-$(json code <<<"$OUT")"
	ssh_ bob request approve "$CODE"
	[ "$STATUS" = 0 ] || { bad "approval of $CODE failed" "$OUT" "$ERR"; return 1; }
}

# json KEY[.KEY...] - one value of the document on standard input
json() {
	python3 -c 'import json,sys
v=json.load(sys.stdin)
for k in sys.argv[1].split("."):
    v=v[int(k)] if isinstance(v,list) else v[k]
print(json.dumps(v) if isinstance(v,(dict,list)) else "" if v is None else v)' "$1"
}

# the newest session's field, as the auditor sees it
session() { ssh_ carol session list --json; json "sessions.0.$1" <<<"$OUT"; }

# the whole ledger, one entry a line
audit_all() {
	local after=0 n
	while ssh_ carol audit log --json --after $after; do
		[ "$STATUS" = 0 ] || return 1
		n=$(python3 -c 'import json,sys
v=json.load(sys.stdin)["entries"]
for e in v: print(json.dumps(e["entry"],sort_keys=True), file=sys.stderr)
print(v[-1]["index"]+1 if v else "")' <<<"$OUT" 2>>$T/audit.all)
		[ -n "$n" ] && [ "$n" != "$after" ] || break
		after=$n
	done
	cat $T/audit.all
	rm -f $T/audit.all
}

# wait_for SECONDS COMMAND... - until it succeeds
wait_for() {
	local n=$(($1 * 20))
	shift
	for _ in $(seq $n); do "$@" && return 0; sleep 0.05; done
	return 1
}

# pids of a program (sekisho-net ...) at work, newest last; processes of jobs are found by the name they run under
pids_of() { ps -e -o pid=,comm=,args= --sort=start_time | awk -v c="$(printf %.15s "$1")" '$2 == c && !/: \[warm\]/ {print $1}'; }
# the monitors of one person; spare ones were there before their person, so the newest process tells nothing
monitors_of() { ps -e -o pid=,comm=,args= --sort=start_time | awk -v u="$1" '$2 == "sekisho-monitor" && $4 == u {print $1}'; }
# ... and those that wait for work
warm_of() { ps -e -o pid=,comm=,args= --sort=start_time | awk -v c="$(printf %.15s "$1")" '$2 == c && /: \[warm\]/ {print $1}'; }
none_of() { [ -z "$(pids_of "$1")" ]; }

trap 'masters_end; [ -z "${GATE_PID:-}" ] || gate_stop' EXIT
fresh
. "$1"
