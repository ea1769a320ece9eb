/* <meta> and <link>. */
#include "base/first.h"
#include "html/meta_impl.h"
#include "html/text.h"

struct rule {
	const char *name;
	enum meta_slot slot;
	int rank;
};

/* Names as sites use them, in lower case. */
static const struct rule rules[] = {
	{ "description", SLOT_DESCRIPTION, 10 },
	{ "og:description", SLOT_DESCRIPTION, 20 },
	{ "twitter:description", SLOT_DESCRIPTION, 30 },
	{ "dc.description", SLOT_DESCRIPTION, 40 },
	{ "dcterms.description", SLOT_DESCRIPTION, 41 },
	{ "dcterms.abstract", SLOT_DESCRIPTION, 42 },
	{ "dc:description", SLOT_DESCRIPTION, 43 },
	{ "sailthru.description", SLOT_DESCRIPTION, 45 },
	{ "og:title", SLOT_TITLE, 20 },
	{ "twitter:title", SLOT_TITLE, 30 },
	{ "title", SLOT_TITLE, 35 },
	{ "citation_title", SLOT_TITLE, 38 },
	{ "dc.title", SLOT_TITLE, 40 },
	{ "dcterms.title", SLOT_TITLE, 41 },
	{ "sailthru.title", SLOT_TITLE, 45 },
	{ "parsely-title", SLOT_TITLE, 46 },
	{ "author", SLOT_AUTHOR, 15 },
	{ "article:author", SLOT_AUTHOR, 20 },
	{ "article:author:name", SLOT_AUTHOR, 19 },
	{ "dc.creator", SLOT_AUTHOR, 25 },
	{ "dcterms.creator", SLOT_AUTHOR, 26 },
	{ "dc:creator", SLOT_AUTHOR, 26 },
	{ "dc.contributor", SLOT_AUTHOR, 60 },
	{ "sailthru.author", SLOT_AUTHOR, 28 },
	{ "parsely-author", SLOT_AUTHOR, 28 },
	{ "citation_author", SLOT_AUTHOR, 29 },
	{ "byl", SLOT_AUTHOR, 30 },
	{ "book:author", SLOT_AUTHOR, 31 },
	{ "og:author", SLOT_AUTHOR, 32 },
	{ "og:article:author", SLOT_AUTHOR, 32 },
	{ "shareaholic:article_author_name", SLOT_AUTHOR, 33 },
	{ "article:published_time", SLOT_PUBLISHED, 10 },
	{ "article:published", SLOT_PUBLISHED, 12 },
	{ "og:article:published_time", SLOT_PUBLISHED, 12 },
	{ "og:published_time", SLOT_PUBLISHED, 13 },
	{ "og:pubdate", SLOT_PUBLISHED, 14 },
	{ "datepublished", SLOT_PUBLISHED, 16 },
	{ "pubdate", SLOT_PUBLISHED, 20 },
	{ "publishdate", SLOT_PUBLISHED, 20 },
	{ "publish-date", SLOT_PUBLISHED, 20 },
	{ "publish_date", SLOT_PUBLISHED, 20 },
	{ "publication_date", SLOT_PUBLISHED, 20 },
	{ "publication-date", SLOT_PUBLISHED, 20 },
	{ "pub_date", SLOT_PUBLISHED, 20 },
	{ "published_time", SLOT_PUBLISHED, 20 },
	{ "published_at", SLOT_PUBLISHED, 20 },
	{ "published-date", SLOT_PUBLISHED, 20 },
	{ "article_date_original", SLOT_PUBLISHED, 20 },
	{ "originalpublicationdate", SLOT_PUBLISHED, 20 },
	{ "sailthru.date", SLOT_PUBLISHED, 22 },
	{ "parsely-pub-date", SLOT_PUBLISHED, 22 },
	{ "shareaholic:article_published_time", SLOT_PUBLISHED, 22 },
	{ "citation_publication_date", SLOT_PUBLISHED, 24 },
	{ "citation_online_date", SLOT_PUBLISHED, 25 },
	{ "citation_date", SLOT_PUBLISHED, 25 },
	{ "rnews:datepublished", SLOT_PUBLISHED, 25 },
	{ "dc.date.issued", SLOT_PUBLISHED, 30 },
	{ "dcterms.issued", SLOT_PUBLISHED, 30 },
	{ "dc.date.published", SLOT_PUBLISHED, 30 },
	{ "dcterms.available", SLOT_PUBLISHED, 33 },
	{ "dc.date.created", SLOT_PUBLISHED, 34 },
	{ "dcterms.created", SLOT_PUBLISHED, 34 },
	{ "dc.date", SLOT_PUBLISHED, 36 },
	{ "dcterms.date", SLOT_PUBLISHED, 36 },
	{ "dc:date", SLOT_PUBLISHED, 36 },
	{ "date", SLOT_PUBLISHED, 40 },
	{ "datecreated", SLOT_PUBLISHED, 42 },
	{ "created", SLOT_PUBLISHED, 44 },
	{ "article:modified_time", SLOT_MODIFIED, 10 },
	{ "article:modified", SLOT_MODIFIED, 12 },
	{ "og:modified_time", SLOT_MODIFIED, 13 },
	{ "datemodified", SLOT_MODIFIED, 16 },
	{ "og:updated_time", SLOT_MODIFIED, 20 },
	{ "article:updated_time", SLOT_MODIFIED, 14 },
	{ "dcterms.modified", SLOT_MODIFIED, 30 },
	{ "dc.date.modified", SLOT_MODIFIED, 30 },
	{ "last-modified", SLOT_MODIFIED, 32 },
	{ "lastmod", SLOT_MODIFIED, 33 },
	{ "modified", SLOT_MODIFIED, 33 },
	{ "updated_time", SLOT_MODIFIED, 33 },
	{ "revised", SLOT_MODIFIED, 40 },
	{ "shareaholic:article_modified_time", SLOT_MODIFIED, 34 },
	{ "og:site_name", SLOT_SITE_NAME, 10 },
	{ "application-name", SLOT_SITE_NAME, 40 },
	{ "dc.publisher", SLOT_SITE_NAME, 45 },
	{ "dcterms.publisher", SLOT_SITE_NAME, 45 },
	{ "apple-mobile-web-app-title", SLOT_SITE_NAME, 50 },
	{ "og:image", SLOT_IMAGE, 10 },
	{ "og:image:url", SLOT_IMAGE, 11 },
	{ "og:image:secure_url", SLOT_IMAGE, 12 },
	{ "twitter:image", SLOT_IMAGE, 20 },
	{ "twitter:image:src", SLOT_IMAGE, 21 },
	{ "twitter:image0", SLOT_IMAGE, 22 },
	{ "sailthru.image.full", SLOT_IMAGE, 35 },
	{ "thumbnail", SLOT_IMAGE, 50 },
	{ "image", SLOT_IMAGE, 48 },
	{ "content-language", SLOT_LANG, 20 },
	{ "og:locale", SLOT_LANG, 30 },
	{ "dc.language", SLOT_LANG, 40 },
	{ "dcterms.language", SLOT_LANG, 41 },
	{ "language", SLOT_LANG, 42 },
	{ "keywords", SLOT_KEYWORDS, 10 },
	{ "news_keywords", SLOT_KEYWORDS, 20 },
	{ "sailthru.tags", SLOT_KEYWORDS, 30 },
	{ "parsely-tags", SLOT_KEYWORDS, 30 },
	{ "generator", SLOT_GENERATOR, 10 },
	{ "theme-color", SLOT_THEME_COLOR, 10 },
	{ "msapplication-tilecolor", SLOT_THEME_COLOR, 20 },
	{ "og:type", SLOT_TYPE, 10 },
	{ "article:section", SLOT_SECTION, 10 },
	{ "parsely-section", SLOT_SECTION, 20 },
	{ "dc.type", SLOT_TYPE, 40 },
};

static struct str lower(char *to, size_t cap, struct str s)
{
	s.n = MIN(s.n, cap);
	for (size_t i = 0; i < s.n; i++)
		to[i] = (char)to_lower(s.p[i]);
	return str_n(to, s.n);
}

/* Profile pages and social addresses are no names. */
static bool is_address(struct str v)
{
	return str_startsi(v, STR("http:")) || str_startsi(v, STR("https:")) || str_starts(v, STR("//")) ||
		str_startsi(v, STR("www."));
}

static void apply_rules(struct gather *g, struct str name, struct str value)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (rules[i].name[0] != name.p[0] || !str_is(name, rules[i].name))
			continue;
		if (rules[i].slot == SLOT_AUTHOR && is_address(value))
			return;
		meta_offer(g, rules[i].slot, rules[i].rank, value);
		if (rules[i].slot == SLOT_AUTHOR && str_is(name, "citation_author"))
			json_push(g->arena, g->authors, json_new_str(g->arena, value));
		return;
	}
}

static void named(struct gather *g, struct str written, struct str value)
{
	char low[64];
	struct str name = lower(low, sizeof low, written);
	if (!name.n || name.n == sizeof low)
		return;
	struct str own = arena_str(g->arena, name);
	if (str_starts(name, STR("og:")))
		meta_put(g, g->og, str_from(own, 3), g->repeated, own, value);
	else if (str_starts(name, STR("twitter:")))
		meta_put(g, g->twitter, str_from(own, 8), g->repeated, own, value);
	else if (str_starts(name, STR("article:")))
		meta_put(g, g->article, str_from(own, 8), g->article, str_from(own, 8), value);
	else if (str_starts(name, STR("dc.")) || str_starts(name, STR("dcterms.")) || str_starts(name, STR("dc:")))
		meta_put(g, g->dc, arena_str(g->arena, written), g->dc, arena_str(g->arena, written), value);
	if (str_is(name, "article:tag") && value.n)
		json_push(g->arena, g->tags, json_new_str(g->arena, value));
	if (str_is(name, "robots"))
		buf_addf(&g->robots, "%.*s\n", STR_FMT(value));
	apply_rules(g, own, value);
}

void meta_tag(struct gather *g, const struct node *n)
{
	struct str content = node_attr(n, ATTR_CONTENT), word;
	if (node_has(n, ATTR_CHARSET) && !g->m->charset.p)
		g->m->charset = str_trim(node_attr(n, ATTR_CHARSET));
	if (!content.p)
		content = node_attr(n, ATTR_VALUE);
	if (!content.p)
		return;
	content = text_squeeze(g->arena, content);
	struct str property = node_attr(n, ATTR_PROPERTY), name = str_trim(node_attr(n, ATTR_NAME));
	struct str pragma = str_trim(node_attr(n, ATTR_HTTP_EQUIV)), prop = str_trim(node_attr(n, ATTR_ITEMPROP));
	while (next_word(&property, &word)) /* RDFa allows several */
		named(g, word, content);
	if (name.n && !str_eqi(name, node_attr(n, ATTR_PROPERTY)))
		named(g, name, content);
	if (str_eqi(pragma, STR("content-language")) || str_eqi(pragma, STR("last-modified")))
		named(g, pragma, content);
	if (prop.n && !name.n)
		named(g, prop, content);
}

/* ---- <link> */

static bool rel_has(const struct node *n, const char *word)
{
	return node_attr_has_word(n, ATTR_REL, str_of(word), true);
}

static void put(struct gather *g, struct json *o, const char *name, struct str value)
{
	if (value.n)
		json_put(g->arena, o, str_of(name), json_new_str(g->arena, value));
}

static void icon(struct gather *g, const struct node *n, struct str url)
{
	struct json *o = json_new_object(g->arena);
	put(g, o, "url", url);
	put(g, o, "rel", str_trim(node_attr(n, ATTR_REL)));
	put(g, o, "sizes", node_attr(n, ATTR_SIZES));
	put(g, o, "type", node_attr(n, ATTR_TYPE));
	json_push(g->arena, g->icons, o);
	if (rel_has(n, "icon") && !g->m->favicon.p)
		g->m->favicon = url;
	else if (!rel_has(n, "mask-icon") && !g->touch_icon.p)
		g->touch_icon = url;
}

static bool is_feed(const struct node *n)
{
	static const char *const types[] = { "application/rss+xml", "application/atom+xml", "application/feed+json",
		"application/rdf+xml", "text/xml+oembed" };
	struct str type = str_trim(node_attr(n, ATTR_TYPE));
	size_t cut = str_chr(type, ';');
	type = str_trim(cut == STR_NPOS ? type : str_sub(type, 0, cut));
	for (size_t i = 0; i < 4; i++)
		if (str_eqi(type, str_of(types[i])))
			return true;
	return rel_has(n, "feed");
}

static void alternate(struct gather *g, const struct node *n, struct str url)
{
	struct str lang = str_trim(node_attr(n, ATTR_HREFLANG));
	struct json *o = json_new_object(g->arena);
	if (is_feed(n)) {
		put(g, o, "url", url);
		put(g, o, "type", str_trim(node_attr(n, ATTR_TYPE)));
		put(g, o, "title", text_squeeze(g->arena, node_attr(n, ATTR_TITLE)));
		json_push(g->arena, g->feeds, o);
	} else if (lang.n) {
		put(g, o, "lang", lang);
		put(g, o, "url", url);
		json_push(g->arena, g->hreflang, o);
	}
}

static void set_once(struct str *to, struct str url)
{
	if (!to->p)
		*to = url;
}

void meta_link(struct gather *g, const struct node *n)
{
	struct meta *m = g->m;
	if (!node_has(n, ATTR_REL) || !node_has(n, ATTR_HREF) || !str_trim(node_attr(n, ATTR_HREF)).n)
		return;
	if (rel_has(n, "stylesheet"))
		return;
	struct str url = base_url_resolve(g->base, node_attr(n, ATTR_HREF));
	if (!url.p) /* better as written than not at all */
		url = str_trim(node_attr(n, ATTR_HREF));
	if (rel_has(n, "canonical"))
		set_once(&m->canonical, url);
	if (rel_has(n, "alternate") || rel_has(n, "feed"))
		alternate(g, n, url);
	if (rel_has(n, "icon") || rel_has(n, "apple-touch-icon") || rel_has(n, "apple-touch-icon-precomposed") ||
		rel_has(n, "mask-icon") || rel_has(n, "fluid-icon"))
		icon(g, n, url);
	if (rel_has(n, "amphtml"))
		set_once(&m->amp, url);
	if (rel_has(n, "manifest"))
		set_once(&m->manifest, url);
	if (rel_has(n, "next"))
		set_once(&m->next, url);
	if (rel_has(n, "prev") || rel_has(n, "previous"))
		set_once(&m->prev, url);
	if (rel_has(n, "image_src"))
		meta_offer(g, SLOT_IMAGE, 30, url);
}
