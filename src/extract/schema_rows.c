#include "base/first.h"
#include "extract/schema_impl.h"

#include "html/text.h"

/* --- tables --- */

static const struct node *next_row(const struct node *table, const struct node *after)
{
	for (const struct node *x = after + 1; x < node_end(table); x++) {
		if (node_is(x, TAG_TABLE)) {
			x = node_end(x) - 1; /* a table in a cell is another table */
			continue;
		}
		if (node_is(x, TAG_TR))
			return x;
	}
	return NULL;
}

static bool is_cell(const struct node *n)
{
	return node_is(n, TAG_TD) || node_is(n, TAG_TH);
}

static size_t span_of(const struct node *cell)
{
	double n;
	return number_in_text(node_attr(cell, ATTR_COLSPAN), false, &n) && n > 1 && n < 1000 ? (size_t)n : 1;
}

static bool header_fits(struct schema_run *r, const struct node *cell, const struct spec *s, bool loosely)
{
	struct str text = text_line(r->arena, cell);
	if (key_is(text, s->key) || (s->title.n && key_is(text, s->title)))
		return true;
	struct str rest = str_of(loosely ? entity_synonyms(s->key) : NULL), w;
	while (rest.p && next_word(&rest, &w))
		if (key_is(text, w))
			return true;
	return loosely && s->key.n >= 3 && key_has_word(text, s->key);
}

/* Column of the header that fits, or SIZE_MAX. */
static size_t column_of(struct schema_run *r, const struct node *header, const struct spec *s)
{
	for (int loosely = 0; loosely < 2; loosely++) {
		size_t column = 0;
		for (const struct node *c = node_first_element(header); c; c = node_next_element(c)) {
			if (is_cell(c) && header_fits(r, c, s, loosely))
				return column;
			column += span_of(c);
		}
	}
	return SIZE_MAX;
}

const struct node *row_cell(
	struct schema_run *r, const struct node *header, const struct node *row, const struct spec *s)
{
	size_t want = column_of(r, header, s), column = 0;
	for (const struct node *c = node_first_element(row); want != SIZE_MAX && c; c = node_next_element(c)) {
		size_t n = is_cell(c) ? span_of(c) : 0;
		if (want < column + n)
			return c;
		column += n;
	}
	return NULL;
}

static size_t columns_that_fit(struct schema_run *r, const struct node *header, const struct props *p)
{
	size_t n = 0;
	for (size_t i = 0; i < p->n; i++) {
		struct spec s;
		spec_init(r, p->at[i].schema, p->at[i].name, &s);
		n += column_of(r, header, &s) != SIZE_MAX;
	}
	return n;
}

static void table_rows(struct schema_run *r, const struct node *table, const struct node *header, struct node_list *ret)
{
	for (const struct node *tr = next_row(table, header); tr && ret->n < SCHEMA_ROWS_MAX;
		tr = next_row(table, tr)) {
		const struct node *c = node_first_element(tr);
		while (c && !node_is(c, TAG_TD))
			c = node_next_element(c);
		/* Rows of nothing but headers repeat the header. */
		if (c)
			vec_push(r->arena, ret, tr);
	}
}

static double best_table(struct schema_run *r, const struct props *p, const struct place *at, struct node_list *ret,
	const struct node **ret_header)
{
	const struct node *root = place_root(r, at), *table = NULL, *header = NULL;
	size_t most = 0;
	for (const struct node *x = root; x < node_end(root) && !schema_over(r, 0); x++) {
		const struct node *tr = node_is(x, TAG_TABLE) ? next_row(x, x) : NULL;
		/* Headers stand in one of the first rows. */
		for (int i = 0; tr && i < 3; i++, tr = next_row(x, tr)) {
			size_t n = columns_that_fit(r, tr, p);
			if (n > most) {
				most = n;
				table = x;
				header = tr;
			}
		}
	}
	if (!table || most * 2 < p->n)
		return 0;
	table_rows(r, table, header, ret);
	*ret_header = header;
	return ret->n ? (double)most : 0;
}

/* --- repeated elements --- */

/* Elements alike: the same tag and first class. */
static uint64_t signature(const struct node *n)
{
	struct str class = node_attr(n, ATTR_CLASS), first = STR_NULL;
	if (class.p)
		next_word(&class, &first);
	return (uint64_t)n->tag * 2654435761u + (first.n ? hash_bytes(first) : 0);
}

#define SIGNATURES 8

struct group {
	uint64_t signature;
	size_t n;
	const struct node *sample[3];
};

static size_t groups_of(const struct node *parent, struct group groups[SIGNATURES])
{
	size_t n = 0;
	for (const struct node *c = node_first_element(parent); c; c = node_next_element(c)) {
		uint64_t sig = signature(c);
		size_t i = 0;
		while (i < n && groups[i].signature != sig)
			i++;
		if (i == SIGNATURES || tag_is_hidden(c->tag))
			continue;
		if (i == n)
			groups[n++] = (struct group){ .signature = sig };
		if (groups[i].n < ARRAY_LEN(groups[i].sample))
			groups[i].sample[groups[i].n] = c;
		groups[i].n++;
	}
	return n;
}

/* The properties that a row gives. */
static size_t row_score(struct schema_run *r, const struct props *p, const struct node *row)
{
	struct place at = { .node = row, .row = true };
	size_t found = 0;
	for (size_t i = 0; i < p->n && !r->fatal; i++) {
		struct spec s;
		const struct json *explicit = json_get(p->at[i].schema, "x-selector");
		spec_init(r, p->at[i].schema, p->at[i].name, &s);
		if (explicit)
			continue;
		found += named_value(r, &s, &at) || structural_value(r, &s, &at) || label_find(r, &s, &at);
	}
	return found;
}

static bool is_named(const struct node *n, struct str key)
{
	struct str words = node_attr(n, ATTR_CLASS), id = node_attr(n, ATTR_ID), w;
	struct str single = key.n > 3 && key.p[key.n - 1] == 's' ? str_sub(key, 0, key.n - 1) : key;
	if (!key.n)
		return false;
	if (id.p && (key_has_word(id, key) || key_has_word(id, single)))
		return true;
	while (words.p && next_word(&words, &w))
		if (key_has_word(w, key) || key_has_word(w, single))
			return true;
	return false;
}

static double group_score(struct schema_run *r, const struct props *p, const struct group *g, const struct node *parent,
	struct str key)
{
	size_t samples = MIN(g->n, ARRAY_LEN(g->sample)), sum = 0;
	for (size_t i = 0; i < samples && !r->fatal; i++)
		sum += row_score(r, p, g->sample[i]);
	double mean = (double)sum / (double)samples;
	/* A third of the properties, or it is some other list of the page. */
	if (mean * 3 < (double)p->n)
		return 0;
	return mean + (g->n > 2 ? .3 : 0) + (double)MIN(g->n, (size_t)20) / 100 +
		(is_named(parent, key) || is_named(g->sample[0], key) ? .6 : 0);
}

static double best_group(struct schema_run *r, const struct props *p, struct str key, const struct place *at,
	struct node_list *ret)
{
	const struct node *root = place_root(r, at), *parent = NULL;
	struct group groups[SIGNATURES];
	uint64_t chosen = 0;
	double best = 0;
	for (const struct node *x = root; x < node_end(root) && !schema_over(r, 0); x++) {
		if (!node_is_element(x) || x->size < 4)
			continue;
		size_t n = groups_of(x, groups);
		for (size_t i = 0; i < n; i++) {
			double score = groups[i].n < 2 ? 0 : group_score(r, p, &groups[i], x, key);
			if (score > best) {
				best = score;
				parent = x;
				chosen = groups[i].signature;
			}
		}
	}
	for (const struct node *c = parent ? node_first_element(parent) : NULL; c; c = node_next_element(c))
		if (signature(c) == chosen && ret->n < SCHEMA_ROWS_MAX)
			vec_push(r->arena, ret, c);
	return best;
}

void rows_find(struct schema_run *r, const struct spec *items, const struct props *p, struct str key,
	const struct place *at, struct node_list *ret, const struct node **ret_header)
{
	struct node_list from_table = { 0 }, from_group = { 0 };
	const struct node *header = NULL;
	*ret_header = NULL;
	if (!p->n)
		return;
	double table = best_table(r, p, at, &from_table, &header);
	/* A table whose headers say it all needs no rival. */
	double group = table >= (double)p->n ? 0 : best_group(r, p, key, at, &from_group);
	if (table > 0 && table + .6 >= group) {
		*ret = from_table;
		*ret_header = header;
	} else if (group > 0) {
		*ret = from_group;
	}
}
