/* What is taken out below the root. In articles much is judged; elsewhere only what is dead goes. */
#include "base/first.h"
#include "html/art.h"

struct clean {
	struct art *t;
	uint32_t from, to;  /* units of the root */
	bool matched;       /* the page's articleBody covers most of the root */
	float good;         /* of the root */
};

static void drop_node(struct art *t, uint32_t i)
{
	t->drop[i] = 1;
	for (uint32_t k = t->unit_at[i], end = art_end(t, i); k < t->units.n && t->units.at[k].first < end; k++)
		if (t->units.at[k].first >= i && t->units.at[k].last < end)
			t->units.at[k].drop = true;
}

static bool is_link_tag(uint32_t tag)
{
	return tag == TAG_UL || tag == TAG_OL || tag == TAG_DIV || tag == TAG_SECTION || tag == TAG_TABLE ||
	       tag == TAG_DL || tag == TAG_P || tag == TAG_ASIDE || tag == TAG_HEADER || tag == TAG_MENU ||
	       tag == TAG_CENTER;
}

/* Text just before that ends in a colon announces what follows, links too. */
static bool is_announced(const struct art *t, uint32_t i)
{
	uint32_t u = t->unit_at[i];
	return u > 0 && t->units.at[u - 1].colon && !t->units.at[u - 1].drop && t->units.at[u - 1].kind != U_HEADING;
}

/* Mostly links: a list of other pages, not a part of the text. */
static bool is_link_block(const struct clean *c, uint32_t i, const struct node *n)
{
	const struct art *t = c->t;
	uint32_t words = art_n_words(t, i), links = art_n_links(t, i);
	if (!words || !is_link_tag(n->tag))
		return false;
	float good = art_alive(t, i);
	if (n->tag == TAG_P)
		return links * 10 >= words * 9 && words >= 3 && words <= 30 && !is_announced(t, i);
	if (links * 2 < words || good > 0.3F * c->good)
		return false;
	if (is_announced(t, i) && words < 200)
		return false;
	return good < 0.15F * (float)words || links * 10 > words * 8;
}

static bool has_match(const struct art *t, uint32_t i)
{
	uint32_t words = 0, hit = 0;
	for (uint32_t k = t->unit_at[i]; k < t->unit_at[art_end(t, i)]; k++) {
		words += t->units.at[k].words;
		hit += t->units.at[k].match >= 60 ? t->units.at[k].words : 0;
	}
	return hit * 2 > words;
}

static bool drops(const struct clean *c, uint32_t i, const struct node *n)
{
	struct art *t = c->t;
	if (t->dead[i] && !(c->matched && has_match(t, i)))
		return true;
	switch (n->tag) {
	case TAG_NAV:
	case TAG_BUTTON:
	case TAG_INPUT:
	case TAG_SELECT:
	case TAG_TEXTAREA:
	case TAG_SCRIPT:
	case TAG_STYLE:
	case TAG_NOSCRIPT:
	case TAG_TEMPLATE:
	case TAG_DIALOG:
	case TAG_SVG:
	case TAG_LINK:
	case TAG_META:
	case TAG_OBJECT:
		return true;
	case TAG_FORM: case TAG_FIELDSET:
		return art_alive(t, i) < 0.4F * c->good;
	case TAG_FOOTER:
		return art_alive(t, i) < 0.4F * c->good;
	case TAG_ASIDE:
		return t->strict && !(t->own[i] & W_NOTE) && art_alive(t, i) < 0.3F * c->good;
	}
	return t->strict && is_link_block(c, i, n) && !(c->matched && has_match(t, i));
}

static void drop_elements(struct clean *c)
{
	struct art *t = c->t;
	for (uint32_t i = t->root + 1; i < art_end(t, t->root); i++) {
		const struct node *n = art_node(t, i);
		if (n->type != NODE_ELEMENT || !drops(c, i, n))
			continue;
		drop_node(t, i);
		i += n->size - 1;
	}
}

/* ---- units */

static bool keeps(const struct clean *c, const struct unit *u)
{
	return c->matched && u->match >= 60;
}

static void drop_repeated(struct clean *c)
{
	struct map seen;
	map_init(&seen, c->t->a);
	for (uint32_t k = c->from; k < c->to; k++) {
		struct unit *u = &c->t->units.at[k];
		if (u->drop || u->words < 12 || u->kind == U_PRE || u->kind == U_CELL)
			continue;
		struct str key = str_n((const char *)&u->hash, sizeof u->hash);
		struct unit *before = map_get(&seen, key);
		if (before && before->words == u->words && before->chars == u->chars)
			u->drop = true;
		else
			map_set(&seen, key, u);
	}
}

/* The next unit that stays and is a heading of this level or a higher one; `to` at the end. */
static uint32_t section_end(const struct clean *c, uint32_t k)
{
	const struct unit *head = &c->t->units.at[k];
	uint32_t i = k + 1;
	for (; i < c->to; i++) {
		const struct unit *u = &c->t->units.at[i];
		if (!u->drop && u->kind == U_HEADING && u->level <= head->level)
			break;
	}
	return i;
}

/* "Related stories" and what is under it, as long as that is no prose. */
static void drop_section(struct clean *c, uint32_t k)
{
	struct art *t = c->t;
	uint32_t end = section_end(c, k), words = 0, links = 0, longest = 0;
	float good = 0;
	for (uint32_t i = k + 1; i < end; i++) {
		const struct unit *u = &t->units.at[i];
		if (u->drop)
			continue;
		words += u->words;
		links += u->link_words;
		good += u->good;
		longest = MAX(longest, u->words);
	}
	if (words && links * 4 < words && longest > 35 && end - k > 1 && good > 0.08F * c->good)
		return;
	for (uint32_t i = k; i < end; i++)
		if (!keeps(c, &t->units.at[i]))
			t->units.at[i].drop = true;
}

static void drop_phrases(struct clean *c)
{
	struct art *t = c->t;
	for (uint32_t k = c->from; k < c->to; k++) {
		struct unit *u = &t->units.at[k];
		if (u->drop || u->words > 40 || u->kind == U_PRE || u->kind == U_CELL || keeps(c, u))
			continue;
		struct str s = art_unit_text(t, u);
		enum phrase p = art_phrase(s, u->words);
		if (p == PHRASE_HEADING && u->kind == U_HEADING)
			drop_section(c, k);
		else if (p == PHRASE_HEADING && (u->bold || u->words <= 4) && !u->sentence)
			u->drop = true;
		else if (p == PHRASE_BOILERPLATE && (u->kind != U_HEADING || u->words <= 8) &&
			 (u->words <= 20 || !u->sentence || u->link_words))
			u->drop = true;
	}
}

static bool is_prose(const struct unit *u)
{
	return (u->words >= 18 || (u->words >= 9 && u->sentence)) && u->link_words * 2 < u->words &&
	       u->kind != U_HEADING && !u->caption;
}

static bool is_title(const struct art *t, struct str s, const struct unit *u)
{
	return t->title.n && u->words >= 2 && art_likeness(s, t->title) >= 0.75 && art_likeness(t->title, s) >= 0.5;
}

/* Before the first prose: title, byline, date, labels. */
static void trim_top(struct clean *c)
{
	struct art *t = c->t;
	uint32_t first = c->from, near = 0;
	while (first < c->to && (t->units.at[first].drop || !is_prose(&t->units.at[first])))
		first++;
	if (first == c->to)
		return;
	for (uint32_t k = c->from; k < c->to && near < 6; k++) {
		struct unit *u = &t->units.at[k];
		if (u->drop || keeps(c, u))
			continue;
		near += k >= first;
		struct str s = u->words <= 40 ? art_unit_text(t, u) : STR_NULL;
		bool early = k < first,
		     data = u->kind == U_CELL || u->kind == U_ITEM || u->kind == U_PRE || u->kind == U_TERM;
		if (u->kind == U_HEADING && (u->level == 1 || is_title(t, s, u)))
			u->drop = early || is_title(t, s, u);
		else if (!data && art_is_byline(s, u->words) && !(u->sentence && u->words > 8))
			u->drop = true;
		else if (early && is_title(t, s, u))
			u->drop = true;
		else if (early && u->kind != U_HEADING && !data && !u->caption && u->words <= 7 && !u->sentence)
			u->drop = true;
		else if (early && !data && u->link_words * 2 > u->words && u->words < 20)
			u->drop = true;
	}
}

/* Behind the last prose: labels, links, dates, headings of what was taken out. */
static void trim_end(struct clean *c)
{
	struct art *t = c->t;
	for (uint32_t k = c->to; k-- > c->from;) {
		struct unit *u = &t->units.at[k];
		if (u->drop || u->caption)
			continue;
		if (keeps(c, u))
			return;
		struct str s = u->words <= 40 ? art_unit_text(t, u) : STR_NULL;
		bool list = u->kind == U_ITEM || u->kind == U_CELL || u->kind == U_PRE || u->kind == U_TERM;
		bool weak = u->kind == U_HEADING || (u->words <= 9 && !u->sentence && !list) ||
			    (!list && art_is_byline(s, u->words)) ||
			    (u->words <= 25 && u->link_words * 3 > u->words * 2 && !list);
		if (!weak)
			return;
		u->drop = true;
	}
}

/* Headings whose sections have gone. */
static void drop_bare_headings(struct clean *c)
{
	struct art *t = c->t;
	uint8_t below = 255; /* level of the heading that follows next, 255: text follows; 0: the end */
	bool gone = false;
	below = 0;
	for (uint32_t k = c->to; k-- > c->from;) {
		struct unit *u = &t->units.at[k];
		if (u->drop) {
			gone = true;
			continue;
		}
		if (u->kind != U_HEADING) {
			below = 255;
			gone = false;
			continue;
		}
		if (gone && below <= u->level && below != 255) {
			u->drop = true;
			continue;
		}
		below = u->level;
		gone = false;
	}
}

/* The page says what its article is, and has nearly all of it: the rest is not. */
static void drop_unmatched(struct clean *c)
{
	struct art *t = c->t;
	for (uint32_t k = c->from; k < c->to; k++) {
		struct unit *u = &t->units.at[k];
		if (u->drop || u->kind == U_HEADING || u->kind == U_CELL || u->kind == U_PRE || u->kind == U_ITEM ||
			u->caption)
			continue;
		if (u->match < 20 && u->words >= 4 && u->words <= 60)
			u->drop = true;
	}
}

static void measure_match(struct clean *c)
{
	const struct art *t = c->t;
	uint32_t words = 0, hit = 0;
	for (uint32_t k = c->from; k < c->to; k++) {
		const struct unit *u = &t->units.at[k];
		if (u->drop || u->words < 8)
			continue;
		words += u->words;
		hit += u->match >= 60 ? u->words : 0;
	}
	c->matched = t->ld_body.n >= ART_LD_MIN && hit >= 60 && hit * 10 >= words * 6;
}

/* Where little is judged: buttons in words, and the dates and repeated titles of posts. */
static void drop_labels(struct clean *c)
{
	struct art *t = c->t;
	bool titled = false;
	for (uint32_t k = c->from; k < c->to; k++) {
		struct unit *u = &t->units.at[k];
		if (u->drop || u->words > 14 || u->kind == U_PRE || u->kind == U_CELL)
			continue;
		struct str s = art_unit_text(t, u);
		bool title = t->kind == PAGE_FORUM && is_title(t, s, u);
		if (title && titled)
			u->drop = true;
		titled |= title;
		if (u->words <= 4 && art_phrase(s, u->words) == PHRASE_BOILERPLATE)
			u->drop = true;
		else if (t->kind != PAGE_LISTING && u->kind != U_HEADING && (u->time || t->kind == PAGE_FORUM) &&
			 art_is_byline(s, u->words))
			u->drop = true;
		else if (t->kind == PAGE_FORUM && u->words <= 1 && u->chars <= 4)
			u->drop = true; /* counts of votes */
	}
}

void art_clean(struct art *t)
{
	struct clean c = { .t = t, .from = t->unit_at[t->root], .to = t->unit_at[art_end(t, t->root)],
		.good = art_alive(t, t->root) };
	for (uint32_t k = c.from; k < c.to; k++)
		t->units.at[k].drop = t->units.at[k].why != 0;
	if (t->strict)
		measure_match(&c);
	for (uint32_t k = c.from; c.matched && k < c.to; k++)
		t->units.at[k].drop &= !keeps(&c, &t->units.at[k]);
	drop_elements(&c);
	drop_repeated(&c);
	if (!t->strict) {
		drop_labels(&c);
		return;
	}
	if (c.matched)
		drop_unmatched(&c);
	drop_phrases(&c);
	trim_top(&c);
	trim_end(&c);
	drop_bare_headings(&c);
}
