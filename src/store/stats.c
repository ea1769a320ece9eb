/* Counts over a project. */
#include "base/first.h"
#include "store/stats.h"
#include "store/stmt.h"

DEFINE_STMT(stats_get, "t", "lllllllllll",
	"SELECT j.*, t.*, a.n, a.bytes FROM "
	"(SELECT count(*), count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'), "
	"count(*) FILTER (WHERE state = 'succeeded'), count(*) FILTER (WHERE state = 'failed'), "
	"count(*) FILTER (WHERE state = 'cancelled'), count(*) FILTER (WHERE state = 'expired') "
	"FROM job WHERE project_id = $1) j, "
	"(SELECT count(*), count(*) FILTER (WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())) "
	"FROM api_token WHERE project_id = $1) t, "
	"(SELECT count(*) AS n, coalesce(sum(byte_size), 0)::bigint AS bytes FROM artifact WHERE project_id = $1) a");

int stats_get(struct db *db, struct str project, struct project_stats *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	struct project_stats s = { 0 };
	int rc = stmt_run(db, &stmt_stats_get, ARGS(A_STR(project)), &r, e);
	if (rc < 0)
		return rc;
	s.jobs = row_int(&r, 0, 0);
	for (int i = JOB_QUEUED; i <= JOB_EXPIRED; i++)
		s.by_state[i] = row_int(&r, 0, 1 + i);
	s.tokens = row_int(&r, 0, 7);
	s.tokens_active = row_int(&r, 0, 8);
	s.artifacts = row_int(&r, 0, 9);
	s.artifact_bytes = row_int(&r, 0, 10);
	*ret = s;
	return 0;
}

static int count(struct db *db, const struct stmt *s, const struct arg *args, size_t n, int64_t *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, s, args, n, &r, e);
	if (rc == 0)
		*ret = row_int(&r, 0, 0);
	return rc;
}

DEFINE_STMT(stats_jobs, "tt", "l", "SELECT count(*) FROM job WHERE project_id = $1 AND ($2 IS NULL OR state = $2)");

int stats_jobs(struct db *db, struct str project, const enum job_state *state, int64_t *ret, struct err *e)
{
	struct str word = state ? str_of(job_state_name(*state)) : STR_NULL;
	return count(db, &stmt_stats_jobs, ARGS(A_STR(project), A_STR(word)), ret, e);
}

DEFINE_STMT(stats_audit, "tt", "l",
	"SELECT count(*) FROM audit_log WHERE project_id = $1 AND ($2 IS NULL OR action = $2)");

int stats_audit(struct db *db, struct str project, struct str action, int64_t *ret, struct err *e)
{
	return count(db, &stmt_stats_audit, ARGS(A_STR(project), A_STR(action)), ret, e);
}

DEFINE_STMT(stats_projects, "", "l", "SELECT count(*) FROM project");

int stats_projects(struct db *db, int64_t *ret, struct err *e)
{
	return count(db, &stmt_stats_projects, NULL, 0, ret, e);
}
