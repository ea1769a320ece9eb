/* Appending nodes in document order; dom_gumbo.c and the plain tree builder use it, and so may others. */
#include "base/first.h"
#include "html/dom_build.h"

struct dom_build *dom_build_new(struct arena *a, size_t nodes, size_t attrs)
{
	struct dom_build *b = arena_new(a, struct dom_build);
	b->arena = a;
	b->cap = MAX(nodes, 16) + 2;
	b->nodes = arena_alloc(a, b->cap * sizeof *b->nodes);
	b->attrs_cap = MAX(attrs, 8);
	b->attrs = arena_alloc(a, b->attrs_cap * sizeof *b->attrs);
	name_set_init(&b->tags, a, TAG_KNOWN_N);
	name_set_init(&b->attr_names, a, ATTR_KNOWN_N);
	b->dom = arena_new(a, struct dom);
	b->nodes[0] = (struct node){ .type = NODE_DOCUMENT, .flags = NODE_LAST };
	b->n = 1;
	struct build_level *top = vec_add(a, &b->open);
	*top = (struct build_level){ .node = 0 };
	return b;
}

static void grow_nodes(struct dom_build *b)
{
	b->nodes = arena_grow(b->arena, b->nodes, b->cap * sizeof *b->nodes, b->cap * 2 * sizeof *b->nodes);
	b->cap *= 2;
}

struct node *build_add(struct dom_build *b, enum node_type type)
{
	if (b->n == b->cap)
		grow_nodes(b);
	struct build_level *top = &vec_last(&b->open);
	uint32_t at = b->n++;
	struct node *n = &b->nodes[at];
	*n = (struct node){ .type = (uint8_t)type, .up = at - top->node, .size = 1 };
	if (top->last) {
		n->back = at - top->last;
		b->nodes[top->last].flags &= (uint8_t)~NODE_LAST;
	}
	n->flags = NODE_LAST;
	top->last = at;
	return n;
}

static void push(struct dom_build *b)
{
	struct build_level *l = vec_add(b->arena, &b->open);
	l->node = b->n - 1;
}

static const struct attr no_attrs[1];

struct node *build_open_number(struct dom_build *b, uint32_t tag, enum node_ns ns)
{
	struct node *n = build_add(b, NODE_ELEMENT);
	n->tag = tag;
	n->ns = (uint8_t)ns;
	n->attrs = no_attrs; /* until the first one comes */
	b->elements++;
	push(b);
	return n;
}

void build_open(struct dom_build *b, enum tag tag)
{
	build_open_number(b, tag, NS_HTML);
}

uint32_t build_tag_number(struct dom_build *b, struct str name)
{
	uint32_t t = name_known_tag(name);
	return t ? t : name_set_number(&b->tags, name);
}

void build_open_name(struct dom_build *b, struct str name, enum node_ns ns)
{
	build_open_number(b, build_tag_number(b, name), ns);
}

/* Attributes of all elements share one run; the run starts anew when full, taking the open element's along. */
static void grow_attrs(struct dom_build *b, struct node *n)
{
	size_t cap = MIN(b->attrs_cap * 2, (size_t)1 << 16);
	struct attr *fresh = arena_alloc(b->arena, MAX(cap, n->n * 2 + 8) * sizeof *fresh);
	if (n->n)
		memcpy(fresh, n->attrs, n->n * sizeof *fresh);
	b->attrs_cap = MAX(cap, n->n * 2 + 8);
	b->attrs = fresh;
	b->attrs_n = n->n;
	n->attrs = fresh;
}

void build_attr_number(struct dom_build *b, uint32_t name, struct str value)
{
	struct node *n = &b->nodes[vec_last(&b->open).node];
	assert(n->type == NODE_ELEMENT && n == &b->nodes[b->n - 1]);
	if (node_attr_at(n, name))
		return;
	if (n->n >= DOM_ATTRS_MAX) {
		b->dom->flattened = true;
		return;
	}
	if (b->attrs_n == b->attrs_cap)
		grow_attrs(b, n);
	struct attr *at = &b->attrs[b->attrs_n++];
	if (!n->n)
		n->attrs = at;
	n->n++;
	*at = (struct attr){ .name = name, .n = (uint32_t)value.n, .p = value.p ? value.p : "" };
}

void build_attr(struct dom_build *b, enum attr_name name, struct str value)
{
	build_attr_number(b, name, value);
}

uint32_t build_attr_name_number(struct dom_build *b, struct str name)
{
	uint32_t t = name_known_attr(name);
	return t ? t : name_set_number(&b->attr_names, name);
}

void build_attr_name(struct dom_build *b, struct str name, struct str value)
{
	build_attr_number(b, build_attr_name_number(b, name), value);
}

void build_text(struct dom_build *b, struct str text)
{
	if (!text.n)
		return;
	uint32_t last = vec_last(&b->open).last;
	struct node *n = last ? &b->nodes[last] : NULL;
	if (n && n->type == NODE_TEXT) {
		bool ours = b->joined == last; /* then the text is a block of ours that may grow */
		size_t room = n->n + text.n;
		char *p;
		if (ours && room <= b->joined_cap) {
			p = (char *)n->text;
		} else {
			b->joined_cap = room * 2;
			p = arena_alloc(b->arena, b->joined_cap);
			memcpy(p, n->text, n->n);
			b->joined = last;
		}
		memcpy(p + n->n, text.p, text.n);
		n->text = p;
		n->n = (uint32_t)room;
		return;
	}
	n = build_add(b, NODE_TEXT);
	n->text = text.p;
	n->n = (uint32_t)text.n;
}

void build_comment(struct dom_build *b, struct str text)
{
	struct node *n = build_add(b, NODE_COMMENT);
	n->text = text.p ? text.p : "";
	n->n = (uint32_t)text.n;
}

void build_doctype(struct dom_build *b, struct str name, struct str public_id, struct str system_id)
{
	struct node *n = build_add(b, NODE_DOCTYPE);
	n->text = name.p ? name.p : "";
	n->n = (uint32_t)name.n;
	b->dom->public_id = public_id;
	b->dom->system_id = system_id;
}

void build_fragment(struct dom_build *b)
{
	build_add(b, NODE_FRAGMENT);
	push(b);
}

void build_close(struct dom_build *b)
{
	if (b->open.n <= 1)
		return;
	uint32_t at = vec_pop(&b->open).node;
	b->nodes[at].size = b->n - at;
}

static void copy_one(struct dom_build *b, const struct dom *from, const struct node *n)
{
	switch (n->type) {
	case NODE_ELEMENT:
		if (n->tag < TAG_KNOWN_N)
			build_open_number(b, n->tag, n->ns);
		else
			build_open_name(b, dom_tag_name(from, n), n->ns);
		for (uint32_t i = 0; i < n->n; i++) {
			const struct attr *at = &n->attrs[i];
			uint32_t name =
				at->name < ATTR_KNOWN_N ? at->name : build_attr_name_number(b, dom_attr_name(from, at));
			build_attr_number(b, name, str_n(at->p, at->n));
		}
		break;
	case NODE_TEXT:
		build_text(b, node_text(n));
		break;
	case NODE_COMMENT:
		build_comment(b, node_text(n));
		break;
	case NODE_DOCTYPE:
		build_doctype(b, node_text(n), from->public_id, from->system_id);
		break;
	case NODE_FRAGMENT:
		build_fragment(b);
		break;
	}
}

void build_copy(struct dom_build *b, const struct dom *from, const struct node *n)
{
	struct walk w = walk_start(n);
	w.templates = true;
	while (walk_next(&w)) {
		if (w.node->type == NODE_DOCUMENT)
			continue;
		if (w.leave)
			build_close(b);
		else
			copy_one(b, from, w.node);
	}
}

size_t build_depth(const struct dom_build *b)
{
	return b->open.n - 1;
}

static void find_parts(struct dom *d)
{
	for (const struct node *n = node_first_element(d->nodes); n && !d->html; n = node_next_element(n))
		if (node_is(n, TAG_HTML))
			d->html = n;
	for (const struct node *n = d->html ? node_first_element(d->html) : NULL; n; n = node_next_element(n)) {
		if (!d->head && node_is(n, TAG_HEAD))
			d->head = n;
		else if (!d->body && node_is(n, TAG_BODY))
			d->body = n;
	}
}

struct dom *build_done(struct dom_build *b)
{
	while (b->open.n > 1)
		build_close(b);
	b->nodes[0].size = b->n;
	struct dom *d = b->dom;
	d->nodes = b->nodes;
	d->n = b->n;
	d->elements = b->elements;
	d->tag_names = b->tags.names.at;
	d->tag_names_n = (uint32_t)b->tags.names.n;
	d->attr_names = b->attr_names.names.at;
	d->attr_names_n = (uint32_t)b->attr_names.names.n;
	if (!d->charset.p)
		d->charset = STR("UTF-8");
	find_parts(d);
	return d;
}
