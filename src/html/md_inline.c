#include "base/first.h"
#include "base/utf8.h"
#include "html/md_inline.h"

const char *const md_tag_names[] = { "sup", "sub", "kbd" };

#define NOT_OPEN UINT32_MAX

void inl_init(struct md_inline *l, struct arena *a)
{
	*l = (struct md_inline){ .arena = a };
	buf_init(&l->text, a, 0);
}

static struct md_tok *add(struct md_inline *l, enum md_tok_kind kind)
{
	struct md_tok *t = vec_add(l->arena, &l->toks);
	t->kind = (uint8_t)kind;
	t->off = (uint32_t)l->text.n;
	return t;
}

/* Appends to the last token when it is of this kind and ends where the text ends, else to a new one. */
static void append(struct md_inline *l, enum md_tok_kind kind, const char *p, size_t n)
{
	struct md_tok *t = l->toks.n ? &vec_last(&l->toks) : NULL;
	if (!t || t->kind != kind || t->off + t->n != l->text.n)
		t = add(l, kind);
	buf_add(&l->text, p, n);
	t->n += (uint32_t)n;
}

/* Lets the held-back break or space out. */
static void release_gap(struct md_inline *l)
{
	if (l->content) {
		if (l->breaks)
			add(l, MT_BREAK);
		else if (l->space)
			append(l, MT_TEXT, " ", 1);
	}
	l->breaks = l->space = false;
	l->content = true;
}

static void release_opens(struct md_inline *l)
{
	for (; l->held < l->open.n; l->held++) {
		struct md_open *o = &l->open.at[l->held];
		if (o->spent)
			continue;
		/* <b>a</b><b>b</b> reads better as one span, and adjoining delimiters would not be read back. */
		struct md_tok *last = l->toks.n ? &vec_last(&l->toks) : NULL;
		if (last && last->kind == MT_CLOSE && last->span == o->span && o->span <= MS_DEL) {
			o->tok = last->peer;
			l->toks.n--;
			continue;
		}
		o->tok = (uint32_t)l->toks.n;
		struct md_tok *t = add(l, MT_OPEN);
		t->span = o->span;
		t->ref = o->ref;
		t->peer = NOT_OPEN;
		l->emphasis += o->span <= MS_DEL;
		o->written = true;
	}
}

/* Everything held back comes before what is to be added. */
static void release(struct md_inline *l)
{
	release_gap(l);
	release_opens(l);
}

static void mark_words(struct md_inline *l)
{
	for (size_t i = l->open.n; i-- > 0;) {
		struct md_open *o = &l->open.at[i];
		if (o->span != MS_LINK || o->tok == NOT_OPEN)
			continue;
		l->toks.at[o->tok].text = true;
		break; /* links do not nest */
	}
}

size_t wide_space_at(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	if (s.n >= 2 && p[0] == 0xC2 && p[1] == 0xA0)
		return 2; /* U+00A0 */
	if (s.n >= 3 && p[0] == 0xE2 && p[1] == 0x80 && (p[2] <= 0x8A || p[2] == 0xAF))
		return 3; /* U+2000 … U+200A, U+202F */
	if (s.n >= 3 &&
		((p[0] == 0xE2 && p[1] == 0x81 && p[2] == 0x9F) || (p[0] == 0xE3 && p[1] == 0x80 && p[2] == 0x80)))
		return 3; /* U+205F, U+3000 */
	return 0;
}

size_t wide_space_before(struct str s)
{
	if (s.n >= 2 && wide_space_at(str_from(s, s.n - 2)) == 2)
		return 2;
	return s.n >= 3 && wide_space_at(str_from(s, s.n - 3)) == 3 ? 3 : 0;
}

/* The end of a run that can be copied as it stands: single spaces between words are part of it. */
static size_t plain_run(struct str s, size_t i)
{
	for (; i < s.n; i++) {
		if (!is_space(s.p[i]))
			continue;
		if (s.p[i] != ' ' || i + 1 == s.n || is_space(s.p[i + 1]))
			break;
	}
	return i;
}

void inl_text(struct md_inline *l, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		if (is_space(s.p[i])) {
			l->space = true;
			i++;
			continue;
		}
		size_t wide = l->held < l->open.n ? wide_space_at(str_from(s, i)) : 0;
		if (wide) { /* goes before the spans that wait */
			release_gap(l);
			append(l, MT_TEXT, s.p + i, wide);
			i += wide;
			continue;
		}
		size_t end = plain_run(s, i);
		release(l);
		append(l, MT_TEXT, s.p + i, end - i);
		mark_words(l);
		i = end;
	}
}

void inl_code(struct md_inline *l, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		size_t end = i;
		bool feed = false;
		while (end < s.n && is_space(s.p[end]))
			feed |= s.p[end++] != ' ';
		if (feed) { /* source layout: one space, or none at the edges */
			struct md_tok *t = l->toks.n ? &vec_last(&l->toks) : NULL;
			if (t && t->kind == MT_CODE && l->held == l->open.n && !l->space && !l->breaks) {
				append(l, MT_CODE, " ", 1);
				l->code_space = true;
			} else {
				l->space = true;
			}
			i = end;
			continue;
		}
		while (end < s.n && (s.p[end] == ' ' || !is_space(s.p[end])))
			end++;
		if (end < s.n) /* spaces before a line feed belong to its run */
			while (end > i && s.p[end - 1] == ' ')
				end--;
		release(l);
		append(l, MT_CODE, s.p + i, end - i);
		mark_words(l);
		l->code_space = false;
		i = end;
	}
}

void inl_code_end(struct md_inline *l)
{
	struct md_tok *t = l->toks.n ? &vec_last(&l->toks) : NULL;
	if (l->code_space && t && t->kind == MT_CODE && t->n > 0 && t->off + t->n == l->text.n) {
		t->n--;
		l->text.n--;
		l->space = true;
	}
	l->code_space = false;
}

void inl_raw(struct md_inline *l, struct str s)
{
	release(l);
	append(l, MT_RAW, s.p, s.n);
	mark_words(l);
}

void inl_image(struct md_inline *l, struct str alt, struct md_ref ref)
{
	release(l);
	struct md_tok *t = add(l, MT_IMAGE);
	t->ref = (uint32_t)l->refs.n;
	t->n = (uint32_t)alt.n;
	buf_adds(&l->text, alt);
	vec_push(l->arena, &l->refs, ref);
}

#define NEST_MAX                                                                                                       \
	3 /* of one kind of span; pages that nest deeper mean nothing by it, and each block would repeat them */

void inl_open(struct md_inline *l, enum md_span span, uint32_t ref)
{
	bool skip = ++l->depth[span] > (span == MS_LINK ? 1 : NEST_MAX);
	vec_push(l->arena, &l->open,
		(struct md_open){ .span = (uint8_t)span, .spent = skip, .ref = ref, .tok = NOT_OPEN });
}

void inl_open_link(struct md_inline *l, struct md_ref ref)
{
	inl_open(l, MS_LINK, (uint32_t)l->refs.n);
	vec_push(l->arena, &l->refs, ref);
}

bool inl_is_empty(const struct md_inline *l)
{
	return l->open.n && !vec_last(&l->open).written && !vec_last(&l->open).spent;
}

/* Appends the end of an opened span, with the wide white space before it moved behind. */
static void close_span(struct md_inline *l, struct md_open *o)
{
	struct md_tok *last = &vec_last(&l->toks);
	uint32_t tail = 0;
	if (o->span <= MS_DEL && last->kind == MT_TEXT && last->off + last->n == l->text.n)
		for (size_t w; (w = wide_space_before(str_n(l->text.p + last->off, last->n - tail)));)
			tail += (uint32_t)w;
	last->n -= tail;
	uint32_t at = (uint32_t)l->toks.n;
	struct md_tok *t = add(l, MT_CLOSE);
	t->span = o->span;
	t->ref = o->ref;
	t->peer = o->tok;
	l->toks.at[o->tok].peer = at;
	if (tail) {
		t = add(l, MT_TEXT);
		t->off = (uint32_t)l->text.n - tail;
		t->n = tail;
	}
}

void inl_close(struct md_inline *l, bool keep)
{
	struct md_open *o = &vec_last(&l->open);
	if (o->tok == NOT_OPEN && keep && !o->spent)
		release(l);
	if (o->tok != NOT_OPEN)
		close_span(l, o);
	l->depth[o->span]--;
	l->open.n--;
	l->held = MIN(l->held, l->open.n);
}

void inl_finish(struct md_inline *l)
{
	for (size_t i = l->held; i-- > 0;) {
		struct md_open *o = &l->open.at[i];
		if (o->tok == NOT_OPEN)
			continue;
		close_span(l, o);
		o->spent = o->span == MS_LINK && l->toks.at[o->tok].text;
	}
}

void inl_next(struct md_inline *l)
{
	for (size_t i = 0; i < l->open.n; i++)
		l->open.at[i].tok = NOT_OPEN;
	l->held = 0;
	l->toks.n = 0;
	l->text.n = 0;
	l->emphasis = 0;
	l->content = l->space = l->breaks = l->code_space = false;
	if (!l->open.n)
		l->refs.n = 0;
}
