/* The results: the text, and the content as a small document of its own, of which HTML and Markdown are written. */
#include "base/first.h"
#include "html/art.h"
#include "html/image.h"
#include "html/markdown.h"
#include "html/md_code.h"
#include "html/text.h"

/* ---- text */

/* Between two units: cells of a row by a tab, items and rows by a line feed, the rest by an empty line. */
static const char *between(const struct art *t, const struct unit *a, const struct unit *b)
{
	if (a->kind == U_CELL && b->kind == U_CELL) {
		const struct node *x = node_closest(art_node(t, a->block), TAG_TR),
				  *y = node_closest(art_node(t, b->block), TAG_TR);
		return x && x == y ? "\t" : "\n";
	}
	if (a->kind == U_ITEM && b->kind == U_ITEM)
		return "\n";
	if (a->block == b->block && a->kind == U_TEXT && a->words <= 12)
		return "\n"; /* lines parted by <br> */
	return a->kind == U_TERM && b->kind == U_ITEM ? "\n" : "\n\n";
}

static void add_raw(const struct art *t, const struct unit *u, struct buf *out)
{
	size_t start = out->n;
	for (uint32_t i = u->first; i <= u->last; i++)
		if (art_node(t, i)->type == NODE_TEXT)
			buf_adds(out, node_text(art_node(t, i)));
	while (out->n > start && is_space(out->p[out->n - 1]))
		out->n--;
}

static void write_text(const struct art *t, struct article *ret)
{
	struct buf out;
	const struct unit *before = NULL;
	buf_init(&out, t->a, 0);
	for (size_t i = 0; i < t->n_lead; i++) {
		buf_adds(&out, art_unit_text(t, &t->units.at[t->lead[i]]));
		buf_addz(&out, "\n\n");
	}
	for (uint32_t k = t->unit_at[t->root]; k < t->unit_at[art_end(t, t->root)]; k++) {
		const struct unit *u = &t->units.at[k];
		if (u->drop || (u->caption && t->strict))
			continue;
		if (before)
			buf_addz(&out, between(t, before, u));
		if (u->kind == U_PRE)
			add_raw(t, u, &out);
		else
			buf_adds(&out, art_unit_text(t, u));
		before = u;
	}
	ret->text = buf_str(&out);
}

/* ---- content */

struct builder {
	const struct art *t;
	struct dom_build *b;
	uint32_t *kept;   /* by node, prefix sums: text and media that stay; one entry more than nodes */
	uint32_t root, end;
	const struct base_url *base;
};

static bool is_media(const struct node *n)
{
	switch (n->tag) {
	case TAG_IMG: case TAG_VIDEO: case TAG_AUDIO: case TAG_HR: case TAG_MATH:
		return true;
	case TAG_IFRAME:
		return str_findi(node_attr(n, ATTR_SRC), STR("youtube")) != STR_NPOS ||
			str_findi(node_attr(n, ATTR_SRC), STR("vimeo")) != STR_NPOS;
	}
	return false;
}

static bool in_kept_unit(const struct art *t, uint32_t i)
{
	uint32_t k = t->unit_at[i];
	return k < t->units.n && t->units.at[k].first <= i && i <= t->units.at[k].last && !t->units.at[k].drop;
}

/* Nodes inside dropped elements count as dropped. */
static void count_kept(struct builder *s)
{
	const struct art *t = s->t;
	uint32_t n = 0;
	s->kept = arena_alloc(t->a, sizeof(uint32_t) * (s->end - s->root + 1));
	for (uint32_t i = s->root; i < s->end;) {
		const struct node *x = art_node(t, i);
		uint32_t step = x->type == NODE_FRAGMENT || (x->type == NODE_ELEMENT && t->drop[i]) ? x->size : 1;
		bool math = x->type == NODE_ELEMENT && x->tag == TAG_MATH;
		if (math)
			step = x->size;
		bool stays = (x->type == NODE_TEXT && in_kept_unit(t, i)) ||
			     (x->type == NODE_ELEMENT && !t->drop[i] && is_media(x));
		for (uint32_t k = 0; k < step; k++)
			s->kept[i + k - s->root] = n + (stays && k > 0);
		n += stays;
		i += step;
	}
	s->kept[s->end - s->root] = n;
}

static bool is_empty(const struct builder *s, uint32_t i)
{
	return s->kept[art_end(s->t, i) - s->root] == s->kept[i - s->root];
}

enum shape { KEEP, KEEP_EMPTY, UNWRAP, PARAGRAPH, LEAVE };

static enum shape shape_of(const struct node *n)
{
	switch (n->tag) {
	case TAG_P:
	case TAG_H2:
	case TAG_H3:
	case TAG_H4:
	case TAG_H5:
	case TAG_H6:
	case TAG_UL:
	case TAG_OL:
	case TAG_LI:
	case TAG_DL: case TAG_DT: case TAG_DD: case TAG_BLOCKQUOTE: case TAG_TABLE: case TAG_CAPTION: case TAG_THEAD:
	case TAG_TBODY: case TAG_TFOOT: case TAG_TR: case TAG_FIGURE: case TAG_FIGCAPTION: case TAG_A: case TAG_EM:
	case TAG_STRONG: case TAG_B: case TAG_I: case TAG_SUB: case TAG_SUP: case TAG_KBD: case TAG_SAMP: case TAG_VAR:
	case TAG_CODE: case TAG_S: case TAG_DEL: case TAG_INS: case TAG_MARK: case TAG_Q: case TAG_CITE: case TAG_ABBR:
	case TAG_DFN: case TAG_RUBY: case TAG_RT: case TAG_DETAILS: case TAG_SUMMARY: case TAG_H1: case TAG_TT:
		return KEEP;
	case TAG_TD: case TAG_TH: case TAG_BR: case TAG_HR: case TAG_WBR:
		return KEEP_EMPTY;
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_TEMPLATE:
	case TAG_NOSCRIPT:
	case TAG_BUTTON:
	case TAG_SELECT:
	case TAG_INPUT:
	case TAG_TEXTAREA:
	case TAG_SVG:
	case TAG_OBJECT:
	case TAG_EMBED:
	case TAG_CANVAS:
	case TAG_LINK:
	case TAG_META:
	case TAG_RP:
		return LEAVE;
	}
	return tag_is_block(n->tag) ? PARAGRAPH : UNWRAP;
}

/* Of a block without a meaning of its own: <p> around text, <div> around text and blocks, nothing around blocks only.
 */
static enum tag wrapper_of(const struct builder *s, uint32_t i)
{
	bool text = false, blocks = false;
	for (const struct node *c = node_first(art_node(s->t, i)); c; c = node_next(c)) {
		uint32_t k = dom_index(s->t->d, c);
		if (is_empty(s, k))
			continue;
		if (c->type == NODE_ELEMENT && tag_is_block(c->tag))
			blocks = true;
		else
			text = true;
	}
	for (uint32_t k = i + 1; text && !blocks && k < art_end(s->t, i); k++)
		blocks = art_node(s->t, k)->type == NODE_ELEMENT && tag_is_block(art_node(s->t, k)->tag) &&
			 !is_empty(s, k);
	return text && blocks ? TAG_DIV : text ? TAG_P : TAG_NONE;
}

static struct str resolved(const struct builder *s, struct str href)
{
	struct str url = s->base && s->base->known ? base_url_resolve(s->base, href) : STR_NULL;
	return url.p ? url : str_trim(href);
}

static bool is_note_link(const struct node *a)
{
	const struct node *up = node_parent(a);
	struct str href = str_trim(node_attr(a, ATTR_HREF));
	return href.n && href.p[0] == '#' &&
	       (str_findi(node_attr(a, ATTR_CLASS), STR("footnote")) != STR_NPOS ||
		       str_findi(node_attr(a, ATTR_ROLE), STR("doc-")) != STR_NPOS || (up && node_is(up, TAG_SUP)) ||
		       node_closest(a, TAG_LI));
}

static void copy_attr(struct builder *s, const struct node *n, enum attr_name name)
{
	struct str v = node_attr(n, name);
	if (v.p)
		build_attr(s->b, name, v);
}

static void attributes(struct builder *s, const struct node *n)
{
	switch (n->tag) {
	case TAG_A: {
		struct str href = node_attr(n, ATTR_HREF);
		if (href.p && !str_startsi(str_trim(href), STR("javascript:")))
			build_attr(s->b, ATTR_HREF, is_note_link(n) ? str_trim(href) : resolved(s, href));
		copy_attr(s, n, ATTR_TITLE);
		copy_attr(s, n, ATTR_ROLE);
		break;
	}
	case TAG_TD: case TAG_TH:
		copy_attr(s, n, ATTR_COLSPAN);
		copy_attr(s, n, ATTR_ROWSPAN);
		copy_attr(s, n, ATTR_ALIGN);
		break;
	case TAG_OL:
		copy_attr(s, n, ATTR_START);
		break;
	case TAG_LI:
		copy_attr(s, n, ATTR_VALUE);
		copy_attr(s, n, ATTR_ID);
		break;
	case TAG_ABBR: case TAG_DFN:
		copy_attr(s, n, ATTR_TITLE);
		break;
	}
	struct str class = node_attr(n, ATTR_CLASS);
	if ((n->tag == TAG_OL || n->tag == TAG_UL) && (str_findi(class, STR("footnote")) != STR_NPOS ||
		str_findi(class, STR("references")) != STR_NPOS))
		build_attr(s->b, ATTR_CLASS, STR("footnotes"));
	copy_attr(s, n, ATTR_LANG);
	copy_attr(s, n, ATTR_DIR);
}

static void put_image(struct builder *s, const struct node *n)
{
	struct str src = image_source(n);
	if (!src.n || image_is_pixel(n))
		return;
	build_open(s->b, TAG_IMG);
	build_attr(s->b, ATTR_SRC, resolved(s, src));
	build_attr(s->b, ATTR_ALT, text_squeeze(s->t->a, node_attr(n, ATTR_ALT)));
	copy_attr(s, n, ATTR_TITLE);
	copy_attr(s, n, ATTR_WIDTH);
	copy_attr(s, n, ATTR_HEIGHT);
	build_close(s->b);
}

static void put_embedded(struct builder *s, const struct node *n)
{
	const struct node *source = node_find(n, TAG_SOURCE);
	struct str src = node_attr(n, ATTR_SRC);
	if (!src.n && source)
		src = node_attr(source, ATTR_SRC);
	if (!src.n)
		return;
	build_open(s->b, (enum tag)n->tag);
	build_attr(s->b, ATTR_SRC, resolved(s, src));
	copy_attr(s, n, ATTR_TITLE);
	if (n->tag == TAG_VIDEO && node_has(n, ATTR_POSTER))
		build_attr(s->b, ATTR_POSTER, resolved(s, node_attr(n, ATTR_POSTER)));
	build_close(s->b);
}

static void put_pre(struct builder *s, const struct node *n)
{
	struct buf text, class;
	buf_init(&text, s->t->a, 0);
	buf_init(&class, s->t->a, 0);
	code_text(s->t->a, n, &text);
	struct str lang = code_language(n);
	build_open(s->b, TAG_PRE);
	build_open(s->b, TAG_CODE);
	if (lang.n) {
		buf_addz(&class, "language-");
		buf_adds(&class, lang);
		build_attr(s->b, ATTR_CLASS, buf_str(&class));
	}
	build_text(s->b, buf_str(&text));
	build_close(s->b);
	build_close(s->b);
}

/* Elements that are written whole. */
static bool put_leaf(struct builder *s, const struct node *n)
{
	if (n->tag == TAG_IMG) {
		put_image(s, n);
	} else if (n->tag == TAG_VIDEO || n->tag == TAG_AUDIO || n->tag == TAG_IFRAME) {
		if (is_media(n))
			put_embedded(s, n);
	} else if (n->tag == TAG_PRE || n->tag == TAG_LISTING || n->tag == TAG_XMP) {
		put_pre(s, n);
	} else if (n->tag == TAG_MATH) {
		build_copy(s->b, s->t->d, n);
	} else {
		return false;
	}
	return true;
}

/* True: the element was opened and must be closed. */
static bool open_element(struct builder *s, struct walk *w)
{
	const struct node *n = w->node;
	uint32_t i = dom_index(s->t->d, n);
	enum shape shape = shape_of(n);
	if (s->t->drop[i] || shape == LEAVE || (is_empty(s, i) && shape != KEEP_EMPTY)) {
		walk_skip(w);
		return false;
	}
	if (put_leaf(s, n)) {
		walk_skip(w);
		return false;
	}
	enum tag tag = shape == UNWRAP ? TAG_NONE : shape == PARAGRAPH ? wrapper_of(s, i) : (enum tag)n->tag;
	if (n->tag == TAG_H1)
		tag = TAG_H2;
	if (tag == TAG_NONE)
		return false;
	build_open(s->b, tag);
	attributes(s, n);
	return true;
}

static void walk_content(struct builder *s, const struct node *root)
{
	VEC(const struct node *) open = { 0 };
	for (struct walk w = walk_start(root); walk_next(&w);) {
		uint32_t i = dom_index(s->t->d, w.node);
		if (w.node == root) {
			continue;
		} else if (w.node->type == NODE_TEXT) {
			if (in_kept_unit(s->t, i) || !str_trim(node_text(w.node)).n)
				build_text(s->b, node_text(w.node));
		} else if (w.leave) {
			if (open.n && vec_last(&open) == w.node) {
				build_close(s->b);
				open.n--;
			}
		} else if (w.node->type == NODE_ELEMENT && open_element(s, &w)) {
			vec_push(s->t->a, &open, w.node);
		}
	}
}

void art_build(struct art *t, struct article *ret)
{
	struct builder s = { .t = t, .root = t->root, .end = art_end(t, t->root), .base = t->o->base };
	write_text(t, ret);
	count_kept(&s);
	s.b = dom_build_new(t->a, s.end - s.root, 64);
	build_open(s.b, TAG_HTML);
	build_open(s.b, TAG_BODY);
	const struct node *root = art_node(t, t->root);
	for (size_t i = 0; i < t->n_lead; i++) {
		build_open(s.b, TAG_P);
		build_text(s.b, art_unit_text(t, &t->units.at[t->lead[i]]));
		build_close(s.b);
	}
	/* A list, table or quote that is the content itself keeps its own element. */
	bool whole = root->type == NODE_ELEMENT && shape_of(root) == KEEP && root->tag != TAG_LI && root->tag != TAG_TR;
	if (whole) {
		build_open(s.b, (enum tag)root->tag);
		attributes(&s, root);
	}
	walk_content(&s, root);
	if (whole)
		build_close(s.b);
	build_close(s.b);
	build_close(s.b);
	struct dom *d = build_done(s.b);
	struct buf html;
	buf_init(&html, t->a, 0);
	dom_inner_html(d, d->body, &html);
	ret->content = str_trim(buf_str(&html));
	if (!t->o->no_markdown)
		ret->markdown = markdown_of(t->a, d, d->body, NULL);
}
