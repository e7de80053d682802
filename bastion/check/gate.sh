# gate.sh - does it run, does it answer, is it what is installed?
banner_seconds=5

# of the pid file, when it is this installation's sekishod; 1: none
gate_pid() {
	local pid exe
	pid=$(cat "$pid_file" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
	exe=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 1
	[ "${exe% (deleted)}" = "$here/sekishod" ] && echo "$pid"
}

# ADDRESS:PORT of a setting as "host port"; wildcards are asked at this host's own address
dial() {
	local host=${1%:*} port=${1##*:}
	case $host in
	0.0.0.0) host=127.0.0.1;;
	'[::]') host=::1;;
	esac
	echo "${host//[\[\]]/} $port"
}

# the first line that is said there and, of a gate that does not serve, the text behind it; "closed" when the line is
# closed without one; 1: nobody.  A gate that does serve says nothing more before it has heard its client.
banner() {
	LC_ALL=C timeout -k 1 $banner_seconds bash -pc 'exec 3<>"/dev/tcp/$1/$2" && { IFS= read -r -n 100 line <&3
		more=$(timeout 0.5 dd bs=300 count=1 <&3 2>/dev/null | tr -dc "[:print:]")
		printf "%s\n" "${line:-closed}$more"; }' _ "$1" "$2" 2>/dev/null
}

# Does the gate keep sources out?  Nobody can see which, so this host's own address may be one.
keeps_out() { "$here/sekisho" --door "$run/ledger.sock" status --json 2>/dev/null | grep -q '"penalised_sources":[1-9]'; }

# who listens there, as far as ss shows it
listener() { ss -ltnpH "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1 (pid \2)/p' | head -1; }

gate_answers() {
	local a host port said
	while read -r a; do
		read -r host port < <(dial "$a")
		if [ -z "$1" ]; then	# it does not run
			[ -z "$(ss -ltnH "sport = :$port" 2>/dev/null)" ] ||
			    fault gate "port $port of listen is taken by $(listener "$port" | grep . || echo "another program")" say "stop that, or change listen in $conf"
			continue
		fi
		said=$(banner "$host" "$port")
		case $said in
		SSH-2.0-*Sekisho*"too many failed logins"*)
			warn gate "at $a the gate keeps sources out for a while that came and did not log in, $host too" say "wait, or name it in penalties.exempt: sekisho.conf(5)";;
		SSH-2.0-*Sekisho*"sekisho: "*) warn gate "at $a nobody is served: ${said##*sekisho: }" say "wait, or look at sekisho status";;
		SSH-2.0-*Sekisho*) ;;
		closed)	if keeps_out; then
				warn gate "at $a the line is closed at once: the gate keeps sources out for a while that came and did not log in, $host too" say "wait, or name it in penalties.exempt: sekisho.conf(5)"
			else
				fault gate "at $a the line is closed without a word" say "look into the log: journalctl -u sekisho"
			fi;;
		'') fault gate "nothing answers at $a within $banner_seconds seconds" say "look into the log: journalctl -u sekisho";;
		*) fault gate "at $a somebody else answers: $said" say "stop that, or change listen in $conf";;
		esac
	done < <(setting listen 0.0.0.0:2222)
}

gate_heads() {
	local t age
	if ! is_root && [ ! -r "$state/heads" ]; then skip gate "$state/heads" "it cannot be read"; return; fi
	t=$(newest_head)
	if [ -z "$t" ]; then
		warn gate "there is no signed head in $state/heads" say "start the gate"
		return
	fi
	age=$(($(date +%s) - t))
	[ -z "$1" ] || [ $age -le $(($(setting epoch 3600) + head_slack)) ] ||
	    fault gate "the newest signed head is $((age / 60)) minutes old, though each epoch has one: the keys or the ledger do not work" say "look into the log: journalctl -u sekisho"
}

# The unit that systemd would start, against the one that was installed.
gate_unit() {
	local ours unit d
	ours=$(readlink -m "$here/../systemd/system/sekisho.service")
	[ -e "$ours" ] || return 0
	unit=/etc/systemd/system/sekisho.service
	if [ -e "$unit" ] && [ ! -L "$unit" ] && ! cmp -s "$unit" "$ours"; then
		warn gate "$unit is another one than $ours" say "compare them; rm $unit, or use systemctl edit sekisho"
		ours=$unit
	fi
	for d in /etc/systemd/system/sekisho.service.d/*.conf /run/systemd/system/sekisho.service.d/*.conf; do
		! grep -qE '^(KillMode|ExecStart|User|SystemCallFilter|NoExecPaths|ProtectSystem|ReadOnlyPaths|PrivateUsers|RestrictNamespaces)=' "$d" ||
		    warn gate "$d changes what the gate depends on" say "read the reasons in $ours"
	done
	grep -q '^KillMode=mixed' "$ours" || fault gate "$ours lacks KillMode=mixed: sessions would not be ended in order" say "take the installed unit"
	grep -qE "^ExecStart=[^ ]*/sekishod " "$ours" &&
	    [ "$(readlink -f "$(sed -n 's/^ExecStart=\([^ ]*\).*/\1/p' "$ours")")" = "$here/sekishod" ] ||
	    fault gate "$ours starts another program than $here/sekishod" say "take the installed unit"
	[ ! -d /run/systemd/system ] || systemctl --root=/ -q is-enabled sekisho.service 2>/dev/null ||
	    warn gate "the gate does not start with the host" cmd "systemctl enable sekisho.service"
}

check_gate() {
	local before pid
	before=$(bad)
	if [ -e "$pid_file" ] && [ ! -r "$pid_file" ]; then
		pid=unknown
	elif ! pid=$(gate_pid); then
		pid=""
		if [ -d /run/systemd/system ]; then fault gate "the gate does not run" cmd "systemctl start sekisho.service"
		else fault gate "the gate does not run" say "$here/sekishod -c $conf -p $pid_file"; fi
	fi
	[[ $pid != [0-9]* ]] || [[ $(readlink "/proc/$pid/exe") != *"(deleted)" ]] ||
	    fault gate "the gate runs programs that were replaced since: old and new ones do not work together" say "sekisho drain, and start it again"
	gate_answers "$pid"
	gate_heads "$pid"
	gate_unit
	[ "$(bad)" != "$before" ] || ok gate "it runs${pid:+ (pid $pid)}, answers at $(setting listen 0.0.0.0:2222 | tr '\n' ' ')and its newest head is fresh"
}
