#include "base/first.h"
#include "base/utf8.h"
#include "html/dom.h"
#include "html/dom_gumbo.h"

int dom_parse(struct arena *a, struct str bytes, const struct dom_opts *o, struct dom **ret_dom, struct err *e)
{
	static const struct dom_opts none;
	if (!o)
		o = &none;
	size_t max = o->bytes_max ? o->bytes_max : DOM_BYTES_MAX;
	if (bytes.n > max)
		return err_set(e, E_LIMIT, "document of %zu bytes, at most %zu are parsed", bytes.n, max);
	struct str text = utf8_clean(a, bytes);
	struct dom *d = dom_gumbo_parse(a, text, o->fragment);
	d->source = text;
	*ret_dom = d;
	return 0;
}
