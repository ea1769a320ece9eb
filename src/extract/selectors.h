/*
 * Selectors mode: a map of names to selectors in, an object of the same names out.
 *
 *   "all:" S       array of every match, empty ones dropped
 *   S "::attr(n)"  the attribute's value instead of the text
 *   S "::html"     the inner HTML, not trimmed
 *   S              text of the first match, trimmed; null when there is none or it is empty
 *
 * Prefix and suffix combine. Source: the published server's behaviour.
 */
#ifndef KRYFTO_EXTRACT_SELECTORS_H
#define KRYFTO_EXTRACT_SELECTORS_H

#include "extract/doc.h"
#include "json/writer.h"

#define SELECTORS_MAX 1000        /* names in one map */
#define SELECTORS_MATCHES_MAX 100000 /* items of one array */

/* Elements inside each other repeat their text: bytes of one array. */
#define SELECTORS_BYTES_MAX (64 * MiB)

enum pick_kind { PICK_TEXT, PICK_ATTR, PICK_HTML };

/* One entry, taken apart and compiled. */
struct pick {
	bool all;
	enum pick_kind kind;
	struct str attr;
	struct selector *selector;
};

/* E_INVALID or E_LIMIT with words about the selector. */
int pick_compile(struct arena *a, struct str text, struct pick *ret, struct err *e);
/* What one matched element gives: NULL slice for a missing attribute. */
struct str pick_value(struct doc *d, const struct pick *p, const struct node *n);
/* Writes the value of an entry: null, a string or an array of them. `root` NULL: the whole document. */
int pick_write(struct doc *d, const struct pick *p, const struct node *root, struct jw *w, struct err *e);

/* `map`: an object of strings. Writes the object. The words of an error name the key: "selectors.price: …". */
int selectors_write(struct doc *d, const struct json *map, struct jw *w, struct err *e);

#endif
