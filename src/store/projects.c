/* Projects. */
#include "base/first.h"
#include "store/audit_sql.h"
#include "store/projects.h"

static void read_project(const struct rows *r, int i, struct arena *a, struct project *ret)
{
	*ret = (struct project){
		.id = row_str(r, i, 0, a), .name = row_str(r, i, 1, a), .created_at = row_time(r, i, 2)
	};
}

DEFINE_STMT(project_create, AUDIT_IN "tt", "ttz",
	"WITH p AS (INSERT INTO project (id, name) VALUES ($7, $8) ON CONFLICT (id) DO NOTHING RETURNING id, name, "
	"created_at), "
	"a AS (" AUDIT_FROM("p", "admin.project.create", "project", "id") ") "
									  "SELECT id, name, created_at FROM p");
DEFINE_STMT(project_get, "t", "ttz", "SELECT id, name, created_at FROM project WHERE id = $1");

int project_get(struct db *db, struct arena *a, struct str id, struct project *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_project_get, ARGS(A_STR(id)), &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such project");
	read_project(&r, 0, a, ret);
	return 0;
}

int project_create(struct db *db, struct arena *a, struct str id, struct str name, const struct audit *who,
		   struct project *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_project_create, ARGS(AUDIT_ARGS(who), A_STR(id), A_STR(name)), &r, e);
	if (rc < 0)
		return rc;
	if (!r.n) {
		rc = project_get(db, a, id, ret, e);
		return rc < 0 ? rc : E_EXISTS;
	}
	read_project(&r, 0, a, ret);
	return 0;
}

DEFINE_STMT(project_list, "tll", "ttz",
	"SELECT id, name, created_at FROM project WHERE $1 IS NULL OR id = $1 ORDER BY id OFFSET $2 LIMIT $3");

int project_list(struct db *db, struct arena *a, struct str only, int64_t offset, int64_t limit,
		 struct project **ret, size_t *ret_n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_project_list, ARGS(A_STR(only), A_INT(offset), A_INT(limit)), &r, e);
	if (rc < 0)
		return rc;
	struct project *at = arena_array(a, struct project, r.n);
	for (int i = 0; i < r.n; i++)
		read_project(&r, i, a, &at[i]);
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}
