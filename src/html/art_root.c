/* Where the content is: the element that holds the good text and little else. */
#include "base/first.h"
#include "html/art.h"

static bool is_flow(const struct node *n)
{
	switch (n->tag) {
	case TAG_P: case TAG_PRE: case TAG_UL: case TAG_OL: case TAG_DL: case TAG_FIGURE: case TAG_BLOCKQUOTE:
	case TAG_H1: case TAG_H2: case TAG_H3: case TAG_H4: case TAG_H5: case TAG_H6:
		return true;
	}
	return false;
}

/* What is looked for: good text in articles, any text elsewhere. */
static float amount(const struct art *t, uint32_t i)
{
	return t->strict ? art_alive(t, i) : (float)art_n_shown(t, i);
}

/* The parts of `n` beside its best child `c` carry the same text on: paragraphs, or elements of the same make. */
static bool goes_on_beside(const struct art *t, uint32_t n, uint32_t c, float rest)
{
	const struct node *best = art_node(t, c);
	struct str class = node_attr(best, ATTR_CLASS);
	float same = 0;
	for (const struct node *s = node_first(art_node(t, n)); s; s = node_next(s)) {
		uint32_t i = dom_index(t->d, s);
		if (i == c || s->type != NODE_ELEMENT)
			continue;
		float mine = amount(t, i);
		bool alike = s->tag == best->tag && class.n && str_eq(class, node_attr(s, ATTR_CLASS));
		bool bare = s->tag == best->tag && !s->n && !best->n;
		if (is_flow(s) || alike || (bare && mine >= 25) || t->own[i] & (W_DEK | W_BODY))
			same += mine;
		else if (mine >= 0.25F * amount(t, c) && art_n_links(t, i) * 5 < art_n_words(t, i))
			same += mine; /* a large part in prose */
	}
	return same >= 0.5F * rest;
}

static uint32_t descend(const struct art *t, uint32_t n)
{
	float slack = t->strict ? 0.08F : 0.02F, loose = t->strict ? 0.45F : 0.02F;
	for (;;) {
		float total = amount(t, n), top = 0;
		uint32_t c = 0;
		for (const struct node *x = node_first(art_node(t, n)); x; x = node_next(x)) {
			if (x->type != NODE_ELEMENT)
				continue;
			float mine = amount(t, dom_index(t->d, x));
			if (mine > top) {
				top = mine;
				c = dom_index(t->d, x);
			}
		}
		if (!c || is_flow(art_node(t, c)) || !tag_is_block(art_node(t, c)->tag) || top <= 0)
			return n;
		float rest = total - top;
		if (rest > slack * total && (rest > loose * total || goes_on_beside(t, n, c, rest)))
			return n;
		n = c;
	}
}

/* The best element of a kind below `n`; 0 when none holds enough. */
static uint32_t best_of(const struct art *t, uint32_t n, uint32_t tag, uint32_t bits, float share)
{
	uint32_t best = 0;
	float top = 0, second = 0, total = amount(t, n);
	for (uint32_t i = n + 1; i < art_end(t, n); i++) {
		const struct node *x = art_node(t, i);
		if (x->type != NODE_ELEMENT || !((tag && x->tag == tag) || (bits && t->own[i] & bits)))
			continue;
		float mine = amount(t, i);
		if (mine > top) {
			/* An element within another of the kind that holds nearly as much is no rival. */
			second = best && i < art_end(t, best) ? second : top;
			top = mine;
			best = i;
		} else if (mine > second && !(i < art_end(t, best) && i > best)) {
			second = mine;
		}
	}
	return top >= share * total && top > 0 && (second < 0.5F * top || top >= 0.8F * total) ? best : 0;
}

/* With the page's own articleBody: the smallest element around all units that match it. */
static uint32_t matched_root(const struct art *t)
{
	uint32_t first = UINT32_MAX, last = 0, words = 0;
	for (size_t i = 0; i < t->units.n; i++) {
		const struct unit *u = &t->units.at[i];
		if (u->match < 60 || u->words < 8)
			continue;
		first = MIN(first, u->first);
		last = MAX(last, u->last);
		words += u->words;
	}
	if (first == UINT32_MAX || words < 40 ||
		words * 6 < t->ld_body.n / 2) /* 6: bytes of a word, half of them found */
		return 0;
	uint32_t n = first;
	while (art_node(t, n)->up && (last >= art_end(t, n) || !tag_is_block(art_node(t, n)->tag)))
		n -= art_node(t, n)->up;
	return n;
}

uint32_t art_find_root(struct art *t)
{
	uint32_t body = t->d->body ? dom_index(t->d, t->d->body) : 0, n = body, x;
	if (t->strict && (x = matched_root(t)))
		return x;
	if ((x = best_of(t, n, TAG_MAIN, 0, 0.5F)))
		n = x;
	if (t->strict) {
		if ((x = best_of(t, n, TAG_ARTICLE, 0, 0.45F)))
			n = x;
		if ((x = best_of(t, n, 0, W_ITEMBODY, 0.4F)) || (x = best_of(t, n, 0, W_BODY, 0.5F)))
			n = x;
	}
	return descend(t, n);
}

/* ---- the standfirst */

/* The block, or one of the two around it, calls itself summary. */
static bool is_dek(const struct art *t, uint32_t block)
{
	uint32_t own = 0;
	for (int i = 0; i < 3; i++, block -= art_node(t, block)->up)
		own |= t->own[block];
	return own & W_DEK;
}

/* From the title on to the root: the first prose. What calls itself summary counts even as a heading. */
void art_find_lead(struct art *t)
{
	uint32_t from = UINT32_MAX, to = t->unit_at[t->root], words = 0;
	t->n_lead = 0;
	for (uint32_t k = to; k-- > 0 && words < 200; words += t->units.at[k].words) {
		const struct unit *u = &t->units.at[k];
		if (u->kind == U_HEADING &&
			(u->level == 1 || (t->title.n && art_likeness(art_unit_text(t, u), t->title) >= 0.75)))
			from = k + 1;
	}
	for (uint32_t k = from; k < to && t->n_lead < ARRAY_LEN(t->lead); k++) {
		const struct unit *u = &t->units.at[k];
		bool dek = is_dek(t, u->block);
		bool prose = u->sentence && u->words >= 8 && u->kind == U_TEXT;
		if (u->why || u->caption || u->words > 80 || u->link_words * 4 > u->words ||
			!(prose || (dek && u->words >= 5)))
			continue;
		struct str s = art_unit_text(t, u);
		if (!art_is_byline(s, u->words) && art_phrase(s, u->words) == PHRASE_NONE)
			t->lead[t->n_lead++] = k;
	}
}
