#include "base/first.h"
#include "http/route.h"
#include "base/enc.h"
#include "base/utf8.h"

/* A tree of path segments; literals come before the parameter among siblings, so they win. */
struct route_node {
	struct str literal;
	bool param;
	struct route_node *next, *children;
	const struct route *by_method[METHODS_N];
	int index[METHODS_N];
	uint32_t allowed;
};

/* Cuts a path into its segments; -1 when there are too many. "/" is one empty segment. */
static int segments(struct str path, struct str seg[REQ_SEGMENTS_MAX])
{
	int n = 0;
	for (size_t i = 0; i < path.n;) {
		size_t end = str_chr(str_from(path, i + 1), '/');
		end = end == STR_NPOS ? path.n : i + 1 + end;
		if (n == REQ_SEGMENTS_MAX)
			return -1;
		seg[n++] = str_sub(path, i + 1, end - i - 1);
		i = end;
	}
	return n;
}

static struct route_node *child(struct router *r, struct route_node *parent, struct str seg)
{
	bool param = seg.n && seg.p[0] == ':';
	struct route_node **at = &parent->children;
	for (; *at; at = &(*at)->next) {
		if ((*at)->param && !param)
			break; /* new literals go before the parameter */
		if ((*at)->param == param && (param || str_eq((*at)->literal, seg)))
			return *at;
	}
	struct route_node *n = arena_new(r->arena, struct route_node);
	n->param = param;
	n->literal = seg;
	n->next = *at;
	*at = n;
	return n;
}

static int bad(const struct route *rt, struct err *e, const char *why)
{
	return err_set(
		e, E_INVALID, "route %s (%s %s): %s", rt->id, method_name(rt->method), rt->path ? rt->path : "?", why);
}

static bool has_field(const struct schema *s, struct str name)
{
	if (!s)
		return false;
	for (const struct field *f = s->object.fields; f->name; f++)
		if (str_eq(str_of(f->name), name))
			return true;
	return false;
}

static int check_params(const struct route *rt, struct err *e)
{
	struct str seg[REQ_SEGMENTS_MAX];
	int n = segments(str_of(rt->path), seg);
	size_t in_path = 0, fields = 0;
	if (n < 0)
		return bad(rt, e, "too many path segments");
	for (int i = 0; i < n; i++) {
		if (!seg[i].n && n > 1)
			return bad(rt, e, "empty path segment");
		if (!seg[i].n || seg[i].p[0] != ':')
			continue;
		in_path++;
		if (!has_field(rt->params, str_from(seg[i], 1)))
			return bad(rt, e, "a path parameter has no schema");
	}
	for (const struct field *f = rt->params ? rt->params->object.fields : NULL; f && f->name; f++)
		fields++;
	return fields == in_path ? 0 : bad(rt, e, "a parameter schema has no place in the path");
}

static int check_route(const struct route *rt, struct err *e)
{
	if (rt->method < M_GET || rt->method >= M_OTHER || rt->method == M_HEAD || rt->method == M_OPTIONS)
		return bad(rt, e, "method must be GET, POST, PUT, PATCH or DELETE");
	if (!rt->path || rt->path[0] != '/')
		return bad(rt, e, "path must start with /");
	if (!rt->run)
		return bad(rt, e, "no handler");
	if (!rt->replies || !rt->replies[0].status)
		return bad(rt, e, "no reply is documented");
	if (rt->body.schema && (!rt->body.size || rt->body.schema->kind != S_OBJECT))
		return bad(rt, e, "a body needs an object schema and the size of its struct");
	if (rt->body.schema && rt->body.schema->object.size != rt->body.size)
		return bad(rt, e, "body size differs from its schema's struct");
	if (rt->query && rt->query->kind != S_OBJECT)
		return bad(rt, e, "query schema must be an object");
	if (rt->params && rt->params->kind != S_OBJECT)
		return bad(rt, e, "parameter schema must be an object");
	if (!rt->summary || !rt->tag)
		return bad(rt, e, "summary or tag missing");
	return check_params(rt, e);
}

static int add(struct router *r, const struct route *rt, struct err *e)
{
	int err = check_route(rt, e);
	if (err < 0)
		return err;
	if (r->n == ROUTES_MAX)
		return bad(rt, e, "too many routes");
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->all[i]->id, rt->id) == 0)
			return bad(rt, e, "id is used twice");
	struct str seg[REQ_SEGMENTS_MAX];
	int n = segments(str_of(rt->path), seg);
	struct route_node *node = r->root;
	for (int i = 0; i < n; i++)
		node = child(r, node, seg[i]);
	if (node->by_method[rt->method])
		return bad(rt, e, "method and path are taken already");
	node->by_method[rt->method] = rt;
	node->index[rt->method] = (int)r->n;
	node->allowed |= 1u << rt->method | 1u << M_OPTIONS | (rt->method == M_GET ? 1u << M_HEAD : 0);
	r->all[r->n++] = rt;
	return 0;
}

int router_build(struct router *r, struct arena *a, const struct route *const *tables, struct err *e)
{
	*r = (struct router){ .arena = a };
	r->root = arena_new(a, struct route_node);
	for (size_t t = 0; tables[t]; t++)
		for (const struct route *rt = tables[t]; rt->id; rt++) {
			int err = add(r, rt, e);
			if (err < 0)
				return err;
		}
	return 0;
}

static int decode_params(const struct route *rt, struct arena *a, const struct str *seg, struct route_match *m)
{
	struct str want[REQ_SEGMENTS_MAX];
	int n = segments(str_of(rt->path), want);
	for (int i = 0; i < n; i++) {
		if (!want[i].n || want[i].p[0] != ':')
			continue;
		struct buf b;
		buf_init(&b, a, 0);
		dec_percent(&b, seg[i], false);
		struct str v = buf_str(&b);
		if (memchr(v.p, 0, v.n) || !utf8_valid(v))
			return E_INVALID;
		m->params[m->n_params++] = v;
	}
	return 0;
}

static bool fits(const struct route_node *node, struct str seg)
{
	return node->param ? seg.n > 0 : str_eq(node->literal, seg);
}

int router_match(const struct router *r, struct arena *a, enum http_method m, struct str path, struct route_match *ret)
{
	struct str seg[REQ_SEGMENTS_MAX];
	const struct route_node *next[REQ_SEGMENTS_MAX + 1];
	struct route_match out = { .index = -1 };
	int n = segments(path, seg), depth = 0;
	if (n < 0)
		return E_NOTFOUND;
	enum http_method as = m == M_HEAD ? M_GET : m;
	/* Depth first over the siblings that fit, without recursion. */
	for (next[0] = r->root->children; depth >= 0;) {
		const struct route_node *node = next[depth];
		if (!node) {
			depth--;
			continue;
		}
		next[depth] = node->next;
		if (!fits(node, seg[depth]))
			continue;
		if (depth + 1 < n) {
			next[++depth] = node->children;
			continue;
		}
		out.allowed |= node->allowed;
		if (as != M_OTHER && node->by_method[as]) {
			out.route = node->by_method[as];
			out.index = node->index[as];
			break;
		}
	}
	if (!out.allowed)
		return E_NOTFOUND;
	if (!out.route) {
		*ret = out;
		return E_UNSUPPORTED;
	}
	int err = decode_params(out.route, a, seg, &out);
	if (err == 0)
		*ret = out;
	return err;
}

struct str route_param(const struct route_match *m, const char *name)
{
	if (!m->route)
		return STR_NULL;
	struct str seg[REQ_SEGMENTS_MAX];
	int n = segments(str_of(m->route->path), seg);
	for (int i = 0, p = 0; i < n; i++)
		if (seg[i].n && seg[i].p[0] == ':') {
			if (str_is(str_from(seg[i], 1), name))
				return m->params[p];
			p++;
		}
	return STR_NULL;
}

struct str route_allow(struct arena *a, uint32_t allowed)
{
	struct buf b;
	buf_init(&b, a, 0);
	for (int m = M_GET; m < M_OTHER; m++)
		if (allowed & 1u << m)
			buf_addf(&b, "%s%s", b.n ? ", " : "", method_name((enum http_method)m));
	return buf_str(&b);
}
