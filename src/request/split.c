/* split.c - the splitter: one pass, one state, every refusal names its place. */
#include "request/split.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/escape.h"
#include "base/limits.h"
#include "base/strv.h"
#include "request/look.h"

static const char *const gateway_words[] = { "help", "whoami", "request",
	"run", "job", "review", "session", "report", "audit", "verify",
	"policy", "profile", "target", "person", "status", "emergency", "look",
	"ticket", "label", "sweep", "hold", "incident", "witness",
	"client-config", NULL };

static const char meta[] = "|&;<>()$*?[`\n";

struct splitter {
	const char		*p;
	size_t			 n, at;
	struct buf		*word;
	char			**argv;
	size_t			 bytes;	/* of all words with their NULs */
	struct split_error	*e;
};

int
split_is_gateway_word(const char *word)
{
	size_t i;

	for (i = 0; gateway_words[i] != NULL; i++)
		if (strcmp(word, gateway_words[i]) == 0)
			return 1;
	return 0;
}

static int wrong(struct split_error *e, int err, size_t at, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

static int
wrong(struct split_error *e, int err, size_t at, const char *fmt, ...)
{
	va_list ap;

	e->at = at;
	va_start(ap, fmt);
	vsnprintf(e->reason, sizeof(e->reason), fmt, ap);
	va_end(ap);
	return err;
}

/* Every character of the string is one that people can see. */
static int
check_characters(struct splitter *s)
{
	char shown[32];
	unsigned int cp;
	size_t len;

	for (s->at = 0; s->at < s->n; s->at += len) {
		len = escape_utf8(s->p + s->at, s->n - s->at, &cp);
		if (len == 0)
			return wrong(s->e, ERR_FORMAT, s->at, "byte %zu (%s) "
			    "is not UTF-8", s->at + 1, escape_to(shown,
			    sizeof(shown), s->p + s->at, 1));
		if (cp == '\t' || cp == '\n')
			continue;	/* a blank; judged by the splitter */
		if (!escape_is_plain(cp))
			return wrong(s->e, ERR_FORMAT, s->at, "character %s at "
			    "byte %zu is a control or invisible character",
			    escape_to(shown, sizeof(shown), s->p + s->at, len),
			    s->at + 1);
	}
	s->at = 0;
	return 0;
}

static int
put(struct splitter *s, const char *p, size_t n)
{
	int r = buf_put(s->word, p, n);

	return r == ERR_LIMIT ? wrong(s->e, r, s->at, "the words are longer "
	    "than %d bytes together", ARGV_BYTES_MAX) : r;
}

/* Could a reader take this word for another one? */
static int
check_look(struct splitter *s, const char *word)
{
	size_t n = strlen(word), nr = strv_len(s->argv) + 1, i, len;
	unsigned int cp;

	if (look_is_mixed(word, &cp))
		return wrong(s->e, ERR_FORMAT, s->at, "word %zu mixes ASCII "
		    "letters with U+%04X, which only looks like '%c'", nr, cp,
		    look_like(cp));
	for (i = 0; i < n; i += len) {
		if ((len = escape_utf8(word + i, n - i, &cp)) == 0)
			return wrong(s->e, ERR_FORMAT, s->at, "word %zu is not "
			    "UTF-8", nr);
		if (len > 1 && look_like(cp) != 0 && !look_is_letter(cp))
			return wrong(s->e, ERR_FORMAT, s->at, "word %zu holds "
			    "U+%04X, which only looks like '%c'", nr, cp,
			    look_like(cp));
	}
	return 0;
}

/* The word in the buffer becomes the next of argv; "text" may hold look-alikes. */
static int
end_word(struct splitter *s, int text_option)
{
	size_t len = buf_len(s->word);
	char *text;
	int r;

	s->bytes += len + 1;
	if (s->bytes > ARGV_BYTES_MAX)
		return wrong(s->e, ERR_LIMIT, s->at, "the words are longer "
		    "than %d bytes together", ARGV_BYTES_MAX);
	if (strv_len(s->argv) >= ARGV_WORDS_MAX)
		return wrong(s->e, ERR_LIMIT, s->at, "more than %d words",
		    ARGV_WORDS_MAX);
	if ((text = strndup((const char *)buf_data(s->word), len)) == NULL)
		return ERR_NOMEM;
	if ((r = text_option ? 0 : check_look(s, text)) == 0)
		r = strv_add(&s->argv, text);
	str_wipe(text);
	buf_reset(s->word);
	return r;
}

/* From an opening quote to behind the closing one. */
static int
quoted(struct splitter *s)
{
	size_t start = s->at;
	char quote = s->p[s->at++];
	int r;

	for (; s->at < s->n; s->at++) {
		if (s->p[s->at] == quote) {
			s->at++;
			return 0;
		}
		if (s->p[s->at] == '\n')
			break;
		if (quote == '"' && s->p[s->at] == '\\' && s->at + 1 < s->n &&
		    (s->p[s->at + 1] == '"' || s->p[s->at + 1] == '\\'))
			s->at++;
		if ((r = put(s, s->p + s->at, 1)) != 0)
			return r;
	}
	if (s->at < s->n)
		return wrong(s->e, ERR_FORMAT, s->at, "line break inside the "
		    "quotes that open at byte %zu", start + 1);
	return wrong(s->e, ERR_FORMAT, start, "the quote %c at byte %zu is "
	    "never closed", quote, start + 1);
}

/* One word outside of text options. */
static int
plain_word(struct splitter *s)
{
	size_t start = s->at;
	char c;
	int r;

	while (s->at < s->n && (c = s->p[s->at]) != ' ' && c != '\t') {
		if (c == '\'' || c == '"') {
			if ((r = quoted(s)) != 0)
				return r;
			continue;
		}
		if (c == '\n')
			return wrong(s->e, ERR_FORMAT, s->at, "line break at "
			    "byte %zu: one command is one line", s->at + 1);
		if (strchr(meta, c) != NULL ||
		    (s->at == start && (c == '~' || c == '#')))
			return wrong(s->e, ERR_FORMAT, s->at, "%c at byte %zu "
			    "would need a shell, and there is none", c,
			    s->at + 1);
		if (c == '\\') {
			if (++s->at >= s->n || s->p[s->at] == '\n')
				return wrong(s->e, ERR_FORMAT, s->at,
				    "nothing follows the last backslash");
			c = s->p[s->at];
		}
		if ((r = put(s, &c, 1)) != 0)
			return r;
		s->at++;
	}
	return end_word(s, 0);
}

static void
skip_blanks(struct splitter *s)
{
	while (s->at < s->n && (s->p[s->at] == ' ' || s->p[s->at] == '\t'))
		s->at++;
}

/* Does a word that begins with "--" start here? */
static int
at_option(const struct splitter *s)
{
	return s->n - s->at >= 2 && s->p[s->at] == '-' &&
	    s->p[s->at + 1] == '-';
}

/* Free text up to the next "--word": cut at blanks only. */
static int
text_words(struct splitter *s)
{
	size_t start, end, stop, before = strv_len(s->argv);
	char q;
	int r;

	skip_blanks(s);
	start = end = s->at;
	while (s->at < s->n && !at_option(s)) {
		while (s->at < s->n && s->p[s->at] != ' ' &&
		    s->p[s->at] != '\t')
			s->at++;
		end = s->at;
		skip_blanks(s);
	}
	stop = s->at;
	q = start < end ? s->p[start] : '\0';
	if ((q == '"' || q == '\'') && end - start >= 2 &&
	    s->p[end - 1] == q) {
		start++;
		end--;
	}
	for (s->at = start; s->at < end; s->at++) {
		if (s->p[s->at] == '\n')
			return wrong(s->e, ERR_FORMAT, s->at, "line break in "
			    "the text at byte %zu", s->at + 1);
		if (s->p[s->at] != ' ' && s->p[s->at] != '\t') {
			if ((r = put(s, s->p + s->at, 1)) != 0)
				return r;
		} else if (buf_len(s->word) > 0 && (r = end_word(s, 1)) != 0)
			return r;
	}
	/* an empty text is an empty word: each call must move on */
	if ((buf_len(s->word) > 0 || strv_len(s->argv) == before) &&
	    (r = end_word(s, 1)) != 0)
		return r;
	s->at = stop;
	return 0;
}

/* Are we right behind --reason or -m of a gateway word, before "--"? */
static int
text_follows(const struct splitter *s)
{
	size_t n = strv_len(s->argv);

	return s->argv != NULL && n >= 2 && split_is_gateway_word(s->argv[0]) &&
	    !strv_has(s->argv, "--") &&
	    (strcmp(s->argv[n - 1], "--reason") == 0 ||
	    strcmp(s->argv[n - 1], "-m") == 0);
}

static int
split_all(struct splitter *s)
{
	int r;

	if ((r = check_characters(s)) != 0)
		return r;
	for (skip_blanks(s); s->at < s->n; skip_blanks(s))
		if ((r = text_follows(s) ? text_words(s) : plain_word(s)) != 0)
			return r;
	if (s->argv == NULL)
		return wrong(s->e, ERR_FORMAT, 0, "the command is empty");
	return 0;
}

/* The string with each blank-separated piece quoted whole: what was perhaps meant. */
static char *
correct(const char *p, size_t n)
{
	char **words = NULL, *piece, *line = NULL;
	size_t i = 0, start;

	while (i < n) {
		while (i < n && strchr(" \t\n", p[i]) != NULL)
			i++;
		for (start = i; i < n && strchr(" \t\n", p[i]) == NULL; i++)
			continue;
		if (i == start)
			break;
		if ((piece = strndup(p + start, i - start)) == NULL ||
		    strv_add(&words, piece) != 0) {
			str_wipe(piece);
			goto out;
		}
		str_wipe(piece);
	}
	if (words != NULL)
		line = split_quote(words);
out:
	strv_free(words);
	return line;
}

int
split_command(const uint8_t *p, size_t n, size_t total, char ***argv,
    struct split_error *e)
{
	struct splitter s = { .p = (const char *)p, .n = n, .e = e };
	int r;

	memset(e, 0, sizeof(*e));
	if (total > n || n > COMMAND_MAX)
		return wrong(e, ERR_LIMIT, n, "the command is %zu bytes long, "
		    "more than %d", total > n ? total : n, COMMAND_MAX);
	if ((s.word = buf_new(ARGV_BYTES_MAX)) == NULL)
		return ERR_NOMEM;
	r = split_all(&s);
	buf_free(s.word);
	if (r != 0) {
		strv_free(s.argv);
		/* only where a shell's sign is the trouble can quoting help */
		if (r == ERR_FORMAT && e->at < n && n > 0 &&
		    strstr(e->reason, "would need a shell") != NULL)
			e->corrected = correct(s.p, n);
		return r;
	}
	*argv = s.argv;
	return 0;
}

/* May this byte stand in a word without quotes? */
static int
is_bare(char c)
{
	return c != '\0' && strchr(" \t\\'\"~#", c) == NULL &&
	    strchr(meta, c) == NULL;
}

static int
quote_word(struct buf *line, const char *w)
{
	size_t i;
	int r, bare = *w != '\0';

	for (i = 0; w[i] != '\0'; i++)
		bare = bare && is_bare(w[i]);
	if (bare)
		return buf_put(line, w, strlen(w));
	if ((r = buf_put(line, "'", 1)) != 0)
		return r;
	for (; *w != '\0'; w++)
		if ((r = *w == '\'' ? buf_put(line, "'\\''", 4) :
		    buf_put(line, w, 1)) != 0)
			return r;
	return buf_put(line, "'", 1);
}

char *
split_quote(char *const *argv)
{
	struct buf *line = buf_new(5 * ARGV_BYTES_MAX);
	char *out = NULL;
	size_t i;

	for (i = 0; line != NULL && argv[i] != NULL; i++)
		if ((i > 0 && buf_put(line, " ", 1) != 0) ||
		    quote_word(line, argv[i]) != 0)
			goto out;
	if (line != NULL)
		out = strndup((const char *)buf_data(line), buf_len(line));
out:
	buf_free(line);
	return out;
}
