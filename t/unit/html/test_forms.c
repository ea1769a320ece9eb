#include "base/first.h"
#include "html/forms.h"
#include "../tap.h"

static struct arena arena;

static struct str forms(const char *html, const char *url)
{
	struct dom *d;
	struct base_url b;
	struct buf out;
	struct jw w;
	dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &d, NULL);
	base_url_init(&b, &arena, d, str_of(url));
	buf_init(&out, &arena, 0);
	jw_init(&w, &out);
	forms_write(&w, &arena, d, &b);
	return buf_str(&out);
}

int main(void)
{
	arena_init(&arena, 0);
	is_str(forms("<p>none", NULL), "[]");
	is_str(forms("<form action=/s METHOD=Post id=f><label>Name <input name=n required></label><label "
		     "for=c>Code</label>"
		     "<input id=c name=c type=NUMBER min=1 value=2></form><button form=f>Go</button><input name=stray>",
		       "http://h/p"),
		"[{\"action\":\"http://h/s\",\"method\":\"post\",\"enctype\":\"application/"
		"x-www-form-urlencoded\",\"id\":\"f\",\"fields\":["
		"{\"tag\":\"input\",\"name\":\"n\",\"type\":\"text\",\"label\":\"Name\",\"required\":true},"
		"{\"tag\":\"input\",\"name\":\"c\",\"id\":\"c\",\"type\":\"number\",\"value\":\"2\",\"label\":\"Code\","
		"\"min\":\"1\"},"
		"{\"tag\":\"button\",\"type\":\"submit\",\"text\":\"Go\"}]}]",
		"fields, labels, form attribute");
	is_str(forms("<form><select name=s><optgroup label=G><option value=1 selected>one<option "
		     "disabled>two</optgroup></select>"
		     "<textarea name=t>\nx\n y</textarea></form>",
		       "http://h/p"),
		"[{\"action\":\"http://h/p\",\"method\":\"get\",\"enctype\":\"application/"
		"x-www-form-urlencoded\",\"fields\":["
		"{\"tag\":\"select\",\"name\":\"s\",\"type\":\"select-one\",\"options\":[{\"value\":\"1\",\"text\":"
		"\"one\",\"selected\":true,"
		"\"group\":\"G\"},{\"value\":\"two\",\"text\":\"two\",\"disabled\":true,\"group\":\"G\"}]},"
		"{\"tag\":\"textarea\",\"name\":\"t\",\"type\":\"textarea\",\"value\":\"x\\n y\"}]}]",
		"lists and text areas");
	arena_release(&arena);
	return done_testing();
}
