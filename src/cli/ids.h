/* ids.h - the names of things as people type them: R12, R12/1, R12/1-k7qd, S345, J7. */
#ifndef CLI_IDS_H
#define CLI_IDS_H

#include <stdint.h>

#define CODE_LETTERS	4

struct request_id {
	int64_t	 nr;
	int64_t	 revision;		/* 0: not given */
	char	 code[CODE_LETTERS + 1];	/* "": not given */
};

/* Whole word, no leading zeros; ERR_FORMAT leaves *id alone. */
int id_request(const char *s, struct request_id *id);
int id_session(const char *s, int64_t *nr);
int id_job(const char *s, int64_t *nr);

#endif
