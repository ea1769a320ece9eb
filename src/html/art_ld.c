/*
 * The page's own articleBody. Many publishers repeat the whole text in JSON-LD; where they do, it tells which units of
 * the page are the article.
 */
#include "base/first.h"
#include "html/art.h"

#define TRIPLES (1u << 16) /* bits of the set of word triples; bodies have a few thousand */

/* The articleBody of the object or of what it is about; objects are looked into two levels deep. */
static struct str find_body(const struct json *v)
{
	struct str best = STR_NULL;
	const struct json *level[64];
	size_t n = 0, from = 0;
	level[n++] = v;
	while (from < n) {
		const struct json *x = level[from++];
		struct str body = json_str(json_get(x, "articleBody"), STR_NULL);
		if (body.n > best.n)
			best = body;
		static const char *const inside[] = { "mainEntity", "mainEntityOfPage", "about", "hasPart" };
		for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
			const struct json *y = json_get(x, inside[i]);
			if (json_is(y, J_OBJECT) && n < ARRAY_LEN(level))
				level[n++] = y;
		}
		for (size_t i = 0; json_is(x, J_ARRAY) && i < x->n && n < ARRAY_LEN(level); i++)
			level[n++] = x->items[i];
	}
	return best;
}

/* Feeds words; calls back for each triple. Tags within (some publishers leave them) are passed over. */
struct triples {
	uint32_t a, b, word;
	size_t n;
	bool in;
};

static bool feed(struct triples *s, unsigned char c, uint32_t *ret_triple)
{
	if (is_alnum(c) || c >= 0x80) {
		s->word = ((s->in ? s->word : 2166136261u) ^ (unsigned)to_lower(c)) * 16777619u;
		s->in = true;
		return false;
	}
	if (!s->in || c == '\'')
		return false;
	s->in = false;
	uint32_t h = s->a * 31 + s->b * 17 + s->word;
	s->a = s->b;
	s->b = s->word;
	*ret_triple = (h ^ h >> 16) & (TRIPLES - 1);
	return ++s->n >= 3;
}

static void collect(struct str body, uint8_t *set)
{
	struct triples s = { 0 };
	uint32_t h;
	bool tag = false;
	for (size_t i = 0; i <= body.n; i++) {
		unsigned char c = i < body.n ? (unsigned char)body.p[i] : ' ';
		if (c == '<' && i + 1 < body.n && (is_alpha(body.p[i + 1]) || body.p[i + 1] == '/'))
			tag = true;
		if (feed(&s, tag ? ' ' : c, &h))
			set[h / 8] |= (uint8_t)(1 << h % 8);
		if (c == '>')
			tag = false;
	}
}

static uint8_t match_unit(const struct art *t, const struct unit *u, const uint8_t *set)
{
	struct triples s = { 0 };
	size_t hits = 0, all = 0;
	uint32_t h;
	for (uint32_t i = u->first; i <= u->last; i++) {
		const struct node *n = art_node(t, i);
		for (size_t k = 0; n->type == NODE_TEXT && k < n->n; k++)
			if (feed(&s, (unsigned char)n->text[k], &h)) {
				all++;
				hits += set[h / 8] >> h % 8 & 1;
			}
	}
	if (feed(&s, ' ', &h)) {
		all++;
		hits += set[h / 8] >> h % 8 & 1;
	}
	return (uint8_t)(all ? hits * 100 / all : 0);
}

void art_match_ld(struct art *t)
{
	t->ld_body = t->meta ? find_body(t->meta->json_ld) : STR_NULL;
	if (t->ld_body.n < ART_LD_MIN)
		return;
	uint8_t *set = arena_zalloc(t->a, TRIPLES / 8);
	collect(t->ld_body, set);
	for (size_t i = 0; i < t->units.n; i++)
		t->units.at[i].match = match_unit(t, &t->units.at[i], set);
}
