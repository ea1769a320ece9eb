#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/extract.h"
#include "api/collect/shapes.h"
#include "api/collect/steps.h"
#include "api/session.h"

static const struct schema document_s = { S_STRING };
static const struct schema json_schema_s = { S_RECORD, .doc = "A JSON Schema", .record = { &any_s } };

/* Exactly one source; an empty one counts as none, as the published server has it. */
static void one_source(const struct json *v, struct issues *is)
{
	static const char *const names[] = { "html", "text", "artifactId" };
	int n = 0;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		n += json_str(json_get(v, names[i]), STR("")).n > 0;
	if (n == 0)
		issue_add(is, "custom", STR_NULL, "one of html, text, artifactId is required");
	else if (n > 1)
		issue_add(is, "custom", STR_NULL, "only one of html, text, artifactId is allowed");
	extraction_refine(v, is);
}

static const struct schema extract_s = {
	.kind = S_OBJECT,
	.component = "ExtractRequest",
	.refine = one_source,
	.object = { .size = sizeof(struct extract_body), .fields = (const struct field[]){
		STRF(struct extract_body, mode, &mode_s, .required = true),
		STRF(struct extract_body, html, &document_s, .doc = "Raw HTML"),
		STRF(struct extract_body, text, &document_s, .doc = "Plain text"),
		STRF(struct extract_body, artifactId, &uuid_s, .doc = "A stored artifact of the project"),
		JSONF(struct extract_body, selectors, &selectors_s),
		JSONF(struct extract_body, jsonSchema, &json_schema_s),
		STRF(struct extract_body, plugin, &name_s),
		FIELDS_END } },
};
static const struct schema extracted_s = {
	.component = "Extracted",
	OBJECT(HAS("data", &any_s), HAS("mode", &mode_s),
		MAY("issues", &any_s,
			.doc = "Schema mode: where the data breaks the schema, [{path, keyword, message}]")),
};

const struct route collect_extract_routes[] = {
	{ .id = "extract",
		.method = M_POST,
		.path = "/v1/extract",
		.run = run_extract,
		.roles = ROLE_DEVELOPER,
		.pool = POOL_SLOW,
		.body = { &extract_s, sizeof(struct extract_body), .max = 11 * MiB },
		.replies = (const struct reply_doc[]){ { 200, &extracted_s, "What was found" },
			{ 400, &error_s, "The request or a selector breaks a rule" },
			{ 403, &error_s, "The artifact belongs to another project" },
			{ 404, &error_s, "No such artifact" },
			{ 422, &error_s, "The document cannot be processed within the limits" }, { 0 } },
		.audit_action = "extract.run",
		.audit_type = "extract",
		.tag = "extract",
		.summary = "Extract data from HTML, text or a stored artifact" },
	{ 0 },
};
