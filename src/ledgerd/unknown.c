/* unknown.c - people type passwords where a name belongs: only a salted digest goes into the ledger. */
#include "ledgerd/unknown.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/random.h"
#include "crypt/sha256.h"
#include "ledgerd/inside.h"

#define SALT	16

struct unknown {
	struct unknown	*next;
	uint8_t		 commitment[SHA256_LEN];
	uint8_t		 salted[SALT + USER_MAX];	/* salt, name */
	size_t		 n;				/* of the name */
	int64_t		 minute;
};

int
unknown_keep(struct ledgerd *ld, const char *name, size_t n, int64_t minute,
    uint8_t commitment[32])
{
	struct unknown *u;
	int r;

	if (n > USER_MAX)
		return ERR_LIMIT;
	if ((u = calloc(1, sizeof(*u))) == NULL)
		return ERR_NOMEM;
	memcpy(u->salted + SALT, name, n);
	u->n = n;
	u->minute = minute;
	if ((r = random_bytes(u->salted, SALT)) != 0 ||
	    (r = sha256_mem(u->salted, SALT + n, u->commitment)) != 0) {
		mem_wipe(u, sizeof(*u));
		return r;
	}
	memcpy(commitment, u->commitment, SHA256_LEN);
	u->next = ld->unknown;
	ld->unknown = u;
	return 0;
}

static int
write_one(struct ledgerd *ld, const char *hex)
{
	uint8_t digest[SHA256_LEN];
	const struct unknown *u;

	if (hex == NULL || sha256_parse(hex, digest) != 0)
		return ERR_INTERNAL;
	for (u = ld->unknown; u != NULL; u = u->next)
		if (sha256_equal(u->commitment, digest))
			return store_run(ld->store, STORE_UNKNOWN_ADD,
			    STORE_ARGS(store_b(digest, sizeof(digest)),
			    store_b(u->salted, SALT), store_b(u->salted + SALT,
			    u->n), store_i(u->minute)));
	return ERR_INTERNAL;
}

static int
write_all(struct ledgerd *ld, json_t *e)
{
	const json_t *list = json_object_get(e, "unknown_users");
	size_t i;
	int r;

	for (i = 0; i < json_array_size(list); i++)
		if ((r = write_one(ld, json_string_value(json_object_get(
		    json_array_get(list, i), "sha256")))) != 0) {
			json_decref(e);
			return r;
		}
	return book_add(ld, e);
}

int
unknown_book(struct ledgerd *ld, json_t *e)
{
	int r;

	if ((r = store_begin(ld->store)) != 0) {
		json_decref(e);
		return r;
	}
	return store_end(ld->store, write_all(ld, e));
}

void
unknown_forget(struct ledgerd *ld, int64_t now, int all)
{
	struct unknown **at, *u;

	for (at = &ld->unknown; (u = *at) != NULL;) {
		/* as refused_next(): a minute of the future is over too */
		if (!all && now >= u->minute && now < u->minute + 60) {
			at = &u->next;
			continue;
		}
		*at = u->next;
		mem_wipe(u, sizeof(*u));
	}
}
