/* Audit rows that stand alone, and the list of them. */
#include "base/first.h"
#include "store/audit_sql.h"

/* Nothing was changed that this row must not lag behind, so it does not wait for the disk. */
DEFINE_STMT(audit_add, AUDIT_IN "ttt", "t",
	"WITH i AS (INSERT INTO " AUDIT_COLUMNS
	" VALUES ($1, $2, $3, $4, $5, coalesce($6, '{}'), $7, $8, $9) RETURNING 1) "
	"SELECT set_config('synchronous_commit', 'off', true) WHERE EXISTS (SELECT FROM i)");

int audit_add_send(struct db *db, const struct audit *who, struct str action, struct str resource_type,
		   struct str resource_id, struct err *e)
{
	return stmt_send(db, &stmt_audit_add,
		ARGS(AUDIT_ARGS(who), A_STR(action), A_STR(resource_type), A_STR(resource_id)), e);
}

int audit_add_recv(struct db *db, struct err *e)
{
	return stmt_recv_none(db, &stmt_audit_add, e);
}

int audit_add(struct db *db, const struct audit *who, struct str action, struct str resource_type,
	      struct str resource_id, struct err *e)
{
	audit_add_send(db, who, action, resource_type, resource_id, NULL);
	db_sync(db, NULL);
	return audit_add_recv(db, e);
}

DEFINE_STMT(audit_list, "ttlll", "ltuttttttjz",
	"SELECT id, project_id, token_id, actor_role, action, resource_type, resource_id, request_id, ip_address, "
	"details, "
	"created_at FROM audit_log WHERE project_id = $1 AND ($2 IS NULL OR action = $2) AND id < $3 "
	"ORDER BY id DESC OFFSET $4 LIMIT $5");

int audit_list(struct db *db, struct arena *a, const struct audit_filter *f, struct audit_row **ret, size_t *ret_n,
	       struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_audit_list,
		ARGS(A_STR(f->project), A_STR(f->action), A_INT(f->before_id ? f->before_id : INT64_MAX),
			A_INT(f->offset), A_INT(f->limit)),
		&r, e);
	if (rc < 0)
		return rc;
	struct audit_row *at = arena_array(a, struct audit_row, r.n);
	for (int i = 0; i < r.n; i++)
		at[i] = (struct audit_row){
			.id = row_int(&r, i, 0),
			.project = row_str(&r, i, 1, a),
			.token_id = row_uuid_str(&r, i, 2, a),
			.role = row_str(&r, i, 3, a),
			.action = row_str(&r, i, 4, a),
			.resource_type = row_str(&r, i, 5, a),
			.resource_id = row_str(&r, i, 6, a),
			.request_id = row_str(&r, i, 7, a),
			.ip = row_str(&r, i, 8, a),
			.details = row_str(&r, i, 9, a),
			.created_at = row_time(&r, i, 10),
		};
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}
