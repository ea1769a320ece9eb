/* Request bodies of the collect family: what the descriptors take, refuse and make of it. */
#include "base/first.h"
#include "api/app.h"
#include "api/collect/jobs.h"
#include "api/collect/shapes.h"
#include "api/collect/steps.h"
#include "api/cors.h"
#include "../tap.h"

static struct arena arena;

static const struct json *parse(const char *text)
{
	const struct json *v = NULL;
	struct err e = { 0 };
	if (json_parse(&arena, str_of(text), NULL, &v, &e) < 0)
		printf("# not JSON: %s\n", text);
	return v;
}

/* The issues as "path code" lines, "" when there are none. */
static struct str issues_of(const struct schema *s, const char *text)
{
	struct issues *is = arena_new(&arena, struct issues);
	struct buf b;
	issues_init(is, &arena);
	buf_init(&b, &arena, 0);
	schema_check(s, parse(text), is);
	for (size_t i = 0; i < MIN(is->n, (size_t)ISSUES_MAX); i++) {
		const struct issue *x = &is->at[i];
		buf_addz(&b, i ? "; " : "");
		for (size_t k = 0; k < x->path_n; k++)
			if (x->path[k].name.p)
				buf_addf(&b, ".%.*s", STR_FMT(x->path[k].name));
			else
				buf_addf(&b, "[%zu]", x->path[k].index);
		buf_addf(&b, " %s", x->code);
	}
	return buf_str(&b);
}

#define URL "\"url\":\"http://a.example/\""

static void check_jobs(void)
{
	is_str(issues_of(&job_create_s, "{" URL "}"), "", "the least");
	is_str(issues_of(&job_create_s, "{" URL ",\"options\":{\"timeoutMs\":1000},\"x\":1}"), "",
		"an unknown member is no issue");
	is_str(issues_of(&job_create_s, "{" URL ",\"options\":{\"timeoutMs\":300001,\"browserEngine\":7}}"),
		".options.browserEngine invalid_type; .options.timeoutMs too_big", "all issues are told");
	is_str(issues_of(&job_create_s, "{" URL ",\"options\":null}"), ".options invalid_type", "null is no default");
	is_str(issues_of(&job_create_s, "{" URL ",\"extract\":{\"mode\":\"schema\"}}"), ".extract custom",
		"a rule over two members");
	struct job_create b;
	schema_decode(&job_create_s, parse("{" URL ",\"extract\":{\"selectors\":{\"a\":\"h1\"}}}"), &arena, &b);
	ok(b.options.respectRobotsTxt && b.options.timeoutMs == 60000 && !b.options.requiresBrowser.set &&
		!b.options.interactiveLogin && str_is(b.options.browserEngine, "chromium"), "defaults of the options");
	is_str(b.privacy_mode, "normal");
	is_str(b.freshness_mode, "preferred");
	is_str(json_str(json_get(b.extract, "mode"), STR("")), "selectors", "mode is selectors unless said");
	ok(!b.steps && !b.recipeId.p, "absent is absent");
	struct buf out;
	buf_init(&out, &arena, 0);
	json_write_canonical(&out, schema_normal(&job_create_s, parse("{\"zzz\":1," URL "}"), &arena));
	is_str(buf_str(&out),
		"{\"freshness_mode\":\"preferred\",\"options\":{\"browserEngine\":\"chromium\",\"interactiveLogin\":"
		"false,"
		"\"respectRobotsTxt\":true,\"timeoutMs\":60000},\"privacy_mode\":\"normal\",\"url\":\"http://a.example/"
		"\"}",
		"what is stored and hashed");
}

static const struct {
	const char *step, *issues;
} steps[] = {
	{ "{\"type\":\"goto\",\"args\":{\"url\":\"http://a/\"}}", "" },
	{ "{\"type\":\"goto\",\"args\":{}}", "[0].args.url invalid_type" },
	{ "{\"type\":\"goto\"}", "[0].args invalid_type" },
	{ "{\"type\":\"setHeaders\",\"args\":{\"headers\":{\"a\":\"b\"}}}", "" },
	{ "{\"type\":\"setHeaders\",\"args\":{\"headers\":{\"a\":1}}}", "[0].args.headers.a invalid_type" },
	{ "{\"type\":\"setCookies\",\"args\":{\"cookies\":[{\"name\":\"a\",\"value\":\"\"}]}}", "" },
	{ "{\"type\":\"setCookies\",\"args\":{\"cookies\":[]}}", "[0].args.cookies too_small" },
	{ "{\"type\":\"setCookies\",\"args\":{\"cookies\":[{\"name\":\"a\",\"value\":\"b\",\"sameSite\":\"lax\"}]}}",
		"[0].args.cookies[0].sameSite invalid_enum_value" },
	{ "{\"type\":\"exportCookies\"}", "" },
	{ "{\"type\":\"waitForSelector\",\"args\":{\"selector\":\"a\",\"timeoutMs\":1}}", "" },
	{ "{\"type\":\"waitForSelector\",\"args\":{\"selector\":\"a\",\"timeoutMs\":0}}",
		"[0].args.timeoutMs too_small" },
	{ "{\"type\":\"click\",\"args\":{\"selector\":\"a\"}}", "" },
	{ "{\"type\":\"click\",\"args\":{\"selector\":\"\"}}", "[0].args.selector too_small" },
	{ "{\"type\":\"type\",\"args\":{\"selector\":\"a\",\"text\":\"\",\"secret\":true}}", "" },
	{ "{\"type\":\"type\",\"args\":{\"selector\":\"a\"}}", "[0].args.text invalid_type" },
	{ "{\"type\":\"scroll\",\"args\":{\"direction\":\"down\",\"amount\":1}}", "" },
	{ "{\"type\":\"scroll\",\"args\":{\"direction\":\"left\",\"amount\":1}}",
		"[0].args.direction invalid_enum_value" },
	{ "{\"type\":\"wait\",\"args\":{\"ms\":1}}", "" },
	{ "{\"type\":\"wait\",\"args\":{\"ms\":0}}", "[0].args.ms too_small" },
	{ "{\"type\":\"waitForNetworkIdle\"}", "" },
	{ "{\"type\":\"paginate\",\"args\":{\"nextSelector\":\"a\",\"maxPages\":100}}", "" },
	{ "{\"type\":\"paginate\",\"args\":{\"nextSelector\":\"a\",\"maxPages\":101}}", "[0].args.maxPages too_big" },
	{ "{\"type\":\"screenshot\",\"args\":{\"name\":\"a\"}}", "" },
	{ "{\"type\":\"screenshot\",\"args\":{\"name\":\"\"}}", "[0].args.name too_small" },
	{ "{\"type\":\"extract\",\"args\":{\"selectors\":{}}}", "" },
	{ "{\"type\":\"extract\",\"args\":{\"mode\":\"plugin\"}}", "[0].args custom" },
	{ "{\"type\":\"Goto\",\"args\":{}}", "[0].type invalid_union_discriminator" },
	{ "{\"args\":{}}", "[0].type invalid_union_discriminator" },
	{ "[]", "[0] invalid_type" },
};

static void check_steps(void)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		is_str(issues_of(&steps_s, arena_printf(&arena, "[%s]", steps[i].step).p), steps[i].issues, "%s",
			steps[i].step);
	const struct json *v = schema_normal(&steps_s,
		parse("[{\"type\":\"paginate\",\"x\":1,\"args\":{\"nextSelector\":\"a\"}},{\"type\":\"exportCookies\"}"
		      "]"),
		&arena);
	is_str(json_text(&arena, v),
		"[{\"type\":\"paginate\",\"args\":{\"nextSelector\":\"a\",\"maxPages\":10}},{\"type\":"
		"\"exportCookies\",\"args\":{}}]",
		"defaults of steps, unknown members out");
}

static void window(struct paging p, int64_t offset, int64_t limit, int64_t page)
{
	struct window w = paging_window(&p, 20);
	ok(w.offset == offset && w.limit == limit && w.page == page, "window %d %d %d", (int)offset, (int)limit,
		(int)page);
}

#define SET(n) { true, n }

static void check_paging(void)
{
	window((struct paging){ 0 }, 0, 20, 1);
	window((struct paging){ .page = SET(3) }, 40, 20, 3);
	window((struct paging){ .page = SET(3), .limit = SET(10) }, 20, 10, 3);
	window((struct paging){ .offset = SET(25), .limit = SET(25) }, 25, 25, 2);
	window((struct paging){ .offset = SET(7), .page = SET(9) }, 7, 20, 1);
}

static void check_cors(void)
{
	struct str list = STR("https://a.example , https://b.example:8443");
	ok(cors_allows(list, STR("https://a.example")) && cors_allows(list, STR("https://b.example:8443")),
		"origins of the list");
	ok(!cors_allows(list, STR("https://b.example")) && !cors_allows(list, STR("http://a.example")),
		"port and scheme count");
	ok(!cors_allows(list, STR("")) && !cors_allows(STR(""), STR("https://a.example")), "nothing matches nothing");
	ok(cors_allows(STR("*"), STR("https://x.example")), "any");
}

int main(void)
{
	arena_init(&arena, 0);
	check_jobs();
	check_steps();
	check_paging();
	check_cors();
	arena_release(&arena);
	return done_testing();
}
