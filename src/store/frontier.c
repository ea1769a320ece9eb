/* The frontier: claims, leases, the dead. */
#include "base/first.h"
#include "store/frontier.h"
#include "store/stmt.h"

/* $1 worker, $2 hosts at most, $3 lease in us. A host without a row to give has a wrong count: it is set right. Rows of
 * crawls that have ended go without a trace. */
DEFINE_STMT(frontier_claim, "tll", "lllulliiitttjt",
	"WITH h AS (SELECT id, host FROM crawl_host WHERE pending > 0 AND inflight < max_inflight AND next_at <= now() "
	"ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED), "
	"u AS (SELECT r.host_id, r.prio, r.id FROM h CROSS JOIN LATERAL (SELECT f.host_id, f.prio, f.id "
	"FROM crawl_ready f WHERE f.host_id = h.id ORDER BY f.prio, f.id LIMIT 1) r), "
	"d AS (DELETE FROM crawl_ready f USING u WHERE f.host_id = u.host_id AND f.prio = u.prio AND f.id = u.id "
	"RETURNING f.*), "
	"v AS (SELECT d.*, c.request, c.seed, c.state FROM d JOIN crawl c ON c.id = d.crawl_id "
	"WHERE c.state IN ('queued', 'running')), "
	"l AS (INSERT INTO crawl_lease (id, lease_no, host_id, crawl_id, k1, k2, expires_at, prio, depth, hops, "
	"attempt, "
	"worker, url) SELECT id, nextval('lease_no'), host_id, crawl_id, k1, k2, now() + $3 * interval '1 "
	"microsecond', "
	"prio, depth, hops, attempt + 1, $1, url FROM v RETURNING id, lease_no, attempt), "
	"c AS (UPDATE crawl SET state = 'running', started_at = coalesce(started_at, now()), updated_at = now() "
	"WHERE id IN (SELECT crawl_id FROM v WHERE v.state = 'queued') AND state = 'queued'), "
	"t AS (UPDATE crawl_host t SET inflight = t.inflight + (v.id IS NOT NULL)::int, "
	"pending = CASE WHEN d.id IS NULL THEN 0 ELSE t.pending - 1 END "
	"FROM h LEFT JOIN d ON d.host_id = h.id LEFT JOIN v ON v.id = d.id WHERE t.id = h.id) "
	"SELECT (SELECT count(*) FROM h), l.id, l.lease_no, v.crawl_id, v.k1, v.k2, v.depth::int, v.hops::int, "
	"l.attempt::int, v.url, h.host, v.seed, v.request, set_config('synchronous_commit', 'off', true) "
	"FROM (VALUES (1)) one LEFT JOIN (l JOIN v USING (id) JOIN h ON h.id = v.host_id) ON true "
	"ORDER BY v.id");
DEFINE_STMT(frontier_due, "", "l",
	"SELECT (extract(epoch FROM next_at - now()) * 1000000)::bigint FROM crawl_host "
	"WHERE pending > 0 AND inflight < max_inflight ORDER BY next_at LIMIT 1");

int frontier_claim_send(struct db *db, struct str worker, int64_t max, usec_t lease, struct err *e)
{
	stmt_send(db, &stmt_frontier_claim, ARGS(A_STR(worker), A_INT(max), A_INT(lease)), NULL);
	return stmt_send(db, &stmt_frontier_due, NULL, 0, e);
}

static void read_claimed(const struct rows *r, int i, struct arena *a, struct visit_claimed *ret)
{
	*ret = (struct visit_claimed){
		.lease = { row_int(r, i, 1), row_int(r, i, 2) },
		.key = { row_int(r, i, 4), row_int(r, i, 5) },
		.depth = (int32_t)row_int(r, i, 6),
		.hops = (int32_t)row_int(r, i, 7),
		.attempt = (int32_t)row_int(r, i, 8),
		.url = row_str(r, i, 9, a),
		.host = row_str(r, i, 10, a),
		.seed = row_str(r, i, 11, a),
		.request = row_str(r, i, 12, a),
	};
	row_uuid(r, i, 3, ret->crawl);
}

int frontier_claim_recv(struct db *db, struct arena *a, struct visit_claimed **ret, size_t *ret_n, usec_t *ret_due,
			struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 }, due = { 0 };
	int rc = stmt_recv(db, &stmt_frontier_claim, &r, e);
	int rc2 = stmt_recv(db, &stmt_frontier_due, &due, rc ? NULL : e);
	if (rc < 0 || rc2 < 0)
		return rc < 0 ? rc : rc2;
	struct visit_claimed *at = arena_array(a, struct visit_claimed, r.n);
	size_t n = 0;
	for (int i = 0; i < r.n && !row_null(&r, i, 1); i++)
		read_claimed(&r, i, a, &at[n++]);
	*ret = at;
	*ret_n = n;
	*ret_due = due.n ? MAX(row_int(&due, 0, 0), 0) : INT64_MAX;
	return 0;
}

DEFINE_STMT(frontier_beat, "LLl", "llt",
	"WITH x AS (SELECT * FROM unnest($1, $2) AS x (id, no)), "
	"u AS (UPDATE crawl_lease l SET expires_at = now() + $3 * interval '1 microsecond' FROM x "
	"WHERE l.id = x.id AND l.lease_no = x.no RETURNING l.id) "
	"SELECT x.id, x.no, set_config('synchronous_commit', 'off', true) FROM x "
	"WHERE NOT EXISTS (SELECT FROM u WHERE u.id = x.id)");

int frontier_beat_send(struct db *db, const struct visit_lease *at, size_t n, usec_t lease, struct err *e)
{
	return stmt_send(db, &stmt_frontier_beat,
		ARGS(A_LIST(OF_I64, at, n, id), A_LIST(OF_I64, at, n, no), A_INT(lease)), e);
}

static struct visit_lease *read_leases(const struct rows *r, struct arena *a)
{
	struct visit_lease *at = arena_array(a, struct visit_lease, r->n);
	for (int i = 0; i < r->n; i++)
		at[i] = (struct visit_lease){ row_int(r, i, 0), row_int(r, i, 1) };
	return at;
}

int frontier_beat_recv(struct db *db, struct arena *a, struct visit_lease **ret_lost, size_t *ret_n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_frontier_beat, &r, e);
	if (rc < 0)
		return rc;
	*ret_lost = read_leases(&r, a);
	*ret_n = (size_t)r.n;
	return 0;
}

/* --- acknowledging --- */

#define OURS "JOIN crawl_lease l ON l.id = x.id AND l.lease_no = x.no "

/* Holds what the rest of the transaction is about: the leases that are ours, then the counters of their crawls. */
DEFINE_STMT(frontier_lock, "LL", "lt",
	"SELECT l.id, set_config('synchronous_commit', 'off', true) FROM unnest($1, $2) AS x (id, no) " OURS
	"ORDER BY l.id FOR UPDATE OF l");
DEFINE_STMT(frontier_lock_count, "LL", "u",
	"SELECT k.crawl_id FROM crawl_count k WHERE k.crawl_id IN (SELECT l.crawl_id FROM unnest($1, $2) AS x (id, "
	"no) " OURS ") ORDER BY k.crawl_id FOR UPDATE");

/* $1.. id, lease, status, bytes, elapsed, $6.. has html, html, url, type, title, $11 metadata, extracted. Blobs in the
 * order of their hash, as in queue_finish. */
DEFINE_STMT(frontier_pages, "LLILLIBTTTTT", "",
	"WITH x AS (SELECT x.*, l.crawl_id, l.k1, l.k2, l.depth FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
	"$11, "
	"$12) AS x (id, no, status, bytes, elapsed, has, html, url, type, title, metadata, extracted) " OURS
	"WHERE x.status > 0), "
	"b AS (INSERT INTO blob AS b (sha256, byte_size) SELECT DISTINCT ON (html) html, bytes FROM x WHERE has = 1 "
	"ORDER BY html ON CONFLICT (sha256) DO UPDATE SET created_at = now() "
	"WHERE b.created_at < now() - interval '1 hour') "
	"INSERT INTO crawl_page AS p (crawl_id, k1, k2, byte_size, elapsed_us, status, depth, html_sha256, url, "
	"content_type, title, metadata, extracted) "
	"SELECT crawl_id, k1, k2, bytes, elapsed, status, depth, CASE WHEN has = 1 THEN html END, url, type, title, "
	"metadata::json, extracted::json FROM x "
	"ON CONFLICT (crawl_id, k1, k2) DO UPDATE SET fetched_at = now(), byte_size = excluded.byte_size, "
	"elapsed_us = excluded.elapsed_us, status = excluded.status, html_sha256 = excluded.html_sha256, "
	"content_type = excluded.content_type, title = excluded.title, metadata = excluded.metadata, "
	"extracted = excluded.extracted");

/* $3 kinds, $4 statuses. */
DEFINE_STMT(frontier_tally, "LLII", "",
	"UPDATE crawl_count k SET succeeded = k.succeeded + t.good, failed = k.failed + t.bad, "
	"pages = k.pages + t.pages, skipped = k.skipped + t.skipped, admitted = k.admitted - t.skipped "
	"FROM (SELECT l.crawl_id, count(*) FILTER (WHERE kind = 0) AS good, count(*) FILTER (WHERE kind = 1) AS bad, "
	"count(*) FILTER (WHERE kind = 2) AS skipped, count(*) FILTER (WHERE kind < 2 AND status > 0) AS pages "
	"FROM unnest($1, $2, $3, $4) AS x (id, no, kind, status) " OURS "GROUP BY l.crawl_id) t "
	"WHERE k.crawl_id = t.crawl_id");

/* $1.. lease, number, k1, k2, hops, $6 url, host, reason. Places under the cap go by order of discovery. A URL that was
 * too deep on one way and is not on another is let in after all. */
DEFINE_STMT(frontier_links, "LLLLITTT", "",
	"WITH n AS (SELECT DISTINCT ON (l.crawl_id, x.k1, x.k2) l.crawl_id, x.k1, x.k2, x.url, x.host, x.reason, "
	"x.ord, "
	"x.hops, l.depth + (x.hops = 0)::int AS depth FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY "
	"AS x (id, no, k1, k2, hops, url, host, reason, ord) " OURS
	"WHERE NOT EXISTS (SELECT FROM crawl_url u WHERE u.crawl_id = l.crawl_id AND u.k1 = x.k1 AND u.k2 = x.k2 "
	"AND NOT (u.reason IS NOT DISTINCT FROM 'depth' AND x.reason IS NULL)) "
	"ORDER BY l.crawl_id, x.k1, x.k2, x.reason IS NOT NULL, x.ord), "
	"r AS (SELECT n.*, k.seen + row_number() OVER w AS seq, CASE WHEN n.reason IS NULL AND "
	"k.admitted + count(*) FILTER (WHERE n.reason IS NULL) OVER w > c.max_pages THEN 'cap' ELSE n.reason END AS "
	"why "
	"FROM n JOIN crawl_count k ON k.crawl_id = n.crawl_id JOIN crawl c ON c.id = n.crawl_id AND c.state = "
	"'running' "
	"WINDOW w AS (PARTITION BY n.crawl_id ORDER BY n.ord)), "
	"u AS (INSERT INTO crawl_url AS u (crawl_id, k1, k2, seq, depth, state, reason, url) SELECT crawl_id, k1, k2, "
	"seq, "
	"depth, CASE WHEN why IS NULL THEN 0 ELSE 3 END, why, url FROM r ON CONFLICT (crawl_id, k1, k2) DO UPDATE "
	"SET state = excluded.state, reason = excluded.reason, depth = excluded.depth, url = excluded.url), "
	"h AS (INSERT INTO crawl_host AS h (host, pending) SELECT host, count(*) FROM r WHERE why IS NULL "
	"GROUP BY host ORDER BY host ON CONFLICT (host) DO UPDATE SET pending = h.pending + excluded.pending "
	"RETURNING id, host), "
	"f AS (INSERT INTO crawl_ready (id, host_id, crawl_id, k1, k2, prio, depth, hops, attempt, url) "
	"SELECT nextval('crawl_ready_id'), h.id, r.crawl_id, r.k1, r.k2, r.depth, r.depth, r.hops, 0, r.url "
	"FROM (SELECT * FROM r WHERE why IS NULL ORDER BY seq) r JOIN h USING (host)) "
	"UPDATE crawl_count k SET seen = k.seen + t.n, admitted = k.admitted + t.fresh, skipped = k.skipped + t.n - "
	"t.fresh "
	"FROM (SELECT crawl_id, count(*) AS n, count(*) FILTER (WHERE why IS NULL) AS fresh FROM r GROUP BY crawl_id) "
	"t "
	"WHERE k.crawl_id = t.crawl_id");

/* $3 kinds, $4 delays, $5 reasons. */
DEFINE_STMT(frontier_end, "LLILT", "llu",
	"WITH l AS (DELETE FROM crawl_lease l USING unnest($1, $2, $3, $4, $5) AS x (id, no, kind, delay, reason) "
	"WHERE l.id = x.id AND l.lease_no = x.no RETURNING l.*, x.kind, x.delay, x.reason), "
	"u AS (UPDATE crawl_url u SET state = l.kind + 1, reason = l.reason FROM l WHERE l.kind < 3 "
	"AND u.crawl_id = l.crawl_id AND u.k1 = l.k1 AND u.k2 = l.k2), "
	"f AS (INSERT INTO crawl_ready (id, host_id, crawl_id, k1, k2, prio, depth, hops, attempt, url) "
	"SELECT id, host_id, crawl_id, k1, k2, prio, depth, hops, attempt - (kind = 4)::int, url FROM l WHERE kind >= "
	"3), "
	"h AS (UPDATE crawl_host h SET inflight = greatest(h.inflight - t.n, 0), pending = h.pending + t.back, "
	"next_at = greatest(h.next_at, now() + t.delay * interval '1 microsecond') "
	"FROM (SELECT host_id, count(*) AS n, count(*) FILTER (WHERE kind >= 3) AS back, max(delay) AS delay FROM l "
	"GROUP BY host_id) t WHERE h.id = t.host_id) "
	"SELECT id, lease_no, crawl_id FROM l");

/* Crawls that nothing is left of. The words of a crawl without a page are what became of its first failed URL. */
#define SETTLE(which)                                                                                                  \
	"WITH c AS (UPDATE crawl c SET state = CASE WHEN k.succeeded > 0 THEN 'succeeded' ELSE 'failed' END, "         \
	"finished_at = now(), updated_at = now(), error_message = CASE WHEN k.succeeded = 0 THEN "                     \
	"'No page could be fetched: ' || coalesce((SELECT u.reason FROM crawl_url u WHERE u.crawl_id = c.id "          \
	"AND u.reason IS NOT NULL ORDER BY u.reason = 'redirect', u.state, u.seq LIMIT 1), 'unknown') END "            \
	"FROM crawl_count k WHERE k.crawl_id = c.id AND c.state = 'running' "                                          \
	"AND k.admitted = k.succeeded + k.failed AND " which " RETURNING c.id, c.project_id, c.state, c.request_id) "  \
	"INSERT INTO audit_log (project_id, actor_role, request_id, action, resource_type, resource_id) "              \
	"SELECT project_id, 'system', request_id, 'crawl.update.' || state, 'crawl', id::text FROM c"

DEFINE_STMT(frontier_settle, "U", "", SETTLE("c.id = ANY ($1)"));
DEFINE_STMT(frontier_settle_all, "", "", SETTLE("true"));

int frontier_ack_send(struct db *db, const struct visit_outcome *at, size_t n, const struct visit_link *links,
		      size_t links_n, struct err *e)
{
	const struct arg id = A_LIST(OF_I64, at, n, lease.id), no = A_LIST(OF_I64, at, n, lease.no);
	const struct arg kind = A_LIST(OF_I32, at, n, kind), status = A_LIST(OF_I32, at, n, status);
	stmt_send(db, &stmt_frontier_lock, ARGS(id, no), NULL);
	stmt_send(db, &stmt_frontier_lock_count, ARGS(id, no), NULL);
	stmt_send(db, &stmt_frontier_pages,
		ARGS(id, no, status, A_LIST(OF_I64, at, n, bytes), A_LIST(OF_I64, at, n, elapsed),
			A_LIST(OF_I32, at, n, has_html), A_LIST(OF_SHA256, at, n, html), A_LIST(OF_STR, at, n, url),
			A_LIST(OF_STR, at, n, content_type), A_LIST(OF_STR, at, n, title),
			A_LIST(OF_STR, at, n, metadata), A_LIST(OF_STR, at, n, extracted)),
		NULL);
	stmt_send(db, &stmt_frontier_tally, ARGS(id, no, kind, status), NULL);
	stmt_send(db, &stmt_frontier_links,
		ARGS(A_LIST(OF_I64, links, links_n, from.id), A_LIST(OF_I64, links, links_n, from.no),
			A_LIST(OF_I64, links, links_n, key.k1), A_LIST(OF_I64, links, links_n, key.k2),
			A_LIST(OF_I32, links, links_n, hops), A_LIST(OF_STR, links, links_n, url),
			A_LIST(OF_STR, links, links_n, host), A_LIST(OF_STR, links, links_n, reason)),
		NULL);
	stmt_send(db, &stmt_frontier_end,
		ARGS(id, no, kind, A_LIST(OF_I64, at, n, delay), A_LIST(OF_STR, at, n, reason)), NULL);
	return stmt_send(db, &stmt_frontier_settle, ARGS(A_LIST(OF_ID, at, n, crawl)), e);
}

int frontier_ack_recv(struct db *db, struct arena *a, struct visit_lease **ret_held, size_t *ret_n, struct err *e)
{
	static const struct stmt *const plain[] = { &stmt_frontier_lock, &stmt_frontier_lock_count,
		&stmt_frontier_pages, &stmt_frontier_tally, &stmt_frontier_links };
	_cleanup_rows_ struct rows r = { 0 };
	int rc = 0;
	/* All answers are taken, whatever the first ones say. */
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		int one = stmt_recv_none(db, plain[i], rc ? NULL : e);
		rc = rc ? rc : one;
	}
	int end = stmt_recv(db, &stmt_frontier_end, &r, rc ? NULL : e);
	rc = rc ? rc : end;
	int settle = stmt_recv_none(db, &stmt_frontier_settle, rc ? NULL : e);
	rc = rc ? rc : settle;
	if (rc < 0)
		return rc;
	*ret_held = read_leases(&r, a);
	*ret_n = (size_t)r.n;
	return 0;
}

int frontier_ack(struct db *db, struct arena *a, const struct visit_outcome *at, size_t n,
		 const struct visit_link *links, size_t links_n, struct visit_lease **ret_held, size_t *ret_n,
		 struct err *e)
{
	frontier_ack_send(db, at, n, links, links_n, NULL);
	db_sync(db, NULL);
	return frontier_ack_recv(db, a, ret_held, ret_n, e);
}

/* --- the dead --- */

/* $1 attempts at most. */
DEFINE_STMT(frontier_reap, "l", "ll",
	"WITH x AS (SELECT id FROM crawl_lease WHERE expires_at < now() LIMIT 1000 FOR UPDATE SKIP LOCKED), "
	"l AS (DELETE FROM crawl_lease l USING x WHERE l.id = x.id RETURNING l.*), "
	"k AS (UPDATE crawl_count k SET failed = k.failed + t.n FROM (SELECT crawl_id, count(*) AS n FROM l "
	"WHERE attempt >= $1 GROUP BY crawl_id) t WHERE k.crawl_id = t.crawl_id), "
	"u AS (UPDATE crawl_url u SET state = 2, reason = 'CRAWLER_LOST' FROM l WHERE l.attempt >= $1 "
	"AND u.crawl_id = l.crawl_id AND u.k1 = l.k1 AND u.k2 = l.k2), "
	"f AS (INSERT INTO crawl_ready (id, host_id, crawl_id, k1, k2, prio, depth, hops, attempt, url) "
	"SELECT id, host_id, crawl_id, k1, k2, prio, depth, hops, attempt, url FROM l WHERE attempt < $1), "
	"h AS (UPDATE crawl_host h SET inflight = greatest(h.inflight - t.n, 0), pending = h.pending + t.back "
	"FROM (SELECT host_id, count(*) AS n, count(*) FILTER (WHERE attempt < $1) AS back FROM l GROUP BY host_id) t "
	"WHERE h.id = t.host_id) "
	"SELECT count(*) FILTER (WHERE attempt < $1), count(*) FILTER (WHERE attempt >= $1) FROM l");

int frontier_reap(struct db *db, int64_t *ret_requeued, int64_t *ret_failed, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	stmt_send(db, &stmt_frontier_reap, ARGS(A_INT(CRAWL_ATTEMPTS_MAX)), NULL);
	db_sync(db, NULL);
	stmt_send(db, &stmt_frontier_settle_all, NULL, 0, NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, &stmt_frontier_reap, &r, e);
	int rc2 = stmt_recv_none(db, &stmt_frontier_settle_all, rc ? NULL : e);
	if (rc < 0 || rc2 < 0)
		return rc < 0 ? rc : rc2;
	*ret_requeued = row_int(&r, 0, 0);
	*ret_failed = row_int(&r, 0, 1);
	return 0;
}
