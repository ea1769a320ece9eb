/* What nobody finished: leases that ran out, jobs that came too late, workers that fell silent. And the numbers. */
#include "base/first.h"
#include "store/queue.h"
#include "store/stmt.h"

/* $1 first back-off, $2 cap, in us: full jitter over base * 2^(attempts - 1). */
DEFINE_STMT(queue_reap, "ll", "ll",
	"WITH x AS (SELECT job_id FROM lease WHERE expires_at < now() OR deadline_at < now() "
	"ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED), "
	"l AS (DELETE FROM lease l USING x WHERE l.job_id = x.job_id "
	"RETURNING l.job_id, l.deadline_at < now() AS late), "
	"u AS (UPDATE job j SET state = CASE WHEN j.attempts < j.max_attempts THEN 'queued' ELSE 'failed' END, "
	"finished_at = CASE WHEN j.attempts < j.max_attempts THEN NULL ELSE now() END, updated_at = now(), "
	"error_code = CASE WHEN l.late THEN 'JOB_TIMEOUT' ELSE 'WORKER_LOST' END, "
	"error_message = CASE WHEN l.late THEN 'The job did not end within its time' "
	"ELSE 'The worker that ran the job was lost' END "
	"FROM l WHERE j.id = l.job_id AND j.state = 'running' "
	"RETURNING j.id, j.state, j.project_id, j.queue, j.priority, j.attempts, j.error_code, j.request_id), "
	"d AS (INSERT INTO delayed (run_at, job_id, queue, priority) SELECT now() + random() * "
	"least($2, $1 * 2.0 ^ (attempts - 1)) * interval '1 microsecond', id, queue, priority FROM u WHERE state = "
	"'queued'), "
	"m AS (INSERT INTO dead_letter (job_id, attempts, project_id, error_code) "
	"SELECT id, attempts, project_id, error_code FROM u WHERE state = 'failed' "
	"ON CONFLICT (job_id) DO UPDATE SET died_at = now(), attempts = excluded.attempts, error_code = "
	"excluded.error_code), "
	"g AS (INSERT INTO audit_log (project_id, actor_role, request_id, action, resource_type, resource_id) "
	"SELECT project_id, 'system', request_id, 'job.update.failed', 'job', id::text FROM u WHERE state = 'failed') "
	"SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'failed') FROM u");

DEFINE_STMT(queue_expire, "", "l",
	"WITH x AS (DELETE FROM ready WHERE ctid = ANY (ARRAY(SELECT ctid FROM ready WHERE expires_at <= now() "
	"LIMIT 1000 FOR UPDATE SKIP LOCKED)) RETURNING job_id), "
	"u AS (UPDATE job j SET state = 'expired', finished_at = now(), updated_at = now(), error_code = "
	"'JOB_EXPIRED', "
	"error_message = 'The job was not started within its time' FROM x WHERE j.id = x.job_id AND j.state = 'queued' "
	"RETURNING j.id, j.project_id, j.request_id), "
	"g AS (INSERT INTO audit_log (project_id, actor_role, request_id, action, resource_type, resource_id) "
	"SELECT project_id, 'system', request_id, 'job.update.expired', 'job', id::text FROM u) "
	"SELECT count(*) FROM u");

DEFINE_STMT(queue_worker_reap, "", "l",
	"WITH d AS (DELETE FROM worker WHERE beat_at < now() - interval '10 minutes' RETURNING 1) SELECT count(*) FROM "
	"d");

int queue_reap(struct db *db, usec_t retry_base, usec_t retry_max, struct reaped *ret, struct err *e)
{
	_cleanup_rows_ struct rows l = { 0 }, x = { 0 }, w = { 0 };
	/* Three transactions in one round trip: a failure of one leaves the others done. */
	stmt_send(db, &stmt_queue_reap, ARGS(A_INT(retry_base), A_INT(retry_max)), NULL);
	db_sync(db, NULL);
	stmt_send(db, &stmt_queue_expire, NULL, 0, NULL);
	db_sync(db, NULL);
	stmt_send(db, &stmt_queue_worker_reap, NULL, 0, NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, &stmt_queue_reap, &l, e);
	int rc2 = stmt_recv(db, &stmt_queue_expire, &x, rc < 0 ? NULL : e);
	int rc3 = stmt_recv(db, &stmt_queue_worker_reap, &w, rc < 0 || rc2 < 0 ? NULL : e);
	if (rc < 0 || rc2 < 0 || rc3 < 0)
		return rc < 0 ? rc : rc2 < 0 ? rc2 : rc3;
	*ret = (struct reaped){ .requeued = row_int(&l, 0, 0),
		.failed = row_int(&l, 0, 1),
		.expired = row_int(&x, 0, 0),
		.workers = row_int(&w, 0, 0) };
	return 0;
}

DEFINE_STMT(queue_depth, "", "illll",
	"SELECT q.id, (SELECT count(*) FROM (SELECT FROM ready WHERE queue = q.id LIMIT 1000000) s), "
	"(SELECT count(*) FROM (SELECT FROM delayed WHERE queue = q.id LIMIT 1000000) s), "
	"(SELECT count(*) FROM lease WHERE queue = q.id), "
	"(SELECT (extract(epoch FROM now() - j.updated_at) * 1000000)::bigint FROM ready r JOIN job j ON j.id = "
	"r.job_id "
	"WHERE r.queue = q.id AND j.state = 'queued' ORDER BY r.priority, r.id LIMIT 1) "
	"FROM generate_series(0, 1) AS q (id)");
DEFINE_STMT(queue_totals, "", "lll",
	"SELECT (SELECT count(*) FROM (SELECT FROM dead_letter LIMIT 1000000) s), count(*), count(*) FILTER (WHERE "
	"idle) "
	"FROM worker WHERE beat_at > now() - interval '60 s'");

int queue_stats(struct db *db, struct queue_stats *ret, struct err *e)
{
	_cleanup_rows_ struct rows d = { 0 }, t = { 0 };
	struct queue_stats s = { 0 };
	stmt_send(db, &stmt_queue_depth, NULL, 0, NULL);
	stmt_send(db, &stmt_queue_totals, NULL, 0, NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, &stmt_queue_depth, &d, e);
	int rc2 = stmt_recv(db, &stmt_queue_totals, &t, rc < 0 ? NULL : e);
	if (rc < 0 || rc2 < 0)
		return rc < 0 ? rc : rc2;
	for (int i = 0; i < d.n; i++) {
		int64_t q = row_int(&d, i, 0);
		if (q < 0 || q >= QUEUE_COUNT)
			continue;
		s.at[q] = (struct queue_depth){ .ready = row_int(&d, i, 1), .delayed = row_int(&d, i, 2),
			.running = row_int(&d, i, 3), .oldest = MAX(row_int(&d, i, 4), 0) };
	}
	s.dead = row_int(&t, 0, 0);
	s.workers = row_int(&t, 0, 1);
	s.idle = row_int(&t, 0, 2);
	*ret = s;
	return 0;
}

DEFINE_STMT(queue_leases, "l", "ulttt" "sill",
	"SELECT l.job_id, l.lease_no, l.worker, j.project_id, j.url, l.queue, l.attempt, "
	"(extract(epoch FROM now() - l.claimed_at) * 1000000)::bigint, "
	"(extract(epoch FROM l.expires_at - now()) * 1000000)::bigint "
	"FROM lease l JOIN job j ON j.id = l.job_id ORDER BY l.claimed_at LIMIT $1");

int queue_leases(struct db *db, struct arena *a, int64_t limit, struct lease_row **ret, size_t *ret_n,
		 struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_queue_leases, ARGS(A_INT(limit)), &r, e);
	if (rc < 0)
		return rc;
	struct lease_row *at = arena_array(a, struct lease_row, r.n);
	for (int i = 0; i < r.n; i++) {
		at[i] = (struct lease_row){ .lease_no = row_int(&r, i, 1),
			.worker = row_str(&r, i, 2, a),
			.project = row_str(&r, i, 3, a),
			.url = row_str(&r, i, 4, a),
			.queue = (enum job_queue)row_int(&r, i, 5),
			.attempt = (int32_t)row_int(&r, i, 6),
			.age = row_int(&r, i, 7),
			.remaining = row_int(&r, i, 8) };
		row_uuid(&r, i, 0, at[i].id);
	}
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}
