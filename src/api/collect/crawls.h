/* POST /v1/crawl as it arrives, decoded, and the handlers of crawls. */
#ifndef KRYFTO_API_COLLECT_CRAWLS_H
#define KRYFTO_API_COLLECT_CRAWLS_H

#include "api/collect/shapes.h"
#include "http/call.h"
#include "json/schema.h"

struct crawl_rules {
	const struct json *allowPatterns, *denyPatterns; /* arrays of strings */
	int64_t maxDepth, maxPages, politenessDelayMs;
	bool sameDomainOnly;
};

struct crawl_create_body {
	struct str seed, recipeId;
	struct crawl_rules rules;
	const struct json *extract; /* NULL or an object with its mode */
};

extern const struct schema crawl_create_s;

int run_create_crawl(struct call *c);
int run_get_crawl(struct call *c);
int run_cancel_crawl(struct call *c);
int run_list_crawls(struct call *c);

#endif
