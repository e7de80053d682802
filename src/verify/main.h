/* main.h - the body of sekisho-verify. */
#ifndef VERIFY_MAIN_H
#define VERIFY_MAIN_H

/* The exit status. */
int verify_main(int argc, char **argv);

#endif
