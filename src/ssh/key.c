/*
 * key.c - publickey: what the client shows is passed on, its signature was
 * checked by the library.  It is never a login: the library would take
 * "success" for a signed key as one, so that word is not said for it here.
 */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypt/base64.h"
#include "ssh/internal.h"

/*
 * The name of a plain type, NULL for all others.  Certificates arrive with
 * nothing of them checked; of security keys nobody tells whether they were
 * touched.
 */
static const char *
plain_type(struct ssh_key_struct *key)
{
	static const enum ssh_keytypes_e plain[] = {
		SSH_KEYTYPE_ED25519, SSH_KEYTYPE_RSA, SSH_KEYTYPE_ECDSA_P256,
		SSH_KEYTYPE_ECDSA_P384, SSH_KEYTYPE_ECDSA_P521
	};
	enum ssh_keytypes_e type = ssh_key_type(key);
	size_t i;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (plain[i] == type)
			return ssh_key_type_to_char(type);
	return NULL;
}

/* The key as bytes; the library gives it as text only. */
static int
export(struct ssh_key_struct *key, uint8_t **blob, size_t *n)
{
	char *text = NULL;
	int r;

	if (ssh_pki_export_pubkey_base64(key, &text) != SSH_OK)
		return -1;
	r = base64_decode(text, KEY_BLOB_MAX, blob, n);
	ssh_string_free_char(text);
	return r;
}

int
key_on_auth(ssh_session s, const char *user, struct ssh_key_struct *key,
    char state, void *arg)
{
	int is_proven = state == SSH_PUBLICKEY_STATE_VALID;
	struct client *c = arg;
	enum client_verdict v;
	const char *type = plain_type(key);
	uint8_t *blob = NULL;
	size_t n = 0;

	login_heard(c);
	if (c->is_ending)
		return SSH_AUTH_DENIED;
	if (!c->takes_keys || type == NULL || user == NULL ||
	    (!is_proven && state != SSH_PUBLICKEY_STATE_NONE) ||
	    export(key, &blob, &n) != 0)
		return login_attempt(c, CLIENT_KEY, user);
	v = c->ev->key(c->ctx, user, type, blob, n, is_proven);
	mem_wipe(blob, n);
	if (!is_proven && v == CLIENT_LISTED)
		return SSH_AUTH_SUCCESS;	/* of an offer: "sign it" */
	if (is_proven && v == CLIENT_PARTIAL) {
		ssh_set_auth_methods(s, SSH_AUTH_METHOD_INTERACTIVE);
		return SSH_AUTH_PARTIAL;
	}
	if (v != CLIENT_FAIL)
		c->is_ending = 1;
	return SSH_AUTH_DENIED;
}
