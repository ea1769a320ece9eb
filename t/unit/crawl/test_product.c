#include "base/first.h"
#include "crawl/product.h"
#include "../tap.h"

static struct arena a;

static struct product fresh(void)
{
	struct product p;
	product_init(&p, &a);
	return p;
}

static void test_order(void)
{
	struct product p = fresh();
	struct document *d;
	p.page = STR("<html>");
	p.page_type = STR("text/html");
	p.extracted = STR("{\"a\":1}");
	p.har = STR("{}");
	p.cookies = STR("[]");
	vec_push(&a, &p.pictures,
		(struct picture){ .type = "screenshot",
			.name = STR("shot.png"),
			.content_type = "image/png",
			.bytes = STR("png") });
	vec_push(&a, &p.pictures,
		(struct picture){ .type = "pdf",
			.name = STR("page.pdf"),
			.content_type = "application/pdf",
			.bytes = STR("pdf") });
	vec_push(&a, &p.pictures,
		(struct picture){
			.type = "screenshot", .name = STR("b.png"), .content_type = "image/png", .bytes = STR("png") });
	product_timing(&p, "fetch", 1499);
	vec_push(&a, &p.console, (struct console_line){ .type = STR("log"), .text = STR("h\"i") });
	vec_push(&a, &p.errors, (struct network_error){ .url = STR("http://x/"), .words = STR("refused") });
	is_int(product_documents(&p, &d), 10, "all documents");
	static const char *const names[] = { "final.html", "console-logs.json", "network-errors.json", "timings.json",
		"trace.har", "extracted.json", "cookies.json", "shot.png", "page.pdf", "b.png" };
	static const char *const types[] = { "final_html", "console_logs", "network_errors", "timings", "har",
		"extracted_json", "cookies", "screenshot", "pdf", "screenshot" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		is_str(d[i].file_name, names[i], "document %zu is %s", i, names[i]);
		is_cstr(d[i].type, types[i], "of its type");
	}
	is_str(d[1].bytes, "[\n  {\n    \"type\": \"log\",\n    \"text\": \"h\\\"i\"\n  }\n]", "console lines");
	is_str(d[2].bytes, "[\n  {\n    \"url\": \"http://x/\",\n    \"errorText\": \"refused\"\n  }\n]",
		"network errors");
	is_str(d[3].bytes, "[\n  {\n    \"step\": \"fetch\",\n    \"durationMs\": 1\n  }\n]", "timings");
	is_str(d[5].bytes, "{\n  \"a\": 1\n}", "what was extracted");
}

static void test_few(void)
{
	struct product p = fresh();
	struct document *d;
	is_int(product_documents(&p, &d), 0, "no page, no documents");
	p.page = STR("");
	p.page_type = STR("text/html");
	is_int(product_documents(&p, &d), 4, "an empty page has four");
	is_str(d[1].bytes, "[]", "nothing to tell");
	static const char *const empty[] = { "null", "false", "0", "\"\"" };
	for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
		p.extracted = str_of(empty[i]);
		is_int(product_documents(&p, &d), 4, "%s is no extracted.json", empty[i]);
	}
	p.extracted = STR("{}");
	is_int(product_documents(&p, &d), 5, "an empty object is");
	p.page_type = STR("application/pdf");
	product_documents(&p, &d);
	is_str(d[0].file_name, "final.pdf", "another kind of document");
	is_cstr(d[0].type, "final_document", "has another type");
	is_str(d[0].content_type, "application/pdf", "and its own content type");
	p.page_type = STR("x/y");
	product_documents(&p, &d);
	is_str(d[0].file_name, "final.bin", "an unknown one");
}

static void test_summary(void)
{
	struct product p = fresh();
	struct document docs[2] = { { .id = "one" }, { .id = "two" } };
	is_str(product_summary(&p, docs, 0),
		"{\"usedBrowser\":false,\"artifactCount\":0,\"artifacts\":[],\"extracted\":null}", "of nothing");
	p.http_status = 200;
	p.url = STR("http://x/");
	p.used_browser = true;
	p.extracted = STR("{\"title\":\"T\",\"artifacts\":\"mine\",\"usedBrowser\":7,\"extracted\":1,\"artifactCount\":"
			  "2,\"n\":null}");
	is_str(product_summary(&p, docs, 2),
		"{\"usedBrowser\":true,\"artifactCount\":2,\"artifacts\":[\"one\",\"two\"],\"extracted\":{\"title\":"
		"\"T\",\"artifacts\":\"mine\","
		"\"usedBrowser\":7,\"extracted\":1,\"artifactCount\":2,\"n\":null},\"httpStatus\":200,\"finalUrl\":"
		"\"http://x/\",\"title\":\"T\","
		"\"n\":null}",
		"the keys are spread, but never over the first four");
	p.extracted = STR("{\"httpStatus\":\"mine\",\"finalUrl\":\"mine\"}");
	p.issues = STR("[{\"code\":\"x\"}]");
	is_str(product_summary(&p, docs, 0),
		"{\"usedBrowser\":true,\"artifactCount\":0,\"artifacts\":[],\"extracted\":{\"httpStatus\":\"mine\","
		"\"finalUrl\":\"mine\"},"
		"\"extractionIssues\":[{\"code\":\"x\"}],\"httpStatus\":\"mine\",\"finalUrl\":\"mine\"}",
		"a user's own key wins over the others");
	p.extracted = STR("[1,2]");
	p.issues = STR_NULL;
	is_str(product_summary(&p, docs, 0),
		"{\"usedBrowser\":true,\"artifactCount\":0,\"artifacts\":[],\"extracted\":[1,2],\"httpStatus\":200,"
		"\"finalUrl\":\"http://x/\"}",
		"a list has no keys to spread");
}

static void test_failure(void)
{
	struct product p = fresh();
	product_fail(&p, "ONE", true, "first %d", 1);
	product_fail(&p, "TWO", false, "second");
	is_cstr(p.failure.code, "ONE", "the first failure stands");
	is_str(p.failure.words, "first 1", "with its words");
	ok(p.failure.passes, "and its hope");
	p = fresh();
	product_fail(&p, "X", false, "bad \xff byte");
	is_str(p.failure.words, "bad \xef\xbf\xbd byte", "words are UTF-8");
}

int main(void)
{
	arena_init(&a, 0);
	test_order();
	test_few();
	test_summary();
	test_failure();
	arena_release(&a);
	return done_testing();
}
