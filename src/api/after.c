#include "base/first.h"
#include "api/session.h"
#include "api/cors.h"
#include "base/log.h"
#include "store/db.h"

#define TOUCH_EVERY (60 * USEC_PER_SEC)

/* The table of contents of a request's way; routes differ in data only. */
const struct phase api_phases[] = {
	{ "auth", phase_auth },
	{ "limit", phase_limit, .always = true },
	{ "role", phase_role },
	{ "body", phase_body },
	{ "handler", phase_handler },
	{ "cors", phase_cors, .always = true },
	{ "after", phase_after, .always = true },
	{ 0 },
};
const char *const api_phase_names[] = { "auth", "limit", "role", "body", "handler", "cors", "after", NULL };

int phase_after(struct call *c)
{
	struct db *db = c->app->db;
	db_drain(db);
	/* The store looks again, so a second worker that thinks the same does no harm. */
	if (c->who && clock_real() - c->who->last_used_at > TOUCH_EVERY && c->reply->status < 500)
		token_touch(db, str_of(c->who->token_id), NULL);
	return 0;
}

void log_request(struct call *c)
{
	int status = c->reply->status;
	enum log_level level = status >= 500 ? LOG_ERROR : LOG_INFO;
	const char *words = status >= 400 && c->err.words[0] ? c->err.words : NULL;
	log_at(level, "request", L_CSTR("requestId", c->req->id), L_CSTR("method", method_name(c->req->method)),
		L_STR("path", str_sub(c->req->path, 0, 512)), L_CSTR("route", c->route ? c->route->id : NULL),
		L_INT("status", status), L_INT("us", clock_mono() - c->started), L_INT("bytes", c->reply->body.n),
		L_STR("ip", c->req->remote_addr), L_CSTR("tokenId", c->who ? c->who->token_id : NULL),
		L_STR("project", c->who ? c->who->project : STR_NULL), L_STR("resource", c->resource_id),
		L_CSTR("why", words));
}
