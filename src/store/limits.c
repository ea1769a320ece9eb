/* Rate limits by role. */
#include "base/first.h"
#include "store/audit_sql.h"
#include "store/limits.h"

static int read_limits(const struct rows *r, struct rate_limits *ret, struct err *e)
{
	struct rate_limits l = { 0 };
	for (int i = 0; i < r->n; i++) {
		enum token_role role;
		if (token_role_of(row_raw(r, i, 0), &role) == 0)
			l.rpm[role] = (int32_t)row_int(r, i, 1);
	}
	for (size_t i = 0; i < ARRAY_LEN(l.rpm); i++)
		if (l.rpm[i] <= 0)
			return err_set(e, E_INTERNAL, "no rate limit for role %s", token_role_name(i));
	*ret = l;
	return 0;
}

DEFINE_STMT(limits_get, "", "ti", "SELECT role, rpm FROM rate_limit_config");

int limits_get_send(struct db *db, struct err *e)
{
	return stmt_send(db, &stmt_limits_get, NULL, 0, e);
}

int limits_get_recv(struct db *db, struct rate_limits *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_limits_get, &r, e);
	return rc < 0 ? rc : read_limits(&r, ret, e);
}

int limits_get(struct db *db, struct rate_limits *ret, struct err *e)
{
	limits_get_send(db, NULL);
	db_sync(db, NULL);
	return limits_get_recv(db, ret, e);
}

/* Rows that the update does not touch come from the table as it was. */
DEFINE_STMT(limits_set, AUDIT_IN "iii", "tit",
	"WITH v (role, rpm) AS (VALUES ('readonly', $7), ('developer', $8), ('admin', $9)), "
	"u AS (UPDATE rate_limit_config c SET rpm = v.rpm, updated_at = now() FROM v "
	"WHERE c.role = v.role AND v.rpm > 0 RETURNING c.role, c.rpm), "
	"g AS (SELECT 'global' AS id WHERE EXISTS (SELECT FROM u)), "
	"n AS (SELECT pg_notify('kryfto_config', 'limits')::text AS sent FROM g), "
	"a AS (" AUDIT_FROM("g", "admin.rate-limits.update", "rate-limits",
		"id") ") "
		      "SELECT c.role, coalesce(u.rpm, c.rpm), (SELECT sent FROM n) FROM rate_limit_config c LEFT JOIN "
		      "u USING (role)");

int limits_set(struct db *db, const struct rate_limits *l, const struct audit *who, struct rate_limits *ret,
	       struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_limits_set,
		ARGS(AUDIT_ARGS(who), A_INT(l->rpm[TOKEN_READONLY]), A_INT(l->rpm[TOKEN_DEVELOPER]),
			A_INT(l->rpm[TOKEN_ADMIN])),
		&r, e);
	return rc < 0 ? rc : read_limits(&r, ret, e);
}
