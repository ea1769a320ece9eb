/* The URL that a document's links are relative to. */
#ifndef KRYFTO_HTML_BASE_H
#define KRYFTO_HTML_BASE_H

#include "html/dom.h"
#include "url/url.h"

struct base_url {
	struct arena *arena;
	bool known;      /* false: neither a usable document URL nor a usable <base> */
	struct url url;  /* base of all links */
	bool page_known;
	struct url page; /* URL of the document itself */
	/* The base in pieces, for references that need no parsing; p NULL when it is not http(s). */
	struct str scheme, origin, dir, href;
};

/* `page` is the document's URL, a NULL slice when unknown; the first <base href> is resolved against it. */
void base_url_init(struct base_url *b, struct arena *a, const struct dom *d, struct str page);
/* Resolves; a NULL slice for what is no URL (or is relative and the base is unknown). */
struct str base_url_resolve(const struct base_url *b, struct str href);

#endif
