/* help.c - the list of words, and one word in full. */
#include <string.h>

#include "base/escape.h"
#include "cli/out.h"
#include "cli/words.h"

#define WIDTH	79	/* columns of a terminal that wraps at its last one */
#define INDENT	"      "

/* Length of what is typed as one: up to a blank outside of brackets. */
static size_t
piece(const char *s)
{
	size_t n;
	int depth = 0;

	for (n = 0; s[n] != '\0' && (s[n] != ' ' || depth > 0); n++)
		depth += (s[n] == '[') - (s[n] == ']');
	return n;
}

void
words_put_line(struct out *o, const char *before, const struct word *w)
{
	const char *s = w->usage;
	size_t at, n;

	out_printf(o, "%s%s%s%s", before, w->name, w->sub == NULL ? "" : " ",
	    w->sub == NULL ? "" : w->sub);
	at = strlen(before) + strlen(w->name) +
	    (w->sub == NULL ? 0 : strlen(w->sub) + 1);
	for (; *s != '\0'; s += n + (s[n] == ' ')) {
		n = piece(s);
		if (at + 1 + n > WIDTH) {
			out_text(o, "\n" INDENT);
			at = strlen(INDENT);
		} else {
			out_text(o, " ");
			at++;
		}
		out_printf(o, "%.*s", (int)n, s);
		at += n;
	}
	out_text(o, "\n");
}

static void
name_of(struct cli *c, const struct word *w)
{
	out_text(c->out, w->name);
	if (w->sub != NULL)
		out_printf(c->out, " %s", w->sub);
}

/* Everything about one row. */
static void
full(struct cli *c, const struct word *w)
{
	words_put_line(c->out, "", w);
	out_printf(c->out, "  %s\n", w->summary);
	if (w->help != NULL)
		out_text(c->out, w->help);
}

static void
list(struct cli *c)
{
	const struct word *w;
	size_t n;

	out_text(c->out, "Words of this gate (help WORD tells more):\n");
	for (w = words; w->name != NULL; w++) {
		if (w->summary == NULL)
			continue;
		n = strlen(w->name) + (w->sub == NULL ? 0 : strlen(w->sub) + 1);
		out_text(c->out, "  ");
		name_of(c, w);
		out_printf(c->out, "%*s%s\n", n < 18 ? (int)(18 - n) : 1, "",
		    w->summary);
	}
	out_text(c->out,
	    "Anything else is a command: it runs if it was approved word for word.\n");
}

int
word_help(struct cli *c, char *const *argv)
{
	const struct word *w;
	char safe[80];
	int found = 0;

	if (argv[0] == NULL) {
		list(c);
		return 0;
	}
	for (w = words; w->name != NULL; w++) {
		if (strcmp(w->name, argv[0]) != 0 || w->summary == NULL ||
		    (argv[1] != NULL && w->sub != NULL &&
		    strcmp(w->sub, argv[1]) != 0))
			continue;
		full(c, w);
		found = 1;
	}
	if (found)
		return 0;
	return cli_refuse(c, SEKISHO_CODE_NOT_FOUND, "help",
	    "there is no help about %s",
	    escape_to(safe, sizeof(safe), argv[0], strlen(argv[0])));
}
