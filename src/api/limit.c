#include "base/first.h"
#include "api/session.h"

static const int32_t default_rpm[] = {
	[TOKEN_READONLY] = 60, [TOKEN_DEVELOPER] = 120, [TOKEN_ADMIN] = 500,
};

/* An address as a key. Of IPv6 the first 64 bits: whoever has one address of a network has them all. */
static struct str address_key(struct call *c)
{
	struct str ip = str_sub(c->req->remote_addr, 0, 64);
	if (!ip.n)
		ip = STR("none");
	if (str_startsi(ip, STR("::ffff:")) && str_chr(ip, '.') != STR_NPOS)
		return str_from(ip, 7);
	if (str_chr(ip, ':') == STR_NPOS)
		return ip;
	size_t colons = 0, end = 0;
	while (end < ip.n && colons < 4 && !(end + 1 < ip.n && ip.p[end] == ':' && ip.p[end + 1] == ':'))
		colons += ip.p[end++] == ':';
	return arena_printf(c->arena, "%.*s/64", (int)end, ip.p);
}

static struct limit_ask question(struct call *c)
{
	struct app *app = c->app;
	struct str ip = address_key(c);
	if (c->who) {
		int32_t rpm = app->shared->rpm[c->who->role];
		return (struct limit_ask){
			.key = arena_printf(c->arena, "%s:%.*s", c->who->token_id, STR_FMT(ip)),
			.limit = rpm ? rpm : default_rpm[c->who->role],
			.count = true,
		};
	}
	/* Probes and scrapes do not use up anybody's allowance, and neither does our own trouble. */
	bool free_of_charge = (c->route && !c->route->roles) || (c->fetched && c->fetched->down);
	return (struct limit_ask){
		.key = arena_printf(c->arena, "ip:%.*s", STR_FMT(ip)),
		.limit = app->conf->rate_limit_rpm,
		.count = !free_of_charge,
	};
}

int phase_limit(struct call *c)
{
	struct limit_ask ask = question(c);
	struct limit_state st;
	ask.now = clock_real();
	limiter_hit(c->app->limiter, c->app->mc, &ask, &st);
	if (st.mc_failed)
		metrics_event(c->pl->metrics, ME_MEMCACHED_ERRORS);
	reply_header_int(c->reply, "x-ratelimit-limit", st.limit);
	reply_header_int(c->reply, "x-ratelimit-remaining", st.remaining);
	reply_header_int(c->reply, "x-ratelimit-reset", st.reset);
	if (!st.over || !ask.count)
		return 0;
	metrics_event(c->pl->metrics, ME_RATE_LIMITED);
	call_fail(c, &problem_rate, "Over the rate limit of %" PRId64 " requests a minute; try again in %" PRId64 " s",
		st.limit, st.reset);
	c->retry_after = st.reset;
	return E_RATE;
}
