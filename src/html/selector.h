/*
 * CSS selectors: compiled once, matched from right to left.
 *
 * Language: Selectors Level 4 as far as a document at rest allows, and the extensions jQuery made known:
 * :first :last :eq(n) :nth(n) :lt(n) :gt(n) :even :odd (positions among all matches of what stands before them),
 * :contains("text") :icontains("text"), :header, :parent, :input, :button, :text, :checkbox and the other input
 * types, [a!=b]. Pseudo-classes that need a user (:hover, :focus, :visited …) are valid and match nothing;
 * pseudo-elements likewise. Anything else that is unknown is an error, as the standard wants.
 *
 * Results are elements in document order, each once. Template contents are never matched.
 */
#ifndef KRYFTO_HTML_SELECTOR_H
#define KRYFTO_HTML_SELECTOR_H

#include "base/vec.h"
#include "html/dom.h"

#define SELECTOR_BYTES_MAX (16 * KiB)
#define SELECTOR_PARTS_MAX 2048 /* simple selectors in one list */
#define SELECTOR_DEPTH_MAX 32   /* of functions in functions */

struct selector; /* usable with any document, by one thread at a time */

/* E_INVALID with the byte offset in the words ("…at 12: …"), E_LIMIT when too long. The text is not kept. */
int selector_compile(struct arena *a, struct str text, struct selector **ret, struct err *e);

struct node_list {
	const struct node **at;
	size_t n, cap;
};

/*
 * The document's indexes (ids, classes, tags) and caches, made on first need and kept for further selectors.
 * `a` must live as long.
 */
struct matcher;
struct matcher *matcher_new(struct arena *a, const struct dom *d);

/* All descendants of `root` that match; `root` is :scope, and NULL means the document (then :scope is the root
 * element). `limit` 0: no limit. E_LIMIT when the work passed the budget (a selector bomb). */
int selector_all(struct matcher *m, const struct selector *s, const struct node *root, size_t limit,
	struct node_list *ret, struct err *e);
/* The first one, or NULL. */
int selector_first(struct matcher *m, const struct selector *s, const struct node *root, const struct node **ret,
	struct err *e);
/* Whether `n` itself matches (positional extensions count among the whole document). */
int selector_matches(struct matcher *m, const struct selector *s, const struct node *n, bool *ret, struct err *e);

#endif
