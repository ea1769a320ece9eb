#include "base/first.h"
#include "html/links.h"
#include "html/text.h"

static const char *kind_of(const struct node *n)
{
	switch (n->tag) {
	case TAG_A:
		return "a";
	case TAG_AREA:
		return "area";
	case TAG_LINK:
		return "link";
	case TAG_IFRAME:
		return "iframe";
	case TAG_FRAME:
		return "frame";
	}
	return NULL;
}

static struct str href_of(const struct node *n)
{
	if (n->ns == NS_SVG && n->tag == TAG_A)
		return node_has(n, ATTR_HREF) ? node_attr(n, ATTR_HREF) : node_attr(n, ATTR_XLINK_HREF);
	if (n->ns != NS_HTML)
		return STR_NULL;
	return node_attr(n, n->tag == TAG_IFRAME || n->tag == TAG_FRAME ? ATTR_SRC : ATTR_HREF);
}

static unsigned rel_flags(struct str rel)
{
	static const struct {
		const char *word;
		unsigned flag;
	} words[] = { { "nofollow", LINK_NOFOLLOW }, { "ugc", LINK_UGC }, { "sponsored", LINK_SPONSORED },
		{ "noopener", LINK_NOOPENER } };
	unsigned flags = 0;
	struct str w;
	while (next_word(&rel, &w))
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (str_eqi(w, str_of(words[i].word)))
				flags |= words[i].flag;
	return flags;
}

/* What a reader takes for the link's text: its text, else the images' alternatives, else labels. */
static struct str link_text(struct arena *a, const struct node *n)
{
	if (n->tag == TAG_AREA)
		return text_squeeze(a, node_attr(n, ATTR_ALT));
	if (n->tag != TAG_A)
		return STR("");
	struct str text = text_line(a, n);
	for (const struct node *x = n + 1; !text.n && x < node_end(n); x++)
		if (node_is(x, TAG_IMG))
			text = text_squeeze(a, node_attr(x, ATTR_ALT));
	if (!text.n)
		text = text_squeeze(a, node_attr(n, ATTR_ARIA_LABEL));
	return text;
}

/* <meta name=robots content="… nofollow …"> */
static bool page_is_nofollow(const struct dom *d)
{
	const struct node *end = d->head ? node_end(d->head) : NULL;
	for (const struct node *n = d->head; n && n < end; n++) {
		if (!node_is(n, TAG_META) || !str_eqi(str_trim(node_attr(n, ATTR_NAME)), STR("robots")))
			continue;
		struct str rest = node_attr(n, ATTR_CONTENT), word;
		while (str_split(&rest, ',', &word))
			if (str_eqi(str_trim(word), STR("nofollow")) || str_eqi(str_trim(word), STR("none")))
				return true;
	}
	return false;
}

/* Every http URL has a path, so a URL of the origin has a slash behind it. */
static bool is_under(struct str url, struct str origin)
{
	return origin.p && url.n > origin.n && url.p[origin.n] == '/' && str_starts(url, origin);
}

static void fill(struct link *l, struct arena *a, const struct node *n, unsigned flags)
{
	l->rel = node_attr(n, ATTR_REL);
	l->flags |= rel_flags(l->rel);
	l->hreflang = node_attr(n, ATTR_HREFLANG);
	l->type = node_attr(n, ATTR_TYPE);
	l->media = node_attr(n, ATTR_MEDIA);
	l->sizes = node_attr(n, ATTR_SIZES);
	l->download = node_attr(n, ATTR_DOWNLOAD);
	l->target = node_attr(n, ATTR_TARGET);
	if (flags & LINKS_NO_TEXT)
		return;
	l->text = link_text(a, n);
	l->title = text_squeeze(a, node_attr(n, ATTR_TITLE));
}

void links_collect(
	struct arena *a, const struct dom *d, const struct base_url *b, unsigned flags, struct link_list *ret)
{
	unsigned page_flags = page_is_nofollow(d) ? LINK_NOFOLLOW : 0;
	struct str origin = b->page_known && url_is_http(&b->page) ? url_origin(a, &b->page) : STR_NULL;
	*ret = (struct link_list){ 0 };
	const struct node *end = node_end(d->nodes);
	for (const struct node *n = d->nodes; n < end && ret->n < LINKS_MAX;
		n += n->type == NODE_FRAGMENT ? n->size : 1) {
		const char *kind = n->type == NODE_ELEMENT ? kind_of(n) : NULL;
		struct str href = kind ? href_of(n) : STR_NULL;
		if (!href.p || ((flags & LINKS_ANCHORS) && n->tag != TAG_A && n->tag != TAG_AREA))
			continue;
		href = str_trim(href);
		struct str url = base_url_resolve(b, href);
		bool http = str_starts(url, STR("http://")) || str_starts(url, STR("https://"));
		if (!url.p || ((flags & LINKS_HTTP_ONLY) && !http))
			continue;
		struct link *l = vec_add(a, ret);
		*l = (struct link){ .node = n, .kind = kind, .href = href, .url = url, .flags = page_flags };
		l->http = http;
		l->internal = is_under(url, origin);
		l->text = l->title = STR("");
		fill(l, a, n, flags);
	}
}

static void put_if(struct jw *w, const char *key, struct str s)
{
	if (s.p)
		jw_kstr(w, key, s);
}

void links_write(struct jw *w, const struct link_list *list)
{
	jw_array(w);
	for (size_t i = 0; i < list->n; i++) {
		const struct link *l = &list->at[i];
		jw_object(w);
		jw_kstr(w, "url", l->url);
		jw_kstr(w, "href", l->href);
		jw_kcstr(w, "tag", l->kind);
		jw_kstr(w, "text", l->text);
		if (l->title.n)
			jw_kstr(w, "title", l->title);
		put_if(w, "rel", l->rel);
		put_if(w, "hreflang", l->hreflang);
		put_if(w, "type", l->type);
		put_if(w, "media", l->media);
		put_if(w, "sizes", l->sizes);
		put_if(w, "download", l->download);
		put_if(w, "target", l->target);
		jw_kbool(w, "nofollow", l->flags & LINK_NOFOLLOW);
		jw_kbool(w, "ugc", l->flags & LINK_UGC);
		jw_kbool(w, "sponsored", l->flags & LINK_SPONSORED);
		jw_kbool(w, "internal", l->internal);
		jw_end_object(w);
	}
	jw_end_array(w);
}
