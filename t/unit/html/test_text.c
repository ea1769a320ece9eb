#include "base/first.h"
#include "html/text.h"
#include "../tap.h"

static struct arena arena;

static const struct dom *parse(const char *html)
{
	struct dom *d = NULL;
	if (dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &d, NULL))
		die("parse failed");
	return d;
}

#define shows(html, want, ...) is_str(text_visible_of(&arena, parse(html)->body), want, __VA_ARGS__)

int main(void)
{
	arena_init(&arena, 0);
	shows("<p>a<p>b", "a\n\nb", "paragraphs");
	shows("  a \n b  <b> c</b>d ", "a b cd", "white space collapses across elements");
	shows("a<div>b</div>c", "a\nb\nc", "blocks");
	shows("a<br>b<br><br>c<br>", "a\nb\n\nc", "line breaks");
	shows("<div>a</div><br><div>b</div>", "a\n\nb", "a line break between blocks");
	shows("<pre>a\n  b\n</pre><p>c", "a\n  b\n\nc", "kept white space");
	shows("<table><tr><th>a<th>b<tr><td>1<td>2</table>", "a\tb\n1\t2", "cells");
	shows("<table><tr><td>a<td><td>c<tr><td><td>b</table>", "a\t\tc\n\tb", "empty cells");
	shows("<table><tr><td><p>a</p><td><p>b</table>", "a\tb", "paragraphs in cells");
	shows("<ul><li>a<li>b</ul>x", "a\nb\n\nx", "lists");
	shows("a<script>x</script><style>y</style><template>z</template><noscript>n</noscript>b", "ab",
		"what is not shown");
	shows("a<p hidden>x</p><p style='color:red; DISPLAY : none !important'>y</p><p hidden=until-found>z", "a\n\nz",
		"hidden");
	shows("<span style='display:none'>x</span>a", "a", "hidden inline");
	shows("<select><option>a<option>b</select>", "a\nb", "options");
	shows("a&nbsp;&nbsp;b", "a\xC2\xA0\xC2\xA0" "b", "no-break spaces stay");
	is_str(text_content_of(&arena, parse("<p>a<!--c--><b>b</b><template>t</template><script>s</script>")->body),
		"abs", "content");
	is_str(text_squeeze(&arena, STR("  a \n\t b&  ")), "a b&", "squeeze");
	is_str(text_squeeze(&arena, STR("a b")), "a b", "squeeze nothing");
	is_str(text_squeeze(&arena, STR("\xC2\xA0" "a\xC2\xA0 b\xC2\xA0")), "a b", "squeeze no-break spaces");
	is_str(text_squeeze(&arena, STR("\xC2\xA0")), "", "squeeze to nothing");
	arena_release(&arena);
	return done_testing();
}
