/* What a page says about itself. */
#ifndef KRYFTO_HTML_META_H
#define KRYFTO_HTML_META_H

#include "html/base.h"
#include "json/writer.h"

struct meta_opts {
	struct str url;          /* of the page; NULL slice: unknown */
	struct str x_robots_tag; /* the header's values, joined by line feeds; NULL slice: none */
};

/* Plain members hold a NULL slice when the page says nothing. Texts are squeezed, URLs resolved. */
struct meta {
	struct str title, description, canonical, lang, dir, site_name, author, published, modified, image, favicon,
		charset, keywords, generator, theme_color, type, section, amp, manifest, next, prev, h1;
	struct str published_raw, modified_raw; /* as written; published and modified are ISO 8601 when understood */
	const struct json *og, *twitter;        /* objects of strings, names without prefix, the first of several */
	const struct json *repeated; /* object of arrays: the og:… and twitter:… that have several values */
	const struct json *article;             /* object: article:…; several values of a name make an array */
	const struct json *json_ld;             /* array of objects as written, arrays taken apart */
	const struct json *entities;            /* array: the same with each @graph taken apart */
	const struct json *microdata, *rdfa;    /* arrays of {"type":[…],"id"?,"properties":{name:[…]}} */
	const struct json *dublin_core;         /* object */
	const struct json *feeds;               /* [{"url","type","title"}] */
	const struct json *hreflang;            /* [{"lang","url"}] */
	const struct json *authors, *tags;      /* arrays of strings */
	const struct json *icons;               /* [{"url","rel","sizes","type"}] */
	const struct json *robots;              /* {"index":bool,"follow":bool, …, "directives":[…]} */
	bool noindex, nofollow;
};

void meta_collect(struct arena *a, const struct dom *d, const struct base_url *b, const struct meta_opts *o,
	struct meta *ret);
/* One object; members without a value are left out, og, twitter and json_ld are always there. */
void meta_write(struct jw *w, const struct meta *m);

/* A date as people and machines write it → ISO 8601 ("2024-03-08" or "2024-03-08T10:00:00Z" / with offset); a NULL
 * slice when it is none. */
struct str date_iso(struct arena *a, struct str s);

#endif
