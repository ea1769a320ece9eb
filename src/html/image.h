/* Images as a reader would see them. */
#ifndef KRYFTO_HTML_IMAGE_H
#define KRYFTO_HTML_IMAGE_H

#include "html/dom.h"

/* The address of an <img>, past the tricks of lazy loading: src, data-src and its kin, the first of srcset. Empty when
 * there is none, a NULL slice when there is only a data: URL. */
struct str image_source(const struct node *img);
/* Declared to be at most one pixel large. */
bool image_is_pixel(const struct node *img);

#endif
