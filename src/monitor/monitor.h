/*
 * monitor.h - the body of sekisho-monitor: knows who the user is, asks the
 * ledger, compares every order with its own evidence, and joins record, exec
 * and net for each command.
 */
#ifndef MONITOR_MONITOR_H
#define MONITOR_MONITOR_H

/* Channels on 3 (sekishod), 4 (net), 5 (ledgerd).  Returns the exit status. */
int monitor_main(void);

#endif
