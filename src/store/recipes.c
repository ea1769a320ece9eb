/* Recipes of projects. */
#include "base/first.h"
#include "store/audit_sql.h"
#include "store/recipes.h"

DEFINE_STMT(recipe_list, "tl", "ttzz",
	"SELECT id, definition::text, created_at, updated_at FROM recipe WHERE project_id = $1 "
	"ORDER BY created_at, id LIMIT $2");

static void read_row(const struct rows *r, int i, struct arena *a, struct recipe_row *ret)
{
	*ret = (struct recipe_row){
		.id = row_str(r, i, 0, a),
		.definition = row_str(r, i, 1, a),
		.created_at = row_time(r, i, 2),
		.updated_at = row_time(r, i, 3),
	};
}

int recipe_list_send(struct db *db, struct str project, int64_t limit, struct err *e)
{
	return stmt_send(db, &stmt_recipe_list, ARGS(A_STR(project), A_INT(limit)), e);
}

int recipe_list_recv(struct db *db, struct arena *a, struct recipe_row **ret, size_t *ret_n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_recipe_list, &r, e);
	if (rc < 0)
		return rc;
	struct recipe_row *at = arena_array(a, struct recipe_row, r.n);
	for (int i = 0; i < r.n; i++)
		read_row(&r, i, a, &at[i]);
	*ret = at;
	*ret_n = (size_t)r.n;
	return 0;
}

int recipe_list(struct db *db, struct arena *a, struct str project, int64_t limit, struct recipe_row **ret,
	size_t *ret_n, struct err *e)
{
	recipe_list_send(db, project, limit, NULL);
	db_sync(db, NULL);
	return recipe_list_recv(db, a, ret, ret_n, e);
}

DEFINE_STMT(recipe_get, "tt", "ttzz",
	"SELECT id, definition::text, created_at, updated_at FROM recipe WHERE project_id = $1 AND id = $2");

int recipe_get(struct db *db, struct arena *a, struct str project, struct str id, struct recipe_row *ret,
	struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_recipe_get, ARGS(A_STR(project), A_STR(id)), &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such recipe");
	read_row(&r, 0, a, ret);
	return 0;
}

/* A row that is new has never been updated by another transaction: its xmax is 0. */
DEFINE_STMT(recipe_upsert, AUDIT_IN "tttj", "o",
	"WITH u AS (INSERT INTO recipe (project_id, id, name, version, definition) VALUES ($1, $7, $8, $9, $10) "
	"ON CONFLICT (project_id, id) DO UPDATE SET name = excluded.name, version = excluded.version, "
	"definition = excluded.definition, updated_at = now() RETURNING id, xmax = 0 AS made), "
	"a AS (" AUDIT_FROM("u", "recipe.upsert", "recipe", "id") ") SELECT made FROM u");

int recipe_upsert(struct db *db, const struct recipe_put *p, const struct audit *who, bool *ret_created,
	struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	struct audit by = *who;
	by.project = p->project;
	int rc = stmt_run(db, &stmt_recipe_upsert,
		ARGS(AUDIT_ARGS(&by), A_STR(p->id), A_STR(p->name), A_STR(p->version), A_STR(p->definition)), &r, e);
	if (rc == 0)
		*ret_created = row_bool(&r, 0, 0);
	return rc;
}

DEFINE_STMT(recipe_delete, AUDIT_IN "t", "t",
	"WITH d AS (DELETE FROM recipe WHERE project_id = $1 AND id = $7 RETURNING id), "
	"a AS (" AUDIT_FROM("d", "recipe.delete", "recipe", "id") ") SELECT id FROM d");

int recipe_delete(struct db *db, struct str project, struct str id, const struct audit *who, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	struct audit by = *who;
	by.project = project;
	int rc = stmt_run(db, &stmt_recipe_delete, ARGS(AUDIT_ARGS(&by), A_STR(id)), &r, e);
	if (rc == 0 && !r.n)
		return err_set(e, E_NOTFOUND, "no such recipe");
	return rc;
}
