/*
 * conv.c - PAM's conversation as rounds.  Texts wait until the next question,
 * because keyboard-interactive can only show a text together with a round.
 */
#include "login/conv.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/log.h"

#define TEXTS_MAX	7936	/* AUTH_PROMPT takes 8192 */
#define PROMPT_MAX	400	/* PROMPTS_MAX of them fit AUTH_PROMPT's 8192 */

int
conv_init(struct conv *c, login_ask *ask, void *arg)
{
	memset(c, 0, sizeof(*c));
	c->ask = ask;
	c->arg = arg;
	c->texts = buf_new(TEXTS_MAX);
	return c->texts == NULL ? ERR_NOMEM : 0;
}

void
conv_done(struct conv *c)
{
	buf_free(c->texts);
	c->texts = NULL;
}

void
conv_forget(struct conv *c)
{
	buf_reset(c->texts);
}

/* Keep a text, each of its lines escaped.  What does not fit is dropped: it is only shown. */
static void
keep_text(struct conv *c, const char *text)
{
	const char *end;
	char *line;
	size_t n;

	while (*text != '\0') {
		end = strchrnul(text, '\n');
		n = (size_t)(end - text);
		if ((line = escape_dup(text, n, 1024)) != NULL &&
		    buf_len(c->texts) + strlen(line) + 1 <= TEXTS_MAX) {
			(void)buf_put(c->texts, line, strlen(line));
			(void)buf_put(c->texts, "\n", 1);
		}
		str_wipe(line);
		text = *end == '\0' ? end : end + 1;
	}
}

/* The texts so far as one string, and forget them.  NULL: no memory. */
static char *
take_texts(struct conv *c)
{
	size_t n = buf_len(c->texts);
	char *s;

	if ((s = calloc(1, n + 1)) == NULL)
		return NULL;
	if (n > 0)
		memcpy(s, buf_data(c->texts), n);
	buf_reset(c->texts);
	return s;
}

static int
ask_round(struct conv *c, const struct login_prompt *prompts, size_t n,
    char **answers)
{
	char *instruction;
	int r;

	if (c->is_left)
		return ERR_CLOSED;
	if ((instruction = take_texts(c)) == NULL)
		return ERR_NOMEM;
	if ((r = c->ask(c->arg, instruction, prompts, n, answers)) != 0)
		c->is_left = 1;
	str_wipe(instruction);
	return r;
}

int
conv_rest(struct conv *c)
{
	if (buf_len(c->texts) == 0)
		return 0;
	return ask_round(c, NULL, 0, NULL);
}

/* Sort the messages: texts are kept, questions counted into "prompts". */
static int
sort_messages(struct conv *c, int n, const struct pam_message **msg,
    struct login_prompt *prompts, size_t *nprompts)
{
	const char *text;
	int i;

	for (i = 0; i < n; i++) {
		text = msg[i]->msg == NULL ? "" : msg[i]->msg;
		switch (msg[i]->msg_style) {
		case PAM_PROMPT_ECHO_OFF:
		case PAM_PROMPT_ECHO_ON:
			if (*nprompts == PROMPTS_MAX)
				return PAM_CONV_ERR;
			prompts[*nprompts].text = escape_dup(text,
			    strlen(text), PROMPT_MAX);
			if (prompts[*nprompts].text == NULL)
				return PAM_BUF_ERR;
			prompts[*nprompts].echo =
			    msg[i]->msg_style == PAM_PROMPT_ECHO_ON;
			(*nprompts)++;
			break;
		case PAM_TEXT_INFO:
		case PAM_ERROR_MSG:
			keep_text(c, text);
			break;
		default:
			log_warn("pam message of unknown style=%d",
			    msg[i]->msg_style);
			return PAM_CONV_ERR;
		}
	}
	return PAM_SUCCESS;
}

/* Answers go where their questions stood. */
static void
place_answers(int n, const struct pam_message **msg,
    struct pam_response *resp, char **answers)
{
	size_t next = 0;
	int i;

	for (i = 0; i < n; i++)
		if (msg[i]->msg_style == PAM_PROMPT_ECHO_OFF ||
		    msg[i]->msg_style == PAM_PROMPT_ECHO_ON)
			resp[i].resp = answers[next++];
}

int
conv_run(int n, const struct pam_message **msg, struct pam_response **resp,
    void *arg)
{
	struct login_prompt prompts[PROMPTS_MAX] = { { NULL, 0 } };
	char *answers[PROMPTS_MAX] = { NULL };
	struct pam_response *out = NULL;
	struct conv *c = arg;
	size_t nprompts = 0, i;
	int r = PAM_CONV_ERR;

	if (n <= 0 || n > PAM_MAX_NUM_MSG || c->is_left)
		return PAM_CONV_ERR;
	if ((out = calloc((size_t)n, sizeof(*out))) == NULL)
		return PAM_BUF_ERR;
	if ((r = sort_messages(c, n, msg, prompts, &nprompts)) != PAM_SUCCESS)
		goto out;
	if (nprompts > 0) {
		if (ask_round(c, prompts, nprompts, answers) != 0) {
			r = PAM_CONV_ERR;
			goto out;
		}
		place_answers(n, msg, out, answers);
	}
	*resp = out;
	out = NULL;			/* now owned by PAM */
out:
	for (i = 0; i < nprompts; i++)
		free((void *)(uintptr_t)prompts[i].text);
	free(out);
	return r;
}
