/* recover.h - the body of sekisho-record --recover: looks at one recording whose end nobody told. */
#ifndef RECORDER_RECOVER_H
#define RECORDER_RECOVER_H

/*
 * Descriptor 3: sekishod, which says RECOVER and hears RECOVERED.  role_begin()
 * has run.  Returns the exit status: 0 (answered), 71 (could not start).
 */
int recover_main(void);

#endif
