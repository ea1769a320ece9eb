#include "base/first.h"
#include "extract/doc.h"

#include "base/utf8.h"

static struct dom *text_dom(struct arena *a, struct str text)
{
	struct dom_build *b = dom_build_new(a, 8, 1);
	build_open(b, TAG_HTML);
	build_open(b, TAG_HEAD);
	build_close(b);
	build_open(b, TAG_BODY);
	build_text(b, utf8_clean(a, text));
	return build_done(b);
}

int doc_open(struct arena *a, const struct doc_opts *o, struct doc *ret, struct err *e)
{
	struct doc d = { .arena = a, .url = o->url, .robots_tag = o->robots_tag, .is_text = o->is_text };
	if (o->is_text) {
		d.dom = text_dom(a, o->body);
	} else {
		struct dom_opts how = { .utf8 = o->utf8, .content_type = o->charset };
		if (o->charset.p && str_chr(o->charset, '/') == STR_NPOS)
			how.content_type = arena_printf(a, "text/html; charset=%.*s", STR_FMT(o->charset));
		int rc = dom_parse(a, o->body, &how, &d.dom, e);
		if (rc < 0)
			return rc;
	}
	base_url_init(&d.base, a, d.dom, o->url);
	*ret = d;
	return 0;
}

struct matcher *doc_matcher(struct doc *d)
{
	if (!d->matcher_made)
		d->matcher_made = matcher_new(d->arena, d->dom);
	return d->matcher_made;
}

static bool is_script_space(uint32_t c)
{
	return c == ' ' || (c >= 9 && c <= 13) || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

struct str trim_unicode(struct str s)
{
	size_t i = 0;
	while (i < s.n) {
		size_t at = i;
		if (!is_script_space(utf8_next(s, &i))) {
			i = at;
			break;
		}
	}
	s = str_from(s, i);
	while (s.n) {
		size_t at = s.n - 1;
		while (at > 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80)
			at--;
		size_t next = at;
		if (!is_script_space(utf8_next(s, &next)) || next != s.n)
			break;
		s.n = at;
	}
	return s;
}
