#include "base/first.h"
#include "api/collect/artifacts.h"
#include "api/collect/collect.h"
#include "api/collect/shapes.h"
#include "api/session.h"

static const struct schema artifact_s = {
	.component = "Artifact",
	OBJECT(HAS("id", &uuid_s), HAS("jobId", &uuid_s), HAS("projectId", &text_s), HAS("type", &text_s),
		HAS("fileName", &text_s), HAS("byteSize", &count_s), HAS("sha256", &text_s),
		HAS("contentType", &text_s), HAS("createdAt", &time_s), HAS("downloadToken", &text_s),
		HAS("downloadTokenExpiresAt", &time_s), HAS("signedUrl", &text_s, .nullable = true)),
};
static const struct schema artifacts_s = { S_ARRAY, .array = { &artifact_s, 0, 100000 } };
static const struct schema artifact_list_s = {
	.component = "ArtifactList",
	OBJECT(HAS("items", &artifacts_s)),
};
static const struct schema token_text_s = { S_STRING, .string = { .max = 128 } };
static const struct schema download_query_s = {
	S_OBJECT,
	.object = { .size = sizeof(struct download_query), .fields = (const struct field[]){
		STRF(struct download_query, downloadToken, &token_text_s,
			.doc = "Time-limited token of the artifact list, instead of a Bearer token"),
		FIELDS_END } },
};

const struct route collect_artifact_routes[] = {
	{ .id = "listArtifacts",
		.method = M_GET,
		.path = "/v1/jobs/:jobId/artifacts",
		.run = run_list_artifacts,
		.prefetch = prefetch_artifacts,
		.roles = ROLE_READONLY,
		.params = &job_id_param_s,
		.replies = (const struct reply_doc[]){ { 200, &artifact_list_s, "Newest first" },
			{ 403, &error_s, "The job belongs to another project" }, { 404, &error_s, "No such job" },
			{ 0 } },
		.tag = "artifacts",
		.summary = "Artifacts of a job, each with a download token" },
	{ .id = "getArtifact",
		.method = M_GET,
		.path = "/v1/artifacts/:artifactId",
		.run = run_get_artifact,
		.prefetch = prefetch_artifact,
		.roles = ROLE_READONLY,
		.query_token = true,
		.params = &artifact_id_param_s,
		.query = &download_query_s,
		.replies = (const struct reply_doc[]){ { 200, NULL, "The bytes", "application/octet-stream" },
			{ 302, NULL, "The bytes are at the signed URL in Location", "application/octet-stream" },
			{ 304, NULL, "If-None-Match names what it is" },
			{ 403, &error_s, "It belongs to another project" }, { 404, &error_s, "No such artifact" },
			{ 0 } },
		.audit_action = "artifact.download",
		.audit_type = "artifact",
		.tag = "artifacts",
		.summary = "Download an artifact" },
	{ 0 },
};
