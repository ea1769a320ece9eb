#include "base/first.h"
#include "extract/schema_impl.h"

#include "html/text.h"

/* --- names --- */

bool key_is(struct str s, struct str key)
{
	size_t k = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_alnum(s.p[i]) && (unsigned char)s.p[i] < 0x80)
			continue;
		if (k >= key.n || to_lower(s.p[i]) != key.p[k++])
			return false;
	}
	return k == key.n && k > 0;
}

bool key_has_word(struct str s, struct str key)
{
	size_t from = 0;
	for (size_t i = 1; i <= s.n; i++) {
		bool end = i == s.n || !is_alnum(s.p[i]) || (is_upper(s.p[i]) && is_lower(s.p[i - 1]));
		if (!end)
			continue;
		if (key_is(str_sub(s, from, i - from), key))
			return true;
		from = i;
	}
	return false;
}

bool wants_link(const struct spec *s)
{
	return words_have("uri url iri uri-reference", s->want.format) ||
		(!s->want.format.p && words_have("url link href permalink canonical website homepage uri", s->key));
}

bool wants_image(const struct spec *s)
{
	return words_have("image img photo picture thumbnail cover logo avatar imageurl imgurl thumbnailurl", s->key);
}

static bool wants_date(const struct spec *s)
{
	return words_have("date date-time time", s->want.format);
}

/* --- what an element says --- */

static struct str image_source(const struct node *n)
{
	static const enum attr_name names[] = { ATTR_SRC, ATTR_DATA_SRC };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct str v = node_attr(n, names[i]);
		if (v.n && !str_startsi(v, STR("data:")))
			return v;
	}
	struct str set = str_trim(node_attr(n, ATTR_SRCSET)), first;
	return next_word(&set, &first) ? first : STR_NULL;
}

static struct str link_of(const struct node *n)
{
	static const enum attr_name names[] = { ATTR_HREF, ATTR_SRC, ATTR_CONTENT };
	struct str v = STR_NULL;
	for (size_t i = 0; i < ARRAY_LEN(names) && !v.p; i++)
		v = node_attr(n, names[i]);
	return v;
}

static const struct node *find_with(const struct node *n, uint32_t tag, enum attr_name attr)
{
	for (const struct node *x = n; x < node_end(n); x++)
		if (node_is(x, tag) && node_has(x, attr))
			return x;
	return NULL;
}

static struct str as_link(struct schema_run *r, const struct node *n)
{
	struct str href = link_of(n);
	const struct node *a = href.p ? NULL : find_with(n, TAG_A, ATTR_HREF);
	if (!href.p && !a)
		a = node_closest(n, TAG_A);
	if (a)
		href = node_attr(a, ATTR_HREF);
	if (!href.p)
		href = text_line(r->arena, n);
	return base_url_resolve(&r->doc->base, str_trim(href));
}

static struct str as_image(struct schema_run *r, const struct node *n)
{
	const struct node *img = node_is(n, TAG_IMG) ? n : node_find(n, TAG_IMG);
	struct str src = img ? image_source(img) : STR_NULL;
	if (!src.p)
		src = link_of(n);
	return src.p ? base_url_resolve(&r->doc->base, str_trim(src)) : STR_NULL;
}

static struct str control_value(struct schema_run *r, const struct spec *s, const struct node *n)
{
	struct str type = node_attr(n, ATTR_TYPE);
	if (node_is(n, TAG_TEXTAREA))
		return text_content_of(r->arena, n);
	if (node_is(n, TAG_SELECT)) {
		const struct node *chosen = find_with(n, TAG_OPTION, ATTR_SELECTED);
		chosen = chosen ? chosen : node_find(n, TAG_OPTION);
		return chosen ? text_line(r->arena, chosen) : STR_NULL;
	}
	if ((s->want.types & WANT_BOOLEAN) && (str_eqi(type, STR("checkbox")) || str_eqi(type, STR("radio"))))
		return node_has(n, ATTR_CHECKED) ? STR("true") : STR("false");
	return node_attr(n, ATTR_VALUE);
}

struct str element_value(struct schema_run *r, const struct spec *s, const struct node *n)
{
	struct str v = STR_NULL;
	if (!node_is_element(n))
		return text_line(r->arena, n);
	if (node_is(n, TAG_META))
		return node_attr(n, ATTR_CONTENT);
	if (wants_image(s))
		v = as_image(r, n);
	if (!v.p && (wants_link(s) || wants_image(s)))
		v = as_link(r, n);
	if (v.p)
		return v;
	if (wants_date(s)) {
		const struct node *time = node_is(n, TAG_TIME) ? n : node_find(n, TAG_TIME);
		if (time && node_has(time, ATTR_DATETIME))
			return node_attr(time, ATTR_DATETIME);
	}
	if (node_is(n, TAG_INPUT) || node_is(n, TAG_SELECT) || node_is(n, TAG_TEXTAREA))
		return control_value(r, s, n);
	if (node_has(n, ATTR_ITEMPROP) && node_has(n, ATTR_CONTENT))
		return node_attr(n, ATTR_CONTENT);
	if ((node_is(n, TAG_DATA) || node_is(n, TAG_METER) || node_is(n, TAG_PROGRESS)) && node_has(n, ATTR_VALUE))
		return node_attr(n, ATTR_VALUE);
	if (node_is(n, TAG_IMG))
		return node_attr(n, ATTR_ALT);
	return text_line(r->arena, n);
}

/* "star-rating Three": a figure that only the class names. */
static const struct json *number_in_class(struct schema_run *r, const struct node *n)
{
	static const char *const words[] = { "zero", "one", "two", "three", "four", "five", "six", "seven", "eight",
		"nine", "ten" };
	struct str rest = node_attr(n, ATTR_CLASS), w;
	while (rest.p && next_word(&rest, &w))
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (str_eqi(w, str_of(words[i])))
				return json_new_int(r->arena, (int64_t)i);
	return NULL;
}

const struct json *element_coerced(struct schema_run *r, const struct spec *s, const struct node *n)
{
	static const char *const attrs[] = { "content", "data-value", "data-rating", "data-score", "value",
		"aria-label", "title", "alt" };
	struct str text = element_value(r, s, n);
	/* Elements inside each other repeat their text. */
	if (schema_over(r, n->size + text.n / 8))
		return NULL;
	const struct json *v = text.p ? coerce_text(r->arena, &s->want, text) : NULL;
	bool number = s->want.types & (WANT_NUMBER | WANT_INTEGER);
	if (v || !node_is_element(n))
		return v;
	for (size_t i = 0; !v && number && i < ARRAY_LEN(attrs); i++) {
		struct str attr = dom_attr(r->doc->dom, n, str_of(attrs[i]));
		if (attr.n)
			v = coerce_text(r->arena, &s->want, attr);
	}
	if (!v && number)
		v = number_in_class(r, n);
	return v;
}

/* --- finding by name --- */

/* How well an element's names fit the key: 1 best, 0 not at all. */
static int rank(const struct doc *d, const struct node *n, struct str key, struct str *ret_data)
{
	int best = 0;
	for (uint32_t i = 0; i < n->n; i++) {
		const struct attr *at = &n->attrs[i];
		struct str v = { at->p, at->n }, w;
		int here = 0;
		if (at->name == ATTR_ITEMPROP || at->name == ATTR_PROPERTY) {
			while (!here && next_word(&v, &w))
				here = key_is(w, key) ? 1 : 0;
		} else if (at->name == ATTR_ID || at->name == ATTR_CLASS || at->name == ATTR_NAME) {
			while (next_word(&v, &w)) {
				int fits = key_is(w, key) ? 2 : key_has_word(w, key) ? 4 : 0;
				here = !here || (fits && fits < here) ? fits : here;
			}
		} else if (at->name >= ATTR_KNOWN_N && at->n && at->n < 200) {
			struct str name = dom_attr_name(d->dom, at);
			if (!str_starts(name, STR("data-")))
				continue;
			if (key_is(str_from(name, 5), key)) {
				here = 3;
				*ret_data = v;
			} else if (key_is(v, key)) {
				here = 3;
			}
		}
		if (here && (!best || here < best))
			best = here;
	}
	return best;
}

#define RANKS 5
#define PER_RANK 3

struct named {
	const struct node *node[RANKS][PER_RANK];
	struct str data[RANKS][PER_RANK];
	size_t n[RANKS];
};

static void collect_named(struct schema_run *r, struct str key, const struct place *at, struct named *ret)
{
	const struct node *root = place_root(r, at);
	if (schema_over(r, root->size))
		return;
	for (const struct node *x = root; x < node_end(root); x++) {
		struct str data = STR_NULL;
		int k = node_is_element(x) && x->n ? rank(r->doc, x, key, &data) : 0;
		if (!k || ret->n[k] == PER_RANK)
			continue;
		ret->node[k][ret->n[k]] = x;
		ret->data[k][ret->n[k]++] = data;
	}
}

static const struct json *by_key(struct schema_run *r, const struct spec *s, struct str key, const struct place *at)
{
	struct named found = { 0 };
	collect_named(r, key, at, &found);
	for (int k = 1; k < RANKS; k++)
		for (size_t i = 0; i < found.n[k]; i++) {
			const struct json *v =
				found.data[k][i].n ? coerce_text(r->arena, &s->want, found.data[k][i]) : NULL;
			if (!v)
				v = element_coerced(r, s, found.node[k][i]);
			if (v && !(v->kind == J_STRING && !v->s.n))
				return v;
		}
	return NULL;
}

const struct json *named_value(struct schema_run *r, const struct spec *s, const struct place *at)
{
	const struct json *v = s->key.n ? by_key(r, s, s->key, at) : NULL;
	if (!v && s->title.n && !str_eq(s->title, s->key))
		v = by_key(r, s, s->title, at);
	/* Other words for the same thing only where the thing is known to be: in one row of many. */
	struct str rest = str_of(!v && at->row && s->key.n ? entity_synonyms(s->key) : NULL), w;
	while (!v && rest.p && next_word(&rest, &w))
		if (w.n >= 4 && !str_eq(w, s->key))
			v = by_key(r, s, w, at);
	return v;
}

const struct node *named_element(struct schema_run *r, const struct spec *s, const struct place *at)
{
	struct named found = { 0 };
	if (s->key.n)
		collect_named(r, s->key, at, &found);
	for (int k = 1; k < RANKS; k++)
		if (found.n[k])
			return found.node[k][0];
	return NULL;
}

void named_elements(struct schema_run *r, struct str key, const struct place *at, struct node_list *ret)
{
	const struct node *root = place_root(r, at);
	struct str data;
	int best = RANKS;
	if (!key.n || schema_over(r, 2 * (size_t)root->size))
		return;
	for (const struct node *x = root; x < node_end(root); x++) {
		int k = node_is_element(x) && x->n ? rank(r->doc, x, key, &data) : 0;
		if (k && k < best)
			best = k;
	}
	for (const struct node *x = root; best < RANKS && x < node_end(root); x++)
		if (node_is_element(x) && x->n && rank(r->doc, x, key, &data) == best && ret->n < SCHEMA_ROWS_MAX)
			vec_push(r->arena, ret, x);
}

/* --- finding by structure --- */

static const struct node *first_heading(const struct node *root)
{
	for (const struct node *x = root; x < node_end(root); x++)
		if (node_is_element(x) && x->tag >= TAG_H1 && x->tag <= TAG_H6)
			return x;
	return NULL;
}

static const struct node *first_text_of(struct schema_run *r, const struct node *root, uint32_t tag, size_t min)
{
	for (const struct node *x = root; x < node_end(root); x++)
		if (node_is(x, tag) && text_line(r->arena, x).n >= min)
			return x;
	return NULL;
}

/* "$ 12.50", "12,50 EUR": the first text with a currency and a digit. */
static const struct node *first_price(const struct node *root)
{
	static const char *const marks[] = { "$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\xe2\x82\xb9", "EUR", "USD",
		"GBP", "CHF", "z\xc5\x82", "\xe2\x82\xbd", "kr" };
	for (const struct node *x = root; x < node_end(root); x++) {
		struct str t = x->type == NODE_TEXT ? node_text(x) : STR_NULL;
		bool digit = false;
		if (!t.n || t.n > 60)
			continue;
		for (size_t i = 0; i < t.n; i++)
			digit |= is_digit(t.p[i]);
		for (size_t i = 0; digit && i < ARRAY_LEN(marks); i++)
			if (str_find(t, str_of(marks[i])) != STR_NPOS)
				return x;
	}
	return NULL;
}

const struct json *structural_value(struct schema_run *r, const struct spec *s, const struct place *at)
{
	const struct node *root = place_root(r, at), *n = NULL;
	if (schema_over(r, root->size))
		return NULL;
	if (words_have("price cost amount currentprice saleprice", s->key))
		n = first_price(root);
	else if (!at->row)
		return NULL;
	else if (words_have("title headline name heading story question", s->key)) {
		n = first_heading(root);
		n = n ? n : first_text_of(r, root, TAG_A, 2);
		n = n ? n : first_text_of(r, root, TAG_STRONG, 2);
	} else if (wants_image(s))
		n = node_find(root, TAG_IMG);
	else if (wants_link(s))
		n = node_is(root, TAG_A) ? root : find_with(root, TAG_A, ATTR_HREF);
	else if (wants_date(s) || words_have("date published posted publishedat time", s->key))
		n = node_find(root, TAG_TIME);
	else if (words_have("description summary excerpt abstract text", s->key))
		n = first_text_of(r, root, TAG_P, 20);
	return n ? element_coerced(r, s, n) : NULL;
}
