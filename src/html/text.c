#include "base/first.h"
#include "html/text.h"

void text_content(const struct node *n, struct buf *out)
{
	if (n->type == NODE_COMMENT) {
		buf_adds(out, node_text(n));
		return;
	}
	const struct node *end = node_end(n);
	for (const struct node *x = n; x < end; x += x->type == NODE_FRAGMENT && x != n ? x->size : 1)
		if (x->type == NODE_TEXT)
			buf_add(out, x->text, x->n);
}

struct str text_content_of(struct arena *a, const struct node *n)
{
	const struct node *only = NULL, *end = node_end(n);
	size_t total = 0, texts = 0;
	for (const struct node *x = n; x < end; x += x->type == NODE_FRAGMENT && x != n ? x->size : 1)
		if (x->type == NODE_TEXT) {
			only = x;
			texts++;
			total += x->n;
		}
	if (texts <= 1)
		return only ? node_text(only) : n->type == NODE_COMMENT ? node_text(n) : STR("");
	struct buf out;
	buf_init(&out, a, 0);
	buf_grow(&out, total);
	text_content(n, &out);
	return buf_str(&out);
}

/* Width in bytes of white space at `i`, the no-break space included; 0: none. */
static size_t space_at(struct str s, size_t i)
{
	if (is_space(s.p[i]))
		return 1;
	return (uint8_t)s.p[i] == 0xC2 && i + 1 < s.n && (uint8_t)s.p[i + 1] == 0xA0 ? 2 : 0;
}

struct str text_squeeze(struct arena *a, struct str s)
{
	size_t i = 0, n = 0, w;
	bool same = true; /* so far the output is the input */
	char *to = NULL;
	struct str t = str_trim(s);
	while (i < t.n) {
		w = space_at(t, i);
		if (!w) {
			if (!same)
				to[n] = t.p[i];
			n++;
			i++;
			continue;
		}
		size_t from = i;
		while (i < t.n && (w = space_at(t, i)))
			i += w;
		if (same && (i - from != 1 || t.p[from] != ' ' || n == 0)) {
			to = arena_alloc(a, t.n + 1);
			memcpy(to, t.p, n);
			same = false;
		}
		if (i < t.n && n) {
			if (!same)
				to[n] = ' ';
			n++;
		}
	}
	return str_n(same ? t.p : to, n);
}

struct str text_line(struct arena *a, const struct node *n)
{
	return text_squeeze(a, text_content_of(a, n));
}

/* ---- hidden elements */

/* The declaration `name: value` stands in a style attribute. */
static bool style_says(struct str style, struct str name, struct str value)
{
	struct str decl;
	while (str_split(&style, ';', &decl)) {
		size_t colon = str_chr(decl, ':');
		if (colon == STR_NPOS || !str_eqi(str_trim(str_sub(decl, 0, colon)), name))
			continue;
		struct str v = str_trim(str_from(decl, colon + 1));
		size_t bang = str_chr(v, '!');
		if (bang != STR_NPOS)
			v = str_trim(str_sub(v, 0, bang));
		if (str_eqi(v, value))
			return true;
	}
	return false;
}

bool node_is_hidden(const struct node *n)
{
	if (n->type != NODE_ELEMENT)
		return false;
	for (const struct attr *at = n->attrs, *end = at + n->n; at < end; at++) {
		struct str v = { at->p, at->n };
		if (at->name == ATTR_HIDDEN && !str_eqi(v, STR("until-found")))
			return true;
		if (at->name == ATTR_STYLE && v.n >= 12 &&
			(style_says(v, STR("display"), STR("none")) || style_says(v, STR("visibility"), STR("hidden"))))
			return true;
		if (at->name == ATTR_TYPE && n->tag == TAG_INPUT && str_eqi(v, STR("hidden")))
			return true;
	}
	return false;
}

/* ---- visible text */

struct flow {
	struct buf *out;
	size_t start;  /* of our text in `out` */
	int breaks;    /* line feeds owed before the next text */
	bool space;    /* a space is owed */
	bool tab;      /* a cell's tab is owed */
	bool line;     /* the current line has text */
	int pre;       /* open elements that keep white space */
	size_t row;    /* where the text of the current table row begins */
};

static void owe_breaks(struct flow *f, int n)
{
	f->breaks = MAX(f->breaks, n);
	f->space = f->tab = false;
}

/* Pays what is owed before text comes. */
static void settle(struct flow *f)
{
	if (f->breaks && f->out->n > f->start) {
		bool ended = f->out->p[f->out->n - 1] == '\n'; /* by kept text */
		for (int i = ended; i < f->breaks; i++)
			buf_addc(f->out, '\n');
		f->line = false;
	}
	f->breaks = 0;
	if (f->tab)
		buf_addc(f->out, '\t');
	else if (f->space && f->line)
		buf_addc(f->out, ' ');
	f->tab = f->space = false;
	f->line = true;
}

static void kept_text(struct flow *f, struct str s)
{
	if (!s.n)
		return;
	settle(f);
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r') {
			buf_add(f->out, s.p + from, i - from);
			if (i + 1 < s.n && s.p[i + 1] == '\n')
				i++;
			buf_addc(f->out, '\n');
			from = i + 1;
		}
	buf_add(f->out, s.p + from, s.n - from);
	f->line = s.p[s.n - 1] != '\n';
}

static void flow_text(struct flow *f, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		if (is_space(s.p[i])) {
			f->space = true;
			i++;
			continue;
		}
		size_t from = i;
		/* single spaces inside a run of words go over with it */
		while (i < s.n && (!is_space(s.p[i]) || (s.p[i] == ' ' && i + 1 < s.n && !is_space(s.p[i + 1]))))
			i++;
		settle(f);
		buf_add(f->out, s.p + from, i - from);
	}
}

/* Line feeds around an element: the standard's "required line break count". */
static int breaks_around(uint32_t tag)
{
	switch (tag) {
	case TAG_P: case TAG_H1: case TAG_H2: case TAG_H3: case TAG_H4: case TAG_H5: case TAG_H6: case TAG_BLOCKQUOTE:
	case TAG_PRE:
	case TAG_UL:
	case TAG_OL:
	case TAG_DL:
	case TAG_TABLE:
	case TAG_FIGURE:
	case TAG_LISTING:
	case TAG_XMP:
		return 2;
	case TAG_TD: case TAG_TH:
		return 0;
	}
	return tag_is_block(tag) ? 1 : 0;
}

static bool skipped(const struct node *n, const struct node *root)
{
	if (n->ns == NS_SVG)
		return n->tag == TAG_SVG || n->tag == TAG_TITLE || n->tag == TAG_DESC;
	return n != root && (tag_is_hidden(n->tag) || n->tag == TAG_NOSCRIPT || node_is_hidden(n));
}

static bool keeps_space(uint32_t tag)
{
	return tag == TAG_PRE || tag == TAG_TEXTAREA || tag == TAG_LISTING || tag == TAG_XMP || tag == TAG_PLAINTEXT;
}

static bool follows_cell(const struct node *n)
{
	const struct node *p = node_prev_element(n);
	return p && (node_is(p, TAG_TD) || node_is(p, TAG_TH));
}

static bool is_table_part(uint32_t tag)
{
	return tag == TAG_TR || tag == TAG_TBODY || tag == TAG_THEAD || tag == TAG_TFOOT || tag == TAG_TABLE;
}

static void flow_element(struct flow *f, struct walk *w)
{
	const struct node *n = w->node;
	if (!w->leave && skipped(n, w->root)) {
		walk_skip(w);
		return;
	}
	if (w->leave && w->skip && n->size > 1)
		return;
	if (n->ns != NS_HTML)
		return;
	if (n->tag == TAG_BR && !w->leave) {
		owe_breaks(f, MIN(f->breaks + 1, 3));
		return;
	}
	if ((n->tag == TAG_TD || n->tag == TAG_TH) && !w->leave && follows_cell(n)) {
		if (f->tab)
			settle(f);
		f->tab = true;
		if (f->out->n > f->row)
			f->breaks = 0;
	}
	int breaks = n == w->root ? 0 : breaks_around(n->tag);
	/* At the start of a cell a block begins no line. */
	if (breaks && (!f->tab || is_table_part(n->tag)))
		owe_breaks(f, breaks);
	if (n->tag == TAG_TR && !w->leave)
		f->row = f->out->n;
	if (keeps_space(n->tag))
		f->pre += w->leave ? -1 : 1;
}

void text_visible(const struct node *n, struct buf *out)
{
	struct flow f = { .out = out, .start = out->n };
	for (struct walk w = walk_start(n); walk_next(&w);) {
		if (w.node->type == NODE_ELEMENT)
			flow_element(&f, &w);
		else if (w.node->type == NODE_TEXT && f.pre)
			kept_text(&f, node_text(w.node));
		else if (w.node->type == NODE_TEXT)
			flow_text(&f, node_text(w.node));
	}
	while (out->n > f.start && is_space(out->p[out->n - 1]))
		out->n--;
}

struct str text_visible_of(struct arena *a, const struct node *n)
{
	struct buf out;
	buf_init(&out, a, 0);
	text_visible(n, &out);
	return buf_str(&out);
}
