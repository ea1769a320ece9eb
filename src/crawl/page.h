/* A fetched body as text: what kind it is, in which encoding, and as the HTML page that is kept of it. */
#ifndef KRYFTO_CRAWL_PAGE_H
#define KRYFTO_CRAWL_PAGE_H

#include "base/arena.h"

enum page_kind {
	PAGE_HTML,   /* HTML, XHTML, XML */
	PAGE_TEXT,   /* plain text, JSON and their kind: markup in it is data */
	PAGE_BINARY, /* anything else */
};

struct page {
	enum page_kind kind;
	struct str type;    /* of `html`: "text/html", or for PAGE_BINARY "application/pdf" … */
	struct str text;    /* UTF-8; of PAGE_BINARY the bytes */
	struct str html;    /* what is kept: `text`, or for PAGE_TEXT the page a browser would make of it */
	struct str charset; /* that the bytes were read in */
};

/* `content_type`: the header's value, may be a NULL slice; then the bytes decide (MIME Sniffing Standard, what
 * little of it tells text, HTML, PDF and the rest apart). Results live in `a` or point at `body`, which is copied. */
void page_read(struct page *ret, struct arena *a, struct str body, struct str content_type);

#endif
