/* sekisho.h - sekisho.conf: what the gate as a whole does. */
#ifndef CONFIG_SEKISHO_H
#define CONFIG_SEKISHO_H

#include "config/table.h"

#define CONF_SEKISHO_KEYS	61

struct conf_sekisho {
	char	**listen;	/* "0.0.0.0:2222", "[::]:2222" */
	char	*gate, *zone;
	char	*state_dir, *run_dir, *etc_dir;	/* etc_dir "": where the file is */
	char	**host_keys;
	char	*pam_service, *pam_dir;
	int64_t	 grace_s, tries, key_offers, fail_delay_s;
	char	*banner;
	int64_t	 channels, unauthenticated, per_source, connections;
	int64_t	 pending_s, window_s, window_max_s, uses_max, max_run_s;
	int64_t	 seal_grace_s, stall_s, kill_grace_s, reload_s, stop_grace_s;
	int64_t	 sync_s;
	char	**command_dirs;
	int64_t	 refused_entries_per_day, input_max, rekey;
	int64_t	 local_decisions, local_door, syslog;
	int64_t	 epoch_s;
	int64_t	 disk_warn, disk_refuse, disk_end, disk_reserve;	/* bytes */
	int64_t	 public_key;	/* enum key_factor */
	int64_t	 backoff_s;
	int64_t	 idle_connection_s, idle_terminal_s;	/* 0: never */
	int64_t	 keepalive_s, keepalive_count;	/* 0: none are sent */
	int64_t	 warm_pairs, warm_kits;
	int64_t	 penalty_auth_failed_s, penalty_no_auth_s, penalty_grace_over_s;
	int64_t	 penalty_crash_s, penalty_min_s, penalty_max_s;
	char	**penalty_exempt;
	int64_t	 trace_time;
	int64_t	 log;		/* enum log_level */
	int	 lines[CONF_SEKISHO_KEYS];
};

extern const struct conf_key conf_sekisho_keys[];
extern const size_t conf_sekisho_nkeys;

/* Parses, fills in defaults, checks what belongs together.  The caller frees with conf_sekisho_free(), on errors too. */
int conf_sekisho_read(const char *file, const char *text, size_t n,
    struct conf_sekisho *c, struct conf_error *e);
void conf_sekisho_free(struct conf_sekisho *c);
/* Where a key was set; 0: it was not. */
int conf_sekisho_line(const struct conf_sekisho *c, const char *name);

#endif
