/* The collect family (contract kryfto-rest-api-v3.8): its envelope and its route tables. */
#ifndef KRYFTO_API_COLLECT_COLLECT_H
#define KRYFTO_API_COLLECT_COLLECT_H

#include "http/problem.h"
#include "http/route.h"

extern const struct family collect_family;

extern const struct route collect_health_routes[];   /* healthz, readyz, metrics */
extern const struct route collect_job_routes[];      /* create, read, cancel */
extern const struct route collect_artifact_routes[]; /* list, download */
extern const struct route collect_extract_routes[];
extern const struct route collect_crawl_routes[];   /* create, read, cancel, list */
extern const struct route collect_token_routes[];    /* admin tokens */
extern const struct route collect_admin_routes[];    /* projects, stats, lists, limits */
extern const struct route collect_docs_routes[];     /* the API description */

/* Problems that only this contract has; NULL at the end. */
extern const struct problem *const collect_problems[];
extern const struct problem problem_idempotency; /* 409 IDEMPOTENCY_CONFLICT */
extern const struct problem problem_recipe;      /* 404 RECIPE_NOT_FOUND */

#endif
