/* Gumbo behind our own tree. Internal to html. */
#ifndef KRYFTO_HTML_DOM_GUMBO_H
#define KRYFTO_HTML_DOM_GUMBO_H

#include "html/dom.h"

/* Parses UTF-8 text that the guard let through. NULL when the budget of time or memory was spent. Gumbo's own memory is
 * gone at return. */
struct dom *dom_gumbo_parse(struct arena *a, struct str text, enum tag fragment);

#endif
