#include "base/first.h"
#include "base/utf8.h"
#include "html/charset.h"
#include "html/dom.h"
#include "html/dom_gumbo.h"
#include "html/guard.h"

static struct str decode(struct arena *a, struct str bytes, const struct dom_opts *o, struct str *ret_charset)
{
	struct charset c = { .name = STR("UTF-8") };
	if (o->utf8)
		c.skip = str_starts(bytes, STR("\xEF\xBB\xBF")) ? 3 : 0;
	else
		c = charset_detect(bytes, o->content_type);
	*ret_charset = c.name;
	return charset_decode(a, str_from(bytes, c.skip), c.name);
}

/* One paragraph of text: what is left of a page that only attacks the parser. */
static struct dom *bare_document(struct arena *a, struct str text)
{
	struct dom_build *b = dom_build_new(a, 8, 0);
	build_open(b, TAG_HTML);
	build_open(b, TAG_HEAD);
	build_close(b);
	build_open(b, TAG_BODY);
	build_open(b, TAG_PRE);
	build_text(b, guard_bare_text(a, text));
	struct dom *d = build_done(b);
	d->quirks = QUIRKS_FULL;
	d->flattened = true;
	return d;
}

int dom_parse(struct arena *a, struct str bytes, const struct dom_opts *o, struct dom **ret_dom, struct err *e)
{
	static const struct dom_opts none;
	struct str charset;
	if (!o)
		o = &none;
	size_t max = o->bytes_max ? o->bytes_max : DOM_BYTES_MAX;
	if (bytes.n > max)
		return err_set(e, E_LIMIT, "document of %zu bytes, at most %zu are parsed", bytes.n, max);
	struct str text = decode(a, bytes, o, &charset);
	bool tamed;
	struct dom *d = dom_gumbo_parse(a, guard_tame(a, text, &tamed), o->fragment);
	if (!d)
		d = bare_document(a, text);
	d->flattened |= tamed;
	d->source = text;
	d->charset = charset;
	*ret_dom = d;
	return 0;
}
