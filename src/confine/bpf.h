/* bpf.h - loading a finished seccomp filter; nothing here builds one. */
#ifndef CONFINE_BPF_H
#define CONFINE_BPF_H

#include <stddef.h>

/* Load "n" instructions (struct sock_filter) for this process.  no_new_privs must be set.  ERR_SYS: logged. */
int bpf_load(const void *insns, size_t n);
/*
 * The same; returns the descriptor (CLOEXEC) on which refused calls are
 * announced, for the supervisor.  ERR_SYS: logged.
 */
int bpf_load_listener(const void *insns, size_t n);

#endif
