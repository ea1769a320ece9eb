/*
 * What stands between hostile bytes and Gumbo, whose time grows with the square of nesting depth, of attributes on a
 * tag, of unclosed formatting elements (each new paragraph opens them all again) and of attributes on repeated <body>
 * tags. The guard follows the stack of open elements over the text without building anything. Nearly every page passes
 * as it is; what would be costly is written anew with end tags put in where the standard's limits are met and
 * formatting and attributes beyond the caps left out. Pages are never refused. Internal to html.
 *
 * A text made to mislead the guard is caught later: Gumbo runs under a budget of time and memory (dom_gumbo.c).
 */
#ifndef KRYFTO_HTML_GUARD_H
#define KRYFTO_HTML_GUARD_H

#include "base/buf.h"

/* The text that Gumbo may see: `text` itself, or a tamed copy (then *ret_tamed is set). */
struct str guard_tame(struct arena *a, struct str text, bool *ret_tamed);
/* The text without its tags, comments and raw text: what is left to read when nothing else helps. */
struct str guard_bare_text(struct arena *a, struct str text);

#endif
