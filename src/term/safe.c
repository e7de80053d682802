/* safe.c - a small parser of terminal sequences that lets an allow-list pass. */
#include "term/safe.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/escape.h"
#include "term/sgr.h"

enum state { GROUND, UTF8, ESC, CSI, STRING, STRING_ESC };

struct term_safe {
	enum term_mode	 mode;
	term_sink	*sink;
	void		*arg;
	enum state	 state;
	uint8_t		 seq[TERM_SEQUENCE_MAX];	/* since ESC, or of a character */
	size_t		 nseq;
	int		 cr;		/* PLAIN: a CR that may belong to CR LF */
	int		 coloured;
	int		 midline;
	int		 failed;
	char		 out[1024];
	size_t		 nout;
};

struct term_safe *
term_safe_new(enum term_mode mode, term_sink *sink, void *arg)
{
	struct term_safe *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return NULL;
	t->mode = mode;
	t->sink = sink;
	t->arg = arg;
	return t;
}

void
term_safe_free(struct term_safe *t)
{
	mem_wipe(t, sizeof(*t));
}

int
term_safe_at_line_start(const struct term_safe *t)
{
	return !t->midline;
}

static void
flush(struct term_safe *t)
{
	if (t->nout > 0 && t->failed == 0)
		t->failed = t->sink(t->arg, t->out, t->nout);
	t->nout = 0;
}

/* Finished bytes; "n" is small. */
static void
emit(struct term_safe *t, const void *p, size_t n)
{
	if (n > sizeof(t->out) - t->nout)
		flush(t);
	memcpy(t->out + t->nout, p, n);
	t->nout += n;
	if (n > 0)
		t->midline = t->out[t->nout - 1] != '\n';
}

/* A byte that is not part of a character, made visible. */
static void
show_byte(struct term_safe *t, uint8_t c)
{
	char text[8];
	int n;

	n = snprintf(text, sizeof(text), "\\x%02x", c);
	emit(t, text, (size_t)n);
}

/* A CR that turned out not to be half of a line end. */
static void
settle_cr(struct term_safe *t)
{
	if (t->cr)
		show_byte(t, '\r');
	t->cr = 0;
}

/* One byte below 0x80 outside any sequence. */
static void
plain(struct term_safe *t, uint8_t c)
{
	if (t->mode == TERM_PLAIN && c != '\n')
		settle_cr(t);
	t->cr = 0;
	if ((c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t')
		emit(t, &c, 1);
	else if (t->mode == TERM_SHOW && (c == '\r' || c == '\b'))
		emit(t, &c, 1);
	else if (c == '\r')
		t->cr = 1;
	else
		show_byte(t, c);
}

/* The sequence was none of ours: all its bytes become visible text. */
static void
show_sequence(struct term_safe *t)
{
	size_t i;

	settle_cr(t);
	for (i = 0; i < t->nseq; i++) {
		if (t->seq[i] >= 0x20 && t->seq[i] < 0x7f)
			emit(t, &t->seq[i], 1);
		else
			show_byte(t, t->seq[i]);
	}
	t->nseq = 0;
	t->state = GROUND;
}

/* A whole sequence has come. */
static void
finish(struct term_safe *t, enum state kind)
{
	char colour[SGR_TEXT];
	size_t n;

	if (kind == STRING && t->mode == TERM_PLAIN) {
		show_sequence(t);
		return;
	}
	if (kind == CSI && t->mode == TERM_SHOW) {
		n = sgr_rebuild(colour, t->seq, t->nseq);
		emit(t, colour, n);
		t->coloured |= n > 0;
	}
	t->nseq = 0;
	t->state = GROUND;
}

static void
start_character(struct term_safe *t, uint8_t c)
{
	t->seq[0] = c;
	t->nseq = 1;
	t->state = UTF8;
}

/* Takes "c" into the character being collected; 0: it does not belong there. */
static int
grow_character(struct term_safe *t, uint8_t c)
{
	size_t want = t->seq[0] >= 0xf0 ? 4 : t->seq[0] >= 0xe0 ? 3 : 2;
	unsigned int cp;
	char text[16];

	if (t->seq[0] < 0xc2 || t->seq[0] > 0xf4 || (c & 0xc0) != 0x80) {
		show_sequence(t);
		return 0;
	}
	t->seq[t->nseq++] = c;
	if (t->nseq < want)
		return 1;
	if (escape_utf8(t->seq, t->nseq, &cp) != want) {
		show_sequence(t);
		return 1;
	}
	settle_cr(t);
	if (escape_is_plain(cp))
		emit(t, t->seq, t->nseq);
	else {
		snprintf(text, sizeof(text), "\\u{%x}", cp);
		emit(t, text, strlen(text));
	}
	t->nseq = 0;
	t->state = GROUND;
	return 1;
}

/* What the byte behind ESC begins. */
static int
after_esc(struct term_safe *t, uint8_t c)
{
	if (c == '[')
		t->state = CSI;
	else if (c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X')
		t->state = STRING;
	else if (c >= 0x20 && c < 0x30)
		t->state = ESC;			/* an intermediate: more follows */
	else if (c >= 0x30 && c < 0x7f) {
		t->seq[t->nseq++] = c;
		finish(t, ESC);
		return 1;
	} else {
		show_sequence(t);
		return 0;
	}
	t->seq[t->nseq++] = c;
	return 1;
}

/* Takes "c" into the sequence; 0: it is not part of it and must be read again. */
static int
in_sequence(struct term_safe *t, uint8_t c)
{
	if (t->nseq == TERM_SEQUENCE_MAX) {
		show_sequence(t);
		return 0;
	}
	if (t->state == ESC)
		return after_esc(t, c);
	if (t->state == STRING_ESC && c != '\\') {
		show_sequence(t);
		return 0;
	}
	if (c == 0x07 ? t->state != STRING : c < 0x20 && c != 0x1b) {
		show_sequence(t);
		return 0;
	}
	if (c == 0x1b && t->state != STRING) {
		show_sequence(t);
		return 0;
	}
	if (t->state == CSI && c >= 0x7f) {
		show_sequence(t);
		return 0;
	}
	t->seq[t->nseq++] = c;
	if (t->state == CSI && c >= 0x40)
		finish(t, CSI);
	else if (t->state == STRING_ESC || c == 0x07)
		finish(t, STRING);
	else if (c == 0x1b)
		t->state = STRING_ESC;
	return 1;
}

static int
ground(struct term_safe *t, uint8_t c)
{
	if (c >= 0x80)
		start_character(t, c);
	else if (c == 0x1b) {
		t->seq[0] = c;
		t->nseq = 1;
		t->state = ESC;
	} else
		plain(t, c);
	return 1;
}

int
term_safe_put(struct term_safe *t, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t i = 0;
	int took;

	while (i < n && t->failed == 0) {
		if (t->state == GROUND)
			took = ground(t, p[i]);
		else if (t->state == UTF8)
			took = grow_character(t, p[i]);
		else
			took = in_sequence(t, p[i]);
		i += (size_t)took;
	}
	flush(t);
	return t->failed;
}

int
term_safe_end(struct term_safe *t)
{
	if (t->state != GROUND)
		show_sequence(t);
	settle_cr(t);
	if (t->coloured)
		emit(t, "\033[0m", 4);
	t->coloured = 0;
	flush(t);
	return t->failed;
}
