/* main.c - sekisho-verify: options, files of the auditor's own, confinement, the check, its report. */
#include "verify/main.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/num.h"
#include "confine/process.h"
#include "crypt/sha256.h"
#include "sekisho/version.h"
#include "verify/confine.h"
#include "verify/copy.h"
#include "verify/live.h"
#include "verify/print.h"
#include "verify/verify.h"

#define DOOR		"/run/sekisho/ledger.sock"
#define VKEYS_MAX	4096

static const char usage[] =
"usage: sekisho-verify [--store DIR | --door PATH] [--head FILE] [--key FILE]\n"
"                      [--state FILE] [--json] [--quiet] [S345]\n"
"       sekisho-verify -h | --help | --version\n"
"See sekisho-verify(1).\n";

struct options {
	const char	*store, *door, *head, *key, *state;
	int		 is_json, is_quiet, is_done;
	int64_t		 only;
};

struct run {
	struct options	 o;
	char		*head, *vkeys;	/* texts */
	size_t		 head_len;
	struct state	*state;
	char		 state_dir[PATH_MAX], fresh[PATH_MAX + 8];
	int		 door;		/* -1: a copy is checked */
};

static int
wrong(const char *what)
{
	fprintf(stderr, "sekisho-verify: %s\n%s", what, usage);
	return STATUS_USAGE;
}

static int
read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "store", required_argument, NULL, 's' },
		{ "door", required_argument, NULL, 'd' },
		{ "head", required_argument, NULL, 'H' },
		{ "key", required_argument, NULL, 'k' },
		{ "state", required_argument, NULL, 't' },
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case 's': o->store = optarg; break;
		case 'd': o->door = optarg; break;
		case 'H': o->head = optarg; break;
		case 'k': o->key = optarg; break;
		case 't': o->state = optarg; break;
		case 'j': o->is_json = 1; break;
		case 'q': o->is_quiet = 1; break;
		case 'v':
			printf("sekisho-verify %s\n", SEKISHO_VERSION);
			o->is_done = 1;
			return 0;
		case 'h':
			printf("%s", usage);
			o->is_done = 1;
			return 0;
		default:
			return wrong("an option is not known, or lacks its value");
		}
	}
	if (o->store != NULL && o->door != NULL)
		return wrong("--store and --door exclude each other");
	if (argc - optind > 1 || (argc - optind == 1 &&
	    (argv[optind][0] != 'S' || num_parse(argv[optind] + 1, 1,
	    INT64_MAX, &o->only) != 0)))
		return wrong("one session at most, as in S345");
	return 0;
}

/* A small file of the auditor's; "-" is standard input, as for the word `verify`. */
static int
read_text(const char *path, size_t max, char **text, size_t *n)
{
	uint8_t *p = NULL;
	int fd, r;

	fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) :
	    open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		fprintf(stderr, "sekisho-verify: %s: %s\n", path,
		    strerrordesc_np(errno));
		return STATUS_UNREAD;
	}
	r = fd_read_all(fd, max, &p, n);
	fd_close(&fd);
	if (r != 0 && r != ERR_LIMIT)
		return STATUS_UNREAD;
	if (r == 0 && *n > 0)
		*text = strndup((const char *)p, *n);
	free(p);
	return *text == NULL ? wrong("--head or --key is empty or too long") : 0;
}

static int
read_head(struct run *x)
{
	struct note n;
	int status;

	if (x->o.head == NULL)
		return 0;
	if ((status = read_text(x->o.head, NOTE_MAX + 2, &x->head,
	    &x->head_len)) != 0)
		return status;
	/* out of a day file it has the empty line behind it */
	while (x->head_len > 2 && strcmp(x->head + x->head_len - 2,
	    "\n\n") == 0)
		x->head[--x->head_len] = '\0';
	return note_parse(x->head, x->head_len, &n, NULL, NULL) == 0 ? 0 :
	    wrong("--head is not a signed head, as `audit head` prints it");
}

static int
read_keys(struct run *x)
{
	struct epochs e = { .n = 0 };
	size_t n;
	int status;

	if (x->o.key == NULL)
		return 0;
	if ((status = read_text(x->o.key, VKEYS_MAX, &x->vkeys, &n)) != 0)
		return status;
	return epochs_keys(&e, x->vkeys) == 0 ? 0 :
	    wrong("--key is not the two lines of heads/gate.vkeys");
}

static int
read_state(struct run *x)
{
	char path[PATH_MAX];
	int fd, r;

	if (x->o.state == NULL)
		return 0;
	if (strlen(x->o.state) >= PATH_MAX)
		return wrong("--state is too long");
	memcpy(path, x->o.state, strlen(x->o.state) + 1);
	if (realpath(dirname(path), x->state_dir) == NULL) {
		fprintf(stderr, "sekisho-verify: %s: %s\n", x->o.state,
		    strerrordesc_np(errno));
		return STATUS_UNREAD;
	}
	(void)snprintf(x->fresh, sizeof(x->fresh), "%s.new", x->o.state);
	if ((x->state = state_new()) == NULL)
		return STATUS_UNREAD;
	fd = open(x->o.state, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return 0;
	r = fd < 0 ? ERR_SYS : state_read(x->state, fd);
	fd_close(&fd);
	if (r == 0)
		return 0;
	fprintf(stderr, "sekisho-verify: %s: cannot be read, or is no state "
	    "file of this program\n", x->o.state);
	return STATUS_UNREAD;
}

/* Whole or not at all: a check that was broken off leaves the old one. */
static int
write_state(struct run *x, const struct verify *v)
{
	struct state *s = x->state;
	int fd, r;

	memcpy(s->origin, v->epochs.origin, sizeof(s->origin));
	memcpy(s->log_key, v->epochs.log_key, sizeof(s->log_key));
	s->size = v->edge.size;
	if (s->origin[0] == '\0')
		return 0;	/* a gate without keys: nothing to hold on to */
	if ((r = edge_root(&v->edge, s->root)) != 0)
		return r;
	fd = open(x->fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0 || state_write(s, fd) != 0 ||
	    rename(x->fresh, x->o.state) < 0) {
		log_errno("state file not written path=%s", x->o.state);
		r = ERR_SYS;
	}
	fd_close(&fd);
	return r;
}

/* What the libraries would open later. */
static int
warm_up(void)
{
	uint8_t digest[SHA256_LEN];

	tzset();
	json_object_seed(0);
	log_keep_pid();
	return sha256_mem("", 0, digest);
}

static int
check(struct run *x, struct subject *subject, struct report *report)
{
	struct progress progress = { .fd = STDERR_FILENO };
	struct verify_args a = { .subject = subject, .head = x->head,
		.head_len = x->head_len, .vkeys = x->vkeys,
		.state = x->state, .only = x->o.only };
	struct print p = { .out = stdout, .name = "sekisho-verify",
		.is_json = x->o.is_json, .is_quiet = x->o.is_quiet,
		.head = "--head FILE" };
	struct verify v = { .report = report,
		.heads = { .walk = { .fd = -1 } } };
	int status;

	if (!x->o.is_quiet && isatty(STDERR_FILENO))
		a.progress = &progress;
	if (subject != NULL)
		p.error = verify_run(&v, &a, report);
	else
		p.error = ERR_FORMAT;
	progress_end(a.progress);
	status = print_status(&v, &p);
	if ((status == STATUS_GOOD || status == STATUS_NO_HEAD) &&
	    x->state != NULL && write_state(x, &v) != 0)
		status = STATUS_UNREAD;
	print_report(&v, &p);
	verify_free(&v);
	return fflush(stdout) == 0 ? status : STATUS_UNREAD;
}

static int
open_and_check(struct run *x)
{
	struct report *report = report_new();
	struct subject *subject = NULL;
	int status, r, is_live = x->door >= 0;

	if (report == NULL)
		return STATUS_UNREAD;
	if (is_live) {
		r = live_open(x->door, x->o.only, &subject);
		x->door = -1;
	} else
		r = copy_open(x->o.store, report, &subject);
	if (r == 0 || report_faults(report) > 0)
		status = check(x, subject, report);
	else
		status = is_live ? STATUS_AWAY : STATUS_UNREAD;
	if (subject != NULL)
		subject->ops->free(subject);
	report_free(report);
	return status;
}

int
verify_main(int argc, char **argv)
{
	struct run x = { .door = -1 };
	char store[PATH_MAX];
	int status;

	log_init("sekisho-verify", LOG_WARN);
	process_ignore_signal(SIGPIPE);
	if ((status = read_options(argc, argv, &x.o)) != 0 || x.o.is_done ||
	    (status = read_head(&x)) != 0 || (status = read_keys(&x)) != 0 ||
	    (status = read_state(&x)) != 0)
		goto out;
	status = STATUS_UNREAD;
	if (x.o.store == NULL && (x.door = live_connect(x.o.door == NULL ?
	    DOOR : x.o.door)) < 0) {
		status = STATUS_AWAY;
		goto out;
	}
	if (x.o.store != NULL && realpath(x.o.store, store) == NULL) {
		fprintf(stderr, "sekisho-verify: %s: %s\n", x.o.store,
		    strerrordesc_np(errno));
		goto out;
	}
	if (x.o.store != NULL)
		x.o.store = store;
	if (warm_up() != 0 || confine_verify(x.o.store, x.state == NULL ?
	    NULL : x.state_dir) != 0)
		goto out;
	status = open_and_check(&x);
out:
	fd_close(&x.door);
	state_free(x.state);
	free(x.head);
	free(x.vkeys);
	return status;
}
