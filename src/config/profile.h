/* profile.h - profiles.d/NAME.conf: what a command may do, as written, with what it inherits. */
#ifndef CONFIG_PROFILE_H
#define CONFIG_PROFILE_H

#include "config/table.h"

#define CONF_INHERIT_MAX	4	/* files in a line of inheritance, the profile itself not counted */
#define CONF_PROFILE_KEYS	40

struct conf_profile {
	char	*name, *summary;
	int64_t	 version;
	char	*inherit;		/* "": nothing */
	int64_t	 abstract;		/* only to inherit from */
	int64_t	 landlock, degraded;
	char	**allow, **deny, **quiet, **kill;
	int64_t	 on_refuse;		/* 0 eperm, 1 kill */
	char	**read, **write, **write_exec, **execute, **hide, **sockets;
	int64_t	 tmp, home;		/* 0 private, 1 host */
	char	**families, **protocols, **connect, **bind;
	int64_t	 namespace;		/* 0 none, 1 host */
	int64_t	 proc;			/* 0 private, 1 host */
	char	**capabilities;
	int64_t	 nproc, fsize, nofile, cpu_s, memory;	/* 0: not set */
	int64_t	 timeout_s;		/* 0: not set */
	int64_t	 exec_log, exec_policy;
	char	**env_keep, **env_set;
	int	 lines[CONF_PROFILE_KEYS];
};

extern const struct conf_key conf_profile_keys[];
extern const size_t conf_profile_nkeys;

/* Where the text of a profile comes from: 0 and a text to be freed with str_wipe(), ERR_NOTFOUND: there is no such profile, or ERR_FORMAT; *e is set. */
typedef int conf_profile_source(void *arg, const char *name, char **text,
    size_t *n, struct conf_error *e);

/*
 * The profile "name" with everything it inherits: lists appended from the
 * farthest ancestor on, scalars overridden.  Names of files in messages are
 * DIR/NAME.conf.  The caller frees with conf_profile_free(), on errors too.
 */
int conf_profile_read(const char *dir, const char *name,
    conf_profile_source *source, void *arg, struct conf_profile *p,
    struct conf_error *e);
void conf_profile_free(struct conf_profile *p);
/* Line of a key in the profile's own file, 0: inherited or not set. */
int conf_profile_line(const struct conf_profile *p, const char *key);

#endif
