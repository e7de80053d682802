# refusals.sh - every refusal says what, why and what next, with its code and status; nothing hangs.
gate_start || exit 1

# golden SENTENCE STATUS CODE REASON-PART NEXT-PART WORDS...
golden() {
	local s=$1 st=$2 code=$3 why=$4 next=$5
	shift 5
	ssh_ alice "$@"
	if [ "$STATUS" = "$st" ] && [[ "$ERR" == "sekisho: refused [$code] "*"$why"* ]] && [[ "$ERR" == *"next: $next"* ]]; then ok "$s"
	else bad "$s" "status $STATUS" "$ERR"; fi
}
golden "no request at all" 77 NOT-APPROVED "" "request new" id -u
golden "a pipe" 77 SYNTAX "would need a shell" "" "ls | wc"
golden "an open quote" 77 SYNTAX "never closed" "" "echo 'abc"
golden "an empty command" 77 SYNTAX "empty" "" " "
golden "a variable" 77 SYNTAX "would need a shell" "" 'echo $HOME'
golden "a look-alike" 77 SYNTAX "looks like" "" $'c\xd0\xb0t /etc/motd'
golden "not UTF-8" 77 SYNTAX "not UTF-8" "" $'id \xff'
golden "a control character, shown escaped" 77 SYNTAX '\x1b' "" $'id \e[2J'
long=$(head -c 200000 /dev/zero | tr '\0' a)
printf '%s' "$long" >$T/long
client_answers "${PASSWORD[alice]}"
# too long for one argument of execve: ssh takes the command from its configuration
{ printf 'Host gate\n    RemoteCommand %s\n' "$long"; cat /mnt/client/config; } >$T/longcfg
timeout 30 ssh -F $T/longcfg alice@gate >$T/out 2>$T/err </dev/null
is "200 kB of command are refused" $? 77
has "as SYNTAX" "$(cat $T/err)" "[SYNTAX]"
golden "a request number that is not there" 77 NOT-FOUND "R99" "" run R99
golden "a gateway word misused" 64 USAGE "" "" request new

sftp -F /mnt/client/config -o ControlPath=/mnt/client/cm-alice -b /dev/null alice@gate >$T/out 2>&1; rc=$?
has "sftp is told why" "$(cat $T/out)" "refused [NOT-OFFERED]"
isnt "and fails" $rc 0
timeout 20 scp -F /mnt/client/config -o ControlPath=/mnt/client/cm-alice /etc/motd alice@gate:/tmp/x >$T/out 2>&1; rc=$?
has "scp too" "$(cat $T/out)" "refused [NOT-OFFERED]"
timeout 20 scp -O -F /mnt/client/config -o ControlPath=/mnt/client/cm-alice /etc/motd alice@gate:/tmp/x >$T/out 2>&1; rc=$?
has "and the old scp" "$(cat $T/out)" "refused ["
isnt "which fails as well" $rc 0

(client_answers "${PASSWORD[alice]}"; timeout 20 ssh -F /mnt/client/config -W 127.0.0.1:22 alice@gate >$T/out 2>&1 </dev/null); isnt "a forward is refused" $? 0
(client_answers "${PASSWORD[alice]}"; timeout 20 ssh -F /mnt/client/config -o ExitOnForwardFailure=yes -R 12345:127.0.0.1:22 alice@gate whoami >$T/out 2>&1 </dev/null); isnt "a reverse forward too" $? 0
(client_answers "${PASSWORD[alice]}"; eval "$(ssh-agent)" >/dev/null; timeout 20 ssh -A -F /mnt/client/config alice@gate whoami >$T/out 2>&1 </dev/null; rc=$?; kill $SSH_AGENT_PID; exit $rc); is "agent forwarding is refused, the word runs" $? 0
(client_answers "${PASSWORD[alice]}"; timeout 20 ssh -F /mnt/client/config -w any:any -o Tunnel=point-to-point alice@gate whoami >$T/out 2>&1 </dev/null)
ssh_ carol audit log --json
has "the ledger has the forward" "$OUT" "direct-tcpip 127.0.0.1:22"
has "and the reverse forward" "$OUT" "tcpip-forward localhost:12345"
has "and the agent" "$OUT" "agent forwarding"
has "and the tunnel" "$OUT" "unknown channel type"
has "and the syntax errors" "$OUT" SYNTAX
has "and the misused gateway word" "$OUT" '"asked":"[request] [new]"'

# dropbear's client: a refusal does not hang it
if command -v dbclient >/dev/null; then
	# the shell keeps the terminal open: without it expect hangs up as soon as dbclient has closed its own end, and
	# SIGHUP comes before exit(77) one time in five
	cat >$T/db.exp <<'EOF'
set timeout 20
spawn -noecho sh -c "dbclient -y -p 2222 alice@127.0.0.1 uptime; echo RC=\$?"
expect -re "assword.*:" { send "$env(PW)\r" }
expect { eof {} timeout { puts "HANG"; exit 9 } }
EOF
	got=$(PW="${PASSWORD[alice]}" HOME=$T expect $T/db.exp 2>&1)
	has "dbclient is refused and ends" "$got" "RC=77"
	has "with the text" "$got" "refused [NOT-APPROVED]"
fi
