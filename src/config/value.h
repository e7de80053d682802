/* value.h - inside src/config: one value of a key, from the text of a setting or a default. */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "config/table.h"

/* Longest text that says what was expected. */
#define EXPECTED_MAX	160

/* Is the member a char **? */
int value_is_list(enum conf_type type);
/* Replace the member by what "s" says.  ERR_FORMAT or ERR_LIMIT: not what the key wants; nothing changed. */
int value_set(const struct conf_key *k, void *into, const char *s);
/* Append one item to a list member; ERR_CONFLICT: it is there already, else as above. */
int value_add(const struct conf_key *k, void *into, const char *s);
void value_set_int(const struct conf_key *k, void *into, int64_t v);
void value_free(const struct conf_key *k, void *into);
size_t value_count(const struct conf_key *k, const void *into);
/* "a span from 5s to 600s", into out[EXPECTED_MAX]; returns out. */
const char *value_expected(const struct conf_key *k, char *out);

#endif
