#include "base/first.h"
#include "base/vec.h"
#include "html/items.h"
#include "html/text.h"

#define NAMES_MAX 500 /* of properties of one item */

struct item {
	const struct node *node;
	struct json *json, *properties;
	struct str vocab;
	bool refers; /* has itemref */
};

struct items {
	struct arena *arena;
	const struct dom *d;
	const struct base_url *base;
	bool rdfa;
	struct json *top;
	size_t text_left; /* bytes of text still to be copied: items in items hold the same text again and again */
	VEC(struct item) all;
	VEC(size_t) open; /* indexes into `all`, innermost last */
};

/* ---- values */

static struct str url_value(struct items *it, struct str href)
{
	struct str url = base_url_resolve(it->base, href);
	return url.p ? url : str_trim(href);
}

static struct str string_value(struct items *it, const struct node *n)
{
	switch (n->tag) {
	case TAG_META:
		return str_trim(node_attr(n, ATTR_CONTENT));
	case TAG_AUDIO: case TAG_EMBED: case TAG_IFRAME: case TAG_IMG: case TAG_SOURCE: case TAG_TRACK: case TAG_VIDEO:
		return node_has(n, ATTR_SRC) ? url_value(it, node_attr(n, ATTR_SRC)) : STR("");
	case TAG_A: case TAG_AREA: case TAG_LINK:
		if (!node_has(n, ATTR_HREF))
			break;
		return url_value(it, node_attr(n, ATTR_HREF));
	case TAG_OBJECT:
		return node_has(n, ATTR_DATA) ? url_value(it, node_attr(n, ATTR_DATA)) : STR("");
	case TAG_DATA: case TAG_METER:
		if (node_has(n, ATTR_VALUE))
			return str_trim(node_attr(n, ATTR_VALUE));
		break;
	case TAG_TIME:
		if (node_has(n, ATTR_DATETIME))
			return str_trim(node_attr(n, ATTR_DATETIME));
		break;
	}
	if (it->text_left == 0)
		return STR("");
	struct str text = text_line(it->arena, n);
	it->text_left -= MIN(it->text_left, text.n + n->size);
	return text;
}

static struct str value_of(struct items *it, const struct node *n)
{
	if (it->rdfa && node_has(n, ATTR_RESOURCE))
		return url_value(it, node_attr(n, ATTR_RESOURCE));
	/* Pages put content="…" on any element, and mean it. */
	if (node_has(n, ATTR_CONTENT))
		return str_trim(node_attr(n, ATTR_CONTENT));
	return string_value(it, n);
}

/* ---- building */

static struct json *list_of(struct items *it, struct json *object, struct str name)
{
	struct json *list = (struct json *)json_get_str(object, name);
	if (!list && object->n < NAMES_MAX) {
		list = json_new_array(it->arena);
		json_put(it->arena, object, name, list);
	}
	return list;
}

static void add_property(struct items *it, struct item *owner, struct str names, const struct json *value)
{
	struct str name;
	while (next_word(&names, &name)) {
		struct json *list = list_of(it, owner->properties, name);
		if (list)
			json_push(it->arena, list, value);
	}
}

static struct str type_in_vocab(struct items *it, struct str vocab, struct str type)
{
	if (!vocab.n || str_chr(type, ':') != STR_NPOS)
		return type;
	bool slash = vocab.p[vocab.n - 1] == '/' || vocab.p[vocab.n - 1] == '#';
	return arena_printf(it->arena, "%.*s%s%.*s", STR_FMT(vocab), slash ? "" : "/", STR_FMT(type));
}

static struct str vocab_at(const struct node *n)
{
	for (; n; n = node_parent_element(n))
		if (node_has(n, ATTR_VOCAB))
			return str_trim(node_attr(n, ATTR_VOCAB));
	return STR_NULL;
}

static size_t new_item(struct items *it, const struct node *n)
{
	struct item *x = vec_add(it->arena, &it->all);
	struct json *types = json_new_array(it->arena);
	struct str rest = node_attr(n, it->rdfa ? ATTR_TYPEOF : ATTR_ITEMTYPE), type;
	x->node = n;
	x->json = json_new_object(it->arena);
	x->properties = json_new_object(it->arena);
	x->vocab = it->rdfa ? vocab_at(n) : STR_NULL;
	x->refers = !it->rdfa && node_has(n, ATTR_ITEMREF);
	while (next_word(&rest, &type))
		json_push(it->arena, types, json_new_str(it->arena, type_in_vocab(it, x->vocab, type)));
	json_put(it->arena, x->json, STR("type"), types);
	struct str id = node_attr(n, it->rdfa ? ATTR_RESOURCE : ATTR_ITEMID);
	if (it->rdfa && !id.p)
		id = node_attr(n, ATTR_ABOUT);
	if (id.p)
		json_put(it->arena, x->json, STR("id"), json_new_str(it->arena, url_value(it, id)));
	json_put(it->arena, x->json, STR("properties"), x->properties);
	return it->all.n - 1;
}

static struct item *owner_at(struct items *it, const struct node *n)
{
	while (it->open.n && !node_contains(it->all.at[vec_last(&it->open)].node, n))
		it->open.n--;
	return it->open.n ? &it->all.at[vec_last(&it->open)] : NULL;
}

static void visit(struct items *it, const struct node *n)
{
	bool scope = node_has(n, it->rdfa ? ATTR_TYPEOF : ATTR_ITEMSCOPE);
	struct str names = node_attr(n, it->rdfa ? ATTR_PROPERTY : ATTR_ITEMPROP);
	if (!scope && !names.p)
		return;
	owner_at(it, n);
	size_t outer = it->open.n ? vec_last(&it->open) : SIZE_MAX;
	if (scope && it->all.n < ITEMS_MAX) {
		size_t own = new_item(it, n);
		vec_push(it->arena, &it->open, own);
		if (names.p && outer != SIZE_MAX)
			add_property(it, &it->all.at[outer], names, it->all.at[own].json);
		else if (!names.p)
			json_push(it->arena, it->top, it->all.at[own].json);
	} else if (names.p && outer != SIZE_MAX) {
		add_property(it, &it->all.at[outer], names, json_new_str(it->arena, value_of(it, n)));
	}
}

/* Properties that stand elsewhere: itemref="id id". Their own items were made on the way already. */
static const struct json *item_of(struct items *it, const struct node *n)
{
	for (size_t i = 0; i < it->all.n; i++)
		if (it->all.at[i].node == n)
			return it->all.at[i].json;
	return NULL;
}

static void visit_reference(struct items *it, struct item *owner, const struct node *root)
{
	for (const struct node *n = root; n < node_end(root);) {
		struct str names = n->type == NODE_ELEMENT ? node_attr(n, ATTR_ITEMPROP) : STR_NULL;
		bool scope = n->type == NODE_ELEMENT && node_has(n, ATTR_ITEMSCOPE);
		const struct json *item = names.p && scope && n != owner->node ? item_of(it, n) : NULL;
		if (names.p && scope && item && !node_contains(n, owner->node))
			add_property(it, owner, names, item);
		else if (names.p && !scope)
			add_property(it, owner, names, json_new_str(it->arena, value_of(it, n)));
		n += scope || n->type == NODE_FRAGMENT ? n->size : 1;
	}
}

static void follow_references(struct items *it)
{
	int budget = 200; /* references of a page */
	for (size_t i = 0; i < it->all.n; i++) {
		struct str rest = it->all.at[i].refers ? node_attr(it->all.at[i].node, ATTR_ITEMREF) : STR_NULL, id;
		while (next_word(&rest, &id) && budget-- > 0)
			for (const struct node *n = it->d->nodes; n < node_end(it->d->nodes); n++)
				if (n->type == NODE_ELEMENT && str_eq(node_attr(n, ATTR_ID), id)) {
					/* what lies inside the item was taken already */
					if (!node_contains(it->all.at[i].node, n) &&
						!node_contains(n, it->all.at[i].node))
						visit_reference(it, &it->all.at[i], n);
					break;
				}
	}
}

static const struct json *collect(struct arena *a, const struct dom *d, const struct base_url *b, bool rdfa)
{
	struct items it = { .arena = a, .d = d, .base = b, .rdfa = rdfa, .top = json_new_array(a) };
	it.text_left = 4 * d->source.n + MiB;
	uint32_t scope = rdfa ? ATTR_TYPEOF : ATTR_ITEMSCOPE;
	bool any = false;
	const struct node *end = node_end(d->nodes);
	for (const struct node *n = d->nodes; n < end; n += n->type == NODE_FRAGMENT ? n->size : 1) {
		if (n->type != NODE_ELEMENT || !n->n)
			continue;
		any = any || node_attr_at(n, scope);
		if (any)
			visit(&it, n);
	}
	if (!rdfa)
		follow_references(&it);
	return it.top;
}

const struct json *items_microdata(struct arena *a, const struct dom *d, const struct base_url *b)
{
	return collect(a, d, b, false);
}

const struct json *items_rdfa(struct arena *a, const struct dom *d, const struct base_url *b)
{
	return collect(a, d, b, true);
}
