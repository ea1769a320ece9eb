/* State of the walk that writes Markdown, shared by the files that treat kinds of elements. Internal to html. */
#ifndef KRYFTO_HTML_MD_WALK_H
#define KRYFTO_HTML_MD_WALK_H

#include "html/markdown.h"
#include "html/md_block.h"
#include "html/md_inline.h"
#include "html/md_notes.h"
#include "html/md_table.h"

/* What the end tag of an element must do. */
enum undo {
	UNDO_BLOCK,
	UNDO_HEADING,
	UNDO_SPAN,
	UNDO_LINK,
	UNDO_CODE,
	UNDO_BOX,
	UNDO_LIST,
	UNDO_TABLE,
	UNDO_CELL,
	UNDO_QUOTE,
	UNDO_PAREN,
	UNDO_DETAILS,
	UNDO_TERM,
	UNDO_DEFINITION,
	UNDO_NOTE
};

struct md_el {
	const struct node *node;
	uint8_t undo; /* enum undo */
	bool keep;    /* an empty box is written */
};

struct md_list {
	bool ordered, tight;
	char mark;
	int64_t next;
	const struct node *node;
};

struct md {
	struct arena *a;
	const struct dom *d;
	const struct markdown_opts *o;
	struct md_lines lines;
	struct md_inline inl;
	struct md_notes notes;
	VEC(struct md_el) els;
	VEC(struct md_list) lists;
	const struct node *root;
	const struct node *code;     /* the <code> we are in */
	struct md_table *table, *spare;
	bool in_cell;
	int heading;                 /* 1 … 6 */
	int terms, definitions, in_note;
};

/* Ends the paragraph (or whatever the collected text is). */
void md_flush(struct md *m);
/* At the edge of an element that is displayed as a block. */
void md_boundary(struct md *m);
/* Before blocks that cannot be part of a heading. */
void md_leave_heading(struct md *m);
/* `leave` events of `n` will undo this; the latest first. */
void md_push(struct md *m, const struct node *n, enum undo undo);
void md_push_block(struct md *m, const struct node *n);

/* ---- md_list.c */
void md_open_list(struct md *m, const struct node *n);
void md_close_list(struct md *m);
void md_open_item(struct md *m, const struct node *n);
void md_open_note(struct md *m, const struct node *n, uint32_t label);
void md_open_quote(struct md *m, const struct node *n);
void md_open_definition(struct md *m, const struct node *n);

/* ---- md_leaf.c */
void md_write_rule(struct md *m);
void md_write_pre(struct md *m, const struct node *n);
void md_write_image(struct md *m, const struct node *n);
/* Films, sounds and frames are links to what they would show. */
void md_write_embedded(struct md *m, const struct node *n);
void md_write_math(struct md *m, const struct node *n);
void md_write_details(struct md *m, const struct node *n);
/* False: leave the contents out. */
bool md_open_link(struct md *m, const struct node *n);
void md_close_link(struct md *m, const struct node *n);

#endif
