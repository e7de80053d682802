# warm.sh - processes that are there before anybody needs them: used, replaced, never older than the configuration.
cat >>/etc/sekisho/sekisho.conf <<'EOF'
limits = { per_source = 40; };
warm = { pairs = 4; kits = 3; };
EOF
gate_start || exit 1

ALL="sekisho-monitor sekisho-net sekisho-record sekisho-exec sekisho"
count() { local p n=""; for p in $ALL; do n="$n $(warm_of $p | wc -l)"; done; echo $n; }
full() { [ "$(count)" = "${1:-4 4 3 3 3}" ]; }
logged() { grep -q "$1" $GATE_LOG; }
reload() {	# what the log says once it counts
	local n=$(grep -c "snapshot taken" $GATE_LOG)
	kill -HUP $GATE_PID
	wait_for 5 eval '[ $(grep -c "snapshot taken" $GATE_LOG) -gt '$n' ]' || bad "a reload was not taken" "$(tail -3 $GATE_LOG)"
}
# every process of the connection and of the command of this name was there before
was_there() { local p; for p in $(pids_of $1); do [[ " $2 " == *" $p "* ]] || return 1; done; [ -n "$(pids_of $1)" ]; }

true_ "as many as configured wait" wait_for 5 full
permit alice --profile inspect --as root --uses 100 -- sleep 0.6
permit alice --profile inspect --as root --uses 100 -- id -u
masters_end
true_ "and again after logins and words" wait_for 5 full
is "none of them is somebody's" "$(pids_of sekisho-monitor)" ""
warm=$(for p in $ALL; do warm_of $p; done | tr '\n' ' ')
master alice
true_ "the monitor of a login was there before" was_there sekisho-monitor "$warm"
true_ "its net as well" was_there sekisho-net "$warm"
(ssh_ alice sleep 0.6) & c=$!
wait_for 5 eval '[ -n "$(pids_of sleep)" ]'
true_ "the recorder of a command was there before" was_there sekisho-record "$warm"
true_ "its launcher as well" was_there sekisho-exec "$warm"
wait $c
wait_for 5 eval '[ $(warm_of sekisho | wc -l) = 3 ]'
old=$(warm_of sekisho)
ssh_ alice whoami
wait_for 5 eval '[ $(warm_of sekisho | wc -l) = 3 ]'
is "a word takes one of those that wait, and another one comes for it" "$(grep -cxF "$old" <<<"$(warm_of sekisho)")" 2
is "each has an address layout of its own" "$(for p in $(warm_of sekisho-net) $(warm_of sekisho-monitor); do sed -n '1s/-.*//p' /proc/$p/maps; done | sort -u | wc -l)" 8

# one of each dies where it waits
for v in $ALL; do
	wait_for 5 full
	kill -9 $(warm_of $v | head -1)
	is "a spare $v dies: the next login and command work" "$(as alice -- id -u 2>&1 </dev/null)" 0
done
true_ "and all are replaced" wait_for 5 full

# the processes they will talk to die while they wait
for v in sekisho-ledgerd sekisho-keyd; do
	old=$(pids_of $v)
	kill -9 $old
	wait_for 5 eval '[ -n "$(pids_of $v)" ] && [ "$(pids_of $v)" != $old ]'
	sleep 0.3
	is "$v dies: who waited serves all the same" "$(as alice -- id -u 2>&1 </dev/null)" 0
done
hasnt "and no gate process complained" "$(grep -E 'killed by|broke|not served' $GATE_LOG)" " "

# thirty at once: more than wait
for i in $(seq 30); do
	(as alice -- whoami >$T/b.$i 2>&1 </dev/null; echo $? >$T/b.rc.$i) &
done
wait $(jobs -p | grep -v "^$GATE_PID\$")
is "thirty logins at once are served" "$(cat $T/b.rc.* | sort | uniq -c | tr -s ' ')" " 30 0"
true_ "and then as many as configured wait again" wait_for 5 full

# the very next connection has the new settings
cp /etc/sekisho/sekisho.conf $T/conf
sed -i 's/fail_delay = "1s"/fail_delay = "1s"; banner = "new paint"/' /etc/sekisho/sekisho.conf
reload
has "a changed banner is seen by the next connection" "$(as alice -oLogLevel=INFO -- whoami 2>&1 </dev/null)" "new paint"
sed -i 's/new paint/second coat/; s/pairs = 4; kits = 3/pairs = 1; kits = 1/' /etc/sekisho/sekisho.conf
reload
has "and by the one after the next change" "$(as alice -oLogLevel=INFO -- whoami 2>&1 </dev/null)" "second coat"
true_ "fewer wait when fewer are wanted" wait_for 5 full "1 1 1 1 1"

# a new host key under the old name is no change of the configuration
seen() { ssh-keyscan -T 5 -t ed25519 -p 2222 127.0.0.1 2>/dev/null | cut -d' ' -f3; }
key=/etc/sekisho/keys/host_ed25519
cp $key $T/key; cp $key.pub $T/key.pub
is "the host key is that of the file" "$(seen)" "$(cut -d' ' -f2 $key.pub)"
wait_for 5 full "1 1 1 1 1"
rm $key $key.pub; ssh-keygen -q -t ed25519 -N '' -f $key
kill -HUP $GATE_PID
wait_for 5 eval '[ "$(grep -c "name=SIGHUP" $GATE_LOG)" = 3 ]'
is "after SIGHUP the next connection meets the new one" "$(seen)" "$(cut -d' ' -f2 $key.pub)"
cp $T/key $key; cp $T/key.pub $key.pub
kill -HUP $GATE_PID
wait_for 5 eval '[ "$(grep -c "name=SIGHUP" $GATE_LOG)" = 4 ]'

# one that is not valid changes nothing
lines=$(wc -l </etc/sekisho/sekisho.conf)
echo 'warm = { pairs = 65; };' >>/etc/sekisho/sekisho.conf
kill -HUP $GATE_PID
true_ "an invalid configuration is one line with file and number" \
    wait_for 5 logged "/etc/sekisho/sekisho.conf:$((lines + 1)): "
true_ "and the old one stays" wait_for 5 logged "configuration not loaded: the old one stays"
has "for the next connection too" "$(as alice -oLogLevel=INFO -- whoami 2>&1 </dev/null)" "second coat"

# what cannot change while the gate runs is said
sed '/^warm/d; s/^gate = .*/&\nepoch = "2h"; disk = { warn = "80M"; };/; s/127.0.0.1:2222/127.0.0.1:2244/' $T/conf >/etc/sekisho/sekisho.conf
echo 'warm = { pairs = 0; kits = 0; };' >>/etc/sekisho/sekisho.conf
reload
true_ "new addresses wait for a restart, and that is said" logged "addresses to listen on changed: they count after a restart"
true_ "so do the settings of sekisho-ledgerd" logged "settings of sekisho-ledgerd changed: they count after a restart"
true_ "and those of sekisho-keyd" logged "settings of sekisho-keyd changed: they count after a restart"
true_ "none wait when none are wanted" wait_for 5 full "0 0 0 0 0"
is "and everything works" "$(as alice -- id -u 2>&1 </dev/null)" 0
is "none was left behind by that" "$(count)" "0 0 0 0 0"

# they die as fast as they come: no loop, and no connection suffers
sed -i 's/^warm = .*/warm = { pairs = 2; kits = 0; };/' /etc/sekisho/sekisho.conf
reload
for _ in $(seq 100); do
	logged "warm pairs do not stay up" && break
	kill -9 $(warm_of sekisho-net) 2>/dev/null
	sleep 0.1
done
true_ "five deaths in a minute are told" logged "warm pairs do not stay up failures=5: started when needed"
sleep 0.3
is "no more are started then" "$(count)" "0 0 0 0 0"
is "a login is served as before" "$(as alice -- id -u 2>&1 </dev/null)" 0
