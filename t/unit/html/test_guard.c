#include "base/first.h"
#include "html/dom.h"
#include "html/guard.h"
#include "html/guard_lex.h"
#include "html/guard_stack.h"
#include "html/text.h"
#include "../tap.h"

static struct arena arena;

static struct str many(const char *before, const char *unit, size_t bytes)
{
	struct buf b;
	buf_init(&b, &arena, 0);
	buf_addz(&b, before);
	for (int i = 0; b.n < bytes; i++)
		buf_addf(&b, unit, i);
	return buf_str(&b);
}

static int depth_of(const struct dom *d)
{
	int depth = 0, max = 0;
	for (struct walk w = walk_start(d->nodes); walk_next(&w);) {
		if (w.node->type == NODE_ELEMENT)
			depth += w.leave ? -1 : 1;
		max = MAX(max, depth);
	}
	return max;
}

/* ---- the tags that are seen */

static void sees(const char *html, const char *want)
{
	struct guard_tag t;
	struct buf out;
	size_t i = 0;
	buf_init(&out, &arena, 0);
	while (guard_next_tag(str_of(html), &i, false, &t)) {
		buf_addf(&out, "%s%s%.*s%s%zu", out.n ? " " : "", t.closing ? "/" : "", STR_FMT(t.name),
			t.self_closing ? "!" : "", t.attrs_n);
		if (!t.closing && guard_class_of(guard_tag_number(t.name)) & GUARD_RAW)
			i = guard_raw_end(str_of(html), i, t.name, str_eqi(t.name, STR("script")));
	}
	is_str(buf_str(&out), want, "%s", html);
}

static void lexing(void)
{
	sees("<a><B x=1 y>t</a >", "a0 B2 /a0");
	sees("<a x='>' y=\">\" z=>b", "a3");
	sees("<a/><a /b=c/><a =b>", "a!0 a1 a1");
	sees("<!--<a>--><b>", "b0");
	sees("<!--><b>", "b0");
	sees("<!---><b>", "b0");
	sees("<!--a--!><b>", "b0");
	sees("<!-- - -- ><b>--><c>", "c0");
	sees("<!a <b><c>", "c0");
	sees("<?a <b><c></ <d></><e>", "c0 e0");
	sees("< a><1><a", "");
	sees("<a b='<c>", "");
	sees("<title><a></title><b>", "title0 /title0 b0");
	sees("<script>'</scripts>'<a></SCRIPT ><b>", "script0 /SCRIPT0 b0");
	sees("<script><!--<script></script><a>--></script><b>", "script0 /script0 b0");
	sees("<script><!--</script><b>", "script0 /script0 b0");
	sees("<script><!--><script></script><b>", "script0 /script0 b0");
	sees("<style><!-- </style><b>", "style0 /style0 b0");
}

/* ---- the limits */

static void attack(const char *name, const char *before, const char *unit)
{
	struct dom *d;
	struct str text = many(before, unit, 200 * KiB);
	dom_parse(&arena, text, &(struct dom_opts){ .utf8 = true }, &d, NULL);
	ok(d->flattened && depth_of(d) <= DOM_DEPTH_MAX && d->n < text.n, "%s: depth %d, %u nodes", name, depth_of(d),
		d->n);
}

static void attacks(void)
{
	attack("nesting", "", "<div>");
	attack("unknown names", "", "<x-%d>");
	attack("lists", "", "<ul><li>");
	attack("definition lists", "", "<dl><dd>");
	attack("tables", "", "<table><td>");
	attack("formatting", "", "<b>");
	attack("different formatting", "", "<b x=%d>");
	attack("formatting over paragraphs", "", "<b x=%d></p><p>");
	attack("closed paragraphs", "", "<p><i a=%d></p>x");
	attack("adoption", "", "<a><div></a>");
	attack("crossing", "", "<b><div></b>");
	attack("foreign", "", "<svg><math>");
	attack("integration points", "", "<svg><foreignObject>");
	attack("foster parents", "<table>", "<b>x");
	attack("body attributes", "", "<body a%d>");
	attack("html attributes", "", "<html a%d>");
	attack("attributes", "<p", " a%d=x");
	attack("isindex", "", "<isindex>");
	attack("templates", "", "<template>");
	attack("rubies", "", "<ruby><rt>");
	attack("deep and wide", "", "<span><hr>");
}

static void limits(void)
{
	struct dom *d;
	struct str text = many("", "<div>%d", 100 * KiB);
	dom_parse(&arena, text, NULL, &d, NULL);
	struct str all = text_content_of(&arena, d->body);
	ok(d->flattened && is_digit(all.p[all.n - 1]) && all.n > 30 * KiB, "no text is lost by flattening");
	text = many("<p", " a%d=x", 20 * KiB);
	dom_parse(&arena, arena_printf(&arena, "%.*s>y</p><b>z", STR_FMT(text)), NULL, &d, NULL);
	const struct node *p = node_find(d->body, TAG_P);
	ok(p && p->n == DOM_ATTRS_MAX, "attributes: the first ones stay");
	is_str(text_content_of(&arena, d->body), "yz", "… and what follows");
	dom_parse(&arena, many("", "<section>", 400 * 9), NULL, &d, NULL);
	ok(!d->flattened && depth_of(d) > 400, "400 levels are not too deep");
	bool tamed;
	struct str fine = many("<!doctype html>",
		"<ul><li><b>x</b><li>y</ul><p>z<p>w<table><tr><td>1<td>2</table><a href=x>y</a><hr>", 200 * KiB);
	ok(guard_tame(&arena, fine, &tamed).p == fine.p && !tamed,
		"unclosed paragraphs, items and cells pass as they are");
	struct str fonts = many("", "<font size=2><p>x", 50 * KiB);
	dom_parse(&arena, fonts, NULL, &d, NULL);
	ok(depth_of(d) < 20, "fonts left open");
}

int main(void)
{
	arena_init(&arena, 0);
	lexing();
	attacks();
	limits();
	is_str(guard_bare_text(&arena, STR("a<p>b<script>c</script><i>d</i><!--e-->f")), "a\nbdf", "bare text");
	arena_release(&arena);
	return done_testing();
}
