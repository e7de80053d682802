/* ledgerd.h - the body of sekisho-ledgerd: requests, uses, sessions and the ledger. */
#ifndef LEDGERD_LEDGERD_H
#define LEDGERD_LEDGERD_H

/* Descriptor 3 is the channel to sekishod; role_begin() has run.  Returns the exit status. */
int ledgerd_main(void);

#endif
