/*
 * HTML to Markdown: CommonMark 0.31 with the GitHub extensions for tables, strikethrough, task lists and
 * footnotes, and `$…$` around TeX.
 *
 * What CommonMark can say is written so that a CommonMark renderer gives the same elements back: text is escaped
 * where (and only where) it would be read as markup, white space at the edges of emphasis moves outside, and each
 * pair of delimiters is checked against CommonMark's own matching rules; a pair that could not be read back is
 * written as a tag. Inline HTML is otherwise used for sup, sub and kbd only, block HTML for details.
 *
 * Scripts, styles, templates, form controls and what is marked as hidden are left out. The walk is iterative; time
 * is linear in the nodes; quotes and lists beyond MARKDOWN_NEST levels are written at that level, so that the prefixes
 * of lines stay short. docs/internals/markdown.md tells the rules.
 */
#ifndef KRYFTO_HTML_MARKDOWN_H
#define KRYFTO_HTML_MARKDOWN_H

#include "html/base.h"

#define MARKDOWN_NEST 20

struct markdown_opts {
	const struct base_url
		*base; /* links and images are resolved against it; NULL or not known: written as they stand */
	bool no_links;               /* the text of links only */
	bool no_images;
};

/* Appends the Markdown of `n` (an element, or the document) to `out`, ending in one line feed unless it is empty.
 * `o` may be NULL. Scratch memory comes from `a`. */
void markdown_write(struct arena *a, const struct dom *d, const struct node *n, const struct markdown_opts *o,
	struct buf *out);
struct str markdown_of(struct arena *a, const struct dom *d, const struct node *n, const struct markdown_opts *o);

#endif
