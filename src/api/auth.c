#include "base/first.h"
#include "api/session.h"
#include "crypto/token.h"
#include "store/db.h"

#define LIMITS_FRESH (2 * USEC_PER_SEC)

/* The per-role limits ride along when they were last read some time ago; one worker at a time asks. */
static bool limits_due(struct shared_state *s)
{
	int64_t last = s->rpm_read, now = clock_mono();
	if (last && now - last < LIMITS_FRESH)
		return false;
	return atomic_compare_exchange_strong(&s->rpm_read, &last, now);
}

static int take_limits(struct app *app, struct err *e)
{
	struct rate_limits l;
	int err = limits_get_recv(app->db, &l, e);
	for (size_t i = 0; err == 0 && i < ARRAY_LEN(l.rpm); i++)
		app->shared->rpm[i] = l.rpm[i];
	return err;
}

/* One round trip: the token, the limits now and then, and what the handler will want. */
static int ask(struct call *c, const uint8_t hash[TOKEN_HASH_LEN])
{
	struct app *app = c->app;
	struct fetched *f = c->fetched;
	bool limits = limits_due(app->shared);
	int err = token_auth_send(app->db, hash, &c->err);
	if (err == 0 && limits)
		err = limits_get_send(app->db, &c->err);
	if (err == 0 && c->route->prefetch && c->params_ok) {
		err = c->route->prefetch(c);
		f->prefetched = err == 0;
	}
	if (err == 0)
		err = db_sync(app->db, &c->err);
	if (err < 0)
		return err;
	err = token_auth_recv(app->db, c->arena, &f->principal, &c->err);
	if (limits && (err == 0 || err == E_UNAUTH)) {
		int other = take_limits(app, &c->err);
		err = err ? err : other;
	}
	return err;
}

static int refuse(struct call *c)
{
	c->fetched->refused = true;
	metrics_event(c->pl->metrics, ME_AUTH_FAILED);
	return call_fail(c, &problem_unauthorized, "Unauthorized");
}

int phase_auth(struct call *c)
{
	uint8_t hash[TOKEN_HASH_LEN];
	struct fetched *f = c->fetched = arena_new(c->arena, struct fetched);
	if (!c->route->roles)
		return 0;
	struct str token = req_bearer(c->req);
	/* Some routes also take a token of their own in the query; then the handler decides. */
	bool other_way = c->route->query_token && req_query(c->req, "downloadToken").n > 0;
	if (!token.p || token.n > TOKEN_MAX)
		return other_way ? 0 : refuse(c);
	token_digest(token, hash);
	int err = ask(c, hash);
	if (err == 0) {
		c->who = &f->principal;
		return 0;
	}
	db_drain(c->app->db);
	f->prefetched = false;
	if (err == E_UNAUTH)
		return other_way ? 0 : refuse(c);
	f->down = true;
	if (err == E_UNAVAIL)
		metrics_event(c->pl->metrics, ME_PG_LOST);
	return err;
}

int phase_role(struct call *c)
{
	if (!c->route->roles || (!c->who && c->route->query_token))
		return 0;
	if (c->who && c->route->roles & 1u << c->who->role)
		return 0;
	return call_fail(c, &problem_forbidden, "Forbidden");
}

int call_owns(struct call *c, struct str project)
{
	if (c->who && str_eq(c->who->project, project))
		return 0;
	return call_fail(c, &problem_forbidden, "Forbidden");
}

struct audit call_audit(const struct call *c, struct str details)
{
	const struct principal *who = c->who;
	return (struct audit){
		.project = who ? who->project : STR_NULL,
		.token_id = who ? str_of(who->token_id) : STR_NULL,
		.role = who ? str_of(token_role_name(who->role)) : STR("anonymous"),
		.request_id = str_of(c->req->id),
		.ip = str_sub(c->req->remote_addr, 0, 64),
		.details = details,
	};
}
