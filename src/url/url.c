#include "base/first.h"
#include "base/buf.h"
#include "url/url.h"

struct scheme {
	struct str name;
	int port;
};

static const struct scheme special[] = {
	{ STR_INIT("https"), 443 }, { STR_INIT("http"), 80 }, { STR_INIT("ws"), 80 },
	{ STR_INIT("wss"), 443 },   { STR_INIT("ftp"), 21 },  { STR_INIT("file"), -1 },
};

static const struct scheme *find_special(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (str_eq(special[i].name, name))
			return &special[i];
	return NULL;
}

int url_default_port(struct str scheme)
{
	const struct scheme *s = find_special(scheme);
	return s ? s->port : -1;
}

bool url_is_special(const struct url *u)
{
	return find_special(u->scheme) != NULL;
}

bool url_is_http(const struct url *u)
{
	return str_is(u->scheme, "http") || str_is(u->scheme, "https");
}

int url_port(const struct url *u)
{
	return u->port >= 0 ? u->port : url_default_port(u->scheme);
}

static void add_host_port(struct buf *b, const struct url *u)
{
	buf_adds(b, u->host);
	if (u->port >= 0) {
		buf_addc(b, ':');
		buf_addu(b, (uint64_t)u->port);
	}
}

struct str url_href(struct arena *a, const struct url *u, unsigned flags)
{
	struct buf b;
	buf_init(&b, a, 0);
	buf_reserve(&b, u->scheme.n + u->username.n + u->password.n + u->host.n + u->path.n + u->query.n +
		u->fragment.n + 16);
	buf_adds(&b, u->scheme);
	buf_addc(&b, ':');
	if (u->host.p) {
		buf_add(&b, "//", 2);
		if ((u->username.n || u->password.n) && !(flags & URL_HREF_NO_USERINFO)) {
			buf_adds(&b, u->username);
			if (u->password.n) {
				buf_addc(&b, ':');
				buf_adds(&b, u->password);
			}
			buf_addc(&b, '@');
		}
		add_host_port(&b, u);
	} else if (!u->opaque_path && u->path.n > 1 && u->path.p[1] == '/') {
		buf_add(&b, "/.", 2); /* or else the path would be read as an authority */
	}
	buf_adds(&b, u->path);
	if (u->query.p) {
		buf_addc(&b, '?');
		buf_adds(&b, u->query);
	}
	if (u->fragment.p && !(flags & URL_HREF_NO_FRAGMENT)) {
		buf_addc(&b, '#');
		buf_adds(&b, u->fragment);
	}
	buf_cstr(&b);
	return buf_str(&b);
}

struct str url_origin(struct arena *a, const struct url *u)
{
	struct url inner;
	struct buf b;
	if (str_is(u->scheme, "blob") && url_parse(a, u->path, NULL, &inner, NULL) == 0 && url_is_http(&inner))
		u = &inner;
	if (!url_is_special(u) || str_is(u->scheme, "file"))
		return STR("null");
	buf_init(&b, a, 0);
	buf_adds(&b, u->scheme);
	buf_addz(&b, "://");
	add_host_port(&b, u);
	buf_cstr(&b);
	return buf_str(&b);
}

struct str url_target(struct arena *a, const struct url *u)
{
	struct str path = u->path.n ? u->path : STR("/");
	if (!u->query.p)
		return arena_str(a, path);
	return arena_printf(a, "%.*s?%.*s", STR_FMT(path), STR_FMT(u->query));
}

struct str url_host_port(struct arena *a, const struct url *u)
{
	struct buf b;
	buf_init(&b, a, 0);
	add_host_port(&b, u);
	buf_cstr(&b);
	return buf_str(&b);
}

struct str url_resolve(struct arena *a, struct str input, const struct url *base)
{
	struct url u;
	if (url_parse(a, input, base, &u, NULL) < 0)
		return STR_NULL;
	return url_href(a, &u, 0);
}

static struct str copy(struct arena *a, struct str s)
{
	return s.p ? arena_str(a, s) : STR_NULL;
}

void url_copy(struct arena *a, const struct url *u, struct url *ret)
{
	struct url c = *u;
	c.scheme = copy(a, u->scheme);
	c.username = copy(a, u->username);
	c.password = copy(a, u->password);
	c.host = copy(a, u->host);
	c.path = copy(a, u->path);
	c.query = copy(a, u->query);
	c.fragment = copy(a, u->fragment);
	*ret = c;
}
