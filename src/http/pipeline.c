#include "base/first.h"
#include "http/call.h"

struct issues *call_issues(struct call *c)
{
	if (!c->issues) {
		c->issues = arena_alloc(c->arena, sizeof *c->issues);
		issues_init(c->issues, c->arena);
	}
	return c->issues;
}

int call_fail(struct call *c, const struct problem *p, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(c->err.words, sizeof c->err.words, fmt, ap);
	va_end(ap);
	c->problem = p;
	return c->err.code = E_INVALID;
}

int call_issue(struct call *c, const char *member, const char *fmt, ...)
{
	char words[200];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	if (member)
		issue_add_at(call_issues(c), member, "custom", "%s", words);
	else
		issue_add(call_issues(c), "custom", STR_NULL, "%s", words);
	return call_fail(c, &problem_validation, "%s", problem_validation.message);
}

void call_problem(struct call *c, const struct problem *p, struct str message)
{
	reply_reset(c->reply);
	struct jw *w = reply_json(c->reply, p->status);
	c->family->write(c, w, p, message.n ? message : str_of(p->message));
	if (p->status == 401)
		reply_header(c->reply, "www-authenticate", STR("Bearer"));
	if (p->status == 405)
		reply_header(c->reply, "allow", route_allow(c->arena, c->match.allowed));
	if (p->status == 503 || p->status == 429)
		reply_header_int(c->reply, "retry-after", MAX(c->retry_after, 1));
}

/* Words of these never leave the server: they speak of its inside. */
static bool inside_only(const struct problem *p)
{
	return p == &problem_internal || p == &problem_unavailable || p == &problem_timeout;
}

static void fail(struct call *c, int code)
{
	const struct problem *p = c->problem ? c->problem : problem_of(code);
	bool quiet = !c->problem && inside_only(p);
	call_problem(c, p, quiet ? STR_NULL : str_of(c->err.words));
}

/* Finds the route. 0 go on, 1 answered, <0 error, as a phase. */
static int route_call(struct call *c)
{
	struct req *req = c->req;
	int err = router_match(c->pl->router, c->arena, req->method, req->path, &c->match);
	if (err == E_NOTFOUND)
		return call_fail(
			c, &problem_not_found, "Route %s %.*s not found", method_name(req->method), STR_FMT(req->path));
	if (err == E_INVALID)
		return call_fail(c, &problem_bad_request, "path parameter is not UTF-8 text");
	if (err < 0 && req->method == M_OPTIONS) {
		reply_header(c->reply, "allow", route_allow(c->arena, c->match.allowed));
		c->reply->status = 204;
		return 1;
	}
	if (err < 0)
		return call_fail(c, &problem_method, "Method %s is not allowed here", method_name(req->method));
	c->route = c->match.route;
	if (c->route->family)
		c->family = c->route->family;
	return 0;
}

static struct str param_text(void *ctx, const char *name)
{
	return route_param(ctx, name);
}

/* Decodes path parameters early, because prefetch needs them; issues are told only after the
 * caller was authenticated and allowed. */
static void decode_params(struct call *c)
{
	const struct schema *s = c->route->params;
	c->params_ok = true;
	if (!s)
		return;
	c->params = arena_zalloc(c->arena, s->object.size);
	struct issues *is = arena_alloc(c->arena, sizeof *is);
	issues_init(is, c->arena);
	if (schema_check_text(s, param_text, &c->match, c->arena, c->params, is) < 0) {
		c->params_ok = false;
		c->issues = is;
	}
}

static void run_phases(struct call *c, int state)
{
	usec_t from = clock_mono();
	for (int i = 0; c->pl->phases[i].name && i < PHASES_MAX; i++) {
		const struct phase *ph = &c->pl->phases[i];
		if (state != 0 && !ph->always)
			continue;
		int err = ph->run(c);
		usec_t now = clock_mono();
		c->phase_us[i] = now - from;
		from = now;
		if (c->pl->metrics)
			metrics_phase(c->pl->metrics, i, c->phase_us[i]);
		if (err < 0) {
			fail(c, err);
			state = 1;
		} else if (err > 0) {
			state = 1;
		}
	}
}

static void check_reply(struct call *c)
{
#ifdef ENABLE_REPLY_CHECKS
	struct err e = { 0 };
	if (reply_check(c, &e) == 0)
		return;
	if (c->pl->metrics)
		metrics_event(c->pl->metrics, ME_REPLY_MISMATCH);
	static const struct problem mismatch = { "REPLY_MISMATCH", 500, "The reply breaks its documentation", "" };
	call_problem(c, &mismatch, str_of(e.words));
#endif
}

void pipeline_run(const struct pipeline *pl, struct req *req, struct reply *reply, int parse_status,
	const struct err *parse_err)
{
	struct call c = {
		.pl = pl, .app = pl->app, .arena = req->arena, .req = req, .reply = reply, .family = pl->family,
		.match = { .index = -1 }, .started = clock_mono(),
	};
	int state = 0;
	reply_header(reply, "x-request-id", str_of(req->id));
	if (parse_status)
		state = call_fail(&c, problem_of_status(parse_status), "%s", parse_err ? parse_err->words : "");
	else
		state = route_call(&c);
	if (state < 0)
		fail(&c, state);
	else if (state == 0)
		decode_params(&c);
	run_phases(&c, state);
	if (!reply->status) {
		snprintf(c.err.words, sizeof c.err.words, "handler of %s gave no answer", c.route ? c.route->id : "?");
		call_problem(&c, &problem_internal, STR_NULL);
	}
	if (!buf_ok(&reply->body)) {
		snprintf(c.err.words, sizeof c.err.words, "reply is larger than %zu bytes", (size_t)REPLY_BODY_MAX);
		call_problem(&c, &problem_internal, STR_NULL);
	}
	check_reply(&c);
	if (pl->metrics)
		metrics_request(pl->metrics, c.match.index, req->method, reply->status, clock_mono() - c.started);
	if (pl->done)
		pl->done(&c);
}

int phase_handler(struct call *c)
{
	int err = c->route->run(c);
	return err < 0 ? err : 1;
}
