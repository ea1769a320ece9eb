#include "base/first.h"
#include "base/buf.h"
#include "url/glob.h"
#include "url/glob_parts.h"

enum op { OP_CHAR, OP_ANY, OP_STAR, OP_CLASS };

struct token {
	enum op op;
	char c;
	const uint8_t *set; /* OP_CLASS: 256 bits */
};

struct segment {
	const struct token *tokens;
	size_t n;
	bool globstar;
};

/* One alternative. A "browser" pattern has host and path instead of segments. */
struct alt {
	struct segment *segments;
	size_t n;
	bool browser;
	struct segment host, path; /* path.tokens NULL: any */
	bool below;                /* the host began with "*." */
};

struct glob {
	struct str pattern;
	bool never, negated;
	struct alt *alts;
	size_t n;
};

/* --- compiling --- */

static void set_add(uint8_t *set, unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to && c < 256; c++)
		set[c >> 3] |= (uint8_t)(1u << (c & 7));
}

/* "[:alpha:]" at `s.p[i]`; its length, or 0. */
static size_t named_class(uint8_t *set, struct str s)
{
	static const struct {
		const char *name;
		const char *ranges;
	} classes[] = {
		{ "[:alpha:]", "azAZ" },
		{ "[:digit:]", "09" },
		{ "[:alnum:]", "azAZ09" },
		{ "[:upper:]", "AZ" },
		{ "[:lower:]", "az" },
		{ "[:xdigit:]", "09afAF" },
		{ "[:punct:]", "!/:@[`{~" },
		{ "[:space:]", "\t\r  " },
		{ "[:word:]", "azAZ09__" },
	};
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		if (!str_starts(s, str_of(classes[i].name)))
			continue;
		for (const char *r = classes[i].ranges; *r; r += 2)
			set_add(set, (unsigned char)r[0], (unsigned char)r[1]);
		return strlen(classes[i].name);
	}
	return 0;
}

/* "[…]" at the start of `s`: its length, or 0 when it is not closed and so is plain text. */
static size_t parse_class(struct arena *a, struct str s, const uint8_t **ret)
{
	uint8_t *set = arena_zalloc(a, 32);
	size_t i = 1;
	bool negated = i < s.n && (s.p[i] == '!' || s.p[i] == '^'), first = true;
	i += negated;
	for (; i < s.n && (s.p[i] != ']' || first); first = false) {
		size_t n = s.p[i] == '[' ? named_class(set, str_from(s, i)) : 0;
		if (n) {
			i += n;
			continue;
		}
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		unsigned from = (unsigned char)s.p[i++], to = from;
		if (i + 1 < s.n && s.p[i] == '-' && s.p[i + 1] != ']') {
			i++;
			if (s.p[i] == '\\' && i + 1 < s.n)
				i++;
			to = (unsigned char)s.p[i++];
		}
		set_add(set, from, to);
	}
	if (i >= s.n)
		return 0;
	for (int k = 0; negated && k < 32; k++)
		set[k] = (uint8_t)~set[k];
	*ret = set;
	return i + 1;
}

static struct segment compile_segment(struct arena *a, struct str s)
{
	struct token *tokens = arena_array(a, struct token, s.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		struct token *t = &tokens[n++];
		size_t len;
		*t = (struct token){ .op = OP_CHAR, .c = s.p[i] };
		if (s.p[i] == '*') {
			t->op = OP_STAR;
			while (i + 1 < s.n && s.p[i + 1] == '*')
				i++;
		} else if (s.p[i] == '?') {
			t->op = OP_ANY;
		} else if (s.p[i] == '[' && (len = parse_class(a, str_from(s, i), &t->set)) > 0) {
			t->op = OP_CLASS;
			i += len - 1;
		} else if (s.p[i] == '\\' && i + 1 < s.n) {
			t->c = s.p[++i];
		}
	}
	return (struct segment){ tokens, n, str_is(s, "**") };
}

/* The next part between runs of '/'; the text's own ends count as parts, empty when a '/' stands there. */
static bool next_part(struct str *rest, struct str *ret)
{
	if (!str_split(rest, '/', ret))
		return false;
	while (rest->n && rest->p[0] == '/')
		*rest = str_from(*rest, 1);
	return true;
}

static struct alt compile_alt(struct arena *a, struct str s)
{
	struct alt alt = { 0 };
	struct str part;
	if (str_starts(s, STR("*://"))) {
		struct str rest = str_from(s, 4);
		size_t slash = str_chr(rest, '/');
		struct str host = str_sub(rest, 0, slash);
		alt.browser = true;
		alt.below = str_starts(host, STR("*."));
		alt.host = compile_segment(a, alt.below ? str_from(host, 2) : host);
		if (slash != STR_NPOS)
			alt.path = compile_segment(a, str_from(rest, slash));
		return alt;
	}
	struct str rest = s;
	while (next_part(&rest, &part))
		alt.n++;
	alt.segments = arena_array(a, struct segment, alt.n);
	rest = s;
	for (size_t i = 0; next_part(&rest, &part); i++)
		alt.segments[i] = compile_segment(a, part);
	return alt;
}

int glob_compile(struct arena *a, struct str pattern, struct glob **ret, struct err *e)
{
	struct glob_texts texts = { 0 };
	if (pattern.n > GLOB_PATTERN_MAX)
		return err_set(e, E_LIMIT, "a pattern of %zu bytes; at most %d", pattern.n, GLOB_PATTERN_MAX);
	struct glob *g = arena_new(a, struct glob);
	g->pattern = arena_str(a, pattern);
	g->never = str_starts(pattern, STR("#"));
	struct str s = g->pattern;
	for (; s.n && s.p[0] == '!'; s = str_from(s, 1))
		g->negated = !g->negated;
	if (!g->never && glob_braces(a, s, GLOB_ALTERNATIVES_MAX, GLOB_EXPANDED_MAX, &texts) < 0)
		return err_set(
			e, E_LIMIT, "a pattern of more than %d alternatives, or too long ones", GLOB_ALTERNATIVES_MAX);
	g->alts = arena_array(a, struct alt, texts.n);
	g->n = texts.n;
	for (size_t i = 0; i < texts.n; i++)
		g->alts[i] = compile_alt(a, texts.at[i].s);
	*ret = g;
	return 0;
}

/* --- matching --- */

static bool one(const struct token *t, unsigned char c)
{
	switch (t->op) {
	case OP_CHAR: return (unsigned char)t->c == c;
	case OP_CLASS: return t->set[c >> 3] >> (c & 7) & 1;
	default: return true;
	}
}

/* Greedy from the left: on a mismatch only the last star needs to take one character more. */
static bool match_tokens(const struct segment *g, struct str s)
{
	size_t ti = 0, i = 0, star = STR_NPOS, from = 0;
	while (i < s.n) {
		if (ti < g->n && g->tokens[ti].op == OP_STAR) {
			star = ti++;
			from = i;
		} else if (ti < g->n && one(&g->tokens[ti], (unsigned char)s.p[i])) {
			ti++;
			i++;
		} else if (star != STR_NPOS) {
			ti = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (ti < g->n && g->tokens[ti].op == OP_STAR)
		ti++;
	return ti == g->n;
}

static bool match_segment(const struct segment *g, struct str s)
{
	bool wild = g->n && g->tokens[0].op != OP_CHAR;
	if (wild && (!s.n || s.p[0] == '.')) /* neither nothing nor a hidden name */
		return false;
	return match_tokens(g, s);
}

/* The same way one level up: only the last `**` needs to take one part more. */
static bool match_parts(const struct alt *alt, struct str subject)
{
	struct str rest = subject, part, again = STR_NULL;
	size_t si = 0, star = STR_NPOS;
	bool left = next_part(&rest, &part);
	while (left) {
		const struct segment *g = si < alt->n ? &alt->segments[si] : NULL;
		if (g && g->globstar) {
			star = si++;
			/* `part` itself is what the star may have to take: keep it with what follows. */
			again = (struct str){ part.p, (size_t)(subject.p + subject.n - part.p) };
			if (si < alt->n)
				continue;
		} else if (g && match_segment(g, part)) {
			si++;
			left = next_part(&rest, &part);
			continue;
		} else if (!g && !part.n && !rest.p && si) {
			return true; /* the subject's trailing '/' */
		}
		if (star == STR_NPOS)
			return false;
		rest = again;
		next_part(&rest, &part);
		if (part.n && part.p[0] == '.')
			return false;
		si = star + 1;
		again = rest;
		left = next_part(&rest, &part);
	}
	return si == alt->n;
}

bool glob_match(const struct glob *g, struct str subject)
{
	bool found = false;
	for (size_t i = 0; i < g->n && !found && subject.n <= GLOB_SUBJECT_MAX; i++)
		found = !g->alts[i].browser && match_parts(&g->alts[i], subject);
	return !g->never && found != g->negated;
}

static bool match_host(const struct alt *alt, struct str host)
{
	if (match_tokens(&alt->host, host))
		return true;
	for (size_t dot; alt->below && (dot = str_chr(host, '.')) != STR_NPOS;) {
		host = str_from(host, dot + 1);
		if (match_tokens(&alt->host, host))
			return true;
	}
	return false;
}

static bool match_browser(struct arena *a, const struct alt *alt, const struct url *u)
{
	if (!url_is_http(u) || (!match_host(alt, u->host) && !match_host(alt, url_host_port(a, u))))
		return false;
	return !alt->path.tokens || match_tokens(&alt->path, url_target(a, u));
}

static bool match_either(struct arena *a, const struct glob *g, const struct url *u, struct str subject)
{
	bool found = false;
	for (size_t i = 0; i < g->n && !found && subject.n <= GLOB_SUBJECT_MAX; i++)
		found = g->alts[i].browser ? match_browser(a, &g->alts[i], u) : match_parts(&g->alts[i], subject);
	return !g->never && found != g->negated;
}

bool glob_match_url(struct arena *a, const struct glob *g, const struct url *u)
{
	return match_either(a, g, u, url_href(a, u, URL_HREF_NO_FRAGMENT));
}

bool glob_match_recipe(struct arena *a, const struct glob *g, const struct url *u)
{
	if (str_starts(g->pattern, STR("http://")) || str_starts(g->pattern, STR("https://")))
		return glob_match_url(a, g, u);
	struct buf b;
	buf_init(&b, a, 0);
	buf_adds(&b, u->host);
	buf_adds(&b, u->path);
	return match_either(a, g, u, buf_str(&b));
}
