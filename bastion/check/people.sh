# people.sh - sourced by sekisho-setup and sekisho-check: accounts and groups by the name service.

# people_members GROUP - its members, those with it as primary group too
people_members() {
	local line gid
	line=$(getent group -- "$1") && [ "${line%%:*}" = "$1" ] || return 0
	gid=$(cut -d: -f3 <<<"$line")
	{ cut -d: -f4 <<<"$line" | tr ',' '\n'; getent passwd | awk -F: -v g="$gid" '$4 == g {print $1}'; } | grep . | sort -u | tr '\n' ' '
}

# people_expand WORD... - names, each once, with the members of each @GROUP
people_expand() {
	local w
	for w; do
		case $w in
		@*) people_members "${w#@}" | tr ' ' '\n';;
		*) echo "$w";;
		esac
	done | grep . | sort -u | tr '\n' ' '
}

# people_without LIST NAME - LIST but NAME
people_without() { tr ' ' '\n' <<<"$1" | grep . | grep -vxF -- "$2" | tr '\n' ' '; }

# people_login NAME - can it log in with a password?  If not: why, in WHY, and how to mend it, in MEND
people_login() {
	local line pw today=$(($(date +%s) / 86400))
	local -a f
	WHY="" MEND=""
	line=$(getent passwd -- "$1") && [ "${line%%:*}" = "$1" ] || { WHY="there is no such account"; MEND="useradd -m $1 && passwd $1"; return 1; }
	line=$(getent shadow -- "$1") || return 0	# a directory service, which PAM asks
	IFS=: read -r -a f <<<"$line"
	pw=${f[1]:-}
	case $pw in
	'') WHY="it has no password"; MEND="passwd $1";;
	'!'|'*'|'!*'|'!!') WHY="it has never had a password"; MEND="passwd $1";;
	'!'*|'*'*) WHY="it is locked"; MEND="passwd -u $1";;
	esac
	if [ -n "${f[7]:-}" ] && [ "$today" -ge "${f[7]}" ]; then
		WHY="it expired on $(date -d "@$((${f[7]} * 86400))" +%F)"; MEND="chage -E -1 $1"
	elif [ -n "${f[6]:-}" ] && [ -n "${f[4]:-}" ] && [ "${f[2]:-0}" -gt 0 ] && [ "$today" -gt $((${f[2]} + ${f[4]} + ${f[6]})) ]; then
		WHY="its password expired too long ago"; MEND="passwd $1"
	fi
	[ -z "$WHY" ]
}
