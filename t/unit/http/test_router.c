#include "base/first.h"
#include "http/route.h"
#include "../tap.h"

static struct arena arena;
static const struct schema text_s = { S_STRING };
static const struct schema int_s = { S_INTEGER };
struct one { struct str id; };
struct two { struct str id, key; };
static const struct schema one_s = { S_OBJECT, .object = { .size = sizeof(struct one), .fields = (const struct field[]){
	STRF(struct one, id, &text_s, .required = true), FIELDS_END } } };
static const struct schema two_s = { S_OBJECT,
	.object = { .size = sizeof(struct two),
		.fields = (const struct field[]){ STRF(struct two, id, &text_s, .required = true),
			STRF(struct two, key, &text_s, .required = true), FIELDS_END } } };
static const struct reply_doc fine[] = { { 200, &int_s, "fine" }, { 0 } };

static int run(struct call *c)
{
	return 0;
}

#define R(i, m, p, ...)                                                                                                \
	{                                                                                                              \
		.id = i, .method = m, .path = p, .run = run, .replies = fine, .summary = "s", .tag = "t",              \
		##__VA_ARGS__                                                                                          \
	}

static const struct route good[] = {
	R("list", M_GET, "/v1/jobs"),
	R("create", M_POST, "/v1/jobs"),
	R("get", M_GET, "/v1/jobs/:id", .params = &one_s),
	R("latest", M_GET, "/v1/jobs/latest"),
	R("logs", M_GET, "/v1/jobs/:id/logs", .params = &one_s),
	R("latestTop", M_DELETE, "/v1/jobs/latest/top"),
	R("deep", M_PUT, "/v1/:id/x/:key", .params = &two_s),
	R("root", M_GET, "/"),
	{ 0 },
};

static struct router router;

static const char *find(enum http_method m, const char *path)
{
	static struct route_match got;
	got = (struct route_match){ 0 };
	int err = router_match(&router, &arena, m, str_of(path), &got);
	return err == 0 ? got.route->id : err_name(err);
}

static void check_matches(void)
{
	is_cstr(find(M_GET, "/v1/jobs"), "list");
	is_cstr(find(M_HEAD, "/v1/jobs"), "list", "HEAD follows GET");
	is_cstr(find(M_POST, "/v1/jobs"), "create");
	is_cstr(find(M_GET, "/v1/jobs/7"), "get");
	is_cstr(find(M_GET, "/v1/jobs/latest"), "latest", "a literal wins over a parameter");
	is_cstr(find(M_GET, "/v1/jobs/latest/logs"), "logs", "the walk comes back from a literal that leads nowhere");
	is_cstr(find(M_DELETE, "/v1/jobs/latest/top"), "latestTop");
	is_cstr(find(M_PUT, "/v1/jobs/x/9"), "deep");
	is_cstr(find(M_GET, "/"), "root");
	is_cstr(find(M_GET, "/v1/jobs/"), "notfound", "a trailing slash is another path");
	is_cstr(find(M_GET, "/v1//jobs"), "notfound", "an empty segment too");
	is_cstr(find(M_GET, "/v1"), "notfound");
	is_cstr(find(M_GET, "/v1/jobs/7/logs/x"), "notfound");
	is_cstr(find(M_DELETE, "/v1/jobs/7"), "unsupported");
	is_cstr(find(M_OTHER, "/v1/jobs/7"), "unsupported");
	is_cstr(find(M_GET, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18"), "notfound", "too many segments");
	struct route_match m;
	is_int(router_match(&router, &arena, M_PUT, STR("/v1/a%2Fb/x/%C3%A9"), &m), 0, "escaped parameters");
	is_str(route_param(&m, "id"), "a/b", "an escaped slash stays inside its parameter");
	is_str(route_param(&m, "key"), "\xc3\xa9", "the second parameter");
	ok(!route_param(&m, "nope").p, "no such parameter");
	is_int(router_match(&router, &arena, M_GET, STR("/v1/jobs/%ff"), &m), E_INVALID, "bad UTF-8 in a parameter");
	router_match(&router, &arena, M_DELETE, STR("/v1/jobs"), &m);
	is_str(route_allow(&arena, m.allowed), "GET, HEAD, POST, OPTIONS", "what is allowed instead");
}

static void refused(const struct route *table, const char *why)
{
	struct router r;
	struct err e = { 0 };
	const struct route *const tables[] = { table, NULL };
	ok(router_build(&r, &arena, tables, &e) == E_INVALID && strstr(e.words, why), "refused: %s (%s)", why, e.words);
}

static void check_refusals(void)
{
	static const struct route twice[] = { R("a", M_GET, "/x"), R("b", M_GET, "/x"), { 0 } };
	static const struct route twice_param[] = {
		R("a", M_GET, "/x/:id", .params = &one_s), R("b", M_GET, "/x/:id", .params = &one_s), { 0 } };
	static const struct route same_id[] = { R("a", M_GET, "/x"), R("a", M_GET, "/y"), { 0 } };
	static const struct route no_schema[] = { R("a", M_GET, "/x/:id"), { 0 } };
	static const struct route no_place[] = { R("a", M_GET, "/x/:id", .params = &two_s), { 0 } };
	static const struct route no_reply[] = {
		{ .id = "a", .method = M_GET, .path = "/x", .run = run, .summary = "s", .tag = "t" }, { 0 }
	};
	static const struct route no_run[] = {
		{ .id = "a", .method = M_GET, .path = "/x", .replies = fine, .summary = "s", .tag = "t" }, { 0 }
	};
	static const struct route no_size[] = { R("a", M_POST, "/x", .body = { &one_s }), { 0 } };
	static const struct route head[] = { R("a", M_HEAD, "/x"), { 0 } };
	static const struct route no_slash[] = { R("a", M_GET, "x"), { 0 } };
	refused(twice, "taken already");
	refused(twice_param, "taken already");
	refused(same_id, "id is used twice");
	refused(no_schema, "has no schema");
	refused(no_place, "no place in the path");
	refused(no_reply, "no reply");
	refused(no_run, "no handler");
	refused(no_size, "size of its struct");
	refused(head, "method must be");
	refused(no_slash, "start with /");
}

int main(void)
{
	arena_init(&arena, 0);
	const struct route *const tables[] = { good, NULL };
	struct err e = { 0 };
	is_int(router_build(&router, &arena, tables, &e), 0, "the table builds");
	check_matches();
	check_refusals();
	arena_release(&arena);
	return done_testing();
}
