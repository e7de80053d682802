/* print.c - the loaded policy as JSON, for people and tests. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypt/sha256.h"
#include "json/json.h"
#include "load/policy.h"

/* Takes "v"; NULL is no memory. */
static int
put(json_t *o, const char *key, json_t *v)
{
	return json_object_set_new(o, key, v) != 0 ? ERR_NOMEM : 0;
}

static json_t *
roles_json(uint32_t roles)
{
	json_t *a = json_array();
	const struct role_name *r;

	for (r = snapshot_roles; r->bit != 0; r++)
		if ((roles & r->bit) != 0)
			json_array_append_new(a, json_string(r->name));
	return a;
}

static json_t *
people_json(const struct snapshot *s)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < s->npeople; i++) {
		o = json_object();
		put(o, "name", json_string(s->people[i].name));
		put(o, "uid", json_integer(s->people[i].uid));
		put(o, "roles", roles_json(s->people[i].roles));
		put(o, "active", json_boolean(s->people[i].active));
		put(o, "why", json_string(s->people[i].why));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *
runas_json(const struct snapshot *s)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < s->nrunas; i++) {
		o = json_object();
		put(o, "name", json_string(s->runas[i].name));
		put(o, "uid", json_integer(s->runas[i].uid));
		put(o, "gid", json_integer(s->runas[i].gid));
		put(o, "groups",
		    json_integer((json_int_t)(s->runas[i].groups.n / 4)));
		put(o, "home", json_text(s->runas[i].home));
		put(o, "shell", json_text(s->runas[i].shell));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *
rules_json(const struct snapshot *s)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < s->nrules; i++) {
		o = json_object();
		put(o, "profile", json_string(s->rules[i].profile));
		put(o, "operators", json_from_strv(s->rules[i].operators));
		put(o, "approvers", json_from_strv(s->rules[i].approvers));
		put(o, "run_as", json_from_strv(s->rules[i].run_as));
		put(o, "targets", json_from_strv(s->rules[i].targets));
		put(o, "need", json_integer(s->rules[i].need));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *
profiles_json(const struct snapshot *s)
{
	const struct msg_snap_profile *f;
	json_t *a = json_array(), *o, *expanded;
	char hex[SHA256_HEX];
	size_t i;

	for (i = 0; i < s->nprofiles; i++) {
		f = &s->profiles[i];
		o = json_object();
		put(o, "digest", json_string(sha256_hex(hex, f->digest.p)));
		put(o, "instructions",
		    json_integer((json_int_t)(f->bpf.n / 8)));
		if (json_read(f->json.p, f->json.n, &expanded) == 0)
			put(o, "profile", expanded);
		json_array_append_new(a, o);
	}
	return a;
}

int
policy_print(const struct policy *p)
{
	json_t *o = json_object();
	char *text;
	int r = ERR_NOMEM;

	put(o, "gate", json_string(p->conf.gate));
	put(o, "zone", json_text(p->conf.zone));
	put(o, "listen", json_from_strv(p->conf.listen));
	put(o, "hide", json_from_strv(p->hide));
	put(o, "warnings", json_from_strv(p->warnings));
	put(o, "people", people_json(&p->snap));
	put(o, "run_as", runas_json(&p->snap));
	put(o, "rules", rules_json(&p->snap));
	put(o, "profiles", profiles_json(&p->snap));
	if ((text = json_dumps(o, JSON_INDENT(2) | JSON_SORT_KEYS)) != NULL)
		r = puts(text) < 0 || fflush(stdout) != 0 ? ERR_SYS : 0;
	str_wipe(text);
	json_decref(o);
	return r;
}
