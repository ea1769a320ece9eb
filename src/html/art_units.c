/* One pass over the nodes: what elements say about themselves, and the units of text between block boundaries. */
#include "base/first.h"
#include "html/art.h"
#include "html/md_table.h"
#include "html/text.h"

struct open {
	uint32_t end;
	uint8_t saved_kind, saved_level;
	bool block, link, bold, caption, quote; /* what this element switched on */
};

struct reader {
	struct art *t;
	const struct art_words *w;
	struct open stack[DOM_DEPTH_MAX + 8];
	size_t depth;
	uint32_t blocks[DOM_DEPTH_MAX + 8]; /* open block elements */
	size_t n_blocks;
	int link, bold, caption, quote;
	uint32_t data_end; /* end of the table of data that we are in */
	uint8_t kind, level;
	/* the run that is being read */
	struct unit u;
	bool open, in_word;
	uint32_t bold_words, enders, feeds, wide;
	unsigned char last;  /* last byte that is not white space, quotation mark or bracket */
	char before_last;
};

static void start_run(struct reader *r)
{
	r->u = (struct unit){ .hash = 2166136261u };
	r->open = r->in_word = false;
	r->bold_words = r->enders = r->feeds = r->wide = 0;
	r->last = 0;
}

/* Words that look like running text: none of a few words, all of a sentence of twenty. */
static float good_words(const struct unit *u)
{
	if (u->kind == U_HEADING)
		return 0;
	if (u->kind == U_PRE)
		return (float)MIN(u->words, 60u);
	float w = (float)u->words, q = w <= 4 ? 0 : w < 20 ? (w - 4) / 16 : 1;
	if (u->sentence && u->words >= 5)
		q = MAX(q, 0.5F);
	if (!u->sentence && u->words < 12)
		q *= 0.5F;
	float density = w > 0 ? (float)u->link_words / w : 0;
	float good = w * (1 - density) * q;
	return density > 0.5F ? good * 0.3F : good;
}

static void end_run(struct reader *r)
{
	if (!r->open) {
		r->u.time = false;
		return;
	}
	struct unit *u = &r->u;
	u->words += (r->wide + 1) / 2;
	u->block = r->n_blocks ? r->blocks[r->n_blocks - 1] : 0;
	u->kind = r->kind;
	u->level = r->level;
	u->caption = r->caption > 0;
	u->quote = r->quote > 0;
	u->link_words = MIN(u->link_words, u->words);
	u->bold = u->words && r->bold_words * 10 >= u->words * 9;
	u->colon = r->last == ':';
	u->sentence = (r->last && strchr(".!?", r->last)) || r->last == 0x80 || (r->enders && u->words >= 8);
	u->good = good_words(u);
	if (u->chars)
		vec_push(r->t->a, &r->t->units, *u);
	start_run(r);
}

/* Code points that are words without spaces between them: CJK, kana, Thai. 2: ends a sentence. */
static int wide_kind(const unsigned char *p, size_t n)
{
	if (n < 3 || p[0] < 0xE0)
		return 0;
	if (p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x82)
		return 2; /* U+3002 */
	if (p[0] == 0xEF && p[1] == 0xBC && (p[2] == 0x81 || p[2] == 0x9F))
		return 2; /* U+FF01, U+FF1F */
	return (p[0] >= 0xE3 && p[0] <= 0xE9 && !(p[0] == 0xE3 && p[1] == 0x80)) || (p[0] == 0xE0 && p[1] == 0xB8);
}

static void read_text(struct reader *r, uint32_t index, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t words = 0, wide = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = p[i];
		if (c < 0x80) {
			if (is_space(c)) {
				r->in_word = false;
				if (r->last == '.' || r->last == '!' || r->last == '?')
					r->enders++;
				continue;
			}
			r->u.chars++;
			if (is_alnum(c)) {
				words += !r->in_word;
				r->in_word = true;
				r->u.hash = (r->u.hash ^ (unsigned)to_lower(c)) * 16777619u;
			}
			if (c != '"' && c != '\'' && c != ')' && c != ']')
				r->last = c;
			continue;
		}
		if ((c & 0xC0) == 0x80)
			continue;
		if (c == 0xC2 && i + 1 < s.n && p[i + 1] == 0xA0) {
			r->in_word = false;
			continue;
		}
		r->u.chars++;
		r->u.hash = (r->u.hash ^ c ^ (unsigned)(i + 2 < s.n ? p[i + 2] : 0)) * 16777619u;
		int k = wide_kind(p + i, s.n - i);
		if (k) {
			wide += k == 1;
			r->in_word = false;
			r->last = k == 2 ? 0x80 : c;
			r->enders += k == 2;
		} else if (c == 0xE2 && i + 2 < s.n && p[i + 1] == 0x80) {
			if (p[i + 2] == 0xA6)
				r->last = '.'; /* an ellipsis */
			else if (p[i + 2] == 0x93 || p[i + 2] == 0x94)
				r->in_word = false;
		} else {
			words += !r->in_word;
			r->in_word = true;
			r->last = c;
		}
	}
	if (!r->open && !words && !wide && str_trim(s).n == 0)
		return;
	if (!r->open) {
		r->open = true;
		r->u.first = index;
		r->feeds = 0;
	}
	r->u.last = index;
	r->u.words += words;
	r->wide += wide;
	if (r->link)
		r->u.link_words += words + (wide + 1) / 2;
	if (r->bold)
		r->bold_words += words + (wide + 1) / 2;
	if (words || wide)
		r->feeds = 0;
}

static uint32_t role_bits(struct str role)
{
	static const struct {
		const char *role;
		uint32_t bits;
	} roles[] = {
		{ "navigation", W_NAV },
		{ "complementary", W_SIDE },
		{ "contentinfo", W_FOOT },
		{ "banner", W_NAV },
		{ "search", W_FORM },
		{ "dialog", W_PROMO },
		{ "alertdialog", W_PROMO },
		{ "menu", W_NAV },
		{ "menubar", W_NAV },
		{ "toolbar", W_NAV },
		{ "tablist", W_NAV },
		{ "doc-toc", W_TOC },
		{ "note", W_NOTE },
	};
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (str_eqi(role, str_of(roles[i].role)))
			return roles[i].bits;
	return 0;
}

static uint32_t itemprop_bits(struct str v)
{
	if (str_eqi(v, STR("articleBody")))
		return W_ITEMBODY;
	if (str_eqi(v, STR("comment")))
		return W_COMMENT;
	if (str_eqi(v, STR("headline")))
		return W_TITLE;
	if (str_eqi(v, STR("author")) || str_startsi(v, STR("date")) || str_eqi(v, STR("publisher")))
		return W_META;
	return str_eqi(v, STR("caption")) ? W_MEDIA : 0;
}

static uint32_t tag_bits(const struct node *n)
{
	switch (n->tag) {
	case TAG_NAV:
		return W_NAV;
	case TAG_ASIDE:
		return W_SIDE;
	case TAG_FOOTER:
		return W_FOOT;
	case TAG_DIALOG:
		return W_PROMO;
	case TAG_FIGCAPTION:
		return W_MEDIA;
	case TAG_FORM:
		return W_FORM_TAG;
	}
	return 0;
}

static uint32_t own_bits(const struct reader *r, const struct node *n)
{
	uint32_t bits = tag_bits(n);
	for (const struct attr *at = n->attrs, *end = at + n->n; at < end; at++) {
		struct str v = { at->p, at->n };
		switch (at->name) {
		case ATTR_CLASS:
		case ATTR_ID:
			bits |= art_words_of(r->w, str_sub(v, 0, 400));
			break;
		case ATTR_ROLE:
			bits |= role_bits(v);
			break;
		case ATTR_ITEMPROP:
			bits |= itemprop_bits(v);
			break;
		case ATTR_ITEMTYPE:
			if (str_ends(v, STR("/Comment")) || str_ends(v, STR("/UserComments")))
				bits |= W_COMMENT;
			break;
		case ATTR_REL:
			if (str_is(v, "author") || str_is(v, "tag") || str_is(v, "category tag"))
				bits |= W_META;
			break;
		case ATTR_ARIA_HIDDEN:
			if (str_is(v, "true"))
				bits |= W_HIDDEN;
			break;
		}
	}
	/* An element that is the page, whatever its layout classes say. */
	return n->tag == TAG_HTML || n->tag == TAG_BODY ? bits & W_CONTENT : bits;
}

static bool is_unread(const struct node *n, bool show_hidden)
{
	switch (n->tag) {
	case TAG_NOSCRIPT: case TAG_SELECT: case TAG_TEXTAREA: case TAG_BUTTON: case TAG_SVG: case TAG_INPUT:
	case TAG_OPTION: case TAG_PROGRESS: case TAG_METER:
		return true;
	case TAG_OBJECT:
		return false;
	}
	return tag_is_hidden(n->tag) || (!show_hidden && n->n && node_is_hidden(n));
}

static void push_open(struct reader *r, uint32_t i, const struct node *n, bool block)
{
	if (r->depth == ARRAY_LEN(r->stack))
		return;
	struct open *o = &r->stack[r->depth++];
	*o = (struct open){ .end = i + n->size, .saved_kind = r->kind, .saved_level = r->level, .block = block };
	o->link = n->tag == TAG_A && node_has(n, ATTR_HREF);
	o->bold = n->tag == TAG_B || n->tag == TAG_STRONG;
	o->caption = (r->t->own[i] & W_MEDIA) || n->tag == TAG_FIGCAPTION;
	o->quote = n->tag == TAG_BLOCKQUOTE;
	r->link += o->link;
	r->bold += o->bold;
	r->caption += o->caption;
	r->quote += o->quote;
	if (n->tag >= TAG_H1 && n->tag <= TAG_H6) {
		r->kind = U_HEADING;
		r->level = (uint8_t)(n->tag - TAG_H1 + 1);
	} else if (n->tag == TAG_PRE || n->tag == TAG_LISTING || n->tag == TAG_XMP) {
		r->kind = U_PRE;
	} else if (n->tag == TAG_LI || n->tag == TAG_DD) {
		r->kind = U_ITEM;
	} else if (n->tag == TAG_DT) {
		r->kind = U_TERM;
	} else if (n->tag == TAG_TABLE && i >= r->data_end) {
		if (table_is_data(n))
			r->data_end = i + n->size;
	} else if ((n->tag == TAG_TD || n->tag == TAG_TH) && i < r->data_end) {
		r->kind = U_CELL;
	}
	if (block)
		r->blocks[r->n_blocks++] = i;
}

static void pop_open(struct reader *r)
{
	struct open *o = &r->stack[r->depth - 1];
	if (o->block) {
		end_run(r);
		r->n_blocks--;
	}
	r->link -= o->link;
	r->bold -= o->bold;
	r->caption -= o->caption;
	r->quote -= o->quote;
	r->kind = o->saved_kind;
	r->level = o->saved_level;
	r->depth--;
}

/* A short line before a <br>: title, byline and date often stand so. */
static bool is_line(const struct reader *r)
{
	return r->kind == U_TEXT && r->u.words + r->wide / 2 <= 12 && !(r->last && strchr(".!?,;:", r->last));
}

static uint32_t read_element(struct reader *r, uint32_t i, const struct node *n, bool show_hidden)
{
	struct art *t = r->t;
	bool block = n->ns == NS_HTML && tag_is_block(n->tag);
	if (is_unread(n, show_hidden)) {
		if (block)
			end_run(r);
		for (uint32_t k = i; k < i + n->size; k++)
			t->unit_at[k] = (uint32_t)t->units.n;
		return n->size;
	}
	if (block)
		end_run(r);
	else if (n->tag == TAG_BR && r->open && r->kind != U_PRE && (++r->feeds >= 2 || is_line(r)))
		end_run(r);
	if (n->tag == TAG_TIME)
		r->u.time = true;
	t->unit_at[i] = (uint32_t)t->units.n;
	if (n->n || n->tag == TAG_NAV || n->tag == TAG_ASIDE || n->tag == TAG_FOOTER || n->tag == TAG_DIALOG ||
		n->tag == TAG_FIGCAPTION || n->tag == TAG_FORM)
		t->own[i] = own_bits(r, n);
	if (n->size > 1)
		push_open(r, i, n, block);
	return 1;
}

static void read_all(struct art *t, bool show_hidden)
{
	struct reader *r = arena_new(t->a, struct reader);
	const struct dom *d = t->d;
	r->t = t;
	r->w = art_words_new(t->a);
	t->units.n = 0;
	start_run(r);
	for (uint32_t i = 0; i < d->n;) {
		const struct node *n = &d->nodes[i];
		while (r->depth && i >= r->stack[r->depth - 1].end)
			pop_open(r);
		if (n->type == NODE_ELEMENT) {
			i += read_element(r, i, n, show_hidden);
			continue;
		}
		t->unit_at[i] = (uint32_t)t->units.n;
		if (n->type == NODE_TEXT)
			read_text(r, i, node_text(n));
		if (n->type == NODE_FRAGMENT) {
			for (uint32_t k = i; k < i + n->size; k++)
				t->unit_at[k] = (uint32_t)t->units.n;
			i += n->size;
			continue;
		}
		i++;
	}
	while (r->depth)
		pop_open(r);
	end_run(r);
	t->unit_at[d->n] = (uint32_t)t->units.n;
}

void art_sum(struct art *t)
{
	double good = 0, alive = 0;
	uint32_t words = 0, links = 0, shown = 0;
	for (size_t i = 0; i < t->units.n; i++) {
		const struct unit *u = &t->units.at[i];
		good += u->good;
		alive += u->why ? 0 : u->good;
		words += u->words;
		links += u->link_words;
		shown += u->why ? 0 : u->words;
		t->good[i + 1] = (float)good;
		t->alive[i + 1] = (float)alive;
		t->words[i + 1] = words;
		t->links[i + 1] = links;
		t->shown[i + 1] = shown;
	}
}

void art_read(struct art *t)
{
	t->own = arena_array(t->a, uint32_t, t->d->n);
	t->dead = arena_array(t->a, uint32_t, t->d->n);
	t->drop = arena_array(t->a, uint8_t, t->d->n);
	t->unit_at = arena_array(t->a, uint32_t, t->d->n + 1);
	read_all(t, false);
	uint32_t words = 0;
	for (size_t i = 0; i < t->units.n; i++)
		words += t->units.at[i].words;
	if (words < 25) /* pages that hide themselves until a script has run */
		read_all(t, true);
	t->good = arena_array(t->a, float, t->units.n + 1);
	t->alive = arena_array(t->a, float, t->units.n + 1);
	t->words = arena_array(t->a, uint32_t, t->units.n + 1);
	t->links = arena_array(t->a, uint32_t, t->units.n + 1);
	t->shown = arena_array(t->a, uint32_t, t->units.n + 1);
	art_sum(t);
}
