#include "base/first.h"
#include "http/call.h"

#define BODY_DEPTH_MAX 64

static struct str query_text(void *ctx, const char *name)
{
	return req_query(ctx, name);
}

static int refuse_issues(struct call *c)
{
	return call_fail(c, &problem_validation, "%s", problem_validation.message);
}

static int check_query(struct call *c)
{
	const struct schema *s = c->route->query;
	if (!s)
		return 0;
	c->query = arena_zalloc(c->arena, s->object.size);
	return schema_check_text(s, query_text, c->req, c->arena, c->query, call_issues(c)) < 0 ? refuse_issues(c) : 0;
}

/* Reads the text of the body into c->req->body; an absent one leaves an empty slice. */
static int read_text(struct call *c)
{
	struct req *r = c->req;
	size_t max = c->route->body.max ? c->route->body.max : c->pl->body_max;
	if (r->content_length == 0)
		return 0;
	if ((uint64_t)r->content_length > max)
		return call_fail(c, &problem_too_large, "Request body is larger than %zu bytes", max);
	if (!r->content_type.p || !req_media_is(r->content_type, "application/json"))
		return call_fail(c, &problem_media_type, "Content-Type must be application/json");
	char *p = arena_alloc(c->arena, (size_t)r->content_length + 1);
	if (r->read(r, p, (size_t)r->content_length) < 0)
		return call_fail(c, &problem_bad_request, "Request body ended early");
	p[r->content_length] = '\0';
	r->body = str_n(p, (size_t)r->content_length);
	return 0;
}

static int parse_text(struct call *c, const struct json **ret)
{
	const struct json_limits limits = { .bytes = c->req->body.n, .depth = BODY_DEPTH_MAX };
	struct err e = { 0 };
	int err = json_parse(c->arena, c->req->body, &limits, ret, &e);
	if (err == E_LIMIT)
		return call_issue(c, NULL, "JSON is nested deeper than %d levels", BODY_DEPTH_MAX);
	if (err < 0)
		return call_issue(c, NULL, "Malformed JSON: %s", e.words);
	return 0;
}

int phase_body(struct call *c)
{
	const struct schema *s = c->route->body.schema;
	if (!c->params_ok)
		return refuse_issues(c);
	int err = check_query(c);
	if (err < 0 || !s)
		return err;
	const struct json *v = NULL;
	err = read_text(c);
	/* White space alone counts as no body: clients send "Content-Type: application/json" on everything. */
	if (err == 0 && str_trim(c->req->body).n)
		err = parse_text(c, &v);
	if (err < 0)
		return err;
	if (!v && c->route->body.optional)
		v = json_new_object(c->arena);
	if (schema_check(s, v, call_issues(c)) < 0)
		return refuse_issues(c);
	c->body_json = v;
	c->body = arena_zalloc(c->arena, c->route->body.size);
	schema_decode(s, v, c->arena, c->body);
	return 0;
}

#ifdef ENABLE_REPLY_CHECKS
static const struct reply_doc *doc_of(const struct route *rt, int status)
{
	for (const struct reply_doc *d = rt->replies; d->status; d++)
		if (d->status == status)
			return d;
	return NULL;
}

int reply_check(struct call *c, struct err *e)
{
	const struct reply *r = c->reply;
	const struct reply_doc *d = c->route ? doc_of(c->route, r->status) : NULL;
	const struct schema *s = d ? d->schema : r->status >= 400 ? c->family->schema : NULL;
	if (c->route && !d && r->status < 400)
		return err_set(e, E_INTERNAL, "%s answered %d, which is not documented", c->route->id, r->status);
	if (!s)
		return 0;
	const struct json *v;
	struct err why = { 0 };
	const struct json_limits limits = { .bytes = REPLY_BODY_MAX };
	if (json_parse(c->arena, buf_str(&r->body), &limits, &v, &why) < 0)
		return err_set(e, E_INTERNAL, "reply of status %d is no JSON: %s", r->status, why.words);
	struct issues *is = arena_alloc(c->arena, sizeof *is);
	issues_init(is, c->arena);
	if (schema_check(s, v, is) == 0)
		return 0;
	struct buf b;
	struct jw w;
	buf_init(&b, c->arena, 0);
	jw_init(&w, &b);
	issues_write(&w, is);
	return err_set(e, E_INTERNAL, "%s %d: %s", c->route ? c->route->id : "?", r->status, buf_cstr(&b));
}
#endif
