#include "base/first.h"
#include "html/links.h"
#include "../tap.h"

static struct arena arena;

static struct str links(const char *html, const char *url, unsigned flags)
{
	struct dom *d;
	struct base_url b;
	struct link_list l;
	struct buf out;
	dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &d, NULL);
	base_url_init(&b, &arena, d, str_of(url));
	links_collect(&arena, d, &b, flags, &l);
	buf_init(&out, &arena, 0);
	for (size_t i = 0; i < l.n; i++)
		buf_addf(&out, "%s%.*s|%.*s|%x%s", i ? " " : "", STR_FMT(l.at[i].url), STR_FMT(l.at[i].text),
			l.at[i].flags, l.at[i].internal ? "i" : "");
	return buf_str(&out);
}

int main(void)
{
	arena_init(&arena, 0);
	is_str(links("<a href=' /x?a b '>t <b>u</b></a><a>n</a><a href=''>e</a>", "http://h/p/q", 0),
		"http://h/x?a%20b|t u|0i http://h/p/q|e|0i", "resolved");
	is_str(links("<base href=//cdn/b/><base href=/c/><a href=x>1</a>", "https://h/", 0), "https://cdn/b/x|1|0",
		"base");
	is_str(links("<base href=http://h/b/><a href=x>1</a>", NULL, 0), "http://h/b/x|1|0", "base without a page URL");
	is_str(links("<a href=x>1</a><a href=http://a/>2</a>", NULL, 0), "http://a/|2|0", "no base");
	is_str(links("<a rel='NoFollow ugc sponsored' href=http://a/>x</a>", NULL, 0), "http://a/|x|7", "rel");
	is_str(links("<meta name=robots content='noindex, nofollow'><a href=http://a/>x</a>", NULL, 0), "http://a/|x|1",
		"robots");
	is_str(links("<a href=http://a/><img alt=pic></a><a href=http://b/ aria-label=lab></a>", NULL, 0),
		"http://a/|pic|0 http://b/|lab|0", "text of pictures");
	is_str(links("<link rel=next href=http://n/><map><area href=http://r/ alt=A></map><iframe "
		     "src=http://f/></iframe>"
		     "<svg><a xlink:href=http://s/>v</a></svg>",
		       NULL, 0),
		"http://n/||0 http://r/|A|0 http://f/||0 http://s/|v|0", "kinds");
	is_str(links("<link href=http://n/><a href=mailto:x>m</a><a href=http://a/>x</a>", NULL,
		       LINKS_ANCHORS | LINKS_HTTP_ONLY | LINKS_NO_TEXT),
		"http://a/||0", "flags");
	is_str(links("<a href='http://['>x</a><template><a href=http://t/></a></template>", NULL, 0), "", "no links");

	struct dom *d;
	struct base_url b;
	struct link_list l;
	struct buf out;
	struct jw w;
	dom_parse(&arena, STR("<a href=http://a/ hreflang=de rel=me title=t>x</a>"), NULL, &d, NULL);
	base_url_init(&b, &arena, d, STR_NULL);
	links_collect(&arena, d, &b, 0, &l);
	buf_init(&out, &arena, 0);
	jw_init(&w, &out);
	links_write(&w, &l);
	is_str(buf_str(&out),
		"[{\"url\":\"http://a/\",\"href\":\"http://a/"
		"\",\"tag\":\"a\",\"text\":\"x\",\"title\":\"t\",\"rel\":\"me\","
		"\"hreflang\":\"de\",\"nofollow\":false,\"ugc\":false,\"sponsored\":false,\"internal\":false}]",
		"JSON");
	arena_release(&arena);
	return done_testing();
}
