#include "base/first.h"
#include "html/dom.h"
#include "html/guard_lex.h"

static size_t behind(struct str s, size_t i, const char *mark)
{
	size_t at = str_find(str_from(s, i), str_of(mark));
	return at == STR_NPOS ? s.n : i + at + strlen(mark);
}

/* Behind the comment whose "<!--" ends at `i`. */
static size_t comment_end(struct str s, size_t i)
{
	if (i < s.n && s.p[i] == '>')
		return i + 1;
	if (i + 1 < s.n && s.p[i] == '-' && s.p[i + 1] == '>')
		return i + 2;
	while (i < s.n) {
		const char *dash = memchr(s.p + i, '-', s.n - i);
		if (!dash)
			return s.n;
		i = (size_t)(dash - s.p);
		struct str rest = str_from(s, i);
		if (str_starts(rest, STR("-->")))
			return i + 3;
		if (str_starts(rest, STR("--!>")))
			return i + 4;
		i++;
	}
	return s.n;
}

/* `i` stands behind "<!", "<?" or "</" and no tag begins there. */
static size_t skip_other(struct str s, size_t i, bool cdata)
{
	struct str rest = str_from(s, i);
	if (s.p[i - 1] == '!' && str_starts(rest, STR("--")))
		return comment_end(s, i + 2);
	if (s.p[i - 1] == '!' && cdata && str_starts(rest, STR("[CDATA[")))
		return behind(s, i + 7, "]]>");
	return behind(s, i, ">");
}

/* From behind the name to behind '>'; false when the text ends inside the tag. */
static bool take_attrs(struct str s, size_t *i, struct guard_tag *t)
{
	for (;;) {
		while (*i < s.n && (is_space(s.p[*i]) || s.p[*i] == '/'))
			t->self_closing = s.p[(*i)++] == '/';
		if (*i >= s.n)
			return false;
		if (s.p[*i] == '>') {
			++*i;
			return true;
		}
		t->self_closing = false;
		if (++t->attrs_n == DOM_ATTRS_MAX + 1)
			t->attrs_cut = *i;
		size_t from = *i;
		while (*i < s.n && (*i == from || s.p[*i] != '=') && !is_space(s.p[*i]) && s.p[*i] != '/' &&
			s.p[*i] != '>')
			++*i;
		while (*i < s.n && is_space(s.p[*i]))
			++*i;
		if (*i >= s.n || s.p[*i] != '=')
			continue;
		for (++*i; *i < s.n && is_space(s.p[*i]);)
			++*i;
		char c = *i < s.n ? s.p[*i] : 0;
		if (c == '"' || c == '\'') {
			const char *quote = memchr(s.p + *i + 1, c, s.n - *i - 1);
			*i = quote ? (size_t)(quote - s.p) + 1 : s.n;
		} else {
			while (*i < s.n && !is_space(s.p[*i]) && s.p[*i] != '>')
				++*i;
		}
	}
}

bool guard_next_tag(struct str s, size_t *i, bool cdata, struct guard_tag *ret)
{
	ret->end = ret->attrs_cut = 0;
	while (*i + 1 < s.n) {
		const char *lt = memchr(s.p + *i, '<', s.n - *i - 1);
		if (!lt)
			break;
		size_t at = (size_t)(lt - s.p) + 1;
		bool closing = s.p[at] == '/';
		size_t name = at + closing;
		if (name >= s.n)
			break;
		if (!is_alpha(s.p[name])) {
			bool other = closing || s.p[at] == '!' || s.p[at] == '?';
			*i = !other ? at : closing && s.p[name] == '>' ? name + 1 : skip_other(s, at + 1, cdata);
			continue;
		}
		*ret = (struct guard_tag){ .from = at - 1, .closing = closing };
		size_t end = name;
		while (end < s.n && !is_space(s.p[end]) && s.p[end] != '/' && s.p[end] != '>')
			end++;
		ret->name = str_sub(s, name, end - name);
		*i = end;
		if (!take_attrs(s, i, ret))
			break;
		ret->attrs = str_sub(s, end, *i - 1 - end);
		ret->end = *i;
		return true;
	}
	*i = s.n;
	return false;
}

static bool ends_tag_name(struct str s, size_t i)
{
	return i >= s.n || is_space(s.p[i]) || s.p[i] == '/' || s.p[i] == '>';
}

/* Scripts may hide "</script>" behind "<!-- <script>" (HTML 13.2.5.16 and on). */
size_t guard_raw_end(struct str s, size_t i, struct str name, bool script)
{
	bool escaped = false, twice = false;
	while (i < s.n) {
		const char *c = s.p + i;
		if (!escaped) {
			c = memchr(c, '<', s.n - i);
			if (!c)
				return s.n;
			i = (size_t)(c - s.p);
		}
		struct str rest = str_from(s, i);
		if (*c == '<' && rest.n > 1 && rest.p[1] == '/' && str_startsi(str_from(rest, 2), name) &&
			ends_tag_name(s, i + 2 + name.n)) {
			if (!twice)
				return i;
			twice = false;
		} else if (script && *c == '<' && !escaped && str_starts(rest, STR("<!--"))) {
			escaped = true;
			i += 2; /* the dashes may already be those of "-->" */
			continue;
		} else if (script && escaped && *c == '-' && str_starts(rest, STR("-->"))) {
			escaped = twice = false;
		} else if (script && escaped && !twice && *c == '<' && str_startsi(str_from(rest, 1), name) &&
			ends_tag_name(s, i + 1 + name.n)) {
			twice = true;
		}
		i++;
	}
	return s.n;
}
