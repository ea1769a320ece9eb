/*
 * The basic URL parser (URL Standard 4.4). The standard tells it as a state machine over one code
 * point at a time; here each state that consumes a run is a function that takes the whole run, named
 * after the state. `p->i` is the standard's pointer.
 */
#include "base/first.h"
#include "base/utf8.h"
#include "url/host.h"
#include "url/percent.h"
#include "url/url.h"

struct parser {
	struct arena *a;
	struct str s; /* trimmed, without tabs and newlines, valid UTF-8 */
	size_t i;
	const struct url *base;
	struct url u;
	bool special;
	struct err *e;
};

static int at(const struct parser *p, size_t i)
{
	return i < p->s.n ? (unsigned char)p->s.p[i] : -1;
}

static bool is_slash(const struct parser *p, int c)
{
	return c == '/' || (c == '\\' && p->special);
}

/* End of an authority or a path. */
static bool is_end(const struct parser *p, int c)
{
	return c < 0 || c == '?' || c == '#' || is_slash(p, c);
}

static bool is_file(const struct parser *p)
{
	return str_is(p->u.scheme, "file");
}

static bool is_drive(const char *s)
{
	return is_alpha(s[0]) && (s[1] == ':' || s[1] == '|');
}

/* "Starts with a Windows drive letter", at the pointer. */
static bool at_drive(const struct parser *p)
{
	int c = at(p, p->i + 2);
	return p->s.n - p->i >= 2 && is_drive(p->s.p + p->i) &&
	       (c < 0 || c == '/' || c == '\\' || c == '?' || c == '#');
}

static struct str encode(struct parser *p, struct str s, enum url_set set)
{
	struct buf b;
	size_t i = 0;
	while (i < s.n && !url_in_set(set, (unsigned char)s.p[i]))
		i++;
	if (i == s.n)
		return s;
	buf_init(&b, p->a, 0);
	url_encode(&b, s, set);
	return buf_str(&b);
}

/* --- path --- */

static bool is_dot(struct str s, size_t *i)
{
	if (*i < s.n && s.p[*i] == '.') {
		*i += 1;
		return true;
	}
	if (*i + 3 <= s.n && s.p[*i] == '%' && s.p[*i + 1] == '2' && to_lower(s.p[*i + 2]) == 'e') {
		*i += 3;
		return true;
	}
	return false;
}

/* 1 for ".", 2 for "..", counting their escaped forms; 0 for anything else. */
static int dots(struct str s)
{
	size_t i = 0;
	int n = 0;
	while (n < 3 && is_dot(s, &i))
		n++;
	return i == s.n && n < 3 ? n : 0;
}

static bool is_normal_drive(struct str path)
{
	return path.n == 3 && path.p[0] == '/' && is_alpha(path.p[1]) && path.p[2] == ':';
}

static size_t shortened(const struct parser *p, struct str path)
{
	if (is_file(p) && is_normal_drive(path))
		return path.n;
	size_t cut = str_rchr(path, '/');
	return cut == STR_NPOS ? 0 : cut;
}

static void shorten(struct parser *p)
{
	p->u.path.n = shortened(p, p->u.path);
}

/* One segment `s` onto `b`; `last`: no slash follows it. */
static void add_segment(struct parser *p, struct buf *b, struct str s, bool last)
{
	int n = dots(s);
	if (n == 2)
		b->n = shortened(p, buf_str(b));
	if (n) {
		if (last)
			buf_addc(b, '/');
		return;
	}
	buf_addc(b, '/');
	if (is_file(p) && b->n == 1 && s.n == 2 && is_drive(s.p)) {
		buf_addc(b, s.p[0]);
		buf_addc(b, ':');
		return;
	}
	url_encode(b, s, URL_PATH);
}

/*
 * True, and the length, when the path text from the pointer on is its own serialisation: the common
 * case by far, in which nothing is copied. A '%' or "/." sends it the long way.
 */
static bool is_plain_path(const struct parser *p, size_t from, size_t *ret_end)
{
	size_t i = from;
	for (; i < p->s.n; i++) {
		unsigned char c = (unsigned char)p->s.p[i];
		if (c == '?' || c == '#')
			break;
		if (url_in_set(URL_PATH, c) || c == '\\' || c == '%' || (c == '/' && at(p, i + 1) == '.'))
			return false;
	}
	*ret_end = i;
	return true;
}

/* The pointer stands at the first character of a segment; what the path holds already is kept. */
static void path_state(struct parser *p)
{
	struct buf b;
	size_t end;
	if (!p->u.path.n && p->i && p->s.p[p->i - 1] == '/' && !is_file(p) && is_plain_path(p, p->i - 1, &end)) {
		p->u.path = str_sub(p->s, p->i - 1, end - p->i + 1);
		p->i = end;
		return;
	}
	buf_init(&b, p->a, 0);
	buf_reserve(&b, p->u.path.n + p->s.n - p->i + 1);
	buf_adds(&b, p->u.path);
	for (;;) {
		size_t start = p->i;
		while (!is_end(p, at(p, p->i)))
			p->i++;
		bool last = !is_slash(p, at(p, p->i));
		add_segment(p, &b, str_sub(p->s, start, p->i - start), last);
		if (last)
			break;
		p->i++;
	}
	p->u.path = buf_str(&b);
}

static void path_start_state(struct parser *p)
{
	int c = at(p, p->i);
	if (p->special) {
		if (is_slash(p, c))
			p->i++;
		path_state(p);
	} else if (c == '/') {
		p->i++;
		path_state(p);
	} else {
		p->u.path = STR("");
	}
}

static void opaque_path_state(struct parser *p)
{
	struct buf b;
	size_t start = p->i;
	while (p->i < p->s.n && p->s.p[p->i] != '?' && p->s.p[p->i] != '#')
		p->i++;
	struct str s = str_sub(p->s, start, p->i - start);
	p->u.opaque_path = true;
	/* A space before what follows would be lost when that is removed, so it is escaped. */
	bool space = p->i < p->s.n && s.n && s.p[s.n - 1] == ' ';
	buf_init(&b, p->a, 0);
	url_encode(&b, str_sub(s, 0, s.n - space), URL_C0);
	if (space)
		buf_addz(&b, "%20");
	p->u.path = buf_str(&b);
}

/* Query and fragment, whatever came before. */
static int tail_state(struct parser *p)
{
	if (at(p, p->i) == '?') {
		size_t start = ++p->i;
		while (p->i < p->s.n && p->s.p[p->i] != '#')
			p->i++;
		p->u.query = encode(p, str_sub(p->s, start, p->i - start), p->special ? URL_SPECIAL_QUERY : URL_QUERY);
	}
	if (at(p, p->i) == '#')
		p->u.fragment = encode(p, str_from(p->s, p->i + 1), URL_FRAGMENT);
	return 0;
}

/* --- authority --- */

static int set_host(struct parser *p, struct str text)
{
	struct host h;
	int r = host_parse(p->a, text, !p->special, &h, p->e);
	if (r < 0)
		return r;
	p->u.host_kind = h.kind;
	p->u.host = h.name;
	p->u.ip = h.ip;
	return 0;
}

static int port_state(struct parser *p, struct str digits)
{
	unsigned v = 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (!is_digit(digits.p[i]))
			return err_set(p->e, E_INVALID, "the port is not a number");
		v = v * 10 + (unsigned)(digits.p[i] - '0');
		if (v > 65535)
			return err_set(p->e, E_INVALID, "the port is above 65535");
	}
	if (digits.n && (int)v != url_default_port(p->u.scheme))
		p->u.port = (int)v;
	return 0;
}

static void credentials(struct parser *p, struct str s)
{
	size_t colon = str_chr(s, ':');
	p->u.username = encode(p, str_sub(s, 0, colon), URL_USERINFO);
	if (colon != STR_NPOS)
		p->u.password = encode(p, str_from(s, colon + 1), URL_USERINFO);
}

static int host_state(struct parser *p, struct str s)
{
	bool inside = false;
	size_t i = 0;
	for (; i < s.n && (inside || s.p[i] != ':'); i++)
		inside = s.p[i] == '[' || (inside && s.p[i] != ']');
	if (i == 0 && (i < s.n || p->special))
		return err_set(p->e, E_INVALID, "the host is missing");
	int r = set_host(p, str_sub(s, 0, i));
	if (r == 0 && i < s.n)
		r = port_state(p, str_from(s, i + 1));
	return r;
}

static int authority_state(struct parser *p)
{
	size_t start = p->i;
	while (!is_end(p, at(p, p->i)))
		p->i++;
	struct str s = str_sub(p->s, start, p->i - start);
	size_t sign = str_rchr(s, '@');
	if (sign != STR_NPOS) {
		credentials(p, str_sub(s, 0, sign));
		s = str_from(s, sign + 1);
		if (!s.n)
			return err_set(p->e, E_INVALID, "credentials without a host");
	}
	int r = host_state(p, s);
	if (r < 0)
		return r;
	path_start_state(p);
	return tail_state(p);
}

static int special_authority_state(struct parser *p)
{
	while (is_slash(p, at(p, p->i)))
		p->i++;
	return authority_state(p);
}

/* --- file --- */

static void take_host(struct parser *p)
{
	p->u.host_kind = p->base->host_kind;
	p->u.host = p->base->host;
	p->u.ip = p->base->ip;
}

static int file_host_state(struct parser *p)
{
	size_t start = p->i;
	while (!is_end(p, at(p, p->i)))
		p->i++;
	struct str s = str_sub(p->s, start, p->i - start);
	if (s.n == 2 && is_drive(s.p)) {
		p->i = start; /* a drive letter where a host might have been */
		path_state(p);
		return tail_state(p);
	}
	if (s.n) {
		int r = set_host(p, s);
		if (r < 0)
			return r;
		if (str_is(p->u.host, "localhost")) {
			p->u.host_kind = URL_HOST_EMPTY;
			p->u.host = STR("");
		}
	}
	path_start_state(p);
	return tail_state(p);
}

static int file_slash_state(struct parser *p, bool from_base)
{
	if (is_slash(p, at(p, p->i))) {
		p->i++;
		return file_host_state(p);
	}
	if (from_base) {
		take_host(p);
		struct str drive = str_sub(p->base->path, 0, 3);
		int c = p->base->path.n > 3 ? p->base->path.p[3] : '/';
		if (!at_drive(p) && is_normal_drive(drive) && c == '/')
			p->u.path = drive;
	}
	path_state(p);
	return tail_state(p);
}

static int file_state(struct parser *p)
{
	bool from_base = p->base && str_is(p->base->scheme, "file");
	int c = at(p, p->i);
	p->u.scheme = STR("file");
	p->special = true;
	p->u.host_kind = URL_HOST_EMPTY;
	p->u.host = STR("");
	if (is_slash(p, c)) {
		p->i++;
		return file_slash_state(p, from_base);
	}
	if (from_base) {
		take_host(p);
		p->u.path = p->base->path;
		if (c < 0 || c == '?' || c == '#') {
			if (c != '?')
				p->u.query = p->base->query;
			return tail_state(p);
		}
		if (at_drive(p))
			p->u.path = STR("");
		else
			shorten(p);
	}
	path_state(p);
	return tail_state(p);
}

/* --- relative and top --- */

static void take_authority(struct parser *p)
{
	p->u.username = p->base->username;
	p->u.password = p->base->password;
	p->u.port = p->base->port;
	take_host(p);
}

static int relative_state(struct parser *p)
{
	int c = at(p, p->i);
	p->u.scheme = p->base->scheme;
	p->special = url_is_special(&p->u);
	if (is_slash(p, c)) {
		p->i++;
		if (is_slash(p, at(p, p->i))) {
			p->i++;
			return p->special ? special_authority_state(p) : authority_state(p);
		}
		take_authority(p);
		path_state(p);
		return tail_state(p);
	}
	take_authority(p);
	p->u.path = p->base->path;
	if (c < 0 || c == '?' || c == '#') {
		if (c != '?')
			p->u.query = p->base->query;
		return tail_state(p);
	}
	shorten(p);
	path_state(p);
	return tail_state(p);
}

static int no_scheme_state(struct parser *p)
{
	if (!p->base)
		return err_set(p->e, E_INVALID, "a relative URL without a base");
	if (p->base->opaque_path) {
		if (at(p, p->i) != '#')
			return err_set(p->e, E_INVALID, "a relative URL on a base that has no segments");
		p->u.scheme = p->base->scheme;
		p->u.path = p->base->path;
		p->u.opaque_path = true;
		p->u.query = p->base->query;
		return tail_state(p);
	}
	return str_is(p->base->scheme, "file") ? file_state(p) : relative_state(p);
}

static int after_scheme(struct parser *p)
{
	bool slashes = at(p, p->i) == '/' && at(p, p->i + 1) == '/';
	if (str_is(p->u.scheme, "file"))
		return file_state(p);
	if (p->special) {
		if (!slashes && p->base && str_eq(p->base->scheme, p->u.scheme))
			return relative_state(p);
		return special_authority_state(p);
	}
	if (at(p, p->i) != '/') {
		opaque_path_state(p);
		return tail_state(p);
	}
	p->i++;
	if (at(p, p->i) == '/') {
		p->i++;
		return authority_state(p);
	}
	path_state(p);
	return tail_state(p);
}

/* Sets scheme and pointer when the input begins with one. */
static bool scheme_state(struct parser *p)
{
	size_t i = 0;
	bool upper = false;
	if (!is_alpha(at(p, 0)))
		return false;
	for (; is_alnum(at(p, i)) || at(p, i) == '+' || at(p, i) == '-' || at(p, i) == '.'; i++)
		upper |= is_upper(at(p, i));
	if (at(p, i) != ':')
		return false;
	p->u.scheme = str_sub(p->s, 0, i);
	if (upper) {
		char *lower = arena_alloc(p->a, i);
		for (size_t k = 0; k < i; k++)
			lower[k] = (char)to_lower(p->s.p[k]);
		p->u.scheme.p = lower;
	}
	p->special = url_is_special(&p->u);
	p->i = i + 1;
	return true;
}

/* A copy in the arena without C0 controls and spaces around, and without tabs and newlines within. */
static struct str cleaned(struct arena *a, struct str s)
{
	while (s.n && (unsigned char)s.p[0] <= ' ')
		s = str_from(s, 1);
	while (s.n && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	char *copy = arena_alloc(a, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r')
			copy[n++] = s.p[i];
	copy[n] = 0;
	return utf8_clean(a, str_n(copy, n));
}

int url_parse(struct arena *a, struct str input, const struct url *base, struct url *ret, struct err *e)
{
	struct parser p = {
		.a = a, .base = base, .e = e, .u = { .port = -1, .username = STR(""), .password = STR("") }
	};
	if (input.n > URL_INPUT_MAX)
		return err_set(e, E_LIMIT, "a URL of %zu bytes; at most %zu are read", input.n, (size_t)URL_INPUT_MAX);
	p.s = cleaned(a, input);
	int r = scheme_state(&p) ? after_scheme(&p) : no_scheme_state(&p);
	if (r < 0)
		return r;
	*ret = p.u;
	return 0;
}
