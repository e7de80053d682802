/* load.h - the body of sekisho-load: files and accounts in, one sealed snapshot out. */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

/* sekisho-load -c CONF [--check | --print | --list].  Returns the exit status: 0, 64 usage, 78 configuration, 71 system. */
int load_main(int argc, char **argv);

#endif
