/* selftest.c - known answers, before anything is judged by unknown ones. */
#include "crypt/selftest.h"

#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "crypt/ed25519.h"
#include "crypt/sha256.h"

int
crypt_self_test(void)
{
	/* SHA-256 of nothing; RFC 8032, section 7.1, test 1, which signs nothing */
	static const char digest[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4"
	    "649b934ca495991b7852b855";
	static const char public_key[] = "d75a980182b10ab7d54bfed3c964073a"
	    "0ee172f3daa62325af021a68f707511a";
	static const char signature[2][65] = {
		"e5564300c360ac729086e2cc806e828a"
		"84877f1eb8e5d974d873e06522490155",
		"5fb8821590a33bacc61e39701cf9b46b"
		"d25bf5f0595bbe24655141438e7a100b"
	};
	uint8_t want[SHA256_LEN], got[SHA256_LEN], key[SHA256_LEN];
	uint8_t sign[2 * SHA256_LEN];

	if (sha256_parse(digest, want) != 0 ||
	    sha256_parse(public_key, key) != 0 ||
	    sha256_parse(signature[0], sign) != 0 ||
	    sha256_parse(signature[1], sign + SHA256_LEN) != 0 ||
	    sha256_mem("", 0, got) != 0 || !sha256_equal(want, got) ||
	    ed25519_verify(key, "", 0, sign) != 0) {
		log_error("OpenSSL does not give the known answers");
		return ERR_CRYPTO;
	}
	return 0;
}
