/* The text of a page or of a part of it. */
#ifndef KRYFTO_HTML_TEXT_H
#define KRYFTO_HTML_TEXT_H

#include "html/dom.h"

/* DOM textContent: all text below, scripts too, template contents not. */
void text_content(const struct node *n, struct buf *out);
/* The same as a slice; without a copy when there is only one text node. */
struct str text_content_of(struct arena *a, const struct node *n);

/*
 * What a reader would see, in the manner of innerText (HTML section 3.2.7): white space collapsed except in
 * <pre> and <textarea>, blocks on lines of their own, a blank line around paragraphs, cells of a row
 * separated by a tab, <br> as a line feed. Scripts, styles, [hidden] and inline display:none are left out.
 */
void text_visible(const struct node *n, struct buf *out);
struct str text_visible_of(struct arena *a, const struct node *n);

/* `s` with runs of white space (no-break space included) as one space, ends trimmed. */
struct str text_squeeze(struct arena *a, struct str s);
/* text_content() squeezed: for titles, captions, labels. */
struct str text_line(struct arena *a, const struct node *n);

/* The element is marked as not shown: [hidden], inline display:none or visibility:hidden, <input type=hidden>. */
bool node_is_hidden(const struct node *n);

#endif
