# pam.sh - the PAM stack of the gate: there, loadable, and made of modules that can work in sekisho-monitor(8).

# pam_lines FILE - "type control module arguments", includes followed; comments and continued lines are gone
pam_lines() {
	local file=$1 depth=${2:-0} type control module args
	[ "$depth" -lt 8 ] && [ -r "$file" ] || return 0
	while read -r type control module args; do
		case $type in
		''|'#'*) continue;;
		@include) pam_lines "${file%/*}/$control" $((depth + 1)); continue;;
		esac
		if [[ $control == \[* ]]; then		# [success=1 default=ignore]
			while [ "${control%]}" = "$control" ] && [ -n "$args" ]; do control="$control $module"; read -r module args <<<"$args"; done
		fi
		case $control in
		include|substack) pam_lines "${file%/*}/$module" $((depth + 1)) | grep "^-\{0,1\}$type ";;
		*) printf '%s %s %s %s\n' "$type" "${control// /_}" "$module" "$args";;
		esac
	done < <(sed -e ':a' -e '/\\$/{N;s/\\\n/ /;ba' -e '}' -e 's/#.*//' "$file")
}

pam_module_path() {
	local d
	case $1 in /*) [ ! -e "$1" ] || echo "$1"; return;; esac
	for d in /lib/*-linux-*/security /usr/lib/*-linux-*/security /lib/security /usr/lib/security; do
		[ ! -e "$d/$1" ] || { echo "$d/$1"; return; }
	done
}

check_pam() {
	local before file dir service type module args path lines missing name sure kind mend
	before=$(bad)
	service=$(setting pam_service sekisho)
	dir=$(setting pam_dir "")
	file=${dir:-/etc/pam.d}/$service
	if [ ! -e "$file" ]; then
		fault pam "there is no PAM service $file" cmd "install -m 644 $(readlink -m "$here/../../share/sekisho")/pam.d/sekisho $(word "$file")"
		return
	fi
	mine pam "$file"
	parents pam "$file"
	sure="edit $file: sekisho-monitor(8)"
	lines=$(pam_lines "$file")
	for type in auth account; do
		grep -qE "^-?$type " <<<"$lines" || fault pam "$file has no $type line: PAM takes /etc/pam.d/other for it" say "$sure"
	done
	while read -r type _ module args; do
		name=${module##*/}
		path=$(pam_module_path "$module")
		if [ -z "$path" ]; then
			[[ $type == -* ]] || fault pam "$file: the module $module is not installed" say "install its package, or take the line out of $file"
			continue
		fi
		mine pam "$path" || continue	# nor is it looked into
		missing=$(ldd "$path" 2>/dev/null | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | tr '\n' ' ')
		[ -z "$missing" ] || fault pam "$file: $name cannot be loaded, it lacks $missing" say "install the package with that library"
		case $name in
		pam_permit.so) [ "$type" != auth ] || fault pam "$file: pam_permit in auth lets everybody in" say "$sure";;
		pam_exec.so|pam_script.so|pam_mount.so|pam_ssh.so|pam_systemd.so)
			warn pam "$file: $name starts or asks other programs, which sekisho-monitor's confinement forbids" say "$sure";;
		pam_faildelay.so) warn pam "$file: pam_faildelay is not needed: every failure is answered at the same instant" say "$sure";;
		pam_echo.so|pam_issue.so) warn pam "$file: $name speaks before the password was right" say "$sure";;
		pam_nologin.so|pam_motd.so|pam_lastlog.so|pam_mail.so)
			[ "$type" != auth ] || warn pam "$file: $name speaks before the password was right" say "$sure";;
		pam_tally2.so|pam_tally.so) warn pam "$file: $name lets strangers lock people out; login.backoff slows them down" say "$sure";;
		pam_google_authenticator.so|pam_oath.so)
			warn pam "$file: $name writes its file at each login: it must be in /etc, the only place sekisho-monitor can write" say "$sure";;
		pam_limits.so|pam_env.so) [ "$type" != session ] || warn pam "$file: $name does nothing here: limits and environment of a job come from the request" say "$sure";;
		esac
		if [[ " $args " == *" nullok "* ]]; then
			if grep -q nullok "$file"; then kind=cmd mend="sed -i 's/ nullok//' $(word "$file")"; else kind=say mend=$sure; fi
			fault pam "$file: nullok lets accounts without a password in" $kind "$mend"
		fi
	done < <(sort -u <<<"$lines")
	[ "$(bad)" != "$before" ] || ok pam "$file: $(grep -c . <<<"$lines") lines, every module is there"
}
