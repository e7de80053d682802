/* fake_login.h - the login of fake.h: three accounts, one password. */
#ifndef UNIT_NET_FAKE_LOGIN_H
#define UNIT_NET_FAKE_LOGIN_H

static void
fake_result(struct fake *f, enum auth_result r)
{
	struct msg_auth_result m = { .result = (uint8_t)r };

	if (r == AUTH_FAIL && ++f->fails >= 3)
		m.result = AUTH_END;
	f->round = 0;
	(void)chan_put_auth_result(f->net, 0, &m, NULL, 0);
}

static void
fake_ask(struct fake *f, const char *text, const char *a, const char *b)
{
	char one[64], two[64], title[] = "", info[256];
	uint8_t echo[2] = { 0, 0 };
	char *prompts[3] = { a == NULL ? NULL : one, b == NULL ? NULL : two };
	struct msg_auth_prompt m = { .name = title, .instruction = info,
		.prompts = prompts };

	snprintf(info, sizeof(info), "%s", text);
	snprintf(one, sizeof(one), "%s", a == NULL ? "" : a);
	snprintf(two, sizeof(two), "%s", b == NULL ? "" : b);
	m.echo.p = echo;
	m.echo.n = (a != NULL) + (size_t)(b != NULL);
	f->round++;
	(void)chan_put_auth_prompt(f->net, 0, &m, NULL, 0);
}

static void
fake_start(struct fake *f, struct msg *m)
{
	struct msg_auth_start s;

	if (msg_auth_start_get(m->body, &s) != 0)
		exit(9);
	snprintf(f->user, sizeof(f->user), "%s", s.user);
	fake_say("start user=%s", s.user);
	msg_auth_start_free(&s);
	f->round = 0;
	fake_ask(f, "", "Password: ", NULL);
}

/* alice: right.  multi: right, then a new password twice.  zero: right, then a text without a prompt. */
static void
fake_answers(struct fake *f, struct msg *m)
{
	struct msg_auth_answers a;
	const char *x, *y;

	if (msg_auth_answers_get(m->body, &a) != 0)
		exit(9);
	x = a.answers[0] == NULL ? "" : a.answers[0];
	y = a.answers[0] == NULL || a.answers[1] == NULL ? "" : a.answers[1];
	fake_say("answers round=%d", f->round);
	if (f->round == 1 && strcmp(x, "right") != 0)
		fake_result(f, AUTH_FAIL);
	else if (f->round == 1 && strcmp(f->user, "multi") == 0)
		fake_ask(f, "You must change your password now.",
		    "New password: ", "Retype new password: ");
	else if (f->round == 1 && strcmp(f->user, "zero") == 0)
		fake_ask(f, "Your password expires in 3 days.", NULL, NULL);
	else if (f->round == 2 && strcmp(x, y) != 0)
		fake_result(f, AUTH_FAIL);
	else if (strcmp(f->user, "alice") == 0 || f->round == 2)
		fake_result(f, AUTH_OK);
	else
		fake_result(f, AUTH_FAIL);
	msg_auth_answers_free(&a);
}

static void
fake_other(struct msg *m)
{
	struct msg_auth_other o;

	if (msg_auth_other_get(m->body, &o) != 0)
		exit(9);
	fake_say("other kind=%d user=%s", o.kind, o.user);
	msg_auth_other_free(&o);
}

#endif
