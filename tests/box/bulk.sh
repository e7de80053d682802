# bulk.sh - two gigabytes of incompressible data each way with a slow other end: nothing lost, memory flat.
size=$((200 * 1024 * 1024))
[ -z "$FULL" ] || size=$((2 * 1024 * 1024 * 1024))
gate_start || exit 1
# recordings need room: they hold every byte
umount /var/lib/sekisho 2>/dev/null
cat >/usr/local/bin/box-noise <<'EOF'
#!/usr/bin/python3
# noise N: N bytes that do not compress, the same each time; eat: counts and hashes its input, slowly at first
import hashlib, sys, time
def noise(n):
    i = 0
    while n > 0:
        b = hashlib.shake_128(i.to_bytes(8, "big")).digest(min(n, 1 << 20)); i += 1; n -= len(b); yield b
if sys.argv[1] == "noise":
    for b in noise(int(sys.argv[2])): sys.stdout.buffer.write(b)
else:
    h = hashlib.sha256(); n = 0; t = time.time() + float(sys.argv[2])
    while True:
        b = sys.stdin.buffer.read1(65536)
        if not b: break
        if time.time() < t: time.sleep(0.02)
        h.update(b); n += len(b)
    print(n, h.hexdigest())
EOF
chmod 755 /usr/local/bin/box-noise
want="$size $(/usr/local/bin/box-noise noise $size | sha256sum | cut -d' ' -f1)"

# the largest RSS, in KiB, of each of our programs while a command runs
watch_rss() {
	while :; do
		for n in sekisho-net sekisho-monitor sekisho-record sekisho-exec sekisho-ledgerd sekishod; do
			for p in $(pids_of $n); do
				r=$(awk '/^VmRSS/ {print $2}' /proc/$p/status 2>/dev/null)
				[ -z "$r" ] || echo "$n $r"
			done
		done
		sleep 0.3
	done >$T/rss
}
grew() {	# the growth of each program beyond its start, in KiB
	for n in sekisho-net sekisho-monitor sekisho-record sekisho-exec; do
		awk -v n=$n '$1 == n {if (!min || $2 < min) min = $2; if ($2 > max) max = $2} END {print n, max - min}' $T/rss
	done
}

permit alice --profile inspect --as root --max-run 1h -- box-noise noise $size
permit alice --profile inspect --as root --max-run 1h --input pipe -- box-noise eat 5
masters_end
watch_rss & w=$!
client_answers "${PASSWORD[alice]}"
got=$(timeout 800 ssh -F /mnt/client/config -o RekeyLimit=64M alice@gate box-noise noise $size 2>$T/err </dev/null |
    python3 -c '
import hashlib, sys, time
h = hashlib.sha256(); n = 0; t = time.time() + 5
while True:
    b = sys.stdin.buffer.read1(65536)
    if not b: break
    if time.time() < t: time.sleep(0.02)
    h.update(b); n += len(b)
print(n, h.hexdigest())')
is "down: every byte arrives at a slow reader, through rekeys" "$got" "$want"
kill $w; wait $w 2>/dev/null
grew >$T/grew; cat $T/grew | sed 's/^/figure down: growth KiB /'
is "down: no process grows by more than 16 MiB" "$(awk '$2 > 16384' $T/grew)" ""
watch_rss & w=$!
client_answers "${PASSWORD[alice]}"
got=$(/usr/local/bin/box-noise noise $size | timeout 800 ssh -F /mnt/client/config -o RekeyLimit=64M alice@gate box-noise eat 5 2>$T/err)
is "up: every byte arrives at a slow command, through rekeys" "$got" "$want"
kill $w; wait $w 2>/dev/null
grew >$T/grew; cat $T/grew | sed 's/^/figure up: growth KiB /'
is "up: no process grows by more than 16 MiB" "$(awk '$2 > 16384' $T/grew)" ""
ssh_ carol session show --json "$(session id)"
is "the record has counted them" "$(json in <<<"$OUT")" "$size"
rm -f /usr/local/bin/box-noise
find /var/lib/sekisho -name '*.skr' -delete
