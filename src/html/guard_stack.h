/*
 * The tree builder's stack of open elements and list of active formatting elements (HTML 13.2.4), kept without making a
 * tree: enough to know how deep and how costly Gumbo's work would become. Internal to html.
 */
#ifndef KRYFTO_HTML_GUARD_STACK_H
#define KRYFTO_HTML_GUARD_STACK_H

#include "html/dom.h"
#include "html/guard_lex.h"

#define GUARD_DEPTH (DOM_DEPTH_MAX - 4) /* room for what the tree builder implies: html, body, tbody, tr */
#define GUARD_FORMATTING 40             /* entries of the formatting list, of all open cells together */

struct guard_open {
	uint32_t tag;    /* enum tag, or a hash beyond it */
	struct str name; /* as written, of unknown tags */
	int16_t special; /* nearest element at or below that stops an unknown end tag */
	bool foreign, integration; /* an SVG or MathML element; one whose contents are HTML again */
	bool marked;     /* the formatting list has a marker for it */
};

struct guard_format {
	uint32_t tag;  /* 0: a marker */
	uint64_t hash; /* of the attributes */
	int open;      /* place on the stack, -1: not there */
};

struct guard_stack {
	struct guard_open open[DOM_DEPTH_MAX + 8];
	int n;
	struct guard_format format[GUARD_FORMATTING + 1];
	int formats;
	uint16_t count[TAG_KNOWN_N]; /* open elements by known tag, markers of foreign ones aside */
	bool too_deep;     /* a push found the stack full */
	bool too_many;     /* the formatting list was full */
	uint64_t work;     /* elements that scans of the stack pass, an upper bound */
	uint64_t recreated; /* elements made again by reconstruction */
};

enum guard_class {
	GUARD_VOID = 1,
	GUARD_FORMAT = 2,
	GUARD_SPECIAL = 4,
	GUARD_CLOSES_P = 8,
	GUARD_SCOPE = 16,
	GUARD_RAW = 32,
	GUARD_MARKER = 64,
	GUARD_HEADING = 128,
	GUARD_TABLE = 256, /* cells, rows, row groups, caption, column groups */
};
unsigned guard_class_of(uint32_t tag);

void guard_stack_init(struct guard_stack *g);
/* Number of a tag's name, in lower case. */
uint32_t guard_tag_number(struct str name);
/* True when the contents of this start tag are raw text (or plaintext). */
bool guard_start(struct guard_stack *g, const struct guard_tag *t, uint32_t tag);
void guard_end(struct guard_stack *g, uint32_t tag);
/* Text came: formatting elements are made again. */
void guard_text(struct guard_stack *g);
bool guard_in_foreign(const struct guard_stack *g);
/* Forgets the topmost element and the topmost formatting entry: what an end tag written for them does. */
void guard_drop_top(struct guard_stack *g);
void guard_drop_format(struct guard_stack *g);

#endif
