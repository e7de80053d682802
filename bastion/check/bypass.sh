# bypass.sh - ways past the gate: other logins, and rights of root that need no approval.
root_groups="sudo wheel admin root disk shadow docker lxd libvirt kmem"	# each is as good as root on a usual host

bypass_accounts() {
	local name groups g d="rights of root without the gate"
	while IFS=: read -r name _ _; do
		[ "$name" = root ] || fault bypass "$name has uid 0 as root has" say "give it a uid of its own, or take it out: vipw"
	done < <(getent passwd | awk -F: '$3 == 0')
	for name in $(people_of operator); do
		groups=" $(id -nG -- "$name" 2>/dev/null) "
		for g in $root_groups; do
			[[ $groups != *" $g "* ]] || fault bypass "the operator $name is in the group $g: $d" cmd "gpasswd -d $name $g"
		done
		! command -v sudo >/dev/null || ! is_root || ! sudo -n -l -U "$name" 2>/dev/null | grep -q 'may run the following' ||
		    fault bypass "sudo lets the operator $name run commands: $d" say "take $name out of /etc/sudoers and /etc/sudoers.d: visudo"
		! [ -r /etc/doas.conf ] || ! grep -qE "^[[:space:]]*permit.*[[:space:]]:?($name|${groups// /|})([[:space:]]|$)" /etc/doas.conf ||
		    fault bypass "/etc/doas.conf permits the operator $name: $d" say "take $name out of it"
	done
}

# Whoever knows root's password needs no gate, where su takes it from everybody.
bypass_su() {
	local pw
	pw=$(getent shadow root | cut -d: -f2)
	case $pw in ''|'!'*|'*'*) return;; esac
	! grep -qE '^auth[[:space:]]+(required|requisite)[[:space:]]+pam_wheel\.so' /etc/pam.d/su 2>/dev/null || return
	warn bypass "root has a password, and su takes it from every account" say "auth required pam_wheel.so in /etc/pam.d/su, or passwd -l root when there is another way in"
}

# sshd_lets_in USER CONFIG - can it log in with anything, going by sshd -T?  How, in HOW
sshd_lets_in() {
	local t u=$1 home groups f k
	HOW=""
	groups=$(id -nG -- "$u" 2>/dev/null)
	t=$(sshd -T -f "$2" -C "user=$u,host=localhost,addr=127.0.0.1" 2>/dev/null) || { HOW=unknown; return 0; }
	! listed "$(value denyusers "$t")" " $u " || return 1
	! listed "$(value denygroups "$t")" "$groups" || return 1
	[ -z "$(value allowusers "$t")" ] || listed "$(value allowusers "$t")" " $u " || return 1
	[ -z "$(value allowgroups "$t")" ] || listed "$(value allowgroups "$t")" "$groups" || return 1
	case $(getent passwd -- "$u" | cut -d: -f7) in */nologin|*/false) return 1;; esac
	[ "$(value passwordauthentication "$t")" != yes ] || HOW="a password"
	[ "$(value kbdinteractiveauthentication "$t")" != yes ] || HOW="a password"
	home=$(getent passwd -- "$u" | cut -d: -f6)
	if [ "$(value pubkeyauthentication "$t")" = yes ]; then
		for f in $(value authorizedkeysfile "$t"); do
			k=${f//%h/$home}; k=${k//%u/$u}
			case $k in /*) ;; *) k=$home/$k;; esac
			[ ! -s "$k" ] || HOW="${HOW:+$HOW or }a key"
		done
	fi
	[ -n "$HOW" ]
}
value() { sed -n "s/^$1 //p" <<<"$2" | paste -sd' '; }
# listed PATTERNS NAMES - is one of the names like one of the patterns (a host behind @ is not looked at)?
listed() {
	local p n
	set -f
	for p in $1; do for n in $2; do
		# shellcheck disable=SC2053 # patterns are meant
		if [[ $n == ${p%@*} ]]; then set +f; return 0; fi
	done; done
	set +f
	return 1
}

bypass_sshd() {	# pid of a listener, its addresses
	local pid=$1 where=$2 config=/etc/ssh/sshd_config u in="" how="" args
	args=$(tr '\0' ' ' <"/proc/$pid/cmdline")
	[[ ! $args =~ \ -f\ ?([^ ]+) ]] || config=${BASH_REMATCH[1]}
	for u in $(people_of operator); do
		sshd_lets_in "$u" "$config" || continue
		in="${in:+$in }$u"
		how=$HOW
	done
	[ -n "$in" ] || return 0
	if [ "$how" = unknown ]; then
		warn bypass "an sshd listens at $where, and its configuration cannot be read" say "sshd -t -f $config says why"
	elif grep -qiE '^[[:space:]]*Include[[:space:]]+/etc/ssh/sshd_config\.d/\*\.conf' "$config"; then
		warn bypass "an sshd at $where lets operators in past the gate, with $how: $in; administrators should keep a way in" \
		    cmd "printf 'DenyUsers $in\\n' >/etc/ssh/sshd_config.d/00-sekisho.conf && kill -HUP $pid"
	else
		warn bypass "an sshd at $where lets operators in past the gate, with $how: $in; administrators should keep a way in" \
		    say "DenyUsers $in in $config, or AllowGroups, or a ListenAddress that only administrators reach"
	fi
}

bypass_listeners() {
	local line where name pid seen=" "
	while read -r _ _ _ where _ line; do
		name=$(sed -n 's/.*(("\([^"]*\)".*/\1/p' <<<"$line")
		pid=$(sed -n 's/.*pid=\([0-9]*\).*/\1/p' <<<"$line")
		[[ $seen != *" ${pid:-$where} "* ]] || continue		# one program, several addresses
		seen="$seen${pid:-$where} "
		case $name in
		sshd)	# only root's own is asked with its own configuration
			if [ "$(stat -c %u "/proc/$pid" 2>/dev/null)" = 0 ]; then bypass_sshd "$pid" "$where"
			else warn bypass "a program called sshd, of $(stat -c %U "/proc/$pid" 2>/dev/null) (pid $pid), listens at $where" say "look what it is"; fi;;
		dropbear|tinysshd|in.telnetd|telnetd|inetd|xinetd|rshd|in.rlogind|ttyd|shellinaboxd|cockpit-ws|cockpit-tls)
			warn bypass "$name (pid $pid) listens at $where: people may log in past the gate" say "stop it, or let it listen where only administrators come";;
		systemd) [[ $where != *:22 ]] || warn bypass "systemd listens at $where, for ssh.socket perhaps" say "systemctl disable --now ssh.socket, or see that operators cannot log in there";;
		esac
	done < <(ss -ltnpH 2>/dev/null | sort -u -k4,4)
}

check_bypass() {
	local before
	before=$(bad)
	bypass_accounts
	bypass_su
	if ! is_root; then skip bypass "other logins and sudo" "only root may"
	elif ! command -v ss >/dev/null; then skip bypass "who listens" "ss is missing" "apt-get install iproute2"
	else bypass_listeners; fi
	[ "$(bad)" != "$before" ] || ok bypass "no other login and no right of root for operators was found"
}
