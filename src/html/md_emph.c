/*
 * Which delimiters work. CommonMark pairs runs of '*' and '_' by rules of its own (spec 0.31, section 6.2 and the
 * appendix "process emphasis"); what we mean is a tree. So the rules are played through on the tokens: a span whose
 * delimiters are paired otherwise is written in another style, in the end as a tag, until all agree.
 */
#include "base/first.h"
#include "base/utf8.h"
#include "html/md_inline.h"

#define ROUNDS 12

static bool in_ranges(uint32_t cp, const uint32_t (*r)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= r[i][0] && cp <= r[i][1])
			return true;
	return false;
}

/* Categories P and S, as far as texts use them. */
static bool is_wide_punct(uint32_t cp)
{
	static const uint32_t r[][2] = {
		{ 0xA1, 0xA9 }, { 0xAB, 0xAC }, { 0xAE, 0xB1 }, { 0xB4, 0xB4 }, { 0xB6, 0xB8 }, { 0xBB, 0xBB },
		{ 0xBF, 0xBF }, { 0xD7, 0xD7 }, { 0xF7, 0xF7 }, { 0x2C2, 0x2C5 }, { 0x37E, 0x37E }, { 0x387, 0x387 },
		{ 0x55A, 0x55F }, { 0x589, 0x58A }, { 0x5BE, 0x5BE }, { 0x5F3, 0x5F4 }, { 0x606, 0x60F },
		{ 0x61B, 0x61B }, { 0x61E, 0x61F }, { 0x66A, 0x66D }, { 0x6D4, 0x6D4 }, { 0x964, 0x965 },
		{ 0xE3F, 0xE3F }, { 0x2010, 0x2027 }, { 0x2030, 0x205E }, { 0x207A, 0x207E }, { 0x20A0, 0x20C0 },
		{ 0x2100, 0x2101 }, { 0x2116, 0x2118 }, { 0x211E, 0x2123 }, { 0x2190, 0x245F }, { 0x2500, 0x2775 },
		{ 0x2794, 0x2BFF }, { 0x2E00, 0x2E5D }, { 0x2E80, 0x2FFB }, { 0x3001, 0x3004 }, { 0x3008, 0x3020 },
		{ 0x3030, 0x3030 }, { 0x303D, 0x303F }, { 0x30A0, 0x30A0 }, { 0x30FB, 0x30FB }, { 0xFE10, 0xFE19 },
		{ 0xFE30, 0xFE6B }, { 0xFF01, 0xFF0F }, { 0xFF1A, 0xFF20 }, { 0xFF3B, 0xFF40 }, { 0xFF5B, 0xFF65 },
		{ 0xFFE0, 0xFFEE }, { 0xFFFC, 0xFFFD }, { 0x1F000, 0x1FAFF },
	};
	return in_ranges(cp, r, ARRAY_LEN(r));
}

static char class_of(struct str s, size_t i)
{
	if (wide_space_at(str_from(s, i)))
		return ' ';
	unsigned char c = (unsigned char)s.p[i];
	if (c < 0x80)
		return is_space(c) ? ' ' : c > ' ' && c < 0x7F && !is_alnum(c) ? 'p' : 'a';
	return is_wide_punct(utf8_next(s, &i)) ? 'p' : 'a';
}

char md_class_first(struct str s)
{
	return s.n ? class_of(s, 0) : ' ';
}

char md_class_last(struct str s)
{
	size_t i = s.n;
	if (!i)
		return ' ';
	for (i--; i > 0 && ((unsigned char)s.p[i] & 0xC0) == 0x80; i--)
		;
	return class_of(s, i);
}

/* A run of delimiters of one kind. */
struct run {
	uint32_t first, last; /* tokens; between them nothing but delimiters of this run (and empty text) */
	uint32_t left, right; /* tokens not used up: left for closing, right for opening */
	uint32_t length, rest; /* delimiters at the start and now */
	char c;
	bool opens, closes, gone;
};

static bool is_delim(const struct md_tok *t)
{
	return (t->kind == MT_OPEN || t->kind == MT_CLOSE) && t->span <= MS_DEL && t->style != MD_HTML;
}

static char delim_char(const struct md_tok *t)
{
	return t->span == MS_DEL ? '~' : t->style == MD_UNDER ? '_' : '*';
}

static uint32_t delim_length(const struct md_tok *t)
{
	return t->span == MS_EM ? 1 : 2;
}

/* What CommonMark sees beside a run: `step` -1 before, +1 behind. */
static char neighbour(const struct md_inline *l, size_t i, int step)
{
	for (i += (size_t)step; i < l->toks.n; i += (size_t)step) {
		const struct md_tok *t = &l->toks.at[i];
		if (t->kind == MT_TEXT) {
			if (!t->n)
				continue;
			return step < 0 ? md_class_last(inl_slice(l, t)) : md_class_first(inl_slice(l, t));
		}
		return t->kind == MT_BREAK ? ' ' : 'p';
	}
	return ' ';
}

static void flanks(const struct md_inline *l, struct run *r)
{
	char before = neighbour(l, r->first, -1), after = neighbour(l, r->last, +1);
	bool left = after != ' ' && (after != 'p' || before != 'a');
	bool right = before != ' ' && (before != 'p' || after != 'a');
	r->opens = left && (r->c != '_' || !right || before == 'p');
	r->closes = right && (r->c != '_' || !left || after == 'p');
}

/* The token at the inner end of what is left of an opening (closing) run. */
static uint32_t inner(const struct md_inline *l, const struct run *r, bool opening)
{
	for (uint32_t i = opening ? r->right : r->left; i >= r->first && i <= r->last; opening ? i-- : i++)
		if (is_delim(&l->toks.at[i]))
			return i;
	return UINT32_MAX;
}

static bool fits(const struct run *opener, const struct run *closer)
{
	if (opener->gone || opener->c != closer->c || !opener->opens)
		return false;
	if (closer->c == '~')
		return true;
	return !((closer->opens || opener->closes) && closer->length % 3 && (opener->length + closer->length) % 3 == 0);
}

/* Uses up one pair of delimiters; false when it is not a pair that we meant. */
static bool use_pair(const struct md_inline *l, struct run *opener, struct run *closer)
{
	uint32_t n = opener->rest >= 2 && closer->rest >= 2 ? 2 : 1;
	uint32_t o = inner(l, opener, true), c = inner(l, closer, false);
	opener->rest -= n;
	closer->rest -= n;
	if (o == UINT32_MAX || c == UINT32_MAX || l->toks.at[o].kind != MT_OPEN || l->toks.at[o].peer != c ||
		delim_length(&l->toks.at[o]) != n)
		return false;
	opener->right = o - 1;
	closer->left = c + 1;
	return true;
}

static size_t collect_runs(const struct md_inline *l, struct run *runs)
{
	size_t n = 0;
	for (uint32_t i = 0; i < l->toks.n; i++) {
		const struct md_tok *t = &l->toks.at[i];
		if (!is_delim(t))
			continue;
		struct run *r = n ? &runs[n - 1] : NULL;
		if (!r || r->last != i - 1 || r->c != delim_char(t)) {
			r = &runs[n++];
			*r = (struct run){ .first = i, .left = i, .c = delim_char(t) };
		}
		r->last = r->right = i;
		r->length = r->rest += delim_length(t);
	}
	for (size_t i = 0; i < n; i++)
		flanks(l, &runs[i]);
	return n;
}

/* Plays the rules through; the index of a token whose span comes out wrong, or UINT32_MAX. */
static uint32_t first_wrong(const struct md_inline *l, struct run *runs, size_t n)
{
	size_t depth = 0; /* runs[0..n) is its own stack: openers that still count, by index */
	uint32_t *stack = arena_array(l->arena, uint32_t, n);
	for (size_t i = 0; i < n; i++) {
		struct run *r = &runs[i];
		while (r->closes && r->rest) {
			size_t k = depth;
			while (k > 0 && !fits(&runs[stack[k - 1]], r))
				k--;
			if (!k)
				break;
			struct run *o = &runs[stack[k - 1]];
			uint32_t mine = inner(l, r, false);
			if (k != depth || !use_pair(l, o, r))
				return mine != UINT32_MAX ? mine : o->first;
			if (!o->rest)
				depth--;
		}
		if (r->rest && !r->opens)
			return inner(l, r, false);
		if (r->rest) /* what a both-flanking run did not close must be openers of ours */
			for (uint32_t t = r->left; t <= r->last; t++)
				if (l->toks.at[t].kind == MT_CLOSE)
					return t;
		if (r->rest)
			stack[depth++] = (uint32_t)i;
	}
	return depth ? inner(l, &runs[stack[depth - 1]], true) : UINT32_MAX;
}

static void restyle(struct md_inline *l, uint32_t i, enum md_style to)
{
	l->toks.at[i].style = (uint8_t)to;
	l->toks.at[l->toks.at[i].peer].style = (uint8_t)to;
}

void emph_resolve(struct md_inline *l)
{
	if (!l->emphasis)
		return;
	struct run *runs = arena_alloc(l->arena, sizeof(struct run) * 2 * l->emphasis);
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t bad = first_wrong(l, runs, collect_runs(l, runs));
		if (bad == UINT32_MAX)
			return;
		struct md_tok *t = &l->toks.at[bad];
		restyle(l, bad, t->span == MS_DEL || t->style == MD_UNDER ? MD_HTML : MD_UNDER);
	}
	for (uint32_t i = 0; i < l->toks.n; i++)
		if (is_delim(&l->toks.at[i]))
			restyle(l, i, MD_HTML);
}
