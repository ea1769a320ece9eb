/* Parts of a page that stand in Markdown as they are: program text and mathematics. Internal to html. */
#ifndef KRYFTO_HTML_MD_CODE_H
#define KRYFTO_HTML_MD_CODE_H

#include "html/dom.h"

/* The language that classes or data attributes of the <pre>, its <code> or its wrappers name; else a NULL slice. */
struct str code_language(const struct node *pre);
/* The text of a <pre>: <br> and blocks as line feeds; line numbers, buttons and hidden parts left out. */
void code_text(struct arena *a, const struct node *pre, struct buf *out);

/* The element shows a formula (MathML, or what KaTeX, MathJax and MediaWiki make of TeX). */
bool math_is(const struct node *n);
/* Appends TeX for it: the annotation that came with it, else a reading of the MathML. True for display style. */
bool math_tex(struct arena *a, const struct dom *d, const struct node *n, struct buf *out);

#endif
