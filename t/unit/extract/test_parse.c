/* The real child on real documents, through the channel. */
#include "base/first.h"
#include "base/buf.h"
#include "extract/config.h"
#include "extract/isolate.h"

#include "../tap.h"

static struct arena arena;
static struct isolate *child;

static int run(const struct isolate_req *req, struct isolate_result *res, struct err *e)
{
	*e = (struct err){ 0 };
	return isolate_run(child, req, &arena, res, e);
}

static int config(const char *text, struct isolate_req *req, struct err *e)
{
	const struct json *v = NULL;
	if (json_parse(&arena, str_of(text), NULL, &v, e) < 0)
		die("test data: %s", e->words);
	return extract_config(v, NULL, &arena, req, e);
}

static void test_parts(void)
{
	struct isolate_result res = { 0 };
	struct err e;
	struct isolate_req req = { .want = WANT(PART_TEXT) | WANT(PART_MARKDOWN) | WANT(PART_LINKS) | WANT(PART_HTML),
		.body = STR("<title>t</title><h1>Caf\xe9</h1><p>See <a href='x?a=1&amp;b'>here</a>."),
		.charset = STR("text/html; charset=iso-8859-1"), .base_url = STR("http://example.com/d/") };
	is_int(run(&req, &res, &e), 0, "%s", e.words);
	is_str(res.part[PART_MARKDOWN], "# Caf\xc3\xa9\n\nSee [here](http://example.com/d/x?a=1&b).\n");
	ok(str_find(res.part[PART_TEXT], STR("See here.")) != STR_NPOS, "%.*s", STR_FMT(res.part[PART_TEXT]));
	ok(str_find(res.part[PART_LINKS], STR("\"url\":\"http://example.com/d/x?a=1&b\"")) != STR_NPOS, "%.*s",
		STR_FMT(res.part[PART_LINKS]));
	ok(str_find(res.part[PART_HTML], STR("<h1>Caf\xc3\xa9</h1>")) != STR_NPOS, "%.*s",
		STR_FMT(res.part[PART_HTML]));
	is_cstr(res.charset, "windows-1252");
	ok(!res.part[PART_EXTRACT].p, "nothing that was not asked for");
	req.want = WANT(PART_ARTICLE) | WANT(PART_METADATA) | WANT(PART_FORMS);
	is_int(run(&req, &res, &e), 0, "%s", e.words);
	ok(str_find(res.part[PART_METADATA], STR("\"title\":\"t\"")) != STR_NPOS, "%.*s",
		STR_FMT(res.part[PART_METADATA]));
	ok(str_find(res.part[PART_ARTICLE], STR("\"pageKind\":")) != STR_NPOS, "%.*s", STR_FMT(res.part[PART_ARTICLE]));
	is_str(res.part[PART_FORMS], "[]");
	req.charset = STR("utf-8");
	req.body = STR("<p>\xc3\xa9");
	is_int(run(&req, &res, &e), 0);
	is_cstr(res.charset, "utf-8", "a bare label is understood");
}

static void test_selectors(void)
{
	struct isolate_result res = { 0 };
	struct err e;
	struct isolate_req req = { .body = STR("<title>Test</title><h1>Hello</h1>"), .utf8 = true };
	is_int(config("{\"selectors\":{\"title\":\"title\",\"heading\":\"h1\"}}", &req, &e), 0, "%s", e.words);
	is_int(run(&req, &res, &e), 0, "%s", e.words);
	is_str(res.part[PART_EXTRACT], "{\"title\":\"Test\",\"heading\":\"Hello\"}");
	is_int(config("{\"mode\":\"selectors\",\"selectors\":{\"a\":\"b\",\"bad\":\"..\"}}", &req, &e), 0);
	is_int(run(&req, &res, &e), E_INVALID);
	ok(strstr(e.words, "selectors.bad: ") != NULL, "%s", e.words);
	static const char *const wrong[] = { "{}", "{\"mode\":\"x\"}", "{\"mode\":\"schema\"}", "{\"mode\":\"plugin\"}",
		"{\"selectors\":[]}", "{\"mode\":\"schema\",\"jsonSchema\":1}" };
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		is_int(config(wrong[i], &req, &e), E_INVALID, "%s", wrong[i]);
	is_int(config("{\"mode\":\"plugin\",\"plugin\":\"x\"}", &req, &e), E_UNSUPPORTED, "no plugins folder");
	req = (struct isolate_req){ .body = STR("1 < 2"), .is_text = true };
	is_int(config("{\"selectors\":{\"all\":\"body\"}}", &req, &e), 0);
	is_int(run(&req, &res, &e), 0);
	is_str(res.part[PART_EXTRACT], "{\"all\":\"1 < 2\"}");
}

/* Documents made to hurt: each is answered within its limits, and the child lives. */
static void test_hostile(void)
{
	struct isolate_result res;
	struct err e;
	static const char *const units[] = { "<div>", "<b>", "<a>", "<table><tr><td>", "<p x=1 y=2>", "&amp;", "<!--",
		"<svg><math>", "</p>", "\xff\xfe", "<select><option>", "<li>" };
	pid_t pid = isolate_pid(child);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		struct buf b;
		buf_init(&b, &arena, 0);
		while (b.n < 300 * 1000)
			buf_addz(&b, units[i]);
		struct isolate_req req = { .want = WANT(PART_TEXT) | WANT(PART_MARKDOWN) | WANT(PART_LINKS),
			.body = buf_str(&b) };
		usec_t from = clock_mono();
		int rc = run(&req, &res, &e);
		ok(rc == 0, "300 KB of %s: %" PRId64 " ms %s", units[i], (clock_mono() - from) / 1000, e.words);
	}
	is_int(isolate_pid(child), pid, "one child served them all");
}

int main(void)
{
	const char *build = getenv("builddir");
	char program[4096];
	struct err e = { 0 };
	arena_init(&arena, 0);
	snprintf(program, sizeof program, "%s/src/cmd/kryfto-parse", build ? build : ".");
	struct isolate_conf conf = { .program = program, .cpu = 20 * USEC_PER_SEC };
	if (isolate_open(&conf, &child, &e) < 0)
		die("%s", e.words);
	test_parts();
	test_selectors();
	test_hostile();
	struct isolate_result res;
	struct isolate_req req = { .body = STR("<title>Test</title><body><h1>Hello</h1></body>"), .utf8 = true };
	if (config("{\"selectors\":{\"title\":\"title\",\"heading\":\"h1\"}}", &req, &e) == 0) {
		usec_t from = clock_mono();
		for (int i = 0; i < 1000; i++)
			run(&req, &res, &e);
		printf("# two selectors on %zu bytes: %.1f us\n", req.body.n, (double)(clock_mono() - from) / 1000);
	}
	isolate_close(child);
	arena_release(&arena);
	return done_testing();
}
