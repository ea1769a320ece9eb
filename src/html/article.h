/*
 * The main content of a page: what a reader came for, without navigation, advertising, comments of strangers on an
 * article, recommendations, consent dialogues and the like.
 *
 * The parts of the page are judged by structure (semantic elements, text and link density, punctuation, class and id
 * words), the best subtree is taken, siblings that continue it are joined, and what is inside is cleaned again. When
 * that gives little, weaker sources follow, and the result says which one it was (`source`). The page's kind is told
 * from its structure and from JSON-LD, OpenGraph and HTTP facts; see docs/internals/article.md.
 *
 * Time is linear in the nodes; nothing is fetched.
 */
#ifndef KRYFTO_HTML_ARTICLE_H
#define KRYFTO_HTML_ARTICLE_H

#include "html/meta.h"
#include "json/writer.h"

enum page_kind {
	PAGE_ARTICLE,
	PAGE_FORUM,   /* a thread of posts, questions and answers */
	PAGE_PRODUCT,
	PAGE_LISTING, /* mostly links to other pages */
	PAGE_DOCS,
	PAGE_OTHER,   /* has content of no kind above */
	PAGE_EMPTY,   /* a shell that a script would fill, or nothing at all */
	PAGE_BLOCKED, /* a challenge, a captcha, a refusal */
	PAGE_CONSENT, /* only a consent dialogue */
	PAGE_LOGIN,   /* only a login or subscription wall */
	PAGE_ERROR,   /* an error page, whatever the HTTP status said (a soft 404) */
};
/* "article", "forum", "product", "listing", "docs", "other", "empty", "blocked", "consent", "login", "error". */
const char *page_kind_name(enum page_kind k);

struct article_opts {
	const struct meta *meta;     /* already collected, or NULL: collected here */
	const struct base_url *base; /* NULL: links stay as they are written */
	int status;                  /* of the HTTP response, 0 when unknown */
	bool no_markdown;            /* leave `markdown` out */
};

struct article {
	struct str title, byline, excerpt, site_name, lang, dir, published; /* p NULL when unknown */
	struct str content;  /* HTML: elements and attributes of a short list only, no scripts, URLs resolved */
	struct str text;     /* paragraphs separated by a blank line; without captions of figures */
	struct str markdown; /* of `content` */
	size_t length;       /* characters of `text` */
	double coverage;     /* words of `text` by words that the whole page shows, 0..1 */
	enum page_kind kind;
	const char *source;  /* "scored" "semantic" "json-ld" "posts" "body" "none" */
	bool readable;       /* there is enough running text to call it an article */
	const char *warnings[8]; /* short stable words, e.g. "javascript-required"; n of them */
	size_t warnings_n;
};

/* Never fails on what the page says: an empty page gives empty texts and PAGE_EMPTY. `o` may be NULL. */
void article_extract(struct arena *a, const struct dom *d, const struct article_opts *o, struct article *ret);
/* One object: title, byline, excerpt, siteName, lang, dir, publishedTime, content, textContent, markdown, length,
 * coverage, pageKind, source, readable, warnings. Unknown members are null. */
void article_write(struct jw *w, const struct article *art);

#endif
