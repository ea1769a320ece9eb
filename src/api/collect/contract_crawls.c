/* Everything that a client may send to or get from /v1/crawl. */
#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/crawls.h"
#include "api/collect/steps.h"
#include "api/session.h"

#define PATTERNS_MAX 200

static const struct schema pattern_s = { S_STRING, .string = { .min = 1, .max = 2048 } };
static const struct schema patterns_s = { S_ARRAY, .array = { &pattern_s, 0, PATTERNS_MAX } };
static const struct schema depth_s = { S_INTEGER, .integer = { 0, 5, true } };
static const struct schema pages_s = { S_INTEGER, .integer = { 1, 500 } };
static const struct schema delay_s = { S_INTEGER, .integer = { 0, 30000, true } };

static const struct schema rules_s = {
	.kind = S_OBJECT,
	.component = "CrawlRules",
	.object = { .size = sizeof(struct crawl_rules), .fields = (const struct field[]){
		JSONF(struct crawl_rules, allowPatterns, &patterns_s, .fallback = "[]",
			.doc = "When given, only URLs that one of them matches; the seed is subject to it, too"),
		JSONF(struct crawl_rules, denyPatterns, &patterns_s, .fallback = "[]",
			.doc = "URLs that are left alone"),
		INTF(struct crawl_rules, maxDepth, &depth_s, .fallback = "1", .doc = "Links followed from the seed on"),
		INTF(struct crawl_rules, maxPages, &pages_s, .fallback = "20", .doc = "Pages at most"),
		BOOLF(struct crawl_rules, sameDomainOnly, &bool_s, .fallback = "true",
			.doc = "Stay on the seed's host"),
		INTF(struct crawl_rules, politenessDelayMs, &delay_s, .fallback = "500",
			.doc = "Between two fetches from a host, in milliseconds; robots.txt may ask for more"),
		FIELDS_END } },
};

const struct schema crawl_create_s = {
	.kind = S_OBJECT,
	.component = "CrawlCreate",
	.object = { .size = sizeof(struct crawl_create_body), .fields = (const struct field[]){
		STRF(struct crawl_create_body, seed, &url_s, .required = true, .doc = "Starting URL"),
		OBJF(struct crawl_create_body, rules, struct crawl_rules, &rules_s, .fallback = "{}"),
		STRF(struct crawl_create_body, recipeId, &name_s, .doc = "Recipe for each page"),
		JSONF(struct crawl_create_body, extract, &extraction_s, .doc = "Applied to each page"),
		FIELDS_END } },
};

static const struct schema state_s = {
	S_STRING, "CrawlState", .string = { .oneof = (const char *const[]){ "queued", "running", "succeeded", "failed",
		"cancelled", NULL } }
};
static const struct schema created_s = {
	.component = "CrawlCreated",
	OBJECT(HAS("crawlId", &uuid_s), HAS("state", &state_s), HAS("requestId", &text_s)),
};
static const struct schema counts_s = {
	.component = "CrawlStats",
	.doc = "URLs; skipped ones take no place of maxPages",
	OBJECT(HAS("queued", &count_s), HAS("running", &count_s), HAS("succeeded", &count_s), HAS("failed", &count_s),
		HAS("skipped", &count_s)),
};
static const struct schema crawl_s = {
	.component = "Crawl",
	OBJECT(HAS("id", &uuid_s), HAS("projectId", &text_s), HAS("state", &state_s), HAS("seed", &text_s),
		HAS("stats", &counts_s), HAS("errorMessage", &text_s, .nullable = true), HAS("createdAt", &time_s),
		HAS("updatedAt", &time_s)),
};
static const struct schema cancelled_s = {
	.component = "CrawlCancelled",
	OBJECT(HAS("crawlId", &uuid_s), HAS("state", &state_s)),
};
static const struct schema item_s = {
	.component = "CrawlListItem",
	OBJECT(HAS("id", &uuid_s), HAS("seed", &text_s), HAS("state", &state_s), HAS("stats", &counts_s),
		HAS("errorMessage", &text_s, .nullable = true), HAS("createdAt", &time_s), HAS("updatedAt", &time_s)),
};
static const struct schema items_s = { S_ARRAY, .array = { &item_s } };
static const struct schema list_s = {
	.component = "CrawlList",
	OBJECT(HAS("items", &items_s), HAS("limit", &count_s), HAS("offset", &count_s), HAS("page", &count_s),
		HAS("total", &count_s)),
};
static const struct schema paging_s = {
	S_OBJECT,
	.object = { .size = sizeof(struct paging),
		.fields = (const struct field[]){ PAGING_FIELDS(struct paging), FIELDS_END } },
};

const struct route collect_crawl_routes[] = {
	{ .id = "createCrawl",
		.method = M_POST,
		.path = "/v1/crawl",
		.run = run_create_crawl,
		.roles = ROLE_DEVELOPER,
		.body = { &crawl_create_s, sizeof(struct crawl_create_body) },
		.replies = (const struct reply_doc[]){ { 202, &created_s, "Queued" },
			{ 400, &error_s, "The request breaks a rule; details.issues says where" },
			{ 403, &error_s, "The role does not allow it, or the target is not a public address" },
			{ 404, &error_s, "No such recipe" }, { 0 } },
		.audit_action = "crawl.create",
		.audit_type = "crawl",
		.tag = "crawl",
		.summary = "Crawl a site from a seed" },
	{ .id = "getCrawl",
		.method = M_GET,
		.path = "/v1/crawl/:crawlId",
		.run = run_get_crawl,
		.roles = ROLE_READONLY,
		.params = &crawl_id_param_s,
		.replies = (const struct reply_doc[]){ { 200, &crawl_s, "The crawl, with live counts" },
			{ 403, &error_s, "It belongs to another project" }, { 404, &error_s, "No such crawl" }, { 0 } },
		.tag = "crawl",
		.summary = "State and counts of a crawl" },
	{ .id = "cancelCrawl",
		.method = M_POST,
		.path = "/v1/crawl/:crawlId/cancel",
		.run = run_cancel_crawl,
		.roles = ROLE_DEVELOPER,
		.params = &crawl_id_param_s,
		.replies =
			(const struct reply_doc[]){
				{ 202, &cancelled_s,
					"Cancelled; a crawl that had ended before keeps its state, which is told" },
				{ 403, &error_s, "It belongs to another project" }, { 404, &error_s, "No such crawl" },
				{ 0 } },
		.audit_action = "crawl.cancel",
		.audit_type = "crawl",
		.tag = "crawl",
		.summary = "Cancel a queued or running crawl" },
	{ .id = "listCrawls",
		.method = M_GET,
		.path = "/v1/admin/crawls",
		.run = run_list_crawls,
		.roles = ROLE_ADMIN,
		.query = &paging_s,
		.tag = "admin",
		.replies = (const struct reply_doc[]){ { 200, &list_s, "Newest first" }, { 0 } },
		.summary = "Crawls of the project" },
	{ 0 },
};
