#include "base/first.h"
#include "html/dom.h"
#include "html/names.h"

struct str dom_tag_number_name(const struct dom *d, uint32_t tag)
{
	if (tag < TAG_KNOWN_N)
		return name_of_tag(tag);
	return tag - TAG_KNOWN_N < d->tag_names_n ? d->tag_names[tag - TAG_KNOWN_N] : STR("");
}

struct str dom_tag_name(const struct dom *d, const struct node *n)
{
	return n->type == NODE_ELEMENT ? dom_tag_number_name(d, n->tag) : STR("");
}

struct str dom_attr_name(const struct dom *d, const struct attr *at)
{
	if (at->name < ATTR_KNOWN_N)
		return name_of_attr(at->name);
	return at->name - ATTR_KNOWN_N < d->attr_names_n ? d->attr_names[at->name - ATTR_KNOWN_N] : STR("");
}

static uint32_t find_name(const struct str *names, uint32_t n, struct str name, uint32_t base)
{
	for (uint32_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return base + i;
	return 0;
}

uint32_t dom_tag_number(const struct dom *d, struct str name)
{
	uint32_t t = name_known_tag(name);
	return t ? t : find_name(d->tag_names, d->tag_names_n, name, TAG_KNOWN_N);
}

uint32_t dom_attr_number(const struct dom *d, struct str name)
{
	uint32_t t = name_known_attr(name);
	return t ? t : find_name(d->attr_names, d->attr_names_n, name, ATTR_KNOWN_N);
}

const struct node *node_last(const struct node *n)
{
	const struct node *c = node_first(n);
	while (c && !(c->flags & NODE_LAST))
		c += c->size;
	return c;
}

const struct node *node_parent_element(const struct node *n)
{
	const struct node *p = node_parent(n);
	return p && p->type == NODE_ELEMENT ? p : NULL;
}

const struct node *node_first_element(const struct node *n)
{
	const struct node *c = node_first(n);
	return !c || c->type == NODE_ELEMENT ? c : node_next_element(c);
}

const struct node *node_next_element(const struct node *n)
{
	do
		n = node_next(n);
	while (n && n->type != NODE_ELEMENT);
	return n;
}

const struct node *node_prev_element(const struct node *n)
{
	do
		n = node_prev(n);
	while (n && n->type != NODE_ELEMENT);
	return n;
}

const struct node *node_closest(const struct node *n, uint32_t tag)
{
	while (n && !node_is(n, tag))
		n = node_parent(n);
	return n;
}

const struct node *node_find(const struct node *n, uint32_t tag)
{
	for (const struct node *x = n + 1; x < node_end(n);) {
		if (node_is(x, tag))
			return x;
		x += x->type == NODE_FRAGMENT ? x->size : 1;
	}
	return NULL;
}

/* ---- walk */

static bool has_leave(const struct node *n)
{
	return n->type == NODE_ELEMENT || n->type == NODE_FRAGMENT || n->type == NODE_DOCUMENT;
}

static bool enter(struct walk *w, const struct node *n)
{
	w->node = n;
	w->leave = false;
	w->skip = n->type == NODE_FRAGMENT && !w->templates;
	return true;
}

bool walk_next(struct walk *w)
{
	const struct node *n = w->node;
	if (!w->started) {
		w->started = true;
		return enter(w, w->root);
	}
	if (!w->leave && has_leave(n)) {
		if (!w->skip && n->size > 1)
			return enter(w, n + 1);
		w->leave = true;
		return true;
	}
	if (n == w->root)
		return false;
	if (!(n->flags & NODE_LAST))
		return enter(w, n + n->size);
	w->node = n - n->up;
	return w->leave = true;
}

/* ---- attributes */

const struct attr *node_attr_at(const struct node *n, uint32_t name)
{
	if (n->type == NODE_ELEMENT)
		for (const struct attr *a = n->attrs, *end = a + n->n; a < end; a++)
			if (a->name == name)
				return a;
	return NULL;
}

struct str node_attr(const struct node *n, enum attr_name name)
{
	const struct attr *a = node_attr_at(n, name);
	return a ? (struct str){ a->p, a->n } : STR_NULL;
}

struct str dom_attr(const struct dom *d, const struct node *n, struct str name)
{
	uint32_t number = dom_attr_number(d, name);
	const struct attr *a = number ? node_attr_at(n, number) : NULL;
	return a ? (struct str){ a->p, a->n } : STR_NULL;
}

bool next_word(struct str *rest, struct str *ret_word)
{
	size_t i = 0;
	while (i < rest->n && is_space(rest->p[i]))
		i++;
	size_t from = i;
	while (i < rest->n && !is_space(rest->p[i]))
		i++;
	if (i == from)
		return false;
	*ret_word = str_sub(*rest, from, i - from);
	*rest = str_from(*rest, i);
	return true;
}

bool node_attr_has_word(const struct node *n, enum attr_name name, struct str word, bool nocase)
{
	struct str rest = node_attr(n, name), w;
	while (rest.n >= word.n && next_word(&rest, &w))
		if (w.n == word.n && (nocase ? str_eqi(w, word) : str_eq(w, word)))
			return true;
	return false;
}

/* ---- what elements are */

bool tag_is_void(uint32_t tag)
{
	switch (tag) {
	case TAG_AREA: case TAG_BASE: case TAG_BR: case TAG_COL: case TAG_EMBED: case TAG_HR: case TAG_IMG:
	case TAG_INPUT: case TAG_LINK: case TAG_META: case TAG_PARAM: case TAG_SOURCE: case TAG_TRACK: case TAG_WBR:
	case TAG_BASEFONT: case TAG_BGSOUND: case TAG_FRAME: case TAG_KEYGEN:
		return true;
	}
	return false;
}

bool tag_is_block(uint32_t tag)
{
	switch (tag) {
	case TAG_HTML: case TAG_BODY: case TAG_ADDRESS: case TAG_ARTICLE: case TAG_ASIDE: case TAG_BLOCKQUOTE:
	case TAG_CENTER: case TAG_DD: case TAG_DETAILS: case TAG_DIALOG: case TAG_DIR: case TAG_DIV: case TAG_DL:
	case TAG_DT: case TAG_FIELDSET: case TAG_FIGCAPTION: case TAG_FIGURE: case TAG_FOOTER: case TAG_FORM:
	case TAG_H1: case TAG_H2: case TAG_H3: case TAG_H4: case TAG_H5: case TAG_H6: case TAG_HEADER: case TAG_HGROUP:
	case TAG_HR: case TAG_LEGEND: case TAG_LI: case TAG_LISTING: case TAG_MAIN: case TAG_MENU: case TAG_NAV:
	case TAG_OL: case TAG_OPTGROUP: case TAG_OPTION: case TAG_P: case TAG_PLAINTEXT: case TAG_PRE: case TAG_SEARCH:
	case TAG_SECTION: case TAG_SUMMARY: case TAG_TABLE: case TAG_CAPTION: case TAG_COLGROUP: case TAG_COL:
	case TAG_TBODY: case TAG_THEAD: case TAG_TFOOT: case TAG_TR: case TAG_TD: case TAG_TH: case TAG_UL:
	case TAG_XMP: case TAG_FRAMESET: case TAG_FRAME:
		return true;
	}
	return false;
}

bool tag_is_hidden(uint32_t tag)
{
	switch (tag) {
	case TAG_HEAD:
	case TAG_TITLE:
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_TEMPLATE:
	case TAG_NOEMBED:
	case TAG_NOFRAMES:
	case TAG_IFRAME: case TAG_DATALIST: case TAG_RP: case TAG_AREA: case TAG_BASE: case TAG_BASEFONT: case TAG_LINK:
	case TAG_META:
	case TAG_PARAM:
	case TAG_SOURCE:
	case TAG_TRACK:
	case TAG_CANVAS:
	case TAG_OBJECT:
	case TAG_VIDEO:
	case TAG_AUDIO:
		return true;
	}
	return false;
}
