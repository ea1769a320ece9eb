/* A parsed document and what extraction needs beside it, made on first need and kept. */
#ifndef KRYFTO_EXTRACT_DOC_H
#define KRYFTO_EXTRACT_DOC_H

#include "html/base.h"
#include "html/meta.h"
#include "html/selector.h"

struct doc {
	struct arena *arena;
	struct dom *dom;
	struct base_url base;
	struct str url, robots_tag; /* NULL: unknown */
	bool is_text;
	/* of the getters below */
	struct matcher *matcher_made;
	struct meta *meta_made;
};

struct doc_opts {
	struct str body;
	bool is_text;        /* plain UTF-8 text: becomes the only text node of <body> */
	bool utf8;           /* markup that is UTF-8 already */
	struct str charset;  /* a Content-Type header or a label; NULL: unknown */
	struct str url, robots_tag;
};

/* `o->body` must outlive the document. E_LIMIT. */
int doc_open(struct arena *a, const struct doc_opts *o, struct doc *ret, struct err *e);
struct matcher *doc_matcher(struct doc *d);
const struct meta *doc_meta(struct doc *d);

/* Text as scripts trim it: white space of Unicode and the byte order mark (ECMA-262 String.prototype.trim). */
struct str trim_unicode(struct str s);

#endif
