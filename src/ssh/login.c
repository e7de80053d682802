/* login.c - keyboard-interactive is passed on, keys go to key.c; every other method is counted and refused. */
#include <string.h>

#include "base/log.h"
#include "ssh/internal.h"

/* More answers than any round has prompts: not worth passing on. */
#define ANSWERS_MAX	64

/*
 * The library drops a wrong signature (or one with SHA-1) without a word to
 * us or to the client.  All that shows is a packet behind the last call.
 */
void
login_heard(struct client *c)
{
	c->heard = c->raw.in_packets;
}

int
client_is_unheard(const struct client *c)
{
	return c->is_served && c->raw.in_packets != c->heard;
}

int
login_attempt(struct client *c, enum client_method method, const char *user)
{
	login_heard(c);
	if (!c->is_ending && c->ev->attempt(c->ctx, method,
	    user == NULL ? "" : user) == CLIENT_END)
		c->is_ending = 1;
	return SSH_AUTH_DENIED;
}

static int
on_none(ssh_session s, const char *user, void *arg)
{
	struct client *c = arg;
	ssh_string banner;

	if (c->banner[0] != '\0' && !c->is_ending) {
		if ((banner = ssh_string_from_char(c->banner)) != NULL)
			(void)ssh_send_issue_banner(s, banner);
		ssh_string_free(banner);
		c->banner[0] = '\0';		/* once */
	}
	return login_attempt(c, CLIENT_NONE, user);
}

static int
on_password(ssh_session s, const char *user, const char *password, void *arg)
{
	(void)s;
	(void)password;
	return login_attempt(arg, CLIENT_PASSWORD, user);
}

/* NULL: plain failure, and no Kerberos code sees a byte. */
static ssh_string
on_gssapi(ssh_session s, const char *user, int n, ssh_string *oids, void *arg)
{
	(void)s;
	(void)n;
	(void)oids;
	(void)login_attempt(arg, CLIENT_GSSAPI, user);
	return NULL;
}

/*
 * Refusing makes the library disconnect, which frees every channel; after the
 * login that must wait until no write is under way.
 */
static int
on_service(ssh_session s, const char *service, void *arg)
{
	struct client *c = arg;

	(void)s;
	c->is_served = 1;
	login_heard(c);
	if (c->lanes == NULL)
		return strcmp(service, "ssh-userauth") == 0 ? 0 : -1;
	c->is_ending = 1;
	return 0;
}

int
client_ask(struct client *c, const char *name, const char *instruction,
    size_t n, char *const *prompts, const uint8_t *echo)
{
	const char *texts[ANSWERS_MAX] = { NULL };
	char show[ANSWERS_MAX] = { 0 };
	size_t i;

	if (c->asking == NULL || n > ANSWERS_MAX)
		return -1;
	for (i = 0; i < n; i++) {
		texts[i] = prompts[i];
		show[i] = echo[i] ? 1 : 0;
	}
	return ssh_message_auth_interactive_request(c->asking, name,
	    instruction, (unsigned int)n, texts, show) == SSH_OK ? 0 : -1;
}

/* The answers as the library keeps them; it wipes them with the next round. */
static enum client_verdict
answered(struct client *c)
{
	const char *one;
	char *answers[ANSWERS_MAX];
	int i, n = ssh_userauth_kbdint_getnanswers(c->session);

	if (n < 0 || n > ANSWERS_MAX) {
		log_warn("too many answers n=%d", n);
		return CLIENT_END;
	}
	for (i = 0; i < n; i++) {
		one = ssh_userauth_kbdint_getanswer(c->session,
		    (unsigned int)i);
		if (one == NULL)
			return CLIENT_END;
		answers[i] = (char *)(uintptr_t)one;
	}
	return c->ev->dialogue(c->ctx, NULL, answers, (size_t)n);
}

static int
on_auth(struct client *c, ssh_message msg)
{
	const char *user = ssh_message_auth_user(msg);
	enum client_verdict v;

	login_heard(c);
	if (ssh_message_subtype(msg) != SSH_AUTH_METHOD_INTERACTIVE) {
		(void)login_attempt(c, CLIENT_OTHER, user);
		return 1;
	}
	c->asking = msg;
	if (ssh_message_auth_kbdint_is_response(msg))
		v = answered(c);
	else
		v = c->ev->dialogue(c->ctx, user == NULL ? "" : user, NULL, 0);
	c->asking = NULL;
	switch (v) {
	case CLIENT_ASKED:
		return 0;
	case CLIENT_OK:
		return ssh_message_auth_reply_success(msg, 0) == SSH_OK ?
		    0 : 1;
	case CLIENT_FAIL:
		return 1;
	case CLIENT_END:
	default:
		c->is_ending = 1;
		return 0;
	}
}

/* What no callback of ours takes. */
static int
on_message(ssh_session s, ssh_message msg, void *arg)
{
	struct client *c = arg;

	(void)s;
	if (c->is_ending)
		return 1;
	if (ssh_message_type(msg) == SSH_REQUEST_AUTH)
		return on_auth(c, msg);
	return refuse_message(c, msg);
}

void
login_set_callbacks(struct client *c)
{
	c->callbacks.userdata = c;
	c->callbacks.auth_none_function = on_none;
	c->callbacks.auth_password_function = on_password;
	c->callbacks.auth_pubkey_function = key_on_auth;
	c->callbacks.gssapi_select_oid_function = on_gssapi;
	c->callbacks.service_request_function = on_service;
	c->callbacks.channel_open_request_session_function = lane_on_open;
	ssh_callbacks_init(&c->callbacks);
	ssh_set_server_callbacks(c->session, &c->callbacks);
	ssh_set_message_callback(c->session, on_message, c);
	ssh_set_auth_methods(c->session, c->takes_keys ?
	    SSH_AUTH_METHOD_PUBLICKEY : SSH_AUTH_METHOD_INTERACTIVE);
}
