# hostile.sh - one file of hostile strings through every outlet: none of it may act on anybody's terminal.
gate_start || exit 1

cat >$T/make.py <<'EOF'
import sys
S = [b"\x1b[2J\x1b[1;1H", b"\x1b]0;title\x07", b"\x1b]8;;javascript:x\x07y\x1b]8;;\x07", b"\x1b]52;c;aGFja2Vk\x07",
     b"\x1bP1$r0m\x1b\\", b"\x9b31m\x9d0;t\x9c", b"\xc2\x9b31m", b"\xe2\x80\xaetxt.exe", b"a\xe2\x80\x8bb\xef\xbb\xbf",
     b"\x07\x08\x0b\x0c\x0e\x0f\x7f", b"line\nline", b"\xff\xfe", b"\x1b[6n\x1b[c\x1bZ", b"\x1b[?1049h\x1b[?2004h", b"\x1b_x\x1b\\\x1b^y\x1b\\"]
sys.stdout.buffer.write(b"\n".join(S) + b"\n")
EOF
python3 $T/make.py >$T/hostile

# clean SENTENCE FILE - no control byte but newline and tab, no C1 (raw or as UTF-8), no bidi or invisible character
clean() {
	if python3 - "$2" <<'EOF'
import sys
d = open(sys.argv[1], "rb").read()
if len(d) < 20: print("nothing was said"); sys.exit(1)
bad = [hex(b) for b in d if (b < 0x20 and b not in (9, 10, 13)) or b == 0x7f]
t = d.decode("utf-8", "surrogateescape")
bad += [hex(ord(c)) for c in t if 0x80 <= ord(c) < 0xa0 or 0xdc80 <= ord(c) <= 0xdcff or 0x200b <= ord(c) <= 0x200f
        or 0x2028 <= ord(c) <= 0x202e or 0x2060 <= ord(c) <= 0x206f or ord(c) == 0xfeff]
if bad: print("found", bad[:8]); sys.exit(1)
EOF
	then ok "$1"; else bad "$1" "$(head -c 600 "$2" | cat -v)"; fi
}

# as a command: refused as SYNTAX or run past the ledger, always shown escaped
while IFS= read -r line; do
	ssh_ alice "id $line"
	cat $T/err $T/out >>$T/refused
done <$T/hostile
clean "refusals of hostile commands" $T/refused
isnt "which there were" "$(grep -c 'refused \[SYNTAX\]' $T/refused)" 0

# as a reason, a ticket, a label, a message
while IFS= read -r line; do
	ssh_ alice "request new --profile inspect --as root --ticket x$line --label y$line --reason r $line -- id -u"; cat $T/out $T/err
	ssh_ alice "request new --profile inspect --as root --reason $line -- id"; cat $T/out $T/err
	ssh_ alice "request new --profile inspect --as $line -- id"; cat $T/out $T/err
	ssh_ alice "request new --profile $line --as root -- id"; cat $T/out $T/err
	ssh_ bob "request reject R1 -m $line"; cat $T/out $T/err
	ssh_ alice "request show $line"; cat $T/out $T/err
	ssh_ alice "session show $line"; cat $T/out $T/err
	ssh_ alice "help $line"; cat $T/out $T/err
	ssh_ alice "run $line"; cat $T/out $T/err
done <$T/hostile >$T/filing
clean "filing and deciding with hostile text" $T/filing
ssh_ alice request list; cat $T/out >$T/list
ssh_ alice request list --json; cat $T/out >>$T/list
ssh_ bob request list; cat $T/out >>$T/list
clean "lists and JSON" $T/list

# as output of a command
install -m 644 $T/hostile /var/lib/site/hostile
permit alice --profile inspect --as root --uses 2 -- cat /var/lib/site/hostile
ssh_ alice cat /var/lib/site/hostile
is "the operator gets the bytes as they are" "$(sha256sum <$T/out)" "$(sha256sum <$T/hostile)"
ssh_ alice -tt cat /var/lib/site/hostile
s=$(session id)
for s in S1 S2 "$s"; do
	ssh_ carol session replay $s; cat $T/out
	ssh_ carol session text $s; cat $T/out
done >$T/replay
clean "replay and text of hostile output" $T/replay
ssh_ carol -tt session replay S1; tr -d '\r\b' <$T/out | sed 's/\x1b\[[0-9;]*m//g' >$T/replaytty
clean "replay on a terminal, colours and backspaces aside" $T/replaytty

# as a user name, where nobody is logged in yet; ssh(1) itself refuses such a name, but not in its configuration
while IFS= read -r line; do
	client_answers wrong
	{ printf 'Host gate\n    User "%s"\n' "${line//\\/\\\\}"; cat /mnt/client/config; } >$T/usercfg
	timeout 20 ssh -F $T/usercfg -o NumberOfPasswordPrompts=1 gate id >/dev/null 2>&1 </dev/null
	has "a hostile name is asked for its password like any other" "$(cat "$ANSWERS.asked")" "Password:"
done < <(head -5 $T/hostile)
ssh_ carol audit log; cat $T/out >$T/audit
ssh_ carol audit log --json; cat $T/out >>$T/audit
clean "the ledger" $T/audit
clean "the log" $GATE_LOG
ps -eo args | grep sekisho >$T/ps
clean "process titles" $T/ps
