/* Crawls for their owners. */
#include "base/first.h"
#include "crypto/digest.h"
#include "store/audit_sql.h"
#include "store/crawls.h"

static const char *const state_names[] = { "queued", "running", "succeeded", "failed", "cancelled" };

const char *crawl_state_name(enum crawl_state s)
{
	return (size_t)s < ARRAY_LEN(state_names) ? state_names[s] : "unknown";
}

int crawl_state_of(struct str s, enum crawl_state *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(state_names); i++)
		if (str_is(s, state_names[i])) {
			*ret = (enum crawl_state)i;
			return 0;
		}
	return E_INVALID;
}

struct crawl_key crawl_key(struct str canonical)
{
	uint8_t digest[SHA256_LEN];
	struct crawl_key k;
	sha256(canonical, digest);
	memcpy(&k.k1, digest, sizeof k.k1);
	memcpy(&k.k2, digest + sizeof k.k1, sizeof k.k2);
	return k;
}

/* $7 id, project, family, seed, request, $12 request id, max pages, host, k1, k2, $17 url */
DEFINE_STMT(crawl_create, AUDIT_IN "utttjtitllt", "u",
	"WITH c AS (INSERT INTO crawl (id, project_id, family, seed, request, request_id, max_pages) "
	"VALUES ($7, $8, $9, $10, $11, $12, $13) RETURNING id), "
	"k AS (INSERT INTO crawl_count (crawl_id, admitted, seen) SELECT id, 1, 1 FROM c), "
	"u AS (INSERT INTO crawl_url (crawl_id, k1, k2, seq, depth, state, url) SELECT id, $15, $16, 1, 0, 0, $17 "
	"FROM c), "
	"h AS (INSERT INTO crawl_host AS h (host, pending) VALUES ($14, 1) "
	"ON CONFLICT (host) DO UPDATE SET pending = h.pending + 1 RETURNING id), "
	"f AS (INSERT INTO crawl_ready (id, host_id, crawl_id, k1, k2, prio, depth, hops, attempt, url) "
	"SELECT nextval('crawl_ready_id'), h.id, c.id, $15, $16, 0, 0, 0, 0, $17 FROM h, c), "
	"a AS (" AUDIT_FROM("c", "crawl.create", "crawl", "id::text") ") "
	"SELECT id FROM c");

int crawl_create(struct db *db, const struct crawl_new *n, const struct audit *who, char ret_id[UUID_LEN + 1],
		 struct err *e)
{
	char id[UUID_LEN + 1];
	stmt_send(db, &stmt_crawl_create,
		ARGS(AUDIT_ARGS(who), A_UUID(str_of(uuid_v7(id))), A_STR(n->project),
			A_CSTR(token_family_name(n->family)), A_STR(n->seed), A_STR(n->request), A_STR(n->request_id),
			A_INT(n->max_pages), A_STR(n->host), A_INT(n->key.k1), A_INT(n->key.k2), A_STR(n->seed_url)),
		NULL);
	db_sync(db, NULL);
	stmt_send(db, &stmt_job_wake, NULL, 0, NULL);
	db_sync(db, NULL);
	int rc = stmt_recv_none(db, &stmt_crawl_create, e);
	stmt_recv_none(db, &stmt_job_wake, NULL); /* the poll interval stands behind it */
	if (rc == 0)
		memcpy(ret_id, id, sizeof id);
	return rc;
}

/* What waits is what was admitted and has neither ended nor is leased. */
#define CRAWL_COLUMNS                                                                                                  \
	"c.id, c.project_id, c.seed, c.error_message, c.state, k.admitted - k.succeeded - k.failed, "                  \
	"(SELECT count(*) FROM crawl_lease l WHERE l.crawl_id = c.id), k.succeeded, k.failed, k.pages, k.skipped, "    \
	"c.created_at, c.updated_at, c.started_at, c.finished_at"
#define CRAWL_OUT "utttt" "llllll" "zzzz"

static int read_crawl(const struct rows *r, int i, struct arena *a, struct crawl *ret, struct err *e)
{
	struct crawl c = {
		.project = row_str(r, i, 1, a),
		.seed = row_str(r, i, 2, a),
		.error_message = row_str(r, i, 3, a),
		.running = row_int(r, i, 6),
		.succeeded = row_int(r, i, 7),
		.failed = row_int(r, i, 8),
		.pages = row_int(r, i, 9),
		.skipped = row_int(r, i, 10),
		.created_at = row_time(r, i, 11),
		.updated_at = row_time(r, i, 12),
		.started_at = row_time(r, i, 13),
		.finished_at = row_time(r, i, 14),
	};
	row_uuid(r, i, 0, c.id);
	if (crawl_state_of(row_raw(r, i, 4), &c.state) < 0)
		return err_set(e, E_INTERNAL, "the crawl has an unknown state");
	if (c.state <= CRAWL_RUNNING)
		c.queued = MAX(row_int(r, i, 5) - c.running, 0);
	*ret = c;
	return 0;
}

DEFINE_STMT(crawl_get, "u", CRAWL_OUT,
	"SELECT " CRAWL_COLUMNS " FROM crawl c JOIN crawl_count k ON k.crawl_id = c.id WHERE c.id = $1");

int crawl_get(struct db *db, struct arena *a, struct str id, struct crawl *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_crawl_get, ARGS(A_UUID(id)), &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such crawl");
	return read_crawl(&r, 0, a, ret, e);
}

DEFINE_STMT(crawl_list, "tll", CRAWL_OUT,
	"SELECT " CRAWL_COLUMNS " FROM crawl c JOIN crawl_count k ON k.crawl_id = c.id WHERE c.project_id = $1 "
	"ORDER BY c.id DESC OFFSET $2 LIMIT $3");

int crawl_list(struct db *db, struct arena *a, struct str project, int64_t offset, int64_t limit, struct crawl **ret,
	       size_t *ret_n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_crawl_list, ARGS(A_STR(project), A_INT(offset), A_INT(limit)), &r, e);
	if (rc < 0)
		return rc;
	struct crawl *at = arena_array(a, struct crawl, r.n);
	for (int i = 0; i < r.n; i++)
		if ((rc = read_crawl(&r, i, a, &at[i], e)) < 0)
			return rc;
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}

DEFINE_STMT(crawl_totals, "t", "ll",
	"SELECT count(*), count(*) FILTER (WHERE state IN ('queued', 'running')) FROM crawl WHERE project_id = $1");

int crawl_totals(struct db *db, struct str project, int64_t *ret_all, int64_t *ret_live, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_crawl_totals, ARGS(A_STR(project)), &r, e);
	if (rc < 0)
		return rc;
	*ret_all = row_int(&r, 0, 0);
	*ret_live = row_int(&r, 0, 1);
	return 0;
}

/* The state of the crawl is set first; what an acknowledgement does meanwhile waits for it or comes to nothing. */
DEFINE_STMT(crawl_cancel, AUDIT_IN "ut", "to",
	"WITH u AS (UPDATE crawl SET state = 'cancelled', finished_at = now(), updated_at = now() "
	"WHERE id = $7 AND project_id = $8 AND state IN ('queued', 'running') RETURNING id), "
	"a AS (" AUDIT_FROM("u", "crawl.cancel", "crawl", "id::text") ") "
	"SELECT state, EXISTS (SELECT FROM u) FROM crawl WHERE id = $7 AND project_id = $8");
/* Runs behind its commit, so that it sees every row that was added before. */
DEFINE_STMT(crawl_empty, "u", "l",
	"WITH c AS (SELECT id FROM crawl WHERE id = $1 AND state = 'cancelled'), "
	"l AS (DELETE FROM crawl_lease l USING c WHERE l.crawl_id = c.id RETURNING l.host_id), "
	"f AS (DELETE FROM crawl_ready f USING c WHERE f.crawl_id = c.id RETURNING f.host_id), "
	"t AS (SELECT host_id, sum(run) AS run, sum(wait) AS wait FROM (SELECT host_id, 1 AS run, 0 AS wait FROM l "
	"UNION ALL SELECT host_id, 0, 1 FROM f) x GROUP BY host_id), "
	"h AS (UPDATE crawl_host h SET inflight = greatest(h.inflight - t.run, 0), "
	"pending = greatest(h.pending - t.wait, 0) FROM t WHERE h.id = t.host_id) "
	"SELECT count(*) FROM t");

int crawl_cancel(struct db *db, struct str id, struct str project, const struct audit *who,
		 enum crawl_state *ret_state, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	stmt_send(db, &stmt_crawl_cancel, ARGS(AUDIT_ARGS(who), A_UUID(id), A_STR(project)), NULL);
	db_sync(db, NULL);
	stmt_send(db, &stmt_crawl_empty, ARGS(A_UUID(id)), NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, &stmt_crawl_cancel, &r, e);
	stmt_recv_none(db, &stmt_crawl_empty, NULL); /* what stays behind is dropped by claims */
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such crawl");
	if (row_bool(&r, 0, 1))
		*ret_state = CRAWL_CANCELLED;
	else if (crawl_state_of(row_raw(&r, 0, 0), ret_state) < 0)
		return err_set(e, E_INTERNAL, "the crawl has an unknown state");
	return 0;
}
