/* Many jobs, many tokens: one statement each. */
#include "base/first.h"
#include "store/stmt.h"
#include "store/watch.h"

DEFINE_STMT(jobs_watch, "U", "ltol",
	"SELECT x.n, j.state, j.updated_at < now() - interval '1 s', coalesce((SELECT max(l.id) FROM job_log l "
	"WHERE l.job_id = j.id AND l.created_at >= j.created_at), 0) "
	"FROM unnest($1) WITH ORDINALITY AS x (id, n) JOIN job j ON j.id = x.id");

int jobs_watch(struct db *db, struct job_watch *at, size_t n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	assert(n <= WATCH_MAX);
	int rc = stmt_run(db, &stmt_jobs_watch, ARGS(A_LIST(OF_ID, at, n, id)), &r, e);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		at[i].found = at[i].settled = false;
	for (int i = 0; i < r.n; i++) {
		struct job_watch *w = &at[row_int(&r, i, 0) - 1];
		w->found = job_state_of(row_raw(&r, i, 1), &w->state) == 0;
		w->settled = w->found && job_state_ended(w->state) && row_bool(&r, i, 2);
		w->last_log = row_int(&r, i, 3);
	}
	return 0;
}

DEFINE_STMT(tokens_watch, "U", "l",
	"SELECT x.n FROM unnest($1) WITH ORDINALITY AS x (id, n) JOIN api_token t ON t.id = x.id "
	"WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())");

int tokens_watch(struct db *db, struct token_watch *at, size_t n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	assert(n <= WATCH_MAX);
	int rc = stmt_run(db, &stmt_tokens_watch, ARGS(A_LIST(OF_ID, at, n, id)), &r, e);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < n; i++)
		at[i].good = false;
	for (int i = 0; i < r.n; i++)
		at[row_int(&r, i, 0) - 1].good = true;
	return 0;
}
