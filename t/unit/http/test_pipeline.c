#include "base/first.h"
#include "http/call.h"
#include "../tap.h"

static struct arena arena;
static int prefetched, audited;
static bool deny;

struct thing { struct str name; int64_t size; };
struct key { struct str id; };
struct page { int64_t limit; };
static const struct schema name_s = { S_STRING, .string = { .min = 1, .max = 5 } };
static const struct schema uuid_s = { S_STRING, .string = { .format = F_UUID } };
static const struct schema size_s = { S_INTEGER, .integer = { 1, 10 } };
static const struct schema thing_s = { S_OBJECT,
	.object = { .size = sizeof(struct thing),
		.fields = (const struct field[]){ STRF(struct thing, name, &name_s, .required = true),
			INTF(struct thing, size, &size_s, .fallback = "3"), FIELDS_END } } };
static const struct schema key_s = { S_OBJECT, .object = { .size = sizeof(struct key), .fields = (const struct field[]){
	STRF(struct key, id, &uuid_s, .required = true), FIELDS_END } } };
static const struct schema page_s = { S_OBJECT,
	.object = { .size = sizeof(struct page),
		.fields = (const struct field[]){ INTF(struct page, limit, &size_s, .fallback = "5"), FIELDS_END } } };
static const struct schema any_s = { S_ANY };
static const struct reply_doc docs[] = { { 200, &any_s, "fine" }, { 0 } };

static int run_thing(struct call *c)
{
	struct thing *t = c->body;
	struct page *p = c->query;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kstr(w, "name", t->name);
	jw_kint(w, "size", t->size);
	jw_kint(w, "limit", p->limit);
	jw_end_object(w);
	return 0;
}

static int run_get(struct call *c)
{
	struct key *k = c->params;
	if (str_starts(k->id, STR("0")))
		return err_set(&c->err, E_UNAVAIL, "password=hunter2 refused by 10.0.0.1");
	if (str_starts(k->id, STR("1")))
		return call_fail(c, &problem_not_found, "Thing not found");
	if (str_starts(k->id, STR("2")))
		return 0; /* forgets to answer */
	reply_text(c->reply, 200, "application/json", STR("{}"));
	return 0;
}

static int prefetch(struct call *c)
{
	prefetched++;
	return 0;
}

static const struct route table[] = {
	{ .id = "put",
		.method = M_PUT,
		.path = "/thing",
		.run = run_thing,
		.body = { &thing_s, sizeof(struct thing), .max = 100 },
		.query = &page_s,
		.replies = docs,
		.summary = "s",
		.tag = "t" },
	{ .id = "get",
		.method = M_GET,
		.path = "/thing/:id",
		.run = run_get,
		.params = &key_s,
		.prefetch = prefetch,
		.replies = docs,
		.summary = "s",
		.tag = "t" },
	{ 0 },
};

static void envelope(struct call *c, struct jw *w, const struct problem *p, struct str message)
{
	jw_object(w);
	jw_kcstr(w, "code", p->code);
	jw_kstr(w, "message", message);
	if (c->issues && c->issues->n && p == &problem_validation) {
		jw_key(w, "issues");
		issues_write(w, c->issues);
	}
	jw_end_object(w);
}

static int phase_gate(struct call *c)
{
	if (c->params_ok && c->route->prefetch)
		c->route->prefetch(c);
	return deny ? err_set(&c->err, E_UNAUTH, "Unauthorized") : 0;
}

static int phase_audit(struct call *c)
{
	audited++;
	return 0;
}

static const struct family family = { "plain", envelope, &any_s };
static const struct phase phases[] = {
	{ "auth", phase_gate },
	{ "body", phase_body },
	{ "handler", phase_handler },
	{ "audit", phase_audit, .always = true },
	{ 0 },
};
static struct router router;

struct text { struct str s; };

static int read_text(struct req *r, char *out, size_t n)
{
	struct text *t = r->transport;
	if (n > t->s.n)
		return E_GONE;
	memcpy(out, t->s.p, n);
	return 0;
}

static struct reply reply;

/* Runs one request; returns its status. */
static int ask(const char *method, const char *uri, const char *type, struct str body)
{
	static struct text text;
	text.s = body;
	struct req *r = arena_new(&arena, struct req);
	struct err e = { 0 };
	int status = 0;
	*r = (struct req){ .arena = &arena, .read = read_text, .transport = &text };
	const char *env[6] = { arena_printf(&arena, "REQUEST_METHOD=%s", method).p,
		arena_printf(&arena, "REQUEST_URI=%s", uri).p, "HTTP_X_REQUEST_ID=rid",
		arena_printf(&arena, "CONTENT_LENGTH=%zu", body.n).p };
	if (type)
		env[4] = arena_printf(&arena, "CONTENT_TYPE=%s", type).p;
	req_parse(r, env, &status, &e);
	reply_init(&reply, &arena);
	const struct pipeline pl = { .phases = phases, .router = &router, .family = &family, .body_max = 1000 };
	pipeline_run(&pl, r, &reply, status, &e);
	return reply.status;
}

#define JSON "application/json"
#define UUID "-0000-4000-8000-000000000000"

static void check_bodies(void)
{
	is_int(ask("PUT", "/thing", JSON, STR("{\"name\":\"a\"}")), 200, "a good body");
	is_str(buf_str(&reply.body), "{\"name\":\"a\",\"size\":3,\"limit\":5}", "decoded, with defaults");
	is_str(reply_get_header(&reply, "x-request-id"), "rid", "request id comes back");
	is_int(ask("PUT", "/thing?limit=11", JSON, STR("{\"name\":\"a\"}")), 400, "query out of bounds");
	is_int(ask("PUT", "/thing?limit=x", JSON, STR("{\"name\":\"a\"}")), 400, "query of another type");
	is_int(ask("PUT", "/thing", JSON, STR("{\"name\":")), 400, "malformed JSON");
	ok(str_find(buf_str(&reply.body), STR("Malformed JSON")) != STR_NPOS, "says so");
	is_int(ask("PUT", "/thing", JSON, STR("{\"name\":\"\",\"size\":11}")), 400, "two issues");
	ok(str_find(buf_str(&reply.body), STR("[\"size\"]")) != STR_NPOS &&
			str_find(buf_str(&reply.body), STR("[\"name\"]")) != STR_NPOS,
		"both are told, with their paths");
	is_int(ask("PUT", "/thing", NULL, STR("")), 400, "no body where one is needed");
	is_int(ask("PUT", "/thing", JSON, STR("")), 400, "an empty body is no body");
	is_int(ask("PUT", "/thing", "text/plain", STR("{\"name\":\"a\"}")), 415, "another media type");
	is_int(ask("PUT", "/thing", NULL, STR("{\"name\":\"a\"}")), 415, "no media type");
	is_int(ask("PUT", "/thing", "Application/JSON ; charset=UTF-8", STR("{\"name\":\"a\"}")), 200,
		"media types ignore case");
	char big[101];
	memset(big, ' ', sizeof big);
	is_int(ask("PUT", "/thing", JSON, str_n(big, 101)), 413, "one byte too many");
	is_int(ask("PUT", "/thing", JSON, str_n(big, 100)), 400, "the largest, all blank");
	char deep[90];
	memset(deep, '[', sizeof deep);
	is_int(ask("PUT", "/thing", JSON, str_n(deep, 90)), 400, "nested too deeply");
	is_int(ask("PUT", "/thing", JSON, STR("{\"name\":\"\xff\"}")), 400, "bad UTF-8");
	is_int(ask("PUT", "/thing", JSON, STR("[]")), 400, "another root");
}

static void check_routes(void)
{
	is_int(ask("GET", "/nope", NULL, STR("")), 404, "unknown path");
	is_int(ask("DELETE", "/thing", NULL, STR("")), 405, "known path, other method");
	is_str(reply_get_header(&reply, "allow"), "PUT, OPTIONS", "Allow names the methods");
	is_int(ask("OPTIONS", "/thing", NULL, STR("")), 204, "OPTIONS");
	is_str(reply_get_header(&reply, "allow"), "PUT, OPTIONS", "Allow");
	is_int(ask("GET", "/%00", NULL, STR("")), 400, "a request that did not parse");
	ok(str_find(buf_str(&reply.body), STR("BAD_REQUEST")) != STR_NPOS, "in the envelope");
	prefetched = audited = 0;
	is_int(ask("GET", "/thing/nouuid", NULL, STR("")), 400, "a path parameter that breaks its schema");
	is_int(prefetched, 0, "is not prefetched");
	is_int(audited, 1, "an `always` phase runs after an error");
	is_int(ask("GET", "/thing/30000000" UUID, NULL, STR("")), 200, "a good one");
	is_int(prefetched, 1, "is");
	is_int(ask("HEAD", "/thing/30000000" UUID, NULL, STR("")), 200, "HEAD");
}

static void check_problems(void)
{
	deny = true;
	is_int(ask("PUT", "/thing", JSON, STR("{")), 401, "authentication comes before the body");
	is_str(reply_get_header(&reply, "www-authenticate"), "Bearer", "with its challenge");
	deny = false;
	is_int(ask("GET", "/thing/00000000" UUID, NULL, STR("")), 503, "a dependency is away");
	is_str(reply_get_header(&reply, "retry-after"), "1", "when to try again");
	ok(str_find(buf_str(&reply.body), STR("hunter2")) == STR_NPOS, "words from inside stay inside");
	is_int(ask("GET", "/thing/10000000" UUID, NULL, STR("")), 404, "a handler's own problem");
	is_str(buf_str(&reply.body), "{\"code\":\"NOT_FOUND\",\"message\":\"Thing not found\"}", "in its words");
	is_int(ask("GET", "/thing/20000000" UUID, NULL, STR("")), 500, "a handler that forgot to answer");
	for (size_t i = 0; problem_catalogue[i]; i++) {
		const struct problem *p = problem_catalogue[i];
		ok(p->status >= 400 && p->status < 600 && p->message[0] && p->remedy[0], "%s is complete", p->code);
	}
	for (int code = E_INTERNAL; code < 0; code++)
		ok(problem_of(code)->status >= 400, "%s has a problem", err_name(code));
	is_cstr(problem_of_status(431)->code, "HEADERS_TOO_LARGE");
}

int main(void)
{
	arena_init(&arena, 0);
	const struct route *const tables[] = { table, NULL };
	struct err e = { 0 };
	is_int(router_build(&router, &arena, tables, &e), 0, "routes");
	check_bodies();
	check_routes();
	check_problems();
	arena_release(&arena);
	return done_testing();
}
