#include "base/first.h"
#include "extract/selectors.h"

#include "html/text.h"

/* Cuts "::html" or "::attr(name)" off the end. */
static void cut_suffix(struct str *text, struct pick *p)
{
	static const struct str html = STR_INIT("::html"), attr = STR_INIT("::attr(");
	p->kind = PICK_TEXT;
	if (str_ends(*text, html)) {
		p->kind = PICK_HTML;
		text->n -= html.n;
		return;
	}
	if (!text->n || text->p[text->n - 1] != ')')
		return;
	/* The last "::attr(" whose parenthesis is the closing one. */
	size_t open = str_rchr(*text, '(');
	if (open == STR_NPOS || open + 1 < attr.n || !str_eq(str_sub(*text, open + 1 - attr.n, attr.n), attr))
		return;
	p->kind = PICK_ATTR;
	p->attr = str_trim(str_sub(*text, open + 1, text->n - open - 2));
	text->n = open + 1 - attr.n;
}

static struct str lower(struct arena *a, struct str s)
{
	struct str out = arena_str(a, s);
	for (size_t i = 0; i < out.n; i++)
		((char *)out.p)[i] = (char)to_lower(out.p[i]);
	return out;
}

int pick_compile(struct arena *a, struct str text, struct pick *ret, struct err *e)
{
	struct pick p = { 0 };
	struct str s = str_trim(text);
	if (str_starts(s, STR("all:"))) {
		p.all = true;
		s = str_from(s, 4);
	}
	cut_suffix(&s, &p);
	s = str_trim(s);
	if (!s.n)
		return err_set(e, E_INVALID, "the selector is empty");
	if (p.kind == PICK_ATTR && !p.attr.n)
		return err_set(e, E_INVALID, "::attr() needs the name of an attribute");
	if (p.kind == PICK_ATTR)
		p.attr = lower(a, p.attr);
	int rc = selector_compile(a, s, &p.selector, e);
	if (rc == 0)
		*ret = p;
	return rc;
}

struct str pick_value(struct doc *d, const struct pick *p, const struct node *n)
{
	struct buf html;
	switch (p->kind) {
	case PICK_ATTR:
		return dom_attr(d->dom, n, p->attr);
	case PICK_HTML:
		buf_init(&html, d->arena, 0);
		dom_inner_html(d->dom, n, &html);
		return buf_str(&html);
	case PICK_TEXT:
		break;
	}
	return trim_unicode(text_content_of(d->arena, n));
}

int pick_write(struct doc *d, const struct pick *p, const struct node *root, struct jw *w, struct err *e)
{
	struct node_list found = { 0 };
	if (!p->all) {
		const struct node *n = NULL;
		int rc = selector_first(doc_matcher(d), p->selector, root, &n, e);
		if (rc < 0)
			return rc;
		struct str v = n ? pick_value(d, p, n) : STR_NULL;
		/* An attribute that is there and empty says something; empty text does not. */
		jw_str(w, v.n || p->kind == PICK_ATTR ? v : STR_NULL);
		return 0;
	}
	int rc = selector_all(doc_matcher(d), p->selector, root, SELECTORS_MATCHES_MAX, &found, e);
	if (rc < 0)
		return rc;
	size_t bytes = 0;
	jw_array(w);
	for (size_t i = 0; i < found.n; i++) {
		struct str v = pick_value(d, p, found.at[i]);
		bytes += v.n;
		if (bytes > SELECTORS_BYTES_MAX)
			return err_set(e, E_LIMIT, "the matches hold more than %zu bytes", SELECTORS_BYTES_MAX);
		if (v.n)
			jw_str(w, v);
	}
	jw_end_array(w);
	return 0;
}

static int entry_write(struct doc *d, const struct json_member *m, struct jw *w, struct err *e)
{
	struct err why = { 0 };
	struct pick p;
	int rc = 0;
	if (!json_is(m->value, J_STRING))
		rc = err_set(&why, E_INVALID, "must be a string, is %s", json_kind_name(m->value));
	if (rc == 0)
		rc = pick_compile(d->arena, m->value->s, &p, &why);
	if (rc == 0) {
		jw_key_str(w, m->name);
		rc = pick_write(d, &p, NULL, w, &why);
	}
	if (rc < 0)
		return err_set(e, rc, "selectors.%.*s: %s", (int)MIN(m->name.n, (size_t)80), m->name.p, why.words);
	return 0;
}

int selectors_write(struct doc *d, const struct json *map, struct jw *w, struct err *e)
{
	int rc = 0;
	if (!json_is(map, J_OBJECT))
		return err_set(e, E_INVALID, "selectors: must be an object of selectors");
	if (map->n > SELECTORS_MAX)
		return err_set(e, E_LIMIT, "selectors: %u names; %d are allowed", map->n, SELECTORS_MAX);
	jw_object(w);
	for (size_t i = 0; rc == 0 && i < map->n; i++)
		rc = entry_write(d, &map->members[i], w, e);
	jw_end_object(w);
	return rc;
}
