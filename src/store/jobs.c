/* Jobs for their owners. */
#include "base/first.h"
#include "base/fault.h"
#include "store/audit_sql.h"
#include "store/jobs.h"

#define DAY (INT64_C(86400) * USEC_PER_SEC)

static const char *const state_names[] = { "queued", "running", "succeeded", "failed", "cancelled", "expired" };

const char *job_state_name(enum job_state s)
{
	return (size_t)s < ARRAY_LEN(state_names) ? state_names[s] : "unknown";
}

int job_state_of(struct str s, enum job_state *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
		if (str_is(s, state_names[i])) {
			*ret = (enum job_state)i;
			return 0;
		}
	return E_INVALID;
}

const char *job_queue_name(enum job_queue q)
{
	return q == QUEUE_HTTP ? "http" : q == QUEUE_BROWSER ? "browser" : "unknown";
}

/* --- create --- */

/* $7 id, project, family, queue, priority, $12 timeout ms, attempts, expiry us, url, $16 request, request id */
#define CREATE_IN "uttssiiltjt"
#define CREATE_JOB(source) \
	"j AS (INSERT INTO job (id, project_id, family, queue, priority, timeout_ms, max_attempts, expires_at, url, " \
	"request, request_id) SELECT $7, $8, $9, $10, $11, $12, $13, now() + $14 * interval '1 microsecond', " \
	"$15, $16, $17" source " RETURNING id, queue, priority, expires_at, created_at), " \
	"r AS (INSERT INTO ready (job_id, queue, priority, expires_at) " \
	"SELECT id, queue, priority, expires_at FROM j), " \
	"a AS (" AUDIT_FROM("j", "job.create", "job", "id::text") ") " \
	"SELECT id, created_at FROM j"

DEFINE_STMT(job_create, AUDIT_IN CREATE_IN, "uz", "WITH " CREATE_JOB(""));
/* The key row comes first: a second use at the same moment waits here for the first one's commit and then finds
 * nothing to do. A key past its time is taken over. */
DEFINE_STMT(job_create_once, AUDIT_IN CREATE_IN "ttbl", "uz",
	"WITH k AS (INSERT INTO idempotency AS i (project_id, route, key, body_sha256, resource_id, expires_at) "
	"VALUES ($8, $18, $19, $20, $7, now() + $21 * interval '1 microsecond') "
	"ON CONFLICT (project_id, route, key) DO UPDATE SET body_sha256 = excluded.body_sha256, response = NULL, "
	"resource_id = excluded.resource_id, created_at = excluded.created_at, expires_at = excluded.expires_at "
	"WHERE i.expires_at <= now() RETURNING resource_id), " CREATE_JOB(" FROM k"));
DEFINE_STMT(job_replay, "tttb", "outz",
	"SELECT i.body_sha256 = $4, j.id, j.state, j.created_at FROM idempotency i LEFT JOIN job j ON j.id = "
	"i.resource_id "
	"WHERE i.project_id = $1 AND i.route = $2 AND i.key = $3");
/* Runs behind the commit of a new job, in the same round trip: a worker that said it is idle is told once, and is
 * not idle any more. While workers are busy this reads one small row and writes nothing. */
DEFINE_STMT(job_wake, "", "tt",
	"WITH w AS (SELECT id FROM worker WHERE idle AND beat_at > now() - interval '60 s' FOR UPDATE SKIP LOCKED), "
	"u AS (UPDATE worker SET idle = false FROM w WHERE worker.id = w.id RETURNING 1) "
	"SELECT pg_notify('kryfto_ready', '')::text, set_config('synchronous_commit', 'off', true) "
	"WHERE EXISTS (SELECT FROM u)");

static void send_create(struct db *db, const struct job_new *j, struct str id, const struct audit *who)
{
	const struct arg args[] = { AUDIT_ARGS(who), A_UUID(id), A_STR(j->project),
		A_CSTR(token_family_name(j->family)), A_INT(j->queue), A_INT(j->priority),
		A_INT(MAX(j->timeout / USEC_PER_MS, 1)), A_INT(j->max_attempts),
		j->expires_in > 0 ? A_INT(j->expires_in) : A_NULL, A_STR(j->url), A_STR(j->request),
		A_STR(j->request_id), A_STR(j->idempotency_route), A_STR(j->idempotency_key),
		A_BYTES(j->idempotency_sha256, 32), A_INT(j->idempotency_ttl > 0 ? j->idempotency_ttl : DAY) };
	if (j->idempotency_key.p)
		stmt_send(db, &stmt_job_create_once, args, ARRAY_LEN(args), NULL);
	else
		stmt_send(db, &stmt_job_create, args, ARRAY_LEN(args) - 4, NULL);
}

/* What the first use of the key made. E_GONE: the key is free again (its row was removed meanwhile). */
static int replay(struct db *db, const struct job_new *j, struct job_created *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_job_replay,
		ARGS(A_STR(j->project), A_STR(j->idempotency_route), A_STR(j->idempotency_key),
			A_BYTES(j->idempotency_sha256, 32)),
		&r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_GONE, "the idempotency key expired");
	if (!row_bool(&r, 0, 0))
		return err_set(e, E_CONFLICT, "the idempotency key was used with another body");
	if (row_null(&r, 0, 1))
		return err_set(e, E_CONFLICT, "the job of this idempotency key was removed");
	struct job_created c = { .replayed = true, .created_at = row_time(&r, 0, 3) };
	row_uuid(&r, 0, 1, c.id);
	if (job_state_of(row_raw(&r, 0, 2), &c.state) < 0)
		return err_set(e, E_INTERNAL, "the job has an unknown state");
	*ret = c;
	return 0;
}

static int create_once(struct db *db, const struct job_new *j, const struct audit *who, struct job_created *ret,
		       struct err *e)
{
	const struct stmt *s = j->idempotency_key.p ? &stmt_job_create_once : &stmt_job_create;
	struct job_created c = { .state = JOB_QUEUED };
	char made[UUID_LEN + 1];
	_cleanup_rows_ struct rows r = { 0 };
	send_create(db, j, j->id.p ? j->id : str_of(uuid_v7(made)), who);
	db_sync(db, NULL);
	stmt_send(db, &stmt_job_wake, NULL, 0, NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, s, &r, e);
	stmt_recv_none(db, &stmt_job_wake, NULL); /* the poll interval stands behind it */
	if (rc < 0)
		return rc;
	if (!r.n)
		return replay(db, j, ret, e);
	row_uuid(&r, 0, 0, c.id);
	c.created_at = row_time(&r, 0, 1);
	*ret = c;
	return 0;
}

int job_create(struct db *db, const struct job_new *j, const struct audit *who, struct job_created *ret,
	       struct err *e)
{
	int rc = E_GONE;
	if (FAULT("store.job-create"))
		return err_set(e, E_UNAVAIL, "fault point");
	/* A key row can vanish between the two looks at it; then the key is free. */
	for (int i = 0; rc == E_GONE && i < 3; i++)
		rc = create_once(db, j, who, ret, e);
	return rc;
}

/* --- read --- */

#define JOB_COLUMNS \
	"id, project_id, family, queue, state, url, request_id, attempts, max_attempts, error_code, error_message, " \
	"created_at, updated_at, started_at, finished_at, expires_at"
#define JOB_OUT "uttsttt" "iitt" "zzzzz"

static int read_job(const struct rows *r, int i, struct arena *a, struct job *ret, struct err *e)
{
	struct job j = {
		.project = row_str(r, i, 1, a),
		.queue = (enum job_queue)row_int(r, i, 3),
		.url = row_str(r, i, 5, a),
		.request_id = row_str(r, i, 6, a),
		.attempts = (int32_t)row_int(r, i, 7),
		.max_attempts = (int32_t)row_int(r, i, 8),
		.error_code = row_str(r, i, 9, a),
		.error_message = row_str(r, i, 10, a),
		.created_at = row_time(r, i, 11),
		.updated_at = row_time(r, i, 12),
		.started_at = row_time(r, i, 13),
		.finished_at = row_time(r, i, 14),
		.expires_at = row_time(r, i, 15),
	};
	row_uuid(r, i, 0, j.id);
	if (token_family_of(row_raw(r, i, 2), &j.family) < 0 || job_state_of(row_raw(r, i, 4), &j.state) < 0)
		return err_set(e, E_INTERNAL, "the job has an unknown state or family");
	*ret = j;
	return 0;
}

DEFINE_STMT(job_get, "u", JOB_OUT "j", "SELECT " JOB_COLUMNS ", result_summary FROM job WHERE id = $1");

int job_get_send(struct db *db, struct str id, struct err *e)
{
	return stmt_send(db, &stmt_job_get, ARGS(A_UUID(id)), e);
}

int job_get_recv(struct db *db, struct arena *a, struct job *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_job_get, &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such job");
	rc = read_job(&r, 0, a, ret, e);
	if (rc == 0)
		ret->result_summary = row_str(&r, 0, 16, a);
	return rc;
}

int job_get(struct db *db, struct arena *a, struct str id, struct job *ret, struct err *e)
{
	job_get_send(db, id, NULL);
	db_sync(db, NULL);
	return job_get_recv(db, a, ret, e);
}

DEFINE_STMT(job_request, "u", "j", "SELECT request FROM job WHERE id = $1");

int job_request(struct db *db, struct arena *a, struct str id, struct str *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_job_request, ARGS(A_UUID(id)), &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such job");
	*ret = row_str(&r, 0, 0, a);
	return 0;
}

DEFINE_STMT(job_brief, "u", "ttz", "SELECT project_id, state, created_at FROM job WHERE id = $1");

int job_brief_send(struct db *db, struct str id, struct err *e)
{
	return stmt_send(db, &stmt_job_brief, ARGS(A_UUID(id)), e);
}

int job_brief_recv(struct db *db, struct arena *a, struct job_brief *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	struct job_brief b = { 0 };
	int rc = stmt_recv(db, &stmt_job_brief, &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such job");
	if (job_state_of(row_raw(&r, 0, 1), &b.state) < 0)
		return err_set(e, E_INTERNAL, "the job has an unknown state");
	b.project = row_str(&r, 0, 0, a);
	b.created_at = row_time(&r, 0, 2);
	*ret = b;
	return 0;
}

DEFINE_STMT(job_list, "ttull", JOB_OUT,
	"SELECT " JOB_COLUMNS " FROM job WHERE project_id = $1 AND ($2 IS NULL OR state = $2) "
	"AND id < coalesce($3, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC OFFSET $4 LIMIT $5");
DEFINE_STMT(job_list_all, "tull", JOB_OUT,
	"SELECT " JOB_COLUMNS " FROM job WHERE ($1 IS NULL OR state = $1) "
	"AND id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY id DESC OFFSET $3 LIMIT $4");

int job_list(struct db *db, struct arena *a, const struct job_filter *f, struct job **ret, size_t *ret_n,
	     struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	const struct arg args[] = { A_STR(f->project), A_CSTR(f->state ? job_state_name(*f->state) : NULL),
		A_UUID(f->before), A_INT(f->offset), A_INT(f->limit) };
	int rc = f->project.p ? stmt_run(db, &stmt_job_list, args, ARRAY_LEN(args), &r, e) :
				stmt_run(db, &stmt_job_list_all, args + 1, ARRAY_LEN(args) - 1, &r, e);
	if (rc < 0)
		return rc;
	struct job *at = arena_array(a, struct job, r.n);
	for (int i = 0; i < r.n; i++)
		if ((rc = read_job(&r, i, a, &at[i], e)) < 0)
			return rc;
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}

/* --- cancel, requeue --- */

/* Leases are taken before jobs, as everywhere (docs/internals/queue.md), hence the look at `l` in `u`. */
DEFINE_STMT(job_cancel, AUDIT_IN "ut", "ttot",
	"WITH l AS (DELETE FROM lease l USING job j WHERE l.job_id = $7 AND j.id = $7 "
	"AND ($8 IS NULL OR j.project_id = $8) RETURNING l.job_id), "
	"u AS (UPDATE job SET state = 'cancelled', finished_at = now(), updated_at = now() WHERE id = $7 "
	"AND state IN ('queued', 'running') AND ($8 IS NULL OR project_id = $8) AND (SELECT count(*) FROM l) >= 0 "
	"RETURNING id), "
	"n AS (SELECT pg_notify('kryfto_cancel', job_id::text)::text AS sent FROM l), "
	"a AS (" AUDIT_FROM("u", "job.cancel", "job", "id::text") ") "
	"SELECT project_id, state, EXISTS (SELECT FROM u), (SELECT sent FROM n) FROM job WHERE id = $7");
/* A claim that committed while the cancel was waiting for the job's row leaves a lease behind. */
DEFINE_STMT(job_cancel_lease, "u", "t",
	"WITH l AS (DELETE FROM lease l USING job j WHERE l.job_id = $1 AND j.id = $1 AND j.state = 'cancelled' "
	"RETURNING l.job_id) SELECT pg_notify('kryfto_cancel', job_id::text)::text FROM l");

int job_cancel(struct db *db, struct arena *a, struct str id, struct str project, const struct audit *who,
	       struct job_cancelled *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	struct job_cancelled c = { 0 };
	stmt_send(db, &stmt_job_cancel, ARGS(AUDIT_ARGS(who), A_UUID(id), A_STR(project)), NULL);
	db_sync(db, NULL);
	stmt_send(db, &stmt_job_cancel_lease, ARGS(A_UUID(id)), NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, &stmt_job_cancel, &r, e);
	stmt_recv_none(db, &stmt_job_cancel_lease, NULL); /* without it the lease runs out by itself */
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such job");
	c.project = row_str(&r, 0, 0, a);
	c.done = row_bool(&r, 0, 2);
	if (job_state_of(row_raw(&r, 0, 1), &c.before) < 0)
		return err_set(e, E_INTERNAL, "the job has an unknown state");
	c.state = c.done ? JOB_CANCELLED : c.before;
	*ret = c;
	return 0;
}

DEFINE_STMT(job_requeue, AUDIT_IN "u", "uo",
	"WITH d AS (DELETE FROM dead_letter WHERE job_id = $7), "
	"l AS (DELETE FROM lease l USING job j WHERE l.job_id = $7 AND j.id = $7 AND j.state <> 'running' RETURNING "
	"1), "
	"u AS (UPDATE job SET state = 'queued', attempts = 0, started_at = NULL, finished_at = NULL, updated_at = "
	"now(), "
	"error_code = NULL, error_message = NULL "
	"WHERE id = $7 AND state IN ('failed', 'cancelled', 'expired') AND (SELECT count(*) FROM l) >= 0 "
	"RETURNING id, queue, priority), "
	"r AS (INSERT INTO ready (job_id, queue, priority) SELECT id, queue, priority FROM u), "
	"a AS (" AUDIT_FROM(
		"u", "job.requeue", "job", "id::text") ") "
						       "SELECT id, EXISTS (SELECT FROM u) FROM job WHERE id = $7");

int job_requeue(struct db *db, struct str id, const struct audit *who, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	stmt_send(db, &stmt_job_requeue, ARGS(AUDIT_ARGS(who), A_UUID(id)), NULL);
	db_sync(db, NULL);
	stmt_send(db, &stmt_job_wake, NULL, 0, NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, &stmt_job_requeue, &r, e);
	stmt_recv_none(db, &stmt_job_wake, NULL);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such job");
	if (!row_bool(&r, 0, 1))
		return err_set(e, E_CONFLICT, "only failed, cancelled and expired jobs can be queued again");
	return 0;
}
