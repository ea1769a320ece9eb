#include "base/first.h"
#include "api/collect/tokens.h"
#include "api/session.h"
#include "crypto/token.h"
#include "store/db.h"

#define PREFIX "kryfto_"

struct minted {
	struct str text, last4;
	uint8_t digest[SHA256_LEN];
};

static void mint(struct call *c, struct minted *m)
{
	m->text = token_mint(c->arena, PREFIX);
	m->last4 = str_from(m->text, m->text.n - 4);
	token_digest(m->text, m->digest);
}

static int no_token(struct call *c, int err, const char *words)
{
	return err == E_NOTFOUND ? call_fail(c, &problem_not_found, "%s", words) : err;
}

/* The token of the path, if it is the caller's to handle. */
static int own_token(struct call *c, struct token *ret)
{
	const struct id_param *p = c->params;
	int err = token_get(c->app->db, c->arena, p->id, ret, &c->err);
	err = no_token(c, err, "Token not found");
	if (err == 0 && !c->who->instance)
		err = call_owns(c, ret->project);
	if (err == 0)
		c->resource_id = p->id;
	return err;
}

int run_create_token(struct call *c)
{
	const struct token_create_body *b = c->body;
	char id[UUID_LEN + 1];
	struct minted m;
	enum token_role role;
	usec_t expires = 0;
	if (!c->who->instance && !str_eq(b->projectId, c->who->project))
		return call_fail(
			c, &problem_forbidden, "Only an instance-level token may create tokens of another project");
	if (b->expiresAt.p && clock_parse_iso(b->expiresAt, &expires) == 0 && expires <= clock_real())
		return call_issue(c, "expiresAt", "expiresAt must lie in the future");
	token_role_of(b->role, &role);
	mint(c, &m);
	const struct token_new t = {
		.sha256 = m.digest, .project = b->projectId, .name = b->name, .role = role, .family = FAMILY_COLLECT,
		.prefix = STR(PREFIX), .last4 = m.last4, .make_project = true, .expires_at = expires,
	};
	struct audit who = call_audit(c, STR_NULL);
	int err = token_create(c->app->db, &t, &who, id, &c->err);
	if (err < 0)
		return err;
	c->resource_id = arena_str(c->arena, str_of(id));
	struct jw *w = reply_json(c->reply, 201);
	jw_object(w);
	jw_kstr(w, "token", m.text);
	jw_kcstr(w, "tokenId", id);
	jw_end_object(w);
	reply_header(c->reply, "cache-control", STR("no-store"));
	return 0;
}

static void write_token(struct jw *w, const struct token *t)
{
	jw_object(w);
	jw_kcstr(w, "id", t->id);
	jw_kstr(w, "name", t->name);
	jw_kcstr(w, "role", token_role_name(t->role));
	jw_kstr(w, "projectId", t->project);
	jw_ktime(w, "createdAt", t->created_at);
	jw_ktime(w, "expiresAt", t->expires_at);
	jw_ktime(w, "revokedAt", t->revoked_at);
	jw_ktime(w, "lastUsedAt", t->last_used_at);
	jw_end_object(w);
}

int run_list_tokens(struct call *c)
{
	struct window win = paging_window(c->query, 200);
	const struct token_filter f = { .project = c->who->project, .offset = win.offset, .limit = win.limit };
	struct token *at;
	size_t n;
	int64_t total;
	int err = token_list(c->app->db, c->arena, &f, &at, &n, &total, &c->err);
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_key(w, "items");
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		write_token(w, &at[i]);
	jw_end_array(w);
	paging_write(w, &win, total);
	jw_end_object(w);
	return 0;
}

int run_get_token(struct call *c)
{
	struct token t;
	int err = own_token(c, &t);
	if (err == 0)
		write_token(reply_json(c->reply, 200), &t);
	return err;
}

int run_revoke_token(struct call *c)
{
	const struct id_param *p = c->params;
	struct token t;
	int err = own_token(c, &t);
	if (err < 0)
		return err;
	struct audit who = call_audit(c, STR_NULL);
	err = token_revoke(c->app->db, p->id, t.project, &who, &c->err);
	err = no_token(c, err, "Token not found or already revoked");
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kstr(w, "id", p->id);
	jw_kbool(w, "revoked", true);
	jw_end_object(w);
	return 0;
}

int run_update_token(struct call *c)
{
	const struct token_patch_body *b = c->body;
	const struct id_param *p = c->params;
	struct token t;
	enum token_role role;
	struct token_patch patch = { .name = b->name };
	const struct json *expiry = json_get(c->body_json, "expiresAt");
	int err = own_token(c, &t);
	if (err < 0)
		return err;
	if (b->role.p && token_role_of(b->role, &role) == 0)
		patch.role = &role;
	patch.set_expires_at = expiry != NULL;
	if (json_is(expiry, J_STRING))
		clock_parse_iso(expiry->s, &patch.expires_at);
	struct audit who = call_audit(c, STR_NULL);
	err = token_update(c->app->db, c->arena, p->id, t.project, &patch, &who, &t, &c->err);
	err = no_token(c, err, "Token not found");
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kcstr(w, "id", t.id);
	jw_kstr(w, "name", t.name);
	jw_kcstr(w, "role", token_role_name(t.role));
	jw_ktime(w, "expiresAt", t.expires_at);
	jw_end_object(w);
	return 0;
}

int run_rotate_token(struct call *c)
{
	const struct id_param *p = c->params;
	char id[UUID_LEN + 1];
	struct token t;
	struct minted m;
	int err = own_token(c, &t);
	if (err < 0)
		return err;
	mint(c, &m);
	struct audit who = call_audit(c, STR_NULL);
	err = token_rotate(c->app->db, p->id, t.project, m.digest, m.last4, &who, id, &c->err);
	err = no_token(c, err, "Token not found or already revoked");
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kstr(w, "token", m.text);
	jw_kcstr(w, "tokenId", id);
	jw_kstr(w, "previousTokenId", p->id);
	jw_end_object(w);
	reply_header(c->reply, "cache-control", STR("no-store"));
	return 0;
}
