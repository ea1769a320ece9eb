/*
 * Formulas. TeX that travels with the formula (annotations, alt texts, MathJax scripts) is taken as it is; MathML
 * without any is read into TeX, element by element.
 */
#include "base/first.h"
#include "base/vec.h"
#include "html/md_code.h"
#include "html/text.h"

bool math_is(const struct node *n)
{
	if (n->type != NODE_ELEMENT)
		return false;
	if (n->tag == TAG_MATH)
		return true;
	if (n->tag == TAG_SCRIPT)
		return str_starts(node_attr(n, ATTR_TYPE), STR("math/tex"));
	if (n->tag != TAG_SPAN || !n->n)
		return false;
	struct str c = node_attr(n, ATTR_CLASS);
	return str_starts(c, STR("katex")) || str_starts(c, STR("mwe-math-element"));
}

static const struct node *find_math(const struct node *n)
{
	for (const struct node *x = n; x < node_end(n); x++)
		if (x->type == NODE_ELEMENT && x->tag == TAG_MATH)
			return x;
	return NULL;
}

/* TeX given beside the MathML: <annotation encoding="application/x-tex">, alttext. */
static struct str given_tex(struct arena *a, const struct dom *d, const struct node *math)
{
	for (const struct node *x = math; x < node_end(math); x++) {
		if (x->type != NODE_ELEMENT || x->tag != TAG_ANNOTATION)
			continue;
		struct str enc = dom_attr(d, x, STR("encoding"));
		if (str_findi(enc, STR("tex")) != STR_NPOS)
			return str_trim(text_content_of(a, x));
	}
	return str_trim(dom_attr(d, math, STR("alttext")));
}

/* What stands before the children of an element and behind the last. */
struct shape {
	const char *name;
	const char *before[3], *after;
};

static const struct shape shapes[] = {
	{ "mfrac", { "\\frac{", "}{", "}{" }, "}" },
	{ "msup", { "{", "}^{", "}{" }, "}" },
	{ "msub", { "{", "}_{", "}{" }, "}" },
	{ "msubsup", { "{", "}_{", "}^{" }, "}" },
	{ "mover", { "{", "}^{", "}{" }, "}" },
	{ "munder", { "{", "}_{", "}{" }, "}" },
	{ "munderover", { "{", "}_{", "}^{" }, "}" },
	{ "msqrt", { "\\sqrt{", "", "" }, "}" },
	{ "mroot", { "{", "}^{1/", "" }, "}" },
	{ "mfenced", { "(", ", ", ", " }, ")" },
	{ "mtable", { "\\begin{matrix}", " \\\\ ", " \\\\ " }, "\\end{matrix}" },
	{ "mtr", { "", " & ", " & " }, "" },
};

static const struct shape *shape_of(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		if (str_is(name, shapes[i].name))
			return &shapes[i];
	return NULL;
}

static void put_token(const struct node *leaf, struct str name, struct str s, struct buf *out)
{
	s = str_trim(s);
	if (!s.n || str_is(s, "\xE2\x81\xA1") || str_is(s, "\xE2\x81\xA2") || str_is(s, "\xE2\x81\xA3"))
		return; /* nothing to see: function application, invisible times and comma */
	bool ascii = true;
	for (size_t i = 0; i < s.n; i++)
		ascii = ascii && is_alpha(s.p[i]);
	bool word = str_is(name, "mtext") || (str_is(name, "mi") && s.n > 1 && ascii);
	bool wide = str_is(name, "mo") && !str_is(s, "(") && !str_is(s, ")") && !str_is(s, ",");
	if (str_is(s, "\xE2\x88\x92"))
		s = STR("-");
	buf_addz(out, word ? "\\text{" : wide ? " " : "");
	buf_adds(out, s);
	buf_addz(out, word ? "}" : wide ? " " : "");
}

struct frame {
	const struct node *node;
	const struct shape *shape;
	uint32_t children;
};

static void read_mathml(struct arena *a, const struct dom *d, const struct node *math, struct buf *out)
{
	VEC(struct frame) stack = { 0 };
	for (struct walk w = walk_start(math); walk_next(&w);) {
		const struct node *n = w.node;
		struct frame *top = stack.n ? &vec_last(&stack) : NULL;
		if (n->type == NODE_TEXT && top)
			put_token(n, dom_tag_name(d, top->node), node_text(n), out);
		if (n->type != NODE_ELEMENT)
			continue;
		if (w.leave) {
			if (top && top->node == n) {
				if (top->shape)
					buf_addz(out, top->children ? top->shape->after : "");
				stack.n--;
			}
			continue;
		}
		if (n->tag == TAG_ANNOTATION || n->tag == TAG_ANNOTATION_XML) {
			walk_skip(&w);
			continue;
		}
		if (top && top->shape)
			buf_addz(out, top->shape->before[MIN(top->children, 2u)]);
		if (top)
			top->children++;
		vec_push(a, &stack, (struct frame){ .node = n, .shape = shape_of(dom_tag_name(d, n)) });
	}
}

bool math_tex(struct arena *a, const struct dom *d, const struct node *n, struct buf *out)
{
	if (n->tag == TAG_SCRIPT) {
		buf_adds(out, str_trim(text_content_of(a, n)));
		return str_find(node_attr(n, ATTR_TYPE), STR("mode=display")) != STR_NPOS;
	}
	bool block = str_starts(node_attr(n, ATTR_CLASS), STR("katex-display"));
	const struct node *math = find_math(n);
	if (!math)
		return block;
	struct str tex = given_tex(a, d, math);
	if (str_starts(tex, STR("{\\displaystyle ")) && str_ends(tex, STR("}")))
		tex = str_trim(str_sub(tex, 15, tex.n - 16));
	if (tex.n)
		buf_adds(out, tex);
	else
		read_mathml(a, d, math, out);
	return block || str_is(dom_attr(d, math, STR("display")), "block");
}
