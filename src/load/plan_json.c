/* plan_json.c - the expanded profile as canonical JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "crypt/sha256.h"
#include "filter/groups.h"
#include "json/json.h"
#include "load/plan.h"

/* Puts a new value (NULL: no memory) under a key; the object takes it. */
static int
put(json_t *o, const char *key, json_t *v)
{
	return json_object_set_new(o, key, v) != 0 ? ERR_NOMEM : 0;
}

/* Names of a set of numbers; only those with arguments when asked. */
static json_t *
calls(const uint8_t *set, int only_arguments)
{
	json_t *a = json_array();
	char name[FILTER_NAME];
	uint32_t nr;

	for (nr = 0; a != NULL && nr < FILTER_NR_MAX; nr++)
		if (set[nr] && (!only_arguments || filter_has_arguments(nr)) &&
		    json_array_append_new(a,
		    json_string(filter_name(nr, name))) != 0) {
			json_decref(a);
			a = NULL;
		}
	return a;
}

/* The argument rules are code: their digest stands for them, so that a change of them is a change of the profile. */
static json_t *
argument_digest(void)
{
	struct sha256 *s = sha256_new();
	uint8_t digest[SHA256_LEN];
	char line[160], hex[SHA256_HEX];
	json_t *v = NULL;
	size_t i;
	int n;

	if (s == NULL)
		return NULL;
	for (i = 0; i < filter_nargs; i++) {
		n = snprintf(line, sizeof(line), "%s %u %08x %08x %s\n",
		    filter_args[i].call, filter_args[i].arg,
		    filter_args[i].mask, filter_args[i].value,
		    filter_args[i].with == NULL ? "-" : filter_args[i].with);
		if (n < 0 || sha256_add(s, line, (size_t)n) != 0)
			goto out;
	}
	if (sha256_peek(s, digest) == 0)
		v = json_string(sha256_hex(hex, digest));
out:
	sha256_free(s);
	return v;
}

static json_t *
syscalls_json(const struct conf_profile *c, const struct filter_set *set)
{
	json_t *o = json_object();

	if (o == NULL || put(o, "allow", calls(set->allow, 0)) != 0 ||
	    put(o, "with_arguments", calls(set->allow, 1)) != 0 ||
	    put(o, "argument_rules", argument_digest()) != 0 ||
	    put(o, "quiet", calls(set->quiet, 0)) != 0 ||
	    put(o, "kill", calls(set->kill, 0)) != 0 ||
	    put(o, "on_refuse",
	    json_string(c->on_refuse ? "kill" : "eperm")) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *
files_json(const struct conf_profile *c)
{
	json_t *o = json_object();

	if (o == NULL || put(o, "read", json_from_strv(c->read)) != 0 ||
	    put(o, "write", json_from_strv(c->write)) != 0 ||
	    put(o, "write_exec", json_from_strv(c->write_exec)) != 0 ||
	    put(o, "execute", json_from_strv(c->execute)) != 0 ||
	    put(o, "hide", json_from_strv(c->hide)) != 0 ||
	    put(o, "sockets", json_from_strv(c->sockets)) != 0 ||
	    put(o, "tmp", json_string(c->tmp ? "host" : "private")) != 0 ||
	    put(o, "home", json_string(c->home ? "host" : "private")) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *
network_json(const struct conf_profile *c)
{
	json_t *o = json_object();

	if (o == NULL ||
	    put(o, "families", json_from_strv(c->families)) != 0 ||
	    put(o, "protocols", json_from_strv(c->protocols)) != 0 ||
	    put(o, "connect", json_from_strv(c->connect)) != 0 ||
	    put(o, "bind", json_from_strv(c->bind)) != 0 ||
	    put(o, "namespace",
	    json_string(c->namespace ? "host" : "none")) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static json_t *
process_json(const struct conf_profile *c)
{
	json_t *o = json_object(), *limits = json_object();
	int r;

	if (o == NULL || limits == NULL ||
	    put(limits, "nproc", json_integer(c->nproc)) != 0 ||
	    put(limits, "fsize", json_integer(c->fsize)) != 0 ||
	    put(limits, "nofile", json_integer(c->nofile)) != 0 ||
	    put(limits, "cpu", json_integer(c->cpu_s)) != 0 ||
	    put(limits, "memory", json_integer(c->memory)) != 0)
		goto fail;
	r = put(o, "limits", limits);
	limits = NULL;			/* now owned by o, or gone */
	if (r == 0 && put(o, "proc",
	    json_string(c->proc ? "host" : "private")) == 0 &&
	    put(o, "capabilities", json_from_strv(c->capabilities)) == 0 &&
	    put(o, "timeout_s", json_integer(c->timeout_s)) == 0)
		return o;
fail:
	json_decref(limits);
	json_decref(o);
	return NULL;
}

static json_t *
environment_json(const struct conf_profile *c)
{
	json_t *o = json_object();

	if (o == NULL || put(o, "keep", json_from_strv(c->env_keep)) != 0 ||
	    put(o, "set", json_from_strv(c->env_set)) != 0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

int
plan_json(const struct conf_profile *c, const struct filter_set *set,
    char **json, size_t *n)
{
	json_t *o = json_object();
	int r = ERR_NOMEM;

	if (o != NULL && put(o, "name", json_string(c->name)) == 0 &&
	    put(o, "summary", json_text(c->summary)) == 0 &&
	    put(o, "version", json_integer(c->version)) == 0 &&
	    put(o, "landlock", json_integer(c->landlock)) == 0 &&
	    put(o, "degraded",
	    json_string(c->degraded ? "allow" : "refuse")) == 0 &&
	    put(o, "syscalls", syscalls_json(c, set)) == 0 &&
	    put(o, "files", files_json(c)) == 0 &&
	    put(o, "network", network_json(c)) == 0 &&
	    put(o, "process", process_json(c)) == 0 &&
	    put(o, "environment", environment_json(c)) == 0)
		r = json_canonical(o, json, n);
	json_decref(o);
	return r;
}
