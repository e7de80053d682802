/* selftest.h - is OpenSSL whole in this process? */
#ifndef CRYPT_SELFTEST_H
#define CRYPT_SELFTEST_H

/*
 * SHA-256 and Ed25519 with known answers: without memory OpenSSL can start
 * with a part of its algorithms missing, and then says no for ever.
 * ERR_CRYPTO: logged, do not start.
 */
int crypt_self_test(void);

#endif
