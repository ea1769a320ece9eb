/* Route tables as nginx locations. */
#include "../tap.h"
#include "api/nginx_conf.h"

static int answer(struct call *c)
{
	return 0;
}

static const struct schema body_s = { S_OBJECT, .object.fields = (const struct field[]){ { 0 } } };

#define ROUTE(m, p, ...) { .id = m " " p, .method = M_GET, .path = p, .run = answer, ##__VA_ARGS__ }

static const struct route first[] = {
	ROUTE("get", "/v1/things"),
	ROUTE("post", "/v1/things", .body = { &body_s, 8, .max = 3 * MiB }),
	ROUTE("get", "/v1/things/:id/events", .pool = POOL_STREAM),
	ROUTE("post", "/v1/parse.all", .pool = POOL_SLOW, .body = { &body_s, 8, .max = 1536 }),
	{ 0 },
};
static const struct route second[] = {
	ROUTE("get", "/v1/:kind/:id/deep", .pool = POOL_SLOW),
	ROUTE("get", "/v1/plain/:id"),
	ROUTE("post", "/v1/odd/:id", .body = { &body_s, 8, .max = 1000 }),
	{ 0 },
};

static const struct {
	const char *what, *text;
} cases[] = {
	{ "the largest body of a path's methods", "location = /v1/things {\n\tclient_max_body_size 3m;\n"
						  "\tfastcgi_pass kryfto_fast;\n}\n" },
	{ "streams are not buffered", "location ~ \"^/v1/things/[^/]+/events$\" {\n\tclient_max_body_size 1m;\n"
				      "\tfastcgi_pass kryfto_stream;\n\tfastcgi_buffering off;\n" },
	{ "an exact path needs no escapes", "location = /v1/parse.all {\n" },
	{ "sizes of bytes", "client_max_body_size 1000;" },
	{ "the default", "location / {\n\tclient_max_body_size 1m;\n\tfastcgi_pass kryfto_fast;\n}\n" },
};

int main(void)
{
	const struct route *const tables[] = { first, second, NULL };
	struct arena a;
	struct buf b;
	arena_init(&a, 4096);
	buf_init(&b, &a, 0);
	nginx_conf_write(tables, 1 * MiB, &a, &b);
	const char *text = buf_cstr(&b);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ok(strstr(text, cases[i].text) != NULL, "%s", cases[i].what);
	ok(strstr(text, "plain") == NULL, "what is like the default has no location");
	const char *one = strstr(text, "things/[^/]+/events"), *two = strstr(text, "[^/]+/[^/]+/deep");
	ok(one && two && one < two, "patterns with fewer wildcards come first");
	const struct route *const none[] = { NULL };
	buf_release(&b);
	buf_init(&b, &a, 0);
	nginx_conf_write(none, 1536, &a, &b);
	ok(strstr(buf_cstr(&b), "client_max_body_size 1536;") != NULL, "another default");
	arena_release(&a);
	return done_testing();
}
