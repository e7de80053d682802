/* traffic_test.c - bytes arrive whole and in order, whoever is slow, and nothing piles up. */
#include "bed.h"

#define MB64	"67108864"

static void
binary_data_survives_a_rekey_every_megabyte(void **state)
{
	(void)state;
	bed_passes("head -c " MB64 " /dev/urandom >r; S=$(sha256sum <r)\n"
	    "is \"$S\" \"$(gate -o RekeyLimit=1M \"cat $DIR/r\" |"
	    " sha256sum)\"\n"
	    "is \"$S\" \"$(gate -o RekeyLimit=1M sha256sum <r)\"\n"
	    "is \"$S\" \"$(gate -o RekeyLimit=1M cat <r | sha256sum)\"\n"
	    "is \"$S\" \"$(gate -c chacha20-poly1305@openssh.com cat <r |"
	    " sha256sum)\"");
}

static void
output_is_whole_with_its_status_every_time(void **state)
{
	(void)state;
	bed_passes("M=\"-o ControlPath=$DIR/m\"\n"
	    "ssh $OPT $M -o ControlMaster=yes -o ControlPersist=60 -fN alice@$G\n"
	    "for i in $(seq 20); do s=0; n=$($T 30 ssh $OPT $M alice@$G"
	    " \"head -c 16777216 /dev/zero; head -c 100 /dev/zero >&2;"
	    " exit $i\" 2>e | wc -c; exit ${PIPESTATUS[0]}) || s=$?\n"
	    "is $i $s; is 16777216 $n; is 100 $(stat -c %s e); done\n"
	    "ssh $OPT $M -O exit alice@$G 2>/dev/null");
}

/* Resident kilobytes of the net of the last connection. */
#define RSS	"rss() { awk '/^VmRSS/ {print $2}' /proc/$(netpid)/status; }\n"

static void
a_client_that_does_not_read_costs_no_memory(void **state)
{
	(void)state;
	bed_passes(RSS "forget; mkfifo f; ssh $OPT alice@$G 'yes' >f & P=$!\n"
	    "exec 7<f; seen exec; sleep 0.3; kill -STOP $P; A=$(rss)\n"
	    "sleep 2; B=$(rss); kill -CONT $P; kill $P\n"
	    "echo \"rss $A $B\" >&2; [ $((B - A)) -lt 16384 ]");
}

static void
a_job_that_does_not_read_costs_no_memory(void **state)
{
	(void)state;
	bed_passes(RSS "forget; ssh $OPT alice@$G 'sleep 3; wc -c'"
	    " < <(head -c 200000000 /dev/zero) >n & P=$!\n"
	    "seen exec; A=$(rss); sleep 2; B=$(rss); wait $P\n"
	    "is 200000000 $(cat n)\n"
	    "echo \"rss $A $B\" >&2; [ $((B - A)) -lt 16384 ]");
}

static void
a_slow_job_and_a_slow_client_get_every_byte(void **state)
{
	(void)state;
	bed_passes("cat >slow.py <<'X'\n"
	    "import sys, time, hashlib\n"
	    "h = hashlib.sha256(); n = 0\n"
	    "while True:\n"
	    " b = sys.stdin.buffer.read1(100000)\n"
	    " if not b: break\n"
	    " h.update(b); n += len(b)\n"
	    " time.sleep(0.002)\n"
	    "print(h.hexdigest() + '  -')\n"
	    "X\n"
	    RSS "[ -e r ] || head -c " MB64 " /dev/urandom >r\n"
	    "S=$(sha256sum <r); forget\n"
	    "gate \"python3 $DIR/slow.py\" <r >up & P=$!\n"
	    "seen exec; A=$(rss); sleep 2; B=$(rss || echo $A); wait $P\n"
	    "is \"$S\" \"$(cat up)\"; [ $((B - A)) -lt 16384 ]; forget\n"
	    "gate \"cat $DIR/r\" | python3 slow.py >down & P=$!\n"
	    "seen exec; A=$(rss); sleep 2; B=$(rss || echo $A); wait $P\n"
	    "is \"$S\" \"$(cat down)\"; [ $((B - A)) -lt 16384 ]");
}

static void
sixty_jobs_that_do_not_read_fit_the_address_space(void **state)
{
	(void)state;
	bed_passes("M=\"-o ControlPath=$DIR/m6\"\n"
	    "ssh $OPT $M -o ControlMaster=yes -o ControlPersist=60 -fN alice@$G\n"
	    "for i in $(seq 60); do (head -c 8000000 /dev/zero | $T 60 ssh $OPT"
	    " $M alice@$G 'sleep 4; wc -c' >w.$i) & P=\"${P:-} $!\"; done\n"
	    "wait $P; is 480000000 $(($(cat w.* | paste -sd+)))\n"
	    "ssh $OPT $M -O exit alice@$G 2>/dev/null");
}

static void
two_directions_do_not_wait_for_each_other(void **state)
{
	(void)state;
	bed_passes("is 50000000 $(head -c 50000000 /dev/zero |"
	    " gate 'cat; cat >&2' 2>/dev/null | wc -c)\n"
	    "is 30000000 $(head -c 30000000 /dev/zero |"
	    " gate 'cat >&2' 2>&1 >/dev/null | wc -c)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binary_data_survives_a_rekey_every_megabyte),
		cmocka_unit_test(output_is_whole_with_its_status_every_time),
		cmocka_unit_test(a_client_that_does_not_read_costs_no_memory),
		cmocka_unit_test(a_job_that_does_not_read_costs_no_memory),
		cmocka_unit_test(a_slow_job_and_a_slow_client_get_every_byte),
		cmocka_unit_test(
		    sixty_jobs_that_do_not_read_fit_the_address_space),
		cmocka_unit_test(two_directions_do_not_wait_for_each_other),
	};

	return cmocka_run_group_tests(tests, bed_start, bed_stop);
}
