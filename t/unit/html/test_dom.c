#include "base/first.h"
#include "html/dom.h"
#include "../tap.h"

static struct arena arena;

static struct dom *parse(const char *html)
{
	struct dom *d = NULL;
	if (dom_parse(&arena, str_of(html), &(struct dom_opts){ .utf8 = true }, &d, NULL))
		die("parse failed");
	return d;
}

static struct str outer(const struct dom *d, const struct node *n)
{
	struct buf out;
	buf_init(&out, &arena, 0);
	dom_outer_html(d, n, &out);
	return buf_str(&out);
}

#define becomes(html, want, ...)                                                                                       \
	do {                                                                                                           \
		struct dom *d_ = parse(html);                                                                          \
		is_str(outer(d_, d_->nodes), want, __VA_ARGS__);                                                       \
	} while (0)

static void trees(void)
{
	becomes("<!doctype html><title>a</title><p>x<p>y",
		"<!DOCTYPE html><html><head><title>a</title></head><body><p>x</p><p>y</p></body></html>",
		"implied tags");
	becomes("<b>1<i>2</b>3</i>", "<html><head></head><body><b>1<i>2</i></b><i>3</i></body></html>",
		"adoption agency");
	becomes("<table>foo<td>x",
		"<html><head></head><body>foo<table><tbody><tr><td>x</td></tr></tbody></table></body></html>",
		"foster parenting");
	becomes("<svg viewbox='0 0' xlink:href=#a><foreignobject><p>x</svg>",
		"<html><head></head><body><svg viewBox=\"0 0\" "
		"xlink:href=\"#a\"><foreignObject><p>x</p></foreignObject></svg></body></html>",
		"foreign names");
	becomes("<template><td>x</template>", "<html><head><template><td>x</td></template></head><body></body></html>",
		"template");
	becomes("<p title='a&quot;&amp;&nbsp;<'>&lt;&amp;&nbsp;\"",
		"<html><head></head><body><p title=\"a&quot;&amp;&nbsp;&lt;\">"
		"&lt;&amp;&nbsp;\"</p></body></html>",
		"escapes");
	becomes("<script>a<b&&c</script><!--x-->",
		"<html><head><script>a<b&&c</script><!--x--></head><body></body></html>", "raw text");
	becomes("<custom-a FOO=1 foo=2 BÄr></custom-a>",
		"<html><head></head><body><custom-a foo=\"1\" bÄr=\"\"></custom-a></body></html>", "unknown names");
}

static void moving(void)
{
	struct dom *d = parse("<body><div id=a>t<p>1</p><!--c--><p>2</p></div><ul><li>x</ul>");
	const struct node *div = node_find(d->nodes, TAG_DIV), *ul = node_find(d->nodes, TAG_UL);
	ok(d->body && d->head && d->html);
	ok(node_parent(div) == d->body, "parent");
	is_int(node_first(div)->type, NODE_TEXT, "first child");
	const struct node *p1 = node_first_element(div), *p2 = node_next_element(p1);
	ok(node_is(p1, TAG_P) && node_is(p2, TAG_P), "elements");
	ok(node_prev_element(p2) == p1, "previous element");
	ok(node_next(p2) == NULL && node_last(div) == p2, "last");
	ok(node_next(div) == ul && node_prev(ul) == div, "siblings");
	ok(node_contains(div, p2) && !node_contains(ul, p2) && node_contains(p2, p2), "contains");
	ok(node_closest(p2, TAG_DIV) == div, "closest");
	is_str(node_attr(div, ATTR_ID), "a", "attribute");
	ok(!node_attr(div, ATTR_CLASS).p, "absent attribute");
	int enter = 0, leave = 0;
	for (struct walk w = walk_start(div); walk_next(&w);)
		w.leave ? leave++ : enter++;
	is_int(enter, 7, "walk enters each node");
	is_int(leave, 3, "walk leaves each element");
	enter = 0;
	for (struct walk w = walk_start(d->body); walk_next(&w);) {
		enter += !w.leave;
		if (!w.leave && w.node == div)
			walk_skip(&w);
	}
	is_int(enter, 5, "walk skips");
}

static void building(void)
{
	struct dom *d = parse("<p class='a b'>x <em>y</em>");
	struct dom_build *b = dom_build_new(&arena, 0, 0);
	build_open(b, TAG_DIV);
	build_attr(b, ATTR_ID, STR("i"));
	build_attr(b, ATTR_ID, STR("second"));
	build_attr_name(b, STR("x-y"), STR("1"));
	build_text(b, STR("a"));
	build_text(b, STR("b"));
	build_text(b, STR("c"));
	for (int i = 0; i < 40; i++) {
		build_copy(b, d, node_find(d->nodes, TAG_P));
		build_open_name(b, arena_printf(&arena, "x-%d", i), NS_HTML);
	}
	is_int(build_depth(b), 41, "depth");
	struct dom *n = build_done(b);
	struct str html = outer(n, n->nodes);
	ok(str_starts(html, STR("<div id=\"i\" x-y=\"1\">abc<p class=\"a b\">x <em>y</em></p><x-0><p")), "built: %.*s",
		STR_FMT(html));
	is_int(n->nodes[0].size, n->n, "sizes add up");
	ok(node_has_class(node_find(n->nodes, TAG_P), STR("b")), "class of a copy");
	is_str(dom_attr(n, &n->nodes[1], STR("x-y")), "1", "attribute by name");
}

int main(void)
{
	arena_init(&arena, 0);
	trees();
	moving();
	building();
	struct dom *d;
	struct err e;
	is_int(dom_parse(&arena, STR("12345"), &(struct dom_opts){ .bytes_max = 4 }, &d, &e), E_LIMIT, "size limit");
	arena_release(&arena);
	return done_testing();
}
