#include "base/first.h"
#include "http/request.h"
#include "base/buf.h"
#include "base/rng.h"
#include "../tap.h"

static struct arena arena;

static int parse(struct req *r, int *status, const char *const *envp)
{
	static struct err e;
	*r = (struct req){ .arena = &arena };
	*status = 0;
	return req_parse(r, envp, status, &e);
}

static void check_good(void)
{
	struct req r;
	int status;
	const char *env[] = { "REQUEST_METHOD=POST", "REQUEST_URI=/v1/jobs/a%20b?limit=5&q=a+b%2Bc&flag&limit=7",
		"CONTENT_TYPE=application/json; charset=utf-8", "CONTENT_LENGTH=12", "REMOTE_ADDR=10.1.2.3",
		"HTTP_AUTHORIZATION=Bearer  abc ", "HTTP_X_REQUEST_ID=req-1", "HTTP_HOST=api.example",
		"HTTP_ACCEPT=text/html, application/openmetrics-text;version=1.0.0;q=0.5, */*;q=0.1", "HTTPS=on",
		NULL };
	is_int(parse(&r, &status, env), 0, "a plain request");
	is_int(r.method, M_POST, "method");
	is_str(r.path, "/v1/jobs/a%20b", "path keeps its escapes");
	is_str(req_query(&r, "q"), "a b+c", "query is decoded");
	is_str(req_query(&r, "limit"), "7", "the last of two wins");
	is_str(req_query(&r, "flag"), "", "a name alone is empty");
	ok(!req_query(&r, "none").p, "an absent one is NULL");
	is_int(r.content_length, 12, "length");
	ok(req_media_is(r.content_type, "application/json"), "media type without parameters");
	is_str(req_bearer(&r), "abc", "bearer token is trimmed");
	is_cstr(r.id, "req-1", "request id is the client's");
	is_str(r.host, "api.example", "host");
	is_str(r.scheme, "https", "scheme");
	ok(req_accepts(&r, "application/openmetrics-text"), "accepts by name");
	ok(!req_accepts(&r, "text/plain"), "a wildcard does not count");
}

static void refused(const char *uri, int want, const char *name)
{
	struct req r;
	int status;
	const char *env[] = { "REQUEST_METHOD=GET", arena_printf(&arena, "REQUEST_URI=%s", uri).p, NULL };
	ok(parse(&r, &status, env) < 0, "refused: %s", name);
	is_int(status, want, "status for %s", name);
	ok(uuid_valid(str_of(r.id)), "and it has an id to answer with");
}

static void check_bad(void)
{
	refused("/v1/%00jobs", 400, "NUL in the path");
	refused("/v1/%ff", 400, "bad UTF-8 in the path");
	refused("/v1/\x01", 400, "control character");
	refused("v1/jobs", 400, "no slash");
	refused("/v1?x=%c3%28", 400, "bad UTF-8 in the query");
	refused("/v1?x=%00", 400, "NUL in the query");
	char *longer = arena_alloc(&arena, 9000);
	memset(longer, 'a', 9000);
	longer[0] = '/';
	longer[8999] = '\0';
	refused(longer, 414, "a long URI");
	struct buf many;
	buf_init(&many, &arena, 0);
	buf_addz(&many, "/v1?");
	for (int i = 0; i < 101; i++)
		buf_addz(&many, "a&");
	refused(buf_cstr(&many), 400, "too many query parameters");
}

static void check_headers(void)
{
	const char *env[120] = { "REQUEST_METHOD=GET", "REQUEST_URI=/" };
	struct req r;
	int status;
	for (int i = 2; i < 103; i++)
		env[i] = arena_printf(&arena, "HTTP_X_%d=1", i).p;
	ok(parse(&r, &status, env) == E_LIMIT && status == 431, "101 header fields");
	env[102] = NULL;
	is_int(parse(&r, &status, env), 0, "100 header fields");
	char *big = arena_alloc(&arena, 40 * KiB);
	memset(big, 'v', 40 * KiB - 1);
	big[40 * KiB - 1] = '\0';
	memcpy(big, "HTTP_X=", 7);
	const char *env2[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", big, NULL };
	ok(parse(&r, &status, env2) == E_LIMIT && status == 431, "40 KiB in one header field");
	const char *env3[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", "CONTENT_LENGTH=12x", NULL };
	ok(parse(&r, &status, env3) == E_INVALID && status == 400, "Content-Length that is no number");
	const char *env4[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", "CONTENT_LENGTH=-1", NULL };
	ok(parse(&r, &status, env4) == E_INVALID && r.content_length == 0, "negative Content-Length");
	const char *env5[] = { "REQUEST_URI=/", NULL };
	ok(parse(&r, &status, env5) == E_INVALID && status == 400, "no method");
}

static void check_ids(void)
{
	char longest[REQ_ID_MAX + 2];
	memset(longest, 'x', sizeof longest);
	ok(req_id_valid(str_n(longest, REQ_ID_MAX)), "128 bytes are fine");
	ok(!req_id_valid(str_n(longest, REQ_ID_MAX + 1)), "129 are not");
	ok(!req_id_valid(STR("a b")) && !req_id_valid(STR("a\"b")) && !req_id_valid(STR("a\nb")),
		"no blanks, quotes, newlines");
	ok(!req_id_valid(STR("")), "not empty");
	const char *env[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTP_X_REQUEST_ID=evil\"}", NULL };
	struct req r;
	int status;
	parse(&r, &status, env);
	ok(uuid_valid(str_of(r.id)), "a bad id is replaced by a UUID");
	const char *basic[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTP_AUTHORIZATION=Basic abc", NULL };
	parse(&r, &status, basic);
	ok(!req_bearer(&r).p, "another scheme is no bearer token");
	const char *empty[] = { "REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTP_AUTHORIZATION=Bearer ", NULL };
	parse(&r, &status, empty);
	ok(!req_bearer(&r).p, "an empty token is none");
}

int main(void)
{
	arena_init(&arena, 0);
	check_good();
	check_bad();
	check_headers();
	check_ids();
	arena_release(&arena);
	return done_testing();
}
