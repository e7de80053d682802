# client.sh - sourced: the operator's side.  Real ssh(1), answers to its prompts through SSH_ASKPASS.

# Answers, in the order in which ssh will ask.  $ANSWERS is a file with one answer a line; what was asked is kept
# in $ANSWERS.asked.
client_answers() {
	ANSWERS=$(mktemp /mnt/client/answers.XXXXXX)
	printf '%s\n' "$@" >"$ANSWERS"
	: >"$ANSWERS.asked"
	export ANSWERS
}

# The askpass program: next line of $ANSWERS; none left: says nothing and fails, so ssh gives up.
client_askpass() {
	cat >/mnt/client/askpass <<-'EOF'
	#!/bin/bash
	exec 9>"$ANSWERS.lock"
	flock 9
	printf '%s\n' "$1" >>"$ANSWERS.asked"
	n=$(wc -l <"$ANSWERS.asked")
	[ "$n" -le "$(wc -l <"$ANSWERS")" ] || exit 1
	sed -n "${n}p" "$ANSWERS"
	EOF
	chmod 755 /mnt/client/askpass
	export SSH_ASKPASS=/mnt/client/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=none
}

# as USER [ssh options] -- WORDS...   one ssh with USER's password, at most 60 s
declare -A PASSWORD=([alice]=Temp-4711-ab [bob]=Bridge-52-xy [carol]=Candle-63-zz [dave]=Desert-74-qq
	[erin]=Ember-85-ww [mallory]=Marsh-96-ee)
as() {
	local user=$1 opts=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do opts+=("$1"); shift; done
	[ $# -eq 0 ] || shift
	client_answers "${PASSWORD[$user]}"
	timeout -k 5 "${SSH_SECONDS:-60}" ssh -F /mnt/client/config "${opts[@]}" "$user@gate" "$@"
}

# The gate in the background; waits until it answers.
gate_start() {	# [options of sekishod]
	GATE_LOG=${GATE_LOG:-/mnt/gate.log}
	"$SEKISHO_BIN/sekishod" -c /etc/sekisho/sekisho.conf "$@" >>"$GATE_LOG" 2>&1 &
	GATE_PID=$!
	for _ in $(seq 100); do
		if (exec 3<>/dev/tcp/127.0.0.1/2222) 2>/dev/null; then return 0; fi
		kill -0 $GATE_PID 2>/dev/null || break
		sleep 0.1
	done
	echo "the gate did not start:" >&2
	tail -5 "$GATE_LOG" >&2
	return 1
}

gate_stop() {
	kill -TERM "$GATE_PID" 2>/dev/null
	for _ in $(seq 200); do
		kill -0 "$GATE_PID" 2>/dev/null || break
		sleep 0.1
	done
	kill -9 "$GATE_PID" 2>/dev/null
	wait "$GATE_PID" 2>/dev/null
}
