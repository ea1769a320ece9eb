#include "base/first.h"
#include <zlib.h>
#include "base/buf.h"
#include "net/sitemap.h"
#include "../tap.h"

static struct arena a;

struct seen {
	struct buf text; /* one line an entry: loc, then what else it says */
	int stop_at, n;
};

static int see(void *arg, const struct sitemap_entry *en)
{
	struct seen *seen = arg;
	char iso[CLOCK_ISO_MAX];
	buf_addf(&seen->text, "%s%.*s", en->is_sitemap ? "+" : "", STR_FMT(en->loc));
	if (en->lastmod)
		buf_addf(&seen->text, " %.16s", clock_iso(en->lastmod, iso));
	if (en->priority >= 0)
		buf_addf(&seen->text, " %.1f", en->priority);
	if (en->changefreq.p)
		buf_addf(&seen->text, " %.*s", STR_FMT(en->changefreq));
	buf_addc(&seen->text, '\n');
	return ++seen->n == seen->stop_at ? E_CANCELLED : 0;
}

/* Reads `text` in pieces of `step`; returns the code, the entries in `ret`. */
static int read_in(struct str text, size_t step, int stop_at, struct str *ret, enum sitemap_kind *ret_kind)
{
	struct seen seen = { .stop_at = stop_at };
	struct err e = { 0 };
	buf_init(&seen.text, &a, 0);
	struct sitemap *s = sitemap_new(see, &seen);
	int r = 0;
	for (size_t i = 0; i < text.n && r == 0; i += step)
		r = sitemap_push(s, text.p + i, MIN(step, text.n - i), &e);
	if (r == 0)
		r = sitemap_end(s, &e);
	if (r < 0 && !e.words[0])
		ok(false, "an error says why");
	is_int(sitemap_count(s), seen.n, "count");
	*ret = buf_str(&seen.text);
	*ret_kind = sitemap_kind(s);
	sitemap_free(s);
	return r;
}

static struct str gzip(struct str s)
{
	z_stream z = { 0 };
	size_t max = s.n + s.n / 100 + 100;
	unsigned char *out = arena_alloc(&a, max);
	deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
	z.next_in = (unsigned char *)s.p;
	z.avail_in = (unsigned)s.n;
	z.next_out = out;
	z.avail_out = (unsigned)max;
	deflate(&z, Z_FINISH);
	deflateEnd(&z);
	return str_n((char *)out, z.total_out);
}

/* The same whatever the pieces, and compressed. */
static void reads(const char *what, struct str text, enum sitemap_kind kind, int code, const char *want)
{
	struct str got, packed = gzip(text);
	enum sitemap_kind k;
	for (size_t step = 1; step < 8 * text.n + 8; step *= 7) {
		is_int(read_in(text, step, 0, &got, &k), code, "%s in steps of %zu", what, step);
		is_str(got, want, "%s: entries", what);
		is_int(k, kind, "%s: kind", what);
		is_int(read_in(packed, step, 0, &got, &k), code, "%s, gzipped", what);
		is_str(got, want, "%s, gzipped: entries", what);
	}
}

static void test_kinds(void)
{
	reads("urlset",
		STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:image=\"http://i/\">\n"
		    "<url><loc> http://h/1?a=1&amp;b=2 "
		    "</loc><lastmod>2024-02-29</lastmod><changefreq>daily</changefreq>"
		    "<priority>0.8</priority></url>\n"
		    "<url><image:image><image:loc>http://h/no.png</image:loc></image:image><loc>http://h/\xc3\xa9</"
		    "loc></url>\n"
		    "<url><loc><![CDATA[http://h/3]]></loc><lastmod>2024-02</lastmod><priority>7</priority></url>"
		    "<url><loc></loc></url><url><lastmod>2024-01-01</lastmod></url>"
		    "<url><loc>http://h/4</loc><loc>http://h/5</loc><lastmod>2024-03-01T10:00:00+02:00</lastmod></url>"
		    "</urlset>\n"),
		SITEMAP_URLSET, 0,
		"http://h/1?a=1&b=2 2024-02-29T00:00 0.8 daily\nhttp://h/\xc3\xa9\nhttp://h/3 2024-02-01T00:00\n"
		"http://h/4 2024-03-01T08:00\n");
	reads("prefixed urlset",
		STR("<s:urlset xmlns:s='x'><s:url><s:loc>http://h/1</s:loc><loc>http://h/no</loc></s:url>"
		    "<url><loc>http://h/no</loc></url></s:urlset>"),
		SITEMAP_URLSET, 0, "http://h/1\n");
	reads("index", STR("<sitemapindex><sitemap><loc>http://h/a.xml.gz</loc><lastmod>2024</lastmod></sitemap>"
		"<sitemap><loc>http://h/b.xml</loc></sitemap></sitemapindex>"), SITEMAP_INDEX, 0,
		"+http://h/a.xml.gz 2024-01-01T00:00\n+http://h/b.xml\n");
	reads("RSS", STR("<rss version='2.0'><channel><title>t</title><link>http://h/</link>"
		"<item><link>http://h/1</link><pubDate>Sun, 06 Nov 1994 08:49:37 GMT</pubDate></item>"
		"<item><title>x</title><link>http://h/2</link><pubDate>Sun, 06 Nov 1994 08:49:37 -0130</pubDate></item>"
		"<item><title>none</title></item></channel></rss>"), SITEMAP_RSS, 0,
		"http://h/1 1994-11-06T08:49\nhttp://h/2 1994-11-06T10:19\n");
	reads("RSS 1.0", STR("<rdf:RDF xmlns:rdf='r' xmlns='s' xmlns:dc='d'><item rdf:about='x'><link>http://h/1</link>"
		"<dc:date>2024-01-02</dc:date></item></rdf:RDF>"), SITEMAP_RSS, 0, "http://h/1 2024-01-02T00:00\n");
	reads("Atom",
		STR("<feed xmlns='http://www.w3.org/2005/Atom'><link href='http://h/'/><entry>"
		    "<link rel='self' href='http://h/self'/><link href='http://h/1'/><link rel='alternate' "
		    "href='http://h/2'/>"
		    "<updated>2024-05-06T07:08:09Z</updated></entry><entry><link rel='alternate' "
		    "href='http://h/3'/></entry></feed>"),
		SITEMAP_ATOM, 0, "http://h/1 2024-05-06T07:08\nhttp://h/3\n");
	reads("text", STR("\xef\xbb\xbfhttp://h/1\r\n  https://h/2  \n\n# note\nhttp://h/3"), SITEMAP_TEXT, 0,
		"http://h/1\nhttps://h/2\nhttp://h/3\n");
	reads("a mark and white space before XML",
		STR("\xef\xbb\xbf\n <urlset><url><loc>http://h/</loc></url></urlset>"), SITEMAP_URLSET, 0,
		"http://h/\n");
}

static void test_broken(void)
{
	reads("cut short", STR("<urlset><url><loc>http://h/1</loc></url><url><loc>http://h"), SITEMAP_URLSET, E_INVALID,
		"http://h/1\n");
	reads("a bare ampersand",
		STR("<urlset><url><loc>http://h/1</loc></url><url><loc>http://h/?a&b</loc></url></urlset>"),
		SITEMAP_URLSET, E_INVALID, "http://h/1\n");
	reads("HTML", STR("<html><body>404</body></html>"), SITEMAP_UNKNOWN, E_INVALID, "");
	reads("words", STR("Not found\nhttp://h/1\n"), SITEMAP_UNKNOWN, E_INVALID, "");
	reads("nothing", STR(""), SITEMAP_UNKNOWN, E_INVALID, "");
	reads("white space", STR(" \n\t\n"), SITEMAP_UNKNOWN, E_INVALID, "");
	reads("one byte", STR("h"), SITEMAP_UNKNOWN, E_INVALID, "");
	reads("entities",
		STR("<!DOCTYPE u [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>"),
		SITEMAP_UNKNOWN, E_INVALID, "");
	reads("an empty set", STR("<urlset/>"), SITEMAP_URLSET, 0, "");
	struct str got, whole = gzip(STR("<urlset><url><loc>http://h/1</loc></url></urlset>"));
	enum sitemap_kind k;
	is_int(read_in(str_sub(whole, 0, whole.n - 9), 5, 0, &got, &k), E_INVALID, "gzip cut short");
	char *bad = arena_cstr(&a, whole);
	memset(bad + 12, 0xff, 10);
	is_int(read_in(str_n(bad, whole.n), 5, 0, &got, &k), E_INVALID, "broken gzip");
	struct str two = arena_str(&a, whole);
	struct buf b;
	buf_init(&b, &a, 0);
	buf_adds(&b, gzip(STR("http://h/1\n")));
	buf_adds(&b, gzip(STR("http://h/2\n")));
	buf_add(&b, "\0\0\0", 3);
	is_int(read_in(buf_str(&b), 3, 0, &got, &k), 0, "two members and padding");
	is_str(got, "http://h/1\nhttp://h/2\n");
	is_int(read_in(two, 1000, 0, &got, &k), 0, "whole again");
}

static void test_limits(void)
{
	struct str got;
	enum sitemap_kind k;
	struct buf b;
	is_int(read_in(STR("http://h/1\nhttp://h/2\nhttp://h/3\n"), 100, 2, &got, &k), E_CANCELLED,
		"the callback stops it");
	is_str(got, "http://h/1\nhttp://h/2\n");

	buf_init(&b, &a, 0);
	for (int i = 0; i <= SITEMAP_URLS_MAX; i++)
		buf_addz(&b, "http://h/\n");
	is_int(read_in(buf_str(&b), 4096, 0, &got, &k), E_LIMIT, "one URL too many");
	is_int(got.n, 10 * SITEMAP_URLS_MAX, "all before it stand");

	buf_clear(&b);
	buf_addz(&b, "http://h/");
	while (b.n < SITEMAP_LOC_MAX)
		buf_addc(&b, 'x');
	size_t fits = b.n;
	buf_addz(&b, "\nhttp://h/");
	while (b.n < 2 * fits + 2)
		buf_addc(&b, 'x');
	buf_addz(&b, "\nhttp://h/2\n");
	is_int(read_in(buf_str(&b), 999, 0, &got, &k), 0, "over-long URLs");
	is_int(got.n, fits + 1 + 11, "are left out");

	buf_clear(&b);
	for (int i = 0; i < 100; i++)
		buf_addz(&b, "<a>");
	struct str deep = arena_printf(&a, "<urlset>%s", buf_cstr(&b));
	is_int(read_in(deep, 999, 0, &got, &k), E_LIMIT, "too deep");

	char *zeros = xcalloc(1, 8 * MiB);
	memset(zeros, ' ', 8 * MiB);
	struct str bomb = gzip(str_n(zeros, 8 * MiB));
	is_int(read_in(bomb, 100, 0, &got, &k), E_LIMIT, "a bomb of %zu bytes", bomb.n);
	struct sitemap *s = sitemap_new(see, NULL);
	int r = 0;
	for (int i = 0; i < 7 && r == 0; i++)
		r = sitemap_push(s, zeros, 8 * MiB, NULL);
	is_int(r, E_LIMIT, "more than 50 MiB");
	is_int(sitemap_push(s, "x", 1, NULL), E_LIMIT, "and it stays so");
	sitemap_free(s);
	sitemap_free(NULL);
	free(zeros);
}

int main(void)
{
	arena_init(&a, 0);
	test_kinds();
	test_broken();
	test_limits();
	arena_release(&a);
	return done_testing();
}
