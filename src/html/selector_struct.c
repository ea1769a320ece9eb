/* Pseudo-classes about an element's place, its language, direction and text. */
#include "base/first.h"
#include "base/utf8.h"
#include "html/selector_impl.h"
#include "html/text.h"

/* ---- places among siblings, counted once a document */

static void count_children(struct matcher *m)
{
	const struct dom *d = m->d;
	m->child_index = arena_array(m->arena, uint32_t, d->n);
	m->child_last = arena_array(m->arena, uint32_t, d->n);
	for (uint32_t i = 1; i < d->n; i++) {
		const struct node *n = &d->nodes[i];
		if (n->type != NODE_ELEMENT || (n->back && node_prev_element(n)))
			continue;
		uint32_t at = 0, total;
		const struct node *x;
		for (x = n; x; x = node_next_element(x))
			m->child_index[dom_index(d, x)] = ++at;
		for (x = n, total = at; x; x = node_next_element(x))
			m->child_last[dom_index(d, x)] = total--;
	}
}

static uint32_t type_key(const struct node *n)
{
	return n->tag * 3 + n->ns;
}

/* Per type a counter and the parent it counts for. */
struct type_counter {
	uint32_t parent, n;
};

static void count_type(struct type_counter *counters, const struct dom *d, const struct node *n, uint32_t *at)
{
	struct type_counter *c = &counters[type_key(n)];
	uint32_t parent = dom_index(d, n) - n->up + 1; /* 0 is nobody's */
	if (c->parent != parent)
		*c = (struct type_counter){ .parent = parent };
	at[dom_index(d, n)] = ++c->n;
}

static void count_types(struct matcher *m)
{
	const struct dom *d = m->d;
	size_t types = ((size_t)TAG_KNOWN_N + d->tag_names_n) * 3;
	struct type_counter *counters = arena_array(&m->scratch, struct type_counter, types);
	m->type_index = arena_array(m->arena, uint32_t, d->n);
	m->type_last = arena_array(m->arena, uint32_t, d->n);
	for (uint32_t i = 1; i < d->n; i++) {
		const struct node *n = &d->nodes[i];
		if (n->type != NODE_ELEMENT || (n->back && node_prev_element(n)))
			continue;
		const struct node *x, *last = n;
		for (x = n; x; x = node_next_element(x)) {
			count_type(counters, d, x, m->type_index);
			last = x;
		}
		/* from behind, under a parent number that differs */
		for (x = n; x; x = node_next_element(x))
			counters[type_key(x)].parent = 0;
		for (x = last; x; x = node_prev_element(x))
			count_type(counters, d, x, m->type_last);
		for (x = n; x; x = node_next_element(x))
			counters[type_key(x)].parent = 0;
	}
}

/* Looking back for an element sibling past much text is what makes "first of its parent" costly: elements only. */
static uint32_t place(struct matcher *m, const struct node *n, bool of_type, bool last)
{
	if (of_type && !m->type_index)
		count_types(m);
	if (!of_type && !m->child_index)
		count_children(m);
	return (of_type ? last ? m->type_last : m->type_index
		: last  ? m->child_last
			: m->child_index)[dom_index(m->d, n)];
}

/* There is k >= 0 with a*k + b == at. */
static bool in_series(int64_t a, int64_t b, int64_t at)
{
	if (a == 0)
		return at == b;
	return (at - b) % a == 0 && (at - b) / a >= 0;
}

/* Places among those siblings that match a list: counted for all children of a parent at once. */
static uint32_t place_of(struct matcher *m, const struct simple *s, const struct node *n)
{
	struct nth_cache *c = &m->nths[s->serial];
	if (!c->index) {
		c->index = arena_array(&m->scratch, uint32_t, m->d->n);
		c->count = arena_array(&m->scratch, uint32_t, m->d->n);
	}
	const struct node *p = node_parent(n);
	uint32_t *count = &c->count[dom_index(m->d, p)];
	if (!*count) {
		uint32_t at = 0;
		for (const struct node *x = node_first_element(p); x && !m->over; x = node_next_element(x))
			if (match_list(m, s->nth.of, x))
				c->index[dom_index(m->d, x)] = ++at;
		*count = at + 1;
	}
	uint32_t at = c->index[dom_index(m->d, n)];
	return at && s->nth.last ? *count - at : at;
}

bool match_nth(struct matcher *m, const struct simple *s, const struct node *n)
{
	uint32_t at = s->nth.of ? place_of(m, s, n) : place(m, n, s->nth.of_type, s->nth.last);
	return at && in_series(s->nth.a, s->nth.b, at);
}

/* ---- states */

static bool is_root(const struct node *n)
{
	const struct node *p = node_parent(n);
	return p && p->type == NODE_DOCUMENT;
}

static bool is_empty(struct matcher *m, const struct node *n)
{
	for (const struct node *c = node_first(n); c && take(m, 1); c = node_next(c))
		if (c->type == NODE_ELEMENT || (c->type == NODE_TEXT && c->n))
			return false;
	return true;
}

static bool is_link(const struct node *n)
{
	if (n->ns == NS_HTML)
		return (n->tag == TAG_A || n->tag == TAG_AREA) && node_has(n, ATTR_HREF);
	return n->ns == NS_SVG && n->tag == TAG_A && (node_has(n, ATTR_HREF) || node_has(n, ATTR_XLINK_HREF));
}

static bool is_heading(const struct node *n)
{
	return n->ns == NS_HTML && n->tag >= TAG_H1 && n->tag <= TAG_H6;
}

static bool is_shown(struct matcher *m, const struct node *n)
{
	for (; n && take(m, 1); n = node_parent_element(n))
		if (tag_is_hidden(n->tag) || node_is_hidden(n))
			return false;
	return true;
}

static bool is_open(const struct node *n)
{
	return (node_is(n, TAG_DETAILS) || node_is(n, TAG_DIALOG)) && node_has(n, ATTR_OPEN);
}

bool match_state(struct matcher *m, enum state st, const struct node *n)
{
	switch (st) {
	case STATE_ROOT:
		return is_root(n);
	case STATE_SCOPE:
		return m->scope ? n == m->scope : is_root(n);
	case STATE_EMPTY:
		return is_empty(m, n);
	case STATE_PARENT:
		return !is_empty(m, n);
	case STATE_FIRST_CHILD:
		return !n->back || !node_prev_element(n);
	case STATE_LAST_CHILD:
		return n->flags & NODE_LAST || !node_next_element(n);
	case STATE_ONLY_CHILD:
		return !node_prev_element(n) && !node_next_element(n);
	case STATE_FIRST_OF_TYPE:
		return place(m, n, true, false) == 1;
	case STATE_LAST_OF_TYPE:
		return place(m, n, true, true) == 1;
	case STATE_ONLY_OF_TYPE:
		return place(m, n, true, false) == 1 && place(m, n, true, true) == 1;
	case STATE_LINK:
	case STATE_ANY_LINK:
		return is_link(n);
	case STATE_DEFINED: /* custom elements need a script to be defined */
		return n->ns != NS_HTML || n->tag < TAG_KNOWN_N || str_chr(dom_tag_name(m->d, n), '-') == STR_NPOS;
	case STATE_HEADER:
	case STATE_HEADING:
		return is_heading(n);
	case STATE_OPEN:
		return is_open(n);
	case STATE_CLOSED:
		return (node_is(n, TAG_DETAILS) || node_is(n, TAG_DIALOG)) && !is_open(n);
	case STATE_PAUSED:
		return node_is(n, TAG_VIDEO) || node_is(n, TAG_AUDIO);
	case STATE_MUTED:
		return (node_is(n, TAG_VIDEO) || node_is(n, TAG_AUDIO)) && node_has(n, ATTR_MUTED);
	case STATE_HIDDEN:
		return !is_shown(m, n);
	case STATE_VISIBLE:
		return is_shown(m, n);
	default:
		return n->ns == NS_HTML && control_state(m, st, n);
	}
}

/* ---- language (RFC 4647, extended filtering) */

static struct str document_lang(struct matcher *m)
{
	if (m->lang_known)
		return m->default_lang;
	m->lang_known = true;
	for (const struct node *n = m->d->head; n && n < node_end(m->d->head); n++)
		if (node_is(n, TAG_META) && str_eqi(node_attr(n, ATTR_HTTP_EQUIV), STR("content-language"))) {
			struct str v = str_trim(node_attr(n, ATTR_CONTENT));
			if (v.n && str_chr(v, ',') == STR_NPOS)
				m->default_lang = v;
		}
	return m->default_lang;
}

static struct str lang_of(struct matcher *m, const struct node *n)
{
	for (; n && n->type == NODE_ELEMENT && take(m, 1); n = node_parent(n)) {
		const struct attr *xml = n->ns == NS_HTML ? NULL : node_attr_at(n, ATTR_XML_LANG);
		const struct attr *at = xml ? xml : node_attr_at(n, ATTR_LANG);
		if (at)
			return str_n(at->p, at->n);
	}
	return document_lang(m);
}

static bool range_matches(struct str range, struct str tag)
{
	struct str want, have;
	if (!range.n || !tag.n)
		return !range.n && !tag.n;
	str_split(&range, '-', &want);
	str_split(&tag, '-', &have);
	if (!str_is(want, "*") && !str_eqi(want, have))
		return false;
	while (str_split(&range, '-', &want)) {
		if (str_is(want, "*"))
			continue;
		do
			if (!str_split(&tag, '-', &have))
				return false;
		while (!str_eqi(want, have) && have.n > 1);
		if (!str_eqi(want, have)) /* a singleton begins what the range does not speak of */
			return false;
	}
	return true;
}

bool match_lang(struct matcher *m, const struct simple *s, const struct node *n)
{
	struct str lang = lang_of(m, n);
	for (size_t i = 0; i < s->lang.n; i++)
		if (range_matches(s->lang.ranges[i], lang))
			return true;
	return false;
}

/* ---- direction (HTML section 3.2.6.4) */

/* 1 for a letter of a left-to-right script, -1 right-to-left, 0 neither; blocks, not single characters. */
static int strong(uint32_t cp)
{
	if ((cp >= 0x590 && cp <= 0x8FF) || (cp >= 0xFB1D && cp <= 0xFDFF) || (cp >= 0xFE70 && cp <= 0xFEFF) ||
		(cp >= 0x10800 && cp <= 0x10FFF) || (cp >= 0x1E800 && cp <= 0x1EFFF))
		return (cp >= 0x660 && cp <= 0x669) || (cp >= 0x6F0 && cp <= 0x6F9) ? 0 : -1;
	if (cp < 0x80)
		return is_alpha((int)cp);
	if (cp < 0xC0)
		return cp == 0xAA || cp == 0xB5 || cp == 0xBA;
	return cp != 0xD7 && cp != 0xF7 && !(cp >= 0x2000 && cp <= 0x206F) && !(cp >= 0x2190 && cp <= 0x2BFF) &&
		!(cp >= 0x3000 && cp <= 0x3004) && !(cp >= 0x300 && cp <= 0x36F) && cp != 0xFEFF;
}

static int text_direction(struct matcher *m, struct str s)
{
	for (size_t i = 0; i < s.n && take(m, 1);) {
		int dir = strong(utf8_next(s, &i));
		if (dir)
			return dir;
	}
	return 0;
}

static bool leaves_direction(const struct node *n)
{
	return node_is(n, TAG_BDI) || node_is(n, TAG_SCRIPT) || node_is(n, TAG_STYLE) || node_is(n, TAG_TEXTAREA) ||
		(n->type == NODE_ELEMENT && node_has(n, ATTR_DIR));
}

/* Of the first strong character below; NULL slice when there is none. */
static struct str auto_dir(struct matcher *m, const struct node *n)
{
	int dir = 0;
	if (node_is(n, TAG_INPUT))
		dir = text_direction(m, node_attr(n, ATTR_VALUE));
	for (const struct node *x = n + 1; !dir && x < node_end(n) && take(m, 1);) {
		if (x->type == NODE_FRAGMENT || leaves_direction(x)) {
			x += x->size;
			continue;
		}
		if (x->type == NODE_TEXT)
			dir = text_direction(m, node_text(x));
		x++;
	}
	return dir > 0 ? STR("ltr") : dir < 0 ? STR("rtl") : STR_NULL;
}

struct str dir_of(struct matcher *m, const struct node *n)
{
	for (; n && n->type == NODE_ELEMENT && take(m, 1); n = node_parent(n)) {
		struct str dir = str_trim(node_attr(n, ATTR_DIR));
		bool bdi = node_is(n, TAG_BDI);
		if (n->ns != NS_HTML)
			continue;
		if (str_eqi(dir, STR("ltr")) || str_eqi(dir, STR("rtl")))
			return str_eqi(dir, STR("ltr")) ? STR("ltr") : STR("rtl");
		if (str_eqi(dir, STR("auto")) || bdi) {
			struct str found = auto_dir(m, n);
			return found.p ? found : STR("ltr");
		}
		if (node_is(n, TAG_INPUT) && str_eqi(node_attr(n, ATTR_TYPE), STR("tel")))
			return STR("ltr");
	}
	return STR("ltr");
}

/* ---- text */

/* All text in one piece, so that the text of any subtree is a slice of it. */
static void gather_text(struct matcher *m)
{
	const struct dom *d = m->d;
	struct buf out;
	m->text_at = arena_array(m->arena, uint32_t, d->n + 1);
	buf_init(&out, m->arena, 0);
	const struct node *fragment_end = NULL;
	for (uint32_t i = 0; i < d->n; i++) {
		const struct node *n = &d->nodes[i];
		m->text_at[i] = (uint32_t)out.n;
		if (n->type == NODE_FRAGMENT)
			fragment_end = MAX(fragment_end, node_end(n));
		if (n->type == NODE_TEXT && n >= fragment_end)
			buf_adds(&out, node_text(n));
	}
	m->text_at[d->n] = (uint32_t)out.n;
	m->text = buf_str(&out);
}

bool match_contains(struct matcher *m, const struct simple *s, const struct node *n)
{
	if (!m->text_at)
		gather_text(m);
	uint32_t i = dom_index(m->d, n), from = m->text_at[i], to = m->text_at[i + n->size];
	if (!take(m, 1 + (to - from) / 64))
		return false;
	struct str text = str_sub(m->text, from, to - from);
	return (s->nocase ? str_findi(text, s->text) : str_find(text, s->text)) != STR_NPOS;
}
