/* dialogue.h - the test as net, sekishod and ledger of a monitor that runs in a process of its own. */
#ifndef MONITOR_DIALOGUE_H
#define MONITOR_DIALOGUE_H

#include "tests/unit/monitor/bed.h"

#define WAIT_MS		5000

static struct bed *b;

/* The next message of "c", of this type. */
BED void
get(struct chan *c, enum msg_type type, struct msg *msg)
{
	int r = chan_wait(c, msg, WAIT_MS);

	if (r != 0)
		fail_msg("no %s: %s", msg_name((unsigned int)type), err_name(r));
	if (msg->type != type)
		fail_msg("%s instead of %s", msg_name((unsigned int)msg->type),
		    msg_name((unsigned int)type));
}

BED void
start(const char *user)
{
	struct msg_auth_start s = { .user = W(user) };

	assert_int_equal(chan_put_auth_start(b->net, 0, &s, NULL, 0), 0);
}

/* A prompt with "n" questions comes; "text" is the first. */
BED void
prompted(const char *text, size_t n)
{
	struct msg_auth_prompt p;
	struct msg msg;

	get(b->net, MSG_AUTH_PROMPT, &msg);
	assert_int_equal(msg_auth_prompt_get(msg.body, &p), 0);
	assert_int_equal(strv_len(p.prompts), n);
	assert_int_equal(p.echo.n, n);
	if (text != NULL)
		assert_string_equal(p.prompts[0], text);
	msg_auth_prompt_free(&p);
	msg_done(&msg);
}

BED void
answer(const char *word)
{
	char *words[] = { W(word), NULL };
	struct msg_auth_answers a = { .answers = words };

	assert_int_equal(chan_put_auth_answers(b->net, 0, &a, NULL, 0), 0);
}

BED enum auth_result
result(void)
{
	struct msg_auth_result r;
	struct msg msg;

	get(b->net, MSG_AUTH_RESULT, &msg);
	assert_int_equal(msg_auth_result_get(msg.body, &r), 0);
	msg_done(&msg);
	return r.result;
}

/* The entry of a failure and the count for sekishod. */
BED void
entry(const char *user, enum login_failure why)
{
	struct msg_login_failed f;
	struct msg msg;

	get(b->ledger, MSG_LOGIN_FAILED, &msg);
	assert_int_equal(msg_login_failed_get(msg.body, &f), 0);
	assert_string_equal(f.user, user);
	assert_string_equal(f.source, "192.0.2.7:50022");
	assert_int_equal(f.why, why);
	msg_login_failed_free(&f);
	msg_done(&msg);
	get(b->d, why == LOGIN_PAM ? MSG_AUTH_EXCUSED : MSG_AUTH_FAILED, &msg);
	msg_done(&msg);
}

#endif
