#include "base/first.h"
#include "html/markdown.h"
#include "../tap.h"

static struct arena arena;

static struct str convert(const char *html, const char *page)
{
	struct dom *d;
	struct base_url b;
	arena_reset(&arena);
	if (dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &d, NULL))
		die("parse");
	if (page)
		base_url_init(&b, &arena, d, str_of(page));
	struct str md = markdown_of(&arena, d, d->nodes, &(struct markdown_opts){ .base = page ? &b : NULL });
	if (md.n && md.p[md.n - 1] == '\n')
		md.n--;
	return md;
}

/* The Markdown of `html`, without the line feed at its end. */
#define gives(html, want, ...) is_str(convert(html, NULL), want, __VA_ARGS__)
#define gives_at(page, html, want, ...) is_str(convert(html, page), want, __VA_ARGS__)

static void escapes(void)
{
	gives("<p>*a* _b_ `c` [d](e) ![f](g) &lt;h> &amp;lt; \\*</p>",
		"\\*a\\* \\_b\\_ \\`c\\` \\[d](e) !\\[f](g) \\<h> \\&lt; \\\\\\*", "what would be markup");
	gives("<p>5 * 3 snake_case_name a & b AT&T; x < y [1] [sic], 3) a\\b</p>",
		"5 * 3 snake_case_name a & b AT\\&T; x < y [1] [sic], 3) a\\b", "what would not is left alone");
	gives("<p>1. x</p><p>12) x</p><p>1.5</p><p>- x</p><p>+</p><p># x</p><p>#x</p><p>> x</p><p>---</p><p>===</p>",
		"1\\. x\n\n12\\) x\n\n1.5\n\n\\- x\n\n\\+\n\n\\# x\n\n#x\n\n\\> x\n\n\\---\n\n\\===",
		"starts of lines");
	gives("<p>x<br># y<br>1. z<br>-</p>", "x  \n\\# y  \n1\\. z  \n\\-", "starts of lines behind a break");
	gives("<p>[a]: /b</p><p>[x] task</p><p>[^1]</p>", "\\[a]: /b\n\n\\[x] task\n\n\\[^1]",
		"definitions, tasks, footnotes");
	gives("<p>~50 and ~60</p><p>~50</p><p>~~x~~</p>", "\\~50 and \\~60\n\n~50\n\n\\~\\~x\\~\\~", "tildes");
	gives("<p>a | b<br>--|--</p>", "a | b  \n\\--|--", "what would be a table");
	gives("<h2>a #</h2><h2>C#</h2><h2># b</h2><h2>1. c</h2>", "## a \\#\n\n## C#\n\n## # b\n\n## 1. c", "headings");
	gives("<p>a!<a href=b>c</a> &amp;copy; \\<b>x</b> end\\</p>", "a\\![c](b) \\&copy; \\\\**x** end\\\\",
		"across tokens");
	gives("<p>&nbsp; x &nbsp;y</p>", "&nbsp; x \xC2\xA0y", "no-break space that renderers would trim");
	gives("<p>&lt;!-- c --> &lt;?p?> &lt;3</p>", "\\<!-- c --> \\<?p?> <3", "comments and instructions");
}

static void emphasis(void)
{
	gives("<p>a<b> b </b>c <i> d</i>e</p>", "a **b** c *d*e", "white space moves out");
	gives("<p><b>a</b><b>b</b> <i></i><b> </b>c</p>", "**ab** c", "adjoining spans join, empty ones vanish");
	gives("<p>a<b>&nbsp;b&nbsp;</b>c</p>", "a\xC2\xA0**b**\xC2\xA0""c", "no-break spaces move too");
	gives("<p><b><i>x</i></b> <i><b>x</b></i> <i><i>x</i></i></p>", "**_x_** ***x*** *_x_*", "nesting");
	gives("<p>a<i>b</i>c a<b>\"b\"</b>c</p>", "a*b*c a<strong>\"b\"</strong>c", "within words");
	gives("<p><i>a</i><b>b</b> <b>a</b><i>b</i>c</p>", "*a***b** **a***b*c", "one beside the other");
	gives("<p><s>a</s> <del>b</del> <s>a</s>b</p>", "~~a~~ ~~b~~ ~~a~~b", "strikethrough");
	gives("<p>x<sup>2</sup> H<sub>2</sub>O <kbd>F1</kbd> <sup></sup></p>",
		"x<sup>2</sup> H<sub>2</sub>O <kbd>F1</kbd>", "no Markdown form");
	gives("<p><b>a<br></b>b</p><p><i>a<br>b</i></p>", "**a**  \nb\n\n*a  \nb*", "breaks at and within");
	gives("<b><p>a</p><p>b</p></b>", "**a**\n\n**b**", "over blocks");
	gives("<p><b style='font-weight:normal'>a</b> <i class=icon></i><b>b</b></p>", "a **b**",
		"bold that is not, icons");
	gives("<p>\xE3\x81\xAF<b>\xE3\x80\x8C\xE3\x81\x82\xE3\x80\x8D</b>\xE3\x81\xAF</p>",
		"\xE3\x81\xAF<strong>\xE3\x80\x8C\xE3\x81\x82\xE3\x80\x8D</strong>\xE3\x81\xAF", "wide punctuation");
	gives("<p><cite>T</cite> <var>n</var> <u>u</u> <mark>m</mark> <q>q</q> <small>s</small></p>",
		"*T* *n* u m \xE2\x80\x9Cq\xE2\x80\x9D s", "other inline elements");
}

static void code(void)
{
	gives("<p><code>a</code> <code>`</code> <code>``a`</code> <code> a </code> <code>  </code> <code>a  "
	      "b</code></p>",
		"`a` `` ` `` ``` ``a` ``` `  a  ` `  ` `a  b`", "code spans");
	gives("<p><code>\n  a\n  b\n</code>c</p>", "`a b` c", "source layout within code");
	gives("<p><code>a</code><code>b</code> <tt>c</tt> <samp>d</samp> <code><b>e</b> f</code></p>",
		"`ab` `c` `d` `e f`", "joined, and without inner markup");
	gives("<p><code><a href=x>a</a>(b)</code></p>", "[`a`](x)`(b)`", "links within code");
	gives("<pre>a\n b</pre>", "```\na\n b\n```", "pre");
	gives("<pre><code class='language-c'>x\n\n  y\n\n</code></pre>", "```c\nx\n\n  y\n\n```",
		"language and blank lines");
	gives("<pre>```\n````</pre>", "`````\n```\n````\n`````", "longer fence");
	gives("<pre><code></code></pre><pre> </pre><pre><code>\n</code></pre>", "```\n```\n\n```\n\n```", "empty");
	gives("<pre class='brush: js; x'>a</pre><pre class='sourceCode perl'>b</pre><pre data-lang=go>c</pre>"
	      "<div class='highlight-source-shell'><pre>d</pre></div><pre><code class='hljs rust'>e</code></pre>",
		"```js\na\n```\n\n```perl\nb\n```\n\n```go\nc\n```\n\n```shell\nd\n```\n\n```rust\ne\n```",
		"ways to say the language");
	gives("<pre><div>a</div><div>b</div>c<br>d</pre>", "```\na\nb\nc\nd\n```", "blocks and breaks in pre");
	gives("<pre><span class=lineno>1</span>x<button>Copy</button></pre>", "```\nx\n```",
		"line numbers and buttons");
}

static void links(void)
{
	gives("<p><a href=/x title='a \"b\"'>t</a> <a href='a(b'>u</a> <a href='a b'>v</a> <a href='(a)'>w</a> <a "
	      "href=''>x</a></p>",
		"[t](/x \"a \\\"b\\\"\") [u](a\\(b) [v](a%20b) [w]((a)) [x]()", "destinations and titles");
	gives_at("http://h.org/d/p", "<p><a href=../x>t</a> <a href=#f>u</a> <img src=i.png alt='a]b'></p>",
		"[t](http://h.org/x) [u](http://h.org/d/p#f) ![a\\]b](http://h.org/d/i.png)", "resolved");
	gives("<p><a href=http://a.b/c>http://a.b/c</a> <a href=mailto:a@b.c>a@b.c</a> <a href=a.b/c>a.b/c</a></p>",
		"<http://a.b/c> <a@b.c> [a.b/c](a.b/c)", "autolinks");
	gives("<p><a href=x> a <b>b</b> </a>c <a name=y>d</a> <a href='javascript:x()'>e</a></p>", "[a **b**](x) c d e",
		"white space, anchors, scripts");
	gives("<a href=x><img src=i alt=p><h3>T</h3><p>d</p></a>", "[![p](i)](x)\n\n### [T](x)\n\nd",
		"links around blocks");
	gives("<h2>T<a href=#t>\xC2\xB6</a></h2><p>x<a href=y></a></p><p><a href=z "
	      "aria-label=L><svg><path/></svg></a></p>",
		"## T\n\nx[](y)\n\n[L](z)", "empty links");
	gives("<p><img src='data:image/gif;base64,R0' data-src=real.png alt=a><img src=p.gif width=1 height=1>"
	      "<img srcset='s.png 1x, l.png 2x'><img src='data:x'></p>",
		"![a](real.png)![](s.png)", "images that load late, pixels");
	gives("<iframe src=https://www.youtube.com/embed/x title=T></iframe><iframe src=ad></iframe><video "
	      "src=v.mp4></video>"
	      "<audio><source src=a.ogg></audio>",
		"[T](https://www.youtube.com/embed/x)\n\n[Video](v.mp4)\n\n[Audio](a.ogg)", "embedded");
}

static void lists(void)
{
	gives("<ul><li>a<li>b<ul><li>c<li>d</ul><li>e</ul>", "- a\n- b\n  - c\n  - d\n- e", "nested");
	gives("<ol start=9><li>a<li>b<ul><li>c</ul><li value=20>d</ol>", "9. a\n10. b\n    - c\n20. d", "ordered");
	gives("<ul><li><p>a</p><li><p>b</p><p>c</p></ul>", "- a\n\n- b\n\n  c", "loose");
	gives("<ul><li>a</ul><ul><li>b</ul><ol><li>c</ol><ol><li>d</ol>", "- a\n\n* b\n\n1. c\n\n1) d",
		"beside each other");
	gives("<ul><li>a<ol start=2><li>b</ol></ul>", "- a\n\n  2. b", "an ordered list that cannot interrupt");
	gives("<ul><li><ul><li>a</ul><li><pre>b</pre><li><li><blockquote>c</blockquote>d</ul>",
		"- * a\n- ```\n  b\n  ```\n-\n- > c\n\n  d", "items that start with blocks, an empty one");
	gives("<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>", "- a\n  - b\n- c", "list directly in a list");
	gives("<ul><li><input type=checkbox checked> a<li><label><input type=checkbox>b</label></ul><p><input "
	      "type=checkbox>c</p>",
		"- [x] a\n- [ ] b\n\nc", "tasks");
	gives("<ul><li>a<h3>b</h3>c<hr>d<table><tr><th>x<th>y</table></ul>",
		"- a\n  ### b\n  c\n  ___\n  d\n\n  | x | y |\n  | --- | --- |", "blocks in tight items");
	gives("<li>a<li>b<p>c</p>", "- a\n- b\n\n  c", "items without a list");
	gives("<dl><dt>a<dt>b<dd>c<p>d</p><dd><ul><li>e</ul><dt>f<dd><dl><dt>g<dd>h</dl></dl>",
		"a\nb\n: c\n\n  d\n\n- e\n\nf\n\ng\n: h", "definitions");
	gives("<ul><li><div></div><li>b</ul><blockquote><div></div></blockquote><blockquote></blockquote>", "- b\n\n>",
		"what is empty because of its contents is left out");
}

static void blocks(void)
{
	gives("<h1>a</h1><h6>b <i>c</i></h6><h2><div>d</div><div>e</div></h2><h3>f<br>g</h3>",
		"# a\n\n###### b *c*\n\n## d e\n\n### f g", "headings");
	gives("<hr><p>a<hr>", "***\n\na\n\n---", "rules");
	gives("<blockquote><p>a<p>b<blockquote>c</blockquote></blockquote>d", "> a\n>\n> b\n>\n> > c\n\nd", "quotes");
	gives("<div>a<div>b</div>c</div>d <span>e</span>", "a\n\nb\n\nc\n\nd e", "anonymous paragraphs");
	gives("<p>a<br>b<br><br>c<br></p><br>", "a  \nb\n\nc", "breaks");
	gives("<p>\n a\n\tb </p>  <p> </p><p>c", "a b\n\nc", "white space");
	gives("<details><summary>a &lt; <b>b</b></summary>c</details><details open>d</details>",
		"<details>\n<summary>a &lt; b</summary>\n\nc\n\n</details>\n\n<details open>\n\nd\n\n</details>",
		"details");
	gives("<head><title>t</title></head><script>s</script><style>s</style><template>t</template><noscript>n</"
	      "noscript>"
	      "<div hidden>h</div><p style='display: "
	      "none'>h</p><select><option>o</select><button>b</button><textarea>t</textarea>"
	      "<dialog>d</dialog><svg><text>s</text></svg>a",
		"a", "what is not read");
	gives("<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>", "a(b)", "ruby");
	gives("", "", "nothing");
}

static void tables(void)
{
	gives("<table><tr><th>a<th align=right>b<tr><td>c|<td style='text-align:center'><code>d|e</code></table>",
		"| a | b |\n| --- | ---: |\n| c\\| | `d\\|e` |", "a table");
	gives("<table><tr><td>a<td>b<tr><td>c<td></table>", "|  |  |\n| --- | --- |\n| a | b |\n| c | |",
		"without a header");
	gives("<table><caption>T</caption><thead><tr><th rowspan=2>a<th "
	      "colspan=2>b<tr><th>c<th>d</thead><tr><td>1<td>2<td>3</table>",
		"T\n\n| a | b | |\n| --- | --- | --- |\n| | c | d |\n| 1 | 2 | 3 |", "spans");
	gives("<table><tr><th>a<th>b<tr><td>x<br>y<p>z</p><td><ul><li>u<li>v</ul></table>",
		"| a | b |\n| --- | --- |\n| x<br>y<br>z | - u<br>- v |", "blocks in cells");
	gives("<table><tr><td><h2>a</h2><td>b</table><table role=presentation><tr><td>c<td>d<tr><td>e</table>",
		"## a\n\nb\n\nc\n\nd\n\ne", "placing things");
	gives("<table><tr><td><table><tr><th>a<th>b<tr><td>c<td>d</table></table>",
		"| a | b |\n| --- | --- |\n| c | d |", "nested");
	gives("<table><tr><th>a<th>b<tr><td>c<td>d<td>e<tr><td>f</table>",
		"| a | b | |\n| --- | --- | --- |\n| c | d | e |\n| f | | |", "ragged");
}

static void notes_and_math(void)
{
	gives("<p>a<sup><a href=#n1 id=r1>1</a></sup> b<a href=#n2>[2]</a></p><section class=footnotes><ol><li id=n1>x "
	      "<a href=#r1>"
	      "\xE2\x86\xA9</a></li><li id=n2><p>y</p><p>z</p></li><li id=n3>w</li></ol></section>",
		"a[^1] b[^2]\n\n[^1]: x\n\n[^2]: y\n\n    z\n\n1. w", "footnotes");
	gives("<p><math><semantics><mi>x</mi><annotation "
	      "encoding='application/x-tex'>x_1*y</annotation></semantics></math></p>",
		"$x_1*y$", "TeX beside MathML");
	gives("<math "
	      "display=block><msup><mi>a</mi><mn>2</mn></msup><mo>=</mo><mfrac><mi>b</mi><mi>c</mi></mfrac></math>",
		"$${a}^{2} = \\frac{b}{c}$$", "MathML read");
	gives("<p>a <span class=katex><span class=katex-mathml><math><annotation "
	      "encoding='application/x-tex'>t</annotation></math></span>"
	      "<span class=katex-html aria-hidden=true>t</span></span> b</p>",
		"a $t$ b", "KaTeX");
	gives("<p><span class=MathJax_Preview>p</span><span class=MathJax>t</span><script type='math/tex; "
	      "mode=display'>\\int x</script></p>",
		"$$\\int x$$", "MathJax");
	gives("<p>e <span class=mwe-math-element><span style='display:none'><math alttext='{\\displaystyle "
	      "e^x}'><mi>e</mi></math></span>"
	      "<img src=x alt=y></span></p>",
		"e $e^x$", "MediaWiki");
}

/* Whatever comes in: time and output stay linear in it. */
static void hostile(void)
{
	static const struct {
		const char *name, *head, *unit, *tail;
		size_t n;
	} c[] = {
		{ "nested quotes", "", "<blockquote>", "x", 3000 },
		{ "nested lists", "", "<ul><li>", "x", 3000 },
		{ "lists with text", "", "<ul><li>a", "", 3000 },
		{ "nested bold", "", "<b>", "<p>x<p>y", 20000 },
		{ "bold over paragraphs", "<b><i><b><i><b>", "<p>x", "", 20000 },
		{ "words in bold", "", "a<b>b</b>\"<i>c</i>", "", 20000 },
		{ "brackets", "<p>", "[", "", 100000 },
		{ "backticks", "<p><code>", "`", "", 100000 },
		{ "tildes", "<p>", "~ ", "", 50000 },
		{ "wide cells", "<table><tr><th>a<th>b", "<tr><td colspan=1000 rowspan=9999>x", "", 20000 },
		{ "tables in tables", "", "<table><tr><td>", "x", 20000 },
		{ "formulas", "", "<math><mfrac>", "x", 20000 },
		{ "breaks in quotes", "<blockquote><blockquote><blockquote><blockquote>", "a<br>", "", 20000 },
	};
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		struct arena a;
		struct buf html;
		struct dom *d;
		arena_init(&a, 0);
		buf_init(&html, &a, 0);
		buf_addz(&html, c[i].head);
		for (size_t k = 0; k < c[i].n; k++)
			buf_addz(&html, c[i].unit);
		buf_addz(&html, c[i].tail);
		dom_parse(&a, buf_str(&html), NULL, &d, NULL);
		struct str md = markdown_of(&a, d, d->nodes, NULL);
		ok(md.n < html.n * 12 + 10000, "%s: %zu bytes give %zu", c[i].name, html.n, md.n);
		arena_release(&a);
	}
}

int main(void)
{
	arena_init(&arena, 0);
	escapes();
	emphasis();
	code();
	links();
	lists();
	blocks();
	tables();
	notes_and_math();
	hostile();
	arena_release(&arena);
	return done_testing();
}
