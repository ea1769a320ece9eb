/*
 * The document: a compact, read-only tree.
 *
 * All nodes of a document lie in ONE array in document order (a parent before its children), so
 *   - comparing two node pointers compares document order;
 *   - the subtree of `n` is the range [n, n + n->size), and "contains" is two comparisons;
 *   - walking a subtree is `for (const struct node *x = n; x < node_end(n); x++)`, and
 *     `x += x->size` jumps over one.
 * Links are distances inside that array. Nobody edits a tree; who wants another tree builds one
 * (struct dom_build below) while walking the first.
 *
 * Lifetime: everything lives in the arena given at the parse; text and attribute values may point
 * into the source bytes, which must therefore live as long (dom_parse() says when it copies).
 *
 * Limits: DOM_DEPTH_MAX open elements (deeper ones become siblings there, as in browsers),
 * DOM_ATTRS_MAX attributes an element (further ones are dropped), the byte size given at the parse.
 * Cost is linear in the bytes whatever they are; see docs/internals/html.md.
 *
 * Sources: HTML Living Standard (parsing: section 13.2), DOM Standard (names as there).
 */
#ifndef KRYFTO_HTML_DOM_H
#define KRYFTO_HTML_DOM_H

#include "base/buf.h"
#include "base/err.h"

#define DOM_DEPTH_MAX 512
#define DOM_ATTRS_MAX 512
#define DOM_BYTES_MAX (32 * MiB) /* of one document, when the caller states nothing */

enum node_type {
	NODE_DOCUMENT,
	NODE_ELEMENT,
	NODE_TEXT,
	NODE_COMMENT,
	NODE_DOCTYPE,
	NODE_FRAGMENT, /* the contents of a <template>: its only child; walks over text leave it out */
};

enum node_ns { NS_HTML, NS_SVG, NS_MATHML };

enum node_flag {
	NODE_LAST = 1,    /* no sibling follows */
	NODE_IMPLIED = 2, /* has no start tag in the source (html, head, body, tbody …) */
};

/* Elements of the HTML vocabulary and a few others; any other name has a number >= TAG_KNOWN_N that holds in its
 * document only (dom_tag_name() tells the name). Names are compared with their namespace aside: an SVG <a> is TAG_A. */
enum tag {
	TAG_NONE,
#define TAG(e, name) TAG_##e,
#include "html/names.def"
#undef TAG
	TAG_KNOWN_N
};

enum attr_name {
	ATTR_NONE,
#define ATTR(e, name) ATTR_##e,
#include "html/names.def"
#undef ATTR
	ATTR_KNOWN_N
};

struct attr {
	uint32_t name; /* enum attr_name, or a number of this document */
	uint32_t n;    /* bytes of the value */
	const char *p;
};

struct node {
	uint8_t type; /* enum node_type */
	uint8_t ns;   /* enum node_ns, elements only */
	uint8_t flags;
	uint8_t unused;
	uint32_t up;   /* distance to the parent; 0: none */
	uint32_t size; /* nodes of the subtree, this one included */
	uint32_t back; /* distance to the previous sibling; 0: none */
	union {
		const struct attr *attrs; /* of an element */
		const char *text;         /* of text and comment: the data; of a doctype: its name */
	};
	uint32_t n;   /* attributes, or bytes of text */
	uint32_t tag; /* of an element */
};

enum dom_quirks { QUIRKS_NO, QUIRKS_LIMITED, QUIRKS_FULL };

struct dom {
	const struct node *nodes; /* nodes[0] is the document */
	uint32_t n;
	uint32_t elements;        /* how many nodes are elements */
	enum dom_quirks quirks;
	struct str public_id, system_id; /* of the doctype */
	struct str charset;       /* name of the encoding the bytes were read in, e.g. "UTF-8" */
	struct str source;        /* the document as UTF-8 */
	bool flattened;           /* some limit was met: depth, attributes, or the simple tree builder was used */
	const struct str *tag_names;  /* of numbers from TAG_KNOWN_N on */
	const struct str *attr_names; /* of numbers from ATTR_KNOWN_N on */
	uint32_t tag_names_n, attr_names_n;
	const struct node *html, *head, *body; /* NULL when missing (frameset documents have no body) */
};

/* ---- parsing */

struct dom_opts {
	struct str content_type; /* value of the HTTP header, for its charset; NULL slice: none */
	bool utf8;               /* the bytes are UTF-8 text already (from JSON, say): look for no other charset */
	size_t bytes_max;        /* 0: DOM_BYTES_MAX */
	enum tag fragment;       /* parse as the contents of this element; 0: a whole document. The fragment's
	                            nodes are then children of a lone <html> below the document */
};

/* Never fails on what the bytes say: E_LIMIT for too many of them is the only error. `o` may be NULL. The
 * bytes must outlive the DOM. */
int dom_parse(struct arena *a, struct str bytes, const struct dom_opts *o, struct dom **ret_dom, struct err *e);

/* ---- names */

/* "div"; SVG names as SVG writes them ("foreignObject"). Empty for nodes that are not elements. */
struct str dom_tag_name(const struct dom *d, const struct node *n);
struct str dom_tag_number_name(const struct dom *d, uint32_t tag);
struct str dom_attr_name(const struct dom *d, const struct attr *at);
/* The number of a name in this document, 0 when no element (attribute) of it has it. Names are compared exactly. */
uint32_t dom_tag_number(const struct dom *d, struct str name);
uint32_t dom_attr_number(const struct dom *d, struct str name);

/* ---- moving about; every function takes any node and gives NULL for "none" */

static inline bool node_is_element(const struct node *n) { return n->type == NODE_ELEMENT; }
/* An element of the HTML namespace with this tag. */
static inline bool node_is(const struct node *n, uint32_t tag)
{
	return n->type == NODE_ELEMENT && n->tag == tag && n->ns == NS_HTML;
}
static inline const struct node *node_end(const struct node *n) { return n + n->size; }
static inline const struct node *node_parent(const struct node *n) { return n->up ? n - n->up : NULL; }
static inline const struct node *node_first(const struct node *n) { return n->size > 1 ? n + 1 : NULL; }
static inline const struct node *node_next(const struct node *n) { return n->flags & NODE_LAST ? NULL : n + n->size; }
static inline const struct node *node_prev(const struct node *n) { return n->back ? n - n->back : NULL; }
const struct node *node_last(const struct node *n); /* last child; costs one step a child */
/* `in` is `n` or an ancestor of it. */
static inline bool node_contains(const struct node *in, const struct node *n) { return n >= in && n < in + in->size; }
static inline struct str node_text(const struct node *n)
{
	return n->type == NODE_ELEMENT ? STR_NULL : (struct str){ n->text, n->n };
}
const struct node *node_parent_element(const struct node *n);
const struct node *node_first_element(const struct node *n);
const struct node *node_next_element(const struct node *n);
const struct node *node_prev_element(const struct node *n);
/* The nearest HTML element with this tag: `n` itself or an ancestor. */
const struct node *node_closest(const struct node *n, uint32_t tag);
/* The first HTML element with this tag below `n`, template contents left out. */
const struct node *node_find(const struct node *n, uint32_t tag);
/* Position in the document array: an index for side tables of d->n entries. */
static inline uint32_t dom_index(const struct dom *d, const struct node *n) { return (uint32_t)(n - d->nodes); }

/*
 * Depth-first with leave events, for who must act at end tags:
 *   for (struct walk w = walk_start(root); walk_next(&w);) { w.node, w.leave; … walk_skip(&w); }
 * Leave events come for elements, fragments and documents, also when their contents were skipped. With
 * `templates` false the contents of <template> are passed over.
 */
struct walk {
	const struct node *node, *root;
	bool leave, templates;
	bool started, skip;
};
static inline struct walk walk_start(const struct node *root) { return (struct walk){ .root = root }; }
bool walk_next(struct walk *w);
/* At an enter event: go to the node's leave event without its contents. */
static inline void walk_skip(struct walk *w) { w->skip = true; }

/* ---- attributes */

const struct attr *node_attr_at(const struct node *n, uint32_t name);
/* The value; a NULL slice when absent, an empty non-NULL one when empty. */
struct str node_attr(const struct node *n, enum attr_name name);
static inline bool node_has(const struct node *n, enum attr_name name) { return node_attr_at(n, name) != NULL; }
/* By text, for names that have no number of their own. */
struct str dom_attr(const struct dom *d, const struct node *n, struct str name);
/* `word` is one of the space-separated words of the attribute (ASCII case ignored when `nocase`). */
bool node_attr_has_word(const struct node *n, enum attr_name name, struct str word, bool nocase);
static inline bool node_has_class(const struct node *n, struct str word)
{
	return node_attr_has_word(n, ATTR_CLASS, word, false);
}
/* Cuts the next space-separated word off `*rest`; false when none is left. */
bool next_word(struct str *rest, struct str *ret_word);

/* ---- what elements are */

/* No contents and no end tag (area, br, img …). */
bool tag_is_void(uint32_t tag);
/* Displayed as a block by the standard's rendering rules, as far as tags alone say it. */
bool tag_is_block(uint32_t tag);
/* Contents are not shown to readers: head, script, style, template, fallbacks of media … */
bool tag_is_hidden(uint32_t tag);

/* ---- building: nodes are appended in document order */

struct dom_build;
/* `nodes`, `attrs`: how many are expected (both grow). */
struct dom_build *dom_build_new(struct arena *a, size_t nodes, size_t attrs);
/* Opens an element of a known tag, or by name. Follow with build_attr(), then contents, then build_close(). */
void build_open(struct dom_build *b, enum tag tag);
void build_open_name(struct dom_build *b, struct str name, enum node_ns ns);
/* Of the element just opened. Strings are not copied. A second attribute of a name is dropped. */
void build_attr(struct dom_build *b, enum attr_name name, struct str value);
void build_attr_name(struct dom_build *b, struct str name, struct str value);
void build_text(struct dom_build *b, struct str text); /* merged with text just before; not copied otherwise */
void build_comment(struct dom_build *b, struct str text);
void build_doctype(struct dom_build *b, struct str name, struct str public_id, struct str system_id);
void build_fragment(struct dom_build *b); /* template contents; close it too */
void build_close(struct dom_build *b);
/* Copies a subtree of another document. */
void build_copy(struct dom_build *b, const struct dom *from, const struct node *n);
size_t build_depth(const struct dom_build *b); /* open nodes, the document not counted */
/* Closes what is open and gives the finished document. The builder is spent. */
struct dom *build_done(struct dom_build *b);

/* ---- writing */

/* HTML fragment serialisation (HTML 13.3): with its own tag, or only the contents. */
void dom_outer_html(const struct dom *d, const struct node *n, struct buf *out);
void dom_inner_html(const struct dom *d, const struct node *n, struct buf *out);

#endif
