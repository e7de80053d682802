/* hostile.h - strings that want to act on a terminal, a log or a table: every outlet is tried with all of them. */
#ifndef UNIT_HOSTILE_H
#define UNIT_HOSTILE_H

#include <stddef.h>

struct hostile {
	const char	*what;
	const char	*bytes;		/* no NUL inside */
};

static const struct hostile hostile[] = {
	{ "C0", "\x01\x02\x05\x07\x08\x0b\x0c\x0e\x0f\x10\x13\x18\x1a\x1c\x1f" },
	{ "DEL", "a\x7f\x7f\x7fz" },
	{ "lone ESC", "x\x1b" },
	{ "reset", "\x1b""c" },
	{ "CSI erase and home", "\x1b[2J\x1b[H" },
	{ "CSI reports", "\x1b[c\x1b[6n\x1b[>0q\x1b[21t" },
	{ "CSI modes", "\x1b[?1049h\x1b[?2004h\x1b[?1000h\x1b[4h" },
	{ "CSI unfinished", "\x1b[31;" },
	{ "CSI with a control inside", "\x1b[3\n1mx" },
	{ "SGR concealed", "\x1b[8mhidden\x1b[0m" },
	{ "SGR too many", "\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1mx" },
	{ "OSC title", "\x1b]0;owned\x07" },
	{ "OSC 8 link", "\x1b]8;;http://evil.example/\x1b\\here\x1b]8;;\x1b\\" },
	{ "OSC 52 clipboard", "\x1b]52;c;cm0gLXJmIC8K\x07" },
	{ "OSC unfinished", "\x1b]0;swallows all that follows" },
	{ "OSC with newline", "\x1b]0;one\ntwo\x07" },
	{ "DCS", "\x1bP$q\"p\x1b\\" },
	{ "DCS sixel", "\x1bPq#0;2;0;0;0~~@@\x1b\\" },
	{ "APC", "\x1b_Gi=1;AAAA\x1b\\" },
	{ "PM and SOS", "\x1b^pm\x1b\\\x1bXsos\x1b\\" },
	{ "raw 0x9b", "\x9b""2J" },
	{ "raw C1", "\x84\x85\x90\x9c\x9d\x9e\x9f" },
	{ "C1 as UTF-8", "\xc2\x9b""2J\xc2\x9d""0;x\xc2\x9c" },
	{ "bidi", "\xe2\x80\xae""dlrow\xe2\x81\xa6x\xe2\x81\xa9\xd8\x9c" },
	{ "zero width", "ls\xe2\x80\x8b\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf" },
	{ "tags", "\xf3\xa0\x80\x81\xf3\xa0\x81\xa1" },
	{ "soft hyphen, fillers", "a\xc2\xad""b\xe3\x85\xa4\xef\xbe\xa0" },
	{ "line separators", "a\xe2\x80\xa8""b\xe2\x80\xa9""c\xc2\x85""d" },
	{ "newline", "one\ntwo" },
	{ "CR over", "rm -rf /\rls      " },
	{ "backspaces", "evil\b\b\b\bgood" },
	{ "broken UTF-8", "\xc3(\xe2\x28\xa1\xf0\x9f\x92\xff\xfe" },
	{ "overlong", "\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf" },
	{ "surrogate", "\xed\xa0\x80\xed\xb0\x80" },
	{ "brackets", "a] [b" },
	{ "quotes", "\"','\\ {\"code\":\"OK\"}" },
	{ "format", "%s%n%1000000d" },
	{ "wide", "\xe8\xa8\xad\xe5\xae\x9a \xe9\x96\xa2\xe6\x89\x80" },
	{ "emoji", "\xf0\x9f\x94\x92\xef\xb8\x8f" }
};

#define HOSTILE_COUNT	(sizeof(hostile) / sizeof(hostile[0]))

#endif
