/*
 * log.h - lines for administrators: one event a line, "event key=value", outside strings escaped.
 *
 * Lines go to descriptor 2 unless a sink is set (sekisho-net has no
 * descriptor to write to and sends its lines over its channel).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

typedef void log_sink(void *arg, enum log_level level, const char *line);

/* "name" must stay valid.  Lines above "level" are dropped. */
void log_init(const char *name, enum log_level level);
/* From now on lines need no getpid(2).  Only for a process that does not fork. */
void log_keep_pid(void);
void log_set_sink(log_sink *sink, void *arg);
/* The finished line is escaped as a whole; it never holds a newline or control byte and is at most 1000 bytes long. */
void log_write(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* As log_write at LOG_ERROR with ": " and the text of errno behind it. */
void log_errno(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* For mains and process bodies: logs and exits with "status". */
void fatal(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

#define log_error(...)	log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)	log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)	log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_write(LOG_DEBUG, __VA_ARGS__)

#endif
