/*
 * The inline content of one block on its way from HTML to Markdown: a list of tokens that is collected first and
 * written later, because what must be escaped, and which delimiters work, depends on what follows. Internal to html.
 *
 * Collapsing of white space happens while collecting: a space or break is held back until content follows it, and so
 * are opening spans. White space at the edges of a span therefore ends up outside it, and empty spans vanish.
 */
#ifndef KRYFTO_HTML_MD_INLINE_H
#define KRYFTO_HTML_MD_INLINE_H

#include "base/buf.h"
#include "base/vec.h"

enum md_tok_kind { MT_TEXT, MT_CODE, MT_RAW, MT_BREAK, MT_OPEN, MT_CLOSE, MT_IMAGE };
enum md_span { MS_EM, MS_STRONG, MS_DEL, MS_TAG, MS_LINK };

/* How an emphasis span is written. */
enum md_style { MD_STAR, MD_UNDER, MD_HTML };

struct md_tok {
	uint8_t kind, span;
	uint8_t style;    /* enum md_style, the same at both ends of a span */
	bool text;        /* MT_OPEN: words follow inside the span */
	uint32_t off, n;  /* MT_TEXT, MT_CODE, MT_RAW, MT_IMAGE (alt): slice of md_inline.text */
	uint32_t peer;    /* the other end of a span: index of the token */
	uint32_t ref;     /* MT_IMAGE, MS_LINK: index into md_inline.refs; MS_TAG: into the tag names */
};

struct md_ref {
	struct str dest, title; /* title p NULL: none */
	struct str href;        /* the attribute as written, for autolinks */
};

struct md_open {
	uint8_t span;
	bool written; /* in this block or an earlier one */
	bool spent;   /* a link that has been written once; it is not opened again in later blocks */
	uint32_t ref;
	uint32_t tok; /* UINT32_MAX: not opened yet in this block */
};

struct md_inline {
	struct arena *arena;
	struct buf text;
	VEC(struct md_tok) toks;
	VEC(struct md_ref) refs;
	VEC(struct md_open) open;
	size_t held;      /* spans from here on in `open` are not opened yet */
	bool content;     /* something stands in this block */
	bool space;       /* a space is held back */
	bool breaks;      /* a line break is held back */
	bool code_space;  /* the code span ends in a space that stands for a line feed */
	uint32_t emphasis; /* em, strong and del spans in this block */
	uint32_t depth[MS_LINK + 1]; /* open spans of each kind */
};

void inl_init(struct md_inline *l, struct arena *a);
void inl_text(struct md_inline *l, struct str s);
/* Text within <code>. */
void inl_code(struct md_inline *l, struct str s);
void inl_code_end(struct md_inline *l);
/* Written as it stands. */
void inl_raw(struct md_inline *l, struct str s);
void inl_image(struct md_inline *l, struct str alt, struct md_ref ref);
static inline void inl_space(struct md_inline *l) { l->space = true; }
static inline void inl_break(struct md_inline *l) { l->breaks = true; }
/* `ref`: of MS_TAG the index of the tag's name (md_tag_names). */
void inl_open(struct md_inline *l, enum md_span span, uint32_t ref);
void inl_open_link(struct md_inline *l, struct md_ref ref);
/* Closes the innermost span. `keep`: an empty one is written too. */
void inl_close(struct md_inline *l, bool keep);
/* The innermost span has no content yet in this block, and was not written in an earlier one. */
bool inl_is_empty(const struct md_inline *l);
/* Closes all spans for the end of the block; write the tokens, then call inl_next(). */
void inl_finish(struct md_inline *l);
/* Empties the block; spans that are still open are opened again by its first content. */
void inl_next(struct md_inline *l);

extern const char *const md_tag_names[];
enum { MD_TAG_SUP, MD_TAG_SUB, MD_TAG_KBD };

static inline struct str inl_slice(const struct md_inline *l, const struct md_tok *t)
{
	return str_n(l->text.p + t->off, t->n);
}

/* Chooses `style` for every emphasis span such that CommonMark's rules pair the delimiters as meant. */
void emph_resolve(struct md_inline *l);

/* ---- writing */

enum md_place { MD_PARAGRAPH, MD_HEADING, MD_CELL };

struct md_sink {
	struct buf *out;
	enum md_place place;
	bool item;                     /* the block is the first of a list item */
	void (*line)(void *arg);       /* ends a line and starts the next one, MD_PARAGRAPH only */
	void *arg;
	bool bol, tilde, link, first;  /* state of the writer */
};
/* Writes the tokens of a finished block. */
void inl_emit(struct md_inline *l, struct md_sink *s);

/* Length of the white space character other than ASCII's at the start (end) of `s`, 0 when there is none. */
size_t wide_space_at(struct str s);
size_t wide_space_before(struct str s);
/* Letters for CommonMark's flanking rules: ' ' white space, 'p' punctuation, 'a' anything else. */
char md_class_first(struct str s);
char md_class_last(struct str s);

#endif
