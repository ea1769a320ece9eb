/* Acknowledging a batch: everything a finished job leaves behind, in one fenced transaction. */
#include "base/first.h"
#include "base/fault.h"
#include "base/map.h"
#include "store/queue.h"
#include "store/stmt.h"

/* $1.. outcomes: id, lease, kind, summary, code, message, delay, host, elapsed;
 * $10.. artifacts: job, id, ordinal, type, file, content type, bytes, sha256.
 * The lease rows that could be deleted are those still ours; everything else follows from them. Blobs go in by
 * order of their hash, so that two batches with the same new blobs cannot deadlock; one that is there is marked as
 * fresh once an hour, so that upkeep does not take it away under our hands. */
DEFINE_STMT(queue_finish,
	"ULITTTLTL"
	"UUITTTLB",
	"utt",
	"WITH x AS (SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) "
	"AS x (id, no, kind, result, code, message, delay, host, elapsed)), "
	"l AS (DELETE FROM lease l USING x WHERE l.job_id = x.id AND l.lease_no = x.no "
	"AND set_config('synchronous_commit', 'on', true) = 'on' RETURNING l.job_id), "
	"u AS (UPDATE job j SET state = CASE WHEN x.kind = 0 THEN 'succeeded' "
	"WHEN x.kind = 2 AND j.attempts < j.max_attempts THEN 'queued' ELSE 'failed' END, "
	"result_summary = CASE WHEN x.kind = 2 AND j.attempts < j.max_attempts THEN NULL ELSE x.result::json END, "
	"error_code = CASE WHEN x.kind <> 0 THEN x.code END, error_message = CASE WHEN x.kind <> 0 THEN x.message END, "
	"finished_at = CASE WHEN x.kind = 2 AND j.attempts < j.max_attempts THEN NULL ELSE now() END, "
	"updated_at = now(), host = coalesce(x.host, j.host), elapsed_us = x.elapsed "
	"FROM l JOIN x ON x.id = l.job_id WHERE j.id = l.job_id AND j.state = 'running' "
	"RETURNING j.id, j.state, j.project_id, j.queue, j.priority, j.attempts, j.error_code, j.request_id, x.delay, "
	"x.kind), "
	"d AS (INSERT INTO delayed (run_at, job_id, queue, priority) "
	"SELECT now() + delay * interval '1 microsecond', id, queue, priority FROM u WHERE state = 'queued' AND delay "
	"> 0), "
	"r AS (INSERT INTO ready (job_id, queue, priority) SELECT id, queue, priority FROM u "
	"WHERE state = 'queued' AND delay <= 0), "
	"m AS (INSERT INTO dead_letter (job_id, attempts, project_id, error_code) "
	"SELECT id, attempts, project_id, coalesce(error_code, 'UNKNOWN') FROM u WHERE state = 'failed' AND kind = 2 "
	"ON CONFLICT (job_id) DO UPDATE SET died_at = now(), attempts = excluded.attempts, error_code = "
	"excluded.error_code), "
	"f AS (SELECT f.*, u.project_id FROM unnest($10, $11, $12, $13, $14, $15, $16, $17) "
	"AS f (job_id, id, ordinal, type, file_name, content_type, byte_size, sha256) "
	"JOIN u ON u.id = f.job_id AND u.state <> 'queued'), "
	"b AS (INSERT INTO blob AS b (sha256, byte_size) SELECT DISTINCT ON (sha256) sha256, byte_size FROM f ORDER BY "
	"sha256 "
	"ON CONFLICT (sha256) DO UPDATE SET created_at = now() WHERE b.created_at < now() - interval '1 hour'), "
	"t AS (INSERT INTO artifact (id, job_id, byte_size, ordinal, sha256, project_id, type, file_name, "
	"content_type) "
	"SELECT id, job_id, byte_size, ordinal + coalesce((SELECT max(a.ordinal) FROM artifact a "
	"WHERE a.job_id = f.job_id), 0), sha256, project_id, type, file_name, content_type FROM f), "
	"g AS (INSERT INTO audit_log (project_id, actor_role, request_id, action, resource_type, resource_id) "
	"SELECT project_id, 'system', request_id, 'job.update.' || state, 'job', id::text FROM u WHERE state <> "
	"'queued') "
	"SELECT x.id, u.state, j.state FROM x LEFT JOIN u ON u.id = x.id LEFT JOIN job j ON j.id = x.id");

struct flat_artifact {
	char job[UUID_LEN + 1], id[UUID_LEN + 1];
	int32_t ordinal;
	const struct artifact_new *a;
	struct str type, file_name, content_type;
	int64_t byte_size;
	uint8_t sha256[32];
};

/* All artifacts of the batch side by side. */
static size_t flatten(const struct outcome *at, size_t n, struct flat_artifact **ret)
{
	size_t total = 0, k = 0;
	for (size_t i = 0; i < n; i++)
		total += at[i].artifact_n;
	struct flat_artifact *flat = xcalloc(total + 1, sizeof *flat);
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < at[i].artifact_n; j++) {
			const struct artifact_new *a = &at[i].artifacts[j];
			struct flat_artifact *f = &flat[k++];
			*f = (struct flat_artifact){ .ordinal = (int32_t)j + 1,
				.type = a->type,
				.file_name = a->file_name,
				.content_type = a->content_type,
				.byte_size = a->byte_size };
			memcpy(f->job, at[i].lease.id, sizeof f->job);
			if (a->id.p)
				str_copy(f->id, sizeof f->id, a->id);
			else
				uuid_v7(f->id);
			memcpy(f->sha256, a->sha256, sizeof f->sha256);
		}
	}
	*ret = flat;
	return total;
}

int queue_finish_send(struct db *db, const struct outcome *at, size_t n, struct err *e)
{
	_cleanup_(freep) struct flat_artifact *f = NULL;
	size_t fn = flatten(at, n, &f);
	/* enum members are ints; the list reader takes int32_t */
	_Static_assert(sizeof(at->kind) == sizeof(int32_t), "enum size");
	return stmt_send(db, &stmt_queue_finish,
		ARGS(A_LIST(OF_ID, at, n, lease.id), A_LIST(OF_I64, at, n, lease.lease_no), A_LIST(OF_I32, at, n, kind),
			A_LIST(OF_STR, at, n, result_summary), A_LIST(OF_STR, at, n, error_code),
			A_LIST(OF_STR, at, n, error_message), A_LIST(OF_I64, at, n, delay), A_LIST(OF_STR, at, n, host),
			A_LIST(OF_I64, at, n, elapsed), A_LIST(OF_ID, f, fn, job), A_LIST(OF_ID, f, fn, id),
			A_LIST(OF_I32, f, fn, ordinal), A_LIST(OF_STR, f, fn, type), A_LIST(OF_STR, f, fn, file_name),
			A_LIST(OF_STR, f, fn, content_type), A_LIST(OF_I64, f, fn, byte_size),
			A_LIST(OF_SHA256, f, fn, sha256)),
		e);
}

/* Column 1 is the new state where the lease held; column 2 the state before, or of whoever has the job now. */
static int read_finished(const struct rows *r, int row, struct finished *ret)
{
	struct str state = row_raw(r, row, 1);
	ret->lost = !state.p;
	if (ret->lost)
		state = row_raw(r, row, 2);
	if (!state.p) {
		ret->state = JOB_EXPIRED; /* the job itself is gone */
		return 0;
	}
	return job_state_of(state, &ret->state);
}

int queue_finish_recv(struct db *db, struct arena *a, const struct outcome *at, size_t n, struct finished **ret,
		      struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	struct map by_id;
	int rc = stmt_recv(db, &stmt_queue_finish, &r, e);
	if (rc < 0)
		return rc;
	struct finished *out = arena_array(a, struct finished, n);
	map_init(&by_id, a);
	for (size_t i = 0; i < n; i++) {
		memcpy(out[i].id, at[i].lease.id, sizeof out[i].id);
		out[i].lost = true;
		map_set(&by_id, str_of(out[i].id), &out[i]);
	}
	for (int i = 0; i < r.n; i++) {
		char id[UUID_LEN + 1];
		row_uuid(&r, i, 0, id);
		struct finished *f = map_get(&by_id, str_of(id));
		if (f && read_finished(&r, i, f) < 0)
			return err_set(e, E_INTERNAL, "the job has an unknown state");
	}
	*ret = out;
	return 0;
}

int queue_finish(struct db *db, struct arena *a, const struct outcome *at, size_t n, struct finished **ret,
		 struct err *e)
{
	if (FAULT("store.finish"))
		return err_set(e, E_UNAVAIL, "fault point");
	queue_finish_send(db, at, n, NULL);
	db_sync(db, NULL);
	return queue_finish_recv(db, a, at, n, ret, e);
}
