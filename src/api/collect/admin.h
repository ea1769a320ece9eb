/* Admin routes beside tokens: projects, lists, limits. */
#ifndef KRYFTO_API_COLLECT_ADMIN_H
#define KRYFTO_API_COLLECT_ADMIN_H

#include "api/collect/shapes.h"

struct project_body {
	struct str id, name;
};
struct job_list_query {
	struct opt_int page, limit, offset;
	struct str state;
};
struct audit_list_query {
	struct opt_int page, limit, offset;
	struct str action;
};
struct limits_body {
	const struct json *limits; /* {"admin":500,…} or [{"role","rpm"},…] */
};

int run_stats(struct call *c);
int run_list_projects(struct call *c);
int run_create_project(struct call *c);
int run_list_jobs(struct call *c);
int run_list_audit(struct call *c);
int run_get_limits(struct call *c);
int run_set_limits(struct call *c);

#endif
