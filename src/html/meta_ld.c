/* What JSON-LD says about the page. */
#include "base/first.h"
#include "html/json_ld.h"
#include "html/meta_impl.h"
#include "html/text.h"

#define NODES_MAX 500

/* A text, or the name of a thing. */
static struct str text_of(struct gather *g, const struct json *v)
{
	if (json_is(v, J_ARRAY))
		v = json_at(v, 0);
	if (json_is(v, J_OBJECT)) {
		const struct json *name = json_get(v, "name");
		v = name ? name : json_get(v, "@value");
	}
	return json_is(v, J_STRING) ? text_squeeze(g->arena, v->s) : STR_NULL;
}

static struct str url_of(struct gather *g, const struct json *v)
{
	if (json_is(v, J_ARRAY))
		v = json_at(v, 0);
	if (json_is(v, J_OBJECT)) {
		const struct json *url = json_get(v, "url");
		v = url ? url : json_get(v, "contentUrl");
		if (json_is(v, J_ARRAY))
			v = json_at(v, 0);
	}
	return json_is(v, J_STRING) ? base_url_resolve(g->base, v->s) : STR_NULL;
}

/* A node may only refer to another one by @id. */
static const struct json *resolved(const struct json *const *nodes, size_t n, const struct json *v)
{
	const struct json *id = json_get(v, "@id");
	if (!json_is(id, J_STRING) || json_get(v, "name"))
		return v;
	for (size_t i = 0; i < n; i++)
		if (nodes[i] != v && str_eq(json_str(json_get(nodes[i], "@id"), STR("")), id->s))
			return nodes[i];
	return v;
}

static bool is_article(const struct json *v)
{
	static const char *const types[] = { "Article", "NewsArticle", "BlogPosting", "TechArticle", "ScholarlyArticle",
		"Report", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle",
		"BackgroundNewsArticle", "AdvertiserContentArticle", "SatiricalArticle", "MedicalScholarlyArticle",
		"SocialMediaPosting", "LiveBlogPosting", "DiscussionForumPosting" };
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (json_ld_is(v, types[i]))
			return true;
	return false;
}

static bool is_page(const struct json *v)
{
	static const char *const types[] = { "WebPage", "Product", "Recipe", "VideoObject", "Event", "Book", "Movie",
		"JobPosting", "CreativeWork", "FAQPage", "QAPage", "HowTo", "Course", "SoftwareApplication",
		"PodcastEpisode", "ProfilePage", "CollectionPage", "ItemPage", "AboutPage", "ContactPage", "Dataset",
		"ImageObject" };
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (json_ld_is(v, types[i]))
			return true;
	return false;
}

static void add_author(struct gather *g, const struct json *const *nodes, size_t n, const struct json *v)
{
	v = resolved(nodes, n, v);
	struct str name = text_of(g, v);
	if (!name.n || str_startsi(name, STR("http://")) || str_startsi(name, STR("https://")))
		return;
	for (uint32_t i = 0; i < g->authors->n; i++)
		if (str_eqi(g->authors->items[i]->s, name))
			return;
	json_push(g->arena, g->authors, json_new_str(g->arena, name));
}

static void offer_authors(struct gather *g, const struct json *const *nodes, size_t n, const struct json *v)
{
	struct json *before = g->authors;
	g->authors = json_new_array(g->arena);
	if (json_is(v, J_ARRAY))
		for (uint32_t i = 0; i < MIN(v->n, 50u); i++)
			add_author(g, nodes, n, v->items[i]);
	else if (v)
		add_author(g, nodes, n, v);
	if (!g->authors->n) {
		g->authors = before;
		return;
	}
	struct buf all;
	buf_init(&all, g->arena, 0);
	for (uint32_t i = 0; i < g->authors->n; i++) {
		buf_addz(&all, i ? ", " : "");
		buf_adds(&all, g->authors->items[i]->s);
	}
	const struct json *first = resolved(nodes, n, json_is(v, J_ARRAY) ? json_at(v, 0) : v);
	meta_offer(g, SLOT_AUTHOR, json_ld_is(first, "Organization") ? 18 : 10, buf_str(&all));
}

static void offer_work(struct gather *g, const struct json *const *nodes, size_t n, const struct json *v, int rank)
{
	struct str title = text_of(g, json_get(v, "headline"));
	meta_offer(g, SLOT_TITLE, 50 + rank, title.n ? title : text_of(g, json_get(v, "name")));
	meta_offer(g, SLOT_DESCRIPTION, 60 + rank, text_of(g, json_get(v, "description")));
	meta_offer(g, SLOT_PUBLISHED, 15 + rank, text_of(g, json_get(v, "datePublished")));
	meta_offer(g, SLOT_PUBLISHED, 38 + rank, text_of(g, json_get(v, "dateCreated")));
	meta_offer(g, SLOT_PUBLISHED, 39 + rank, text_of(g, json_get(v, "uploadDate")));
	meta_offer(g, SLOT_MODIFIED, 15 + rank, text_of(g, json_get(v, "dateModified")));
	meta_offer(g, SLOT_IMAGE, 25 + rank, url_of(g, resolved(nodes, n, json_get(v, "image"))));
	meta_offer(g, SLOT_IMAGE, 45 + rank, url_of(g, json_get(v, "thumbnailUrl")));
	meta_offer(g, SLOT_LANG, 35 + rank, text_of(g, json_get(v, "inLanguage")));
	meta_offer(g, SLOT_SECTION, 20 + rank, text_of(g, json_get(v, "articleSection")));
	meta_offer(g, SLOT_SITE_NAME, 35 + rank, text_of(g, resolved(nodes, n, json_get(v, "publisher"))));
	const struct json *author = json_get(v, "author");
	if (!author)
		author = json_get(v, "creator");
	if (author && !(g->slots[SLOT_AUTHOR].rank == 10))
		offer_authors(g, nodes, n, author);
	const struct json *keywords = json_get(v, "keywords");
	if (json_is(keywords, J_STRING))
		meta_offer(g, SLOT_KEYWORDS, 25 + rank, text_of(g, keywords));
	for (uint32_t i = 0; json_is(keywords, J_ARRAY) && i < MIN(keywords->n, 100u); i++)
		if (json_is(keywords->items[i], J_STRING) && !rank)
			json_push(g->arena, g->tags, keywords->items[i]);
	const struct json *type = json_get(v, "@type");
	type = json_is(type, J_ARRAY) ? json_at(type, 0) : type;
	if (json_is(type, J_STRING))
		meta_offer(g, SLOT_TYPE, 20 + rank, json_ld_local_name(type->s));
}

void meta_from_json_ld(struct gather *g)
{
	const struct json **nodes = arena_alloc(g->arena, NODES_MAX * sizeof *nodes);
	size_t n = json_ld_nodes(g->json_ld, nodes, NODES_MAX);
	struct json *all = json_new_array(g->arena);
	for (size_t i = 0; i < n; i++)
		json_push(g->arena, all, nodes[i]);
	for (size_t i = 0; g->json_ld && i < g->json_ld->n; i++) /* what has no @type still may be of use */
		if (!json_get(g->json_ld->items[i], "@type") && !json_get(g->json_ld->items[i], "@graph"))
			json_push(g->arena, all, g->json_ld->items[i]);
	g->m->entities = all;
	for (size_t i = 0; i < n; i++)
		if (is_article(nodes[i]))
			offer_work(g, nodes, n, nodes[i], 0);
	for (size_t i = 0; i < n; i++) {
		if (is_page(nodes[i]))
			offer_work(g, nodes, n, nodes[i], 1);
		if (json_ld_is(nodes[i], "WebSite"))
			meta_offer(g, SLOT_SITE_NAME, 30, text_of(g, json_get(nodes[i], "name")));
	}
}
