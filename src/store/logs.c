/* Log lines of jobs. */
#include "base/first.h"
#include "store/logs.h"
#include "store/stmt.h"

/* The ids are drawn behind the sort, so they follow the order of the batch. */
DEFINE_STMT(logs_append, "UTTT", "t",
	"WITH i AS (INSERT INTO job_log (job_id, level, message, meta) "
	"SELECT x.job_id, x.level, x.message, coalesce(x.meta, '{}')::json "
	"FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS x (job_id, level, message, meta, n) ORDER BY x.n RETURNING 1) "
	"SELECT set_config('synchronous_commit', 'off', true) WHERE EXISTS (SELECT FROM i)");

int logs_append_send(struct db *db, const struct log_line *at, size_t n, struct err *e)
{
	return stmt_send(db, &stmt_logs_append,
		ARGS(A_LIST(OF_ID, at, n, job), A_LIST(OF_STR, at, n, level), A_LIST(OF_STR, at, n, message),
			A_LIST(OF_STR, at, n, meta)),
		e);
}

int logs_append_recv(struct db *db, struct err *e)
{
	return stmt_recv_none(db, &stmt_logs_append, e);
}

int logs_append(struct db *db, const struct log_line *at, size_t n, struct err *e)
{
	logs_append_send(db, at, n, NULL);
	db_sync(db, NULL);
	return logs_append_recv(db, e);
}

DEFINE_STMT(logs_read, "uzll", "ltttz",
	"SELECT id, level, message, meta::text, created_at FROM job_log "
	"WHERE job_id = $1 AND created_at >= $2 AND id > $3 ORDER BY id LIMIT $4");

int logs_read(struct db *db, struct arena *a, struct str job, usec_t since, int64_t after, int64_t limit,
	      struct log_line **ret, size_t *ret_n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_logs_read, ARGS(A_UUID(job), A_TIME(since), A_INT(after), A_INT(limit)), &r, e);
	if (rc < 0)
		return rc;
	struct log_line *at = arena_array(a, struct log_line, r.n);
	for (int i = 0; i < r.n; i++) {
		at[i] = (struct log_line){ .id = row_int(&r, i, 0),
			.level = row_str(&r, i, 1, a),
			.message = row_str(&r, i, 2, a),
			.meta = row_str(&r, i, 3, a),
			.created_at = row_time(&r, i, 4) };
		str_copy(at[i].job, sizeof at[i].job, job);
	}
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}
