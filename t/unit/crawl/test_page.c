#include "base/first.h"
#include "crawl/page.h"
#include "../tap.h"

static struct arena a;

static struct page read_page(struct str body, const char *type)
{
	struct page p;
	page_read(&p, &a, body, type ? str_of(type) : STR_NULL);
	return p;
}

int main(void)
{
	static const struct { const char *type; enum page_kind kind;
	} types[] = {
		{ "text/html", PAGE_HTML },
		{ "TEXT/HTML;charset=x", PAGE_HTML },
		{ "application/xhtml+xml", PAGE_HTML },
		{ "application/rss+xml", PAGE_HTML },
		{ "text/plain", PAGE_TEXT },
		{ "text/csv", PAGE_TEXT },
		{ "application/json", PAGE_TEXT },
		{ "application/ld+json", PAGE_TEXT },
		{ "image/svg+xml", PAGE_BINARY },
		{ "image/png", PAGE_BINARY },
		{ "application/pdf", PAGE_BINARY },
		{ "application/octet-stream", PAGE_BINARY },
	};
	arena_init(&a, 0);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		is_int(read_page(STR("x"), types[i].type).kind, types[i].kind, "%s", types[i].type);
	is_int(read_page(STR(" \n<p>x"), NULL).kind, PAGE_HTML, "without a type: markup");
	is_int(read_page(STR("words < more"), NULL).kind, PAGE_TEXT, "without a type: words");
	is_int(read_page(STR(""), NULL).kind, PAGE_HTML, "without a type: nothing");
	is_int(read_page(STR("<p>\0\1"), NULL).kind, PAGE_BINARY, "without a type: bytes");
	is_str(read_page(STR("%PDF-1.7 x"), "nonsense").type, "application/pdf", "a bad type is none");
	is_str(read_page(STR("\xff\xd8\xff\xe0"), NULL).type, "image/jpeg", "a picture");
	is_int(read_page(STR("\xff\xfe<\0p\0>\0"), NULL).kind, PAGE_HTML, "UTF-16");
	is_str(read_page(STR("\xff\xfe<\0p\0>\0"), NULL).text, "<p>", "is decoded, without its mark");

	struct page p = read_page(STR("a<b>&c\xfc"), "text/plain; charset=windows-1252");
	is_str(p.text, "a<b>&c\xc3\xbc", "text in another encoding");
	is_str(p.html,
		"<html><head><meta charset=\"utf-8\"></head><body><pre>a&lt;b&gt;&amp;c\xc3\xbc</pre></body></html>",
		"as a browser shows it");
	is_str(p.type, "text/html", "which is what is kept");
	p = read_page(STR("<meta charset=windows-1252>\xfc"), "text/html");
	is_str(p.html, "<meta charset=windows-1252>\xc3\xbc", "a page by its meta tag");
	is_str(p.charset, "windows-1252", "so named");
	p = read_page(STR("\0\1"), "image/png");
	ok(p.html.n == 2 && str_is(p.type, "image/png"), "other kinds stay as they are");
	is_str(read_page(STR("x"), "a/b/c; d").type, "text/html", "two slashes are no media type: sniffed as text");
	arena_release(&a);
	return done_testing();
}
