# rights.sh - who could change programs, configuration and evidence.

# strangers AREA DIR - whatever in it is not root's alone; links are what they lead to
strangers() {
	local p
	while IFS= read -r -d '' p; do mine "$1" "$p"; done < <(find -L "$2" \( ! -user root -o -perm /022 -o -type l \) -print0 2>/dev/null)
}

check_programs() {
	local before p line
	before=$(bad)
	for p in sekishod sekisho-load sekisho-monitor sekisho-net sekisho-record sekisho-exec sekisho-ledgerd sekisho-keyd \
	    sekisho-verify sekisho sekisho-setup sekisho-check; do
		if [ ! -e "$here/$p" ]; then fault programs "$here/$p is missing" say "install Sekisho again"; continue; fi
		[ ! -u "$here/$p" ] && [ ! -g "$here/$p" ] || fault programs "$here/$p is set-user-ID or set-group-ID" cmd "chmod a-s $(word "$here/$p")"
	done
	strangers programs "$here"
	parents programs "$here/sekishod"
	# installed as a package: is it still what the package brought?
	if dpkg-query -S "$here/sekishod" >/dev/null 2>&1; then
		while read -r line; do
			fault programs "differs from the package: ${line##* }" say "install the package again; was it changed on purpose?"
		done < <(dpkg -V sekisho 2>/dev/null | grep -F " $here/")
	fi
	[ "$(bad)" != "$before" ] || ok programs "$here: root's, and as installed"
}

# no_link AREA PATH - in directories that processes of the gate write, nothing may lead elsewhere: no chmod is to follow it
no_link() { [ ! -L "$2" ] || { fault "$1" "$2 is a symbolic link, which nothing of the gate makes" say "look who made it, and where it leads"; return 1; }; }

# private AREA PATH OWNER - its owner alone can look into it
private() {
	local owner mode
	no_link "$1" "$2" || return
	read -r owner mode < <(stat -c '%U %a' -- "$2") || return
	[ "$owner" = "$3" ] || fault "$1" "$2 belongs to $owner, not to $3" cmd "chown $3: $(word "$2")"
	[ $((0$mode & 077)) = 0 ] || fault "$1" "$2 can be read by others (mode $mode)" cmd "chmod go= $(word "$2")"
}

rights_config() {
	local p key
	strangers rights "$etc"
	parents rights "$conf"
	for key in $(setting host_keys "$etc/ssh_host_ed25519_key"); do
		if [ ! -e "$key" ]; then
			fault rights "the host key $key is missing" cmd "ssh-keygen -q -t ed25519 -N '' -f $(word "$key")"
			continue
		fi
		parents rights "$key"
		[ $((0$(stat -L -c %a -- "$key") & 077)) = 0 ] ||
		    fault rights "the host key $key can be read by others: make a new one if it was" cmd "chmod 600 $(word "$key")"
	done
}

rights_state() {
	local p n
	[ -d "$state" ] || { warn rights "$state is not there yet: sekishod makes it when it starts" say "start the gate"; return; }
	mine rights "$state"
	parents rights "$state"
	for p in ledger:_sekisho-led keys:_sekisho-key; do
		[ ! -d "$state/${p%:*}" ] || private rights "$state/${p%:*}" "${p#*:}"
		for n in "$state/${p%:*}"/*; do private rights "$n" "${p#*:}"; done
	done
	if [ -d "$state/heads" ]; then
		[ "$(stat -c %U "$state/heads")" = _sekisho-led ] || fault rights "$state/heads belongs to $(stat -c %U "$state/heads")" cmd "chown -R _sekisho-led: $(word "$state/heads")"
		for p in "$state/heads" "$state/heads"/*; do
			no_link rights "$p" || continue
			[ $((0$(stat -c %a "$p") & 022)) = 0 ] || fault rights "$p can be written by others" cmd "chmod go-w $(word "$p")"
		done
	fi
	if [ -d "$state/recordings" ]; then
		n=$(find "$state/recordings" \( -perm /027 -o ! -user root -o ! -group _sekisho-led \) 2>/dev/null | wc -l)
		[ "$n" = 0 ] || fault rights "$n recordings or their directories can be read by others, or have another owner (first: $(find "$state/recordings" \( -perm /027 -o ! -user root -o ! -group _sekisho-led \) 2>/dev/null | head -1))" \
		    cmd "chown -R root:_sekisho-led $(word "$state/recordings") && chmod -R g-w,o= $(word "$state/recordings")"
	fi
}

check_rights() {
	local before d
	before=$(bad)
	rights_config
	rights_state
	if [ -d "$run" ]; then
		mine rights "$run"
		[ ! -d "$run/empty" ] || { mine rights "$run/empty" && [ -n "$(find "$run/empty" -mindepth 1 2>/dev/null | head -1)" ] &&
		    fault rights "$run/empty is not empty: it is the root directory of processes that nobody trusts" cmd "find $(word "$run/empty") -mindepth 1 -delete"; }
	fi
	while read -r d; do
		[ ! -d "$d" ] || [ -n "${parents_seen[$(readlink -f "$d")]:-}" ] || { mine rights "$d"; parents rights "$d"; parents_seen[$(readlink -f "$d")]=1; }
	done < <(setting command_dirs $'/usr/local/sbin\n/usr/local/bin\n/usr/sbin\n/usr/bin\n/sbin\n/bin')
	is_root || skip rights "what is in $state/ledger, keys and recordings" "only root may"
	[ "$(bad)" != "$before" ] || ok rights "configuration, keys, state and command directories have the right owners and modes"
}
