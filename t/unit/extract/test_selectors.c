#include "base/first.h"
#include "extract/selectors.h"

#include "../tap.h"

static struct arena arena;

static const char page[] =
	"<html><head><title> A \xc2\xa0page </title></head><body><h1>Hello <b>there</b></h1>"
	"<ul><li class=s><a href=/1>One</a></li><li class=s><a href=/2>Two</a></li><li "
	"class=s><a>Three</a></li><li></li></ul>"
	"<p id=empty>  </p><div id=h> <i>x</i> </div><img alt=''><p data-x='a(b)'>q</p></body></html>";

static const char *pick(const char *html, bool is_text, const char *map)
{
	struct doc d;
	struct doc_opts o = { .body = str_of(html), .is_text = is_text, .utf8 = true };
	struct err e = { 0 };
	struct buf out;
	struct jw w;
	const struct json *v = NULL;
	buf_init(&out, &arena, 0);
	jw_init(&w, &out);
	if (json_parse(&arena, str_of(map), NULL, &v, &e) < 0 || doc_open(&arena, &o, &d, &e) < 0)
		die("test data: %s", e.words);
	int rc = selectors_write(&d, v, &w, &e);
	if (rc < 0) {
		buf_clear(&out);
		buf_addf(&out, "%s: %s", err_name(rc), e.words);
	}
	return buf_cstr(&out);
}

static void expect(const char *selector, const char *want)
{
	char map[256];
	snprintf(map, sizeof map, "{\"v\":\"%s\"}", selector);
	const char *got = pick(page, false, map);
	char all[512];
	snprintf(all, sizeof all, "{\"v\":%s}", want);
	is_cstr(got, all, "%s", selector);
}

int main(void)
{
	arena_init(&arena, 0);
	expect("title", "\"A \xc2\xa0page\"");
	expect("h1", "\"Hello there\"");
	expect("h2", "null");
	expect("#empty", "null");
	expect("li", "\"One\"");
	expect("all:li", "[\"One\",\"Two\",\"Three\"]");
	expect("all: li.s", "[\"One\",\"Two\",\"Three\"]");
	expect("all:h2", "[]");
	expect("a::attr(href)", "\"/1\"");
	expect("a::attr( HREF )", "\"/1\"");
	expect("all:a::attr(href)", "[\"/1\",\"/2\"]");
	expect("li:nth-child(3) a::attr(href)", "null");
	expect("h1::attr(id)", "null");
	expect("img::attr(alt)", "\"\"");
	expect("#h::html", "\" <i>x</i> \"");
	expect("h9::html", "null");
	expect("all:h1 b::html", "[\"there\"]");
	expect("li:last-child::html", "null");
	expect("p:contains('q')", "\"q\"");
	expect("[data-x='a(b)']", "\"q\"");
	expect("[data-x='a(b)']::attr(data-x)", "\"a(b)\"");
	expect("ul:has(> li) li:first", "\"One\"");
	is_cstr(pick(page, false, "{}"), "{}", "no selectors, no data");
	is_cstr(pick(page, false, "{\"a\":\"title\",\"b\":\"h1\"}"),
		"{\"a\":\"A \xc2\xa0page\",\"b\":\"Hello there\"}");

	static const struct {
		const char *map, *like;
	} bad[] = { { "{\"price\":\"a[\"}", "invalid: selectors.price: " },
		{ "{\"x\":\"\"}", "invalid: selectors.x: the selector is empty" },
		{ "{\"x\":\"all:\"}", "invalid: selectors.x: the selector is empty" },
		{ "{\"x\":\"::html\"}", "invalid: selectors.x: the selector is empty" },
		{ "{\"x\":\"a::attr()\"}", "invalid: selectors.x: ::attr() needs" },
		{ "{\"x\":\"a:nope(1)\"}", "invalid: selectors.x: " },
		{ "{\"x\":1}", "invalid: selectors.x: must be a string" },
		{ "[]", "invalid: selectors: must be an object" } };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const char *got = pick(page, false, bad[i].map);
		ok(strncmp(got, bad[i].like, strlen(bad[i].like)) == 0, "%s: %s", bad[i].map, got);
	}

	is_cstr(pick("a < b & <b>c</b>\nd", true, "{\"body\":\"body\",\"b\":\"b\"}"),
		"{\"body\":\"a < b & <b>c</b>\\nd\",\"b\":null}", "markup in text is text");
	is_cstr(pick("\xff", true, "{\"body\":\"body\"}"), "{\"body\":\"\xef\xbf\xbd\"}", "text that is no UTF-8");
	is_cstr(pick("", true, "{\"body\":\"body\"}"), "{\"body\":null}", "empty text");
	is_str(trim_unicode(STR("\xef\xbb\xbf \xe2\x80\xa8x y\xe3\x80\x80\n")), "x y");
	is_str(trim_unicode(STR("\xc2\xa0")), "");
	arena_release(&arena);
	return done_testing();
}
