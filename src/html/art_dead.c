/* What does not belong to the content whatever the page is about: judged by words of classes and ids, and by tags. */
#include "base/first.h"
#include "html/art.h"

/* An element with one of these bits is dead, unless it holds more of the page's good text than `share` or more words
 * than `words`: then the name means something else (a body class, a layout wrapper). */
struct rule {
	uint32_t bits;
	float share;
	uint32_t words;
};

static const struct rule rules[] = {
	{ W_CONSENT, 0.8F, UINT32_MAX },
	{ W_NAV, 0.35F, UINT32_MAX },
	{ W_FOOT, 0.35F, UINT32_MAX },
	{ W_HIDDEN, 0.35F, UINT32_MAX },
	{ W_AD, 0.2F, UINT32_MAX },
	{ W_SHARE, 0.2F, UINT32_MAX },
	{ W_RELATED, 0.35F, UINT32_MAX },
	{ W_SIDE, 0.4F, UINT32_MAX },
	{ W_PROMO, 0.25F, UINT32_MAX },
	{ W_TOC, 0.3F, UINT32_MAX },
	{ W_BIO, 0.3F, 250 },
	{ W_FORM, 0.25F, UINT32_MAX },
	{ W_META, 0.15F, 50 },
	{ W_USER, 0.2F, 80 },
	{ W_PULL, 0.2F, 100 },
};

static void kill(struct art *t, uint32_t i, uint32_t why)
{
	t->dead[i] |= why;
	for (uint32_t k = t->unit_at[i], end = art_end(t, i); k < t->units.n && t->units.at[k].first < end; k++)
		if (t->units.at[k].first >= i &&
			t->units.at[k].last < end) /* of a unit around it, only the node goes */
			t->units.at[k].why |= why;
}

static bool is_page(const struct node *n)
{
	return n->tag == TAG_HTML || n->tag == TAG_BODY || n->tag == TAG_MAIN;
}

/* Comments first: text that calls itself content within them is not the page's. */
static void kill_comments(struct art *t)
{
	float total = t->good[t->units.n];
	for (uint32_t i = 0; i < t->d->n; i++) {
		const struct node *n = art_node(t, i);
		if (!(t->own[i] & W_COMMENT) || is_page(n))
			continue;
		if ((n->tag == TAG_ARTICLE || t->own[i] & (W_BODY | W_ITEMBODY)) && art_good(t, i) > 0.5F * total)
			continue;
		kill(t, i, W_COMMENT);
		i += n->size - 1;
	}
}

/* Elements that say they are the content, and hold a fair part of it. */
static bool says_content(const struct art *t, uint32_t i)
{
	const struct node *n = art_node(t, i);
	return n->type == NODE_ELEMENT &&
	       (n->tag == TAG_ARTICLE || n->tag == TAG_MAIN || t->own[i] & (W_BODY | W_ITEMBODY));
}

/* Marks, for each node, whether such an element is at or below it (1); the last such element's end in `ret`. */
static uint8_t *find_content(struct art *t, bool *ret_any)
{
	uint8_t *holds = arena_array(t->a, uint8_t, t->d->n);
	float total = t->alive[t->units.n];
	*ret_any = false;
	for (uint32_t i = t->d->n; i-- > 0;) {
		if (!holds[i] && says_content(t, i) && art_alive(t, i) >= 0.3F * total && art_alive(t, i) >= 20)
			holds[i] = 1;
		if (holds[i] && art_node(t, i)->up)
			holds[i - art_node(t, i)->up] = 1;
		*ret_any |= holds[i];
	}
	return holds;
}

/* Paragraphs, items, headings: words that name regions of a page say nothing about them. */
static bool is_small(const struct node *n)
{
	return n->tag == TAG_P || n->tag == TAG_LI || n->tag == TAG_BLOCKQUOTE || n->tag == TAG_TD ||
	       n->tag == TAG_TR || (n->tag >= TAG_H1 && n->tag <= TAG_H6);
}

static uint32_t verdict(const struct art *t, uint32_t i, float total, bool elsewhere)
{
	uint32_t own = t->own[i], words = art_n_words(t, i);
	float good = art_good(t, i);
	if (is_small(art_node(t, i)))
		own &= ~(uint32_t)(W_FOOT | W_SIDE | W_NAV | W_FORM | W_TOC);
	for (size_t k = 0; k < ARRAY_LEN(rules); k++) {
		const struct rule *r = &rules[k];
		if (!(own & r->bits) || words > r->words)
			continue;
		/* Content that names itself lies elsewhere: then this may even be large. */
		float share = elsewhere && r->words == UINT32_MAX ? 0.85F : r->share;
		if (good <= share * total || good < 8)
			return r->bits & own;
	}
	return 0;
}

void art_mark_dead(struct art *t)
{
	bool any;
	kill_comments(t);
	art_sum(t);
	uint8_t *holds = find_content(t, &any);
	float total = t->alive[t->units.n];
	for (uint32_t i = 0; i < t->d->n; i++) {
		const struct node *n = art_node(t, i);
		if (n->type != NODE_ELEMENT || !t->own[i] || holds[i] || is_page(n))
			continue;
		uint32_t why = verdict(t, i, total, any);
		/* Notes set aside are part of the text, and so is a side that a content element holds on to. */
		if (why == W_SIDE && t->own[i] & W_NOTE)
			continue;
		if (!why)
			continue;
		kill(t, i, why);
		i += n->size - 1;
	}
	art_sum(t);
}

void art_revive(struct art *t, uint32_t bits)
{
	for (uint32_t i = 0; i < t->d->n; i++)
		if (!(t->dead[i] & ~bits))
			t->dead[i] = 0;
	for (size_t i = 0; i < t->units.n; i++)
		if (!(t->units.at[i].why & ~bits))
			t->units.at[i].why = 0;
	art_sum(t);
}
