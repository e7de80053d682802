# pages.sh - the examples of the man pages do what they say: settings are taken from the pages and loaded, commands
# are looked for in them and typed.
B=$SEKISHO_BIN
P=$SEKISHO_TOP
PATH=$B:$PATH

# block PAGE N - the Nth literal display behind EXAMPLES, as a reader sees it
block() {
	awk -v want="$2" '/^\.Sh EXAMPLES/ {on = 1} /^\.Sh / && !/EXAMPLES/ {on = 0} !on {next}
	    /^\.Bd -literal/ {n++; inside = 1; next} /^\.Ed/ {inside = 0} inside && n == want' "$P/$1" | sed 's/\\e/\\/g; s/\\&//g'
}
# says PAGE TEXT - the page has this line
says() { if block "$1" 1 | cat - <(block "$1" 2) <(block "$1" 3) | grep -qF -- "$2"; then return 0; fi; bad "$1 has no example: $2"; return 1; }
loads() { local out; out=$(sekisho-load --check 2>&1); if [ "$?" = 0 ]; then ok "$1"; else bad "$1" "$out"; fi; }

# --- settings
cp -a /etc/sekisho /mnt/etc-before
key=$(ls /etc/sekisho/keys/host_ed25519)
for n in 1 2; do
	{ block policy/sekisho.conf.5 $n; echo "host_keys = [ \"$key\" ];"; } >/etc/sekisho/sekisho.conf
	mkdir -p /etc/sekisho/keys.d
	loads "sekisho.conf(5), example $n"
done
groupadd -f ops; groupadd -f leads; getent passwd www >/dev/null || useradd -M www
usermod -aG ops dave; usermod -aG leads bob; usermod -aG leads erin
cp /mnt/etc-before/sekisho.conf /etc/sekisho/
block policy/roles.conf.5 1 >/etc/sekisho/roles.conf
block policy/approval.conf.5 1 >/etc/sekisho/approval.conf
loads "roles.conf(5) and approval.conf(5)"
mkdir -p /mnt/site
block policy/sekisho-profile.5 1 | sed 's,/var/www/site,/mnt/site,' >/etc/sekisho/profiles.d/web.conf
loads "sekisho-profile(5)"
rm -rf /etc/sekisho
cp -a /mnt/etc-before /etc/sekisho

# --- heads and copies
gate_start || exit 1
permit alice --profile inspect --as root -- ls -l /var/log
says bastion/sekisho.1 "ssh gate ls -l /var/log" && { ssh_ alice ls -l /var/log; is "sekisho(1): the command runs" "$STATUS" 0; }
cd $T
says bastion/sekisho-verify.1 "ssh gate audit key >gate.vkeys" && { ssh_ carol audit key; cp out gate.vkeys; }
says bastion/sekisho-verify.1 "ssh gate audit head >2026-11-23.head" && { ssh_ carol audit head; cp out monday.head; }
ssh_ carol session text "$(session id)"; is "sekisho-record(8): a recording is read with a word" "$STATUS" 0
says bastion/sekisho-verify.1 "sekisho-verify --quiet --state /home/carol/gate.state" && {
	su -s /bin/bash carol -c "$B/sekisho-verify --quiet --state /home/carol/gate.state" >v 2>&1; is "sekisho-verify(1): the first night has nothing to compare with" "$?" 3
	su -s /bin/bash carol -c "$B/sekisho-verify --quiet --state /home/carol/gate.state" >v 2>&1; is "and the second is quiet" "$?:$(cat v)" "0:"
}
says bastion/sekisho-ledgerd.8 "tail -1 | sed 's/.*note=//' | xargs -0 printf %b" &&
    grep -o 'head size=.* note=.*' "$GATE_LOG" | tail -1 | sed 's/.*note=//' | xargs -0 printf %b >log.head
masters_end
gate_stop
says bastion/sekisho-store.5 "tar -C /var/lib/sekisho --exclude=./keys -cf sekisho.tar ." && tar -C /var/lib/sekisho --exclude=./keys -cf sekisho.tar .
says bastion/sekisho-store.5 "mkdir copy && tar -C copy -xf sekisho.tar" && mkdir copy && tar -C copy -xf sekisho.tar
says bastion/sekisho-store.5 "sekisho-verify --store copy --key gate.vkeys --head monday.head" && {
	sekisho-verify --store copy --key gate.vkeys --head monday.head >v 2>&1; is "sekisho-store(5): the copy is whole" "$?" 0
	sekisho-verify --store copy --key gate.vkeys --head log.head >v 2>&1; is "sekisho-ledgerd(8): so says the head that the log kept" "$?" 0
}

# --- what a store does without its keys, as sekisho-store(5) tells it
rm -rf /var/lib/sekisho/keys
gate_start || exit 1
ssh_ carol session text S1; is "another key: people read" "$STATUS" 0
ssh_ alice request new --profile inspect -- id; is "and nothing new is filed" "$STATUS" 69
has "as UNAVAILABLE" "$ERR" "[UNAVAILABLE]"

# --- a second gate on the same host
mkdir -p /mnt/srv/gate2/etc
cp -a /etc/sekisho/. /mnt/srv/gate2/etc/
sed -i 's/2222/2223/' /mnt/srv/gate2/etc/sekisho.conf
echo 'state_dir = "/var/lib/gate2"; run_dir = "/run/gate2";' >>/mnt/srv/gate2/etc/sekisho.conf
says bastion/sekishod.8 "sekishod -c /srv/gate2/etc/sekisho.conf -p /run/gate2.pid" && {
	sekishod -c /mnt/srv/gate2/etc/sekisho.conf -p /run/gate2.pid >g2.log 2>&1 &
	true_ "sekishod(8): a second gate opens" wait_for 10 grep -q 'gate open address=127.0.0.1:2223' g2.log
	kill -HUP "$(cat /run/gate2.pid)"
	true_ "and reads its files again" wait_for 10 grep -q 'SIGHUP' g2.log
	kill "$(cat /run/gate2.pid)"
	wait $!; is "and stops" "$?" 0
}
