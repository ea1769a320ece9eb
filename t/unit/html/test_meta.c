#include "base/first.h"
#include "html/json_ld.h"
#include "html/meta.h"
#include "../tap.h"

static struct arena arena;
static struct meta m;

static struct str meta_json(const char *html, const char *url, const char *robots)
{
	struct dom *d;
	struct base_url b;
	struct buf out;
	struct jw w;
	dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &d, NULL);
	base_url_init(&b, &arena, d, str_of(url));
	meta_collect(&arena, d, &b, &(struct meta_opts){ .url = str_of(url), .x_robots_tag = str_of(robots) }, &m);
	buf_init(&out, &arena, 0);
	jw_init(&w, &out);
	meta_write(&w, &m);
	return buf_str(&out);
}

static struct str text(const struct json *v)
{
	return v ? json_text(&arena, v) : STR("none");
}

static void elements(void)
{
	is_str(meta_json(
		       "<html lang=de-AT dir=RTL><head><title> A \n b </title><meta name=Description content=' d  e '>"
		       "<link rel=canonical href=/c><link rel='shortcut icon' href=i.ico sizes=16x16><meta "
		       "property=og:title content=T>"
		       "<meta property=og:image content=/1.png><meta property=og:image content=/2.png><meta "
		       "name=twitter:card content=summary>"
		       "<link rel=alternate type=application/rss+xml title=Feed href=/rss><link rel=alternate "
		       "hreflang=fr href=/fr>"
		       "<meta name=robots content='noindex,max-snippet:20'>",
		       "http://h/x/", NULL),
		"{\"title\":\"A b\",\"description\":\"d "
		"e\",\"canonical\":\"http://h/c\",\"lang\":\"de-AT\",\"dir\":\"rtl\","
		"\"image\":\"http://h/1.png\",\"favicon\":\"http://h/x/i.ico\",\"charset\":\"UTF-8\","
		"\"og\":{\"title\":\"T\",\"image\":\"/"
		"1.png\"},\"twitter\":{\"card\":\"summary\"},\"repeated\":{\"og:image\":[\"/1.png\",\"/"
		"2.png\"]},\"json_ld\":[],"
		"\"feeds\":[{\"url\":\"http://h/rss\",\"type\":\"application/rss+xml\",\"title\":\"Feed\"}],"
		"\"hreflang\":[{\"lang\":\"fr\",\"url\":\"http://h/fr\"}],"
		"\"icons\":[{\"url\":\"http://h/x/i.ico\",\"rel\":\"shortcut icon\",\"sizes\":\"16x16\"}],"
		"\"robots\":{\"index\":false,\"follow\":true,\"archive\":true,\"snippet\":true,\"imageindex\":true,"
		"\"translate\":true,"
		"\"max_snippet\":20,\"directives\":[\"noindex\",\"max-snippet:20\"]}}",
		"elements of the head");
	ok(m.noindex && !m.nofollow);
	meta_json("<meta property=og:title content=O><h1>H</h1>", NULL, NULL);
	is_str(m.title, "O", "title falls back to og:title");
	meta_json("<h1>H <b>x</b></h1>", NULL, NULL);
	is_str(m.title, "H x", "and to the first heading");
	meta_json("<svg><title>no</title></svg><title>yes</title>", NULL, NULL);
	is_str(m.title, "yes", "titles of drawings do not count");
	meta_json("<meta name=author content='By Ann'><meta property=article:author content=http://x/ann>", NULL, NULL);
	is_str(m.author, "Ann", "author");
	meta_json("<a rel=author href=/>Bob</a>", NULL, NULL);
	is_str(m.author, "Bob", "author by link");
	meta_json("<meta property=article:published_time content=2024-03-08T10:00:00+01:00><meta name=last-modified "
		  "content='8 Mar 2024'>",
		NULL, NULL);
	is_str(m.published, "2024-03-08T10:00:00+01:00", "ISO dates stay as they are");
	is_str(m.modified, "2024-03-08", "others become ISO");
	is_str(m.modified_raw, "8 Mar 2024");
	meta_json("<time datetime=2024-01-01>x</time><time class=entry-date datetime=2023-05-05>", NULL, NULL);
	is_str(m.published, "2023-05-05", "a marked time beats another");
	meta_json("<meta property=og:locale content=en_GB><meta name=keywords content='a, b,,c'>", NULL, NULL);
	is_str(m.lang, "en-GB");
	is_str(text(m.tags), "[\"a\",\"b\",\"c\"]");
	meta_json("<title>x</title>", NULL,
		"googlebot: nofollow\nnoindex, unavailable_after: Fri, 25 Jun 2027 15:00:00 PST");
	ok(m.noindex && !m.nofollow, "header directives, another agent's apart");
	is_str(json_str(json_get(m.robots, "unavailable_after"), STR("")), "Fri, 25 Jun 2027 15:00:00 PST");
	meta_json("<meta name=dc.title content=D><meta name=DCTERMS.issued content=2020-02-02>", NULL, NULL);
	is_str(text(m.dublin_core), "{\"dc.title\":\"D\",\"DCTERMS.issued\":\"2020-02-02\"}");
	is_str(m.published, "2020-02-02");
}

static void hints(void)
{
	meta_json("<p class=post-meta>Posted on March 5, 2024 by <a class=author-link>Ann Bee</a></p>", NULL, NULL);
	is_str(m.published, "2024-03-05", "a date that only a class names");
	is_str(m.author, "Ann Bee", "an author likewise");
	meta_json("<div class=byline>By Cid Dee | 2 May 2023</div>", NULL, NULL);
	is_str(m.published, "2023-05-02");
	meta_json("<span class=author>Written by Eve</span><i class=update-count>12</i>", NULL, NULL);
	is_str(m.author, "Eve");
	ok(!m.published.n);
	meta_json("<div class=author-bio>Ann writes.</div><div class=date>soon</div>", NULL, NULL);
	ok(!m.author.n && !m.published.n, "no name, no date");
}

static void json_ld(void)
{
	meta_json("<script type='application/ld+json; "
		  "charset=utf-8'>{\"@context\":\"https://schema.org\",\"@graph\":[{\"@type\":\"WebSite\","
		  "\"name\":\"Site\"},{\"@type\":[\"NewsArticle\"],\"headline\":\"H\",\"author\":[{\"@id\":\"#ann\"},{"
		  "\"name\":\"Bob\"}],"
		  "\"datePublished\":\"2024-05-06\",\"image\":{\"url\":\"/"
		  "i.png\"},\"inLanguage\":\"it\"},{\"@type\":\"Person\",\"@id\":\"#ann\","
		  "\"name\":\"Ann\"}]}</script>",
		"http://h/", NULL);
	is_str(m.title, "H");
	is_str(m.author, "Ann, Bob", "authors, one by reference");
	is_str(m.site_name, "Site");
	is_str(m.published, "2024-05-06");
	is_str(m.image, "http://h/i.png");
	is_str(m.lang, "it");
	is_int(m.json_ld->n, 1, "as written");
	is_int(m.entities->n, 3, "taken apart");
}

static void mending(void)
{
	static const struct { const char *in, *want;
	} scripts[] = {
		{ "{\"a\":1}", "[{\"a\":1}]" },
		{ "[{\"a\":1},[],{\"b\":2}]", "[{\"a\":1},{\"b\":2}]" },
		{ "{\"a\":[1,2,],}", "[{\"a\":[1,2]}]" },
		{ "<!-- {\"a\":1} -->", "[{\"a\":1}]" },
		{ "//<![CDATA[\n{\"a\":1}\n//]]>", "[{\"a\":1}]" },
		{ "{\"a\":\"x\ny\"}", "[{\"a\":\"x\\ny\"}]" },
		{ "/* c */ {\"a\": /* d */ 1 // e\n}", "[{\"a\":1}]" },
		{ "{'a':'it\\'s'}", "[{\"a\":\"it's\"}]" },
		{ "{\"a\":\"\\x\"}", "[{\"a\":\"\\\\x\"}]" },
		{ "{\"a\":1}{\"b\":2}", "[{\"a\":1},{\"b\":2}]" },
		{ "{\"a\":[{\"b\":1", "[{\"a\":[{\"b\":1}]}]" },
		{ "{\"a\":1};", "[{\"a\":1}]" },
		{ "{\"a\":\"http://x//y\"}", "[{\"a\":\"http://x//y\"}]" },
		{ "{\"a\":1}}", "[{\"a\":1}]" },
		{ "{,\"a\":1}", "[{\"a\":1}]" },
		{ "{\"a\":\"\t\"}", "[{\"a\":\"\\t\"}]" },
		{ "nonsense", "[]" },
		{ "", "[]" },
		{ "{\"a\":}", "[]" },
		{ "\"text\"", "[]" },
		{ "\xEF\xBB\xBF{\"a\":1}", "[{\"a\":1}]" },
		{ "{\"a\":\"\\", "[{\"a\":\"\"}]" },
	};
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
		struct json *array = json_new_array(&arena);
		json_ld_read(&arena, str_of(scripts[i].in), array);
		is_str(json_text(&arena, array), scripts[i].want, "%s", scripts[i].in);
	}
}

static void items(void)
{
	meta_json("<div itemscope itemtype='http://schema.org/Product'><b itemprop='name alternateName'>N</b><img "
		  "itemprop=image src=p.png>"
		  "<div itemprop=offers itemscope itemtype=http://schema.org/Offer><meta itemprop=price "
		  "content=9.50><time itemprop=until "
		  "datetime=2024-01-01>x</time></div><a itemprop=url href=/u>x</a></div><p itemprop=name>stray",
		"http://h/d/", NULL);
	is_str(text(m.microdata),
		"[{\"type\":[\"http://schema.org/Product\"],\"properties\":{\"name\":[\"N\"],\"alternateName\":[\"N\"],"
		"\"image\":[\"http://h/d/p.png\"],\"offers\":[{\"type\":[\"http://schema.org/"
		"Offer\"],\"properties\":{\"price\":[\"9.50\"],"
		"\"until\":[\"2024-01-01\"]}}],\"url\":[\"http://h/u\"]}}]",
		"microdata");
	meta_json("<div itemscope itemref='x y'></div><p id=x itemprop=a>1</p><div id=y><i itemprop=b itemscope><b "
		  "itemprop=c>2</b></i></div>",
		NULL, NULL);
	is_str(text(m.microdata),
		"[{\"type\":[],\"properties\":{\"a\":[\"1\"],\"b\":[{\"type\":[],\"properties\":{\"c\":[\"2\"]}}]}}]",
		"itemref");
	meta_json("<div vocab=http://schema.org/ typeof=Person resource=#me><span property=name>Z</span><a "
		  "property=url href=http://z/>x</a>"
		  "<div property=address typeof=PostalAddress><span property=city content=W>w</span></div></div>",
		"http://h/", NULL);
	is_str(text(m.rdfa),
		"[{\"type\":[\"http://schema.org/Person\"],\"id\":\"http://h/#me\",\"properties\":{\"name\":[\"Z\"],"
		"\"url\":[\"http://z/\"],\"address\":[{\"type\":[\"http://schema.org/"
		"PostalAddress\"],\"properties\":{\"city\":[\"W\"]}}]}}]",
		"RDFa");
	meta_json("<div itemscope itemtype=http://schema.org/Article><h1 itemprop=headline>H</h1><span itemprop=author "
		  "itemscope>"
		  "<b itemprop=name>A</b></span><meta itemprop=datePublished content=2022-02-02></div>",
		NULL, NULL);
	is_str(m.author, "A");
	is_str(m.published, "2022-02-02");
}

int main(void)
{
	arena_init(&arena, 0);
	elements();
	hints();
	json_ld();
	mending();
	items();
	arena_release(&arena);
	return done_testing();
}
