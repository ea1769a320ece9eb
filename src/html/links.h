/* The links of a page. */
#ifndef KRYFTO_HTML_LINKS_H
#define KRYFTO_HTML_LINKS_H

#include "base/vec.h"
#include "html/base.h"
#include "json/writer.h"

enum link_rel {
	LINK_NOFOLLOW = 1, /* by rel, or by the page's robots meta */
	LINK_UGC = 2,
	LINK_SPONSORED = 4,
	LINK_NOOPENER = 8,
};

struct link {
	const struct node *node;
	const char *kind;     /* "a" "area" "link" "iframe" "frame" */
	struct str url;       /* resolved, as the URL Standard serialises it */
	struct str href;      /* as written, trimmed */
	struct str text;      /* of the element; of an image link its alt text; squeezed */
	struct str title;
	struct str rel;       /* as written; p NULL when absent */
	struct str hreflang;  /* p NULL when absent */
	struct str type, media, sizes, download, target; /* likewise */
	unsigned flags;       /* enum link_rel */
	bool http;            /* the scheme is http or https */
	bool internal;        /* same origin as the document; false when its URL is unknown */
};

struct link_list {
	struct link *at;
	size_t n, cap;
};

#define LINKS_MAX 100000

enum {
	LINKS_NO_TEXT = 1,  /* leave text empty: cheaper, for crawling */
	LINKS_HTTP_ONLY = 2,
	LINKS_ANCHORS = 4,  /* a and area only */
};
/* In document order, without duplicates removed. Hrefs that are no URL are left out. */
void links_collect(
	struct arena *a, const struct dom *d, const struct base_url *b, unsigned flags, struct link_list *ret);
/* [{"url","href","tag","text","nofollow","ugc","sponsored","internal",…}]; title, rel, hreflang, type, media, sizes,
 * download and target only where the page has them. */
void links_write(struct jw *w, const struct link_list *l);

#endif
