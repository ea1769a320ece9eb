#include "base/first.h"
#include "api/cors.h"
#include "api/app.h"

bool cors_allows(struct str list, struct str origin)
{
	struct str one;
	while (str_split(&list, ',', &one)) {
		one = str_trim(one);
		if (str_is(one, "*") || (one.n && str_eqi(one, origin)))
			return true;
	}
	return false;
}

int phase_cors(struct call *c)
{
	struct str list = c->app->conf->cors_origins, origin = req_header(c->req, "origin");
	if (!list.n)
		return 0;
	/* Caches must not give one origin's answer to another. */
	reply_header(c->reply, "vary", STR("origin"));
	if (!origin.n || !cors_allows(list, origin))
		return 0;
	reply_header(c->reply, "access-control-allow-origin", origin);
	reply_header(c->reply, "access-control-expose-headers",
		STR("x-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after, etag"));
	if (c->req->method != M_OPTIONS || !req_header(c->req, "access-control-request-method").p)
		return 0;
	reply_header(c->reply, "access-control-allow-methods", route_allow(c->arena, c->match.allowed));
	reply_header(c->reply, "access-control-allow-headers",
		STR("authorization, content-type, idempotency-key, x-request-id, if-none-match, range"));
	reply_header(c->reply, "access-control-max-age", STR("600"));
	return 0;
}
