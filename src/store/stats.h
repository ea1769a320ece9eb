/* Counts over a project, for the admin pages. They look at every row of it: callers keep what took long for a while. */
#ifndef KRYFTO_STORE_STATS_H
#define KRYFTO_STORE_STATS_H

#include "store/jobs.h"

struct project_stats {
	int64_t jobs, by_state[JOB_EXPIRED + 1];
	int64_t tokens, tokens_active; /* active: neither revoked nor expired */
	int64_t artifacts, artifact_bytes;
};
int stats_get(struct db *db, struct str project, struct project_stats *ret, struct err *e);

/* Jobs of a project; `state` NULL: all. */
int stats_jobs(struct db *db, struct str project, const enum job_state *state, int64_t *ret, struct err *e);
/* Audit rows of a project; `action` absent: all. */
int stats_audit(struct db *db, struct str project, struct str action, int64_t *ret, struct err *e);
int stats_projects(struct db *db, int64_t *ret, struct err *e);

#endif
