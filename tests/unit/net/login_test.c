/* login_test.c - the real ssh(1) logs in through sekisho-net, or does not. */
#include "bed.h"

static void
the_right_answer_logs_in_and_runs(void **state)
{
	(void)state;
	bed_passes("is hello \"$(gate echo hello)\"; seen 'other kind=1'\n"
	    "seen pong; seen 'net gone status=0'");
}

static void
a_wrong_answer_does_not(void **state)
{
	(void)state;
	bed_passes("echo wrong >answer; is 255 $(status gate true)");
}

static void
several_rounds_and_two_prompts_at_once_pass(void **state)
{
	(void)state;
	bed_passes("forget; is ok \"$($T 20 ssh $OPT multi@$G echo ok)\"\n"
	    "seen 'answers round=2'");
}

static void
a_text_without_a_prompt_is_shown(void **state)
{
	(void)state;
	bed_passes("is ok \"$($T 20 ssh $OPT zero@$G echo ok 2>zero)\"\n"
	    "$T 20 ssh ${OPT/ERROR/INFO} -tt zero@$G echo ok </dev/null"
	    " >zero 2>&1; seen 'answers round=2'");
}

static void
the_banner_is_shown_before_login(void **state)
{
	(void)state;
	bed_passes("$T 20 ssh ${OPT/ERROR/INFO} alice@$G true 2>banner\n"
	    "grep -q 'Authorised use only' banner");
}

static void
keys_and_passwords_are_counted_and_refused(void **state)
{
	(void)state;
	bed_passes("forget; [ -e k ] || ssh-keygen -q -t ed25519 -N '' -f k\n"
	    "is ok \"$($T 20 ssh $OPT -o PubkeyAuthentication=yes -i k"
	    " -o PreferredAuthentications=publickey,keyboard-interactive"
	    " alice@$G echo ok)\"\n"
	    "is 255 $(status $T 20 ssh $OPT"
	    " -o PreferredAuthentications=password alice@$G true)");
}

static void
a_client_killed_at_the_prompt_ends_net(void **state)
{
	(void)state;
	bed_passes("forget\n"
	    "printf '#!/bin/sh\\necho $$ >$DIR/slowpid; exec sleep 30\\n' >slow\n"
	    "chmod 755 slow\n"
	    "SSH_ASKPASS=$DIR/slow ssh $OPT alice@$G true & P=$!\n"
	    "seen 'start user=alice'; kill -9 $P; seen 'net gone status=0'\n"
	    "kill $(cat slowpid) 2>/dev/null || true");
}

static void
a_name_no_account_can_have_is_replaced_when_too_long(void **state)
{
	(void)state;
	bed_passes("forget; N=$(printf 'a%.0s' $(seq 200))\n"
	    "is 255 $(status $T 20 ssh $OPT $N@$G true)\n"
	    "seen 'start user=/too/long'");
}

static void
an_answer_longer_than_pam_takes_is_never_passed_on(void **state)
{
	(void)state;
	bed_passes("forget; printf 'x%.0s' $(seq 600) >answer\n"
	    "is 255 $(status gate true); seen abort\n"
	    "! grep -q answers events");
}

static void
dbclient_logs_in_too(void **state)
{
	(void)state;
	bed_passes("is ok \"$($T 20 dbclient -y -p $PORT alice@$G echo ok"
	    " 2>/dev/null)\"");
}

static void
the_version_text_is_ours(void **state)
{
	(void)state;
	bed_passes("exec 5<>/dev/tcp/127.0.0.1/$PORT; read -r -t 5 L <&5\n"
	    "is 'SSH-2.0-OpenSSH_compatible_Sekisho' \"${L%$'\\r'}\"");
}

static void
only_the_listed_algorithms_are_offered(void **state)
{
	(void)state;
	bed_passes("for o in KexAlgorithms=diffie-hellman-group14-sha256"
	    " Ciphers=aes128-cbc 'MACs=hmac-sha1 -o Ciphers=aes256-ctr'; do\n"
	    "is 255 $(status $T 20 ssh $OPT -o $o alice@$G true"
	    " 2>/dev/null); done\n"
	    "for c in chacha20-poly1305@openssh.com aes256-gcm@openssh.com"
	    " aes128-gcm@openssh.com aes256-ctr; do"
	    " is ok \"$(gate -c $c echo ok)\"; done\n"
	    "is ok \"$($T 20 ssh -o UserKnownHostsFile=$DIR/known2"
	    " -o HostKeyAlgorithms=ecdsa-sha2-nistp256 $OPT alice@$G"
	    " echo ok)\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_answer_logs_in_and_runs),
		cmocka_unit_test(a_wrong_answer_does_not),
		cmocka_unit_test(several_rounds_and_two_prompts_at_once_pass),
		cmocka_unit_test(a_text_without_a_prompt_is_shown),
		cmocka_unit_test(the_banner_is_shown_before_login),
		cmocka_unit_test(keys_and_passwords_are_counted_and_refused),
		cmocka_unit_test(a_client_killed_at_the_prompt_ends_net),
		cmocka_unit_test(
		    a_name_no_account_can_have_is_replaced_when_too_long),
		cmocka_unit_test(
		    an_answer_longer_than_pam_takes_is_never_passed_on),
		cmocka_unit_test(dbclient_logs_in_too),
		cmocka_unit_test(the_version_text_is_ours),
		cmocka_unit_test(only_the_listed_algorithms_are_offered),
	};

	return cmocka_run_group_tests(tests, bed_start, bed_stop);
}
