#include "base/first.h"
#include "http/openapi.h"
#include "base/map.h"

struct writer {
	struct jw *w;
	const struct openapi_info *info;
	struct arena arena;
	struct map components; /* name → const struct schema * */
};

static const char *const pool_words[] = { "fast", "slow", "stream" };

static void ref_or_schema(struct writer *o, const struct schema *s)
{
	if (!s->component) {
		schema_openapi(o->w, s);
		return;
	}
	jw_object(o->w);
	jw_kstr(o->w, "$ref", arena_printf(&o->arena, "#/components/schemas/%s", s->component));
	jw_end_object(o->w);
}

static void content(struct writer *o, const char *type, const struct schema *s)
{
	jw_key(o->w, "content");
	jw_object(o->w);
	jw_key(o->w, type);
	jw_object(o->w);
	if (s) {
		jw_key(o->w, "schema");
		ref_or_schema(o, s);
	}
	jw_end_object(o->w);
	jw_end_object(o->w);
}

static void parameters_of(struct writer *o, const struct schema *s, const char *in)
{
	for (const struct field *f = s ? s->object.fields : NULL; f && f->name; f++) {
		jw_object(o->w);
		jw_kcstr(o->w, "name", f->name);
		jw_kcstr(o->w, "in", in);
		jw_kbool(o->w, "required", f->required);
		if (f->doc)
			jw_kcstr(o->w, "description", f->doc);
		jw_key(o->w, "schema");
		ref_or_schema(o, f->schema);
		jw_end_object(o->w);
	}
}

static void idempotency_parameter(struct writer *o)
{
	struct jw *w = o->w;
	jw_object(w);
	jw_kcstr(w, "name", "Idempotency-Key");
	jw_kcstr(w, "in", "header");
	jw_kbool(w, "required", false);
	jw_kcstr(w, "description",
		"The same key with the same request gives the first one's result; with another request 409");
	jw_key(w, "schema");
	jw_object(w);
	jw_kcstr(w, "type", "string");
	jw_kint(w, "maxLength", 255);
	jw_end_object(w);
	jw_end_object(w);
}

static void parameters(struct writer *o, const struct route *r)
{
	if (!r->params && !r->query && !r->idempotent_key)
		return;
	jw_key(o->w, "parameters");
	jw_array(o->w);
	parameters_of(o, r->params, "path");
	parameters_of(o, r->query, "query");
	if (r->idempotent_key)
		idempotency_parameter(o);
	jw_end_array(o->w);
}

static void security(struct writer *o, const struct route *r)
{
	struct jw *w = o->w;
	jw_key(w, "security");
	jw_array(w);
	if (r->roles) {
		jw_object(w);
		jw_key(w, "bearer");
		jw_array(w);
		jw_end_array(w);
		jw_end_object(w);
	}
	if (r->query_token) {
		jw_object(w);
		jw_end_object(w);
	}
	jw_end_array(w);
	jw_key(w, "x-roles");
	jw_array(w);
	for (int i = 0; o->info->role_names[i]; i++)
		if (r->roles & 1u << i)
			jw_cstr(w, o->info->role_names[i]);
	jw_end_array(w);
}

static void response(struct writer *o, const char *key, const char *what, const char *type, const struct schema *s,
	bool body)
{
	jw_key(o->w, key);
	jw_object(o->w);
	jw_kcstr(o->w, "description", what);
	if (body)
		content(o, type, s);
	jw_end_object(o->w);
}

static const struct reply_doc *documented(const struct route *r, int status)
{
	const struct reply_doc *d = r->replies;
	while (d->status && d->status != status)
		d++;
	return d->status ? d : NULL;
}

/* What the phases answer for any route of this shape. */
static bool by_phases(const struct route *r, int status)
{
	switch (status) {
	case 400: return r->params || r->query || r->body.schema;
	case 401:
	case 403:
	case 429:
	case 503: return r->roles != 0;
	case 413:
	case 415: return r->body.schema != NULL;
	default: return false;
	}
}

static void responses(struct writer *o, const struct route *r)
{
	char key[8];
	jw_key(o->w, "responses");
	jw_object(o->w);
	for (int status = 200; status < 600; status++) {
		const struct reply_doc *d = documented(r, status);
		snprintf(key, sizeof key, "%d", status);
		if (d)
			response(o, key, d->what, d->type ? d->type : "application/json", d->schema,
				d->schema || d->type);
		else if (by_phases(r, status))
			response(o, key, problem_of_status(status)->message, "application/json",
				o->info->family->schema, true);
	}
	response(o, "default", "Any refusal, in the envelope of errors", "application/json", o->info->family->schema,
		true);
	jw_end_object(o->w);
}

static void operation(struct writer *o, const struct route *r)
{
	struct jw *w = o->w;
	char key[16];
	snprintf(key, sizeof key, "%s", method_name(r->method));
	for (char *p = key; *p; p++)
		*p = (char)to_lower(*p);
	jw_key(w, key);
	jw_object(w);
	jw_kcstr(w, "operationId", r->id);
	jw_kcstr(w, "summary", r->summary);
	if (r->doc)
		jw_kcstr(w, "description", r->doc);
	jw_key(w, "tags");
	jw_array(w);
	jw_cstr(w, r->tag);
	jw_end_array(w);
	security(o, r);
	jw_kcstr(w, "x-pool", pool_words[r->pool]);
	if (r->body.max)
		jw_kint(w, "x-body-max", (int64_t)r->body.max);
	if (r->audit_action)
		jw_kcstr(w, "x-audit-action", r->audit_action);
	parameters(o, r);
	if (r->body.schema) {
		jw_key(w, "requestBody");
		jw_object(w);
		jw_kbool(w, "required", !r->body.optional);
		content(o, "application/json", r->body.schema);
		jw_end_object(w);
	}
	responses(o, r);
	jw_end_object(w);
}

/* "/v1/jobs/:jobId" gives "/v1/jobs/{jobId}". */
static struct str template(struct arena *a, const char *path)
{
	struct buf b;
	buf_init(&b, a, 0);
	bool in = false;
	for (; *path; path++) {
		if (*path == '/' && in)
			buf_addc(&b, '}');
		in = *path == ':' || (in && *path != '/');
		buf_addc(&b, *path == ':' ? '{' : *path);
	}
	if (in)
		buf_addc(&b, '}');
	return buf_str(&b);
}

static void add_component(void *ctx, const struct schema *s)
{
	struct writer *o = ctx;
	if (!map_has(&o->components, str_of(s->component)))
		map_set(&o->components, str_of(s->component), (void *)s);
}

static void collect_components(struct writer *o, const struct route *r)
{
	const struct schema *const of[] = { r->body.schema, r->query, r->params };
	for (size_t i = 0; i < ARRAY_LEN(of); i++)
		if (of[i])
			schema_components(of[i], add_component, o);
	for (const struct reply_doc *d = r->replies; d->status; d++)
		if (d->schema)
			schema_components(d->schema, add_component, o);
}

/* All routes in order; those of one path stand together, at the place of the first. */
static void paths(struct writer *o)
{
	struct map done;
	map_init(&done, &o->arena);
	jw_key(o->w, "paths");
	jw_object(o->w);
	for (const struct route *const *t = o->info->tables; *t; t++)
		for (const struct route *r = *t; r->id; r++) {
			collect_components(o, r);
			if (map_has(&done, str_of(r->path)))
				continue;
			map_set(&done, str_of(r->path), (void *)r);
			jw_key_str(o->w, template(&o->arena, r->path));
			jw_object(o->w);
			for (const struct route *const *u = t; *u; u++)
				for (const struct route *s = *u; s->id; s++)
					if (strcmp(s->path, r->path) == 0)
						operation(o, s);
			jw_end_object(o->w);
		}
	jw_end_object(o->w);
}

static void components(struct writer *o)
{
	struct jw *w = o->w;
	schema_components(o->info->family->schema, add_component, o);
	jw_key(w, "components");
	jw_object(w);
	jw_key(w, "securitySchemes");
	jw_object(w);
	jw_key(w, "bearer");
	jw_object(w);
	jw_kcstr(w, "type", "http");
	jw_kcstr(w, "scheme", "bearer");
	jw_end_object(w);
	jw_end_object(w);
	jw_key(w, "schemas");
	jw_object(w);
	for (struct map_entry *e = NULL; (e = map_next(&o->components, e));) {
		jw_key_str(w, e->key);
		schema_openapi(w, e->value);
	}
	jw_end_object(w);
	jw_end_object(w);
}

static void errors(struct writer *o)
{
	struct jw *w = o->w;
	jw_key(w, "x-errors");
	jw_array(w);
	for (const struct problem *const *const *c = o->info->catalogues; *c; c++)
		for (const struct problem *const *p = *c; *p; p++) {
			jw_object(w);
			jw_kcstr(w, "code", (*p)->code);
			jw_kint(w, "status", (*p)->status);
			jw_kcstr(w, "message", (*p)->message);
			jw_kcstr(w, "remedy", (*p)->remedy);
			jw_end_object(w);
		}
	jw_end_array(w);
}

static void tags(struct writer *o)
{
	struct map seen;
	map_init(&seen, &o->arena);
	jw_key(o->w, "tags");
	jw_array(o->w);
	for (const struct route *const *t = o->info->tables; *t; t++)
		for (const struct route *r = *t; r->id; r++)
			if (!map_set(&seen, str_of(r->tag), (void *)r)) {
				jw_object(o->w);
				jw_kcstr(o->w, "name", r->tag);
				jw_end_object(o->w);
			}
	jw_end_array(o->w);
}

void openapi_write(struct jw *w, const struct openapi_info *info)
{
	struct writer o = { .w = w, .info = info };
	arena_init(&o.arena, 0);
	map_init(&o.components, &o.arena);
	jw_object(w);
	jw_kcstr(w, "openapi", "3.1.0");
	jw_key(w, "info");
	jw_object(w);
	jw_kcstr(w, "title", info->title);
	jw_kcstr(w, "version", info->version);
	jw_kcstr(w, "description", info->doc);
	jw_key(w, "license");
	jw_object(w);
	jw_kcstr(w, "name", "ISC");
	jw_kcstr(w, "identifier", "ISC");
	jw_end_object(w);
	jw_end_object(w);
	jw_key(w, "servers");
	jw_array(w);
	jw_object(w);
	jw_kcstr(w, "url", info->server_url);
	jw_end_object(w);
	jw_end_array(w);
	tags(&o);
	paths(&o);
	components(&o);
	errors(&o);
	jw_end_object(w);
	arena_release(&o.arena);
}
