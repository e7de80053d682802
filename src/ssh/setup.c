/* setup.c - library, algorithms and host keys: all that happens before a client is there. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"
#include "ssh/internal.h"

/*
 * No finite-field exchange (this library does not check the values), no CBC,
 * no group exchange (opens a file).  The client's order decides.
 */
#define KEX	"curve25519-sha256,curve25519-sha256@libssh.org," \
		"ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"
#define CIPHERS	"aes256-gcm@openssh.com,aes128-gcm@openssh.com," \
		"chacha20-poly1305@openssh.com,aes256-ctr"
#define MACS	"hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com," \
		"hmac-sha2-256,hmac-sha2-512"
#define KEYS	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384," \
		"ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256"
#define RSA_BITS_MIN	3072

/* The library's own logger would open /etc/localtime. */
static void
drop_line(int priority, const char *function, const char *line, void *arg)
{
	(void)priority;
	(void)function;
	(void)line;
	(void)arg;
}

static int
set_bind(ssh_bind b, const struct client_options *o)
{
	static const struct {
		enum ssh_bind_options_e	 option;
		const char		*value;
	} lists[] = {
		{ SSH_BIND_OPTIONS_KEY_EXCHANGE, KEX },
		{ SSH_BIND_OPTIONS_CIPHERS_C_S, CIPHERS },
		{ SSH_BIND_OPTIONS_CIPHERS_S_C, CIPHERS },
		{ SSH_BIND_OPTIONS_HMAC_C_S, MACS },
		{ SSH_BIND_OPTIONS_HMAC_S_C, MACS },
		{ SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, KEYS },
	};
	int no = 0, bits = RSA_BITS_MIN;
	size_t i;

	if (ssh_bind_options_set(b, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no) != 0)
		return -1;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (ssh_bind_options_set(b, lists[i].option,
		    lists[i].value) != 0)
			return -1;
	if (ssh_bind_options_set(b, SSH_BIND_OPTIONS_RSA_MIN_SIZE, &bits) != 0)
		return -1;
	return ssh_bind_options_set(b, SSH_BIND_OPTIONS_BANNER, o->version);
}

/* Compression has no option of the bind; the default would offer zlib. */
static int
set_session(ssh_session s, const struct client_options *o)
{
	int no = 0;

	if (ssh_options_set(s, SSH_OPTIONS_PROCESS_CONFIG, &no) != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_COMPRESSION_C_S, "none") != 0 ||
	    ssh_options_set(s, SSH_OPTIONS_COMPRESSION_S_C, "none") != 0)
		return -1;
	if (o->rekey_bytes != 0 && ssh_options_set(s, SSH_OPTIONS_REKEY_DATA,
	    &o->rekey_bytes) != 0)
		return -1;
	return 0;
}

/* The first random bytes take a millisecond to get ready for: not while a client waits. */
static int
warm_up(void)
{
	char bytes[32];

	return ssh_get_random(bytes, sizeof(bytes), 0) == 1 ? 0 : -1;
}

/* A copy that ends its last line: what follows on the client's screen is the prompt. */
static char *
whole_lines(const char *text)
{
	size_t n = strlen(text);
	char *s = malloc(n + 2);

	if (s == NULL)
		return NULL;
	memcpy(s, text, n);
	if (n > 0 && text[n - 1] != '\n')
		s[n++] = '\n';
	s[n] = '\0';
	return s;
}

struct client *
client_new(const struct client_options *o, const struct client_events *ev,
    void *ctx)
{
	struct client *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	c->fd = -1;
	c->ev = ev;
	c->ctx = ctx;
	c->takes_keys = o->takes_keys;
	if (ssh_init() != SSH_OK || ssh_set_log_callback(drop_line) != SSH_OK ||
	    ssh_set_log_level(SSH_LOG_NOLOG) != SSH_OK ||
	    warm_up() != 0 || (c->banner = whole_lines(o->banner)) == NULL ||
	    (c->bind = ssh_bind_new()) == NULL ||
	    (c->session = ssh_new()) == NULL ||
	    (c->event = ssh_event_new()) == NULL) {
		log_error("cannot set up the SSH library");
		goto fail;
	}
	if (set_bind(c->bind, o) != 0) {
		log_error("SSH options refused: %s", ssh_get_error(c->bind));
		goto fail;
	}
	if (set_session(c->session, o) != 0) {
		log_error("SSH options refused: %s",
		    ssh_get_error(c->session));
		goto fail;
	}
	return c;
fail:
	client_free(c);
	return NULL;
}

int
client_add_key(struct client *c, const char *name, const char *text)
{
	ssh_key key = NULL;

	if (ssh_pki_import_privkey_base64(text, NULL, NULL, NULL, &key) !=
	    SSH_OK) {
		log_error("not a private host key: file=%s", name);
		return ERR_FORMAT;
	}
	/* On success the bind owns the key. */
	if (ssh_bind_options_set(c->bind, SSH_BIND_OPTIONS_IMPORT_KEY, key) !=
	    0) {
		log_error("host key of a kind that is not served: file=%s "
		    "type=%s", name, ssh_key_type_to_char(ssh_key_type(key)));
		ssh_key_free(key);
		return ERR_FORMAT;
	}
	return 0;
}

int
client_accept(struct client *c, int fd)
{
	/* From here the library owns "fd". */
	if (ssh_bind_accept_fd(c->bind, c->session, fd) != SSH_OK) {
		log_error("cannot take the connection: %s",
		    ssh_get_error(c->bind));
		return ERR_INTERNAL;
	}
	c->fd = fd;
	ssh_bind_free(c->bind);
	c->bind = NULL;
	login_set_callbacks(c);
	ssh_set_blocking(c->session, 0);
	ssh_set_counters(c->session, &c->counter, &c->raw);
	return 0;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	while (c->lanes != NULL)
		lane_free(c->lanes);
	if (c->event != NULL && c->session != NULL && c->is_ready)
		ssh_event_remove_session(c->event, c->session);
	ssh_event_free(c->event);
	ssh_bind_free(c->bind);
	ssh_free(c->session);
	free(c->banner);
	free(c);
}
