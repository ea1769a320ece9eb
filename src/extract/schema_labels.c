#include "base/first.h"
#include "extract/schema_impl.h"

#include "base/utf8.h"
#include "html/text.h"

/*
 * Labels: dt/dd, rows of two cells, label elements, "Key: value" in one line or split over inline elements.
 * One walk makes an index of a subtree; the first value of a label wins.
 */

#define LABEL_MAX 60 /* bytes; longer texts before a colon are sentences */
#define LABEL_WORDS 6

struct index {
	struct schema_run *run;
	struct map *map;
};

static size_t count_words(struct str s)
{
	struct str w;
	size_t n = 0;
	while (next_word(&s, &w))
		n++;
	return n;
}

/* The label without the marks that close it. */
static struct str bare_label(struct str s)
{
	static const char *const ends[] = { ":", "\xef\xbc\x9a", "|", "=", "?", "*", "\xe2\x80\x93", "-" };
	bool again = true;
	for (s = str_trim(s); again && s.n; s = str_trim(s)) {
		again = false;
		for (size_t i = 0; i < ARRAY_LEN(ends); i++)
			if (str_ends(s, str_of(ends[i]))) {
				s.n -= strlen(ends[i]);
				again = true;
			}
	}
	return s;
}

static void add(struct index *x, struct str label, const struct node *node, struct str text)
{
	struct arena *a = x->run->arena;
	label = bare_label(label);
	if (!label.n || label.n > LABEL_MAX || (!node && !text.n))
		return;
	size_t words = count_words(label);
	struct str key = name_key(a, label);
	if (words > LABEL_WORDS || !key.n || map_has(x->map, key))
		return;
	struct label *l = arena_new(a, struct label);
	*l = (struct label){ node, text, words };
	map_set(x->map, key, l);
	/* "Number of pages" is found by "pages" too; see label_find(). */
}

/* "Key: value", also with | or a dash between blanks. */
static bool split_line(struct str line, struct str *ret_label, struct str *ret_value)
{
	static const char *const marks[] = { ":", "\xef\xbc\x9a", " | ", " - ", " \xe2\x80\x93 ", " = " };
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		size_t at = str_find(line, str_of(marks[i]));
		if (at == STR_NPOS || !at || at > LABEL_MAX)
			continue;
		struct str value = str_from(line, at + strlen(marks[i]));
		/* "http://…" and "12:30" are no labels. */
		if (marks[i][0] == ':' && (str_starts(value, STR("//")) || is_digit(line.p[at - 1])))
			continue;
		*ret_label = str_sub(line, 0, at);
		*ret_value = str_trim(value);
		return ret_value->n > 0;
	}
	return false;
}

static void add_lines(struct index *x, struct str text)
{
	struct str line, label, value;
	while (str_split(&text, '\n', &line))
		if (split_line(str_trim(line), &label, &value))
			add(x, label, NULL, value);
}

static void add_definitions(struct index *x, const struct node *dt)
{
	const struct node *dd = node_next_element(dt);
	while (dd && node_is(dd, TAG_DT))
		dd = node_next_element(dd);
	if (dd && node_is(dd, TAG_DD))
		add(x, text_line(x->run->arena, dt), dd, STR_NULL);
}

/* A row whose first cell names the second. */
static void add_row(struct index *x, const struct node *tr)
{
	const struct node *first = node_first_element(tr), *second = first ? node_next_element(first) : NULL;
	if (!second || !(node_is(first, TAG_TH) || node_is(first, TAG_TD)) || !node_is(second, TAG_TD))
		return;
	if (node_is(first, TAG_TH) || !node_next_element(second))
		add(x, text_line(x->run->arena, first), second, STR_NULL);
}

static bool is_control(const struct node *n)
{
	return node_is(n, TAG_INPUT) || node_is(n, TAG_SELECT) || node_is(n, TAG_TEXTAREA) || node_is(n, TAG_OUTPUT) ||
		node_is(n, TAG_METER) || node_is(n, TAG_PROGRESS);
}

static const struct node *by_id(const struct dom *d, struct str id)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (node_is_element(&d->nodes[i]) && str_eq(node_attr(&d->nodes[i], ATTR_ID), id))
			return &d->nodes[i];
	return NULL;
}

static void add_label_element(struct index *x, const struct node *label)
{
	struct str id = node_attr(label, ATTR_FOR);
	const struct node *value = NULL;
	if (id.n && !schema_over(x->run, x->run->doc->dom->n))
		value = by_id(x->run->doc->dom, id);
	for (const struct node *n = label + 1; !value && n < node_end(label); n++)
		if (is_control(n))
			value = n;
	if (!value)
		value = node_next_element(label);
	if (value)
		add(x, text_line(x->run->arena, label), value, STR_NULL);
}

/* <b>Key:</b> value, <span>Key</span>: value, <span>Key:</span> <span>value</span> */
static void add_inline(struct index *x, const struct node *n)
{
	struct arena *a = x->run->arena;
	const struct node *next = node_next(n);
	while (next && next->type == NODE_TEXT && !str_trim(node_text(next)).n)
		next = node_next(next);
	if (!next || n->size > 8)
		return;
	struct str label = text_line(a, n);
	bool closed = str_ends(label, STR(":")) || str_ends(label, STR("\xef\xbc\x9a"));
	if (next->type == NODE_TEXT) {
		struct str text = text_squeeze(a, node_text(next));
		if (!closed && str_starts(text, STR(":")))
			text = str_trim(str_from(text, 1));
		else if (!closed)
			return;
		const struct node *after = node_next(next);
		/* ": " alone: the value is the element that follows. */
		if (!text.n && after && node_is_element(after))
			add(x, label, after, STR_NULL);
		else
			add(x, label, NULL, text);
	} else if (closed && node_is_element(next)) {
		add(x, label, next, STR_NULL);
	}
}

static bool has_block_inside(const struct node *n)
{
	for (const struct node *c = n + 1; c < node_end(n); c++)
		if (node_is_element(c) && tag_is_block(c->tag))
			return true;
	return false;
}

static void index_element(struct index *x, const struct node *n)
{
	switch (n->tag) {
	case TAG_DT: add_definitions(x, n); return;
	case TAG_TR: add_row(x, n); return;
	case TAG_LABEL: add_label_element(x, n); return;
	case TAG_B:
	case TAG_STRONG:
	case TAG_SPAN:
	case TAG_EM:
	case TAG_I:
	case TAG_H3:
	case TAG_H4:
	case TAG_H5: add_inline(x, n); return;
	case TAG_P:
	case TAG_LI:
	case TAG_DIV:
	case TAG_TD:
	case TAG_PRE:
	case TAG_ADDRESS:
		if (n->tag == TAG_DIV)
			add_inline(x, n);
		if (n->size < 64 && !has_block_inside(n))
			add_lines(x, text_visible_of(x->run->arena, n));
		return;
	default: return;
	}
}

static void index_subtree(struct schema_run *r, const struct node *root, struct map *map)
{
	struct index x = { r, map };
	map_init(map, r->arena);
	if (schema_over(r, root->size))
		return;
	if (r->doc->is_text) {
		add_lines(&x, text_content_of(r->arena, root));
		return;
	}
	for (const struct node *n = root; n < node_end(root) && !r->fatal; n++)
		if (node_is_element(n) && n->ns == NS_HTML)
			index_element(&x, n);
}

/* "numberofpages" holds the words of "pages" or "number_of_pages": each as a word of its own is good enough, since keys
 * have lost their blanks; short words would be found inside others. */
static const struct label *loose(const struct map *labels, struct str key)
{
	const struct label *best = NULL;
	if (key.n < 4)
		return NULL;
	for (struct map_entry *m = NULL; (m = map_next(labels, m));) {
		const struct label *l = m->value;
		if (l->words < 2 || l->words > 4 || (best && l->words >= best->words))
			continue;
		if (str_starts(m->key, key) || str_ends(m->key, key))
			best = l;
	}
	return best;
}

const struct label *label_find(struct schema_run *r, const struct spec *s, const struct place *at)
{
	struct map own;
	struct map *labels = &r->labels;
	if (at->node) {
		index_subtree(r, at->node, &own);
		labels = &own;
	} else if (!r->labels_made) {
		index_subtree(r, r->doc->dom->nodes, labels);
		r->labels_made = true;
	}
	const struct label *l = s->key.n ? map_get(labels, s->key) : NULL;
	if (!l && s->title.n)
		l = map_get(labels, s->title);
	struct str rest = str_of(!l && s->key.n ? entity_synonyms(s->key) : NULL), w;
	while (!l && rest.p && next_word(&rest, &w))
		if (w.n >= 4)
			l = map_get(labels, w);
	return l ? l : loose(labels, s->key);
}
