#include "base/first.h"
#include "base/scan.h"
#include "base/vec.h"
#include "net/robots.h"

enum kind { OTHER, AGENT, ALLOW, DISALLOW, SITEMAP, DELAY };

struct rule {
	enum kind kind;
	int line;
	struct str value; /* patterns escaped, agents cut to their token */
	bool any;         /* AGENT: it was "*" */
};

struct robots {
	VEC(struct rule) rules;
	VEC(struct str) sitemaps;
};

/* --- reading --- */

/* The keys are matched as prefixes, so that "Disallow-all:" still forbids. */
static enum kind kind_of(struct str key)
{
	static const struct {
		const char *name;
		enum kind kind;
	} names[] = {
		{ "user-agent", AGENT }, { "useragent", AGENT }, { "user agent", AGENT },
		{ "allow", ALLOW },
		{ "disallow", DISALLOW }, { "dissallow", DISALLOW }, { "dissalow", DISALLOW }, { "disalow", DISALLOW },
		{ "diasllow", DISALLOW }, { "disallaw", DISALLOW },
		{ "sitemap", SITEMAP }, { "site-map", SITEMAP },
		{ "crawl-delay", DELAY }, { "crawldelay", DELAY },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_startsi(key, str_of(names[i].name)))
			return names[i].kind;
	return OTHER;
}

static bool is_white(int c)
{
	return is_space(c) || c == '\v';
}

static struct str trim(struct str s)
{
	while (s.n && is_white((unsigned char)s.p[0]))
		s = str_from(s, 1);
	while (s.n && is_white((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

static size_t find_white(struct str s)
{
	size_t i = 0;
	while (i < s.n && s.p[i] != ' ' && s.p[i] != '\t')
		i++;
	return i;
}

/* "key: value", or "key value" when nothing but those two words stand there. */
static bool split_line(struct str line, struct str *ret_key, struct str *ret_value)
{
	line = str_sub(line, 0, str_chr(line, '\0'));
	line = trim(str_sub(line, 0, str_chr(line, '#')));
	size_t sep = str_chr(line, ':');
	if (sep == STR_NPOS) {
		sep = find_white(line);
		struct str second = trim(str_from(line, sep));
		if (sep == line.n || find_white(second) != second.n)
			return false;
	}
	*ret_key = trim(str_sub(line, 0, sep));
	*ret_value = trim(str_from(line, sep + 1));
	return ret_key->n > 0;
}

/* Escapes in upper case; with `encode`, bytes beyond ASCII percent-encoded. */
static struct str normal(struct arena *a, struct str s, bool encode)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i = 0;
	while (i < s.n && s.p[i] != '%' && !((unsigned char)s.p[i] & 0x80))
		i++;
	if (i == s.n)
		return s;
	char *out = arena_alloc(a, 3 * s.n);
	size_t n = 0;
	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		out[n++] = (char)c;
		if (c == '%' && i + 2 < s.n && is_xdigit(s.p[i + 1]) && is_xdigit(s.p[i + 2])) {
			out[n++] = (char)to_upper(s.p[++i]);
			out[n++] = (char)to_upper(s.p[++i]);
		} else if (encode && c & 0x80) {
			out[n - 1] = '%';
			out[n++] = hex[c >> 4];
			out[n++] = hex[c & 15];
		}
	}
	return str_n(out, n);
}

static bool is_token(int c)
{
	return is_alpha(c) || c == '-' || c == '_';
}

static void add_line(struct robots *r, struct arena *a, int number, struct str line)
{
	struct str key, value;
	if (!split_line(line, &key, &value))
		return;
	struct rule rule = { .kind = kind_of(key), .line = number };
	switch (rule.kind) {
	case OTHER:
		return;
	case SITEMAP:
		if (value.n && r->sitemaps.n < ROBOTS_SITEMAPS_MAX)
			vec_push(a, &r->sitemaps, arena_str(a, value));
		return;
	case AGENT:
		rule.any = value.n && value.p[0] == '*' && (value.n == 1 || is_white((unsigned char)value.p[1]));
		size_t n = 0;
		while (n < value.n && is_token((unsigned char)value.p[n]))
			n++;
		value.n = n;
		break;
	default:
		value = normal(a, value, rule.kind != DELAY);
	}
	rule.value = arena_str(a, value);
	vec_push(a, &r->rules, rule);
}

/* A UTF-8 byte order mark, or as much of its beginning as there is. */
static struct str after_mark(struct str s)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t i = 0;
	while (i < 3 && i < s.n && s.p[i] == mark[i])
		i++;
	return str_from(s, i);
}

struct robots *robots_parse(struct arena *a, struct str text)
{
	struct robots *r = arena_new(a, struct robots);
	int number = 0;
	text = after_mark(str_sub(text, 0, ROBOTS_MAX));
	while (text.n) {
		size_t end = 0;
		while (end < text.n && text.p[end] != '\n' && text.p[end] != '\r')
			end++;
		add_line(r, a, ++number, str_sub(text, 0, MIN(end, (size_t)ROBOTS_LINE_MAX)));
		size_t eol = end + 1 < text.n && text.p[end] == '\r' && text.p[end + 1] == '\n' ? 2 : 1;
		text = str_from(text, end + eol);
	}
	return r;
}

/* --- matching --- */

/* What a rule is held against: path, parameters and query, without the fragment. */
static struct str path_of(struct str url)
{
	size_t from = str_starts(url, STR("//")) ? 2 : 0, i = from;
	size_t scheme = str_find(str_from(url, from), STR("://"));
	while (i < url.n && url.p[i] != '/' && url.p[i] != '?' && url.p[i] != ';')
		i++;
	if (scheme != STR_NPOS && from + scheme < i)
		for (i = from + scheme + 3; i < url.n && url.p[i] != '/' && url.p[i] != '?' && url.p[i] != ';';)
			i++;
	size_t hash = str_chr(str_from(url, from), '#');
	hash = hash == STR_NPOS ? url.n : from + hash;
	if (i >= hash)
		return STR("/");
	return str_sub(url, i, hash - i);
}

/*
 * `*` is any run, a final `$` the end, and a pattern without it a prefix. Taking each literal piece
 * at its first place is enough, so the cost is linear; only the last piece before `$` must be at the end.
 */
static bool matches_piecewise(struct str path, struct str pattern, bool anchored)
{
	struct str piece, rest = pattern;
	bool first = true;
	if (!rest.n)
		return !anchored || !path.n;
	while (str_split(&rest, '*', &piece)) {
		bool last = !rest.p;
		if (last && anchored && !first)
			return path.n >= piece.n && str_ends(path, piece);
		if (first && !str_starts(path, piece))
			return false;
		size_t at = first ? 0 : str_find(path, piece);
		if (at == STR_NPOS)
			return false;
		path = str_from(path, at + piece.n);
		if (last)
			return !anchored || !path.n;
		first = false;
	}
	return true;
}

static bool matches(struct str path, struct str pattern)
{
	bool anchored = pattern.n && pattern.p[pattern.n - 1] == '$';
	return matches_piecewise(path, str_sub(pattern, 0, pattern.n - anchored), anchored);
}

struct best {
	int length, line; /* length -1: no rule matched */
};

static void consider(struct best *best, struct str path, const struct rule *rule)
{
	struct str p = rule->value;
	int length = -1;
	if (matches(path, p)) {
		length = (int)p.n;
	} else if (rule->kind == ALLOW) {
		/* ".../index.html" stands for its folder too. */
		size_t slash = str_rchr(p, '/');
		if (slash != STR_NPOS && str_starts(str_from(p, slash), STR("/index.htm")) &&
			matches_piecewise(path, str_sub(p, 0, slash + 1), true))
			length = (int)slash + 2;
	}
	if (length > best->length)
		*best = (struct best){ length, rule->line };
}

static usec_t delay_of(struct str s)
{
	double v;
	if (scan_double(s, &v) < 0 || v < 0)
		return -1;
	return (usec_t)(MIN(v, 3600.0) * USEC_PER_SEC);
}

struct group {
	struct best allow, disallow;
	usec_t delay;
	bool open; /* the lines being read belong to it */
};

static struct robots_answer decide(const struct group *named, const struct group *any, bool ever_named)
{
	const struct group *g = ever_named ? named : any;
	bool ruled = g->allow.length > 0 || g->disallow.length > 0;
	bool allowed = !ruled || g->disallow.length <= g->allow.length;
	return (struct robots_answer){
		.allowed = allowed,
		.line = !ruled ? 0 : allowed ? g->allow.line : g->disallow.line,
		.specific = ever_named,
		.delay = g->delay,
	};
}

struct robots_answer robots_check(const struct robots *r, struct str agent, struct str url)
{
	struct arena a;
	struct group named = { { -1, 0 }, { -1, 0 }, -1, false }, any = named;
	bool ruled = false, ever_named = false;
	arena_init(&a, 0);
	struct str path = normal(&a, str_sub(path_of(url), 0, ROBOTS_PATH_MAX), false);
	if (!path.n || path.p[0] != '/')
		path = arena_printf(&a, "/%.*s", STR_FMT(path));
	agent = str_trim(str_sub(agent, 0, str_chr(agent, '/')));
	for (size_t i = 0; i < r->rules.n; i++) {
		const struct rule *rule = &r->rules.at[i];
		if (rule->kind == AGENT) {
			if (ruled) /* a rule came between: another group begins */
				named.open = any.open = ruled = false;
			if (rule->any)
				any.open = true;
			else if (rule->value.n && str_eqi(rule->value, agent))
				named.open = ever_named = true;
			continue;
		}
		struct group *g = named.open ? &named : &any;
		if (!g->open)
			continue;
		if (rule->kind == DELAY) {
			usec_t d = delay_of(rule->value);
			g->delay = MAX(g->delay, d);
			continue;
		}
		ruled = true;
		consider(rule->kind == ALLOW ? &g->allow : &g->disallow, path, rule);
	}
	arena_release(&a);
	return decide(&named, &any, ever_named);
}

size_t robots_sitemaps(const struct robots *r, const struct str **ret)
{
	*ret = r->sitemaps.at;
	return r->sitemaps.n;
}

enum robots_fetch robots_fetched(int status)
{
	if (status >= 200 && status < 300)
		return ROBOTS_USE_BODY;
	if (status >= 400 && status < 500 && status != 429)
		return ROBOTS_ALLOW_ALL;
	return ROBOTS_DENY_ALL;
}
