#include "base/first.h"
#include "base/buf.h"
#include "base/vec.h"
#include "url/canon.h"

bool url_is_tracking(struct str name)
{
	static const char *const exact[] = { "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "fbclid", "msclkid",
		"yclid", "ymclid", "twclid", "ttclid", "igshid", "igsh", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok",
		"vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp",
		"hsctatracking", "rb_clickid", "s_cid", "wickedid", "_openstat", "srsltid", "epik", "_ga", "_gl",
		"_branch_match_id", "irclickid", "zanpid", "ml_subscriber", "ml_subscriber_hash" };
	static const char *const prefix[] = { "utm_", "pk_", "mtm_", "piwik_", "matomo_", "ga_", "hsa_" };
	for (size_t i = 0; i < ARRAY_LEN(prefix); i++)
		if (str_startsi(name, str_of(prefix[i])))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(exact); i++)
		if (str_eqi(name, str_of(exact[i])))
			return true;
	return false;
}

struct param {
	struct str text, name;
	size_t order;
};

static int by_name(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int c = str_cmp(x->name, y->name);
	return c ? c : x->order < y->order ? -1 : 1;
}

static struct str filtered(struct arena *a, struct str query, bool drop, bool sort)
{
	VEC(struct param) params = { 0 };
	struct str rest = query;
	struct param p = { .order = 0 };
	struct buf b;
	if (!query.n || (!drop && !sort))
		return query;
	while (str_split(&rest, '&', &p.text)) {
		p.name = str_sub(p.text, 0, str_chr(p.text, '='));
		p.order++;
		if (!drop || !url_is_tracking(p.name))
			vec_push(a, &params, p);
	}
	if (sort && params.n > 1)
		qsort(params.at, params.n, sizeof *params.at, by_name);
	buf_init(&b, a, 0);
	buf_reserve(&b, query.n + 1);
	for (size_t i = 0; i < params.n; i++) {
		if (i)
			buf_addc(&b, '&');
		buf_adds(&b, params.at[i].text);
	}
	return params.n ? buf_str(&b) : STR_NULL;
}

struct str url_without_tracking(struct arena *a, struct str query)
{
	return filtered(a, query, true, false);
}

static bool is_unreserved(int c)
{
	return is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/*
 * RFC 3986 6.2.2: escapes in upper case, and none where the character may stand for itself; but what follows a
 * '%' that begins no escape stays escaped, or the two would become one.
 */
static struct str normal(struct arena *a, struct str s)
{
	struct buf b;
	size_t broken = 0; /* length of `b` just behind the last such '%' */
	if (str_chr(s, '%') == STR_NPOS)
		return s;
	buf_init(&b, a, 0);
	buf_reserve(&b, s.n);
	for (size_t i = 0; i < s.n; i++) {
		bool escape = s.p[i] == '%' && i + 2 < s.n && is_xdigit(s.p[i + 1]) && is_xdigit(s.p[i + 2]);
		int c = escape ? hex_value(s.p[i + 1]) * 16 + hex_value(s.p[i + 2]) : 0;
		if (!escape) {
			buf_addc(&b, s.p[i]);
			if (s.p[i] == '%')
				broken = b.n;
			continue;
		}
		if (is_unreserved(c) && (!broken || b.n - broken >= 2)) {
			buf_addc(&b, (char)c);
		} else {
			buf_addc(&b, '%');
			buf_addc(&b, (char)to_upper(s.p[i + 1]));
			buf_addc(&b, (char)to_upper(s.p[i + 2]));
		}
		i += 2;
	}
	return buf_str(&b);
}

struct str url_key(struct arena *a, const struct url *u, unsigned flags)
{
	struct buf b;
	struct str host = u->host;
	bool http = url_is_http(u);
	struct str query = filtered(a, normal(a, u->query), flags & URL_KEY_NO_TRACKING, flags & URL_KEY_SORTED);
	buf_init(&b, a, 0);
	buf_reserve(&b, u->scheme.n + host.n + u->path.n + query.n + 16);
	if (http && flags & URL_KEY_ANY_SCHEME && u->port < 0)
		buf_addz(&b, "http");
	else
		buf_adds(&b, u->scheme);
	buf_addc(&b, ':');
	if (host.p) {
		if (u->host_kind == URL_HOST_DOMAIN && host.n > 1 && host.p[host.n - 1] == '.' &&
			host.p[host.n - 2] != '.')
			host.n--;
		buf_addz(&b, "//");
		buf_adds(&b, host);
		if (u->port >= 0)
			buf_addf(&b, ":%d", u->port);
	} else if (!u->opaque_path && str_starts(u->path, STR("//"))) {
		buf_addz(&b, "/.");
	}
	buf_adds(&b, normal(a, u->path));
	if (query.n) {
		buf_addc(&b, '?');
		buf_adds(&b, query);
	}
	buf_cstr(&b);
	return buf_str(&b);
}
