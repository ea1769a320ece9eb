#include "base/first.h"
#include "base/buf.h"
#include "net/robots.h"
#include "../tap.h"

static struct arena a;

static struct robots_answer answer(const char *text, const char *agent, const char *url)
{
	return robots_check(robots_parse(&a, str_of(text)), str_of(agent), str_of(url));
}

static void rule(const char *text, const char *agent, const char *url, bool allowed)
{
	ok(answer(text, agent, url).allowed == allowed, "%s %s %s", agent, allowed ? "may fetch" : "must not fetch",
		url);
}

/* One rule line for everybody, against one path. */
static void path(const char *line, const char *url, bool allowed)
{
	struct str text = arena_printf(
		&a, "User-agent: *\n%s%s\n", str_starts(str_of(line), STR("Allow")) ? "Disallow: /\n" : "", line);
	ok(answer(text.p, "Bot", url).allowed == allowed, "\"%s\" %s %s", line, allowed ? "lets pass" : "forbids", url);
}

static void test_patterns(void)
{
	path("Disallow: /", "/x", false);
	path("Disallow:", "/x", true);
	path("Disallow: /fish", "/fish", false);
	path("Disallow: /fish", "/fish.html", false);
	path("Disallow: /fish", "/fishheads/yummy.html?id=1", false);
	path("Disallow: /fish", "/Fish", true);
	path("Disallow: /fish", "/catfish", true);
	path("Disallow: /fish*", "/fishing", false);
	path("Disallow: /fish/", "/fish", true);
	path("Disallow: /fish/", "/fish/?id=1", false);
	path("Disallow: fish", "/fish", true);
	path("Disallow: *fish", "/catfish", false);
	path("Disallow: /*.php", "/a/b.php?x", false);
	path("Disallow: /*.php", "/a/b.PHP", true);
	path("Disallow: /*.php$", "/a/b.php", false);
	path("Disallow: /*.php$", "/a/b.php?x", true);
	path("Disallow: /*.php$", "/a.php.php", false);
	path("Disallow: /a$b", "/a$b", false);
	path("Disallow: /a$b", "/a", true);
	path("Disallow: /$", "/", false);
	path("Disallow: /$", "/a", true);
	path("Disallow: $", "/", true);
	path("Disallow: *", "/a", false);
	path("Disallow: *$", "/a", false);
	path("Disallow: /a*", "/a", false);
	path("Disallow: /a**b", "/axxb", false);
	path("Disallow: /a*b*c$", "/abbcxc", false);
	path("Disallow: /a*b*c$", "/abbcxcd", true);
	path("Disallow: /*a*a*a*a*b", "/aaaaaaaaaaaaaaaaaaaaaaaa", true);
	path("Disallow: /x?y", "/x?y=1", false);
	path("Disallow: /x?y", "/xzy", true);
	path("Disallow: /a;p", "/a;p=1", false);
	path("Allow: /page", "/page.html", true);
	path("Allow: /folder/index.html", "/folder/", true);
	path("Allow: /folder/index.htm", "/folder/", true);
	path("Allow: /folder/index.html", "/folder/x", false);
	path("Allow: /folder/index.html", "/folder/index.html", true);
	path("Allow: /*/index.html", "/a/b/", true);
	path("Allow: /folder/index.php", "/folder/", false);
	path("Disallow: /folder/index.html", "/folder/", true);
}

static void test_escapes(void)
{
	path("Disallow: /caf\xc3\xa9", "/caf%C3%A9", false);
	path("Disallow: /caf%c3%a9", "/caf%C3%A9", false);
	path("Disallow: /caf%C3%A9", "/caf%c3%a9", false);
	path("Disallow: /caf\xc3\xa9", "/caf\xc3\xa9", true); /* a URL is ASCII before it comes here */
	path("Disallow: /%62%61%7a", "/baz", true);
	path("Disallow: /%62%61%7a", "/%62%61%7A", false);
	path("Disallow: /100%", "/100%", false);
	path("Disallow: /100%2", "/100%2", false);
	path("Disallow: /%zz", "/%zz", false);
}

static void test_urls(void)
{
	const char *text = "User-agent: *\nDisallow: /x\nDisallow: /?q\nDisallow: /;p\nDisallow: /$\n";
	rule(text, "B", "http://h/x", false);
	rule(text, "B", "http://h/y", true);
	rule(text, "B", "http://h", false);
	rule(text, "B", "", false);
	rule(text, "B", "http://h#/y", false);
	rule(text, "B", "http://h/y#/x", true);
	rule(text, "B", "http://h?q=1", false);
	rule(text, "B", "h?q=1", false);
	rule(text, "B", "http://h;p", false);
	rule(text, "B", "//h/x", false);
	rule(text, "B", "/x", false);
	rule(text, "B", "x", false);
	rule(text, "B", "/y?u=http://a/x", true);
	rule(text, "B", "http://user@h:80/x", false);
	rule(text, "B", "ftp://h/x", false);
}

static void test_precedence(void)
{
	rule("User-agent: *\nAllow: /p\nDisallow: /\n", "B", "/page", true);
	rule("User-agent: *\nAllow: /folder\nDisallow: /folder\n", "B", "/folder/page", true);
	rule("User-agent: *\nDisallow: /folder\nAllow: /folder\n", "B", "/folder/page", true);
	rule("User-agent: *\nAllow: /page\nDisallow: /*.htm\n", "B", "/page.htm", false);
	rule("User-agent: *\nAllow: /page\nDisallow: /*.ph\n", "B", "/page.php5", true);
	rule("User-agent: *\nAllow: /$\nDisallow: /\n", "B", "/", true);
	rule("User-agent: *\nAllow: /$\nDisallow: /\n", "B", "/a", false);
	rule("User-agent: *\nDisallow: /a/b/c\nAllow: /a/b\nDisallow: /a\n", "B", "/a/b/c", false);
	rule("User-agent: *\nDisallow: /a/b/c\nAllow: /a/b\nDisallow: /a\n", "B", "/a/b/d", true);
	rule("User-agent: *\nDisallow: /\xc3\xa9\nAllow: /%C3\n", "B", "/%C3%A9", false);
	rule("User-agent: *\nDisallow:\nDisallow: /a\n", "B", "/a", false);
	struct robots_answer r = answer("User-agent: *\n\nDisallow: /a\nAllow: /a/b\n", "B", "/a/b");
	is_int(r.line, 4, "the deciding line");
	ok(r.allowed && !r.specific, "of the group for all");
	is_int(answer("User-agent: *\nDisallow: /a\n", "B", "/b").line, 0, "no line decided");
}

static void test_groups(void)
{
	const char *two = "User-agent: a\nDisallow: /a\n\nUser-agent: b\nDisallow: /b\n\nUser-agent: *\nDisallow: /c\n";
	rule(two, "a", "/a", false);
	rule(two, "a", "/b", true);
	rule(two, "a", "/c", true);
	rule(two, "b", "/b", false);
	rule(two, "c", "/c", false);
	rule(two, "c", "/a", true);
	rule(two, "A/1.0 (+http://x/)", "/a", false);
	rule(two, "ab", "/a", true);
	rule("User-agent: a\nUser-agent: b\nDisallow: /x\n", "a", "/x", false);
	rule("User-agent: a\nUser-agent: b\nDisallow: /x\n", "b", "/x", false);
	rule("User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /y\nUser-agent: a\nDisallow: /z\n", "a", "/x",
		false);
	rule("User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /y\nUser-agent: a\nDisallow: /z\n", "a", "/z",
		false);
	rule("User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /y\nUser-agent: a\nDisallow: /z\n", "a", "/y",
		true);
	rule("User-agent: a\nSitemap: http://h/s\nUser-agent: b\nDisallow: /\n", "a", "/", false);
	rule("User-agent: a\nUnknown: 1\nUser-agent: b\nDisallow: /\n", "a", "/", false);
	rule("User-agent: a\n\n\n# more\nUser-agent: b\nDisallow: /\n", "a", "/", false);
	rule("User-agent: a\nDisallow:\nUser-agent: *\nDisallow: /\n", "a", "/", true);
	rule("User-agent: a\nUser-agent: *\nDisallow: /\n", "z", "/", false);
	rule("User-agent: *\nDisallow: /\nUser-agent: a\n", "a", "/x", true);
	rule("Disallow: /\nUser-agent: *\n", "a", "/x", true);
	rule("User-agent: * all\nDisallow: /\n", "a", "/x", false);
	rule("User-agent: *all\nDisallow: /\n", "a", "/x", true);
	rule("User-agent: a/1.2\nDisallow: /\n", "a", "/x", false);
	rule("User-agent: a b\nDisallow: /\n", "a", "/x", false);
	rule("User-agent: a b\nDisallow: /\n", "a b", "/x", true);
	rule("User-agent: a2\nDisallow: /\n", "a", "/x", false);
	rule("User-agent: \nDisallow: /\n", "", "/x", true);
	rule("User-agent: a\nDisallow: /\n", "", "/x", true);
	rule("", "a", "/x", true);
}

static void test_lines(void)
{
	static const char *const forbid[] = { "user-AGENT: *\ndisALLOW: /", "User-agent:*\nDisallow:/",
		"User-agent : *\nDisallow : /", "\tUser-agent:\t*\t\n  Disallow:  /  ",
		"User-agent: *\r\nDisallow: /\r\n", "User-agent: *\rDisallow: /\r",
		"User-agent: * # all\nDisallow: / # here", "User-agent *\nDisallow /", "User agent: *\nDisallow: /",
		"useragent: *\ndisallow: /", "User-agent: *\nDissallow: /", "User-agent: *\nDisalow: /",
		"User-agent: *\nDissalow: /", "User-agent: *\nDiasllow: /", "User-agent: *\nDisallaw: /",
		"User-agent: *\nDisallow-all: /", "\xef\xbb\xbfUser-agent: *\nDisallow: /",
		"\xef\xbbUser-agent: *\nDisallow: /", "\xefUser-agent: *\nDisallow: /", "User-agent: *\n\nDisallow: /",
		"User-agent: *\n<html>\nDisallow: /" };
	static const char *const let[] = { "User-agent: *\nDis allow: /", "User-agent: *\n#Disallow: /",
		"User-agent: *\nDisallow\n/", "User-agent: *\nDisallow / /", "\xef\x11\xbfUser-agent: *\nDisallow: /",
		"User-agent: *\nDeny: /", ": *\n: /", "User-agent: *\n Disallow",
		"<html><body>User-agent: *\nDisallow: /</body>" };
	for (size_t i = 0; i < ARRAY_LEN(forbid); i++)
		ok(!answer(forbid[i], "a", "/x").allowed, "forbids: %s", forbid[i]);
	for (size_t i = 0; i < ARRAY_LEN(let); i++)
		ok(answer(let[i], "a", "/x").allowed, "does not forbid: %s", let[i]);
	struct str cut = { "User-agent: *\nDisallow: /a\0b", 29 };
	struct robots_answer r = robots_check(robots_parse(&a, cut), STR("a"), STR("/ax"));
	ok(!r.allowed, "a line ends at a NUL");
}

static void test_limits(void)
{
	struct buf b;
	buf_init(&b, &a, 0);
	buf_addz(&b, "User-agent: *\nDisallow: /");
	while (b.n < 14 + ROBOTS_LINE_MAX)
		buf_addc(&b, 'x');
	buf_addz(&b, "yyyy\n");
	struct robots *r = robots_parse(&a, buf_str(&b));
	struct str line = str_sub(buf_str(&b), 24, ROBOTS_LINE_MAX - 10);
	ok(!robots_check(r, STR("a"), line).allowed, "a long line counts up to the limit");
	ok(robots_check(r, STR("a"), str_sub(line, 0, line.n - 1)).allowed, "and no further");

	buf_clear(&b);
	buf_addz(&b, "User-agent: *\n");
	while (b.n < ROBOTS_MAX)
		buf_addz(&b, "# filler line of a large file\n");
	buf_addz(&b, "Disallow: /\n");
	ok(robots_check(robots_parse(&a, buf_str(&b)), STR("a"), STR("/x")).allowed, "beyond 500 KiB nothing is read");

	/* Many stars in every rule, and a path that almost matches each of them. */
	buf_clear(&b);
	buf_addz(&b, "User-agent: *\n");
	while (b.n < ROBOTS_MAX - 100)
		buf_addz(&b, "Disallow: /*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b$\n");
	char *long_path = arena_alloc(&a, 4096);
	memset(long_path, 'a', 4096);
	long_path[0] = '/';
	usec_t t = clock_mono();
	ok(robots_check(robots_parse(&a, buf_str(&b)), STR("a"), str_n(long_path, 4096)).allowed, "stars");
	ok(clock_mono() - t < USEC_PER_SEC, "in %d ms", (int)((clock_mono() - t) / USEC_PER_MS));
	size_t huge_n = MiB;
	char *huge = arena_alloc(&a, huge_n);
	memset(huge, 'a', huge_n);
	huge[0] = '/';
	t = clock_mono();
	ok(robots_check(robots_parse(&a, buf_str(&b)), STR("a"), str_n(huge, huge_n)).allowed,
		"stars and a mebibyte of URL");
	ok(clock_mono() - t < 2 * USEC_PER_SEC, "in %d ms", (int)((clock_mono() - t) / USEC_PER_MS));
}

static void test_rest(void)
{
	const char *text = "Sitemap: http://h/1.xml\nUser-agent: *\nCrawl-delay: 2.5\nDisallow: "
			   "/x\nsite-map:http://h/2.xml # two\n"
			   "User-agent: a\nCrawl-delay: 99999\nCrawl-delay: x\nAllow: /\nSitemap:\n";
	const struct str *maps;
	struct robots *r = robots_parse(&a, str_of(text));
	is_int(robots_sitemaps(r, &maps), 2, "sitemaps");
	is_str(maps[0], "http://h/1.xml");
	is_str(maps[1], "http://h/2.xml");
	is_int(robots_check(r, STR("b"), STR("/")).delay, 2500000, "delay");
	is_int(robots_check(r, STR("a"), STR("/")).delay, 3600 * USEC_PER_SEC, "delay, capped");
	is_int(answer("User-agent: *\nDisallow: /\n", "a", "/").delay, -1, "no delay");
	ok(robots_check(r, STR("a"), STR("/")).specific, "a group of its own");
	is_int(robots_sitemaps(robots_parse(&a, STR("")), &maps), 0, "none");

	is_int(robots_fetched(200), ROBOTS_USE_BODY, "200");
	is_int(robots_fetched(204), ROBOTS_USE_BODY, "204");
	is_int(robots_fetched(404), ROBOTS_ALLOW_ALL, "404");
	is_int(robots_fetched(403), ROBOTS_ALLOW_ALL, "403");
	is_int(robots_fetched(429), ROBOTS_DENY_ALL, "429");
	is_int(robots_fetched(500), ROBOTS_DENY_ALL, "500");
	is_int(robots_fetched(0), ROBOTS_DENY_ALL, "no reply");
	is_int(robots_fetched(301), ROBOTS_DENY_ALL, "a redirect that was not followed");
}

int main(void)
{
	arena_init(&a, 0);
	test_patterns();
	test_escapes();
	test_urls();
	test_precedence();
	test_groups();
	test_lines();
	test_limits();
	test_rest();
	arena_release(&a);
	return done_testing();
}
