#include "base/first.h"
#include "base/utf8.h"
#include "html/art.h"
#include "html/markdown.h"
#include "html/text.h"

#define READABLE_WORDS 90 /* of good text, to be called an article */
#define POOR_WORDS 60     /* below this the page is asked whether it is one at all */

/* ---- about the page */

/* The name of the site, or what its host name says in one word. */
static bool is_site(const struct art *t, struct str s)
{
	char letters[80];
	size_t n = 0;
	if (t->meta->site_name.n && str_eqi(s, t->meta->site_name))
		return true;
	for (size_t i = 0; i < s.n && n < sizeof letters; i++)
		if (is_alnum(s.p[i]))
			letters[n++] = (char)to_lower(s.p[i]);
	const struct base_url *b = t->o->base;
	if (!b || !b->page_known || n < 4 || n >= 40)
		return false;
	char host[256];
	size_t h = 0;
	for (size_t i = 0; i < b->page.host.n && h < sizeof host; i++)
		if (is_alnum(b->page.host.p[i]))
			host[h++] = b->page.host.p[i];
	return str_find(str_n(host, h), str_n(letters, n)) != STR_NPOS;
}

/* A heading that leads to the front page is the name of the site. */
static bool leads_home(const struct art *t, const struct node *heading)
{
	const struct node *link = node_find(heading, TAG_A);
	struct str href = link ? str_trim(node_attr(link, ATTR_HREF)) : STR_NULL;
	if (!href.n)
		return false;
	struct url u;
	const struct base_url *b = t->o->base;
	if (url_parse(t->a, href, b && b->known ? &b->url : NULL, &u, NULL))
		return str_is(href, "/");
	return str_is(u.path, "/") && !u.query.n && !(b && b->page_known && str_eq(u.path, b->page.path));
}

/* A heading of the page that its title repeats: the one that calls itself the title, else the first <h1>. */
static struct str find_heading(const struct art *t, struct str title)
{
	struct str h1 = t->meta->h1;
	for (uint32_t i = 0; i < t->d->n; i++) {
		const struct node *n = art_node(t, i);
		if (n->type != NODE_ELEMENT || n->tag < TAG_H1 || n->tag > TAG_H4 || !(t->own[i] & W_TITLE))
			continue;
		struct str s = text_line(t->a, n);
		if (s.n >= 8 && art_count_words(s) >= 3 && str_findi(title, s) != STR_NPOS && !is_site(t, s) &&
			!leads_home(t, n))
			return s;
	}
	return h1.n >= 8 && str_findi(title, h1) != STR_NPOS && !is_site(t, h1) ? h1 : STR_NULL;
}

/* "Headline | Site" and "Site - Headline": the part that a heading of the page repeats, else the longest one. */
static struct str clean_title(struct art *t, struct str title)
{
	static const char *const seps[] = { " | ", " - ", " \xE2\x80\x93 ", " \xE2\x80\x94 ", " \xC2\xBB ",
		" :: ", " \xC2\xB7 ", " / " };
	title = text_squeeze(t->a, title);
	struct str head = find_heading(t, title);
	if (head.n)
		return head;
	for (size_t i = 0; i < ARRAY_LEN(seps); i++) {
		struct str sep = str_of(seps[i]), rest = title, best = STR_NULL;
		if (str_find(title, sep) == STR_NPOS)
			continue;
		while (rest.n) {
			size_t at = str_find(rest, sep);
			struct str part = str_trim(str_sub(rest, 0, at == STR_NPOS ? rest.n : at));
			if ((!best.n || (art_count_words(best) < 3 && part.n > best.n)) && !is_site(t, part))
				best = part;
			rest = at == STR_NPOS ? STR_NULL : str_from(rest, at + sep.n);
		}
		if (art_count_words(best) >= 2)
			return best;
	}
	return title;
}

static struct str find_headline(const struct json *ld)
{
	for (size_t i = 0; json_is(ld, J_ARRAY) && i < ld->n; i++) {
		struct str s = json_str(json_get(ld->items[i], "headline"), STR_NULL);
		if (s.n)
			return s;
	}
	return STR_NULL;
}

static struct str find_title(struct art *t)
{
	struct str s = find_headline(t->meta->json_ld);
	if (s.n && s.n < 300)
		return text_squeeze(t->a, s);
	s = json_str(json_get(t->meta->og, "title"), STR_NULL);
	if (!s.n)
		s = t->meta->title;
	if (!s.n)
		s = t->meta->h1;
	return s.n ? clean_title(t, s) : STR_NULL;
}

static struct str trim_by(struct str s)
{
	static const char *const by[] = { "by ", "by: ", "von ", "par ", "por ", "written by ", "posted by ",
		"author: " };
	s = str_trim(s);
	for (size_t i = 0; i < ARRAY_LEN(by); i++)
		if (str_startsi(s, str_of(by[i])))
			return str_trim(str_from(s, strlen(by[i])));
	return s;
}

/* The first element that calls itself author or byline and holds a name's worth of words. */
static struct str find_byline(struct art *t)
{
	if (t->meta->author.n)
		return t->meta->author;
	for (uint32_t i = 0; i < t->d->n; i++) {
		const struct node *n = art_node(t, i);
		if (n->type != NODE_ELEMENT || !(t->own[i] & (W_META | W_BIO)) || t->dead[i] & W_COMMENT)
			continue;
		struct str class = node_attr(n, ATTR_CLASS);
		bool says = str_is(node_attr(n, ATTR_REL), "author") || str_is(node_attr(n, ATTR_ITEMPROP), "author") ||
			str_findi(class, STR("author")) != STR_NPOS || str_findi(class, STR("byline")) != STR_NPOS ||
			str_findi(class, STR("autor")) != STR_NPOS;
		uint32_t words = art_n_words(t, i);
		if (!says || words < 1 || words > 8)
			continue;
		struct str s = trim_by(text_line(t->a, n));
		if (s.n && s.n < 80)
			return s;
	}
	return STR_NULL;
}

static struct str find_excerpt(struct art *t, struct str text)
{
	if (t->meta->description.n)
		return t->meta->description;
	struct str para;
	while (str_split(&text, '\n', &para))
		if (art_count_words(para) >= 10)
			break;
	if (!para.n)
		return STR_NULL;
	struct str cut = utf8_cut(para, 300);
	return cut.n < para.n ? arena_printf(t->a, "%.*s\xE2\x80\xA6", STR_FMT(cut)) : cut;
}

/* ---- content */

static uint32_t words_of(const struct article *ret)
{
	return art_count_words(ret->text);
}

static void extract(struct art *t, struct article *ret)
{
	t->root = art_find_root(t);
	t->n_lead = 0;
	if (t->strict)
		art_find_lead(t);
	art_clean(t);
	art_build(t, ret);
	ret->source = t->source;
}

/* Again, with less judgement: as long as that gives clearly more. */
static void try_weaker(struct art *t, struct article *ret)
{
	static const struct {
		uint32_t revive;
		const char *source;
	} steps[] = {
		{ W_META | W_MEDIA | W_USER | W_BIO | W_PULL | W_DEK, "semantic" },
		{ W_SIDE | W_RELATED | W_PROMO | W_AD | W_SHARE | W_HIDDEN | W_TOC | W_FORM | W_META | W_USER | W_BIO |
				W_PULL,
			"body" },
		{ ~UINT32_C(0), "body" },
	};
	for (size_t i = 0; i < ARRAY_LEN(steps) && words_of(ret) < POOR_WORDS; i++) {
		struct article again = *ret;
		uint32_t before = words_of(ret);
		t->strict = false;
		t->source = steps[i].source;
		memset(t->drop, 0, t->d->n);
		art_revive(t, steps[i].revive);
		extract(t, &again);
		if (words_of(&again) > before * 2 + 10)
			*ret = again;
	}
}

/* The text that JSON-LD carries, when the page itself does not show it. */
static void use_ld(struct art *t, struct article *ret)
{
	struct buf html, text;
	struct str rest = t->ld_body, para;
	buf_init(&html, t->a, 0);
	buf_init(&text, t->a, 0);
	while (str_split(&rest, '\n', &para)) {
		para = text_squeeze(t->a, para);
		if (!para.n)
			continue;
		buf_addz(&html, "<p>");
		for (size_t i = 0; i < para.n; i++) {
			if (para.p[i] == '<')
				buf_addz(&html, "&lt;");
			else if (para.p[i] == '&')
				buf_addz(&html, "&amp;");
			else
				buf_addc(&html, para.p[i]);
		}
		buf_addz(&html, "</p>");
		buf_addz(&text, text.n ? "\n\n" : "");
		buf_adds(&text, para);
	}
	struct dom *d;
	if (dom_parse(t->a, buf_str(&html), &(struct dom_opts){ .utf8 = true }, &d, NULL))
		return;
	ret->content = buf_str(&html);
	ret->text = buf_str(&text);
	if (!t->o->no_markdown)
		ret->markdown = markdown_of(t->a, d, d->body, NULL);
	ret->source = "json-ld";
	ret->kind = PAGE_ARTICLE;
	art_warn(ret, "text-from-json-ld");
}

static void judge_warnings(struct art *t, struct article *ret, uint32_t words)
{
	const struct json *ld = t->meta->json_ld;
	for (size_t i = 0; json_is(ld, J_ARRAY) && i < ld->n; i++) {
		const struct json *free = json_get(ld->items[i], "isAccessibleForFree");
		struct str s = json_str(free, STR_NULL);
		if (json_is(free, J_FALSE) || str_eqi(s, STR("false")))
			art_warn(ret, "paywall");
	}
	if (t->meta->noindex)
		art_warn(ret, "noindex");
	if (t->d->flattened)
		art_warn(ret, "flattened");
	if (words < POOR_WORDS && ret->kind <= PAGE_OTHER)
		art_warn(ret, "little-text");
}

void article_extract(struct arena *a, const struct dom *d, const struct article_opts *o, struct article *ret)
{
	static const struct article_opts none = { 0 };
	struct art *t = arena_new(a, struct art);
	struct base_url base;
	struct meta meta;
	*ret = (struct article){ .content = STR(""), .text = STR(""), .markdown = STR(""), .source = "none" };
	t->a = a;
	t->d = d;
	t->o = o ? o : &none;
	t->meta = t->o->meta;
	if (!t->meta) {
		base_url_init(&base, a, d, STR_NULL);
		meta_collect(a, d, t->o->base ? t->o->base : &base, &(struct meta_opts){ 0 }, &meta);
		t->meta = &meta;
	}
	art_read(t);
	t->title = find_title(t);
	art_match_ld(t);
	art_mark_dead(t);
	art_judge_kind(t);
	if (t->kind == PAGE_FORUM)
		art_revive(t, W_COMMENT);
	else
		art_revive(t, W_USER | (t->kind == PAGE_LISTING ? W_RELATED | W_PROMO : 0));
	t->source = t->kind == PAGE_FORUM ? "posts" : "scored";
	ret->kind = t->kind;
	extract(t, ret);
	if (t->ld_body.n >= ART_LD_MIN && art_count_words(t->ld_body) > words_of(ret) * 3 / 2 + 40 &&
		(t->strict || words_of(ret) < POOR_WORDS))
		use_ld(t, ret);
	try_weaker(t, ret);
	uint32_t words = words_of(ret), all = t->words[t->units.n];
	if (words < (ret->kind == PAGE_ARTICLE ? 120 : 200))
		art_judge_poor(t, ret);
	ret->title = t->title;
	ret->byline = find_byline(t);
	ret->excerpt = find_excerpt(t, ret->text);
	ret->site_name = t->meta->site_name;
	ret->lang = t->meta->lang;
	ret->dir = t->meta->dir;
	ret->published = t->meta->published;
	ret->length = utf8_len(ret->text);
	ret->coverage = all ? MIN((double)words / all, 1.0) : 0;
	ret->readable = words >= READABLE_WORDS && ret->kind <= PAGE_OTHER && ret->kind != PAGE_LISTING;
	judge_warnings(t, ret, words);
}

void article_write(struct jw *w, const struct article *art)
{
	jw_object(w);
	jw_kstr(w, "title", art->title);
	jw_kstr(w, "byline", art->byline);
	jw_kstr(w, "excerpt", art->excerpt);
	jw_kstr(w, "siteName", art->site_name);
	jw_kstr(w, "lang", art->lang);
	jw_kstr(w, "dir", art->dir);
	jw_kstr(w, "publishedTime", art->published);
	jw_kstr(w, "content", art->content);
	jw_kstr(w, "textContent", art->text);
	jw_kstr(w, "markdown", art->markdown);
	jw_kint(w, "length", (int64_t)art->length);
	jw_key(w, "coverage");
	jw_real(w, art->coverage);
	jw_kcstr(w, "pageKind", page_kind_name(art->kind));
	jw_kcstr(w, "source", art->source);
	jw_kbool(w, "readable", art->readable);
	jw_key(w, "warnings");
	jw_array(w);
	for (size_t i = 0; i < art->warnings_n; i++)
		jw_cstr(w, art->warnings[i]);
	jw_end_array(w);
	jw_end_object(w);
}
