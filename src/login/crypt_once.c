/*
 * crypt_once.c - crypt_r(3), put before libcrypt's for every module.
 *
 * In Linux-PAM up to 1.5.2 pam_unix says x_strdup(crypt_r(...)) with a macro
 * that evaluates its argument twice, so each password is hashed twice: a slow
 * hash makes that half of a login.  Here the second of two equal calls gets
 * the result of the first, and it is forgotten.  Everything else is libcrypt's.
 */
#include "login/crypt_once.h"

#include <crypt.h>
#include <string.h>

/* crypt_r() has no argument for it, hence static; one process, one login. */
static struct {
	char	phrase[CRYPT_MAX_PASSPHRASE_SIZE];
	char	setting[CRYPT_OUTPUT_SIZE];
	char	output[CRYPT_OUTPUT_SIZE];	/* "": nothing is kept */
} last;

void
crypt_once_forget(void)
{
	explicit_bzero(&last, sizeof(last));
}

static int
is_last(const char *phrase, const char *setting)
{
	return last.output[0] != '\0' && phrase != NULL && setting != NULL &&
	    strcmp(last.phrase, phrase) == 0 &&
	    strcmp(last.setting, setting) == 0;
}

static void
keep(const char *phrase, const char *setting, const char *output)
{
	if (strlen(phrase) >= sizeof(last.phrase) ||
	    strlen(setting) >= sizeof(last.setting) ||
	    strlen(output) >= sizeof(last.output))
		return;
	memcpy(last.phrase, phrase, strlen(phrase) + 1);
	memcpy(last.setting, setting, strlen(setting) + 1);
	memcpy(last.output, output, strlen(output) + 1);
}

/* As crypt(3) has it: a hash, or a text that is none ("*0", "*1"). */
char *
crypt_r(const char *phrase, const char *setting, struct crypt_data *data)
{
	char *output;

	if (is_last(phrase, setting)) {
		memcpy(data->output, last.output, sizeof(last.output));
		crypt_once_forget();
		return data->output;
	}
	crypt_once_forget();
	output = crypt_rn(phrase, setting, data, (int)sizeof(*data));
	if (output == NULL)
		return data->output;
	keep(phrase, setting, output);
	return output;
}
