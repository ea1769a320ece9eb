#include "base/first.h"
#include "api/openapi.h"
#include "api/collect/collect.h"
#include "api/routes.h"
#include "api/session.h"
#include "http/openapi.h"

static const char *const role_names[] = {
	[TOKEN_READONLY] = "readonly",
	[TOKEN_DEVELOPER] = "developer",
	[TOKEN_ADMIN] = "admin",
	[TOKEN_ADMIN + 1] = NULL,
};
static const struct problem *const *const catalogues[] = { problem_catalogue, collect_problems, NULL };

void api_openapi(struct buf *out, enum openapi_form form)
{
	static const char doc[] =
		"Fetch pages, extract data, keep artifacts. Every response carries x-request-id and the x-ratelimit-* "
		"headers; every error has the same envelope.";
	const struct openapi_info info = {
		.title = "Kryfto",
		.version = PACKAGE_VERSION,
		.doc = doc,
		.tables = api_tables,
		.catalogues = catalogues,
		.family = &collect_family,
		.role_names = role_names,
		.server_url = "/",
	};
	struct buf text;
	struct jw w;
	struct arena a;
	const struct json *v;
	arena_init(&a, 0);
	buf_init(&text, &a, 0);
	jw_init(&w, &text);
	openapi_write(&w, &info);
	const struct json_limits limits = { .bytes = text.n };
	if (json_parse(&a, buf_str(&text), &limits, &v, NULL) < 0)
		die("the API description is no JSON");
	if (form == OPENAPI_YAML)
		yaml_write(out, v);
	else
		json_write_pretty(out, v, 2);
	if (form == OPENAPI_JSON)
		buf_addc(out, '\n');
	arena_release(&a);
}

void api_role_matrix(struct buf *out)
{
	buf_addz(out, "| Route | admin | developer | readonly | without a token |\n|---|---|---|---|---|\n");
	for (const struct route *const *t = api_tables; *t; t++)
		for (const struct route *r = *t; r->id; r++) {
			buf_addf(out, "| `%s %s` |", method_name(r->method), r->path);
			for (int role = TOKEN_ADMIN; role >= TOKEN_READONLY; role--)
				buf_addz(out, !r->roles || r->roles & 1u << role ? " x |" : " |");
			buf_addz(out, !r->roles ? " x |\n" : r->query_token ? " with a downloadToken |\n" : " |\n");
		}
}

void api_error_catalogue(struct buf *out)
{
	buf_addz(out, "| Status | Code | Message | What to do |\n|---|---|---|---|\n");
	for (const struct problem *const *const *c = catalogues; *c; c++)
		for (const struct problem *const *p = *c; *p; p++)
			buf_addf(out, "| %d | `%s` | %s | %s |\n", (*p)->status, (*p)->code, (*p)->message,
				(*p)->remedy);
}
