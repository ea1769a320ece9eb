/*
 * Pages that are only a shell for their scripts: next to no text of their own, scripts, and an empty place to put what
 * the scripts make, or a word that JavaScript is needed. Such a page wants a browser.
 */
#ifndef KRYFTO_CRAWL_SHELL_H
#define KRYFTO_CRAWL_SHELL_H

#include "base/str.h"

#define SHELL_TEXT_MAX 200 /* characters of visible text; more is content */

/* A scan over the bytes, linear, without a tree: the decision costs microseconds and trusts nothing. */
bool page_is_shell(struct str html);

#endif
