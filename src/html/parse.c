#include "base/first.h"
#include "base/utf8.h"
#include "html/charset.h"
#include "html/dom.h"
#include "html/dom_gumbo.h"

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
	struct dom *d = dom_gumbo_parse(a, text, o->fragment);
	d->source = text;
	d->charset = charset;
	*ret_dom = d;
	return 0;
}
