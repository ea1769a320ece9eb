/* A selector, a line feed, a document: compiled and matched whatever they are; results stand in order. */
#include "base/first.h"
#include "html/selector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char page[] =
	"<!doctype html><body id=b class='x y'><div id=a title='t u'><p lang=en>1<p class=x>2<i>3</i></div>"
	"<ul><li>1<li class=x>2<li>3</ul><form><input required><input type=radio name=r><select><option>1<option "
	"selected>2</select>"
	"<button>b</button></form><svg viewBox=1><a xlink:href=x></a></svg><a href=y dir=rtl>z</a>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;
	struct dom *d;
	struct selector *s;
	struct node_list l = { 0 };
	struct str all = { (const char *)data, n }, text = all, html = str_of(page);
	size_t cut = n ? str_chr(all, '\n') : STR_NPOS;
	if (n > 16 * KiB)
		return 0;
	if (cut != STR_NPOS) {
		text = str_sub(all, 0, cut);
		html = str_from(all, cut + 1);
	}
	arena_init(&a, 0);
	if (selector_compile(&a, text, &s, NULL) == 0) {
		dom_parse(&a, html, NULL, &d, NULL);
		struct matcher *m = matcher_new(&a, d);
		int first = selector_all(m, s, NULL, 0, &l, NULL);
		size_t count = l.n;
		for (size_t i = 1; first == 0 && i < l.n; i++)
			if (l.at[i - 1] >= l.at[i])
				abort();
		selector_all(m, s, NULL, 0, &l, NULL); /* builds the indexes */
		int rc = selector_all(m, s, NULL, 0, &l, NULL);
		if (first == 0 && rc == 0 && l.n != count)
			abort();
		for (size_t i = 0; rc == 0 && i < l.n && i < 20; i++) {
			bool yes = true;
			if (selector_matches(m, s, l.at[i], &yes, NULL) == 0 && !yes && !strstr(page, ":scope") &&
				str_findi(text, STR("scope")) == STR_NPOS && str_chr(text, '\\') == STR_NPOS)
				abort();
		}
		if (d->body)
			selector_all(m, s, d->body, 3, &l, NULL);
	}
	arena_release(&a);
	return 0;
}
