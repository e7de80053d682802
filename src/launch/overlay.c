/* overlay.c - reads upperdir= and lowerdir= as the kernel writes them. */
#include "launch/overlay.h"

#include <string.h>

#include "base/limits.h"
#include "base/strv.h"

/* Up to an unescaped "stop" or the end, escapes undone; *p stands at what ended it. */
static int
word(const char **p, const char *stop, char *out, size_t size)
{
	size_t n = 0;

	for (; **p != '\0' && strchr(stop, **p) == NULL; (*p)++) {
		if (**p == '\\' && (*p)[1] != '\0')
			(*p)++;
		if (n + 1 < size)
			out[n++] = **p;
	}
	out[n] = '\0';
	return n + 1 < size;
}

static int
add_dirs(const char **p, char ***list)
{
	char dir[PATH_MAX_LEN];
	int r = 0, fits;

	for (;;) {
		fits = word(p, ":,", dir, sizeof(dir));
		/* Relative ones are of whoever mounted it. */
		if (fits && dir[0] == '/' && !strv_has(*list, dir) &&
		    (r = strv_add(list, dir)) != 0)
			return r;
		if (**p != ':')
			return 0;
		(*p)++;
	}
}

int
overlay_layers(const char *options, char ***list)
{
	static const char *const keys[] = { "upperdir", "lowerdir",
		"lowerdir+", "datadir+" };
	const char *p = options;
	char key[64];
	size_t i;
	int r;

	while (*p != '\0') {
		(void)word(&p, "=,", key, sizeof(key));
		for (i = 0; *p == '=' && i < sizeof(keys) / sizeof(*keys); i++)
			if (strcmp(key, keys[i]) == 0) {
				p++;
				if ((r = add_dirs(&p, list)) != 0)
					return r;
				break;
			}
		while (*p != '\0' && *p != ',')
			p += p[0] == '\\' && p[1] != '\0' ? 2 : 1;
		if (*p == ',')
			p++;
	}
	return 0;
}
