/* config_fuzz.c - any bytes as each of the four kinds of file; the message is always one visible line.  links: config */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "config/people.h"
#include "config/profile.h"
#include "config/sekisho.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* libconfig 1.5 forgets the last string before some syntax errors; sekisho-load runs once and exits. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig";
}

struct text {
	const char	*p;
	size_t		 n;
};

/* Every profile is this text: an "inherit" leads to itself. */
static int
same(void *arg, const char *name, char **text, size_t *n, struct conf_error *e)
{
	const struct text *t = arg;

	(void)name;
	(void)e;
	if ((*text = malloc(t->n + 1)) == NULL)
		return ERR_NOMEM;
	memcpy(*text, t->p, t->n);
	(*text)[t->n] = '\0';
	*n = t->n;
	return 0;
}

static void
check(int r, const struct conf_error *e)
{
	size_t i;

	if (r == 0)
		return;
	if (r == ERR_FORMAT && e->text[0] == '\0')
		abort();
	for (i = 0; e->text[i] != '\0'; i++)
		if ((unsigned char)e->text[i] < 0x20)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct conf_error e = { "" };
	struct conf_sekisho gate;
	struct conf_roles roles;
	struct conf_approval rules = { NULL, 0 };
	struct conf_profile profile;
	struct text t;
	char *text;

	if (n == 0 || (text = malloc(n)) == NULL)
		return 0;
	memcpy(text, p + 1, n - 1);
	text[n - 1] = '\0';
	memset(&gate, 0, sizeof(gate));
	memset(&roles, 0, sizeof(roles));
	memset(&profile, 0, sizeof(profile));
	t.p = text;
	t.n = n - 1;
	switch (p[0] % 4) {
	case 0:
		check(conf_sekisho_read("f", text, n - 1, &gate, &e), &e);
		break;
	case 1:
		check(conf_roles_read("f", text, n - 1, &roles, &e), &e);
		break;
	case 2:
		check(conf_approval_read("f", text, n - 1, &rules, &e), &e);
		break;
	default:
		check(conf_profile_read("d", "inspect", same, &t, &profile,
		    &e), &e);
		break;
	}
	conf_sekisho_free(&gate);
	conf_roles_free(&roles);
	conf_approval_free(&rules);
	conf_profile_free(&profile);
	free(text);
	return 0;
}
