# sekisho.bash - completion for sekisho, sekisho-verify, sekishod, and for gateway words behind ssh.
#
# On the gate's own machine the package puts this file where bash finds it.  On an operator's machine, in ~/.bashrc:
#
#	. sekisho.bash
#	sekisho_gate gate gate.example.net	# ssh gate req<TAB>, ssh alice@gate.example.net review <TAB>
#
# and for a command of one's own, as in  g() { ssh gate "$@"; }
#
#	complete -F _sekisho_own g
#
# Words and options come out of the programs' own tables (scripts/make-completion); numbers of requests and sessions
# are not completed, that would be a login for each key pressed.

# table begin: written by scripts/make-completion
_sekisho_words='
help||
whoami|--json|
request new|--target= --as= --profile= --input=none,tty,pipe,any,sha256: --from= --until= --uses= --operator= --label= --ticket= --reason= --script=- --max-run= --on-disconnect=kill,continue --json|
request list|--mine --waiting --all --state= --after= --json|
request show|--json|
request approve|-m= --json|
request reject|-m= --json|
request withdraw|-m= --json|
run||
session list|--user= --request= --after= --json|
session show|--json|
session replay|--speed=|
session text|--stream=out,err,in|
session export|--format=asciicast,text --input|
review list|--open --judged --all --after= --json|
review next|--json|
review show|--json|
review verdict|-m= --json|adequate remarks inadequate cannot-judge
audit log|--after= --before= --last= --json|
audit head|--json|
audit key|--json|
audit proof|--old= --json|
status|--json --prometheus|
verify|--json --head=-|
profile list|--json|
profile show|--json|
profile check|--json|
'
_sekisho_programs='
sekisho-verify|--store=dir --door=file --head=file --key=file --state=file --json --quiet -h --help --version|
sekishod|-f -c=file -p=file -h --help --version|
drain|--timeout= --pid-file=file -h --help|
setup|--dry-run --administrator= --approver= --auditor= --operator= --listen= --yes -h --help|
check|--json --quiet -c=file -h --help|programs config people rights pam clock disk kernel gate bypass
'
# table end

# _sekisho_row TABLE WORD: that row's options and free words in the caller's variables
_sekisho_row() {
	local line
	options="" free=""
	while IFS= read -r line; do
		[ "${line%%|*}" = "$2" ] || continue
		line=${line#*|}
		options=${line%%|*} free=${line#*|}
		return 0
	done <<<"$1"
	return 1
}

# _sekisho_names TABLE [WORD]: first words, or the second words of WORD
_sekisho_names() {
	local line
	while IFS= read -r line; do
		line=${line%%|*}
		if [ $# -eq 1 ]; then [ -z "$line" ] || echo "${line%% *}"
		elif [ "${line%% *}" = "$2" ] && [ "$line" != "$2" ]; then echo "${line#* }"
		fi
	done <<<"$1" | sort -u
}

# _sekisho_options WORD-BEFORE WORD: completes out of $options and $free; a value where the word before wants one
_sekisho_options() {
	local o
	for o in $options; do
		[ "${o%%=*}" = "$1" ] && [ "$o" != "$1" ] || continue
		case ${o#*=} in
		dir) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$2");;
		file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$2");;
		*) o=${o#*=}; mapfile -t COMPREPLY < <(compgen -W "${o//,/ }" -- "$2");;
		esac
		return
	done
	mapfile -t COMPREPLY < <(for o in $options; do echo "${o%%=*}"; done | { o=$(cat); compgen -W "$o $free" -- "$2"; })
}

# _sekisho_line FIRST [EXTRA]: completes gateway words that begin at COMP_WORDS[FIRST]; EXTRA: further first words
_sekisho_line() {
	local first=$1 at=$COMP_CWORD word=${COMP_WORDS[COMP_CWORD]} a=${COMP_WORDS[$1]} b=${COMP_WORDS[$(($1 + 1))]-}
	local i options free subs
	if [ "$at" -eq "$first" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_sekisho_names "$_sekisho_words") ${2-}" -- "$word")
		return
	fi
	# what comes behind -- is the command, which belongs to the gate
	for ((i = first + 1; i < at; i++)); do [ "${COMP_WORDS[i]}" != -- ] || return 0; done
	if [ "$a" = help ]; then
		if [ "$at" -eq $((first + 1)) ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_sekisho_names "$_sekisho_words")" -- "$word")
		elif [ "$at" -eq $((first + 2)) ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_sekisho_names "$_sekisho_words" "$b")" -- "$word")
		fi
		return
	fi
	subs=$(_sekisho_names "$_sekisho_words" "$a")
	if [ -n "$subs" ] && [ "$at" -eq $((first + 1)) ]; then
		mapfile -t COMPREPLY < <(compgen -W "$subs" -- "$word")
	elif _sekisho_row "$_sekisho_words" "$a${subs:+ $b}" ||
	    { [ -n "${2-}" ] && _sekisho_row "$_sekisho_programs" "$a"; }; then
		_sekisho_options "${COMP_WORDS[at - 1]}" "$word"
	fi
}

# sekisho on the gate's own machine
_sekisho() {
	local first=1 options="-h --help --version --door=file" free=""
	COMPREPLY=()
	[ "${COMP_WORDS[1]-}" != --door ] || first=3
	if [ "$COMP_CWORD" -lt "$first" ] || { [ "$first" -eq 1 ] && [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] && [ "$COMP_CWORD" -eq 1 ]; }; then
		_sekisho_options "${COMP_WORDS[COMP_CWORD - 1]}" "${COMP_WORDS[COMP_CWORD]}"
	else
		_sekisho_line "$first" "setup check drain"
	fi
}

# sekisho-verify, sekishod
_sekisho_program() {
	local options free
	COMPREPLY=()
	_sekisho_row "$_sekisho_programs" "${COMP_WORDS[0]##*/}" &&
	    _sekisho_options "${COMP_WORDS[COMP_CWORD - 1]}" "${COMP_WORDS[COMP_CWORD]}"
}

# a command of one's own that passes its words to a gate
_sekisho_own() {
	COMPREPLY=()
	_sekisho_line 1
}

# ssh: words where the host is a gate, else whatever completed ssh before
_sekisho_ssh() {
	local i=1 host
	while [ "$i" -lt "$COMP_CWORD" ]; do
		case ${COMP_WORDS[i]} in
		-*[BbcDEeFIiJLlmOopQRSWw]) i=$((i + 2)); continue;;
		-*) i=$((i + 1)); continue;;
		esac
		host=${COMP_WORDS[i]}
		# @ divides words where COMP_WORDBREAKS has it, as it does by default
		[ "${COMP_WORDS[i + 1]-}" != @ ] || { i=$((i + 2)); host=${COMP_WORDS[i]-}; }
		if [[ " ${_sekisho_gates-} " == *" ${host##*@} "* ]] && [ "$i" -lt "$COMP_CWORD" ]; then
			COMPREPLY=()
			_sekisho_line $((i + 1))
			return
		fi
		break
	done
	[ -z "${_sekisho_before-}" ] || "$_sekisho_before" "$@"
}

# sekisho_gate NAME...: these hosts are gates
sekisho_gate() {
	_sekisho_gates="${_sekisho_gates-} $*"
	[ -z "${_sekisho_bound-}" ] || return 0
	_sekisho_bound=1
	if declare -F _completion_loader >/dev/null; then _completion_loader ssh >/dev/null 2>&1; fi
	_sekisho_before=$(complete -p ssh 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')
	complete -F _sekisho_ssh ssh
}

complete -F _sekisho sekisho
complete -F _sekisho_program sekisho-verify sekishod
