#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/docs.h"
#include "api/app.h"
#include "api/openapi.h"
#include "crypto/digest.h"

/* The text is the same for the life of the process, so its digest is a good entity tag. */
static int send(struct call *c, enum openapi_form form, const char *type)
{
	char hex[SHA256_HEX + 1];
	reply_text(c->reply, 200, type, STR(""));
	api_openapi(&c->reply->body, form);
	struct str etag = arena_printf(c->arena, "\"%.32s\"", sha256_hex(buf_str(&c->reply->body), hex));
	reply_header(c->reply, "etag", etag);
	reply_header(c->reply, "cache-control", STR("no-cache"));
	if (str_eq(req_header(c->req, "if-none-match"), etag)) {
		c->reply->status = 304;
		buf_clear(&c->reply->body);
	}
	return 0;
}

int run_openapi_yaml(struct call *c)
{
	return send(c, OPENAPI_YAML, "application/yaml");
}

int run_openapi_json(struct call *c)
{
	return send(c, OPENAPI_JSON, "application/json; charset=utf-8");
}

const struct route collect_docs_routes[] = {
	{ .id = "openapiYaml", .method = M_GET, .path = "/docs/openapi.yaml", .run = run_openapi_yaml, .tag = "docs",
		.replies = (const struct reply_doc[]){ { 200, NULL, "OpenAPI 3.1", "application/yaml" },
			{ 304, NULL, "If-None-Match names what it is" }, { 0 } },
		.summary = "This description, as YAML" },
	{ .id = "openapiJson", .method = M_GET, .path = "/docs/openapi.json", .run = run_openapi_json, .tag = "docs",
		.replies = (const struct reply_doc[]){ { 200, NULL, "OpenAPI 3.1", "application/json" },
			{ 304, NULL, "If-None-Match names what it is" }, { 0 } },
		.summary = "This description, as JSON" },
	{ 0 },
};
