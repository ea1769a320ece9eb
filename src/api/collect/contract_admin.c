#include "base/first.h"
#include "api/collect/admin.h"
#include "api/collect/collect.h"
#include "api/session.h"
#include "store/limits.h"

#define PAGED HAS("limit", &count_s), HAS("offset", &count_s), HAS("page", &count_s), HAS("total", &count_s)

/* --- projects --- */
static const struct schema project_create_s = {
	.kind = S_OBJECT,
	.component = "ProjectCreate",
	.object = { .size = sizeof(struct project_body), .fields = (const struct field[]){
		STRF(struct project_body, id, &name_s, .doc = "Derived from the name when absent"),
		STRF(struct project_body, name, &name_s, .required = true),
		FIELDS_END } },
};
static const struct schema project_s = {
	.component = "Project",
	OBJECT(HAS("id", &text_s), HAS("name", &text_s), HAS("createdAt", &time_s)),
};
static const struct schema projects_s = { S_ARRAY, .array = { &project_s } };
static const struct schema project_list_s = {
	.component = "ProjectList",
	OBJECT(HAS("items", &projects_s), PAGED),
};
static const struct schema paging_s = {
	S_OBJECT,
	.object = { .size = sizeof(struct paging),
		.fields = (const struct field[]){ PAGING_FIELDS(struct paging), FIELDS_END } },
};

/* --- jobs --- */
static const struct schema state_s = {
	S_STRING, "JobState", .string = { .oneof = (const char *const[]){ "queued", "running", "succeeded", "failed",
		"cancelled", "expired", NULL } }
};
static const struct schema job_query_s = {
	S_OBJECT,
	.object = { .size = sizeof(struct job_list_query), .fields = (const struct field[]){
		PAGING_FIELDS(struct job_list_query),
		STRF(struct job_list_query, state, &state_s, .doc = "Only jobs in this state"), FIELDS_END } },
};
static const struct schema job_item_s = {
	.component = "JobListItem",
	OBJECT(HAS("id", &uuid_s), HAS("state", &state_s), HAS("url", &text_s), HAS("attempts", &count_s),
		HAS("maxAttempts", &count_s), HAS("errorMessage", &text_s, .nullable = true), HAS("createdAt", &time_s),
		HAS("updatedAt", &time_s)),
};
static const struct schema job_items_s = { S_ARRAY, .array = { &job_item_s } };
static const struct schema job_list_s = {
	.component = "JobList",
	OBJECT(HAS("items", &job_items_s), PAGED),
};

/* --- audit --- */
static const struct schema action_s = { S_STRING, .string = { .min = 1, .max = 128 } };
static const struct schema audit_query_s = {
	S_OBJECT,
	.object = { .size = sizeof(struct audit_list_query), .fields = (const struct field[]){
		PAGING_FIELDS(struct audit_list_query),
		STRF(struct audit_list_query, action, &action_s, .doc = "Only this action"), FIELDS_END } },
};
static const struct schema audit_item_s = {
	.component = "AuditItem",
	OBJECT(HAS("id", &int_s), HAS("projectId", &text_s, .nullable = true),
		HAS("tokenId", &text_s, .nullable = true), HAS("actorRole", &text_s, .nullable = true),
		HAS("action", &text_s), HAS("resourceType", &text_s, .nullable = true),
		HAS("resourceId", &text_s, .nullable = true), HAS("requestId", &text_s, .nullable = true),
		HAS("ipAddress", &text_s, .nullable = true), HAS("details", &object_s), HAS("createdAt", &time_s)),
};
static const struct schema audit_items_s = { S_ARRAY, .array = { &audit_item_s } };
static const struct schema audit_list_s = {
	.component = "AuditList",
	OBJECT(HAS("items", &audit_items_s), PAGED),
};

/* --- stats --- */
static const struct schema job_counts_s = {
	OBJECT(HAS("total", &count_s), HAS("queued", &count_s), HAS("running", &count_s), HAS("succeeded", &count_s),
		HAS("failed", &count_s), HAS("cancelled", &count_s), HAS("expired", &count_s)),
};
static const struct schema crawl_counts_s = { OBJECT(HAS("total", &count_s), HAS("running", &count_s)) };
static const struct schema token_counts_s = { OBJECT(HAS("total", &count_s), HAS("active", &count_s)) };
static const struct schema artifact_counts_s = { OBJECT(HAS("total", &count_s), HAS("totalBytes", &count_s)) };
static const struct schema stats_s = {
	.component = "Stats",
	OBJECT(HAS("jobs", &job_counts_s), HAS("crawls", &crawl_counts_s), HAS("tokens", &token_counts_s),
		HAS("artifacts", &artifact_counts_s)),
};

/* --- rate limits --- */
static const struct schema rpm_s = { S_INTEGER, .integer = { 1, RATE_LIMIT_RPM_MAX } };
static const struct schema limit_map_s = {
	.component = "RateLimitMap",
	OBJECT(MAY("admin", &rpm_s), MAY("developer", &rpm_s), MAY("readonly", &rpm_s)),
};
static const struct schema limit_item_s = { OBJECT(HAS("role", &role_s), HAS("rpm", &rpm_s)) };
static const struct schema limit_array_s = { S_ARRAY, .array = { &limit_item_s, 1, 16 } };

/* Both published forms: a map by role, and an array of {role, rpm}. */
static void either_form(const struct json *v, struct issues *is)
{
	if (json_is(v, J_ARRAY) || json_is(v, J_OBJECT))
		schema_check(json_is(v, J_ARRAY) ? &limit_array_s : &limit_map_s, v, is);
	else
		issue_add(is, "invalid_type", STR("\"expected\":\"object\""), "Expected object, received %s",
			json_kind_name(v));
}
static const struct schema limits_in_s = {
	S_ANY, .doc = "An object of requests a minute by role, or an array of {role, rpm}", .refine = either_form
};
static const struct schema limits_body_s = {
	.kind = S_OBJECT,
	.component = "RateLimitsUpdate",
	.object = { .size = sizeof(struct limits_body), .fields = (const struct field[]){
		JSONF(struct limits_body, limits, &limits_in_s, .required = true), FIELDS_END } },
};
static const struct schema limits_s = { .component = "RateLimits", OBJECT(HAS("limits", &limit_map_s)) };

#define ADMIN .roles = ROLE_ADMIN, .tag = "admin"

const struct route collect_admin_routes[] = {
	{ .id = "listProjects",
		.method = M_GET,
		.path = "/v1/admin/projects",
		.run = run_list_projects,
		ADMIN,
		.query = &paging_s,
		.replies =
			(const struct reply_doc[]){
				{ 200, &project_list_s, "One's own; all of them for an admin of the whole instance" },
				{ 0 } },
		.summary = "Projects" },
	{ .id = "createProject",
		.method = M_POST,
		.path = "/v1/admin/projects",
		.run = run_create_project,
		ADMIN,
		.body = { &project_create_s, sizeof(struct project_body), 16 * KiB },
		.replies = (const struct reply_doc[]){ { 201, &project_s, "Made, or there already under this id" },
			{ 400, &error_s, "A field breaks a rule" },
			{ 403, &error_s, "Not an admin of the whole instance" }, { 0 } },
		.audit_action = "admin.project.create",
		.audit_type = "project",
		.summary = "Create a project" },
	{ .id = "getStats", .method = M_GET, .path = "/v1/admin/stats", .run = run_stats, ADMIN,
		.replies = (const struct reply_doc[]){ { 200, &stats_s, "Counts over the project" }, { 0 } },
		.doc = "In a large project counting takes time; then the counts are up to a minute old.",
		.summary = "Counts of jobs, tokens, artifacts and crawls" },
	{ .id = "listJobs",
		.method = M_GET,
		.path = "/v1/admin/jobs",
		.run = run_list_jobs,
		ADMIN,
		.query = &job_query_s,
		.replies = (const struct reply_doc[]){ { 200, &job_list_s, "Newest first" }, { 0 } },
		.summary = "Jobs of the project" },
	{ .id = "listAuditLogs",
		.method = M_GET,
		.path = "/v1/admin/audit-logs",
		.run = run_list_audit,
		ADMIN,
		.query = &audit_query_s,
		.replies = (const struct reply_doc[]){ { 200, &audit_list_s, "Newest first" }, { 0 } },
		.summary = "Audit trail of the project" },
	{ .id = "getRateLimits",
		.method = M_GET,
		.path = "/v1/admin/rate-limits",
		.run = run_get_limits,
		ADMIN,
		.replies = (const struct reply_doc[]){ { 200, &limits_s, "Requests a minute by role" }, { 0 } },
		.summary = "Rate limits" },
	{ .id = "setRateLimits",
		.method = M_PUT,
		.path = "/v1/admin/rate-limits",
		.run = run_set_limits,
		ADMIN,
		.body = { &limits_body_s, sizeof(struct limits_body), 16 * KiB },
		.replies = (const struct reply_doc[]){ { 200, &limits_s, "As they are now" },
			{ 400, &error_s, "A field breaks a rule" },
			{ 403, &error_s, "Not an admin of the whole instance" }, { 0 } },
		.audit_action = "admin.rate-limits.update",
		.audit_type = "rate-limits",
		.summary = "Change rate limits" },
	{ 0 },
};
