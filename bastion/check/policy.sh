# policy.sh - what the loader says: settings and people for the other areas, and whether it is valid at all.

policy=""		# lines of sekisho-load --list
policy_error=""		# its one line, when it would not load
policy_skip=""		# why it was not asked

policy_read() {
	local out
	if ! is_root; then
		policy_skip="only root may read keys and the state of accounts"
	elif [ ! -x "$here/sekisho-load" ]; then
		policy_error="$here/sekisho-load is missing"
	elif out=$("$here/sekisho-load" -c "$conf" --list 2>&1); then
		policy=$out
	else
		policy_error=$(tail -1 <<<"$out")
	fi
	etc=$(dirname "$(readlink -m -- "$conf")")
	state=$(setting state_dir /var/lib/sekisho)
	run=$(setting run_dir /run/sekisho)
	pid_file=$run/sekishod.pid
}

# setting NAME DEFAULT - each of its values on a line; the default when the configuration cannot be loaded
setting() {
	local v
	v=$(awk -F'\t' -v k="$1" '$1 == "setting" && $2 == k {print $3}' <<<"$policy")
	printf '%s\n' "${v:-${2:-}}"
}

# people_of ROLE [active] - names
people_of() {
	awk -F'\t' -v r="$1" -v a="${2:-}" '$1 == "person" && ("," $4 ",") ~ ("," r ",") && (a == "" || $5 == a) {print $2}' <<<"$policy"
}

check_config() {
	local a before missing="" line
	before=$(bad)
	for a in net rec led key sh; do
		getent passwd "_sekisho-$a" >/dev/null || fault config "the account _sekisho-$a is missing" \
		    cmd "useradd --system --no-create-home -d /nonexistent -s /usr/sbin/nologin _sekisho-$a"
	done
	if [ -n "$policy_skip" ]; then
		skip config "$conf" "$policy_skip"
		return
	fi
	if [ ! -e "$conf" ]; then
		fault config "there is no configuration $conf" cmd "$here/sekisho-setup"
		return
	fi
	if [ -n "$policy_error" ]; then
		# an account that is missing was told above
		case $policy_error in
		*"expected the account _sekisho-"*) ;;
		*"mode "[0-7][0-7][0-7]*) fault config "not valid: $policy_error" say "chmod or chown it: the lines of rights say how";;
		*) fault config "not valid: $policy_error" say "edit that line; $here/sekisho-load -c $conf --check says what it expects";;
		esac
		return
	fi
	while IFS=$'\t' read -r _ line; do
		case $line in
		*"can do nothing:"*) ;;
		*/keys.d:*) warn config "$line" say "install -m 644 THEIR.pub $etc/keys.d/NAME, one key for one person: sekisho-keys(5)";;
		*) warn config "$line" say "edit that file: approval.conf(5), roles.conf(5)";;
		esac
	done < <(grep '^warning' <<<"$policy")
	grep -q '^rule' <<<"$policy" || fault config "approval.conf has no rule: nobody can ask for anything" say "add one: approval.conf(5)"
	[ "$(bad)" != "$before" ] || ok config "$conf and what is beside it is valid"
}

check_people() {
	local before who role active name why served="" o
	if [ -z "$policy" ]; then
		[ -z "$policy_skip" ] || skip people "roles and accounts" "$policy_skip"
		return
	fi
	before=$(bad)
	while IFS=$'\t' read -r _ name _ role active why; do
		if people_login "$name"; then
			[ "$active" = active ] || warn people "$name ($role) can do nothing: $why" say "mend the account, or take the name out of roles.conf"
		else
			warn people "$name ($role) cannot log in: $WHY" cmd "$MEND"
		fi
	done < <(grep '^person' <<<"$policy")
	for role in operator approver auditor; do
		[ -n "$(people_of $role active)" ] || case $role in
		operator) warn people "nobody can ask for a command: no operator" say "add one to $etc/roles.conf";;
		approver) fault people "nobody can approve: no approver whose account is in use" say "add one to $etc/roles.conf";;
		auditor) fault people "nobody can read recordings and judge jobs: no auditor whose account is in use" say "add one to $etc/roles.conf";;
		esac
	done
	for o in $(people_of operator active); do
		[ -z "$(people_of approver active | grep -vxF -- "$o")" ] || served=1
		[ -z "$(people_of auditor active)" ] || [ -n "$(people_of auditor active | grep -vxF -- "$o")" ] ||
		    warn people "nobody can judge what $o runs: $o is the only auditor" say "add an auditor to $etc/roles.conf"
	done
	[ -n "$served" ] || [ -z "$(people_of operator active)" ] || [ -z "$(people_of approver active)" ] ||
	    fault people "nothing can be approved: the only approver is the only operator" say "add an approver to $etc/roles.conf"
	[ -n "$(people_of administrator active)" ] || warn people "there is no administrator" say "add one to $etc/roles.conf"
	[ "$(bad)" != "$before" ] || ok people "$(grep -c '^person' <<<"$policy") people, each account in use, duties are separate"
}
