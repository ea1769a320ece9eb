#include "base/first.h"
#include "api/routes.h"
#include "api/collect/collect.h"

const struct route *const api_tables[] = {
	collect_health_routes,
	collect_job_routes,
	collect_artifact_routes,
	collect_extract_routes,
	collect_crawl_routes,
	collect_token_routes,
	collect_admin_routes,
	collect_docs_routes,
	NULL,
};
