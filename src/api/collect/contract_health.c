#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/health.h"
#include "api/collect/shapes.h"

static const struct schema alive_s = {
	.component = "Alive",
	OBJECT(HAS("ok", &bool_s), HAS("service", &text_s)),
};
static const struct schema names_s = { S_ARRAY, .array = { &text_s } };
static const struct schema ready_s = {
	.component = "Ready",
	OBJECT(HAS("ok", &bool_s), MAY("degraded", &names_s, .doc = "Services that are away but can be done without"),
		MAY("reason", &text_s)),
};

const struct route collect_health_routes[] = {
	{ .id = "healthz", .method = M_GET, .path = "/v1/healthz", .run = run_healthz,
		.replies = (const struct reply_doc[]){ { 200, &alive_s, "The process answers" }, { 0 } },
		.tag = "health", .summary = "Liveness" },
	{ .id = "readyz", .method = M_GET, .path = "/v1/readyz", .run = run_readyz,
		.replies = (const struct reply_doc[]){ { 200, &ready_s, "Ready, possibly degraded" },
			{ 503, &ready_s, "Not ready" }, { 0 } },
		.tag = "health", .summary = "Readiness: database, cache, artifact store" },
	{ .id = "metrics", .method = M_GET, .path = "/v1/metrics", .run = run_metrics,
		.replies = (const struct reply_doc[]){
			{ 200, NULL, "OpenMetrics, or text 0.0.4 when the Accept header asks for it",
				"application/openmetrics-text" }, { 0 } },
		.tag = "health", .summary = "Metrics of all workers and of the queue" },
	{ 0 },
};
