#include "base/first.h"
#include "extract/jschema_node.h"

/*
 * URI references by RFC 3986. The WHATWG parser of the url folder is for the web's URLs; schema
 * identifiers are also URNs and bare relative references, and must be kept letter by letter.
 */

struct parts {
	struct str scheme, authority, path, query, fragment; /* NULL: absent (but for the path) */
};

static struct parts split(struct str s)
{
	struct parts u = { 0 };
	size_t at = str_chr(s, '#');
	if (at != STR_NPOS) {
		u.fragment = str_from(s, at + 1);
		s.n = at;
	}
	at = str_chr(s, '?');
	if (at != STR_NPOS) {
		u.query = str_from(s, at + 1);
		s.n = at;
	}
	for (size_t i = 0; i < s.n && s.p[i] != '/'; i++)
		if (s.p[i] == ':' && i > 0 && is_alpha(s.p[0])) {
			u.scheme = str_n(s.p, i);
			s = str_from(s, i + 1);
			break;
		}
	if (s.n >= 2 && s.p[0] == '/' && s.p[1] == '/') {
		s = str_from(s, 2);
		at = str_chr(s, '/');
		u.authority = str_sub(s, 0, at == STR_NPOS ? s.n : at);
		s = str_from(s, u.authority.n);
	}
	u.path = s.p ? s : STR("");
	return u;
}

/* 5.2.4, on whole segments. */
static struct str remove_dots(struct arena *a, struct str path)
{
	struct buf out;
	buf_init(&out, a, 0);
	bool rooted = path.n && path.p[0] == '/';
	struct str rest = str_from(path, rooted), seg;
	bool more = rest.n > 0;
	if (rooted)
		buf_addc(&out, '/');
	while (more) {
		size_t at = str_chr(rest, '/');
		more = at != STR_NPOS;
		seg = str_sub(rest, 0, more ? at : rest.n);
		rest = str_from(rest, seg.n + 1);
		if (str_is(seg, ".."))
			/* Back over one segment and its slash. */
			for (size_t slashes = 0; out.n > (size_t)rooted; out.n--)
				if (out.p[out.n - 1] == '/' && slashes++)
					break;
		if (str_is(seg, ".") || str_is(seg, ".."))
			continue;
		buf_adds(&out, seg);
		if (more)
			buf_addc(&out, '/');
	}
	return buf_str(&out);
}

static struct str merge(struct arena *a, struct parts base, struct str path)
{
	if (base.authority.p && !base.path.n)
		return arena_printf(a, "/%.*s", STR_FMT(path));
	size_t at = str_rchr(base.path, '/');
	return arena_printf(a, "%.*s%.*s", (int)(at == STR_NPOS ? 0 : at + 1), base.path.p, STR_FMT(path));
}

struct str uri_resolve(struct arena *a, struct str base, struct str ref)
{
	struct parts r = split(ref), b = split(base), t = r;
	if (r.scheme.p) {
		t.path = r.path.n && r.path.p[0] == '/' ? remove_dots(a, r.path) : r.path;
	} else {
		t.scheme = b.scheme;
		if (r.authority.p) {
			t.path = remove_dots(a, r.path);
		} else {
			t.authority = b.authority;
			if (!r.path.n) {
				t.path = b.path;
				t.query = r.query.p ? r.query : b.query;
			} else {
				t.path = remove_dots(a, r.path.p[0] == '/' ? r.path : merge(a, b, r.path));
			}
		}
	}
	struct buf out;
	buf_init(&out, a, 0);
	if (t.scheme.p) {
		buf_adds(&out, t.scheme);
		buf_addc(&out, ':');
	}
	if (t.authority.p) {
		buf_addz(&out, "//");
		buf_adds(&out, t.authority);
	}
	buf_adds(&out, t.path);
	if (t.query.p) {
		buf_addc(&out, '?');
		buf_adds(&out, t.query);
	}
	if (t.fragment.p) {
		buf_addc(&out, '#');
		buf_adds(&out, t.fragment);
	}
	return buf_str(&out);
}

struct str uri_without_fragment(struct str uri, struct str *ret_fragment)
{
	size_t at = str_chr(uri, '#');
	*ret_fragment = at == STR_NPOS ? STR_NULL : str_from(uri, at + 1);
	return str_sub(uri, 0, at == STR_NPOS ? uri.n : at);
}
