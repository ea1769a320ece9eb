#include "base/first.h"
#include "html/base.h"
#include "../tap.h"

static struct arena arena;

static struct base_url make(const char *html, const char *page)
{
	struct dom *d;
	struct base_url b;
	if (dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &d, NULL))
		die("parse");
	base_url_init(&b, &arena, d, page ? str_of(page) : STR_NULL);
	return b;
}

/* The short cuts must not be told from the parser. */
static void same_as_parser(const char *page)
{
	static const char *const refs[] = { "", "#", "#a", "#a#b", "#a b", "#a`b", "?q=1", "?q='x'", "/", "//h/x", "/x",
		"/x/./y", "/x/../y", "/.x", "/x?y#z", "/x?y/../z", "x", "x.html", "./x", "../x", "x/../y", "x:y",
		"a/x:y", "x y", "x%20y", "x\\y", "x\ty", " x ", "http://a.b", "http://a.b/", "http://A.b/",
		"http://a.b/x?q#f", "http://a.b/x?q#f#g", "http://a.b/x'y", "http://a.b/x^y|z", "http://a.b:80/",
		"http://u@a.b/", "http://1.2/", "http://a.1/", "http://a.0x7/", "http://xn--a/", "http://a..b/",
		"http://.a/", "http://a./", "http://a_b/", "http://a-b.c/d", "https:/x", "https:x", "http:x",
		"HTTP://a/", "mailto:a@b", "data:,x", "javascript:x", "http:///x", "http://\xC3\xA9/", "/\xC3\xA9",
		"?\xC3\xA9", "x?a=%zz&b=c", "http://a.b/%2e%2e/c", "file:///x", "//", "///x", "/;a=b,c!d$e&f(g)*+~_-@/",
		";x", "?", "x?", "x#", "http://a.b/?", "http://a.b/#" };
	struct base_url b = make("", page);
	for (size_t i = 0; i < ARRAY_LEN(refs); i++) {
		struct str want = url_resolve(&arena, str_of(refs[i]), &b.url),
			   got = base_url_resolve(&b, str_of(refs[i]));
		ok(str_eq(got, want) && !got.p == !want.p, "%s + '%s' -> %.*s (%.*s)", page, refs[i], STR_FMT(want),
			STR_FMT(got));
	}
}

int main(void)
{
	arena_init(&arena, 0);
	same_as_parser("http://ex.com/a/b.html?q=1#f");
	same_as_parser("https://ex.com");
	same_as_parser("http://u:p@ex.com:8080/d/");
	same_as_parser("file:///d/e");
	same_as_parser("mailto:x@y");

	struct base_url b = make("<base target=x><base href='/deep/'><base href=/no/>", "http://ex.com/a");
	is_str(base_url_resolve(&b, STR("x")), "http://ex.com/deep/x", "the first base with an href counts");
	is_str(url_href(&arena, &b.page, 0), "http://ex.com/a", "the page's own URL stays");
	b = make("<base href='http://o.org/x/y'>", NULL);
	ok(b.known && !b.page_known, "a base without a page URL");
	is_str(base_url_resolve(&b, STR("z")), "http://o.org/x/z", "resolved against it");
	b = make("<base href='data:,x'>", "http://ex.com/a/b");
	is_str(base_url_resolve(&b, STR("z")), "http://ex.com/a/z", "data: is no base");
	b = make("<base href='rel/'>", NULL);
	ok(!b.known && !base_url_resolve(&b, STR("z")).p, "relative to nothing");
	is_str(base_url_resolve(&b, STR("http://a.b/c")), "http://a.b/c", "absolute is fine without a base");
	arena_release(&arena);
	return done_testing();
}
