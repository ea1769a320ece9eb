/* POST /v1/jobs as it arrives, decoded. */
#ifndef KRYFTO_API_COLLECT_JOBS_H
#define KRYFTO_API_COLLECT_JOBS_H

#include "http/call.h"
#include "json/schema.h"

struct job_options {
	struct opt_bool requiresBrowser;
	struct str browserEngine;
	bool respectRobotsTxt;
	int64_t timeoutMs;
	bool interactiveLogin;
	struct str proxy_profile, country;
	struct opt_bool session_affinity;
	struct str rotation_strategy;
};

struct job_create {
	struct str url, recipeId;
	struct job_options options;
	const struct json *steps;   /* NULL or an array */
	const struct json *extract; /* NULL or an object with its mode */
	struct str privacy_mode, freshness_mode;
};

extern const struct schema job_create_s;

/* Adds an issue for each option that this server does not honour yet, so that nothing is accepted and ignored.
 * 0 or the validation problem. */
int job_offered(struct call *c, const struct job_create *b);
/* The extraction configuration can be carried out: 0 or the validation problem. NULL is fine. */
int extraction_accepted(struct call *c, const struct json *extract);
/* The URL may be fetched as far as can be said without asking DNS: http or https, no credentials, no address
 * that is not public. 0, a validation problem at `member`, or 403 SSRF_BLOCKED. */
int url_allowed(struct call *c, struct str url, const char *member);
/* The same for every goto step; NULL is fine. */
int steps_allowed(struct call *c, const struct json *steps);
/* The Idempotency-Key header, trimmed; a NULL slice for none. 0 or a validation problem. */
int idempotency_key(struct call *c, struct str *ret);

int run_create_job(struct call *c);
int run_get_job(struct call *c);
int run_cancel_job(struct call *c);
int prefetch_job(struct call *c);

#endif
