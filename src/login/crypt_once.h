/* crypt_once.h - the crypt_r(3) that PAM modules of this process find: a password is hashed once. */
#ifndef LOGIN_CRYPT_ONCE_H
#define LOGIN_CRYPT_ONCE_H

/* Wipes what is kept for a second call.  To be called behind every step of PAM, however it ended. */
void crypt_once_forget(void);

#endif
