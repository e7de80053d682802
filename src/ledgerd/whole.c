/*
 * whole.c - after a crash of this process alone the database need not be read as a whole again.
 *
 * The first start of a gate's life reads all of it, which takes the longer the
 * more there is, and nobody waits.  When ledgerd is killed, sessions do wait,
 * for seal_grace at most.  In between only this program wrote to the file, by
 * way of SQLite's log, whose frames have checksums; so a mark beside it says
 * that it was found whole: by whom (boot, sekishod's process and when that
 * began) and of which file.  An end in order and one after an error take it
 * away.  So does the start that trusts it, and then it comes back only after a
 * while without trouble: a database that makes this process crash is read at
 * the second start.
 * It is no evidence against anybody: who can write it can write the database,
 * and what shows that is sekisho-verify.
 */
#include "ledgerd/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"

#define SUFFIX		"-whole"
#define STAT_MAX	4096
#define MARK_MAX	(WHOLE_TEXT + 64)

/* A small file as text; "": it cannot be read. */
static void
slurp(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	fd_close(&fd);
}

/* When a process began, in ticks after the boot: the 22nd field of its stat, behind a name that may hold anything. */
static const char *
began(char *stat)
{
	char *at = strrchr(stat, ')');
	int i;

	for (i = 2; at != NULL && i < 22; i++)
		if ((at = strchr(at, ' ')) != NULL)
			at++;
	if (at != NULL)
		at[strcspn(at, " ")] = '\0';
	return at == NULL || *at == '\0' ? NULL : at;
}

/* The mark as it must be.  ERR_NOTFOUND: of a file that is not there nothing can be said. */
static int
mark(const struct whole_mark *w, char out[MARK_MAX])
{
	struct stat st;

	if (w->database == NULL || stat(w->database, &st) < 0)
		return ERR_NOTFOUND;
	(void)snprintf(out, MARK_MAX, "%s %llu %llu\n", w->text,
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	return 0;
}

void
whole_begin(struct whole_mark *w, pid_t parent)
{
	char boot[64], path[64], stat[STAT_MAX];
	const char *ticks;

	memset(w, 0, sizeof(*w));
	slurp("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	boot[strcspn(boot, "\n")] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)parent);
	slurp(path, stat, sizeof(stat));
	ticks = began(stat);
	if (boot[0] != '\0' && ticks != NULL)
		(void)snprintf(w->text, sizeof(w->text), "%s %ld %s", boot,
		    (long)parent, ticks);
}

int
whole_take(struct whole_mark *w, const char *database)
{
	char had[MARK_MAX], want[MARK_MAX];

	if (w->text[0] == '\0')
		return 0;
	if ((w->database = strdup(database)) == NULL ||
	    asprintf(&w->path, "%s" SUFFIX, database) < 0) {
		w->path = NULL;
		return 0;
	}
	slurp(w->path, had, sizeof(had));
	if (unlink(w->path) < 0 && errno != ENOENT)
		return 0;		/* it would be trusted for ever */
	return mark(w, want) == 0 && strcmp(had, want) == 0;
}

void
whole_found(struct whole_mark *w, int is_read)
{
	w->due_ms = clock_mono_ms() + (is_read ? 0 : WHOLE_CALM_MS);
	whole_due(w);
}

void
whole_due(struct whole_mark *w)
{
	char text[MARK_MAX];
	int fd;

	if (w->due_ms == 0 || clock_mono_ms() < w->due_ms)
		return;
	w->due_ms = 0;
	if (w->path == NULL || mark(w, text) != 0)
		return;
	fd = open(w->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	/* a half of it is no mark, and nothing is lost but time */
	if (fd < 0 || fd_write_full(fd, text, strlen(text)) != 0)
		log_warn("the next start will read the whole database again");
	fd_close(&fd);
}

void
whole_end(struct whole_mark *w)
{
	if (w->path != NULL)
		(void)unlink(w->path);
	free(w->path);
	free(w->database);
	w->path = w->database = NULL;
	w->due_ms = 0;
}
