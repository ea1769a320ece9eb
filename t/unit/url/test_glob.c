#include "base/first.h"
#include "base/buf.h"
#include "base/clock.h"
#include "url/glob.h"
#include "../tap.h"

static struct arena a;

static struct glob *compile(const char *pattern)
{
	struct glob *g = NULL;
	struct err e = { 0 };
	if (glob_compile(&a, str_of(pattern), &g, &e) < 0)
		die("%s: %s", pattern, e.words);
	return g;
}

static void text(const char *pattern, const char *subject, bool want)
{
	ok(glob_match(compile(pattern), str_of(subject)) == want, "%s %s %s", pattern,
		want ? "matches" : "does not match", subject);
}

static struct url parse(const char *s)
{
	struct url u;
	if (url_parse(&a, str_of(s), NULL, &u, NULL) < 0)
		die("%s", s);
	return u;
}

static void crawl(const char *pattern, const char *s, bool want)
{
	struct url u = parse(s);
	ok(glob_match_url(&a, compile(pattern), &u) == want, "%s %s %s", pattern, want ? "takes" : "does not take", s);
}

static void recipe(const char *pattern, const char *s, bool want)
{
	struct url u = parse(s);
	ok(glob_match_recipe(&a, compile(pattern), &u) == want, "recipe %s %s %s", pattern, want ? "takes" : "leaves",
		s);
}

static void test_segments(void)
{
	text("a", "a", true);
	text("a", "b", false);
	text("a", "a/", true);
	text("a/", "a", false);
	text("a//b", "a/b", true);
	text("a/b", "a///b", true);
	text("/a", "a", false);
	text("/a", "/a", true);
	text("*", "abc", true);
	text("*", "a/b", false);
	text("*", "", false);
	text("*", ".a", false);
	text(".*", ".a", true);
	text("*.html", "index.html", true);
	text("*.html", ".html", false);
	text("*.html", "a/index.html", false);
	text("a*", "a", true);
	text("a*b*c", "aXbbYc", true);
	text("a*b*c", "aXbbY", false);
	text("a?c", "abc", true);
	text("a?c", "ac", false);
	text("?", ".", false);
	text("\\*", "*", true);
	text("\\*", "a", false);
	text("a\\", "a\\", true);
	text("", "", true);
	text("", "a", false);
}

static void test_classes(void)
{
	text("[abc]", "b", true);
	text("[a-c]x", "bx", true);
	text("[a-c]x", "dx", false);
	text("[!a-c]", "d", true);
	text("[^a-c]", "b", false);
	text("[]x]", "]", true);
	text("[a-]", "-", true);
	text("[a", "[a", true);
	text("[[:digit:]]", "7", true);
	text("[[:digit:]x]", "x", true);
	text("[[:alpha:]]", "7", false);
	text("[\\]]", "]", true);
	text("[!a]", ".", false);
}

static void test_globstar(void)
{
	text("**", "a/b/c", true);
	text("a/**", "a/b/c", true);
	text("a/**", "a/", true);
	text("a/**", "a", false);
	text("**/c", "c", true);
	text("**/c", "a/b/c", true);
	text("**/c", "a/.b/c", false);
	text("**/.b/c", "a/.b/c", true);
	text("a/**/c", "a/c", true);
	text("a/**/c", "a/b/b/c", true);
	text("a/**/c/**/e", "a/c/c/d/e", true);
	text("a/**/c/**/e", "a/c/c/d", false);
	text("a**", "ab", true);
	text("a**", "a/b", false);
	text("**/*.html", "x/y/a.html", true);
	text("**/**/a", "a", true);
	text("a/**/**", "a/b", true);
}

static void test_braces(void)
{
	text("{a,b}", "a", true);
	text("{a,b}", "b", true);
	text("{a,b}", "{a,b}", false);
	text("{a}", "{a}", true);
	text("{a", "{a", true);
	text("a}", "a}", true);
	text("x{a,b}y{c,d}", "xbyc", true);
	text("x{a,b}y{c,d}", "xbyb", false);
	text("{a,{b,c}d}", "cd", true);
	text("{a{b,c}}", "{ac}", true);
	text("x{,y}", "x", true);
	text("{1..3}", "2", true);
	text("{1..3}", "4", false);
	text("{3..1}", "2", true);
	text("{01..10}", "07", true);
	text("{01..10}", "7", false);
	text("{1..9..4}", "5", true);
	text("{1..9..4}", "4", false);
	text("{a..e}", "c", true);
	text("{-2..2}", "-1", true);
	text("{a..9}", "{a..9}", true);
	text("\\{a,b}", "{a,b}", true);
	text("${a,b}", "${a,b}", true);
	text("{a/b,c}/d", "a/b/d", true);
	text("{**,x}/d", "a/b/d", true);
}

static void test_flags(void)
{
	text("!a", "b", true);
	text("!a", "a", false);
	text("!!a", "a", true);
	text("#a", "#a", false);
	text("!#a", "b", true);
	text("\\#a", "#a", true);
}

static void test_urls(void)
{
	crawl("**/docs/**", "https://a.b/x/docs/y", true);
	crawl("*/docs/*", "https://a.b/docs/y", false);
	crawl("https://a.b/*", "https://a.b/x", true);
	crawl("https://a.b/*", "https://a.b/", false);
	crawl("https://a.b/*", "https://a.b/x/y", false);
	crawl("https://a.b/**", "https://a.b/", true);
	crawl("https://a.b/**", "https://a.b/x/y?q=/z#f", true);
	crawl("**/*.html", "https://a.b/x/y.html", true);
	crawl("*.html", "https://a.b/y.html", false);
	crawl("https://a.b/?", "https://a.b/x", true);
	crawl("https://a.b/x?q=*", "https://a.b/x?q=1", true);
	crawl("!**/private/**", "https://a.b/x", true);
	crawl("!**/private/**", "https://a.b/private/x", false);
	crawl("*://a.b/*", "https://a.b/x", true);
	crawl("*://a.b/*", "http://a.b/", true);
	crawl("*://a.b/*", "http://a.b/x/y?z", true);
	crawl("*://a.b/*", "http://x.a.b/", false);
	crawl("*://a.b/*", "ftp://a.b/", false);
	crawl("*://*.a.b/*", "http://a.b/", true);
	crawl("*://*.a.b/*", "http://y.x.a.b/", true);
	crawl("*://*.a.b/*", "http://xa.b/", false);
	crawl("*://*/x", "http://a.b/x", true);
	crawl("*://*/x", "http://a.b/xy", false);
	crawl("*://a.*/*", "http://a.co.uk/x", true);
	crawl("*://a.b:81/*", "http://a.b:81/x", true);
	crawl("*://a.b:81/*", "http://a.b/x", false);
	crawl("*://a.b", "http://a.b/x", true);
	crawl("*://{a,b}.c/*", "http://b.c/x", true);
	crawl("!*://a.b/*", "http://a.b/x", false);
}

static void test_recipes(void)
{
	recipe("*://news.ycombinator.com/*", "https://news.ycombinator.com/", true);
	recipe("*://news.ycombinator.com/*", "https://news.ycombinator.com/item?id=1", true);
	recipe("*://news.ycombinator.com/*", "http://news.ycombinator.com/a/b", true);
	recipe("*://news.ycombinator.com/*", "https://ycombinator.com/", false);
	recipe("news.ycombinator.com/*", "https://news.ycombinator.com/item?id=1", true);
	recipe("news.ycombinator.com/*", "https://news.ycombinator.com/a/b", false);
	recipe("example.com/**", "https://example.com/", true);
	recipe("example.com/**", "https://example.com:8443/a/b?c#d", true);
	recipe("example.com/**", "https://www.example.com/", false);
	recipe("example.com", "https://example.com/", true);
	recipe("https://example.com/**", "https://example.com/a?b", true);
	recipe("https://example.com/**", "http://example.com/a", false);
	recipe("https://example.com/a", "https://example.com/a?b", false);
	recipe("**", "https://example.com/a", true);
	recipe("{a,b}.example/**", "https://b.example/x", true);
}

static void test_limits(void)
{
	struct glob *g;
	struct buf b;
	struct err e;
	char big[GLOB_PATTERN_MAX + 1];
	memset(big, '*', sizeof big);
	is_int(glob_compile(&a, str_n(big, sizeof big), &g, &e), E_LIMIT, "over-long");
	is_int(glob_compile(&a, str_n(big, sizeof big - 1), &g, &e), 0, "as long as may be");
	is_int(glob_compile(&a, STR("{1..1024}"), &g, &e), 0, "as many alternatives as may be");
	is_int(glob_compile(&a, STR("{1..1025}"), &g, &e), E_LIMIT, "one more");
	is_int(glob_compile(&a, STR("{1..99999999999}"), &g, &e), 0, "a range too far apart is plain text");
	is_int(glob_compile(&a, STR("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"), &g, &e), E_LIMIT,
		"two to the eleventh");
	buf_init(&b, &a, 0);
	for (int i = 0; i < 1000; i++)
		buf_addz(&b, "{a,");
	is_int(glob_compile(&a, buf_str(&b), &g, &e), E_LIMIT, "a thousand open braces are over-long");
	b.n = 1800;
	is_int(glob_compile(&a, buf_str(&b), &g, &e), 0, "six hundred are text");

	/* Stars that almost match, in one segment and over segments. */
	buf_clear(&b);
	for (int i = 0; i < 500; i++)
		buf_addz(&b, "*a");
	buf_addz(&b, "b");
	struct glob *stars = compile(buf_cstr(&b));
	buf_clear(&b);
	for (int i = 0; i < 400; i++)
		buf_addz(&b, "**/a/");
	buf_addz(&b, "b");
	struct glob *parts = compile(buf_cstr(&b));
	buf_clear(&b);
	for (int i = 0; i < 4000; i++)
		buf_addz(&b, "aa");
	usec_t t = clock_mono();
	ok(!glob_match(stars, buf_str(&b)), "stars");
	buf_clear(&b);
	for (int i = 0; i < 4000; i++)
		buf_addz(&b, "a/");
	ok(!glob_match(parts, buf_str(&b)), "double stars");
	while (b.n <= GLOB_SUBJECT_MAX)
		buf_addc(&b, 'a');
	ok(!glob_match(compile("**"), buf_str(&b)) && glob_match(compile("!**"), buf_str(&b)), "an over-long subject");
	buf_clear(&b);
	for (int i = 0; i < 500; i++)
		buf_addc(&b, 'x');
	buf_addz(&b, "{1..300}");
	is_int(glob_compile(&a, buf_str(&b), &g, &e), E_LIMIT, "alternatives of too many bytes");
	ok(clock_mono() - t < 2 * USEC_PER_SEC, "in %d ms", (int)((clock_mono() - t) / USEC_PER_MS));
}

int main(void)
{
	arena_init(&a, 0);
	test_segments();
	test_classes();
	test_globstar();
	test_braces();
	test_flags();
	test_urls();
	test_recipes();
	test_limits();
	arena_release(&a);
	return done_testing();
}
