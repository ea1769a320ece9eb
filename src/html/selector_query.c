/* Queries over a whole document: indexes, candidates, positions, order. */
#include "base/first.h"
#include "html/selector_impl.h"

static void release_scratch(void *p)
{
	arena_release(p);
}

struct matcher *matcher_new(struct arena *a, const struct dom *d)
{
	struct matcher *m = arena_new(a, struct matcher);
	m->arena = a;
	m->d = d;
	arena_init(&m->scratch, 0);
	arena_hook(a, release_scratch, &m->scratch);
	return m;
}

/* ---- indexes */

static struct str folded(const struct matcher *m, struct str s)
{
	if (m->d->quirks != QUIRKS_FULL)
		return s;
	char *p = arena_alloc(m->arena, s.n);
	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)to_lower(s.p[i]);
	return str_n(p, s.n);
}

static void index_add(struct matcher *m, struct map *map, struct str word, const struct node *n)
{
	word = folded(m, word);
	struct index_list *l = map_get(map, word);
	if (!l) {
		l = arena_new(m->arena, struct index_list);
		map_set(map, word, l);
	}
	if (!l->n || vec_last(l) != n)
		vec_push(m->arena, l, n);
}

static void index_tags(struct matcher *m)
{
	const struct dom *d = m->d;
	size_t tags = (size_t)TAG_KNOWN_N + d->tag_names_n;
	m->tags = arena_array(m->arena, struct index_list, tags);
	for (uint32_t i = 0; i < d->n; i++)
		if (d->nodes[i].type == NODE_ELEMENT)
			m->tags[d->nodes[i].tag].cap++;
	for (size_t t = 0; t < tags; t++)
		if (m->tags[t].cap)
			m->tags[t].at = arena_alloc(m->arena, m->tags[t].cap * sizeof *m->tags[t].at);
	for (const struct node *n = d->nodes; n < node_end(d->nodes);) {
		if (n->type == NODE_ELEMENT)
			m->tags[n->tag].at[m->tags[n->tag].n++] = n;
		n += n->type == NODE_FRAGMENT ? n->size : 1;
	}
}

static void index_all(struct matcher *m)
{
	const struct dom *d = m->d;
	m->indexed = true;
	map_init(&m->ids, m->arena);
	map_init(&m->classes, m->arena);
	index_tags(m);
	for (const struct node *n = d->nodes; n < node_end(d->nodes);) {
		if (n->type == NODE_ELEMENT)
			for (const struct attr *at = n->attrs, *end = at + n->n; at < end; at++) {
				struct str v = { at->p, at->n }, word;
				if (at->name == ATTR_ID && v.n)
					index_add(m, &m->ids, v, n);
				while (at->name == ATTR_CLASS && next_word(&v, &word))
					index_add(m, &m->classes, word, n);
			}
		n += n->type == NODE_FRAGMENT ? n->size : 1;
	}
}

static bool from_map(struct matcher *m, const struct map *map, struct str word, struct index_list *ret)
{
	struct index_list *l = map_get(map, folded(m, word));
	*ret = l ? *l : (struct index_list){ 0 };
	return true;
}

bool candidates(struct matcher *m, const struct compound *c, struct index_list *ret)
{
	if (!m->indexed)
		return false;
	const struct simple *class = NULL;
	for (size_t i = 0; i < c->n; i++) {
		if (c->simples[i].kind == SIMPLE_ID)
			return from_map(m, &m->ids, c->simples[i].text, ret);
		if (c->simples[i].kind == SIMPLE_CLASS && !class)
			class = &c->simples[i];
	}
	if (class)
		return from_map(m, &m->classes, class->text, ret);
	/* One number stands for the spelling of HTML and of foreign elements alike, or the index does not help. */
	uint32_t t = c->type.lower_number;
	if (!c->typed || !t || c->type.exact_number != t)
		return false;
	*ret = m->tags[t];
	return true;
}

size_t index_lower_bound(const struct index_list *l, const struct node *n)
{
	size_t lo = 0, hi = l->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (l->at[mid] < n)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* ---- one complex selector over a range */

struct range {
	const struct node *from, *end;
	size_t limit; /* matches wanted; 0: all */
};

static void run_plain(struct matcher *m, const struct complex *c, struct range r, struct node_list *out)
{
	struct index_list l;
	if (candidates(m, &c->at[0], &l)) {
		for (size_t i = index_lower_bound(&l, r.from); i < l.n && l.at[i] < r.end && !m->over; i++)
			if (match_complex(m, c, l.at[i])) {
				vec_push(m->arena, out, l.at[i]);
				if (out->n == r.limit)
					return;
			}
		return;
	}
	for (const struct node *n = r.from; n < r.end && !m->over; n += n->type == NODE_FRAGMENT ? n->size : 1)
		if (n->type == NODE_ELEMENT && match_complex(m, c, n)) {
			vec_push(m->arena, out, n);
			if (out->n == r.limit)
				return;
		}
}

static bool is_chosen(const struct position *p, size_t i, size_t n)
{
	int64_t want = p->n < 0 ? p->n + (int64_t)n : p->n, at = (int64_t)i;
	switch (p->kind) {
	case POS_EQ:
		return at == want;
	case POS_LT:
		return at < want;
	case POS_GT:
		return at > want;
	case POS_LAST:
		return i + 1 == n;
	case POS_EVEN:
		return i % 2 == 0;
	case POS_ODD:
		return i % 2 == 1;
	}
	return false;
}

/* Positions are taken among the matches of everything before them, stage by stage from the innermost. */
static void run_stages(struct matcher *m, const struct complex *c, struct range r, struct node_list *out)
{
	const struct complex *stages[64];
	size_t n = 0;
	for (const struct complex *s = c; s; s = s->before) {
		if (n == ARRAY_LEN(stages)) {
			m->over = true;
			return;
		}
		stages[n++] = s;
	}
	struct node_list found = { 0 };
	for (size_t i = n; i-- > 0 && !m->over;) {
		struct range all = { r.from, r.end, 0 };
		found.n = 0;
		run_plain(m, stages[i], all, &found);
		if (!i)
			break;
		uint8_t *chosen = arena_array(&m->scratch, uint8_t, m->d->n);
		const struct position *p = &stages[i - 1]->position;
		for (size_t k = 0; k < found.n; k++)
			if (is_chosen(p, k, found.n) != p->negated)
				chosen[dom_index(m->d, found.at[k])] = 1;
		m->chosen = chosen;
	}
	m->chosen = NULL;
	for (size_t k = 0; k < found.n; k++)
		vec_push(m->arena, out, found.at[k]);
}

/* ---- queries */

static int by_place(const void *x, const void *y)
{
	const struct node *a = *(const struct node *const *)x, *b = *(const struct node *const *)y;
	return a < b ? -1 : a > b;
}

static void sort_unique(struct node_list *l)
{
	size_t n = 0;
	if (l->n > 1)
		qsort(l->at, l->n, sizeof *l->at, by_place);
	for (size_t i = 0; i < l->n; i++)
		if (!i || l->at[i] != l->at[i - 1])
			l->at[n++] = l->at[i];
	l->n = n;
}

static void begin(struct matcher *m, const struct selector *s, const struct node *root)
{
	m->steps = MATCH_STEPS;
	m->over = false;
	m->selector = s;
	m->scope = root && root->type == NODE_ELEMENT ? root : NULL;
	m->anchor = NULL;
	m->chosen = NULL;
	m->chain_n = 0;
	if (++m->queries == 2 && !m->indexed)
		index_all(m);
	size_t chain = s->longest * (SELECTOR_DEPTH_MAX + 1);
	m->chain = arena_alloc(&m->scratch, chain * sizeof *m->chain);
	m->nths = arena_array(&m->scratch, struct nth_cache, s->serials);
	m->hases = arena_array(&m->scratch, struct has_cache, s->serials);
}

static int finish(struct matcher *m, struct err *e)
{
	arena_reset(&m->scratch);
	return m->over ? err_set(e, E_LIMIT, "the selector costs too much on this document") : 0;
}

int selector_all(struct matcher *m, const struct selector *s, const struct node *root, size_t limit,
	struct node_list *ret, struct err *e)
{
	struct node_list out = { 0 };
	begin(m, s, root);
	if (!root)
		root = m->d->nodes;
	struct range r = { root + 1, node_end(root), s->list.n == 1 ? limit : 0 };
	for (size_t i = 0; i < s->list.n && !m->over; i++) {
		const struct complex *c = &s->list.at[i];
		if (c->before)
			run_stages(m, c, r, &out);
		else
			run_plain(m, c, r, &out);
	}
	int rc = finish(m, e);
	if (rc)
		return rc;
	if (s->list.n > 1)
		sort_unique(&out);
	if (limit)
		out.n = MIN(out.n, limit);
	*ret = out;
	return 0;
}

int selector_first(struct matcher *m, const struct selector *s, const struct node *root, const struct node **ret,
	struct err *e)
{
	struct node_list l;
	int rc = selector_all(m, s, root, 1, &l, e);
	if (rc == 0)
		*ret = l.n ? l.at[0] : NULL;
	return rc;
}

int selector_matches(struct matcher *m, const struct selector *s, const struct node *n, bool *ret, struct err *e)
{
	if (s->positional) {
		struct node_list l;
		int rc = selector_all(m, s, NULL, 0, &l, e);
		if (rc == 0)
			*ret = l.n && bsearch(&n, l.at, l.n, sizeof *l.at, by_place) != NULL;
		return rc;
	}
	begin(m, s, NULL);
	m->scope = n; /* as in Element.matches() */
	bool matched = n->type == NODE_ELEMENT && match_list(m, &s->list, n);
	int rc = finish(m, e);
	if (rc == 0)
		*ret = matched;
	return rc;
}
