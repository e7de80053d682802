/* session_test.c - channels: commands, terminals, ends, and what is refused. */
#include "bed.h"

static void
status_and_both_streams_come_back(void **state)
{
	(void)state;
	bed_passes("is 7 $(status gate 'exit 7')\n"
	    "gate 'echo out; echo err >&2' >o 2>e\n"
	    "is out $(cat o); is err $(cat e)");
}

static void
death_by_signal_is_told_as_one(void **state)
{
	(void)state;
	bed_passes("is 255 $(status gate 'kill -TERM $$')\n"
	    "gate -v 'kill -TERM $$' 2>e || true\n"
	    "grep -q 'rtype exit-signal' e");
}

static void
a_refusal_has_text_and_77_for_every_client(void **state)
{
	(void)state;
	bed_passes("is 77 $(status gate refuse 2>e)\n"
	    "grep -q 'NOT-APPROVED' e; grep -q '^next: help' e\n"
	    "is 77 $(status $T 20 dbclient -y -p $PORT alice@$G refuse 2>e)\n"
	    "grep -q 'NOT-APPROVED' e\n"
	    "s=0; gate -tt refuse </dev/null >o 2>&1 || s=$?; is 77 $s\n"
	    "grep -q $'nobody said so\\r' o");
}

/* The library answers input with a packet of its own; the text must not wait behind it. */
static void
a_refusal_that_meets_input_arrives(void **state)
{
	(void)state;
	bed_passes("for i in 1 2 3; do\n"
	    " forget; mkfifo f$i\n"
	    " { seen 'exec id=0 len=11'; sleep 0.2; echo input;"
	    " exec sleep 20; } >f$i &\n"
	    " is 77 $(status $T 9 ssh $OPT alice@$G 'held refuse' 2>e <f$i)\n"
	    " grep -q NOT-APPROVED e; kill $!\n"
	    "done");
}

static void
scp_and_sftp_show_our_text(void **state)
{
	(void)state;
	bed_passes("echo x >x\n"
	    "$T 20 scp -q ${OPT/-p/-P} x alice@$G:/tmp/never 2>e && exit 1\n"
	    "grep -q NOT-OFFERED e\n"
	    "$T 20 sftp -q ${OPT/-p/-P} alice@$G </dev/null 2>e && exit 1\n"
	    "grep -q NOT-OFFERED e");
}

static void
a_shell_without_a_command_is_the_gateways(void **state)
{
	(void)state;
	bed_passes("gate </dev/null >o 2>e; grep -q 'nothing waits' e");
}

static void
a_terminal_has_its_type_size_and_both_ways(void **state)
{
	(void)state;
	bed_passes("forget; TERM='xterm-256color' $T 20 ssh $OPT -tt alice@$G"
	    " 'stty size; read x; echo got $x' <<<hello >o 2>e\n"
	    "grep -q 'got hello' o; seen 'pty term=xterm-256color'\n"
	    "forget; TERM=$'x\\033[31m;rm' $T 20 ssh $OPT -tt alice@$G true"
	    " </dev/null >/dev/null 2>&1; seen 'pty term=x31mrm '");
}

static void
a_window_change_arrives(void **state)
{
	(void)state;
	bed_passes("forget; cat >size.exp <<'X'\n"
	    "set timeout 20\n"
	    "spawn -noecho sh -c \"stty rows 30 cols 100; exec ssh "
	    "$env(OPT) -tt alice@127.0.0.1 'trap \\\"stty size\\\" WINCH;"
	    " stty size; while :; do read x && exit; done'\"\n"
	    "expect \"30 100\"\n"
	    "stty rows 44 columns 123 < $spawn_out(slave,name)\n"
	    "expect {\n\"44 123\" {}\ntimeout { exit 1 }\n}\n"
	    "send \"\\r\"\nexpect eof\n"
	    "X\n"
	    "export OPT; expect size.exp >o 2>&1 || { cat o; exit 1; }\n"
	    "seen 'resize cols=123 rows=44'");
}

static void
interrupt_passes_through_the_terminal(void **state)
{
	(void)state;
	bed_passes(": >o; { holds o ready; printf '\\003'; holds o caught; } |"
	    " $T 20 ssh $OPT -tt alice@$G 'trap \"echo caught; exit 5\" INT;"
	    " echo ready; for i in 1 2 3 4 5 6 7 8 9; do sleep 1; done'"
	    " >o 2>&1 || true\n"
	    "grep -q caught o");
}

static void
interrupt_reaches_a_job_that_reads_nothing(void **state)
{
	(void)state;
	bed_passes("forget; : >o; { holds o ready; printf 'x\\003';"
	    " seen 'signal name=INT'; seen unread; } | $T 20 ssh $OPT -tt"
	    " alice@$G 'noinput echo ready; exec sleep 15' >o 2>&1 || true\n"
	    "seen 'signal name=INT'; seen unread");
}

static void
unread_input_is_told_once_and_dropped(void **state)
{
	(void)state;
	bed_passes("forget; is ok \"$(head -c 3000000 /dev/zero |"
	    " gate 'noinput sleep 1; echo ok')\"\n"
	    "seen unread; is 1 $(grep -c unread events)");
}

static void
no_input_and_half_close_do_not_hang(void **state)
{
	(void)state;
	bed_passes("is '' \"$(gate cat </dev/null)\"\n"
	    "is done \"$(gate -n 'cat >/dev/null; echo done')\"\n"
	    "is done \"$(gate 'cat >/dev/null; echo done' </dev/null)\"\n"
	    "is abc \"$(echo abc | gate cat)\"\n"
	    "is abc \"$(echo abc | gate 'later cat')\"\n"
	    "is ok \"$(gate 'exec <&-; echo ok' </dev/zero)\"");
}

static void
a_reader_that_stops_gets_status_0(void **state)
{
	(void)state;
	bed_passes("head -c 10000000 /dev/zero |"
	    " gate 'head -c 1000 >/dev/null; exec <&-; echo ok' >o\n"
	    "is ok $(cat o)");
}

static void
output_into_head_ends(void **state)
{
	(void)state;
	bed_passes("is y \"$(gate 'yes' | head -n 1)\"\n"
	    /* ssh(1) forgets stderr that comes together with CLOSE */
	    ": >e; holds e ended |"
	    " gate 'yes; echo ended >&2; sleep 1' 2>e | head -n 2 >/dev/null\n"
	    "grep -q ended e");
}

static void
a_client_killed_in_the_middle_ends_net(void **state)
{
	(void)state;
	bed_passes("forget; ssh $OPT alice@$G 'yes' >/dev/null & P=$!\n"
	    "seen exec; sleep 0.3; kill -9 $P; seen 'net gone status=0'\n"
	    "forget; ssh $OPT alice@$G 'sleep 30' </dev/null & P=$!\n"
	    "seen exec; kill -9 $P; seen 'net gone status=0'");
}

static void
forwards_and_the_like_are_refused_and_told_once(void **state)
{
	(void)state;
	bed_passes("forget; $T 20 ssh $OPT -W localhost:22 alice@$G 2>e &&"
	    " exit 1\n"
	    "seen 'refused id=4294967295 what=direct-tcpip"
	    " detail=localhost:22'\n"
	    "forget; gate -R 0:localhost:22 true 2>e || true\n"
	    "seen 'what=tcpip-forward'\n"
	    "forget; eval $(ssh-agent) >/dev/null; gate -A true;"
	    " kill $SSH_AGENT_PID; seen 'refused id=0 what=agent'\n"
	    "forget; is 1 $(status $T 20 ssh $OPT -w 5 alice@$G true 2>e |"
	    " sed 's/.*/1/'); true");
}

static void
the_environment_is_dropped_in_silence(void **state)
{
	(void)state;
	bed_passes("forget; is '[]' \"$(FOO=bar gate -o SendEnv=FOO"
	    " 'echo [$FOO]' 2>e)\"; is '' \"$(cat e)\"\n"
	    "! grep -q refused events");
}

static void
sixty_channels_run_on_one_connection(void **state)
{
	(void)state;
	bed_passes("forget; M=\"-o ControlPath=$DIR/m\"\n"
	    "ssh $OPT $M -o ControlMaster=yes -o ControlPersist=60 -fN alice@$G\n"
	    "for i in $(seq 60); do (s=0; head -c 100000 /dev/zero |"
	    " $T 60 ssh $OPT $M alice@$G \"wc -c; head -c 5000000 /dev/zero;"
	    " exit $i\" >o.$i || s=$?; echo $s >s.$i) & P=\"${P:-} $!\";"
	    " done; wait $P\n"
	    "for i in $(seq 60); do is $i $(cat s.$i); is 5000007"
	    " $(stat -c %s o.$i); done; rm -f o.* s.*\n"
	    "is 77 $(status $T 20 ssh $OPT $M alice@$G refuse 2>e)\n"
	    "grep -q NOT-APPROVED e\n"
	    "for i in $(seq 100); do is $i $($T 20 ssh $OPT $M alice@$G"
	    " echo $i); done\n"
	    "ssh $OPT $M -O exit alice@$G 2>/dev/null; seen 'net gone status=0'");
}

static void
more_channels_than_allowed_are_refused(void **state)
{
	(void)state;
	bed_passes("forget; M=\"-o ControlPath=$DIR/m2\"\n"
	    "ssh $OPT $M -o ControlMaster=yes -o ControlPersist=60 -fN alice@$G\n"
	    /* they run until nobody can write into "hold"; who comes late finds none */
	    "mkfifo hold; exec 5<>hold\n"
	    "for i in $(seq 70); do $T 60 ssh $OPT $M alice@$G \"cat $DIR/hold\""
	    " >/dev/null 2>&1 5>&- & done\n"
	    "seen 'what=session channel'; rm hold; sleep 0.2; exec 5>&-\n"
	    "ssh $OPT $M -O exit alice@$G 2>/dev/null; wait; true");
}

static void
a_command_longer_than_the_limit_arrives_cut_with_its_length(void **state)
{
	(void)state;
	bed_passes("forget; L=$(head -c 100000 /dev/zero | tr '\\0' a)\n"
	    "gate \"refuse $L\" 2>/dev/null || true\n"
	    "seen 'exec id=0 len=65536 total=100007'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status_and_both_streams_come_back),
		cmocka_unit_test(death_by_signal_is_told_as_one),
		cmocka_unit_test(a_refusal_has_text_and_77_for_every_client),
		cmocka_unit_test(a_refusal_that_meets_input_arrives),
		cmocka_unit_test(scp_and_sftp_show_our_text),
		cmocka_unit_test(a_shell_without_a_command_is_the_gateways),
		cmocka_unit_test(a_terminal_has_its_type_size_and_both_ways),
		cmocka_unit_test(a_window_change_arrives),
		cmocka_unit_test(interrupt_passes_through_the_terminal),
		cmocka_unit_test(interrupt_reaches_a_job_that_reads_nothing),
		cmocka_unit_test(unread_input_is_told_once_and_dropped),
		cmocka_unit_test(no_input_and_half_close_do_not_hang),
		cmocka_unit_test(a_reader_that_stops_gets_status_0),
		cmocka_unit_test(output_into_head_ends),
		cmocka_unit_test(a_client_killed_in_the_middle_ends_net),
		cmocka_unit_test(
		    forwards_and_the_like_are_refused_and_told_once),
		cmocka_unit_test(the_environment_is_dropped_in_silence),
		cmocka_unit_test(sixty_channels_run_on_one_connection),
		cmocka_unit_test(more_channels_than_allowed_are_refused),
		cmocka_unit_test(
		    a_command_longer_than_the_limit_arrives_cut_with_its_length),
	};

	return cmocka_run_group_tests(tests, bed_start, bed_stop);
}
