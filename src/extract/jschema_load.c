#include "base/first.h"
#include "extract/jschema_load.h"

#include "base/enc.h"
#include "base/scan.h"

/*
 * Schemas are found by walking from the root through the keywords that hold schemas (a work list, so
 * depth costs no stack); "$id" and anchors are registered on the way, references resolved afterwards. A
 * reference may lead to a place that no keyword leads to: that is then walked in turn.
 */

int load_fail(struct load *l, const char *keyword, const char *fmt, ...)
{
	char words[160];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	return err_set(l->err, E_INVALID, "schema: %s: %s", keyword, words);
}

static struct resource *resource_new(struct load *l, struct str uri, const struct json *root, bool draft7)
{
	struct resource *res = arena_new(l->arena, struct resource);
	res->uri = uri;
	res->root = root;
	res->draft7 = draft7;
	map_init(&res->anchors, l->arena);
	map_init(&res->dynamic, l->arena);
	map_set(&l->resources, uri, res);
	return res;
}

static bool is_draft7(const struct json *schema, bool otherwise)
{
	struct str uri = json_str(json_get(schema, "$schema"), STR_NULL);
	if (!uri.p)
		return otherwise;
	return str_find(uri, STR("draft-07")) != STR_NPOS || str_find(uri, STR("draft-06")) != STR_NPOS ||
		str_find(uri, STR("draft-04")) != STR_NPOS;
}

/* Registers what a schema says about its own identity. */
static int read_identity(struct load *l, struct node *n, struct resource *parent)
{
	const struct json *id = json_get(n->src, "$id");
	struct str fragment = STR_NULL;
	n->res = parent;
	if (json_is(id, J_STRING) && !n->ref_only) {
		struct str uri = uri_without_fragment(id->s, &fragment);
		bool anchor_only = !uri.n && fragment.n; /* draft 07's way to name a place */
		if (!anchor_only && n->src != parent->root) {
			uri = uri_resolve(l->arena, parent->uri, uri);
			n->res = resource_new(l, uri, n->src, is_draft7(n->src, parent->draft7));
		}
		if (fragment.n)
			map_set(&n->res->anchors, fragment, n);
	} else if (id && !json_is(id, J_STRING) && !n->ref_only) {
		return load_fail(l, "$id", "must be a string");
	}
	struct str anchor = json_str(json_get(n->src, "$anchor"), STR_NULL);
	struct str dynamic = json_str(json_get(n->src, "$dynamicAnchor"), STR_NULL);
	if (anchor.p)
		map_set(&n->res->anchors, anchor, n);
	if (dynamic.p) {
		map_set(&n->res->anchors, dynamic, n);
		map_set(&n->res->dynamic, dynamic, n);
	}
	return 0;
}

struct node *load_node(struct load *l, const struct json *src, struct resource *res)
{
	if (!json_is(src, J_OBJECT) && !json_is_bool(src)) {
		err_set(l->err, E_INVALID, "schema: a schema must be an object or a boolean, not %s",
			json_kind_name(src));
		return NULL;
	}
	struct node *n = map_get(&l->nodes, str_n((const char *)&src, sizeof src));
	if (n)
		return n;
	if (l->all.n >= JSCHEMA_NODES_MAX) {
		err_set(l->err, E_LIMIT, "schema: more than %d subschemas", JSCHEMA_NODES_MAX);
		return NULL;
	}
	n = arena_new(l->arena, struct node);
	n->src = src;
	n->ref_only = res->draft7 && json_is(json_get(src, "$ref"), J_STRING);
	if (read_identity(l, n, res) < 0)
		return NULL;
	map_set(&l->nodes, str_n((const char *)&n->src, sizeof n->src), n);
	vec_push(l->arena, &l->all, n);
	return n;
}

/* One token of a JSON Pointer: percent-decoded already, ~0 and ~1 not. */
static struct str unescape(struct arena *a, struct str token)
{
	struct buf out;
	buf_init(&out, a, 0);
	for (size_t i = 0; i < token.n; i++) {
		bool tilde = token.p[i] == '~' && i + 1 < token.n;
		if (tilde && token.p[i + 1] == '1')
			buf_addc(&out, '/'), i++;
		else if (tilde && token.p[i + 1] == '0')
			buf_addc(&out, '~'), i++;
		else
			buf_addc(&out, token.p[i]);
	}
	return buf_str(&out);
}

/* Follows "/a/b/0" from a resource's root. The base URI of what is found is that of the nearest known
 * schema on the way. */
static struct node *follow_pointer(struct load *l, struct resource *res, struct str pointer)
{
	const struct json *at = res->root;
	while (at && pointer.n) {
		pointer = str_from(pointer, 1);
		size_t end = str_chr(pointer, '/');
		struct str token = unescape(l->arena, str_sub(pointer, 0, end == STR_NPOS ? pointer.n : end));
		uint64_t index;
		if (json_is(at, J_ARRAY))
			at = scan_u64(token, &index) == 0 ? json_at(at, index) : NULL;
		else
			at = json_get_str(at, token);
		pointer = end == STR_NPOS ? STR_NULL : str_from(pointer, end);
		struct node *known = at ? map_get(&l->nodes, str_n((const char *)&at, sizeof at)) : NULL;
		if (known)
			res = known->res;
	}
	return at ? load_node(l, at, res) : NULL;
}

/* A meta-schema that is referred to is read like an embedded resource. */
static struct resource *load_meta(struct load *l, struct str uri)
{
	const char *text = meta_schema(uri);
	const struct json *root = NULL;
	if (!text || json_parse(l->arena, str_of(text), NULL, &root, l->err) < 0)
		return NULL;
	struct resource *res = resource_new(l, uri, root, is_draft7(root, false));
	return load_node(l, root, res) ? res : NULL;
}

static int resolve(struct load *l, const struct pending_ref *p)
{
	const char *keyword = p->dynamic ? "$dynamicRef" : "$ref";
	struct str fragment, full = uri_resolve(l->arena, p->from->res->uri, p->ref);
	struct str uri = uri_without_fragment(full, &fragment);
	struct resource *res = map_get(&l->resources, uri);
	if (!res)
		res = load_meta(l, uri);
	if (!res)
		return load_fail(l, keyword, "\"%.*s\" leads outside the document", (int)MIN(p->ref.n, (size_t)100),
			p->ref.p);
	struct node *to;
	struct buf plain;
	buf_init(&plain, l->arena, 0);
	dec_percent(&plain, fragment, false);
	struct str name = buf_str(&plain);
	bool pointer = !name.n || name.p[0] == '/';
	if (pointer)
		to = follow_pointer(l, res, name);
	else
		to = map_get(&res->anchors, name);
	if (!to)
		return load_fail(l, keyword, "\"%.*s\" leads nowhere", (int)MIN(p->ref.n, (size_t)100), p->ref.p);
	if (!p->dynamic) {
		p->from->ref = to;
		return 0;
	}
	p->from->dynamic_ref = to;
	if (!pointer && map_get(&res->dynamic, name) == to)
		p->from->dynamic_name = name;
	return 0;
}

/* Reads the work lists empty: keywords give more nodes, references give more nodes. */
static int load_all(struct load *l)
{
	int rc = 0;
	while (rc == 0 && (l->filled < l->all.n || l->resolved < l->refs.n)) {
		if (l->filled < l->all.n) {
			rc = load_keywords(l, l->all.at[l->filled++]);
			continue;
		}
		struct pending_ref p = l->refs.at[l->resolved++];
		rc = resolve(l, &p);
	}
	return rc;
}

int jschema_compile(struct arena *a, const struct json *schema, const struct jschema_opts *o,
	const struct jschema **ret, struct err *e)
{
	struct err unread;
	struct load l = { .arena = a, .err = e ? e : &unread, .formats = o && o->formats };
	map_init(&l.nodes, a);
	map_init(&l.resources, a);
	struct str fragment, id = json_str(json_get(schema, "$id"), STR(""));
	bool draft7 = is_draft7(schema, json_get(schema, "definitions") && !json_get(schema, "$defs"));
	struct jschema *s = arena_new(a, struct jschema);
	s->arena = a;
	s->first = resource_new(&l, uri_without_fragment(id, &fragment), schema, draft7);
	s->root = load_node(&l, schema, s->first);
	int rc = s->root ? load_all(&l) : l.err->code;
	if (rc == 0)
		*ret = s;
	return rc;
}
