/* Everything that is read off a page: metadata, links, forms, dates, JSON-LD; what is written is JSON. */
#include "base/first.h"
#include "html/forms.h"
#include "html/json_ld.h"
#include "html/links.h"
#include "html/meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must_be_json(struct arena *a, struct buf *out)
{
	const struct json *v;
	static const struct json_limits limits = { .nul = true }; /* a header may hold anything here */
	if (json_parse(a, buf_str(out), &limits, &v, NULL) == E_INVALID)
		abort();
	buf_clear(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;
	struct dom *d;
	struct base_url b;
	struct meta m;
	struct link_list l;
	struct buf out;
	struct jw w;
	struct str s = { (const char *)data, n };
	if (n > 64 * KiB)
		return 0;
	arena_init(&a, 0);
	buf_init(&out, &a, 0);
	dom_parse(&a, s, NULL, &d, NULL);
	base_url_init(&b, &a, d, STR("http://example.com/a/b"));
	meta_collect(&a, d, &b, &(struct meta_opts){ .x_robots_tag = str_sub(s, 0, 200) }, &m);
	jw_init(&w, &out);
	meta_write(&w, &m);
	must_be_json(&a, &out);
	links_collect(&a, d, &b, 0, &l);
	jw_init(&w, &out);
	links_write(&w, &l);
	must_be_json(&a, &out);
	jw_init(&w, &out);
	forms_write(&w, &a, d, &b);
	must_be_json(&a, &out);
	json_ld_read(&a, s, json_new_array(&a));
	date_iso(&a, s);
	arena_release(&a);
	return 0;
}
