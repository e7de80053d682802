/* warn.c - what an approver should notice about a request. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/strv.h"
#include "request/filing.h"
#include "request/look.h"

#define WARNING	256

/* Programs that do what their input says, so that the argv tells little. */
static const char *const obeying[] = {
	"ash", "awk", "bash", "bc", "csh", "dash", "ed", "emacs", "ex",
	"expect", "fish", "gawk", "gdb", "ksh", "less", "lua", "man", "mawk",
	"more", "mysql", "mariadb", "nano", "node", "perl", "php", "psql",
	"python", "ruby", "scp", "sftp", "sh", "sqlite3", "ssh", "tclsh",
	"vi", "view", "vim", "xargs", "zsh", NULL
};

/* "python3.11" is a python, "vim.basic" a vim. */
static int
is_obeying(const char *path)
{
	const char *base = strrchr(path, '/');
	size_t i, n;

	base = base == NULL ? path : base + 1;
	for (i = 0; obeying[i] != NULL; i++) {
		n = strlen(obeying[i]);
		if (strncmp(base, obeying[i], n) == 0 &&
		    (base[n] == '\0' || base[n] == '.' || base[n] == '-' ||
		    (base[n] >= '0' && base[n] <= '9')))
			return 1;
	}
	return 0;
}

static int
warn_input(struct request *r, const struct req_step *s)
{
	char text[WARNING];

	if (!is_obeying(s->exe) && !is_obeying(s->argv[0]))
		return 0;
	if (strncmp(r->input, "sha256:", 7) == 0)
		return 0;
	if (strcmp(r->input, "none") != 0)
		(void)snprintf(text, sizeof(text), "the program obeys its "
		    "input (%s): whoever gives it can do anything as %s "
		    "within profile %s", r->input, r->run_as, r->profile);
	else
		(void)snprintf(text, sizeof(text), "the program is an "
		    "interpreter or can start others: read every word");
	return strv_add(&r->warnings, text);
}

static int
warn_letters(struct request *r, const struct req_step *s)
{
	char text[WARNING];
	unsigned int cp;
	size_t i, at, n, len;

	for (i = 0; s->argv[i] != NULL; i++) {
		n = strlen(s->argv[i]);
		for (at = 0; at < n; at += len) {
			len = escape_utf8(s->argv[i] + at, n - at, &cp);
			if (len == 0)
				return ERR_FORMAT;
			if (cp < 0x80 || look_like(cp) == 0)
				continue;
			(void)snprintf(text, sizeof(text), "word %zu holds "
			    "U+%04X, which looks like '%c'", i + 1, cp,
			    look_like(cp));
			if (strv_add(&r->warnings, text) != 0)
				return ERR_NOMEM;
			break;
		}
	}
	return 0;
}

int
filing_warn(struct request *r)
{
	char text[WARNING];
	size_t i;
	int err;

	for (i = 0; i < r->nsteps; i++)
		if ((err = warn_input(r, &r->steps[i])) != 0 ||
		    (err = warn_letters(r, &r->steps[i])) != 0)
			return err;
	if (r->uses > 1) {
		(void)snprintf(text, sizeof(text),
		    "it may be run %u times with one approval", r->uses);
		if (strv_add(&r->warnings, text) != 0)
			return ERR_NOMEM;
	}
	if (strcmp(r->on_disconnect, "continue") == 0)
		return strv_add(&r->warnings,
		    "it runs on when the operator's line is lost");
	return 0;
}
