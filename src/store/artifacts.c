/* Artifacts and their download tokens. */
#include "base/first.h"
#include "crypto/digest.h"
#include "store/artifacts.h"
#include "store/stmt.h"

#define ARTIFACT_COLUMNS "id, job_id, project_id, type, file_name, content_type, byte_size, sha256, created_at"
#define ARTIFACT_OUT "uutttt" "lbz"

static void read_artifact(const struct rows *r, int i, struct arena *a, struct artifact *ret)
{
	*ret = (struct artifact){
		.project = row_str(r, i, 2, a),
		.type = row_str(r, i, 3, a),
		.file_name = row_str(r, i, 4, a),
		.content_type = row_str(r, i, 5, a),
		.byte_size = row_int(r, i, 6),
		.created_at = row_time(r, i, 8),
	};
	row_uuid(r, i, 0, ret->id);
	row_uuid(r, i, 1, ret->job_id);
	row_sha256(r, i, 7, ret->sha256);
}

/* Tokens are made by the server, where the number of artifacts is known, and only their hashes are kept. Losing
 * some in a crash of the server costs the client one more listing: no waiting for the disk. */
DEFINE_STMT(artifact_list, "utl", ARTIFACT_OUT "uz",
	"WITH a AS MATERIALIZED (SELECT *, gen_random_uuid() AS token, now() + $3 * interval '1 microsecond' AS until "
	"FROM artifact WHERE job_id = $1 AND ($2 IS NULL OR project_id = $2)), "
	"t AS (INSERT INTO download_token (sha256, artifact_id, expires_at) "
	"SELECT sha256(convert_to(token::text, 'UTF8')), id, until FROM a "
	"WHERE set_config('synchronous_commit', 'off', true) = 'off') "
	"SELECT " ARTIFACT_COLUMNS ", token, until FROM a ORDER BY ordinal DESC");

int artifact_list_send(struct db *db, struct str job_id, struct str project, usec_t token_ttl, struct err *e)
{
	return stmt_send(db, &stmt_artifact_list, ARGS(A_UUID(job_id), A_STR(project), A_INT(token_ttl)), e);
}

int artifact_list_recv(struct db *db, struct arena *a, struct artifact **ret, size_t *ret_n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_artifact_list, &r, e);
	if (rc < 0)
		return rc;
	struct artifact *at = arena_array(a, struct artifact, r.n);
	for (int i = 0; i < r.n; i++) {
		read_artifact(&r, i, a, &at[i]);
		row_uuid(&r, i, 9, at[i].download_token);
		at[i].download_token_expires_at = row_time(&r, i, 10);
	}
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}

int artifact_list(struct db *db, struct arena *a, struct str job_id, struct str project, usec_t token_ttl,
		  struct artifact **ret, size_t *ret_n, struct err *e)
{
	artifact_list_send(db, job_id, project, token_ttl, NULL);
	db_sync(db, NULL);
	return artifact_list_recv(db, a, ret, ret_n, e);
}

DEFINE_STMT(artifact_get, "u", ARTIFACT_OUT, "SELECT " ARTIFACT_COLUMNS " FROM artifact WHERE id = $1");

int artifact_get_send(struct db *db, struct str id, struct err *e)
{
	return stmt_send(db, &stmt_artifact_get, ARGS(A_UUID(id)), e);
}

int artifact_get_recv(struct db *db, struct arena *a, struct artifact *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_artifact_get, &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such artifact");
	read_artifact(&r, 0, a, ret);
	return 0;
}

int artifact_get(struct db *db, struct arena *a, struct str id, struct artifact *ret, struct err *e)
{
	artifact_get_send(db, id, NULL);
	db_sync(db, NULL);
	return artifact_get_recv(db, a, ret, e);
}

DEFINE_STMT(artifact_by_token, "ub", ARTIFACT_OUT,
	"SELECT a.id, a.job_id, a.project_id, a.type, a.file_name, a.content_type, a.byte_size, a.sha256, a.created_at "
	"FROM download_token t JOIN artifact a ON a.id = t.artifact_id "
	"WHERE a.id = $1 AND t.sha256 = $2 AND t.expires_at > now()");

int artifact_by_token(struct db *db, struct arena *a, struct str id, struct str token, struct artifact *ret,
		      struct err *e)
{
	uint8_t hash[SHA256_LEN];
	_cleanup_rows_ struct rows r = { 0 };
	sha256(token, hash);
	int rc = stmt_run(db, &stmt_artifact_by_token, ARGS(A_UUID(id), A_BYTES(hash, sizeof hash)), &r, e);
	if (rc == E_NOTFOUND || (rc == 0 && !r.n))
		return err_set(e, E_UNAUTH, "the download token is unknown, expired or of another artifact");
	if (rc < 0)
		return rc;
	read_artifact(&r, 0, a, ret);
	return 0;
}
