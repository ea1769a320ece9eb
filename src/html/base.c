/*
 * A page has hundreds of references and nearly all are plain: an absolute http(s) URL in its normal form, a path, a
 * file beside the page, a fragment. Those are put together from pieces; everything else goes through the parser.
 */
#include "base/first.h"
#include "html/base.h"

static void take_apart(struct base_url *b)
{
	if (!url_is_http(&b->url) || b->url.opaque_path)
		return;
	b->scheme = b->url.scheme;
	b->href = url_href(b->arena, &b->url, URL_HREF_NO_FRAGMENT);
	size_t host = b->scheme.n + 3, path = host;
	while (path < b->href.n && b->href.p[path] != '/')
		path++;
	b->origin = str_sub(b->href, 0, path);
	struct str end = str_sub(b->href, 0, MIN(b->href.n, path + b->url.path.n));
	b->dir = str_sub(end, 0, str_rchr(end, '/') + 1);
}

void base_url_init(struct base_url *b, struct arena *a, const struct dom *d, struct str page)
{
	*b = (struct base_url){ .arena = a };
	b->page_known = page.p && url_parse(a, page, NULL, &b->page, NULL) == 0;
	b->known = b->page_known;
	b->url = b->page;
	for (const struct node *n = d->nodes; n < node_end(d->nodes); n++) {
		if (!node_is(n, TAG_BASE) || !node_has(n, ATTR_HREF))
			continue;
		struct url u;
		if (url_parse(a, node_attr(n, ATTR_HREF), b->page_known ? &b->page : NULL, &u, NULL) == 0 &&
			!str_is(u.scheme, "data") && !str_is(u.scheme, "javascript")) {
			b->url = u;
			b->known = true;
		}
		break; /* only the first one counts */
	}
	if (b->known)
		take_apart(b);
}

/* Bytes that stand for themselves in every part of a URL where they are looked at here: 1 in paths, 2 behind "?" or
 * "#" too. A dot counts only where it cannot be a dot segment. */
static const uint8_t plain[256] = {
	['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1,
	['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
	['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1, ['A'] = 1, ['B'] = 1, ['C'] = 1, ['D'] = 1,
	['E'] = 1, ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1, ['L'] = 1, ['M'] = 1, ['N'] = 1,
	['O'] = 1, ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1, ['V'] = 1, ['W'] = 1, ['X'] = 1,
	['Y'] = 1, ['Z'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1,
	['8'] = 1, ['9'] = 1, ['-'] = 1, ['_'] = 1, ['~'] = 1, ['!'] = 1, ['$'] = 1, ['&'] = 1, ['('] = 1, [')'] = 1,
	['*'] = 1, ['+'] = 1, [','] = 1, [';'] = 1, ['='] = 1, ['@'] = 1, ['/'] = 1, ['.'] = 1, [':'] = 2, ['?'] = 2,
	['%'] = 2,
};

/* From `i` on: path, query and fragment that the parser would leave as they are. */
static bool is_plain(struct str s, size_t i)
{
	char before = '/';
	for (; i < s.n; before = s.p[i++]) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '.' && before == '/')
			return false; /* may be a dot segment */
		if (c == '?' || c == '#')
			break;
		if (plain[c] != 1)
			return false;
	}
	bool fragment = false;
	for (; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (!plain[c] && (c != '#' || fragment))
			return false;
		fragment |= c == '#';
	}
	return true;
}

/* "https://host/…" in its normal form: a lower-case name whose last label is no number. */
static bool is_plain_absolute(struct str s, size_t host)
{
	size_t i = host, label = host;
	for (; i < s.n && s.p[i] != '/'; i++) {
		if (s.p[i] == '.') {
			if (i == label)
				return false;
			label = i + 1;
		} else if (!is_lower(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-') {
			return false;
		}
		if (s.p[i] == '-' && i + 1 < s.n && s.p[i + 1] == '-')
			return false; /* "xn--" */
	}
	return i > label && i < s.n && !is_digit(s.p[label]) && is_plain(s, i);
}

static struct str join(struct arena *a, struct str x, struct str y)
{
	char *p = arena_alloc(a, x.n + y.n + 1);
	memcpy(p, x.p, x.n);
	memcpy(p + x.n, y.p, y.n);
	p[x.n + y.n] = '\0';
	return str_n(p, x.n + y.n);
}

struct str base_url_resolve(const struct base_url *b, struct str href)
{
	href = str_trim(href);
	size_t host = str_starts(href, STR("https://")) ? 8 : str_starts(href, STR("http://")) ? 7 : 0;
	if (host && is_plain_absolute(href, host))
		return href;
	if (b->origin.p && !host && href.n < URL_INPUT_MAX / 2) {
		char c = href.n ? href.p[0] : '#';
		if (c == '#' && is_plain(href, 0))
			return join(b->arena, b->href, href);
		if (c == '/' && href.n > 1 && href.p[1] != '/' && is_plain(href, 0))
			return join(b->arena, b->origin, href);
		if (c != '/' && c != '?' && c != '#' && is_plain(href, 0))
			return join(b->arena, b->dir, href);
	}
	return url_resolve(b->arena, href, b->known ? &b->url : NULL);
}
