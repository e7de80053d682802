/* text.c - a scanner that refuses what libconfig would silently change. */
#include "config/text.h"

#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/escape.h"
#include "base/num.h"

#define NUMBER_MAX	12	/* -2147483648 and one more */

struct scan {
	const char		*file;
	const char		*p, *end;
	int			 line;
	int			 depth;
	int			 after_string;	/* the last token was a string */
	struct conf_error	*e;
};

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    is_digit(c) || c == '_' || c == '-' || c == '*' || c == '.';
}

/* Every character is one that an editor shows. */
static int
check_characters(struct scan *s)
{
	const char *p = s->p;
	unsigned int cp;
	int line = 1;
	size_t n;

	while (p < s->end) {
		n = escape_utf8(p, (size_t)(s->end - p), &cp);
		if (n == 0)
			return conf_fail(s->e, s->file, line,
			    "expected UTF-8 text, found byte 0x%02x",
			    (unsigned int)(unsigned char)*p);
		if (cp == '\n')
			line++;
		else if (cp != '\t' && cp != '\\' && !escape_is_plain(cp))
			return conf_fail(s->e, s->file, line,
			    "expected visible characters, found U+%04X", cp);
		p += n;
	}
	return 0;
}

/* No line may begin with '@', wherever the scanner thinks it is. */
static int
check_includes(struct scan *s)
{
	const char *p = s->p;
	int line = 1, at_start = 1;

	for (; p < s->end; p++) {
		if (at_start && *p == '@')
			return conf_fail(s->e, s->file, line,
			    "expected settings, found @ (@include is not "
			    "allowed)");
		if (*p == '\n') {
			line++;
			at_start = 1;
		} else if (*p != ' ' && *p != '\t')
			at_start = 0;
	}
	return 0;
}

static int
skip_comment(struct scan *s)
{
	int start = s->line;

	if (*s->p == '#' || s->p[1] == '/') {
		while (s->p < s->end && *s->p != '\n')
			s->p++;
		return 0;
	}
	for (s->p += 2; s->end - s->p >= 2; s->p++) {
		if (s->p[0] == '*' && s->p[1] == '/') {
			s->p += 2;
			return 0;
		}
		if (*s->p == '\n')
			s->line++;
	}
	return conf_fail(s->e, s->file, start, "expected */ after this /*, "
	    "found the end of the file");
}

static int
take_string(struct scan *s)
{
	if (s->after_string)
		return conf_fail(s->e, s->file, s->line, "expected , or ; "
		    "between two strings, found nothing");
	for (s->p++; s->p < s->end && *s->p != '"'; s->p++) {
		if (*s->p == '\n')
			break;
		if (*s->p != '\\')
			continue;
		s->p++;
		if (s->p == s->end || strchr("\\\"nt", *s->p) == NULL)
			return conf_fail(s->e, s->file, s->line, "expected "
			    "\\\\ \\\" \\n or \\t after a backslash, found "
			    "\\%.*s", s->p < s->end, s->p);
	}
	if (s->p >= s->end || *s->p != '"')
		return conf_fail(s->e, s->file, s->line, "expected \" on the "
		    "same line, found the end of the line");
	s->p++;
	s->after_string = 1;
	return 0;
}

static int
take_number(struct scan *s)
{
	const char *start = s->p;
	char text[NUMBER_MAX + 1];
	size_t n;
	int64_t v;

	s->p++;
	while (s->p < s->end && (is_word(*s->p) || *s->p == '+'))
		s->p++;
	n = (size_t)(s->p - start);
	if (n <= NUMBER_MAX) {
		memcpy(text, start, n);
		text[n] = '\0';
		if (num_parse(text, INT32_MIN, INT32_MAX, &v) == 0 &&
		    (text[0] != '0' || n == 1) && strncmp(text, "-0", 2) != 0)
			return 0;
	}
	return conf_fail(s->e, s->file, s->line, "expected a plain decimal "
	    "number from %d to %d, found %.*s", INT32_MIN, INT32_MAX,
	    (int)(n < 40 ? n : 40), start);
}

/* One token; white space and comments are none and keep "after_string". */
static int
take_token(struct scan *s)
{
	char c = *s->p;

	if (c == '"')
		return take_string(s);
	s->after_string = 0;
	if (c == '@')
		return conf_fail(s->e, s->file, s->line, "expected settings, "
		    "found @ (@include is not allowed)");
	if (is_digit(c) || c == '-' || c == '+' || c == '.')
		return take_number(s);
	if (is_word(c)) {
		while (s->p < s->end && is_word(*s->p))
			s->p++;
		return 0;
	}
	if (strchr("{[(", c) != NULL && ++s->depth > CONF_DEPTH_MAX)
		return conf_fail(s->e, s->file, s->line, "expected at most %d "
		    "brackets within each other", CONF_DEPTH_MAX);
	if (strchr("}])", c) != NULL)
		s->depth--;
	else if (strchr("{[(=:;,", c) == NULL)
		return conf_fail(s->e, s->file, s->line, "expected a setting, "
		    "found %c", c);
	s->p++;
	return 0;
}

int
conf_text_check(const char *file, const char *text, size_t n,
    struct conf_error *e)
{
	struct scan s = { file, text, text + n, 1, 0, 0, e };
	int r;

	if ((r = check_characters(&s)) != 0 || (r = check_includes(&s)) != 0)
		return r;
	while (s.p < s.end) {
		if (*s.p == '\n')
			s.line++;
		if (*s.p == '\n' || *s.p == ' ' || *s.p == '\t') {
			s.p++;
			continue;
		}
		if (*s.p == '#' || (s.end - s.p >= 2 && *s.p == '/' &&
		    (s.p[1] == '/' || s.p[1] == '*')))
			r = skip_comment(&s);
		else
			r = take_token(&s);
		if (r != 0)
			return r;
	}
	return 0;
}
