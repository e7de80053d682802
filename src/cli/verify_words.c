/* verify_words.c - the check of sekisho-verify(1), made by the gate's own program over the person's channel. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/limits.h"
#include "cli/ids.h"
#include "cli/opts.h"
#include "cli/out.h"
#include "cli/words.h"
#include "verify/live.h"
#include "verify/print.h"

struct wanted {
	int64_t	 session;	/* 0: all */
	char	*head;		/* text; NULL: none */
	size_t	 head_len;
	int	 is_json;
};

/* One signed head from the client's stream, with or without the empty line behind it in a day file. */
static int
read_head(struct cli *c, struct wanted *w)
{
	struct note n;
	uint8_t *p = NULL;
	size_t len = 0;
	int status;

	if (c->pty)
		return cli_refuse(c, SEKISHO_CODE_USAGE, "help verify",
		    "--head - reads a pipe or file, not a terminal (ssh "
		    "without -t)");
	if (fd_read_all(c->in_fd, NOTE_MAX + 2, &p, &len) == 0 && len > 0)
		w->head = strndup((const char *)p, len);
	mem_wipe(p, len);
	if (w->head != NULL) {
		w->head_len = strlen(w->head);
		while (w->head_len > 2 &&
		    strcmp(w->head + w->head_len - 2, "\n\n") == 0)
			w->head[--w->head_len] = '\0';
		if (note_parse(w->head, w->head_len, &n, NULL, NULL) == 0)
			return 0;
	}
	status = cli_refuse(c, SEKISHO_CODE_DATA, "audit head",
	    "--head: standard input holds no signed head, as `audit head` "
	    "prints it");
	return status;
}

static int
read_words(struct cli *c, char *const *argv, struct wanted *w)
{
	char *head = NULL, why[OPTS_WHY] = "";
	const struct opt table[] = {
		{ "--head", OPT_ONE, &head }, { "--json", OPT_FLAG,
		    &w->is_json }, { NULL, OPT_FLAG, NULL }
	};
	struct args args;
	int status = 0;

	if (opts_parse(argv, table, &args, why) != 0)
		status = words_usage(c, "verify", NULL, why);
	else if (args.rest != NULL || (args.words != NULL &&
	    (args.words[1] != NULL ||
	    id_session(args.words[0], &w->session) != 0)))
		status = words_usage(c, "verify", NULL,
		    "takes one session at most, as in S345");
	else if (head != NULL && strcmp(head, "-") != 0)
		status = words_usage(c, "verify", NULL,
		    "--head takes - : the head comes on standard input");
	else if (head != NULL)
		status = read_head(c, w);
	args_free(&args);
	str_wipe(head);
	return status;
}

/* The report into memory, then to the client: it holds foreign text. */
static void
tell(struct cli *c, const struct verify *v, struct print *p)
{
	char *text = NULL;
	size_t n = 0;

	if ((p->out = open_memstream(&text, &n)) == NULL)
		return;
	print_report(v, p);
	if (fclose(p->out) == 0 && text != NULL) {
		if (p->is_json)
			out_json(c->out, text, n > 0 ? n - 1 : 0);
		else
			out_put(c->out, text, n);
	}
	free(text);
}

static int
check(struct cli *c, const struct wanted *w, struct subject *subject)
{
	struct report *report = report_new();
	struct progress progress = { .fd = c->out_fd };
	struct verify_args a = { .subject = subject, .head = w->head,
		.head_len = w->head_len, .only = w->session };
	struct print p = { .name = "verify", .is_json = w->is_json,
		.head = "verify --head - < FILE" };
	struct verify v;
	int status;

	if (report == NULL)
		return cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
		    "there is not enough memory");
	if (c->pty && !w->is_json)
		a.progress = &progress;
	p.error = verify_run(&v, &a, report);
	progress_end(a.progress);
	tell(c, &v, &p);
	status = print_status(&v, &p);
	verify_free(&v);
	report_free(report);
	return status;
}

int
word_verify(struct cli *c, char *const *argv)
{
	struct wanted w = { .head = NULL };
	struct reply reply = { .fd = -1 };
	struct subject *subject = NULL;
	char what[32] = "all";
	int status;

	if ((status = read_words(c, argv, &w)) != 0)
		goto out;
	if (w.session != 0)
		(void)snprintf(what, sizeof(what), "S%" PRId64, w.session);
	if ((status = ledger_call(c, "verify-begin", json_pack("{s:s}",
	    "what", what), &reply)) != 0)
		goto out;
	if (live_new(c->ledger, &c->calls, field_str(reply.v, "vkeys"),
	    &subject) != 0)
		status = cli_refuse(c, SEKISHO_CODE_LIMIT, NULL,
		    "there is not enough memory");
	else {
		status = check(c, &w, subject);
		subject->ops->free(subject);
	}
out:
	reply_free(&reply);
	str_wipe(w.head);
	return status;
}
