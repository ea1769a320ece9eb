/* API tokens: the look-up of every request, and their administration. */
#include "base/first.h"
#include "store/audit_sql.h"
#include "store/tokens.h"

static const char *const role_names[] = { "readonly", "developer", "admin" };
static const char *const family_names[] = { "collect", "crawls", "scrape", "audit", "workbench" };

static int word_of(const char *const *words, size_t n, struct str s, int *ret)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, words[i])) {
			*ret = (int)i;
			return 0;
		}
	return E_INVALID;
}

const char *token_role_name(enum token_role r)
{
	return (size_t)r < ARRAY_LEN(role_names) ? role_names[r] : "unknown";
}

int token_role_of(struct str s, enum token_role *ret)
{
	int i, r = word_of(role_names, ARRAY_LEN(role_names), s, &i);
	if (r == 0)
		*ret = (enum token_role)i;
	return r;
}

const char *token_family_name(enum token_family f)
{
	return (size_t)f < ARRAY_LEN(family_names) ? family_names[f] : "unknown";
}

int token_family_of(struct str s, enum token_family *ret)
{
	int i, r = word_of(family_names, ARRAY_LEN(family_names), s, &i);
	if (r == 0)
		*ret = (enum token_family)i;
	return r;
}

DEFINE_STMT(token_auth, "b", "utttoz",
	"SELECT id, project_id, role, family, instance, last_used_at FROM api_token "
	"WHERE sha256 = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())");

int token_auth_send(struct db *db, const uint8_t sha256[TOKEN_HASH_LEN], struct err *e)
{
	return stmt_send(db, &stmt_token_auth, ARGS(A_BYTES(sha256, TOKEN_HASH_LEN)), e);
}

int token_auth_recv(struct db *db, struct arena *a, struct principal *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_recv(db, &stmt_token_auth, &r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_UNAUTH, "the token is unknown, revoked or expired");
	struct principal p = {
		.project = row_str(&r, 0, 1, a),
		.instance = row_bool(&r, 0, 4),
		.last_used_at = row_time(&r, 0, 5),
	};
	row_uuid(&r, 0, 0, p.token_id);
	if (token_role_of(row_raw(&r, 0, 2), &p.role) < 0 || token_family_of(row_raw(&r, 0, 3), &p.family) < 0)
		return err_set(e, E_INTERNAL, "the token has an unknown role or family");
	*ret = p;
	return 0;
}

int token_auth(struct db *db, struct arena *a, const uint8_t sha256[TOKEN_HASH_LEN], struct principal *ret,
	       struct err *e)
{
	token_auth_send(db, sha256, NULL);
	db_sync(db, NULL);
	return token_auth_recv(db, a, ret, e);
}

DEFINE_STMT(token_touch, "u", "t",
	"WITH u AS (UPDATE api_token SET last_used_at = now() WHERE id = $1 AND "
	"(last_used_at IS NULL OR last_used_at < now() - interval '1 minute') RETURNING 1) "
	"SELECT set_config('synchronous_commit', 'off', true) FROM u");

int token_touch(struct db *db, struct str id, struct err *e)
{
	return stmt_run_none(db, &stmt_token_touch, ARGS(A_UUID(id)), e);
}

/* id, hash, project, family, role, name, prefix, last4, instance, expiry, make the project */
DEFINE_STMT(token_create, AUDIT_IN "ubttttttozo", "u",
	"WITH p AS (INSERT INTO project (id, name) SELECT $9, $9 WHERE $17 ON CONFLICT (id) DO NOTHING), "
	"t AS (INSERT INTO api_token (id, sha256, project_id, family, role, name, prefix, last4, instance, expires_at) "
	"VALUES ($7, $8, $9, $10, $11, $12, $13, $14, $15, $16) RETURNING id), "
	"a AS (" AUDIT_FROM("t", "admin.token.create", "token", "id::text") ") "
	"SELECT id FROM t");

int token_create(struct db *db, const struct token_new *t, const struct audit *who, char ret_id[UUID_LEN + 1],
		 struct err *e)
{
	char made[UUID_LEN + 1];
	struct str id = t->id.p ? t->id : str_of(uuid_v7(made));
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_token_create,
		ARGS(AUDIT_ARGS(who), A_UUID(id), A_BYTES(t->sha256, TOKEN_HASH_LEN), A_STR(t->project),
			A_CSTR(token_family_name(t->family)), A_CSTR(token_role_name(t->role)), A_STR(t->name),
			A_STR(t->prefix.p ? t->prefix : STR("")), A_STR(t->last4.p ? t->last4 : STR("")),
			A_BOOL(t->instance), A_TIME0(t->expires_at), A_BOOL(t->make_project)),
		&r, e);
	if (rc == E_NOTFOUND)
		return err_set(e, rc, "no such project");
	if (rc == E_CONFLICT)
		return err_set(e, rc, "the token is known already");
	if (rc < 0)
		return rc;
	row_uuid(&r, 0, 0, ret_id);
	return 0;
}

#define TOKEN_COLUMNS \
	"id, project_id, name, role, family, prefix, last4, instance, created_at, expires_at, revoked_at, last_used_at"
#define TOKEN_OUT "utttt" "tto" "zzzz"

static int read_token(const struct rows *r, int i, struct arena *a, struct token *ret)
{
	*ret = (struct token){
		.project = row_str(r, i, 1, a),
		.name = row_str(r, i, 2, a),
		.prefix = row_str(r, i, 5, a),
		.last4 = row_str(r, i, 6, a),
		.instance = row_bool(r, i, 7),
		.created_at = row_time(r, i, 8),
		.expires_at = row_time(r, i, 9),
		.revoked_at = row_time(r, i, 10),
		.last_used_at = row_time(r, i, 11),
	};
	row_uuid(r, i, 0, ret->id);
	if (token_role_of(row_raw(r, i, 3), &ret->role) < 0 || token_family_of(row_raw(r, i, 4), &ret->family) < 0)
		return E_INTERNAL;
	return 0;
}

/* One token or `absent` words with E_NOTFOUND. */
static int one_token(const struct rows *r, struct arena *a, const char *absent, struct token *ret, struct err *e)
{
	struct token t;
	if (!r->n)
		return err_set(e, E_NOTFOUND, "%s", absent);
	if (read_token(r, 0, a, &t) < 0)
		return err_set(e, E_INTERNAL, "the token has an unknown role or family");
	*ret = t;
	return 0;
}

DEFINE_STMT(token_get, "u", TOKEN_OUT, "SELECT " TOKEN_COLUMNS " FROM api_token WHERE id = $1");

int token_get(struct db *db, struct arena *a, struct str id, struct token *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_token_get, ARGS(A_UUID(id)), &r, e);
	return rc < 0 ? rc : one_token(&r, a, "no such token", ret, e);
}

DEFINE_STMT(token_list, "tll", TOKEN_OUT,
	"SELECT " TOKEN_COLUMNS " FROM api_token WHERE ($1 IS NULL OR project_id = $1) "
	"ORDER BY created_at DESC, id DESC OFFSET $2 LIMIT $3");
DEFINE_STMT(token_count, "t", "l", "SELECT count(*) FROM api_token WHERE $1 IS NULL OR project_id = $1");

int token_list(struct db *db, struct arena *a, const struct token_filter *f, struct token **ret, size_t *ret_n,
	       int64_t *ret_total, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 }, c = { 0 };
	stmt_send(db, &stmt_token_list, ARGS(A_STR(f->project), A_INT(f->offset), A_INT(f->limit)), NULL);
	if (ret_total)
		stmt_send(db, &stmt_token_count, ARGS(A_STR(f->project)), NULL);
	db_sync(db, NULL);
	int rc = stmt_recv(db, &stmt_token_list, &r, e);
	int rc2 = ret_total ? stmt_recv(db, &stmt_token_count, &c, rc < 0 ? NULL : e) : 0;
	if (rc < 0 || rc2 < 0)
		return rc < 0 ? rc : rc2;
	struct token *at = arena_array(a, struct token, r.n);
	for (int i = 0; i < r.n; i++)
		if (read_token(&r, i, a, &at[i]) < 0)
			return err_set(e, E_INTERNAL, "a token has an unknown role or family");
	*ret = at;
	*ret_n = (size_t)r.n;
	if (ret_total)
		*ret_total = row_int(&c, 0, 0);
	return 0;
}

DEFINE_STMT(token_revoke, AUDIT_IN "ut", "u",
	"WITH t AS (UPDATE api_token SET revoked_at = now() "
	"WHERE id = $7 AND ($8 IS NULL OR project_id = $8) AND revoked_at IS NULL RETURNING id), "
	"a AS (" AUDIT_FROM("t", "admin.token.revoke", "token", "id::text") ") "
	"SELECT id FROM t");

int token_revoke(struct db *db, struct str id, struct str project, const struct audit *who, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_token_revoke, ARGS(AUDIT_ARGS(who), A_UUID(id), A_STR(project)), &r, e);
	if (rc == 0 && !r.n)
		rc = err_set(e, E_NOTFOUND, "no such token, or revoked already");
	return rc;
}

DEFINE_STMT(token_update, AUDIT_IN "utttoz", TOKEN_OUT,
	"WITH t AS (UPDATE api_token SET name = coalesce($9, name), role = coalesce($10, role), "
	"expires_at = CASE WHEN $11 THEN $12 ELSE expires_at END "
	"WHERE id = $7 AND ($8 IS NULL OR project_id = $8) AND revoked_at IS NULL RETURNING " TOKEN_COLUMNS "), "
	"a AS (" AUDIT_FROM("t", "admin.token.update", "token", "id::text") ") "
	"SELECT " TOKEN_COLUMNS " FROM t");

int token_update(struct db *db, struct arena *a, struct str id, struct str project, const struct token_patch *p,
		 const struct audit *who, struct token *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_token_update,
		ARGS(AUDIT_ARGS(who), A_UUID(id), A_STR(project), A_STR(p->name),
			A_CSTR(p->role ? token_role_name(*p->role) : NULL), A_BOOL(p->set_expires_at),
			A_TIME0(p->expires_at)),
		&r, e);
	return rc < 0 ? rc : one_token(&r, a, "no such token, or revoked already", ret, e);
}

DEFINE_STMT(token_rotate, AUDIT_IN "utubt", "u",
	"WITH o AS (UPDATE api_token SET revoked_at = now() "
	"WHERE id = $7 AND ($8 IS NULL OR project_id = $8) AND revoked_at IS NULL RETURNING *), "
	"t AS (INSERT INTO api_token (id, sha256, project_id, family, role, name, prefix, last4, instance, expires_at) "
	"SELECT $9, $10, project_id, family, role, name, prefix, $11, instance, expires_at FROM o RETURNING id), "
	"a AS (" AUDIT_FROM("t", "admin.token.rotate", "token", "id::text") ") "
	"SELECT id FROM t");

int token_rotate(struct db *db, struct str id, struct str project, const uint8_t sha256[TOKEN_HASH_LEN],
		 struct str last4, const struct audit *who, char ret_id[UUID_LEN + 1], struct err *e)
{
	char made[UUID_LEN + 1];
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_token_rotate,
		ARGS(AUDIT_ARGS(who), A_UUID(id), A_STR(project), A_UUID(str_of(uuid_v7(made))),
			A_BYTES(sha256, TOKEN_HASH_LEN), A_STR(last4.p ? last4 : STR(""))),
		&r, e);
	if (rc < 0)
		return rc;
	if (!r.n)
		return err_set(e, E_NOTFOUND, "no such token, or revoked already");
	row_uuid(&r, 0, 0, ret_id);
	return 0;
}

DEFINE_STMT(token_bootstrap, AUDIT_IN "ubtt", "u",
	"WITH p AS (INSERT INTO project (id, name) "
	"SELECT $9, CASE WHEN $9 = 'default' THEN 'Default Project' ELSE $9 END ON CONFLICT (id) DO NOTHING), "
	"t AS (INSERT INTO api_token (id, sha256, project_id, family, role, name, last4, instance) "
	"VALUES ($7, $8, $9, 'collect', 'admin', 'bootstrap', $10, true) ON CONFLICT (sha256) DO NOTHING RETURNING "
	"id), "
	"a AS (" AUDIT_FROM("t", "admin.token.create", "token", "id::text") ") "
									    "SELECT id FROM t");
DEFINE_STMT(token_state, "b", "o",
	"SELECT revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FROM api_token WHERE sha256 = $1");

int token_bootstrap(struct db *db, const uint8_t sha256[TOKEN_HASH_LEN], struct str project, struct str last4,
		    enum bootstrap_result *ret, struct err *e)
{
	char made[UUID_LEN + 1];
	const struct audit who = {
		.project = project, .role = STR("system"), .details = STR("{\"by\":\"bootstrap\"}")
	};
	_cleanup_rows_ struct rows r = { 0 }, s = { 0 };
	int rc = stmt_run(db, &stmt_token_bootstrap,
		ARGS(AUDIT_ARGS(&who), A_UUID(str_of(uuid_v7(made))), A_BYTES(sha256, TOKEN_HASH_LEN), A_STR(project),
			A_STR(last4.p ? last4 : STR(""))),
		&r, e);
	if (rc < 0)
		return rc;
	if (r.n) {
		*ret = BOOTSTRAP_CREATED;
		return 0;
	}
	rc = stmt_run(db, &stmt_token_state, ARGS(A_BYTES(sha256, TOKEN_HASH_LEN)), &s, e);
	if (rc < 0)
		return rc;
	*ret = s.n && row_bool(&s, 0, 0) ? BOOTSTRAP_PRESENT : BOOTSTRAP_REVOKED;
	return 0;
}
