# penalty.sh - sources that do harm are refused for a while: which, how long, and who is not.  Every 127.0.0.x is one.
sed -i '/^penalties/d; s/fail_delay = "1s"/fail_delay = "0s"; grace = "2s"/' /etc/sekisho/sekisho.conf
cat >>/etc/sekisho/sekisho.conf <<'EOF'
penalties = {
  auth_failed = "6s"; no_auth = "4s"; grace_over = "9s"; crash = "9s"; min = "8s"; max = "9s";
  exempt = [ "127.0.0.9" ];
};
EOF
gate_start || exit 1

# knock N: what the gate says first to 127.0.0.N, within two seconds: "SSH", or "no" with a text
knock() {
	python3 -c 'import socket,sys
s=socket.create_connection(("127.0.0.1",2222),2,("127.0.0.%s" % sys.argv[1],0))
try:
    d=s.recv(256)
    print("no" if b"too many failed logins from your address" in d else d.decode().split("-")[0])
except OSError: print("reset")' $1
}
refused() { [ "$(knock $1)" = no ]; }
wrong() {
	client_answers wrong
	timeout 30 ssh -F /mnt/client/config -b 127.0.0.$1 -o NumberOfPasswordPrompts=1 alice@gate whoami >$T/out 2>&1 </dev/null
}
right() { as alice -b 127.0.0.$1 -- whoami >$T/out 2>&1 </dev/null; }

# failed logins add up; others, and those who are in, are not touched
client_answers "${PASSWORD[alice]}"
timeout 30 ssh -F /mnt/client/config -b 127.0.0.5 -M -N -f -S /mnt/client/cm-alice alice@gate </dev/null
wrong 5
true_ "one failed login refuses nobody" right 5
wrong 5
t0=$SECONDS
true_ "two are enough here" refused 5
true_ "a good password does not help then" eval '! right 5'
has "ssh shows why" "$(cat $T/out)" "Received disconnect from 127.0.0.1 port 2222:1: sekisho: too many failed logins from your address, try again in some minutes"
true_ "and the good login in between took nothing away" refused 5
true_ "another source is served" right 6
ssh_ alice whoami
is "and who is logged in from there goes on" "$STATUS" 0
masters_end

# other deeds
for _ in 1 2 3 4; do knock 10 >$T/knock; done
wait_for 2 none_of sekisho-net
true_ "connections that try nothing cost something too" refused 10
python3 -c 'import socket,time
s=socket.create_connection(("127.0.0.1",2222),9,("127.0.0.11",0))
while s.recv(4096): pass'
true_ "so does one that is cut by the grace time" refused 11
exec 5< <(python3 -c 'import socket
s=socket.create_connection(("127.0.0.1",2222),9,("127.0.0.12",0)); print(s.recv(64)[:3],flush=True)
try:
    while s.recv(4096): pass
except OSError: pass')
read -r -t 5 _ <&5
wait_for 3 eval '[ -n "$(pids_of sekisho-net | tail -1)" ]'
kill -SEGV $(pids_of sekisho-net | tail -1)
wait_for 3 none_of sekisho-net
true_ "and one whose process breaks" refused 12
exec 5<&-

# exemptions
wrong 9; wrong 9; wrong 9
true_ "an exempt source is served whatever it does" right 9
before=$(grep -c "snapshot taken" $GATE_LOG)
sed -i 's/"127.0.0.9"/"127.0.0.8\/29"/' /etc/sekisho/sekisho.conf
wrong 13; wrong 13; wrong 13
true_ "before a reload it is refused" refused 13
kill -HUP $GATE_PID
wait_for 5 eval '[ $(grep -c "snapshot taken" $GATE_LOG) -gt $before ]'
true_ "a network that was exempted meanwhile is served at once" eval '! refused 13'

true_ "a penalty ends by itself" wait_for 10 eval '! refused 5'
true_ "not before its time" test $((SECONDS - t0)) -ge 5
true_ "and then a login works" right 5
