/* sshkey.c - reads the few forms of a plain public key; nothing is computed with it. */
#include "crypt/sshkey.h"

#include <string.h>

#include "base/err.h"

#define ED25519_LEN	32
#define UNCOMPRESSED	4	/* first byte of a point */

/* What is left of a key. */
struct part {
	const uint8_t	*p;
	size_t		 n;
};

struct kind {
	const char	*name;
	const char	*curve;		/* ECDSA */
	size_t		 side;		/* bytes of a coordinate */
	int		(*check)(const struct kind *k, struct part *rest,
			    const char **why);
};

static int
fails(const char **why, const char *what)
{
	*why = what;
	return ERR_FORMAT;
}

/* The next string (u32 length, bytes) of "rest". */
static int
take(struct part *rest, struct part *out)
{
	size_t n;

	if (rest->n < 4)
		return ERR_FORMAT;
	n = (size_t)rest->p[0] << 24 | (size_t)rest->p[1] << 16 |
	    (size_t)rest->p[2] << 8 | rest->p[3];
	if (n > rest->n - 4)
		return ERR_FORMAT;
	out->p = rest->p + 4;
	out->n = n;
	rest->p += 4 + n;
	rest->n -= 4 + n;
	return 0;
}

static int
is_text(const struct part *s, const char *text)
{
	return s->n == strlen(text) && memcmp(s->p, text, s->n) == 0;
}

static int
check_ed25519(const struct kind *k, struct part *rest, const char **why)
{
	struct part key;

	(void)k;
	if (take(rest, &key) != 0 || key.n != ED25519_LEN)
		return fails(why, "expected 32 bytes of a key");
	return 0;
}

static int
check_ecdsa(const struct kind *k, struct part *rest, const char **why)
{
	struct part curve, point;

	if (take(rest, &curve) != 0 || !is_text(&curve, k->curve))
		return fails(why, "expected the curve of its type");
	if (take(rest, &point) != 0 || point.n != 1 + 2 * k->side ||
	    point.p[0] != UNCOMPRESSED)
		return fails(why, "expected an uncompressed point");
	return 0;
}

/* Bits of a positive number in its shortest form; 0: it is none. */
static size_t
bits(const struct part *number)
{
	const uint8_t *p = number->p;
	size_t n = number->n, b;

	if (n == 0 || (p[0] & 0x80) != 0 ||
	    (p[0] == 0 && (n == 1 || (p[1] & 0x80) == 0)))
		return 0;
	if (p[0] == 0) {
		p++;
		n--;
	}
	for (b = 8; (p[0] >> (b - 1)) == 0; b--)
		;
	return 8 * (n - 1) + b;
}

static int
check_rsa(const struct kind *k, struct part *rest, const char **why)
{
	struct part e, n;

	(void)k;
	if (take(rest, &e) != 0 || take(rest, &n) != 0)
		return fails(why, "expected an exponent and a modulus");
	if (bits(&e) < 2 || bits(&e) > 64 || (e.p[e.n - 1] & 1) == 0)
		return fails(why, "expected an odd exponent from 3 up to 64 "
		    "bits");
	if (bits(&n) < SSHKEY_RSA_MIN)
		return fails(why, "expected RSA with at least 3072 bits");
	if (bits(&n) > SSHKEY_RSA_MAX)
		return fails(why, "expected RSA with at most 16384 bits");
	return 0;
}

static const struct kind kinds[] = {
	{ "ssh-ed25519", NULL, 0, check_ed25519 },
	{ "ecdsa-sha2-nistp256", "nistp256", 32, check_ecdsa },
	{ "ecdsa-sha2-nistp384", "nistp384", 48, check_ecdsa },
	{ "ecdsa-sha2-nistp521", "nistp521", 66, check_ecdsa },
	{ "ssh-rsa", NULL, 0, check_rsa },
};

static const struct kind *
find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

int
sshkey_is_type(const char *algorithm)
{
	return find(algorithm) != NULL;
}

int
sshkey_check(const char *algorithm, const uint8_t *p, size_t n,
    const char **why)
{
	struct part rest = { p, n }, name;
	const struct kind *k = find(algorithm);
	const char *none;
	int r;

	if (why == NULL)
		why = &none;
	if (k == NULL)
		return fails(why, "expected ssh-ed25519, ecdsa-sha2-nistp256, "
		    "-nistp384, -nistp521 or ssh-rsa");
	if (take(&rest, &name) != 0 || !is_text(&name, algorithm))
		return fails(why, "expected a key of the type before it");
	if ((r = k->check(k, &rest, why)) != 0)
		return r;
	if (rest.n != 0)
		return fails(why, "expected nothing behind the key");
	return 0;
}
