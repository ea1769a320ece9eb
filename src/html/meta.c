#include "base/first.h"
#include "html/items.h"
#include "html/json_ld.h"
#include "html/meta_impl.h"
#include "html/text.h"

#define NAMES_MAX 500   /* different names in og, twitter … */
#define VALUES_MAX 100  /* of one name */
#define SHORT_NODES 200 /* an element of more nodes is no byline, date or headline */

void meta_offer(struct gather *g, enum meta_slot slot, int rank, struct str value)
{
	struct meta_slot_value *v = &g->slots[slot];
	if (!value.n || (v->rank && v->rank <= rank))
		return;
	if ((slot == SLOT_PUBLISHED || slot == SLOT_MODIFIED) && v->rank && date_iso(g->arena, v->value).p &&
		!date_iso(g->arena, value).p)
		return; /* a date that can be read beats a better place */
	*v = (struct meta_slot_value){ value, rank };
}

void meta_put(struct gather *g, struct json *object, struct str name, struct json *repeated, struct str full_name,
	struct str value)
{
	const struct json *have = json_get_str(object, name), *v = json_new_str(g->arena, value);
	if (!have) {
		if (object->n < NAMES_MAX)
			json_put(g->arena, object, name, v);
		return;
	}
	const struct json *list = json_get_str(repeated, full_name);
	if (!json_is(list, J_ARRAY)) {
		if (str_eq(have->s, value) || (repeated != object && repeated->n >= NAMES_MAX))
			return;
		struct json *both = json_new_array(g->arena);
		json_push(g->arena, both, have);
		json_push(g->arena, both, v);
		json_set(g->arena, repeated, full_name, both);
		return;
	}
	for (uint32_t i = 0; i < list->n; i++)
		if (list->n >= VALUES_MAX || str_eq(list->items[i]->s, value))
			return;
	json_push(g->arena, (struct json *)list, v);
}

/* ---- what elements say */

static bool is_one_of(struct str s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(s, str_of(names[i])))
			return true;
	return false;
}

struct str meta_short_text(struct gather *g, const struct node *n)
{
	return n->size <= SHORT_NODES ? text_line(g->arena, n) : STR("");
}

static struct str moment(struct gather *g, const struct node *n)
{
	struct str v = node_attr(n, ATTR_DATETIME);
	if (!v.n)
		v = node_attr(n, ATTR_CONTENT);
	return text_squeeze(g->arena, v.n ? v : meta_short_text(g, n));
}

static void time_element(struct gather *g, const struct node *n)
{
	static const char *const published[] = { "published", "entry-date", "dt-published", "post-date", "pubdate",
		"date-published" };
	static const char *const updated[] = { "updated", "modified", "dt-updated", "date-modified" };
	struct str rest = node_attr(n, ATTR_CLASS), word;
	bool is_published = node_has(n, ATTR_PUBDATE), is_updated = false;
	while (next_word(&rest, &word)) {
		is_published |= is_one_of(word, published, ARRAY_LEN(published));
		is_updated |= is_one_of(word, updated, ARRAY_LEN(updated));
	}
	struct str v = moment(g, n);
	if (!date_iso(g->arena, v).p)
		return;
	if (is_updated && !is_published)
		meta_offer(g, SLOT_MODIFIED, 55, v);
	else
		meta_offer(g, SLOT_PUBLISHED, is_published ? 50 : 80, v);
}

static void item_property(struct gather *g, const struct node *n)
{
	struct str rest = node_attr(n, ATTR_ITEMPROP), name;
	while (next_word(&rest, &name)) {
		if (str_is(name, "datePublished"))
			meta_offer(g, SLOT_PUBLISHED, 26, moment(g, n));
		else if (str_is(name, "dateModified"))
			meta_offer(g, SLOT_MODIFIED, 26, moment(g, n));
		else if (str_is(name, "headline"))
			meta_offer(g, SLOT_TITLE, 60, meta_short_text(g, n));
		else if (str_is(name, "author") && n->tag != TAG_META && !node_has(n, ATTR_ITEMSCOPE))
			meta_offer(g, SLOT_AUTHOR, 40, meta_short_text(g, n));
		else if (str_is(name, "name") && node_parent_element(n) &&
			node_attr_has_word(node_parent_element(n), ATTR_ITEMPROP, STR("author"), false))
			meta_offer(g, SLOT_AUTHOR, 39,
				n->tag == TAG_META ? str_trim(node_attr(n, ATTR_CONTENT)) : meta_short_text(g, n));
		else if (str_is(name, "image") && (n->tag == TAG_IMG || n->tag == TAG_LINK))
			meta_offer(g, SLOT_IMAGE, 40,
				base_url_resolve(g->base, node_attr(n, n->tag == TAG_IMG ? ATTR_SRC : ATTR_HREF)));
	}
}

static void script_element(struct gather *g, const struct node *n)
{
	struct str type = str_trim(node_attr(n, ATTR_TYPE));
	size_t cut = str_chr(type, ';');
	if (str_eqi(str_trim(cut == STR_NPOS ? type : str_sub(type, 0, cut)), STR("application/ld+json")))
		json_ld_read(g->arena, text_content_of(g->arena, n), g->json_ld);
}

static void visit(struct gather *g, const struct node *n)
{
	switch (n->tag) {
	case TAG_META:
		meta_tag(g, n);
		break;
	case TAG_LINK:
		meta_link(g, n);
		break;
	case TAG_TITLE:
		if (g->slots[SLOT_TITLE].rank != 10)
			meta_offer(g, SLOT_TITLE, 10, text_line(g->arena, n));
		break;
	case TAG_SCRIPT:
		script_element(g, n);
		break;
	case TAG_TIME:
		time_element(g, n);
		break;
	case TAG_H1:
		if (!g->m->h1.p)
			g->m->h1 = text_line(g->arena, n);
		break;
	case TAG_A:
		if (node_attr_has_word(n, ATTR_REL, STR("author"), true))
			meta_offer(g, SLOT_AUTHOR, 50, meta_short_text(g, n));
		else if (n->size <= 10 && str_findi(node_attr(n, ATTR_HREF), STR("/author/")) != STR_NPOS)
			meta_offer(g, SLOT_AUTHOR, 65, meta_short_text(g, n));
		break;
	}
	for (uint32_t i = 0; i < n->n; i++) {
		g->microdata |= n->attrs[i].name == ATTR_ITEMSCOPE;
		g->rdfa |= n->attrs[i].name == ATTR_TYPEOF;
		if (n->attrs[i].name == ATTR_ITEMPROP)
			item_property(g, n);
		if (n->attrs[i].name == ATTR_CLASS && n->size <= 30)
			meta_hints(g, n);
	}
}

/* ---- the members */

static struct str date_of(struct gather *g, enum meta_slot slot, struct str *ret_raw)
{
	struct str raw = g->slots[slot].value, iso = date_iso(g->arena, raw);
	*ret_raw = raw;
	/* ISO 8601 stays as the page wrote it. */
	bool plain = raw.n >= 10 && is_digit(raw.p[0]) && raw.p[4] == '-' && raw.p[7] == '-' &&
		     (raw.n == 10 || raw.p[10] == 'T');
	return !iso.p || plain ? raw : iso;
}

static struct str without_by(struct str s)
{
	static const char *const before[] = { "by ", "von ", "par ", "por " };
	for (size_t i = 0; i < ARRAY_LEN(before); i++)
		if (s.n > strlen(before[i]) && str_startsi(s, str_of(before[i])))
			return str_trim(str_from(s, strlen(before[i])));
	return s;
}

static void set_lang(struct gather *g)
{
	const struct node *html = g->d->html;
	struct str lang = html ? str_trim(node_attr(html, ATTR_LANG)) : STR_NULL;
	if (!lang.n && html)
		lang = str_trim(node_attr(html, ATTR_XML_LANG));
	if (!lang.n && g->d->body)
		lang = str_trim(node_attr(g->d->body, ATTR_LANG));
	if (!lang.n) {
		lang = arena_str(g->arena, g->slots[SLOT_LANG].value);
		size_t comma = str_chr(lang, ',');
		lang = str_trim(comma == STR_NPOS ? lang : str_sub(lang, 0, comma));
		for (size_t i = 0; i < lang.n; i++)
			if (lang.p[i] == '_')
				((char *)lang.p)[i] = '-';
	}
	g->m->lang = lang.n ? lang : STR_NULL;
	struct str dir = html ? str_trim(node_attr(html, ATTR_DIR)) : STR_NULL;
	if (!dir.n && g->d->body)
		dir = str_trim(node_attr(g->d->body, ATTR_DIR));
	g->m->dir = str_eqi(dir, STR("rtl")) ? STR("rtl") : str_eqi(dir, STR("ltr")) ? STR("ltr") : STR_NULL;
}

static void split_keywords(struct gather *g)
{
	struct str rest = g->slots[SLOT_KEYWORDS].value, part;
	if (g->tags->n)
		return;
	while (g->tags->n < 100 && str_split(&rest, ',', &part)) {
		part = str_trim(part);
		if (part.n)
			json_push(g->arena, g->tags, json_new_str(g->arena, part));
	}
}

static void settle(struct gather *g)
{
	struct meta *m = g->m;
	const struct meta_slot_value *s = g->slots;
	m->title = s[SLOT_TITLE].rank ? s[SLOT_TITLE].value : m->h1;
	m->description = s[SLOT_DESCRIPTION].value;
	m->author = without_by(s[SLOT_AUTHOR].value);
	m->site_name = s[SLOT_SITE_NAME].value;
	m->keywords = s[SLOT_KEYWORDS].value;
	m->generator = s[SLOT_GENERATOR].value;
	m->theme_color = s[SLOT_THEME_COLOR].value;
	m->type = s[SLOT_TYPE].value;
	m->section = s[SLOT_SECTION].value;
	m->published = date_of(g, SLOT_PUBLISHED, &m->published_raw);
	m->modified = date_of(g, SLOT_MODIFIED, &m->modified_raw);
	if (s[SLOT_IMAGE].rank) {
		struct str url = base_url_resolve(g->base, s[SLOT_IMAGE].value);
		m->image = url.p ? url : s[SLOT_IMAGE].value;
	}
	if (!m->favicon.p)
		m->favicon = g->touch_icon;
	if (!g->authors->n && m->author.n)
		json_push(g->arena, g->authors, json_new_str(g->arena, m->author));
	set_lang(g);
	split_keywords(g);
	m->og = g->og;
	m->twitter = g->twitter;
	m->repeated = g->repeated;
	m->article = g->article;
	m->dublin_core = g->dc;
	m->feeds = g->feeds;
	m->hreflang = g->hreflang;
	m->icons = g->icons;
	m->authors = g->authors;
	m->tags = g->tags;
	m->json_ld = g->json_ld;
}

void meta_collect(struct arena *a, const struct dom *d, const struct base_url *b, const struct meta_opts *o,
	struct meta *ret)
{
	struct gather g = { .arena = a, .d = d, .base = b, .m = ret };
	*ret = (struct meta){ 0 };
	struct json **objects[] = { &g.og, &g.twitter, &g.repeated, &g.article, &g.dc };
	struct json **arrays[] = { &g.feeds, &g.hreflang, &g.icons, &g.tags, &g.authors, &g.json_ld };
	for (size_t i = 0; i < ARRAY_LEN(objects); i++)
		*objects[i] = json_new_object(a);
	for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
		*arrays[i] = json_new_array(a);
	buf_init(&g.robots, a, 64 * KiB);
	const struct node *end = node_end(d->nodes);
	for (const struct node *n = d->nodes; n < end; n += n->type == NODE_FRAGMENT ? n->size : 1)
		if (n->type == NODE_ELEMENT && n->ns == NS_HTML)
			visit(&g, n);
	meta_from_json_ld(&g);
	settle(&g);
	ret->microdata = g.microdata ? items_microdata(a, d, b) : json_new_array(a);
	ret->rdfa = g.rdfa ? items_rdfa(a, d, b) : json_new_array(a);
	ret->robots = meta_robots(&g, o ? o->x_robots_tag : STR_NULL);
	if (!ret->charset.p)
		ret->charset = d->charset;
}

/* ---- JSON */

static void text(struct jw *w, const char *name, struct str s)
{
	if (s.n)
		jw_kstr(w, name, s);
}

static void value(struct jw *w, const char *name, const struct json *v, bool always)
{
	if (!v || (!always && !v->n))
		return;
	jw_key(w, name);
	jw_value(w, v);
}

void meta_write(struct jw *w, const struct meta *m)
{
	jw_object(w);
	text(w, "title", m->title);
	text(w, "description", m->description);
	text(w, "canonical", m->canonical);
	text(w, "lang", m->lang);
	text(w, "dir", m->dir);
	text(w, "site_name", m->site_name);
	text(w, "author", m->author);
	value(w, "authors", m->authors, false);
	text(w, "published", m->published);
	text(w, "modified", m->modified);
	text(w, "image", m->image);
	text(w, "favicon", m->favicon);
	text(w, "type", m->type);
	text(w, "section", m->section);
	text(w, "keywords", m->keywords);
	value(w, "tags", m->tags, false);
	text(w, "generator", m->generator);
	text(w, "theme_color", m->theme_color);
	text(w, "charset", m->charset);
	text(w, "amp", m->amp);
	text(w, "manifest", m->manifest);
	text(w, "next", m->next);
	text(w, "prev", m->prev);
	text(w, "h1", m->h1);
	value(w, "og", m->og, true);
	value(w, "twitter", m->twitter, true);
	value(w, "repeated", m->repeated, false);
	value(w, "article", m->article, false);
	value(w, "json_ld", m->json_ld, true);
	value(w, "microdata", m->microdata, false);
	value(w, "rdfa", m->rdfa, false);
	value(w, "dublin_core", m->dublin_core, false);
	value(w, "feeds", m->feeds, false);
	value(w, "hreflang", m->hreflang, false);
	value(w, "icons", m->icons, false);
	value(w, "robots", m->robots, false);
	jw_end_object(w);
}
