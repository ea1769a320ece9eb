/*
 * What article extraction knows of a page. Internal to html.
 *
 * A page is read as units: runs of inline content between block boundaries (a paragraph, a heading, a cell, the text
 * beside a <br><br>). Units lie in document order, so every subtree is a range of them, and prefix sums answer how
 * much text, or how much good text, lies below an element.
 */
#ifndef KRYFTO_HTML_ART_H
#define KRYFTO_HTML_ART_H

#include "base/map.h"
#include "base/vec.h"
#include "html/article.h"

/* Bits of art.own: what class, id, role, tag and microdata say about an element. */
enum art_word {
#define ART(name, words) ART_BIT_##name,
#include "html/art_words.def"
#undef ART
	ART_BITS
};
enum {
#define ART(name, words) W_##name = UINT32_C(1) << ART_BIT_##name,
#include "html/art_words.def"
#undef ART
	W_ITEMBODY = 1 << 25, /* microdata names it articleBody */
	W_FORM_TAG = 1 << 26,
};

enum unit_kind { U_TEXT, U_HEADING, U_ITEM, U_CELL, U_PRE, U_TERM };

struct unit {
	uint32_t block;       /* index of the innermost block element */
	uint32_t first, last; /* indices of the first and the last text node */
	uint32_t words, chars, link_words;
	uint32_t why;         /* dead: the bits (W_…) for which; 0 when not dead */
	uint32_t hash;        /* of the words, for repeated text */
	float good;           /* words that look like running text */
	uint8_t kind;         /* enum unit_kind */
	uint8_t level;        /* of a heading */
	uint8_t match;        /* per cent of its word triples that the page's own articleBody has */
	bool sentence;        /* ends like a sentence, or has one inside */
	bool colon;           /* ends in a colon */
	bool caption, quote, bold;
	bool time;            /* holds <time> */
	bool drop;            /* taken out by the cleaning */
};

struct art_words; /* table of art_words.def */

struct art {
	struct arena *a;
	const struct dom *d;
	const struct article_opts *o;
	const struct meta *meta;
	uint32_t *own;        /* by node: W_… */
	uint32_t *dead;       /* by node: why the element is dead (W_…), 0 when it is not */
	uint8_t *drop;        /* by node: 1 = left out with everything below */
	uint32_t *unit_at;    /* by node: first unit at or behind it; one entry more than nodes */
	VEC(struct unit) units;
	float *good;          /* prefix sums, units + 1 entries: of all units that are not hidden or navigation */
	float *alive;         /* the same, without what is dead for any reason */
	uint32_t *words;      /* prefix sums of words */
	uint32_t *links;      /* of link words */
	uint32_t *shown;      /* of words that are not dead */
	enum page_kind kind;
	bool strict;          /* an article: clean inside too */
	uint32_t root;        /* node index of the content */
	uint32_t lead[2];     /* units before the root that open the article (its standfirst) */
	size_t n_lead;
	struct str ld_body;   /* articleBody of JSON-LD */
	struct str title;
	const char *source;
};

#define ART_LD_MIN 250 /* bytes; shorter bodies are excerpts */

static inline const struct node *art_node(const struct art *t, uint32_t i)
{
	return &t->d->nodes[i];
}
static inline uint32_t art_end(const struct art *t, uint32_t i)
{
	return i + t->d->nodes[i].size;
}
/* Sums over the units below node `i`. */
static inline float art_good(const struct art *t, uint32_t i)
{
	return t->good[t->unit_at[art_end(t, i)]] - t->good[t->unit_at[i]];
}
static inline float art_alive(const struct art *t, uint32_t i)
{
	return t->alive[t->unit_at[art_end(t, i)]] - t->alive[t->unit_at[i]];
}
static inline uint32_t art_n_words(const struct art *t, uint32_t i)
{
	return t->words[t->unit_at[art_end(t, i)]] - t->words[t->unit_at[i]];
}
static inline uint32_t art_n_shown(const struct art *t, uint32_t i)
{
	return t->shown[t->unit_at[art_end(t, i)]] - t->shown[t->unit_at[i]];
}
static inline uint32_t art_n_links(const struct art *t, uint32_t i)
{
	return t->links[t->unit_at[art_end(t, i)]] - t->links[t->unit_at[i]];
}

/* ---- art_words.c */
struct art_words *art_words_new(struct arena *a);
/* Bits for the words of an attribute value. */
uint32_t art_words_of(const struct art_words *w, struct str value);

/* ---- art_units.c: fills own, units, unit_at and the sums */
void art_read(struct art *t);
/* The sums again, after `why` of units has changed. */
void art_sum(struct art *t);

/* ---- art_text.c */
/* Words as people count them: CJK characters count half. */
uint32_t art_count_words(struct str s);
/* The text of a unit, white space squeezed. */
struct str art_unit_text(const struct art *t, const struct unit *u);
enum phrase { PHRASE_NONE, PHRASE_BOILERPLATE, PHRASE_HEADING };
/* Words that publishers put around articles: "Read more: …", "Subscribe to …". `words` is the length of `s`.
 * PHRASE_HEADING: as a heading it makes everything below it a list of other things. */
enum phrase art_phrase(struct str s, uint32_t words);
/* "By Jane Doe", "5 min read", "March 3, 2020", "Updated 3 hours ago". */
bool art_is_byline(struct str s, uint32_t words);
/* Share of the words of `x` that stand in `y` as well, 0..1. */
double art_likeness(struct str x, struct str y);

/* ---- art_dead.c */
/* Marks what is navigation, advertising, comments … by `why`. */
void art_mark_dead(struct art *t);
/* Takes `why` back for units that are dead for nothing but these bits. */
void art_revive(struct art *t, uint32_t bits);

/* ---- art_kind.c */
void art_judge_kind(struct art *t);
/* When little text is there: blocked, consent, login, error or empty. Adds warnings. */
void art_judge_poor(struct art *t, struct article *ret);
void art_warn(struct article *ret, const char *word);

/* ---- art_ld.c */
/* Finds articleBody in JSON-LD and gives each unit its `match`. */
void art_match_ld(struct art *t);

/* ---- art_root.c */
uint32_t art_find_root(struct art *t);
/* Sets `lead`. */
void art_find_lead(struct art *t);

/* ---- art_clean.c */
/* Sets `drop` of nodes and units below the root. */
void art_clean(struct art *t);

/* ---- art_build.c */
/* Content as a document of its own (its body), the text, the Markdown. */
void art_build(struct art *t, struct article *ret);

#endif
