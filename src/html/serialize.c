/* HTML fragment serialisation, HTML Living Standard section 13.3. */
#include "base/first.h"
#include "base/buf.h"
#include "html/dom.h"

/* The bytes up to the next one that must be escaped go over in one piece. */
static void escaped(struct buf *out, struct str s, bool in_attr)
{
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *as = NULL;
		size_t width = 1;
		switch ((uint8_t)s.p[i]) {
		case '&':
			as = "&amp;";
			break;
		case 0xC2:
			if (i + 1 < s.n && (uint8_t)s.p[i + 1] == 0xA0) {
				as = "&nbsp;";
				width = 2;
			}
			break;
		case '"':
			as = in_attr ? "&quot;" : NULL;
			break;
		case '<':
			as = "&lt;";
			break;
		case '>':
			as = "&gt;";
			break;
		}
		if (!as)
			continue;
		buf_add(out, s.p + from, i - from);
		buf_addz(out, as);
		from = i + width;
		i = from - 1;
	}
	buf_add(out, s.p + from, s.n - from);
}

static bool is_raw(const struct node *n)
{
	if (!n || n->type != NODE_ELEMENT || n->ns != NS_HTML)
		return false;
	switch (n->tag) {
	case TAG_STYLE:
	case TAG_SCRIPT:
	case TAG_XMP:
	case TAG_IFRAME:
	case TAG_NOEMBED:
	case TAG_NOFRAMES:
	case TAG_PLAINTEXT:
		return true;
	}
	return false;
}

static void start_tag(const struct dom *d, const struct node *n, struct buf *out)
{
	buf_addc(out, '<');
	buf_adds(out, dom_tag_name(d, n));
	for (uint32_t i = 0; i < n->n; i++) {
		buf_addc(out, ' ');
		buf_adds(out, dom_attr_name(d, &n->attrs[i]));
		buf_addz(out, "=\"");
		escaped(out, str_n(n->attrs[i].p, n->attrs[i].n), true);
		buf_addc(out, '"');
	}
	buf_addc(out, '>');
}

static void write_node(const struct dom *d, const struct node *n, bool leave, struct buf *out)
{
	switch (n->type) {
	case NODE_ELEMENT:
		if (!leave) {
			start_tag(d, n, out);
		} else if (n->ns != NS_HTML || !tag_is_void(n->tag)) {
			buf_addz(out, "</");
			buf_adds(out, dom_tag_name(d, n));
			buf_addc(out, '>');
		}
		break;
	case NODE_TEXT:
		if (is_raw(node_parent(n)))
			buf_adds(out, node_text(n));
		else
			escaped(out, node_text(n), false);
		break;
	case NODE_COMMENT:
		buf_addz(out, "<!--");
		buf_adds(out, node_text(n));
		buf_addz(out, "-->");
		break;
	case NODE_DOCTYPE:
		buf_addz(out, "<!DOCTYPE ");
		buf_adds(out, node_text(n));
		buf_addc(out, '>');
		break;
	}
}

static void serialize(const struct dom *d, const struct node *root, bool outer, struct buf *out)
{
	struct walk w = walk_start(root);
	w.templates = true;
	while (walk_next(&w)) {
		if (w.node == root && !outer)
			continue;
		write_node(d, w.node, w.leave, out);
		/* A void element has no contents in what is written, whatever was put there. */
		if (!w.leave && w.node->type == NODE_ELEMENT && w.node->ns == NS_HTML && tag_is_void(w.node->tag))
			walk_skip(&w);
	}
}

void dom_outer_html(const struct dom *d, const struct node *n, struct buf *out)
{
	serialize(d, n, true, out);
}

void dom_inner_html(const struct dom *d, const struct node *n, struct buf *out)
{
	serialize(d, n, false, out);
}
