/*
 * Lines and blocks of the Markdown that is written: quotes and list items as prefixes of lines, and the blank lines
 * that must, may not or need not stand between two blocks. Internal to html.
 */
#ifndef KRYFTO_HTML_MD_BLOCK_H
#define KRYFTO_HTML_MD_BLOCK_H

#include "base/buf.h"
#include "html/markdown.h"

enum md_block {
	MB_NONE,
	MB_PARAGRAPH,
	MB_HEADING,
	MB_CODE,
	MB_QUOTE,
	MB_LIST,
	MB_ITEM,
	MB_TABLE,
	MB_RULE,
	MB_HTML,
	MB_TERM
};

/* What is around the current block. Its marker stands on its first line, `indent` spaces (or "> ") on the others. */
struct md_box {
	bool quote;
	bool tight;   /* of a list item: no blank lines within */
	bool started; /* the marker is written */
	uint8_t indent;
	uint8_t marker_n;
	char marker[20];
	char bullet;  /* of an item: the list's marker character */
	enum md_block kind; /* what the box is to its surroundings: MB_QUOTE, MB_ITEM, MB_PARAGRAPH */
};

struct md_lines {
	struct buf *out;
	size_t start;    /* of our output in `out` */
	struct md_box boxes[MARKDOWN_NEST];
	size_t depth;
	size_t beyond;   /* boxes not opened because there were too many */
	enum md_block prev; /* the block before, in the same box */
	char prev_list;  /* marker character of the list just before, 0 when another block stands there */
	int gap;         /* line ends before the next block: 0, 1, 2 */
	bool interrupts; /* of the list to come: it may interrupt a paragraph */
	bool list;       /* `gap` is set for the list whose first item comes next */
};

void lines_init(struct md_lines *m, struct buf *out);
/* Everything until the next call is the block. Writes what separates it from the one before, and its first prefix. */
void lines_block(struct md_lines *m, enum md_block kind);
/* The next line of the same block. */
void lines_next(struct md_lines *m);
/* An empty line of the same block (within code). */
void lines_blank(struct md_lines *m);
/* Opens a box. Pair every call with lines_pop(), whose `keep` says whether an empty one is written. */
void lines_push(struct md_lines *m, const struct md_box *box);
void lines_pop(struct md_lines *m, bool keep);
/* Before the first item: the separation that the list as a whole needs. */
void lines_list(struct md_lines *m, bool may_interrupt);
/* The innermost open list item's bullet when its marker is not written yet, else 0. */
char lines_pending_bullet(const struct md_lines *m);
static inline bool lines_at_top(const struct md_lines *m) { return m->depth == 0; }
/* The innermost box waits for its first block. */
static inline bool lines_fresh(const struct md_lines *m) { return m->depth && !m->boxes[m->depth - 1].started; }

#endif
