/* Footnotes of a page: which elements are notes, and which links refer to them. Internal to html. */
#ifndef KRYFTO_HTML_MD_NOTES_H
#define KRYFTO_HTML_MD_NOTES_H

#include "base/map.h"
#include "base/vec.h"
#include "html/dom.h"

struct md_note {
	const struct node *node; /* the <li> or <aside> */
	struct str id;
	uint32_t label;          /* from 1; 0: nothing refers to it */
};

struct md_notes {
	struct map by_id;        /* id → struct md_note */
	VEC(struct md_note *) in_order;
	size_t next;             /* for md_notes_def() */
};

/* Looks through the subtree of `root`: containers by class ("footnotes", "references" …) or role, their items by id.
 * Only items that a link elsewhere refers to are notes. */
void md_notes_find(struct arena *a, const struct node *root, struct md_notes *ret);
/* The label that a link refers to, 0 when it is no such link. */
uint32_t md_notes_ref(const struct md_notes *s, const struct node *link);
/* The label of an element that is a note, 0 for others. Ask in document order. */
uint32_t md_notes_def(struct md_notes *s, const struct node *n);
/* A link inside a note that leads back to the text. */
bool md_notes_is_back(const struct node *link, struct str text);

#endif
