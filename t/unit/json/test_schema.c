#include "base/first.h"
#include "json/schema.h"
#include "../tap.h"

static struct arena a;

struct options {
	struct str engine;
	int64_t timeoutMs;
	bool robots;
	struct opt_bool browser;
	struct opt_int retries;
};
struct body {
	struct str url;
	struct options options;
	const struct json *steps, *headers;
};

static const struct schema url_s = { S_STRING, .string = { .min = 1, .max = 2048, .format = F_URL } };
static const struct schema name_s = { S_STRING, .string = { .min = 1, .max = 5 } };
static const char *const engines[] = { "chromium", "firefox", NULL };
static const struct schema engine_s = { S_STRING, .string.oneof = engines };
static const struct schema timeout_s = { S_INTEGER, .integer = { 1000, 300000 } };
static const struct schema bool_s = { S_BOOLEAN };
static const struct schema options_s = { S_OBJECT, "Options",
	.object = { .size = sizeof(struct options),
		.fields = (const struct field[]){ STRF(struct options, engine, &engine_s, .fallback = "\"chromium\""),
			INTF(struct options, timeoutMs, &timeout_s, .fallback = "60000"),
			BOOLF(struct options, robots, &bool_s, .fallback = "true"),
			OPTB(struct options, browser, &bool_s), OPTI(struct options, retries, &timeout_s),
			FIELDS_END } } };
static const struct schema click_args_s = { S_OBJECT, .object.fields = (const struct field[]){
	{ .name = "selector", .schema = &name_s, .required = true }, FIELDS_END } };
static const struct schema click_s = { S_OBJECT, .object.fields = (const struct field[]){
	{ .name = "args", .schema = &click_args_s, .required = true }, FIELDS_END } };
static const struct schema step_s = { S_UNION,
	.union_ = { "type", (const struct arm[]){ { "click", &click_s }, { 0 } } } };
static const struct schema steps_s = { S_ARRAY, .array = { &step_s, 0, 3 } };
static const struct schema headers_s = { S_RECORD, .record = { &name_s } };

static void refine_body(const struct json *v, struct issues *is)
{
	if (json_get(v, "both") && json_get(v, "steps"))
		issue_add(is, "custom", STR_NULL, "only one of both, steps");
}
static const struct schema body_s = { S_OBJECT, "Body", .refine = refine_body, .object = { .size = sizeof(struct body),
	.fields = (const struct field[]){
	STRF(struct body, url, &url_s, .required = true),
	OBJF(struct body, options, struct options, &options_s),
	JSONF(struct body, steps, &steps_s),
	JSONF(struct body, headers, &headers_s),
	FIELDS_END } } };

static const struct json *parse(const char *text)
{
	const struct json *v = NULL;
	if (json_parse(&a, str_of(text), NULL, &v, NULL) < 0)
		die("bad test text %s", text);
	return v;
}

static void issues_are(const char *text, const char *want)
{
	struct issues *is = arena_alloc(&a, sizeof *is);
	struct buf b;
	struct jw w;
	issues_init(is, &a);
	buf_init(&b, &a, 0);
	jw_init(&w, &b);
	schema_check(&body_s, *text ? parse(text) : NULL, is);
	issues_write(&w, is);
	is_str(buf_str(&b), want, "issues of %s", text);
}

static void decoding(void)
{
	struct issues *is = arena_alloc(&a, sizeof *is);
	struct body b;
	issues_init(is, &a);
	const struct json *v =
		parse("{\"url\":\"http://x/\",\"zzz\":1,\"options\":{\"timeoutMs\":2000,\"browser\":false},"
		      "\"steps\":[{\"type\":\"click\",\"args\":{\"selector\":\"a\",\"more\":2}}]}");
	is_int(schema_check(&body_s, v, is), 0, "a good body");
	schema_decode(&body_s, v, &a, &b);
	is_str(b.url, "http://x/", "string member");
	is_int(b.options.timeoutMs, 2000, "nested integer");
	ok(b.options.robots, "default of a boolean");
	is_str(b.options.engine, "chromium", "default of a string");
	ok(b.options.browser.set && !b.options.browser.v, "an optional boolean knows that it was given");
	ok(!b.options.retries.set, "an absent optional integer");
	is_str(json_text(&a, b.steps), "[{\"type\":\"click\",\"args\":{\"selector\":\"a\"}}]",
		"unknown members are gone");
	ok(!b.headers, "absent record");
	is_str(json_text(&a, schema_normal(&body_s, parse("{\"url\":\"http://x/\",\"options\":{}}"), &a)),
		"{\"url\":\"http://x/\",\"options\":{\"engine\":\"chromium\",\"timeoutMs\":60000,\"robots\":true}}",
		"normal form");
}

static void flat(void)
{
	struct issues *is = arena_alloc(&a, sizeof *is);
	struct buf b;
	struct jw w;
	issues_init(is, &a);
	buf_init(&b, &a, 0);
	jw_init(&w, &b);
	schema_check(&body_s, parse("{\"options\":{\"timeoutMs\":1}}"), is);
	issues_write_flat(&w, is);
	is_str(buf_str(&b),
		"{\"formErrors\":[],\"fieldErrors\":{\"url\":[\"Required\"],\"options\":[\"Number must be greater than "
		"or equal to 1000\"]}}",
		"flattened by first path element");
}

int main(void)
{
	arena_init(&a, 0);
	issues_are("{\"url\":\"http://x/\"}", "[]");
	issues_are("", "[{\"code\":\"invalid_type\",\"expected\":\"object\",\"received\":\"undefined\",\"path\":[],"
		       "\"message\":\"Required\"}]");
	issues_are("[]", "[{\"code\":\"invalid_type\",\"expected\":\"object\",\"received\":\"array\",\"path\":[],"
			 "\"message\":\"Expected object, received array\"}]");
	issues_are("{}", "[{\"code\":\"invalid_type\",\"expected\":\"string\",\"received\":\"undefined\",\"path\":["
			 "\"url\"],\"message\":\"Required\"}]");
	issues_are("{\"url\":\"nope\"}", "[{\"code\":\"invalid_string\",\"validation\":\"url\",\"path\":[\"url\"],"
					 "\"message\":\"Invalid url\"}]");
	issues_are("{\"url\":\"http://x/\",\"options\":{\"timeoutMs\":999}}",
		"[{\"code\":\"too_small\",\"minimum\":1000,\"type\":\"number\",\"inclusive\":true,\"exact\":false,"
		"\"path\":[\"options\",\"timeoutMs\"],"
		"\"message\":\"Number must be greater than or equal to 1000\"}]");
	issues_are("{\"url\":\"http://x/\",\"options\":{\"timeoutMs\":1000.5,\"robots\":null}}",
		"[{\"code\":\"invalid_type\",\"expected\":\"integer\",\"received\":\"float\",\"path\":[\"options\","
		"\"timeoutMs\"],"
		"\"message\":\"Expected integer, received "
		"float\"},{\"code\":\"invalid_type\",\"expected\":\"boolean\",\"received\":\"null\","
		"\"path\":[\"options\",\"robots\"],\"message\":\"Expected boolean, received null\"}]");
	issues_are("{\"url\":\"http://x/\",\"options\":{\"engine\":\"opera\"}}",
		"[{\"code\":\"invalid_enum_value\",\"received\":\"opera\",\"options\":[\"chromium\",\"firefox\"],"
		"\"path\":[\"options\",\"engine\"],"
		"\"message\":\"Invalid enum value. Expected 'chromium' | 'firefox', received 'opera'\"}]");
	issues_are("{\"url\":\"http://x/\",\"steps\":[{\"type\":\"fly\"}]}",
		"[{\"code\":\"invalid_union_discriminator\",\"options\":[\"click\"],\"path\":[\"steps\",0,\"type\"],"
		"\"message\":\"Invalid discriminator value. Expected 'click'\"}]");
	issues_are("{\"url\":\"http://x/\",\"steps\":[],\"both\":1}",
		"[{\"code\":\"custom\",\"path\":[],\"message\":\"only one of both, steps\"}]");
	decoding();
	flat();
	arena_release(&a);
	return done_testing();
}
