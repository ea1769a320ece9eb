/* Claims, heartbeats, giving back. Locks are taken in the order ready, lease, job everywhere. */
#include "base/first.h"
#include "base/fault.h"
#include "store/queue.h"
#include "store/stmt.h"

/* How long a dispatcher trusts its floor. */
#define RESCAN USEC_PER_SEC

DEFINE_STMT(queue_worker_start, "tttii", "",
	"INSERT INTO worker (id, host, kind, pid, slots) VALUES ($1, $2, $3, $4, $5) "
	"ON CONFLICT (id) DO UPDATE SET beat_at = now(), slots = excluded.slots, idle = false");

int queue_worker_start(struct db *db, const struct worker *w, struct err *e)
{
	return stmt_run_none(db, &stmt_queue_worker_start,
		ARGS(A_STR(w->id), A_STR(w->host), A_STR(w->kind), A_INT(w->pid), A_INT(w->slots)), e);
}

DEFINE_STMT(queue_worker_stop, "t", "", "DELETE FROM worker WHERE id = $1");

int queue_worker_stop(struct db *db, struct str id, struct err *e)
{
	return stmt_run_none(db, &stmt_queue_worker_stop, ARGS(A_STR(id)), e);
}

/* Retries that are due move to the end of `ready`. The second column is the time until the next one. */
DEFINE_STMT(queue_promote, "", "ll",
	"WITH d AS (DELETE FROM delayed WHERE ctid = ANY (ARRAY(SELECT ctid FROM delayed WHERE run_at <= now() "
	"ORDER BY run_at LIMIT 1000 FOR UPDATE SKIP LOCKED)) RETURNING job_id, queue, priority, expires_at), "
	"r AS (INSERT INTO ready (job_id, queue, priority, expires_at) SELECT * FROM d RETURNING 1) "
	"SELECT (SELECT count(*) FROM r), (SELECT (extract(epoch FROM min(run_at) - now()) * 1000000)::bigint "
	"FROM delayed WHERE run_at > now())");

/* $1 worker, $2 queue, $3 floor's priority, $4 floor's id, $5 batch, $6 lease in us. A row whose job is not queued
 * any more (cancelled) goes without a trace; one that came too late waits for queue_reap(). */
DEFINE_STMT(queue_claim, "tsslil", "luttjtiiizlszlt",
	"WITH c AS (SELECT ctid, job_id, priority, id FROM ready WHERE queue = $2 AND (priority, id) >= ($3, $4) "
	"AND (expires_at IS NULL OR expires_at > now()) ORDER BY priority, id LIMIT $5 FOR UPDATE SKIP LOCKED), "
	"d AS (DELETE FROM ready r USING c WHERE r.ctid = c.ctid "
	"RETURNING r.job_id, r.priority, r.id, nextval('lease_no') AS lease_no), "
	"j AS (UPDATE job SET state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, now()), "
	"updated_at = now() FROM d WHERE job.id = d.job_id AND job.state = 'queued' "
	"RETURNING job.*, d.lease_no, d.id AS ready_id), "
	"l AS (INSERT INTO lease (job_id, lease_no, claimed_at, expires_at, deadline_at, attempt, queue, worker) "
	"SELECT id, lease_no, now(), least(now() + $6 * interval '1 microsecond', "
	"now() + (timeout_ms + 30000) * interval '1 millisecond'), now() + (timeout_ms + 30000) * interval '1 "
	"millisecond', "
	"attempts, queue, $1 FROM j), "
	"w AS (UPDATE worker SET idle = false WHERE id = $1 AND idle AND EXISTS (SELECT FROM c)) "
	"SELECT (SELECT count(*) FROM c), j.id, j.project_id, j.url, j.request, j.request_id, j.attempts, "
	"j.max_attempts, "
	"j.timeout_ms, j.created_at, j.lease_no, j.priority, now(), j.ready_id, j.family "
	"FROM (VALUES (1)) one LEFT JOIN j ON true ORDER BY j.priority, j.ready_id");

int queue_claim_send(struct db *db, const struct claim *c, struct err *e)
{
	struct claim_cursor *at = c->cursor;
	if (clock_mono() >= at->rescan_at)
		*at = (struct claim_cursor){ .floor = 0, .priority = INT16_MIN, .rescan_at = clock_mono() + RESCAN };
	stmt_send(db, &stmt_queue_promote, NULL, 0, NULL);
	return stmt_send(db, &stmt_queue_claim,
		ARGS(A_STR(c->worker), A_INT(c->queue), A_INT(at->priority), A_INT(at->floor), A_INT(c->max),
			A_INT(c->lease)),
		e);
}

static void read_claimed(const struct rows *r, int i, struct arena *a, struct claimed *ret)
{
	*ret = (struct claimed){
		.project = row_str(r, i, 2, a),
		.url = row_str(r, i, 3, a),
		.request = row_str(r, i, 4, a),
		.request_id = row_str(r, i, 5, a),
		.attempt = (int32_t)row_int(r, i, 6),
		.max_attempts = (int32_t)row_int(r, i, 7),
		.timeout = row_int(r, i, 8) * USEC_PER_MS,
		.created_at = row_time(r, i, 9),
		.lease_no = row_int(r, i, 10),
		.now = row_time(r, i, 12),
	};
	row_uuid(r, i, 1, ret->id);
	token_family_of(row_raw(r, i, 14), &ret->family); /* the column is checked; zero is collect */
}

int queue_claim_recv(struct db *db, struct arena *a, const struct claim *c, struct claim_result *ret, struct err *e)
{
	_cleanup_rows_ struct rows p = { 0 }, r = { 0 };
	int rc = stmt_recv(db, &stmt_queue_promote, &p, NULL);
	int64_t next = rc == 0 && !row_null(&p, 0, 1) ? row_int(&p, 0, 1) : INT64_MAX;
	rc = stmt_recv(db, &stmt_queue_claim, &r, e);
	if (rc < 0)
		return rc;
	struct claim_result out = { .more = row_int(&r, 0, 0) >= c->max, .next_due = next };
	out.at = arena_array(a, struct claimed, r.n);
	for (int i = 0; i < r.n && !row_null(&r, i, 1); i++)
		read_claimed(&r, i, a, &out.at[out.n++]);
	if (!out.more) {
		c->cursor->rescan_at = 0; /* near the end of the queue: look at all of it the next time */
	} else if (out.n) {
		c->cursor->priority = (int32_t)row_int(&r, (int)out.n - 1, 11);
		c->cursor->floor = row_int(&r, (int)out.n - 1, 13);
	}
	*ret = out;
	return 0;
}

int queue_claim(struct db *db, struct arena *a, const struct claim *c, struct claim_result *ret, struct err *e)
{
	if (FAULT("store.claim"))
		return err_set(e, E_UNAVAIL, "fault point");
	queue_claim_send(db, c, NULL);
	db_sync(db, NULL);
	return queue_claim_recv(db, a, c, ret, e);
}

DEFINE_STMT(queue_idle, "t", "t",
	"WITH u AS (UPDATE worker SET idle = true, beat_at = now() WHERE id = $1 RETURNING 1) "
	"SELECT set_config('synchronous_commit', 'off', true) FROM u");

int queue_idle(struct db *db, struct str worker, struct err *e)
{
	return stmt_run_none(db, &stmt_queue_idle, ARGS(A_STR(worker)), e);
}

/* A heartbeat lost in a crash of the server is made again: no waiting for the disk. */
DEFINE_STMT(queue_beat, "tULl", "ul",
	"WITH w AS (UPDATE worker SET beat_at = now() WHERE id = $1 AND set_config('synchronous_commit', 'off', true) "
	"= 'off'), "
	"x AS (SELECT * FROM unnest($2, $3) AS x (id, no)), "
	"u AS (UPDATE lease l SET expires_at = least(now() + $4 * interval '1 microsecond', l.deadline_at) FROM x "
	"WHERE l.job_id = x.id AND l.lease_no = x.no AND l.deadline_at > now() RETURNING l.job_id) "
	"SELECT x.id, x.no FROM x WHERE NOT EXISTS (SELECT FROM u WHERE u.job_id = x.id)");

int queue_beat_send(struct db *db, struct str worker, const struct lease_ref *at, size_t n, usec_t lease,
		    struct err *e)
{
	return stmt_send(db, &stmt_queue_beat,
		ARGS(A_STR(worker), A_LIST(OF_ID, at, n, id), A_LIST(OF_I64, at, n, lease_no), A_INT(lease)), e);
}

int queue_beat_recv(struct db *db, struct arena *a, struct lease_ref **ret_lost, size_t *ret_n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_queue_beat, &r, e);
	if (rc < 0)
		return rc;
	struct lease_ref *lost = arena_array(a, struct lease_ref, r.n);
	for (int i = 0; i < r.n; i++) {
		row_uuid(&r, i, 0, lost[i].id);
		lost[i].lease_no = row_int(&r, i, 1);
	}
	*ret_lost = lost;
	*ret_n = (size_t)r.n;
	return 0;
}

int queue_beat(struct db *db, struct arena *a, struct str worker, const struct lease_ref *at, size_t n, usec_t lease,
	       struct lease_ref **ret_lost, size_t *ret_n, struct err *e)
{
	queue_beat_send(db, worker, at, n, lease, NULL);
	db_sync(db, NULL);
	return queue_beat_recv(db, a, ret_lost, ret_n, e);
}

/* $3: how long to stay away, in us. */
DEFINE_STMT(queue_release, "ULl", "l",
	"WITH l AS (DELETE FROM lease l USING unnest($1, $2) AS x (id, no) WHERE l.job_id = x.id AND l.lease_no = x.no "
	"RETURNING l.job_id), "
	"u AS (UPDATE job SET state = 'queued', attempts = attempts - 1, updated_at = now() FROM l "
	"WHERE job.id = l.job_id AND job.state = 'running' RETURNING job.id, job.queue, job.priority), "
	"r AS (INSERT INTO ready (job_id, queue, priority) SELECT id, queue, priority FROM u WHERE $3 <= 0), "
	"d AS (INSERT INTO delayed (run_at, job_id, queue, priority) "
	"SELECT now() + $3 * interval '1 microsecond', id, queue, priority FROM u WHERE $3 > 0) "
	"SELECT count(*) FROM u");

int queue_release_send(struct db *db, const struct lease_ref *at, size_t n, usec_t delay, struct err *e)
{
	int rc = stmt_send(db, &stmt_queue_release,
		ARGS(A_LIST(OF_ID, at, n, id), A_LIST(OF_I64, at, n, lease_no), A_INT(delay)), e);
	db_sync(db, NULL);
	stmt_send(db, &stmt_job_wake, NULL, 0, NULL);
	return rc;
}

int queue_release_recv(struct db *db, size_t *ret_released, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_queue_release, &r, e);
	stmt_recv_none(db, &stmt_job_wake, NULL); /* the poll interval stands behind it */
	if (rc == 0)
		*ret_released = (size_t)row_int(&r, 0, 0);
	return rc;
}

int queue_release(struct db *db, const struct lease_ref *at, size_t n, usec_t delay, size_t *ret_released,
		  struct err *e)
{
	queue_release_send(db, at, n, delay, NULL);
	db_sync(db, NULL);
	return queue_release_recv(db, ret_released, e);
}
