#include "base/first.h"
#include "html/selector.h"
#include "../tap.h"

static struct arena arena;

struct page {
	struct dom *d;
	struct matcher *m;
};

static struct page open_page(const char *html)
{
	struct page p = { 0 };
	if (dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &p.d, NULL))
		die("parse failed");
	p.m = matcher_new(&arena, p.d);
	return p;
}

/* The ids of what matches (tag names where there is none), or the error. */
static struct str ids(struct page p, const char *selector, const struct node *root)
{
	struct selector *s;
	struct node_list l;
	struct err e;
	if (selector_compile(&arena, str_of(selector), &s, &e) || selector_all(p.m, s, root, 0, &l, &e))
		return arena_printf(&arena, "error %s", err_name(e.code));
	struct buf out;
	buf_init(&out, &arena, 0);
	for (size_t i = 0; i < l.n; i++) {
		struct str id = node_attr(l.at[i], ATTR_ID);
		buf_addz(&out, i ? " " : "");
		buf_adds(&out, id.p ? id : dom_tag_name(p.d, l.at[i]));
	}
	return buf_str(&out);
}

struct check {
	const char *selector, *want;
};

static void run(const char *html, const struct check *checks, size_t n)
{
	struct page p = open_page(html);
	/* Twice: the first query goes without indexes, later ones with. */
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < n; i++) {
			struct page fresh = round ? p : (struct page){ p.d, matcher_new(&arena, p.d) };
			is_str(ids(fresh, checks[i].selector, NULL), checks[i].want, "%s", checks[i].selector);
		}
}

static const char tree[] =
	"<!doctype html><body id=body><div id=a class='x y' title='One two-three'><p id=p1 class=x>1"
	"<p id=p2>2 <span id=s1>in</span><p id=p3 lang=en-GB>3</div><ul id=ul><li id=l1><li id=l2 class=X><li "
	"id=l3><li id=l4></ul>"
	"<div id=b class=y><div id=c data-k='a\"b'><em id=em><span id=s2></span></em></div><h2 id=h>t</h2><span "
	"id=s3></span></div>"
	"<svg id=svg viewBox='0 0 1 1'><foreignObject id=fo></foreignObject><a id=sa xlink:href='#x'></a></svg>";

static const struct check tree_checks[] = {
	{ "div", "a b c" },
	{ "DIV", "a b c" },
	{ "*|div", "a b c" },
	{ "|div", "" },
	{ "ul > *", "l1 l2 l3 l4" },
	{ "#a", "a" },
	{ ".x", "a p1" },
	{ ".x.y", "a" },
	{ "div.y", "a b" },
	{ "p.x#p1", "p1" },
	{ ".X", "l2" },
	{ "div p", "p1 p2 p3" },
	{ "div>p", "p1 p2 p3" },
	{ "body>span", "" },
	{ "div span", "s1 s2 s3" },
	{ "div div span", "s2" },
	{ "p + p", "p2 p3" },
	{ "p ~ p", "p2 p3" },
	{ "#p1 ~ #p3", "p3" },
	{ "#p1 + #p3", "" },
	{ "h2, div, h2", "a b c h" },
	{ "em /*c*/ span", "s2" },
	{ "div > em > span, span ~ span", "s2" },
	{ "body div em span", "s2" },
	{ "#a ~ div > div span", "s2" },
	{ "ul + div div", "c" },
	{ "[title]", "a" },
	{ "[title='One two-three']", "a" },
	{ "[title=\"one TWO-three\" i]", "a" },
	{ "[title~=One]", "a" },
	{ "[title^=One]", "a" },
	{ "[title$=three]", "a" },
	{ "[title*='e t']", "a" },
	{ "[title*='']", "" },
	{ "[title~='']", "" },
	{ "[lang|=en]", "p3" },
	{ "[lang|=EN s]", "" },
	{ "[lang|=EN]", "p3" },
	{ "[data-k='a\\\"b']", "c" },
	{ "[DATA-K]", "c" },
	{ "div[class!=x]", "a b c" },
	{ "div[class!=y]", "a c" },
	{ "[id=\"ul\"", "ul" },
	{ "[viewBox]", "svg" },
	{ "[viewbox]", "" },
	{ "foreignObject", "fo" },
	{ "foreignobject", "" },
	{ "[*|href]", "sa" },
	{ "[xlink\\:href]", "sa" },
	{ "[|title]", "a" },
	{ "li:nth-child(2)", "l2" },
	{ "li:nth-child(odd)", "l1 l3" },
	{ "li:nth-child(2n)", "l2 l4" },
	{ "li:nth-child(-n+2)", "l1 l2" },
	{ "li:nth-child( 3n - 2 )", "l1 l4" },
	{ "li:nth-last-child(1)", "l4" },
	{ "li:nth-child(n+3)", "l3 l4" },
	{ "li:nth-child(0n+1)", "l1" },
	{ "li:nth-child(-2n+3)", "l1 l3" },
	{ "li:nth-child(2 of :not(.X))", "l3" },
	{ "li:nth-last-child(1 of .X)", "l2" },
	{ "span:nth-of-type(1)", "s1 s2 s3" },
	{ "#b > :nth-last-of-type(1)", "c h s3" },
	{ ":root", "html" },
	{ "p:first-child", "p1" },
	{ "p:last-child", "p3" },
	{ "span:only-child", "s1 s2" },
	{ "h2:only-of-type", "h" },
	{ "div:first-of-type", "a c" },
	{ "div:last-of-type", "b c" },
	{ "li:empty", "l1 l2 l3 l4" },
	{ ":not(html):not(head):not(body):not(div):not(li):not(p)", "s1 ul em s2 h s3 svg fo sa" },
	{ "li:not(.X, #l1)", "l3 l4" },
	{ "li:is(.X, #l1, :bogus, a::before)", "l1 l2" },
	{ ":where(#a, #b) > p", "p1 p2 p3" },
	{ "div:has(em)", "b c" },
	{ "div:has(> em)", "c" },
	{ "p:has(+ p)", "p1 p2" },
	{ "p:has(~ #p3)", "p1 p2" },
	{ "ul:has(+ div span)", "ul" },
	{ "ul:has(+ div p)", "" },
	{ "div:has(p, em)", "a b c" },
	{ "div:not(:has(p))", "b c" },
	{ "div:has(> div > em)", "b" },
	{ "p:lang(en)", "p3" },
	{ "p:lang('*-GB')", "p3" },
	{ "p:lang(de, en-gb)", "p3" },
	{ "p:lang(e)", "" },
	{ ":is()", "" },
	{ "p:hover, p:visited", "" },
	{ "p:not(:hover)", "p1 p2 p3" },
	{ "p::before", "" },
	{ "p:after", "" },
	{ "#\\61", "a" },
	{ "#\\000061 ", "a" },
	{ "\\64 iv#a", "a" },
	{ ":scope > body", "body" },
	{ "li:dir(ltr)", "l1 l2 l3 l4" },
	/* positions */
	{ "li:first", "l1" },
	{ "li:last", "l4" },
	{ "li:eq(1)", "l2" },
	{ "li:eq(-1)", "l4" },
	{ "li:lt(2)", "l1 l2" },
	{ "li:gt(1)", "l3 l4" },
	{ "li:even", "l1 l3" },
	{ "li:odd", "l2 l4" },
	{ "div:first p", "p1 p2 p3" },
	{ "div:last span, li:first", "l1 s2" },
	{ "li:not(:first)", "l2 l3 l4" },
	{ "li:gt(0):lt(2)", "l2 l3" },
	{ "div:eq(1) > div > em span", "s2" },
	{ "li:eq(9)", "" },
	{ ":header", "h" },
	{ "p:contains(2)", "p2" },
	{ "p:contains('2 in')", "p2" },
	{ "div:contains(in)", "a" },
	{ "h2:icontains(T)", "h" },
	{ "p:parent", "p1 p2 p3" },
};

static const char form[] =
	"<!doctype html><form id=f><fieldset id=fs disabled><legend id=lg><input id=i1></legend><input id=i2>"
	"</fieldset><input id=i3 required><input id=i4 type=checkbox checked><input id=i5 type=radio name=r><input "
	"id=i6 type=radio "
	"name=r><select id=s><option id=o1 disabled><option id=o2><option id=o3></select><textarea id=t "
	"readonly></textarea>"
	"<input id=n1 type=number min=1 max=5 value=9><input id=n2 type=number min=1 value=2><input id=ph "
	"placeholder=x>"
	"<button id=b1>x</button><button id=b2 type=button>y</button><input id=h type=hidden required><progress "
	"id=pr></progress>"
	"</form><a id=l1 href=x></a><a id=l2></a><details id=d open></details><p id=ed contenteditable>";

static const struct check form_checks[] = {
	{ ":checked", "i4 o2" },
	{ "input:disabled", "i2" },
	{ "input:enabled", "i1 i3 i4 i5 i6 n1 n2 ph h" },
	{ "option:disabled", "o1" },
	{ "fieldset:disabled", "fs" },
	{ ":required", "i3" },
	{ "input:read-only", "i2 i4 i5 i6 h" },
	{ "p:read-write", "ed" },
	{ "textarea:read-write", "" },
	{ ":indeterminate", "i5 i6 pr" },
	{ ":in-range", "n2" },
	{ ":out-of-range", "n1" },
	{ ":placeholder-shown", "ph" },
	{ ":default", "i4 b1" },
	{ ":any-link", "l1" },
	{ ":link", "l1" },
	{ "input:optional", "i1 i2 i4 i5 i6 n1 n2 ph h" },
	{ "input:invalid", "i3 n1" },
	{ "form:invalid", "f" },
	{ ":open", "d" },
	{ ":submit", "b1" },
	{ "button:button", "b1 b2" },
	{ ":radio", "i5 i6" },
	{ "form > :text", "i3 ph" },
	{ "[type=HIDDEN]", "h" },
	{ "[type='HIDDEN' s]", "" },
};

static const char *const wrong[] = { "", " ", ",", "a,", ",a", "[", "[]", "[a=]", "[a=1]", "[a='b\n']", "[a b]",
	"[a=b x]", "#1", "#", ".", "..a", ".5cm", "a..b", ">a", "a >", "a > > b", "a ++ b", ":", "::", ":example",
	"a:nth-child()", "a:nth-child(n n)", ":nth-child(+ 2)", ":nth-child(2n + -1)", ":nth-child(3 n)", ":not()",
	":not(a,)", ":has()", ":has(:has(a))", "::example", ":: before", ":::before", "ns|a", "[ns|a]", "^|div", "a%b",
	"(", ")", "{", "a{}", "a||b", "a::before.b", ":is(a", ":eq(x)", ":lang()", "a:has(li:first)", "[*=a]",
	"[*|*=a]", "a\\\nb", "p:nth-of-type(2 of a)" };

static void errors(void)
{
	struct page p = open_page(tree);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		if (strcmp(wrong[i], ":is(a") != 0) /* the end of the text closes functions */
			is_str(ids(p, wrong[i], NULL), "error invalid", "refused: %s", wrong[i]);
	struct err e;
	struct selector *s;
	selector_compile(&arena, STR("div > p:bogus"), &s, &e);
	is_cstr(e.words, "selector, at 13: unknown pseudo-class :bogus", "the words name the place");
	struct buf long_one;
	buf_init(&long_one, &arena, 0);
	for (int i = 0; i < 3000; i++)
		buf_addz(&long_one, ".a");
	is_int(selector_compile(&arena, buf_str(&long_one), &s, NULL), E_LIMIT, "too many parts");
	buf_clear(&long_one);
	for (int i = 0; i < 100; i++)
		buf_addz(&long_one, ":is(");
	is_int(selector_compile(&arena, buf_str(&long_one), &s, NULL), E_LIMIT, "functions too deep");
}

static void roots(void)
{
	struct page p = open_page(tree);
	const struct node *b = NULL, *first = NULL;
	struct selector *s;
	struct node_list l;
	bool yes;
	selector_compile(&arena, STR("#b"), &s, NULL);
	is_int(selector_first(p.m, s, NULL, &b, NULL), 0);
	is_str(ids(p, "span", b), "s2 s3", "below a root");
	is_str(ids(p, "body span", b), "s2 s3", "ancestors of the root count");
	is_str(ids(p, ":scope > span", b), "s3", "scope");
	is_str(ids(p, "div:first", b), "c", "positions below a root");
	selector_compile(&arena, STR("span, em"), &s, NULL);
	is_int(selector_all(p.m, s, NULL, 2, &l, NULL), 0);
	is_int(l.n, 2, "limit");
	selector_first(p.m, s, b, &first, NULL);
	is_str(node_attr(first, ATTR_ID), "em", "first in document order");
	selector_compile(&arena, STR("body > .y"), &s, NULL);
	is_int(selector_matches(p.m, s, b, &yes, NULL), 0);
	ok(yes, "matches");
}

static void bombs(void)
{
	struct buf html, sel;
	struct node_list l;
	struct selector *s;
	buf_init(&html, &arena, 0);
	for (int i = 0; i < 20000; i++)
		buf_addz(&html, i % 40 < 20 ? "<div class=a>" : "</div>");
	struct page p = open_page(buf_cstr(&html));
	buf_init(&sel, &arena, 0);
	for (int i = 0; i < 30; i++)
		buf_addz(&sel, "div ~ .a div ");
	buf_addz(&sel, "p");
	buf_addz(&sel, ", div:not(p)");
	for (int i = 0; i < 30; i++)
		buf_addz(&sel, ":has(div ~ div:nth-child(2n+1 of div) p)");
	selector_compile(&arena, buf_str(&sel), &s, NULL);
	int rc = selector_all(p.m, s, NULL, 0, &l, NULL);
	ok(rc == E_LIMIT || rc == 0, "a bomb ends");
	selector_compile(&arena, STR("div div div div div div div div div p"), &s, NULL);
	is_int(selector_all(p.m, s, NULL, 0, &l, NULL), 0, "descendants do not multiply");
	is_int(l.n, 0);
}

int main(void)
{
	arena_init(&arena, 0);
	run(tree, tree_checks, ARRAY_LEN(tree_checks));
	run(form, form_checks, ARRAY_LEN(form_checks));
	run("<p id=Aa class=Foo>", (struct check[]){ { "#aA", "Aa" }, { ".fOO", "Aa" }, { "[class=foo]", "" } }, 3);
	run("<!doctype html><p id=Aa class=Foo><template><p class=Foo></template>",
		(struct check[]){ { "#aA", "" }, { ".foo", "" }, { ".Foo", "Aa" } }, 3);
	run("<!doctype html><p id=r dir=rtl><span id=s></span><b id=b dir=auto>\xD7\x90</b><bdi id=i>a",
		(struct check[]){ { "p :dir(rtl)", "s b" }, { ":dir(ltr):not(html,head,body)", "i" } }, 2);
	errors();
	roots();
	bombs();
	arena_release(&arena);
	return done_testing();
}
