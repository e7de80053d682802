/* keyd.h - sekisho-keyd: the gate's private keys and what may be signed with them. */
#ifndef KEYD_KEYD_H
#define KEYD_KEYD_H

/* The whole process, after role_begin().  Returns the exit status. */
int keyd_main(void);

#endif
