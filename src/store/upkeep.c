/* Partitions and retention. */
#include "base/first.h"
#include "base/enc.h"
#include "store/stmt.h"
#include "store/upkeep.h"

DEFINE_STMT(upkeep_make_partitions, "", "i", "SELECT ensure_partitions()");
DEFINE_STMT(upkeep_drop_partitions, "tl", "i", "SELECT drop_partitions($1, now() - $2 * interval '1 microsecond')");

/* $1: smallest id of the time before which jobs are too young to look at; ids are in order of time. */
DEFINE_STMT(upkeep_jobs, "ull", "l",
	"WITH x AS (SELECT id FROM job WHERE id < $1 AND finished_at < now() - $2 * interval '1 microsecond' "
	"ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED), "
	"a AS (DELETE FROM artifact USING x WHERE artifact.job_id = x.id), "
	"m AS (DELETE FROM dead_letter USING x WHERE dead_letter.job_id = x.id), "
	"j AS (DELETE FROM job USING x WHERE job.id = x.id RETURNING 1) SELECT count(*) FROM j");
/* What is old lies at the front of these tables, so the scan soon finds a batch; only the last pass reads them whole.
 * That is cheaper than an index that every request would have to write. */
DEFINE_STMT(upkeep_download_tokens, "l", "l",
	"WITH d AS (DELETE FROM download_token WHERE ctid = ANY (ARRAY(SELECT ctid FROM download_token "
	"WHERE expires_at < now() LIMIT $1)) RETURNING 1) SELECT count(*) FROM d");
DEFINE_STMT(upkeep_idempotency, "l", "l",
	"WITH d AS (DELETE FROM idempotency WHERE ctid = ANY (ARRAY(SELECT ctid FROM idempotency "
	"WHERE expires_at < now() LIMIT $1)) RETURNING 1) SELECT count(*) FROM d");
DEFINE_STMT(upkeep_tokens, "ll", "l",
	"WITH d AS (DELETE FROM api_token WHERE id IN (SELECT id FROM api_token "
	"WHERE least(revoked_at, expires_at) < now() - $1 * interval '1 microsecond' LIMIT $2) RETURNING 1) "
	"SELECT count(*) FROM d");

/* The version 7 uuid that sorts before all of the given time on. */
static void uuid_floor(usec_t t, char out[UUID_LEN + 1])
{
	uint64_t ms = (uint64_t)(MAX(t, 0) / USEC_PER_MS);
	snprintf(out, UUID_LEN + 1, "%08x-%04x-7000-8000-000000000000", (unsigned)(ms >> 16), (unsigned)(ms & 0xffff));
}

static int count(struct db *db, const struct stmt *s, const struct arg *args, size_t n, int64_t *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, s, args, n, &r, e);
	if (rc == 0)
		*ret += row_int(&r, 0, 0);
	return rc;
}

/* A partition that is in use is left for the next pass. */
static int drop_old(struct db *db, const char *parent, usec_t keep, int64_t *ret, struct err *e)
{
	if (!keep)
		return 0;
	int rc = count(db, &stmt_upkeep_drop_partitions, ARGS(A_CSTR(parent), A_INT(keep)), ret, e);
	return rc == E_TIMEOUT ? 0 : rc;
}

int upkeep_run(struct db *db, const struct retention *k, int64_t batch, struct upkept *ret, struct err *e)
{
	struct upkept u = { 0 };
	char below[UUID_LEN + 1];
	int rc = count(db, &stmt_upkeep_make_partitions, NULL, 0, &u.partitions_made, e);
	if (rc == E_TIMEOUT)
		rc = 0;
	if (rc == 0)
		rc = drop_old(db, "job_log", k->logs, &u.partitions_dropped, e);
	if (rc == 0)
		rc = drop_old(db, "audit_log", k->audit, &u.partitions_dropped, e);
	uuid_floor(clock_real() - k->jobs, below);
	if (rc == 0 && k->jobs)
		rc = count(
			db, &stmt_upkeep_jobs, ARGS(A_UUID(str_of(below)), A_INT(k->jobs), A_INT(batch)), &u.jobs, e);
	if (rc == 0)
		rc = count(db, &stmt_upkeep_download_tokens, ARGS(A_INT(batch)), &u.download_tokens, e);
	if (rc == 0)
		rc = count(db, &stmt_upkeep_idempotency, ARGS(A_INT(batch)), &u.idempotency, e);
	if (rc == 0 && k->tokens)
		rc = count(db, &stmt_upkeep_tokens, ARGS(A_INT(k->tokens), A_INT(batch)), &u.tokens, e);
	if (rc == 0)
		*ret = u;
	return rc;
}

/* The foreign key of `artifact` refuses what got its first reference meanwhile: then the batch is tried again. */
DEFINE_STMT(upkeep_blobs, "ll", "bl",
	"DELETE FROM blob WHERE sha256 IN (SELECT sha256 FROM blob b "
	"WHERE created_at < now() - $1 * interval '1 microsecond' AND NOT EXISTS (SELECT FROM artifact a "
	"WHERE a.sha256 = b.sha256) AND NOT EXISTS (SELECT FROM crawl_page p "
	"WHERE p.html_sha256 = b.sha256) LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING sha256, byte_size");

int upkeep_blobs(struct db *db, struct arena *a, usec_t grace, int64_t limit, struct blob_ref **ret, size_t *ret_n,
		 struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_upkeep_blobs, ARGS(A_INT(grace), A_INT(limit)), &r, e);
	if (rc == E_NOTFOUND)
		return err_set(e, E_AGAIN, "a blob came into use");
	if (rc < 0)
		return rc;
	struct blob_ref *at = arena_array(a, struct blob_ref, r.n);
	for (int i = 0; i < r.n; i++) {
		row_sha256(&r, i, 0, at[i].sha256);
		at[i].byte_size = row_int(&r, i, 1);
	}
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}
