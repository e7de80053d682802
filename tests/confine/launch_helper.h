/* launch_helper.h - what the test programs do when they are themselves the approved command. */
#ifndef CONFINE_LAUNCH_HELPER_H
#define CONFINE_LAUNCH_HELPER_H

/* "helper:NAME" as argv[1] runs that attack and exits; anything else returns. */
void helper_main(int argc, char **argv);
/* Private mount, uts and ipc namespaces for the test itself, with empty /srv and /run. */
void helper_private(void);
/* argv for a helper: this very program, "helper:NAME", up to two words. */
const char *const *helper_argv(const char *name, const char *a,
    const char *b);
/* 1: some process on the host has this word in its command line. */
int helper_is_alive(const char *word);
/* The same, asked until it is gone or the time is over: 1 when gone. */
int helper_is_gone(const char *word, int within_ms);
void helper_write(const char *path, const char *text, unsigned int mode);

#endif
