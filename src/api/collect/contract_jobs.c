/* Everything that a client may send to or get from /v1/jobs. */
#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/jobs.h"
#include "api/collect/logs.h"
#include "api/collect/shapes.h"
#include "api/collect/steps.h"
#include "api/session.h"

static const struct schema engine_s = {
	S_STRING, .string = { .oneof = (const char *const[]){ "chromium", "firefox", "webkit", NULL } }
};
static const struct schema timeout_s = { S_INTEGER, .integer = { 1000, 300000 } };
static const struct schema word_s = { S_STRING, .string = { .min = 1, .max = 128 } };
static const struct schema rotation_s = {
	S_STRING, .string = { .oneof = (const char *const[]){ "per_request", "sticky", "random", NULL } }
};
static const struct schema privacy_s = {
	S_STRING, .string = { .oneof = (const char *const[]){ "normal", "zero_trace", NULL } }
};
static const struct schema freshness_s = {
	S_STRING, .string = { .oneof = (const char *const[]){ "always", "preferred", "fallback", "never", NULL } }
};

static const struct schema job_options_s = {
	.kind = S_OBJECT,
	.component = "JobOptions",
	.object = { .size = sizeof(struct job_options), .fields = (const struct field[]){
		OPTB(struct job_options, requiresBrowser, &bool_s, .doc = "Force browser-based extraction"),
		STRF(struct job_options, browserEngine, &engine_s, .fallback = "\"chromium\""),
		BOOLF(struct job_options, respectRobotsTxt, &bool_s, .fallback = "true",
			.doc = "Honour robots.txt directives"),
		INTF(struct job_options, timeoutMs, &timeout_s, .fallback = "60000",
			.doc = "Time for the whole job in milliseconds"),
		BOOLF(struct job_options, interactiveLogin, &bool_s, .fallback = "false",
			.doc = "Enable the interactive login flow"),
		STRF(struct job_options, proxy_profile, &word_s, .doc = "Proxy rotation profile"),
		STRF(struct job_options, country, &word_s, .doc = "Geolocation country code"),
		OPTB(struct job_options, session_affinity, &bool_s, .doc = "Reuse the browser session of the domain"),
		STRF(struct job_options, rotation_strategy, &rotation_s),
		FIELDS_END } },
};

const struct schema job_create_s = {
	.kind = S_OBJECT,
	.component = "JobCreate",
	.object = { .size = sizeof(struct job_create), .fields = (const struct field[]){
		STRF(struct job_create, url, &url_s, .required = true, .doc = "Target URL to collect"),
		STRF(struct job_create, recipeId, &name_s, .doc = "Apply a recipe by its id"),
		OBJF(struct job_create, options, struct job_options, &job_options_s, .fallback = "{}"),
		JSONF(struct job_create, steps, &steps_s, .doc = "Browser automation steps"),
		JSONF(struct job_create, extract, &extraction_s),
		STRF(struct job_create, privacy_mode, &privacy_s, .fallback = "\"normal\""),
		STRF(struct job_create, freshness_mode, &freshness_s, .fallback = "\"preferred\""),
		FIELDS_END } },
};

static const struct schema state_s = {
	S_STRING, "JobState", .string = { .oneof = (const char *const[]){ "queued", "running", "succeeded", "failed",
		"cancelled", "expired", NULL } }
};
static const struct schema job_created_s = {
	.component = "JobCreated",
	OBJECT(HAS("jobId", &uuid_s), HAS("state", &state_s), HAS("requestId", &text_s),
		MAY("idempotencyKey", &text_s)),
};
static const struct schema job_s = {
	.component = "Job",
	OBJECT(HAS("id", &uuid_s), HAS("projectId", &text_s), HAS("state", &state_s), HAS("url", &text_s),
		HAS("requestId", &text_s, .nullable = true), HAS("attempts", &count_s), HAS("maxAttempts", &count_s),
		HAS("createdAt", &time_s), HAS("updatedAt", &time_s), HAS("resultSummary", &object_s, .nullable = true),
		HAS("errorCode", &text_s, .nullable = true), HAS("errorMessage", &text_s, .nullable = true)),
};
static const struct schema cancelled_s = {
	.component = "JobCancelled",
	OBJECT(HAS("jobId", &uuid_s), HAS("state", &state_s)),
};

const struct route collect_job_routes[] = {
	{ .id = "createJob", .method = M_POST, .path = "/v1/jobs", .run = run_create_job, .roles = ROLE_DEVELOPER,
		.body = { &job_create_s, sizeof(struct job_create) }, .idempotent_key = true,
		.replies = (const struct reply_doc[]){ { 202, &job_created_s, "Queued" },
			{ 400, &error_s, "The request breaks a rule; details.issues says where" },
			{ 403, &error_s, "The role does not allow it, or the target is not a public address" },
			{ 404, &error_s, "No such recipe" },
			{ 409, &error_s, "The Idempotency-Key was used with another payload" }, { 0 } },
		.audit_action = "job.create", .audit_type = "job", .tag = "jobs",
		.summary = "Queue one fetch-and-extract job" },
	{ .id = "getJob", .method = M_GET, .path = "/v1/jobs/:jobId", .run = run_get_job, .prefetch = prefetch_job,
		.roles = ROLE_READONLY, .params = &job_id_param_s,
		.replies = (const struct reply_doc[]){ { 200, &job_s, "The job" },
			{ 403, &error_s, "It belongs to another project" }, { 404, &error_s, "No such job" }, { 0 } },
		.tag = "jobs", .summary = "State and result of a job" },
	{ .id = "cancelJob", .method = M_POST, .path = "/v1/jobs/:jobId/cancel", .run = run_cancel_job,
		.roles = ROLE_DEVELOPER, .params = &job_id_param_s,
		.replies = (const struct reply_doc[]){
			{ 202, &cancelled_s, "Cancelled; a job that had ended before keeps its state, which is told" },
			{ 403, &error_s, "It belongs to another project" }, { 404, &error_s, "No such job" }, { 0 } },
		.audit_action = "job.cancel", .audit_type = "job", .tag = "jobs",
		.summary = "Cancel a queued or running job" },
	{ .id = "streamJobLogs", .method = M_GET, .path = "/v1/jobs/:jobId/logs", .run = run_job_logs,
		.prefetch = prefetch_job_logs, .roles = ROLE_READONLY, .params = &job_id_param_s, .pool = POOL_STREAM,
		.replies = (const struct reply_doc[]){
			{ 200, NULL, "Events `log`, their ids in order, and at last one event `end`",
				"text/event-stream" },
			{ 400, &error_s, "Last-Event-ID is not the id of an event" },
			{ 403, &error_s, "It belongs to another project" }, { 404, &error_s, "No such job" },
			{ 503, &error_s, "No room for another stream" }, { 0 } },
		.tag = "jobs", .summary = "Log lines of a job as they are written",
		.doc = "Server-Sent Events: the lines there are, then new ones. The data of `log` is {id, level, "
		       "message, meta, createdAt}, that of `end` {state}; then the server closes. "
		       "Send the id of the last event in Last-Event-ID to go on from there. A comment comes "
		       "every 15 seconds of silence." },
	{ 0 },
};
